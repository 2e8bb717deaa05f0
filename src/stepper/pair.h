/*
 * Two traces of one run: a proxy's client's side and its server's side, with cursors that move together.
 *
 * The events of both stand in one order, in which they were taken from the proxy. A position in a run is a number of events in that
 * order; each side's cursor is how many of them are its own. A moment is the stop of either side.
 */
#ifndef STEPPER_PAIR_H
#define STEPPER_PAIR_H

#include "tlstep/stepper.h"

/* Rows with data, by number, in order. */
struct pair_rows {
    uint32_t *rows;
    size_t count, capacity;
};
/* False: no memory. */
bool pair_rows_add(struct pair_rows *list, uint32_t value);

struct run_pair {
    struct trace *traces[LAB_PROXY_SIDES];
    size_t cursors[LAB_PROXY_SIDES];
    enum lab_proxy_side side; /* the one in view */
    uint32_t *clients;        /* of the first i + 1 events, how many are the client's side's */
    size_t count, capacity;
    size_t at; /* the position */

    /* lines.c */
    struct stepper_line *lines;
    size_t line_count, line_capacity;
    size_t rows_merged[LAB_PROXY_SIDES];
    struct pair_rows line_of[LAB_PROXY_SIDES]; /* by row */

    /* join.c: what caused what. Index: the side. */
    struct pair_rows sent[LAB_PROXY_SIDES], received[LAB_PROXY_SIDES];
    size_t rows_seen[LAB_PROXY_SIDES];
    struct pair_rows causes
        [LAB_PROXY_SIDES]; /* for each record sent, the number of the one received on the other */
};

/* lines.c: the rows of both, as they come to be shown. 0, or -1: out of memory. */
int pair_update_lines(struct run_pair *pair);
/* How many of them are shown at the position. */
size_t pair_lines_at(const struct run_pair *pair, size_t position);

/* Takes the traces, also on failure. NULL: out of memory. */
struct run_pair *pair_new(struct trace *client, struct trace *server);
void pair_free(struct run_pair *pair);

/* Appends an event to a side's trace. -1: out of memory, the event is lost. */
int pair_append(struct run_pair *pair, enum lab_proxy_side side, struct trace_event *event,
                struct err *err);

/* Whose the last of the first `position` events is. There is one. */
enum lab_proxy_side pair_side_at(const struct run_pair *pair, size_t position);
size_t pair_cursor(const struct run_pair *pair, enum lab_proxy_side side, size_t position);
/* The position at which a side's cursor is there for the first time. */
size_t pair_position(const struct run_pair *pair, enum lab_proxy_side side, size_t cursor);
/* As trace_moment_before() and _after(). */
size_t pair_moment_before(const struct run_pair *pair, size_t position);
size_t pair_moment_after(const struct run_pair *pair, size_t position);
/* The exit status of what has happened: the server's side's, which the client's comes from, unless that is well. */
int pair_exit_status(const struct run_pair *pair);
/* Puts both cursors there. */
void pair_set(struct run_pair *pair, size_t position);

/* join.c: a record with data is about to be sent on this side; made from number `cause` that the other side received. */
void pair_note_cause(struct run_pair *pair, enum lab_proxy_side side, uint32_t cause);
/* The row of the other side that row `n` of this side was caused by, or has caused; 0: none, or not known. */
uint32_t pair_joined(struct run_pair *pair, enum lab_proxy_side side, uint32_t n);

#endif
