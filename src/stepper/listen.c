#include "listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listen_answer.h"
#include "moves.h"

struct stepper_service {
    struct net_listener *listener;
    struct tls_identity *identity; /* signed by the lab's CA; NULL: not made yet */
    char *name;                    /* that --sni gave it; NULL: the usual ones */
    struct tls_memory *memory;
    int wake_fd;     /* epoll: the listener, and the engine of the run */
    uint32_t picked; /* the connection that the next run takes; 0: the oldest */
};

/* ---- listening ---------------------------------------------------------------------------------- */

static void free_service(struct stepper_service *service)
{
    net_listener_release(service->listener);
    tls_identity_release(service->identity);
    tls_memory_release(service->memory);
    free(service->name);
    if (service->wake_fd >= 0) {
        (void)close(service->wake_fd); /* nothing is lost with it */
    }
    free(service);
}

static int open_service(const struct stepper *stepper, struct stepper_service *service,
                        struct err *err)
{
    struct epoll_event event = {.events = EPOLLIN};

    service->memory = tls_memory_new(err);
    if (service->memory == NULL) {
        return -1;
    }
    service->listener = net_listener_new(stepper->target.host, stepper->target.port, err);
    if (service->listener == NULL) {
        return -1;
    }
    service->wake_fd = epoll_create1(EPOLL_CLOEXEC);
    if (service->wake_fd < 0 || epoll_ctl(service->wake_fd, EPOLL_CTL_ADD,
                                          net_listener_fd(service->listener), &event) != 0) {
        return err_set(err, ERR_NETWORK, "listen", "cannot wait for clients: %s", strerror(errno));
    }
    return 0;
}

const struct net_address *listen_open(struct stepper *stepper, struct err *err)
{
    struct stepper_service *service = stepper->service;

    if (service == NULL) {
        service = calloc(1, sizeof *service);
        if (service == NULL) {
            (void)err_memory(err, "listening");
            return NULL;
        }
        service->wake_fd = -1;
        if (open_service(stepper, service, err) != 0) {
            free_service(service);
            return NULL;
        }
        stepper->service = service;
    }
    return net_listener_address(service->listener);
}

void listen_end(struct stepper *stepper)
{
    if (stepper->service != NULL) {
        free_service(stepper->service);
        stepper->service = NULL;
    }
}

int listen_wake_fd(const struct stepper *stepper)
{
    return stepper->service != NULL ? stepper->service->wake_fd : -1;
}

bool listen_pump(struct stepper *stepper)
{
    struct run *run = run_newest(stepper);
    struct err err = {0};

    if (stepper->service == NULL) {
        return false;
    }
    if (listen_answer_look(run->answer, run, net_listener_address(stepper->service->listener)->text,
                           &err) != 0) {
        run_note_trouble(stepper, &err);
    }
    return net_listener_collect(stepper->service->listener);
}

/* ---- what this side shows ------------------------------------------------------------------------- */

#define NAMES_MAX 4

/* --sni, or everything that a client on this machine may call it. */
static struct tls_identity *make_identity(struct stepper *stepper, const char *name,
                                          struct err *err)
{
    char machine[256] = "";
    const char *names[NAMES_MAX] = {"localhost", "127.0.0.1", "::1", machine};
    size_t count = NAMES_MAX - 1;
    const struct lab_ca *ca = stepper_ca(stepper, err);

    if (ca == NULL) {
        return NULL;
    }
    if (name != NULL) {
        names[0] = name;
        count = 1;
    } else if (gethostname(machine, sizeof machine - 1) == 0 && machine[0] != '\0' &&
               strcmp(machine, "localhost") != 0) {
        count = NAMES_MAX;
    }
    return lab_ca_identity(ca, names, count, err);
}

static bool is_same_name(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* A new reference. */
static struct tls_identity *find_identity(struct stepper *stepper, const struct tls_options *tls,
                                          struct err *err)
{
    struct stepper_service *service = stepper->service;
    const char *name = tls->sni != NULL && strcmp(tls->sni, "none") != 0 ? tls->sni : NULL;

    if (tls->cert != NULL) {
        return tls_identity_load(tls->cert, tls->key, err);
    }
    if (service->identity == NULL || !is_same_name(service->name, name)) {
        char *copy = name != NULL ? text_duplicate(name, strlen(name)) : NULL;
        struct tls_identity *made = make_identity(stepper, name, err);

        if (made == NULL || (name != NULL && copy == NULL)) {
            free(copy);
            tls_identity_release(made);
            if (made != NULL) {
                (void)err_memory(err, "making a certificate");
            }
            return NULL;
        }
        tls_identity_release(service->identity);
        free(service->name);
        service->identity = made;
        service->name = copy;
    }
    return tls_identity_hold(service->identity);
}

/* ---- a run ---------------------------------------------------------------------------------------- */

static int make_engine(struct stepper *stepper, struct run *run, struct engine_config *config,
                       struct err *err)
{
    struct stepper_service *service = stepper->service;
    struct buffer root = {0};

    run->answer = listen_answer_new(service->wake_fd);
    if (run->answer == NULL) {
        return err_memory(err, "starting a run");
    }
    config->outgoing_context = config->received_context = run->answer;
    if (lab_options_root(config->options, NULL, &root, err) == 0) {
        config->lab_root = root.data;
        config->lab_root_length = root.length;
        run->engine = engine_new(config, err);
    }
    buffer_free(&root);
    service->picked = 0;
    if (run->engine == NULL || listen_answer_attach(run->answer, run->engine, err) != 0) {
        return -1;
    }
    return run_source_breaks(stepper, run, err);
}

int listen_start(struct stepper *stepper, struct run *run, const struct tls_options *tls,
                 int64_t start_ns, struct err *err)
{
    struct engine_config config = {
        .options = tls,
        .role = ENGINE_SERVER,
        .host = tls->sni != NULL ? tls->sni : "localhost",
        .received = listen_answer_heard,
        .outgoing = listen_answer_next,
        .brief = stepper->options.brief,
        .start_ns = start_ns,
    };
    int status;

    if (listen_open(stepper, err) == NULL) {
        return -1;
    }
    config.service = (struct engine_service){
        .listener = stepper->service->listener,
        .connection = stepper->service->picked,
        .identity = find_identity(stepper, tls, err),
        .memory = stepper->service->memory,
    };
    if (config.service.identity == NULL) {
        return -1;
    }
    status = make_engine(stepper, run, &config, err);
    tls_identity_release(config.service.identity); /* the engine has its own reference */
    return status;
}

/* ---- who waits -------------------------------------------------------------------------------------- */

size_t stepper_waiting(const struct stepper *stepper, struct net_waiting *out, size_t max)
{
    return stepper->service != NULL ? net_listener_waiting(stepper->service->listener, out, max)
                                    : 0;
}

static bool does_wait(const struct stepper *stepper, uint32_t number)
{
    struct net_waiting waiting[NET_WAITING_MAX];
    size_t count = stepper_waiting(stepper, waiting, NET_WAITING_MAX);

    for (size_t i = 0; i < count; i++) {
        if (waiting[i].number == number) {
            return true;
        }
    }
    return false;
}

int act_pick(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct engine_command step = {.kind = ENGINE_STEP};
    const struct run *newest = run_newest(stepper);
    char *end = NULL;
    unsigned long number = strtoul(argument, &end, 10);

    if (stepper->target.kind != STEPPER_LISTEN) {
        return err_set(err, ERR_USAGE, "not_listening", "nobody waits: this is no `listen`");
    }
    if (argument[0] < '0' || argument[0] > '9' || *end != '\0' || number > UINT32_MAX ||
        !does_wait(stepper, (uint32_t)number)) {
        return err_set(err, ERR_USAGE, "no_such_connection",
                       "no connection with this number waits: `waiting` lists them");
    }
    if (newest->started && !newest->over) {
        return err_set(err, ERR_USAGE, "busy",
                       "a client is served: step to its end, or X ends it, then pick another");
    }
    if (newest->started && run_add(stepper, err) != 0) {
        return -1;
    }
    stepper->service->picked = (uint32_t)number;
    return command_engine(stepper, &step, err);
}

json_t *ask_waiting(struct stepper *stepper, const char *argument, struct err *err)
{
    struct net_waiting waiting[NET_WAITING_MAX];
    size_t count = stepper_waiting(stepper, waiting, NET_WAITING_MAX);
    int64_t now_ns = clock_monotonic_ns();
    json_t *list = json_array();
    (void)argument, (void)err;

    for (size_t i = 0; list != NULL && i < count; i++) {
        json_t *line = json_pack("{s:I, s:s, s:I, s:b}", "number", (json_int_t)waiting[i].number,
                                 "peer", waiting[i].peer.text, "waiting_ms",
                                 (json_int_t)((now_ns - waiting[i].since_ns) / 1000000), "ended",
                                 waiting[i].ended);
        if (json_array_append_new(list, line) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}
