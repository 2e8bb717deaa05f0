/*
 * One thread that owns many proxies. None of their functions waits, so that a client which says nothing keeps nobody
 * else; when there are too many, the one goes where nothing has happened for the longest time.
 */
#include "front.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)
/* Four threads each. */
#define DEFAULT_CONNECTIONS 64
#define DEFAULT_IDLE_MS     (INT64_C(2) * 3600 * 1000)
/* Of one proxy at once, so that the others get their turn. */
#define EVENTS_PER_TURN 256

struct front_connection {
    struct lab_proxy *proxy;
    uint32_t number;   /* of the listener's */
    int64_t active_ns; /* without its data: last_active_ns() */
};

struct lab_front {
    /* Constant while the thread runs. */
    struct net_listener *listener;
    struct lab_imitations *imitations;
    struct tls_options options;
    char host[NET_ADDRESS_TEXT];
    uint16_t port;
    uint8_t *root;
    size_t root_length;
    size_t limit;
    int64_t idle_ns;
    int stop_fd;
    pthread_t thread;
    bool started;

    /* The thread's. */
    struct front_connection *connections;
    struct pollfd *watched; /* stop, listener, connections */
    size_t count;
    uint32_t taken; /* clients up to this number have a proxy */
};

/* ---- the set of connections ------------------------------------------------------------------- */

/* A client that nobody will serve does not take a place among those that wait. */
static void refuse(struct lab_front *front, uint32_t number)
{
    int fd = net_listener_take(front->listener, number, -1, NULL, NULL);

    if (fd >= 0) {
        (void)close(fd); /* nothing was said to it */
    }
}

static void drop(struct lab_front *front, size_t index)
{
    lab_proxy_free(front->connections[index].proxy);
    refuse(front, front->connections[index].number); /* if its worker has not come to it */
    front->connections[index] = front->connections[--front->count];
}

static int64_t last_active_ns(const struct front_connection *connection)
{
    int64_t heard_ns = lab_proxy_heard_ns(connection->proxy);

    return heard_ns > connection->active_ns ? heard_ns : connection->active_ns;
}

static void drop_idlest(struct lab_front *front)
{
    size_t idlest = 0;

    for (size_t i = 1; i < front->count; i++) {
        if (last_active_ns(&front->connections[i]) < last_active_ns(&front->connections[idlest])) {
            idlest = i;
        }
    }
    drop(front, idlest);
}

/* A client that cannot be served for want of something is dropped with its proxy. */
static void add(struct lab_front *front, uint32_t number, int64_t now_ns)
{
    const struct engine_command go = {.kind = ENGINE_CONTINUE};
    const struct lab_proxy_config config = {
        .options = &front->options,
        .imitations = front->imitations,
        .listener = front->listener,
        .connection = number,
        .host = front->host,
        .port = front->port,
        .lab_root = front->root,
        .lab_root_length = front->root_length,
        .resume = true,
        .quiet = true,
        .start_ns = now_ns,
    };
    struct lab_proxy *proxy;

    if (front->count == front->limit) {
        drop_idlest(front);
    }
    proxy = lab_proxy_new(&config, NULL);
    if (proxy == NULL || lab_proxy_command(proxy, LAB_PROXY_CLIENT, &go, NULL) != 0) {
        lab_proxy_free(proxy);
        refuse(front, number);
        return;
    }
    front->connections[front->count++] = (struct front_connection){proxy, number, now_ns};
}

/* When all places are taken by clients whose workers have not come to them yet, the oldest goes: who comes now may be a better one. */
static void make_room(struct lab_front *front)
{
    struct net_waiting waiting[NET_WAITING_MAX];
    size_t index = 0;

    if (net_listener_waiting(front->listener, waiting, NET_WAITING_MAX) < NET_WAITING_MAX) {
        return;
    }
    while (index < front->count && front->connections[index].number != waiting[0].number) {
        index++;
    }
    if (index < front->count) {
        drop(front, index);
    }
}

static void accept_all(struct lab_front *front, int64_t now_ns)
{
    struct net_waiting waiting[NET_WAITING_MAX];
    size_t count;

    make_room(front);
    (void)net_listener_collect(front->listener); /* those that wait are asked for next */
    count = net_listener_waiting(front->listener, waiting, NET_WAITING_MAX);
    for (size_t i = 0; i < count && i < NET_WAITING_MAX; i++) {
        if (waiting[i].number > front->taken) { /* the others' workers have not come to it yet */
            front->taken = waiting[i].number;
            add(front, waiting[i].number, now_ns);
        }
    }
}

/* What is told of a connection interests nobody here. False: it is over. */
static bool serve(struct front_connection *connection, int64_t now_ns)
{
    const struct engine_command go = {.kind = ENGINE_CONTINUE};
    enum lab_proxy_side side;
    struct trace_event event;

    for (int i = 0; i < EVENTS_PER_TURN; i++) {
        if (!lab_proxy_take(connection->proxy, &side, &event)) {
            break;
        }
        trace_event_clear(&event);
    }
    connection->active_ns = now_ns;
    switch (lab_proxy_state(connection->proxy)) {
    case ENGINE_OVER:
        return false;
    case ENGINE_PAUSED:
        return lab_proxy_command(connection->proxy, LAB_PROXY_CLIENT, &go, NULL) == 0;
    case ENGINE_RUNNING:
        break;
    }
    return true;
}

/* ---- the thread ------------------------------------------------------------------------------- */

enum { STOP, LISTENER, FIRST };

static int next_idle_ms(const struct lab_front *front, int64_t now_ns)
{
    int64_t next_ns = INT64_MAX;

    for (size_t i = 0; i < front->count; i++) {
        int64_t end_ns = last_active_ns(&front->connections[i]) + front->idle_ns;
        next_ns = end_ns < next_ns ? end_ns : next_ns;
    }
    if (next_ns == INT64_MAX) {
        return -1;
    }
    next_ns = (next_ns - now_ns) / NS_PER_MS + 1;
    if (next_ns < 0) {
        return 0;
    }
    return next_ns > INT_MAX ? INT_MAX : (int)next_ns;
}

/* False when the front is to stop. */
static bool wait_for_events(struct lab_front *front)
{
    struct pollfd *watched = front->watched;

    watched[STOP] = (struct pollfd){.fd = front->stop_fd, .events = POLLIN};
    watched[LISTENER] = (struct pollfd){.fd = net_listener_fd(front->listener), .events = POLLIN};
    for (size_t i = 0; i < front->count; i++) {
        watched[FIRST + i] =
            (struct pollfd){.fd = lab_proxy_wake_fd(front->connections[i].proxy), .events = POLLIN};
    }
    (void)poll(watched, FIRST + front->count, next_idle_ms(front, clock_monotonic_ns()));
    return watched[STOP].revents == 0;
}

/* From the end: the last one takes the place of one that is dropped. */
static void serve_all(struct lab_front *front, int64_t now_ns)
{
    for (size_t i = front->count; i-- > 0;) {
        struct front_connection *connection = &front->connections[i];

        if (front->watched[FIRST + i].revents != 0) {
            if (!serve(connection, now_ns)) {
                drop(front, i);
            }
        } else if (now_ns - last_active_ns(connection) >= front->idle_ns) {
            drop(front, i);
        }
    }
}

static void *run(void *argument)
{
    struct lab_front *front = argument;

    while (wait_for_events(front)) {
        int64_t now_ns = clock_monotonic_ns();

        serve_all(front, now_ns);
        if (front->watched[LISTENER].revents != 0) {
            accept_all(front, now_ns);
        }
    }
    while (front->count > 0) {
        drop(front, front->count - 1);
    }
    return NULL;
}

/* ---- starting and stopping -------------------------------------------------------------------- */

static int prepare(struct lab_front *front, const struct lab_config *config,
                   const struct net_address *behind, const uint8_t *root, size_t root_length,
                   struct err *err)
{
    const char *colon = strrchr(behind->text, ':');
    struct lab_ca *ca;

    front->limit = config->connections > 0 ? config->connections : DEFAULT_CONNECTIONS;
    front->idle_ns = (config->idle_ms > 0 ? config->idle_ms : DEFAULT_IDLE_MS) * NS_PER_MS;
    front->connections = calloc(front->limit, sizeof *front->connections);
    front->watched = calloc(front->limit + FIRST, sizeof *front->watched);
    front->root = malloc(root_length + 1); /* never 0 bytes */
    front->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (front->connections == NULL || front->watched == NULL || front->root == NULL ||
        front->stop_fd < 0) {
        return err_memory(err, "starting a proxy");
    }
    memcpy(front->root, root, root_length);
    front->root_length = root_length;
    (void)snprintf(front->host, sizeof front->host, "%.*s", (int)(colon - behind->text),
                   behind->text);
    front->port = (uint16_t)strtoul(colon + 1, NULL, 10);
    front->options.trust = TLS_TRUST_LAB;
    ca = lab_ca_new(err);
    if (ca == NULL) {
        return -1;
    }
    front->imitations = lab_imitations_new(ca, err);
    lab_ca_release(ca);
    if (front->imitations == NULL) {
        return -1;
    }
    front->listener =
        net_listener_new(config->host != NULL ? config->host : "127.0.0.1", config->port, err);
    return front->listener != NULL ? 0 : -1;
}

/* Signals are for the thread that owns the screen. */
static int start_thread(struct lab_front *front, struct err *err)
{
    sigset_t all, before;
    int status;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(&front->thread, NULL, run, front);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    front->started = status == 0;
    return status == 0 ? 0
                       : err_set(err, ERR_TLS, "lab_failed", "cannot start lab:proxy: %s",
                                 strerror(status));
}

struct lab_front *lab_front_start(const struct lab_config *config, const struct net_address *behind,
                                  const uint8_t *root, size_t root_length, struct err *err)
{
    struct lab_front *front = calloc(1, sizeof *front);

    if (front == NULL) {
        (void)err_memory(err, "starting a proxy");
        return NULL;
    }
    front->stop_fd = -1;
    tls_options_init(&front->options);
    if (prepare(front, config, behind, root, root_length, err) != 0 ||
        start_thread(front, err) != 0) {
        lab_front_stop(front);
        return NULL;
    }
    return front;
}

void lab_front_stop(struct lab_front *front)
{
    const uint64_t one = 1;

    if (front == NULL) {
        return;
    }
    if (front->started) {
        (void)!write(front->stop_fd, &one, sizeof one); /* the counter cannot be full */
        (void)pthread_join(front->thread, NULL);        /* it is ours and was not joined */
    }
    if (front->stop_fd >= 0) {
        (void)close(front->stop_fd); /* nothing is lost with it */
    }
    net_listener_release(front->listener);
    lab_imitations_release(front->imitations);
    tls_options_free(&front->options);
    free(front->connections);
    free(front->watched);
    free(front->root);
    free(front);
}

const struct net_address *lab_front_address(const struct lab_front *front)
{
    return net_listener_address(front->listener);
}
