/* Openers: their keys, and what is common to opening a record in any mode. */
#include "opener.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hkdf.h"
#include "prf.h"

/* Two MAC keys, two keys, two IVs (RFC 5246 6.3): SHA-384, 256 bits, one block. */
#define KEY_BLOCK_MAX (2 * (48 + 32 + CRYPT_IV_MAX))
#define KEY_MAX       32

int crypt_bad_mac(const struct crypt_opener *opener, struct err *err)
{
    return err_set(err, ERR_TLS, "bad_record_mac",
                   "cannot decrypt record %" PRIu64 " under these keys: its MAC or tag does not "
                   "match, so the secret is another one or bytes were changed",
                   opener->sequence);
}

int crypt_bad_record(const struct crypt_opener *opener, const char *why, struct err *err)
{
    return err_set(err, ERR_TLS, "bad_record",
                   "cannot decrypt record %" PRIu64 " under these "
                   "keys: %s",
                   opener->sequence, why);
}

static int init_cipher(struct crypt_opener *opener, const gnutls_datum_t *key)
{
    const struct crypt_suite *suite = &opener->suite;
    const gnutls_datum_t iv = {opener->iv, (unsigned)suite->block_size};
    int status = 0;

    if (suite->mode == CRYPT_AEAD_EXPLICIT || suite->mode == CRYPT_AEAD_XOR) {
        status = gnutls_aead_cipher_init(&opener->aead, suite->cipher, key);
    } else if (suite->cipher != GNUTLS_CIPHER_NULL) {
        status = gnutls_cipher_init(&opener->cipher, suite->cipher, key,
                                    suite->block_size > 0 ? &iv : NULL);
    }
    if (status != 0) { /* what GnuTLS leaves in a handle then is nothing to rely on */
        opener->aead = NULL;
        opener->cipher = NULL;
    }
    return status;
}

static int init_mac(struct crypt_opener *opener, const uint8_t *key)
{
    const struct crypt_suite *suite = &opener->suite;
    int status = 0;

    if (suite->mac_size > 0) {
        status = gnutls_hmac_init(&opener->mac, suite->mac, key, suite->mac_size);
    }
    if (status != 0) {
        opener->mac = NULL;
    }
    return status;
}

/* How a record is built (RFC 5246 6.2.3, RFC 7366, RFC 8446 5.2). */
static void set_layout(struct crypt_opener *opener)
{
    const struct crypt_suite *suite = &opener->suite;
    struct wire_layout *layout = &opener->layout;

    layout->is_protected = true;
    layout->version = opener->version;
    layout->aead = suite->tag_size > 0;
    layout->tag = (uint8_t)suite->tag_size;
    layout->mac = (uint8_t)suite->mac_size;
    layout->encrypt_then_mac = opener->encrypt_then_mac;
    if (suite->mode == CRYPT_AEAD_EXPLICIT) {
        layout->iv = CRYPT_EXPLICIT_NONCE;
    } else if (suite->mode == CRYPT_CBC && opener->version >= WIRE_TLS11) {
        layout->iv = (uint8_t)suite->block_size;
    }
}

/* Key and MAC key of one direction as GnuTLS's handles. */
static int set_keys(struct crypt_opener *opener, const uint8_t *key, const uint8_t *mac_key,
                    struct err *err)
{
    const gnutls_datum_t datum = {(unsigned char *)key, (unsigned)opener->suite.key_size};
    int status = init_cipher(opener, &datum);

    if (status == 0) {
        status = init_mac(opener, mac_key);
    }
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "preparing to decrypt records");
    }
    return status == 0 ? 0 : crypt_suite_refuse(opener->cipher_suite, gnutls_strerror(status), err);
}

static struct crypt_opener *opener_new(uint16_t version, uint16_t cipher_suite, struct err *err)
{
    static crypt_open_function *const functions[] = {
        [CRYPT_AEAD_EXPLICIT] = crypt_aead_open,
        [CRYPT_AEAD_XOR] = crypt_aead_open,
        [CRYPT_CBC] = crypt_cbc_open,
        [CRYPT_STREAM] = crypt_stream_open,
    };
    struct crypt_opener *opener = calloc(1, sizeof *opener);

    if (opener == NULL) {
        (void)err_memory(err, "preparing to decrypt records");
        return NULL;
    }
    if (crypt_suite_find(cipher_suite, version, &opener->suite, err) != 0) {
        crypt_opener_free(opener);
        return NULL;
    }
    opener->version = version;
    opener->cipher_suite = cipher_suite;
    opener->open = functions[opener->suite.mode];
    return opener;
}

static void drop_keys(struct crypt_opener *opener)
{
    if (opener->aead != NULL) {
        gnutls_aead_cipher_deinit(opener->aead);
    }
    if (opener->cipher != NULL) {
        gnutls_cipher_deinit(opener->cipher);
    }
    if (opener->mac != NULL) {
        gnutls_hmac_deinit(opener->mac, NULL);
    }
    opener->aead = NULL;
    opener->cipher = NULL;
    opener->mac = NULL;
}

void crypt_opener_free(struct crypt_opener *opener)
{
    if (opener == NULL) {
        return;
    }
    drop_keys(opener);
    secret_free(opener, sizeof *opener);
}

/* ---- TLS 1.3 ---------------------------------------------------------------------------- */

/* Key and IV from `opener->secret` (RFC 8446 7.3), and sequence number 0. */
static int derive_tls13(struct crypt_opener *opener, struct err *err)
{
    const struct crypt_suite *suite = &opener->suite;
    uint8_t key[KEY_MAX];
    int status = crypt_hkdf_expand_label(suite->hash, opener->secret, suite->hash_size, "key", key,
                                         suite->key_size);

    if (status == 0) {
        status = crypt_hkdf_expand_label(suite->hash, opener->secret, suite->hash_size, "iv",
                                         opener->iv, suite->iv_size);
    }
    status = status == 0 ? set_keys(opener, key, NULL, err) : crypt_derivation_failed(status, err);
    secret_wipe(key, sizeof key);
    opener->sequence = 0;
    return status;
}

struct crypt_opener *crypt_opener_new_tls13(uint16_t cipher_suite, const uint8_t *secret,
                                            size_t length, struct err *err)
{
    struct crypt_opener *opener = opener_new(WIRE_TLS13, cipher_suite, err);

    if (opener == NULL) {
        return NULL;
    }
    if (length != opener->suite.hash_size) {
        (void)err_set(err, ERR_TLS, "bad_secret",
                      "cannot decrypt with a secret of %zu bytes: this cipher suite's have %zu",
                      length, opener->suite.hash_size);
        crypt_opener_free(opener);
        return NULL;
    }
    memcpy(opener->secret, secret, length);
    set_layout(opener);
    if (derive_tls13(opener, err) != 0) {
        crypt_opener_free(opener);
        return NULL;
    }
    return opener;
}

int crypt_opener_update(struct crypt_opener *opener, struct err *err)
{
    struct crypt_opener next = *opener;
    int status;

    if (opener->version != WIRE_TLS13) {
        return err_set(err, ERR_TLS, "no_key_update", "only TLS 1.3 has key updates");
    }
    next.aead = NULL;
    status = crypt_hkdf_expand_label(opener->suite.hash, opener->secret, opener->suite.hash_size,
                                     "traffic upd", next.secret, opener->suite.hash_size);
    status = status == 0 ? derive_tls13(&next, err) : crypt_derivation_failed(status, err);
    if (status == 0) {
        drop_keys(opener);
        *opener = next;
    }
    secret_wipe(&next, sizeof next);
    return status;
}

/* ---- TLS 1.0 to 1.2 --------------------------------------------------------------------- */

/* RFC 5246 6.3: client and server MAC key, client and server key, client and server IV. */
static int derive_tls12(struct crypt_opener *opener, const struct crypt_tls12 *parameters,
                        struct err *err)
{
    const struct crypt_suite *suite = &opener->suite;
    size_t length = 2 * (suite->mac_size + suite->key_size + suite->iv_size);
    size_t side = parameters->from == WIRE_SERVER ? 1 : 0;
    uint8_t block[KEY_BLOCK_MAX];
    uint8_t seed[64];
    int status;

    memcpy(seed, parameters->server_random, 32);
    memcpy(seed + 32, parameters->client_random, 32);
    const struct crypt_prf prf = {
        .version = parameters->version,
        .hash = suite->hash,
        .secret = parameters->master_secret,
        .secret_length = sizeof parameters->master_secret,
        .label = "key expansion",
        .seed = seed,
        .seed_length = sizeof seed,
    };
    status =
        length > sizeof block ? GNUTLS_E_INVALID_REQUEST : crypt_prf_expand(&prf, block, length);
    if (status != 0) {
        status = crypt_derivation_failed(status, err);
    } else {
        const uint8_t *mac_keys = block;
        const uint8_t *keys = mac_keys + 2 * suite->mac_size;
        const uint8_t *ivs = keys + 2 * suite->key_size;
        memcpy(opener->iv, ivs + side * suite->iv_size, suite->iv_size);
        status =
            set_keys(opener, keys + side * suite->key_size, mac_keys + side * suite->mac_size, err);
    }
    secret_wipe(block, sizeof block);
    return status;
}

struct crypt_opener *crypt_opener_new_tls12(const struct crypt_tls12 *parameters, struct err *err)
{
    struct crypt_opener *opener;

    if (parameters->version < WIRE_TLS10 || parameters->version > WIRE_TLS12) {
        (void)err_set(err, ERR_TLS, "version_not_supported",
                      "cannot decrypt version 0x%04x: these keys are of TLS 1.0 to 1.2",
                      (unsigned)parameters->version);
        return NULL;
    }
    opener = opener_new(parameters->version, parameters->cipher_suite, err);
    if (opener == NULL) {
        return NULL;
    }
    opener->encrypt_then_mac = parameters->encrypt_then_mac && opener->suite.mode == CRYPT_CBC;
    set_layout(opener);
    if (derive_tls12(opener, parameters, err) != 0) {
        crypt_opener_free(opener);
        return NULL;
    }
    return opener;
}

/* ---- opening ---------------------------------------------------------------------------- */

static int split_record(const struct crypt_opener *opener, const uint8_t *record, size_t length,
                        struct crypt_sealed *sealed, struct err *err)
{
    struct reader reader = reader_new(record, length);
    size_t claimed;

    sealed->header = record;
    sealed->content_type = reader_u8(&reader);
    sealed->version = reader_u16(&reader);
    claimed = reader_u16(&reader);
    sealed->fragment = reader_bytes(&reader, claimed);
    sealed->length = claimed;
    if (reader.failed || reader_left(&reader) != 0) {
        return crypt_bad_record(opener, "its length is not what its header says", err);
    }
    return 0;
}

int crypt_opener_open(struct crypt_opener *opener, const uint8_t *record, size_t record_length,
                      uint8_t *out, struct crypt_opened *opened, struct err *err)
{
    struct crypt_sealed sealed;
    int status = split_record(opener, record, record_length, &sealed, err);

    memset(opened, 0, sizeof *opened);
    if (status == 0) {
        status = opener->open(opener, &sealed, out, opened, err);
        if (status != 0) { /* nothing that was not authenticated gets out */
            secret_wipe(out, sealed.length);
            memset(opened, 0, sizeof *opened);
        }
    }
    if (status == 0) {
        opened->layout = opener->layout;
        opened->layout.content = (uint32_t)opened->length;
        opened->layout.padding = (uint32_t)opened->padding;
    }
    opener->sequence++;
    return status;
}

struct wire_layout crypt_opener_layout(const struct crypt_opener *opener, size_t fragment_length)
{
    struct wire_layout layout = opener->layout;
    size_t around = (size_t)layout.iv + layout.tag + (layout.encrypt_then_mac ? layout.mac : 0);

    if (fragment_length < around) { /* no such record: nothing in it can be told apart */
        return (struct wire_layout){.is_protected = true, .version = layout.version};
    }
    return layout;
}

uint64_t crypt_opener_sequence(const struct crypt_opener *opener)
{
    return opener->sequence;
}
