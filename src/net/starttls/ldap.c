/* LDAP: the StartTLS extended operation (RFC 4511 4.14), in BER. */
#include <string.h>

#include "starttls.h"

/* LDAPMessage ::= SEQUENCE { messageID INTEGER, protocolOp CHOICE { … } } (RFC 4511 4.1.1) */
#define SEQUENCE          0x30
#define INTEGER           0x02
#define OCTET_STRING      0x04
#define ENUMERATED        0x0a
#define EXTENDED_REQUEST  0x77
#define EXTENDED_RESPONSE 0x78
#define REQUEST_NAME      0x80

static const char start_tls[] = "1.3.6.1.4.1.1466.20037";
#define OID_LENGTH (sizeof start_tls - 1)

/* ---- BER --------------------------------------------------------------------------------------- */

/* Takes the next element apart. False: there is none with this tag. */
static bool take(struct reader *reader, uint8_t tag, struct reader *content)
{
    size_t length;
    const uint8_t *data;

    if (reader_u8(reader) != tag) {
        return false;
    }
    length = reader_u8(reader);
    if (length >= 0x80) {
        size_t count = length & 0x7f;

        if (count == 0 || count > 4) {
            return false;
        }
        for (length = 0; count > 0; count--) {
            length = length << 8 | reader_u8(reader);
        }
    }
    data = reader_bytes(reader, length);
    *content = reader_new(data, reader->failed ? 0 : length);
    return !reader->failed;
}

static bool take_number(struct reader *reader, uint8_t tag, unsigned *value)
{
    struct reader content;

    if (!take(reader, tag, &content) || content.length == 0 || content.length > 4) {
        return false;
    }
    for (*value = 0; reader_left(&content) > 0;) {
        *value = *value << 8 | reader_u8(&content);
    }
    return true;
}

/* The operation with this tag, and the number of its message. */
static bool take_operation(const uint8_t *data, size_t length, uint8_t tag, unsigned *message,
                           struct reader *operation)
{
    struct reader reader = reader_new(data, length);
    struct reader sequence;

    return take(&reader, SEQUENCE, &sequence) && take_number(&sequence, INTEGER, message) &&
           take(&sequence, tag, operation);
}

/* ---- speech ------------------------------------------------------------------------------------ */

static size_t frame(enum net_role role, const uint8_t *data, size_t length)
{
    return length > 0 && data[0] != SEQUENCE ? NET_NO_UNIT : net_frame_ber(role, data, length);
}

/* RFC 4511 4.2, 4.12: the operation is an application tag behind the message id. */
static void name(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    static const struct {
        uint8_t tag;
        const char *name;
    } operations[] = {
        {0x60, "BindRequest"},   {0x61, "BindResponse"},
        {0x63, "SearchRequest"}, {0x64, "SearchEntry"},
        {0x65, "SearchDone"},    {EXTENDED_REQUEST, "ExtendedRequest"},
        {0x42, "UnbindRequest"}, {EXTENDED_RESPONSE, "ExtendedResponse"},
    };
    size_t header = length > 1 && data[1] >= 0x80 ? 2 + (size_t)(data[1] & 0x7f) : 2;

    (void)role;
    net_verb_set(out, "LDAPMessage");
    if (length < header + 3 || data[header] != INTEGER ||
        length <= header + 2 + (size_t)data[header + 1]) {
        return;
    }
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        if (operations[i].tag == data[header + 2 + data[header + 1]]) {
            net_verb_set(out, operations[i].name);
        }
    }
}

static bool is_message(const uint8_t *data, size_t length)
{
    return length > 6 && data[0] == SEQUENCE &&
           data[data[1] < 0x80 ? 2 : 2 + (data[1] & 3)] == INTEGER;
}

const struct net_speech net_ldap_speech = {
    {{NULL, is_message}, {NULL, is_message}}, frame, name, NULL, NULL,
};

/* ---- client ------------------------------------------------------------------------------------ */

/* RFC 4511 4.14.1 */
static void ask(const struct net_dialogue *dialogue, struct buffer *out)
{
    const uint8_t head[] = {
        SEQUENCE,         OID_LENGTH + 7, INTEGER,      1,          1,
        EXTENDED_REQUEST, OID_LENGTH + 2, REQUEST_NAME, OID_LENGTH,
    };

    (void)dialogue;
    buffer_append(out, head, sizeof head);
    buffer_text(out, start_tls);
}

/* LDAPResult ::= resultCode, matchedDN, diagnosticMessage (RFC 4511 4.1.9). */
static enum net_heard hear_response(struct net_dialogue *dialogue, const uint8_t *data,
                                    size_t length, struct err *err)
{
    struct reader operation, matched, diagnostic;
    unsigned message, code;
    char what[80];

    if (!take_operation(data, length, EXTENDED_RESPONSE, &message, &operation) ||
        !take_number(&operation, ENUMERATED, &code) || message > 1) {
        return net_dialogue_foreign(dialogue, err);
    }
    if (message == 1 && code == 0) {
        return NET_NEXT;
    }
    /* Message 0 is a notice of disconnection, RFC 4511 4.4.1. */
    if (take(&operation, OCTET_STRING, &matched) && take(&operation, OCTET_STRING, &diagnostic)) {
        dialogue->pending = diagnostic.data;
        dialogue->pending_length = diagnostic.length;
    } else {
        dialogue->pending_length = 0;
    }
    (void)snprintf(what, sizeof what, "says no with result code %u", code);
    return net_dialogue_refused(dialogue, what, err);
}

const struct net_script net_ldap_client = {
    .steps = {{.build = ask}, {.hear = hear_response}},
};

/* ---- server ------------------------------------------------------------------------------------ */

static enum net_heard hear_request(struct net_dialogue *dialogue, const uint8_t *data,
                                   size_t length, struct err *err)
{
    struct reader operation, request_name;

    if (!take_operation(data, length, EXTENDED_REQUEST, &dialogue->message, &operation) ||
        !take(&operation, REQUEST_NAME, &request_name) || request_name.length != OID_LENGTH ||
        memcmp(request_name.data, start_tls, OID_LENGTH) != 0) {
        return net_dialogue_refused(dialogue, "did not ask for StartTLS", err);
    }
    return NET_NEXT;
}

static void answer(const struct net_dialogue *dialogue, struct buffer *out)
{
    static const uint8_t result[] = {ENUMERATED, 1, 0, OCTET_STRING, 0, OCTET_STRING, 0};
    size_t response_name = 2 + OID_LENGTH; /* [10], RFC 4511 4.14.2 */
    unsigned bytes = 1;

    while (bytes < 5 && (uint64_t)dialogue->message >> (8 * bytes - 1) != 0) {
        bytes++; /* X.690 8.3.2: as few as there can be, and not negative */
    }
    buffer_u8(out, SEQUENCE);
    buffer_u8(out, (uint8_t)(2 + bytes + 2 + sizeof result + response_name));
    buffer_u8(out, INTEGER);
    buffer_u8(out, (uint8_t)bytes);
    for (unsigned i = bytes; i > 0; i--) {
        buffer_u8(out, (uint8_t)((uint64_t)dialogue->message >> (8 * (i - 1))));
    }
    buffer_u8(out, EXTENDED_RESPONSE);
    buffer_u8(out, (uint8_t)(sizeof result + response_name));
    buffer_append(out, result, sizeof result);
    buffer_u8(out, 0x8a);
    buffer_u8(out, OID_LENGTH);
    buffer_text(out, start_tls);
}

const struct net_script net_ldap_server = {
    .steps = {{.hear = hear_request}, {.build = answer}},
};
