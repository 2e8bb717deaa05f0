/* The end of a session: close_notify, alerts, TCP close and reset. */
#include <sys/socket.h>
#include <unistd.h>

#include "failure.h"
#include "packets.h"
#include "phases.h"
#include "post.h"
#include "receive.h"
#include "stop.h"
#include "thread.h"
#include "transport.h"

#define GOODBYE_NS (1000 * ENGINE_NS_PER_MS) /* the peer's close_notify is not waited for longer */

/* ---- alerts ---------------------------------------------------------------------------------- */

static bool can_write(const struct engine *engine)
{
    return engine->tls.session != NULL && engine->write_error == 0 && !engine->write_torn;
}

static void queue_alert(struct engine *engine, uint8_t level, uint8_t description)
{
    const uint8_t alert[] = {level, description};

    engine_post_queued(engine, WIRE_ALERT, 0, alert, sizeof alert);
}

int engine_refuse(struct engine *engine, enum trace_phase phase)
{
    int alert = engine->failure.alert;

    engine_post_phase_failed(engine, phase);
    if (alert == ENGINE_NO_ALERT || !can_write(engine)) {
        return -1;
    }
    queue_alert(engine, GNUTLS_AL_FATAL, (uint8_t)alert);
    if (engine_stop_queued(engine, WIRE_ALERT, 0) != 0) {
        return -1;
    }
    engine->patience_ns = engine->timeout_ns;
    /* The session is lost already; whether the peer still reads its reason changes nothing. */
    (void)gnutls_alert_send(engine->tls.session, GNUTLS_AL_FATAL,
                            (gnutls_alert_description_t)alert);
    return -1;
}

/* ---- close_notify ---------------------------------------------------------------------------- */

/* RFC 8446 6.1: each side says close_notify before it closes its direction. */
int engine_send_close_notify(struct engine *engine)
{
    if (engine->has_said_goodbye || engine->cut_short || !can_write(engine)) {
        return 0;
    }
    engine->has_said_goodbye = true;
    queue_alert(engine, GNUTLS_AL_WARNING, GNUTLS_A_CLOSE_NOTIFY);
    if (engine_stop_queued(engine, WIRE_ALERT, 0) != 0) {
        return -1;
    }
    engine->patience_ns = engine->timeout_ns;
    (void)gnutls_bye(engine->tls.session, GNUTLS_SHUT_WR); /* unsent, it reads so in the log */
    return engine_is_ending(engine) ? -1 : 0;
}

/* Reads what is still under way, stop by stop, up to the peer's close_notify. A peer that sends on and
 * on gets no more time than a silent one. */
static void await_close_notify(struct engine *engine)
{
    int64_t patience_ns = engine->timeout_ns < GOODBYE_NS ? engine->timeout_ns : GOODBYE_NS;
    int64_t until_ns = engine_active_ns(engine) + patience_ns;
    enum engine_received got = ENGINE_GOT;

    while ((got == ENGINE_GOT || got == ENGINE_STARVED) && engine_active_ns(engine) < until_ns) {
        if (got == ENGINE_STARVED &&
            engine_wait_for_input(engine, engine->starved_at, &patience_ns) != ENGINE_INPUT) {
            break;
        }
        got = engine_receive(engine);
    }
}

/* What goes wrong now is told, but this side has said goodbye: the session has not failed. */
static void note_failure(struct engine *engine)
{
    if (engine->failure.known) {
        engine_post_note(engine, engine->failure.err.code, "while closing: %s",
                         engine->failure.err.text);
        engine->failure = (struct engine_failure){0};
    }
}

int engine_say_goodbye(struct engine *engine)
{
    engine_post_phase(engine, TRACE_CLOSE, TRACE_BEGUN, NULL, NULL);
    if (engine_send_close_notify(engine) != 0) {
        return -1;
    }
    if (!engine->close_notify_seen && !engine->truncated && !engine->endless &&
        !engine->cut_short) {
        await_close_notify(engine);
    }
    if (engine_is_ending(engine)) {
        return -1;
    }
    note_failure(engine);
    return 0;
}

/* ---- TCP ------------------------------------------------------------------------------------- */

/* The socket is closed only when the reader has left it. */
static void close_socket(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine_halt_locked(engine);
    pthread_mutex_unlock(&engine->lock);
    engine_thread_join(engine, ENGINE_READER);
    (void)close(engine->socket); /* what was written has been handed to the kernel */
    engine->socket = -1;
}

/* Sends FIN and logs it under one lock, so that the peer's FIN cannot come before it in the log. */
static void end_own_stream(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    if (shutdown(engine->socket, SHUT_WR) == 0) {
        engine_post_bytes_locked(engine, engine->local, NULL, 0, TRACE_FIN);
    }
    pthread_mutex_unlock(&engine->lock);
}

static void post_own_reset(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine_post_bytes_locked(engine, engine->local, NULL, 0, TRACE_RESET);
    pthread_mutex_unlock(&engine->lock);
}

static void post_closed(struct engine *engine)
{
    char told[120];
    const char *code = NULL;
    const char *text = NULL;

    if (engine->cut_short) {
        text = "without close_notify, as the other side of the proxy was closed without it";
    } else if (engine->truncated) {
        code = "truncated";
        text = "the server closed the connection without close_notify";
    } else if (engine->endless) {
        text = "the server was still sending";
    } else if (engine->close_notify_seen) {
        text = "both sides have said close_notify";
    } else if (!engine->has_said_goodbye) {
        text = NULL; /* an alert or a failure ended it, which is told where it happened */
    } else if (engine->established && engine->end_served) {
        text = "the server closed the connection without answering close_notify";
    } else if (engine->established) {
        text = "the server did not answer close_notify within a second";
    }
    (void)snprintf(told, sizeof told, "%s", text != NULL ? text : "");
    engine_name_peer(engine, told);
    engine_post_phase(engine, TRACE_CLOSE, TRACE_DONE, code, text != NULL ? told : NULL);
}

int engine_hang_up(struct engine *engine)
{
    if (engine->phases[TRACE_CLOSE] == TRACE_PENDING) {
        engine_post_phase(engine, TRACE_CLOSE, TRACE_BEGUN, NULL, NULL);
    }
    end_own_stream(engine);
    close_socket(engine);
    engine_packets_take(engine); /* FIN */
    post_closed(engine);
    return engine_stop_at(engine, TRACE_CLOSE, "close");
}

/* RFC 8446 6.1: user_canceled, at warning level. Only to a peer that has heard of this side. */
static void send_user_canceled(struct engine *engine)
{
    if (!can_write(engine) || !engine->has_written ||
        engine->phases[TRACE_CLOSE] != TRACE_PENDING) {
        return;
    }
    queue_alert(engine, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED);
    /* Aborting, push does not wait: the alert goes out if the socket takes it at once. */
    (void)gnutls_alert_send(engine->tls.session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED);
}

void engine_reset(struct engine *engine)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    send_user_canceled(engine);
    /* Without it the kernel closes in the ordinary way: the peer hears FIN instead of RST. */
    (void)setsockopt(engine->socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close_socket(engine);
    engine_packets_take(engine); /* RST */
    post_own_reset(engine);
    if (engine->phases[TRACE_CLOSE] == TRACE_PENDING) {
        engine_post_phase(engine, TRACE_CLOSE, TRACE_BEGUN, NULL, NULL);
        engine_post_phase(engine, TRACE_CLOSE, TRACE_DONE, engine->failure.err.code,
                          "this side has reset the connection");
    }
}
