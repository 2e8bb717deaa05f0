/* HTTP CONNECT (RFC 9110 9.3.6), with Basic credentials (RFC 7617). */
#include <stdlib.h>
#include <string.h>

#include "proxies.h"

/* RFC 9112 2.1: through the empty line. */
static size_t frame(enum net_role role, const uint8_t *data, size_t length)
{
    const uint8_t *end = memmem(data, length, "\r\n\r\n", 4);
    size_t looked = length < 5 ? length : 5;

    if (role == NET_SERVER && memcmp(data, "HTTP/", looked) != 0) {
        return NET_NO_UNIT;
    }
    return end != NULL ? (size_t)(end - data) + 4 : 0;
}

static void name(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    net_verb_word(out, data, length, role == NET_SERVER ? 1 : 0);
}

static bool goes_on(enum net_role role, const uint8_t *data, size_t length)
{
    const char *begin = role == NET_CLIENT ? "CONNECT " : "HTTP/1.";
    size_t size = strlen(begin);

    return memcmp(data, begin, length < size ? length : size) == 0;
}

const struct net_speech net_connect_speech = {
    {{"CONNECT ", NULL}, {"HTTP/1.", NULL}}, frame, name, goes_on, NULL,
};

/* ---- client ------------------------------------------------------------------------------------ */

/* RFC 4648 4 */
static void append_base64(struct buffer *out, const uint8_t *data, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        uint32_t group = (uint32_t)data[i] << 16;

        group |= i + 1 < length ? (uint32_t)data[i + 1] << 8 : 0;
        group |= i + 2 < length ? data[i + 2] : 0;
        buffer_u8(out, (uint8_t)digits[group >> 18]);
        buffer_u8(out, (uint8_t)digits[group >> 12 & 63]);
        buffer_u8(out, i + 1 < length ? (uint8_t)digits[group >> 6 & 63] : '=');
        buffer_u8(out, i + 2 < length ? (uint8_t)digits[group & 63] : '=');
    }
}

static void append_credentials(const struct net_proxy *proxy, struct buffer *out)
{
    struct buffer pair = {.secret = true};

    if (proxy->user[0] == '\0') {
        return;
    }
    buffer_printf(&pair, "%s:%s", proxy->user, proxy->password);
    buffer_text(out, "Proxy-Authorization: Basic ");
    append_base64(out, pair.data, pair.length);
    buffer_text(out, "\r\n");
    out->failed |= pair.failed;
    buffer_wipe_free(&pair);
}

static void ask(const struct net_dialogue *dialogue, struct buffer *out)
{
    bool v6 = strchr(dialogue->host, ':') != NULL;
    char authority[sizeof dialogue->host + 16];

    (void)snprintf(authority, sizeof authority, v6 ? "[%s]:%u" : "%s:%u", dialogue->host,
                   dialogue->port); /* there is room */
    buffer_printf(out, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", authority, authority);
    append_credentials(&dialogue->proxy, out);
    buffer_text(out, "\r\n");
}

/* "HTTP/1.1 200 Connection established": any 2xx (RFC 9110 9.3.6); a 1xx is followed by another (RFC 9110 15.2). */
static enum net_heard hear_response(struct net_dialogue *dialogue, const uint8_t *data,
                                    size_t length, struct err *err)
{
    const uint8_t *code = data + 9;

    if (length < 12 || !net_begins_with(data, length, "HTTP/1.0 |HTTP/1.1 ") || code[0] < '1' ||
        code[0] > '5') {
        return net_dialogue_foreign(dialogue, err);
    }
    switch (code[0]) {
    case '1':
        return NET_GOES_ON;
    case '2':
        return NET_NEXT;
    default:
        break;
    }
    if (memcmp(code, "407", 3) == 0) {
        return net_dialogue_refused(dialogue,
                                    dialogue->proxy.user[0] == '\0'
                                        ? "wants a user and a password "
                                          "(--proxy http://USER:PASSWORD@HOST:PORT)"
                                        : "does not take this user and password",
                                    err);
    }
    return net_dialogue_refused(dialogue, "says no", err);
}

const struct net_script net_connect_client = {
    .steps = {{.build = ask}, {.hear = hear_response}},
};

/* ---- server ------------------------------------------------------------------------------------ */

/* "host:port" or "[v6]:port" into the dialogue. */
static bool read_authority(struct net_dialogue *dialogue, const char *text, size_t length)
{
    const char *colon = memrchr(text, ':', length);
    size_t host = colon != NULL ? (size_t)(colon - text) : 0;
    unsigned long port = 0;

    for (size_t i = host + 1; i < length && port <= 65535; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        port = port * 10 + (unsigned long)(text[i] - '0');
    }
    if (host >= 2 && text[0] == '[' && text[host - 1] == ']') {
        text++;
        host -= 2;
    }
    if (host == 0 || host >= sizeof dialogue->host || port == 0 || port > 65535) {
        return false;
    }
    for (size_t i = 0; i < host; i++) {
        if (text[i] <= ' ' || text[i] == 0x7f) {
            return false; /* what stands there goes into look-ups and certificates */
        }
    }
    memcpy(dialogue->host, text, host);
    dialogue->host[host] = '\0';
    dialogue->port = (uint16_t)port;
    return true;
}

static enum net_heard hear_request(struct net_dialogue *dialogue, const uint8_t *data,
                                   size_t length, struct err *err)
{
    const char *target = (const char *)data + 8;
    const char *blank;

    blank = length > 8 ? memchr(target, ' ', length - 8) : NULL;
    if (!net_begins_with(data, length, "CONNECT ") || blank == NULL ||
        !net_begins_with((const uint8_t *)blank, (size_t)((const char *)data + length - blank),
                         " HTTP/1.")) {
        return net_dialogue_foreign(dialogue, err);
    }
    if (!read_authority(dialogue, target, (size_t)(blank - target))) {
        return net_dialogue_refused(dialogue, "names no host and port", err);
    }
    dialogue->asked = true;
    return NET_GOES_ON; /* net_dialogue_answer() goes to the next step */
}

static void answer(const struct net_dialogue *dialogue, struct buffer *out)
{
    buffer_text(out, dialogue->granted ? "HTTP/1.1 200 Connection established\r\n\r\n"
                                       : "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n"
                                         "Connection: close\r\n\r\n");
}

const struct net_script net_connect_server = {
    .steps = {{.hear = hear_request}, {.build = answer}},
};
