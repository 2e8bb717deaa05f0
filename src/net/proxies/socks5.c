/* SOCKS 5 (RFC 1928) with user and password (RFC 1929). */
#include <arpa/inet.h>
#include <string.h>

#include "proxies.h"

#define VERSION     5
#define NO_METHOD   0xff
#define BY_PASSWORD 2
#define CONNECT     1
#define TYPE_IPV4   1
#define TYPE_NAME   3
#define TYPE_IPV6   4

static bool is_socks5(const uint8_t *data, size_t length)
{
    return length >= 2 && data[0] == VERSION;
}

static void name(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    (void)data;
    (void)length;
    net_verb_set(out, role == NET_CLIENT ? "SOCKS request" : "SOCKS reply");
}

/* RFC 1929 has a version of its own: 1. */
static bool goes_on(enum net_role role, const uint8_t *data, size_t length)
{
    (void)role;
    (void)length;
    return data[0] == VERSION || data[0] == 1;
}

static size_t frame_two(enum net_role role, const uint8_t *data, size_t length)
{
    (void)role;
    (void)data;
    return length >= 2 ? 2 : 0;
}

/* RFC 1928 6: version, reply, reserved, address by its type, port. */
static size_t frame_reply(enum net_role role, const uint8_t *data, size_t length)
{
    size_t whole;

    (void)role;
    if (length < 5) {
        return 0;
    }
    switch (data[3]) {
    case TYPE_IPV4:
        whole = 4 + 4 + 2;
        break;
    case TYPE_IPV6:
        whole = 4 + 16 + 2;
        break;
    case TYPE_NAME:
        whole = 4 + 1 + (size_t)data[4] + 2;
        break;
    default:
        return NET_NO_UNIT;
    }
    return length >= whole ? whole : 0;
}

/* Version, how many, methods; the method that was chosen: RFC 1928 3. */
static size_t frame_first(enum net_role role, const uint8_t *data, size_t length)
{
    size_t whole = 2;

    if (role == NET_CLIENT && length >= 2) {
        whole += data[1];
    }
    return length >= whole ? whole : 0;
}

/* RFC 1929 2: version, user, password, each with its length; version and whether they are right. */
static size_t frame_login(enum net_role role, const uint8_t *data, size_t length)
{
    size_t whole = 2;

    if (role == NET_CLIENT) {
        whole = length >= 2 ? 3 + (size_t)data[1] : 3;
        whole += length >= whole ? data[whole - 1] : 0;
    }
    return length >= whole ? whole : 0;
}

/* A request is laid out as a reply is. */
static size_t frame_later(enum net_role role, const uint8_t *data, size_t length)
{
    if (length == 0) {
        return 0;
    }
    return data[0] == VERSION ? frame_reply(role, data, length) : frame_login(role, data, length);
}

const struct net_speech net_socks5_speech = {
    {{NULL, is_socks5}, {NULL, is_socks5}}, frame_later, name, goes_on, frame_first,
};

/* ---- client ------------------------------------------------------------------------------------ */

static void greet(const struct net_dialogue *dialogue, struct buffer *out)
{
    bool user = dialogue->proxy.user[0] != '\0';

    buffer_u8(out, VERSION);
    buffer_u8(out, user ? 2 : 1);
    buffer_u8(out, 0);
    if (user) {
        buffer_u8(out, BY_PASSWORD);
    }
}

static enum net_heard hear_method(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                                  struct err *err)
{
    bool user = dialogue->proxy.user[0] != '\0';

    (void)length; /* frame_two() */
    if (data[0] != VERSION) {
        return net_dialogue_foreign(dialogue, err);
    }
    dialogue->pending_length = 0; /* the byte says nothing to a reader */
    if (data[1] == NO_METHOD && !user) {
        return net_dialogue_refused(
            dialogue, "wants a user and a password (--proxy socks5://USER:PASSWORD@HOST:PORT)",
            err);
    }
    if (data[1] != 0 && !(user && data[1] == BY_PASSWORD)) {
        return net_dialogue_refused(dialogue, "wants to be logged in to in another way", err);
    }
    dialogue->method = data[1];
    return NET_NEXT;
}

static bool by_password(const struct net_dialogue *dialogue)
{
    return dialogue->method == BY_PASSWORD;
}

/* RFC 1929 2 */
static void log_in(const struct net_dialogue *dialogue, struct buffer *out)
{
    const struct net_proxy *proxy = &dialogue->proxy;

    buffer_u8(out, 1);
    buffer_u8(out, (uint8_t)strlen(proxy->user)); /* at most 255, by its array */
    buffer_text(out, proxy->user);
    buffer_u8(out, (uint8_t)strlen(proxy->password));
    buffer_text(out, proxy->password);
}

static enum net_heard hear_login(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                                 struct err *err)
{
    (void)length; /* frame_two() */
    if (data[0] != 1) {
        return net_dialogue_foreign(dialogue, err);
    }
    if (data[1] != 0) {
        dialogue->pending_length = 0;
        return net_dialogue_refused(dialogue, "does not take this user and password", err);
    }
    return NET_NEXT;
}

static void ask(const struct net_dialogue *dialogue, struct buffer *out)
{
    uint8_t address[16];
    size_t length = strlen(dialogue->host);

    buffer_u8(out, VERSION);
    buffer_u8(out, CONNECT);
    buffer_u8(out, 0);
    if (inet_pton(AF_INET, dialogue->host, address) == 1) {
        buffer_u8(out, TYPE_IPV4);
        buffer_append(out, address, 4);
    } else if (inet_pton(AF_INET6, dialogue->host, address) == 1) {
        buffer_u8(out, TYPE_IPV6);
        buffer_append(out, address, 16);
    } else {
        buffer_u8(out, TYPE_NAME);
        buffer_u8(out, (uint8_t)length); /* at most 255, by its array */
        buffer_text(out, dialogue->host);
    }
    buffer_u16(out, dialogue->port);
}

static enum net_heard hear_reply(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                                 struct err *err)
{
    static const char *const reasons[] = {
        "says yes",
        "failed",
        "has a rule against it",
        "cannot reach that network",
        "cannot reach that host",
        "was refused a connection there",
        "waited for too long",
        "does not know CONNECT",
        "does not know this type of address",
    };

    (void)length; /* frame_reply() */
    if (data[0] != VERSION) {
        return net_dialogue_foreign(dialogue, err);
    }
    if (data[1] != 0) {
        dialogue->pending_length = 0;
        return net_dialogue_refused(dialogue,
                                    data[1] < sizeof reasons / sizeof *reasons
                                        ? reasons[data[1]]
                                        : "says no, for a reason of its own",
                                    err);
    }
    return NET_NEXT;
}

const struct net_script net_socks5_client = {
    .steps = {{.build = greet},
              {.hear = hear_method, .frame = frame_two},
              {.build = log_in, .applies = by_password},
              {.hear = hear_login, .frame = frame_two, .applies = by_password},
              {.build = ask},
              {.hear = hear_reply, .frame = frame_reply}},
};
