/* Making and freeing a proxy, and its events. */
#include "proxy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Nothing is lingered for in a session that passes on: it goes on until both directions have ended. */
#define LINGER_MS 0

/* ---- making ----------------------------------------------------------------------------------- */

static int copy_text(char **to, const char *text, struct err *err)
{
    *to = text != NULL ? text_duplicate(text, strlen(text)) : NULL;
    return text == NULL || *to != NULL ? 0 : err_memory(err, "making a proxy");
}

/* Of the user's options only what makes sense to a client, too. */
static int make_client_options(struct lab_proxy *proxy, struct err *err)
{
    if (copy_text(&proxy->client_options.timeout, proxy->options.timeout, err) != 0) {
        return -1;
    }
    return copy_text(&proxy->client_options.alpn, proxy->options.alpn, err);
}

static int copy_config(struct lab_proxy *proxy, const struct lab_proxy_config *config,
                       struct err *err)
{
    if (tls_options_copy(&proxy->options, config->options, err) != 0 ||
        make_client_options(proxy, err) != 0 || copy_text(&proxy->host, config->host, err) != 0 ||
        lab_rules_copy(&proxy->rules, config->rules, config->rule_count, err) != 0) {
        return -1;
    }
    if (config->lab_root_length > 0) {
        proxy->lab_root = malloc(config->lab_root_length);
        if (proxy->lab_root == NULL) {
            return err_memory(err, "making a proxy");
        }
        memcpy(proxy->lab_root, config->lab_root, config->lab_root_length);
        proxy->lab_root_length = config->lab_root_length;
    }
    proxy->imitations = lab_imitations_hold(config->imitations);
    proxy->port = config->port;
    proxy->resume = config->resume;
    proxy->quiet = config->quiet;
    proxy->start_ns = config->start_ns;
    if (proxy->host != NULL) {
        (void)snprintf(proxy->target_host, sizeof proxy->target_host, "%s", proxy->host);
        proxy->target_port = proxy->port;
    }
    return 0;
}

static int watch(struct lab_proxy *proxy, int fd, struct err *err)
{
    struct epoll_event event = {.events = EPOLLIN};

    if (epoll_ctl(proxy->wake_fd, EPOLL_CTL_ADD, fd, &event) == 0) {
        return 0;
    }
    return err_set(err, ERR_NETWORK, "no_descriptor", "cannot watch a descriptor: %s",
                   strerror(errno));
}

static int open_descriptors(struct lab_proxy *proxy, struct err *err)
{
    proxy->wake_fd = epoll_create1(EPOLL_CLOEXEC);
    proxy->signal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (proxy->wake_fd < 0 || proxy->signal_fd < 0) {
        return err_set(err, ERR_NETWORK, "no_descriptor", "cannot make a descriptor: %s",
                       strerror(errno));
    }
    return watch(proxy, proxy->signal_fd, err);
}

/* Its worker may ask for the engine from now on. */
static int add_engine(struct lab_proxy *proxy, enum lab_proxy_side side,
                      const struct engine_config *config, struct err *err)
{
    struct engine *engine = engine_new(config, err);

    if (engine == NULL) {
        return -1;
    }
    if (engine_set_breakpoints(engine, proxy->breakpoints, proxy->breakpoint_count, err) != 0 ||
        watch(proxy, engine_wake_fd(engine), err) != 0) {
        engine_free(engine);
        return -1;
    }
    pthread_mutex_lock(&proxy->lock);
    proxy->halves[side].engine = engine;
    pthread_mutex_unlock(&proxy->lock);
    return 0;
}

static struct engine_config half_config(struct lab_half *half)
{
    return (struct engine_config){
        .received = lab_gate_received,
        .received_context = half,
        .outgoing = lab_gate_outgoing,
        .outgoing_context = half,
        .linger_ms = LINGER_MS,
        .quiet = half->proxy->quiet,
        .start_ns = half->proxy->start_ns,
    };
}

static int add_client(struct lab_proxy *proxy, const struct lab_proxy_config *config,
                      struct err *err)
{
    struct lab_half *half = &proxy->halves[LAB_PROXY_CLIENT];
    struct engine_config of_client = half_config(half);

    of_client.options = &proxy->client_options;
    of_client.role = ENGINE_SERVER;
    of_client.host = proxy->host != NULL ? proxy->host : "";
    of_client.port = proxy->port;
    of_client.capture = config->capture;
    of_client.service = (struct engine_service){
        .listener = config->listener,
        .connection = config->connection,
        .identify = lab_gate_identify,
        .context = half,
        .connect = true,
        .connecting = lab_gate_connecting,
    };
    return add_engine(proxy, LAB_PROXY_CLIENT, &of_client, err);
}

/* A name that is settled only later is not that of an earlier session. */
static void name_session(struct lab_proxy *proxy, const char *name)
{
    if (proxy->resume && name != NULL &&
        snprintf(proxy->session, sizeof proxy->session, "%s %s:%u", name, proxy->target_host,
                 proxy->target_port) >= (int)sizeof proxy->session) {
        proxy->session[0] = '\0';
    }
}

int lab_proxy_add_server(struct lab_proxy *proxy, const char *host, uint16_t port, const char *name,
                         struct err *err)
{
    struct engine_config of_server = half_config(&proxy->halves[LAB_PROXY_SERVER]);
    struct buffer session = {.secret = true};
    struct tls_options options;
    int status;

    if (tls_options_copy(&options, &proxy->options, err) != 0) {
        return -1;
    }
    status = options.sni == NULL && name != NULL && name[0] != '\0'
                 ? copy_text(&options.sni, name, err)
                 : 0;
    (void)snprintf(proxy->target_host, sizeof proxy->target_host, "%s", host);
    proxy->target_port = port;
    name_session(proxy, name);
    if (lab_imitations_session(proxy->imitations, proxy->session, &session)) {
        options.resume = true;
        of_server.resumption = session.data;
        of_server.resumption_length = session.length;
    }
    of_server.options = &options;
    of_server.host = proxy->target_host;
    of_server.port = port;
    of_server.lab_root = proxy->lab_root;
    of_server.lab_root_length = proxy->lab_root_length;
    if (status == 0) {
        status = add_engine(proxy, LAB_PROXY_SERVER, &of_server, err);
    }
    tls_options_free(&options);
    buffer_wipe_free(&session);
    return status;
}

struct lab_proxy *lab_proxy_new(const struct lab_proxy_config *config, struct err *err)
{
    struct lab_proxy *proxy = calloc(1, sizeof *proxy);

    if (proxy == NULL || pthread_mutex_init(&proxy->lock, NULL) != 0) {
        free(proxy);
        (void)err_memory(err, "making a proxy");
        return NULL;
    }
    if (pthread_cond_init(&proxy->changed, NULL) != 0) {
        pthread_mutex_destroy(&proxy->lock);
        free(proxy);
        (void)err_memory(err, "making a proxy");
        return NULL;
    }
    proxy->wake_fd = proxy->signal_fd = -1;
    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        proxy->halves[side].proxy = proxy;
        proxy->halves[side].side = (enum lab_proxy_side)side;
    }
    tls_options_init(&proxy->options);
    tls_options_init(&proxy->client_options);
    if (copy_config(proxy, config, err) != 0 || open_descriptors(proxy, err) != 0 ||
        add_client(proxy, config, err) != 0) {
        lab_proxy_free(proxy);
        return NULL;
    }
    return proxy;
}

static void close_descriptor(int fd)
{
    if (fd >= 0) {
        (void)close(fd); /* nothing is written through these that could be lost */
    }
}

void lab_proxy_free(struct lab_proxy *proxy)
{
    if (proxy == NULL) {
        return;
    }
    lab_gate_end(proxy);
    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        engine_free(proxy->halves[side].engine);
        trace_event_clear(&proxy->halves[side].event);
        trace_event_clear(&proxy->halves[side].note);
        lab_pipe_free(&proxy->pipes[side]);
    }
    close_descriptor(proxy->wake_fd);
    close_descriptor(proxy->signal_fd);
    lab_rules_free(&proxy->rules);
    lab_imitations_release(proxy->imitations);
    buffer_free(&proxy->gate.leaf);
    tls_options_free(&proxy->options);
    tls_options_free(&proxy->client_options);
    free(proxy->breakpoints);
    free(proxy->lab_root);
    free(proxy->host);
    pthread_cond_destroy(&proxy->changed);
    pthread_mutex_destroy(&proxy->lock);
    free(proxy);
}

/* ---- events ----------------------------------------------------------------------------------- */

int lab_proxy_wake_fd(const struct lab_proxy *proxy)
{
    return proxy->wake_fd;
}

int64_t lab_proxy_heard_ns(const struct lab_proxy *proxy)
{
    return atomic_load(&proxy->heard_ns);
}

/* A client that knows its lab says why it hangs up; the user is told what to do about it. */
static bool is_distrust(const struct trace_event *event)
{
    static const char *const alerts[] = {"unknown_ca", "certificate_unknown", "bad_certificate"};

    for (size_t i = 0; event->text != NULL && i < sizeof alerts / sizeof *alerts; i++) {
        if (strstr(event->text, alerts[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static void note_distrust(struct lab_half *half, const struct trace_event *event)
{
    static const char text[] =
        "the client does not trust the lab's CA, which has signed this certificate: that is what keeps a "
        "stranger out of the middle. Give the client the CA's root (tlstep proxy --write-ca FILE), and it "
        "will let the proxy in";

    half->note = (struct trace_event){
        .kind = TRACE_NOTE,
        .time_ns = event->time_ns,
        .phase = event->phase,
        .code = text_duplicate("distrusted", strlen("distrusted")),
        .text = text_duplicate(text, sizeof text - 1),
    };
    half->has_note = half->note.code != NULL && half->note.text != NULL;
    if (!half->has_note) {
        trace_event_clear(&half->note); /* the alert itself says it, in one word */
    }
}

static void observe_stop(struct lab_proxy *proxy, struct lab_half *half,
                         const struct trace_event *event)
{
    static const char *const places[] = {"resolve", "connect", "verify", "data", "close"};
    struct lab_stop *stop = &half->stop;

    *stop = (struct lab_stop){
        .side = half->side,
        .phase = event->phase,
        .has_from = true,
        .from = event->from,
    };
    (void)snprintf(stop->at, sizeof stop->at, "%s", event->text);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        stop->has_from = stop->has_from && strcmp(stop->at, places[i]) != 0;
    }
    half->stop_number = ++proxy->stops;
    half->stop_is_new = true;
    half->connected = half->connected || strcmp(stop->at, "connect") == 0;
    half->established = half->established || strcmp(stop->at, "data") == 0;
}

static void observe(struct lab_proxy *proxy, struct lab_half *half, const struct trace_event *event)
{
    if (event->kind == TRACE_STOP && event->text != NULL) {
        observe_stop(proxy, half, event);
    }
    if (event->kind != TRACE_PHASE || event->state != TRACE_FAILED) {
        return;
    }
    if (half->failure.class == ERR_NONE) {
        (void)err_set(&half->failure, ERR_TLS, event->code != NULL ? event->code : "", "%s",
                      event->text != NULL ? event->text : "it has failed");
    }
    if (half->side == LAB_PROXY_CLIENT && event->phase == TRACE_HANDSHAKE && is_distrust(event)) {
        note_distrust(half, event);
    }
}

/* The half whose next event is the older one; NULL: there is none. */
static struct lab_half *next_half(struct lab_proxy *proxy)
{
    struct lab_half *next = NULL;

    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        struct lab_half *half = &proxy->halves[side];

        if (half->has_note) {
            return half;
        }
        if (!half->has_event && half->engine != NULL) {
            half->has_event = engine_take(half->engine, &half->event);
        }
        if (half->has_event && (next == NULL || half->event.time_ns < next->event.time_ns)) {
            next = half;
        }
    }
    return next;
}

static void hand_out(struct lab_proxy *proxy, struct lab_half *half, struct trace_event *event)
{
    if (half->has_note) {
        *event = half->note;
        half->note = (struct trace_event){0};
        half->has_note = false;
        return;
    }
    *event = half->event;
    half->event = (struct trace_event){0};
    half->has_event = false;
    observe(proxy, half, event);
}

bool lab_proxy_take(struct lab_proxy *proxy, enum lab_proxy_side *side, struct trace_event *event)
{
    uint64_t count;

    do {
        struct lab_half *half = next_half(proxy);

        if (half != NULL) {
            *side = half->side;
            hand_out(proxy, half, event);
            return true;
        }
        (void)!read(proxy->signal_fd, &count, sizeof count); /* it only resets */
    } while (lab_proxy_advance(proxy));
    return false;
}

/* ---- the rest --------------------------------------------------------------------------------- */

int lab_proxy_set_breakpoints(struct lab_proxy *proxy, const struct engine_match *matches,
                              size_t count, struct err *err)
{
    struct engine_match *copy = calloc(count + 1, sizeof *copy); /* never 0 bytes */
    int status = 0;

    if (copy == NULL) {
        return err_memory(err, "copying breakpoints");
    }
    if (count > 0) {
        memcpy(copy, matches, count * sizeof *copy);
    }
    free(proxy->breakpoints);
    proxy->breakpoints = copy;
    proxy->breakpoint_count = count;
    for (int side = 0; side < LAB_PROXY_SIDES && status == 0; side++) {
        if (proxy->halves[side].engine != NULL) {
            status = engine_set_breakpoints(proxy->halves[side].engine, copy, count, err);
        }
    }
    return status;
}

const char *lab_proxy_target(const struct lab_proxy *proxy, uint16_t *port)
{
    *port = proxy->target_port;
    return proxy->target_host;
}

uint32_t lab_proxy_cause(struct lab_proxy *proxy, enum lab_proxy_side side, uint32_t record)
{
    uint32_t cause;

    pthread_mutex_lock(&proxy->lock);
    cause = lab_pipe_cause(&proxy->pipes[lab_other_side(side)], record);
    pthread_mutex_unlock(&proxy->lock);
    return cause;
}
