/*
 * tls: the user's connection options, and a configured GnuTLS session of a client or a server made from them; the
 * certificates and keys that a side shows, what resumes a session. Knows no trace and no threads.
 */
#ifndef TLSTEP_TLS_H
#define TLSTEP_TLS_H

#include <gnutls/gnutls.h>

#include "tlstep/net.h"
#include "tlstep/pki.h"

/* Which anchors are trusted. Several may be given: files and folders add up; the system's anchors
 * are left out when a file or folder is given without `--trust system`. */
enum tls_trust { TLS_TRUST_DEFAULT, TLS_TRUST_SYSTEM, TLS_TRUST_NONE, TLS_TRUST_LAB };

/* Whether a server asks its clients for a certificate. */
enum tls_ask { TLS_ASK_NO, TLS_ASK_REQUEST, TLS_ASK_REQUIRE };

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
    char *groups;   /* --groups: IANA names, comma-separated, in this order; NULL: GnuTLS's */
    char *sigalgs; /* --sigalgs: IANA names of signature schemes, comma-separated; NULL: GnuTLS's */
    char *
        cert; /* --cert FILE: PEM or DER, leaf first; a client's for who asks for one, a server's own */
    char *key;   /* --key FILE: PEM or DER; NULL: it stands in the file of --cert */
    bool resume; /* --resume: with what the run before left behind, or the state folder has */
    char *
        early_data; /* --early-data TEXT: sent with the first flight of a resumed TLS 1.3 session; \r \n \t \\ are read */
    char *starttls; /* --starttls PROTO: a name of net_protocols() */
    char *proxy;    /* --proxy URL: net_proxy_parse() */
    enum tls_ask ask; /* --ask-certificate: what a listening side wants of clients */
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

/* True when neither tls_options_trust() nor tls_options_revocations() reads a file for these options: the lab's root is all. */
bool tls_options_trust_in_memory(const struct tls_options *options, const uint8_t *lab_root);

/* What --crl and --ocsp say: NULL in `*set` when neither is given. Reads files. 0 or -1. */
int tls_options_revocations(const struct tls_options *options, struct pki_revocations **set,
                            struct err *err);

/* ---- what a side shows ------------------------------------------------------------------- */

/* Certificates and their private keys, ready for sessions: immutable, reference-counted, any thread. */
struct tls_identity;
/* One certificate with what belongs to it. Borrowed. */
struct tls_identity_part {
    const struct pki_slice *chain; /* DER, leaf first */
    size_t chain_length;
    struct pki_slice key;    /* DER: PKCS#8, or as GnuTLS reads it */
    struct pki_slice staple; /* OCSP response in DER; empty: none */
};
/* Several parts: a server chooses by name (SNI) and by what the client can. NULL: class ERR_TLS, code "bad_identity". */
struct tls_identity *tls_identity_new(const struct tls_identity_part *parts, size_t count,
                                      struct err *err);
/* From the files of --cert and --key (`key_file` NULL: the same file). Class ERR_FILE or ERR_USAGE; the text names file and option. The key must be the
 * certificate's. */
struct tls_identity *tls_identity_load(const char *cert_file, const char *key_file,
                                       struct err *err);
struct tls_identity *tls_identity_hold(struct tls_identity *identity);
void tls_identity_release(struct tls_identity *identity); /* wipes the keys; NULL is fine */
/* Borrowed; for gnutls_credentials_set(). It is shared: nobody changes it. */
gnutls_certificate_credentials_t tls_identity_credentials(const struct tls_identity *identity);
/* For a server's post-client-hello function, where several parts may have wildcards, for which GnuTLS does not look: when the client asks for a
 * name that one of them is for, and none is for exactly that name, the session gets that part alone. 0 or an error of GnuTLS. */
int tls_identity_choose(const struct tls_identity *identity, gnutls_session_t session);
/* The leaf of the first part, DER; borrowed. */
struct pki_slice tls_identity_leaf(const struct tls_identity *identity);

/* What lets a server's sessions be resumed, and take early data: a ticket key, a memory against replays, sessions by id (TLS 1.2). Reference-
 * counted, any thread. */
struct tls_memory;
struct tls_memory *tls_memory_new(struct err *err);
struct tls_memory *tls_memory_hold(struct tls_memory *memory);
void tls_memory_release(struct tls_memory *memory); /* wipes it; NULL is fine */
/* For a session that was made otherwise: it resumes by id, with `tickets` also by ticket, and takes early data that was not seen before. The memory outlives it.
 * Returns what GnuTLS says. */
int tls_memory_attach(struct tls_memory *memory, gnutls_session_t session, bool tickets);

/* ---- sessions ---------------------------------------------------------------------------- */

/*
 * A client session ready for transport functions: priorities (versions folded into the priority
 * string), SNI, ALPN, an empty credentials object, no session ticket reuse, no default verification,
 * no KeyUpdate by itself, no GnuTLS time-out; GnuTLS's own extensions (status_request, session_ticket
 * and so on) are sent as gnutls-cli does. The caller sets transport, hooks and the verify function.
 * Fails with class ERR_USAGE (priority string) or ERR_MEMORY; `session` is zeroed then.
 */
struct tls_session {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials; /* of its own; NULL with an identity */
    struct tls_identity *identity;                /* held; NULL */
    struct tls_memory *memory;                    /* held; NULL */
    bool offers[4];                               /* TLS 1.0 to 1.3: what may be negotiated */
};
int tls_session_init(struct tls_session *session, const struct tls_options *options,
                     const char *host, struct err *err);
/* A server's session in the same way: priorities and ALPN from the options (the first of the client's that is among ours; none in
 * common: no_application_protocol), the identity (held as long as the session), what the memory can resume (NULL: nothing), `ask`. Early data is
 * taken where the memory is given. GnuTLS verifies no client: the caller sets the verify function. */
int tls_session_init_server(struct tls_session *session, const struct tls_options *options,
                            struct tls_identity *identity, struct tls_memory *memory,
                            struct err *err);
/* A server's session that was made without an identity: it shows this one from now on (held), also in the middle of ClientHello. 0 or -1. */
int tls_session_show(struct tls_session *session, struct tls_identity *identity, struct err *err);
/* What resumes this (client's) session later: appended to `out`, secret. False: nothing does. TLS 1.3: only after a ticket has come. */
bool tls_session_resumption(const struct tls_session *session, struct buffer *out);
/* Puts it into a new session, before the handshake. `*early_max`: bytes of early data that can be sent. -1: it is not usable (garbage, other version, expired). */
int tls_session_resume(struct tls_session *session, const void *data, size_t length,
                       size_t *early_max, struct err *err);
void tls_session_free(struct tls_session *session);

/* What GnuTLS makes of the versions and the priority string, for the options form: "12 suites, 6 groups". */
int tls_priority_summary(const struct tls_options *options, size_t *suites, size_t *groups,
                         struct err *err);

#endif
