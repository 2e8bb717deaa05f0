/* Making the key schedule, and keeping the place in it. */
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

static void clear(struct ui_schedule *schedule)
{
    /* Fields refer to the bytes: they go first. */
    ui_selection_free(&schedule->keys);
    buffer_wipe_free(&schedule->bytes);
    schedule->bytes = (struct buffer){.secret = true};
    schedule->made = false;
}

void ui_schedule_free(struct ui_schedule *schedule)
{
    clear(schedule);
}

/* The stages and the secrets that hang from them; what they are made of is folded. */
static unsigned depth_to_open(const struct wire_tree *fields)
{
    return fields->count > 0 && fields->fields[0].type->kind == WIRE_FIELD_GROUP ? 1 : 0;
}

/* The same tree as before, as far as its lines go. */
static bool has_same_lines(const struct wire_tree *before, const struct wire_tree *after)
{
    if (before->count != after->count) {
        return false;
    }
    for (size_t i = 0; i < after->count; i++) {
        if (before->fields[i].type != after->fields[i].type ||
            before->fields[i].depth != after->fields[i].depth) {
            return false;
        }
    }
    return true;
}

static void make(struct ui_schedule *schedule, const struct ui_view *view)
{
    struct wire_tree fields = {0};
    struct buffer bytes = {.secret = true};
    struct ui_tree tree = {0};
    struct ui_selection *keys = &schedule->keys;
    bool good =
        trace_schedule(view->trace, view->cursor, view->selection->row, &fields, &bytes) == 0;

    if (good && schedule->made && has_same_lines(&keys->fields, &fields)) {
        tree = keys->tree; /* folds, selection and place */
        keys->tree = (struct ui_tree){0};
    } else if (good) {
        good =
            ui_tree_load(&tree, fields.count, ui_field_depth, &fields, depth_to_open(&fields)) == 0;
    }
    clear(schedule);
    if (!good) {
        wire_tree_free(&fields);
        buffer_wipe_free(&bytes);
        ui_tree_free(&tree);
        keys->failed = true;
        return;
    }
    keys->fields = fields;
    keys->tree = tree;
    schedule->bytes = bytes;
    keys->buffers[0] =
        (struct trace_buffer){.name = "key schedule", .data = bytes.data, .length = bytes.length};
    keys->buffer_count = 1;
    schedule->made = true;
    ui_selection_field_chosen(keys);
}

void ui_schedule_update(struct ui_schedule *schedule, const struct ui_view *view)
{
    if (schedule->made && schedule->trace == view->trace && schedule->cursor == view->cursor &&
        schedule->event_count == trace_event_count(view->trace) &&
        schedule->n == view->selection->n) {
        return;
    }
    make(schedule, view);
    schedule->trace = view->trace;
    schedule->cursor = view->cursor;
    schedule->event_count = trace_event_count(view->trace);
    schedule->n = view->selection->n;
}
