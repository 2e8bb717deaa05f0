/* Two traces with one order. */
#include "pair.h"

#include <stdlib.h>
#include <string.h>

struct run_pair *pair_new(struct trace *client, struct trace *server)
{
    struct run_pair *pair = calloc(1, sizeof *pair);

    if (pair == NULL || client == NULL || server == NULL) {
        trace_free(client);
        trace_free(server);
        free(pair);
        return NULL;
    }
    pair->traces[LAB_PROXY_CLIENT] = client;
    pair->traces[LAB_PROXY_SERVER] = server;
    return pair;
}

void pair_free(struct run_pair *pair)
{
    if (pair == NULL) {
        return;
    }
    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        trace_free(pair->traces[side]);
        free(pair->sent[side].rows);
        free(pair->received[side].rows);
        free(pair->causes[side].rows);
        free(pair->line_of[side].rows);
    }
    free(pair->lines);
    free(pair->clients);
    free(pair);
}

int pair_append(struct run_pair *pair, enum lab_proxy_side side, struct trace_event *event,
                struct err *err)
{
    size_t before = pair->count > 0 ? pair->clients[pair->count - 1] : 0;
    size_t events = trace_event_count(pair->traces[side]);
    uint32_t *grown =
        array_grow(pair->clients, &pair->capacity, pair->count + 1, sizeof *pair->clients);
    int status;

    if (grown == NULL) {
        trace_event_clear(event);
        return err_memory(err, "following a connection");
    }
    pair->clients = grown;
    status = trace_append(pair->traces[side], event, err);
    if (trace_event_count(pair->traces[side]) > events) {
        pair->clients[pair->count++] = (uint32_t)(before + (side == LAB_PROXY_CLIENT ? 1 : 0));
    }
    return status;
}

size_t pair_cursor(const struct run_pair *pair, enum lab_proxy_side side, size_t position)
{
    size_t clients;

    position = position < pair->count ? position : pair->count;
    clients = position > 0 ? pair->clients[position - 1] : 0;
    return side == LAB_PROXY_CLIENT ? clients : position - clients;
}

enum lab_proxy_side pair_side_at(const struct run_pair *pair, size_t position)
{
    bool client = pair_cursor(pair, LAB_PROXY_CLIENT, position) >
                  pair_cursor(pair, LAB_PROXY_CLIENT, position - 1);

    return client ? LAB_PROXY_CLIENT : LAB_PROXY_SERVER;
}

size_t pair_position(const struct run_pair *pair, enum lab_proxy_side side, size_t cursor)
{
    size_t low = 0, high = pair->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (pair_cursor(pair, side, middle) < cursor) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_moment(const struct run_pair *pair, size_t position)
{
    enum lab_proxy_side side = pair_side_at(pair, position);
    size_t index = pair_cursor(pair, side, position) - 1;

    return trace_event_at(pair->traces[side], index)->kind == TRACE_STOP;
}

size_t pair_moment_before(const struct run_pair *pair, size_t position)
{
    size_t here = position <= pair->count ? position : pair->count + 1;

    while (here > 1) {
        here--;
        if (is_moment(pair, here)) {
            return here;
        }
    }
    return 0;
}

size_t pair_moment_after(const struct run_pair *pair, size_t position)
{
    for (size_t here = position + 1; here <= pair->count; here++) {
        if (is_moment(pair, here)) {
            return here;
        }
    }
    return pair->count;
}

void pair_set(struct run_pair *pair, size_t position)
{
    pair->at = position < pair->count ? position : pair->count;
    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        pair->cursors[side] = pair_cursor(pair, (enum lab_proxy_side)side, pair->at);
    }
}

int pair_exit_status(const struct run_pair *pair)
{
    int status = 0;

    /* The real server's failure is what the client's comes from. */
    for (int side = LAB_PROXY_SIDES - 1; side >= 0 && status == 0; side--) {
        struct trace *trace = pair->traces[side];
        status =
            trace_event_count(trace) > 0 ? report_exit_status(trace, trace_event_count(trace)) : 0;
    }
    return status;
}
