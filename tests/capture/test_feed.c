/* Pipes: read without ever waiting, the same items as from a file, conversations told when they end. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "packets.h"
#include "played.h"
#include "scratch.h"

static void add(struct packets_file *file, uint32_t seconds, const struct packets_tcp *tcp)
{
    struct buffer packet = {0};

    packets_tcp(&packet, tcp);
    packets_pcap_add(file, seconds, 0, &packet, packet.length);
    buffer_free(&packet);
}

static void add_connection(struct packets_file *file, uint32_t seconds, uint16_t port, bool close)
{
    const struct packets_tcp segments[] = {
        {.port = port, .seq = 1000, .flags = PACKETS_SYN},
        {.port = port,
         .from_server = true,
         .seq = 50,
         .ack = 1001,
         .flags = PACKETS_SYN | PACKETS_ACK},
        {.port = port, .seq = 1006, .ack = 51, .flags = PACKETS_ACK, .data = "world", .length = 5},
        {.port = port, .seq = 1001, .ack = 51, .flags = PACKETS_ACK, .data = "hello", .length = 5},
        {.port = port, .seq = 1011, .ack = 51, .flags = PACKETS_ACK | PACKETS_FIN},
        {.port = port,
         .from_server = true,
         .seq = 51,
         .ack = 1012,
         .flags = PACKETS_ACK | PACKETS_FIN},
        {.port = port, .seq = 1012, .ack = 52, .flags = PACKETS_ACK},
    };
    size_t count = close ? sizeof segments / sizeof *segments : 4;

    for (size_t i = 0; i < count; i++) {
        add(file, seconds, &segments[i]);
    }
}

/* Everything a feed says until it waits or is done, in words: "0: A SYN; closed 0; …" */
static enum capture_feed_state drain(struct capture_feed *feed, struct buffer *text)
{
    struct capture_feed_event event;
    struct err err = {0};

    for (;;) {
        assert_int_equal(capture_feed_next(feed, &event, &err), 0);
        struct buffer item = {0};
        switch (event.state) {
        case CAPTURE_FEED_ITEM:
            if (*event.slot == NULL) {
                *event.slot = malloc(1);
            }
            played_item(&item, &event.item);
            buffer_printf(text, "%u: %s; ", event.conversation.stream, buffer_string(&item));
            break;
        case CAPTURE_FEED_CLOSED:
            free(*event.slot);
            *event.slot = NULL;
            buffer_printf(text, "closed %u; ", event.conversation.stream);
            break;
        case CAPTURE_FEED_SECRETS:
            buffer_printf(text, "secrets %.*s; ", (int)event.item.length, event.item.data);
            break;
        default:
            return event.state;
        }
        buffer_free(&item);
    }
}

#define REST(n) \
    n ": B SYN+ACK; " n ": A ACK; " n ": A (out of order); " n ": A \"hello\"; " n ": A \"world\"; "
#define OPENING(n) n ": A SYN; " REST(n)
#define CLOSING(n) n ": A FIN; " n ": B FIN; "

static void write_bytes(int fd, const struct buffer *bytes, size_t from, size_t to)
{
    assert_int_equal(write(fd, bytes->data + from, to - from), (ssize_t)(to - from));
}

static void test_a_pipe_is_read_as_it_comes(void **state)
{
    (void)state;
    struct packets_file file = {0};
    char path[SCRATCH_PATH_MAX];
    struct buffer text = {0};
    struct err err = {0};

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    add_connection(&file, 1, 100, true);
    assert_int_equal(mkfifo(scratch_path(path, "pipe"), S_IRUSR | S_IWUSR), 0);
    struct capture_feed *feed = capture_feed_open(path, &err);
    assert_non_null(feed);
    assert_int_equal(drain(feed, &text), CAPTURE_FEED_WAIT); /* nobody writes yet */
    int writer = open(path, O_WRONLY);
    assert_true(writer >= 0);
    assert_int_equal(drain(feed, &text), CAPTURE_FEED_WAIT);
    for (size_t i = 0; i < file.bytes.length; i++) {
        write_bytes(writer, &file.bytes, i, i + 1);
        assert_int_equal(drain(feed, &text), CAPTURE_FEED_WAIT);
    }
    assert_string_equal(buffer_string(&text), OPENING("0") CLOSING("0"));
    assert_int_equal(close(writer), 0);
    assert_int_equal(drain(feed, &text), CAPTURE_FEED_DONE);
    assert_int_equal(drain(feed, &text), CAPTURE_FEED_DONE);
    assert_string_equal(buffer_string(&text), OPENING("0") CLOSING("0") "closed 0; ");
    capture_feed_close(feed);
    buffer_free(&text);
    buffer_free(&file.bytes);
}

/* The same pipe, kept: the index grows, and players go on where they were. */
static void test_a_pipe_that_is_kept_grows(void **state)
{
    (void)state;
    struct packets_file file = {0};
    char path[SCRATCH_PATH_MAX];
    struct buffer text = {0};
    struct err err = {0};
    struct capture_player *player = NULL;
    enum capture_state now = CAPTURE_MORE;
    struct capture_item item;

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    add_connection(&file, 1, 100, true);
    assert_int_equal(mkfifo(scratch_path(path, "kept"), S_IRUSR | S_IWUSR), 0);
    struct capture *capture = capture_open(path, &err);
    assert_non_null(capture);
    assert_true(capture_fd(capture) >= 0);
    int writer = open(path, O_WRONLY);
    assert_true(writer >= 0);
    for (size_t i = 0; i <= file.bytes.length; i++) {
        if (i < file.bytes.length) {
            write_bytes(writer, &file.bytes, i, i + 1);
        } else {
            assert_int_equal(close(writer), 0);
        }
        assert_int_equal(capture_read(capture, INT64_MAX, &now, &err), 0);
        assert_int_equal(now, i < file.bytes.length ? CAPTURE_WAIT : CAPTURE_DONE);
        if (player == NULL && capture_conversation_count(capture) > 0) {
            player = capture_player_new(capture, 0, &err);
        }
        while (player != NULL && capture_player_next(player, &item, &err) > 0) {
            played_item(&text, &item);
        }
    }
    assert_string_equal(buffer_string(&text), "A SYN, B SYN+ACK, A ACK, A (out of order), "
                                              "A \"helloworld\", A FIN, B FIN");
    capture_player_free(player);
    capture_close(capture);
    buffer_free(&text);
    buffer_free(&file.bytes);
}

static void feed_of(struct packets_file *file, struct buffer *text)
{
    char path[SCRATCH_PATH_MAX];

    scratch_write(path, "feed", file->bytes.data, file->bytes.length);
    struct capture_feed *feed = capture_feed_open(path, NULL);
    assert_non_null(feed);
    assert_int_equal(drain(feed, text), CAPTURE_FEED_DONE);
    capture_feed_close(feed);
    buffer_free(&file->bytes);
}

/* A second after its end by the packets' time; without an end with the input, in order. */
static void test_conversations_are_told_when_they_end(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer text = {0};

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    add_connection(&file, 1, 100, true);
    add_connection(&file, 2, 101, false);
    add_connection(&file, 4, 102, false);
    feed_of(&file, &text);
    assert_string_equal(buffer_string(&text),
                        OPENING("0") CLOSING("0")
                            OPENING("1") "2: A SYN; closed 0; " REST("2") "closed 1; closed 2; ");
    buffer_free(&text);
}

static void test_ten_minutes_without_a_packet_are_an_end(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer text = {0};

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    add_connection(&file, 1000, 100, false);
    add_connection(&file, 1599, 101, false);
    add_connection(&file, 1601, 102, false);
    add(&file, 1601, &(struct packets_tcp){.port = 103, .flags = PACKETS_SYN});
    feed_of(&file, &text);
    assert_string_equal(buffer_string(&text), OPENING("0") OPENING("1") "2: A SYN; closed 0; " REST(
                                                  "2") "3: A SYN; closed 1; closed 2; closed 3; ");
    buffer_free(&text);
}

/* What comes after the end of a conversation is neither a new one nor of one that reuses its ports. */
static void test_what_comes_late_is_no_new_conversation(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer text = {0};

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    add_connection(&file, 1, 100, true);
    add_connection(&file, 4, 101, false);
    add(&file, 5, &(struct packets_tcp){.port = 100, .seq = 1012, .ack = 52, .flags = PACKETS_ACK});
    add(&file, 5, &(struct packets_tcp){.port = 100, .seq = 9000, .flags = PACKETS_SYN});
    add(&file, 5, &(struct packets_tcp){.port = 101, .seq = 9000, .flags = PACKETS_SYN});
    feed_of(&file, &text);
    assert_string_equal(buffer_string(&text),
                        OPENING("0") CLOSING("0") "1: A SYN; closed 0; " REST(
                            "1") "2: A SYN; closed 1; 3: A SYN; closed 2; closed 3; ");
    buffer_free(&text);
}

static void test_more_open_conversations_than_are_kept(void **state)
{
    (void)state;
    struct packets_file file = {0};
    char path[SCRATCH_PATH_MAX];
    struct capture_feed_event event;
    uint32_t next = 0;

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    for (uint32_t i = 0; i < 66000; i++) {
        struct buffer packet = {0};
        packets_tcp(&packet,
                    &(struct packets_tcp){.port = (uint16_t)(i % 60000 + 1), .flags = PACKETS_SYN});
        packet.data[12] = (uint8_t)(1 + i / 60000); /* another client */
        packets_pcap_add(&file, 1, 0, &packet, packet.length);
        buffer_free(&packet);
    }
    scratch_write(path, "many", file.bytes.data, file.bytes.length);
    struct capture_feed *feed = capture_feed_open(path, NULL);
    do {
        assert_int_equal(capture_feed_next(feed, &event, NULL), 0);
        if (event.state == CAPTURE_FEED_CLOSED) {
            assert_int_equal(event.conversation.stream, next++);
        }
    } while (event.state != CAPTURE_FEED_DONE);
    assert_int_equal(next, 66000);
    capture_feed_close(feed);
    buffer_free(&file.bytes);
}

static void test_secrets_come_with_the_stream(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer body = {0};
    struct buffer text = {0};

    packets_section(&file);
    packets_put32(&file, &body, 0x544c534b);
    packets_put32(&file, &body, 5);
    buffer_append(&body, "lines\0\0\0", 8);
    packets_block(&file, 10, &body);
    feed_of(&file, &text);
    assert_string_equal(buffer_string(&text), "secrets lines; ");
    buffer_free(&body);
    buffer_free(&text);
}

static void test_a_pipe_without_a_capture(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_MAX];
    struct capture_feed_event event;
    struct err err = {0};

    scratch_write(path, "words", "these are words", 15);
    struct capture_feed *feed = capture_feed_open(path, NULL);
    assert_non_null(feed);
    assert_int_equal(capture_feed_next(feed, &event, &err), -1);
    assert_string_equal(err.code, "not_a_capture");
    capture_feed_close(feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pipe_is_read_as_it_comes),
        cmocka_unit_test(test_a_pipe_that_is_kept_grows),
        cmocka_unit_test(test_conversations_are_told_when_they_end),
        cmocka_unit_test(test_ten_minutes_without_a_packet_are_an_end),
        cmocka_unit_test(test_what_comes_late_is_no_new_conversation),
        cmocka_unit_test(test_more_open_conversations_than_are_kept),
        cmocka_unit_test(test_secrets_come_with_the_stream),
        cmocka_unit_test(test_a_pipe_without_a_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
