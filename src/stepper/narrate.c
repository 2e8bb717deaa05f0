/*
 * What has just happened, who caused it and what comes next, in words. It answers for every
 * connection what the class exercise asks: connect() causes the TCP handshake, the first step of
 * gnutls_handshake() causes the ClientHello, and TLS runs inside the connection that TCP made.
 */
#include <string.h>

#include "narrate.h"

/* Stops that are not messages. */
static const struct {
    const char *at;
    const char *text;
} stop_texts[] = {
    {"resolve",
     "getaddrinfo() found where the host is. Nothing has been sent to it yet: no TCP, no "
     "TLS."},
    {"connect",
     "connect() made the kernel do the TCP handshake: SYN, SYN-ACK, ACK. Not one byte of "
     "TLS has been sent; TLS will run inside this TCP connection."},
    {"starttls",
     "The clear text is over: TLS begins on this same TCP connection. What was said so far anyone "
     "on the way could read and change, and nothing of it counts any more."},
    {"data", "gnutls_handshake() has returned: both sides have the same keys and each has shown it "
             "with Finished. From here on TCP carries only encrypted records."},
    {"close", "close() ended the TCP connection, after TLS had ended inside it."},
};

static const char *stop_text(const struct run *run, const char *at)
{
    const char *text = narrate_is_server(run) ? narrate_server_stop(at) : NULL;

    if (text != NULL) {
        return text;
    }
    for (size_t i = 0; i < sizeof stop_texts / sizeof stop_texts[0]; i++)
        if (strcmp(stop_texts[i].at, at) == 0)
            return stop_texts[i].text;
    return NULL;
}

static const char *article_side(enum wire_side side)
{
    return side == WIRE_CLIENT ? "the client" : "the server";
}

const char *narrate_call(const struct trace_stop *stop)
{
    if (stop->phase == TRACE_STARTTLS)
        return stop->queued ? "send()" : "recv()";
    if (strcmp(stop->at, "ApplicationData") == 0)
        return stop->queued ? "gnutls_record_send()" : "gnutls_record_recv()";
    if (strcmp(stop->at, "KeyUpdate") == 0 && stop->queued)
        return "gnutls_session_key_update()";
    if (strcmp(stop->at, "Alert") == 0 && stop->queued)
        return stop->phase == TRACE_CLOSE ? "gnutls_bye()" : "gnutls_alert_send()";
    return stop->phase == TRACE_HANDSHAKE || stop->phase == TRACE_VERIFY ||
                   strcmp(stop->at, "data") == 0
               ? "gnutls_handshake()"
               : "gnutls_record_recv()";
}

static const char *call_of(const struct trace_facts *facts)
{
    const char *call = narrate_again_call(facts);

    return call != NULL ? call : narrate_call(&facts->stop);
}

static void explain_message(const struct trace_facts *facts, struct buffer *out)
{
    const struct trace_stop *stop = &facts->stop;
    char id[60];
    const char *text;

    (void)snprintf(id, sizeof id, "message.%s", stop->at); /* names are short constants */
    text = explain_find(id);
    if (strcmp(stop->at, "ClientHello") == 0 && stop->queued)
        buffer_text(out, "The first step of gnutls_handshake(), not connect(), makes the "
                         "ClientHello: the first TLS bytes, carried by TCP as its data.");
    else if (stop->queued)
        buffer_printf(out, "%s has made %s; it is not on the wire yet.", call_of(facts), stop->at);
    else
        buffer_printf(out, "%s from %s has arrived; %s has not acted on it yet.", stop->at,
                      article_side(stop->from), call_of(facts));
    if (text != NULL)
        buffer_printf(out, " %s", text);
}

static void explain_verdict(const struct trace_facts *facts, struct buffer *out)
{
    const struct pki_verification *verification = facts->verification;

    if (verification == NULL)
        return;
    if (verification->ok) {
        buffer_printf(
            out, "The certificate is accepted: its path ends at an anchor that is trusted (%s)",
            verification->trust != NULL ? verification->trust : "none");
        if (verification->name != NULL)
            buffer_printf(out, ", and it is for %s", verification->name);
        buffer_text(out, ". gnutls_handshake() asked; no packet was needed for it.");
        return;
    }
    buffer_text(out, "The certificate is refused");
    for (size_t i = 0; i < verification->reason_count; i++)
        buffer_printf(out, "%s%s", i == 0 ? ": " : " ", verification->reasons[i].text);
}

/* A failure is the last word, but for a refusal that is being told, or that the user overruled. */
static bool is_over_with(const struct trace_facts *facts)
{
    bool at_verdict = facts->stop.at_stop && strcmp(facts->stop.at, "verify") == 0;
    return facts->failed && facts->error != NULL && !at_verdict &&
           (!facts->accepted || facts->phases[TRACE_HANDSHAKE].state == TRACE_FAILED);
}

/* A peer that hung up has not ended TLS. */
static bool is_truncated(const struct trace_facts *facts)
{
    const char *code = facts->phases[TRACE_CLOSE].code;

    return strcmp(facts->stop.at, "close") == 0 && code != NULL && strcmp(code, "truncated") == 0;
}

static void explain_stop(const struct run *run, const struct trace_facts *facts, struct buffer *out)
{
    const char *text = stop_text(run, facts->stop.at);

    if (is_truncated(facts)) {
        text = "close() ended the TCP connection. TLS had not ended inside it: no close_notify has "
               "come, so nobody knows whether there was more to come.";
    }
    if (strcmp(facts->stop.at, "verify") == 0) {
        explain_verdict(facts, out);
    } else if (facts->stop.phase == TRACE_STARTTLS && facts->stop.has_from) {
        narrate_text_line(&facts->stop, out);
    } else if (narrate_again(facts, out)) {
        return;
    } else if (text != NULL) {
        buffer_text(out, text);
    } else {
        explain_message(facts, out);
    }
}

void stepper_explain(struct stepper *stepper, struct buffer *out)
{
    const struct run *run = run_in_view(stepper);
    const struct trace_facts *facts = stepper_facts(stepper);
    char error[600];

    if (stepper->certificates) {
        narrate_certificates(stepper, out);
        return;
    }
    if (stepper->capture != NULL) {
        narrate_capture(stepper, out);
        return;
    }
    if (facts == NULL) {
        return;
    }
    narrate_pair_side(stepper, out);
    if (is_over_with(facts)) {
        buffer_text(out, text_safe(error, sizeof error, facts->error, strlen(facts->error)));
        return;
    }
    if (!facts->stop.at_stop) {
        buffer_text(out,
                    run->started && !stepper_live(stepper)
                        ? "A saved session, at its beginning."
                        : "Nothing has been sent yet. Each step is one key press, and each can "
                          "be looked at again.");
        return;
    }
    narrate_notes(run, out);
    narrate_packets(run, &facts->stop, out);
    explain_stop(run, facts, out);
}

/* ---- what the next step will do ---- */

static void next_of_start(const struct stepper *stepper, struct buffer *out)
{
    const struct stepper_target *target = &stepper->target;
    char safe[300];

    if (stepper->options.tls.connect != NULL)
        buffer_printf(out, "connect to %s",
                      text_safe(safe, sizeof safe, stepper->options.tls.connect,
                                strlen(stepper->options.tls.connect)));
    else if (narrate_text_proxy(stepper, out))
        return;
    else if (target->kind == STEPPER_LAB)
        buffer_printf(out, "look up the lab's server '%s'", target->host);
    else
        buffer_printf(out, "look up %s",
                      text_safe(safe, sizeof safe, target->host, strlen(target->host)));
}

static void next_of_end(const struct stepper *stepper, const struct run *run, struct buffer *out)
{
    size_t count = trace_event_count(run->trace);
    const struct trace_event *last = count > 0 ? trace_event_at(run->trace, count - 1) : NULL;

    if (stepper->target.kind == STEPPER_LISTEN || stepper->target.kind == STEPPER_PROXY)
        narrate_listen_over(stepper, out);
    else if (stepper_live(stepper))
        buffer_text(out, "nothing more: R (restart) runs it again");
    else if (last != NULL && last->kind == TRACE_NOTE && last->text != NULL)
        buffer_text(out, last->text); /* the file was cut; the text is our own */
    else
        buffer_text(out, "nothing more");
}

static void next_of_data(const struct stepper *stepper, struct buffer *out)
{
    buffer_printf(out, "read what the server sends; after %s ms of silence say goodbye",
                  stepper->options.linger != NULL ? stepper->options.linger : "200");
}

static void next_of_message(const struct trace_stop *stop, struct buffer *out)
{
    if (stop->queued)
        buffer_printf(out, "send %s and see what comes", stop->at);
    else
        buffer_printf(out, "let GnuTLS act on %s", stop->at);
}

static void next_of_verdict(const struct trace_facts *facts, struct buffer *out)
{
    if (facts->verification != NULL && !facts->verification->ok)
        buffer_text(out, "send an alert and end the session (A goes on once all the same)");
    else
        buffer_text(out, "go on with the handshake");
}

void stepper_explain_next(struct stepper *stepper, struct buffer *out)
{
    const struct run *run = run_in_view(stepper);
    const struct trace_facts *facts = stepper_facts(stepper);

    if (stepper->certificates) {
        narrate_certificates_next(stepper, out);
        return;
    }
    if (stepper->capture != NULL) {
        narrate_capture_next(stepper, out);
        return;
    }
    if (facts == NULL) {
        return;
    }
    if (stepper_busy(stepper))
        narrate_listen_busy(stepper, run, out);
    else if (run->follow && !run->over && narrate_pair_next(stepper, out))
        return;
    else if (!run->follow)
        buffer_text(out, "look at the step after this");
    else if (run->over)
        next_of_end(stepper, run, out);
    else if (narrate_listen_next(stepper, out))
        return;
    else if (!facts->stop.at_stop && facts->phases[TRACE_CONNECT].state == TRACE_PENDING)
        next_of_start(stepper, out);
    else if (strcmp(facts->stop.at, "resolve") == 0)
        buffer_text(out, "connect(): the TCP handshake");
    else if (strcmp(facts->stop.at, "connect") == 0 ||
             (facts->stop.phase == TRACE_STARTTLS && facts->stop.has_from))
        narrate_text_next(stepper, &facts->stop, out);
    else if (strcmp(facts->stop.at, "starttls") == 0)
        buffer_text(out, "begin the TLS handshake: make the ClientHello");
    else if (strcmp(facts->stop.at, "verify") == 0)
        next_of_verdict(facts, out);
    else if (strcmp(facts->stop.at, "data") == 0)
        next_of_data(stepper, out);
    else
        next_of_message(&facts->stop, out);
}

/* ---- the title line ---- */

static const char *condition(struct stepper *stepper, const struct run *run,
                             const struct trace_facts *facts)
{
    if (stepper_busy(stepper))
        return "running";
    if (!run->follow)
        return "looking back";
    if (run->over && facts->accepted)
        return "over, with a refused certificate accepted";
    if (run->over)
        return facts->failed ? "FAILED" : "over";
    return "PAUSED";
}

void stepper_explain_state(struct stepper *stepper, struct buffer *out)
{
    const struct run *run = run_in_view(stepper);
    const struct trace_facts *facts = stepper_facts(stepper);

    if (stepper->certificates) {
        narrate_certificates_state(stepper, out);
        return;
    }
    if (stepper->capture != NULL) {
        narrate_capture_state(stepper, out);
        return;
    }
    if (facts == NULL) {
        return;
    }
    narrate_pair_side(stepper, out);
    if (!facts->stop.at_stop) {
        if (stepper_busy(stepper))
            buffer_text(out, "running");
        else if (facts->failed)
            buffer_printf(out, "%s · FAILED", trace_phase_name(facts->phase));
        else
            buffer_text(out, stepper_live(stepper) ? "not started" : "saved session");
        return;
    }
    buffer_printf(out, "%s · step %zu · ", trace_phase_name(facts->stop.phase),
                  run_stops_passed(run));
    if (facts->stop.has_from)
        buffer_printf(out, "%s %s, ", facts->stop.at,
                      facts->stop.queued ? "is about to be sent" : "has arrived");
    else if (strcmp(facts->stop.at, trace_phase_name(facts->stop.phase)) != 0)
        buffer_printf(out, "%s, ", facts->stop.at);
    buffer_text(out, condition(stepper, run, facts));
}
