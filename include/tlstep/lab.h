/*
 * lab: TLS servers on loopback inside the process, good ones and deliberately broken ones, with
 * certificates made in memory when they start. Nothing is written to disk.
 *
 * A server runs on threads of its own and never touches a trace. lab_start() and lab_stop() may
 * be called from any thread.
 */
#ifndef TLSTEP_LAB_H
#define TLSTEP_LAB_H

#include "tlstep/net.h"

/* A row of the scenario table in src/lab/scenarios.c. */
struct lab_scenario {
    const char *name;     /* "expired" */
    const char *title;    /* "The certificate expired yesterday" */
    const char *look_for; /* what a user should look at */
    const char *expected; /* reason code ("expired"), alert, "timeout", or "" when all is well */
    const char *hostname; /* the SNI and name a client should use: "good.lab.tlstep.test" … */
};

const struct lab_scenario *lab_scenarios(size_t *count);
/* NULL when there is no such scenario. */
const struct lab_scenario *lab_scenario_find(const char *name);

struct lab_server;

/* Makes the certificates and starts serving on 127.0.0.1, port 0 for any. NULL with `err`. */
struct lab_server *lab_start(const char *scenario, uint16_t port, struct err *err);
/* Where it listens; borrowed from the server. */
const struct net_address *lab_address(const struct lab_server *server);
const struct lab_scenario *lab_server_scenario(const struct lab_server *server);
/* The root certificate (DER) that a client of the lab trusts; borrowed from the server. For
 * scenario "untrusted-root" it is not the one that signed the server's certificate. */
const uint8_t *lab_root(const struct lab_server *server, size_t *length);
/* Stops listening, drops its connections, joins its threads, wipes its keys. NULL is fine. */
void lab_stop(struct lab_server *server);

#endif
