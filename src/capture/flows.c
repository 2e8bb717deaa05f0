/* Flows in two lists that are linked by number. */
#include "flows.h"

#include <stdlib.h>

void flows_begin(struct flows *flows)
{
    *flows = (struct flows){0};
    for (int list = 0; list < FLOWS_LISTS; list++) {
        flows->lists[list].newest = FLOW_NONE;
        flows->lists[list].oldest = FLOW_NONE;
    }
}

void flows_free(struct flows *flows)
{
    for (size_t i = 0; i < flows->count; i++) {
        assembler_free(&flows->all[i].assembler);
    }
    free(flows->all);
    free(flows->order);
    flows_begin(flows);
}

bool flows_add(struct flows *flows, uint32_t index, struct item_queue *queue)
{
    struct flow *all = array_grow(flows->all, &flows->capacity, (size_t)index + 1, sizeof *all);

    if (all == NULL) {
        return false;
    }
    flows->all = all;
    for (; flows->count <= index; flows->count++) {
        all[flows->count] = (struct flow){0};
    }
    all[index] = (struct flow){.used = true, .assembler = {.queue = queue}};
    flows->live++;
    return true;
}

void flows_remove(struct flows *flows, uint32_t index)
{
    struct flow *flow = &flows->all[index];

    for (int list = 0; list < FLOWS_LISTS; list++) {
        flows_leave(flows, (enum flows_list)list, index);
    }
    assembler_free(&flow->assembler);
    *flow = (struct flow){0};
    flows->live--;
}

void flows_leave(struct flows *flows, enum flows_list list, uint32_t index)
{
    struct flow_link *link = &flows->all[index].links[list];

    if (!link->in) {
        return;
    }
    if (link->newer != FLOW_NONE) {
        flows->all[link->newer].links[list].older = link->older;
    } else {
        flows->lists[list].newest = link->older;
    }
    if (link->older != FLOW_NONE) {
        flows->all[link->older].links[list].newer = link->newer;
    } else {
        flows->lists[list].oldest = link->newer;
    }
    link->in = false;
}

void flows_make_newest(struct flows *flows, enum flows_list list, uint32_t index)
{
    uint32_t newest = flows->lists[list].newest;

    if (newest == index) {
        return;
    }
    flows_leave(flows, list, index);
    newest = flows->lists[list].newest;
    flows->all[index].links[list] =
        (struct flow_link){.newer = FLOW_NONE, .older = newest, .in = true};
    if (newest != FLOW_NONE) {
        flows->all[newest].links[list].newer = index;
    } else {
        flows->lists[list].oldest = index;
    }
    flows->lists[list].newest = index;
}

/* ---- the end ---------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct flow_rank *one = a;
    const struct flow_rank *other = b;

    if (one->transport != other->transport) {
        return one->transport < other->transport ? -1 : 1;
    }
    return one->stream < other->stream ? -1 : one->stream > other->stream;
}

static bool put_in_order(struct flows *flows, const struct conversations *conversations)
{
    flows->order = calloc(flows->live + 1, sizeof *flows->order);
    if (flows->order == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < flows->count; i++) {
        if (flows->all[i].used && !flows->all[i].closed) {
            const struct capture_conversation *public = &conversations_at(conversations, i)->public;
            flows->order[flows->order_count++] =
                (struct flow_rank){public->stream, public->transport, i};
        }
    }
    qsort(flows->order, flows->order_count, sizeof *flows->order, compare);
    return true;
}

bool flows_first(struct flows *flows, const struct conversations *conversations, uint32_t *index)
{
    if (flows->order == NULL && !put_in_order(flows, conversations)) {
        return false;
    }
    *index = flows->order_next < flows->order_count ? flows->order[flows->order_next++].index
                                                    : FLOW_NONE;
    return true;
}
