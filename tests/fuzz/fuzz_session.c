/*
 * Any bytes as a session file: what opens can be looked at, and saved and opened again as the same.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/trace/session_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void look(struct trace *trace)
{
    struct wire_tree tree = {0};

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        char summary[60];
        (void)trace_row_summary(summary, sizeof summary, trace, row);
        require(trace_row_dissect(trace, row, &tree, NULL) == 0);
    }
    wire_tree_free(&tree);
    require(trace_facts(trace, 0) != NULL);
    require(trace_facts(trace, SIZE_MAX) != NULL);
}

static struct trace *read_bytes(const void *data, size_t size)
{
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    struct err err = {0};

    require(file != NULL);
    struct trace *trace = session_read(file, "fuzz", &err);
    require(trace != NULL || err.class != ERR_NONE);
    (void)fclose(file); /* nothing was written */
    return trace;
}

/* Through a file in memory. */
static struct trace *save_and_open(const struct trace *trace)
{
    static const char path[] = "/dev/shm/tlstep-fuzz-session.pcapng";
    char name[sizeof path + 20];
    struct err err = {0};

    (void)snprintf(name, sizeof name, "%s.%ld", path, (long)getpid()); /* it fits */
    require(trace_save(trace, name, true, &err) == 0);
    struct trace *again = trace_open(name, &err);
    (void)remove(name);
    return again;
}

static void check_same(const struct trace *trace, const struct trace *again)
{
    require(again != NULL && trace_event_count(trace) == trace_event_count(again));
    require(trace_row_count(trace) == trace_row_count(again));
    for (size_t i = 0; i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        const struct trace_event *other = trace_event_at(again, i);
        require(event->kind == other->kind && event->time_ns == other->time_ns &&
                event->length == other->length && event->dropped == other->dropped &&
                (event->text == NULL) == (other->text == NULL));
        require(event->length == 0 || memcmp(event->data, other->data, event->length) == 0);
        require(event->text == NULL || strcmp(event->text, other->text) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace *trace = size > 0 ? read_bytes(data, size) : NULL;

    if (trace != NULL) {
        look(trace);
        struct trace *again = save_and_open(trace);
        check_same(trace, again);
        trace_free(again);
        trace_free(trace);
    }
    return 0;
}
