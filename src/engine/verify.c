/*
 * Judging the peer's certificate: a server's, or the one that a client was asked for. pki decides, not GnuTLS; the verdict
 * is an event, and a refused certificate stops the session here.
 */
#include <stdlib.h>

#include "failure.h"
#include "phases.h"
#include "post.h"
#include "stop.h"
#include "thread.h"

/* ---- the trust store ------------------------------------------------------------------------- */

void engine_loader_run(struct engine *engine)
{
    struct engine_loading loading = {.done = true};

    loading.trust = tls_options_trust(&engine->options, engine->lab_root, engine->lab_root_length,
                                      &loading.err);
    if (loading.trust != NULL &&
        tls_options_revocations(&engine->options, &loading.revocations, &loading.err) != 0) {
        pki_trust_release(loading.trust);
        loading.trust = NULL;
    }
    pthread_mutex_lock(&engine->lock);
    engine->loading = loading;
    pthread_cond_signal(&engine->wake);
    pthread_mutex_unlock(&engine->lock);
}

bool engine_has_trust_at_hand(const struct engine *engine)
{
    return tls_options_trust_in_memory(&engine->options, engine->lab_root);
}

void engine_load_trust(struct engine *engine)
{
    struct err err;

    if (engine_has_trust_at_hand(engine) ||           /* await_trust() takes it from there */
        engine->threads[ENGINE_LOADER].run != NULL || /* it has been started before */
        engine_thread_start(engine, ENGINE_LOADER, engine_loader_run, &err) == 0) {
        return;
    }
    pthread_mutex_lock(&engine->lock);
    engine->loading = (struct engine_loading){.done = true, .err = err};
    pthread_cond_broadcast(&engine->wake);
    pthread_mutex_unlock(&engine->lock);
}

/* Borrowed from the engine. NULL: it could not be loaded, or the session is to end. */
static struct pki_trust *await_trust(struct engine *engine)
{
    struct pki_trust *trust;

    if (engine_has_trust_at_hand(engine) && !engine->loading.done) {
        engine_loader_run(engine); /* there is no other loader */
    }
    pthread_mutex_lock(&engine->lock);
    engine_queue_signal(&engine->queue);
    while (!engine->loading.done && !engine->aborting) {
        (void)engine_wait_locked(engine, &engine->wake, ENGINE_FOREVER);
    }
    trust = engine->aborting ? NULL : engine->loading.trust;
    pthread_mutex_unlock(&engine->lock);
    return trust;
}

/* ---- the verdict ----------------------------------------------------------------------------- */

static int fail_without_trust(struct engine *engine)
{
    const struct err *why = &engine->loading.err;

    if (engine_is_ending(engine)) {
        return -1;
    }
    return engine_fail(engine, why->class, "trust_store", GNUTLS_A_INTERNAL_ERROR,
                       "the certificate cannot be judged: %s", why->text);
}

static int fail_refused(struct engine *engine, const struct pki_verification *verification)
{
    const struct pki_reason *reasons = verification->reasons;
    size_t count = verification->reason_count;
    char others[60] = "";

    if (count == 0) { /* refused without a reason: pki never does */
        return engine_fail(engine, ERR_TLS, "refused_certificate", GNUTLS_A_BAD_CERTIFICATE,
                           "the certificate is refused");
    }
    if (count > 1) {
        (void)snprintf(others, sizeof others, " (and %zu more reason%s)", count - 1,
                       count > 2 ? "s" : "");
    }
    return engine_fail(engine, ERR_TLS, "refused_certificate", pki_reason_alert(reasons[0].code),
                       "the certificate is refused: %s%s", reasons[0].text, others);
}

/* What the peer sent to be judged. */
struct evidence {
    struct pki_slice *chain; /* owned; the bytes are not */
    size_t length;
    struct pki_staple *staples; /* as many as there is room for in the chain */
    size_t staple_count;
    bool staple_expected; /* it was asked for one, and had the chance to send it */
};

/* Posts verdict and phase. Returns 0 when the chain is accepted. */
static int judge(struct engine *engine, const struct evidence *evidence)
{
    struct pki_request request = {
        .chain = evidence->chain,
        .chain_length = evidence->length,
        .staples = evidence->staples,
        .staple_count = evidence->staple_count,
        .staple_expected = evidence->staple_expected,
        .strict = engine->options.strict,
        .strength = engine->options.strength,
        .purpose = engine->role == ENGINE_SERVER ? PKI_PURPOSE_CLIENT : PKI_PURPOSE_SERVER,
        .gnutls = !engine->quiet,
    };
    struct pki_verification *verification;
    struct err err;
    int status;

    request.trust = await_trust(engine);
    if (request.trust == NULL) {
        return fail_without_trust(engine);
    }
    request.revocations = engine->loading.revocations;
    if (engine->role == ENGINE_CLIENT) { /* nobody knows a client by a host name */
        request.hostname = tls_options_verify_name(&engine->options, engine->host);
    }
    request.at = tls_options_at(&engine->options);
    verification = pki_verify(&request, &err);
    if (verification == NULL) {
        return engine_fail_memory(engine);
    }
    status = verification->ok ? 0 : fail_refused(engine, verification);
    engine->judged = true;
    engine_post_verdict(engine, verification);
    return status;
}

static int judge_in_phase(struct engine *engine, const struct evidence *evidence)
{
    int status;

    engine_post_phase(engine, TRACE_VERIFY, TRACE_BEGUN, NULL, NULL);
    status = judge(engine, evidence);
    if (status == 0) {
        engine_post_phase(engine, TRACE_VERIFY, TRACE_DONE, NULL, NULL);
    } else if (engine->failure.known) {
        engine_post_phase_failed(engine, TRACE_VERIFY);
    }
    return status;
}

/* The handshake goes on where verification interrupted it; one inside a session is part of its data. */
static void return_to_handshake(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->phase = engine->established ? TRACE_DATA : TRACE_HANDSHAKE;
    pthread_mutex_unlock(&engine->lock);
}

/* ---- in the middle of the handshake ---------------------------------------------------------- */

/* The stop at which the user may go on although the certificate is refused. 0: it goes on. */
static int stop_at_verdict(struct engine *engine, bool refused)
{
    bool accepted;
    int status;

    pthread_mutex_lock(&engine->lock);
    engine->may_accept = refused;
    pthread_mutex_unlock(&engine->lock);
    status = engine_stop_at(engine, TRACE_VERIFY, "verify");
    pthread_mutex_lock(&engine->lock);
    engine->may_accept = false;
    accepted = engine->accepted;
    pthread_mutex_unlock(&engine->lock);
    if (status != 0 || (refused && !accepted)) {
        return -1;
    }
    if (refused) {
        engine->failure = (struct engine_failure){0};
        engine_post_note(engine, "accepted",
                         "the certificate was refused; the user chose to go on "
                         "with it for this connection");
    }
    return 0;
}

static void evidence_free(struct evidence *evidence)
{
    free(evidence->chain);
    free(evidence->staples);
}

static bool evidence_reserve(struct evidence *out, size_t count)
{
    *out = (struct evidence){
        .chain = calloc(count + 1, sizeof *out->chain),
        .staples = calloc(count + 1, sizeof *out->staples),
    };
    return out->chain != NULL && out->staples != NULL;
}

static void add_staple(struct evidence *out, size_t certificate, struct pki_slice response)
{
    if (response.length > 0) {
        out->staples[out->staple_count++] = (struct pki_staple){certificate, response};
    }
}

/* What GnuTLS has taken in. It asks for an OCSP response by itself, and calls the verify function after
 * CertificateStatus, where TLS 1.2 has it (lib/handshake.c). */
static bool evidence_of_session(struct evidence *out, gnutls_session_t session)
{
    unsigned count = 0;
    const gnutls_datum_t *certificates = gnutls_certificate_get_peers(session, &count);

    if (certificates == NULL) {
        count = 0;
    }
    if (!evidence_reserve(out, count)) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        gnutls_datum_t response = {0};

        out->chain[i] = (struct pki_slice){certificates[i].data, certificates[i].size};
        if (gnutls_ocsp_status_request_get2(session, i, &response) == GNUTLS_E_SUCCESS) {
            add_staple(out, i, (struct pki_slice){response.data, response.size});
        }
    }
    out->length = count;
    out->staple_expected = true;
    return true;
}

/* A client that was asked may have none (RFC 8446 4.4.2): where it must, the library refuses that by itself. */
static bool is_without_certificate(const struct engine *engine)
{
    unsigned count = 0;

    return engine->role == ENGINE_SERVER &&
           gnutls_certificate_get_peers(engine->tls.session, &count) == NULL;
}

int engine_verify(gnutls_session_t session)
{
    struct engine *engine = gnutls_session_get_ptr(session);
    struct evidence evidence;
    int status;

    engine_post_processed(engine);
    if (engine->options.no_verify) {
        engine_post_phase(engine, TRACE_VERIFY, TRACE_SKIPPED, NULL, "not asked for (--no-verify)");
        return 0;
    }
    if (is_without_certificate(engine)) {
        engine_post_phase(engine, TRACE_VERIFY, TRACE_SKIPPED, NULL,
                          "the client was asked for a certificate, and has none");
        return 0;
    }
    if (!evidence_of_session(&evidence, session)) {
        evidence_free(&evidence);
        (void)engine_fail_memory(engine); /* always -1 */
        return GNUTLS_E_MEMORY_ERROR;
    }
    status = judge_in_phase(engine, &evidence);
    evidence_free(&evidence);
    /* Without a verdict there is nothing that could be accepted. */
    if (status == 0 || engine->judged) {
        status = stop_at_verdict(engine, status != 0);
    }
    return_to_handshake(engine);
    return status == 0 ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

/* ---- after the handshake has failed ---------------------------------------------------------- */

/* Sixteen megabytes hold millions of empty certificates, which nobody could judge or read. */
#define LATE_CHAIN_MAX 1000

/* The response in an entry's extension status_request (RFC 8446 4.4.2.1); empty when there is none. */
static struct pki_slice entry_staple(struct reader extensions)
{
    static const struct pki_slice none = {0};

    while (reader_left(&extensions) > 0) {
        uint16_t type = reader_u16(&extensions);
        uint16_t length = reader_u16(&extensions);
        struct reader body = reader_new(reader_bytes(&extensions, length), length);

        if (extensions.failed) {
            break;
        }
        if (type == 5 && reader_u8(&body) == 1) { /* status_request, ocsp */
            struct pki_slice response = {.length = reader_u24(&body)};
            response.data = reader_bytes(&body, response.length);
            return body.failed ? none : response;
        }
    }
    return none;
}

/* Up to the first entry that does not fit. RFC 8446 4.4.2, RFC 5246 7.4.2. False: out of memory. */
static bool evidence_of_message(struct evidence *out, const struct engine *engine)
{
    struct reader message = reader_new(engine->certificate_message, engine->certificate_length);
    bool tls13 = gnutls_protocol_get_version(engine->tls.session) >= GNUTLS_TLS1_3;

    if (!evidence_reserve(out, LATE_CHAIN_MAX)) {
        return false;
    }
    out->staple_expected = tls13; /* in TLS 1.2 it would have come later */
    if (tls13) {
        (void)reader_bytes(&message, reader_u8(&message)); /* certificate_request_context */
    }
    (void)reader_u24(&message); /* of the list, which fills the message */
    while (reader_left(&message) > 0 && out->length < LATE_CHAIN_MAX) {
        struct pki_slice entry = {.length = reader_u24(&message)};
        struct reader extensions = {0};

        entry.data = reader_bytes(&message, entry.length);
        if (tls13) {
            uint16_t length = reader_u16(&message);
            extensions = reader_new(reader_bytes(&message, length), length);
        }
        if (message.failed) {
            break;
        }
        add_staple(out, out->length, entry_staple(extensions));
        out->chain[out->length++] = entry;
    }
    return true;
}

void engine_verify_late(struct engine *engine)
{
    struct engine_failure first = engine->failure;
    struct evidence evidence;

    if (engine->options.no_verify || engine->judged || engine->certificate_message == NULL ||
        engine->phases[TRACE_VERIFY] != TRACE_PENDING) {
        return;
    }
    if (evidence_of_message(&evidence, engine) && evidence.length > 0) {
        engine->failure = (struct engine_failure){0};
        (void)judge_in_phase(engine, &evidence); /* it is an event; the failure is another one */
        return_to_handshake(engine);
        engine->failure = first;
    }
    evidence_free(&evidence);
}
