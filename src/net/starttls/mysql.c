/* MySQL (MySQL Internals, Connection Phase): the server greets, the client answers with an SSLRequest, TLS begins at once. */
#include <string.h>

#include "starttls.h"

/* Protocol::Packet: three bytes of length, little-endian, and a sequence number. */
#define HEADER ((size_t)4)

static size_t frame(enum net_role role, const uint8_t *data, size_t length)
{
    size_t whole;

    (void)role;
    if (length < HEADER) {
        return 0;
    }
    whole = HEADER + ((size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16);
    if (whole > NET_DIALOGUE_MAX) {
        return NET_NO_UNIT;
    }
    return length >= whole ? whole : 0;
}

static void name(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    (void)data;
    (void)length;
    net_verb_set(out, role == NET_SERVER ? "Handshake" : "SSLRequest");
}

static bool is_greeting(const uint8_t *data, size_t length)
{
    return length > HEADER && data[2] == 0 && data[3] == 0 && (data[4] == 10 || data[4] == 9);
}

const struct net_speech net_mysql_speech = {
    {{NULL, NULL}, {NULL, is_greeting}}, frame, name, NULL, NULL,
};

/* Capability flags, the lower two bytes. Both sides here say 0x8a00: also CLIENT_PROTOCOL_41 and CLIENT_SECURE_CONNECTION. */
#define CLIENT_SSL 0x0800u

/* ---- client ------------------------------------------------------------------------------------ */

/* Protocol::HandshakeV10: version, server version (to a zero), thread id, 8 bytes of scramble, a zero, capabilities. */
static enum net_heard hear_greeting(struct net_dialogue *dialogue, const uint8_t *data,
                                    size_t length, struct err *err)
{
    struct reader reader = reader_new(data, length);
    const uint8_t *end;
    unsigned version, capabilities;

    (void)reader_bytes(&reader, HEADER);
    version = reader_u8(&reader);
    if (version == 0xff) { /* ERR_Packet: "Host … is not allowed to connect" */
        if (length > HEADER + 3) {
            dialogue->pending += HEADER + 3; /* what is quoted: its text */
            dialogue->pending_length = length - HEADER - 3;
        }
        return net_dialogue_refused(dialogue, "says no", err);
    }
    end = reader_left(&reader) > 0 ? memchr(data + reader.offset, '\0', length - reader.offset)
                                   : NULL;
    if (version != 10 || end == NULL) {
        return net_dialogue_foreign(dialogue, err);
    }
    (void)reader_bytes(&reader, (size_t)(end - data) - reader.offset + 1 + 4 + 8 + 1);
    capabilities = reader_u16le(&reader);
    if (reader.failed) {
        return net_dialogue_foreign(dialogue, err);
    }
    if ((capabilities & CLIENT_SSL) == 0) {
        dialogue->pending = data + HEADER + 1; /* its version */
        dialogue->pending_length = (size_t)(end - data) - HEADER - 1;
        return net_dialogue_refused(dialogue, "does not offer TLS; its version is", err);
    }
    return NET_NEXT;
}

/* Protocol::SSLRequest: capabilities, longest packet, character set (utf8mb4), 23 zeros. */
static void ask(const struct net_dialogue *dialogue, struct buffer *out)
{
    static const uint8_t request[HEADER + 32] = {
        32, 0, 0, 1, 0x00, 0x8a, 0, 0, 0, 0, 0, 1, 45,
    };

    (void)dialogue;
    buffer_append(out, request, sizeof request);
}

const struct net_script net_mysql_client = {
    .steps = {{.hear = hear_greeting}, {.build = ask}},
};

/* ---- server ------------------------------------------------------------------------------------ */

static void greet(const struct net_dialogue *dialogue, struct buffer *out)
{
    static const uint8_t begin[] = {10, '8', '.', '0', '.', '0', 0, 1, 0, 0, 0};
    static const uint8_t scramble[21] = "tlstep-scramble-0123"; /* nobody logs in */
    static const uint8_t middle[] = {
        0, /* a filler; capabilities; utf8mb4; status: autocommit; capabilities, upper: PLUGIN_AUTH; length of the scramble */
        0x00, 0x8a, 45, 2, 0, 0x08, 0, sizeof scramble, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    };
    static const char plugin[] = "mysql_native_password";
    size_t length = sizeof begin + 8 + sizeof middle + sizeof scramble - 8 + sizeof plugin;

    (void)dialogue;
    buffer_u8(out, (uint8_t)length); /* below 256 */
    buffer_append(out, "\0\0\0", 3);
    buffer_append(out, begin, sizeof begin);
    buffer_append(out, scramble, 8);
    buffer_append(out, middle, sizeof middle);
    buffer_append(out, scramble + 8, sizeof scramble - 8);
    buffer_append(out, plugin, sizeof plugin);
}

static enum net_heard hear_request(struct net_dialogue *dialogue, const uint8_t *data,
                                   size_t length, struct err *err)
{
    unsigned capabilities = length >= HEADER + 2 ? data[4] | (unsigned)data[5] << 8 : 0;

    if (length != HEADER + 32 || (capabilities & CLIENT_SSL) == 0) {
        return net_dialogue_refused(dialogue, "did not ask for TLS", err);
    }
    return NET_NEXT;
}

const struct net_script net_mysql_server = {
    .steps = {{.build = greet}, {.hear = hear_request}},
};
