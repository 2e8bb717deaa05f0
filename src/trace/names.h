/* Names of the enumerations, back to values: for session files. */
#ifndef TRACE_NAMES_H
#define TRACE_NAMES_H

#include "tlstep/trace.h"

const char *name_of_kind(enum trace_event_kind kind); /* "bytes" */
const char *name_of_end(enum trace_end end);          /* "fin" */

/* Each returns the value, or -1 when the name is none (or NULL). */
long name_to_kind(const char *name);
long name_to_end(const char *name);
long name_to_phase(const char *name);
long name_to_state(const char *name);
long name_to_side(const char *name);

#endif
