/*
 * How a scenario's server differs from a good one. A new scenario is a row in scenarios.c; a new way
 * to differ is a member here and the place that acts on it.
 */
#ifndef TLSTEP_LAB_SCENARIO_H
#define TLSTEP_LAB_SCENARIO_H

#include "tlstep/lab.h"

/* All zero: a good server with TLS 1.3 and 1.2. */
struct lab_recipe {
    /* The session. */
    const char *priority; /* GnuTLS priority string; NULL: TLS 1.3 and 1.2 */

    /* The certificate (certificate.c). */
    const char
        *leaf_name;     /* the only name it is for; NULL: the scenario's host name and loopback's */
    int leaf_from_days; /* validity in days from now; both 0: last week to three months from now */
    int leaf_until_days;
    bool foreign_root; /* signed below a root that no client trusts, which is sent along */

    /* The connection (connection.c, transport.c). */
    bool silent;      /* reads and never answers */
    size_t cut_after; /* ends the connection after so many bytes sent; 0: never */
};

#endif
