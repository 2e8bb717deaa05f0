/*
 * The phases of a captured conversation: nobody told when they began and ended, so they are read off the packets and
 * rows, and go into the log as if they had been told.
 */
#ifndef TRACE_PHASES_H
#define TRACE_PHASES_H

#include "tlstep/trace.h"

/* Start with {0}. */
struct phases {
    enum trace_phase_state states[TRACE_PHASE_COUNT];
    size_t rows;      /* looked at */
    int64_t text_ns;  /* the first row in clear text */
    bool text;        /* there was one */
    bool changed[2];  /* ChangeCipherSpec of a side */
    bool finished[2]; /* Finished of a side, or what must be it */
    bool ended[2];    /* FIN of a side */
    bool reset;
};

/* Each returns 0, or -1: out of memory. */

/* Before the events of the ClientHello at this time. */
int phases_hello(struct phases *phases, struct trace *trace, int64_t time_ns);
/* After an event of the capture has been appended. */
int phases_event(struct phases *phases, struct trace *trace);
/* Nothing more will come, and the trace is finished. */
int phases_end(struct phases *phases, struct trace *trace);

#endif
