/*
 * tls: the user's connection options, and a configured GnuTLS client session made from them.
 * Knows no trace and no threads.
 */
#ifndef TLSTEP_TLS_H
#define TLSTEP_TLS_H

#include <gnutls/gnutls.h>

#include "tlstep/net.h"
#include "tlstep/pki.h"

/* Which anchors are trusted. Several may be given: files and folders add up; the system's anchors
 * are left out when a file or folder is given without `--trust system`. */
enum tls_trust { TLS_TRUST_DEFAULT, TLS_TRUST_SYSTEM, TLS_TRUST_NONE, TLS_TRUST_LAB };

/*
 * Everything that changes how a connection is made: the options of CONTRACT.md that are in this
 * version. Owned strings from malloc, NULL where not given. Plain data: may be copied with
 * tls_options_copy() to another thread. Defaults come from tls_options_init().
 */
struct tls_options {
    char *sni;              /* --sni: name, "none" for no extension; NULL: the target's host */
    char *ca_file;          /* --ca-file */
    char *ca_dir;           /* --ca-dir */
    enum tls_trust trust;   /* --trust */
    bool no_verify;         /* --no-verify: no path and no host name is checked */
    bool no_hostname_check; /* --no-hostname-check */
    char *verify_name;      /* --verify-name */
    char *at;               /* --at: RFC 3339 as given; NULL: now */
    bool strict;            /* --strict: what RFC 5280 or the CA/Browser Forum forbids is refused */
    enum pki_strength strength; /* --strength */
    char *crl;                  /* --crl: files, one a line */
    char *ocsp;                 /* --ocsp: files, one a line */
    char *tls_min;              /* --tls-min: "1.0" … "1.3", NULL */
    char *tls_max;
    char *priority; /* --priority: GnuTLS priority string, NULL: "NORMAL" */
    char *alpn;     /* --alpn: comma-separated, at most 8 names of 31 bytes; NULL: none */
    char *connect;  /* --connect ADDR:PORT */
    bool ipv4_only; /* -4 */
    bool ipv6_only; /* -6 */
    char *timeout;  /* --timeout SECONDS, as given (fractions allowed); NULL: 10 */
};

void tls_options_init(struct tls_options *options);
int tls_options_copy(struct tls_options *to, const struct tls_options *from, struct err *err);
void tls_options_free(struct tls_options *options);

/* Checks every value by itself and against the others before anything is sent (unknown version, min
 * above max, a priority string GnuTLS refuses with the place of the error, a bad date, an ALPN name
 * that is empty or too long, a file that cannot be read …). Class ERR_USAGE (codes "bad_option",
 * "bad_address", "contradiction", "forbidden_by_system") or ERR_FILE; the text names the option. Files
 * are not opened, names are not looked up. */
int tls_options_check(const struct tls_options *options, struct err *err);

/* The same of what certificates are judged by that nobody connects for: --at and --verify-name. The files are read then, anyway. */
int tls_options_check_verdict(const struct tls_options *options, struct err *err);

/* --timeout in milliseconds. */
int64_t tls_options_timeout_ms(const struct tls_options *options);

/* The time that certificates are judged for: --at or now; seconds since 1970. */
int64_t tls_options_at(const struct tls_options *options);

/* The name to verify: --verify-name, else the SNI that is sent, else `host`; NULL when it is not to be
 * checked. Borrowed. */
const char *tls_options_verify_name(const struct tls_options *options, const char *host);

/* The SNI to send: NULL for none (also for IP addresses, RFC 6066 3). Borrowed. */
const char *tls_options_sni(const struct tls_options *options, const char *host);

/* The trust store the options ask for; `lab_root` (may be NULL) is what TLS_TRUST_LAB means, and what
 * TLS_TRUST_DEFAULT means when it is given and no file or folder is. Reads files; slow. */
struct pki_trust *tls_options_trust(const struct tls_options *options, const uint8_t *lab_root,
                                    size_t lab_root_length, struct err *err);

/* What --crl and --ocsp say: NULL in `*set` when neither is given. Reads files. 0 or -1. */
int tls_options_revocations(const struct tls_options *options, struct pki_revocations **set,
                            struct err *err);

/*
 * A client session ready for transport functions: priorities (versions folded into the priority
 * string), SNI, ALPN, an empty credentials object, no session ticket reuse, no default verification,
 * no KeyUpdate by itself, no GnuTLS time-out; GnuTLS's own extensions (status_request, session_ticket
 * and so on) are sent as gnutls-cli does. The caller sets transport, hooks and the verify function.
 * Fails with class ERR_USAGE (priority string) or ERR_MEMORY; `session` is zeroed then.
 */
struct tls_session {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
};
int tls_session_init(struct tls_session *session, const struct tls_options *options,
                     const char *host, struct err *err);
void tls_session_free(struct tls_session *session);

/* What GnuTLS makes of the versions and the priority string, for the options form: "12 suites, 6 groups". */
int tls_priority_summary(const struct tls_options *options, size_t *suites, size_t *groups,
                         struct err *err);

#endif
