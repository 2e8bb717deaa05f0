/*
 * Makes connections one after the other, on each of which it shakes hands, sends a request and reads the answer to the peer's
 * close_notify: what a proxy in the way adds. Verifies nothing, resumes nothing. Knows nothing of tlstep.
 *
 *     proxied_client PORT NAME COUNT
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

static const char request[] = "GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";

static int connect_to(uint16_t port)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* slower, not wrong, without */
    return fd;
}

/* True when the answer came, up to its end. */
static bool talk(gnutls_session_t session)
{
    char answer[4096];
    size_t received = 0;
    ssize_t got;
    int status;

    do {
        status = gnutls_handshake(session);
    } while (status < 0 && !gnutls_error_is_fatal(status));
    if (status < 0 || gnutls_record_send(session, request, sizeof request - 1) < 0) {
        return false;
    }
    do {
        got = gnutls_record_recv(session, answer, sizeof answer);
        received += got > 0 ? (size_t)got : 0;
    } while (got > 0 || got == GNUTLS_E_AGAIN);
    (void)gnutls_bye(session, GNUTLS_SHUT_WR); /* the answer has come */
    return got == 0 && received > 0;
}

static bool ask(uint16_t port, const char *name, gnutls_certificate_credentials_t credentials)
{
    gnutls_session_t session;
    int fd = connect_to(port);
    bool well;

    if (fd < 0 || gnutls_init(&session, GNUTLS_CLIENT) != 0) {
        return false;
    }
    well = gnutls_set_default_priority(session) == 0 &&
           gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials) == 0 &&
           gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, strlen(name)) == 0;
    gnutls_transport_set_int(session, fd);
    well = well && talk(session);
    gnutls_deinit(session);
    (void)close(fd); /* nothing is left to be said */
    return well;
}

int main(int argc, char **argv)
{
    gnutls_certificate_credentials_t credentials;
    long count = argc == 4 ? strtol(argv[3], NULL, 10) : 0;

    if (count <= 0 || gnutls_certificate_allocate_credentials(&credentials) != 0) {
        (void)fprintf(stderr, "usage: proxied_client PORT NAME COUNT\n");
        return 2;
    }
    for (long i = 0; i < count; i++) {
        if (!ask((uint16_t)strtoul(argv[1], NULL, 10), argv[2], credentials)) {
            (void)fprintf(stderr, "proxied_client: connection %ld failed\n", i + 1);
            return 1;
        }
    }
    gnutls_certificate_free_credentials(credentials);
    return 0;
}
