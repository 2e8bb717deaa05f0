/* RC4 and the NULL cipher: content, then MAC, then the keystream over both (RFC 5246 6.2.3.1). */
#include <string.h>

#include "opener.h"

int crypt_stream_open(struct crypt_opener *opener, const struct crypt_sealed *sealed, uint8_t *out,
                      struct crypt_opened *opened, struct err *err)
{
    size_t content;

    /* Decrypted even when it is too short, or the keystream would be out of step afterwards. */
    if (opener->cipher == NULL) {
        memcpy(out, sealed->fragment, sealed->length);
    } else if (gnutls_cipher_decrypt2(opener->cipher, sealed->fragment, sealed->length, out,
                                      sealed->length) != 0) {
        return crypt_bad_record(opener, "GnuTLS cannot decrypt it", err);
    }
    if (sealed->length < opener->suite.mac_size) {
        return crypt_bad_record(opener, "it is shorter than its MAC", err);
    }
    content = sealed->length - opener->suite.mac_size;
    if (!crypt_mac_matches(opener, sealed, out, content, out + content)) {
        return crypt_bad_mac(opener, err);
    }
    opened->content_type = sealed->content_type;
    opened->length = content;
    opened->total = sealed->length;
    return 0;
}
