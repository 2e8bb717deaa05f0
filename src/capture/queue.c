/* Items that have become known and have not been asked for. */
#include <stdlib.h>

#include "assembler.h"

static struct queued_item *put(struct assembler *assembler)
{
    if (assembler->queue_start == assembler->queue_count) {
        assembler->queue_start = 0;
        assembler->queue_count = 0;
    }
    struct queued_item *queue = array_grow(assembler->queue, &assembler->queue_capacity,
                                           assembler->queue_count + 1, sizeof *queue);
    if (queue == NULL) {
        assembler->failed = true;
        return NULL;
    }
    assembler->queue = queue;
    return &queue[assembler->queue_count++];
}

struct capture_item *assembler_put(struct assembler *assembler, enum capture_item_kind kind,
                                   enum capture_end from)
{
    struct queued_item *queued = put(assembler);

    if (queued == NULL) {
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
    assembler->queue[assembler->queue_count - 1].owned = owned;
    return item;
}

bool assembler_next(struct assembler *assembler, struct capture_item *item)
{
    free(assembler->given);
    assembler->given = NULL;
    if (assembler->queue_start == assembler->queue_count) {
        return false;
    }
    struct queued_item *queued = &assembler->queue[assembler->queue_start++];
    *item = queued->item;
    assembler->given = queued->owned;
    return true;
}

void assembler_free(struct assembler *assembler)
{
    for (size_t i = assembler->queue_start; i < assembler->queue_count; i++) {
        free(assembler->queue[i].owned);
    }
    free(assembler->queue);
    free(assembler->given);
    for (size_t end = 0; end < 2; end++) {
        struct direction *direction = &assembler->ends[end];
        for (size_t i = 0; i < direction->held_count; i++) {
            free(direction->held[i].data);
        }
        free(direction->held);
    }
    *assembler = (struct assembler){0};
}
