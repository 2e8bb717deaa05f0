/* Finished and PSK binders: a MAC over the handshake so far. */
#include <gnutls/crypto.h>
#include <string.h>

#include "check.h"
#include "hash.h"
#include "hkdf.h"
#include "prf.h"
#include "ssl3.h"

#define VERIFY_DATA 12 /* RFC 5246 7.4.9; no suite says otherwise */

static void failed(struct crypt_check *check, int status)
{
    crypt_check_unknown(check, "GnuTLS could not compute it: %s", gnutls_strerror(status));
}

/* HMAC(HKDF-Expand-Label(base_key, "finished", "", Hash.length), hash): RFC 8446 4.4.4, 4.2.11.2. */
static int keyed_hash(gnutls_mac_algorithm_t algorithm, uint16_t version, const uint8_t *base_key,
                      const uint8_t *hash, uint8_t *out)
{
    size_t size = gnutls_hmac_get_len(algorithm);
    uint8_t key[CRYPT_HASH_MAX];
    const struct crypt_hkdf hkdf = {
        .hash = algorithm,
        .version = version,
        .secret = base_key,
        .secret_length = size,
        .label = "finished",
    };
    int status = crypt_hkdf_expand(&hkdf, key, size);

    status = status != 0 ? status : gnutls_hmac_fast(algorithm, key, size, hash, size, out);
    secret_wipe(key, sizeof key);
    return status;
}

void crypt_check_finished13(struct crypt_check *check, uint16_t cipher_suite,
                            const uint8_t *base_key, size_t key_length, const uint8_t *hash,
                            size_t hash_length, const uint8_t *verify_data, size_t length)
{
    crypt_check_finished13_draft(check, WIRE_TLS13, cipher_suite, base_key, key_length, hash,
                                 hash_length, verify_data, length);
}

void crypt_check_finished13_draft(struct crypt_check *check, uint16_t version,
                                  uint16_t cipher_suite, const uint8_t *base_key, size_t key_length,
                                  const uint8_t *hash, size_t hash_length,
                                  const uint8_t *verify_data, size_t length)
{
    gnutls_mac_algorithm_t algorithm =
        crypt_hmac_find(crypt_transcript_hash_name(version, cipher_suite));
    size_t size = gnutls_hmac_get_len(algorithm);
    int status;

    memset(check, 0, sizeof *check);
    if (size == 0) {
        crypt_check_unknown(check, "the cipher suite's hash is not one that GnuTLS has");
    } else if (base_key == NULL || key_length != size) {
        crypt_check_unknown(check, "the sender's traffic secret is not known");
    } else if (hash == NULL || hash_length != size) {
        crypt_check_unknown(check, "not all messages before it are known");
    } else {
        status = keyed_hash(algorithm, version, base_key, hash, check->expected);
        if (status != 0) {
            failed(check, status);
            return;
        }
        crypt_check_compare(check, size, verify_data, length);
    }
}

/* PRF(master_secret, finished_label, Hash(handshake_messages)): RFC 5246 7.4.9, RFC 2246 7.4.9. */
static void check_prf(struct crypt_check *check, uint16_t version, const char *hash_name,
                      const uint8_t master[48], enum wire_side from, const uint8_t *hash,
                      const uint8_t *verify_data, size_t length)
{
    const struct crypt_prf prf = {
        .version = version,
        .hash = crypt_hmac_find(hash_name),
        .secret = master,
        .secret_length = 48,
        .label = from == WIRE_CLIENT ? "client finished" : "server finished",
        .seed = hash,
        .seed_length = gnutls_hash_get_len(crypt_digest_find(hash_name)),
    };
    int status = crypt_prf_expand(&prf, check->expected, VERIFY_DATA);

    if (status != 0) {
        failed(check, status);
        return;
    }
    crypt_check_compare(check, VERIFY_DATA, verify_data, length);
}

static void check_ssl3(struct crypt_check *check, const uint8_t master[48], enum wire_side from,
                       const uint8_t *messages, size_t messages_length, const uint8_t *verify_data,
                       size_t length)
{
    int status;

    if (messages == NULL) {
        crypt_check_unknown(check, "not all messages before it are known");
        return;
    }
    status = crypt_ssl3_finished(master, from, messages, messages_length, check->expected);
    if (status != 0) {
        failed(check, status);
        return;
    }
    crypt_check_compare(check, CRYPT_SSL3_FINISHED, verify_data, length);
}

void crypt_check_finished12(struct crypt_check *check, uint16_t version, uint16_t cipher_suite,
                            const uint8_t master[48], enum wire_side from, const uint8_t *hash,
                            size_t hash_length, const uint8_t *messages, size_t messages_length,
                            const uint8_t *verify_data, size_t length)
{
    const char *name = crypt_transcript_hash_name(version, cipher_suite);

    memset(check, 0, sizeof *check);
    if (master == NULL) {
        crypt_check_unknown(check, "the master secret is not known");
    } else if (version == WIRE_SSL3) {
        check_ssl3(check, master, from, messages, messages_length, verify_data, length);
    } else if (version < WIRE_TLS10 || version > WIRE_TLS12 || name == NULL) {
        crypt_check_unknown(check, "the hash of this version and cipher suite is not known");
    } else if (hash == NULL || hash_length != gnutls_hash_get_len(crypt_digest_find(name))) {
        crypt_check_unknown(check, "not all messages before it are known");
    } else {
        check_prf(check, version, name, master, from, hash, verify_data, length);
    }
}

/* RFC 8446 7.1: binder_key = Derive-Secret(HKDF-Extract(0, PSK), "ext binder" | "res binder", ""). */
static int binder_key(gnutls_mac_algorithm_t algorithm, bool external, const uint8_t *psk,
                      size_t length, uint8_t *out)
{
    uint8_t early[CRYPT_HASH_MAX];
    uint8_t empty[CRYPT_HASH_MAX];
    size_t size = gnutls_hmac_get_len(algorithm);
    const struct crypt_hkdf hkdf = {
        .hash = algorithm,
        .secret = early,
        .secret_length = size,
        .label = external ? "ext binder" : "res binder",
        .context = empty,
        .context_length = size,
    };
    int status = crypt_hkdf_extract(algorithm, NULL, psk, length, early);

    if (status == 0) {
        status = gnutls_hash_fast((gnutls_digest_algorithm_t)algorithm, "", 0, empty);
    }
    status = status != 0 ? status : crypt_hkdf_expand(&hkdf, out, size);
    secret_wipe(early, sizeof early);
    return status;
}

void crypt_check_binder(struct crypt_check *check, const char *hash_name, bool external,
                        const uint8_t *psk, size_t psk_length, const uint8_t *hash,
                        size_t hash_length, const uint8_t *binder, size_t length)
{
    gnutls_mac_algorithm_t algorithm = crypt_hmac_find(hash_name);
    size_t size = gnutls_hmac_get_len(algorithm);
    uint8_t key[CRYPT_HASH_MAX];
    int status;

    memset(check, 0, sizeof *check);
    if (size == 0) {
        crypt_check_unknown(check, "the hash of the pre-shared key is not one that GnuTLS has");
    } else if (psk == NULL || psk_length == 0) {
        crypt_check_unknown(check, "the pre-shared key is not known");
    } else if (hash == NULL || hash_length != size) {
        crypt_check_unknown(check, "not all messages before it are known");
    } else {
        status = binder_key(algorithm, external, psk, psk_length, key);
        status = status != 0 ? status : keyed_hash(algorithm, 0, key, hash, check->expected);
        secret_wipe(key, sizeof key);
        if (status != 0) {
            failed(check, status);
            return;
        }
        crypt_check_compare(check, size, binder, length);
    }
}
