/* Host names against certificates (RFC 9525). */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "hostname.h"

/* Longer than any address in any notation, with zone. */
#define ADDRESS_TEXT_MAX 128

/* An IPv4 or IPv6 address, the latter also in brackets and with a zone ("fe80::1%eth0"), which is
 * nothing a certificate could know. */
static bool read_address(struct host *out, const char *text)
{
    char plain[ADDRESS_TEXT_MAX];
    size_t length = strlen(text);

    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (length >= sizeof plain) {
        return false;
    }
    memcpy(plain, text, length);
    plain[length] = '\0';
    if (inet_pton(AF_INET, plain, out->address) == 1) {
        out->address_length = 4;
        return true;
    }
    plain[strcspn(plain, "%")] = '\0';
    if (inet_pton(AF_INET6, plain, out->address) == 1) {
        out->address_length = 16;
        return true;
    }
    return false;
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

/* A-labels for U-labels: IDNA2008, and IDNA2003 for the few names (emoji) that only it allows,
 * because clients look those up, too. NULL with `*failed` when memory ran out. */
static char *name_to_ascii(const char *text, bool *failed)
{
    gnutls_datum_t mapped = {0};
    char *name;
    int result;

    if (is_ascii(text)) {
        name = text_duplicate(text, strlen(text));
        *failed = name == NULL;
        return name;
    }
    result = gnutls_idna_map(text, (unsigned)strlen(text), &mapped, 0);
    *failed = result == GNUTLS_E_MEMORY_ERROR;
    if (result != GNUTLS_E_SUCCESS) {
        return NULL; /* no host has this name: nothing matches */
    }
    name = text_duplicate((const char *)mapped.data, mapped.size);
    gnutls_free(mapped.data);
    *failed = name == NULL;
    return name;
}

/* No host has a name with an empty label in it. */
static bool has_empty_label(const char *name)
{
    return name[0] == '\0' || name[0] == '.' || strstr(name, "..") != NULL;
}

bool host_read(struct host *out, const char *text)
{
    bool failed = false;
    size_t length;

    *out = (struct host){0};
    if (read_address(out, text)) {
        return true;
    }
    out->name = name_to_ascii(text, &failed);
    length = out->name == NULL ? 0 : strlen(out->name);
    if (length > 1 && out->name[length - 1] == '.') {
        out->name[length - 1] = '\0'; /* the root of the DNS, not part of the name to compare */
    }
    if (out->name != NULL && has_empty_label(out->name)) {
        host_clear(out);
    }
    return !failed;
}

void host_clear(struct host *host)
{
    free(host->name);
    *host = (struct host){0};
}

/* DNS names compare without regard to ASCII case (RFC 9525 6.3). */
static bool equal_nocase(const char *a, const uint8_t *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char x = a[i], y = (char)b[i];
        x = x >= 'A' && x <= 'Z' ? (char)(x - 'A' + 'a') : x;
        y = y >= 'A' && y <= 'Z' ? (char)(y - 'A' + 'a') : y;
        if (x != y) {
            return false;
        }
    }
    return true;
}

/* A wildcard must be the whole left-most label and stands for exactly one label (RFC 9525 6.3).
 * "*.org" would cover a whole registry: as in browsers, two labels must follow. */
static bool matches_dns(const char *name, struct pki_slice pattern)
{
    size_t length = strlen(name);
    const uint8_t *rest;
    const char *dot;
    size_t rest_length;

    if (pattern.length < 2 || memcmp(pattern.data, "*.", 2) != 0) {
        return pattern.length == length && equal_nocase(name, pattern.data, length);
    }
    rest = pattern.data + 1;
    rest_length = pattern.length - 1;
    dot = strchr(name, '.');
    if (dot == NULL || dot == name || memchr(rest + 1, '.', rest_length - 1) == NULL ||
        memchr(rest, '*', rest_length) != NULL) {
        return false;
    }
    return strlen(dot) == rest_length && equal_nocase(dot, rest, rest_length);
}

bool host_matches_name(const struct host *host, const struct general_name *name)
{
    if (host->address_length > 0) {
        return name->kind == NAME_IP && name->content.length == host->address_length &&
               memcmp(name->content.data, host->address, host->address_length) == 0;
    }
    return host->name != NULL && name->kind == NAME_DNS && matches_dns(host->name, name->content);
}

bool host_matches(const struct host *host, const struct x509 *certificate)
{
    struct reader names =
        reader_new(certificate->subject_alt_name.data, certificate->subject_alt_name.length);
    struct general_name name;

    while (general_name_next(&names, &name)) {
        if (host_matches_name(host, &name)) {
            return true;
        }
    }
    return false;
}

bool pki_hostname_matches(const uint8_t *der, size_t length, const char *hostname)
{
    struct x509 certificate;
    struct host host;
    bool matches;

    if (!x509_read(&certificate, der, length, NULL, 0) || !host_read(&host, hostname)) {
        return false;
    }
    matches = host_matches(&host, &certificate);
    host_clear(&host);
    return matches;
}
