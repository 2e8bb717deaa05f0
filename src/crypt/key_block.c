/* The key block: RFC 5246 6.3, RFC 6101 6.2.2. */
#include "key_block.h"

#include <string.h>

#include "prf.h"
#include "ssl3.h"

int crypt_key_block_cut(struct crypt_key_block *block, const struct crypt_suite *suite)
{
    block->length = 2 * (suite->mac_size + suite->key_size + suite->iv_size);
    if (block->length > sizeof block->bytes) {
        return GNUTLS_E_INVALID_REQUEST;
    }
    for (size_t side = 0; side < 2; side++) {
        block->mac_key[side] = block->bytes + side * suite->mac_size;
        block->key[side] = block->bytes + 2 * suite->mac_size + side * suite->key_size;
        block->iv[side] =
            block->bytes + 2 * (suite->mac_size + suite->key_size) + side * suite->iv_size;
    }
    return 0;
}

int crypt_key_block_derive(struct crypt_key_block *block, const struct crypt_suite *suite,
                           const struct crypt_tls12 *parameters)
{
    uint8_t seed[64];
    const struct crypt_prf prf = {
        .version = parameters->version,
        .hash = suite->hash,
        .secret = parameters->master_secret,
        .secret_length = sizeof parameters->master_secret,
        .label = "key expansion",
        .seed = seed,
        .seed_length = sizeof seed,
    };

    memset(block, 0, sizeof *block);
    if (crypt_key_block_cut(block, suite) != 0) {
        return GNUTLS_E_INVALID_REQUEST;
    }
    if (parameters->version == WIRE_SSL3) {
        return crypt_ssl3_expand(parameters->master_secret, sizeof parameters->master_secret,
                                 parameters->server_random, parameters->client_random, block->bytes,
                                 block->length);
    }
    memcpy(seed, parameters->server_random, 32);
    memcpy(seed + 32, parameters->client_random, 32);
    return crypt_prf_expand(&prf, block->bytes, block->length);
}
