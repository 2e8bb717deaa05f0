/* A configured client session. */
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "priority.h"

static int fail(int status, const char *doing, struct err *err)
{
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, doing);
    }
    return err_set(err, ERR_USAGE, "bad_option", "%s: %s", doing, gnutls_strerror(status));
}

static int set_priority(gnutls_session_t session, const struct tls_options *options,
                        struct err *err)
{
    char *priority = tls_priority_build(options, err);
    int status;

    if (priority == NULL) {
        return -1;
    }
    status = gnutls_priority_set_direct(session, priority, NULL);
    free(priority);
    return status == GNUTLS_E_SUCCESS ? 0 : fail(status, "setting --priority", err);
}

/* RFC 6066 3: without a trailing dot. An internationalized name is converted by GnuTLS. */
static int set_sni(gnutls_session_t session, const struct tls_options *options, const char *host,
                   struct err *err)
{
    const char *name = tls_options_sni(options, host);
    size_t length;
    int status;

    if (name == NULL) {
        return 0;
    }
    length = strlen(name);
    if (length > 1 && name[length - 1] == '.') {
        length--;
    }
    status = gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, length);
    return status == GNUTLS_E_SUCCESS ? 0 : fail(status, "setting --sni", err);
}

static int set_alpn(gnutls_session_t session, const struct tls_options *options, struct err *err)
{
    gnutls_datum_t names[TLS_ALPN_NAMES_MAX];
    int count, status;

    if (options->alpn == NULL) {
        return 0;
    }
    count = tls_parse_alpn(options->alpn, names);
    status = count > 0 ? gnutls_alpn_set_protocols(session, names, (unsigned)count, 0)
                       : GNUTLS_E_INVALID_REQUEST;
    return status == GNUTLS_E_SUCCESS ? 0 : fail(status, "setting --alpn", err);
}

/*
 * Without credentials GnuTLS does not begin; without certificates in them a server that asks gets an
 * empty Certificate message, and nothing is verified but by the caller's verify function.
 */
static int set_credentials(struct tls_session *session, struct err *err)
{
    int status = gnutls_certificate_allocate_credentials(&session->credentials);

    if (status == GNUTLS_E_SUCCESS) {
        status =
            gnutls_credentials_set(session->session, GNUTLS_CRD_CERTIFICATE, session->credentials);
    }
    return status == GNUTLS_E_SUCCESS ? 0 : fail(status, "making credentials", err);
}

int tls_session_init(struct tls_session *session, const struct tls_options *options,
                     const char *host, struct err *err)
{
    /* GNUTLS_NO_AUTO_REKEY: a KeyUpdate is sent when the user says so, not after 2^24 records.
     * The extensions stay GnuTLS's own: status_request, session_ticket and the rest, as gnutls-cli
     * sends them. */
    int status;

    memset(session, 0, sizeof *session);
    status = gnutls_init(&session->session, GNUTLS_CLIENT | GNUTLS_NO_AUTO_REKEY);
    if (status != GNUTLS_E_SUCCESS) {
        session->session = NULL;
        return fail(status, "making a session", err);
    }
    if (set_credentials(session, err) != 0 || set_priority(session->session, options, err) != 0 ||
        set_sni(session->session, options, host, err) != 0 ||
        set_alpn(session->session, options, err) != 0) {
        tls_session_free(session);
        return -1;
    }
    /* GnuTLS's own time-out would count the user's pauses. */
    gnutls_handshake_set_timeout(session->session, GNUTLS_INDEFINITE_TIMEOUT);
    return 0;
}

void tls_session_free(struct tls_session *session)
{
    if (session == NULL) {
        return;
    }
    if (session->session != NULL) {
        gnutls_deinit(session->session);
    }
    if (session->credentials != NULL) {
        gnutls_certificate_free_credentials(session->credentials);
    }
    memset(session, 0, sizeof *session);
}
