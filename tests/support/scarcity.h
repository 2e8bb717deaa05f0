/*
 * Memory that runs out on purpose: a program that uses this has malloc, calloc and realloc which
 * fail when they are told to.
 */
#ifndef TLSTEP_TESTS_SCARCITY_H
#define TLSTEP_TESTS_SCARCITY_H

#include <stdbool.h>

/* False where a sanitizer owns the allocator: such a test has to be skipped. */
bool scarcity_works(void);

/* The next `count` allocations of this process succeed, the one after them fails, then they succeed
 * again. */
void scarcity_begin(unsigned long count);

/* Back to normal. True when an allocation was refused since scarcity_begin. */
bool scarcity_end(void);

#endif
