/* The arena: a list of blocks that are freed together. */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "tlstep/base.h"

#define BLOCK_SIZE ((size_t)64 * 1024)
/* Larger requests get a block of their own, so that no started block is thrown away for them. */
#define LARGE_REQUEST (BLOCK_SIZE / 4)

struct block {
    struct block *next;
    size_t size; /* of `bytes` */
    size_t used;
    alignas(max_align_t) uint8_t bytes[];
};

struct arena {
    struct block *current; /* the one small requests are cut from, first of the list */
    size_t total;
};

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL) {
        arena->total = sizeof *arena;
    }
    return arena;
}

static struct block *block_new(struct arena *arena, size_t size)
{
    struct block *block;
    size_t bytes;

    if (!size_add(sizeof *block, size, &bytes)) {
        return NULL;
    }
    block = calloc(1, bytes);
    if (block == NULL) {
        return NULL;
    }
    block->size = size;
    arena->total += bytes;
    return block;
}

static void *alloc_large(struct arena *arena, size_t size)
{
    struct block *block = block_new(arena, size);
    if (block == NULL) {
        return NULL;
    }
    block->used = size;
    if (arena->current == NULL) {
        arena->current = block;
    } else { /* behind the current block, which has room left */
        block->next = arena->current->next;
        arena->current->next = block;
    }
    return block->bytes;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t alignment = alignof(max_align_t);
    struct block *block = arena->current;
    void *start;
    size_t padded;

    if (!size_add(size == 0 ? 1 : size, alignment - 1, &padded)) {
        return NULL;
    }
    padded -= padded % alignment;
    if (padded > LARGE_REQUEST) {
        return alloc_large(arena, padded);
    }
    if (block == NULL || padded > block->size - block->used) {
        block = block_new(arena, BLOCK_SIZE - sizeof *block);
        if (block == NULL) {
            return NULL;
        }
        block->next = arena->current;
        arena->current = block;
    }
    start = block->bytes + block->used;
    block->used += padded;
    return start;
}

void *arena_copy(struct arena *arena, const void *data, size_t length)
{
    void *copy = arena_alloc(arena, length);
    if (copy != NULL && length > 0) {
        memcpy(copy, data, length);
    }
    return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text) + 1);
}

size_t arena_size(const struct arena *arena)
{
    return arena->total;
}

void arena_free(struct arena *arena)
{
    struct block *block;

    if (arena == NULL) {
        return;
    }
    block = arena->current;
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}
