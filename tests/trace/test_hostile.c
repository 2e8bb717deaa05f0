/* Bytes from an enemy: cut, flipped, too long, no TLS at all. Every one ends up in a row that says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation_cases.h"
#include "trace_compare.h"

#define BYTES(trace, from, text) conversation_bytes(trace, from, text, sizeof(text) - 1)

static const struct trace_row *last_row(const struct trace *trace)
{
    return trace_row_at(trace, trace_row_count(trace) - 1);
}

/* ---- cut ------------------------------------------------------------------------------------------- */

/* The conversation's secrets, and its bytes up to so many in all. */
static struct trace *cut_trace(const struct conversation *conversation, size_t limit)
{
    struct trace *trace = conversation_trace_new();
    size_t total = 0;

    for (size_t i = 0; i < conversation->count; i++) {
        if (conversation->events[i].kind == TRACE_SECRET) {
            conversation_append(trace, &conversation->events[i]);
        }
    }
    for (size_t i = 0; i < conversation->count && total < limit; i++) {
        struct trace_event event = conversation->events[i];
        if (event.kind == TRACE_BYTES && event.length > 0) {
            if (event.length > limit - total) {
                event.length = limit - total;
            }
            total += event.length;
            conversation_append(trace, &event);
        }
    }
    trace_finish(trace);
    return trace;
}

static size_t byte_count(const struct conversation *conversation)
{
    size_t total = 0;

    for (size_t i = 0; i < conversation->count; i++) {
        total += conversation->events[i].kind == TRACE_BYTES ? conversation->events[i].length : 0;
    }
    return total;
}

/* Rows before the cut are the same; after it comes at most one for the rest of a record and one for the
 * rest of a message, which say what happened. */
static void expect_cut(const struct trace *whole, const struct trace *cut, size_t length)
{
    size_t count = trace_row_count(cut);
    size_t same = 0;

    while (same < count && same < trace_row_count(whole) && !trace_row_at(cut, same)->malformed) {
        compare_row(whole, trace_row_at(whole, same), cut, trace_row_at(cut, same), COMPARE_TIMES);
        same++;
    }
    assert_true(count - same <= 2);
    for (; same < count; same++) {
        const struct trace_row *row = trace_row_at(cut, same);
        assert_true(row->malformed);
        assert_non_null(strstr(row->problem, "the connection ended after"));
        assert_true(row->length <= length);
    }
}

static void a_conversation_may_be_cut_at_every_byte(void **state)
{
    static const char *const names[] = {"tls13-client-certificate", "tls12-cbc"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct conversation *conversation = conversation_case_held(names[i]);
        size_t total = byte_count(conversation);
        struct trace *whole = cut_trace(conversation, total);
        assert_false(last_row(whole)->malformed);
        for (size_t length = 0; length < total; length++) {
            struct trace *cut = cut_trace(conversation, length);
            expect_cut(whole, cut, length);
            trace_free(cut);
        }
        trace_free(whole);
    }
}

static void the_end_of_a_stream_cuts_what_is_under_way(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    BYTES(trace, WIRE_SERVER,
          "\x16\x03\x03\0\x08\x0e\0\0\0\x02\0\0\x10"); /* SHD, and more to come */
    assert_int_equal(trace_row_count(trace), 1);
    BYTES(trace, WIRE_SERVER, "\x16\x03\x03\0\x20only a part");
    conversation_end(trace, WIRE_SERVER, TRACE_RESET);
    assert_int_equal(trace_row_count(trace), 3);
    const struct trace_row *row = trace_row_at(trace, 1);
    assert_string_equal(row->type, "ServerHello");
    assert_string_equal(row->problem, "the connection ended after 15 of 20 bytes");
    assert_string_equal(last_row(trace)->type, "RST");
    conversation_end(trace, WIRE_SERVER, TRACE_FIN);
    BYTES(trace, WIRE_SERVER, "\x15\x03\x03\0\2\2\x28"); /* after its own end: shown all the same */
    assert_string_equal(last_row(trace)->type, "Alert");
    trace_finish(trace);
    assert_int_equal(trace_row_count(trace), 5);
    trace_free(trace);
}

static void a_record_header_that_is_cut_is_shown(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    BYTES(trace, WIRE_CLIENT, "\x17\x03");
    BYTES(trace, WIRE_SERVER, "\x15\x03\x03\0\2\2");
    trace_finish(trace);
    assert_int_equal(trace_row_count(trace), 2);
    assert_string_equal(trace_row_at(trace, 0)->type, "ApplicationData");
    assert_string_equal(trace_row_at(trace, 0)->problem, "the connection ended after 2 bytes");
    assert_string_equal(trace_row_at(trace, 1)->type, "Alert");
    assert_string_equal(trace_row_at(trace, 1)->problem, "the connection ended after 6 of 7 bytes");
    trace_free(trace);
}

/* ---- flipped --------------------------------------------------------------------------------------- */

static void walk(struct trace *trace)
{
    struct wire_tree tree = {0};

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        struct trace_buffer buffers[8];
        char text[200];
        (void)trace_row_buffers(trace, row, buffers, 8);
        (void)trace_row_summary(text, sizeof text, trace, row);
        assert_int_equal(trace_row_dissect(trace, row, &tree, NULL), 0);
    }
    for (size_t cursor = 0; cursor <= trace_event_count(trace); cursor++) {
        assert_non_null(trace_facts(trace, cursor));
    }
    wire_tree_free(&tree);
}

/* Any bit of any record. */
static void flipped_bits_do_no_harm(void **state)
{
    uint32_t random = 20251124;

    (void)state;
    for (unsigned round = 0; round < 400; round++) {
        const struct conversation *conversation = &conversations[round % conversation_case_count];
        size_t at = (size_t)random % byte_count(conversation);
        struct trace *trace = conversation_trace_new();
        random = random * 1664525 + 1013904223;
        for (size_t i = 0; i < conversation->count; i++) {
            struct trace_event *event = &conversation->events[i];
            bool here = event->kind == TRACE_BYTES && at < event->length;
            uint8_t bit = (uint8_t)(1u << (random >> 28 & 7));
            if (here) {
                event->data[at] ^= bit;
            }
            conversation_append(trace, event);
            if (here) {
                event->data[at] ^= bit;
                at = SIZE_MAX;
            } else if (event->kind == TRACE_BYTES && at != SIZE_MAX) {
                at -= event->length;
            }
        }
        trace_finish(trace);
        walk(trace);
        trace_free(trace);
    }
}

static void a_flipped_bit_in_a_protected_record_is_a_bad_mac(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        const struct conversation *conversation = &conversations[i];
        struct trace *trace = conversation_trace_new();
        struct trace_event *flipped = NULL;
        size_t bad = 0;
        /* The last bytes of the client are its close_notify. */
        for (size_t k = 0; k < conversation->count; k++) {
            struct trace_event *event = &conversation->events[k];
            if (event->kind == TRACE_BYTES && event->from == WIRE_CLIENT && event->length > 0) {
                flipped = event;
            }
        }
        assert_non_null(flipped);
        flipped->data[flipped->length - 1] ^= 1;
        for (size_t k = 0; k < conversation->count; k++) {
            conversation_append(trace, &conversation->events[k]);
        }
        flipped->data[flipped->length - 1] ^= 1;
        trace_finish(trace);
        for (size_t k = 0; k < trace_row_count(trace); k++) {
            const struct trace_row *row = trace_row_at(trace, k);
            if (row->problem != NULL) {
                assert_string_equal(row->problem, "bad_record_mac");
                assert_true(row->malformed);
                assert_int_equal(row->from, WIRE_CLIENT);
                bad++;
            }
        }
        assert_int_equal(bad, 1);
        trace_free(trace);
    }
}

/* ---- no TLS ---------------------------------------------------------------------------------------- */

static void other_protocols_are_named(void **state)
{
    static const struct {
        const char *greeting;
        const char *type;
        const char *summary;
    } expected[] = {
        {"SSH-2.0-OpenSSH_9.2\r\nmore", "SSH", "SSH-2.0-OpenSSH_9.2"},
        {"HTTP/1.1 400 Bad Request\r\n", "HTTP", "HTTP/1.1 400 Bad Request"},
        {"\x1b[2Jhello", "NotTLS", ""},
        {"\x80\x2e\x01\x03\x01", "NotTLS", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct trace *trace = conversation_trace_new();
        const char *greeting = expected[i].greeting;
        char summary[100];
        conversation_bytes(trace, WIRE_SERVER, greeting, strlen(greeting));
        const struct trace_row *row = trace_row_at(trace, 0);
        assert_int_equal(row->layer, TRACE_LAYER_TEXT);
        assert_string_equal(row->type, expected[i].type);
        assert_string_equal(trace_row_summary(summary, sizeof summary, trace, row),
                            expected[i].summary);
        assert_false(row->malformed);
        BYTES(trace, WIRE_SERVER, "\x15\x03\x03\0\2\2\x28"); /* too late */
        assert_int_equal(trace_row_count(trace), 1);
        assert_int_equal(row->length, strlen(greeting) + 7);
        BYTES(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\2\x28"); /* the other side is read on */
        assert_string_equal(last_row(trace)->type, "Alert");
        trace_free(trace);
    }
}

static void garbage_behind_good_records_is_one_row(void **state)
{
    struct trace *trace = conversation_trace_new();
    struct trace_buffer buffer;

    (void)state;
    BYTES(trace, WIRE_SERVER, "\x15\x03\x03\0\2\1\0garb");
    BYTES(trace, WIRE_SERVER, "age");
    assert_int_equal(trace_row_count(trace), 2);
    const struct trace_row *row = trace_row_at(trace, 1);
    assert_int_equal(row->layer, TRACE_LAYER_TLS);
    assert_string_equal(row->type, "Unknown(103)");
    assert_true(row->malformed);
    assert_string_equal(row->problem, "these bytes are no TLS record");
    assert_int_equal(trace_row_buffers(trace, row, &buffer, 1), 1);
    assert_int_equal(buffer.length, 7);
    assert_memory_equal(buffer.data, "garbage", 7);
    trace_free(trace);
}

static void a_record_that_claims_too_much_is_one_row(void **state)
{
    struct trace *trace = conversation_trace_new();
    struct wire_tree tree = {0};

    (void)state;
    BYTES(trace, WIRE_SERVER, "\x16\x03\x03\xff\xff\2");
    BYTES(trace, WIRE_SERVER, "\x15\x03\x03\0\2\1\0");
    assert_int_equal(trace_row_count(trace), 1);
    const struct trace_row *row = trace_row_at(trace, 0);
    assert_string_equal(row->type, "Unknown(22)");
    assert_true(row->malformed);
    assert_string_equal(row->problem, "the record claims 65535 bytes, TLS allows 18432");
    assert_int_equal(trace_row_dissect(trace, row, &tree, NULL), 0);
    assert_string_equal(tree.fields[0].type->path, "record");
    wire_tree_free(&tree);
    trace_free(trace);
}

/* ---- strange but whole ------------------------------------------------------------------------------ */

static void empty_records_are_rows(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    BYTES(trace, WIRE_CLIENT, "\x16\x03\x03\0\0");
    BYTES(trace, WIRE_CLIENT, "\x15\x03\x03\0\0");
    BYTES(trace, WIRE_CLIENT, "\x14\x03\x03\0\0");
    assert_int_equal(trace_row_count(trace), 3);
    assert_true(trace_row_at(trace, 0)->malformed);
    assert_string_equal(trace_row_at(trace, 0)->problem, "an empty handshake record");
    assert_true(trace_row_at(trace, 1)->malformed);
    walk(trace);
    trace_free(trace);
}

/* A message that claims 16 MiB takes only what memory its bytes need. */
static void a_claimed_length_takes_no_memory(void **state)
{
    struct trace *trace = conversation_trace_new();
    static uint8_t record[5 + 16384] = {22, 3, 3, 64, 0, 11, 255, 255, 255};

    (void)state;
    conversation_bytes(trace, WIRE_SERVER, record, sizeof record);
    assert_int_equal(trace_row_count(trace), 0);
    record[5] = 0;
    record[6] = 0;
    record[7] = 0;
    record[8] = 0;
    for (size_t i = 0; i < 20; i++) {
        conversation_bytes(trace, WIRE_SERVER, record, sizeof record);
    }
    assert_int_equal(trace_row_count(trace), 0);
    trace_finish(trace);
    assert_int_equal(trace_row_count(trace), 1);
    assert_string_equal(last_row(trace)->type, "Certificate");
    assert_int_equal(last_row(trace)->length, 21 * 16384 - 4);
    trace_free(trace);
}

static void a_message_of_16_mib_in_records_is_one_row(void **state)
{
    struct trace *trace = conversation_trace_new();
    static uint8_t record[5 + 16384] = {22, 3, 3, 64, 0, 11, 255, 255, 255};
    struct trace_buffer buffers[2];
    size_t left = 4 + 0xffffff;

    (void)state;
    while (left > 0) {
        size_t take = left < 16384 ? left : 16384;
        record[3] = (uint8_t)(take >> 8);
        record[4] = (uint8_t)take;
        conversation_bytes(trace, WIRE_SERVER, record, 5 + take);
        memset(record + 5, 0, 4);
        left -= take;
    }
    assert_int_equal(trace_row_count(trace), 1);
    assert_int_equal(last_row(trace)->length, 0xffffff);
    assert_int_equal(trace_row_buffers(trace, last_row(trace), buffers, 2), 1025 + 1);
    trace_free(trace);
}

static void a_byte_of_handshake_in_each_record_is_read(void **state)
{
    static const uint8_t message[] = {14, 0, 0, 0, 20, 0, 0, 3, 1, 2, 3};
    struct trace *trace = conversation_trace_new();
    struct trace_buffer buffers[16];

    (void)state;
    for (size_t i = 0; i < sizeof message; i++) {
        const uint8_t record[] = {22, 3, 3, 0, 1, message[i]};
        conversation_bytes(trace, WIRE_SERVER, record, sizeof record);
        if (i == 1) {
            BYTES(trace, WIRE_SERVER, "\x15\x03\x03\0\2\1\x64"); /* a warning in between */
        }
    }
    assert_int_equal(trace_row_count(trace), 3);
    assert_string_equal(trace_row_at(trace, 0)->type, "Alert");
    assert_string_equal(trace_row_at(trace, 1)->type, "ServerHelloDone");
    assert_string_equal(trace_row_at(trace, 2)->type, "Finished");
    assert_int_equal(trace_row_buffers(trace, trace_row_at(trace, 2), buffers, 16), 8);
    assert_string_equal(buffers[7].name, "message");
    assert_memory_equal(buffers[7].data, message + 4, 7);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conversation_may_be_cut_at_every_byte),
        cmocka_unit_test(the_end_of_a_stream_cuts_what_is_under_way),
        cmocka_unit_test(a_record_header_that_is_cut_is_shown),
        cmocka_unit_test(flipped_bits_do_no_harm),
        cmocka_unit_test(a_flipped_bit_in_a_protected_record_is_a_bad_mac),
        cmocka_unit_test(other_protocols_are_named),
        cmocka_unit_test(garbage_behind_good_records_is_one_row),
        cmocka_unit_test(a_record_that_claims_too_much_is_one_row),
        cmocka_unit_test(empty_records_are_rows),
        cmocka_unit_test(a_claimed_length_takes_no_memory),
        cmocka_unit_test(a_message_of_16_mib_in_records_is_one_row),
        cmocka_unit_test(a_byte_of_handshake_in_each_record_is_read),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
