/* Passwords in clear text before TLS. */
#ifndef TRACE_REDACT_TEXT_H
#define TRACE_REDACT_TEXT_H

#include "tlstep/wire.h"

/*
 * Looks at a line or message of a dialogue. True when bytes from `*from` to `*to` must go; `*to` is its length at first.
 * `after_command`: of the direction, false at first: the next lines may go on with what a command began.
 */
bool redact_text(enum wire_side side, const uint8_t *text, size_t *from, size_t *to,
                 bool *after_command);

#endif
