/* The events on their way to the owner. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "queue.h"

#define QUEUE_EVENTS ((size_t)512)
#define QUEUE_BYTES  ((size_t)16 << 20)

int engine_queue_init(struct engine_queue *queue, struct err *err)
{
    *queue = (struct engine_queue){.wake_fd = -1};
    queue->events = calloc(QUEUE_EVENTS, sizeof *queue->events);
    if (queue->events == NULL) {
        return err_memory(err, "making the event queue");
    }
    queue->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (queue->wake_fd < 0) {
        return err_set(err, ERR_NETWORK, "no_descriptor", "cannot make a wake-up descriptor: %s",
                       strerror(errno));
    }
    return 0;
}

void engine_queue_free(struct engine_queue *queue)
{
    while (queue->count > 0) {
        trace_event_clear(&queue->events[queue->first]);
        queue->first = (queue->first + 1) % QUEUE_EVENTS;
        queue->count--;
    }
    free(queue->events);
    queue->events = NULL;
    if (queue->wake_fd >= 0) {
        (void)close(queue->wake_fd); /* an eventfd has nothing to lose */
        queue->wake_fd = -1;
    }
}

static size_t weight(const struct trace_event *event)
{
    return event->length + (event->text != NULL ? strlen(event->text) : 0);
}

bool engine_queue_is_full(const struct engine_queue *queue)
{
    return queue->count >= QUEUE_EVENTS || queue->bytes >= QUEUE_BYTES;
}

bool engine_queue_has_drained(const struct engine_queue *queue)
{
    return queue->count <= QUEUE_EVENTS / 2 && queue->bytes <= QUEUE_BYTES / 2;
}

void engine_queue_put(struct engine_queue *queue, struct trace_event *event)
{
    queue->events[(queue->first + queue->count) % QUEUE_EVENTS] = *event;
    queue->count++;
    queue->put_total++;
    queue->bytes += weight(event);
    *event = (struct trace_event){0};
}

static void quieten(struct engine_queue *queue)
{
    uint64_t count;

    queue->changed = false;
    if (queue->signalled) {
        (void)!read(queue->wake_fd, &count, sizeof count); /* non-blocking: it only resets */
        queue->signalled = false;
    }
}

bool engine_queue_take(struct engine_queue *queue, struct trace_event *event)
{
    if (queue->count == 0) {
        quieten(queue);
        return false;
    }
    *event = queue->events[queue->first];
    queue->events[queue->first] = (struct trace_event){0};
    queue->first = (queue->first + 1) % QUEUE_EVENTS;
    queue->count--;
    queue->taken_total++;
    queue->bytes -= weight(event);
    return true;
}

void engine_queue_signal(struct engine_queue *queue)
{
    const uint64_t one = 1;

    if (!queue->signalled && (queue->count > 0 || queue->changed)) {
        queue->signalled = write(queue->wake_fd, &one, sizeof one) == (ssize_t)sizeof one;
    }
}
