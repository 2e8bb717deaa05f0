/* Items that have become known and have not been asked for. */
#include <stdlib.h>

#include "assembler.h"

static struct queued_item *add(struct item_queue *queue)
{
    if (queue->start == queue->count) {
        queue->start = 0;
        queue->count = 0;
    }
    struct queued_item *items =
        array_grow(queue->items, &queue->capacity, queue->count + 1, sizeof *items);
    if (items == NULL) {
        return NULL;
    }
    queue->items = items;
    return &items[queue->count++];
}

struct capture_item *assembler_put(struct assembler *assembler, enum capture_item_kind kind,
                                   enum capture_end from)
{
    struct queued_item *queued = add(assembler->queue);

    if (queued == NULL) {
        assembler->failed = true;
        return NULL;
    }
    *queued = (struct queued_item){.item = {.kind = kind,
                                            .from = from,
                                            .frame = assembler->frame,
                                            .time_ns = assembler->time_ns,
                                            .offset = assembler->ends[from].offset}};
    return &queued->item;
}

struct capture_item *assembler_put_owned(struct assembler *assembler, enum capture_end from,
                                         uint8_t *owned)
{
    struct capture_item *item = assembler_put(assembler, CAPTURE_BYTES, from);

    if (item == NULL) {
        free(owned);
        return NULL;
    }
    assembler->queue->items[assembler->queue->count - 1].owned = owned;
    return item;
}

bool item_queue_next(struct item_queue *queue, struct capture_item *item)
{
    free(queue->given);
    queue->given = NULL;
    if (queue->start == queue->count) {
        return false;
    }
    struct queued_item *queued = &queue->items[queue->start++];
    *item = queued->item;
    queue->given = queued->owned;
    return true;
}

void item_queue_free(struct item_queue *queue)
{
    for (size_t i = queue->start; i < queue->count; i++) {
        free(queue->items[i].owned);
    }
    free(queue->items);
    free(queue->given);
    *queue = (struct item_queue){0};
}
