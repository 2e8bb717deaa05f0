/* The master secret of TLS 1.2 and older: RFC 5246 8.1, RFC 7627 4, RFC 6101 6.1. */
#include <string.h>

#include "hash.h"
#include "prf.h"
#include "ssl3.h"
#include "suite.h"
#include "tlstep/crypt.h"

#define MASTER 48

static int refuse_version(uint16_t version, struct err *err)
{
    return err_set(err, ERR_TLS, "version_not_supported",
                   "cannot compute a master secret: version 0x%04x has none", (unsigned)version);
}

static int refuse_session_hash(size_t length, struct err *err)
{
    return err_set(err, ERR_TLS, "bad_session_hash",
                   "cannot compute a master secret: a session hash of %zu bytes is not of this "
                   "version and cipher suite",
                   length);
}

int crypt_master_derive(const struct crypt_master *parameters, uint8_t master[48], struct err *err)
{
    const char *name = crypt_transcript_hash_name(parameters->version, parameters->cipher_suite);
    const struct crypt_known *hash = &parameters->session_hash;
    uint8_t randoms[64];
    struct crypt_prf prf = {
        .version = parameters->version,
        .hash = crypt_hmac_find(name),
        .secret = parameters->premaster.data,
        .secret_length = parameters->premaster.length,
        .label = "master secret",
        .seed = randoms,
        .seed_length = sizeof randoms,
    };
    int status;

    if (parameters->version < WIRE_SSL3 || parameters->version > WIRE_TLS12) {
        return refuse_version(parameters->version, err);
    }
    if (name == NULL) {
        return crypt_suite_refuse(parameters->cipher_suite, "its hash is unknown", err);
    }
    if (parameters->version == WIRE_SSL3) {
        status = crypt_ssl3_expand(prf.secret, prf.secret_length, parameters->client_random,
                                   parameters->server_random, master, MASTER);
        return status == 0 ? 0 : crypt_derivation_failed(status, err);
    }
    memcpy(randoms, parameters->client_random, 32);
    memcpy(randoms + 32, parameters->server_random, 32);
    if (hash->data != NULL) { /* RFC 7627 4 */
        if (hash->length != gnutls_hash_get_len(crypt_digest_find(name))) {
            return refuse_session_hash(hash->length, err);
        }
        prf.label = "extended master secret";
        prf.seed = hash->data;
        prf.seed_length = hash->length;
    }
    status = crypt_prf_expand(&prf, master, MASTER);
    return status == 0 ? 0 : crypt_derivation_failed(status, err);
}
