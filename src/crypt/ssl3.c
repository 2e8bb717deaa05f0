/* SSL 3.0: secrets, MAC and Finished (RFC 6101). */
#include "ssl3.h"

#include <gnutls/crypto.h>
#include <string.h>

#define PAD_1    0x36
#define PAD_2    0x5c
#define MD5_PAD  48
#define SHA1_PAD 40
#define ROUNDS   26 /* 'A' to 'Z' */

struct part {
    const void *data;
    size_t length;
};

/* The hash of several parts. */
static int hash_parts(gnutls_digest_algorithm_t digest, const struct part *parts, size_t count,
                      uint8_t *out)
{
    gnutls_hash_hd_t handle;
    int status = gnutls_hash_init(&handle, digest);

    if (status != 0) {
        return status;
    }
    for (size_t i = 0; i < count && status == 0; i++) {
        if (parts[i].length > 0) {
            status = gnutls_hash(handle, parts[i].data, parts[i].length);
        }
    }
    gnutls_hash_deinit(handle, out);
    return status;
}

#define HASH(digest, parts, out) hash_parts(digest, parts, sizeof(parts) / sizeof *(parts), out)

int crypt_ssl3_expand(const uint8_t *secret, size_t secret_length, const uint8_t first[32],
                      const uint8_t second[32], uint8_t *out, size_t length)
{
    uint8_t salt[ROUNDS];
    uint8_t inner[20];
    uint8_t block[CRYPT_MD5_SIZE];
    int status = 0;

    if (length > ROUNDS * sizeof block) {
        return GNUTLS_E_INVALID_REQUEST;
    }
    for (size_t done = 0, round = 0; done < length && status == 0; round++) {
        const struct part inner_parts[] = {
            {salt, round + 1}, {secret, secret_length}, {first, 32}, {second, 32}};
        const struct part outer_parts[] = {{secret, secret_length}, {inner, sizeof inner}};
        size_t count = length - done < sizeof block ? length - done : sizeof block;
        memset(salt, (int)('A' + round), round + 1);
        status = HASH(GNUTLS_DIG_SHA1, inner_parts, inner);
        status = status != 0 ? status : HASH(GNUTLS_DIG_MD5, outer_parts, block);
        memcpy(out + done, block, count);
        done += count;
    }
    secret_wipe(inner, sizeof inner);
    secret_wipe(block, sizeof block);
    return status;
}

static size_t pad_length(gnutls_digest_algorithm_t digest)
{
    return digest == GNUTLS_DIG_MD5 ? MD5_PAD : SHA1_PAD;
}

/* hash(secret + pad_2 + inner) */
static int outer_hash(gnutls_digest_algorithm_t digest, const uint8_t *secret, size_t secret_length,
                      const uint8_t *inner, uint8_t *out)
{
    uint8_t pad[MD5_PAD];
    const struct part parts[] = {
        {secret, secret_length}, {pad, pad_length(digest)}, {inner, gnutls_hash_get_len(digest)}};

    memset(pad, PAD_2, sizeof pad);
    return HASH(digest, parts, out);
}

int crypt_ssl3_mac(const struct crypt_ssl3_mac *mac, uint8_t *out)
{
    uint8_t pad[MD5_PAD];
    uint8_t inner[20];
    const struct part parts[] = {{mac->secret, mac->secret_length},
                                 {pad, pad_length(mac->digest)},
                                 {mac->header, mac->header_length},
                                 {mac->data, mac->length}};
    int status;

    memset(pad, PAD_1, sizeof pad);
    status = HASH(mac->digest, parts, inner);
    return status != 0 ? status
                       : outer_hash(mac->digest, mac->secret, mac->secret_length, inner, out);
}

/* hash(master + pad_2 + hash(messages + sender + master + pad_1)) */
static int finished_hash(gnutls_digest_algorithm_t digest, const uint8_t master[48],
                         enum wire_side from, const uint8_t *messages, size_t length, uint8_t *out)
{
    uint8_t pad[MD5_PAD];
    uint8_t inner[20];
    const struct part parts[] = {{messages, length},
                                 {from == WIRE_CLIENT ? "CLNT" : "SRVR", 4},
                                 {master, 48},
                                 {pad, pad_length(digest)}};
    int status;

    memset(pad, PAD_1, sizeof pad);
    status = HASH(digest, parts, inner);
    return status != 0 ? status : outer_hash(digest, master, 48, inner, out);
}

int crypt_ssl3_finished(const uint8_t master[48], enum wire_side from, const uint8_t *messages,
                        size_t length, uint8_t out[CRYPT_SSL3_FINISHED])
{
    int status = finished_hash(GNUTLS_DIG_MD5, master, from, messages, length, out);

    return status != 0 ? status
                       : finished_hash(GNUTLS_DIG_SHA1, master, from, messages, length,
                                       out + CRYPT_MD5_SIZE);
}
