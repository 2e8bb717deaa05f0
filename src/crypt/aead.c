/* AEAD ciphers: TLS 1.2 (RFC 5246 6.2.3.3, RFC 5288, RFC 6655, RFC 7905) and TLS 1.3 (RFC 8446 5.2). */
#include "opener.h"

/* RFC 8446 5.2: content, its type, zeros. */
static int split_inner_plaintext(const struct crypt_opener *opener,
                                 const struct crypt_sealed *sealed, const uint8_t *plain,
                                 struct crypt_opened *opened, struct err *err)
{
    size_t end = opened->length;

    if (sealed->content_type != WIRE_APPLICATION_DATA) {
        return crypt_bad_record(opener, "its outer content type is not application_data", err);
    }
    while (end > 0 && plain[end - 1] == 0) {
        end--;
    }
    if (end == 0) {
        return crypt_bad_record(opener, "it has no content type inside", err);
    }
    opened->padding = opened->length - end;
    opened->length = end - 1;
    opened->content_type = plain[end - 1];
    return 0;
}

int crypt_aead_open(struct crypt_opener *opener, const struct crypt_sealed *sealed, uint8_t *out,
                    struct crypt_opened *opened, struct err *err)
{
    size_t tag_size = opener->suite.tag_size;
    size_t skip = opener->suite.mode == CRYPT_AEAD_EXPLICIT ? CRYPT_EXPLICIT_NONCE : 0;
    uint8_t nonce[CRYPT_AEAD_NONCE];
    uint8_t additional[CRYPT_ADDITIONAL_MAX];
    size_t additional_size;
    size_t content;
    size_t written;

    if (sealed->length < skip + tag_size) {
        return crypt_bad_record(opener, "it is shorter than its nonce and tag", err);
    }
    content = sealed->length - skip - tag_size;
    crypt_aead_nonce(opener, opener->sequence, sealed->fragment, nonce);
    additional_size =
        crypt_aead_additional(opener, opener->sequence, sealed->header, content, additional);
    written = content;
    if (gnutls_aead_cipher_decrypt(opener->aead, nonce, sizeof nonce, additional, additional_size,
                                   tag_size, sealed->fragment + skip, sealed->length - skip, out,
                                   &written) != 0 ||
        written != content) {
        return crypt_bad_mac(opener, err);
    }
    opened->content_type = sealed->content_type;
    opened->length = content;
    opened->total = content;
    if (opener->version == WIRE_TLS13) {
        return split_inner_plaintext(opener, sealed, out, opened, err);
    }
    return 0;
}
