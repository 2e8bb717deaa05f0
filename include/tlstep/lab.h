/*
 * lab: TLS servers on loopback inside the process, good ones and deliberately broken ones, with
 * certificates made in memory when they start. Nothing is written to disk.
 *
 * A server is one thread with an event loop over non-blocking sessions; it never touches a trace,
 * and it serves a bounded number of connections whatever its clients do. lab_start() and lab_stop()
 * may be called from any thread; what is borrowed from a server lives until lab_stop().
 */
#ifndef TLSTEP_LAB_H
#define TLSTEP_LAB_H

#include "tlstep/net.h"

struct lab_recipe; /* how a scenario's server differs from a good one: src/lab/scenario.h */

/* A row of the scenario table in src/lab/scenarios.c. Static. */
struct lab_scenario {
    const char *name;     /* "expired" */
    const char *title;    /* "The certificate expired yesterday" */
    const char *look_for; /* what a user should look at */
    const char
        *expected; /* what a client should get: a reason code ("expired"), an alert, "timeout",
                             "closed" (the connection ends in the handshake), or "" when all is well */
    const char *hostname; /* the SNI and name a client should use: "good.lab.tlstep.test" … */
    const struct lab_recipe *recipe;
};

const struct lab_scenario *lab_scenarios(size_t *count);
/* NULL when there is no such scenario. */
const struct lab_scenario *lab_scenario_find(const char *name);

struct lab_server;

/*
 * Makes the certificates and starts serving on 127.0.0.1, port 0 for any. NULL with `err`: class
 * ERR_USAGE and code "no_such_scenario" (the text lists them), ERR_NETWORK from net_listen(), ERR_TLS
 * when GnuTLS refuses (a system-wide configuration may forbid what a scenario needs), ERR_MEMORY.
 */
struct lab_server *lab_start(const char *scenario, uint16_t port, struct err *err);

/* The same with everything else chosen; 0 and NULL mean the default. */
struct lab_config {
    const char *host;   /* where to listen: "127.0.0.1" */
    uint16_t port;      /* any */
    size_t connections; /* at the same time: 256; when there are more, the most useless one goes */
    int64_t idle_ms;    /* until a connection without traffic is dropped: two hours */
};
struct lab_server *lab_start_configured(const char *scenario, const struct lab_config *config,
                                        struct err *err);

/* Where it listens; borrowed from the server. */
const struct net_address *lab_address(const struct lab_server *server);
const struct lab_scenario *lab_server_scenario(const struct lab_server *server);
/* The root certificate (DER) that a client of the lab trusts; borrowed from the server. For
 * scenario "untrusted-root" it is not the one that signed the server's certificate. */
const uint8_t *lab_root(const struct lab_server *server, size_t *length);
/* Stops listening, drops its connections, joins its thread, wipes its keys. NULL is fine. */
void lab_stop(struct lab_server *server);

#endif
