/* lab:proxy: an intercepting proxy in front of a lab server, in a thread of its own, for any number of clients. */
#ifndef TLSTEP_LAB_FRONT_H
#define TLSTEP_LAB_FRONT_H

#include "tlstep/lab.h"

struct lab_front;

/* Listens as `config` says (host, port, connections, idle_ms) and goes to `behind`, whose certificate leads to `root`. Its own CA is another
 * one, made in memory: no client knows it. NULL with `err`. */
struct lab_front *lab_front_start(const struct lab_config *config, const struct net_address *behind,
                                  const uint8_t *root, size_t root_length, struct err *err);
/* Stops listening, drops all connections, joins its thread. NULL is fine. */
void lab_front_stop(struct lab_front *front);

const struct net_address *lab_front_address(const struct lab_front *front); /* borrowed */

#endif
