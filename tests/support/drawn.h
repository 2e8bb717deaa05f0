/*
 * Key schedules drawn as trees, for tests: the shape of each is checked as it is made, and leaves are found by
 * the group that they are in. A test ends where one is not as it should be.
 */
#ifndef SUPPORT_DRAWN_H
#define SUPPORT_DRAWN_H

#include "tlstep/crypt.h"

struct drawn {
    struct wire_tree tree;
    struct buffer bytes;
};

void drawn_make(struct drawn *drawn, const struct crypt_schedule *schedule);
void drawn_free(struct drawn *drawn);

/* The leaf directly in the `nth` group of this path, both without "schedule."; -1: none. */
long drawn_leaf(const struct wire_tree *tree, const char *group, int nth, const char *leaf);

/* The leaf is there and has these bytes. */
void drawn_expect(const struct drawn *drawn, const char *group, int nth, const char *leaf,
                  const uint8_t *data, size_t length);

/* Whether the text of a leaf has this in it. */
bool drawn_says(const struct drawn *drawn, const char *group, int nth, const char *leaf,
                const char *words);

#endif
