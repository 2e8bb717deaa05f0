/* Finished and PSK binders: a MAC over the handshake so far. */
#include <gnutls/crypto.h>
#include <string.h>

#include "check.h"
#include "hash.h"
#include "hkdf.h"
#include "prf.h"
#include "ssl3.h"

#define MASTER      48
#define VERIFY_DATA 12 /* RFC 5246 7.4.9; no suite says otherwise */

/* Returns 1: what stands in `check` is the result. */
static int unknown(struct crypt_check *check, const char *why)
{
    crypt_check_unknown(check, "%s", why);
    return 1;
}

/* `status`: 0 with the expected value in `check`, 1 when that is not known, or GnuTLS's error. */
static void conclude(struct crypt_check *check, int status, const struct crypt_known *received)
{
    if (status < 0) {
        crypt_check_unknown(check, "GnuTLS could not compute it: %s", gnutls_strerror(status));
    } else if (status == 0) {
        crypt_check_compare(check, received);
    }
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

/* Whether a hash is there, and as long as this one is. */
static bool is_hash(const struct crypt_known *hash, size_t size)
{
    return hash->data != NULL && hash->length == size;
}

/* RFC 8446 4.4.4. */
static int finished13(const struct crypt_finished *finished, struct crypt_check *check)
{
    gnutls_mac_algorithm_t algorithm =
        crypt_hmac_find(crypt_transcript_hash_name(finished->version, finished->cipher_suite));
    size_t size = gnutls_hmac_get_len(algorithm);

    if (size == 0) {
        return unknown(check, "the cipher suite's hash is not one that GnuTLS has");
    }
    if (!is_hash(&finished->key, size)) {
        return unknown(check, "the sender's traffic secret is not known");
    }
    if (!is_hash(&finished->hash, size)) {
        return unknown(check, "not all messages before it are known");
    }
    check->expected_length = size;
    return keyed_hash(algorithm, finished->version, finished->key.data, finished->hash.data,
                      check->expected);
}

/* PRF(master_secret, finished_label, Hash(handshake_messages)): RFC 5246 7.4.9, RFC 2246 7.4.9. */
static int finished12(const struct crypt_finished *finished, struct crypt_check *check)
{
    const char *name = crypt_transcript_hash_name(finished->version, finished->cipher_suite);
    const struct crypt_prf prf = {
        .version = finished->version,
        .hash = crypt_hmac_find(name),
        .secret = finished->key.data,
        .secret_length = MASTER,
        .label = finished->from == WIRE_CLIENT ? "client finished" : "server finished",
        .seed = finished->hash.data,
        .seed_length = finished->hash.length,
    };

    if (name == NULL) {
        return unknown(check, "the hash of this cipher suite is not known");
    }
    if (!is_hash(&finished->hash, gnutls_hash_get_len(crypt_digest_find(name)))) {
        return unknown(check, "not all messages before it are known");
    }
    check->expected_length = VERIFY_DATA;
    return crypt_prf_expand(&prf, check->expected, VERIFY_DATA);
}

static int finished_ssl3(const struct crypt_finished *finished, struct crypt_check *check)
{
    if (finished->messages.data == NULL) {
        return unknown(check, "not all messages before it are known");
    }
    check->expected_length = CRYPT_SSL3_FINISHED;
    return crypt_ssl3_finished(finished->key.data, finished->from, finished->messages.data,
                               finished->messages.length, check->expected);
}

void crypt_finished_check(const struct crypt_finished *finished, struct crypt_check *check)
{
    bool tls13 = finished->version == WIRE_TLS13 || crypt_draft(finished->version) != 0;
    int status;

    memset(check, 0, sizeof *check);
    if (tls13) {
        status = finished13(finished, check);
    } else if (finished->version < WIRE_SSL3 || finished->version > WIRE_TLS12) {
        status = unknown(check, "the Finished of this version is not known");
    } else if (!is_hash(&finished->key, MASTER)) {
        status = unknown(check, "the master secret is not known");
    } else {
        status = finished->version == WIRE_SSL3 ? finished_ssl3(finished, check)
                                                : finished12(finished, check);
    }
    conclude(check, status, &finished->verify_data);
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

static int binder_value(const struct crypt_binder *binder, struct crypt_check *check)
{
    gnutls_mac_algorithm_t algorithm = crypt_hmac_find(binder->hash_name);
    size_t size = gnutls_hmac_get_len(algorithm);
    uint8_t key[CRYPT_HASH_MAX];
    int status;

    if (size == 0) {
        return unknown(check, "the hash of the pre-shared key is not one that GnuTLS has");
    }
    if (binder->psk.data == NULL || binder->psk.length == 0) {
        return unknown(check, "the pre-shared key is not known");
    }
    if (!is_hash(&binder->hash, size)) {
        return unknown(check, "not all messages before it are known");
    }
    check->expected_length = size;
    status = binder_key(algorithm, binder->external, binder->psk.data, binder->psk.length, key);
    status =
        status != 0 ? status : keyed_hash(algorithm, 0, key, binder->hash.data, check->expected);
    secret_wipe(key, sizeof key);
    return status;
}

void crypt_binder_check(const struct crypt_binder *binder, struct crypt_check *check)
{
    memset(check, 0, sizeof *check);
    conclude(check, binder_value(binder, check), &binder->value);
}
