/*
 * The event loop of a lab server: one thread, a bounded number of connections. When one more comes,
 * the one that is of least use goes: a draining one, else the one that has been quiet the longest. So
 * clients that hold connections and say nothing cannot keep the others out.
 */
#include "server.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#define NS_PER_MS               INT64_C(1000000)
#define ACCEPTS_PER_TURN        64
#define NO_DESCRIPTORS_PAUSE_NS (100 * NS_PER_MS)

enum { WAKE, LISTENER, FIRST_CONNECTION };

/* ---- the set of connections -------------------------------------------------------------- */

static void remove_connection(struct lab_server *server, size_t index)
{
    lab_connection_free(server->connections[index]);
    server->connections[index] = server->connections[--server->count];
}

static bool is_of_less_use(const struct lab_connection *a, const struct lab_connection *b)
{
    bool a_drains = a->state == LAB_DRAINING;
    bool b_drains = b->state == LAB_DRAINING;

    return a_drains != b_drains ? a_drains : a->active_ns < b->active_ns;
}

static void remove_least_useful(struct lab_server *server)
{
    size_t victim = 0;

    for (size_t i = 1; i < server->count; i++) {
        if (is_of_less_use(server->connections[i], server->connections[victim])) {
            victim = i;
        }
    }
    if (server->count > 0) {
        remove_connection(server, victim);
    }
}

/* ---- accepting --------------------------------------------------------------------------- */

static void add_connection(struct lab_server *server, int fd)
{
    struct lab_connection *connection;

    if (server->count == server->limit) {
        remove_least_useful(server);
    }
    connection = lab_connection_new(&server->service, fd);
    if (connection != NULL) {
        server->connections[server->count++] = connection;
    }
}

static void accept_connections(struct lab_server *server, int64_t now_ns)
{
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            add_connection(server, fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            /* The client waits in the queue; without a pause the loop would spin on it. */
            remove_least_useful(server);
            server->accept_ns = now_ns + NO_DESCRIPTORS_PAUSE_NS;
            return;
        }
        if (errno != ECONNABORTED && errno != EINTR) {
            return; /* EAGAIN: nobody is left */
        }
    }
}

/* ---- one turn ---------------------------------------------------------------------------- */

/* Milliseconds to the next deadline, rounded up so as not to spin; -1: none. */
static int poll_timeout(const struct lab_server *server, bool accepting, int64_t now_ns)
{
    int64_t next = accepting ? INT64_MAX : server->accept_ns;
    int64_t left;

    for (size_t i = 0; i < server->count; i++) {
        if (server->connections[i]->deadline_ns < next) {
            next = server->connections[i]->deadline_ns;
        }
    }
    if (next == INT64_MAX) {
        return -1;
    }
    left = (next - now_ns + NS_PER_MS - 1) / NS_PER_MS;
    if (left < 0) {
        return 0;
    }
    return left > INT_MAX ? INT_MAX : (int)left;
}

/* Waits for something to do. False when the server is to stop. */
static bool wait_for_events(struct lab_server *server)
{
    struct pollfd *watched = server->watched;
    int64_t now_ns = clock_monotonic_ns();
    bool accepting = now_ns >= server->accept_ns;

    watched[WAKE] = (struct pollfd){.fd = server->wake[0], .events = POLLIN};
    watched[LISTENER] = (struct pollfd){.fd = accepting ? server->listener : -1, .events = POLLIN};
    for (size_t i = 0; i < server->count; i++) {
        watched[FIRST_CONNECTION + i] = (struct pollfd){
            .fd = server->connections[i]->fd,
            .events = server->connections[i]->wanted,
        };
    }
    if (poll(watched, FIRST_CONNECTION + server->count, poll_timeout(server, accepting, now_ns)) <
        0) {
        return errno == EINTR || errno == ENOMEM || errno == EAGAIN;
    }
    return watched[WAKE].revents == 0;
}

/* From the last to the first: a connection that takes the place of a removed one has had its turn. */
static void advance_connections(struct lab_server *server, int64_t now_ns)
{
    for (size_t i = server->count; i-- > 0;) {
        bool ready = server->watched[FIRST_CONNECTION + i].revents != 0;
        if (!lab_connection_advance(server->connections[i], ready, now_ns)) {
            remove_connection(server, i);
        }
    }
}

static void run(struct lab_server *server)
{
    while (wait_for_events(server)) {
        int64_t now_ns = clock_monotonic_ns();
        advance_connections(server, now_ns);
        if (server->watched[LISTENER].revents != 0) {
            accept_connections(server, now_ns);
        }
    }
    while (server->count > 0) {
        remove_connection(server, server->count - 1);
    }
}

void *lab_loop_run(void *server)
{
    run(server);
    return NULL;
}
