/* Real packets beside the session (--capture). Without a capture all of it does nothing. */
#ifndef TLSTEP_ENGINE_PACKETS_H
#define TLSTEP_ENGINE_PACKETS_H

#include "state.h"

/* The owner lends its capture (NULL: none), and takes it back when threads may go on without it. */
void engine_packets_lend(struct engine *engine, struct net_capture *capture);
void engine_packets_give_back(struct engine *engine);
/* There is one. */
bool engine_packets_are_taken(const struct engine *engine);

/* Before connect(): only what goes to these addresses and comes from them is kept. */
void engine_packets_filter(struct engine *engine);
/* Connected: from now on packets of this connection, those before it included, are taken. */
void engine_packets_begin(struct engine *engine, const struct net_tcp_info *info);
/* Posts those that are there, without waiting for any. The worker before each stop, so that what a step has caused stands before its
 * end; the reader when they come. */
void engine_packets_take(struct engine *engine);

#endif
