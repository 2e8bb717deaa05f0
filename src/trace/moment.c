/* Where the cursor can stand. */
#include "moment.h"

#include <string.h>

#include "log.h"
#include "row.h"

void moments_init(struct moments *moments)
{
    moments->stops = list_of(sizeof(struct stop));
    moments->marks = list_of(sizeof(size_t));
}

void moments_free(struct moments *moments)
{
    list_free(&moments->stops);
    list_free(&moments->marks);
}

/* ---- taking in --------------------------------------------------------------------------------- */

int moments_mark(struct trace *trace)
{
    struct list *marks = &trace->moments.marks;
    size_t now = trace->transcript.now;

    if (marks->count > 0 && *(size_t *)list_at(marks, marks->count - 1) == now) {
        return 0;
    }
    size_t *mark = list_add(marks);
    if (mark == NULL) {
        return -1;
    }
    *mark = now;
    return 0;
}

/* A stop's `at` is a message type, or the name of a phase. */
static bool names_message(const char *at)
{
    static const char *const phases[] = {"resolve", "connect", "starttls", "handshake",
                                         "verify",  "data",    "close"};

    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        if (strcmp(at, phases[i]) == 0) {
            return false;
        }
    }
    return true;
}

static struct progress *progress_of(struct trace *trace, enum wire_side from, size_t type)
{
    return &trace->transcript.progress[from][type];
}

static void tie(struct stop *stop, struct row *row)
{
    stop->n = row->public.n;
    row->stop_event = stop->event;
}

/* A stop is at what was about to be sent, or at what had arrived. */
static bool fits(const struct row *row, const struct trace_event *stop)
{
    size_t happened = stop->queued ? row->public.queued_event : row->public.wire_event;

    return row->public.layer != TRACE_LAYER_TCP && row->public.from == stop->from &&
           row->stop_event == SIZE_MAX && happened != SIZE_MAX &&
           strcmp(row->public.type, stop->text) == 0;
}

int moments_stop(struct trace *trace, const struct trace_event *event)
{
    struct stop *stop = list_add(&trace->moments.stops);
    long type = -1;

    if (stop == NULL) {
        return -1;
    }
    stop->event = trace->transcript.now;
    if (event->text != NULL && names_message(event->text)) {
        type = event->phase == TRACE_STARTTLS ? ROW_PROGRESS_TEXT : row_progress_find(event->text);
    }
    if (type < 0) {
        return 0;
    }
    struct progress *progress = progress_of(trace, event->from, (size_t)type);
    for (; progress->stopped < trace->transcript.rows.count; progress->stopped++) {
        struct row *row = row_at(trace, progress->stopped);
        if (fits(row, event)) {
            tie(stop, row);
            return 0;
        }
    }
    progress->stop = trace->moments.stops.count; /* its row has not come yet */
    return 0;
}

void moments_row_added(struct trace *trace, struct row *row)
{
    if (row->public.layer == TRACE_LAYER_TCP) {
        return;
    }
    struct progress *progress = progress_of(trace, row->public.from, row_progress(row));
    if (progress->stop == 0) {
        return;
    }
    struct stop *stop = list_at(&trace->moments.stops, progress->stop - 1);
    if (fits(row, &log_entry(trace, stop->event - 1)->event)) {
        tie(stop, row);
        progress->stop = 0;
    }
}

/* ---- asking ------------------------------------------------------------------------------------ */

/* Both kinds of moments begin with their cursor. */
static size_t moment_at(const struct list *moments, size_t index)
{
    return *(const size_t *)list_at(moments, index);
}

static bool not_after(const void *element, size_t cursor)
{
    return *(const size_t *)element <= cursor;
}

static bool is_before(const void *element, size_t cursor)
{
    return *(const size_t *)element < cursor;
}

static const struct list *moments_of(const struct trace *trace)
{
    const struct moments *moments = &trace->moments;
    return moments->stops.count > 0 ? &moments->stops : &moments->marks;
}

size_t trace_moment_before(const struct trace *trace, size_t cursor)
{
    const struct list *moments = moments_of(trace);
    size_t index = list_search(moments, is_before, cursor);
    return index == 0 ? 0 : moment_at(moments, index - 1);
}

size_t trace_moment_after(const struct trace *trace, size_t cursor)
{
    const struct list *moments = moments_of(trace);
    size_t index = list_search(moments, not_after, cursor);
    return index == moments->count ? trace->log.count : moment_at(moments, index);
}

size_t trace_moment_of_row(const struct trace *trace, uint32_t n)
{
    if (n == 0 || n > trace->transcript.rows.count) {
        return 0;
    }
    const struct row *row = row_at(trace, n - 1);
    return row->stop_event != SIZE_MAX && row->stop_event >= row->public.shown_event
               ? row->stop_event
               : row->public.shown_event;
}

struct trace_stop trace_stop_at(const struct trace *trace, size_t cursor)
{
    const struct list *stops = &trace->moments.stops;
    size_t index = list_search(stops, not_after, cursor);

    if (index == 0) {
        return (struct trace_stop){0};
    }
    const struct stop *stop = list_at(stops, index - 1);
    const struct trace_event *event = &log_entry(trace, stop->event - 1)->event;
    const char *at = event->text != NULL ? event->text : trace_phase_name(event->phase);
    bool shown = stop->n != 0 && row_at(trace, stop->n - 1)->public.shown_event <= cursor;

    return (struct trace_stop){
        .at_stop = true,
        .n = shown ? stop->n : 0,
        .phase = event->phase,
        .at = at,
        .has_from = names_message(at),
        .from = event->from,
        .queued = event->queued,
    };
}
