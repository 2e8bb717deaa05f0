/* The formats of capture files: each gives the same packets and times, and damage ends a file, not the reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "packets.h"
#include "played.h"
#include "scratch.h"

#define SECONDS INT64_C(1700000000)
#define NS      INT64_C(1000000000)

static const struct packets_tcp segments[] = {
    {.seq = 1000, .flags = PACKETS_SYN},
    {.from_server = true, .seq = 5000, .ack = 1001, .flags = PACKETS_SYN | PACKETS_ACK},
    {.seq = 1001, .ack = 5001, .flags = PACKETS_ACK, .data = "hello", .length = 5},
    {.from_server = true,
     .seq = 5001,
     .ack = 1006,
     .flags = PACKETS_ACK,
     .data = "well",
     .length = 4},
};
#define SEGMENTS (sizeof segments / sizeof *segments)
static const char whole[] = "A SYN, B SYN+ACK, A ACK, A \"hello\", B \"well\"";

static struct buffer packet_number(size_t i)
{
    struct buffer packet = {0};

    packets_tcp(&packet, &segments[i]);
    return packet;
}

static struct capture *open_bytes(const struct buffer *bytes)
{
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    assert_false(bytes->failed);
    scratch_write(path, "file.capture", bytes->data, bytes->length);
    struct capture *capture = played_open(path, &err);
    if (capture == NULL) {
        fail_msg("%s", err.text);
    }
    return capture;
}

/* The usual conversation, with its first packet at `first_ns`. Frees the file's bytes. */
static void check_whole(struct packets_file *file, const char *name, int64_t first_ns)
{
    struct capture *capture = open_bytes(&file->bytes);

    if (capture_conversation_count(capture) != 1 ||
        strcmp(played_text(capture, 0, true), whole) != 0) {
        fail_msg("%s: %zu conversations, %s", name, capture_conversation_count(capture),
                 capture_conversation_count(capture) > 0 ? played_text(capture, 0, true) : "");
    }
    assert_int_equal(capture_packet_count(capture), SEGMENTS);
    assert_int_equal(capture_first_ns(capture), first_ns);
    assert_int_equal(capture_conversation_at(capture, 0)->first_ns, first_ns);
    assert_null(capture_warning(capture, 0));
    assert_false(capture_truncated(capture));
    capture_close(capture);
    buffer_free(&file->bytes);
}

/* ---- pcap ------------------------------------------------------------------------------------------- */

static void make_pcap(struct packets_file *file, uint32_t magic)
{
    packets_pcap(file, magic, 101);
    for (size_t i = 0; i < SEGMENTS; i++) {
        struct buffer packet = packet_number(i);
        packets_pcap_add(file, (uint32_t)SECONDS, 123456 + (uint32_t)i, &packet, packet.length);
        buffer_free(&packet);
    }
}

static void test_pcap_in_all_its_forms(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct packets_file micro = {.big_endian = big};
        make_pcap(&micro, PACKETS_MICROSECONDS);
        check_whole(&micro, "microseconds", SECONDS * NS + 123456000);
        struct packets_file nano = {.big_endian = big};
        make_pcap(&nano, PACKETS_NANOSECONDS);
        check_whole(&nano, "nanoseconds", SECONDS * NS + 123456);
        struct packets_file wide = {.big_endian = big};
        make_pcap(&wide, PACKETS_KUZNETZOV);
        check_whole(&wide, "Kuznetzov's", SECONDS * NS + 123456000);
    }
}

/* ---- pcapng ------------------------------------------------------------------------------------------ */

static void make_pcapng(struct packets_file *file)
{
    packets_section(file);
    packets_interface(file, 101, NULL);
    for (size_t i = 0; i < SEGMENTS; i++) {
        struct buffer packet = packet_number(i);
        packets_enhanced(file, 0, (uint64_t)SECONDS * 1000000 + i, &packet, packet.length, NULL);
        buffer_free(&packet);
    }
}

static void test_pcapng_in_both_byte_orders(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct packets_file file = {.big_endian = big};
        make_pcapng(&file);
        check_whole(&file, big ? "big-endian" : "little-endian", SECONDS * NS);
    }
}

/* Resolution, offset, units of the first packet, nanoseconds since 1970. */
static const struct {
    uint8_t resolution;
    int64_t offset;
    uint64_t units;
    int64_t ns;
} times[] = {
    {0, 0, 1700000000, SECONDS *NS},
    {3, 0, 1700000000250, SECONDS *NS + 250000000},
    {6, 0, 1700000000250001, SECONDS *NS + 250001000},
    {9, 0, 1700000000250001002, SECONDS *NS + 250001002},
    {9, 1600000000, 100000000000000007, SECONDS *NS + 7},
    {9, -100, 1700000100000000007, SECONDS *NS + 7},
    {12, 1700000000, 1500000001000, SECONDS *NS + 1500000001},
    {0x80 | 1, 0, 3400000001, SECONDS *NS + 500000000},
    {0x80 | 20, 0, (uint64_t)1700000000 << 20 | 1 << 18, SECONDS *NS + 250000000},
    {0x80 | 40, 1700000000, (uint64_t)5 << 38, SECONDS *NS + 1250000000},
    {0x80 | 127, 0, 77, 0},
    {40, 0, 77, 0},
    {6, INT64_MAX, 1, 0}, /* centuries away */
};

static void test_time_resolutions_and_offsets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct packets_file file = {.big_endian = i % 2};
        struct buffer options = {0};
        struct buffer offset = {0};
        struct buffer packet = packet_number(0);
        uint64_t bits = (uint64_t)times[i].offset;
        packets_option(&file, &options, 9, &times[i].resolution, 1);
        packets_put32(&file, &offset, (uint32_t)(file.big_endian ? bits >> 32 : bits));
        packets_put32(&file, &offset, (uint32_t)(file.big_endian ? bits : bits >> 32));
        packets_option(&file, &options, 14, offset.data, 8);
        packets_section(&file);
        packets_interface(&file, 101, &options);
        packets_enhanced(&file, 0, times[i].units, &packet, packet.length, NULL);
        struct capture *capture = open_bytes(&file.bytes);
        assert_int_equal(capture_first_ns(capture), times[i].ns);
        capture_close(capture);
        buffer_free(&file.bytes);
        buffer_free(&options);
        buffer_free(&offset);
        buffer_free(&packet);
    }
}

static void put_data(struct buffer *body, const struct buffer *packet)
{
    buffer_append(body, packet->data, packet->length);
}

/* Simple Packet Block, without a time, and the obsolete Packet Block. */
static void test_other_packet_blocks(void **state)
{
    (void)state;
    struct packets_file file = {0};

    packets_section(&file);
    packets_interface(&file, 101, NULL);
    for (size_t i = 0; i < SEGMENTS; i++) {
        struct buffer packet = packet_number(i);
        struct buffer body = {0};
        if (i % 2 == 0) {
            packets_put16(&file, &body, 0);
            packets_put16(&file, &body, 0);
            uint64_t time = (uint64_t)SECONDS * 1000000;
            packets_put32(&file, &body, (uint32_t)(time >> 32));
            packets_put32(&file, &body, (uint32_t)time);
            packets_put32(&file, &body, (uint32_t)packet.length);
        }
        packets_put32(&file, &body, (uint32_t)packet.length);
        put_data(&body, &packet);
        packets_block(&file, i % 2 == 0 ? 2 : 3, &body);
        buffer_free(&body);
        buffer_free(&packet);
    }
    check_whole(&file, "other packet blocks", SECONDS * NS);
}

/* Two sections of different byte order and link types, interfaces between packets, blocks that nobody
 * knows; the connection is there once although it comes twice. */
static void test_sections_and_interfaces(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer unknown = {0};

    buffer_text(&unknown, "what is this?!");
    for (int section = 0; section < 2; section++) {
        file.big_endian = section == 1;
        packets_section(&file);
        packets_block(&file, 0x80000001, &unknown);
        packets_interface(&file, 147, NULL);
        packets_interface(&file, section == 0 ? 101 : 228, NULL);
        for (size_t i = 0; i < SEGMENTS; i++) {
            struct buffer packet = packet_number(i);
            packets_enhanced(&file, 1, (uint64_t)SECONDS * 1000000 + i, &packet, packet.length,
                             NULL);
            packets_block(&file, 0x77, &unknown);
            buffer_free(&packet);
        }
    }
    struct capture *capture = open_bytes(&file.bytes);
    assert_int_equal(capture_packet_count(capture), 2 * SEGMENTS);
    assert_int_equal(capture_conversation_count(capture), 1);
    assert_string_equal(played_text(capture, 0, false), whole);
    assert_int_equal(capture_link_type(capture, 0), 101);
    capture_close(capture);
    buffer_free(&file.bytes);
    buffer_free(&unknown);
}

static int collect(const char *comment, size_t length, void *user)
{
    buffer_printf(user, "<%.*s>", (int)length, comment);
    return memcmp(comment, "t:stop", length < 6 ? length : 6) == 0 ? 7 : 0;
}

static void test_comments_of_any_block_and_secrets(void **state)
{
    (void)state;
    struct packets_file file = {.big_endian = true};
    struct buffer options = {0};
    struct buffer body = {0};
    struct buffer found = {0};
    struct buffer packet = packet_number(0);
    size_t length = 0;

    packets_section(&file);
    packets_option(&file, &options, 1, "t:interface", 11);
    packets_interface(&file, 101, &options);
    options.length = 0;
    packets_put32(&file, &body, 0x544c534b);
    packets_put32(&file, &body, 6);
    buffer_append(&body, "a b c\n\0\0", 8);
    packets_option(&file, &body, 1, "t:secrets", 9);
    packets_put32(&file, &body, 0);
    packets_block(&file, 10, &body);
    packets_option(&file, &options, 1, "other", 5);
    packets_option(&file, &options, 1, "t:packet", 8);
    packets_option(&file, &options, 2, "\0\0\0\1", 4);
    packets_option(&file, &options, 1, "t:again", 7);
    packets_enhanced(&file, 0, 1, &packet, packet.length, &options);
    body.length = 0;
    buffer_append(&body, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    packets_option(&file, &body, 1, "t:statistics", 12);
    packets_put32(&file, &body, 0);
    packets_block(&file, 5, &body);

    struct capture *capture = open_bytes(&file.bytes);
    assert_int_equal(capture_comments(capture, "t:", collect, &found, NULL), 0);
    assert_string_equal(buffer_string(&found),
                        "<t:interface><t:secrets><t:packet><t:again><t:statistics>");
    const char *secrets = capture_secrets(capture, 0, &length);
    assert_int_equal(length, 6);
    assert_memory_equal(secrets, "a b c\n", 6);
    assert_null(capture_secrets(capture, 1, &length));
    capture_close(capture);
    buffer_free(&file.bytes);
    buffer_free(&options);
    buffer_free(&body);
    buffer_free(&found);
    buffer_free(&packet);
}

/* ---- gzip ------------------------------------------------------------------------------------------------ */

static void compress_into(struct buffer *out, const void *data, size_t length)
{
    z_stream stream = {0};

    assert_true(buffer_reserve(out, length + 1000));
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)data;
    stream.avail_in = (uInt)length;
    stream.next_out = out->data + out->length;
    stream.avail_out = (uInt)(length + 1000);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->length += stream.total_out;
    assert_int_equal(deflateEnd(&stream), Z_OK);
}

static void test_gzip_in_several_members_with_padding(void **state)
{
    (void)state;
    for (int padding = 0; padding < 2; padding++) {
        struct packets_file plain = {0};
        struct packets_file packed = {0};
        make_pcapng(&plain);
        compress_into(&packed.bytes, plain.bytes.data, 100);
        compress_into(&packed.bytes, plain.bytes.data + 100, plain.bytes.length - 100);
        if (padding) {
            buffer_append(&packed.bytes, "\0\0\0\0\0\0\0", 7);
        }
        check_whole(&packed, "gzip", SECONDS * NS);
        buffer_free(&plain.bytes);
    }
}

static void test_gzip_that_ends_in_the_middle(void **state)
{
    (void)state;
    struct packets_file plain = {0};
    struct buffer packed = {0};

    make_pcapng(&plain);
    compress_into(&packed, plain.bytes.data, plain.bytes.length);
    packed.length -= 20;
    struct capture *capture = open_bytes(&packed);
    assert_true(capture_truncated(capture));
    assert_string_equal(capture_warning(capture, 0), "the gzip data end in the middle");
    capture_close(capture);
    buffer_free(&plain.bytes);
    buffer_free(&packed);
}

/* The copy is nobody else's, and gone. */
static void test_the_temporary_copy_has_no_name(void **state)
{
    (void)state;
    struct packets_file plain = {0};
    struct buffer packed = {0};
    char folder[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];

    assert_int_equal(mkdir(scratch_path(folder, "empty"), S_IRWXU), 0);
    make_pcapng(&plain);
    compress_into(&packed, plain.bytes.data, plain.bytes.length);
    scratch_write(path, "copied.gz", packed.data, packed.length);
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    struct capture *capture = played_open(path, NULL);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_non_null(capture);
    assert_string_equal(played_text(capture, 0, true), whole);
    assert_int_equal(rmdir(folder), 0); /* nothing is in it */
    capture_close(capture);
    buffer_free(&plain.bytes);
    buffer_free(&packed);
}

/* ---- damage ------------------------------------------------------------------------------------------------- */

static void refuse(const char *path, const char *code)
{
    struct err err = {0};
    struct capture *capture = played_open(path, &err);

    assert_null(capture);
    assert_int_equal(err.class, ERR_FILE);
    assert_string_equal(err.code, code);
}

static void test_what_is_no_capture_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
    } others[] = {
        {"", 0},
        {"\n\r\r\n", 4},
        {"-----BEGIN CERTIFICATE-----\n", 28},
        {"\xd4\xc3\xb2\xa1\x02\x00", 6},
        {"\n\r\r\n\x1c\0\0\0garbage and more", 24},
        {"\x1f\x8b\x08\0\0\0\0\0", 8},
    };
    char path[SCRATCH_PATH_MAX];

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        scratch_write(path, "other", others[i].bytes, others[i].length);
        refuse(path, "not_a_capture");
    }
    refuse("/nonexistent/capture.pcap", "file");
    refuse("/", "file");
}

/* Reads whatever it is and plays all of it. The number of packets. */
static uint64_t survive(const void *data, size_t length)
{
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};
    uint64_t packets = 0;

    scratch_write(path, "damaged", data, length);
    struct capture *capture = played_open(path, &err);
    if (capture == NULL) {
        assert_int_equal(err.class, ERR_FILE);
        return 0;
    }
    for (size_t i = 0; i < capture_conversation_count(capture); i++) {
        struct buffer bytes[2] = {{0}, {0}};
        assert_true(played_bytes(capture, i, bytes));
        buffer_free(&bytes[0]);
        buffer_free(&bytes[1]);
    }
    packets = capture_packet_count(capture);
    capture_close(capture);
    return packets;
}

/* The files, and where their packets end. */
static void make_both(struct packets_file files[2])
{
    make_pcap(&files[0], PACKETS_MICROSECONDS);
    make_pcapng(&files[1]);
}

static void test_files_cut_at_every_byte(void **state)
{
    (void)state;
    struct packets_file files[2] = {{{0}, false, false}, {{0}, false, false}};

    make_both(files);
    for (int i = 0; i < 2; i++) {
        const struct buffer *bytes = &files[i].bytes;
        uint64_t before = 0;
        for (size_t cut = 0; cut <= bytes->length; cut++) {
            uint64_t packets = survive(bytes->data, cut);
            assert_true(packets == before || packets == before + 1);
            before = packets;
        }
        assert_int_equal(before, SEGMENTS);
        buffer_free(&files[i].bytes);
    }
}

static void test_a_cut_is_told(void **state)
{
    (void)state;
    struct packets_file file = {0};

    make_pcapng(&file);
    file.bytes.length -= 5;
    struct capture *capture = open_bytes(&file.bytes);
    assert_true(capture_truncated(capture));
    assert_string_equal(capture_warning(capture, 0),
                        "the file ends in the middle of a packet or block");
    assert_null(capture_warning(capture, 1));
    assert_int_equal(capture_packet_count(capture), SEGMENTS - 1);
    capture_close(capture);
    buffer_free(&file.bytes);
}

static void test_a_bit_flipped_at_every_byte(void **state)
{
    (void)state;
    struct packets_file files[2] = {{{0}, false, false}, {{0}, false, false}};

    make_both(files);
    for (int i = 0; i < 2; i++) {
        struct buffer *bytes = &files[i].bytes;
        for (size_t at = 0; at < bytes->length; at++) {
            uint8_t bit = (uint8_t)(1U << at * 5 % 8);
            bytes->data[at] ^= bit;
            (void)survive(bytes->data, bytes->length); /* that it does is the test */
            bytes->data[at] ^= bit;
        }
        buffer_free(bytes);
    }
}

/* Lengths that claim what is not there, over each 4 bytes of the file. */
static void test_hostile_lengths(void **state)
{
    (void)state;
    static const uint32_t values[] = {0, 1, 4, 11, 12, 0x7fffffff, 0xfffffffc, 0xffffffff};
    struct packets_file files[2] = {{{0}, false, false}, {{0}, false, false}};

    make_both(files);
    for (int i = 0; i < 2; i++) {
        struct buffer *bytes = &files[i].bytes;
        for (size_t at = 0; at + 4 <= bytes->length && at < 300; at += 4) {
            uint8_t saved[4];
            memcpy(saved, bytes->data + at, 4);
            for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                memcpy(bytes->data + at, &values[v], 4);
                (void)survive(bytes->data, bytes->length); /* that it does is the test */
            }
            memcpy(bytes->data + at, saved, 4);
        }
        buffer_free(bytes);
    }
}

static void test_damage_is_told_with_its_place(void **state)
{
    (void)state;
    struct packets_file file = {0};

    make_pcap(&file, PACKETS_MICROSECONDS);
    struct buffer first = packet_number(0);
    size_t second = 24 + 16 + first.length;
    char expected[100];
    memset(file.bytes.data + second + 8, 0xff, 4);
    struct capture *capture = open_bytes(&file.bytes);
    (void)snprintf(expected, sizeof expected,
                   "the file is damaged at byte %zu and was read as far as there", second);
    assert_string_equal(capture_warning(capture, 0), expected);
    assert_int_equal(capture_packet_count(capture), 1);
    capture_close(capture);
    buffer_free(&first);
    buffer_free(&file.bytes);
}

/* A file that shrinks under the reader is an error in words. */
static void test_a_file_that_is_cut_while_it_is_read(void **state)
{
    (void)state;
    struct packets_file file = {0};
    char path[SCRATCH_PATH_MAX];
    struct capture_item item;
    struct err err = {0};
    int result = 1;

    make_pcapng(&file);
    scratch_write(path, "shrinking", file.bytes.data, file.bytes.length);
    struct capture *capture = played_open(path, &err);
    assert_non_null(capture);
    assert_int_equal(truncate(path, 100), 0);
    struct capture_player *player = capture_player_new(capture, 0, &err);
    while (result > 0) {
        result = capture_player_next(player, &item, &err);
    }
    assert_int_equal(result, -1);
    assert_non_null(strstr(err.text, "it has changed"));
    capture_player_free(player);
    capture_close(capture);
    buffer_free(&file.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pcap_in_all_its_forms),
        cmocka_unit_test(test_pcapng_in_both_byte_orders),
        cmocka_unit_test(test_time_resolutions_and_offsets),
        cmocka_unit_test(test_other_packet_blocks),
        cmocka_unit_test(test_sections_and_interfaces),
        cmocka_unit_test(test_comments_of_any_block_and_secrets),
        cmocka_unit_test(test_gzip_in_several_members_with_padding),
        cmocka_unit_test(test_gzip_that_ends_in_the_middle),
        cmocka_unit_test(test_the_temporary_copy_has_no_name),
        cmocka_unit_test(test_what_is_no_capture_is_refused),
        cmocka_unit_test(test_files_cut_at_every_byte),
        cmocka_unit_test(test_a_cut_is_told),
        cmocka_unit_test(test_a_bit_flipped_at_every_byte),
        cmocka_unit_test(test_hostile_lengths),
        cmocka_unit_test(test_damage_is_told_with_its_place),
        cmocka_unit_test(test_a_file_that_is_cut_while_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
