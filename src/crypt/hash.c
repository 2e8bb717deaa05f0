/* One-shot digests. */
#include <gnutls/crypto.h>

#include "tlstep/crypt.h"

int crypt_sha256(const void *data, size_t length, uint8_t out[CRYPT_SHA256_SIZE])
{
    return gnutls_hash_fast(GNUTLS_DIG_SHA256, data, length, out) == 0 ? 0 : -1;
}

int crypt_md5(const void *data, size_t length, uint8_t out[CRYPT_MD5_SIZE])
{
    return gnutls_hash_fast(GNUTLS_DIG_MD5, data, length, out) == 0 ? 0 : -1;
}
