/* What is said in clear text before TLS: with a proxy, and to be let into TLS. */
#include <stdlib.h>
#include <string.h>

#include "dialogue.h"
#include "failure.h"
#include "phases.h"
#include "post.h"
#include "stop.h"
#include "transport.h"

bool engine_has_clear_text(const struct engine *engine)
{
    return engine->has_proxy || engine->starttls != NULL;
}

/* The name by which the server is known: a lab's server has another one than its address. */
static const char *server_name(const struct engine *engine)
{
    const char *sni = tls_options_sni(&engine->options, engine->host);

    return sni != NULL ? sni : engine->host;
}

static int hold(struct engine *engine, struct net_dialogue *dialogue)
{
    int status =
        dialogue != NULL ? engine_hold_dialogue(engine, dialogue) : engine_fail_memory(engine);

    net_dialogue_free(dialogue);
    return status;
}

/* --connect: the proxy is asked for that address instead of the name. Its text is "192.0.2.1:443" or "[2001:db8::1]:443". */
static int given_address(const char *text, char *host, size_t size, uint16_t *port, struct err *err)
{
    struct net_address address;
    const char *colon;
    int skip;

    if (net_address_parse(text, &address, err) != 0) {
        return -1;
    }
    colon = strrchr(address.text, ':');
    skip = address.text[0] == '[';
    (void)snprintf(host, size, "%.*s", (int)(colon - address.text) - 2 * skip,
                   address.text + skip); /* a number is shorter than a name */
    *port = (uint16_t)strtoul(colon + 1, NULL, 10);
    return 0;
}

static int ask_proxy(struct engine *engine)
{
    char host[256];
    uint16_t port = engine->port;
    struct err err;

    (void)snprintf(host, sizeof host, "%s", engine->host); /* names are shorter */
    if (engine->options.connect != NULL &&
        given_address(engine->options.connect, host, sizeof host, &port, &err) != 0) {
        return engine_fail_with(engine, &err, ENGINE_NO_ALERT);
    }
    return hold(engine, net_dialogue_new_proxy(&engine->proxy, host, port));
}

static int hold_all(struct engine *engine)
{
    if (engine->has_proxy && ask_proxy(engine) != 0) {
        return -1;
    }
    if (engine->starttls == NULL) {
        return 0;
    }
    return hold(engine, net_dialogue_new(engine->starttls, NET_CLIENT, server_name(engine)));
}

/* A server says nothing between its word and the ClientHello: what is there now is not TLS of its. A proxied server that begins by itself is
 * another matter: what it says is taken for TLS, and is refused as such. */
static int check_silence(struct engine *engine)
{
    if (engine->starttls == NULL || engine_backlog_length(engine) == 0) {
        return 0;
    }
    return engine_fail(engine, ERR_NETWORK, "starttls_injection", ENGINE_NO_ALERT,
                       "%s: bytes came behind the word that TLS may begin, and before TLS was "
                       "begun: somebody on the way may have put them there; they are not taken",
                       engine->starttls->title);
}

const char *engine_dialogue_names(const struct engine *engine, char *out, size_t size)
{
    if (!engine_has_clear_text(engine)) {
        return NULL;
    }
    (void)snprintf(out, size, "%s%s%s",
                   !engine->has_proxy     ? ""
                   : engine->proxy.socks5 ? "socks5"
                                          : "http-connect",
                   engine->has_proxy && engine->starttls != NULL ? " " : "",
                   engine->starttls != NULL ? engine->starttls->name : "");
    return out;
}

/* What the phase was for, when it is done. */
static const char *done_text(const struct engine *engine, char *out, size_t size)
{
    (void)snprintf(out, size, "%s%s%s", engine->has_proxy ? "through " : "",
                   engine->has_proxy ? engine->proxy.host : "",
                   engine->has_proxy && engine->starttls != NULL ? ", " : "");
    if (engine->starttls != NULL) {
        size_t length = strlen(out);

        (void)snprintf(out + length, size - length, "%s", engine->starttls->title);
    }
    return out;
}

int engine_speak_clear_text(struct engine *engine)
{
    char text[400];

    if (!engine_has_clear_text(engine)) {
        return 0;
    }
    engine_post_phase(engine, TRACE_STARTTLS, TRACE_BEGUN,
                      engine_dialogue_names(engine, text, sizeof text), NULL);
    engine->patience_ns = engine->timeout_ns;
    if (hold_all(engine) != 0) {
        if (engine->failure.known) {
            engine_post_phase_failed(engine, TRACE_STARTTLS);
        }
        return -1;
    }
    engine_post_phase(engine, TRACE_STARTTLS, TRACE_DONE, NULL,
                      done_text(engine, text, sizeof text));
    if (engine_stop_at(engine, TRACE_STARTTLS, "starttls") != 0) {
        return -1;
    }
    if (check_silence(engine) != 0) {
        engine_post_phase_failed(engine, TRACE_STARTTLS);
        return -1;
    }
    return 0;
}
