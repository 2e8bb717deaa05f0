/* XMPP (RFC 6120 5), between a client and its server and between two servers. */
#include <string.h>

#include "starttls.h"

/* ---- where an element ends --------------------------------------------------------------------- */

/*
 * What RFC 6120 11.1 leaves of XML: elements, attributes, text, one declaration. A stream's start tag is a unit by itself, with the
 * declaration before it, and so is its end tag; every other unit is a whole element.
 */
struct scan {
    struct reader reader;
    unsigned depth;
};

static bool skip_to(struct reader *reader, uint8_t wanted)
{
    const uint8_t *from = reader->data + reader->offset;
    const uint8_t *end = reader_left(reader) > 0 ? memchr(from, wanted, reader_left(reader)) : NULL;

    if (end == NULL) {
        return false;
    }
    (void)reader_bytes(reader, (size_t)(end - from) + 1);
    return true;
}

/* To the end of a tag, past what is in quotation marks. False: it is not whole. */
static bool skip_tag(struct reader *reader, bool *empty)
{
    uint8_t before = 0;

    while (reader_left(reader) > 0) {
        uint8_t byte = reader_u8(reader);

        if (byte == '>') {
            *empty = before == '/';
            return true;
        }
        if ((byte == '"' || byte == '\'') && !skip_to(reader, byte)) {
            return false;
        }
        before = byte;
    }
    return false;
}

/* One tag and what stands before it. */
static bool scan_tag(struct scan *scan, bool *ends)
{
    struct reader *reader = &scan->reader;
    const uint8_t *tag;
    size_t left;
    bool empty = false;

    if (!skip_to(reader, '<')) {
        return false;
    }
    tag = reader->data + reader->offset;
    left = reader_left(reader);
    if (left == 0 || !skip_tag(reader, &empty)) {
        return false;
    }
    if (tag[0] == '?') {
        return true;
    }
    if (tag[0] == '/') {
        scan->depth -= scan->depth > 0;
    } else if (!empty && (scan->depth > 0 || !net_begins_with(tag, left, "stream:stream"))) {
        scan->depth++;
    }
    *ends = scan->depth == 0;
    return true;
}

static size_t frame(enum net_role role, const uint8_t *data, size_t length)
{
    struct scan scan = {.reader = reader_new(data, length)};
    bool ends = false;
    size_t start = 0;

    (void)role; /* both speak alike */
    while (start < length && net_is_blank(data[start])) {
        start++;
    }
    if (start < length && data[start] != '<') {
        return NET_NO_UNIT;
    }
    while (!ends) {
        if (!scan_tag(&scan, &ends)) {
            return 0;
        }
    }
    return scan.reader.offset;
}

/* ---- what it is called -------------------------------------------------------------------------- */

/* Where the name of the first element that is no declaration begins; NULL: there is none. */
static const uint8_t *first_name(const uint8_t *data, size_t length)
{
    const uint8_t *end = data + length;
    const uint8_t *tag = length > 0 ? memchr(data, '<', length) : NULL;

    while (tag != NULL && end - tag > 1 && tag[1] == '?') {
        tag = memchr(tag + 1, '<', (size_t)(end - tag - 1));
    }
    return tag != NULL ? tag + 1 : NULL;
}

static void name(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    const uint8_t *start = first_name(data, length);
    const uint8_t *stop = start;
    char element[NET_VERB - 2];

    (void)role;
    if (start == NULL) {
        return;
    }
    while (stop < data + length && !net_is_blank(*stop) && *stop != '>' &&
           (stop == start || *stop != '/')) {
        stop++;
    }
    text_safe(element, sizeof element, start, (size_t)(stop - start));
    (void)snprintf(out, NET_VERB, "<%s>", element); /* there is room */
}

const struct net_speech net_xmpp_speech = {
    {{"<?xml|<stream:stream", NULL}, {"<?xml|<stream:stream", NULL}}, frame, name, NULL, NULL,
};

static bool is_element(const uint8_t *data, size_t length, const char *wanted)
{
    const uint8_t *start = first_name(data, length);

    return start != NULL && net_begins_with(start, (size_t)(data + length - start), wanted);
}

/* ---- client ------------------------------------------------------------------------------------ */

/* The element `wanted` by step; anything else is a refusal when it is XMPP. */
static enum net_heard hear_element(struct net_dialogue *dialogue, const uint8_t *data,
                                   size_t length, struct err *err)
{
    const struct net_step *step = net_dialogue_step(dialogue);

    if (is_element(data, length, step->wanted)) {
        if (step->noted != NULL && !net_has_word(data, length, step->noted)) {
            return net_dialogue_refused(dialogue, "does not offer STARTTLS; its features are", err);
        }
        return NET_NEXT;
    }
    if (is_element(data, length, "stream:|/stream:|failure")) {
        return net_dialogue_refused(dialogue, "says no", err);
    }
    return net_dialogue_foreign(dialogue, err);
}

#define STREAM(kind, more)                                         \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:" kind "' " \
    "xmlns:stream='http://etherx.jabber.org/streams' " more " version='1.0'>"
#define NAMESPACE "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"

#define CLIENT_STEPS(kind)                                                               \
    {.say = STREAM(kind, "to='$h'")}, {.hear = hear_element, .wanted = "stream:stream"}, \
        {.hear = hear_element, .wanted = "stream:features", .noted = "starttls"},        \
        {.say = "<starttls " NAMESPACE "/>"},                                            \
    {                                                                                    \
        .hear = hear_element, .wanted = "proceed"                                        \
    }

const struct net_script net_xmpp_client = {.steps = {CLIENT_STEPS("client")}};
const struct net_script net_xmpp_peer_client = {.steps = {CLIENT_STEPS("server")}};

/* ---- server ------------------------------------------------------------------------------------ */

/* RFC 6120 4.7: a stream's id is unguessable; nothing here depends on it, since the stream begins anew behind TLS. */
#define SERVER_STEPS(kind)                                                        \
    {.hear = hear_element, .wanted = "stream:stream"},                            \
        {.say = STREAM(kind, "from='$h' id='tlstep'")},                           \
        {.say = "<stream:features><starttls " NAMESPACE "><required/></starttls>" \
                "</stream:features>"},                                            \
        {.hear = hear_element, .wanted = "starttls"},                             \
    {                                                                             \
        .say = "<proceed " NAMESPACE "/>"                                         \
    }

const struct net_script net_xmpp_server = {.steps = {SERVER_STEPS("client")}};
const struct net_script net_xmpp_peer_server = {.steps = {SERVER_STEPS("server")}};
