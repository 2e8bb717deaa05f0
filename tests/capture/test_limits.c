/* Memory may run out at any allocation, players may run in many threads, and reading takes no more memory
 * than was promised. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/capture/conversations.h"
#include "../../src/capture/packet_list.h"
#include "packets.h"
#include "played.h"
#include "scarcity.h"
#include "scratch.h"

/* IP fragments, disorder, gaps, UDP, secrets and comments: whatever allocates. */
static void make_file(char path[SCRATCH_PATH_MAX])
{
    static const struct packets_tcp segments[] = {
        {.seq = 1000, .flags = PACKETS_SYN},
        {.seq = 1010, .flags = PACKETS_ACK, .data = "later", .length = 5},
        {.seq = 1005, .flags = PACKETS_ACK, .data = "then", .length = 4},
        {.seq = 1001, .flags = PACKETS_ACK, .data = "now,", .length = 4},
        {.port = 7, .seq = 1, .flags = PACKETS_ACK, .data = "other", .length = 5},
        {.from_server = true, .seq = 1, .ack = 1015, .flags = PACKETS_ACK},
        {.seq = 1015, .flags = PACKETS_ACK | PACKETS_FIN},
    };
    struct packets_file file = {0};
    struct buffer body = {0};
    struct buffer options = {0};
    struct buffer packet = {0};

    packets_section(&file);
    packets_interface(&file, 101, NULL);
    packets_put32(&file, &body, 0x544c534b);
    packets_put32(&file, &body, 4);
    buffer_text(&body, "key\n");
    packets_block(&file, 10, &body);
    packets_option(&file, &options, 1, "comment", 7);
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        packet.length = 0;
        packets_tcp(&packet, &segments[i]);
        packets_enhanced(&file, 0, i, &packet, packet.length, i == 0 ? &options : NULL);
    }
    packet.length = 0;
    packets_udp(&packet, 9, 4433, "0123456789abcdef", 16);
    packet.length -= 8;
    packet.data[6] = 0x20; /* more to come, which never does */
    packet.data[3] = (uint8_t)packet.length;
    packets_enhanced(&file, 0, 99, &packet, packet.length, NULL);
    scratch_write(path, "limits.pcapng", file.bytes.data, file.bytes.length);
    buffer_free(&file.bytes);
    buffer_free(&body);
    buffer_free(&options);
    buffer_free(&packet);
}

static int visit(const char *comment, size_t length, void *user)
{
    (void)comment, (void)length, (void)user;
    return 0;
}

static int play(struct capture *capture, size_t index, struct err *err)
{
    struct capture_player *player = capture_player_new(capture, index, err);
    struct capture_item item;
    int result = player != NULL ? 1 : -1;

    while (result > 0) {
        result = capture_player_next(player, &item, err);
    }
    capture_player_free(player);
    return result;
}

/* All there is to do with a capture. -1 with `err`. */
static int do_everything(const char *path, const char *copy, struct err *err)
{
    enum capture_state state = CAPTURE_MORE;
    struct capture *capture = capture_open(path, err);
    int result = capture != NULL ? 0 : -1;

    while (result == 0 && state == CAPTURE_MORE) {
        result = capture_read(capture, INT64_MAX, &state, err);
    }
    for (size_t i = 0; result == 0 && i < capture_conversation_count(capture); i++) {
        result = play(capture, i, err);
    }
    if (result == 0) {
        result = capture_comments(capture, "", visit, NULL, err);
    }
    struct capture_writer *writer =
        result == 0 ? capture_writer_new(copy, true, 101, 100, "about", err) : NULL;
    if (writer != NULL) {
        result = capture_writer_secrets(writer, "key\n", 4, err);
        if (result == 0) {
            result = capture_copy_conversation(capture, 0, writer, err);
        }
        if (capture_writer_close(writer, result == 0 ? err : NULL) != 0) {
            result = -1;
        }
    } else {
        result = -1;
    }
    capture_close(capture);
    return result;
}

static int feed_everything(const char *path, const char *copy, struct err *err)
{
    struct capture_feed *feed = capture_feed_open(path, err);
    struct capture_feed_event event = {0};
    int result = feed != NULL ? 0 : -1;

    (void)copy;
    while (result == 0 && event.state != CAPTURE_FEED_DONE) {
        result = capture_feed_next(feed, &event, err);
    }
    capture_feed_close(feed);
    return result;
}

static void starve(int (*work)(const char *path, const char *copy, struct err *err))
{
    char path[SCRATCH_PATH_MAX];
    char copy[SCRATCH_PATH_MAX];
    bool refused = true;
    unsigned long count = 0;
    int silent = 0;

    make_file(path);
    scratch_path(copy, "copy.pcapng");
    for (; refused; count++) {
        struct err err = {0};
        scarcity_begin(count);
        int result = work(path, copy, &err);
        refused = scarcity_end();
        if (refused && result == 0) {
            silent++;
        } else if (refused) {
            assert_string_equal(err.code, "out_of_memory");
        } else {
            assert_int_equal(result, 0);
        }
    }
    assert_true(count > 10);
    assert_true(silent <= 2); /* vasprintf() gives memory back, and need not be able to */
}

static void test_memory_that_runs_out_is_told(void **state)
{
    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
    starve(do_everything);
    starve(feed_everything);
}

/* ---- threads ------------------------------------------------------------------------------------------ */

struct job {
    struct capture *capture;
    size_t first;
    size_t failures;
};

static void *run(void *argument)
{
    struct job *job = argument;

    for (int round = 0; round < 20; round++) {
        for (size_t i = job->first; i < job->first + 2; i++) {
            job->failures += play(job->capture, i % 2, NULL) != 0;
        }
    }
    return NULL;
}

static void test_players_of_one_capture_in_many_threads(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_MAX];
    pthread_t threads[4];
    struct job jobs[4];

    make_file(path);
    struct capture *capture = played_open(path, NULL);
    assert_non_null(capture);
    assert_int_equal(capture_conversation_count(capture), 2);
    for (size_t i = 0; i < 4; i++) {
        jobs[i] = (struct job){.capture = capture, .first = i};
        assert_int_equal(pthread_create(&threads[i], NULL, run, &jobs[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(jobs[i].failures, 0);
    }
    capture_close(capture);
}

/* ---- sizes -------------------------------------------------------------------------------------------- */

static void test_what_a_packet_and_a_conversation_take(void **state)
{
    (void)state;
    assert_true(sizeof(struct packet_ref) <= 24);
    assert_true(sizeof(struct conversation) <= 200);
}

/* 64 MiB claimed and not there. */
static void test_a_claimed_length_takes_no_memory(void **state)
{
    (void)state;
    struct packets_file file = {0};
    char path[SCRATCH_PATH_MAX];

    if (!scarcity_works()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
    packets_section(&file);
    packets_put32(&file, &file.bytes, 10);
    packets_put32(&file, &file.bytes, 64 * 1024 * 1024);
    scratch_write(path, "claimed.pcapng", file.bytes.data, file.bytes.length);
    struct capture *capture = played_open(path, NULL);
    assert_non_null(capture);
    assert_true(capture_truncated(capture));
    capture_close(capture);
    FILE *status = fopen("/proc/self/status", "r");
    char line[200];
    long peak = -1;
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            peak = strtol(line + 6, NULL, 10);
        }
    }
    if (status != NULL) {
        assert_int_equal(fclose(status), 0);
    }
    assert_true(peak > 0 && peak < 48 * 1024);
    buffer_free(&file.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_claimed_length_takes_no_memory),
        cmocka_unit_test(test_memory_that_runs_out_is_told),
        cmocka_unit_test(test_players_of_one_capture_in_many_threads),
        cmocka_unit_test(test_what_a_packet_and_a_conversation_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
