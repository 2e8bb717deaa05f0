/*
 * The options checked before anything is sent. Each check looks at one option, or at two that may
 * contradict each other; its text names the option, the value and what is allowed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "priority.h"

#define NAME_MAX_BYTES ((size_t)253) /* a host name, RFC 1035 3.1 as text without the last dot */

int tls_refuse(struct err *err, const char *option, const char *value, const char *why)
{
    char shown[160];

    return err_set(err, ERR_USAGE, "bad_option", "%s %s: %s", option,
                   *value == '\0' ? "\"\"" : text_safe(shown, sizeof shown, value, strlen(value)),
                   why);
}

static int contradiction(struct err *err, const char *text)
{
    return err_set(err, ERR_USAGE, "contradiction", "%s", text);
}

/* ---- names ------------------------------------------------------------------------------- */

/* No spaces and controls; libidn2 would drop some without a word. */
static bool is_visible(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= 0x20 || *text == 0x7f) {
            return false;
        }
    }
    return true;
}

/* 0 and the length of the name's A-label form (RFC 5890 2.3.2.1), or an error of GnuTLS. */
static int ascii_length(const char *name, size_t *length)
{
    gnutls_datum_t ascii = {0};
    int status = gnutls_idna_map(name, (unsigned)strlen(name), &ascii, 0);

    if (status == GNUTLS_E_SUCCESS) {
        *length = ascii.size;
        gnutls_free(ascii.data);
    }
    return status;
}

/* A host name: ASCII, or UTF-8 that IDNA2008 can convert. Characters that no host name should have
 * (an underscore) are let through: servers are tested with them. */
static int check_name(const char *option, const char *name, const char *instead, struct err *err)
{
    size_t length = strlen(name);
    int status;

    if (length == 0 || length > NAME_MAX_BYTES * 4 || !is_visible(name)) {
        return tls_refuse(err, option, name, instead);
    }
    status = ascii_length(name, &length);
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "converting a host name");
    }
    if (status != GNUTLS_E_SUCCESS) {
        return tls_refuse(err, option, name, instead);
    }
    if (length > NAME_MAX_BYTES + (name[strlen(name) - 1] == '.')) {
        return tls_refuse(err, option, name, "a host name has at most 253 bytes");
    }
    return 0;
}

static int check_sni(const struct tls_options *options, struct err *err)
{
    if (options->sni == NULL || strcmp(options->sni, "none") == 0) {
        return 0;
    }
    if (tls_is_address(options->sni)) {
        return tls_refuse(
            err, "--sni", options->sni,
            "the extension carries no IP addresses (RFC 6066 3); give a host name, or "
            "none to leave it out");
    }
    return check_name("--sni", options->sni,
                      "not a host name; give one like example.org, or none to leave it out", err);
}

static int check_verify_name(const struct tls_options *options, struct err *err)
{
    if (options->verify_name == NULL) {
        return 0;
    }
    if (options->no_verify) {
        return contradiction(err, "--verify-name and --no-verify contradict each other: leave one "
                                  "of them out");
    }
    if (options->no_hostname_check) {
        return contradiction(err, "--verify-name and --no-hostname-check contradict each other: "
                                  "leave one of them out");
    }
    if (tls_is_address(options->verify_name)) {
        return 0;
    }
    return check_name("--verify-name", options->verify_name,
                      "neither a host name nor an IP address", err);
}

/* ---- files ------------------------------------------------------------------------------- */

/* Only whether it is there and may be read: opening a FIFO and closing it again would take it
 * away from its writer. */
static int check_path(const char *option, const char *path, bool folder, struct err *err)
{
    struct stat status;
    char shown[200];
    const char *why = NULL;

    if (path == NULL || (!folder && strcmp(path, "-") == 0)) {
        return 0;
    }
    if (stat(path, &status) != 0) {
        why = strerror(errno);
    } else if (S_ISDIR(status.st_mode) != folder) {
        why = folder ? "it is not a directory (--ca-file takes a file)"
                     : "it is a directory, not a file (only --ca-dir takes one)";
    } else if (faccessat(AT_FDCWD, path, folder ? R_OK | X_OK : R_OK, AT_EACCESS) != 0) {
        why = strerror(errno);
    }
    if (why == NULL) {
        return 0;
    }
    return err_set(err, ERR_FILE, "file", "%s %s: %s", option,
                   *path == '\0' ? "\"\"" : text_safe(shown, sizeof shown, path, strlen(path)),
                   why);
}

static int check_ca_file(const struct tls_options *options, struct err *err)
{
    return check_path("--ca-file", options->ca_file, false, err);
}

static int check_ca_dir(const struct tls_options *options, struct err *err)
{
    return check_path("--ca-dir", options->ca_dir, true, err);
}

static int check_crl_file(void *context, const char *path, struct err *err)
{
    (void)context;
    return check_path("--crl", path, false, err);
}

static int check_crl(const struct tls_options *options, struct err *err)
{
    return text_each_line(options->crl, "checking the options", check_crl_file, NULL, err);
}

static int check_ocsp_file(void *context, const char *path, struct err *err)
{
    (void)context;
    return check_path("--ocsp", path, false, err);
}

static int check_ocsp(const struct tls_options *options, struct err *err)
{
    return text_each_line(options->ocsp, "checking the options", check_ocsp_file, NULL, err);
}

static int check_cert(const struct tls_options *options, struct err *err)
{
    if (check_path("--cert", options->cert, false, err) != 0 ||
        check_path("--key", options->key, false, err) != 0) {
        return -1;
    }
    if (options->key != NULL && options->cert == NULL) {
        return contradiction(err, "--key is the key of --cert, which is not given");
    }
    return 0;
}

/* ---- the rest ---------------------------------------------------------------------------- */

static int check_at(const struct tls_options *options, struct err *err)
{
    int64_t seconds;

    if (options->at == NULL || time_parse_rfc3339(options->at, &seconds) == 0) {
        return 0;
    }
    return tls_refuse(err, "--at", options->at,
                      "not a date; give one like 2026-11-24 or 2026-11-24T09:31:00Z (RFC 3339)");
}

static int check_version(const char *option, const char *value, struct err *err)
{
    if (value == NULL || tls_version_find(value) >= 0) {
        return 0;
    }
    return tls_refuse(err, option, value, "not a TLS version; give 1.0, 1.1, 1.2 or 1.3");
}

static int check_versions(const struct tls_options *options, struct err *err)
{
    if (check_version("--tls-min", options->tls_min, err) != 0 ||
        check_version("--tls-max", options->tls_max, err) != 0) {
        return -1;
    }
    if (options->tls_min != NULL && options->tls_max != NULL &&
        tls_version_find(options->tls_min) > tls_version_find(options->tls_max)) {
        return err_set(err, ERR_USAGE, "contradiction",
                       "--tls-min %s is above --tls-max %s: no version is left", options->tls_min,
                       options->tls_max);
    }
    return 0;
}

/* After check_versions: it leans on known versions. */
static int check_priority(const struct tls_options *options, struct err *err)
{
    char *priority = tls_priority_build(options, err);

    free(priority);
    return priority != NULL ? 0 : -1;
}

static int check_alpn(const struct tls_options *options, struct err *err)
{
    gnutls_datum_t names[TLS_ALPN_NAMES_MAX];

    if (options->alpn == NULL || tls_parse_alpn(options->alpn, names) > 0) {
        return 0;
    }
    return tls_refuse(
        err, "--alpn", options->alpn,
        "give 1 to 8 names of 1 to 31 bytes each (what GnuTLS can send), separated by "
        "commas, like h2,http/1.1");
}

static int check_families(const struct tls_options *options, struct err *err)
{
    if (options->ipv4_only && options->ipv6_only) {
        return contradiction(err, "-4 and -6 contradict each other: leave one of them out, or both "
                                  "to use either family");
    }
    return 0;
}

static int check_connect(const struct tls_options *options, struct err *err)
{
    struct net_address address;

    if (options->connect == NULL) {
        return 0;
    }
    if (net_address_parse(options->connect, &address, err) != 0) {
        return err_prefix(err, "--connect");
    }
    if ((options->ipv4_only && address.socket.ss_family != AF_INET) ||
        (options->ipv6_only && address.socket.ss_family != AF_INET6)) {
        return err_set(err, ERR_USAGE, "contradiction",
                       "--connect %s and %s contradict each other: the address is of the other "
                       "family",
                       address.text, options->ipv4_only ? "-4" : "-6");
    }
    return 0;
}

static int check_proxy(const struct tls_options *options, struct err *err)
{
    struct net_proxy proxy;
    int status = options->proxy != NULL ? net_proxy_parse(options->proxy, &proxy, err) : 0;

    secret_wipe(&proxy, sizeof proxy);
    return status;
}

static int check_starttls(const struct tls_options *options, struct err *err)
{
    struct buffer why = {0};
    const struct net_protocol *protocols;
    const char *text;
    size_t count;

    if (options->starttls == NULL || net_protocol_find(options->starttls) != NULL) {
        return 0;
    }
    protocols = net_protocols(&count);
    buffer_text(&why, "no such protocol; there are: ");
    for (size_t i = 0; i < count; i++) {
        buffer_printf(&why, "%s%s", i > 0 ? ", " : "", protocols[i].name);
    }
    text = buffer_string(&why);
    (void)tls_refuse(err, "--starttls", options->starttls,
                     text != NULL ? text : "no such protocol");
    buffer_free(&why);
    return -1;
}

static int check_timeout(const struct tls_options *options, struct err *err)
{
    int64_t milliseconds;

    if (options->timeout == NULL || tls_parse_seconds(options->timeout, &milliseconds) == 0) {
        return 0;
    }
    return tls_refuse(err, "--timeout", options->timeout,
                      "give seconds from 0.001 to 86400, like 10 or 0.5");
}

static int check_early_data(const struct tls_options *options, struct err *err)
{
    if (options->early_data != NULL && !options->resume) {
        return contradiction(err, "--early-data needs --resume: only a session that is resumed has "
                                  "the keys for it before the server has answered");
    }
    return 0;
}

static int (*const checks[])(const struct tls_options *options, struct err *err) = {
    check_sni,      check_verify_name, check_ca_file, check_ca_dir,  check_at,
    check_versions, check_priority,    check_alpn,    check_connect, check_families,
    check_timeout,  check_crl,         check_ocsp,    check_proxy,   check_starttls,
    check_cert,     check_early_data,
};

int tls_options_check(const struct tls_options *options, struct err *err)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (checks[i](options, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int tls_options_check_verdict(const struct tls_options *options, struct err *err)
{
    return check_verify_name(options, err) != 0 || check_at(options, err) != 0 ? -1 : 0;
}
