/* The inside of an opener, shared by the ways in which records are protected. */
#ifndef CRYPT_OPENER_H
#define CRYPT_OPENER_H

#include <gnutls/crypto.h>

#include "suite.h"
#include "tlstep/crypt.h"

#define CRYPT_IV_MAX  16
#define CRYPT_MAC_MAX 64
/* Bytes of the nonce that TLS 1.2 sends with each record (RFC 5288 3). */
#define CRYPT_EXPLICIT_NONCE 8

/* A record taken apart, its length checked against its header. Borrows the bytes. */
struct crypt_sealed {
    const uint8_t *header; /* WIRE_RECORD_HEADER bytes */
    uint8_t content_type;
    uint16_t version;
    const uint8_t *fragment;
    size_t length;
};

/*
 * One way of protection. Writes at most `sealed->length` bytes to `out`; on failure the caller
 * wipes them. Returns 0 or -1.
 */
typedef int crypt_open_function(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                                uint8_t *out, struct crypt_opened *opened, struct err *err);

crypt_open_function crypt_aead_open;
crypt_open_function crypt_cbc_open;
crypt_open_function crypt_stream_open;

struct crypt_opener {
    struct crypt_suite suite;
    crypt_open_function *open;
    uint16_t cipher_suite;
    uint16_t version;
    bool encrypt_then_mac;
    struct wire_layout layout; /* of its records, without what only an opened one shows */
    uint64_t sequence;
    gnutls_aead_cipher_hd_t aead;
    gnutls_cipher_hd_t cipher; /* NULL for the NULL cipher */
    gnutls_hmac_hd_t mac;
    uint8_t
        iv[CRYPT_IV_MAX]; /* AEAD: fixed part of the nonce; CBC in TLS 1.0: of the next record */
    uint8_t secret[CRYPT_SECRET_MAX]; /* TLS 1.3: what the keys come from */
};

/* Compares the MAC of a record (RFC 5246 6.2.3.1, RFC 7366 3): over sequence number, type,
 * version, length and `data`. */
bool crypt_mac_matches(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                       const uint8_t *data, size_t length, const uint8_t *expected);

/* Fill `err`: codes "bad_record_mac" and "bad_record". Return -1. */
int crypt_bad_mac(const struct crypt_opener *opener, struct err *err);
int crypt_bad_record(const struct crypt_opener *opener, const char *why, struct err *err);

#endif
