/* Key-log files that grow while a capture is read: what was appended counts, in whole lines. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "keysource.h"
#include "recording.h"
#include "scratch.h"

/* A capture of one conversation, and a key log that is empty when it is first read. */
struct growing {
    char capture[SCRATCH_PATH_MAX];
    char keylog[SCRATCH_PATH_MAX];
    struct buffer lines; /* that will be in it */
    struct trace_keys *keys;
};

static void begin(struct growing *growing)
{
    struct buffer capture = {0};
    struct err err = {0};

    *growing = (struct growing){0};
    recording_begin(&capture);
    recording_add(&capture, "good", 50001, 0);
    (void)scratch_write(growing->capture, "one.pcap", capture.data, capture.length);
    buffer_free(&capture);
    recording_secrets(&growing->lines, "good");
    (void)scratch_write(growing->keylog, "growing.keys", "", 0);
    growing->keys = trace_keys_new();
    assert_non_null(growing->keys);
    assert_int_equal(trace_keys_add_keylog(growing->keys, growing->keylog, &err), 0);
    assert_true(keysource_is_empty(growing->keys));
}

static void end(struct growing *growing)
{
    buffer_free(&growing->lines);
    trace_keys_free(growing->keys);
}

static void append(const char *path, const void *data, size_t length, const char *mode)
{
    FILE *file = fopen(path, mode);

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static uint64_t refreshed(struct growing *growing)
{
    assert_int_equal(keysource_refresh(growing->keys), 0);
    return keysource_changes(growing->keys);
}

static void only_whole_lines_are_read(void **state)
{
    struct growing growing;
    (void)state;

    begin(&growing);
    const char *lines = (const char *)growing.lines.data;
    size_t first = strcspn(lines, "\n") + 1;
    append(growing.keylog, lines, first - 30, "a");
    assert_int_equal(refreshed(&growing), 0);
    append(growing.keylog, lines + first - 30, 30, "a");
    assert_int_equal(refreshed(&growing), 1);
    assert_int_equal(refreshed(&growing), 1); /* once */
    append(growing.keylog, lines + first, growing.lines.length - first, "a");
    uint64_t all = refreshed(&growing);
    assert_true(all > 1);
    append(growing.keylog, lines, first, "w"); /* written anew, and shorter */
    assert_int_equal(refreshed(&growing), all + 1);
    assert_int_equal(unlink(growing.keylog), 0);
    assert_int_equal(refreshed(&growing), all + 1);
    end(&growing);
}

/* What nobody would call a line does not stop what comes after it. */
static void a_line_without_end_is_passed_over(void **state)
{
    struct growing growing;
    char rubbish[5000];
    (void)state;

    begin(&growing);
    memset(rubbish, 'x', sizeof rubbish);
    append(growing.keylog, rubbish, sizeof rubbish, "a");
    assert_int_equal(refreshed(&growing), 0);
    append(growing.keylog, "\n", 1, "a");
    append(growing.keylog, growing.lines.data, growing.lines.length, "a");
    assert_true(refreshed(&growing) > 0);
    end(&growing);
}

static int expect_readable(struct trace *trace, const struct trace_conversation *line, void *user)
{
    size_t *count = user;

    (*count)++;
    assert_true(line->readable);
    assert_true(trace_facts(trace, SIZE_MAX)->has_secrets);
    trace_free(trace);
    return 0;
}

static void a_stream_is_opened_by_what_came_later(void **state)
{
    struct growing growing;
    struct err err = {0};
    size_t count = 0;
    (void)state;

    begin(&growing);
    append(growing.keylog, growing.lines.data, growing.lines.length, "a");
    assert_int_equal(trace_capture_stream(growing.capture, NULL, growing.keys, expect_readable,
                                          &count, NULL, &err),
                     0);
    assert_int_equal(count, 1);
    end(&growing);
}

/* Gives the FIFO the capture's bytes, which it has room for. */
static void fill(const char *fifo, const char *path)
{
    static char bytes[60000];
    FILE *file = fopen(path, "rb");
    int writer = open(fifo, O_WRONLY);

    assert_non_null(file);
    assert_true(writer >= 0);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    assert_true(length > 0 && length < sizeof bytes);
    assert_int_equal(write(writer, bytes, length), (ssize_t)length);
    assert_int_equal(close(writer), 0);
    assert_int_equal(fclose(file), 0);
}

static struct trace_capture *open_pipe(struct growing *growing)
{
    char fifo[SCRATCH_PATH_MAX];
    struct err err = {0};

    (void)unlink(scratch_path(fifo, "growing.fifo"));
    assert_int_equal(mkfifo(fifo, S_IRUSR | S_IWUSR), 0);
    struct trace_capture *capture = trace_capture_open(fifo, growing->keys, &err);
    assert_non_null(capture);
    growing->keys = NULL; /* the capture's */
    fill(fifo, growing->capture);
    return capture;
}

static void read_to_end(struct trace_capture *capture)
{
    enum capture_state state = CAPTURE_MORE;
    struct err err = {0};

    while (state != CAPTURE_DONE) {
        assert_int_equal(trace_capture_read(capture, INT64_MAX, &state, &err), 0);
    }
    assert_int_equal(trace_capture_count(capture), 1);
}

static void a_list_of_a_pipe_knows_what_came_later(void **state)
{
    struct growing growing;
    (void)state;

    begin(&growing);
    struct trace_capture *capture = open_pipe(&growing);
    append(growing.keylog, growing.lines.data, growing.lines.length, "a");
    read_to_end(capture);
    assert_true(trace_capture_at(capture, 0)->readable);
    trace_capture_close(capture);
    end(&growing);
}

/* Also when the list had been made before. */
static void a_trace_of_a_pipe_is_opened_by_what_came_later(void **state)
{
    struct growing growing;
    struct err err = {0};
    (void)state;

    begin(&growing);
    struct trace_capture *capture = open_pipe(&growing);
    read_to_end(capture);
    assert_false(trace_capture_at(capture, 0)->readable);
    append(growing.keylog, growing.lines.data, growing.lines.length, "a");
    struct trace *trace = trace_capture_trace(capture, 0, TRACE_DATA_LIMIT, &err);
    assert_non_null(trace);
    assert_true(trace_facts(trace, SIZE_MAX)->has_secrets);
    trace_free(trace);
    trace_capture_close(capture);
    end(&growing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_whole_lines_are_read),
        cmocka_unit_test(a_line_without_end_is_passed_over),
        cmocka_unit_test(a_stream_is_opened_by_what_came_later),
        cmocka_unit_test(a_list_of_a_pipe_knows_what_came_later),
        cmocka_unit_test(a_trace_of_a_pipe_is_opened_by_what_came_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
