/* Reading a capture, as the user sees it. */
#include "progress.h"

#define BAR 10

bool ui_is_reading(const struct stepper *stepper)
{
    /* The wake-up descriptor of a capture is the pipe that it waits for. */
    return stepper_capture(stepper) != NULL &&
           (stepper_reading(stepper) || stepper_wake_fd(stepper) >= 0);
}

bool ui_progress_cancel(struct ui_progress *progress, struct stepper *stepper)
{
    if (!ui_is_reading(stepper)) {
        return false;
    }
    trace_capture_progress(stepper_capture(stepper), &progress->done, &progress->total);
    stepper_cancel_reading(stepper);
    progress->stopped = true;
    return true;
}

static unsigned percent(uint64_t done, uint64_t total)
{
    return done >= total ? 100 : (unsigned)((double)done * 100 / (double)total);
}

static void bar(char *out, size_t size, unsigned percents)
{
    size_t used = 0;

    for (unsigned i = 0; i < BAR && used + 4 < size; i++) {
        used +=
            (size_t)snprintf(out + used, size - used, "%s", i < percents * BAR / 100 ? "▓" : "·");
    }
}

void ui_progress_text(const struct ui_progress *progress, const struct stepper *stepper, char *out,
                      size_t size)
{
    struct trace_capture *capture = stepper_capture(stepper);
    uint64_t done, total;
    char bytes[32], signs[4 * BAR + 1] = "";

    out[0] = '\0';
    if (capture == NULL || (!progress->stopped && !ui_is_reading(stepper))) {
        return;
    }
    trace_capture_progress(capture, &done, &total);
    if (progress->stopped) {
        done = progress->done;
        total = progress->total;
    }
    (void)text_grouped(bytes, sizeof bytes, done);
    if (progress->stopped && total > 0) {
        (void)snprintf(out, size, "stopped at %u %%", percent(done, total));
    } else if (progress->stopped) {
        (void)snprintf(out, size, "stopped at %s bytes", bytes);
    } else if (total > 0) {
        bar(signs, sizeof signs, percent(done, total));
        (void)snprintf(out, size, "reading %s %u %%", signs, percent(done, total));
    } else {
        (void)snprintf(out, size, "%s bytes read%s", bytes,
                       stepper_reading(stepper) ? "" : ", waiting for more");
    }
}

const char *ui_progress_warning(struct ui_progress *progress, const struct stepper *stepper)
{
    struct trace_capture *capture = stepper_capture(stepper);
    const char *warning = NULL;

    /* Until all is read their numbers grow. */
    if (capture != NULL && !ui_is_reading(stepper)) {
        warning = trace_capture_warning(capture, progress->told);
        progress->told += warning != NULL;
    }
    return warning;
}
