/* Rows, their fields and bytes, secrets and stops as JSON. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define ROW_BUFFERS 64

static json_t *message_json(const struct trace_row *row)
{
    json_t *json = json_pack(
        "{s:I, s:o, s:s, s:s, s:s, s:I, s:b, s:b, s:b}", "n", (json_int_t)row->n, "time_ms",
        part_milliseconds(row->time_ns), "from", wire_side_name(row->from), "layer",
        trace_layer_name(row->layer), "type", row->type, "length", (json_int_t)row->length,
        "observed", row->observed, "encrypted", row->encrypted, "decrypted", row->decrypted);
    if (json != NULL && row->problem != NULL &&
        part_add(json, "problem", report_string_json(row->problem)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

json_t *report_messages_json(struct trace *trace, size_t cursor)
{
    static const char *const states[] = {
        [TRACE_ROW_HIDDEN] = NULL,           [TRACE_ROW_QUEUED] = "queued",
        [TRACE_ROW_SENT] = "sent",           [TRACE_ROW_ARRIVED] = "arrived",
        [TRACE_ROW_PROCESSED] = "processed", [TRACE_ROW_UNSENT] = "unsent",
    };
    json_t *list = json_array();
    size_t count = trace_row_count_at(trace, cursor);

    for (size_t i = 0; list != NULL && i < count; i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const char *state = states[trace_row_state(trace, row, cursor)];
        json_t *json = message_json(row);
        if (json == NULL || (state != NULL && part_add(json, "state", json_string(state)) != 0) ||
            json_array_append_new(list, json) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* ---- fields ---- */

static json_t *field_json(const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    const char *explanation = explain_find(field->type->path);
    char value[1024];

    wire_field_value(value, sizeof value, tree, index);
    return json_pack("{s:s, s:s, s:I, s:I, s:s, s:s?, s:[]}", "path", field->type->path, "name",
                     field->type->name, "offset", (json_int_t)field->offset, "length",
                     (json_int_t)field->length, "value", value, "explain", explanation, "children");
}

/* Deeper than any dissection goes; what would lie below is left to its parent. */
#define DEPTH_MAX 64

/* Pre-order with depths into nested children: parents[d] is the open field of depth d. */
static int add_tree(json_t *list, const struct wire_tree *tree, const char *buffer)
{
    json_t *parents[DEPTH_MAX] = {NULL};

    for (size_t i = 0; i < tree->count; i++) {
        size_t depth = tree->fields[i].depth;
        if (depth >= DEPTH_MAX)
            continue;
        json_t *json = field_json(tree, i);
        if (json == NULL)
            return -1;
        json_t *siblings = depth == 0 ? list : json_object_get(parents[depth - 1], "children");
        if (json_array_append_new(siblings, json) != 0)
            return -1;
        parents[depth] = json;
        if (depth == 0 && part_add(json, "buffer", json_string(buffer)) != 0)
            return -1;
    }
    return tree->failed ? -1 : 0;
}

static int add_record(json_t *list, const struct trace_buffer *record)
{
    struct wire_tree tree = {0};
    int status = wire_record_dissect(&tree, NULL, record->data, record->length);
    if (status == 0)
        status = add_tree(list, &tree, record->name);
    wire_tree_free(&tree);
    return status;
}

static int add_fields(json_t *list, struct trace *trace, const struct trace_row *row)
{
    struct trace_buffer main = {0};
    struct wire_tree tree = {0};
    int status = trace_row_dissect(trace, row, &tree, &main);

    if (status == 0)
        status = add_tree(list, &tree, main.name != NULL ? main.name : "message");
    wire_tree_free(&tree);

    struct trace_buffer buffers[ROW_BUFFERS];
    size_t count = trace_row_buffers(trace, row, buffers, ROW_BUFFERS);
    for (size_t i = 0; status == 0 && i < count && i < ROW_BUFFERS; i++)
        if (strcmp(buffers[i].name, "record") == 0 && buffers[i].data != main.data)
            status = add_record(list, &buffers[i]);
    return status;
}

json_t *report_fields_json(struct trace *trace, const struct trace_row *row)
{
    json_t *list = json_array();
    if (list != NULL && add_fields(list, trace, row) != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

json_t *report_bytes_json(struct trace *trace, const struct trace_row *row)
{
    struct trace_buffer buffers[ROW_BUFFERS];
    size_t count = trace_row_buffers(trace, row, buffers, ROW_BUFFERS);
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < count && i < ROW_BUFFERS; i++) {
        json_t *json = json_pack("{s:s, s:i, s:o}", "buffer", buffers[i].name, "offset", 0, "hex",
                                 part_hex(buffers[i].data, buffers[i].length));
        if (json_array_append_new(list, json) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* ---- secrets and stops ---- */

json_t *report_secrets_json(struct trace *trace, size_t cursor)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < cursor && i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind != TRACE_SECRET)
            continue;
        if (json_array_append_new(list, report_string_json(event->text)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *report_stop_json(struct trace *trace, size_t cursor)
{
    struct trace_stop stop = trace_stop_at(trace, cursor);
    if (!stop.at_stop)
        return json_null();
    json_t *n = stop.n > 0 ? json_integer(stop.n) : json_null();
    if (!stop.has_from)
        return json_pack("{s:o, s:s, s:s}", "n", n, "phase", trace_phase_name(stop.phase), "at",
                         stop.at);
    return json_pack("{s:o, s:s, s:s, s:s, s:s}", "n", n, "phase", trace_phase_name(stop.phase),
                     "at", stop.at, "from", wire_side_name(stop.from), "state",
                     stop.queued ? "queued" : "arrived");
}
