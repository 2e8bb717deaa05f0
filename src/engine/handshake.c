/* The handshake: GnuTLS in blocking style, stopped in its hooks. */
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "failure.h"
#include "phases.h"
#include "post.h"
#include "receive.h"
#include "resume.h"
#include "stop.h"
#include "transport.h"

/* A server that warns for ever would otherwise never run into a time-out. */
#define WARNINGS_MAX 16

/* ---- hooks ----------------------------------------------------------------------------------- */

/* GnuTLS has a type of its own for what is a ServerHello on the wire (RFC 8446 4.1.4). */
static uint8_t handshake_type(unsigned type)
{
    return type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST ? WIRE_HELLO_RETRY_REQUEST : (uint8_t)type;
}

/* Before a TLS 1.2 client's Finished GnuTLS queues ChangeCipherSpec and tells nobody. */
static int queue_change_cipher(struct engine *engine)
{
    const uint8_t change_cipher_spec = 1; /* RFC 5246 7.1 */

    if (engine->change_cipher_queued ||
        gnutls_protocol_get_version(engine->tls.session) >= GNUTLS_TLS1_3) {
        return 0;
    }
    engine->change_cipher_queued = true;
    engine_post_queued(engine, WIRE_CHANGE_CIPHER_SPEC, 0, &change_cipher_spec, 1);
    return engine_stop_queued(engine, WIRE_CHANGE_CIPHER_SPEC, 0);
}

static int message_queued(struct engine *engine, uint8_t type, const gnutls_datum_t *body)
{
    if (type == WIRE_FINISHED && queue_change_cipher(engine) != 0) {
        return -1;
    }
    engine_post_queued(engine, WIRE_HANDSHAKE, type, body->data, body->size);
    return engine_stop_queued(engine, WIRE_HANDSHAKE, type);
}

/* A resumed TLS 1.2 session writes no key-log line; the master secret is there before Finished. */
static void post_master_secret(struct engine *engine)
{
    gnutls_datum_t random, secret;

    if (engine->secret_posted ||
        gnutls_protocol_get_version(engine->tls.session) >= GNUTLS_TLS1_3) {
        return;
    }
    gnutls_session_get_random(engine->tls.session, &random, NULL);
    gnutls_session_get_master_secret(engine->tls.session, &secret);
    engine_post_secret(engine, "CLIENT_RANDOM", &random, &secret);
    engine->secret_posted = true;
}

/* Kept in case that the library refuses the certificate before it asks for a verdict. */
static int keep_certificate(struct engine *engine, const gnutls_datum_t *body)
{
    free(engine->certificate_message);
    engine->certificate_length = 0;
    engine->certificate_message = malloc(body->size + 1); /* never 0 bytes */
    if (engine->certificate_message == NULL) {
        return engine_fail_memory(engine);
    }
    if (body->size > 0) {
        memcpy(engine->certificate_message, body->data, body->size);
    }
    engine->certificate_length = body->size;
    return 0;
}

static int message_arrived(struct engine *engine, uint8_t type, const gnutls_datum_t *body)
{
    const uint8_t update_requested = 1; /* RFC 8446 4.6.3 */

    engine->unheard = 0;
    if (type == WIRE_CERTIFICATE && keep_certificate(engine, body) != 0) {
        return -1;
    }
    if (type == WIRE_FINISHED) {
        post_master_secret(engine);
    }
    engine->asked |= type == WIRE_CERTIFICATE_REQUEST;
    engine->ticket_came |= type == WIRE_NEW_SESSION_TICKET;
    if (type == WIRE_KEY_UPDATE && body->size == 1 && body->data[0] == update_requested) {
        engine->owes_key_update = true;
    }
    return engine_stop_arrived(engine, WIRE_HANDSHAKE, type);
}

/* Blocking in here is the pause. A negative return ends the handshake and comes back unchanged. */
static int hook(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                const gnutls_datum_t *body)
{
    struct engine *engine = gnutls_session_get_ptr(session);
    int status;

    (void)when; /* only GNUTLS_HOOK_PRE is asked for: by POST the bytes may be gone */
    engine_post_processed(engine);
    status = incoming ? message_arrived(engine, handshake_type(type), body)
                      : message_queued(engine, handshake_type(type), body);
    return status == 0 ? 0 : GNUTLS_E_USER_ERROR;
}

static int keylog(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    struct engine *engine = gnutls_session_get_ptr(session);
    gnutls_datum_t random;

    gnutls_session_get_random(session, &random, NULL);
    engine_post_secret(engine, label, &random, secret);
    engine->secret_posted = true;
    return 0;
}

void engine_hooks_attach(struct engine *engine)
{
    gnutls_session_t session = engine->tls.session;

    gnutls_session_set_ptr(session, engine);
    gnutls_handshake_set_hook_function(session, (unsigned)GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE,
                                       hook);
    gnutls_session_set_keylog_function(session, keylog);
    gnutls_session_set_verify_function(session, engine_verify);
}

/* ---- the phase ------------------------------------------------------------------------------- */

static bool is_again(int status)
{
    return status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED;
}

/* An alert that could not be seen from outside is known only now (TLS 1.3, encrypted). */
static void stop_at_alert(struct engine *engine, int status)
{
    bool is_alert = status == GNUTLS_E_WARNING_ALERT_RECEIVED ||
                    status == GNUTLS_E_FATAL_ALERT_RECEIVED ||
                    status == GNUTLS_E_SESSION_EOF; /* close_notify */

    if (is_alert && !engine->record_stopped) {
        (void)engine_stop_arrived(engine, WIRE_ALERT, 0); /* the caller looks whether it ends */
    }
    if (is_alert) {
        engine->record_stopped = false;
    }
}

int engine_shake_hands(struct engine *engine)
{
    int warnings = 0;
    int status;

    do {
        status = gnutls_handshake(engine->tls.session);
        stop_at_alert(engine, status);
        engine_post_processed(engine);
        if (engine_is_ending(engine)) {
            return -1;
        }
        if (status == GNUTLS_E_WARNING_ALERT_RECEIVED && ++warnings < WARNINGS_MAX) {
            status = GNUTLS_E_AGAIN;
        }
    } while (is_again(status));
    return status == GNUTLS_E_SUCCESS ? 0 : engine_fail_library(engine, status);
}

/* The library is content, but its last flight could not be written: what the server said before it
 * hung up tells why. */
static int read_last_words(struct engine *engine)
{
    enum engine_received got;

    do {
        got = engine_receive(engine);
    } while (got == ENGINE_GOT);
    return got == ENGINE_FAILED ? -1 : engine_fail_library(engine, GNUTLS_E_PREMATURE_TERMINATION);
}

/* Who to be is asked when it is known whom the client wants: ClientHello has been read and stopped at. */
static int identify(gnutls_session_t session)
{
    struct engine *engine = gnutls_session_get_ptr(session);
    const struct engine_service *service = &engine->service;
    struct tls_identity *identity = NULL;
    char name[256] = "";
    size_t size = sizeof name;
    unsigned type = 0;
    struct err err = {0};
    int status;

    engine_post_processed(engine);
    if (engine->identified) {
        return 0; /* after HelloRetryRequest */
    }
    if (gnutls_server_name_get(session, name, &size, &type, 0) != GNUTLS_E_SUCCESS ||
        type != GNUTLS_NAME_DNS) {
        name[0] = '\0';
    }
    if (engine_call_begin(engine)) {
        identity = service->identify(service->context, name[0] != '\0' ? name : NULL, &err);
        engine_call_end(engine);
    }
    if (engine_is_ending(engine)) {
        tls_identity_release(identity);
        return GNUTLS_E_USER_ERROR;
    }
    if (identity == NULL) {
        (void)engine_fail_with(engine, &err,
                               err.class == ERR_USAGE ? GNUTLS_A_UNRECOGNIZED_NAME
                                                      : GNUTLS_A_INTERNAL_ERROR);
        return GNUTLS_E_USER_ERROR;
    }
    engine->identified = true;
    status = tls_session_show(&engine->tls, identity, &err);
    tls_identity_release(identity);
    if (status != 0) {
        (void)engine_fail_with(engine, &err, GNUTLS_A_INTERNAL_ERROR); /* always -1 */
        return GNUTLS_E_USER_ERROR;
    }
    return 0;
}

static int make_session(struct engine *engine, struct err *err)
{
    const struct engine_service *service = &engine->service;

    if (engine->role == ENGINE_CLIENT) {
        return tls_session_init(&engine->tls, &engine->options, engine->host, err);
    }
    if (tls_session_init_server(&engine->tls, &engine->options, service->identity, service->memory,
                                err) != 0) {
        return -1;
    }
    if (service->identity == NULL) {
        gnutls_handshake_set_post_client_hello_function(engine->tls.session, identify);
    }
    return 0;
}

static int begin(struct engine *engine)
{
    struct err err;

    if (make_session(engine, &err) != 0) {
        return engine_fail_with(engine, &err, ENGINE_NO_ALERT);
    }
    engine_transport_attach(engine);
    engine_hooks_attach(engine);
    engine->patience_ns = engine->timeout_ns;
    engine->pull_waits = true;
    return engine_receive_begin(engine) == 0 ? engine_resume_begin(engine) : -1;
}

/* For whoever asks what this peer has shown, also when the session is a resumed one. */
static void keep_leaf_locked(struct engine *engine)
{
    unsigned count = 0;
    const gnutls_datum_t *leaf = gnutls_certificate_get_peers(engine->tls.session, &count);

    if (leaf == NULL || count == 0 || leaf->size == 0 || engine->peer_leaf.data != NULL) {
        return;
    }
    engine->peer_leaf.data = malloc(leaf->size);
    if (engine->peer_leaf.data == NULL) {
        engine->out_of_memory = true;
        return;
    }
    memcpy(engine->peer_leaf.data, leaf->data, leaf->size);
    engine->peer_leaf.size = leaf->size;
}

static int establish(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->is_tls13 = gnutls_protocol_get_version(engine->tls.session) >= GNUTLS_TLS1_3;
    keep_leaf_locked(engine);
    pthread_mutex_unlock(&engine->lock);
    engine->established = true;
    engine_resume_keep(engine);
    if (engine->write_error != 0) {
        return read_last_words(engine);
    }
    if (engine->phases[TRACE_VERIFY] == TRACE_PENDING) {
        engine_post_phase(engine, TRACE_VERIFY, TRACE_SKIPPED, NULL,
                          engine->role == ENGINE_SERVER
                              ? "the client was not asked for a certificate"
                          : gnutls_session_is_resumed(engine->tls.session)
                              ? "the session was resumed: no certificate was sent"
                              : "no certificate was sent");
    }
    engine_post_phase(engine, TRACE_HANDSHAKE, TRACE_DONE, NULL, NULL);
    return engine_resume_settle(engine);
}

int engine_handshake(struct engine *engine)
{
    engine_post_phase(engine, TRACE_HANDSHAKE, TRACE_BEGUN, NULL, NULL);
    if (begin(engine) == 0 && engine_shake_hands(engine) == 0 && establish(engine) == 0) {
        return 0;
    }
    if (!engine->failure.known) {
        return -1; /* aborted, or out of memory */
    }
    engine_verify_late(engine);
    return engine_refuse(engine, TRACE_HANDSHAKE);
}
