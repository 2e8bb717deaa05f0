/* --proxy URL. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tlstep/net.h"

struct span {
    const char *text;
    size_t length;
};

static const struct {
    const char *prefix;
    bool socks5;
    uint16_t port;
} kinds[] = {
    {"http://", false, 8080},
    {"socks5://", true, 1080},
    {"socks5h://", true, 1080}, /* the proxy looks the name up, as here always */
};

/* The URL may hold a password: it is in no text. */
static int refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_USAGE, "bad_proxy",
                   "--proxy: %s; give http://[USER:PASSWORD@]HOST:PORT or "
                   "socks5://[USER:PASSWORD@]HOST:PORT",
                   why);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* RFC 3986 2.1: %40 is an at sign. False: it does not fit, or is no text. */
static bool decode(struct span span, char *out, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < span.length; i++) {
        char c = span.text[i];

        if (c == '%') {
            int high = i + 2 < span.length ? hex_digit(span.text[i + 1]) : -1;
            int low = i + 2 < span.length ? hex_digit(span.text[i + 2]) : -1;

            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0' || c == '\r' || c == '\n' || length + 1 >= size) {
            return false;
        }
        out[length++] = c;
    }
    out[length] = '\0';
    return true;
}

static int read_user(struct span info, struct net_proxy *proxy, struct err *err)
{
    const char *colon = memchr(info.text, ':', info.length);
    size_t user = colon != NULL ? (size_t)(colon - info.text) : info.length;
    struct span password = {info.text + user, 0};

    if (colon != NULL) {
        password = (struct span){colon + 1, info.length - user - 1};
    }
    if (user == 0 || !decode((struct span){info.text, user}, proxy->user, sizeof proxy->user) ||
        !decode(password, proxy->password, sizeof proxy->password)) {
        return refuse(err, "user and password are at most 255 bytes of text each, with %XX for "
                           "what has a meaning in URLs");
    }
    if (strchr(proxy->user, ':') != NULL && !proxy->socks5) {
        return refuse(err, "a user's name has no colon in it (RFC 7617)");
    }
    return 0;
}

static int read_port(struct span text, uint16_t *port, struct err *err)
{
    unsigned long value = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (text.text[i] < '0' || text.text[i] > '9' || value > 65535) {
            value = 0;
            break;
        }
        value = value * 10 + (unsigned long)(text.text[i] - '0');
    }
    if (value == 0 || value > 65535) {
        return refuse(err, "the port is not a number from 1 to 65535");
    }
    *port = (uint16_t)value;
    return 0;
}

/* "host", "host:port", "[v6]", "[v6]:port" */
static int read_authority(struct span text, struct net_proxy *proxy, struct err *err)
{
    struct span host = text;
    struct span rest = {text.text + text.length, 0};
    const char *end = text.length > 0 && text.text[0] == '[' ? memchr(text.text, ']', text.length)
                                                             : memchr(text.text, ':', text.length);

    if (text.length > 0 && text.text[0] == '[') {
        if (end == NULL) {
            return refuse(err, "its [ has no ]");
        }
        host = (struct span){text.text + 1, (size_t)(end - text.text) - 1};
        end++;
    }
    if (end != NULL) {
        rest = (struct span){end, (size_t)(text.text + text.length - end)};
        host.length = host.text == text.text ? (size_t)(end - text.text) : host.length;
    }
    if (host.length == 0 || host.length >= 254) {
        return refuse(err, "a host's name has 1 to 253 characters");
    }
    for (size_t i = 0; i < host.length; i++) {
        if ((unsigned char)host.text[i] <= ' ' || host.text[i] == 0x7f) {
            return refuse(err, "a host has no blanks or control characters");
        }
    }
    memcpy(proxy->host, host.text, host.length);
    proxy->host[host.length] = '\0';
    if (rest.length == 0) {
        return 0;
    }
    return rest.text[0] == ':'
               ? read_port((struct span){rest.text + 1, rest.length - 1}, &proxy->port, err)
               : refuse(err, "behind ] stands a colon and the port, or nothing");
}

static int parse(const char *url, struct net_proxy *proxy, struct err *err)
{
    struct span authority = {0};
    const char *at;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && authority.text == NULL; i++) {
        size_t length = strlen(kinds[i].prefix);

        if (strncasecmp(url, kinds[i].prefix, length) == 0) {
            authority = (struct span){url + length, strcspn(url + length, "/?#")};
            proxy->socks5 = kinds[i].socks5;
            proxy->port = kinds[i].port;
        }
    }
    if (authority.text == NULL) {
        return refuse(err, "this is not a proxy's URL");
    }
    at = memrchr(authority.text, '@', authority.length);
    if (at != NULL) {
        struct span info = {authority.text, (size_t)(at - authority.text)};

        if (read_user(info, proxy, err) != 0) {
            return -1;
        }
        authority.length -= info.length + 1;
        authority.text = at + 1;
    }
    return read_authority(authority, proxy, err);
}

int net_proxy_parse(const char *url, struct net_proxy *proxy, struct err *err)
{
    *proxy = (struct net_proxy){0};
    if (parse(url, proxy, err) != 0) {
        secret_wipe(proxy, sizeof *proxy);
        return -1;
    }
    return 0;
}

/* As parse() looks for it: the last "@" ends it. */
void net_proxy_hide_password(char *text)
{
    char *user = strstr(text, "://");
    char *at = user != NULL ? strrchr(user, '@') : NULL;
    char *password = at != NULL ? memchr(user + 3, ':', (size_t)(at - user) - 3) : NULL;

    if (password == NULL || password + 1 == at) {
        return; /* there is none */
    }
    password[1] = '*';
    memmove(password + 2, at, strlen(at) + 1);
}
