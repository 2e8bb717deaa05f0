/* Which packets belong together: port reuse, UDP, IP fragments, large numbers of conversations. */
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

static void add(struct packets_file *file, const struct buffer *packet)
{
    packets_pcap_add(file, 1, (uint32_t)file->bytes.length, packet, packet->length);
}

static void add_tcp(struct packets_file *file, const struct packets_tcp *tcp)
{
    struct buffer packet = {0};

    packets_tcp(&packet, tcp);
    add(file, &packet);
    buffer_free(&packet);
}

static struct capture *open_file(struct packets_file *file)
{
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    assert_false(file->bytes.failed);
    scratch_write(path, "conversations.pcap", file->bytes.data, file->bytes.length);
    struct capture *capture = played_open(path, &err);
    assert_non_null(capture);
    buffer_free(&file->bytes);
    return capture;
}

static void add_connection(struct packets_file *file, uint32_t seq, const char *text, bool close)
{
    const struct packets_tcp segments[] = {
        {.seq = seq, .flags = PACKETS_SYN},
        {.from_server = true, .seq = seq * 2, .ack = seq + 1, .flags = PACKETS_SYN | PACKETS_ACK},
        {.seq = seq + 1, .ack = seq * 2 + 1, .flags = PACKETS_ACK, .data = text, .length = 1},
        {.seq = seq + 2, .ack = seq * 2 + 1, .flags = PACKETS_ACK | PACKETS_FIN},
        {.from_server = true,
         .seq = seq * 2 + 1,
         .ack = seq + 3,
         .flags = PACKETS_ACK | PACKETS_FIN},
        {.seq = seq + 3, .ack = seq * 2 + 2, .flags = PACKETS_ACK},
    };
    size_t count = close ? sizeof segments / sizeof *segments : 3;

    for (size_t i = 0; i < count; i++) {
        add_tcp(file, &segments[i]);
    }
}

static void test_ports_used_again_are_another_conversation(void **state)
{
    (void)state;
    for (int closed = 0; closed < 2; closed++) {
        struct packets_file file = {0};
        packets_pcap(&file, PACKETS_MICROSECONDS, 101);
        add_connection(&file, 1000, "a", closed);
        add_connection(&file, 777000, "b", closed);
        add_connection(&file, 777000, "b", closed); /* the same again: repetition */
        struct capture *capture = open_file(&file);
        assert_int_equal(capture_conversation_count(capture), 2);
        for (size_t i = 0; i < 2; i++) {
            const struct capture_conversation *found = capture_conversation_at(capture, i);
            assert_int_equal(found->stream, i);
            assert_int_equal(found->opener, CAPTURE_A);
            assert_int_equal(found->ended, closed);
        }
        assert_non_null(strstr(played_text(capture, 0, false), "A \"a\""));
        assert_non_null(strstr(played_text(capture, 1, false), "A \"b\""));
        assert_null(strstr(played_text(capture, 1, false), "\"bb\""));
        capture_close(capture);
    }
}

/* TCP and UDP are numbered apart, in the order of their first packets. */
static void test_numbers_and_ends(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer packet = {0};

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    packets_udp(&packet, 5000, 53, "?", 1);
    add(&file, &packet);
    for (uint16_t port = 100; port < 103; port++) {
        add_tcp(&file, &(struct packets_tcp){.port = port, .seq = 1, .flags = PACKETS_SYN});
    }
    packet.length = 0;
    packets_udp(&packet, 5001, 53, "?", 1);
    add(&file, &packet);
    buffer_free(&packet);
    add_tcp(&file, &(struct packets_tcp){.from_server = true,
                                         .port = 101,
                                         .seq = 9,
                                         .ack = 2,
                                         .flags = PACKETS_RST | PACKETS_ACK});
    struct capture *capture = open_file(&file);
    static const struct {
        enum capture_transport transport;
        uint32_t stream;
        uint16_t port;
        bool ended;
    } expected[] = {{CAPTURE_UDP, 0, 5000, false},
                    {CAPTURE_TCP, 0, 100, false},
                    {CAPTURE_TCP, 1, 101, true},
                    {CAPTURE_TCP, 2, 102, false},
                    {CAPTURE_UDP, 1, 5001, false}};
    assert_int_equal(capture_conversation_count(capture), 5);
    for (size_t i = 0; i < 5; i++) {
        const struct capture_conversation *found = capture_conversation_at(capture, i);
        assert_int_equal(found->transport, expected[i].transport);
        assert_int_equal(found->stream, expected[i].stream);
        assert_int_equal(found->ends[CAPTURE_A].port, expected[i].port);
        assert_int_equal(found->ended, expected[i].ended);
    }
    assert_null(capture_conversation_at(capture, 5));
    struct err err = {0};
    assert_null(capture_player_new(capture, 5, &err));
    assert_string_equal(err.code, "no_such_stream");
    assert_string_equal(played_text(capture, 4, false), "A \"?\"");
    capture_close(capture);
}

static void test_dtls_and_quic_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        const char *protocol;
    } payloads[] = {
        {"16feff00000000000000000002abcd", "DTLS"},
        {"16fefd00000000000000000002abcd", "DTLS"},
        {"1601000000000000000000000 2abcd", "DTLS"},
        {"16fefd00000000000000000003abcd", NULL}, /* longer than the datagram */
        {"2e00010010000102030405060708090a0b0c0d0e0f", "DTLS"},
        {"2e00010011000102030405060708090a0b0c0d0e0f", NULL},
        {"c0000000010800010203040506070000000000000000", "QUIC"},
        {"c06b3343cf0800010203040506070000000000000000", "QUIC"},
        {"cfff00001d0800010203040506070000000000000000", "QUIC"},
        {"c0000000021500010203040506070000000000000000", NULL},
        {"4000000001080001020304050607", NULL},
        {"1603010005abcdef0102", NULL}, /* TLS's record */
        {"abcd01000001000000000000", NULL},
    };
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        struct packets_file file = {0};
        struct buffer payload = {0};
        struct buffer packet = {0};
        char hex[100] = "";
        size_t length = 0;
        for (const char *c = payloads[i].hex; *c != '\0'; c++) {
            if (*c != ' ') {
                hex[length++] = *c;
            }
        }
        packets_put_hex(&payload, hex);
        packets_udp(&packet, 5000, 4433, payload.data, payload.length);
        packets_pcap(&file, PACKETS_MICROSECONDS, 101);
        add(&file, &packet);
        struct capture *capture = open_file(&file);
        const char *protocol = capture_conversation_at(capture, 0)->protocol;
        if ((protocol == NULL) != (payloads[i].protocol == NULL) ||
            (protocol != NULL && strcmp(protocol, payloads[i].protocol) != 0)) {
            fail_msg("%s: %s", payloads[i].hex, protocol != NULL ? protocol : "none");
        }
        capture_close(capture);
        buffer_free(&payload);
        buffer_free(&packet);
    }
}

/* ---- IP fragments ------------------------------------------------------------------------------------ */

/* `length` bytes of the packet's payload from `offset` on, as an IPv4 fragment. */
static void fragment4(struct buffer *out, const struct buffer *packet, uint16_t offset,
                      uint16_t length, bool more)
{
    buffer_append(out, packet->data, 20);
    buffer_append(out, packet->data + 20 + offset, length);
    uint8_t *header = out->data;
    header[2] = (uint8_t)((length + 20) >> 8);
    header[3] = (uint8_t)(length + 20);
    header[6] = (uint8_t)((more ? 0x20 : 0) | offset >> 11);
    header[7] = (uint8_t)(offset >> 3);
}

static void fragment6(struct buffer *out, const struct buffer *packet, uint16_t offset,
                      uint16_t length, bool more)
{
    const uint8_t fragment[8] = {6, 0, (uint8_t)(offset >> 8), (uint8_t)(offset | more), 1, 2,
                                 3, 4};

    buffer_append(out, packet->data, 40);
    buffer_append(out, fragment, sizeof fragment);
    buffer_append(out, packet->data + 40 + offset, length);
    out->data[4] = (uint8_t)((length + 8) >> 8);
    out->data[5] = (uint8_t)(length + 8);
    out->data[6] = 44;
}

/* Orders of the three fragments of a segment of 100 bytes; 3 is the second one with other content. */
static void test_fragments_in_any_order(void **state)
{
    (void)state;
    static const char *const orders[] = {"012", "021",  "102",  "120", "201",
                                         "210", "0112", "0312", "1302"};
    static const uint16_t offsets[] = {0, 40, 80, 40};
    static const uint16_t lengths[] = {40, 40, 40, 40};
    char text[101];
    char expected[200];

    memset(text, 'x', 100);
    text[100] = '\0';
    for (size_t i = 0; i < 2 * sizeof orders / sizeof *orders; i++) {
        struct packets_file file = {0};
        struct buffer packet = {0};
        bool ipv6 = i % 2;
        const char *order = orders[i / 2];
        packets_tcp(&packet,
                    &(struct packets_tcp){
                        .ipv6 = ipv6, .seq = 1, .flags = PACKETS_ACK, .data = text, .length = 100});
        packets_pcap(&file, PACKETS_MICROSECONDS, 101);
        add_tcp(&file, &(struct packets_tcp){.ipv6 = ipv6, .seq = 0, .flags = PACKETS_SYN});
        for (const char *c = order; *c != '\0'; c++) {
            struct buffer part = {0};
            int number = *c - '0';
            (ipv6 ? fragment6 : fragment4)(&part, &packet, offsets[number], lengths[number],
                                           number != 2);
            if (number == 3) {
                part.data[part.length - 1] = 'Y';
            }
            add(&file, &part);
            buffer_free(&part);
        }
        /* The first that came wins. */
        bool other = strchr(order, '3') != NULL && strchr(order, '3') < strchr(order, '1');
        struct capture *capture = open_file(&file);
        assert_int_equal(capture_conversation_count(capture), 1);
        (void)snprintf(expected, sizeof expected, "A SYN, A \"%s\"", text);
        if (other) {
            expected[strlen("A SYN, A \"") + 59] = 'Y';
        }
        assert_string_equal(played_text(capture, 0, false), expected);
        capture_close(capture);
        buffer_free(&packet);
    }
}

/* Fragments of one datagram in sections of different byte order are read again as each is written. */
static void test_fragments_in_two_sections(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer packet = {0};

    packets_tcp(&packet, &(struct packets_tcp){
                             .flags = PACKETS_ACK, .data = "0123456789012345", .length = 16});
    for (int section = 0; section < 2; section++) {
        struct buffer part = {0};
        file.big_endian = section == 1;
        packets_section(&file);
        packets_interface(&file, 101, NULL);
        fragment4(&part, &packet, section == 0 ? 0 : 24, section == 0 ? 24 : 12, section == 0);
        packets_enhanced(&file, 0, 1, &part, part.length, NULL);
        buffer_free(&part);
    }
    struct capture *capture = open_file(&file);
    assert_int_equal(capture_conversation_count(capture), 1);
    assert_string_equal(played_text(capture, 0, false), "A \"0123456789012345\"");
    capture_close(capture);
    buffer_free(&packet);
}

static void test_fragments_that_never_were_complete_are_told(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer packet = {0};
    struct buffer part = {0};

    packets_tcp(&packet, &(struct packets_tcp){
                             .flags = PACKETS_ACK, .data = "0123456789012345", .length = 16});
    fragment4(&part, &packet, 0, 24, true);
    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    for (int i = 0; i < 300; i++) { /* more than the table holds */
        part.data[4] = (uint8_t)(i >> 8);
        part.data[5] = (uint8_t)i;
        add(&file, &part);
    }
    struct capture *capture = open_file(&file);
    assert_int_equal(capture_conversation_count(capture), 0);
    assert_string_equal(capture_warning(capture, 0),
                        "300 fragmented IP packets were never complete");
    capture_close(capture);
    buffer_free(&packet);
    buffer_free(&part);
}

/* A segment that the network card will cut has no length of its own yet. */
static void test_total_length_zero(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer packet = {0};

    packets_tcp(&packet,
                &(struct packets_tcp){.flags = PACKETS_ACK, .data = "offload", .length = 7});
    packet.data[2] = 0;
    packet.data[3] = 0;
    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    add(&file, &packet);
    struct capture *capture = open_file(&file);
    assert_string_equal(played_text(capture, 0, false), "A \"offload\"");
    capture_close(capture);
    buffer_free(&packet);
}

static void test_options_and_extension_headers(void **state)
{
    (void)state;
    struct packets_file file = {0};
    struct buffer packet = {0};
    struct buffer with = {0};
    static const uint8_t extensions[] = {
        60, 0, 1, 4,  0, 0, 0, 0,                         /* hop-by-hop */
        43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* destination options */
        6,  0, 4, 0,  0, 0, 0, 0,                         /* routing */
    };

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    packets_tcp(&packet, &(struct packets_tcp){
                             .ipv6 = true, .flags = PACKETS_ACK, .data = "six", .length = 3});
    buffer_append(&with, packet.data, 40);
    buffer_append(&with, extensions, sizeof extensions);
    buffer_append(&with, packet.data + 40, packet.length - 40);
    with.data[5] = (uint8_t)(with.length - 40);
    with.data[6] = 0;
    add(&file, &with);
    packet.length = 0;
    with.length = 0;
    packets_tcp(&packet, &(struct packets_tcp){.flags = PACKETS_ACK, .data = "four", .length = 4});
    buffer_append(&with, packet.data, 20);
    buffer_append(&with, "\x01\x01\x01\x00", 4);
    buffer_append(&with, packet.data + 20, packet.length - 20);
    with.data[0] = 0x46;
    with.data[3] = (uint8_t)with.length;
    add(&file, &with);
    struct capture *capture = open_file(&file);
    assert_int_equal(capture_conversation_count(capture), 2);
    assert_string_equal(played_text(capture, 0, false), "A \"six\"");
    assert_string_equal(played_text(capture, 1, false), "A \"four\"");
    capture_close(capture);
    buffer_free(&packet);
    buffer_free(&with);
}

/* ---- many -------------------------------------------------------------------------------------------- */

static void test_many_conversations_are_kept_apart(void **state)
{
    (void)state;
    struct packets_file file = {0};
    char text[24];

    packets_pcap(&file, PACKETS_MICROSECONDS, 101);
    for (int round = 0; round < 2; round++) {
        for (uint16_t port = 1; port <= 3000; port++) {
            (void)snprintf(text, sizeof text, "%05u%d", port, round);
            add_tcp(&file, &(struct packets_tcp){.port = port,
                                                 .seq = 6 * (uint32_t)round,
                                                 .flags = PACKETS_ACK,
                                                 .data = text,
                                                 .length = 6});
        }
    }
    struct capture *capture = open_file(&file);
    assert_int_equal(capture_conversation_count(capture), 3000);
    for (size_t i = 0; i < 3000; i += 7) {
        char expected[40];
        (void)snprintf(expected, sizeof expected, "A \"%05zu0%05zu1\"", i + 1, i + 1);
        assert_string_equal(played_text(capture, i, false), expected);
    }
    capture_close(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports_used_again_are_another_conversation),
        cmocka_unit_test(test_numbers_and_ends),
        cmocka_unit_test(test_dtls_and_quic_are_named),
        cmocka_unit_test(test_fragments_in_any_order),
        cmocka_unit_test(test_fragments_in_two_sections),
        cmocka_unit_test(test_fragments_that_never_were_complete_are_told),
        cmocka_unit_test(test_total_length_zero),
        cmocka_unit_test(test_options_and_extension_headers),
        cmocka_unit_test(test_many_conversations_are_kept_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
