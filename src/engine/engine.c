/* The public functions: what the owner's thread does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "command.h"
#include "packets.h"
#include "phases.h"
#include "thread.h"

#define TIMEOUT_MAX_MS INT64_C(1000000000) /* eleven days: keeps nanoseconds far from overflow */
/* engine_free() returns within 100 ms; some of it is for waking up. */
#define FREE_WAIT_NS (70 * ENGINE_NS_PER_MS)

/* ---- making and freeing ---------------------------------------------------------------------- */

static int64_t milliseconds_to_ns(int64_t ms)
{
    if (ms < 0) {
        return 0;
    }
    return (ms < TIMEOUT_MAX_MS ? ms : TIMEOUT_MAX_MS) * ENGINE_NS_PER_MS;
}

static void hold_service(struct engine *engine, const struct engine_service *service)
{
    engine->service = *service;
    engine->service.listener = net_listener_hold(service->listener);
    if (service->identity != NULL) {
        engine->service.identity = tls_identity_hold(service->identity);
    }
    if (service->memory != NULL) {
        engine->service.memory = tls_memory_hold(service->memory);
    }
}

static int copy_config(struct engine *engine, const struct engine_config *config, struct err *err)
{
    if (tls_options_copy(&engine->options, config->options, err) != 0) {
        return -1;
    }
    engine->host = text_duplicate(config->host, strlen(config->host));
    if (engine->host == NULL) {
        return err_memory(err, "copying the host name");
    }
    if (config->lab_root_length > 0) {
        engine->lab_root = malloc(config->lab_root_length);
        if (engine->lab_root == NULL) {
            return err_memory(err, "copying the lab's root certificate");
        }
        memcpy(engine->lab_root, config->lab_root, config->lab_root_length);
        engine->lab_root_length = config->lab_root_length;
    }
    engine->resumption.secret = true;
    buffer_append(&engine->resumption, config->resumption, config->resumption_length);
    if (engine->resumption.failed) {
        return err_memory(err, "copying what resumes a session");
    }
    engine->role = config->role;
    engine->local = config->role == ENGINE_SERVER ? WIRE_SERVER : WIRE_CLIENT;
    engine->peer = config->role == ENGINE_SERVER ? WIRE_CLIENT : WIRE_SERVER;
    if (config->role == ENGINE_SERVER) {
        hold_service(engine, &config->service);
    }
    engine->port = config->port;
    if (engine->options.proxy != NULL) {
        if (net_proxy_parse(engine->options.proxy, &engine->proxy, err) != 0) {
            return -1;
        }
        engine->has_proxy = true;
    }
    if (engine->options.starttls != NULL) {
        engine->starttls = net_protocol_find(engine->options.starttls); /* options are checked */
    }
    engine->start_ns = config->start_ns;
    engine_packets_lend(engine, config->role == ENGINE_CLIENT ? config->capture : NULL);
    engine->linger_ns = milliseconds_to_ns(config->linger_ms);
    engine->brief = config->brief;
    engine->quiet = config->quiet;
    engine->received = config->received;
    engine->received_context = config->received_context;
    engine->outgoing = config->outgoing;
    engine->outgoing_context = config->outgoing_context;
    engine->timeout_ns = milliseconds_to_ns(tls_options_timeout_ms(&engine->options));
    return 0;
}

/* Time-outs are told in monotonic time: setting the clock must not fire them. */
static int init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);

    if (error != 0) {
        return error;
    }
    error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (error == 0) {
        error = pthread_cond_init(condition, &attributes);
    }
    pthread_condattr_destroy(&attributes);
    return error;
}

static int init_locks(struct engine *engine)
{
    int error = pthread_mutex_init(&engine->lock, NULL);

    error = error != 0 ? error : pthread_mutex_init(&engine->packets, NULL);

    error = error != 0 ? error : init_condition(&engine->wake);
    error = error != 0 ? error : init_condition(&engine->room);
    return error != 0 ? error : init_condition(&engine->ended);
}

static void close_eventfd(int fd)
{
    if (fd >= 0) {
        (void)close(fd); /* it has nothing to lose */
    }
}

static void destroy(struct engine *engine)
{
    engine_queue_free(&engine->queue);
    engine_backlog_free(&engine->backlog);
    pki_trust_release(engine->loading.trust);
    pki_revocations_free(engine->loading.revocations);
    secret_free(engine->action.data, engine->action.length);
    free(engine->breakpoints);
    free(engine->peer_leaf.data);
    buffer_wipe_free(&engine->resumption);
    buffer_wipe_free(&engine->left_behind);
    buffer_wipe_free(&engine->early.data);
    net_listener_release(engine->service.listener);
    tls_identity_release(engine->service.identity);
    tls_memory_release(engine->service.memory);
    secret_wipe(engine->relayed, sizeof engine->relayed);
    tls_options_free(&engine->options);
    secret_wipe(&engine->proxy, sizeof engine->proxy);
    free(engine->host);
    free(engine->lab_root);
    close_eventfd(engine->halt_fd);
    close_eventfd(engine->wake_fd);
    pthread_cond_destroy(&engine->ended);
    pthread_cond_destroy(&engine->room);
    pthread_cond_destroy(&engine->wake);
    pthread_mutex_destroy(&engine->packets);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}

void engine_release(struct engine *engine)
{
    unsigned left;

    pthread_mutex_lock(&engine->lock);
    left = --engine->references;
    pthread_mutex_unlock(&engine->lock);
    if (left == 0) {
        destroy(engine);
    }
}

static int init(struct engine *engine, const struct engine_config *config, struct err *err)
{
    if (copy_config(engine, config, err) != 0 || engine_queue_init(&engine->queue, err) != 0) {
        return -1;
    }
    engine->halt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    engine->wake_fd = engine->quiet ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
    if (engine->halt_fd < 0 || (engine->quiet && engine->wake_fd < 0)) {
        return err_set(err, ERR_NETWORK, "no_descriptor", "cannot make a descriptor: %s",
                       strerror(errno));
    }
    return 0;
}

struct engine *engine_new(const struct engine_config *config, struct err *err)
{
    struct engine *engine = calloc(1, sizeof *engine);

    if (engine == NULL || init_locks(engine) != 0) {
        free(engine);
        (void)err_memory(err, "making an engine"); /* NULL says it */
        return NULL;
    }
    engine->references = 1;
    engine->socket = -1;
    engine->halt_fd = -1;
    engine->wake_fd = -1;
    engine->queue.wake_fd = -1;
    tls_options_init(&engine->options);
    if (init(engine, config, err) != 0) {
        engine_release(engine);
        return NULL;
    }
    return engine;
}

static void abort_locked(struct engine *engine)
{
    engine->aborting = true;
    engine_halt_locked(engine);
}

void engine_free(struct engine *engine)
{
    if (engine == NULL) {
        return;
    }
    pthread_mutex_lock(&engine->lock);
    engine->abandoned = true;
    abort_locked(engine);
    engine_await_calls_locked(engine);
    pthread_mutex_unlock(&engine->lock);
    engine_packets_give_back(engine);
    engine_threads_end(engine, clock_monotonic_ns() + FREE_WAIT_NS);
    engine_release(engine);
}

/* ---- events ---------------------------------------------------------------------------------- */

int engine_wake_fd(const struct engine *engine)
{
    return engine->queue.wake_fd;
}

bool engine_take(struct engine *engine, struct trace_event *event)
{
    bool was_full, taken;

    pthread_mutex_lock(&engine->lock);
    was_full = !engine_queue_has_drained(&engine->queue);
    taken = engine_queue_take(&engine->queue, event);
    if (was_full && engine_queue_has_drained(&engine->queue)) {
        pthread_cond_broadcast(&engine->room);
    }
    pthread_mutex_unlock(&engine->lock);
    return taken;
}

enum engine_state engine_state(struct engine *engine)
{
    enum engine_state state;

    pthread_mutex_lock(&engine->lock);
    /* Not before what led to it has been taken. */
    state = engine->queue.taken_total < engine->state_since ? ENGINE_RUNNING : engine->state;
    pthread_mutex_unlock(&engine->lock);
    return state;
}

/* ---- commands -------------------------------------------------------------------------------- */

/* Nothing is under way yet: it is over before it began. */
static void abort_now_locked(struct engine *engine)
{
    if (!engine->run_begun) {
        engine_set_state_locked(engine, ENGINE_OVER);
        return;
    }
    engine->state = ENGINE_RUNNING;
    abort_locked(engine);
}

static int take_action_locked(struct engine *engine, const struct engine_command *command,
                              struct err *err)
{
    struct engine_action action = {.pending = true, .kind = command->kind};

    if (command->kind == ENGINE_SEND) {
        action.data = malloc(command->length);
        if (action.data == NULL) {
            return err_memory(err, "queueing data");
        }
        memcpy(action.data, command->data, command->length);
        action.length = command->length;
    }
    engine->action = action;
    return 0;
}

static void run_locked(struct engine *engine, const struct engine_command *command)
{
    engine->run = (struct engine_run){
        .kind = command->kind,
        .match = command->match,
        .has_origin = engine->has_stopped,
        .origin = engine->stopped.phase,
    };
    engine->accepted = command->kind == ENGINE_ACCEPT;
    engine->state = ENGINE_RUNNING;
    engine_wake_worker(engine);
}

/* A server judges only those whom it asks. */
static bool needs_trust(const struct engine *engine)
{
    return !engine->options.no_verify &&
           (engine->role == ENGINE_CLIENT || engine->options.ask != TLS_ASK_NO);
}

/* The worker first: it is the one that is waited for. Without a loader verification says why. */
static int start_threads(struct engine *engine, struct err *err)
{
    if (engine_thread_start(engine, ENGINE_WORKER, engine_worker_run, err) != 0) {
        return -1;
    }
    if (needs_trust(engine)) {
        engine_load_trust(engine);
    }
    return 0;
}

int engine_command(struct engine *engine, const struct engine_command *command, struct err *err)
{
    bool acts = command->kind == ENGINE_SEND || command->kind == ENGINE_REKEY ||
                command->kind == ENGINE_CLOSE || command->kind == ENGINE_ASK;
    bool first = false;
    int status;

    pthread_mutex_lock(&engine->lock);
    status = engine_command_check_locked(engine, command, err);
    if (status == 0 && acts) {
        status = take_action_locked(engine, command, err);
    }
    if (status == 0 && command->kind == ENGINE_ABORT) {
        abort_now_locked(engine);
    } else if (status == 0) {
        first = !engine->run_begun;
        run_locked(engine, command);
        engine->run_begun = true;
    }
    pthread_mutex_unlock(&engine->lock);
    if (first && start_threads(engine, err) != 0) {
        pthread_mutex_lock(&engine->lock);
        engine->run_begun = false;
        engine->state = ENGINE_PAUSED;
        pthread_mutex_unlock(&engine->lock);
        return -1;
    }
    return status;
}

int engine_set_breakpoints(struct engine *engine, const struct engine_match *matches, size_t count,
                           struct err *err)
{
    struct engine_match *copy = calloc(count + 1, sizeof *copy); /* never 0 bytes */

    if (copy == NULL) {
        return err_memory(err, "copying breakpoints");
    }
    if (count > 0) {
        memcpy(copy, matches, count * sizeof *copy);
    }
    pthread_mutex_lock(&engine->lock);
    free(engine->breakpoints);
    engine->breakpoints = copy;
    engine->breakpoint_count = count;
    pthread_mutex_unlock(&engine->lock);
    return 0;
}
