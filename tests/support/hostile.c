/* Scripted TCP servers, each in a thread. */
#include "hostile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct hostile {
    const struct hostile_step *steps;
    int listener;
    int stop; /* an eventfd: readable when the server is to end */
    uint16_t port;
    pthread_t thread;
    struct hostile_report report; /* the thread's until it has ended */
};

/* Counts whole TLS records in a stream that comes in pieces. */
struct record_counter {
    size_t whole;
    size_t have; /* bytes of the record that is not whole */
    uint8_t header[5];
};

static void count_records(struct record_counter *counter, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (counter->have < sizeof counter->header) {
            counter->header[counter->have] = data[i];
        }
        counter->have++;
        if (counter->have >= sizeof counter->header &&
            counter->have ==
                sizeof counter->header + (size_t)(counter->header[3] << 8 | counter->header[4])) {
            counter->whole++;
            counter->have = 0;
        }
    }
}

/* ---- waiting ---------------------------------------------------------------------------- */

/* Waits until `fd` is ready for `events`; with fd -1 for `milliseconds`. False when the server is
 * to end. */
static bool wait_for(const struct hostile *server, int fd, short events, int milliseconds)
{
    struct pollfd polled[] = {{.fd = server->stop, .events = POLLIN}, {.fd = fd, .events = events}};
    int count;

    do {
        count = poll(polled, 2, milliseconds);
    } while (count < 0 && errno == EINTR);
    return count >= 0 && polled[0].revents == 0;
}

static bool would_block(ssize_t status)
{
    return status < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* Receives what there is, after waiting for it. 0 at the end of the stream or of the server. */
static size_t receive(const struct hostile *server, int fd, uint8_t *data, size_t size)
{
    ssize_t count;

    do {
        if (!wait_for(server, fd, POLLIN, -1)) {
            return 0;
        }
        count = recv(fd, data, size, 0);
    } while (would_block(count));
    return count > 0 ? (size_t)count : 0;
}

static bool send_all(const struct hostile *server, int fd, const uint8_t *data, size_t length)
{
    while (length > 0) {
        ssize_t count = send(fd, data, length, MSG_NOSIGNAL);
        if (would_block(count)) {
            if (!wait_for(server, fd, POLLOUT, -1)) {
                return false;
            }
            continue;
        }
        if (count < 0) {
            return false;
        }
        data += count;
        length -= (size_t)count;
    }
    return true;
}

/* ---- steps ------------------------------------------------------------------------------ */

/* What came from the client is kept for the report. */
static void keep(struct hostile *server, const uint8_t *data, size_t length)
{
    struct hostile_report *report = &server->report;

    if (report->received < sizeof report->data) {
        size_t room = sizeof report->data - report->received;
        memcpy(report->data + report->received, data, length < room ? length : room);
    }
    report->received += length;
}

/* Reads `size` bytes at most from the client. */
static size_t read_client(struct hostile *server, int fd, uint8_t *data, size_t size)
{
    size_t count = receive(server, fd, data, size);

    keep(server, data, count);
    return count;
}

/* Reads no further than it must: what is left is there for the next step. */
static bool read_bytes(struct hostile *server, int fd, size_t wanted)
{
    uint8_t data[4096];

    while (wanted > 0) {
        size_t count = read_client(server, fd, data, wanted < sizeof data ? wanted : sizeof data);
        if (count == 0) {
            return false;
        }
        wanted -= count;
    }
    return true;
}

static bool read_records(struct hostile *server, int fd, size_t wanted)
{
    for (; wanted > 0; wanted--) {
        size_t start = server->report.received;
        const uint8_t *header = server->report.data + start;
        if (start + 5 > sizeof server->report.data || !read_bytes(server, fd, 5) ||
            !read_bytes(server, fd, (size_t)(header[3] << 8 | header[4]))) {
            return false;
        }
    }
    return true;
}

static bool send_times(const struct hostile *server, int fd, const struct hostile_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        if (!send_all(server, fd, step->data, step->length)) {
            return false;
        }
    }
    return true;
}

/* Waits until the client hangs up, reading what it sends. Always false: nothing comes after it. */
static bool hold(struct hostile *server, int fd)
{
    uint8_t data[4096];

    while (read_client(server, fd, data, sizeof data) > 0) {
    }
    return false;
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* How many of `length` bytes may still be passed on until the step's limit is reached. */
static size_t within_limit(const struct hostile_step *step, struct record_counter *counter,
                           size_t *passed, const uint8_t *data, size_t length)
{
    size_t count = 0;

    if (step->length != 0) {
        count = step->count - *passed < length ? step->count - *passed : length;
    } else {
        while (count < length && counter->whole < step->count) {
            count_records(counter, data + count++, 1);
        }
    }
    *passed += count;
    return count;
}

/* Passes everything on, both ways, up to the limit in the direction to the client. */
static bool relay_until(struct hostile *server, int client, int upstream,
                        const struct hostile_step *step)
{
    struct record_counter counter = {.whole = 0};
    uint8_t data[4096];
    size_t passed = 0;

    while (step->length != 0 ? passed < step->count : counter.whole < step->count) {
        struct pollfd polled[] = {{.fd = server->stop, .events = POLLIN},
                                  {.fd = client, .events = POLLIN},
                                  {.fd = upstream, .events = POLLIN}};
        if (poll(polled, 3, -1) < 0 && errno != EINTR) {
            return false;
        }
        if (polled[0].revents != 0) {
            return false;
        }
        if (polled[1].revents != 0) {
            size_t count = read_client(server, client, data, sizeof data);
            if (count == 0 || !send_all(server, upstream, data, count)) {
                return false;
            }
        }
        if (polled[2].revents != 0) {
            size_t count = receive(server, upstream, data, sizeof data);
            if (count == 0) {
                return false;
            }
            count = within_limit(step, &counter, &passed, data, count);
            if (!send_all(server, client, data, count)) {
                return false;
            }
        }
    }
    return true;
}

static bool relay(struct hostile *server, int client, const struct hostile_step *step)
{
    struct sockaddr_in address = loopback(step->port);
    int upstream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool goes_on = false;

    if (upstream >= 0 &&
        connect(upstream, (const struct sockaddr *)&address, sizeof address) == 0) {
        goes_on = relay_until(server, client, upstream, step);
    }
    if (upstream >= 0) {
        (void)close(upstream);
    }
    return goes_on;
}

/* FIN after what was sent. Reads on until the client hangs up too: closing with unread data would
 * make it an RST. */
static bool close_softly(struct hostile *server, int fd)
{
    (void)shutdown(fd, SHUT_WR);
    return hold(server, fd);
}

static bool reset(int fd)
{
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    return false;
}

/* Returns whether the script goes on. */
static bool play(struct hostile *server, int fd, const struct hostile_step *step)
{
    switch (step->action) {
    case HOSTILE_READ:
        return read_bytes(server, fd, step->count);
    case HOSTILE_RECORD:
        return read_records(server, fd, step->count);
    case HOSTILE_SEND:
        return send_times(server, fd, step);
    case HOSTILE_PAUSE:
        return wait_for(server, -1, 0, (int)step->count);
    case HOSTILE_RELAY:
        return relay(server, fd, step);
    case HOSTILE_CLOSE:
        return close_softly(server, fd);
    case HOSTILE_RESET:
        return reset(fd);
    case HOSTILE_HOLD:
        break;
    }
    return hold(server, fd);
}

/* ---- the server ------------------------------------------------------------------------- */

static void *serve(void *argument)
{
    struct hostile *server = argument;

    while (wait_for(server, server->listener, POLLIN, -1)) {
        int one = 1;
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            continue;
        }
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        server->report.connections++;
        server->report.received = 0;
        for (const struct hostile_step *step = server->steps; play(server, fd, step); step++) {
        }
        (void)close(fd);
    }
    return NULL;
}

static int listen_somewhere(struct hostile *server)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;

    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->listener < 0 ||
        bind(server->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(server->listener, 64) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &length) != 0) {
        return -1;
    }
    server->port = ntohs(address.sin_port);
    return 0;
}

/* Signals are for the test's own threads. */
static int start_thread(struct hostile *server)
{
    sigset_t all;
    sigset_t before;
    int status;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(&server->thread, NULL, serve, server);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

static void close_all(struct hostile *server)
{
    if (server->listener >= 0) {
        (void)close(server->listener);
    }
    if (server->stop >= 0) {
        (void)close(server->stop);
    }
    free(server);
}

struct hostile *hostile_start(const struct hostile_step *steps)
{
    struct hostile *server = calloc(1, sizeof *server);

    if (server == NULL) {
        perror("hostile");
        return NULL;
    }
    server->steps = steps;
    server->listener = -1;
    server->stop = eventfd(0, EFD_CLOEXEC);
    if (server->stop < 0 || listen_somewhere(server) != 0 || start_thread(server) != 0) {
        perror("hostile");
        close_all(server);
        return NULL;
    }
    return server;
}

uint16_t hostile_port(const struct hostile *server)
{
    return server->port;
}

void hostile_stop(struct hostile *server, struct hostile_report *report)
{
    const uint64_t one = 1;

    if (server == NULL) {
        return;
    }
    if (write(server->stop, &one, sizeof one) != sizeof one) {
        perror("hostile"); /* cannot happen to an eventfd at 0 */
        abort();
    }
    (void)pthread_join(server->thread, NULL);
    if (report != NULL) {
        *report = server->report;
    }
    close_all(server);
}
