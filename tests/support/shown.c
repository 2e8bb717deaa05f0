/* What a GnuTLS client gets to see of a server's credentials. */
#include "shown.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_session(gnutls_session_t *session, unsigned flags, int fd, const char *priority,
                        gnutls_certificate_credentials_t credentials)
{
    int status = gnutls_init(session, flags | GNUTLS_NONBLOCK);

    if (status < 0) {
        *session = NULL;
        return status;
    }
    gnutls_transport_set_int(*session, fd);
    status = gnutls_priority_set_direct(*session, priority != NULL ? priority : "NORMAL", NULL);
    return status < 0 ? status
                      : gnutls_credentials_set(*session, GNUTLS_CRD_CERTIFICATE, credentials);
}

/* Both in turns: neither ever has to wait for anything else. */
static int shake(gnutls_session_t client, gnutls_session_t server)
{
    int client_status = GNUTLS_E_AGAIN, server_status = GNUTLS_E_AGAIN;

    for (int turn = 0; turn < 1000; turn++) {
        if (client_status != 0) {
            client_status = gnutls_handshake(client);
        }
        if (server_status != 0) {
            server_status = gnutls_handshake(server);
        }
        if (client_status < 0 && gnutls_error_is_fatal(client_status)) {
            return client_status;
        }
        if (server_status < 0 && gnutls_error_is_fatal(server_status)) {
            return server_status;
        }
        if (client_status == 0 && server_status == 0) {
            return 0;
        }
    }
    return GNUTLS_E_TIMEDOUT;
}

static void collect(struct shown *shown, gnutls_session_t client)
{
    gnutls_datum_t response;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(client, &shown->count);

    for (unsigned i = 0; i < shown->count; i++) {
        gnutls_datum_t pem;
        if (gnutls_pem_base64_encode2("CERTIFICATE", &chain[i], &pem) == 0) {
            buffer_append(&shown->chain, pem.data, pem.size);
            gnutls_free(pem.data);
        }
    }
    if (shown->count > 0) {
        buffer_append(&shown->leaf, chain[0].data, chain[0].size);
    }
    if (gnutls_ocsp_status_request_get2(client, 0, &response) == 0) {
        buffer_append(&shown->staple, response.data, response.size);
    }
}

static int meet(struct shown *shown, gnutls_certificate_credentials_t credentials,
                gnutls_handshake_post_client_hello_func choose,
                gnutls_certificate_credentials_t none, const int fds[2], const char *name,
                const char *priority)
{
    gnutls_session_t client = NULL, server = NULL;
    int status = open_session(&client, GNUTLS_CLIENT, fds[0], priority, none);

    if (status >= 0) {
        status = open_session(&server, GNUTLS_SERVER, fds[1], NULL, credentials);
    }
    if (status >= 0 && name != NULL) {
        status = gnutls_server_name_set(client, GNUTLS_NAME_DNS, name, strlen(name));
    }
    if (status >= 0) {
        gnutls_handshake_set_post_client_hello_function(server, choose);
        status = shake(client, server);
    }
    if (status >= 0) {
        collect(shown, client);
    }
    if (client != NULL) {
        gnutls_deinit(client);
    }
    if (server != NULL) {
        gnutls_deinit(server);
    }
    return status;
}

int shown_get(struct shown *shown, gnutls_certificate_credentials_t credentials,
              gnutls_handshake_post_client_hello_func choose, const char *name,
              const char *priority)
{
    gnutls_certificate_credentials_t none;
    int fds[2], status;

    *shown = (struct shown){0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0) {
        return GNUTLS_E_PULL_ERROR;
    }
    status = gnutls_certificate_allocate_credentials(&none);
    if (status >= 0) {
        status = meet(shown, credentials, choose, none, fds, name, priority);
        gnutls_certificate_free_credentials(none);
    }
    (void)close(fds[0]);
    (void)close(fds[1]);
    return status;
}

void shown_free(struct shown *shown)
{
    buffer_free(&shown->leaf);
    buffer_free(&shown->chain);
    buffer_free(&shown->staple);
}
