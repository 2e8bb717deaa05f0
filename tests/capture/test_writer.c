/* pcapng out: what is written is read back, by tshark too; secrets come before the packets; a killed writer
 * leaves a readable file. */
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

#include "command.h"
#include "packets.h"
#include "played.h"
#include "scratch.h"

#define NS INT64_C(1700000000123456789)

static struct capture_writer *new_writer(char path[SCRATCH_PATH_MAX], const char *name,
                                         size_t reserve)
{
    struct err err = {0};
    struct capture_writer *writer =
        capture_writer_new(scratch_path(path, name), true, 101, reserve, "about the file", &err);

    if (writer == NULL) {
        fail_msg("%s", err.text);
    }
    return writer;
}

static void write_packet(struct capture_writer *writer, const struct packets_tcp *tcp,
                         int64_t time_ns, const char *comment)
{
    struct buffer packet = {0};

    packets_tcp(&packet, tcp);
    assert_int_equal(capture_writer_packet(writer, time_ns, packet.data, packet.length,
                                           packet.length, comment, NULL),
                     0);
    buffer_free(&packet);
}

static const struct packets_tcp syn = {.seq = 1000, .flags = PACKETS_SYN};
static const struct packets_tcp data = {
    .seq = 1001, .ack = 1, .flags = PACKETS_ACK, .data = "hello", .length = 5};

static int collect(const char *comment, size_t length, void *user)
{
    buffer_printf(user, "<%.*s>", (int)length, comment);
    return 0;
}

static void test_what_is_written_is_read_back(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_MAX];
    struct buffer comments = {0};
    struct stat status;
    struct capture_writer *writer = new_writer(path, "written.pcapng", 0);

    write_packet(writer, &syn, NS, NULL);
    write_packet(writer, &data, NS + 1, "about a packet");
    assert_int_equal(capture_writer_comment(writer, NS + 2, "about nothing", NULL), 0);
    assert_int_equal(capture_writer_close(writer, NULL), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);

    struct capture *capture = played_open(path, NULL);
    assert_non_null(capture);
    assert_null(capture_warning(capture, 0));
    assert_string_equal(played_text(capture, 0, true), "A SYN, A \"hello\"");
    assert_int_equal(capture_first_ns(capture), NS);
    assert_int_equal(capture_conversation_at(capture, 0)->last_ns, NS + 1);
    assert_int_equal(capture_comments(capture, "about", collect, &comments, NULL), 0);
    assert_string_equal(buffer_string(&comments),
                        "<about the file><about a packet><about nothing>");
    capture_close(capture);
    buffer_free(&comments);
}

/* All secrets of a capture, one after the other. */
static const char *secrets_of(const char *path, struct buffer *text)
{
    struct capture *capture = played_open(path, NULL);
    const char *block;
    size_t length;

    assert_non_null(capture);
    assert_null(capture_warning(capture, 0));
    for (size_t i = 0; (block = capture_secrets(capture, i, &length)) != NULL; i++) {
        buffer_append(text, block, length);
    }
    capture_close(capture);
    return buffer_string(text);
}

/* The lines, without comments. */
static void lines_of(const char *text, struct buffer *lines)
{
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        if (length > 0 && line[0] != '#') {
            buffer_append(lines, line, length);
            buffer_u8(lines, '|');
        }
        line += length + (line[length] != '\0');
    }
}

/* At each moment the file is whole, with all secrets so far, in order. */
static void test_secrets_before_the_packets_and_behind_when_there_is_no_room(void **state)
{
    (void)state;
    static const char *const added[] = {"A 1 2\n", "B 3 4", "C 5 6\nD 7 8\n",
                                        "E 9 10 this one does not fit into the rest\n", "F 1\n"};
    char path[SCRATCH_PATH_MAX];
    struct buffer expected = {0};
    struct capture_writer *writer = new_writer(path, "secrets.pcapng", 40);

    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        struct buffer text = {0};
        struct buffer lines = {0};
        write_packet(writer, &data, NS, NULL);
        assert_int_equal(capture_writer_secrets(writer, added[i], strlen(added[i]), NULL), 0);
        lines_of(added[i], &expected);
        lines_of(secrets_of(path, &text), &lines);
        assert_string_equal(buffer_string(&lines), buffer_string(&expected));
        buffer_free(&text);
        buffer_free(&lines);
    }
    assert_int_equal(capture_writer_close(writer, NULL), 0);
    buffer_free(&expected);
}

static void test_long_comments_and_other_link_types(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_MAX];
    struct buffer text = {0};
    struct buffer comments = {0};
    struct buffer packet = {0};
    struct capture_writer *writer = new_writer(path, "long.pcapng", 4096);

    for (int i = 0; i < 200000; i++) {
        buffer_u8(&text, (uint8_t)('a' + i % 26));
    }
    packets_tcp(&packet, &syn);
    packets_put_hex(&packet, "0200000000010200000000020800");
    const struct capture_text comment = {(const char *)text.data, text.length};
    const struct capture_block block = {.time_ns = NS,
                                        .link_type = 1,
                                        .data = packet.data,
                                        .length = packet.length,
                                        .original_length = packet.length + 7,
                                        .comments = &comment,
                                        .comment_count = 1};
    assert_int_equal(capture_writer_block(writer, &block, NULL), 0);
    assert_int_equal(capture_writer_close(writer, NULL), 0);
    struct capture *capture = played_open(path, NULL);
    assert_int_equal(capture_conversation_count(capture), 1);
    assert_int_equal(capture_link_type(capture, 0), 1);
    assert_int_equal(capture_comments(capture, "", collect, &comments, NULL), 0);
    /* "<about the file>", then the text in pieces between < and > */
    struct buffer joined = {0};
    for (size_t i = strlen("<about the file>"); i < comments.length; i++) {
        if (comments.data[i] != '<' && comments.data[i] != '>') {
            buffer_u8(&joined, comments.data[i]);
        }
    }
    assert_int_equal(joined.length, text.length);
    assert_memory_equal(joined.data, text.data, text.length);
    capture_close(capture);
    buffer_free(&text);
    buffer_free(&comments);
    buffer_free(&packet);
    buffer_free(&joined);
}

/* The packets of one conversation out of two, fragments and cut ones too, are the same bytes. */
static void test_a_conversation_is_copied_as_it_is(void **state)
{
    (void)state;
    char from[SCRATCH_PATH_MAX];
    char to[SCRATCH_PATH_MAX];
    struct packets_tcp other = data;
    struct packets_file file = {0};
    struct buffer packet = {0};

    other.port = 77;
    packets_pcap(&file, PACKETS_NANOSECONDS, 101);
    packets_tcp(&packet, &other);
    packets_pcap_add(&file, 1, 1, &packet, packet.length);
    packet.length = 0;
    packets_tcp(&packet, &data);
    packet.length -= 2;
    packets_pcap_add(&file, 1, 2, &packet, packet.length + 2);
    scratch_write(from, "from.pcap", file.bytes.data, file.bytes.length);

    struct capture *capture = played_open(from, NULL);
    struct capture_writer *writer = new_writer(to, "to.pcapng", 0);
    assert_int_equal(capture_copy_conversation(capture, 1, writer, NULL), 0);
    assert_int_equal(capture_writer_close(writer, NULL), 0);
    capture_close(capture);
    capture = played_open(to, NULL);
    assert_int_equal(capture_packet_count(capture), 1);
    assert_int_equal(capture_first_ns(capture), 1000000002);
    assert_string_equal(played_text(capture, 0, true), "A \"hel\", A gap 2");
    capture_close(capture);
    buffer_free(&packet);
    buffer_free(&file.bytes);
}

static void test_tshark_reads_it_without_a_warning(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_MAX];
    struct buffer output = {0};

    command_need("tshark");
    struct capture_writer *writer = new_writer(path, "tshark.pcapng", 4096);
    write_packet(writer, &syn, NS, NULL);
    assert_int_equal(capture_writer_secrets(writer, "CLIENT_RANDOM 00 11\n", 20, NULL), 0);
    write_packet(writer, &data, NS + 1, "about a packet");
    assert_int_equal(capture_writer_comment(writer, NS, "nothing", NULL), 0);
    assert_int_equal(capture_writer_close(writer, NULL), 0);
    assert_int_equal(
        command_run(&output,
                    "timeout 60 env HOME=/nonexistent tshark -n -r '%s' -T fields -e frame.number "
                    "-e frame.time_epoch -e tcp.len -e frame.comment 2>&1 | "
                    "grep -v '^Running as user'",
                    path),
        0);
    assert_string_equal(buffer_string(&output), "1\t1700000000.123456789\t0\t\n"
                                                "2\t1700000000.123456790\t5\tabout a packet\n");
    buffer_free(&output);
}

static void test_an_existing_file_is_kept_and_a_full_disk_is_told(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    scratch_write(path, "exists.pcapng", "x", 1);
    assert_null(capture_writer_new(path, false, 101, 0, NULL, &err));
    assert_non_null(strstr(err.text, "exists"));
    assert_null(capture_writer_new("/dev/full", true, 101, 0, NULL, &err));
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "No space left"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_back),
        cmocka_unit_test(test_secrets_before_the_packets_and_behind_when_there_is_no_room),
        cmocka_unit_test(test_long_comments_and_other_link_types),
        cmocka_unit_test(test_a_conversation_is_copied_as_it_is),
        cmocka_unit_test(test_tshark_reads_it_without_a_warning),
        cmocka_unit_test(test_an_existing_file_is_kept_and_a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
