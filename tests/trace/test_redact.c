/* What is saved redacted gives nothing away, and still opens as the same conversation, as far as it is clear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation_cases.h"
#include "redact_text.h"
#include "scratch.h"

static void save_redacted(const struct trace *trace, char path[SCRATCH_PATH_MAX],
                          struct buffer *file)
{
    struct err err = {0};

    scratch_path(path, "redacted.pcapng");
    if (trace_save_redacted(trace, path, true, &err) != 0) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(file_read(path, "session file", SIZE_MAX / 2, file, NULL), 0);
}

/* ---- nothing is given away ------------------------------------------------------------------------------ */

/* Neither as they are nor in hexadecimal. Short ones may stand there by chance. */
static void expect_absent(const struct buffer *file, const uint8_t *bytes, size_t length,
                          const char *what)
{
    size_t size = 2 * length + 1;

    if (length < 4) {
        return;
    }
    if (memmem(file->data, file->length, bytes, length) != NULL) {
        fail_msg("%s is in the file", what);
    }
    char *hex = malloc(size);
    assert_non_null(hex);
    text_hex(hex, size, bytes, length);
    if (memmem(file->data, file->length, hex, size - 1) != NULL) {
        fail_msg("%s is in the file, in hexadecimal", what);
    }
    free(hex);
}

static const char *const secret_fields[] = {
    "handshake.new_session_ticket.ticket",
    "extension.session_ticket.ticket",
    "extension.pre_shared_key.identity",
    "extension.cookie.cookie",
};

/* How many secrets the row had. */
static unsigned expect_row_absent(const struct buffer *file, const struct trace *trace,
                                  const struct trace_row *row)
{
    struct wire_tree tree = {0};
    unsigned found = 0;

    assert_int_equal(trace_row_dissect(trace, row, &tree, NULL), 0);
    for (size_t i = 0; i < sizeof secret_fields / sizeof *secret_fields; i++) {
        for (long at = wire_tree_find(&tree, secret_fields[i], 0); at >= 0;
             at = wire_tree_find(&tree, secret_fields[i], (size_t)at + 1)) {
            const struct wire_field *field = &tree.fields[at];
            expect_absent(file, tree.data + field->offset, field->length, secret_fields[i]);
            found += field->length >= 4;
        }
    }
    wire_tree_free(&tree);
    return found;
}

static void expect_records_absent(const struct buffer *file, const struct trace *trace,
                                  const struct trace_row *row)
{
    struct trace_buffer buffers[8];
    size_t count = trace_row_buffers(trace, row, buffers, 8);

    for (size_t i = 0; i < count && i < 8; i++) {
        if (strcmp(buffers[i].name, "record") == 0) {
            expect_absent(file, buffers[i].data + 5, buffers[i].length - 5, "a protected fragment");
        } else if (row->content_type == WIRE_APPLICATION_DATA) {
            expect_absent(file, buffers[i].data, buffers[i].length, "application data");
        }
    }
}

static void expect_secrets_absent(const struct buffer *file, const struct trace *trace)
{
    for (size_t i = 0; i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind == TRACE_SECRET) {
            expect_absent(file, (const uint8_t *)strrchr(event->text, ' ') + 1, 64, "a secret");
        }
    }
}

static void no_conversation_gives_anything_away(void **state)
{
    unsigned secrets = 0;

    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *trace = conversation_trace(&conversations[i]);
        struct buffer file = {0};
        char path[SCRATCH_PATH_MAX];
        trace_finish(trace);
        save_redacted(trace, path, &file);
        expect_secrets_absent(&file, trace);
        for (size_t row = 0; row < trace_row_count(trace); row++) {
            const struct trace_row *public = trace_row_at(trace, row);
            if (public->layer == TRACE_LAYER_TLS) {
                secrets += expect_row_absent(&file, trace, public);
            }
            if (public->layer == TRACE_LAYER_TLS && public->encrypted) {
                expect_records_absent(&file, trace, public);
            }
        }
        buffer_free(&file);
        trace_free(trace);
    }
    assert_true(secrets > 10); /* tickets of both versions, identities */
}

/* ---- and it opens --------------------------------------------------------------------------------------- */

static void expect_event_shape(const struct trace_event *event, const struct trace_event *other)
{
    assert_int_equal(event->kind, other->kind);
    assert_int_equal(event->time_ns, other->time_ns);
    assert_int_equal(event->from, other->from);
    assert_int_equal(event->length, other->length);
    assert_int_equal(event->dropped, other->dropped);
    if (event->kind == TRACE_SECRET) {
        assert_null(other->text);
    }
}

/* The first rows, up to where something is protected, are the same but for what was replaced. */
static void expect_same_clear_rows(const struct trace *trace, const struct trace *opened)
{
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const struct trace_row *other = trace_row_at(opened, i);
        if (row->encrypted || (row->layer == TRACE_LAYER_TLS && row->wire_event == SIZE_MAX)) {
            return;
        }
        assert_non_null(other);
        assert_string_equal(row->type, other->type);
        assert_int_equal(row->length, other->length);
        assert_int_equal(row->from, other->from);
        assert_int_equal(row->malformed, other->malformed);
    }
}

static void a_redacted_session_opens_as_the_same_conversation(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *trace = conversation_trace(&conversations[i]);
        struct buffer file = {0};
        struct err err = {0};
        char path[SCRATCH_PATH_MAX];
        print_message("# %s\n", conversation_cases[i].name);
        trace_finish(trace);
        save_redacted(trace, path, &file);
        struct trace *opened = trace_open(path, &err);
        assert_non_null(opened);
        assert_int_equal(trace_event_count(trace), trace_event_count(opened));
        for (size_t event = 0; event < trace_event_count(trace); event++) {
            expect_event_shape(trace_event_at(trace, event), trace_event_at(opened, event));
        }
        expect_same_clear_rows(trace, opened);
        const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
        const struct trace_facts *other = trace_facts(opened, SIZE_MAX);
        assert_int_equal(facts->version, other->version);
        assert_int_equal(facts->cipher_suite, other->cipher_suite);
        assert_string_equal(facts->sni, other->sni);
        assert_string_equal(facts->ja4, other->ja4);
        assert_int_equal(facts->bytes[0], other->bytes[0]);
        assert_int_equal(facts->bytes[1], other->bytes[1]);
        buffer_free(&file);
        trace_free(opened);
        trace_free(trace);
    }
}

/* ---- clear text ------------------------------------------------------------------------------------------- */

static void passwords_in_clear_text_go(void **state)
{
    static const struct {
        enum wire_side side;
        const char *line;
        const char *left; /* what stays, with x for what goes */
    } lines[] = {
        {WIRE_CLIENT, "EHLO me\r\n", "EHLO me\r\n"},
        {WIRE_SERVER, "250-AUTH PLAIN LOGIN\r\n", "250-AUTH PLAIN LOGIN\r\n"},
        {WIRE_CLIENT, "PASS secret\r\n", "PASS xxxxxx\r\n"},
        {WIRE_CLIENT, "a1 LOGIN me secret\r\n", "a1 LOGIN xxxxxxxxx\r\n"},
        {WIRE_CLIENT, "auth login\r\n", "auth xxxxx\r\n"},
        {WIRE_SERVER, "334 VXNlcm5hbWU6\r\n", "334 VXNlcm5hbWU6\r\n"},
        {WIRE_CLIENT, "c2VjcmV0\r\n", "xxxxxxxx\r\n"},
        {WIRE_CLIENT, "STARTTLS\r\n", "STARTTLS\r\n"},
        {WIRE_CLIENT, "Proxy-Authorization: Basic eDp5\r\n", "Proxy-Authorization: xxxxxxxxxx\r\n"},
        {WIRE_SERVER, "Set-Cookie: a=b\r\n", "Set-Cookie: xxx\r\n"},
        {WIRE_CLIENT, "<auth mechanism='PLAIN'>AGE=</auth>", "<auth xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
    };
    bool after[2] = {false, false};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[100];
        size_t from = 0;
        size_t to = strlen(lines[i].line);
        memcpy(text, lines[i].line, to + 1);
        if (redact_text(lines[i].side, (const uint8_t *)text, &from, &to, &after[lines[i].side])) {
            memset(text + from, 'x', to - from);
        }
        assert_string_equal(text, lines[i].left);
    }
}

/* A line of a dialogue that was captured before TLS. */
static void a_password_of_a_capture_is_not_saved(void **state)
{
    static const char client[] = "EHLO me\r\nAUTH PLAIN AG1lAHNlY3JldA==\r\n";
    static const char greeting[] = "220 mail.example.test ESMTP\r\n";
    const struct trace_target target = {
        .input = "x", .host = "h", .port = 25, .client = "192.0.2.1:5", .server = "192.0.2.2:25"};
    struct trace *trace = trace_new(&target, 0);
    struct buffer file = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    assert_non_null(trace);
    conversation_bytes(trace, WIRE_SERVER, greeting, strlen(greeting));
    conversation_bytes(trace, WIRE_CLIENT, client, strlen(client));
    trace_finish(trace);
    save_redacted(trace, path, &file);
    assert_null(memmem(file.data, file.length, "AG1lAHNlY3JldA==", 16));
    buffer_free(&file);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_conversation_gives_anything_away),
        cmocka_unit_test(a_redacted_session_opens_as_the_same_conversation),
        cmocka_unit_test(passwords_in_clear_text_go),
        cmocka_unit_test(a_password_of_a_capture_is_not_saved),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
