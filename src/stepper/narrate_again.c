/*
 * Sessions that are resumed, early data, and handshakes inside a session, in words.
 */
#include <string.h>

#include "narrate.h"

/* Notes that tell a user what became of --resume, --early-data, --capture and a HelloRequest. */
static const char *const told[] = {
    "nothing_to_resume",  "not_resumable",         "not_resumed", "early_data_not_sent",
    "early_data_refused", "renegotiation_refused", "no_capture",  "bad_filter",
};

static bool is_told(const struct trace_event *event)
{
    for (size_t i = 0; event->kind == TRACE_NOTE && i < sizeof told / sizeof told[0]; i++)
        if (event->code != NULL && event->text != NULL && strcmp(event->code, told[i]) == 0)
            return true;
    return false;
}

void narrate_notes(const struct run *run, struct buffer *out)
{
    size_t here = run_moment(run);
    size_t before = here > 0 ? trace_moment_before(run->trace, here) : 0;

    for (size_t i = before; i < here && i < trace_event_count(run->trace); i++) {
        const struct trace_event *event = trace_event_at(run->trace, i);
        if (is_told(event))
            buffer_printf(out, "Note: %s. ", event->text); /* the text is our own */
    }
}

/* ---- what is only known from where a message stands ---- */

static bool is(const struct trace_stop *stop, const char *at)
{
    return strcmp(stop->at, at) == 0;
}

static bool is_authentication(const struct trace_stop *stop)
{
    return is(stop, "Certificate") || is(stop, "CertificateVerify") || is(stop, "Finished");
}

const char *narrate_again_call(const struct trace_facts *facts)
{
    const struct trace_stop *stop = &facts->stop;

    if (is(stop, "ApplicationData") && stop->queued && stop->phase == TRACE_HANDSHAKE)
        return "gnutls_record_send_early_data()";
    if (stop->phase != TRACE_DATA || is(stop, "ApplicationData") || is(stop, "Alert"))
        return NULL;
    if (facts->version == WIRE_TLS13)
        return stop->queued && is_authentication(stop) ? "gnutls_reauth()" : NULL;
    return is(stop, "HelloRequest") ? NULL : "gnutls_handshake()";
}

/* Three lines of eighty columns hold them. */
bool narrate_again(const struct trace_facts *facts, struct buffer *out)
{
    const struct trace_stop *stop = &facts->stop;

    if (is(stop, "data") && facts->resumed == TRACE_YES) {
        buffer_text(
            out, "gnutls_handshake() has returned. An earlier session is resumed: its keys prove "
                 "who the server is, so no certificate was sent and none was checked.");
        if (facts->early_data == TRACE_YES)
            buffer_text(out, " The server has taken the early data.");
        return true;
    }
    if (is(stop, "ClientHello") && stop->queued && stop->phase == TRACE_DATA) {
        buffer_text(out,
                    "gnutls_handshake(), called again because the server asked, makes a second "
                    "ClientHello: this handshake runs inside the session, under its keys.");
        return true;
    }
    if (is(stop, "ApplicationData") && stop->queued && stop->phase == TRACE_HANDSHAKE) {
        buffer_text(
            out, "gnutls_record_send_early_data() has made it; it is not on the wire yet. It goes "
                 "out before the server has said anything, under keys of the session that is "
                 "resumed: whoever records it can send it again.");
        return true;
    }
    return false;
}
