/* Connections that wait, unread, in the order of their coming, until somebody wants one. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "address.h"

/* Without a descriptor left the kernel keeps a connection for us, and says so at once, again and again. */
#define NO_DESCRIPTORS_PAUSE_MS 100

struct waiting {
    int fd;
    struct net_waiting told;
};

struct net_listener {
    struct net_address address; /* constant */
    int fd;
    int come_fd; /* readable: one waits that nobody has been woken up for, whoever has taken it in */

    pthread_mutex_t lock; /* guards what follows */
    unsigned references;
    struct waiting waiting[NET_WAITING_MAX]; /* oldest first */
    size_t count;
    uint32_t numbers; /* given so far */
};

struct net_listener *net_listener_new(const char *host, uint16_t port, struct err *err)
{
    struct net_listener *listener = calloc(1, sizeof *listener);

    if (listener == NULL || pthread_mutex_init(&listener->lock, NULL) != 0) {
        free(listener);
        (void)err_memory(err, "listening");
        return NULL;
    }
    listener->references = 1;
    listener->come_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (listener->come_fd < 0) {
        pthread_mutex_destroy(&listener->lock);
        free(listener);
        (void)err_set(err, ERR_NETWORK, "listen_failed", "cannot listen: %s", strerror(errno));
        return NULL;
    }
    listener->fd = net_listen(host, port, &listener->address, err);
    if (listener->fd < 0) {
        (void)close(listener->come_fd); /* nothing is lost with it */
        pthread_mutex_destroy(&listener->lock);
        free(listener);
        return NULL;
    }
    return listener;
}

struct net_listener *net_listener_hold(struct net_listener *listener)
{
    pthread_mutex_lock(&listener->lock);
    listener->references++;
    pthread_mutex_unlock(&listener->lock);
    return listener;
}

void net_listener_release(struct net_listener *listener)
{
    unsigned left;

    if (listener == NULL) {
        return;
    }
    pthread_mutex_lock(&listener->lock);
    left = --listener->references;
    pthread_mutex_unlock(&listener->lock);
    if (left > 0) {
        return;
    }
    for (size_t i = 0; i < listener->count; i++) {
        (void)close(listener->waiting[i].fd); /* nothing was written to it */
    }
    (void)close(listener->fd);
    (void)close(listener->come_fd);
    pthread_mutex_destroy(&listener->lock);
    free(listener);
}

const struct net_address *net_listener_address(const struct net_listener *listener)
{
    return &listener->address;
}

int net_listener_fd(const struct net_listener *listener)
{
    return listener->fd;
}

/* ---- those that wait -------------------------------------------------------------------------- */

/* A peer that has sent its end, or a reset. Bytes in front of a FIN are still worth reading. */
static bool has_hung_up(int fd)
{
    struct pollfd watched = {.fd = fd, .events = POLLIN};
    char byte;

    if (poll(&watched, 1, 0) <= 0) {
        return false;
    }
    if ((watched.revents & (POLLERR | POLLHUP)) != 0) {
        return true;
    }
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

#define RECORD_HEADER 5
#define HANDSHAKE     22

/* Has it said something that can be acted on? Who connects and says nothing, or the beginning of a record (RFC 8446 5.1) and no more, would
 * keep the others waiting for as long as it is waited for. */
static bool has_spoken(int fd)
{
    uint8_t start[RECORD_HEADER];
    ssize_t got = recv(fd, start, sizeof start, MSG_PEEK | MSG_DONTWAIT);
    int available = 0;

    if (got <= 0 || start[0] != HANDSHAKE) {
        return got > 0;
    }
    return got == RECORD_HEADER && ioctl(fd, FIONREAD, &available) == 0 &&
           available >= RECORD_HEADER + (start[3] << 8 | start[4]);
}

/* The socket itself is quiet again once somebody has taken in what came: who waits for a client must hear of it all the same. */
static void announce_locked(struct net_listener *listener)
{
    const uint64_t one = 1;

    (void)!write(listener->come_fd, &one, sizeof one); /* full is as good as one more */
}

static void remove_locked(struct net_listener *listener, size_t index)
{
    size_t after = listener->count - index - 1;

    memmove(&listener->waiting[index], &listener->waiting[index + 1],
            after * sizeof listener->waiting[0]);
    listener->count--;
}

/* Looks again who has hung up. True when that has changed. */
static bool look_locked(struct net_listener *listener)
{
    bool changed = false;

    for (size_t i = 0; i < listener->count; i++) {
        struct net_waiting *told = &listener->waiting[i].told;
        bool ended = told->ended || has_hung_up(listener->waiting[i].fd);

        changed = changed || ended != told->ended;
        told->ended = ended;
    }
    return changed;
}

/* False: there is none to be had, for all of them are still wanted. */
static bool make_room_locked(struct net_listener *listener)
{
    if (listener->count < NET_WAITING_MAX) {
        return true;
    }
    (void)look_locked(listener);
    for (int silent = 0; silent <= 1; silent++) {
        for (size_t i = 0; i < listener->count; i++) {
            const struct waiting *waiting = &listener->waiting[i];

            if (silent ? !has_spoken(waiting->fd) : waiting->told.ended) {
                (void)close(waiting->fd); /* nobody is at the other end, or nobody who speaks */
                remove_locked(listener, i);
                return true;
            }
        }
    }
    return false;
}

static void add_locked(struct net_listener *listener, int fd, const struct sockaddr_storage *peer,
                       socklen_t peer_length)
{
    const int on = 1;
    struct sockaddr_storage local = {0};
    socklen_t local_length = sizeof local;
    struct waiting *waiting;

    if (!make_room_locked(listener)) {
        (void)close(fd); /* the newest is refused */
        return;
    }
    waiting = &listener->waiting[listener->count++];
    *waiting = (struct waiting){.fd = fd};
    waiting->told.number = ++listener->numbers;
    waiting->told.since_ns = clock_monotonic_ns();
    net_address_set(&waiting->told.peer, (const struct sockaddr *)peer, peer_length);
    if (getsockname(fd, (struct sockaddr *)&local, &local_length) == 0) {
        net_address_set(&waiting->told.local, (const struct sockaddr *)&local, local_length);
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* slower, not wrong, without */
}

/* Takes in what the kernel has, as far as there is room: it keeps the others until somebody has looked at these. Only where there is none
 * to begin with are the newest refused. */
static bool collect_locked(struct net_listener *listener)
{
    size_t room = NET_WAITING_MAX - listener->count;
    size_t most = room > 0 ? room : NET_WAITING_MAX;
    bool changed = false;

    for (size_t i = 0; i < most; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t length = sizeof peer;
        int fd =
            accept4(listener->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            add_locked(listener, fd, &peer, length);
            announce_locked(listener);
            changed = true;
        } else if (errno != ECONNABORTED && errno != EINTR) {
            break; /* EAGAIN: there is none left; others pass by themselves */
        }
    }
    return changed;
}

bool net_listener_collect(struct net_listener *listener)
{
    bool changed;

    pthread_mutex_lock(&listener->lock);
    changed = collect_locked(listener);
    changed = look_locked(listener) || changed;
    pthread_mutex_unlock(&listener->lock);
    return changed;
}

size_t net_listener_waiting(struct net_listener *listener, struct net_waiting *out, size_t max)
{
    size_t count;

    pthread_mutex_lock(&listener->lock);
    count = listener->count;
    for (size_t i = 0; i < count && i < max; i++) {
        out[i] = listener->waiting[i].told;
    }
    pthread_mutex_unlock(&listener->lock);
    return count;
}

/* ---- taking one ------------------------------------------------------------------------------- */

/* The index of the oldest that has not hung up, and better of one that has spoken; -1: there is none. */
static long find_oldest_locked(const struct net_listener *listener)
{
    long oldest = -1;

    for (size_t i = 0; i < listener->count; i++) {
        if (listener->waiting[i].told.ended) {
            continue;
        }
        if (has_spoken(listener->waiting[i].fd)) {
            return (long)i;
        }
        oldest = oldest < 0 ? (long)i : oldest;
    }
    return oldest;
}

/* Its index; -1: there is none. */
static long find_locked(const struct net_listener *listener, uint32_t number)
{
    if (number == 0) {
        return find_oldest_locked(listener);
    }
    for (size_t i = 0; i < listener->count; i++) {
        if (listener->waiting[i].told.number == number) {
            return (long)i;
        }
    }
    return -1;
}

static int take_locked(struct net_listener *listener, uint32_t number, struct net_waiting *out)
{
    long index;
    int fd;

    /* Who asks for one in particular has heard of it: others that come are left to wake up whoever collects them. */
    if (number == 0) {
        (void)collect_locked(listener);
    }
    (void)look_locked(listener);
    index = find_locked(listener, number);
    if (index < 0) {
        return -1;
    }
    fd = listener->waiting[index].fd;
    if (out != NULL) {
        *out = listener->waiting[index].told;
    }
    remove_locked(listener, (size_t)index);
    if (find_locked(listener, 0) >= 0) {
        announce_locked(listener); /* for whoever else waits */
    }
    return fd;
}

/* Until one comes, or the waiting is cancelled: false. */
static bool wait_for_one(const struct net_listener *listener, int cancel_fd)
{
    struct pollfd watched[] = {{.fd = cancel_fd, .events = POLLIN},
                               {.fd = listener->fd, .events = POLLIN},
                               {.fd = listener->come_fd, .events = POLLIN}};
    int ready = poll(watched, sizeof watched / sizeof *watched, -1);
    uint64_t come;

    if (ready > 0 && watched[0].revents != 0) {
        return false;
    }
    if (ready > 0 && watched[2].revents != 0) {
        (void)!read(listener->come_fd, &come, sizeof come); /* another one may have been faster */
    }
    if (ready > 0) {
        return true;
    }
    return errno == EINTR;
}

int net_listener_take(struct net_listener *listener, uint32_t number, int cancel_fd,
                      struct net_waiting *out, struct err *err)
{
    struct pollfd cancelled = {.fd = cancel_fd, .events = POLLIN};
    bool slow = false;

    for (;;) {
        pthread_mutex_lock(&listener->lock);
        int fd = take_locked(listener, number, out);
        pthread_mutex_unlock(&listener->lock);
        if (fd >= 0) {
            return fd;
        }
        if (number != 0) {
            return err_set(err, ERR_USAGE, "no_such_connection",
                           "connection %u is not among those that wait", number);
        }
        /* Readable and none to be had: no descriptors, or somebody else has it. */
        if ((slow && poll(&cancelled, 1, NO_DESCRIPTORS_PAUSE_MS) > 0) ||
            !wait_for_one(listener, cancel_fd)) {
            return err_set(err, ERR_INTERRUPTED, "aborted", "waiting for a client was aborted");
        }
        slow = true;
    }
}
