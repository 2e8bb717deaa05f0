/* What is in view of a capture, in words: nobody is stepped there, so that no call caused anything. */
#include <string.h>

#include "narrate.h"

static void describe_reading(const struct stepper *stepper, struct buffer *out)
{
    uint64_t done;
    uint64_t total;

    trace_capture_progress(stepper->capture, &done, &total);
    if (!stepper->reading) {
        return;
    }
    if (total > 0) {
        buffer_printf(out, ", reading: %llu %%", (unsigned long long)(done * 100 / total));
    } else {
        buffer_text(out, ", reading");
    }
}

void narrate_capture(struct stepper *stepper, struct buffer *out)
{
    const struct run *run = run_in_view(stepper);
    struct trace_stop stop = report_stop_at(run->trace, run->cursor);
    char id[60];

    if (stepper->conversation < 0) {
        buffer_printf(out, "%zu TCP conversations in this capture; each can be opened.",
                      trace_capture_count(stepper->capture));
        return;
    }
    if (!stop.at_stop) {
        buffer_printf(out, "Conversation %u, at its beginning: step through it, or run to its end.",
                      trace_target(run->trace)->stream);
        return;
    }
    (void)snprintf(id, sizeof id, "message.%s", stop.at); /* names are short */
    const char *text = explain_find(id);
    buffer_printf(out, "%s from the %s.", stop.at, wire_side_name(stop.from));
    if (text != NULL) {
        buffer_printf(out, " %s", text);
    }
}

void narrate_capture_next(struct stepper *stepper, struct buffer *out)
{
    if (stepper->conversation < 0) {
        buffer_text(out, "open a conversation");
    } else {
        buffer_text(out, run_in_view(stepper)->follow ? "this is the end: Left goes back"
                                                      : "look at what comes after this");
    }
}

void narrate_capture_state(struct stepper *stepper, struct buffer *out)
{
    const struct run *run = run_in_view(stepper);
    struct trace_stop stop = report_stop_at(run->trace, run->cursor);

    if (stepper->conversation < 0) {
        buffer_printf(out, "capture · %zu conversations", trace_capture_count(stepper->capture));
        describe_reading(stepper, out);
        return;
    }
    buffer_printf(out, "conversation %u", trace_target(run->trace)->stream);
    if (stop.at_stop) {
        buffer_printf(out, " · %s · row %u of %zu, %s", trace_phase_name(stop.phase), stop.n,
                      trace_row_count(run->trace), stop.at);
    }
}
