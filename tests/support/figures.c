/* The figures of a trace in the shape of oracle.py. */
#include "figures.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/trace/log.h"
#include "../../src/trace/row.h"

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

static const char *const sides[] = {"client", "server"};

/* ---- small parts --------------------------------------------------------------------------------------- */

static json_t *hex_id(bool known, unsigned id)
{
    char text[16];
    (void)snprintf(text, sizeof text, "0x%04x", id); /* it fits */
    return known ? json_string(text) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

/* "[2001:db8::1]:443" as oracle.py writes it, without brackets. */
static json_t *endpoint(const char *text)
{
    struct buffer out = {0};

    for (; *text != '\0'; text++) {
        if (*text != '[' && *text != ']') {
            buffer_u8(&out, (uint8_t)*text);
        }
    }
    json_t *json = json_string(buffer_string(&out));
    buffer_free(&out);
    return json;
}

static json_t *sha256_of(const uint8_t *data, size_t length)
{
    uint8_t hash[CRYPT_SHA256_SIZE];
    char text[2 * sizeof hash + 1];

    need(crypt_sha256(data, length, hash) == 0);
    return json_string(text_hex(text, sizeof text, hash, sizeof hash));
}

static json_t *md5_of(const struct buffer *text)
{
    uint8_t hash[CRYPT_MD5_SIZE];
    char hex[2 * sizeof hash + 1];

    need(crypt_md5(text->data, text->length, hash) == 0);
    return json_string(text_hex(hex, sizeof hex, hash, sizeof hash));
}

static bool is_handshake(const struct trace_row *row)
{
    return row->layer == TRACE_LAYER_TLS && !row->dropped &&
           (row->content_type == WIRE_HANDSHAKE || row->content_type == WIRE_SSL2_HELLO) &&
           !row_of(row)->foreign;
}

/* A message that is there to its end: oracle.py does not count those that are cut. */
static bool is_whole(const struct trace_row *row)
{
    const struct row *own = row_of(row);
    uint8_t type;
    uint32_t body;

    if (own->content == NULL) {
        return strcmp(row->type, "Encrypted") == 0;
    }
    return row->content_type == WIRE_SSL2_HELLO ||
           wire_handshake_parse(own->content, own->content_length, &type, &body) == WIRE_COMPLETE;
}

/* ---- messages ------------------------------------------------------------------------------------------- */

static void add_messages(json_t *figures, const struct trace *trace)
{
    json_t *names[2] = {json_array(), json_array()};
    json_t *messages = json_array();

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        if (!is_handshake(row) || !is_whole(row)) {
            continue;
        }
        const struct trace_event *event = trace_event_at(trace, row->wire_event - 1);
        json_array_append_new(names[row->from], json_string(row->type));
        json_array_append_new(messages, json_pack("[I, s, s, I, b]", (json_int_t)event->frame,
                                                  row->from == WIRE_CLIENT ? "C" : "S", row->type,
                                                  (json_int_t)row->length, (int)row->encrypted));
    }
    json_object_set_new(figures, "handshake",
                        json_pack("{s:o, s:o}", sides[0], names[0], sides[1], names[1]));
    json_object_set_new(figures, "messages", messages);
}

static json_t *record_counts(const struct trace *trace, int side)
{
    const struct direction *direction = &trace->transcript.directions[side];
    json_t *counts = json_object();

    for (size_t i = 0; i < direction->records.count; i++) {
        const struct record *record = list_at(&direction->records, i);
        char key[16];
        if (record->kind != RECORD_WHOLE) {
            continue;
        }
        (void)snprintf(key, sizeof key, "%u", record->content_type); /* three digits */
        const char *name = record->content_type == WIRE_SSL2_HELLO ? "ssl2" : key;
        json_int_t before = json_integer_value(json_object_get(counts, name));
        json_object_set_new(counts, name, json_integer(before + 1));
    }
    return counts;
}

/* Bytes before the first record; null: there is none. */
static json_t *clear_bytes(const struct trace *trace, int side)
{
    const struct direction *direction = &trace->transcript.directions[side];
    json_int_t clear = 0;

    for (size_t i = 0; i < direction->records.count; i++) {
        const struct record *record = list_at(&direction->records, i);
        if (record->kind == RECORD_WHOLE) {
            return json_integer(clear);
        }
        if (record->kind == RECORD_TEXT || record->kind == RECORD_FRAGMENT) {
            clear += record->length;
        }
    }
    return json_null();
}

static json_t *data_of(const struct trace *trace, enum wire_side side)
{
    struct buffer data = {0};

    (void)trace_application_data(trace, SIZE_MAX, side, SIZE_MAX, &data); /* what there is */
    need(!data.failed);
    json_t *json = json_pack("{s:I, s:o}", "bytes", (json_int_t)data.length, "sha256",
                             data.length > 0 ? sha256_of(data.data, data.length) : json_null());
    buffer_free(&data);
    return json;
}

static void add_alerts(json_t *figures, const struct trace *trace)
{
    json_t *alerts = json_array();

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const struct row *own = row_of(row);
        if (row->layer != TRACE_LAYER_TLS || row->content_type != WIRE_ALERT || own->foreign) {
            continue;
        }
        const struct trace_event *event = trace_event_at(trace, row->wire_event - 1);
        bool known = own->content != NULL && own->content_length == 2;
        json_array_append_new(alerts,
                              json_pack("[I, s, o, o]", (json_int_t)event->frame,
                                        row->from == WIRE_CLIENT ? "C" : "S",
                                        known ? json_integer(own->content[0]) : json_null(),
                                        known ? json_integer(own->content[1]) : json_null()));
    }
    json_object_set_new(figures, "alerts", alerts);
}

/* ---- what stands in messages ------------------------------------------------------------------------------ */

/* A DER sequence that is there to its end. */
static bool is_whole_sequence(const uint8_t *data, size_t length)
{
    struct reader reader = reader_new(data, length);
    uint8_t tag = reader_u8(&reader);
    uint8_t size = reader_u8(&reader);
    size_t content = size == 0x82   ? reader_u16(&reader)
                     : size == 0x83 ? reader_u24(&reader)
                     : size == 0x81 ? reader_u8(&reader)
                                    : size;
    return !reader.failed && tag == 0x30 && content == reader_left(&reader);
}

static void add_certificates_of(json_t *out, const struct wire_tree *tree)
{
    static const char path[] = "handshake.certificate.certificate";

    for (long at = wire_tree_find(tree, path, 0); at >= 0;
         at = wire_tree_find(tree, path, (size_t)at + 1)) {
        const struct wire_field *field = &tree->fields[at];
        const uint8_t *data = tree->data + field->offset;
        if (is_whole_sequence(data, field->length)) {
            json_array_append_new(out, sha256_of(data, field->length));
        }
    }
}

/* The message of a row, decompressed. False: it cannot be read. */
static bool message_of(const struct trace *trace, const struct trace_row *row, const uint8_t **data,
                       size_t *length)
{
    struct trace_buffer buffers[8];
    size_t count = trace_row_buffers(trace, row, buffers, 8);

    (void)trace;
    for (size_t i = count < 8 ? count : 8; i > 0; i--) {
        if (strcmp(buffers[i - 1].name, "decompressed message") == 0) {
            *data = buffers[i - 1].data;
            *length = buffers[i - 1].length;
            return true;
        }
    }
    *data = row_of(row)->content;
    *length = row_of(row)->content_length;
    return *data != NULL;
}

static void add_certificates(json_t *figures, const struct trace *trace)
{
    json_t *lists[2] = {json_array(), json_array()};
    struct wire_tree tree = {0};

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const uint8_t *data;
        size_t length;
        if (!is_handshake(row) || !is_whole(row) ||
            (row->handshake_type != WIRE_CERTIFICATE &&
             row->handshake_type != WIRE_COMPRESSED_CERTIFICATE) ||
            !message_of(trace, row, &data, &length)) {
            continue;
        }
        const struct wire_context context = {
            .from = row->from, .version = row_of(row)->version, .shallow = true};
        need(wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, data, length) == 0);
        add_certificates_of(lists[row->from], &tree);
    }
    wire_tree_free(&tree);
    json_object_set_new(figures, "certificates",
                        json_pack("{s:o, s:o}", sides[0], lists[0], sides[1], lists[1]));
}

static void hash_part(struct buffer *out, struct buffer *text)
{
    uint8_t hash[CRYPT_SHA256_SIZE];
    char hex[2 * sizeof hash + 1];

    need(crypt_sha256(text->data, text->length, hash) == 0);
    text_hex(hex, sizeof hex, hash, sizeof hash);
    buffer_printf(out, "_%.12s", text->length > 0 ? hex : "000000000000");
    buffer_free(text);
}

static json_t *ja4_of(const uint8_t *data, size_t length)
{
    struct buffer prefix = {0};
    struct buffer suites = {0};
    struct buffer extensions = {0};
    json_t *json = json_null();

    if (wire_ja4(data, length, &prefix, &suites, &extensions) == 0) {
        hash_part(&prefix, &suites);
        hash_part(&prefix, &extensions);
        json = json_string(buffer_string(&prefix));
    }
    buffer_free(&prefix);
    buffer_free(&suites);
    buffer_free(&extensions);
    return json;
}

static void add_fingerprint(json_t *out, const uint8_t *data, size_t length,
                            int (*make)(const uint8_t *, size_t, struct buffer *))
{
    struct buffer text = {0};

    if (make(data, length, &text) == 0) {
        json_array_append_new(out, md5_of(&text));
    }
    buffer_free(&text);
}

static void add_fingerprints(json_t *figures, const struct trace *trace)
{
    json_t *ja3 = json_array();
    json_t *ja3s = json_array();
    json_t *ja4 = json_array();

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const struct row *own = row_of(row);
        if (!is_handshake(row) || !is_whole(row) || own->content == NULL ||
            row->content_type != WIRE_HANDSHAKE) {
            continue;
        }
        if (row->handshake_type == WIRE_CLIENT_HELLO) {
            add_fingerprint(ja3, own->content, own->content_length, wire_ja3);
            json_array_append_new(ja4, ja4_of(own->content, own->content_length));
        } else if (row->handshake_type == WIRE_SERVER_HELLO ||
                   row->handshake_type == WIRE_HELLO_RETRY_REQUEST) {
            add_fingerprint(ja3s, own->content, own->content_length, wire_ja3s);
        }
    }
    json_object_set_new(figures, "ja3", ja3);
    json_object_set_new(figures, "ja3s", ja3s);
    json_object_set_new(figures, "ja4", ja4);
}

/* ---- all of it ------------------------------------------------------------------------------------------------ */

bool figures_has_tls(const struct trace *trace)
{
    for (int side = 0; side < 2; side++) {
        const struct direction *direction = &trace->transcript.directions[side];
        for (size_t i = 0; i < direction->records.count; i++) {
            const struct record *record = list_at(&direction->records, i);
            if (record->kind == RECORD_WHOLE) {
                return true;
            }
        }
    }
    return false;
}

json_t *figures_of(struct trace *trace)
{
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
    const struct trace_target *target = trace_target(trace);

    need(facts != NULL);
    json_t *figures =
        json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "stream", (int)target->stream,
                  "client", endpoint(target->client), "server", endpoint(target->server), "version",
                  hex_id(facts->version != 0, facts->version), "cipher",
                  hex_id(facts->cipher_suite_known, facts->cipher_suite), "group",
                  hex_id(facts->group != 0, facts->group), "sni", text_or_null(facts->sni), "alpn",
                  text_or_null(facts->alpn), "hello_retry", facts->hello_retry == TRACE_YES);
    need(figures != NULL);
    add_messages(figures, trace);
    json_object_set_new(figures, "records",
                        json_pack("{s:o, s:o}", sides[0], record_counts(trace, 0), sides[1],
                                  record_counts(trace, 1)));
    json_object_set_new(figures, "app_data",
                        json_pack("{s:o, s:o}", sides[0], data_of(trace, WIRE_CLIENT), sides[1],
                                  data_of(trace, WIRE_SERVER)));
    json_object_set_new(
        figures, "clear_bytes",
        json_pack("{s:o, s:o}", sides[0], clear_bytes(trace, 0), sides[1], clear_bytes(trace, 1)));
    add_alerts(figures, trace);
    add_certificates(figures, trace);
    add_fingerprints(figures, trace);
    return figures;
}
