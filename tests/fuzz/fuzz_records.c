/*
 * Protected records: any bytes under any cipher suite, and, since those hardly ever get past a tag, any plaintext
 * sealed as it should be. What comes out fits into what went in, adds up to the layout, and nothing that failed
 * leaves anything behind.
 *
 * The first byte says which suite, the second what is done with the rest.
 */
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "tlstep/crypt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM  4096
#define BLOCK 16

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static const struct row {
    uint16_t version;
    uint16_t suite;
    bool encrypt_then_mac;
} rows[] = {
    {WIRE_TLS13, 0x1301, false}, {WIRE_TLS13, 0x1303, false}, {0x7f13, 0x1301, false},
    {WIRE_TLS12, 0xc02f, false}, {WIRE_TLS12, 0xcca8, false}, {WIRE_TLS12, 0xc0a0, false},
    {WIRE_TLS12, 0x002f, false}, {WIRE_TLS12, 0x002f, true},  {WIRE_TLS11, 0x000a, false},
    {WIRE_TLS10, 0x002f, false}, {WIRE_TLS10, 0x002f, true},  {WIRE_SSL3, 0x002f, false},
    {WIRE_TLS12, 0x0005, false}, {WIRE_TLS12, 0x003b, false}, {WIRE_SSL3, 0x0001, false},
};

static struct crypt_opener *new_opener(const struct row *row)
{
    static const uint8_t secret[32] = {1, 2, 3};
    struct crypt_tls12 parameters = {.version = row->version,
                                     .cipher_suite = row->suite,
                                     .encrypt_then_mac = row->encrypt_then_mac};
    struct err err;
    struct crypt_opener *opener =
        row->suite >> 8 == 0x13
            ? crypt_opener_new_tls13_draft(row->version, row->suite, secret, sizeof secret, &err)
            : crypt_opener_new_tls12(&parameters, &err);

    require(opener != NULL);
    return opener;
}

static void check_opened(const struct crypt_opened *opened, size_t fragment)
{
    const struct wire_layout *layout = &opened->layout;
    size_t around = (size_t)layout->iv + layout->tag + (layout->encrypt_then_mac ? layout->mac : 0);

    require(opened->total + around == fragment);
    require(opened->length + opened->padding <= opened->total);
    require(opened->lost <= opened->length);
    require(layout->content == opened->length && layout->padding == opened->padding);
}

/* Opens one record, in order or as after a gap. */
static void open_one(struct crypt_opener *opener, const uint8_t *record, size_t length, bool resume)
{
    size_t fragment = length < WIRE_RECORD_HEADER ? 0 : length - WIRE_RECORD_HEADER;
    uint8_t *out = calloc(1, fragment + 1); /* of its exact size, for the sanitizer */
    struct crypt_opened opened;
    uint8_t bytes[16];
    struct err err = {0};
    uint64_t before = crypt_opener_sequence(opener);
    int status;

    require(out != NULL);
    status = resume ? crypt_opener_resume(opener, record, length, 3, out, &opened, &err)
                    : crypt_opener_open(opener, record, length, out, &opened, &err);
    require(out[fragment] == 0);
    if (status == 0) {
        check_opened(&opened, fragment);
        require(crypt_opener_sequence(opener) > before);
    } else {
        require(err.code[0] != '\0');
        require(resume ? crypt_opener_sequence(opener) == before
                       : crypt_opener_sequence(opener) == before + 1);
        for (size_t i = 0; i < fragment; i++) {
            require(out[i] == 0);
        }
    }
    require(crypt_opener_layout(opener, fragment).is_protected);
    require(crypt_opener_nonce(opener, before, record, length, bytes) <= 16);
    require(crypt_opener_additional(opener, before, record, length, bytes) <= 13);
    free(out);
}

/* The rest as records, one after the other; the last one as short as it may be. */
static void open_records(struct crypt_opener *opener, const uint8_t *data, size_t size, bool resume)
{
    while (size > 0) {
        size_t length = size < WIRE_RECORD_HEADER
                            ? size
                            : WIRE_RECORD_HEADER + ((size_t)data[3] << 8 | data[4]);
        length = length > size ? size : length;
        open_one(opener, data, length, resume);
        data += length;
        size -= length;
    }
}

static void write_header(uint8_t *record, uint8_t type, uint16_t version, size_t length)
{
    record[0] = type;
    record[1] = (uint8_t)(version >> 8);
    record[2] = (uint8_t)version;
    record[3] = (uint8_t)(length >> 8);
    record[4] = (uint8_t)length;
}

/* TLS 1.3: any content, type and zeros, behind a tag that is right. */
static void open_sealed(struct crypt_opener *opener, const uint8_t *data, size_t size)
{
    uint8_t record[ROOM + 64];
    uint8_t nonce[16];
    uint8_t additional[13];
    size_t key_length;
    const uint8_t *key = crypt_opener_key(opener, &key_length);
    const gnutls_datum_t datum = {(unsigned char *)key, (unsigned)key_length};
    size_t sealed = size + 16;
    size_t length;
    gnutls_aead_cipher_hd_t cipher;

    write_header(record, WIRE_APPLICATION_DATA, WIRE_TLS12, size + 16);
    require(crypt_opener_nonce(opener, 0, NULL, 0, nonce) == 12);
    length = crypt_opener_additional(opener, 0, record, WIRE_RECORD_HEADER + 16, additional);
    require(gnutls_aead_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_GCM, &datum) == 0);
    require(gnutls_aead_cipher_encrypt(cipher, nonce, 12, additional, length, 16, data, size,
                                       record + WIRE_RECORD_HEADER, &sealed) == 0);
    gnutls_aead_cipher_deinit(cipher);
    open_one(opener, record, WIRE_RECORD_HEADER + sealed, false);
}

/* CBC: any blocks, so that MAC and padding are what the fuzzer makes of them. */
static void open_blocks(struct crypt_opener *opener, const struct row *row, const uint8_t *data,
                        size_t size)
{
    uint8_t record[ROOM + 64] = {0};
    size_t key_length;
    size_t skip = row->version > WIRE_TLS10 ? BLOCK : 0;
    const uint8_t *key = crypt_opener_key(opener, &key_length);
    const gnutls_datum_t datum = {(unsigned char *)key, (unsigned)key_length};
    uint8_t zeros[BLOCK] = {0};
    gnutls_datum_t iv = {zeros, BLOCK};
    gnutls_cipher_hd_t cipher;

    size -= size % BLOCK;
    write_header(record, WIRE_APPLICATION_DATA, row->version, size + skip);
    require(gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_CBC, &datum, &iv) == 0);
    require(size == 0 || gnutls_cipher_encrypt2(cipher, data, size,
                                                record + WIRE_RECORD_HEADER + skip, size) == 0);
    gnutls_cipher_deinit(cipher);
    open_one(opener, record, WIRE_RECORD_HEADER + skip + size, data[0] % 2 == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct row *row;
    struct crypt_opener *opener;
    uint8_t way;

    if (size < 3 || size > ROOM) {
        return 0;
    }
    row = &rows[data[0] % (sizeof rows / sizeof *rows)];
    way = data[1];
    opener = new_opener(row);
    if (way % 2 == 1 && row->suite == 0x1301) {
        open_sealed(opener, data + 2, size - 2);
    } else if (way % 2 == 1 && row->suite == 0x002f) {
        open_blocks(opener, row, data + 2, size - 2);
    } else {
        open_records(opener, data + 2, size - 2, way % 4 == 2);
    }
    crypt_opener_free(opener);
    return 0;
}
