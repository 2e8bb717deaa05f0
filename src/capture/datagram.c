/* DTLS and QUIC by the look of a datagram. Neither has a magic number, so all that is fixed is compared. */
#include "datagram.h"

#include <stdbool.h>

#include "load.h"

/* RFC 6347 4.1, RFC 9147 4: a record in clear text, and that it fits. */
static bool is_dtls_record(const uint8_t *data, size_t length)
{
    if (length < 13 || data[0] < 20 || data[0] > 26) {
        return false;
    }
    unsigned version = load16(data + 1);
    bool known = version == 0xfeff || version == 0xfefd || version == 0x0100;
    return known && load16(data + 11) <= length - 13;
}

/* RFC 9147 4: the header of encrypted records, only in the form that can be told from chance: a 16-bit
 * sequence number, and a length that is that of the datagram. */
static bool is_dtls_unified(const uint8_t *data, size_t length)
{
    return length >= 5 + 16 && (data[0] & 0xfc) == 0x2c && load16(data + 3) == length - 5;
}

static bool is_quic_version(uint32_t version)
{
    return version == 0x00000001 ||                /* RFC 9000 */
           version == 0x6b3343cf ||                /* version 2, RFC 9369 */
           version == 0x709a50c4 ||                /* its drafts */
           (version & 0xffffff00) == 0xff000000 || /* drafts */
           (version & 0xfffffff0) == 0xfaceb000 || /* mvfst */
           (version & 0x0f0f0f0f) == 0x0a0a0a0a || /* negotiation is forced, RFC 9000 15 */
           (version & 0xff000000) == 0x51000000 || /* "Q": Google's */
           (version & 0xff000000) == 0x54000000;   /* "T" */
}

/* RFC 8999 5.1, RFC 9000 17.2: the long header, by its version and connection ids. */
static bool is_quic(const uint8_t *data, size_t length)
{
    if (length < 20 || (data[0] & 0xc0) != 0xc0 || !is_quic_version(load32(data + 1))) {
        return false;
    }
    size_t destination = data[5];
    return destination <= 20 && 7 + destination <= length && data[6 + destination] <= 20;
}

const char *datagram_protocol(const uint8_t *data, size_t length)
{
    if (is_dtls_record(data, length) || is_dtls_unified(data, length)) {
        return "DTLS";
    }
    return is_quic(data, length) ? "QUIC" : NULL;
}
