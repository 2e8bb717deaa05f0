/* What a row consists of, and its fields. */
#include "log.h"
#include "row.h"

/* The kinds of buffers, by what they are called. Tools compare these names. */
static const char record_name[] = "record";
static const char plaintext_name[] = "plaintext";
static const char message_name[] = "message";
static const char packet_name[] = "packet";
static const char decompressed_name[] = "decompressed message";

/* Collects up to `max` buffers, and counts the others. */
struct collector {
    struct trace_buffer *buffers;
    size_t max;
    size_t count;
};

static void collect(struct collector *collector, struct trace_buffer buffer)
{
    if (collector->count < collector->max) {
        collector->buffers[collector->count] = buffer;
    }
    collector->count++;
}

static const struct record *record_of(const struct trace *trace, const struct row *row, size_t i)
{
    return list_at(&trace->transcript.directions[row->public.from].records, row->first_record + i);
}

static bool is_data(const struct row *row)
{
    return row->public.content_type == WIRE_APPLICATION_DATA;
}

/* What a row's content is called. */
static const char *content_name(const struct row *row)
{
    if (row->public.layer == TRACE_LAYER_TEXT) {
        return plaintext_name;
    }
    if (row->packet != 0) {
        return packet_name;
    }
    if (row->foreign || row->public.layer == TRACE_LAYER_TCP) {
        return record_name; /* a bad one, or a part of one */
    }
    return is_data(row) ? plaintext_name : message_name;
}

static struct trace_buffer content_buffer(const struct row *row)
{
    return (struct trace_buffer){.name = content_name(row),
                                 .data = row->content,
                                 .length = row->content_length,
                                 .owner = row};
}

/* All that was decrypted from a record: content, and what stands behind it. */
static struct trace_buffer plaintext_buffer(const struct record *record)
{
    return (struct trace_buffer){.name = plaintext_name,
                                 .data = record->plaintext,
                                 .length = record->plaintext_total,
                                 .owner = record};
}

/* Records whose bytes are another buffer of the row already: text, what stands around a gap. */
static bool is_whole(const struct record *record)
{
    return record->kind == RECORD_WHOLE || record->kind == RECORD_CUT || record->kind == RECORD_END;
}

size_t trace_row_buffers(const struct trace *trace, const struct trace_row *row,
                         struct trace_buffer *buffers, size_t max)
{
    const struct row *own = row_of(row);
    struct collector collector = {.buffers = buffers, .max = max};
    bool decrypted = false;

    for (size_t i = 0; i < own->record_count; i++) {
        const struct record *record = record_of(trace, own, i);
        if (record->bytes == NULL || !is_whole(record)) {
            continue; /* dropped, or none */
        }
        collect(&collector, (struct trace_buffer){.name = record_name,
                                                  .data = record->bytes,
                                                  .length = record->length,
                                                  .owner = record});
        if (record->plaintext != NULL) {
            collect(&collector, plaintext_buffer(record));
            decrypted = true;
        }
    }
    /* Application data is the beginning of its plaintext. */
    if ((own->content != NULL || own->content_length > 0) && !(decrypted && is_data(own))) {
        collect(&collector, content_buffer(own));
    }
    if (own->decompressed != NULL) {
        collect(&collector, (struct trace_buffer){.name = decompressed_name,
                                                  .data = own->decompressed,
                                                  .length = own->decompressed_length,
                                                  .owner = own});
    }
    return collector.count;
}

/* ---- fields ----------------------------------------------------------------------------------------- */

static void clear_tree(struct wire_tree *tree)
{
    tree->count = 0;
    tree->data = NULL;
    tree->length = 0;
}

static int dissect_record(const struct trace *trace, const struct row *row, struct wire_tree *tree,
                          struct trace_buffer *buffer)
{
    struct trace_buffer first = {0};

    if (trace_row_buffers(trace, &row->public, &first, 1) == 0) {
        clear_tree(tree); /* rows of the TCP handshake, dropped ones */
        first = (struct trace_buffer){0};
    } else if (trace_buffer_dissect(trace, &row->public, &first, tree) != 0) {
        return -1;
    }
    if (buffer != NULL) {
        *buffer = first;
    }
    return 0;
}

static int dissect_message(const struct row *row, uint8_t content_type, const uint8_t *data,
                           size_t length, struct wire_tree *tree)
{
    const struct wire_context context = row_context(row, false);

    return wire_message_dissect(tree, &context, content_type, data, length);
}

static int dissect_content(const struct row *row, struct wire_tree *tree)
{
    if (row->public.layer == TRACE_LAYER_TEXT) {
        return wire_clear_text_dissect(tree, row->content, row->content_length);
    }
    if (row->packet != 0) {
        return wire_packet_dissect(tree, row->content, row->content_length);
    }
    return dissect_message(row, row->public.content_type, row->content, row->content_length, tree);
}

int trace_row_dissect(const struct trace *trace, const struct trace_row *row,
                      struct wire_tree *tree, struct trace_buffer *buffer)
{
    const struct row *own = row_of(row);
    bool message = own->packet != 0 || row->layer == TRACE_LAYER_TEXT ||
                   (row->layer == TRACE_LAYER_TLS && !own->foreign);

    if (own->content == NULL || !message) {
        return dissect_record(trace, own, tree, buffer);
    }
    if (buffer != NULL) {
        *buffer = content_buffer(own);
    }
    return dissect_content(own, tree);
}

int trace_buffer_dissect(const struct trace *trace, const struct trace_row *row,
                         const struct trace_buffer *buffer, struct wire_tree *tree)
{
    const struct row *own = row_of(row);

    (void)trace; /* a buffer's owner knows all that is needed */
    if (buffer->name == NULL) {
        clear_tree(tree);
        return 0;
    }
    if (buffer->name == decompressed_name) {
        return dissect_message(own, WIRE_HANDSHAKE, buffer->data, buffer->length, tree);
    }
    if (buffer->owner == own) {
        return buffer->name == record_name
                   ? wire_record_dissect(tree, NULL, buffer->data, buffer->length)
                   : dissect_content(own, tree);
    }
    const struct record *record = buffer->owner;
    bool laid_out = record->layout.is_protected;
    if (buffer->name == record_name) {
        return wire_record_dissect(tree, laid_out ? &record->layout : NULL, buffer->data,
                                   buffer->length);
    }
    return wire_plaintext_dissect(tree, &record->layout, buffer->data, buffer->length);
}
