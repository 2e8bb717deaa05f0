/* What the parts of a cipher suite mean in GnuTLS's terms. */
#ifndef CRYPT_SUITE_H
#define CRYPT_SUITE_H

#include <gnutls/gnutls.h>

#include "tlstep/wire.h"

/* How records are protected. */
enum crypt_mode {
    CRYPT_AEAD_EXPLICIT, /* nonce: 4 bytes of the key block, 8 in the record; RFC 5288 3 */
    CRYPT_AEAD_XOR,      /* nonce: IV XOR sequence number; RFC 7905 2, RFC 8446 5.3 */
    CRYPT_CBC,
    CRYPT_STREAM, /* RC4, and the NULL cipher, which has no key */
};

struct crypt_suite {
    enum crypt_mode mode;
    gnutls_cipher_algorithm_t cipher;
    gnutls_mac_algorithm_t mac;  /* of the records; GNUTLS_MAC_UNKNOWN for AEAD ciphers */
    gnutls_mac_algorithm_t hash; /* of HKDF or, in TLS 1.2, of the PRF */
    size_t key_size;
    size_t iv_size;    /* bytes that come from the key schedule, not from the record */
    size_t block_size; /* CBC */
    size_t tag_size;   /* AEAD */
    size_t mac_size;
    size_t hash_size;
};

/* Fails with "suite_not_supported" when the suite is unknown, is not one of this version, or
 * GnuTLS has no such cipher. Returns 0 or -1. */
int crypt_suite_find(uint16_t id, uint16_t version, struct crypt_suite *out, struct err *err);

/* The same failure, for a suite whose cipher GnuTLS turns out to refuse. Returns -1. */
int crypt_suite_refuse(uint16_t id, const char *why, struct err *err);

/* A derivation that failed with a status of GnuTLS's: code "key_derivation", or out of memory. Returns -1. */
int crypt_derivation_failed(int status, struct err *err);

#endif
