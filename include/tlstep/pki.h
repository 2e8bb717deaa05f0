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

/* A trust store may know more of an anchor than its key: what OpenSSL's "TRUSTED CERTIFICATE" says it is trusted and
 * rejected for. Such an anchor stands in the store but is one only for the purposes that it allows (X509_check_trust).
 */

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
/* The anchors in the order they were added, for browsing. `index` < pki_trust_count(). Borrowed. */
struct pki_slice pki_trust_der(const struct pki_trust *trust, size_t index);
/* Where the anchors come from, for people: "system", "ca.pem", "system + ca.pem", "none". */
const char *pki_trust_name(const struct pki_trust *trust);

/* ---- certificates from files ------------------------------------------------------------- */

/*
 * What stands in files: certificates in their order, and the CRLs beside them. PEM (CERTIFICATE, X509 CERTIFICATE,
 * TRUSTED CERTIFICATE, PKCS7, X509 CRL), DER, PKCS#7 (p7b, p7c), PKCS#12 (p12, pfx). Nothing is parsed before it is asked for; ten
 * thousand certificates take little more than their bytes. Immutable after the last _add; may then be used from any thread.
 */
struct pki_bundle;
struct pki_revocations;

/* Asks the user for the password of `path`: writes it to `out` (at most `size` - 1 bytes). 0, or -1: no password. The
 * empty password is tried before anyone is asked. */
struct pki_password {
    int (*ask)(void *context, const char *path, char *out, size_t size);
    void *context;
};

struct pki_bundle *pki_bundle_new(struct err *err);
void pki_bundle_free(struct pki_bundle *bundle);
/* Adds a file, a folder (its files in the order of their names; those without certificates are counted, not errors) or "-",
 * standard input. `password` may be NULL. Class ERR_FILE; ERR_USAGE with code "password" when one is needed and none, or a wrong one, was given. */
int pki_bundle_add(struct pki_bundle *bundle, const char *path, const struct pki_password *password,
                   struct err *err);
/* Adds the content of a file that is in memory; `name` is what it is called. */
int pki_bundle_add_bytes(struct pki_bundle *bundle, const uint8_t *data, size_t length,
                         const char *name, const struct pki_password *password, struct err *err);
int pki_bundle_add_der(struct pki_bundle *bundle, const uint8_t *der, size_t length,
                       const char *name, struct err *err);
/* The anchors of a trust store (the system's: pki_trust_system()). Keeps a reference to it. */
int pki_bundle_add_trust(struct pki_bundle *bundle, struct pki_trust *trust, struct err *err);
size_t pki_bundle_count(const struct pki_bundle *bundle);
struct pki_slice pki_bundle_der(const struct pki_bundle *bundle, size_t index); /* borrowed */
const char *pki_bundle_source(const struct pki_bundle *bundle, size_t index);   /* file name */
/* All of them read, in their order: as many as pki_bundle_count(). NULL: out of memory. */
struct pki_certificate **pki_bundle_certificates(const struct pki_bundle *bundle, struct err *err);
void pki_certificates_free(struct pki_certificate **certificates, size_t count);
size_t pki_bundle_crl_count(const struct pki_bundle *bundle);
struct pki_slice pki_bundle_crl(const struct pki_bundle *bundle, size_t index);
/* What was passed over: "3 files without certificates", "2 blocks that are no certificate", "1 private key"; safe text, "" for nothing. */
const char *pki_bundle_remark(const struct pki_bundle *bundle);
/* Adds its CRLs to a set, which is made where `*set` is NULL and there are any; `name` is what the file is called. Of those that
 * cannot be read `problems` tells, a sentence a line. 0, or -1: out of memory. */
int pki_bundle_give_crls(const struct pki_bundle *bundle, const char *name,
                         struct pki_revocations **set, struct buffer *problems, struct err *err);

/* Appends a certificate (or another DER value) as PEM with this label ("CERTIFICATE"), lines of 64. */
void pki_pem_append(struct buffer *out, struct pki_slice der, const char *label);

/* ---- a certificate as fields --------------------------------------------------------------- */

struct pki_extension {
    char oid[80]; /* "2.5.29.19" */
    const char
        *name; /* "basicConstraints"; the object identifier where unknown. Owned by the details */
    bool critical;
    struct pki_slice value; /* DER, inside the certificate */
    char *text;             /* what it says in a line, safe text: "CA: yes, path length: 0" */
};

/* Who may have logged a certificate (RFC 6962 3.2). */
enum pki_sct_source { PKI_SCT_EMBEDDED, PKI_SCT_TLS, PKI_SCT_OCSP };
struct pki_sct {
    enum pki_sct_source source;
    unsigned version; /* 0: v1 */
    uint8_t log_id[32];
    const char *log;       /* "Google 'Argon2026h1' log"; NULL: not in our list. Static */
    const char *operator;  /* "Google"; NULL. Static */
    int64_t timestamp_ms;  /* since 1970 */
    const char *algorithm; /* "ecdsa_secp256r1_sha256" (RFC 5246 7.4.1.4.1); static; NULL unknown */
};
/* Reads a SignedCertificateTimestampList (RFC 6962 3.3) as it stands in a TLS extension: from an OCSP response or an embedded
 * one, the OCTET STRING's content. Appends to a malloc'ed array. False: out of memory; what is malformed is left out. */
bool pki_sct_list_read(struct pki_sct **list, size_t *count, struct pki_slice bytes,
                       enum pki_sct_source source);

/* More than pki_certificate knows: everything that somebody may want to see or copy. */
struct pki_details {
    struct pki_extension *extensions; /* in their order */
    size_t extension_count;
    const char *validation; /* "domain validated", "organization validated", "extended validation",
                             * "individual validated" (CA/Browser Forum policy), NULL. Static */
    char **policies;        /* object identifiers, with the name where known */
    size_t policy_count;
    char **ocsp; /* addresses; never fetched by themselves */
    size_t ocsp_count;
    char **issuers; /* caIssuers */
    size_t issuer_count;
    char **crls; /* distribution points */
    size_t crl_count;
    char *exponent;       /* RSA: "65537"; decimal where it fits in 64 bits, else hex; NULL */
    char pin[56];         /* "sha256/…=": base64 of the SPKI's SHA-256 (RFC 7469 2.4) */
    struct pki_sct *scts; /* embedded */
    size_t sct_count;
    bool must_staple;
    unsigned version; /* 1 to 3 */
};
/* NULL: out of memory, or the certificate is malformed. Borrows the certificate's bytes. */
struct pki_details *pki_details_new(const struct pki_certificate *certificate);
void pki_details_free(struct pki_details *details);
/* Text as `openssl x509 -text -noout` shows it, safe for a terminal. */
void pki_certificate_text(struct buffer *out, const struct pki_certificate *certificate);

/* ---- lint -------------------------------------------------------------------------------- */

/* Where in a chain a certificate stands. */
enum pki_place { PKI_LEAF, PKI_INTERMEDIATE, PKI_ROOT };

enum pki_lint_level {
    PKI_LINT_MUST,   /* forbidden by RFC 5280 or the CA/Browser Forum: --strict refuses it */
    PKI_LINT_SHOULD, /* recommended otherwise */
    PKI_LINT_NOTE,   /* worth knowing */
};

/* One note on a certificate. */
struct pki_lint {
    const char *id;     /* "basic_constraints_not_critical"; static */
    const char *source; /* "RFC 5280 4.2.1.9"; static */
    enum pki_lint_level level;
    char *text; /* a sentence with what was found and what is required; safe text */
};
/* All notes on one certificate as the one at `place`. `issuer` is the certificate that signed it (length 0: not known); `at` in seconds
 * since 1970. Replaces `*list` (malloc'ed, pki_lint_free()). 0, or -1: out of memory. */
int pki_lint(struct pki_lint **list, size_t *count, struct pki_slice certificate,
             enum pki_place place, struct pki_slice issuer, int64_t at);
void pki_lint_free(struct pki_lint *list, size_t count);
const char *pki_lint_level_name(enum pki_lint_level level); /* "must", "should", "note" */

/* The table of rules, for the manual and for tests. */
struct pki_lint_row {
    const char *id;
    const char *source;
    const char *summary; /* "basicConstraints is critical in a CA certificate" */
    enum pki_lint_level level;
    const char *where; /* "leaf", "intermediate", "root", "CA", "leaf, intermediate", "any" */
};
size_t pki_lint_row_count(void);
struct pki_lint_row pki_lint_row_at(size_t index);

/* ---- revocation data ------------------------------------------------------------------------- */

/* CRLs and OCSP responses from files, several in one, PEM or DER. Judging by them changes nothing in them. */
struct pki_revocations *pki_revocations_new(struct err *err);
int pki_revocations_add_crl_file(struct pki_revocations *set, const char *path, struct err *err);
int pki_revocations_add_ocsp_file(struct pki_revocations *set, const char *path, struct err *err);
int pki_revocations_add_crl(struct pki_revocations *set, struct pki_slice der, const char *name,
                            struct err *err);
/* One that stands in a file beside certificates: it can revoke, but nobody asked that it covers the leaf. */
int pki_revocations_add_crl_beside(struct pki_revocations *set, struct pki_slice der,
                                   const char *name, struct err *err);
int pki_revocations_add_ocsp(struct pki_revocations *set, struct pki_slice der, const char *name,
                             struct err *err);
void pki_revocations_free(struct pki_revocations *set);

/* ---- verification ------------------------------------------------------------------------ */

/*
 * CONTRACT.md's reason codes, one row each: id, name, alert that a client sends for it (RFC 8446 6.2), where the rule stands.
 * From the row come enum, names and the prototypes of the four sentences that src/pki/sentences.h wants written.
 */
/* clang-format off */
#define PKI_REASONS(REASON)                                                                    \
    REASON(EXPIRED,              expired,              45, "RFC 5280 6.1.3 (a)(2)")            \
    REASON(NOT_YET_VALID,        not_yet_valid,        45, "RFC 5280 6.1.3 (a)(2)")            \
    REASON(HOSTNAME_MISMATCH,    hostname_mismatch,    42, "RFC 9525 6")                       \
    REASON(NO_TRUST_ANCHOR,      no_trust_anchor,      48, "RFC 5280 6.1.1 (d)")               \
    REASON(SELF_SIGNED,          self_signed,          48, "RFC 5280 6.1.1 (d)")               \
    REASON(MISSING_INTERMEDIATE, missing_intermediate, 48, "RFC 8446 4.4.2")                   \
    REASON(BAD_SIGNATURE,        bad_signature,        42, "RFC 5280 6.1.3 (a)(1)")            \
    REASON(WEAK_SIGNATURE,       weak_signature,       42, "RFC 8446 4.4.2.4")                 \
    REASON(WEAK_KEY,             weak_key,             42, "RFC 9325 4.5")                     \
    REASON(NOT_A_CA,             not_a_ca,             48, "RFC 5280 6.1.4 (k)")               \
    REASON(PATH_LENGTH,          path_length,          42, "RFC 5280 6.1.4 (l), (m)")          \
    REASON(NAME_CONSTRAINT,      name_constraint,      42, "RFC 5280 6.1.3 (b), (c)")          \
    REASON(KEY_USAGE,            key_usage,            42, "RFC 5280 6.1.4 (n)")               \
    REASON(EXTENDED_KEY_USAGE,   extended_key_usage,   43, "RFC 5280 4.2.1.12")                \
    REASON(REVOKED,              revoked,              44, "RFC 5280 6.3")                     \
    REASON(REVOCATION_UNKNOWN,   revocation_unknown,   46, "RFC 5280 6.3.3")                   \
    REASON(POLICY,               policy,               42, "RFC 5280 6.1.5 (g)")               \
    REASON(UNKNOWN_CRITICAL_EXTENSION, unknown_critical_extension, 43, "RFC 5280 4.2")         \
    REASON(MALFORMED,            malformed,            42, "RFC 5280 4.1")                     \
    REASON(NOT_CONFORMING,       not_conforming,       42, "RFC 5280 4")
/* clang-format on */

#define PKI_REASON_ID(id, name, alert, reference) PKI_##id,
enum pki_reason_code { PKI_REASONS(PKI_REASON_ID) PKI_REASON_COUNT };
#undef PKI_REASON_ID

const char *pki_reason_name(enum pki_reason_code code);      /* "expired" */
long pki_reason_from_name(const char *name);                 /* or -1 */
const char *pki_reason_reference(enum pki_reason_code code); /* "RFC 5280 6.1.3 (a)(2)" */
/* The TLS alert description a client sends for it (RFC 8446 6.2): 45 for expired, 48 unknown_ca … */
uint8_t pki_reason_alert(enum pki_reason_code code);

/* Texts are safe and owned. */
struct pki_reason {
    enum pki_reason_code code;
    long certificate; /* index into the verification's certificates, -1: none in particular */
    char *text;       /* which certificate, which value, what was required */
    char *mend;       /* what the server's owner should change, an imperative */
    char *field;      /* "validity.notAfter", "subjectAltName"; "" where none */
    char *found;      /* the value there; "" */
    char *required;   /* what would have been accepted; "" */
    char *reference;  /* where the rule stands: pki_reason_reference() or closer */
    char *here; /* what on this machine decided it (clock, trust store, policy), a sentence; "" */
};
/* Its `reference`; pki_reason_reference() where a session was saved without one. */
const char *pki_reason_rule(const struct pki_reason *reason);

/* Where a certificate of a verification comes from. */
enum pki_origin { PKI_SENT, PKI_GIVEN /* --intermediates */, PKI_STORE };

/* What the tree wants to know of each certificate of a verification. */
struct pki_member {
    enum pki_origin origin;
    bool anchor;       /* stands in the trust store, and is trusted for this purpose */
    bool distrusted;   /* stands in the trust store, which forbids this purpose */
    bool in_path;      /* of the path that was chosen */
    bool in_any;       /* of that one or an alternative; a sent one without it is unused */
    long duplicate_of; /* index of the same certificate before it, -1 */
    long issuer;       /* index of the best known issuer, -1: none is here (or it is self-signed) */
};

/* A certification path that was tried and not chosen, or not accepted. */
struct pki_path {
    size_t *certificates; /* indices, leaf first */
    size_t length;
    bool anchored;
    bool ok;
    struct pki_reason *reasons;
    size_t reason_count;
};

enum pki_revocation_status {
    PKI_STATUS_NONE, /* nothing was there to say anything */
    PKI_STATUS_GOOD,
    PKI_STATUS_REVOKED,
    PKI_STATUS_UNKNOWN, /* something was there, but it cannot be used: `text` says why */
};
const char *pki_revocation_status_name(enum pki_revocation_status status); /* "good" */

/* What is known of one certificate of the path (one entry for each source that was looked at). */
struct pki_revocation {
    size_t certificate;
    enum pki_revocation_status status;
    char *source;        /* "stapled OCSP response", "ocsp.der", "ca.crl" */
    int64_t this_update; /* 0: not known */
    int64_t next_update; /* 0: none */
    int64_t revoked_at;  /* 0 */
    char *text;          /* a sentence; safe */
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
    bool strict;    /* --strict */
    char *purpose;  /* "server", "client", "any" */
    /* certificates: first those sent, in order, then those given, anchors and others from the store. */
    struct pki_slice *certificates; /* DER copies, owned */
    struct pki_member *members;     /* one for each */
    size_t sent_count;
    size_t certificate_count;
    bool
        misordered; /* those sent are not in the order of RFC 5246 7.4.2: each certified by the next */
    size_t *path; /* indices into certificates, leaf first, anchor last; as far as it got */
    size_t path_length;
    bool anchored; /* the last one of path is a trust anchor (it may have been sent, too) */
    struct pki_reason *reasons;
    size_t reason_count;
    struct pki_path *alternatives; /* best first, at most PKI_ALTERNATIVES_MAX */
    size_t alternative_count;
    size_t paths_tried;
    char *gave_up;      /* the bound that ended the search, a sentence; NULL */
    int64_t expires;    /* the earliest notAfter of the path (0: no path) … */
    long expires_first; /* … and whose it is, -1 */
    struct pki_revocation *revocations;
    size_t revocation_count;
    struct pki_sct *scts; /* of the leaf: embedded, in TLS, in the stapled response */
    size_t sct_count;
    /* GnuTLS's verdict on the same certificates, anchors and time. Ours decides. */
    bool gnutls_performed;
    bool gnutls_ok;
    char *gnutls_text; /* its words; "" */
    char *difference;  /* where the two differ: both reasons, and who is right by which RFC; NULL */
};

#define PKI_ALTERNATIVES_MAX 16

enum pki_purpose { PKI_PURPOSE_SERVER, PKI_PURPOSE_CLIENT, PKI_PURPOSE_ANY };

/* Key and signature strength, as OpenSSL's auth_level. The usual one is level 2. */
enum pki_strength {
    PKI_STRENGTH_USUAL,
    PKI_STRENGTH_0,
    PKI_STRENGTH_1,
    PKI_STRENGTH_2,
    PKI_STRENGTH_3,
};

/* A stapled OCSP response for one certificate of the chain. */
struct pki_staple {
    size_t certificate; /* index into the chain */
    struct pki_slice response;
};

/* What is to be judged; all borrowed. Zero is the usual choice for every member after `at`. */
struct pki_request {
    const struct pki_slice *chain; /* DER, in the order sent, leaf first */
    size_t chain_length;
    struct pki_trust *trust;
    const char *hostname; /* name or IP address text to check; NULL: no host name check */
    int64_t at;           /* seconds since 1970 */
    const struct pki_slice *intermediates; /* more certificates that nobody sent */
    size_t intermediate_count;
    enum pki_purpose purpose;
    enum pki_strength strength;
    bool strict; /* --strict: every MUST of RFC 5280 and of the CA/Browser Forum counts */
    const struct pki_revocations *revocations; /* from files; NULL: none */
    const struct pki_staple *staples;          /* from the handshake */
    size_t staple_count;
    bool staple_expected;  /* the handshake asked for one (then must-staple can be judged) */
    struct pki_slice scts; /* TLS extension signed_certificate_timestamp: the list; empty */
    /* User-initial policy set (RFC 5280 6.1.1 (c), (e) to (g)). */
    const char *const *policies; /* object identifiers as text, NULL-terminated; NULL: any */
    bool require_explicit_policy;
    bool inhibit_policy_mapping;
    bool inhibit_any_policy;
    bool gnutls; /* ask GnuTLS as well */
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

/* How host names are shown: "bücher.example (xn--bcher-kva.example)" for either form; others as they are. Safe text. */
void pki_host_text(struct buffer *out, const char *hostname);

/*
 * Does a certificate's subjectAltName hold this name (RFC 9525 6)? Wildcards only as the whole
 * left-most label; IP addresses compared as addresses; no fallback to the common name. `hostname`
 * may be a U-label name, which is converted (IDNA2008).
 */
bool pki_hostname_matches(const uint8_t *der, size_t length, const char *hostname);

#endif
