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

int crypt_master_secret(uint16_t version, uint16_t cipher_suite, const uint8_t *premaster,
                        size_t length, const uint8_t client_random[32],
                        const uint8_t server_random[32], const uint8_t *session_hash,
                        size_t session_hash_length, uint8_t master[48], struct err *err)
{
    const char *name = crypt_transcript_hash_name(version, cipher_suite);
    uint8_t randoms[64];
    int status;

    if (version < WIRE_SSL3 || version > WIRE_TLS12) {
        return refuse_version(version, err);
    }
    if (name == NULL) {
        return crypt_suite_refuse(cipher_suite, "its hash is unknown", err);
    }
    if (session_hash != NULL &&
        session_hash_length != gnutls_hash_get_len(crypt_digest_find(name))) {
        return refuse_session_hash(session_hash_length, err);
    }
    memcpy(randoms, client_random, 32);
    memcpy(randoms + 32, server_random, 32);
    if (version == WIRE_SSL3) {
        status = crypt_ssl3_expand(premaster, length, client_random, server_random, master, MASTER);
    } else {
        const struct crypt_prf prf = {
            .version = version,
            .hash = crypt_hmac_find(name),
            .secret = premaster,
            .secret_length = length,
            .label = session_hash != NULL ? "extended master secret" : "master secret",
            .seed = session_hash != NULL ? session_hash : randoms,
            .seed_length = session_hash != NULL ? session_hash_length : sizeof randoms,
        };
        status = crypt_prf_expand(&prf, master, MASTER);
    }
    return status == 0 ? 0 : crypt_derivation_failed(status, err);
}
