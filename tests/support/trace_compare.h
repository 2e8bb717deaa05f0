/* Two traces, or two cursors, that must show the same. Each ends the test where they do not. */
#ifndef SUPPORT_TRACE_COMPARE_H
#define SUPPORT_TRACE_COMPARE_H

#include "tlstep/trace.h"

/* What must be equal beyond what a row is. */
enum compare_rows {
    COMPARE_ROWS = 0,   /* number, type, length, flags, content, summary */
    COMPARE_TIMES = 1,  /* time */
    COMPARE_EVENTS = 2, /* the cursors at which things happened to it */
};

void compare_row(const struct trace *trace, const struct trace_row *row, const struct trace *other,
                 const struct trace_row *other_row, unsigned what);
void compare_rows(const struct trace *trace, const struct trace *other, unsigned what);

void compare_events(const struct trace *trace, const struct trace *other);

/* Facts at two cursors, all but the cursor itself. */
void compare_facts(struct trace *trace, size_t cursor, struct trace *other, size_t other_cursor);

/* Everything at the first `cursor` events: rows, their states, what waits, stop, facts. */
void compare_at(struct trace *trace, struct trace *other, size_t cursor);

#endif
