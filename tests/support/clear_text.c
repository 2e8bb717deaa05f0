#include "clear_text.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- servers ----------------------------------------------------------------------------------- */

static bool send_all(int socket, const void *data, size_t length)
{
    return send(socket, data, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* Reads no byte more than the line or message has that is wanted: what follows is TLS. */
static bool hear(struct net_dialogue *dialogue, int socket)
{
    uint8_t heard[4096];
    size_t length = 0;
    long used = 0;

    while (used == 0 && length < sizeof heard && recv(socket, heard + length, 1, 0) == 1) {
        used = net_dialogue_hear(dialogue, heard, ++length, NULL);
    }
    return used > 0;
}

bool clear_text_serve(int socket, void *protocol)
{
    struct net_dialogue *dialogue =
        net_dialogue_new(net_protocol_find(protocol), NET_SERVER, "localhost");
    bool goes_on = dialogue != NULL;

    while (goes_on && net_dialogue_turn(dialogue) != NET_DONE) {
        if (net_dialogue_turn(dialogue) == NET_SAY) {
            size_t length;
            const uint8_t *data = net_dialogue_say(dialogue, &length);

            goes_on = send_all(socket, data, length);
            net_dialogue_said(dialogue);
        } else {
            goes_on = hear(dialogue, socket);
        }
    }
    net_dialogue_free(dialogue);
    return goes_on;
}

bool clear_text_recite(int socket, void *script)
{
    const char *part = script;
    char heard[4096];

    for (;;) {
        size_t length = strcspn(part, "|");

        if (length > 0 && !send_all(socket, part, length)) {
            return false;
        }
        if (part[length] == '\0') {
            while (recv(socket, heard, sizeof heard, 0) > 0) {
            }
            return false;
        }
        if (recv(socket, heard, sizeof heard, 0) <= 0) {
            return false;
        }
        part += length + 1;
    }
}

/* ---- without a socket --------------------------------------------------------------------------- */

const char *clear_text_hear(struct net_dialogue *dialogue, const char *said, size_t length,
                            struct err *err)
{
    const char *end = said + length;
    size_t unused;

    *err = (struct err){0};
    for (;;) {
        const char *bar = memchr(said, '|', (size_t)(end - said));
        size_t left = (size_t)((bar != NULL ? bar : end) - said);
        long used = 1;

        for (; net_dialogue_turn(dialogue) == NET_SAY; net_dialogue_said(dialogue)) {
            (void)net_dialogue_say(dialogue, &unused);
        }
        while (used > 0 && net_dialogue_turn(dialogue) == NET_HEAR) {
            used = net_dialogue_hear(dialogue, (const uint8_t *)said, left, err);
            if (used < 0) {
                return err->code;
            }
            said += used;
            left -= (size_t)used;
        }
        if (bar == NULL) {
            return net_dialogue_turn(dialogue) == NET_DONE ? "done" : "waits";
        }
        said = bar + 1;
    }
}

/* ---- a proxy ------------------------------------------------------------------------------------ */

static bool read_all(int socket, uint8_t *out, size_t length)
{
    return recv(socket, out, length, MSG_WAITALL) == (ssize_t)length;
}

static int connect_to(const char *host, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strcmp(host, "localhost") == 0) {
        host = "127.0.0.1";
    }
    if (fd >= 0 && inet_pton(AF_INET, host, &address.sin_addr) == 1 &&
        connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        return fd;
    }
    (void)close(fd);
    return -1;
}

static void remember(struct tiny_proxy *proxy, const char *host, unsigned port)
{
    pthread_mutex_lock(&proxy->lock);
    (void)snprintf(proxy->asked, sizeof proxy->asked, "%s:%u", host, port);
    pthread_mutex_unlock(&proxy->lock);
}

/* Basic credentials of "me:secret", which is what tests have. */
#define BASIC "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"

/* "CONNECT host:port HTTP/1.1" */
static bool split_target(const char *head, char *host, size_t size, unsigned *port)
{
    const char *target = strncmp(head, "CONNECT ", 8) == 0 ? head + 8 : "";
    size_t length = strcspn(target, ": ");

    *port = target[length] == ':' ? (unsigned)strtoul(target + length + 1, NULL, 10) : 0;
    (void)snprintf(host, size, "%.*s", (int)(length < size ? length : 0), target);
    return *port > 0;
}

/* Returns the connection to the target, or -1. */
static int take_connect(struct tiny_proxy *proxy, int client)
{
    char head[4096] = "";
    char host[256];
    unsigned port;
    size_t length = 0;
    int server;

    while (length < sizeof head - 1 && strstr(head, "\r\n\r\n") == NULL &&
           recv(client, head + length, 1, 0) == 1) {
        head[++length] = '\0';
    }
    if (proxy->answer != NULL) {
        (void)send_all(client, proxy->answer, strlen(proxy->answer));
        return -1;
    }
    if (!split_target(head, host, sizeof host, &port)) {
        return -1;
    }
    if (proxy->user != NULL && strstr(head, BASIC) == NULL) {
        static const char refusal[] = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
        (void)send_all(client, refusal, sizeof refusal - 1);
        return -1;
    }
    remember(proxy, host, port);
    server = connect_to(host, (uint16_t)port);
    if (server >= 0) {
        (void)send_all(client, "HTTP/1.1 200 Connection established\r\n\r\n", 39);
    } else {
        (void)send_all(client, "HTTP/1.1 502 Bad Gateway\r\n\r\n", 28);
    }
    return server;
}

static bool log_in(const struct tiny_proxy *proxy, int client)
{
    uint8_t part[256];
    char user[256], password[256], both[513];

    if (!read_all(client, part, 2) || !read_all(client, (uint8_t *)user, part[1])) {
        return false;
    }
    user[part[1]] = '\0';
    if (!read_all(client, part, 1) || !read_all(client, (uint8_t *)password, part[0])) {
        return false;
    }
    password[part[0]] = '\0';
    (void)snprintf(both, sizeof both, "%s:%s", user, password);
    (void)send_all(client, strcmp(both, proxy->user) == 0 ? "\1\0" : "\1\1", 2);
    return strcmp(both, proxy->user) == 0;
}

static int take_socks(struct tiny_proxy *proxy, int client)
{
    uint8_t head[256];
    char host[256];
    uint8_t method = proxy->user != NULL ? 2 : 0;
    uint8_t port[2];
    int server;

    if (!read_all(client, head, 2) || !read_all(client, head + 2, head[1])) {
        return -1;
    }
    if (memchr(head + 2, method, head[1]) == NULL) {
        (void)send_all(client, "\5\xff", 2);
        return -1;
    }
    (void)send_all(client, (const uint8_t[]){5, method}, 2);
    if ((method == 2 && !log_in(proxy, client)) || !read_all(client, head, 4)) {
        return -1;
    }
    if (head[3] == 1) {
        (void)(read_all(client, head, 4) && inet_ntop(AF_INET, head, host, sizeof host));
    } else {
        if (!read_all(client, head, 1) || !read_all(client, (uint8_t *)host, head[0])) {
            return -1;
        }
        host[head[0]] = '\0';
    }
    if (!read_all(client, port, 2)) {
        return -1;
    }
    remember(proxy, host, (unsigned)port[0] << 8 | port[1]);
    server = connect_to(host, (uint16_t)((unsigned)port[0] << 8 | port[1]));
    (void)send_all(client, server >= 0 ? "\5\0\0\1\0\0\0\0\0\0" : "\5\5\0\1\0\0\0\0\0\0", 10);
    return server;
}

/* Both ways until both have ended. */
static void pump(int client, int server)
{
    struct pollfd ends[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    char data[4096];

    while ((ends[0].fd >= 0 || ends[1].fd >= 0) && poll(ends, 2, 20000) > 0) {
        for (int i = 0; i < 2; i++) {
            int to = i == 0 ? server : client;
            ssize_t count;

            if (ends[i].fd < 0 || ends[i].revents == 0) {
                continue;
            }
            count = recv(ends[i].fd, data, sizeof data, 0);
            if (count <= 0) {
                (void)shutdown(to, SHUT_WR);
                ends[i].fd = -1;
            } else if (!send_all(to, data, (size_t)count)) {
                return;
            }
        }
    }
}

static void serve(struct tiny_proxy *proxy, int client)
{
    char first;
    int server = -1;

    if (recv(client, &first, 1, MSG_PEEK) == 1) {
        server = first == 5 ? take_socks(proxy, client) : take_connect(proxy, client);
    }
    if (server >= 0) {
        pump(client, server);
        (void)close(server);
    }
}

static void *run(void *argument)
{
    struct tiny_proxy *proxy = argument;
    int client;

    while ((client = accept(proxy->socket, NULL, NULL)) >= 0) {
        pthread_mutex_lock(&proxy->lock);
        proxy->client = client;
        pthread_mutex_unlock(&proxy->lock);
        serve(proxy, client);
        pthread_mutex_lock(&proxy->lock);
        proxy->client = -1;
        (void)close(client);
        pthread_mutex_unlock(&proxy->lock);
    }
    return NULL;
}

int tiny_proxy_start(struct tiny_proxy *proxy)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    proxy->client = -1;
    proxy->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (proxy->socket < 0 ||
        bind(proxy->socket, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(proxy->socket, 16) != 0 ||
        getsockname(proxy->socket, (struct sockaddr *)&address, &length) != 0 ||
        pthread_mutex_init(&proxy->lock, NULL) != 0) {
        return -1;
    }
    proxy->port = ntohs(address.sin_port);
    return pthread_create(&proxy->thread, NULL, run, proxy) == 0 ? 0 : -1;
}

void tiny_proxy_stop(struct tiny_proxy *proxy)
{
    (void)shutdown(proxy->socket, SHUT_RDWR);
    pthread_mutex_lock(&proxy->lock);
    if (proxy->client >= 0) {
        (void)shutdown(proxy->client, SHUT_RDWR);
    }
    pthread_mutex_unlock(&proxy->lock);
    (void)pthread_join(proxy->thread, NULL);
    (void)close(proxy->socket);
    (void)pthread_mutex_destroy(&proxy->lock);
}
