/* Lines from a descriptor, read as they come, without blocking. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "tlstep/base.h"

/* Longer lines are cut off and reported; more than this is not read ahead. */
#define LINE_MAX_LENGTH  (256u << 10)
#define LINES_READ_AHEAD (1u << 20)

struct lines {
    int fd;
    struct buffer pending;
    bool ended; /* nothing more will be read */
};

/* Reads what is there (once). Call when poll says so. */
void lines_read(struct lines *lines);

/* True when reading ahead has room. */
bool lines_want_more(const struct lines *lines);

/* Takes the first whole line (at the end of input: what is left), without its line end, zero-
 * terminated, from malloc. NULL when there is none, or no memory. */
char *lines_take(struct lines *lines);

/* True when some whole line that has not been taken yet is one of these words. */
bool lines_hold(const struct lines *lines, const char *const *words);

void lines_free(struct lines *lines);

#endif
