/* TCP streams: whatever happens to the segments on the way, the bytes come once and in order, and what is
 * missing is told to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packets.h"
#include "played.h"
#include "scratch.h"

/* ---- given segments ------------------------------------------------------------------------------ */

#define CLIENT  .from_server = false
#define SERVER  .from_server = true
#define DATA(s) .data = (s), .length = sizeof(s) - 1
#define HANDSHAKE                                                               \
    {CLIENT, .seq = 1000, .flags = PACKETS_SYN},                                \
        {SERVER, .seq = 5000, .ack = 1001, .flags = PACKETS_SYN | PACKETS_ACK}, \
    {                                                                           \
        CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK                  \
    }
#define HANDSHAKE_TEXT "A SYN, B SYN+ACK, A ACK"
#define CASE_MAX       16

struct stream_case {
    const char *name;
    struct packets_tcp segments[CASE_MAX]; /* up to one without flags */
    const char *text;
    bool notes;
};

static const struct stream_case cases[] = {
    {"in order",
     {HANDSHAKE,
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")},
      {SERVER, .seq = 5001, .ack = 1004, .flags = PACKETS_ACK, DATA("xyz")},
      {CLIENT, .seq = 1004, .ack = 5004, .flags = PACKETS_ACK | PACKETS_FIN},
      {SERVER, .seq = 5004, .ack = 1005, .flags = PACKETS_ACK | PACKETS_FIN}},
     HANDSHAKE_TEXT ", A \"abc\", B \"xyz\", A FIN, B FIN",
     true},
    {"out of order",
     {HANDSHAKE,
      {CLIENT, .seq = 1004, .flags = PACKETS_ACK, .ack = 5001, DATA("def")},
      {CLIENT, .seq = 1007, .flags = PACKETS_ACK, .ack = 5001, DATA("ghi")},
      {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 5001, DATA("abc")}},
     HANDSHAKE_TEXT ", A (out of order), A \"abcdefghi\"",
     true},
    {"behind a lost one",
     {HANDSHAKE,
      {CLIENT, .seq = 1004, .flags = PACKETS_ACK, .ack = 5001, DATA("def")},
      {CLIENT, .seq = 1010, .flags = PACKETS_ACK, .ack = 5001, DATA("jkl")},
      {CLIENT, .seq = 1007, .flags = PACKETS_ACK, .ack = 5001, DATA("ghi")},
      {CLIENT, .seq = 1007, .flags = PACKETS_ACK, .ack = 5001, DATA("ghi")},
      {SERVER, .seq = 5001, .flags = PACKETS_ACK, .ack = 1013}},
     HANDSHAKE_TEXT ", A (out of order), A (retransmission), A gap 3, A \"defghijkl\"",
     true},
    {"retransmitted",
     {HANDSHAKE,
      {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 5001, DATA("abc")},
      {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 5001, DATA("abc")},
      {CLIENT, .seq = 1004, .flags = PACKETS_ACK, .ack = 5001, DATA("d")}},
     HANDSHAKE_TEXT ", A \"abc\", A (retransmission), A \"d\"",
     true},
    {"what came first wins, given before",
     {HANDSHAKE,
      {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 5001, DATA("abc")},
      {CLIENT, .seq = 1002, .flags = PACKETS_ACK, .ack = 5001, DATA("XYdef")}},
     HANDSHAKE_TEXT ", A \"abc\", A (overlap), A \"def\"",
     true},
    {"what came first wins, held back",
     {HANDSHAKE,
      {CLIENT, .seq = 1004, .flags = PACKETS_ACK, .ack = 5001, DATA("def")},
      {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 5001, DATA("abcXYZghi")}},
     HANDSHAKE_TEXT ", A (out of order), A (overlap differs), A \"abcdefghi\"",
     true},
    {"held back, overlapping on both sides",
     {HANDSHAKE,
      {CLIENT, .seq = 1003, .flags = PACKETS_ACK, .ack = 5001, DATA("cd")},
      {CLIENT, .seq = 1007, .flags = PACKETS_ACK, .ack = 5001, DATA("gh")},
      {CLIENT, .seq = 1002, .flags = PACKETS_ACK, .ack = 5001, DATA("bcdefghij")},
      {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 5001, DATA("a")}},
     HANDSHAKE_TEXT ", A \"abcdefghij\"",
     false},
    {"lost, acknowledged",
     {HANDSHAKE,
      {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 5001, DATA("abc")},
      {CLIENT, .seq = 1014, .flags = PACKETS_ACK, .ack = 5001, DATA("def")},
      {SERVER, .seq = 5001, .ack = 1017, .flags = PACKETS_ACK},
      {SERVER, .seq = 5001, .ack = 1017, .flags = PACKETS_ACK, DATA("xyz")}},
     HANDSHAKE_TEXT ", A \"abc\", A gap 10, A \"def\", B \"xyz\"",
     false},
    {"lost, and the end",
     {HANDSHAKE, {CLIENT, .seq = 1014, .flags = PACKETS_ACK, .ack = 5001, DATA("def")}},
     HANDSHAKE_TEXT ", A gap 13, A \"def\"",
     false},
    {"acknowledged before it was captured",
     {HANDSHAKE,
      {CLIENT, .seq = 1004, .flags = PACKETS_ACK, .ack = 5001, DATA("def")},
      {SERVER, .seq = 5001, .ack = 1007, .flags = PACKETS_ACK, DATA("xyz")},
      {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 5001, DATA("abc")}},
     HANDSHAKE_TEXT ", B \"xyz\", A \"abcdef\"",
     false},
    {"fast open",
     {{CLIENT, .seq = 1000, .flags = PACKETS_SYN, DATA("abc")},
      {SERVER, .seq = 5000, .ack = 1004, .flags = PACKETS_SYN | PACKETS_ACK},
      {CLIENT, .seq = 1004, .ack = 5001, .flags = PACKETS_ACK, DATA("def")}},
     "A SYN, A \"abc\", B SYN+ACK, A ACK, A \"def\"",
     false},
    {"fast open, refused",
     {{CLIENT, .seq = 1000, .flags = PACKETS_SYN, DATA("abc")},
      {SERVER, .seq = 5000, .ack = 1001, .flags = PACKETS_SYN | PACKETS_ACK},
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abcdef")}},
     "A SYN, A \"abc\", B SYN+ACK, A ACK, A \"def\"",
     false},
    {"keep-alive",
     {HANDSHAKE,
      {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 5001, DATA("abc")},
      {CLIENT, .seq = 1003, .flags = PACKETS_ACK, .ack = 5001, DATA("?")},
      {CLIENT, .seq = 1004, .flags = PACKETS_ACK, .ack = 5001, DATA("d")}},
     HANDSHAKE_TEXT ", A \"abc\", A (keep-alive), A \"d\"",
     true},
    {"from the middle",
     {{CLIENT, .seq = 7000, .ack = 9000, .flags = PACKETS_ACK, DATA("abc")},
      {SERVER, .seq = 9000, .ack = 7003, .flags = PACKETS_ACK, DATA("xyz")}},
     "A \"abc\", B \"xyz\"",
     false},
    {"from the middle, out of order",
     {{CLIENT, .seq = 7003, .ack = 9000, .flags = PACKETS_ACK, DATA("def")},
      {CLIENT, .seq = 7000, .ack = 9000, .flags = PACKETS_ACK, DATA("abc")}},
     "A \"abcdef\"",
     false},
    {"the answer first",
     {{SERVER, .seq = 5000, .ack = 1001, .flags = PACKETS_SYN | PACKETS_ACK},
      {CLIENT, .seq = 1000, .flags = PACKETS_SYN},
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")}},
     "A SYN+ACK, B SYN, B ACK, B \"abc\"",
     false},
    {"half of it",
     {{CLIENT, .seq = 1000, .flags = PACKETS_SYN},
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK},
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")},
      {CLIENT, .seq = 1004, .ack = 5101, .flags = PACKETS_ACK},
      {CLIENT, .seq = 1004, .ack = 5102, .flags = PACKETS_ACK | PACKETS_FIN}},
     "A SYN, A \"abc\", A FIN, B gap 100",
     false},
    {"the numbers wrap",
     {{CLIENT, .seq = 0xfffffffd, .flags = PACKETS_SYN},
      {CLIENT, .seq = 0xfffffffe, .flags = PACKETS_ACK, DATA("abc")},
      {CLIENT, .seq = 4, .flags = PACKETS_ACK, DATA("gh")},
      {CLIENT, .seq = 1, .flags = PACKETS_ACK, DATA("def")}},
     "A SYN, A \"abcdefgh\"",
     false},
    {"FIN before the last bytes",
     {HANDSHAKE,
      {CLIENT, .seq = 1004, .ack = 5001, .flags = PACKETS_ACK | PACKETS_FIN},
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")}},
     HANDSHAKE_TEXT ", A \"abc\", A FIN",
     false},
    {"FIN with data, twice",
     {HANDSHAKE,
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK | PACKETS_FIN, DATA("abc")},
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK | PACKETS_FIN, DATA("abc")}},
     HANDSHAKE_TEXT ", A \"abc\", A FIN, A (retransmission)",
     true},
    {"lost before FIN",
     {HANDSHAKE, {CLIENT, .seq = 1004, .ack = 5001, .flags = PACKETS_ACK | PACKETS_FIN}},
     HANDSHAKE_TEXT ", A gap 3, A FIN",
     false},
    {"data after FIN",
     {HANDSHAKE,
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK | PACKETS_FIN},
      {CLIENT, .seq = 1002, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")}},
     HANDSHAKE_TEXT ", A FIN, A (data after FIN)",
     true},
    {"data behind a FIN that comes later",
     {HANDSHAKE,
      {CLIENT, .seq = 1005, .ack = 5001, .flags = PACKETS_ACK, DATA("later")},
      {CLIENT, .seq = 1004, .ack = 5001, .flags = PACKETS_ACK | PACKETS_FIN},
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")}},
     HANDSHAKE_TEXT ", A \"abc\", A FIN",
     false},
    {"half of the circle behind",
     {HANDSHAKE,
      {CLIENT, .seq = 1001 + 0x80000000, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")},
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")}},
     HANDSHAKE_TEXT ", A (retransmission), A \"abc\"",
     true},
    {"RST",
     {HANDSHAKE,
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")},
      {SERVER, .seq = 5001, .flags = PACKETS_RST},
      {SERVER, .seq = 5001, .flags = PACKETS_RST}},
     HANDSHAKE_TEXT ", A \"abc\", B RST",
     false},
    {"words in a RST",
     {HANDSHAKE, {SERVER, .seq = 5001, .flags = PACKETS_RST, DATA("go away")}},
     HANDSHAKE_TEXT ", B RST",
     false},
    {"RST behind what is missing",
     {HANDSHAKE,
      {CLIENT, .seq = 1004, .ack = 5001, .flags = PACKETS_ACK, DATA("def")},
      {CLIENT, .seq = 1007, .flags = PACKETS_RST},
      {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abc")}},
     HANDSHAKE_TEXT ", A \"abcdef\", A RST",
     false},
    {"RST with a wild acknowledgement",
     {HANDSHAKE, {SERVER, .seq = 5001, .ack = 99999, .flags = PACKETS_RST | PACKETS_ACK}},
     HANDSHAKE_TEXT ", B RST",
     false},
};

/* A capture of raw IP packets; data past `snap` bytes of a packet are cut. */
static struct capture *capture_of(const struct packets_tcp *segments, size_t count, size_t snap)
{
    struct packets_file file = {0};
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    for (size_t i = 0; i < count; i++) {
        struct buffer packet = {0};
        packets_tcp(&packet, &segments[i]);
        size_t length = packet.length;
        packet.length = length < snap ? length : snap;
        packets_pcap_add(&file, 1, (uint32_t)i, &packet, length);
        buffer_free(&packet);
    }
    assert_false(file.bytes.failed);
    scratch_write(path, "stream.pcap", file.bytes.data, file.bytes.length);
    struct capture *capture = played_open(path, &err);
    assert_non_null(capture);
    buffer_free(&file.bytes);
    return capture;
}

static void test_what_can_happen_to_segments(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t count = 0;
        while (count < CASE_MAX && cases[i].segments[count].flags != 0) {
            count++;
        }
        struct capture *capture = capture_of(cases[i].segments, count, SIZE_MAX);
        assert_int_equal(capture_conversation_count(capture), 1);
        const char *text = played_text(capture, 0, cases[i].notes);
        if (strcmp(text, cases[i].text) != 0) {
            fail_msg("%s: %s", cases[i].name, text);
        }
        capture_close(capture);
    }
}

static void test_what_the_snap_length_cut_is_a_gap(void **state)
{
    (void)state;
    static const struct packets_tcp segments[] = {
        HANDSHAKE,
        {CLIENT, .seq = 1001, .ack = 5001, .flags = PACKETS_ACK, DATA("abcdef")},
        {CLIENT, .seq = 1007, .ack = 5001, .flags = PACKETS_ACK, DATA("ghi")},
        {SERVER, .seq = 5003, .ack = 1010, .flags = PACKETS_ACK, DATA("out of order")},
        {SERVER, .seq = 5001, .ack = 1010, .flags = PACKETS_ACK, DATA("xy")},
    };
    struct capture *capture = capture_of(segments, sizeof segments / sizeof *segments, 43);

    assert_string_equal(played_text(capture, 0, false),
                        HANDSHAKE_TEXT ", A \"abc\", A gap 3, A \"ghi\", B \"xyout\", B gap 9");
    capture_close(capture);
}

/* Frames: of in-order bytes their own, of bytes that waited the one that made them whole, after a gap their own. */
static void test_items_have_the_frame_that_completed_them(void **state)
{
    (void)state;
    static const struct packets_tcp segments[] = {
        {CLIENT, .seq = 1000, .flags = PACKETS_SYN},                        /* 1 */
        {CLIENT, .seq = 1004, .flags = PACKETS_ACK, .ack = 1, DATA("def")}, /* 2 */
        {CLIENT, .seq = 1001, .flags = PACKETS_ACK, .ack = 1, DATA("abc")}, /* 3 */
        {CLIENT, .seq = 1017, .flags = PACKETS_ACK, .ack = 1, DATA("ghi")}, /* 4 */
        {SERVER, .seq = 1, .flags = PACKETS_ACK, .ack = 1020},              /* 5 */
    };
    static const struct {
        enum capture_item_kind kind;
        uint64_t frame, offset;
    } expected[] = {
        {CAPTURE_SYN, 1, 0}, {CAPTURE_BYTES, 3, 0},  {CAPTURE_BYTES, 3, 3},
        {CAPTURE_GAP, 4, 6}, {CAPTURE_BYTES, 4, 16},
    };
    struct capture *capture = capture_of(segments, sizeof segments / sizeof *segments, SIZE_MAX);
    struct capture_player *player = capture_player_new(capture, 0, NULL);
    struct capture_item item;
    size_t count = 0;

    while (capture_player_next(player, &item, NULL) > 0) {
        if (item.kind == CAPTURE_NOTE) {
            continue;
        }
        assert_true(count < sizeof expected / sizeof *expected);
        assert_int_equal(item.kind, expected[count].kind);
        assert_int_equal(item.frame, expected[count].frame);
        assert_int_equal(item.offset, expected[count].offset);
        assert_int_equal(item.time_ns, 1000000000 + ((int64_t)item.frame - 1) * 1000);
        count++;
    }
    assert_int_equal(count, sizeof expected / sizeof *expected);
    capture_player_free(player);
    capture_close(capture);
}

/* Behind a missing block so many others come, and then that one. How many bytes were given up? */
static uint64_t lost_behind(size_t blocks)
{
    static uint8_t block[1000];
    struct packets_tcp *segments = calloc(blocks + 2, sizeof *segments);

    assert_non_null(segments);
    segments[0] = (struct packets_tcp){.seq = 0, .flags = PACKETS_SYN};
    for (size_t i = 1; i <= blocks + 1; i++) {
        uint32_t place = i <= blocks ? (uint32_t)i : 0;
        segments[i] = (struct packets_tcp){
            .seq = 1 + place * 1000, .flags = PACKETS_ACK, .data = block, .length = sizeof block};
    }
    struct capture *capture = capture_of(segments, blocks + 2, SIZE_MAX);
    struct capture_player *player = capture_player_new(capture, 0, NULL);
    struct capture_item item;
    uint64_t lost = 0;
    while (capture_player_next(player, &item, NULL) > 0) {
        lost += item.kind == CAPTURE_GAP ? item.lost : 0;
    }
    capture_player_free(player);
    capture_close(capture);
    free(segments);
    return lost;
}

/* 1 MiB behind a hole is enough to wait: the first block that does not fit ends the waiting. */
static void test_what_is_held_back_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(lost_behind(1048), 0);
    assert_int_equal(lost_behind(1049), 1000);
}

/* ---- random ones ------------------------------------------------------------------------------------- */

static uint64_t random_state;

static uint32_t random_below(uint32_t bound)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(random_state >> 33) % bound;
}

#define STREAM 3000
#define PIECES 400

static uint8_t stream[STREAM];

/* Pieces that cover the stream (`lost` ones are left out), with repetitions and overlaps, near their place. */
static size_t cut(struct packets_tcp *segments, uint32_t start, bool *present, unsigned loss)
{
    size_t count = 0;

    memset(present, 0, STREAM);
    segments[count++] = (struct packets_tcp){.seq = start - 1, .flags = PACKETS_SYN};
    for (uint32_t at = 0; at < STREAM;) {
        uint32_t back = random_below(4) == 0 ? random_below(at + 1 < 60 ? at + 1 : 60) : 0;
        uint32_t length = 1 + random_below(40) + back;
        uint32_t from = at - back;
        length = from + length <= STREAM ? length : STREAM - from;
        at = from + length;
        if (random_below(100) < loss || count + 2 >= PIECES) {
            continue;
        }
        memset(present + from, 1, length);
        int copies = random_below(8) == 0 ? 2 : 1;
        for (int i = 0; i < copies && count + 1 < PIECES; i++) {
            segments[count++] = (struct packets_tcp){
                .seq = start + from, .flags = PACKETS_ACK, .data = stream + from, .length = length};
        }
    }
    for (size_t i = 1; i + 1 < count; i++) {
        size_t other = i + random_below(10);
        if (other < count && random_below(3) == 0) {
            struct packets_tcp swapped = segments[i];
            segments[i] = segments[other];
            segments[other] = swapped;
        }
    }
    return count;
}

/* The stream as it can be known: the bytes that came, and gaps. */
static void expect(struct buffer *bytes, const bool *present)
{
    size_t end = STREAM;

    while (end > 0 && !present[end - 1]) {
        end--; /* nobody tells of what is missing at the end */
    }
    for (size_t at = 0; at < end;) {
        size_t run = at;
        while (run < end && present[run] == present[at]) {
            run++;
        }
        if (present[at]) {
            buffer_append(bytes, stream + at, run - at);
        } else {
            buffer_printf(bytes, "[%zu bytes missing]", run - at);
        }
        at = run;
    }
}

static void check_random(uint64_t seed, unsigned loss)
{
    static struct packets_tcp segments[PIECES];
    static bool present[STREAM];
    struct buffer expected = {0};
    struct buffer bytes[2] = {{0}, {0}};

    random_state = seed;
    for (size_t i = 0; i < STREAM; i++) {
        stream[i] = (uint8_t)random_below(256);
    }
    size_t count = cut(segments, random_below(UINT32_MAX), present, loss);
    expect(&expected, present);
    struct capture *capture = capture_of(segments, count, SIZE_MAX);
    assert_true(played_bytes(capture, 0, bytes));
    if (bytes[0].length != expected.length ||
        memcmp(bytes[0].data, expected.data, expected.length) != 0) {
        fail_msg("seed %llu, loss %u: %zu bytes instead of %zu", (unsigned long long)seed, loss,
                 bytes[0].length, expected.length);
    }
    buffer_free(&bytes[0]);
    buffer_free(&bytes[1]);
    buffer_free(&expected);
    capture_close(capture);
}

static void test_random_splits_reorderings_and_overlaps_give_the_same_bytes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        check_random(seed, 0);
    }
}

static void test_random_losses_give_exactly_the_gaps(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        check_random(seed, 5 + (unsigned)(seed % 40));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_can_happen_to_segments),
        cmocka_unit_test(test_what_the_snap_length_cut_is_a_gap),
        cmocka_unit_test(test_items_have_the_frame_that_completed_them),
        cmocka_unit_test(test_what_is_held_back_is_bounded),
        cmocka_unit_test(test_random_splits_reorderings_and_overlaps_give_the_same_bytes),
        cmocka_unit_test(test_random_losses_give_exactly_the_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
