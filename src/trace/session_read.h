/* Sessions read from an open file: for trace_open(), and for tests from memory. */
#ifndef TRACE_SESSION_READ_H
#define TRACE_SESSION_READ_H

#include <stdio.h>

#include "tlstep/trace.h"

/* As trace_open(); `name` is for messages and the target. The file stays open. */
struct trace *session_read(FILE *file, const char *name, struct err *err);

#endif
