/* The dialects of a capture, each once: many sections and interfaces have few of them. */
#ifndef CAPTURE_DIALECTS_H
#define CAPTURE_DIALECTS_H

#include "packet.h"

/* More different ones than any file has; packets of interfaces beyond are not looked into. */
#define DIALECTS_MAX  1024
#define DIALECTS_NONE UINT16_MAX

struct dialects {
    struct dialect *all;
    size_t count;
    size_t capacity;
    uint16_t slots[DIALECTS_MAX * 2]; /* hash table of numbers + 1 */
};

/* The number of a dialect, or DIALECTS_NONE: too many. -1: out of memory. */
int dialects_add(struct dialects *dialects, const struct dialect *dialect, uint16_t *number);
void dialects_free(struct dialects *dialects);

#endif
