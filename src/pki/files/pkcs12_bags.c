/* SafeContents. GnuTLS's reader of them ends after 32 bags without a word; key stores of trusted CAs have hundreds. */
#include "pkcs12_bags.h"

#include <gnutls/x509.h>
#include <string.h>

/* SafeContents may hold SafeContents. Nobody nests them twice. */
#define NESTING_MAX 8
/* An RSA key of 16384 bits takes 9 300 bytes. */
#define KEY_BYTES_MAX 10240

#define BAG_ARC       "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01" /* 1.2.840.113549.1.12.10.1 */
#define KEY_BAG       BAG_ARC "\x01"
#define SHROUDED_BAG  BAG_ARC "\x02"
#define CERT_BAG      BAG_ARC "\x03"
#define CRL_BAG       BAG_ARC "\x04"
#define SAFE_BAG      BAG_ARC "\x06"
#define PKCS9         "\x2a\x86\x48\x86\xf7\x0d\x01\x09" /* 1.2.840.113549.1.9 */
#define LOCAL_KEY_ID  PKCS9 "\x15"
#define X509_CERT     PKCS9 "\x16\x01"
#define X509_CRL_TYPE PKCS9 "\x17\x01"

static enum pbe_result read_contents(struct pkcs12_bags *bags, struct pki_slice contents,
                                     int depth);

/* ---- attributes --------------------------------------------------------------------------- */

/* localKeyID among a bag's attributes, SET OF SEQUENCE { OBJECT IDENTIFIER, SET OF value }. */
static struct pkcs12_key_id read_key_id(struct reader *bag)
{
    struct pkcs12_key_id out = {.length = 0};
    struct reader attributes;

    if (!der_is_next(bag, DER_SET)) {
        return out;
    }
    attributes = ber_enter(bag, DER_SET);
    while (reader_left(&attributes) > 0) {
        struct reader attribute = ber_enter(&attributes, DER_SEQUENCE);
        struct pki_slice oid = der_value(&attribute, DER_OID).content;
        struct reader values = ber_enter(&attribute, DER_SET);
        if (slice_is(oid, LOCAL_KEY_ID)) {
            struct pki_slice id = der_value(&values, DER_OCTET_STRING).content;
            if (!values.failed && id.length <= sizeof out.bytes && id.length > 0) {
                memcpy(out.bytes, id.data, id.length);
                out.length = id.length;
            }
            break;
        }
    }
    return out;
}

static bool same_id(const struct pkcs12_key_id *a, const struct pkcs12_key_id *b)
{
    return a->length > 0 && a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* ---- certificates and CRLs ------------------------------------------------------------------ */

static bool append_item(struct pkcs12_bags *bags, struct pki_slice der, bool is_crl,
                        const struct pkcs12_key_id *id)
{
    struct pkcs12 *out = bags->out;
    struct pkcs12_item *items =
        array_grow(out->items, &out->capacity, out->count + 1, sizeof *items);
    struct pkcs12_key_id *ids;

    if (items == NULL) {
        return false;
    }
    out->items = items;
    ids = array_grow(bags->ids, &bags->id_capacity, out->count + 1, sizeof *ids);
    if (ids == NULL) {
        return false;
    }
    bags->ids = ids;
    items[out->count] = (struct pkcs12_item){out->bytes.length, der.length, is_crl};
    ids[out->count] = *id;
    buffer_append(&out->bytes, der.data, der.length);
    if (out->bytes.failed) {
        return false;
    }
    out->count++;
    return true;
}

/* CertBag and CRLBag: SEQUENCE { type, [0] OCTET STRING }. Other types (SDSI) are passed over. */
static enum pbe_result take_item(struct pkcs12_bags *bags, struct reader *value, bool is_crl,
                                 const struct pkcs12_key_id *id)
{
    struct reader item = ber_enter(value, DER_SEQUENCE);
    struct pki_slice type = der_value(&item, DER_OID).content;
    struct reader wrapped = ber_enter(&item, DER_CONTEXT_SET(0));
    struct buffer pieces = {0};
    struct pki_slice der;
    struct der octets;
    bool ok = true;

    if (!ber_next(&wrapped, &octets)) {
        return PBE_UNSUPPORTED;
    }
    if (is_crl ? !slice_is(type, X509_CRL_TYPE) : !slice_is(type, X509_CERT)) {
        return PBE_OK;
    }
    if (ber_octets(&octets, DER_OCTET_STRING, &pieces, &der)) {
        ok = append_item(bags, der, is_crl, id);
    } else {
        ok = !pieces.failed;
    }
    buffer_free(&pieces);
    return ok ? PBE_OK : PBE_NO_MEMORY;
}

/* ---- private keys ---------------------------------------------------------------------------- */

/* The hash of the public half, to find its certificate where no localKeyID says it. A key that cannot be opened is no
 * failure: the certificates can still be shown. */
static void look_at_key(struct pkcs12_bags *bags, struct pki_slice pkcs8)
{
    gnutls_datum_t datum = {(uint8_t *)pkcs8.data, (unsigned)pkcs8.length}; /* only read */
    size_t size = sizeof bags->key_hash;
    gnutls_x509_privkey_t key;

    if (pkcs8.length > KEY_BYTES_MAX || gnutls_x509_privkey_init(&key) != 0) {
        return;
    }
    if (gnutls_x509_privkey_import_pkcs8(key, &datum, GNUTLS_X509_FMT_DER, NULL,
                                         GNUTLS_PKCS_PLAIN) == 0 &&
        gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, bags->key_hash, &size) == 0) {
        bags->has_key_hash = true;
    }
    gnutls_x509_privkey_deinit(key); /* wipes */
}

/* EncryptedPrivateKeyInfo (RFC 5958 3). */
static void look_at_shrouded_key(struct pkcs12_bags *bags, struct reader *value)
{
    struct reader info = ber_enter(value, DER_SEQUENCE);
    struct reader algorithm = ber_enter(&info, DER_SEQUENCE);
    struct pki_slice ciphertext = der_value(&info, DER_OCTET_STRING).content;
    struct buffer plain = {.secret = true};

    if (!info.failed && ciphertext.length <= KEY_BYTES_MAX &&
        pbe_decrypt(&bags->pbe, algorithm, ciphertext, &plain) == PBE_OK) {
        look_at_key(bags, (struct pki_slice){plain.data, plain.length});
    }
    buffer_wipe_free(&plain);
}

static void take_key(struct pkcs12_bags *bags, struct reader value, bool shrouded,
                     const struct pkcs12_key_id *id)
{
    struct der plain;

    if (bags->out->keys++ > 0) {
        return; /* whose chain would it be? */
    }
    bags->key = *id;
    if (shrouded) {
        look_at_shrouded_key(bags, &value);
    } else if (ber_next(&value, &plain)) {
        look_at_key(bags, plain.whole);
    }
}

/* ---- bags ---------------------------------------------------------------------------------- */

static enum pbe_result take_bag(struct pkcs12_bags *bags, struct reader *bag, int depth)
{
    struct pki_slice type = der_value(bag, DER_OID).content;
    struct reader value = ber_enter(bag, DER_CONTEXT_SET(0));
    struct pkcs12_key_id id = read_key_id(bag);
    struct der nested;

    if (value.failed) {
        return PBE_UNSUPPORTED;
    }
    if (slice_is(type, CERT_BAG) || slice_is(type, CRL_BAG)) {
        return take_item(bags, &value, slice_is(type, CRL_BAG), &id);
    }
    if (slice_is(type, KEY_BAG) || slice_is(type, SHROUDED_BAG)) {
        take_key(bags, value, slice_is(type, SHROUDED_BAG), &id);
    } else if (slice_is(type, SAFE_BAG) && ber_next(&value, &nested)) {
        return read_contents(bags, nested.whole, depth + 1);
    }
    return PBE_OK; /* secrets, and what is not known */
}

static enum pbe_result read_contents(struct pkcs12_bags *bags, struct pki_slice contents, int depth)
{
    struct reader whole = reader_new(contents.data, contents.length);
    struct reader list = ber_enter(&whole, DER_SEQUENCE);
    enum pbe_result result = PBE_OK;

    if (whole.failed || depth > NESTING_MAX) {
        return PBE_UNSUPPORTED;
    }
    while (result == PBE_OK && reader_left(&list) > 0) {
        struct reader bag = ber_enter(&list, DER_SEQUENCE);
        result = list.failed ? PBE_UNSUPPORTED : take_bag(bags, &bag, depth);
    }
    return result;
}

enum pbe_result pkcs12_bags_read(struct pkcs12_bags *bags, struct pki_slice contents)
{
    return read_contents(bags, contents, 0);
}

/* ---- the leaf ---------------------------------------------------------------------------- */

static bool has_key(const struct pkcs12 *contents, const struct pkcs12_item *item,
                    const uint8_t hash[32])
{
    struct pki_slice der = slice_at(&contents->bytes, item->offset, item->length);
    struct x509 x;
    uint8_t own[CRYPT_SHA256_SIZE];

    return !item->is_crl && x509_read(&x, der.data, der.length, NULL, 0) &&
           crypt_sha256(x.spki.data, x.spki.length, own) == 0 && memcmp(own, hash, sizeof own) == 0;
}

size_t pkcs12_bags_leaf(const struct pkcs12_bags *bags)
{
    const struct pkcs12 *contents = bags->out;

    for (size_t i = 0; i < contents->count; i++) {
        if (!contents->items[i].is_crl && same_id(&bags->ids[i], &bags->key)) {
            return i;
        }
    }
    for (size_t i = 0; i < contents->count && bags->has_key_hash; i++) {
        if (has_key(contents, &contents->items[i], bags->key_hash)) {
            return i;
        }
    }
    for (size_t i = 0; i < contents->count; i++) {
        if (!contents->items[i].is_crl && bags->ids[i].length > 0) {
            return i;
        }
    }
    return contents->count;
}
