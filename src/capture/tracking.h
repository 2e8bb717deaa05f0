/* Which conversation a segment belongs to, and what it says about that one. */
#ifndef CAPTURE_TRACKING_H
#define CAPTURE_TRACKING_H

#include "conversations.h"

/* True when a segment between the same ends begins another conversation. */
bool tracking_is_new(const struct conversation *conversation, enum capture_end from,
                     const struct segment *segment);

/* Counts the segment. */
void tracking_update(struct conversation *conversation, enum capture_end from,
                     const struct segment *segment, int64_t time_ns);

#endif
