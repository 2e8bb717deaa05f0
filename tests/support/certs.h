/*
 * Certificates for tests, made in memory: good ones by default, and wrong in one way when asked.
 *
 *     struct cert *root = cert_make(&(struct cert_options){.common_name = "root", .ca = true});
 *     struct cert *leaf = cert_make(&(struct cert_options){
 *         .common_name = "leaf", .names = NAMES("DNS:example.org"), .issuer = root});
 *
 * They are valid around CERT_NOW, a fixed moment, so that verdicts do not depend on the clock; for
 * real peers give dates.
 */
#ifndef SUPPORT_CERTS_H
#define SUPPORT_CERTS_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "scratch.h"
#include "tlstep/base.h"

#define CERT_NOW ((int64_t)1780308000) /* 2026-06-01T10:00:00Z */
#define CERT_DAY ((int64_t)86400)

/* A list of subjectAltName entries. */
#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A list of certificates. */
#define CHAIN(...) ((const struct cert *const[]){__VA_ARGS__, NULL})

enum cert_key {
    CERT_P256, /* ECDSA, made in no time */
    CERT_P384,
    CERT_P192,
    CERT_ED25519,
    CERT_RSA, /* 2048 bits: takes a tenth of a second */
    CERT_RSA_1024,
    CERT_RSA_PSS,
    CERT_DSA_1024,
};

struct cert {
    gnutls_x509_crt_t crt; /* NULL when GnuTLS does not read what it made */
    gnutls_x509_privkey_t key;
    uint8_t *der;
    size_t length;
};

/* An attribute of a subject: text, or a string of any type in DER. */
struct cert_attribute {
    const char *oid; /* "2.5.4.3" */
    const char *text;
    const void *der;
    size_t length;
};

/* An extension, more or instead of one that the certificate has anyway. */
struct cert_extension {
    const char *oid;   /* "2.5.29.19" */
    const char *value; /* the OCTET STRING's content, in the notation of notation.h */
    bool critical;
};

/* A list of them. */
#define EXTENSIONS(...) ((const struct cert_extension[]){__VA_ARGS__, {0}})

struct cert_options {
    const char
        *common_name; /* NULL: an empty subject. "\\0" in it makes a zero byte, as in names */
    const char *organization;
    const struct cert_attribute *attributes; /* after these two, up to one without oid */
    const char *const *names; /* "DNS:example.org", "IP:192.0.2.1", "email:…", "URI:…", "RID:…" */
    const struct cert *issuer;    /* NULL: signed with its own key, by itself */
    const struct cert *signed_by; /* whose key signs, when it is not the issuer's */
    const struct cert *same_key_as;
    bool ca;
    int version;        /* 0: 3 */
    int64_t not_before; /* 0: thirty days before CERT_NOW */
    int64_t not_after;  /* 0: sixty days after it */
    enum cert_key key;
    gnutls_digest_algorithm_t hash; /* 0: the usual one */
    bool without_key_ids;
    bool break_signature; /* the last bit is turned */
    const char *serial;   /* in hex; NULL: one that nobody else has */
    /* One extension more, in DER, or another value of one that it has anyway. */
    const char *extension;
    const void *extension_value;
    size_t extension_length;
    const struct cert_extension *extensions; /* up to one without oid; NULL: none */
};

/* NULL with a line on stderr. */
struct cert *cert_make(const struct cert_options *options);
/* The same, and fails the test instead. */
struct cert *cert_must(struct cert_options options);
void cert_free(struct cert *cert);

void cert_append_pem(struct buffer *out, const struct cert *cert);

/* Write PEM files: certificates up to a NULL; a key (0600). Return 0 or -1. */
int cert_write(const char *path, const struct cert *const *certs);
int cert_write_key(const char *path, const struct cert *cert);

/* The same in the test's folder; fails the test when it cannot be written. Returns `path`. */
const char *cert_write_scratch(char path[SCRATCH_PATH_MAX], const char *name,
                               const struct cert *const *certs);

#endif
