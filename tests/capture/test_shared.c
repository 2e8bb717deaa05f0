/*
 * Every capture of ../shared/data gives the figures that tshark gives: packets, TCP conversations with their ends, clear
 * bytes before TLS, and TLS records by type from a walk over each direction. A feed gives the same items as a
 * player. They lie outside the tree; without them this test is skipped.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "command.h"
#include "played.h"

#define DATA "../shared/data"

/* Where the walk differs from tshark for a reason. */
static const struct {
    const char *file;
    const char *why;
} walks_differ[] = {
    {"var-snaplen.pcap", "records are cut by the snap length"},
    {"var-missing-clienthello.pcap", "the first record is lost"},
    {"var-missing-segment.pcap", "tshark finds no records behind the gap"},
    {"ws-rsasnakeoil2.pcap", "the first record is in SSL 2.0 format"},
    {"zeek-ssl-v2.pcap", "SSL 2.0"},
    {"zeek-ssl.v3.pcap", "a ClientHello in SSL 2.0 format"},
};

static const char *why_walk_differs(const char *file)
{
    for (size_t i = 0; i < sizeof walks_differ / sizeof *walks_differ; i++) {
        if (strcmp(walks_differ[i].file, file) == 0) {
            return walks_differ[i].why;
        }
    }
    return NULL;
}

static void skip_without_data(void)
{
    if (access(DATA "/captures", R_OK) != 0) {
        print_message("skipped: there is no " DATA "/captures here\n");
        skip();
    }
}

/* The index of TCP conversation `stream`. */
static size_t find_stream(const struct capture *capture, uint32_t stream)
{
    for (size_t i = 0; i < capture_conversation_count(capture); i++) {
        const struct capture_conversation *found = capture_conversation_at(capture, i);
        if (found->transport == CAPTURE_TCP && found->stream == stream) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* Counts records by type as tshark does; stops where no record can be. */
static json_t *walk(const uint8_t *data, size_t length)
{
    json_t *counts = json_object();

    for (size_t at = 0; at + 5 <= length;) {
        size_t body = (size_t)data[at + 3] << 8 | data[at + 4];
        char type[8];
        if (data[at] < 20 || data[at] > 24 || data[at + 1] != 3 || at + 5 + body > length) {
            break;
        }
        (void)snprintf(type, sizeof type, "%u", data[at]);
        json_int_t count = json_integer_value(json_object_get(counts, type));
        assert_int_equal(json_object_set_new(counts, type, json_integer(count + 1)), 0);
        at += 5 + body;
    }
    return counts;
}

static void check_direction(const char *file, const json_t *expected, const char *side,
                            const struct buffer *bytes)
{
    const json_t *clear = json_object_get(json_object_get(expected, "clear_bytes"), side);
    const json_t *records = json_object_get(json_object_get(expected, "records"), side);

    if (!json_is_integer(clear) || why_walk_differs(file) != NULL) {
        return;
    }
    size_t start = (size_t)json_integer_value(clear);
    assert_true(start <= bytes->length);
    json_t *counts = walk(bytes->data + start, bytes->length - start);
    json_t *wanted = json_is_object(records) ? json_deep_copy(records) : json_object();
    if (!json_equal(counts, wanted)) {
        char *ours = json_dumps(counts, JSON_SORT_KEYS);
        char *theirs = json_dumps(wanted, JSON_SORT_KEYS);
        fail_msg("%s, %s: records %s instead of %s", file, side, ours, theirs);
    }
    json_decref(counts);
    json_decref(wanted);
}

/* tshark's figures have none around IPv6 addresses. */
static void without_brackets(char *text)
{
    char *out = text;

    for (; *text != '\0'; text++) {
        if (*text != '[' && *text != ']') {
            *out++ = *text;
        }
    }
    *out = '\0';
}

static void check_stream(const char *file, struct capture *capture, const json_t *expected)
{
    size_t index =
        find_stream(capture, (uint32_t)json_integer_value(json_object_get(expected, "stream")));
    struct buffer bytes[2] = {{0}, {0}};
    char ends[2][64];

    if (index == SIZE_MAX) {
        fail_msg("%s: no such stream", file);
    }
    const struct capture_conversation *found = capture_conversation_at(capture, index);
    const char *client = json_string_value(json_object_get(expected, "client"));
    const char *server = json_string_value(json_object_get(expected, "server"));
    for (int end = 0; end < 2; end++) {
        (void)capture_endpoint_text(ends[end], sizeof ends[end], &found->ends[end]); /* `out` */
        without_brackets(ends[end]);
    }
    int side = strcmp(ends[0], client) == 0 && strcmp(ends[1], server) == 0 ? 0 : 1;
    assert_string_equal(ends[side], client);
    assert_string_equal(ends[1 - side], server);
    assert_true(played_bytes(capture, index, bytes));
    check_direction(file, expected, "client", &bytes[side]);
    check_direction(file, expected, "server", &bytes[1 - side]);
    buffer_free(&bytes[0]);
    buffer_free(&bytes[1]);
}

static void check_file(const char *file)
{
    char path[400];
    struct err err = {0};
    json_error_t error;

    (void)snprintf(path, sizeof path, DATA "/expected/%s.json", file);
    json_t *expected = json_load_file(path, 0, &error);
    assert_non_null(expected);
    (void)snprintf(path, sizeof path, DATA "/captures/%s", file);
    struct capture *capture = played_open(path, &err);
    if (capture == NULL) {
        fail_msg("%s: %s", file, err.text);
    }
    json_t *packets = json_object_get(json_object_get(expected, "file"), "packets");
    if ((json_int_t)capture_packet_count(capture) != json_integer_value(packets)) {
        fail_msg("%s: %llu packets", file, (unsigned long long)capture_packet_count(capture));
    }
    size_t i;
    json_t *stream;
    json_array_foreach(json_object_get(expected, "streams"), i, stream)
    {
        if (strcmp(json_string_value(json_object_get(stream, "protocol")), "tls") == 0) {
            check_stream(file, capture, stream);
        }
    }
    capture_close(capture);
    json_decref(expected);
}

/* Calls `check` with each file name; how many there are. */
static int each_capture(void (*check)(const char *file))
{
    DIR *folder = opendir(DATA "/captures");
    const struct dirent *entry;
    int count = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            check(entry->d_name);
            count++;
        }
    }
    assert_int_equal(closedir(folder), 0);
    return count;
}

static void test_figures_are_those_of_tshark(void **state)
{
    (void)state;
    skip_without_data();
    print_message("%d captures\n", each_capture(check_file));
}

/* ---- from a pipe the same ---------------------------------------------------------------------------- */

static void check_feed(const char *file)
{
    char path[400];
    struct capture_feed_event event = {0};
    struct buffer *texts = NULL;
    size_t capacity = 0;
    size_t count = 0;

    (void)snprintf(path, sizeof path, DATA "/captures/%s", file);
    struct capture_feed *feed = capture_feed_open(path, NULL);
    assert_non_null(feed);
    do {
        assert_int_equal(capture_feed_next(feed, &event, NULL), 0);
        if (event.state != CAPTURE_FEED_ITEM || event.item.kind == CAPTURE_NOTE ||
            event.conversation.transport != CAPTURE_TCP) {
            continue;
        }
        texts = array_grow(texts, &capacity, event.conversation.stream + 1, sizeof *texts);
        assert_non_null(texts);
        for (; count <= event.conversation.stream; count++) {
            texts[count] = (struct buffer){0};
        }
        played_item(&texts[event.conversation.stream], &event.item);
    } while (event.state != CAPTURE_FEED_DONE);
    capture_feed_close(feed);

    struct capture *capture = played_open(path, NULL);
    assert_non_null(capture);
    for (uint32_t stream = 0; stream < count; stream++) {
        const char *text = played_text(capture, find_stream(capture, stream), false);
        const char *fed = texts[stream].length > 0 ? buffer_string(&texts[stream]) : "";
        if (strcmp(text, fed) != 0) {
            fail_msg("%s, stream %u: from a pipe %.300s", file, stream, fed);
        }
        buffer_free(&texts[stream]);
    }
    assert_int_equal(find_stream(capture, (uint32_t)count), SIZE_MAX);
    free(texts);
    capture_close(capture);
}

static void test_a_feed_gives_what_a_player_gives(void **state)
{
    (void)state;
    skip_without_data();
    (void)each_capture(check_feed); /* how many was said above */
}

/* ---- byte for byte ------------------------------------------------------------------------------------- */

/* Hexadecimal lines of `tshark -z follow,tcp,raw`; the second node's are indented. */
static void parse_follow(const char *line, struct buffer bytes[2])
{
    while (*line != '\0' && *line != '=') {
        int side = *line == '\t';
        const char *hex = line + side;
        size_t length = strcspn(hex, "\n");
        assert_true(buffer_reserve(&bytes[side], length / 2 + 1));
        long count = text_unhex(bytes[side].data + bytes[side].length, length / 2, hex, length);
        assert_true(count >= 0);
        bytes[side].length += (size_t)count;
        line = hex + length + (hex[length] == '\n');
    }
}

static void follow_with_tshark(const char *path, struct buffer bytes[2])
{
    struct buffer output = {0};

    (void)command_run(&output,
                      "timeout 60 env HOME=/nonexistent tshark -n -q -r '%s' "
                      "-z follow,tcp,raw,0 2>/dev/null",
                      path); /* what it printed is looked at */
    const char *text = strstr(buffer_string(&output), "Node 1: ");
    assert_non_null(text);
    parse_follow(strchr(text, '\n') + 1, bytes);
    buffer_free(&output);
}

static bool has_gap(const struct buffer *bytes)
{
    return bytes->length > 0 && memmem(bytes->data, bytes->length, " bytes missing]", 15) != NULL;
}

/* The first TCP stream of a capture, if it has one and it is whole. */
static void compare_with_tshark(const char *file)
{
    char path[400];
    struct buffer theirs[2] = {{0}, {0}};
    struct buffer ours[2] = {{0}, {0}};

    (void)snprintf(path, sizeof path, DATA "/captures/%s", file);
    struct capture *capture = played_open(path, NULL);
    size_t index = find_stream(capture, 0);
    if (index == SIZE_MAX) {
        capture_close(capture);
        return;
    }
    assert_true(played_bytes(capture, index, ours));
    if (!has_gap(&ours[0]) && !has_gap(&ours[1])) {
        follow_with_tshark(path, theirs);
        for (int side = 0; side < 2; side++) {
            size_t length = ours[side].length;
            if (length != theirs[side].length ||
                (length > 0 && memcmp(ours[side].data, theirs[side].data, length) != 0)) {
                fail_msg("%s, %c: %zu bytes, tshark has %zu", file, 'A' + side, length,
                         theirs[side].length);
            }
        }
    }
    for (int side = 0; side < 2; side++) {
        buffer_free(&ours[side]);
        buffer_free(&theirs[side]);
    }
    capture_close(capture);
}

/* A choice by default; all of them with CAPTURES=all, which takes minutes. */
static void test_bytes_are_those_of_tshark(void **state)
{
    (void)state;
    static const char *const files[] = {"var-reordered.pcap",        "var-retransmitted-late.pcap",
                                        "var-overlapping.pcap",      "var-ip-fragments.pcap",
                                        "var-seq-wrap.pcap",         "fmt-tcp-fast-open.pcap",
                                        "fmt-tcp-retransmit.pcapng", "zeek-geneve-tls.pcap"};

    skip_without_data();
    command_need("tshark");
    if (getenv("CAPTURES") != NULL) {
        print_message("%d captures\n", each_capture(compare_with_tshark));
        return;
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        compare_with_tshark(files[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures_are_those_of_tshark),
        cmocka_unit_test(test_a_feed_gives_what_a_player_gives),
        cmocka_unit_test(test_bytes_are_those_of_tshark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
