/* The ClientHello in SSL 2.0's form, by which old clients offered TLS to servers that might know only
 * SSL 2.0: RFC 5246 E.2, draft-hickman-netscape-ssl-00. It is a record of its own. */
#include "message.h"

#define HELLO "ssl2_hello"

/* The record's length, the message's type, a version and three lengths. */
#define RECORD_HEADER 2
#define HELLO_HEADER  9
#define CLIENT_HELLO  1

/* ---- recognising one ------------------------------------------------------------------------- */

struct ssl2_lengths {
    size_t cipher_specs;
    size_t session_id;
    size_t challenge;
};

static bool is_version(uint16_t version)
{
    return version == WIRE_SSL2 || (version >= WIRE_SSL3 && version <= WIRE_TLS13);
}

/* So far as the bytes go: an empty read is no contradiction. */
static bool may_start_hello(const uint8_t *data, size_t length)
{
    return (length < 1 || (data[0] & 0x80) != 0) && (length < 3 || data[2] == CLIENT_HELLO) &&
           (length < 5 || is_version((uint16_t)(data[3] << 8 | data[4])));
}

/* A session id has 16 bytes or none, a challenge 16 to 32 (RFC 5246 E.2). */
static bool are_lengths(const struct ssl2_lengths *lengths, size_t body)
{
    return lengths->cipher_specs > 0 && lengths->cipher_specs % 3 == 0 &&
           (lengths->session_id == 0 || lengths->session_id == 16) && lengths->challenge >= 16 &&
           lengths->challenge <= 32 &&
           HELLO_HEADER + lengths->cipher_specs + lengths->session_id + lengths->challenge == body;
}

static struct ssl2_lengths read_lengths(struct reader *reader)
{
    struct ssl2_lengths lengths = {0};

    lengths.cipher_specs = reader_u16(reader);
    lengths.session_id = reader_u16(reader);
    lengths.challenge = reader_u16(reader);
    return lengths;
}

enum wire_parse wire_ssl2_hello_parse(const uint8_t *data, size_t length, size_t *record_length)
{
    struct reader reader = reader_new(data, length);
    struct ssl2_lengths lengths;
    size_t body;

    *record_length = RECORD_HEADER + HELLO_HEADER; /* so much decides */
    if (!may_start_hello(data, length)) {
        return WIRE_NOT_TLS;
    }
    body = reader_u16(&reader) & 0x7fff;
    (void)reader_bytes(&reader, 3); /* type and version have been looked at */
    lengths = read_lengths(&reader);
    if (reader.failed) {
        return WIRE_NEED_MORE;
    }
    if (!are_lengths(&lengths, body)) {
        return WIRE_NOT_TLS;
    }
    *record_length = RECORD_HEADER + body;
    return length < *record_length ? WIRE_NEED_MORE : WIRE_COMPLETE;
}

/* ---- its fields ------------------------------------------------------------------------------- */

static const struct schema tls_suite[] = {NAMED(HELLO, "cipher_spec", 3, CIPHER_SUITE), END};
static const struct schema ssl2_spec[] = {NAMED(HELLO, "cipher_spec", 3, SSL2_CIPHER_SPEC), END};
static const struct schema *const specs[] = {tls_suite, ssl2_spec, NULL};

/* The suites of SSL 3.0 and TLS have a zero in front. */
static size_t choose_spec(const struct dissection *dissection, struct reader rest)
{
    (void)dissection; /* the bytes decide */
    return reader_u8(&rest) == 0 ? 0 : 1;
}

static const struct schema cipher_spec[] = {CHOICE(choose_spec, specs), END};
static const struct schema cipher_spec_items[] = {REST_LIST(cipher_spec), END};
static const struct schema cipher_specs[] = {STRUCT(HELLO, "cipher_specs", cipher_spec_items), END};
static const struct schema session_id[] = {OPTIONAL_REST(HELLO, "session_id"), END};
static const struct schema challenge[] = {REST(HELLO, "challenge"), END};
static const struct schema parts[] = {
    SEQUENCE(cipher_specs),
    SEQUENCE(session_id),
    SEQUENCE(challenge),
    END,
};

/* Three parts whose lengths stand together before them. */
static bool dissect_parts(struct dissection *dissection, const struct schema *element,
                          struct reader *reader, uint16_t depth)
{
    struct reader header = *reader;

    header.offset -= 6; /* three of two bytes */
    for (const struct schema *part = element->content; part->layout != LAYOUT_END; part++) {
        size_t length = reader_u16(&header);
        if (length > reader_left(reader)) {
            schema_add_rest(dissection, &error_truncated, reader, depth);
            return false;
        }
        schema_run_within(dissection, part->content, length, reader, depth);
    }
    return true;
}

const struct schema message_ssl2_length[] = {BYTES("record", "ssl2_length", 2), END};

const struct schema message_ssl2_hello[] = {
    SEQUENCE(message_ssl2_length),
    NAMED(HELLO, "message_type", 1, SSL2_MESSAGE),
    NAMED(HELLO, "version", 2, VERSION),
    NUMBER(HELLO, "cipher_spec_length", 2),
    NUMBER(HELLO, "session_id_length", 2),
    NUMBER(HELLO, "challenge_length", 2),
    CALL(dissect_parts, parts),
    END,
};
