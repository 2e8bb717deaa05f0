/* Listening sockets. */
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "address.h"

static int fail(struct err *err, const char *where, int why)
{
    static const struct {
        int error;
        const char *text;
    } reasons[] = {
        {EADDRINUSE, "another program listens there; choose another port"},
        {EACCES, "ports below 1024 need root or CAP_NET_BIND_SERVICE"},
        {EADDRNOTAVAIL, "this machine does not have that address"},
    };
    const char *text = strerror(why);

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].error == why) {
            text = reasons[i].text;
        }
    }
    return err_set(err, ERR_NETWORK, "listen_failed", "cannot listen on %s: %s", where, text);
}

/* Returns 0, or -1 with errno. */
static int bind_and_listen(int fd, const struct net_address *address)
{
    const int on = 1;

    /* A server that was just stopped leaves connections in TIME_WAIT: they are no obstacle. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
        return -1;
    }
    if (bind(fd, (const struct sockaddr *)&address->socket, address->length) != 0) {
        return -1;
    }
    return listen(fd, SOMAXCONN);
}

int net_listen(const char *host, uint16_t port, struct net_address *address, struct err *err)
{
    struct sockaddr_storage bound = {0};
    socklen_t length = sizeof bound;
    char shown[200];
    int fd, why;

    if (net_address_numeric(host, port, address) != 0) {
        return err_set(
            err, ERR_USAGE, "bad_address",
            "cannot listen on \"%s\": it is not a numeric address, like 127.0.0.1 or ::1",
            text_safe(shown, sizeof shown, host, strlen(host)));
    }
    fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fail(err, address->text, errno);
    }
    if (bind_and_listen(fd, address) != 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &length) != 0) {
        why = errno;
        (void)close(fd); /* nothing was written */
        return fail(err, address->text, why);
    }
    net_address_set(address, (struct sockaddr *)&bound, length);
    return fd;
}
