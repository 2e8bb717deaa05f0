/* Socket addresses: their text, and text to addresses. */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "address.h"

#define PORT_TEXT_MAX 6 /* "65535" and its zero */

void net_address_set(struct net_address *address, const struct sockaddr *socket, socklen_t length)
{
    char host[NET_ADDRESS_TEXT - sizeof "[]:65535" + 1];
    char port[PORT_TEXT_MAX];

    memset(address, 0, sizeof *address);
    if (length == 0 || length > sizeof address->socket ||
        getnameinfo(socket, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return;
    }
    memcpy(&address->socket, socket, length);
    address->length = length;
    (void)snprintf(address->text, sizeof address->text, /* host was made to leave room */
                   socket->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static bool equal_v4(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
    return a->sin_addr.s_addr == b->sin_addr.s_addr && a->sin_port == b->sin_port;
}

static bool equal_v6(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b)
{
    return memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0 &&
           a->sin6_port == b->sin6_port && a->sin6_scope_id == b->sin6_scope_id;
}

bool net_address_equal(const struct net_address *address, const struct net_address *other)
{
    const void *a = &address->socket;
    const void *b = &other->socket;

    if (address->socket.ss_family != other->socket.ss_family) {
        return false;
    }
    switch (address->socket.ss_family) {
    case AF_INET:
        return equal_v4(a, b);
    case AF_INET6:
        return equal_v6(a, b);
    default:
        return address->length == other->length && memcmp(a, b, address->length) == 0;
    }
}

int net_address_numeric(const char *host, uint16_t port, struct net_address *address)
{
    struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *found = NULL;
    char service[PORT_TEXT_MAX];
    struct in_addr v4;
    int status;

    (void)snprintf(service, sizeof service, "%u", port); /* a uint16_t fits */
    status = getaddrinfo(host, service, &hints, &found);
    if (status != 0) {
        return status;
    }
    net_address_set(address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    /* getaddrinfo also takes "127.1" and "1", as inet_aton does: too surprising here. */
    if (address->socket.ss_family == AF_INET && inet_pton(AF_INET, host, &v4) != 1) {
        return EAI_NONAME;
    }
    return address->length > 0 ? 0 : EAI_FAIL;
}

/* Decimal digits only: no sign, no space. 1 to 65535, or 0 when it is no port. */
static uint16_t parse_port(const char *text)
{
    unsigned long port = 0;
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 5 || text[digits] != '\0') {
        return 0;
    }
    for (; *text != '\0'; text++) {
        port = port * 10 + (unsigned long)(*text - '0');
    }
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* Splits "ADDR:PORT" or "[V6]:PORT". Returns the port, 0 when the text has another form. */
static uint16_t split(const char *text, char *host, size_t size)
{
    const char *colon = strrchr(text, ':');
    const char *end = colon;

    if (colon == NULL) {
        return 0;
    }
    if (*text == '[') {
        if (colon[-1] != ']') {
            return 0;
        }
        text++;
        end--;
    } else if (memchr(text, ':', (size_t)(colon - text)) != NULL) {
        return 0; /* 2001:db8::1:443 could mean two things */
    }
    if ((size_t)(end - text) >= size) {
        return 0;
    }
    memcpy(host, text, (size_t)(end - text));
    host[end - text] = '\0';
    return parse_port(colon + 1);
}

int net_address_parse(const char *text, struct net_address *address, struct err *err)
{
    char host[NET_ADDRESS_TEXT];
    char shown[200];
    uint16_t port = split(text, host, sizeof host);

    if (port != 0 && net_address_numeric(host, port, address) == 0 &&
        (address->socket.ss_family == AF_INET6) == (*text == '[')) {
        return 0;
    }
    return err_set(err, ERR_USAGE, "bad_address",
                   "\"%s\" is not a numeric address and a port from 1 to 65535, like "
                   "192.0.2.1:443 or [2001:db8::1]:443",
                   text_safe(shown, sizeof shown, text, strlen(text)));
}
