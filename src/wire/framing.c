/* Where records and handshake messages begin and end, and what it is when it is not TLS. */
#include <string.h>

#include "tlstep/wire.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 8446 5.1, RFC 6520: content types 20 to 24; the major version has been 3 since SSL 3.0. */
static bool may_start_record(const uint8_t *data, size_t length)
{
    return (length < 1 || (data[0] >= WIRE_CHANGE_CIPHER_SPEC && data[0] <= WIRE_HEARTBEAT)) &&
           (length < 2 || data[1] == 3);
}

enum wire_parse wire_record_parse(const uint8_t *data, size_t length, struct wire_record *out)
{
    struct reader reader = reader_new(data, length);

    *out = (struct wire_record){0};
    if (!may_start_record(data, length)) {
        return WIRE_NOT_TLS;
    }
    out->content_type = reader_u8(&reader);
    out->version = reader_u16(&reader);
    out->length = reader_u16(&reader);
    if (reader.failed) {
        return WIRE_NEED_MORE;
    }
    if (out->length > WIRE_RECORD_MAX) {
        return WIRE_TOO_LONG;
    }
    return reader_left(&reader) < out->length ? WIRE_NEED_MORE : WIRE_COMPLETE;
}

enum wire_parse wire_handshake_parse(const uint8_t *data, size_t length, uint8_t *type,
                                     uint32_t *body_length)
{
    struct reader reader = reader_new(data, length);

    *type = reader_u8(&reader);
    *body_length = reader_u24(&reader);
    if (reader.failed || reader_left(&reader) < *body_length) {
        return WIRE_NEED_MORE;
    }
    return WIRE_COMPLETE;
}

/* RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest". */
static const uint8_t hello_retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

bool wire_is_hello_retry_request(const uint8_t *message, size_t length)
{
    const size_t random = WIRE_HANDSHAKE_HEADER + 2; /* behind legacy_version */

    return length >= random + sizeof hello_retry_random && message[0] == WIRE_SERVER_HELLO &&
           memcmp(message + random, hello_retry_random, sizeof hello_retry_random) == 0;
}

struct greeting {
    const char *start; /* the first bytes, without regard to case */
    size_t length;
    const char *within; /* and this in the first line, or NULL */
    const char *protocol;
};

#define STARTS(text) text, sizeof(text) - 1

/* The first that fits is taken. */
static const struct greeting greetings[] = {
    {STARTS("SSH-"), NULL, "SSH"},
    {STARTS("HTTP/"), NULL, "HTTP"},
    {STARTS("<!DOCTYPE HTML"), NULL, "HTTP"},
    {STARTS("<html"), NULL, "HTTP"},
    {STARTS("GET "), NULL, "HTTP"},
    {STARTS("HEAD "), NULL, "HTTP"},
    {STARTS("POST "), NULL, "HTTP"},
    {STARTS("CONNECT "), NULL, "HTTP"},
    {STARTS("OPTIONS "), NULL, "HTTP"},
    {STARTS("PRI * HTTP/2"), NULL, "HTTP"},
    {STARTS("220"), "SMTP", "SMTP"},
    {STARTS("220"), "FTP", "FTP"},
    {STARTS("220"), NULL, "SMTP or FTP"},
    {STARTS("421"), NULL, "SMTP or FTP"},
    {STARTS("554"), NULL, "SMTP"},
    {STARTS("EHLO "), NULL, "SMTP"},
    {STARTS("HELO "), NULL, "SMTP"},
    {STARTS("* OK"), NULL, "IMAP"},
    {STARTS("* PREAUTH"), NULL, "IMAP"},
    {STARTS("* BYE"), NULL, "IMAP"},
    {STARTS("+OK"), NULL, "POP3"},
    {STARTS("-ERR"), "command", "Redis"},
    {STARTS("+PONG"), NULL, "Redis"},
    {STARTS("-ERR"), NULL, "POP3"},
    {STARTS("200 "), NULL, "NNTP"},
    {STARTS("201 "), NULL, "NNTP"},
    {STARTS("<?xml"), NULL, "XMPP"},
    {STARTS("<stream:"), NULL, "XMPP"},
    {STARTS(":"), " NOTICE ", "IRC"},
    {STARTS("NOTICE "), NULL, "IRC"},
    {STARTS("ERROR :"), NULL, "IRC"},
    {STARTS("RFB 0"), NULL, "VNC"},
    {STARTS("AMQP"), NULL, "AMQP"},
    {STARTS("\"IMPLEMENTATION\""), NULL, "ManageSieve"},
    {STARTS("OK "), "MANAGESIEVE", "ManageSieve"},
    {STARTS("\xff\xfb"), NULL, "Telnet"},
    {STARTS("\xff\xfd"), NULL, "Telnet"},
    {STARTS("\x03\0\0"), NULL, "RDP"},
};

static char upper_ascii(uint8_t byte)
{
    return (char)(byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte);
}

static bool equal_nocase(const uint8_t *data, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (upper_ascii(data[i]) != upper_ascii((uint8_t)text[i])) {
            return false;
        }
    }
    return true;
}

static bool line_contains(const uint8_t *data, size_t length, const char *text)
{
    size_t wanted = strlen(text);

    for (size_t i = 0; i + wanted <= length && data[i] != '\n'; i++) {
        if (equal_nocase(data + i, text, wanted)) {
            return true;
        }
    }
    return false;
}

/* MySQL and MariaDB: a three-byte little-endian length, sequence number 0, protocol version 10 and
 * a version in text. */
static bool is_mysql(const uint8_t *data, size_t length)
{
    return length > 5 && data[2] == 0 && data[3] == 0 && data[4] == 10 && data[5] >= '0' &&
           data[5] <= '9';
}

/* RFC 9113 3.4: the first frame is SETTINGS (4) on stream 0, a multiple of six bytes long. */
static bool is_http2(const uint8_t *data, size_t length)
{
    static const uint8_t settings[] = {4, 0, 0, 0, 0, 0};
    return length >= 9 && data[0] == 0 && data[1] == 0 && data[2] % 6 == 0 &&
           memcmp(data + 3, settings, sizeof settings) == 0;
}

const char *wire_guess_protocol(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < COUNT(greetings); i++) {
        const struct greeting *greeting = &greetings[i];
        if (length >= greeting->length && equal_nocase(data, greeting->start, greeting->length) &&
            (greeting->within == NULL || line_contains(data, length, greeting->within))) {
            return greeting->protocol;
        }
    }
    if (is_http2(data, length)) {
        return "HTTP/2";
    }
    return is_mysql(data, length) ? "MySQL" : NULL;
}
