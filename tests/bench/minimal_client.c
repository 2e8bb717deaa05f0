/*
 * The smallest honest TLS client on GnuTLS, for comparison: connects, shakes hands, verifies, prints
 * what was negotiated and closes properly. Knows nothing of tlstep.
 *
 *     minimal_client HOST:PORT [CA_FILE]           trusts the anchors in CA_FILE, else the system's
 *     minimal_client HOST:PORT system [CA_FILE]    trusts the system's, and those in CA_FILE
 *
 * Exit status: 0 when all is well, 1 when TLS failed or the certificate was refused, 2 wrong usage,
 * 3 when no connection came about, 4 when there are no anchors to read.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

enum { ALL_WELL, TLS_FAILED, WRONG_USAGE, NO_CONNECTION, NO_ANCHORS };

static int fail(int status, const char *doing, const char *why)
{
    (void)fprintf(stderr, "minimal_client: %s: %s\n", doing, why);
    return status;
}

/* Without TCP_NODELAY each client pays 40 ms for Nagle's algorithm against a delayed ACK, and the
 * comparison would be of that. */
static void send_at_once(int fd)
{
    const int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* slower, not wrong, without */
}

static int connect_to(const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int fd = -1;

    if (getaddrinfo(host, port, &hints, &found) != 0) {
        return -1;
    }
    for (const struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
            (void)close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd >= 0) {
        send_at_once(fd);
    }
    return fd;
}

static int load_anchors(gnutls_certificate_credentials_t credentials, const char *ca_file,
                        bool system)
{
    if (system && gnutls_certificate_set_x509_system_trust(credentials) <= 0) {
        return fail(NO_ANCHORS, "system", "no trust anchors");
    }
    if (ca_file != NULL &&
        gnutls_certificate_set_x509_trust_file(credentials, ca_file, GNUTLS_X509_FMT_PEM) <= 0) {
        return fail(NO_ANCHORS, ca_file, "no trust anchors");
    }
    return ALL_WELL;
}

static int prepare(gnutls_session_t session, gnutls_certificate_credentials_t credentials,
                   const char *host, int fd)
{
    int status = gnutls_set_default_priority(session);

    if (status < 0 ||
        (status = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials)) < 0 ||
        (status = gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, strlen(host))) < 0) {
        return status;
    }
    gnutls_session_set_verify_cert(session, host, 0);
    gnutls_transport_set_int(session, fd);
    gnutls_handshake_set_timeout(session, GNUTLS_DEFAULT_HANDSHAKE_TIMEOUT);
    return 0;
}

static int shake_hands(gnutls_session_t session)
{
    int status;

    do {
        status = gnutls_handshake(session);
    } while (status < 0 && gnutls_error_is_fatal(status) == 0);
    return status;
}

static int say_goodbye(gnutls_session_t session)
{
    int status;

    do {
        status = gnutls_bye(session, GNUTLS_SHUT_RDWR);
    } while (status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED);
    return status;
}

static int talk(gnutls_session_t session)
{
    char *description;
    int status = shake_hands(session);

    if (status < 0) {
        return fail(TLS_FAILED, "handshake", gnutls_strerror(status));
    }
    description = gnutls_session_get_desc(session);
    (void)printf("%s %s\n", description, gnutls_ciphersuite_get(session));
    gnutls_free(description);
    status = say_goodbye(session);
    return status < 0 ? fail(TLS_FAILED, "close_notify", gnutls_strerror(status)) : ALL_WELL;
}

static int run(const char *host, const char *port, const char *ca_file, bool system)
{
    gnutls_certificate_credentials_t credentials = NULL;
    gnutls_session_t session = NULL;
    int fd = connect_to(host, port);
    int status;

    if (fd < 0) {
        return fail(NO_CONNECTION, host, "no connection");
    }
    if (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
        gnutls_init(&session, GNUTLS_CLIENT) < 0) {
        status = fail(TLS_FAILED, "session", "out of memory");
    } else {
        status = load_anchors(credentials, ca_file, system);
    }
    if (status == ALL_WELL) {
        int prepared = prepare(session, credentials, host, fd);
        status =
            prepared < 0 ? fail(TLS_FAILED, "session", gnutls_strerror(prepared)) : talk(session);
    }
    if (session != NULL) {
        gnutls_deinit(session);
    }
    if (credentials != NULL) {
        gnutls_certificate_free_credentials(credentials);
    }
    (void)close(fd);
    return status;
}

int main(int argc, char **argv)
{
    char *colon = argc > 1 ? strrchr(argv[1], ':') : NULL;
    bool system = argc == 2 || (argc > 2 && strcmp(argv[2], "system") == 0);
    const char *ca_file = argc == 4 ? argv[3] : argc == 3 && !system ? argv[2] : NULL;

    if (colon == NULL || argc > 4 || (argc == 4 && !system)) {
        return fail(WRONG_USAGE, "usage", "minimal_client HOST:PORT [system] [CA_FILE]");
    }
    *colon = '\0';
    return run(argv[1], colon + 1, ca_file, system);
}
