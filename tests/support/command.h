/* Other programs, run from a test: a shell command, its output, its exit status. */
#ifndef SUPPORT_COMMAND_H
#define SUPPORT_COMMAND_H

#include <stdbool.h>

#include "tlstep/base.h"

/* Runs a command of at most 2000 bytes in a shell of its own without standard input, waits for it and
 * appends what it wrote (both streams) to `out`. Returns its exit status, 128 + the signal that ended
 * it, or -1 when it could not be run. Commands that could wait for ever begin with "timeout N". */
int command_run(struct buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Is there such a program? */
bool command_exists(const char *program);

/* How often `text` occurs in `output`. */
size_t command_count(struct buffer *output, const char *text);

#endif
