/* The connection options as plain data, and the questions that are asked of them. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define DEFAULT_TIMEOUT_MS 10000
#define SECONDS_MAX        86400

/* Every member that is a string from malloc. */
static const size_t strings[] = {
    offsetof(struct tls_options, sni),      offsetof(struct tls_options, ca_file),
    offsetof(struct tls_options, ca_dir),   offsetof(struct tls_options, verify_name),
    offsetof(struct tls_options, at),       offsetof(struct tls_options, tls_min),
    offsetof(struct tls_options, tls_max),  offsetof(struct tls_options, priority),
    offsetof(struct tls_options, alpn),     offsetof(struct tls_options, connect),
    offsetof(struct tls_options, timeout),  offsetof(struct tls_options, crl),
    offsetof(struct tls_options, ocsp),     offsetof(struct tls_options, groups),
    offsetof(struct tls_options, sigalgs),  offsetof(struct tls_options, cert),
    offsetof(struct tls_options, key),      offsetof(struct tls_options, early_data),
    offsetof(struct tls_options, starttls), offsetof(struct tls_options, proxy),
};

#define STRING_COUNT (sizeof strings / sizeof *strings)

static char **string_of(struct tls_options *options, size_t index)
{
    return (char **)(void *)((char *)options + strings[index]);
}

void tls_options_init(struct tls_options *options)
{
    *options = (struct tls_options){.trust = TLS_TRUST_DEFAULT};
}

int tls_options_copy(struct tls_options *to, const struct tls_options *from, struct err *err)
{
    *to = *from;
    for (size_t i = 0; i < STRING_COUNT; i++) {
        *string_of(to, i) = NULL;
    }
    for (size_t i = 0; i < STRING_COUNT; i++) {
        const char *text = *(char *const *)(const void *)((const char *)from + strings[i]);
        if (text == NULL) {
            continue;
        }
        *string_of(to, i) = text_duplicate(text, strlen(text));
        if (*string_of(to, i) == NULL) {
            tls_options_free(to);
            return err_memory(err, "copying the options");
        }
    }
    return 0;
}

void tls_options_free(struct tls_options *options)
{
    if (options == NULL) {
        return;
    }
    for (size_t i = 0; i < STRING_COUNT; i++) {
        char *text = *string_of(options, i);
        secret_free(text, text != NULL ? strlen(text) : 0); /* a proxy's password is in one */
    }
    tls_options_init(options);
}

/* ---- values ------------------------------------------------------------------------------ */

int tls_parse_seconds(const char *text, int64_t *milliseconds)
{
    int64_t seconds = 0, fraction = 0;
    int64_t unit = 100;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        seconds = seconds * 10 + (*at - '0');
        if (seconds > SECONDS_MAX) {
            return -1;
        }
    }
    if (at == text) {
        return -1;
    }
    if (*at == '.') {
        for (at++; *at >= '0' && *at <= '9'; at++) {
            fraction += (*at - '0') * unit;
            unit /= 10; /* below a millisecond nothing counts */
        }
    }
    *milliseconds = seconds * 1000 + fraction;
    return *at == '\0' && *milliseconds > 0 && *milliseconds <= SECONDS_MAX * INT64_C(1000) ? 0
                                                                                            : -1;
}

int tls_parse_alpn(const char *list, gnutls_datum_t names[TLS_ALPN_NAMES_MAX])
{
    int count = 0;

    for (;;) {
        size_t length = strcspn(list, ",");
        if (length == 0 || length > TLS_ALPN_NAME_MAX || count == TLS_ALPN_NAMES_MAX) {
            return -1;
        }
        /* GnuTLS does not write to it. */
        names[count].data = (unsigned char *)(uintptr_t)list;
        names[count].size = (unsigned)length;
        count++;
        if (list[length] == '\0') {
            return count;
        }
        list += length + 1;
    }
}

bool tls_is_address(const char *host)
{
    struct in_addr v4;

    /* A colon is in no host name, and a zone ("fe80::1%eth0") is not for inet_pton. */
    return inet_pton(AF_INET, host, &v4) == 1 || strchr(host, ':') != NULL;
}

int64_t tls_options_timeout_ms(const struct tls_options *options)
{
    int64_t milliseconds;

    if (options->timeout == NULL || tls_parse_seconds(options->timeout, &milliseconds) != 0) {
        return DEFAULT_TIMEOUT_MS;
    }
    return milliseconds;
}

int64_t tls_options_at(const struct tls_options *options)
{
    int64_t seconds;

    if (options->at == NULL || time_parse_rfc3339(options->at, &seconds) != 0) {
        return clock_wall_ns() / 1000000000;
    }
    return seconds;
}

const char *tls_options_sni(const struct tls_options *options, const char *host)
{
    const char *name = options->sni != NULL ? options->sni : host;

    if (options->sni != NULL && strcmp(options->sni, "none") == 0) {
        return NULL;
    }
    return name == NULL || *name == '\0' || tls_is_address(name) ? NULL : name;
}

const char *tls_options_verify_name(const struct tls_options *options, const char *host)
{
    const char *sni;

    if (options->no_verify || options->no_hostname_check) {
        return NULL;
    }
    if (options->verify_name != NULL) {
        return options->verify_name;
    }
    sni = tls_options_sni(options, host);
    return sni != NULL ? sni : host;
}
