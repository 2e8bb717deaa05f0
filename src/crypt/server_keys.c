/* RSA private keys of servers, and what they decrypt: RSA key exchange (RFC 5246 7.4.7.1). */
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "tlstep/crypt.h"

#define WHAT       "server key"
#define FILE_MAX   ((size_t)1 << 20)
#define PREMASTER  48
#define PEM_BEGIN  "-----BEGIN "
#define PEM_END    "-----END "
#define PEM_DASHES "-----"

struct crypt_server_keys {
    gnutls_privkey_t *keys;
    size_t count;
    size_t capacity;
};

struct crypt_server_keys *crypt_server_keys_new(void)
{
    return calloc(1, sizeof(struct crypt_server_keys));
}

void crypt_server_keys_free(struct crypt_server_keys *keys)
{
    if (keys == NULL) {
        return;
    }
    for (size_t i = 0; i < keys->count; i++) {
        gnutls_privkey_deinit(keys->keys[i]);
    }
    free(keys->keys);
    free(keys);
}

size_t crypt_server_keys_count(const struct crypt_server_keys *keys)
{
    return keys->count;
}

/* ---- reading -------------------------------------------------------------------------------- */

static int refuse(const char *path, const char *code, const char *why, struct err *err)
{
    return err_set(err, ERR_FILE, code, "cannot use " WHAT " %s: %s", path, why);
}

static int append(struct crypt_server_keys *keys, gnutls_privkey_t key, struct err *err)
{
    gnutls_privkey_t *bigger =
        array_grow(keys->keys, &keys->capacity, keys->count + 1, sizeof(gnutls_privkey_t));

    if (bigger == NULL) {
        return err_memory(err, "reading a " WHAT);
    }
    keys->keys = bigger;
    keys->keys[keys->count++] = key;
    return 0;
}

static bool is_encrypted(const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format)
{
    unsigned schema;
    unsigned cipher;
    unsigned salt_size = 0;
    unsigned rounds;
    char *oid = NULL;
    int status;

    if (memmem(data->data, data->size, "Proc-Type: 4,ENCRYPTED", 22) != NULL) {
        return true; /* OpenSSL's own way, RFC 1421's header */
    }
    /* PKCS#8: "invalid request" for a key that is in clear. */
    status = gnutls_pkcs8_info(data, format, &schema, &cipher, NULL, &salt_size, &rounds, &oid);
    gnutls_free(oid);
    return status == 0 || status == GNUTLS_E_SHORT_MEMORY_BUFFER ||
           status == GNUTLS_E_UNKNOWN_CIPHER_TYPE;
}

/* Adds one key. Keys of other kinds than RSA have nothing to decrypt with: passed over and counted. */
static int add_key(struct crypt_server_keys *keys, const char *path, const gnutls_datum_t *data,
                   gnutls_x509_crt_fmt_t format, size_t *others, struct err *err)
{
    gnutls_privkey_t key;
    int status;

    if (is_encrypted(data, format)) {
        return refuse(path, "key_is_encrypted",
                      "it is protected by a password; decrypt it first (openssl pkey -in FILE)",
                      err);
    }
    status = gnutls_privkey_init(&key);
    if (status != 0) {
        return err_memory(err, "reading a " WHAT);
    }
    status = gnutls_privkey_import_x509_raw(key, data, format, NULL, 0);
    if (status == 0 && gnutls_privkey_get_pk_algorithm(key, NULL) == GNUTLS_PK_RSA) {
        status = append(keys, key, err);
        if (status != 0) {
            gnutls_privkey_deinit(key);
        }
        return status;
    }
    gnutls_privkey_deinit(key);
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "reading a " WHAT);
    }
    if (status != 0) {
        return refuse(path, "not_a_key", gnutls_strerror(status), err);
    }
    (*others)++;
    return 0;
}

static const uint8_t *find_text(const uint8_t *from, const uint8_t *end, const char *text)
{
    return from < end ? memmem(from, (size_t)(end - from), text, strlen(text)) : NULL;
}

/* Whether the PEM block that begins here is a private key: "-----BEGIN … PRIVATE KEY-----". */
static bool is_private_key(const uint8_t *begin, const uint8_t *end)
{
    const uint8_t *label = begin + strlen(PEM_BEGIN);
    const uint8_t *dashes = find_text(label, end, PEM_DASHES);

    return dashes != NULL && find_text(label, dashes, "PRIVATE KEY") != NULL;
}

/* All private keys of a PEM file; certificates and parameters between them are passed over. */
static int add_pem(struct crypt_server_keys *keys, const char *path, const struct buffer *file,
                   size_t *others, struct err *err)
{
    const uint8_t *end = file->data + file->length;
    const uint8_t *begin = find_text(file->data, end, PEM_BEGIN);
    int status = 0;

    while (begin != NULL && status == 0) {
        const uint8_t *last = find_text(begin, end, PEM_END);
        const uint8_t *next =
            last == NULL ? NULL : find_text(last + strlen(PEM_END), end, PEM_DASHES);
        if (next == NULL) {
            return refuse(path, "not_a_key", "it is cut off in the middle", err);
        }
        next += strlen(PEM_DASHES);
        if (is_private_key(begin, last)) {
            const gnutls_datum_t block = {(unsigned char *)begin, (unsigned)(next - begin)};
            status = add_key(keys, path, &block, GNUTLS_X509_FMT_PEM, others, err);
        }
        begin = find_text(next, end, PEM_BEGIN);
    }
    return status;
}

static int add_file(struct crypt_server_keys *keys, const char *path, const struct buffer *file,
                    struct err *err)
{
    const gnutls_datum_t whole = {file->data, (unsigned)file->length};
    size_t before = keys->count;
    size_t others = 0;
    int status;

    if (find_text(file->data, file->data + file->length, PEM_BEGIN) != NULL) {
        status = add_pem(keys, path, file, &others, err);
    } else {
        status = add_key(keys, path, &whole, GNUTLS_X509_FMT_DER, &others, err);
    }
    if (status == 0 && keys->count == before) {
        return others > 0 ? refuse(path, "not_an_rsa_key",
                                   "only RSA key exchange can be decrypted with the server's key, "
                                   "and this is no RSA key",
                                   err)
                          : refuse(path, "not_a_key", "it holds no private key", err);
    }
    return status;
}

int crypt_server_keys_add_file(struct crypt_server_keys *keys, const char *path, struct err *err)
{
    struct buffer file = {.secret = true};
    int status = file_read(path, WHAT, FILE_MAX, &file, err);

    if (status == 0 && file.length == 0) {
        status = refuse(path, "not_a_key", "it is empty", err);
    } else if (status == 0) {
        status = add_file(keys, path, &file, err);
    }
    buffer_wipe_free(&file);
    return status;
}

/* ---- decrypting ----------------------------------------------------------------------------- */

/* What became of one key, from worst to best. */
enum outcome { WRONG_SIZE, NOT_DECRYPTED, OTHER_VERSION, DECRYPTED, NO_MEMORY };

static enum outcome try_key(gnutls_privkey_t key, uint16_t client_version,
                            const gnutls_datum_t *encrypted, uint8_t premaster[PREMASTER])
{
    unsigned bits = 0;
    int status;

    if (gnutls_privkey_get_pk_algorithm(key, &bits) != GNUTLS_PK_RSA ||
        (bits + 7) / 8 != encrypted->size) {
        return WRONG_SIZE;
    }
    status = gnutls_privkey_decrypt_data2(key, 0, encrypted, premaster, PREMASTER);
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return NO_MEMORY;
    }
    if (status != 0) {
        return NOT_DECRYPTED;
    }
    return (premaster[0] << 8 | premaster[1]) == client_version ? DECRYPTED : OTHER_VERSION;
}

int crypt_server_keys_premaster(const struct crypt_server_keys *keys, uint16_t client_version,
                                const uint8_t *encrypted, size_t length, uint8_t premaster[48],
                                struct err *err)
{
    static const char *const reasons[] = {
        [WRONG_SIZE] = "none of the server keys has its size",
        [NOT_DECRYPTED] = "none of the server keys decrypts it",
        [OTHER_VERSION] = "what it decrypts to does not begin with the client's version",
    };
    const gnutls_datum_t datum = {(unsigned char *)encrypted, (unsigned)length};
    enum outcome best = WRONG_SIZE;

    for (size_t i = 0; i < keys->count && length <= UINT32_MAX; i++) {
        enum outcome outcome = try_key(keys->keys[i], client_version, &datum, premaster);
        if (outcome == DECRYPTED) {
            return 0;
        }
        best = outcome > best ? outcome : best;
    }
    secret_wipe(premaster, PREMASTER);
    if (best == NO_MEMORY) {
        return err_memory(err, "decrypting a premaster secret");
    }
    return err_set(err, ERR_TLS, "no_key_fits", "cannot decrypt the premaster secret: %s",
                   keys->count == 0 ? "there is no server key" : reasons[best]);
}
