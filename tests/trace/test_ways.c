/*
 * A conversation is the same on every way: from the index of a file, from a stream as it comes, from what was saved of
 * it with its secrets, and redacted as far as it is clear. With every capture of ../shared/data.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "command.h"
#include "figures.h"
#include "scratch.h"

#define DATA "../shared/data"

static char path[300];   /* of the capture at work */
static char keylog[300]; /* its key log; "" */

static struct trace_keys *new_keys(void)
{
    struct trace_keys *keys = trace_keys_new();

    assert_non_null(keys);
    if (keylog[0] != '\0') {
        assert_int_equal(trace_keys_add_keylog(keys, keylog, NULL), 0);
    }
    return keys;
}

static struct trace_capture *open_capture(const char *name, struct trace_keys *keys)
{
    enum capture_state state = CAPTURE_MORE;
    struct err err = {0};
    struct trace_capture *capture = trace_capture_open(name, keys, &err);

    if (capture == NULL) {
        fail_msg("%s: %s", name, err.text);
    }
    while (state == CAPTURE_MORE) {
        assert_int_equal(trace_capture_read(capture, clock_monotonic_ns() + 10000000, &state, &err),
                         0);
    }
    return capture;
}

static struct trace *trace_of(struct trace_capture *capture, size_t index)
{
    struct err err = {0};
    struct trace *trace = trace_capture_trace(capture, index, TRACE_DATA_LIMIT, &err);

    if (trace == NULL) {
        fail_msg("%s: %s", path, err.text);
    }
    return trace;
}

/* Figures that do not depend on where a packet stands in a file. */
static void expect_same(json_t *figures, json_t *other, const char *way)
{
    static const char *const compared[] = {
        "client",    "server",  "version",      "cipher", "group", "sni", "alpn",     "hello_retry",
        "handshake", "records", "certificates", "ja3",    "ja3s",  "ja4", "app_data", "clear_bytes",
    };

    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++) {
        if (!json_equal(json_object_get(figures, compared[i]),
                        json_object_get(other, compared[i]))) {
            char *first = json_dumps(json_object_get(figures, compared[i]), JSON_ENCODE_ANY);
            char *second = json_dumps(json_object_get(other, compared[i]), JSON_ENCODE_ANY);
            fail_msg("%s, %s: %s\n  %s\n  %s", path, way, compared[i], first, second);
        }
    }
}

/* ---- as a stream ----------------------------------------------------------------------------------------- */

struct streamed {
    struct trace_capture *capture;
    size_t count;
};

/* Rows wait where a secret comes after what it is for, and where bytes have been dropped by the end. */
static bool rows_wait(void)
{
    static const char *const names[] = {"var-dsb-late.pcapng", "var-snaplen.pcap",
                                        "zeek-tls1.2-late-protocol-error.pcap"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strstr(path, names[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Without secrets nothing is left to the end that a file has at once, and the phases are the same. */
static void expect_same_rows(struct trace *trace, struct trace *other)
{
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
    const struct trace_facts *others = trace_facts(other, SIZE_MAX);

    for (int phase = 0; phase < TRACE_PHASE_COUNT; phase++) {
        if (facts->phases[phase].state != others->phases[phase].state) {
            fail_msg("%s: phase %d: %d, %d", path, phase, facts->phases[phase].state,
                     others->phases[phase].state);
        }
    }
    assert_int_equal(trace_row_count(trace), trace_row_count(other));
    for (size_t i = 0; i < trace_row_count(trace) && !rows_wait(); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const struct trace_row *same = trace_row_at(other, i);
        if (row->from != same->from || strcmp(row->type, same->type) != 0) {
            fail_msg("%s: row %zu: %s, %s", path, i + 1, row->type, same->type);
        }
    }
}

static int compare_streamed(struct trace *trace, const struct trace_conversation *line, void *user)
{
    struct streamed *streamed = user;
    size_t index = 0;

    while (trace_capture_at(streamed->capture, index) != NULL &&
           trace_capture_at(streamed->capture, index)->stream != line->stream) {
        index++;
    }
    const struct trace_conversation *other = trace_capture_at(streamed->capture, index);
    assert_non_null(other);
    assert_string_equal(line->client, other->client);
    assert_string_equal(line->server, other->server);
    if (strcmp(line->verdict, other->verdict) != 0) {
        fail_msg("%s: stream %u: %s, %s", path, line->stream, line->verdict, other->verdict);
    }
    assert_string_equal(line->sni, other->sni);
    assert_int_equal(line->version, other->version);
    /* What comes again long after the end is not waited for. */
    assert_in_range(line->bytes[0], 0, other->bytes[0]);
    assert_in_range(line->bytes[1], 0, other->bytes[1]);
    /* No data is kept of a stream. */
    struct trace *indexed = trace_of(streamed->capture, index);
    json_t *figures = figures_of(trace);
    json_t *expected = figures_of(indexed);
    json_object_set_new(figures, "app_data", json_incref(json_object_get(expected, "app_data")));
    expect_same(expected, figures, "as a stream");
    expect_same_rows(trace, indexed);
    assert_int_equal(trace_facts(trace, SIZE_MAX)->application_data[0],
                     trace_facts(indexed, SIZE_MAX)->application_data[0]);
    assert_int_equal(trace_facts(trace, SIZE_MAX)->application_data[1],
                     trace_facts(indexed, SIZE_MAX)->application_data[1]);
    json_decref(figures);
    json_decref(expected);
    trace_free(indexed);
    trace_free(trace);
    streamed->count++;
    return 0;
}

static void expect_stream(struct trace_capture *capture)
{
    struct streamed streamed = {.capture = capture};
    struct trace_keys *keys = new_keys();
    struct err err = {0};

    if (trace_capture_stream(path, NULL, keys, compare_streamed, &streamed, NULL, &err) != 0) {
        fail_msg("%s: %s", path, err.text);
    }
    assert_int_equal(streamed.count, trace_capture_count(capture));
    trace_keys_free(keys);
}

/* ---- saved ------------------------------------------------------------------------------------------------ */

/* In a file of its own, without any other secrets. */
static void expect_saved(struct trace_capture *capture, size_t index, struct trace *trace)
{
    char saved[SCRATCH_PATH_MAX];
    struct err err = {0};

    scratch_path(saved, "saved.pcapng");
    if (trace_capture_save(capture, index, trace, saved, true, false, &err) != 0) {
        fail_msg("%s: %s", path, err.text);
    }
    assert_false(trace_is_session(saved));
    struct trace_capture *again = open_capture(saved, NULL);
    assert_int_equal(trace_capture_count(again), 1);
    struct trace *opened = trace_of(again, 0);
    json_t *figures = figures_of(trace);
    json_t *other = figures_of(opened);
    expect_same(figures, other, "saved");
    assert_int_equal(trace_event_count(opened), trace_event_count(trace));
    json_decref(figures);
    json_decref(other);
    trace_free(opened);
    trace_capture_close(again);
}

static void expect_session(struct trace *trace, bool redacted)
{
    char saved[SCRATCH_PATH_MAX];
    struct err err = {0};

    scratch_path(saved, "session.pcapng");
    if ((redacted ? trace_save_redacted : trace_save)(trace, saved, true, &err) != 0) {
        fail_msg("%s: %s", path, err.text);
    }
    assert_true(trace_is_session(saved));
    struct trace *opened = trace_open(saved, &err);
    assert_non_null(opened);
    assert_int_equal(trace_event_count(opened), trace_event_count(trace));
    json_t *figures = figures_of(trace);
    json_t *other = figures_of(opened);
    if (redacted) { /* what is encrypted has no names any more */
        const char *gone[] = {"handshake", "certificates", "app_data", "alpn", "cipher",
                              "group",     "ja3",          "ja3s",     "ja4"};
        for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
            json_object_set_new(other, gone[i], json_incref(json_object_get(figures, gone[i])));
        }
    }
    expect_same(figures, other, redacted ? "redacted" : "as a session");
    json_decref(figures);
    json_decref(other);
    trace_free(opened);
}

static void expect_all_ways(const char *name)
{
    const char *dot = strrchr(name, '.');

    (void)snprintf(path, sizeof path, DATA "/captures/%s", name); /* names are short */
    (void)snprintf(keylog, sizeof keylog, DATA "/keylogs/%.*s.keys.txt", (int)(dot - name), name);
    if (access(keylog, R_OK) != 0) {
        keylog[0] = '\0';
    }
    struct trace_capture *capture = open_capture(path, new_keys());
    for (size_t i = 0; i < trace_capture_count(capture); i++) {
        struct trace *trace = trace_of(capture, i);
        expect_saved(capture, i, trace);
        expect_session(trace, false);
        expect_session(trace, true);
        trace_free(trace);
    }
    expect_stream(capture);
    trace_capture_close(capture);
}

/* ---- for other programs -------------------------------------------------------------------------------- */

/* The hexadecimal of what one side sent, as tshark writes it: behind a tab when it did not speak first. */
static void expect_data(struct buffer *output, const struct trace *trace, enum wire_side side)
{
    struct buffer data = {0};
    char hex[17]; /* of the beginning: each record has a line of its own */

    assert_true(trace_application_data(trace, SIZE_MAX, side, 8, &data) || data.length == 8);
    assert_true(data.length > 0);
    text_hex(hex, sizeof hex, data.data, data.length);
    assert_true(command_count(output, hex) > 0);
    buffer_free(&data);
}

/* A master secret that came by way of another connection, a session id or an encrypted premaster secret stands in the saved file
 * in a form that everybody reads. */
static void tshark_decrypts_what_was_saved(void **state)
{
    static const struct {
        const char *file;
        const char *keylog;
        size_t index;
    } cases[] = {
        {"own-tls12-resume-id.pcapng", "own-tls12-resume-id", 1},
        {"own-tls12-resume-ticket.pcapng", "own-tls12-resume-ticket", 1},
        {"own-tls13-client-cert.pcapng", "own-tls13-client-cert", 0},
        {"wiki-grpc-tls.pcapng", "wiki-grpc-tls", 1},
        {"ws-rsasnakeoil2.pcap", "ws-rsasnakeoil2", 0},
        {"var-dsb-late.pcapng", "", 0},
    };

    (void)state;
    if (access(DATA "/captures", R_OK) != 0 || !command_exists("tshark")) {
        print_message("skipped: there is no " DATA "/captures, or no tshark\n");
        skip();
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer output = {0};
        char saved[SCRATCH_PATH_MAX];
        (void)snprintf(path, sizeof path, DATA "/captures/%s", cases[i].file); /* short names */
        (void)snprintf(keylog, sizeof keylog, DATA "/keylogs/%s.keys.txt", cases[i].keylog);
        if (cases[i].keylog[0] == '\0') {
            keylog[0] = '\0';
        }
        struct trace_capture *capture = open_capture(path, new_keys());
        struct trace *trace = trace_of(capture, cases[i].index);
        scratch_path(saved, "for-tshark.pcapng");
        assert_int_equal(
            trace_capture_save(capture, cases[i].index, trace, saved, true, false, NULL), 0);
        print_message("# %s\n", cases[i].file);
        assert_int_equal(command_run(&output,
                                     "timeout 60 env -u SSLKEYLOGFILE HOME=/nonexistent tshark -n "
                                     "-q -z follow,tls,raw,0 -r '%s' 2>&1",
                                     saved),
                         0);
        expect_data(&output, trace, WIRE_CLIENT);
        expect_data(&output, trace, WIRE_SERVER);
        buffer_free(&output);
        trace_free(trace);
        trace_capture_close(capture);
    }
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void a_conversation_is_the_same_on_every_way(void **state)
{
    struct dirent **names;
    int count = scandir(DATA "/captures", &names, is_file, alphasort);
    const char *only = getenv("TLSTEP_CAPTURE");

    (void)state;
    if (count < 0) {
        print_message("skipped: there is no " DATA "/captures\n");
        skip();
    }
    for (int i = 0; i < count; i++) {
        if (only == NULL || strcmp(only, names[i]->d_name) == 0) {
            expect_all_ways(names[i]->d_name);
        }
        free(names[i]);
    }
    free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conversation_is_the_same_on_every_way),
        cmocka_unit_test(tshark_decrypts_what_was_saved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
