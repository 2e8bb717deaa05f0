/* What a row consists of, and its fields. */
#include "log.h"
#include "row.h"

/* Collects up to `max` buffers, and counts the others. */
struct collector {
    struct trace_buffer *buffers;
    size_t max;
    size_t count;
};

static void collect(struct collector *collector, const char *name, const uint8_t *data,
                    size_t length)
{
    if (collector->count < collector->max) {
        collector->buffers[collector->count] =
            (struct trace_buffer){.name = name, .data = data, .length = length};
    }
    collector->count++;
}

static const struct record *record_of(const struct trace *trace, const struct row *row, size_t i)
{
    return list_at(&trace->transcript.directions[row->public.from].records, row->first_record + i);
}

/* What a row's content is called. */
static const char *content_name(const struct row *row)
{
    if (row->public.layer == TRACE_LAYER_TEXT) {
        return "plaintext";
    }
    if (row->foreign) {
        return "record"; /* a bad one */
    }
    return row->public.content_type == WIRE_APPLICATION_DATA ? "plaintext" : "message";
}

size_t trace_row_buffers(const struct trace *trace, const struct trace_row *row,
                         struct trace_buffer *buffers, size_t max)
{
    const struct row *own = row_of(row);
    struct collector collector = {.buffers = buffers, .max = max};

    for (size_t i = 0; i < own->record_count; i++) {
        const struct record *record = record_of(trace, own, i);
        if (record->bytes == NULL) {
            continue; /* dropped */
        }
        collect(&collector, "record", record->bytes, record->length);
        if (record->plaintext != NULL && row->content_type == WIRE_HANDSHAKE) {
            collect(&collector, "plaintext", record->plaintext, record->plaintext_length);
        }
    }
    if (own->content != NULL || own->content_length > 0) {
        collect(&collector, content_name(own), own->content, own->content_length);
    }
    return collector.count;
}

static int dissect_record(const struct trace *trace, const struct row *row, struct wire_tree *tree,
                          struct trace_buffer *buffer)
{
    struct trace_buffer first = {0};

    if (trace_row_buffers(trace, &row->public, &first, 1) == 0) {
        tree->count = 0; /* rows of the TCP handshake, dropped ones */
        tree->data = NULL;
        tree->length = 0;
        first = (struct trace_buffer){0};
    } else if (wire_record_dissect(tree, NULL, first.data, first.length) != 0) {
        return -1;
    }
    if (buffer != NULL) {
        *buffer = first;
    }
    return 0;
}

int trace_row_dissect(const struct trace *trace, const struct trace_row *row,
                      struct wire_tree *tree, struct trace_buffer *buffer)
{
    const struct row *own = row_of(row);
    const struct wire_context context = {
        .from = row->from, .version = own->version, .cipher_suite = own->cipher_suite};
    bool text = row->layer == TRACE_LAYER_TEXT;
    uint8_t type = text ? WIRE_APPLICATION_DATA : row->content_type;

    if (own->content == NULL || (own->foreign && !text)) {
        return dissect_record(trace, own, tree, buffer);
    }
    if (buffer != NULL) {
        *buffer = (struct trace_buffer){
            .name = content_name(own), .data = own->content, .length = own->content_length};
    }
    return wire_message_dissect(tree, &context, type, own->content, own->content_length);
}
