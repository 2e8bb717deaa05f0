/*
 * A connection to the first address that answers (RFC 8305 5, "Happy Eyeballs").
 *
 * All attempts are non-blocking sockets in one poll loop on the caller's thread; the cancel
 * descriptor is in the same poll, so an abort is noticed at once whatever the network does.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "address.h"

#define NS_PER_MS        INT64_C(1000000)
#define ATTEMPT_DELAY_NS (250 * NS_PER_MS) /* RFC 8305 5, recommended value */

/* sockets[i] belongs to attempts[i]; -1 once it has ended. */
struct race {
    const struct net_address *addresses;
    size_t count;
    struct net_attempt *attempts;
    int sockets[NET_ADDRESS_MAX];
    size_t started;
    size_t running;
    int64_t next_ns; /* when the next attempt is due */
    int winner;      /* the connected socket, -1 while there is none */
};

/* ---- one attempt ------------------------------------------------------------------------- */

/* A closed port in the ephemeral range can be connected to itself (simultaneous open, RFC 9293
 * 3.5, figure 7): that is nobody's answer. */
static bool is_self_connection(int fd)
{
    struct net_tcp_info info;

    net_tcp_info(fd, &info);
    return info.local.length > 0 && net_address_equal(&info.local, &info.peer);
}

static void attempt_end(struct race *race, size_t index, int error)
{
    struct net_attempt *attempt = &race->attempts[index];

    if (error == 0 && is_self_connection(race->sockets[index])) {
        error = ECONNREFUSED;
    }
    attempt->end_ns = clock_monotonic_ns();
    attempt->connected = error == 0;
    attempt->error = error;
    race->running--;
    if (error == 0 && race->winner < 0) {
        race->winner = race->sockets[index];
        race->sockets[index] = -1;
        return;
    }
    if (race->sockets[index] >= 0) {
        (void)close(race->sockets[index]); /* nothing was written */
        race->sockets[index] = -1;
    }
    /* The newest attempt has failed: no reason to wait for the delay. */
    if (index + 1 == race->started) {
        race->next_ns = attempt->end_ns;
    }
}

static void attempt_begin(struct race *race)
{
    size_t index = race->started++;
    struct net_attempt *attempt = &race->attempts[index];
    const struct sockaddr_storage *socket_address;

    *attempt = (struct net_attempt){
        .address = race->addresses[index],
        .start_ns = clock_monotonic_ns(),
    };
    socket_address = &attempt->address.socket;
    race->running++;
    race->next_ns = attempt->start_ns + ATTEMPT_DELAY_NS;
    race->sockets[index] =
        socket(socket_address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (race->sockets[index] < 0) {
        attempt_end(race, index, errno);
        return;
    }
    if (connect(race->sockets[index], (const struct sockaddr *)socket_address,
                attempt->address.length) == 0) {
        attempt_end(race, index, 0);
    } else if (errno != EINPROGRESS && errno != EINTR) {
        attempt_end(race, index, errno);
    }
}

/* The socket has become writable, or has failed. */
static void attempt_finish(struct race *race, size_t index)
{
    int error = 0;
    socklen_t length = sizeof error;

    if (getsockopt(race->sockets[index], SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
        error = errno;
    }
    attempt_end(race, index, error);
}

/* ---- the race ---------------------------------------------------------------------------- */

/* Closes what is still running: `error` is why (0: somebody else was faster or wants to stop). */
static void race_end(struct race *race, int error)
{
    int64_t now = clock_monotonic_ns();

    for (size_t i = 0; i < race->started; i++) {
        if (race->sockets[i] < 0) {
            continue;
        }
        (void)close(race->sockets[i]); /* nothing was written */
        race->sockets[i] = -1;
        race->attempts[i].end_ns = now;
        race->attempts[i].error = error;
        race->attempts[i].abandoned = error == 0;
    }
}

/* Milliseconds until the next attempt or the deadline, rounded up so as not to spin. */
static int poll_timeout(const struct race *race, int64_t deadline_ns)
{
    int64_t until = deadline_ns;
    int64_t left;

    if (race->started < race->count && race->next_ns < until) {
        until = race->next_ns;
    }
    left = (until - clock_monotonic_ns() + NS_PER_MS - 1) / NS_PER_MS;
    if (left < 0) {
        return 0;
    }
    return left > INT_MAX ? INT_MAX : (int)left;
}

/* Waits for something to happen and takes it in. Returns 1 when the caller wants to stop, -1
 * with errno when poll itself failed. */
static int race_wait(struct race *race, int64_t deadline_ns, int cancel_fd)
{
    struct pollfd watched[1 + NET_ADDRESS_MAX];
    size_t started = race->started;

    watched[0] = (struct pollfd){.fd = cancel_fd, .events = POLLIN};
    for (size_t i = 0; i < started; i++) {
        watched[1 + i] = (struct pollfd){.fd = race->sockets[i], .events = POLLOUT};
    }
    if (poll(watched, 1 + started, poll_timeout(race, deadline_ns)) < 0) {
        return errno == EINTR ? 0 : -1;
    }
    if (watched[0].revents != 0) {
        return 1;
    }
    for (size_t i = 0; i < started && race->winner < 0; i++) {
        if (watched[1 + i].revents != 0) {
            attempt_finish(race, i);
        }
    }
    return 0;
}

/* ---- why it failed ----------------------------------------------------------------------- */

static const char *attempt_reason(const struct net_attempt *attempt)
{
    switch (attempt->error) {
    case ECONNREFUSED:
        return "connection refused, nothing listens there";
    case ETIMEDOUT:
        return "no answer";
    case ENETUNREACH:
        return "this machine has no route to that network";
    case EHOSTUNREACH:
        return "no route to that host";
    case EACCES:
    case EPERM:
        return "not permitted, a firewall on this machine forbids it";
    default:
        return strerror(attempt->error);
    }
}

/* "cannot connect to 192.0.2.1:443: no answer; [2001:db8::1]:443: connection refused" */
static int fail(const struct race *race, const char *code, const char *within, struct err *err)
{
    struct buffer text = {0};
    const char *reasons;

    for (size_t i = 0; i < race->started; i++) {
        buffer_printf(&text, "%s%s: %s", i > 0 ? "; " : "", race->attempts[i].address.text,
                      attempt_reason(&race->attempts[i]));
    }
    reasons = buffer_string(&text);
    if (reasons == NULL) {
        (void)err_memory(err, "describing a failed connection");
    } else {
        (void)err_set(err, ERR_NETWORK, code, "cannot connect%s to %s", within, reasons);
    }
    buffer_free(&text);
    return -1;
}

static int fail_timeout(const struct race *race, int64_t timeout_ms, struct err *err)
{
    char within[40];

    (void)snprintf(within, sizeof within, " within %g s", (double)timeout_ms / 1000);
    return fail(race, "timeout", within, err);
}

/* The first one always, so that there is something to tell. */
static bool attempt_is_due(const struct race *race, int64_t now, int64_t deadline_ns)
{
    return race->started == 0 ||
           (race->started < race->count && now >= race->next_ns && now < deadline_ns);
}

static int run(struct race *race, int64_t timeout_ms, int cancel_fd, struct err *err)
{
    int64_t now = clock_monotonic_ns();
    int64_t deadline_ns;

    /* A deadline that would overflow is as good as none. */
    deadline_ns = timeout_ms < (INT64_MAX - now) / NS_PER_MS ? now + timeout_ms * NS_PER_MS
                                                             : INT64_MAX - NS_PER_MS;
    race->next_ns = now;
    for (;;) {
        int waited = race_wait(race, deadline_ns, cancel_fd);
        if (waited < 0) {
            return err_set(err, ERR_NETWORK, "connect_failed", "cannot wait for a connection: %s",
                           strerror(errno));
        }
        if (waited > 0) {
            return err_set(err, ERR_INTERRUPTED, "aborted", "connecting was aborted");
        }
        now = clock_monotonic_ns();
        if (race->winner < 0 && attempt_is_due(race, now, deadline_ns)) {
            attempt_begin(race);
        }
        if (race->winner >= 0) {
            return 0;
        }
        if (race->running == 0 && race->started == race->count) {
            return fail(race, "connect_failed", "", err);
        }
        if (now >= deadline_ns) {
            race_end(race, ETIMEDOUT);
            return fail_timeout(race, timeout_ms, err);
        }
    }
}

int net_connect(const struct net_address *addresses, size_t count, int64_t timeout_ms,
                int cancel_fd, struct net_attempt *attempts, size_t *attempt_count, struct err *err)
{
    struct race race = {.addresses = addresses, .count = count, .attempts = attempts, .winner = -1};
    const int on = 1;

    *attempt_count = 0;
    if (count == 0) {
        return err_set(err, ERR_NETWORK, "connect_failed", "there is no address to connect to");
    }
    if (race.count > NET_ADDRESS_MAX) {
        race.count = NET_ADDRESS_MAX;
    }
    (void)run(&race, timeout_ms, cancel_fd, err); /* the winner says how it went */
    race_end(&race, 0);
    *attempt_count = race.started;
    if (race.winner >= 0) {
        /* Messages are to leave when they are sent; without it they only leave later. */
        (void)setsockopt(race.winner, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return race.winner;
}
