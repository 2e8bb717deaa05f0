/* Where the workers of both engines come in: the client's waits for the real server, data goes from one to the other. */
#include "proxy.h"

#include <string.h>
#include <unistd.h>

void lab_proxy_wake(struct lab_proxy *proxy)
{
    const uint64_t one = 1;

    (void)!write(proxy->signal_fd, &one, sizeof one); /* the counter cannot be full */
}

/* ---- the client's worker waits ---------------------------------------------------------------- */

/* Until the owner has an answer. */
static bool wait_at_gate_locked(struct lab_proxy *proxy, enum lab_gate_kind kind)
{
    bool granted;

    proxy->gate.kind = kind;
    proxy->gate.answer = LAB_GATE_WAIT;
    lab_proxy_wake(proxy);
    while (proxy->gate.answer == LAB_GATE_WAIT && !proxy->ending) {
        pthread_cond_wait(&proxy->changed, &proxy->lock);
    }
    granted = proxy->gate.answer == LAB_GATE_YES && !proxy->ending;
    proxy->gate.kind = LAB_GATE_NONE;
    return granted;
}

bool lab_gate_connecting(void *context, const char *host, uint16_t port)
{
    struct lab_proxy *proxy = ((struct lab_half *)context)->proxy;
    bool granted = false;

    pthread_mutex_lock(&proxy->lock);
    if (strlen(host) < sizeof proxy->gate.host) {
        (void)snprintf(proxy->gate.host, sizeof proxy->gate.host, "%s", host);
        proxy->gate.port = port;
        granted = wait_at_gate_locked(proxy, LAB_GATE_CONNECT);
    }
    pthread_mutex_unlock(&proxy->lock);
    return granted;
}

static int ask_for_leaf(struct lab_proxy *proxy, const char *name, struct buffer *leaf,
                        struct err *err)
{
    int status = -1;

    pthread_mutex_lock(&proxy->lock);
    (void)snprintf(proxy->gate.name, sizeof proxy->gate.name, "%s", name);
    if (wait_at_gate_locked(proxy, LAB_GATE_IDENTIFY)) {
        buffer_append(leaf, proxy->gate.leaf.data, proxy->gate.leaf.length);
        status = leaf->failed ? err_memory(err, "copying the server's certificate") : 0;
    } else if (proxy->ending) {
        (void)err_set(err, ERR_INTERRUPTED, "aborted", "the connection was aborted");
    } else {
        *err = proxy->gate.err;
    }
    pthread_mutex_unlock(&proxy->lock);
    return status;
}

struct tls_identity *lab_gate_identify(void *context, const char *name, struct err *err)
{
    struct lab_proxy *proxy = ((struct lab_half *)context)->proxy;
    struct tls_identity *identity = NULL;
    struct buffer leaf = {0};
    struct err why = {0};

    if (name != NULL && strlen(name) >= sizeof proxy->gate.name) {
        (void)err_set(err, ERR_USAGE, "bad_name", "the client asks for a name that is too long");
        return NULL;
    }
    if (ask_for_leaf(proxy, name != NULL ? name : "", &leaf, &why) == 0) {
        const struct pki_slice der = {.data = leaf.data, .length = leaf.length};

        identity = lab_imitations_get(proxy->imitations, der, &why);
    }
    buffer_free(&leaf);
    if (identity == NULL && err != NULL) {
        *err = why;
    }
    return identity;
}

/* ---- data ------------------------------------------------------------------------------------- */

/* The other side's worker may wait for it. Under the lock no engine is freed. */
static void prompt_locked(struct lab_proxy *proxy, enum lab_proxy_side side)
{
    if (!proxy->ending && proxy->halves[side].engine != NULL) {
        engine_prompt(proxy->halves[side].engine);
    }
}

static void put_locked(struct lab_proxy *proxy, struct lab_pipe *pipe, const uint8_t *data,
                       size_t length)
{
    while (lab_pipe_is_full(pipe) && !pipe->gone && !proxy->ending) {
        pthread_cond_wait(&proxy->changed, &proxy->lock);
    }
    if (!pipe->gone && !proxy->ending && !lab_pipe_put(pipe, data, length, false)) {
        pipe->failed = true;
    }
}

void lab_gate_received(void *context, const uint8_t *data, size_t length)
{
    struct lab_half *half = context;
    struct lab_proxy *proxy = half->proxy;
    struct lab_pipe *pipe = &proxy->pipes[half->side];

    atomic_store(&proxy->heard_ns, clock_monotonic_ns());
    pthread_mutex_lock(&proxy->lock);
    if (data == NULL) {
        pipe->ended = true;
    } else {
        put_locked(proxy, pipe, data, length);
    }
    prompt_locked(proxy, lab_other_side(half->side));
    pthread_mutex_unlock(&proxy->lock);
}

enum engine_outgoing lab_gate_outgoing(void *context, uint8_t *out, size_t max, size_t *length)
{
    struct lab_half *half = context;
    struct lab_proxy *proxy = half->proxy;
    struct lab_pipe *pipe = &proxy->pipes[lab_other_side(half->side)];
    enum engine_outgoing outgoing = ENGINE_OUTGOING_NONE;
    bool was_full;

    pthread_mutex_lock(&proxy->lock);
    if (!proxy->ending) {
        was_full = lab_pipe_is_full(pipe);
        outgoing = lab_pipe_take(pipe, &proxy->rules, clock_monotonic_ns(), out, max, length);
        if (was_full && !lab_pipe_is_full(pipe)) {
            pthread_cond_broadcast(&proxy->changed);
        }
    }
    pthread_mutex_unlock(&proxy->lock);
    return outgoing;
}

/* ---- the owner's side ------------------------------------------------------------------------- */

enum lab_gate_kind lab_gate_asked(struct lab_proxy *proxy, struct lab_gate *asked)
{
    pthread_mutex_lock(&proxy->lock);
    *asked = proxy->gate;
    asked->leaf = (struct buffer){0};
    if (proxy->gate.answer != LAB_GATE_WAIT) {
        asked->kind = LAB_GATE_NONE; /* it has its answer, and has not woken up yet */
    }
    pthread_mutex_unlock(&proxy->lock);
    return asked->kind;
}

void lab_gate_answer(struct lab_proxy *proxy, enum lab_gate_answer answer, const struct err *why)
{
    pthread_mutex_lock(&proxy->lock);
    if (answer == LAB_GATE_YES && proxy->gate.kind == LAB_GATE_IDENTIFY) {
        buffer_consume(&proxy->gate.leaf, proxy->gate.leaf.length);
        if (!engine_peer_leaf(proxy->halves[LAB_PROXY_SERVER].engine, &proxy->gate.leaf)) {
            answer = LAB_GATE_NO;
            (void)err_set(&proxy->gate.err, ERR_TLS, "no_certificate",
                          "the real server has shown no certificate that could be imitated");
        }
    }
    if (why != NULL) {
        proxy->gate.err = *why;
    }
    proxy->gate.answer = answer;
    pthread_cond_broadcast(&proxy->changed);
    pthread_mutex_unlock(&proxy->lock);
}

void lab_gate_bury(struct lab_proxy *proxy, enum lab_proxy_side side)
{
    const struct lab_half *half = &proxy->halves[side];
    struct lab_pipe *from = &proxy->pipes[side];

    pthread_mutex_lock(&proxy->lock);
    if (!half->established) {
        from->ended = true; /* there was never a stream that could have been cut */
    }
    from->cut = !from->ended;
    proxy->pipes[lab_other_side(side)].gone = true;
    prompt_locked(proxy, lab_other_side(side));
    pthread_cond_broadcast(&proxy->changed);
    pthread_mutex_unlock(&proxy->lock);
}

int lab_gate_send(struct lab_proxy *proxy, enum lab_proxy_side side, const void *data,
                  size_t length, struct err *err)
{
    struct lab_pipe *pipe = &proxy->pipes[lab_other_side(side)];
    int status = 0;

    pthread_mutex_lock(&proxy->lock);
    if (pipe->ended || pipe->cut) {
        status = err_set(err, ERR_USAGE, "wrong_phase",
                         "nothing more can be sent to the %s: that direction has ended",
                         side == LAB_PROXY_CLIENT ? "client" : "server");
    } else if (lab_pipe_is_full(pipe)) {
        status = err_set(err, ERR_USAGE, "busy", "what is on its way has to be sent first");
    } else if (!lab_pipe_put(pipe, data, length, true)) {
        status = err_memory(err, "queueing data");
    }
    prompt_locked(proxy, side);
    pthread_mutex_unlock(&proxy->lock);
    return status;
}

void lab_gate_end(struct lab_proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->ending = true;
    pthread_cond_broadcast(&proxy->changed);
    pthread_mutex_unlock(&proxy->lock);
}
