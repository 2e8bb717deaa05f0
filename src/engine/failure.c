/* What went wrong, in words a user can act on. */
#include <stdarg.h>
#include <string.h>

#include "failure.h"

/* Texts here speak of the server, which the peer mostly is. Both words are equally long. */
void engine_name_peer(const struct engine *engine, char *text)
{
    static const char server[] = "the server", client[] = "the client";

    if (engine->role != ENGINE_SERVER) {
        return;
    }
    for (char *at = strstr(text, server); at != NULL; at = strstr(at, server)) {
        memcpy(at, client, sizeof client - 1);
    }
}

int engine_fail(struct engine *engine, enum err_class class, const char *code, int alert,
                const char *format, ...)
{
    struct engine_failure *failure = &engine->failure;
    char text[sizeof failure->err.text];
    va_list arguments;

    if (failure->known) {
        return -1;
    }
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut to fit, like every err */
    va_end(arguments);
    engine_name_peer(engine, text);
    failure->known = true;
    failure->alert = alert;
    return err_set(&failure->err, class, code, "%s", text);
}

int engine_fail_with(struct engine *engine, const struct err *err, int alert)
{
    if (!engine->failure.known) {
        engine->failure = (struct engine_failure){.known = true, .err = *err, .alert = alert};
    }
    return -1;
}

int engine_fail_memory(struct engine *engine)
{
    struct err err;

    (void)err_memory(&err, "recording the connection"); /* it only fills err */
    engine->failure.known = false; /* whatever else went wrong, it went wrong because of this */
    return engine_fail_with(engine, &err, ENGINE_NO_ALERT);
}

const char *engine_latest_message(const struct engine *engine)
{
    return engine->has_exchanged ? engine->latest.at : "the TCP connection was made";
}

/* ---- the peer is silent, gone, or speaks something else -------------------------------------- */

int engine_fail_timeout(struct engine *engine)
{
    double seconds = (double)engine->timeout_ns / 1e9;
    const char *latest = engine_latest_message(engine);

    if (engine->has_exchanged && engine->latest.queued) {
        return engine_fail(engine, ERR_TLS, "timeout", ENGINE_NO_ALERT,
                           "the server did not answer %s within %g s (--timeout)", latest, seconds);
    }
    return engine_fail(engine, ERR_TLS, "timeout", ENGINE_NO_ALERT,
                       "the server stopped sending: after %s it kept this side waiting for %g s "
                       "(--timeout)",
                       latest, seconds);
}

/* The first line is the greeting; the rest would only bury it. */
static size_t first_line(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (data[i] == '\r' || data[i] == '\n') {
            return i;
        }
    }
    return length;
}

/* A server that greets in clear text may be asked for TLS; "" when it is none of those. */
static const char *starttls_of(const uint8_t *data, size_t length, char *out, size_t size)
{
    const struct net_protocol *protocol = net_protocol_recognise(NULL, 0, data, length);
    bool asked = protocol != NULL && net_protocol_find(protocol->name) == protocol;

    (void)snprintf(out, size, "%s%s", asked ? ", or --starttls " : "", asked ? protocol->name : "");
    return out;
}

int engine_fail_not_tls(struct engine *engine, const uint8_t *data, size_t length)
{
    const char *protocol = wire_guess_protocol(data, length);
    char said[256];
    char name[48];

    text_safe(said, sizeof said, data, first_line(data, length));
    if (protocol != NULL) {
        return engine_fail(engine, ERR_TLS, "not_tls", ENGINE_NO_ALERT,
                           "this is not TLS: the server said '%s', which is %s; it may want "
                           "another port%s",
                           said, protocol, starttls_of(data, length, name, sizeof name));
    }
    return engine_fail(engine, ERR_TLS, "not_tls", ENGINE_NO_ALERT,
                       "this is not TLS: the server said '%s'", said);
}

static int fail_ended(struct engine *engine)
{
    const char *latest = engine_latest_message(engine);

    if (engine->ended_how == TRACE_RESET) {
        return engine_fail(engine, ERR_TLS, "peer_reset", ENGINE_NO_ALERT,
                           "the connection broke after %s: %s", latest,
                           strerror(engine->end_error));
    }
    if (!engine->record_known) {
        return engine_fail(engine, ERR_TLS, "peer_closed", ENGINE_NO_ALERT,
                           "the server closed the connection after %s without sending a byte: it "
                           "may not speak TLS on this port, or not with this client",
                           latest);
    }
    return engine_fail(engine, ERR_TLS, "peer_closed", ENGINE_NO_ALERT,
                       "the server closed the connection after %s", latest);
}

/* ---- the peer has sent an alert -------------------------------------------------------------- */

/* The options that decide about it. */
static const struct alert_option {
    uint8_t description;
    const char *options;
} alert_options[] = {
    {GNUTLS_A_HANDSHAKE_FAILURE, "--priority, --tls-min, --tls-max, --groups, --sigalgs"},
    {GNUTLS_A_PROTOCOL_VERSION, "--tls-min, --tls-max"},
    {GNUTLS_A_INSUFFICIENT_SECURITY, "--priority"},
    {GNUTLS_A_UNRECOGNIZED_NAME, "--sni"},
    {GNUTLS_A_NO_APPLICATION_PROTOCOL, "--alpn"},
};

static const char *options_of_alert(uint8_t description)
{
    for (size_t i = 0; i < sizeof alert_options / sizeof *alert_options; i++) {
        if (alert_options[i].description == description) {
            return alert_options[i].options;
        }
    }
    return NULL;
}

/* The alert itself is the latest message by now, so the text does not say after what. */
static int fail_alert(struct engine *engine, uint8_t description)
{
    const char *options = options_of_alert(description);
    char alert[200];

    if (description == GNUTLS_A_CLOSE_NOTIFY) {
        return engine_fail(engine, ERR_TLS, "peer_closed", ENGINE_NO_ALERT,
                           "the server ended the session with close_notify before the handshake "
                           "was done");
    }
    if (engine->asked && engine->options.cert == NULL) {
        options = "--cert: the server has asked for a certificate, and this client has none";
    }
    wire_alert_text(alert, sizeof alert, GNUTLS_AL_FATAL, description);
    return engine_fail(engine, ERR_TLS, "alert_received", ENGINE_NO_ALERT,
                       "the server refused: %s%s%s", alert, options != NULL ? "; see " : "",
                       options != NULL ? options : "");
}

/* ---- the library has refused ----------------------------------------------------------------- */

static const struct library_error {
    int status;
    const char *text;
} library_errors[] = {
    {GNUTLS_E_UNSUPPORTED_VERSION_PACKET,
     "the server chose a protocol version that is not allowed here (--tls-min, --tls-max)"},
    {GNUTLS_E_UNEXPECTED_PACKET, "a record came that has no place here"},
    {GNUTLS_E_UNEXPECTED_HANDSHAKE_PACKET, "a handshake message came that has no place here"},
    {GNUTLS_E_UNEXPECTED_PACKET_LENGTH, "a record or message has an impossible length"},
    {GNUTLS_E_RECORD_OVERFLOW, "a record claims more bytes than TLS allows"},
    {GNUTLS_E_HANDSHAKE_TOO_LARGE, "a handshake message is larger than this client takes"},
    {GNUTLS_E_TOO_MANY_EMPTY_PACKETS, "the server sends nothing but empty records"},
    {GNUTLS_E_TOO_MANY_HANDSHAKE_PACKETS, "the server sends too many handshake messages"},
    {GNUTLS_E_DECRYPTION_FAILED,
     "a record could not be decrypted: it was changed on the way, or made with other keys"},
    {GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER, "a message has a value that the standard forbids"},
    {GNUTLS_E_RECEIVED_ILLEGAL_EXTENSION, "the server answered an extension that was not sent"},
    {GNUTLS_E_MISSING_EXTENSION, "an extension is missing that the standard demands"},
    {GNUTLS_E_ERROR_IN_FINISHED_PACKET,
     "the server's Finished does not match: the two ends have not seen the same handshake"},
    {GNUTLS_E_PK_SIG_VERIFY_FAILED,
     "the server's signature over the handshake is wrong: it does not hold the certificate's key"},
    {GNUTLS_E_KEY_USAGE_VIOLATION,
     "the server used its key for something that its certificate does not allow"},
    {GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM,
     "the server signed with a scheme that was not offered"},
    {GNUTLS_E_GOT_APPLICATION_DATA,
     "data came in the middle of a renegotiation, which is right, but more than GnuTLS can do"},
    {GNUTLS_E_CERTIFICATE_ERROR, "the server's certificate cannot be used"},
    {GNUTLS_E_NO_CERTIFICATE_FOUND, "the server sent no certificate"},
    {GNUTLS_E_CERTIFICATE_REQUIRED, "the server sent no certificate, and has to"},
    {GNUTLS_E_UNKNOWN_CIPHER_SUITE, "the server chose a cipher suite that was not offered"},
    {GNUTLS_E_NO_CIPHER_SUITES, "no cipher suite is left to offer (--priority)"},
    {GNUTLS_E_NO_PRIORITIES_WERE_SET, "no version or cipher suite is left to offer (--priority)"},
    {GNUTLS_E_DH_PRIME_UNACCEPTABLE, "the server's Diffie-Hellman prime is too small"},
    {GNUTLS_E_INSUFFICIENT_SECURITY, "the server's parameters are too weak"},
    {GNUTLS_E_SAFE_RENEGOTIATION_FAILED, "the server's renegotiation_info is wrong"},
    {GNUTLS_E_UNSAFE_RENEGOTIATION_DENIED, "the server does not know safe renegotiation"},
    {GNUTLS_E_INAPPROPRIATE_FALLBACK, "the server says that a newer version is possible"},
};

static const char *library_error_text(int status)
{
    for (size_t i = 0; i < sizeof library_errors / sizeof *library_errors; i++) {
        if (library_errors[i].status == status) {
            return library_errors[i].text;
        }
    }
    return "the TLS library gave up";
}

/* Our own errors in the callbacks come back under these names; what they mean is known already. */
static bool is_local(int status)
{
    return status == GNUTLS_E_PULL_ERROR || status == GNUTLS_E_PUSH_ERROR ||
           status == GNUTLS_E_USER_ERROR;
}

int engine_fail_library(struct engine *engine, int status)
{
    int level;

    if (engine->failure.known) {
        return -1;
    }
    if (status == GNUTLS_E_MEMORY_ERROR || engine->out_of_memory) {
        return engine_fail_memory(engine);
    }
    if (status == GNUTLS_E_FATAL_ALERT_RECEIVED || status == GNUTLS_E_WARNING_ALERT_RECEIVED) {
        return fail_alert(engine, (uint8_t)gnutls_alert_get(engine->tls.session));
    }
    if (status == GNUTLS_E_DECRYPTION_FAILED && engine->has_clear_alert &&
        strcmp(engine->latest.at, "Alert") == 0) {
        return fail_alert(engine, engine->clear_alert);
    }
    if (status == GNUTLS_E_SESSION_EOF || engine->close_notify_seen) {
        return fail_alert(engine, GNUTLS_A_CLOSE_NOTIFY);
    }
    if (engine->end_served) {
        return fail_ended(engine);
    }
    return engine_fail(engine, ERR_TLS, "tls_error",
                       is_local(status) ? ENGINE_NO_ALERT : gnutls_error_to_alert(status, &level),
                       "after %s: %s (GnuTLS: %s)", engine_latest_message(engine),
                       library_error_text(status), gnutls_strerror(status));
}
