/* The inside of an opener, shared by the ways in which records are protected. */
#ifndef CRYPT_OPENER_H
#define CRYPT_OPENER_H

#include <gnutls/crypto.h>

#include "key_block.h"
#include "suite.h"
#include "tlstep/crypt.h"

#define CRYPT_IV_MAX  16
#define CRYPT_KEY_MAX 32
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

#define CRYPT_AEAD_NONCE     12
#define CRYPT_ADDITIONAL_MAX 13

struct crypt_opener {
    struct crypt_suite suite;
    crypt_open_function *open;
    uint16_t cipher_suite;
    uint16_t version;
    bool encrypt_then_mac;
    struct wire_layout layout; /* of its records, without what only an opened one shows */
    uint64_t sequence;
    uint64_t slack;         /* after records were lost: how many more of them there may have been */
    bool chain_lost;        /* CBC before TLS 1.1: the block before the next record is not known */
    uint16_t label_version; /* TLS 1.3: the draft whose labels and additional data count */
    gnutls_aead_cipher_hd_t aead;
    gnutls_cipher_hd_t cipher; /* NULL for the NULL cipher */
    gnutls_hmac_hd_t mac;
    uint8_t key[CRYPT_KEY_MAX];
    uint8_t iv
        [CRYPT_IV_MAX]; /* AEAD: fixed part of the nonce; CBC before TLS 1.1: of the first record */
    uint8_t next_iv[CRYPT_IV_MAX]; /* CBC before TLS 1.1: the last block of the record before */
    uint8_t mac_key[CRYPT_MAC_MAX];
    uint8_t secret[CRYPT_SECRET_MAX]; /* TLS 1.3: what the keys come from */
    struct crypt_tls12 parameters;    /* TLS 1.2 and older: the same */
    uint8_t key_block[CRYPT_KEY_BLOCK_MAX];
};

/* The same for CBC before TLS 1.1 when the record before is lost: from the second block on, with the MAC not
 * checked, since it covers the first one. */
crypt_open_function crypt_cbc_restart;

/* Whether each record's IV is the last block of the one before. */
bool crypt_cbc_is_chained(const struct crypt_opener *opener);

/* The nonce of the record with this sequence number; `fragment` counts where the nonce is explicit. */
void crypt_aead_nonce(const struct crypt_opener *opener, uint64_t sequence, const uint8_t *fragment,
                      uint8_t nonce[CRYPT_AEAD_NONCE]);
/* The additional data; `content` is the length that it speaks of before TLS 1.3. Returns its length. */
size_t crypt_aead_additional(const struct crypt_opener *opener, uint64_t sequence,
                             const uint8_t *header, size_t content,
                             uint8_t out[CRYPT_ADDITIONAL_MAX]);
/* What a MAC covers in front of the content. Returns its length. */
size_t crypt_mac_header(const struct crypt_opener *opener, uint64_t sequence, const uint8_t *header,
                        size_t length, uint8_t out[CRYPT_ADDITIONAL_MAX]);

/* Compares the MAC of a record (RFC 5246 6.2.3.1, RFC 7366 3): over sequence number, type,
 * version, length and `data`. */
bool crypt_mac_matches(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                       const uint8_t *data, size_t length, const uint8_t *expected);

/* Opens a record under the next sequence number that fits, `most` records ahead at most; on failure the opener is
 * as it was. */
int crypt_open_within(struct crypt_opener *opener, const struct crypt_sealed *sealed, uint64_t most,
                      uint8_t *out, struct crypt_opened *opened, struct err *err);

/* Takes a record apart. Returns 0, or -1 with code "bad_record". */
int crypt_split_record(const struct crypt_opener *opener, const uint8_t *record, size_t length,
                       struct crypt_sealed *sealed, struct err *err);

/* Adds to what an opened record showed how it is built. */
void crypt_describe(const struct crypt_opener *opener, struct crypt_opened *opened);

/* Fill `err`: codes "bad_record_mac" and "bad_record". Return -1. */
int crypt_bad_mac(const struct crypt_opener *opener, struct err *err);
int crypt_bad_record(const struct crypt_opener *opener, const char *why, struct err *err);

#endif
