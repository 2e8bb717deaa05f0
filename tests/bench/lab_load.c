/*
 * lab_load: handshakes a second of two servers, pair by pair, with several connections at a time, so that what else
 * the machine does meets both alike. Prints the medians and whether the target holds.
 *
 *   lab_load [options] OUR_PORT OUR_PID PEER_PORT PEER_PID
 *     -n N         handshakes in a round (1000)
 *     -c N         connections at a time (8)
 *     -p N         pairs of rounds (11)
 *     -l LABEL     what is compared
 *     -P PRIORITY  of the client (NORMAL)
 *     -r RATIO     target: at least RATIO of the peer's
 *
 * A handshake counts when the server has closed in answer to our close_notify: then its side is complete, too, which
 * TLS 1.3 does not tell a client by itself (RFC 8446 4.4.4). Exit status 1 when a server does not do that, or when the
 * two agree on different things; a missed target is only said.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#define CONNECTIONS_MAX 256
#define PAIRS_MAX       1000
#define PATIENCE_MS     10000
#define DESCRIPTION     160

struct settings {
    const char *label;
    const char *priority;
    long handshakes;
    long connections;
    long pairs;
    double ratio; /* 0: no target */
};

struct server {
    const char *name;
    uint16_t port;
    clockid_t processor;
    char agreed[DESCRIPTION];
    double rates[PAIRS_MAX];      /* handshakes a second */
    double processors[PAIRS_MAX]; /* milliseconds a handshake */
};

/* What all connections share. */
struct client {
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
};

enum state { CONNECT, HANDSHAKE, CLOSE, DRAIN };

struct connection {
    int fd;
    gnutls_session_t session;
    enum state state;
};

static double seconds(clockid_t clock)
{
    struct timespec now = {0};

    (void)clock_gettime(clock,
                        &now); /* of a process that has ended: 0, and the round fails anyway */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- one connection -------------------------------------------------------------------------- */

static int start_connecting(uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    /* Without it Nagle's algorithm against delayed ACKs would be measured. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0 &&
        errno != EINPROGRESS) {
        (void)close(fd); /* nothing was sent */
        return -1;
    }
    return fd;
}

static bool connection_open(struct connection *connection, const struct client *client,
                            uint16_t port)
{
    connection->state = CONNECT;
    connection->session = NULL;
    connection->fd = start_connecting(port);
    if (connection->fd < 0) {
        return false;
    }
    if (gnutls_init(&connection->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK) != 0) {
        connection->session = NULL;
        return false;
    }
    gnutls_transport_set_int(connection->session, connection->fd);
    gnutls_handshake_set_timeout(connection->session, GNUTLS_INDEFINITE_TIMEOUT);
    return gnutls_priority_set(connection->session, client->priority) == 0 &&
           gnutls_credentials_set(connection->session, GNUTLS_CRD_CERTIFICATE,
                                  client->credentials) == 0;
}

static void connection_close(struct connection *connection)
{
    if (connection->session != NULL) {
        gnutls_deinit(connection->session);
    }
    if (connection->fd >= 0) {
        (void)close(connection->fd); /* all was sent and answered */
    }
    *connection = (struct connection){.fd = -1};
}

/* The two servers must do the same work: version, suite, group and signature are told and compared. */
static void describe(struct server *server, gnutls_session_t session)
{
    char *text;

    if (server->agreed[0] != '\0') {
        return;
    }
    text = gnutls_session_get_desc(session);
    (void)snprintf(server->agreed, sizeof server->agreed, "%s", text != NULL ? text : "unknown");
    gnutls_free(text);
}

enum progress { WAIT, DONE, FAILED };

static enum progress advance(struct connection *connection, struct server *server)
{
    char dropped[4096];
    ssize_t status = 0;

    if (connection->state == CONNECT) {
        connection->state = HANDSHAKE; /* writable; why it failed, if so, sending tells */
    }
    if (connection->state == HANDSHAKE) {
        status = gnutls_handshake(connection->session);
        if (status == 0) {
            describe(server, connection->session);
            connection->state = CLOSE;
        }
    }
    if (connection->state == CLOSE) {
        status = gnutls_bye(connection->session, GNUTLS_SHUT_WR);
        if (status == 0) {
            connection->state = DRAIN;
        }
    }
    if (connection->state == DRAIN) {
        while ((status = recv(connection->fd, dropped, sizeof dropped, 0)) > 0) {
        }
        if (status < 0) {
            return errno == EAGAIN || errno == EINTR ? WAIT : FAILED;
        }
        return DONE;
    }
    if (gnutls_error_is_fatal((int)status)) {
        (void)fprintf(stderr, "lab_load: %s: %s\n", server->name, gnutls_strerror((int)status));
        return FAILED;
    }
    return WAIT;
}

static short wanted(const struct connection *connection)
{
    switch (connection->state) {
    case CONNECT:
        return POLLOUT;
    case DRAIN:
        return POLLIN;
    default:
        return gnutls_record_get_direction(connection->session) == 1 ? POLLOUT : POLLIN;
    }
}

/* ---- one round ------------------------------------------------------------------------------- */

/* False: the server has said nothing for long. */
static bool wait_for_some(struct connection *connections, struct pollfd *watched, long count)
{
    for (long i = 0; i < count; i++) {
        watched[i] = (struct pollfd){.fd = connections[i].fd, .events = 0};
        if (connections[i].fd >= 0) {
            watched[i].events = wanted(&connections[i]);
        }
    }
    return poll(watched, (nfds_t)count, PATIENCE_MS) > 0;
}

static bool serve_ready(struct connection *connections, const struct pollfd *watched, long count,
                        struct server *server, long *done)
{
    for (long i = 0; i < count; i++) {
        enum progress progress;

        if (connections[i].fd < 0 || watched[i].revents == 0) {
            continue;
        }
        progress = advance(&connections[i], server);
        if (progress == FAILED) {
            return false;
        }
        if (progress == DONE) {
            connection_close(&connections[i]);
            ++*done;
        }
    }
    return true;
}

static bool run_all(const struct settings *settings, const struct client *client,
                    struct server *server, struct connection *connections)
{
    struct pollfd watched[CONNECTIONS_MAX];
    long begun = 0, done = 0;

    while (done < settings->handshakes) {
        for (long i = 0; i < settings->connections && begun < settings->handshakes; i++) {
            if (connections[i].fd < 0) {
                if (!connection_open(&connections[i], client, server->port)) {
                    return false;
                }
                begun++;
            }
        }
        if (!wait_for_some(connections, watched, settings->connections) ||
            !serve_ready(connections, watched, settings->connections, server, &done)) {
            return false;
        }
    }
    return true;
}

static bool run_round(const struct settings *settings, const struct client *client,
                      struct server *server, long pair)
{
    struct connection connections[CONNECTIONS_MAX];
    double start = seconds(CLOCK_MONOTONIC), processor = seconds(server->processor);
    bool fine;

    for (long i = 0; i < CONNECTIONS_MAX; i++) {
        connections[i] = (struct connection){.fd = -1};
    }
    fine = run_all(settings, client, server, connections);
    if (!fine) {
        (void)fprintf(stderr, "lab_load: %s did not complete its handshakes\n", server->name);
    }
    for (long i = 0; i < settings->connections; i++) {
        connection_close(&connections[i]);
    }
    server->rates[pair] = (double)settings->handshakes / (seconds(CLOCK_MONOTONIC) - start);
    server->processors[pair] =
        (seconds(server->processor) - processor) * 1e3 / (double)settings->handshakes;
    return fine;
}

/* ---- what came out --------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(const double *values, long count, double *least, double *most)
{
    double sorted[PAIRS_MAX];

    memcpy(sorted, values, (size_t)count * sizeof *values);
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    *least = sorted[0];
    *most = sorted[count - 1];
    return count % 2 != 0 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

static void print_side(const struct server *server, long pairs)
{
    double least, most, unused;
    double processor = median(server->processors, pairs, &unused, &unused);
    double rate = median(server->rates, pairs, &least, &most);

    printf("    %-18s %7.0f handshakes/s  (%.0f to %.0f)   processor %.3f ms each\n", server->name,
           rate, least, most, processor);
}

static double paired(const double *ours, const double *peer, long pairs)
{
    double ratios[PAIRS_MAX], least, most;

    for (long i = 0; i < pairs; i++) {
        ratios[i] = ours[i] / peer[i];
    }
    return median(ratios, pairs, &least, &most);
}

static void report(const struct settings *settings, const struct server *ours,
                   const struct server *peer)
{
    double ratio = paired(ours->rates, peer->rates, settings->pairs);

    printf("%s\n    %s\n", settings->label, ours->agreed);
    print_side(ours, settings->pairs);
    print_side(peer, settings->pairs);
    printf("    ratio %.3g, processor %.3g\n", ratio,
           paired(ours->processors, peer->processors, settings->pairs));
    if (settings->ratio > 0) {
        printf("    target: ratio at least %.3g: %s\n", settings->ratio,
               ratio >= settings->ratio ? "holds" : "MISSED");
    }
}

/* ---- the command line ------------------------------------------------------------------------ */

static bool number(const char *text, long least, long most, long *value)
{
    char *end;

    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *value >= least && *value <= most;
}

static bool parse_ratio(const char *text, double *value)
{
    char *end;

    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value > 0;
}

static bool parse_server(char **words, struct server *server)
{
    long port, pid;

    if (!number(words[0], 1, 65535, &port) || !number(words[1], 1, 1L << 30, &pid)) {
        return false;
    }
    server->port = (uint16_t)port;
    return clock_getcpuclockid((pid_t)pid, &server->processor) == 0;
}

static bool parse(int argc, char **argv, struct settings *settings)
{
    bool fine = true;
    int option;

    while (fine && (option = getopt(argc, argv, "n:c:p:l:P:r:")) != -1) {
        switch (option) {
        case 'n':
            fine = number(optarg, 1, 1000000, &settings->handshakes);
            break;
        case 'c':
            fine = number(optarg, 1, CONNECTIONS_MAX, &settings->connections);
            break;
        case 'p':
            fine = number(optarg, 1, PAIRS_MAX, &settings->pairs);
            break;
        case 'l':
            settings->label = optarg;
            break;
        case 'P':
            settings->priority = optarg;
            break;
        case 'r':
            fine = parse_ratio(optarg, &settings->ratio);
            break;
        default:
            fine = false;
        }
    }
    return fine && argc - optind == 4;
}

/* Once unmeasured for both, then in turn, each first every other time. */
static bool run_pairs(const struct settings *settings, const struct client *client,
                      struct server *ours, struct server *peer)
{
    bool fine = run_round(settings, client, ours, 0) && run_round(settings, client, peer, 0);

    for (long i = 0; fine && i < settings->pairs; i++) {
        struct server *first = i % 2 == 0 ? ours : peer, *second = i % 2 == 0 ? peer : ours;
        fine = run_round(settings, client, first, i) && run_round(settings, client, second, i);
    }
    if (fine && strcmp(ours->agreed, peer->agreed) != 0) {
        (void)fprintf(stderr, "lab_load: %s agrees on %s, %s on %s\n", ours->name, ours->agreed,
                      peer->name, peer->agreed);
        return false;
    }
    return fine;
}

int main(int argc, char **argv)
{
    static struct server ours = {.name = "tlstep"}, peer = {.name = "peer"};
    struct settings settings = {
        .label = "", .priority = "NORMAL", .handshakes = 1000, .connections = 8, .pairs = 11};
    struct client client = {0};
    bool fine;

    if (!parse(argc, argv, &settings) || !parse_server(argv + optind, &ours) ||
        !parse_server(argv + optind + 2, &peer)) {
        (void)fprintf(stderr, "usage: lab_load [-n handshakes] [-c connections] [-p pairs] "
                              "[-l label] [-P priority] [-r ratio] port pid port pid\n");
        return 2;
    }
    fine = gnutls_certificate_allocate_credentials(&client.credentials) == 0 &&
           gnutls_priority_init(&client.priority, settings.priority, NULL) == 0;
    if (!fine) {
        (void)fprintf(stderr, "lab_load: GnuTLS does not start with priority %s\n",
                      settings.priority);
    }
    fine = fine && run_pairs(&settings, &client, &ours, &peer);
    if (fine) {
        report(&settings, &ours, &peer);
    }
    if (client.priority != NULL) {
        gnutls_priority_deinit(client.priority);
    }
    gnutls_certificate_free_credentials(client.credentials);
    return fine ? 0 : 1;
}
