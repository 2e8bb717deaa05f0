/* A packet's headers as fields: every byte in one leaf, values as people write them, what is cut and what lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "partition.h"

/* A SYN as Linux sends it; fields below as tshark reads them. */
static const uint8_t syn[] = {
    0x45, 0x00, 0x00, 0x3c, 0x1c, 0x46, 0x40, 0x00, 0x40, 0x06, 0xb1, 0xe6, 0xac, 0x10, 0x0a,
    0x63, 0xac, 0x10, 0x0a, 0x0c, 0xc3, 0x50, 0x01, 0xbb, 0xdd, 0xee, 0xff, 0x01, 0x00, 0x00,
    0x00, 0x00, 0xa0, 0x02, 0xfa, 0xf0, 0x12, 0x34, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4, 0x04,
    0x02, 0x08, 0x0a, 0x00, 0x00, 0x03, 0xe8, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x07};

static void expect_field(const struct wire_tree *tree, const char *path, const char *expected)
{
    char value[100];
    long index = wire_tree_find(tree, path, 0);

    if (index < 0) {
        fail_msg("there is no field %s", path);
    }
    assert_string_equal(wire_field_value(value, sizeof value, tree, (size_t)index), expected);
}

static void a_syn_is_read_to_its_last_option(void **state)
{
    static const char *const expected[][2] = {
        {"ip.version", "4, 20 bytes"},
        {"ip.total_length", "60"},
        {"ip.ttl", "64"},
        {"ip.source", "172.16.10.99"},
        {"ip.destination", "172.16.10.12"},
        {"tcp.source_port", "50000"},
        {"tcp.destination_port", "443"},
        {"tcp.sequence_number", "3723427585"},
        {"tcp.data_offset", "40 bytes"},
        {"tcp.flags", "SYN"},
        {"tcp.window", "64240"},
        {"tcp.option.maximum_segment_size.value", "1460"},
        {"tcp.option.timestamps.value", "1000"},
        {"tcp.option.window_scale.shift", "7"},
    };
    struct wire_tree tree = {0};
    (void)state;

    assert_int_equal(wire_packet_dissect(&tree, syn, sizeof syn), 0);
    assert_true(partition_holds(&tree));
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        expect_field(&tree, expected[i][0], expected[i][1]);
    }
    assert_true(wire_tree_find(&tree, "tcp.option.sack_permitted", 0) > 0);
    assert_true(wire_tree_find(&tree, "packet.payload", 0) < 0);
    wire_tree_free(&tree);
}

/* RFC 8200: a destination option header stands between; flags of a last segment; payload. */
static void ipv6_with_an_extension_header_leads_to_tcp(void **state)
{
    uint8_t packet[40 + 8 + 20 + 3] = {0x60, 0, 0, 0, 0, 31, 60, 64};
    struct wire_tree tree = {0};
    (void)state;

    packet[8] = 0x20;
    packet[23] = 1;
    packet[24] = 0xfe;
    packet[25] = 0x80;
    packet[39] = 2;
    packet[40] = 6; /* TCP behind the destination options */
    packet[48 + 12] = 0x50;
    packet[48 + 13] = 0x19;
    assert_int_equal(wire_packet_dissect(&tree, packet, sizeof packet), 0);
    assert_true(partition_holds(&tree));
    expect_field(&tree, "ip6.source", "2000::1");
    expect_field(&tree, "ip6.destination", "fe80::2");
    expect_field(&tree, "tcp.flags", "FIN, PSH, ACK");
    expect_field(&tree, "packet.payload", "000000");
    wire_tree_free(&tree);
}

static void wherever_it_is_cut_each_byte_has_one_place(void **state)
{
    struct wire_tree tree = {0};
    (void)state;

    for (size_t length = 0; length <= sizeof syn; length++) {
        uint8_t *cut = malloc(length + 1);
        assert_non_null(cut);
        memcpy(cut, syn, length);
        assert_int_equal(wire_packet_dissect(&tree, cut, length), 0);
        assert_true(partition_holds(&tree));
        /* Half a field is an error; nothing of it is taken for what TCP carries. */
        assert_true(wire_tree_find(&tree, "packet.payload", 0) < 0);
        assert_true(length != 33 + 2 || wire_tree_find(&tree, "error.truncated", 0) > 0);
        free(cut);
    }
    wire_tree_free(&tree);
}

/* Each byte of the headers with each value: lengths that lie, options without end, other protocols. */
static void whatever_the_bytes_say_each_has_one_place(void **state)
{
    uint8_t packet[sizeof syn];
    struct wire_tree tree = {0};
    (void)state;

    for (size_t at = 0; at < sizeof syn; at++) {
        for (unsigned value = 0; value < 256; value++) {
            memcpy(packet, syn, sizeof syn);
            packet[at] = (uint8_t)value;
            assert_int_equal(wire_packet_dissect(&tree, packet, sizeof packet), 0);
            assert_true(partition_holds(&tree));
        }
    }
    wire_tree_free(&tree);
}

static void an_option_that_goes_past_the_header_is_an_error(void **state)
{
    uint8_t packet[sizeof syn];
    struct wire_tree tree = {0};
    (void)state;

    memcpy(packet, syn, sizeof syn);
    packet[41] = 60;
    assert_int_equal(wire_packet_dissect(&tree, packet, sizeof packet), 0);
    assert_true(partition_holds(&tree));
    assert_true(wire_tree_find(&tree, "error.length", 0) > 0);
    assert_true(wire_tree_find(&tree, "tcp.option.maximum_segment_size", 0) < 0);
    wire_tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_syn_is_read_to_its_last_option),
        cmocka_unit_test(ipv6_with_an_extension_header_leads_to_tcp),
        cmocka_unit_test(wherever_it_is_cut_each_byte_has_one_place),
        cmocka_unit_test(whatever_the_bytes_say_each_has_one_place),
        cmocka_unit_test(an_option_that_goes_past_the_header_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
