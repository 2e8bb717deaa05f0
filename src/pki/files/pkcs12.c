/* PKCS#12 through GnuTLS. */
#include "pkcs12.h"

#include <gnutls/pkcs12.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ber.h"
#include "pkcs12_order.h"

#define PASSWORD_MAX 1024
/* A second or two. What programs write is between 1 and 1 000 000. */
#define ITERATIONS_MAX 10000000u
#define DEPTH_MAX      24
/* localKeyID is a hash or a small number. */
#define KEY_ID_MAX 64

struct key_id {
    uint8_t bytes[KEY_ID_MAX];
    size_t length; /* 0: none */
};

/* One look at the container under one password. */
struct opening {
    struct pkcs12 *out;
    const char *password; /* NULL: none at all, which is not the empty one (RFC 7292 B.1) */
    bool verified;        /* the MAC is right: the password is */
    struct key_id key;    /* localKeyID of the first private key */
    uint8_t key_hash[32]; /* of its public key, where it could be opened */
    bool has_key_hash;
    struct key_id *ids; /* localKeyID of each item */
    size_t id_capacity;
};

enum outcome { OPENED, WRONG_PASSWORD, UNSUPPORTED, NO_MEMORY };

/* ---- a bound on work -------------------------------------------------------------------- */

/*
 * Key derivation takes as many rounds as the file says. Wherever a salt stands, their number stands behind it (PBKDF2-params,
 * pkcs-12PbeParams, MacData): an OCTET STRING and an INTEGER.
 */
static bool asks_too_much(struct pki_slice bytes, int depth)
{
    struct reader reader = reader_new(bytes.data, bytes.length);
    struct der value;
    uint8_t before = 0;

    while (depth < DEPTH_MAX && reader_left(&reader) > 0 && ber_next(&reader, &value)) {
        if (before == DER_OCTET_STRING && value.tag == DER_INTEGER && value.content.length <= 8) {
            uint64_t rounds = 0;
            for (size_t i = 0; i < value.content.length; i++) {
                rounds = rounds << 8 | value.content.data[i];
            }
            if (rounds > ITERATIONS_MAX) {
                return true;
            }
        }
        if (((value.tag & 0x20) != 0 || value.tag == DER_OCTET_STRING) &&
            asks_too_much(value.content, depth + 1)) {
            return true;
        }
        before = value.tag;
    }
    return false;
}

/* ---- bags ------------------------------------------------------------------------------- */

static void read_key_id(gnutls_pkcs12_bag_t bag, unsigned index, struct key_id *out)
{
    gnutls_datum_t id = {NULL, 0};

    out->length = 0;
    if (gnutls_pkcs12_bag_get_key_id(bag, index, &id) == 0 && id.data != NULL &&
        id.size <= KEY_ID_MAX) {
        memcpy(out->bytes, id.data, id.size);
        out->length = id.size;
    }
}

static bool same_id(const struct key_id *a, const struct key_id *b)
{
    return a->length > 0 && a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static enum outcome take_item(struct opening *opening, gnutls_pkcs12_bag_t bag, unsigned index,
                              const gnutls_datum_t *data, bool is_crl)
{
    struct pkcs12 *out = opening->out;
    struct pkcs12_item *items =
        array_grow(out->items, &out->capacity, out->count + 1, sizeof *items);
    struct key_id *ids;

    if (items == NULL) {
        return NO_MEMORY;
    }
    out->items = items;
    ids = array_grow(opening->ids, &opening->id_capacity, out->count + 1, sizeof *ids);
    if (ids == NULL) {
        return NO_MEMORY;
    }
    opening->ids = ids;
    items[out->count] = (struct pkcs12_item){out->bytes.length, data->size, is_crl};
    read_key_id(bag, index, &ids[out->count]);
    buffer_append(&out->bytes, data->data, data->size);
    if (out->bytes.failed) {
        return NO_MEMORY;
    }
    out->count++;
    return OPENED;
}

/* The hash of the public half, to find its certificate where no localKeyID says it. A key that cannot be opened is no
 * failure: the certificates can still be shown. */
static void look_at_key(struct opening *opening, const gnutls_datum_t *data)
{
    gnutls_x509_privkey_t key;
    size_t size = sizeof opening->key_hash;

    if (asks_too_much((struct pki_slice){data->data, data->size}, 0) ||
        gnutls_x509_privkey_init(&key) != 0) {
        return;
    }
    if (gnutls_x509_privkey_import_pkcs8(key, data, GNUTLS_X509_FMT_DER, opening->password,
                                         opening->password == NULL ? GNUTLS_PKCS_NULL_PASSWORD
                                                                   : 0) == 0 &&
        gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, opening->key_hash, &size) ==
            0) {
        opening->has_key_hash = true;
    }
    gnutls_x509_privkey_deinit(key); /* wipes */
}

static void take_key(struct opening *opening, gnutls_pkcs12_bag_t bag, unsigned index,
                     gnutls_datum_t *data)
{
    if (opening->out->keys++ == 0) {
        read_key_id(bag, index, &opening->key);
        look_at_key(opening, data);
    }
    secret_wipe(data->data, data->size); /* the bag's own copy, which nobody reads any more */
}

static enum outcome read_bag(struct opening *opening, gnutls_pkcs12_bag_t bag)
{
    int count = gnutls_pkcs12_bag_get_count(bag);
    enum outcome outcome = OPENED;

    for (int i = 0; i < count && outcome == OPENED; i++) {
        int type = gnutls_pkcs12_bag_get_type(bag, (unsigned)i);
        gnutls_datum_t data = {NULL, 0};

        if (gnutls_pkcs12_bag_get_data(bag, (unsigned)i, &data) != 0 || data.data == NULL) {
            continue;
        }
        if (type == GNUTLS_BAG_CERTIFICATE || type == GNUTLS_BAG_CRL) {
            outcome = take_item(opening, bag, (unsigned)i, &data, type == GNUTLS_BAG_CRL);
        } else if (type == GNUTLS_BAG_PKCS8_KEY || type == GNUTLS_BAG_PKCS8_ENCRYPTED_KEY) {
            take_key(opening, bag, (unsigned)i, &data);
        }
    }
    return outcome;
}

static enum outcome open_bag(struct opening *opening, gnutls_pkcs12_bag_t bag)
{
    if (gnutls_pkcs12_bag_get_type(bag, 0) == GNUTLS_BAG_ENCRYPTED) {
        int result = gnutls_pkcs12_bag_decrypt(bag, opening->password);
        if (result == GNUTLS_E_MEMORY_ERROR) {
            return NO_MEMORY;
        }
        if (result < 0) {
            return opening->verified ? UNSUPPORTED : WRONG_PASSWORD;
        }
    }
    return read_bag(opening, bag);
}

static enum outcome open_bags(struct opening *opening, gnutls_pkcs12_t container)
{
    enum outcome outcome = OPENED;

    for (int i = 0; outcome == OPENED; i++) {
        gnutls_pkcs12_bag_t bag;
        int result;

        if (gnutls_pkcs12_bag_init(&bag) != 0) {
            return NO_MEMORY;
        }
        result = gnutls_pkcs12_get_bag(container, i, bag);
        if (result == 0) {
            outcome = open_bag(opening, bag);
        }
        gnutls_pkcs12_bag_deinit(bag);
        if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return OPENED;
        }
        if (result < 0) {
            return result == GNUTLS_E_MEMORY_ERROR ? NO_MEMORY : UNSUPPORTED;
        }
    }
    return outcome;
}

/* ---- the leaf ---------------------------------------------------------------------------- */

static bool has_key(const struct pkcs12 *contents, const struct pkcs12_item *item,
                    const uint8_t hash[32])
{
    struct x509 x;
    uint8_t own[CRYPT_SHA256_SIZE];

    return !item->is_crl &&
           x509_read(&x, contents->bytes.data + item->offset, item->length, NULL, 0) &&
           crypt_sha256(x.spki.data, x.spki.length, own) == 0 && memcmp(own, hash, sizeof own) == 0;
}

/* The certificate of the private key; the number of items when none is known to be it. */
static size_t find_leaf(const struct opening *opening)
{
    const struct pkcs12 *contents = opening->out;

    for (size_t i = 0; i < contents->count; i++) {
        if (!contents->items[i].is_crl && same_id(&opening->ids[i], &opening->key)) {
            return i;
        }
    }
    for (size_t i = 0; i < contents->count && opening->has_key_hash; i++) {
        if (has_key(contents, &contents->items[i], opening->key_hash)) {
            return i;
        }
    }
    for (size_t i = 0; i < contents->count; i++) {
        if (!contents->items[i].is_crl && opening->ids[i].length > 0) {
            return i;
        }
    }
    return contents->count;
}

static enum outcome open_with(gnutls_pkcs12_t container, const char *password, struct pkcs12 *out)
{
    struct opening opening = {.out = out, .password = password};
    int mac = gnutls_pkcs12_verify_mac(container, password);
    enum outcome outcome;

    /* Without a MAC, or with one that this GnuTLS cannot compute, what decrypts is right. */
    opening.verified = mac == 0;
    if (mac == GNUTLS_E_MAC_VERIFY_FAILED) {
        return WRONG_PASSWORD;
    }
    outcome = mac == GNUTLS_E_MEMORY_ERROR ? NO_MEMORY : open_bags(&opening, container);
    if (outcome == OPENED && !pkcs12_order(out, find_leaf(&opening))) {
        outcome = NO_MEMORY;
    }
    free(opening.ids);
    if (outcome != OPENED) {
        pkcs12_clear(out);
    }
    return outcome;
}

/* ---- passwords --------------------------------------------------------------------------- */

static int fail(struct err *err, const char *shown, const char *why)
{
    return err_set(err, ERR_FILE, "file", "cannot read certificates from %s: %s", shown, why);
}

static int fail_password(struct err *err, const char *shown, bool given)
{
    return err_set(err, ERR_USAGE, "password", "cannot open %s: %s", shown,
                   given ? "the password is wrong"
                         : "it is PKCS#12 with a password, and none was given");
}

static int report(enum outcome outcome, const char *shown, bool given, struct err *err)
{
    switch (outcome) {
    case OPENED:
        return 0;
    case WRONG_PASSWORD:
        return fail_password(err, shown, given);
    case UNSUPPORTED:
        return fail(err, shown,
                    "its PKCS#12 is encrypted in a way that GnuTLS does not know, or damaged");
    default:
        return err_memory(err, "opening PKCS#12");
    }
}

static enum outcome ask_and_open(gnutls_pkcs12_t container, const char *path,
                                 const struct pki_password *password, struct pkcs12 *out,
                                 bool *given)
{
    char typed[PASSWORD_MAX] = "";
    enum outcome outcome = WRONG_PASSWORD;

    *given = password != NULL && password->ask != NULL &&
             password->ask(password->context, path, typed, sizeof typed) == 0;
    if (*given) {
        outcome = open_with(container, typed, out);
    }
    secret_wipe(typed, sizeof typed);
    return outcome;
}

static enum outcome open_any(gnutls_pkcs12_t container, const char *path,
                             const struct pki_password *password, struct pkcs12 *out, bool *given)
{
    enum outcome outcome = open_with(container, "", out);

    *given = false;
    if (outcome == WRONG_PASSWORD) {
        outcome = open_with(container, NULL, out);
    }
    return outcome == WRONG_PASSWORD ? ask_and_open(container, path, password, out, given)
                                     : outcome;
}

int pkcs12_read(struct pkcs12 *out, struct pki_slice bytes, const char *path,
                const struct pki_password *password, struct err *err)
{
    gnutls_datum_t datum = {(uint8_t *)bytes.data, (unsigned)bytes.length}; /* only read */
    gnutls_pkcs12_t container;
    char shown[200];
    enum outcome outcome;
    bool given;
    int result;

    *out = (struct pkcs12){0};
    text_safe(shown, sizeof shown, path, strlen(path));
    if (bytes.length > INT_MAX || asks_too_much(bytes, 0)) {
        return fail(err, shown,
                    "its PKCS#12 asks for more than 10 million rounds of key derivation");
    }
    if (gnutls_pkcs12_init(&container) != 0) {
        return err_memory(err, "opening PKCS#12");
    }
    result = gnutls_pkcs12_import(container, &datum, GNUTLS_X509_FMT_DER, 0);
    if (result != 0) {
        gnutls_pkcs12_deinit(container);
        return fail(err, shown, "its PKCS#12 is damaged");
    }
    outcome = open_any(container, path, password, out, &given);
    gnutls_pkcs12_deinit(container);
    return report(outcome, shown, given, err);
}

void pkcs12_clear(struct pkcs12 *contents)
{
    buffer_free(&contents->bytes);
    free(contents->items);
    *contents = (struct pkcs12){0};
}
