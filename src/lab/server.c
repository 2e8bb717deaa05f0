/* Starting and stopping a lab server. */
#include "server.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)

/* The client's order of groups decides: with %SERVER_PRECEDENCE a client that sends a key share for
 * x25519 alone would get a HelloRetryRequest (measured with openssl s_client). */
#define DEFAULT_PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

#define DEFAULT_HOST "127.0.0.1"

/* A descriptor and some 50 kB each. */
#define DEFAULT_CONNECTIONS 256

/* Someone who steps through a handshake may have lunch in between. */
#define DEFAULT_IDLE_MS (INT64_C(2) * 3600 * 1000)

static int fail(struct err *err, const struct lab_scenario *scenario, int status)
{
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "starting a lab server");
    }
    return err_set(err, ERR_TLS, "lab_failed", "cannot start lab:%s: %s", scenario->name,
                   gnutls_strerror(status));
}

/* Who may sign for clients: the lab's own root. */
static int prepare_clients(struct lab_service *service, struct err *err)
{
    struct pki_slice root = lab_ca_root(service->ca);

    if (!service->scenario->recipe->ask) {
        return 0;
    }
    service->clients = pki_trust_none(err);
    return service->clients != NULL
               ? pki_trust_add_der(service->clients, root.data, root.length, err)
               : -1;
}

static int prepare_service(struct lab_service *service, const struct lab_config *config,
                           struct err *err)
{
    const struct lab_recipe *recipe = service->scenario->recipe;
    const char *priority = recipe->priority != NULL ? recipe->priority : DEFAULT_PRIORITY;
    int status = gnutls_priority_init(&service->priority, priority, NULL);

    if (status < 0) {
        service->priority = NULL;
        return fail(err, service->scenario, status);
    }
    service->memory = tls_memory_new(err);
    if (service->memory == NULL) {
        return -1;
    }
    service->idle_ns = (config->idle_ms > 0 ? config->idle_ms : DEFAULT_IDLE_MS) * NS_PER_MS;
    service->ca = config->ca != NULL ? lab_ca_hold(config->ca) : lab_ca_new(err);
    if (service->ca == NULL) {
        return -1;
    }
    service->identity = lab_certificates_make(service->scenario, service->ca, err);
    return service->identity != NULL ? prepare_clients(service, err) : -1;
}

/* Behind a proxy it listens where nobody looks: what was asked for is the proxy's. */
static int listen_inside(struct lab_server *server, const struct lab_config *config,
                         struct err *err)
{
    bool inside = server->service.scenario->recipe->proxied;
    const char *host = config->host != NULL && !inside ? config->host : DEFAULT_HOST;

    server->listener = net_listen(host, inside ? 0 : config->port, &server->address, err);
    return server->listener < 0 ? -1 : 0;
}

static int start_front(struct lab_server *server, const struct lab_config *config, struct err *err)
{
    struct pki_slice root = lab_ca_root(server->service.ca);

    if (!server->service.scenario->recipe->proxied) {
        return 0;
    }
    server->front = lab_front_start(config, &server->address, root.data, root.length, err);
    return server->front != NULL ? 0 : -1;
}

static int prepare_loop(struct lab_server *server, const struct lab_config *config, struct err *err)
{
    server->limit = config->connections > 0 ? config->connections : DEFAULT_CONNECTIONS;
    server->connections = calloc(server->limit, sizeof(struct lab_connection *));
    server->watched = calloc(server->limit + 2, sizeof *server->watched);
    if (server->connections == NULL || server->watched == NULL) {
        return err_memory(err, "starting a lab server");
    }
    if (listen_inside(server, config, err) != 0) {
        return -1;
    }
    if (pipe2(server->wake, O_CLOEXEC) != 0) {
        server->wake[0] = server->wake[1] = -1;
        return err_set(err, ERR_NETWORK, "lab_failed", "cannot start lab:%s: no descriptors left",
                       server->service.scenario->name);
    }
    return 0;
}

/* Signals are for the thread that owns the screen. */
static int start_thread(struct lab_server *server, struct err *err)
{
    sigset_t all, before;
    int status;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(&server->thread, NULL, lab_loop_run, server);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != 0) {
        return err_set(err, ERR_TLS, "lab_failed", "cannot start lab:%s: %s",
                       server->service.scenario->name, strerror(status));
    }
    return 0;
}

static void close_descriptor(int fd)
{
    if (fd >= 0) {
        (void)close(fd); /* nothing is written through these */
    }
}

/* Without a thread. */
static void server_free(struct lab_server *server)
{
    close_descriptor(server->listener);
    close_descriptor(server->wake[0]);
    close_descriptor(server->wake[1]);
    free(server->connections);
    free(server->watched);
    tls_identity_release(server->service.identity);
    lab_ca_release(server->service.ca);
    if (server->service.priority != NULL) {
        gnutls_priority_deinit(server->service.priority);
    }
    tls_memory_release(server->service.memory);
    pki_trust_release(server->service.clients);
    free(server);
}

struct lab_server *lab_start_configured(const char *scenario, const struct lab_config *config,
                                        struct err *err)
{
    const struct lab_scenario *found = lab_scenario_require(scenario, err);
    struct lab_server *server;

    if (found == NULL) {
        return NULL;
    }
    server = calloc(1, sizeof *server);
    if (server == NULL) {
        (void)err_memory(err, "starting a lab server");
        return NULL;
    }
    server->service.scenario = found;
    server->service.counts = &server->counts;
    server->listener = server->wake[0] = server->wake[1] = -1;
    if (prepare_service(&server->service, config, err) != 0 ||
        prepare_loop(server, config, err) != 0 || start_thread(server, err) != 0) {
        server_free(server);
        return NULL;
    }
    if (start_front(server, config, err) != 0) {
        lab_stop(server);
        return NULL;
    }
    return server;
}

struct lab_server *lab_start(const char *scenario, uint16_t port, struct err *err)
{
    const struct lab_config config = {.port = port};

    return lab_start_configured(scenario, &config, err);
}

void lab_stop(struct lab_server *server)
{
    if (server == NULL) {
        return;
    }
    lab_front_stop(server->front);
    close_descriptor(server->wake[1]);
    server->wake[1] = -1;
    (void)pthread_join(server->thread, NULL); /* cannot fail: it is ours and was not joined */
    server_free(server);
}

const struct net_address *lab_address(const struct lab_server *server)
{
    return server->front != NULL ? lab_front_address(server->front) : &server->address;
}

const struct lab_scenario *lab_server_scenario(const struct lab_server *server)
{
    return server->service.scenario;
}

const uint8_t *lab_root(const struct lab_server *server, size_t *length)
{
    struct pki_slice root = lab_ca_root(server->service.ca);

    *length = root.length;
    return root.data;
}

struct lab_ca *lab_server_ca(const struct lab_server *server)
{
    return server->service.ca;
}

struct lab_tally lab_tally(const struct lab_server *server)
{
    return (struct lab_tally){
        .connections = atomic_load(&server->counts.connections),
        .handshakes = atomic_load(&server->counts.handshakes),
        .refused = atomic_load(&server->counts.refused),
        .open = atomic_load(&server->counts.open),
    };
}
