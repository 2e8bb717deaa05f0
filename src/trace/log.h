/* The trace itself: the log, and what is derived from it. */
#ifndef TRACE_LOG_H
#define TRACE_LOG_H

#include "checks.h"
#include "list.h"
#include "moment.h"
#include "tlstep/trace.h"
#include "transcript.h"

struct facts;

struct log_entry {
    struct trace_event event;
    size_t holders; /* records that have bytes in it and still need them */
};

struct trace {
    struct trace_target target;
    int64_t start_wall_ns;
    struct list log; /* struct log_entry */
    struct transcript transcript;
    struct moments moments;
    struct checks checks;
    bool redacted;       /* read from a file that was saved without what is private */
    bool outline;        /* facts are for one line of a list */
    struct facts *facts; /* the fold, made when first asked for */
};

/* The entry of an event that must be there. */
struct log_entry *log_entry(const struct trace *trace, size_t index);

/* Lets go of an event's bytes, and remembers how many there were. */
void log_drop_data(struct log_entry *entry);

#endif
