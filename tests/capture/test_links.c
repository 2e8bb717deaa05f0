/* Whatever wraps it, the same TCP segment is found: link types, tags, tunnels, extension headers. */
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

/* What stands before the IP packet, in hexadecimal, innermost last; `ip` headers of tunnels are made. */
struct wrapping {
    const char *name;
    uint16_t link_type;
    bool ipv6;         /* the packet inside */
    const char *inner; /* directly before it */
    int tunnel;        /* protocol of an IP header before `inner`, or -1 */
    int tunnel_version;
    const char *outer;  /* before that */
    const char *behind; /* padding */
};

#define ETHERNET     "020000000001020000000002"
#define UDP_TO(port) "9999" port "00000000" /* length 0: to the end */

static const struct wrapping wrappings[] = {
    {"Ethernet", 1, false, ETHERNET "0800", -1, 0, "", ""},
    {"Ethernet, IPv6", 1, true, ETHERNET "86dd", -1, 0, "", ""},
    {"Ethernet, padding", 1, false, ETHERNET "0800", -1, 0, "", "000000000000deadbeef"},
    {"802.3 with LLC and SNAP", 1, false, ETHERNET "0041aaaa030000000800", -1, 0, "", "ffffffff"},
    {"VLAN", 1, false, ETHERNET "810000640800", -1, 0, "", ""},
    {"QinQ", 1, true, ETHERNET "88a8000181000002 86dd", -1, 0, "", ""},
    {"three tags", 1, false, ETHERNET "910000018100000281000003 0800", -1, 0, "", ""},
    {"802.1ah", 1, false, ETHERNET "88e700000001" ETHERNET "0800", -1, 0, "", ""},
    {"MPLS, two labels", 1, false, ETHERNET "8847000100ff000201ff", -1, 0, "", ""},
    {"MPLS, IPv6", 1, true, ETHERNET "8847000201ff", -1, 0, "", ""},
    {"MPLS pseudowire", 1, false, ETHERNET "8847000201ff00000000" ETHERNET "0800", -1, 0, "", ""},
    {"PPPoE", 1, false, ETHERNET "8864110000010000 0021", -1, 0, "", ""},
    {"PPP", 9, false, "ff030021", -1, 0, "", ""},
    {"PPP, compressed", 9, false, "21", -1, 0, "", ""},
    {"PPP, IPv6", 9, true, "0057", -1, 0, "", ""},
    {"PPP in HDLC framing", 50, false, "ff030021", -1, 0, "", ""},
    {"Cisco HDLC", 104, true, "0f0086dd", -1, 0, "", ""},
    {"raw, 12", 12, false, "", -1, 0, "", ""},
    {"raw, 14", 14, true, "", -1, 0, "", ""},
    {"raw, 101", 101, true, "", -1, 0, "", ""},
    {"raw IPv4", 228, false, "", -1, 0, "", ""},
    {"raw IPv6", 229, true, "", -1, 0, "", ""},
    {"null, little-endian", 0, false, "02000000", -1, 0, "", ""},
    {"null, big-endian", 0, false, "00000002", -1, 0, "", ""},
    {"null, NetBSD", 0, true, "18000000", -1, 0, "", ""},
    {"null, FreeBSD", 0, true, "1c000000", -1, 0, "", ""},
    {"null, macOS", 0, true, "1e000000", -1, 0, "", ""},
    {"null, Linux", 0, true, "0a000000", -1, 0, "", ""},
    {"null, Windows", 0, true, "17000000", -1, 0, "", ""},
    {"null, macOS big-endian", 0, true, "0000001e", -1, 0, "", ""},
    {"OpenBSD loop", 108, true, "00000018", -1, 0, "", ""},
    {"OpenBSD enc", 109, false, "020000000000000000000000", -1, 0, "", ""},
    {"cooked", 113, false, "00000001000600000000000100000800", -1, 0, "", ""},
    {"cooked, VLAN", 113, true, "00000001000600000000000100008100000186dd", -1, 0, "", ""},
    {"cooked 2", 276, true, "86dd0000000000020001000600000000000100 00", -1, 0, "", ""},
    {"nflog", 239, false, "02000000 0800010000000000 08000900", -1, 0, "", ""},
    {"PPI", 192, false, "0000080001000000" ETHERNET "0800", -1, 0, "", ""},
    {"radiotap, QoS data", 127, false,
     "000008000000000088020000" ETHERNET "0200000000030000 0000 aaaa030000000800", -1, 0, "", ""},
    {"PKTAP", 258, false, "0c000000010000000c000000", -1, 0, "", ""},
    {"pflog", 117, false, "04020000", -1, 0, "", ""},
    {"IPIP", 101, false, "", 4, 4, "", ""},
    {"6in4", 101, true, "", 41, 4, "", ""},
    {"4in6", 101, false, "", 4, 6, "", ""},
    {"GRE", 101, false, "00000800", 47, 4, "", ""},
    {"GRE with checksum, key, sequence", 101, true, "b00086dd000000000000000100000002", 47, 4, "",
     ""},
    {"GRE over IPv6", 101, false, "00000800", 47, 6, "", ""},
    {"GRE, bridging", 101, false, "00006558" ETHERNET "0800", 47, 4, "", ""},
    {"GRE with routes", 101, false, "4000080000000000000004041122334400000000", 47, 4, "", ""},
    {"PPTP", 101, false, "3081880b0004000100000001000000 02ff030021", 47, 4, "", ""},
    {"ERSPAN I", 101, false, "000088be" ETHERNET "0800", 47, 4, "", ""},
    {"ERSPAN II", 101, false, "100088be000000010000000000000000" ETHERNET "0800", 47, 4, "", ""},
    {"ERSPAN III", 101, false, "100022eb00000001200000000000000000000000" ETHERNET "0800", 47, 4,
     "", ""},
    {"MPLS in IP", 101, false, "000201ff", 137, 4, "", ""},
    {"EtherIP", 101, false, "3000" ETHERNET "0800", 97, 4, "", ""},
    {"AH", 101, false, "040400000000000100000001000000000000000000000000", 51, 4, "", ""},
    {"VXLAN", 101, false, UDP_TO("12b5") "0800000000000100" ETHERNET "0800", 17, 4, "", ""},
    {"Geneve with an option", 101, true, UDP_TO("17c1") "0100655800000100deadbeef" ETHERNET "86dd",
     17, 4, "", ""},
    {"GTP-U", 101, false, UDP_TO("0868") "30ff00300000 0001", 17, 4, "", ""},
    {"GTP-U with an extension", 101, false, UDP_TO("0868") "34ff00300000000100000085 01000000", 17,
     4, "", ""},
    {"Teredo", 101, true, UDP_TO("0dd8"), 17, 4, "", ""},
    {"GRE in VLAN on Ethernet", 1, false, "00000800", 47, 4, ETHERNET "810000050800", ""},
};

static void put_hex(struct buffer *packet, const char *hex)
{
    char packed[400];
    size_t length = 0;

    for (; *hex != '\0' && length < sizeof packed - 1; hex++) {
        if (*hex != ' ') {
            packed[length++] = *hex;
        }
    }
    packed[length] = '\0';
    packets_put_hex(packet, packed);
}

static void wrap(struct buffer *packet, const struct wrapping *wrapping)
{
    put_hex(packet, wrapping->inner);
    if (strstr(wrapping->inner, "8864110000010000") != NULL) {
        /* PPPoE's length, two bytes before PPP's protocol */
        packet->data[18] = (uint8_t)((packet->length - 20) >> 8);
        packet->data[19] = (uint8_t)(packet->length - 20);
    }
    if (strstr(wrapping->inner, "0800010000000000") != NULL) {
        size_t length = packet->length - 12;
        packet->data[12] = (uint8_t)length;
        packet->data[13] = (uint8_t)(length >> 8);
    }
    if (wrapping->tunnel >= 0 && wrapping->tunnel_version == 4) {
        packets_put_ipv4(packet, (uint8_t)wrapping->tunnel);
    } else if (wrapping->tunnel >= 0) {
        packets_put_ipv6(packet, (uint8_t)wrapping->tunnel);
    }
    put_hex(packet, wrapping->outer);
    uint8_t behind[16];
    long count = text_unhex(behind, sizeof behind, wrapping->behind, strlen(wrapping->behind));
    buffer_append(packet, behind, (size_t)count);
}

static void check(const struct wrapping *wrapping)
{
    static const struct packets_tcp segments[] = {
        {.seq = 1000, .flags = PACKETS_SYN},
        {.from_server = true, .seq = 5000, .ack = 1001, .flags = PACKETS_SYN | PACKETS_ACK},
        {.seq = 1001, .ack = 5001, .flags = PACKETS_ACK},
        {.seq = 1001, .ack = 5001, .flags = PACKETS_ACK, .data = "hello", .length = 5},
        {.from_server = true,
         .seq = 5001,
         .ack = 1006,
         .flags = PACKETS_ACK,
         .data = "well",
         .length = 4},
    };
    struct packets_file file = {0};
    char path[SCRATCH_PATH_MAX];
    char ends[2][64];
    struct err err = {0};

    packets_pcap(&file, PACKETS_MICROSECONDS, wrapping->link_type);
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        struct packets_tcp segment = segments[i];
        struct buffer packet = {0};
        segment.ipv6 = wrapping->ipv6;
        packets_tcp(&packet, &segment);
        wrap(&packet, wrapping);
        packets_pcap_add(&file, 1, (uint32_t)i, &packet, packet.length);
        buffer_free(&packet);
    }
    scratch_write(path, "links.pcap", file.bytes.data, file.bytes.length);
    struct capture *capture = played_open(path, &err);
    assert_non_null(capture);
    if (capture_conversation_count(capture) != 1) {
        fail_msg("%s: %zu conversations", wrapping->name, capture_conversation_count(capture));
    }
    const struct capture_conversation *found = capture_conversation_at(capture, 0);
    assert_string_equal(capture_endpoint_text(ends[0], sizeof ends[0], &found->ends[0]),
                        wrapping->ipv6 ? "[2001:db8::1]:40000" : "192.0.2.1:40000");
    assert_string_equal(capture_endpoint_text(ends[1], sizeof ends[1], &found->ends[1]),
                        wrapping->ipv6 ? "[2001:db8::2]:443" : "198.51.100.2:443");
    const char *text = played_text(capture, 0, true);
    if (strcmp(text, "A SYN, B SYN+ACK, A ACK, A \"hello\", B \"well\"") != 0) {
        fail_msg("%s: %s", wrapping->name, text);
    }
    capture_close(capture);
    buffer_free(&file.bytes);
}

static void test_every_wrapping_gives_the_same_conversation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrappings / sizeof *wrappings; i++) {
        check(&wrappings[i]);
    }
}

/* One packet alone: how many TCP conversations are in it. */
static size_t conversations_of(uint16_t link_type, const struct buffer *packet, char *warning,
                               size_t size)
{
    struct packets_file file = {0};
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    packets_pcap(&file, PACKETS_MICROSECONDS, link_type);
    packets_pcap_add(&file, 1, 0, packet, packet->length);
    scratch_write(path, "one.pcap", file.bytes.data, file.bytes.length);
    struct capture *capture = played_open(path, &err);
    assert_non_null(capture);
    size_t count = 0;
    for (size_t i = 0; i < capture_conversation_count(capture); i++) {
        count += capture_conversation_at(capture, i)->transport == CAPTURE_TCP;
    }
    const char *text = capture_warning(capture, 0);
    (void)snprintf(warning, size, "%s", text != NULL ? text : "");
    capture_close(capture);
    buffer_free(&file.bytes);
    return count;
}

/* All that can be wrapped, cut at every byte: no byte that is not there is looked at (sanitizers tell). */
static void test_headers_that_are_cut_give_nothing(void **state)
{
    (void)state;
    const struct packets_tcp segment = {.seq = 1, .flags = PACKETS_ACK, .data = "x", .length = 1};

    for (size_t i = 0; i < sizeof wrappings / sizeof *wrappings; i++) {
        struct buffer packet = {0};
        struct packets_tcp tcp = segment;
        char warning[200];
        tcp.ipv6 = wrappings[i].ipv6;
        packets_tcp(&packet, &tcp);
        size_t transport = packet.length - 21;
        wrap(&packet, &wrappings[i]);
        size_t behind = strlen(wrappings[i].behind) / 2;
        size_t header = packet.length - behind - 21; /* the TCP header begins here */
        assert_true(header >= transport);
        for (size_t cut = 0; cut < header + 20; cut++) {
            struct buffer part = {.data = packet.data, .length = cut};
            assert_int_equal(conversations_of(wrappings[i].link_type, &part, warning, 200), 0);
        }
        buffer_free(&packet);
    }
}

static void test_an_unknown_link_type_is_told(void **state)
{
    (void)state;
    struct buffer packet = {0};
    char warning[200];

    buffer_text(&packet, "whatever this is");
    assert_int_equal(conversations_of(147, &packet, warning, sizeof warning), 0);
    assert_string_equal(warning, "1 packet of link type 147, which is not known");
    buffer_free(&packet);
}

static void test_endless_wrapping_ends(void **state)
{
    (void)state;
    const struct packets_tcp segment = {.seq = 1, .flags = PACKETS_ACK};
    struct buffer packet = {0};
    char warning[200];

    packets_tcp(&packet, &segment);
    for (int i = 0; i < 20; i++) {
        packets_put_ipv4(&packet, 4);
    }
    assert_int_equal(conversations_of(101, &packet, warning, sizeof warning), 1);
    for (int i = 0; i < 20; i++) {
        packets_put_ipv4(&packet, 4);
    }
    assert_int_equal(conversations_of(101, &packet, warning, sizeof warning), 0);
    buffer_free(&packet);
}

/* Ports of tunnels are used by others, too. */
static void test_what_is_no_tunnel_is_a_datagram(void **state)
{
    (void)state;
    static const uint16_t ports[] = {2152, 3544, 4789, 6081, 8472};
    static const char dtls[] = "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\4abcd";

    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        struct packets_file file = {0};
        struct buffer packet = {0};
        char path[SCRATCH_PATH_MAX];
        packets_udp(&packet, 5000, ports[i], dtls, sizeof dtls - 1);
        packets_pcap(&file, PACKETS_MICROSECONDS, 101);
        packets_pcap_add(&file, 1, 0, &packet, packet.length);
        scratch_write(path, "no-tunnel.pcap", file.bytes.data, file.bytes.length);
        struct capture *capture = played_open(path, NULL);
        assert_int_equal(capture_conversation_count(capture), 1);
        assert_string_equal(capture_conversation_at(capture, 0)->protocol, "DTLS");
        assert_int_equal(capture_conversation_at(capture, 0)->bytes[CAPTURE_A], sizeof dtls - 1);
        capture_close(capture);
        buffer_free(&packet);
        buffer_free(&file.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_wrapping_gives_the_same_conversation),
        cmocka_unit_test(test_headers_that_are_cut_give_nothing),
        cmocka_unit_test(test_an_unknown_link_type_is_told),
        cmocka_unit_test(test_endless_wrapping_ends),
        cmocka_unit_test(test_what_is_no_tunnel_is_a_datagram),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
