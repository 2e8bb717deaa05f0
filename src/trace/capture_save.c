/* One conversation of a capture, saved. */
#include <string.h>

#include "capture_file.h"
#include "log.h"

static const char about[] =
    "One TCP connection of a capture, saved by tlstep: its packets as they were captured, and "
    "the secrets that belong to it.";

/* The secrets of the trace, those in its log and those that it was read with. */
static bool collect_secrets(const struct trace_capture *capture, const struct trace *trace,
                            struct buffer *lines)
{
    for (size_t i = 0; i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind == TRACE_SECRET && event->text != NULL) {
            buffer_text(lines, event->text);
            buffer_u8(lines, '\n');
        }
    }
    return playback_used_secrets(trace, capture->keys, lines);
}

static int copy_packets(struct trace_capture *capture, size_t conversation,
                        const struct buffer *lines, const char *path, bool force, struct err *err)
{
    uint16_t link_type = capture_link_type(capture->file, conversation);
    struct capture_writer *writer = capture_writer_new(path, force, link_type, 0, about, err);

    if (writer == NULL) {
        return -1;
    }
    int result = 0;
    if (lines->length > 0) {
        result = capture_writer_secrets(writer, (const char *)lines->data, lines->length, err);
    }
    if (result == 0) {
        result = capture_copy_conversation(capture->file, conversation, writer, err);
    }
    /* The first failure is told. */
    return capture_writer_close(writer, result == 0 ? err : NULL) == 0 ? result : -1;
}

/* Redacted it is saved in packets made from the stream: what was captured twice, or cut short, hides
 * in places that cannot be found by what was read. */
int trace_capture_save(struct trace_capture *capture, size_t index, const struct trace *trace,
                       const char *path, bool force, bool redact, struct err *err)
{
    struct buffer lines = {.secret = true};
    int result = -1;

    if (redact) {
        return trace_save_redacted(trace, path, force, err);
    }
    if (index >= capture->items.count) {
        return err_set(err, ERR_USAGE, "no_such_stream", "there is no conversation %zu in %s",
                       index, capture->source);
    }
    if (!collect_secrets(capture, trace, &lines)) {
        (void)err_memory(err, "saving a conversation");
    } else {
        result = copy_packets(capture, capture_item_at(capture, index)->conversation, &lines, path,
                              force, err);
    }
    buffer_wipe_free(&lines);
    return result;
}
