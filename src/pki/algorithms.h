/* The algorithms a certificate may name: of its key, of its key's curve, of its signature. */
#ifndef PKI_ALGORITHMS_H
#define PKI_ALGORITHMS_H

#include <gnutls/gnutls.h>

#include "x509.h"

/* A signature algorithm, by its object identifier. */
struct signature_algorithm {
    struct pki_slice oid;
    const char *name;               /* as its RFC spells it */
    gnutls_sign_algorithm_t gnutls; /* GNUTLS_SIGN_UNKNOWN where GnuTLS cannot check it */
    const char *weak_hash;          /* "MD5", "SHA-1": collisions are known; NULL otherwise */
};

/* The row for an AlgorithmIdentifier's object identifier, or NULL. */
const struct signature_algorithm *signature_algorithm_find(struct pki_slice oid);

/* The hash of this object identifier (RFC 3279 2.2, RFC 5754 2): MD5, SHA-1, SHA-2; else GNUTLS_DIG_UNKNOWN. */
gnutls_digest_algorithm_t digest_find(struct pki_slice oid);

/* The parameters of RSASSA-PSS (RFC 4055 3.1). */
struct pss_parameters {
    gnutls_digest_algorithm_t hash; /* GNUTLS_DIG_UNKNOWN: one we do not know */
    gnutls_digest_algorithm_t mask_hash;
    uint32_t salt_length;
    const char *weak_hash; /* as above */
};
/* Reads them; absent fields have their defaults (SHA-1, 20). False when malformed. */
bool pss_parameters_read(struct pki_slice parameters, struct pss_parameters *out);

/* Is it signed by RSASSA-PSS; is its key for RSASSA-PSS only? */
bool signature_is_pss(const struct x509 *certificate);
bool key_is_pss(const struct x509 *certificate);

/* The hash a signature is weak by: "MD5", "SHA-1", or NULL when it is not weak. */
const char *signature_weak_hash(const struct x509 *certificate);

/* A certificate's signature algorithm in words: its name or the object identifier. */
char *signature_algorithm_text(char *out, size_t size, struct pki_slice oid);

/* What kind of key a certificate holds. */
enum key_family { KEY_RSA, KEY_DSA, KEY_EC, KEY_OTHER };

struct key_facts {
    enum key_family family;
    char type[64];       /* "RSA", "ECDSA", "Ed25519"; an object identifier where unknown */
    char curve[64];      /* "secp256r1"; "" when it has none or gives it by its parameters */
    unsigned bits;       /* 0: not known */
    bool explicit_curve; /* the curve's parameters instead of its name (RFC 5480 2.1.1) */
};

void key_facts_read(const struct x509 *certificate, struct key_facts *out);

/* RSAPublicKey (RFC 3279 2.3.1): contents of the INTEGERs, empty where they cannot be read. */
struct rsa_key {
    struct pki_slice modulus, exponent;
};
/* Reads the key of a certificate that has an RSA one; false when it is not just these two numbers. */
bool rsa_key_read(const struct x509 *certificate, struct rsa_key *out);

#endif
