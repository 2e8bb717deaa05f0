/*
 * A list whose elements never move, so that pointers to them may be kept and handed out: it grows
 * by blocks, not by reallocation.
 */
#ifndef TRACE_LIST_H
#define TRACE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define LIST_BLOCK 64 /* elements */

struct list {
    void **blocks;
    size_t block_count;
    size_t block_capacity;
    size_t count;
    size_t element; /* bytes of one */
};

struct list list_of(size_t element);

/* A new element at the end, zeroed. NULL: out of memory, and nothing has changed. */
void *list_add(struct list *list);

/* The element at `index`, which must be below `count`. */
void *list_at(const struct list *list, size_t index);

/* Takes the last element off again. */
void list_remove_last(struct list *list);

/* The first index whose element is not `before` the key; the elements must be sorted by it. */
size_t list_search(const struct list *list, bool (*before)(const void *element, size_t key),
                   size_t key);

/* Frees the blocks; what the elements own is the caller's to free before. */
void list_free(struct list *list);

#endif
