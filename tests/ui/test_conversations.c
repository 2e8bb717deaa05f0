/* The list of conversations: what a filter keeps, typed or at once, and every order of every column. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conversations.h"
#include "scratch.h"

static const char *const sessions[] = {"tests/data/good.pcapng", "tests/data/tls12.pcapng",
                                       "tests/data/expired.pcapng",
                                       "tests/data/hello-retry.pcapng"};
#define SESSIONS (sizeof sessions / sizeof sessions[0])

/* Sections of pcapng one after the other are one capture. */
static struct trace_capture *open_all(void)
{
    char path[SCRATCH_PATH_MAX];
    int fd = open(scratch_write(path, "all.pcapng", "", 0), O_WRONLY | O_CLOEXEC);
    struct trace_capture *capture;
    enum capture_state state = CAPTURE_MORE;
    struct err err = {0};

    assert_true(fd >= 0);
    for (size_t i = 0; i < SESSIONS; i++) {
        FILE *file = fopen(sessions[i], "rb");
        char bytes[4096];
        size_t got;
        assert_non_null(file);
        while ((got = fread(bytes, 1, sizeof bytes, file)) > 0) {
            assert_int_equal(file_write_all(fd, bytes, got, "capture", &err), 0);
        }
        assert_int_equal(fclose(file), 0);
    }
    capture = trace_capture_open(path, NULL, &err);
    if (capture == NULL) {
        fail_msg("%s", err.text);
    }
    while (state != CAPTURE_DONE) {
        assert_int_equal(trace_capture_read(capture, clock_monotonic_ns() + 1000000, &state, &err),
                         0);
    }
    assert_int_equal(close(fd), 0);
    assert_int_equal(trace_capture_count(capture), SESSIONS);
    return capture;
}

static void more_letters_find_what_all_of_them_find_at_once(void **state)
{
    static const char filter[] = "TLS 1.3 lab retry";
    struct trace_capture *capture = open_all();
    struct ui_conversations typed = {0}, whole = {0};
    char letters[sizeof filter] = "";

    (void)state;
    (void)ui_conversations_update(&typed, capture, false);
    (void)ui_conversations_update(&whole, capture, false);
    assert_int_equal(typed.count, SESSIONS);
    for (size_t i = 0; filter[i] != '\0'; i++) {
        letters[i] = filter[i];
        ui_conversations_filter(&typed, letters);
        ui_conversations_filter(&whole, "");
        ui_conversations_filter(&whole, letters);
        assert_int_equal(typed.count, whole.count);
        for (size_t place = 0; place < typed.count; place++) {
            assert_int_equal(ui_conversations_at(&typed, place),
                             ui_conversations_at(&whole, place));
        }
    }
    assert_int_equal(typed.count, 1);
    assert_string_equal(trace_capture_at(capture, ui_conversations_at(&typed, 0))->sni,
                        "hello-retry.lab.tlstep.test");
    ui_conversations_free(&typed);
    ui_conversations_free(&whole);
    trace_capture_close(capture);
}

static void every_order_has_every_conversation_once(void **state)
{
    struct trace_capture *capture = open_all();
    struct ui_conversations list = {0};

    (void)state;
    (void)ui_conversations_update(&list, capture, false);
    for (int i = 0; i < 2 * UI_CONVERSATION_COLUMNS; i++) {
        unsigned seen = 0;
        ui_conversations_sort(&list, (enum ui_conversation_column)(i / 2), i % 2 != 0);
        assert_int_equal(list.count, SESSIONS);
        for (size_t place = 0; place < list.count; place++) {
            size_t index = ui_conversations_at(&list, place);
            seen |= 1u << index;
            assert_int_equal(ui_conversations_place(&list, index), place);
        }
        assert_int_equal(seen, (1u << SESSIONS) - 1);
    }
    ui_conversations_free(&list);
    trace_capture_close(capture);
}

static void what_is_not_known_stands_last_both_ways(void **state)
{
    struct trace_capture *capture = open_all();
    struct ui_conversations list = {0};

    (void)state;
    (void)ui_conversations_update(&list, capture, false);
    /* TLS 1.2 is one of four; by version it is first and last. */
    ui_conversations_sort(&list, UI_CONVERSATION_VERSION, false);
    assert_int_equal(trace_capture_at(capture, ui_conversations_at(&list, 0))->version, 0x0303);
    ui_conversations_sort(&list, UI_CONVERSATION_VERSION, true);
    assert_int_equal(trace_capture_at(capture, ui_conversations_at(&list, 3))->version, 0x0303);
    /* Nobody offered ALPN: nothing is known of it, and the order of the capture stays. */
    for (int descending = 0; descending < 2; descending++) {
        ui_conversations_sort(&list, UI_CONVERSATION_ALPN, descending != 0);
        for (size_t place = 0; place < list.count; place++) {
            assert_string_equal(trace_capture_at(capture, place)->alpn, "");
            assert_int_equal(ui_conversations_at(&list, place), place);
        }
    }
    ui_conversations_free(&list);
    trace_capture_close(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_letters_find_what_all_of_them_find_at_once),
        cmocka_unit_test(every_order_has_every_conversation_once),
        cmocka_unit_test(what_is_not_known_stands_last_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
