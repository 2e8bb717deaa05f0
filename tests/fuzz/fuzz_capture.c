/*
 * Any bytes as a capture: what opens has conversations whose traces can be looked at; read as a stream it has them, too; what is
 * saved of one opens again.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tlstep/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* So many conversations are looked at closely. */
#define CLOSELY 20

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* A file in memory, which each call writes anew. */
static const char *file_name(char name[80], const char *what)
{
    (void)snprintf(name, 80, "/dev/shm/tlstep-fuzz-%s.%ld", what, (long)getpid()); /* it fits */
    return name;
}

static void write_file(const char *name, const uint8_t *data, size_t size)
{
    int fd = file_create_private(name, "file", true, NULL);

    require(fd >= 0 && file_write_all(fd, data, size, "file", NULL) == 0 && close(fd) == 0);
}

static void look(struct trace *trace)
{
    struct wire_tree tree = {0};
    size_t count = trace_row_count(trace);

    for (size_t i = 0; i < count; i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        char summary[60];
        (void)trace_row_summary(summary, sizeof summary, trace, row);
        require(trace_row_dissect(trace, row, &tree, NULL) == 0);
    }
    wire_tree_free(&tree);
    require(trace_facts(trace, 0) != NULL);
    require(trace_facts(trace, SIZE_MAX) != NULL);
}

/* What is saved redacted is a session again, with as many events. */
static void save_and_open(const struct trace *trace)
{
    char name[80];
    struct err err = {0};

    require(trace_save_redacted(trace, file_name(name, "redacted"), true, &err) == 0);
    require(trace_is_session(name));
    struct trace *again = trace_open(name, &err);
    require(again != NULL && trace_event_count(again) == trace_event_count(trace));
    trace_free(again);
    (void)remove(name); /* the next one writes over it */
}

static void save_packets(struct trace_capture *capture, size_t index, const struct trace *trace)
{
    char name[80];
    struct err err = {0};

    require(trace_capture_save(capture, index, trace, file_name(name, "saved"), true, false,
                               &err) == 0);
    require(!trace_is_session(name));
    (void)remove(name); /* the next one writes over it */
}

static size_t read_all(struct trace_capture *capture)
{
    enum capture_state state = CAPTURE_MORE;
    struct err err = {0};

    while (state == CAPTURE_MORE) {
        if (trace_capture_read(capture, clock_monotonic_ns() + 1000000, &state, &err) != 0) {
            require(err.class != ERR_NONE);
            break;
        }
    }
    for (size_t i = 0; trace_capture_warning(capture, i) != NULL; i++) {
    }
    return trace_capture_count(capture);
}

static int count(struct trace *trace, const struct trace_conversation *conversation, void *user)
{
    require(conversation->known && conversation->verdict[0] != '\0');
    look(trace);
    trace_free(trace);
    (*(size_t *)user)++;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[80];
    struct err err = {0};
    size_t streamed = 0;

    write_file(file_name(name, "capture"), data, size);
    struct trace_capture *capture = trace_capture_open(name, NULL, &err);
    if (capture == NULL) {
        require(err.class != ERR_NONE);
        return 0;
    }
    size_t conversations = read_all(capture);
    for (size_t i = 0; i < conversations && i < CLOSELY && trace_capture_indexed(capture); i++) {
        struct trace *trace =
            trace_capture_trace(capture, i, i % 2 == 0 ? TRACE_DATA_LIMIT : 0, &err);
        require(trace != NULL);
        look(trace);
        if (i % 2 == 0) {
            save_and_open(trace);
            save_packets(capture, i, trace);
        }
        trace_free(trace);
    }
    bool indexed = trace_capture_indexed(capture);
    trace_capture_close(capture);
    int result = trace_capture_stream(name, NULL, NULL, count, &streamed, NULL, &err);
    /* One that pauses for long, or ends and goes on, is several there. */
    require(!indexed || (result == 0 && streamed >= conversations));
    return 0;
}
