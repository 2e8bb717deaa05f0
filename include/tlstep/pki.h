/*
 * pki: certificates to facts, trust stores, host names, and why a chain is accepted or refused.
 *
 * Threads: a trust store and a verification are immutable once made; a trust store is counted
 * and may be used from any thread. Certificates come from the enemy: every text in here is raw
 * and must pass text_safe() or text_utf8_append() before anyone sees it.
 */
#ifndef TLSTEP_PKI_H
#define TLSTEP_PKI_H

#include "tlstep/crypt.h"

struct json_t;

/* ---- certificates ------------------------------------------------------------------------ */

/* Bytes that belong to someone else. */
struct pki_slice {
    const uint8_t *data;
    size_t length;
};

/* What people look at in a certificate (RFC 5280 4.1, 4.2). Text is UTF-8 as far as the
 * certificate was; it may hold control characters. A zero byte, which would end a C string early,
 * stands as "\x00" ("\00" in subject and issuer). Owned by the certificate. */
struct pki_certificate {
    struct pki_slice der; /* a copy, owned */
    bool malformed;       /* cannot be read: only der, sha256 and `problem` mean something */
    char problem[160];    /* why, in words */
    char *subject;        /* RFC 4514 string, "CN=example.org,O=…"; "" when empty */
    char *issuer;
    char *common_name;  /* last CN of the subject, NULL when there is none */
    char *serial;       /* hex, lower case */
    int64_t not_before; /* seconds since 1970 UTC */
    int64_t not_after;
    char **san; /* "DNS:example.org" is stored as "example.org", IP as text,
                                  others "email:…", "URI:…", … */
    size_t san_count;
    char *key_type; /* "RSA", "ECDSA", "Ed25519", "RSA-PSS", … */
    unsigned key_bits;
    char *key_curve;           /* "secp256r1", NULL when it has none */
    char *signature_algorithm; /* "ecdsa-with-SHA256": the name in IANA's / RFC's spelling */
    bool is_ca;
    bool self_issued;   /* subject equals issuer */
    uint8_t sha256[32]; /* of the DER */
    uint8_t spki_sha256[32];
};

/* Reads a certificate. Never fails on bad bytes (`malformed` is set); NULL only when memory ran out. */
struct pki_certificate *pki_certificate_new(const uint8_t *der, size_t length);
void pki_certificate_free(struct pki_certificate *certificate);

/* A short name for people, safe for a terminal: the common name, else the first name it is valid
 * for, else the subject, else "certificate <sha256…>". Returns `out`. */
char *pki_certificate_label(char *out, size_t size, const struct pki_certificate *certificate);

/* ---- trust stores ------------------------------------------------------------------------ */

/* A set of trust anchors, indexed by subject; an anchor is parsed when it is first needed. */
struct pki_trust;

/* The system's anchors: the bundle that GnuTLS was built for, or SSL_CERT_FILE where that is set. */
struct pki_trust *pki_trust_system(struct err *err);
/* No anchors at all. */
struct pki_trust *pki_trust_none(struct err *err);
/* From a PEM or DER file (one or more certificates), and from all files of a folder (files that
 * are no certificates are skipped; none at all is an error). Add to an existing unshared store. */
int pki_trust_add_file(struct pki_trust *trust, const char *path, struct err *err);
int pki_trust_add_folder(struct pki_trust *trust, const char *path, struct err *err);
int pki_trust_add_der(struct pki_trust *trust, const uint8_t *der, size_t length, struct err *err);
int pki_trust_add_system(struct pki_trust *trust, struct err *err);
struct pki_trust *pki_trust_retain(struct pki_trust *trust);
void pki_trust_release(struct pki_trust *trust);
size_t pki_trust_count(const struct pki_trust *trust);
/* Where the anchors come from, for people: "system", "ca.pem", "system + ca.pem", "none". */
const char *pki_trust_name(const struct pki_trust *trust);

/* ---- verification ------------------------------------------------------------------------ */

/* CONTRACT.md's reason codes. The table in src/pki/reasons.c has text and remedy for each. */
enum pki_reason_code {
    PKI_EXPIRED,
    PKI_NOT_YET_VALID,
    PKI_HOSTNAME_MISMATCH,
    PKI_NO_TRUST_ANCHOR,
    PKI_SELF_SIGNED,
    PKI_MISSING_INTERMEDIATE,
    PKI_BAD_SIGNATURE,
    PKI_WEAK_SIGNATURE,
    PKI_WEAK_KEY,
    PKI_NOT_A_CA,
    PKI_MALFORMED,
    PKI_REASON_COUNT
};

const char *pki_reason_name(enum pki_reason_code code);      /* "expired" */
long pki_reason_from_name(const char *name);                 /* or -1 */
const char *pki_reason_reference(enum pki_reason_code code); /* "RFC 5280 6.1.3 (a)(2)" */
/* The TLS alert description a client sends for it (RFC 8446 6.2): 45 for expired, 48 unknown_ca … */
uint8_t pki_reason_alert(enum pki_reason_code code);

struct pki_reason {
    enum pki_reason_code code;
    long certificate; /* index into the verification's certificates, -1: none in particular */
    char *text;       /* which certificate, which value, what was required; safe text */
    char *mend;       /* what the server's owner should change; safe text */
};

/* One verification: what was decided, when, by which anchors. Immutable, owned by its maker. */
struct pki_verification {
    bool performed;
    bool ok;
    bool hostname_checked;
    bool hostname_ok;
    int64_t at;     /* the time it was decided for, seconds since 1970 */
    char *trust;    /* pki_trust_name() of the store */
    size_t anchors; /* how many anchors it had */
    char *name;     /* the name that was checked, NULL */
    /* certificates: first those sent, in order, then anchors and others from the store. */
    struct pki_slice *certificates; /* DER copies, owned */
    size_t sent_count;
    size_t certificate_count;
    size_t *path; /* indices into certificates, leaf first, anchor last; as far as it got */
    size_t path_length;
    bool anchored; /* the last one of path is a trust anchor (it may have been sent, too) */
    struct pki_reason *reasons;
    size_t reason_count;
};

struct pki_request {
    const struct pki_slice *chain; /* DER, in the order sent, leaf first */
    size_t chain_length;
    struct pki_trust *trust; /* borrowed */
    const char *hostname;    /* name or IP address text to check; NULL: no host name check */
    int64_t at;              /* seconds since 1970 */
};

/*
 * Judges a chain (RFC 5280 6, RFC 9525): builds a path from the leaf over what was sent and the
 * store to an anchor and gives all reasons against it, not the first only. Never fails on bad
 * certificates; NULL only when memory ran out. Thread-safe.
 */
struct pki_verification *pki_verify(const struct pki_request *request, struct err *err);
void pki_verification_free(struct pki_verification *verification);

/* The verdict as JSON for the session file (certificates from the store included, in base64) and
 * back. NULL: out of memory, or not a verification (with `err`). New reference. */
struct json_t *pki_verification_encode(const struct pki_verification *verification);
struct pki_verification *pki_verification_decode(const struct json_t *json, struct err *err);

/*
 * Does a certificate's subjectAltName hold this name (RFC 9525 6)? Wildcards only as the whole
 * left-most label; IP addresses compared as addresses; no fallback to the common name. `hostname`
 * may be a U-label name, which is converted (IDNA2008).
 */
bool pki_hostname_matches(const uint8_t *der, size_t length, const char *hostname);

#endif
