/*
 * The same work for many items on as many threads as there are processors, with the results taken in
 * order. Threads run ahead by a bounded number of items, so that memory does not grow with them.
 */
#ifndef CLI_POOL_H
#define CLI_POOL_H

#include "tlstep/base.h"

/* What came of an item. */
struct pool_result {
    struct buffer out;    /* for standard output; empty: nothing to say of this item */
    struct buffer errors; /* whole lines for standard error, safe text */
    int status;           /* 0, or an exit status */
    struct err err;       /* why it failed; class ERR_NONE: it did not */
};

struct pool_work {
    size_t count;
    /* Called by any thread, for each item once. */
    void (*work)(void *context, size_t index, struct pool_result *result);
    /* Called by the caller's thread, in order. Not 0: no more. */
    int (*take)(void *context, size_t index, struct pool_result *result);
    void *context;
};

/* Returns 0 when all were taken, what `take` returned, or -1 with `err`. */
int pool_run(const struct pool_work *work, struct err *err);

#endif
