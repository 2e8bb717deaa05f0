/*
 * The conversations of a feed that are being put together, by their number in the table, in the order of
 * their last packets; and those among them that have ended.
 */
#ifndef CAPTURE_FLOWS_H
#define CAPTURE_FLOWS_H

#include "assembler.h"
#include "conversations.h"

#define FLOW_NONE CONVERSATION_NONE

enum flows_list { FLOWS_RECENT, FLOWS_ENDED, FLOWS_LISTS };

struct flow {
    struct assembler assembler;
    void *slot; /* the caller's */
    bool used;
    bool closed; /* the caller has forgotten it; it is here for its last packets */
    int64_t ended_ns, ended_clock_ns;
    struct flow_link {
        uint32_t newer, older;
        bool in;
    } links[FLOWS_LISTS];
};

struct flows {
    struct flow *all;
    size_t count, capacity;
    size_t live;
    struct {
        uint32_t newest, oldest;
    } lists[FLOWS_LISTS];
    struct flow_rank { /* at the end: those that are not closed, as they began */
        uint32_t stream, transport, index;
    } * order;
    size_t order_count, order_next;
};

void flows_begin(struct flows *flows);
void flows_free(struct flows *flows);
/* Makes one in use. False: out of memory. */
bool flows_add(struct flows *flows, uint32_t index, struct item_queue *queue);
void flows_remove(struct flows *flows, uint32_t index);
void flows_leave(struct flows *flows, enum flows_list list, uint32_t index);
void flows_make_newest(struct flows *flows, enum flows_list list, uint32_t index);
/* The one that began first; each is named once, when no more are added. FLOW_NONE: none is left. False: out of memory. */
bool flows_first(struct flows *flows, const struct conversations *conversations, uint32_t *index);

#endif
