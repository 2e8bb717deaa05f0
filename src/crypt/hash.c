/* Digests: one-shot, and running over the messages of a handshake. */
#include "hash.h"

#include <stdlib.h>
#include <string.h>

#include "tlstep/crypt.h"

static const struct name_row {
    const char *name;
    gnutls_digest_algorithm_t digest;
} names[] = {
    {"SHA-256", GNUTLS_DIG_SHA256}, {"SHA-384", GNUTLS_DIG_SHA384},
    {"SHA-512", GNUTLS_DIG_SHA512}, {"SHA-1", GNUTLS_DIG_SHA1},
    {"MD5", GNUTLS_DIG_MD5},        {CRYPT_MD5_SHA1, GNUTLS_DIG_MD5_SHA1},
};

struct crypt_hash {
    gnutls_hash_hd_t handle;
    size_t size;
};

gnutls_digest_algorithm_t crypt_digest_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].name, name) == 0) {
            return names[i].digest;
        }
    }
    return GNUTLS_DIG_UNKNOWN;
}

gnutls_mac_algorithm_t crypt_hmac_find(const char *name)
{
    gnutls_digest_algorithm_t digest = crypt_digest_find(name);

    /* GnuTLS gives a digest and its HMAC one number. */
    return digest == GNUTLS_DIG_MD5_SHA1 ? GNUTLS_MAC_UNKNOWN : (gnutls_mac_algorithm_t)digest;
}

struct crypt_hash *crypt_hash_new(const char *name)
{
    gnutls_digest_algorithm_t digest = crypt_digest_find(name);
    struct crypt_hash *hash;

    if (digest == GNUTLS_DIG_UNKNOWN) {
        return NULL;
    }
    hash = calloc(1, sizeof *hash);
    if (hash == NULL) {
        return NULL;
    }
    if (gnutls_hash_init(&hash->handle, digest) != 0) {
        free(hash);
        return NULL;
    }
    hash->size = gnutls_hash_get_len(digest);
    return hash;
}

int crypt_hash_add(struct crypt_hash *hash, const void *data, size_t length)
{
    return length == 0 || gnutls_hash(hash->handle, data, length) == 0 ? 0 : -1;
}

size_t crypt_hash_value(const struct crypt_hash *hash, uint8_t out[CRYPT_HASH_MAX])
{
    gnutls_hash_hd_t copy = gnutls_hash_copy(hash->handle);

    if (copy == NULL) {
        return 0;
    }
    gnutls_hash_deinit(copy, out);
    return hash->size;
}

void crypt_hash_free(struct crypt_hash *hash)
{
    if (hash == NULL) {
        return;
    }
    gnutls_hash_deinit(hash->handle, NULL);
    free(hash);
}

/* From TLS 1.2 on the suite says it; where it names nothing better than SHA-1 for its MAC, SHA-256 it is
 * (RFC 5246 5, RFC 5289 3). */
const char *crypt_transcript_hash_name(uint16_t version, uint16_t cipher_suite)
{
    struct wire_cipher_suite parts;

    if (wire_cipher_suite_parts(cipher_suite, &parts) != 0) {
        return NULL;
    }
    if (version < WIRE_TLS12) {
        return CRYPT_MD5_SHA1;
    }
    if (parts.hash == NULL || strcmp(parts.hash, "SHA-1") == 0 || strcmp(parts.hash, "MD5") == 0) {
        return "SHA-256";
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].name, parts.hash) == 0) {
            return names[i].name;
        }
    }
    return NULL;
}

int crypt_sha256(const void *data, size_t length, uint8_t out[CRYPT_SHA256_SIZE])
{
    return gnutls_hash_fast(GNUTLS_DIG_SHA256, data, length, out) == 0 ? 0 : -1;
}

int crypt_md5(const void *data, size_t length, uint8_t out[CRYPT_MD5_SIZE])
{
    return gnutls_hash_fast(GNUTLS_DIG_MD5, data, length, out) == 0 ? 0 : -1;
}
