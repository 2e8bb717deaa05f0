/* Lists whose elements never move. */
#include "list.h"

#include <stdlib.h>
#include <string.h>

#include "tlstep/base.h"

struct list list_of(size_t element)
{
    return (struct list){.element = element};
}

static bool add_block(struct list *list)
{
    void **blocks =
        array_grow(list->blocks, &list->block_capacity, list->block_count + 1, sizeof *blocks);
    if (blocks == NULL) {
        return false;
    }
    list->blocks = blocks;
    blocks[list->block_count] = malloc(LIST_BLOCK * list->element);
    if (blocks[list->block_count] == NULL) {
        return false;
    }
    list->block_count++;
    return true;
}

void *list_add(struct list *list)
{
    if (list->count == list->block_count * LIST_BLOCK && !add_block(list)) {
        return NULL;
    }
    list->count++;
    void *element = list_at(list, list->count - 1);
    memset(element, 0, list->element);
    return element;
}

void *list_at(const struct list *list, size_t index)
{
    return (char *)list->blocks[index / LIST_BLOCK] + index % LIST_BLOCK * list->element;
}

void list_remove_last(struct list *list)
{
    list->count--;
}

size_t list_search(const struct list *list, bool (*before)(const void *element, size_t key),
                   size_t key)
{
    size_t low = 0;
    size_t high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (before(list_at(list, middle), key)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void list_free(struct list *list)
{
    for (size_t i = 0; i < list->block_count; i++) {
        free(list->blocks[i]);
    }
    free(list->blocks);
    *list = list_of(list->element);
}
