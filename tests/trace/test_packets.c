/* Packets beside a live session: which are rows, in which order, in place of the kernel's word; what is sent again; saved and opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation.h"
#include "partition.h"
#include "scratch.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* ---- made by hand ---------------------------------------------------------------------------------- */

static void store32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* Headers of a packet from one side; `length` bytes of payload were behind them. */
static void packet(struct trace *trace, enum wire_side from, unsigned flags, uint32_t seq,
                   size_t length, int64_t time_ns)
{
    size_t total = 40 + length;
    uint8_t bytes[40] = {0x45, 0, (uint8_t)(total >> 8), (uint8_t)total, 0, 1, 0x40, 0, 64, 6};
    const struct trace_event event = {.kind = TRACE_PACKET,
                                      .from = from,
                                      .time_ns = time_ns,
                                      .data = bytes,
                                      .length = sizeof bytes,
                                      .dropped = length};

    bytes[12] = bytes[16] = 192;
    bytes[15] = from == WIRE_CLIENT ? 1 : 2;
    bytes[19] = from == WIRE_CLIENT ? 2 : 1;
    store32(bytes + 20, from == WIRE_CLIENT ? 50000u << 16 | 443 : 443u << 16 | 50000);
    store32(bytes + 24, seq);
    bytes[32] = 0x50;
    bytes[33] = (uint8_t)flags;
    conversation_append(trace, &event);
}

/* connect() has returned; `packets`: they are captured. */
static void connected(struct trace *trace, bool packets)
{
    struct trace_connection connection = {.local = "192.0.0.1:50000",
                                          .peer = "192.0.0.2:443",
                                          .syn_ns = 10,
                                          .established_ns = 20,
                                          .rtt_us = 1,
                                          .mss = 1460,
                                          .packets = packets};
    struct trace_event event = {
        .kind = TRACE_PHASE, .phase = TRACE_CONNECT, .state = TRACE_DONE, .time_ns = 20};

    event.connection = malloc(sizeof connection);
    assert_non_null(event.connection);
    memcpy(event.connection, &connection, sizeof connection);
    assert_int_equal(trace_append(trace, &event, NULL), 0);
}

static void handshake(struct trace *trace)
{
    connected(trace, true);
    packet(trace, WIRE_CLIENT, SYN, 0xffffffff, 0, 11); /* so that numbers go round */
    packet(trace, WIRE_SERVER, SYN | ACK, 1000, 0, 12);
    packet(trace, WIRE_CLIENT, ACK, 0, 0, 13);
}

static void expect_rows(const struct trace *trace, const char *expected)
{
    struct buffer rows = {0};

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        buffer_printf(&rows, "%s%s%s", i > 0 ? " " : "", row->from == WIRE_CLIENT ? ">" : "<",
                      row->type);
        assert_int_equal(row->n, i + 1);
    }
    assert_string_equal(buffer_string(&rows), expected);
    buffer_free(&rows);
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static void packets_take_the_place_of_what_the_kernel_told(void **state)
{
    struct trace *trace = conversation_trace_new();
    struct wire_tree tree = {0};
    struct trace_buffer buffer;
    (void)state;

    handshake(trace);
    expect_rows(trace, ">SYN <SYN-ACK >ACK");
    const struct trace_row *row = trace_row_at(trace, 1);
    assert_true(row->observed);
    assert_int_equal(row->layer, TRACE_LAYER_TCP);
    assert_int_equal(row->time_ns, 12);
    assert_int_equal(trace_row_dissect(trace, row, &tree, &buffer), 0);
    assert_string_equal(buffer.name, "packet");
    assert_true(partition_holds(&tree));
    assert_true(wire_tree_find(&tree, "tcp.sequence_number", 0) > 0);
    struct trace_buffer list[4];
    assert_int_equal(trace_row_buffers(trace, row, list, 4), 1);
    assert_int_equal(trace_buffer_dissect(trace, row, &list[0], &tree), 0);
    assert_true(wire_tree_find(&tree, "tcp.flags", 0) > 0);
    wire_tree_free(&tree);
    trace_free(trace);
}

static void without_packets_the_kernel_tells(void **state)
{
    struct trace *trace = conversation_trace_new();
    (void)state;

    connected(trace, false);
    expect_rows(trace, ">SYN <SYN-ACK >ACK");
    assert_false(trace_row_at(trace, 0)->observed);
    trace_free(trace);
}

static void data_and_bare_acknowledgements_are_no_rows_but_what_is_sent_again_is(void **state)
{
    struct trace *trace = conversation_trace_new();
    (void)state;

    handshake(trace);
    packet(trace, WIRE_CLIENT, PSH | ACK, 0, 500, 30);
    packet(trace, WIRE_SERVER, ACK, 1001, 0, 31);
    packet(trace, WIRE_CLIENT, PSH | ACK, 0, 500, 32);
    packet(trace, WIRE_CLIENT, PSH | ACK, 500, 10, 33);
    packet(trace, WIRE_CLIENT, PSH | ACK, 400, 200, 34); /* in part new */
    expect_rows(trace, ">SYN <SYN-ACK >ACK >Retransmission");
    const struct trace_row *again = trace_row_at(trace, 3);
    char text[100];
    assert_int_equal(again->length, 500);
    assert_string_equal(trace_row_summary(text, sizeof text, trace, again),
                        "500 bytes that were sent before");

    struct trace_packets packets = trace_packets_between(trace, 4, trace_event_count(trace));
    assert_int_equal(packets.count, 5);
    assert_int_equal(packets.segments[WIRE_CLIENT], 3);
    assert_int_equal(packets.bytes[WIRE_CLIENT], 710);
    assert_int_equal(packets.again[WIRE_CLIENT], 1);
    assert_int_equal(packets.bare, 1);
    assert_false(packets.syn);
    packets = trace_packets_between(trace, 0, 4);
    assert_true(packets.syn && packets.syn_ack && packets.ack);
    assert_int_equal(packets.count, 3);
    trace_free(trace);
}

/* A FIN is seen before the bytes in front of it have been read from the socket. */
static void an_end_stands_behind_the_bytes_before_it(void **state)
{
    static const uint8_t alert[] = {21, 3, 3, 0, 2, 1, 0};
    struct trace *trace = conversation_trace_new();
    (void)state;

    handshake(trace);
    packet(trace, WIRE_SERVER, FIN | PSH | ACK, 1001, sizeof alert, 40);
    expect_rows(trace, ">SYN <SYN-ACK >ACK");
    conversation_bytes(trace, WIRE_SERVER, alert, sizeof alert);
    conversation_end(trace, WIRE_SERVER, TRACE_FIN);
    conversation_end(trace, WIRE_CLIENT, TRACE_FIN);
    packet(trace, WIRE_CLIENT, FIN | ACK, 0, 0, 41);
    packet(trace, WIRE_CLIENT, FIN | ACK, 0, 0, 50);
    packet(trace, WIRE_SERVER, RST, 1009, 0, 51);
    expect_rows(trace, ">SYN <SYN-ACK >ACK <Alert <FIN >FIN >Retransmission <RST");
    assert_int_equal(trace_row_at(trace, 4)->time_ns, 40);
    trace_free(trace);
}

static void an_end_without_an_end_of_the_stream_comes_at_last(void **state)
{
    struct trace *trace = conversation_trace_new();
    (void)state;

    handshake(trace);
    packet(trace, WIRE_SERVER, RST | ACK, 1001, 0, 40);
    expect_rows(trace, ">SYN <SYN-ACK >ACK");
    trace_finish(trace);
    expect_rows(trace, ">SYN <SYN-ACK >ACK <RST");
    trace_free(trace);
}

/* ---- enemies, files ------------------------------------------------------------------------------------ */

static void what_is_no_packet_is_no_row(void **state)
{
    struct trace *trace = conversation_trace_new();
    uint8_t bytes[60];
    (void)state;

    for (size_t length = 0; length <= sizeof bytes; length++) {
        for (int fill = 0; fill < 256; fill += 17) {
            memset(bytes, fill, sizeof bytes);
            const struct trace_event event = {
                .kind = TRACE_PACKET, .data = bytes, .length = length, .dropped = SIZE_MAX};
            conversation_append(trace, &event);
        }
    }
    assert_int_equal(trace_row_count(trace), 0);
    trace_free(trace);
}

static void a_saved_session_shows_the_same(void **state)
{
    struct trace *trace = conversation_trace_new();
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};
    (void)state;

    scratch_path(path, "packets.pcapng");
    handshake(trace);
    packet(trace, WIRE_CLIENT, PSH | ACK, 0, 500, 30);
    packet(trace, WIRE_CLIENT, PSH | ACK, 0, 500, 32);
    packet(trace, WIRE_CLIENT, FIN | ACK, 500, 0, 33);
    conversation_end(trace, WIRE_CLIENT, TRACE_FIN);
    trace_finish(trace);
    assert_int_equal(trace_save(trace, path, true, &err), 0);
    struct trace *opened = trace_open(path, &err);
    assert_non_null(opened);
    expect_rows(opened, ">SYN <SYN-ACK >ACK >Retransmission >FIN");
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        assert_true(trace_row_at(opened, i)->observed);
        assert_int_equal(trace_row_at(opened, i)->time_ns, trace_row_at(trace, i)->time_ns);
        assert_int_equal(trace_row_at(opened, i)->length, trace_row_at(trace, i)->length);
    }
    trace_free(opened);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_take_the_place_of_what_the_kernel_told),
        cmocka_unit_test(without_packets_the_kernel_tells),
        cmocka_unit_test(data_and_bare_acknowledgements_are_no_rows_but_what_is_sent_again_is),
        cmocka_unit_test(an_end_stands_behind_the_bytes_before_it),
        cmocka_unit_test(an_end_without_an_end_of_the_stream_comes_at_last),
        cmocka_unit_test(what_is_no_packet_is_no_row),
        cmocka_unit_test(a_saved_session_shows_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
