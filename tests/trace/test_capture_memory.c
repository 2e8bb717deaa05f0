/* Memory that runs out while a capture is read: said, or something is missing that can be missing, but never a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scarcity.h"
#include "scratch.h"
#include "tlstep/trace.h"

/* Sessions that tlstep saved are captures, too: packets, secrets, comments. */
static const char *const files[] = {
    "tests/data/good.pcapng",
    "tests/data/tls12.pcapng",
    "tests/data/hello-retry.pcapng",
};

/* Each returns 0, or -1 with `err`. */
typedef int (*work_function)(const char *path, const char *copy, struct err *err);

static struct trace_keys *make_keys(struct err *err)
{
    static const char lines[] = "CLIENT_RANDOM 00 11\nnonsense\n";
    struct trace_keys *keys = trace_keys_new();

    if (keys == NULL) {
        err_memory(err, "reading secrets");
        return NULL;
    }
    if (trace_keys_add_lines(keys, lines, sizeof lines - 1) != 0) {
        trace_keys_free(keys);
        err_memory(err, "reading secrets");
        return NULL;
    }
    if (trace_keys_add_psk(keys, "00112233445566778899aabbccddeeff", err) != 0) {
        trace_keys_free(keys);
        return NULL;
    }
    return keys;
}

static int open_and_save(const char *path, const char *copy, struct err *err)
{
    enum capture_state state = CAPTURE_MORE;
    struct trace_keys *keys = make_keys(err);
    struct trace_capture *capture = keys != NULL ? trace_capture_open(path, keys, err) : NULL;
    int result = capture != NULL ? 0 : -1;

    while (result == 0 && state != CAPTURE_DONE) {
        result = trace_capture_read(capture, INT64_MAX, &state, err);
    }
    struct trace *trace =
        result == 0 ? trace_capture_trace(capture, 0, TRACE_DATA_LIMIT, err) : NULL;
    if (trace == NULL || trace_capture_save(capture, 0, trace, copy, true, false, err) != 0 ||
        trace_capture_save(capture, 0, trace, copy, true, true, err) != 0) {
        result = -1;
    }
    trace_free(trace);
    trace_capture_close(capture);
    return result;
}

static int take(struct trace *trace, const struct trace_conversation *conversation, void *user)
{
    size_t *taken = user;

    assert_non_null(conversation->verdict);
    *taken += trace_row_count(trace) > 0;
    trace_free(trace);
    return 0;
}

static int stream(const char *path, const char *copy, struct err *err)
{
    struct trace_keys *keys = make_keys(err);
    size_t taken = 0;

    (void)copy;
    if (keys == NULL) {
        return -1;
    }
    int result = trace_capture_stream(path, NULL, keys, take, &taken, NULL, err);
    trace_keys_free(keys);
    return result;
}

/* The work is done again and again, and each time one allocation later fails. */
static void starve(work_function work, const char *path)
{
    char copy[SCRATCH_PATH_MAX];
    unsigned long count = 0;
    unsigned failed = 0;
    bool refused = true;

    scratch_path(copy, "copy.pcapng");
    while (refused) {
        struct err err = {0};
        scarcity_begin(count);
        int result = work(path, copy, &err);
        refused = scarcity_end();
        if (result != 0) {
            assert_true(refused);
            if (err.class != ERR_MEMORY) {
                fail_msg("%s, allocation %lu: %s", path, count, err.text);
            }
            failed++;
        }
        count += count < 400 ? 1 : 7; /* packets are all alike */
    }
    print_message("# %s: %lu allocations, %u failures\n", path, count, failed);
    assert_true(failed > 30);
}

static void starve_all(work_function work)
{
    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        starve(work, files[i]);
    }
}

static void a_capture_is_read_and_saved_or_the_lack_is_said(void **state)
{
    (void)state;
    starve_all(open_and_save);
}

static void a_stream_goes_on_or_the_lack_is_said(void **state)
{
    (void)state;
    starve_all(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_capture_is_read_and_saved_or_the_lack_is_said),
        cmocka_unit_test(a_stream_goes_on_or_the_lack_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
