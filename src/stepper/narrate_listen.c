/* What a listening side does, in words: which call makes what, and what it waits for. */
#include <string.h>

#include "narrate.h"

bool narrate_is_server(const struct run *run)
{
    return trace_target(run->trace)->local == WIRE_SERVER;
}

const char *narrate_server_stop(const char *at)
{
    static const struct {
        const char *at;
        const char *text;
    } texts[] = {
        {"connect",
         "accept() has handed over a client. The kernel had made the TCP handshake with it before "
         "that, by itself, since listen(): SYN, SYN-ACK, ACK. Not one byte of TLS has come yet."},
        {"data",
         "gnutls_handshake() has returned: both sides have the same keys and each has shown "
         "it with Finished. Now it is the client's turn to say what it wants."},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i].at, at) == 0) {
            return texts[i].text;
        }
    }
    return NULL;
}

/* ---- what the next step will do ---------------------------------------------------------------- */

static void next_of_start(struct stepper *stepper, struct buffer *out)
{
    const struct net_address *address = stepper_listens(stepper, NULL);
    const char *colon = address != NULL ? strrchr(address->text, ':') : NULL;
    size_t waiting = stepper_waiting(stepper, NULL, 0);

    if (waiting > 0) {
        buffer_printf(out, "accept(): take the first of %zu client%s that wait%s", waiting,
                      waiting == 1 ? "" : "s", waiting == 1 ? "s" : "");
    } else if (colon != NULL) {
        buffer_printf(out, "wait for a client on %s: curl -k https://localhost%s/", address->text,
                      colon);
    } else {
        buffer_text(out, "bind() and listen(), and wait for a client");
    }
}

static void next_of_verdict(const struct trace_facts *facts, struct buffer *out)
{
    bool refused = facts->verification != NULL && !facts->verification->ok;

    buffer_text(out, refused ? "refuse the client with an alert (A goes on once all the same)"
                             : "go on with the handshake");
}

bool narrate_listen_next(struct stepper *stepper, struct buffer *out)
{
    const struct trace_facts *facts = stepper_facts(stepper);

    if (stepper->target.kind != STEPPER_LISTEN || facts == NULL) {
        return false;
    }
    if (!facts->stop.at_stop && facts->phases[TRACE_CONNECT].state == TRACE_PENDING) {
        next_of_start(stepper, out);
    } else if (strcmp(facts->stop.at, "connect") == 0) {
        buffer_text(out, "begin the handshake: wait for the ClientHello");
    } else if (strcmp(facts->stop.at, "verify") == 0) {
        next_of_verdict(facts, out);
    } else if (strcmp(facts->stop.at, "data") == 0) {
        buffer_text(out, "wait for what the client says; an HTTP request is answered with a page");
    } else {
        return false;
    }
    return true;
}

void narrate_listen_busy(struct stepper *stepper, const struct run *run, struct buffer *out)
{
    bool proxy = stepper->target.kind == STEPPER_PROXY;
    const struct net_address *address = NULL;

    buffer_text(out, "waiting (X ends it)");
    if (trace_row_count(run->trace) == 0 && (proxy || stepper->target.kind == STEPPER_LISTEN)) {
        address = stepper_listens(stepper, NULL);
    }
    if (address != NULL && proxy) {
        buffer_printf(out, " for a client: curl -x http://%s https://HOST/", address->text);
    } else if (address != NULL) {
        buffer_printf(out, " for a client: curl -k https://localhost%s/",
                      strrchr(address->text, ':'));
    }
}

void narrate_listen_over(const struct stepper *stepper, struct buffer *out)
{
    size_t waiting = stepper_waiting(stepper, NULL, 0);

    if (waiting > 0) {
        buffer_printf(out, "nothing more: R (restart) is there for the next client, %zu wait%s",
                      waiting, waiting == 1 ? "s" : "");
    } else {
        buffer_text(out, "nothing more: R (restart) waits for the next client");
    }
}
