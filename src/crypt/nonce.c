/* What is different for each record: nonce, IV, and what is authenticated beside the content. */
#include <string.h>

#include "hkdf.h"
#include "opener.h"

/* Additional data came with draft 25 of TLS 1.3. */
#define FIRST_DRAFT_WITH_ADDITIONAL_DATA 25

static void store_sequence(uint8_t out[8], uint64_t sequence)
{
    for (int i = 7; i >= 0; i--) {
        out[i] = (uint8_t)sequence;
        sequence >>= 8;
    }
}

void crypt_aead_nonce(const struct crypt_opener *opener, uint64_t sequence, const uint8_t *fragment,
                      uint8_t nonce[CRYPT_AEAD_NONCE])
{
    uint8_t counter[8];

    if (opener->suite.mode == CRYPT_AEAD_EXPLICIT) { /* RFC 5288 3 */
        memcpy(nonce, opener->iv, CRYPT_AEAD_NONCE - CRYPT_EXPLICIT_NONCE);
        memcpy(nonce + CRYPT_AEAD_NONCE - CRYPT_EXPLICIT_NONCE, fragment, CRYPT_EXPLICIT_NONCE);
        return;
    }
    store_sequence(counter, sequence); /* RFC 8446 5.3, RFC 7905 2 */
    memcpy(nonce, opener->iv, CRYPT_AEAD_NONCE);
    for (size_t i = 0; i < sizeof counter; i++) {
        nonce[CRYPT_AEAD_NONCE - sizeof counter + i] ^= counter[i];
    }
}

/* Sequence number, type, version (not in SSL 3.0) and length: RFC 5246 6.2.3.1, RFC 6101 5.2.3.1. */
size_t crypt_mac_header(const struct crypt_opener *opener, uint64_t sequence, const uint8_t *header,
                        size_t length, uint8_t out[CRYPT_ADDITIONAL_MAX])
{
    size_t count = opener->version == WIRE_SSL3 ? 1 : 3;

    store_sequence(out, sequence);
    memcpy(out + 8, header, count);
    count += 8;
    out[count++] = (uint8_t)(length >> 8);
    out[count++] = (uint8_t)length;
    return count;
}

size_t crypt_aead_additional(const struct crypt_opener *opener, uint64_t sequence,
                             const uint8_t *header, size_t content,
                             uint8_t out[CRYPT_ADDITIONAL_MAX])
{
    unsigned draft = crypt_draft(opener->label_version);

    if (opener->version != WIRE_TLS13) {
        return crypt_mac_header(opener, sequence, header, content, out);
    }
    if (draft != 0 && draft < FIRST_DRAFT_WITH_ADDITIONAL_DATA) {
        return 0;
    }
    memcpy(out, header, WIRE_RECORD_HEADER); /* as it came */
    return WIRE_RECORD_HEADER;
}

/* ---- for people ----------------------------------------------------------------------------- */

size_t crypt_opener_nonce(const struct crypt_opener *opener, uint64_t sequence,
                          const uint8_t *record, size_t record_length, uint8_t nonce[16])
{
    size_t in_record = opener->layout.iv;
    const uint8_t *fragment = record == NULL ? NULL : record + WIRE_RECORD_HEADER;

    if (in_record > 0 && (record == NULL || record_length < WIRE_RECORD_HEADER + in_record)) {
        return 0;
    }
    switch (opener->suite.mode) {
    case CRYPT_AEAD_EXPLICIT:
    case CRYPT_AEAD_XOR:
        crypt_aead_nonce(opener, sequence, fragment, nonce);
        return CRYPT_AEAD_NONCE;
    case CRYPT_CBC:
        if (in_record == 0 && sequence != 0) {
            return 0; /* the end of the record before */
        }
        memcpy(nonce, in_record == 0 ? opener->iv : fragment, opener->suite.block_size);
        return opener->suite.block_size;
    default:
        return 0;
    }
}

size_t crypt_opener_additional(const struct crypt_opener *opener, uint64_t sequence,
                               const uint8_t *record, size_t record_length, uint8_t out[13])
{
    const struct wire_layout *layout = &opener->layout;
    size_t around = (size_t)layout->tag + layout->mac + (layout->aead ? layout->iv : 0);
    size_t fragment;

    if (record == NULL || record_length < WIRE_RECORD_HEADER + around) {
        return 0;
    }
    fragment = record_length - WIRE_RECORD_HEADER;
    if (layout->aead) {
        return crypt_aead_additional(opener, sequence, record, fragment - around, out);
    }
    if (opener->suite.mode == CRYPT_CBC && !layout->encrypt_then_mac) {
        /* The length of the content comes out of the padding, which is encrypted. */
        return crypt_mac_header(opener, sequence, record, 0, out) - 2;
    }
    return crypt_mac_header(opener, sequence, record, fragment - around, out);
}

const uint8_t *crypt_opener_key(const struct crypt_opener *opener, size_t *length)
{
    *length = opener->suite.key_size;
    return opener->key;
}

const uint8_t *crypt_opener_iv(const struct crypt_opener *opener, size_t *length)
{
    *length = opener->suite.iv_size;
    return opener->iv;
}
