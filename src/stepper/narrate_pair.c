/* What the two sides of a proxy do, in words. */
#include <string.h>

#include "narrate.h"

void narrate_pair_side(const struct stepper *stepper, struct buffer *out)
{
    const struct run *run = run_in_view(stepper);

    if (run->pair != NULL && run->pair->at > 0) {
        buffer_text(out,
                    run->pair->side == LAB_PROXY_CLIENT ? "Client's side: " : "Server's side: ");
    }
}

static void next_of_waiting(struct stepper *stepper, struct buffer *out)
{
    const struct net_address *address = stepper_listens(stepper, NULL);

    buffer_printf(out, "wait for a client on %s, and decrypt what it says to ",
                  address != NULL ? address->text : stepper->target.host);
    if (stepper->target.beyond != NULL) {
        text_safe_append(out, stepper->target.beyond, strlen(stepper->target.beyond));
    } else {
        buffer_text(out, "the server that it asks for");
    }
}

/* What the other side has to do before this one can go on. */
static bool hands_over(const struct run *run, const struct trace_stop *stop)
{
    bool established = false;
    const struct trace_facts *facts;

    if (run->pair->side == LAB_PROXY_SERVER) {
        return strcmp(stop->at, "connect") == 0 || strcmp(stop->at, "data") == 0;
    }
    facts = trace_facts(run->pair->traces[LAB_PROXY_SERVER], run->pair->cursors[LAB_PROXY_SERVER]);
    established = facts != NULL && facts->phases[TRACE_HANDSHAKE].state == TRACE_DONE;
    return strcmp(stop->at, "ClientHello") == 0 && !established;
}

bool narrate_pair_next(struct stepper *stepper, struct buffer *out)
{
    const struct run *run = run_in_view(stepper);
    struct trace_stop stop;

    if (run->pair == NULL) {
        return false;
    }
    if (run->pair->at == 0) {
        next_of_waiting(stepper, out);
        return true;
    }
    stop = run_stop(run);
    if (strcmp(stop.at, "data") == 0 && run->pair->side == LAB_PROXY_CLIENT) {
        buffer_text(out, "wait for data from either side, and pass it on");
        return true;
    }
    if (!hands_over(run, &stop)) {
        return false;
    }
    if (run->pair->side == LAB_PROXY_CLIENT) {
        buffer_text(out, "ask the real server, as its client, before the client gets an answer");
    } else if (strcmp(stop.at, "data") == 0) {
        buffer_text(out, "answer the client, under a certificate made on the spot");
    } else {
        buffer_text(out, "the server is connected: the client may begin, or is waited for");
    }
    return true;
}
