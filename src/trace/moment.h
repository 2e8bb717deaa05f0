/* Where the cursor can stand: the stops of the log, and otherwise its rows and phases. */
#ifndef TRACE_MOMENT_H
#define TRACE_MOMENT_H

#include "list.h"
#include "tlstep/trace.h"

struct row;

struct stop {
    size_t event; /* count: the cursor that stands at it */
    uint32_t n;   /* its row; 0: none */
};

struct moments {
    struct list stops; /* struct stop */
    struct list marks; /* size_t: cursors at which a row or a phase appeared, each once */
};

void moments_init(struct moments *moments);
void moments_free(struct moments *moments);

/* A row or a phase has appeared with the event at work. 0, or -1: out of memory. */
int moments_mark(struct trace *trace);

/* Takes in a TRACE_STOP event and ties it to its row, or lets it wait for that. */
int moments_stop(struct trace *trace, const struct trace_event *event);

/* Gives a new row the stop that has waited for it. */
void moments_row_added(struct trace *trace, struct row *row);

#endif
