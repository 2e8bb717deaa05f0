/*
 * Block ciphers in CBC mode: MAC, pad, encrypt (RFC 5246 6.2.3.2), or pad, encrypt, MAC where both
 * sides agreed on it (RFC 7366). In SSL 3.0 and TLS 1.0 a record's IV is the last block of the one before;
 * from TLS 1.1 on it is the first block of the fragment.
 */
#include <string.h>

#include "opener.h"

/* The blocks of a fragment without what follows them, taken apart from their IV. */
struct blocks {
    const uint8_t *data;
    size_t length;
    uint8_t iv[CRYPT_IV_MAX];
};

bool crypt_cbc_is_chained(const struct crypt_opener *opener)
{
    return opener->suite.mode == CRYPT_CBC && opener->version <= WIRE_TLS10;
}

/* Finds the IV and, for TLS 1.0, keeps the last block for the next record. False when there is no
 * whole block to decrypt. */
static bool split_blocks(struct crypt_opener *opener, const uint8_t *data, size_t length,
                         struct blocks *blocks)
{
    size_t size = opener->suite.block_size;
    size_t explicit_iv = crypt_cbc_is_chained(opener) ? 0 : size;

    if (length < explicit_iv + size || length % size != 0) {
        return false;
    }
    memcpy(blocks->iv, explicit_iv == 0 ? opener->next_iv : data, size);
    memcpy(opener->next_iv, data + length - size, size);
    blocks->data = data + explicit_iv;
    blocks->length = length - explicit_iv;
    return true;
}

static bool decrypt_blocks(struct crypt_opener *opener, struct blocks *blocks, uint8_t *out)
{
    gnutls_cipher_set_iv(opener->cipher, blocks->iv, opener->suite.block_size);
    return gnutls_cipher_decrypt2(opener->cipher, blocks->data, blocks->length, out,
                                  blocks->length) == 0;
}

/* Length of the padding with its length byte when it is intact and leaves `rest` bytes, or 0. SSL 3.0 fixes
 * only its length byte, which is less than a block (RFC 6101 5.2.3.2). */
static size_t padding_length(const struct crypt_opener *opener, const uint8_t *plain, size_t length,
                             size_t rest)
{
    uint8_t value = plain[length - 1];
    size_t padding = (size_t)value + 1;
    uint8_t difference = 0;

    if (padding + rest > length) {
        return 0;
    }
    if (opener->version == WIRE_SSL3) {
        return padding <= opener->suite.block_size ? padding : 0;
    }
    for (size_t i = length - padding; i < length; i++) {
        difference |= plain[i] ^ value;
    }
    return difference == 0 ? padding : 0;
}

/* Decrypts what has its MAC inside. Returns why it could not be, or NULL. */
static const char *decrypt_with_mac(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                                    struct blocks *blocks, uint8_t *out)
{
    if (!split_blocks(opener, sealed->fragment, sealed->length, blocks)) {
        return "it is not a number of whole blocks";
    }
    if (blocks->length < opener->suite.mac_size + 1) {
        return "it is shorter than its MAC and padding";
    }
    return decrypt_blocks(opener, blocks, out) ? NULL : "GnuTLS cannot decrypt it";
}

static int open_mac_then_encrypt(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                                 uint8_t *out, struct crypt_opened *opened, struct err *err)
{
    size_t mac_size = opener->suite.mac_size;
    struct blocks blocks;
    const char *why;
    size_t padding;
    size_t content;
    bool matches;

    why = decrypt_with_mac(opener, sealed, &blocks, out);
    if (why != NULL) {
        return crypt_bad_record(opener, why, err);
    }
    /* RFC 5246 6.2.3.2: bad padding counts as none, and the MAC is computed all the same. */
    padding = padding_length(opener, out, blocks.length, mac_size);
    content = blocks.length - padding - mac_size;
    matches = crypt_mac_matches(opener, sealed, out, content, out + content);
    if (padding == 0 || !matches) {
        return crypt_bad_mac(opener, err);
    }
    opened->content_type = sealed->content_type;
    opened->length = content;
    opened->padding = padding;
    opened->total = blocks.length;
    return 0;
}

/* The first block cannot be decrypted: zeros in its place. */
static void lose_first_block(const struct crypt_opener *opener, uint8_t *out,
                             struct crypt_opened *opened)
{
    size_t size = opener->suite.block_size;

    memset(out, 0, size);
    opened->lost = opened->length < size ? opened->length : size;
}

int crypt_cbc_restart(struct crypt_opener *opener, const struct crypt_sealed *sealed, uint8_t *out,
                      struct crypt_opened *opened, struct err *err)
{
    size_t mac_size = opener->suite.mac_size;
    struct blocks blocks;
    const char *why;
    size_t padding;

    why = decrypt_with_mac(opener, sealed, &blocks, out);
    if (why != NULL) {
        return crypt_bad_record(opener, why, err);
    }
    padding = padding_length(opener, out, blocks.length, mac_size);
    if (padding == 0 || blocks.length == opener->suite.block_size) {
        return crypt_bad_mac(opener, err);
    }
    opened->content_type = sealed->content_type;
    opened->length = blocks.length - padding - mac_size;
    opened->padding = padding;
    opened->total = blocks.length;
    lose_first_block(opener, out, opened);
    return 0;
}

static int open_encrypt_then_mac(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                                 uint8_t *out, struct crypt_opened *opened, struct err *err)
{
    size_t mac_size = opener->suite.mac_size;
    struct blocks blocks;
    size_t covered;
    size_t padding;

    if (sealed->length < mac_size) {
        return crypt_bad_record(opener, "it is shorter than its MAC", err);
    }
    covered = sealed->length - mac_size;
    if (!split_blocks(opener, sealed->fragment, covered, &blocks)) {
        return crypt_bad_record(opener, "it is not a number of whole blocks", err);
    }
    if (!crypt_mac_matches(opener, sealed, sealed->fragment, covered, sealed->fragment + covered)) {
        return crypt_bad_mac(opener, err);
    }
    if (!decrypt_blocks(opener, &blocks, out)) {
        return crypt_bad_record(opener, "GnuTLS cannot decrypt it", err);
    }
    if (opener->chain_lost && blocks.length == opener->suite.block_size) {
        padding = blocks.length; /* how much of the one block was content nobody can say */
    } else {
        padding = padding_length(opener, out, blocks.length, 0);
    }
    if (padding == 0) {
        return crypt_bad_record(opener, "its padding is not what it should be", err);
    }
    opened->content_type = sealed->content_type;
    opened->length = blocks.length - padding;
    opened->padding = padding;
    opened->total = blocks.length;
    if (opener->chain_lost) {
        lose_first_block(opener, out, opened);
        opener->chain_lost = false;
    }
    return 0;
}

int crypt_cbc_open(struct crypt_opener *opener, const struct crypt_sealed *sealed, uint8_t *out,
                   struct crypt_opened *opened, struct err *err)
{
    return opener->encrypt_then_mac ? open_encrypt_then_mac(opener, sealed, out, opened, err)
                                    : open_mac_then_encrypt(opener, sealed, out, opened, err);
}
