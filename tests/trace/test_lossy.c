/* Captures of which packets are missing or come twice: what the list says of them, and what is said of TCP, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recording.h"
#include "scratch.h"

#define PCAP_HEADER   24
#define PACKET_HEADER 16
#define SOURCE_PORT   (PACKET_HEADER + 14 + 20) /* Ethernet, IPv4 without options, TCP */
#define EMPTY         (PACKET_HEADER + 14 + 20 + 20)

/* How often a packet is in the capture. */
typedef unsigned copies(const uint8_t *packet, size_t length, size_t number);

static bool is_of_server(const uint8_t *packet)
{
    return packet[SOURCE_PORT] == 1 && packet[SOURCE_PORT + 1] == 187; /* 443 */
}

/* A capture, which lends the trace its keys. */
struct lossy {
    struct trace_capture *capture;
    struct trace *trace;
    const struct trace_conversation *line;
};

static void lossy_free(struct lossy *lossy)
{
    trace_free(lossy->trace);
    trace_capture_close(lossy->capture);
}

static struct lossy lossy_new(copies *how_often)
{
    struct lossy lossy;
    struct buffer whole = {0};
    struct buffer made = {0};
    char path[SCRATCH_PATH_MAX];
    enum capture_state state = CAPTURE_MORE;
    struct err err = {0};
    size_t number = 0;
    size_t length;

    recording_begin(&whole);
    recording_add(&whole, "good", 50001, 0);
    buffer_append(&made, whole.data, PCAP_HEADER);
    for (size_t at = PCAP_HEADER; at < whole.length; at += length, number++) {
        const uint8_t *packet = whole.data + at;
        length = PACKET_HEADER + packet[8] + ((size_t)packet[9] << 8);
        for (unsigned i = how_often(packet, length, number); i > 0; i--) {
            buffer_append(&made, packet, length);
        }
    }
    (void)scratch_write(path, "lossy.pcap", made.data, made.length);
    buffer_free(&whole);
    buffer_free(&made);
    lossy.capture = trace_capture_open(path, NULL, &err);
    assert_non_null(lossy.capture);
    while (state != CAPTURE_DONE) {
        assert_int_equal(trace_capture_read(lossy.capture, INT64_MAX, &state, &err), 0);
    }
    assert_int_equal(trace_capture_count(lossy.capture), 1);
    lossy.line = trace_capture_at(lossy.capture, 0);
    lossy.trace = trace_capture_trace(lossy.capture, 0, 0, &err);
    assert_non_null(lossy.trace);
    return lossy;
}

/* ---- the verdict ------------------------------------------------------------------------------------- */

static size_t last_data;

static unsigned find_last_data(const uint8_t *packet, size_t length, size_t number)
{
    if (is_of_server(packet) && length > EMPTY) {
        last_data = number;
    }
    return 1;
}

static unsigned without_last_data(const uint8_t *packet, size_t length, size_t number)
{
    (void)packet;
    (void)length;
    return number == last_data ? 0 : 1;
}

static void complete_does_not_hide_lost_bytes(void **state)
{
    char expected[96];
    (void)state;

    struct lossy whole = lossy_new(find_last_data);
    assert_string_equal(whole.line->verdict, "complete");
    lossy_free(&whole);
    struct lossy lossy = lossy_new(without_last_data);
    uint64_t lost = trace_facts(lossy.trace, SIZE_MAX)->lost[WIRE_SERVER];
    assert_true(lost > 1);
    (void)snprintf(expected, sizeof expected, "complete, %llu bytes not captured",
                   (unsigned long long)lost);
    assert_string_equal(lossy.line->verdict, expected);
    assert_false(lossy.line->failed);
    lossy_free(&lossy);
}

static unsigned of_client(const uint8_t *packet, size_t length, size_t number)
{
    (void)length;
    (void)number;
    return is_of_server(packet) ? 0 : 1;
}

static unsigned of_server(const uint8_t *packet, size_t length, size_t number)
{
    (void)length;
    (void)number;
    return is_of_server(packet) ? 1 : 0;
}

/* The connection did not fail; the capture is what lacks something. */
static void one_side_alone_is_no_failure(void **state)
{
    (void)state;
    struct lossy client = lossy_new(of_client);
    struct lossy server = lossy_new(of_server);

    assert_string_equal(client.line->verdict, "only the client's side was captured");
    assert_false(client.line->failed);
    assert_string_equal(server.line->verdict, "only the server's side was captured");
    assert_false(server.line->failed);
    lossy_free(&client);
    lossy_free(&server);
}

/* ---- notes of TCP ------------------------------------------------------------------------------------ */

static size_t notes_of(const struct trace *trace, const char **text, enum wire_side from)
{
    size_t count = 0;

    for (size_t i = 0; i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind == TRACE_NOTE && event->from == from) {
            assert_string_equal(event->code, "tcp");
            *text = event->text;
            count++;
        }
    }
    return count;
}

static unsigned server_data_twice(const uint8_t *packet, size_t length, size_t number)
{
    (void)number;
    return is_of_server(packet) && length > EMPTY ? 2 : 1;
}

static void the_same_is_said_once(void **state)
{
    struct lossy whole = lossy_new(find_last_data);
    struct lossy twice = lossy_new(server_data_twice);
    const char *text = NULL;
    unsigned segments = 0;
    (void)state;

    assert_int_equal(notes_of(whole.trace, &text, WIRE_SERVER), 0);
    assert_int_equal(notes_of(twice.trace, &text, WIRE_CLIENT), 0);
    assert_int_equal(notes_of(twice.trace, &text, WIRE_SERVER), 1);
    assert_int_equal(sscanf(text, "retransmission: %u segments", &segments), 1);
    assert_true(segments > 1);
    assert_string_equal(twice.line->verdict, "complete");
    lossy_free(&whole);
    lossy_free(&twice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complete_does_not_hide_lost_bytes),
        cmocka_unit_test(one_side_alone_is_no_failure),
        cmocka_unit_test(the_same_is_said_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
