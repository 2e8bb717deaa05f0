/* Application data is cut into lines that lose nothing, however wide the screen and whatever it is. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "data.h"

static struct trace *open_session(void)
{
    struct err err = {0};
    struct trace *trace = trace_open("tests/data/good.pcapng", &err);

    if (trace == NULL) {
        fail_msg("%s", err.text);
    }
    return trace;
}

/* All bytes of the lines, put together again. */
static void collect(const struct ui_data *data, struct buffer *out)
{
    for (size_t i = 0; i < data->count; i++) {
        const struct ui_data_line *line = &data->lines[i];
        size_t length;
        const uint8_t *bytes = ui_data_bytes(data->trace, &data->chunks[line->chunk], &length);
        if (line->kind == UI_DATA_BYTES) {
            assert_true(line->offset + line->length <= length);
            assert_true(line->length > 0);
            buffer_append(out, bytes + line->offset, line->length);
        }
    }
}

static void lines_hold_every_byte_once(void **state)
{
    struct trace *trace = open_session();
    size_t cursor = trace_event_count(trace);
    struct ui_data data = {0};

    (void)state;
    for (int columns = 1; columns < 200; columns += columns < 20 ? 1 : 30) {
        for (int form = 0; form < 6; form++) {
            struct buffer all = {0};
            const struct ui_data_form wanted = {.hex = form % 2 == 1,
                                                .columns = columns,
                                                .sides = form / 2 == 0 ? UI_DATA_BOTH
                                                         : form / 2 == 1
                                                             ? UI_DATA_SIDE(WIRE_CLIENT)
                                                             : UI_DATA_SIDE(WIRE_SERVER)};
            ui_data_update(&data, trace, cursor, &wanted);
            assert_false(data.failed);
            collect(&data, &all);
            assert_int_equal(all.length, form / 2 == 0 ? 110 + 501 : form / 2 == 1 ? 110 : 501);
            assert_memory_equal(all.data, form / 2 == 2 ? "HTTP/1.1 200" : "GET / HTTP/1", 12);
            buffer_free(&all);
        }
    }
    ui_data_free(&data);
    trace_free(trace);
}

/* Going forward extends, going back takes away: always what a fresh start would show. */
static void every_cursor_shows_what_had_been_said_by_then(void **state)
{
    struct trace *trace = open_session();
    const struct ui_data_form form = {.columns = 80, .sides = UI_DATA_BOTH};
    struct ui_data data = {0};
    size_t end = trace_event_count(trace), most = 0;

    (void)state;
    for (size_t step = 0; step < 2 * end; step++) {
        size_t cursor = step < end ? step : 2 * end - step;
        struct ui_data fresh = {0};
        ui_data_update(&data, trace, cursor, &form);
        ui_data_update(&fresh, trace, cursor, &form);
        assert_int_equal(data.count, fresh.count);
        most = data.count > most ? data.count : most;
        ui_data_free(&fresh);
    }
    assert_true(most > 10);
    ui_data_free(&data);
    trace_free(trace);
}

static void searching_goes_around_and_counts(void **state)
{
    struct trace *trace = open_session();
    const struct ui_data_form text = {.columns = 80, .sides = UI_DATA_BOTH};
    struct ui_data_form hex = {.columns = 16, .hex = true, .sides = UI_DATA_BOTH};
    struct ui_data data = {0};
    size_t which, count;
    long first, next;

    (void)state;
    ui_data_update(&data, trace, trace_event_count(trace), &text);
    first = ui_data_find(&data, 0, "connection: CLOSE", false, &which, &count);
    assert_true(first > 0);
    assert_int_equal(count, 2); /* the client's and the server's */
    assert_int_equal(which, 1);
    next = ui_data_find(&data, (size_t)first, "connection: close", false, &which, &count);
    assert_true(next > first);
    assert_int_equal(which, 2);
    assert_int_equal(ui_data_find(&data, (size_t)next, "connection: close", false, &which, &count),
                     first);
    assert_int_equal(ui_data_find(&data, (size_t)first, "connection: close", true, &which, &count),
                     next);
    assert_int_equal(ui_data_find(&data, 0, "nowhere", false, &which, &count), -1);
    ui_data_update(&data, trace, trace_event_count(trace), &hex);
    assert_int_equal(ui_data_find(&data, 0, "0d 0a 0d 0a", false, &which, &count) > 0, 1);
    assert_int_equal(count, 2); /* the end of each header */
    ui_data_free(&data);
    trace_free(trace);
}

static void saving_writes_what_was_said_and_replaces_nothing(void **state)
{
    struct trace *trace = open_session();
    char folder[] = "/tmp/tlstep-data.XXXXXX", path[64];
    struct buffer saved = {0};
    struct stat status;
    uint64_t written;
    struct err err = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/data", folder);
    assert_int_equal(ui_data_save(trace, trace_event_count(trace), UI_DATA_SIDE(WIRE_SERVER), path,
                                  &written, &err),
                     0);
    assert_int_equal(written, 501);
    assert_int_equal(file_read(path, "data", 10000, &saved, &err), 0);
    assert_int_equal(saved.length, 501);
    assert_memory_equal(saved.data, "HTTP/1.1 200 OK\r\n", 17);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(
        ui_data_save(trace, trace_event_count(trace), UI_DATA_BOTH, path, &written, &err), -1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    buffer_free(&saved);
    trace_free(trace);
}

static void text_is_told_from_other_data(void **state)
{
    struct trace *trace = open_session();

    (void)state;
    assert_false(ui_data_is_binary(trace, trace_event_count(trace)));
    assert_false(ui_data_is_binary(trace, 0)); /* nothing is no riddle */
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_hold_every_byte_once),
        cmocka_unit_test(every_cursor_shows_what_had_been_said_by_then),
        cmocka_unit_test(searching_goes_around_and_counts),
        cmocka_unit_test(saving_writes_what_was_said_and_replaces_nothing),
        cmocka_unit_test(text_is_told_from_other_data),
    };

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
