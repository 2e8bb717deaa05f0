/* PostgreSQL: SSLRequest (PostgreSQL manual, Message Flow, SSL Session Encryption). */
#include <string.h>

#include "starttls.h"

static const uint8_t ssl_request[] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f}; /* 80877103 */
static const uint8_t gss_request[] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30}; /* 80877104 */

/* A client's first messages have their length in front, the answer is one byte. */
static size_t frame(enum net_role role, const uint8_t *data, size_t length)
{
    struct reader reader = reader_new(data, length);
    uint32_t whole;

    if (role == NET_SERVER) {
        return length > 0 ? 1 : 0;
    }
    if (length < 4) {
        return 0;
    }
    whole = reader_u32(&reader);
    if (whole < 8 || whole > NET_DIALOGUE_MAX) {
        return NET_NO_UNIT;
    }
    return length >= whole ? whole : 0;
}

static void name(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    if (role == NET_CLIENT) {
        net_verb_set(out, "SSLRequest");
    } else {
        text_safe(out, NET_VERB, data, length < 1 ? length : 1);
    }
}

static bool is_request(const uint8_t *data, size_t length)
{
    return length >= sizeof ssl_request && memcmp(data, ssl_request, sizeof ssl_request) == 0;
}

static bool is_answer(const uint8_t *data, size_t length)
{
    return length == 1 && (data[0] == 'S' || data[0] == 'N');
}

const struct net_speech net_postgres_speech = {
    {{NULL, is_request}, {NULL, is_answer}}, frame, name, NULL, NULL,
};

/* ---- client ------------------------------------------------------------------------------------ */

static void ask(const struct net_dialogue *dialogue, struct buffer *out)
{
    (void)dialogue;
    buffer_append(out, ssl_request, sizeof ssl_request);
}

static enum net_heard hear_answer(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                                  struct err *err)
{
    (void)length; /* frame(): 1 */
    switch (data[0]) {
    case 'S':
        return NET_NEXT;
    case 'N':
        return net_dialogue_refused(dialogue, "has no TLS", err);
    case 'E': /* an ErrorResponse, of servers that are older than the question */
        return net_dialogue_refused(dialogue, "says that there was an error", err);
    default:
        return net_dialogue_foreign(dialogue, err);
    }
}

const struct net_script net_postgres_client = {
    .steps = {{.build = ask}, {.hear = hear_answer}},
};

/* ---- server ------------------------------------------------------------------------------------ */

/* libpq may ask for GSSAPI first, and takes a no. */
static enum net_heard hear_request(struct net_dialogue *dialogue, const uint8_t *data,
                                   size_t length, struct err *err)
{
    if (length == sizeof gss_request && memcmp(data, gss_request, length) == 0) {
        buffer_text(&dialogue->out, "N");
        return NET_GOES_ON;
    }
    if (length == sizeof ssl_request && is_request(data, length)) {
        buffer_text(&dialogue->out, "S");
        return NET_NEXT;
    }
    return net_dialogue_refused(dialogue, "did not ask for TLS", err);
}

const struct net_script net_postgres_server = {
    .steps = {{.hear = hear_request}},
};
