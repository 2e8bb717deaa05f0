/*
 * Handshakes inside a session that is up. They are stepped through like the first one, in the phase "data", which they
 * interrupt: nothing else can be sent meanwhile, and pull waits for the peer.
 */
#include "again.h"

#include <stdlib.h>

#include "failure.h"
#include "phases.h"
#include "post.h"
#include "receive.h"
#include "resume.h"
#include "stop.h"

static void interrupt(struct engine *engine)
{
    engine_set_may_send(engine, false);
    engine->pull_waits = true;
    engine->patience_ns = engine->timeout_ns;
}

static int return_to_data(struct engine *engine, int status)
{
    engine->pull_waits = false;
    if (status == 0) {
        engine_set_may_send(engine, true);
    }
    return status;
}

/* ---- renegotiation, RFC 5246 7.4.1.1 ------------------------------------------------------------ */

/* Who does not want to renegotiate says so, and goes on. */
static int refuse(struct engine *engine)
{
    const uint8_t alert[] = {GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION};
    int status;

    engine_post_note(
        engine, "renegotiation_refused",
        "the other side wants a new handshake, but cannot prove that it would belong to this "
        "session (RFC 5746): refused");
    engine_post_queued(engine, WIRE_ALERT, 0, alert, sizeof alert);
    if (engine_stop_queued(engine, WIRE_ALERT, 0) != 0) {
        return -1;
    }
    engine->patience_ns = engine->timeout_ns;
    status = gnutls_alert_send(engine->tls.session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
    return status >= 0 || engine_is_ending(engine) ? status : engine_fail_library(engine, status);
}

/* What was found out about the handshake before is not true of this one. */
static void forget_handshake(struct engine *engine)
{
    engine->change_cipher_queued = false;
    engine->secret_posted = false;
    engine->judged = false;
    free(engine->certificate_message);
    engine->certificate_message = NULL;
    engine->certificate_length = 0;
}

/*
 * Data may come between HelloRequest and ServerHello (RFC 5246 7.4.1.1), but GnuTLS would answer it with a second ClientHello
 * (measured with 3.7.9). What has arrived already is taken now, before the first.
 */
static int take_data(struct engine *engine)
{
    enum engine_received got = ENGINE_GOT;

    engine->renegotiating = true;
    while (got == ENGINE_GOT) {
        got = engine_receive(engine);
    }
    engine->renegotiating = false;
    switch (got) {
    case ENGINE_STARVED:
        return 0;
    case ENGINE_CUT:
        engine_note_truncation(engine);
        return engine_fail_library(engine, GNUTLS_E_PREMATURE_TERMINATION);
    case ENGINE_CLOSED:
        return engine_fail_library(engine, GNUTLS_E_SESSION_EOF);
    case ENGINE_GOT:
    case ENGINE_FAILED:
        break;
    }
    return -1;
}

static int hear_request(struct engine *engine)
{
    int status = engine_stop_arrived(engine, WIRE_HANDSHAKE, WIRE_HELLO_REQUEST);

    engine_post_processed(engine);
    return status;
}

int engine_renegotiate(struct engine *engine)
{
    int status;

    if (engine->role == ENGINE_CLIENT && hear_request(engine) != 0) {
        return -1;
    }
    if (engine->renegotiating) {
        return 0; /* asked twice: RFC 5246 7.4.1.1, one answer is enough */
    }
    if (engine->role == ENGINE_CLIENT && take_data(engine) != 0) {
        return -1;
    }
    if (gnutls_safe_renegotiation_status(engine->tls.session) == 0) {
        return refuse(engine);
    }
    interrupt(engine);
    forget_handshake(engine);
    status = engine_shake_hands(engine);
    if (status == 0) {
        engine_resume_keep(engine);
    }
    return return_to_data(engine, status);
}

/* ---- post-handshake authentication, RFC 8446 4.6.2 ----------------------------------------------- */

int engine_reauthenticate(struct engine *engine)
{
    int status;

    interrupt(engine);
    do {
        status = gnutls_reauth(engine->tls.session, 0);
        engine_post_processed(engine);
        if (engine_is_ending(engine)) {
            return -1;
        }
        /* A client may go on speaking until it has read the request. */
        if (status == GNUTLS_E_GOT_APPLICATION_DATA && engine_receive(engine) == ENGINE_GOT) {
            status = GNUTLS_E_AGAIN;
        }
    } while (status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED);
    return return_to_data(engine, status == 0 ? 0 : engine_fail_library(engine, status));
}

/* ---- a server that asks ------------------------------------------------------------------------- */

/* RFC 5246 7.4.1.1. What comes of it, if anything, is a ClientHello among the data. */
static int request_hello(struct engine *engine)
{
    int status;

    engine->patience_ns = engine->timeout_ns;
    status = gnutls_rehandshake(engine->tls.session);
    if (engine_is_ending(engine)) {
        return -1;
    }
    return status >= 0 ? 0 : engine_fail_library(engine, status);
}

int engine_ask_again(struct engine *engine)
{
    gnutls_session_t session = engine->tls.session;

    gnutls_certificate_server_set_request(session, engine->options.ask == TLS_ASK_REQUIRE
                                                       ? GNUTLS_CERT_REQUIRE
                                                       : GNUTLS_CERT_REQUEST);
    if (!engine->options.no_verify) {
        engine_load_trust(engine);
    }
    if (!engine->is_tls13) {
        return request_hello(engine);
    }
    if ((gnutls_session_get_flags(session) & GNUTLS_SFLAGS_POST_HANDSHAKE_AUTH) == 0) {
        engine_post_note(engine, "not_asked",
                         "the server has not offered post_handshake_auth: it must not be asked now "
                         "(RFC 8446 4.6.2)");
        return 0;
    }
    return engine_reauthenticate(engine);
}
