/* Name lookup. */
#include <arpa/inet.h>
#include <string.h>

#include "failure.h"
#include "phases.h"
#include "post.h"
#include "stop.h"
#include "thread.h"

static enum net_family family(const struct engine *engine)
{
    if (engine->options.ipv4_only) {
        return NET_IPV4;
    }
    return engine->options.ipv6_only ? NET_IPV6 : NET_ANY;
}

/* An address needs no name server, and so no thread that could hang. */
static bool is_numeric(const char *host)
{
    struct in6_addr address;

    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* Through a proxy only the proxy is looked up; it looks up the rest. */
static const char *dialled_host(const struct engine *engine)
{
    return engine->has_proxy ? engine->proxy.host : engine->host;
}

static uint16_t dialled_port(const struct engine *engine)
{
    return engine->has_proxy ? engine->proxy.port : engine->port;
}

static void look_up(struct engine *engine)
{
    struct engine_lookup lookup = {.done = true};

    lookup.count = net_resolve(dialled_host(engine), dialled_port(engine), family(engine),
                               lookup.addresses, NET_ADDRESS_MAX, &lookup.err);
    pthread_mutex_lock(&engine->lock);
    engine->lookup = lookup;
    pthread_cond_signal(&engine->wake);
    pthread_mutex_unlock(&engine->lock);
}

/* Runs in a thread of its own, which may outlive the engine's owner: getaddrinfo ends when it
 * likes. */
static int look_up_beside(struct engine *engine)
{
    int64_t deadline_ns = clock_monotonic_ns() + engine->timeout_ns;
    struct err err;
    bool done, ending;

    if (engine_thread_start(engine, ENGINE_RESOLVER, look_up, &err) != 0) {
        return engine_fail_with(engine, &err, ENGINE_NO_ALERT);
    }
    pthread_mutex_lock(&engine->lock);
    engine_queue_signal(&engine->queue);
    while (!engine->lookup.done && !engine->aborting &&
           engine_wait_locked(engine, &engine->wake, deadline_ns)) {
    }
    done = engine->lookup.done;
    ending = engine->aborting;
    pthread_mutex_unlock(&engine->lock);
    if (ending) {
        return -1;
    }
    if (!done) {
        return engine_fail(engine, ERR_NETWORK, "timeout", ENGINE_NO_ALERT,
                           "no name server told the address of \"%s\" within %g s (--timeout); "
                           "check the network connection",
                           dialled_host(engine), (double)engine->timeout_ns / 1e9);
    }
    return 0;
}

/* "192.0.2.1, 2001:db8::1": the text of an address without its port. */
static void append_host(struct buffer *list, const struct net_address *address)
{
    const char *text = address->text;
    const char *end = strrchr(text, ':');
    size_t length = end != NULL ? (size_t)(end - text) : strlen(text);

    if (length >= 2 && text[0] == '[') {
        text++;
        length -= 2;
    }
    if (list->length > 0) {
        buffer_text(list, ", ");
    }
    buffer_append(list, text, length);
}

static void post_done(struct engine *engine)
{
    struct buffer list = {0};

    for (size_t i = 0; i < engine->address_count; i++) {
        append_host(&list, &engine->addresses[i]);
    }
    engine_post_phase(engine, TRACE_RESOLVE, TRACE_DONE, NULL, buffer_string(&list));
    buffer_free(&list);
}

static int resolve_host(struct engine *engine)
{
    if (is_numeric(dialled_host(engine))) {
        look_up(engine);
    } else if (look_up_beside(engine) != 0) {
        return -1;
    }
    if (engine->lookup.count < 0) {
        if (engine->has_proxy) {
            (void)err_prefix(&engine->lookup.err, "--proxy"); /* always -1 */
        }
        return engine_fail_with(engine, &engine->lookup.err, ENGINE_NO_ALERT);
    }
    engine->address_count = (size_t)engine->lookup.count;
    memcpy(engine->addresses, engine->lookup.addresses, sizeof engine->addresses);
    return 0;
}

/* --connect: the name is not looked up, and nothing is there to stop at. */
static int take_given_address(struct engine *engine)
{
    struct err err;

    if (net_address_parse(engine->options.connect, &engine->addresses[0], &err) != 0) {
        (void)engine_fail_with(engine, &err, ENGINE_NO_ALERT); /* always -1 */
        engine_post_phase_failed(engine, TRACE_RESOLVE);
        return -1;
    }
    engine->address_count = 1;
    engine_post_phase(engine, TRACE_RESOLVE, TRACE_SKIPPED, NULL,
                      "the address is given (--connect)");
    return 0;
}

int engine_resolve(struct engine *engine)
{
    if (engine->options.connect != NULL && !engine->has_proxy) {
        return take_given_address(engine);
    }
    engine_post_phase(engine, TRACE_RESOLVE, TRACE_BEGUN, NULL, NULL);
    if (resolve_host(engine) != 0) {
        if (engine->failure.known) {
            engine_post_phase_failed(engine, TRACE_RESOLVE);
        }
        return -1;
    }
    post_done(engine);
    return engine_stop_at(engine, TRACE_RESOLVE, "resolve");
}
