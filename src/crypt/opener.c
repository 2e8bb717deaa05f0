/* Openers: their keys, and what is common to opening a record in any mode. */
#include "opener.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hkdf.h"
#include "key_block.h"

/* What came before draft 18 of TLS 1.3 derived its keys in another way. */
#define FIRST_DRAFT              18
#define FIRST_DRAFT_SHORT_LABELS 20

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

static int init_cipher(struct crypt_opener *opener)
{
    const struct crypt_suite *suite = &opener->suite;
    const gnutls_datum_t key = {opener->key, (unsigned)suite->key_size};
    const gnutls_datum_t iv = {opener->iv, (unsigned)suite->block_size};
    int status = 0;

    if (suite->mode == CRYPT_AEAD_EXPLICIT || suite->mode == CRYPT_AEAD_XOR) {
        status = gnutls_aead_cipher_init(&opener->aead, suite->cipher, &key);
    } else if (suite->cipher != GNUTLS_CIPHER_NULL) {
        status = gnutls_cipher_init(&opener->cipher, suite->cipher, &key,
                                    suite->block_size > 0 ? &iv : NULL);
    }
    if (status != 0) { /* what GnuTLS leaves in a handle then is nothing to rely on */
        opener->aead = NULL;
        opener->cipher = NULL;
    }
    return status;
}

static int init_mac(struct crypt_opener *opener)
{
    const struct crypt_suite *suite = &opener->suite;
    int status = 0;

    if (suite->mac_size > 0 && opener->version != WIRE_SSL3) {
        status = gnutls_hmac_init(&opener->mac, suite->mac, opener->mac_key, suite->mac_size);
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

/* Key and MAC key as GnuTLS's handles. */
static int set_keys(struct crypt_opener *opener, struct err *err)
{
    int status = init_cipher(opener);

    if (status == 0) {
        status = init_mac(opener);
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

static struct crypt_hkdf hkdf_of(const struct crypt_opener *opener, const char *label)
{
    return (struct crypt_hkdf){
        .hash = opener->suite.hash,
        .version = opener->label_version,
        .secret = opener->secret,
        .secret_length = opener->suite.hash_size,
        .label = label,
    };
}

/* Both from one HMAC: its key costs as much as they do. */
static int derive_key_and_iv(struct crypt_opener *opener)
{
    const struct crypt_hkdf key = hkdf_of(opener, "key");
    const struct crypt_hkdf iv = hkdf_of(opener, "iv");
    gnutls_hmac_hd_t hmac;
    int status = gnutls_hmac_init(&hmac, key.hash, key.secret, key.secret_length);

    if (status != 0) {
        return status;
    }
    status = crypt_hkdf_expand_keyed(hmac, &key, opener->key, opener->suite.key_size);
    if (status == 0) {
        status = crypt_hkdf_expand_keyed(hmac, &iv, opener->iv, opener->suite.iv_size);
    }
    gnutls_hmac_deinit(hmac, NULL);
    return status;
}

/* Key and IV from `opener->secret` (RFC 8446 7.3), and sequence number 0. */
static int derive_tls13(struct crypt_opener *opener, struct err *err)
{
    int status = derive_key_and_iv(opener);

    opener->sequence = 0;
    opener->slack = 0;
    return status == 0 ? set_keys(opener, err) : crypt_derivation_failed(status, err);
}

static int refuse_version(uint16_t version, struct err *err)
{
    return err_set(
        err, ERR_TLS, "version_not_supported",
        "cannot decrypt version 0x%04x: tlstep knows the keys of SSL 3.0, TLS 1.0 to 1.3 "
        "and of the drafts of TLS 1.3 from 18 on",
        (unsigned)version);
}

struct crypt_opener *crypt_opener_new_tls13_draft(uint16_t version, uint16_t cipher_suite,
                                                  const uint8_t *secret, size_t length,
                                                  struct err *err)
{
    struct crypt_opener *opener;

    if (version != WIRE_TLS13 && crypt_draft(version) < FIRST_DRAFT) {
        (void)refuse_version(version, err);
        return NULL;
    }
    opener = opener_new(WIRE_TLS13, cipher_suite, err);
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
    opener->label_version = version;
    memcpy(opener->secret, secret, length);
    set_layout(opener);
    if (derive_tls13(opener, err) != 0) {
        crypt_opener_free(opener);
        return NULL;
    }
    return opener;
}

struct crypt_opener *crypt_opener_new_tls13(uint16_t cipher_suite, const uint8_t *secret,
                                            size_t length, struct err *err)
{
    return crypt_opener_new_tls13_draft(WIRE_TLS13, cipher_suite, secret, length, err);
}

int crypt_opener_update(struct crypt_opener *opener, struct err *err)
{
    struct crypt_opener next = *opener;
    unsigned draft = crypt_draft(opener->label_version);
    const char *label = draft != 0 && draft < FIRST_DRAFT_SHORT_LABELS
                            ? "application traffic secret"
                            : "traffic upd";
    int status;

    if (opener->version != WIRE_TLS13) {
        return err_set(err, ERR_TLS, "no_key_update", "only TLS 1.3 has key updates");
    }
    next.aead = NULL;
    const struct crypt_hkdf hkdf = hkdf_of(opener, label);
    status = crypt_hkdf_expand(&hkdf, next.secret, opener->suite.hash_size);
    status = status == 0 ? derive_tls13(&next, err) : crypt_derivation_failed(status, err);
    if (status == 0) {
        drop_keys(opener);
        *opener = next;
    }
    secret_wipe(&next, sizeof next);
    return status;
}

/* ---- SSL 3.0 and TLS 1.0 to 1.2 ------------------------------------------------------------- */

/* Everything but the side. */
static bool same_secrets(const struct crypt_tls12 *a, const struct crypt_tls12 *b)
{
    return a->version == b->version && a->cipher_suite == b->cipher_suite &&
           memcmp(a->master_secret, b->master_secret, sizeof a->master_secret) == 0 &&
           memcmp(a->client_random, b->client_random, sizeof a->client_random) == 0 &&
           memcmp(a->server_random, b->server_random, sizeof a->server_random) == 0;
}

static int find_key_block(struct crypt_key_block *block, const struct crypt_suite *suite,
                          const struct crypt_tls12 *parameters, const struct crypt_opener *beside)
{
    if (beside == NULL || !same_secrets(&beside->parameters, parameters)) {
        return crypt_key_block_derive(block, suite, parameters);
    }
    memcpy(block->bytes, beside->key_block, sizeof block->bytes);
    return crypt_key_block_cut(block, suite);
}

static int derive_tls12(struct crypt_opener *opener, const struct crypt_tls12 *parameters,
                        const struct crypt_opener *beside, struct err *err)
{
    const struct crypt_suite *suite = &opener->suite;
    size_t side = parameters->from == WIRE_SERVER ? 1 : 0;
    struct crypt_key_block block;
    int status = find_key_block(&block, suite, parameters, beside);

    if (status == 0) {
        memcpy(opener->mac_key, block.mac_key[side], suite->mac_size);
        memcpy(opener->key, block.key[side], suite->key_size);
        memcpy(opener->iv, block.iv[side], suite->iv_size);
        memcpy(opener->next_iv, opener->iv, sizeof opener->next_iv);
        memcpy(opener->key_block, block.bytes, sizeof opener->key_block);
        opener->parameters = *parameters;
    }
    secret_wipe(&block, sizeof block);
    return status == 0 ? set_keys(opener, err) : crypt_derivation_failed(status, err);
}

struct crypt_opener *crypt_opener_new_tls12_beside(const struct crypt_tls12 *parameters,
                                                   const struct crypt_opener *beside,
                                                   struct err *err)
{
    struct crypt_opener *opener;

    if (parameters->version < WIRE_SSL3 || parameters->version > WIRE_TLS12) {
        (void)refuse_version(parameters->version, err);
        return NULL;
    }
    opener = opener_new(parameters->version, parameters->cipher_suite, err);
    if (opener == NULL) {
        return NULL;
    }
    opener->encrypt_then_mac = parameters->encrypt_then_mac && opener->suite.mode == CRYPT_CBC &&
                               parameters->version != WIRE_SSL3;
    set_layout(opener);
    if (derive_tls12(opener, parameters, beside, err) != 0) {
        crypt_opener_free(opener);
        return NULL;
    }
    return opener;
}

struct crypt_opener *crypt_opener_new_tls12(const struct crypt_tls12 *parameters, struct err *err)
{
    return crypt_opener_new_tls12_beside(parameters, NULL, err);
}

/* ---- opening ---------------------------------------------------------------------------- */

int crypt_split_record(const struct crypt_opener *opener, const uint8_t *record, size_t length,
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

void crypt_describe(const struct crypt_opener *opener, struct crypt_opened *opened)
{
    opened->layout = opener->layout;
    opened->layout.content = (uint32_t)opened->length;
    opened->layout.padding = (uint32_t)opened->padding;
}

/* After a record whose number is not known (crypt_opener_resume) this one has to tell it. */
static int open_with_slack(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                           uint8_t *out, struct crypt_opened *opened, struct err *err)
{
    int status = crypt_open_within(opener, sealed, opener->slack, out, opened, err);

    if (status == 0) {
        opener->slack = 0;
        opener->sequence--; /* the caller counts this record */
    } else { /* it fails again, and the chain of blocks goes on as after any record that does not open */
        (void)opener->open(opener, sealed, out, opened, NULL);
    }
    return status;
}

int crypt_opener_open(struct crypt_opener *opener, const uint8_t *record, size_t record_length,
                      uint8_t *out, struct crypt_opened *opened, struct err *err)
{
    struct crypt_sealed sealed;
    int status = crypt_split_record(opener, record, record_length, &sealed, err);

    memset(opened, 0, sizeof *opened);
    if (status == 0) {
        status = opener->slack > 0 ? open_with_slack(opener, &sealed, out, opened, err)
                                   : opener->open(opener, &sealed, out, opened, err);
        if (status == 0) {
            crypt_describe(opener, opened);
        } else { /* nothing that was not authenticated gets out */
            secret_wipe(out, sealed.length);
            memset(opened, 0, sizeof *opened);
        }
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
