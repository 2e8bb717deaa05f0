/* Real messages come out as another dissector reads them, and every byte is in exactly one field,
 * however the message is cut or damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "messages.h"
#include "partition.h"
#include "scarcity.h"
#include "tlstep/wire.h"

static struct message_sample *samples;
static size_t sample_count;

/* ---- every byte in exactly one leaf ---------------------------------------------------------- */

/* Dissects a copy of exactly its length, so that the address sanitizer sees a read beyond it, and
 * writes every value, whose text must be safe. */
static void expect_partition(const struct message_sample *sample, const uint8_t *data,
                             size_t length)
{
    uint8_t *copy = malloc(length + (length == 0));
    struct wire_tree tree = {0};
    char value[60];

    assert_non_null(copy);
    memcpy(copy, data, length);
    assert_int_equal(wire_message_dissect(&tree, &sample->context, WIRE_HANDSHAKE, copy, length),
                     0);
    if (!partition_holds(&tree)) {
        fail_msg("%s, %zu of its %zu bytes: fields do not cover every byte once", sample->name,
                 length, sample->length);
    }
    for (size_t i = 0; i < tree.count; i++) {
        wire_field_value(value, sizeof value, &tree, i);
        assert_true(text_is_utf8(value, strlen(value)));
        assert_null(strpbrk(value, "\x1b\n\r\t\x07"));
    }
    wire_tree_free(&tree);
    free(copy);
}

static bool has_error(const struct wire_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->fields[i].type->kind == WIRE_FIELD_ERROR) {
            return true;
        }
    }
    return false;
}

static void whole_messages_have_no_error(void **state)
{
    (void)state;
    assert_true(sample_count > 80);
    for (size_t i = 0; i < sample_count; i++) {
        struct wire_tree tree = {0};
        expect_partition(&samples[i], samples[i].data, samples[i].length);
        assert_int_equal(wire_message_dissect(&tree, &samples[i].context, WIRE_HANDSHAKE,
                                              samples[i].data, samples[i].length),
                         0);
        if (has_error(&tree)) {
            fail_msg("%s has an error field", samples[i].name);
        }
        wire_tree_free(&tree);
    }
}

static void every_truncation_is_covered_and_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        size_t step = samples[i].length > 700 ? 7 : 1;
        for (size_t length = 0; length < samples[i].length; length += step) {
            struct wire_tree tree = {0};
            expect_partition(&samples[i], samples[i].data, length);
            assert_int_equal(wire_message_dissect(&tree, &samples[i].context, WIRE_HANDSHAKE,
                                                  samples[i].data, length),
                             0);
            assert_true(has_error(&tree));
            wire_tree_free(&tree);
        }
    }
}

/* The message ends early, but its header agrees: what is inside is cut instead. */
static void every_truncated_body_is_covered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        uint8_t *copy = malloc(samples[i].length);
        size_t step = samples[i].length > 700 ? 11 : 1;
        assert_non_null(copy);
        memcpy(copy, samples[i].data, samples[i].length);
        for (size_t length = 4; length < samples[i].length; length += step) {
            copy[1] = 0;
            copy[2] = (uint8_t)((length - 4) >> 8);
            copy[3] = (uint8_t)(length - 4);
            expect_partition(&samples[i], copy, length);
        }
        free(copy);
    }
}

static void every_bit_flip_is_covered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        uint8_t *copy = malloc(samples[i].length);
        size_t step = samples[i].length > 300 ? 1 + samples[i].length / 61 : 1;
        assert_non_null(copy);
        memcpy(copy, samples[i].data, samples[i].length);
        for (size_t at = i % step; at < samples[i].length; at += step) {
            for (unsigned bit = 0; bit < 8; bit++) {
                copy[at] ^= (uint8_t)(1u << bit);
                expect_partition(&samples[i], copy, samples[i].length);
                copy[at] ^= (uint8_t)(1u << bit);
            }
        }
        free(copy);
    }
}

/* A message read with the wrong idea of version and cipher suite is still covered. */
static void every_context_is_covered(void **state)
{
    static const uint16_t versions[] = {0, 0x0300, 0x0301, 0x0303, 0x0304, 0x7f1c};
    static const uint16_t suites[] = {0,      0x002f, 0x0033, 0x0034, 0xc02b, 0xc037,
                                      0x00aa, 0x008c, 0x00ac, 0x1301, 0xc01d, 0xffff};

    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        struct message_sample sample = samples[i];
        for (size_t v = 0; v < sizeof versions / sizeof versions[0]; v++) {
            for (size_t s = 0; s < sizeof suites / sizeof suites[0]; s++) {
                sample.context.version = versions[v];
                sample.context.cipher_suite = suites[s];
                expect_partition(&sample, sample.data, sample.length);
            }
        }
    }
}

/* ---- another dissector's view ----------------------------------------------------------------- */

/* The bytes of all fields of one path, as hexadecimal divided by spaces. */
static void collect(struct buffer *out, const struct wire_tree *tree, const char *path)
{
    for (long i = wire_tree_find(tree, path, 0); i >= 0;
         i = wire_tree_find(tree, path, (size_t)i + 1)) {
        const struct wire_field *field = &tree->fields[i];
        buffer_text(out, out->length > 0 ? " " : "");
        buffer_text(out, field->length == 0 ? "-" : "");
        for (size_t j = 0; j < field->length; j++) {
            buffer_printf(out, "%02x", tree->data[field->offset + j]);
        }
    }
}

static void fields_are_those_that_tshark_reads(void **state)
{
    size_t compared = 0;

    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        struct wire_tree tree = {0};
        assert_int_equal(wire_message_dissect(&tree, &samples[i].context, WIRE_HANDSHAKE,
                                              samples[i].data, samples[i].length),
                         0);
        for (size_t j = 0; j < samples[i].field_count; j++) {
            const struct message_field *field = &samples[i].fields[j];
            struct buffer found = {0};
            collect(&found, &tree, field->path);
            if (strcmp(buffer_string(&found), field->values) != 0) {
                fail_msg("%s: %s is \"%s\", tshark reads \"%s\"", samples[i].name, field->path,
                         buffer_string(&found), field->values);
            }
            buffer_free(&found);
            compared++;
        }
        wire_tree_free(&tree);
    }
    assert_true(compared > 500);
}

/* ---- resources -------------------------------------------------------------------------------- */

static void a_flood_of_items_does_not_flood_memory(void **state)
{
    const struct wire_context context = {.from = WIRE_SERVER, .version = WIRE_TLS12};
    const size_t length = 0xffffff + 4;
    uint8_t *data = calloc(1, length);
    struct wire_tree tree = {0};

    (void)state;
    assert_non_null(data);
    memcpy(data, "\x0b\xff\xff\xff\xff\xff\xfc", 7); /* 5 592 404 empty certificates */
    assert_int_equal(wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, data, length), 0);
    assert_true(partition_holds(&tree));
    assert_true(wire_tree_find(&tree, "error.too_many", 0) > 0);
    assert_true(tree.capacity * sizeof *tree.fields < (size_t)8 << 20);
    wire_tree_free(&tree);
    free(data);
}

/* Entries of a TLS 1.3 Certificate, each with as many extensions without a body as there is room for. */
static size_t fill_with_extensions(uint8_t *data, size_t room)
{
    const size_t entry = 3 + 1 + 2 + 65532;
    size_t used = 8;

    for (; used + entry <= room; used += entry) {
        memcpy(data + used, "\0\0\1\0\xff\xfc", 6);
        for (size_t at = used + 6; at < used + entry; at += 4) {
            memcpy(data + at, "\x12\x34\0\0", 4);
        }
    }
    data[0] = WIRE_CERTIFICATE;
    data[1] = (uint8_t)((used - 4) >> 16);
    data[2] = (uint8_t)((used - 4) >> 8);
    data[3] = (uint8_t)(used - 4);
    data[5] = (uint8_t)((used - 8) >> 16);
    data[6] = (uint8_t)((used - 8) >> 8);
    data[7] = (uint8_t)(used - 8);
    return used;
}

static double seconds_of_processor(void)
{
    struct timespec time;

    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Dissects and writes every value; returns how many seconds of the processor that took. */
static double flood(const uint8_t *data, size_t length, bool shallow)
{
    const struct wire_context context = {
        .from = WIRE_SERVER, .version = WIRE_TLS13, .shallow = shallow};
    double start = seconds_of_processor();
    struct wire_tree tree = {0};
    char value[60];

    assert_int_equal(wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, data, length), 0);
    for (size_t i = 0; i < tree.count; i++) {
        wire_field_value(value, sizeof value, &tree, i);
    }
    assert_true(tree.count < 300000);
    assert_true(partition_holds(&tree));
    wire_tree_free(&tree);
    return seconds_of_processor() - start;
}

static void sixteen_megabytes_of_tiny_extensions_take_no_time(void **state)
{
    const size_t room = 0xffffff + 4;
    uint8_t *data = calloc(1, room);
    size_t length;

    (void)state;
    assert_non_null(data);
    length = fill_with_extensions(data, room);
    assert_true(length > (size_t)15 << 20);
    assert_true(flood(data, length, true) < 5); /* some 20 ms, and more under sanitizers */
    assert_true(flood(data, length, false) < 5);
    free(data);
}

/* Twice as much takes about twice as long. */
static void time_is_linear_in_size(void **state)
{
    const size_t room = 0x40000;
    uint8_t *data = calloc(1, room);
    size_t half, whole;
    double once = 0, twice = 0;

    (void)state;
    assert_non_null(data);
    half = fill_with_extensions(data, room / 2);
    for (int i = 0; i < 20; i++) {
        once += flood(data, half, true);
    }
    whole = fill_with_extensions(data, room);
    for (int i = 0; i < 20; i++) {
        twice += flood(data, whole, true);
    }
    free(data);
    if (twice > once * ((double)whole / (double)half) * 4 + 0.01) {
        fail_msg("%zu bytes take %.3f s, %zu bytes %.3f s", half, once, whole, twice);
    }
}

static void a_tree_is_used_again_without_a_trace(void **state)
{
    struct wire_tree tree = {0};
    size_t first;

    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        assert_int_equal(wire_message_dissect(&tree, &samples[i].context, WIRE_HANDSHAKE,
                                              samples[i].data, samples[i].length),
                         0);
        assert_ptr_equal(tree.data, samples[i].data);
        assert_true(partition_holds(&tree));
    }
    first = tree.count;
    assert_int_equal(wire_message_dissect(&tree, &samples[0].context, WIRE_ALERT,
                                          (const uint8_t *)"\x02\x28", 2),
                     0);
    assert_int_equal(tree.count, 3);
    assert_true(first > 3);
    wire_tree_free(&tree);
    assert_null(tree.fields);
    wire_tree_free(&tree);
}

static void lack_of_memory_is_reported_at_every_point(void **state)
{
    struct wire_tree tree = {0};
    unsigned long allocations = 0;
    bool refused = true;

    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    for (; refused; allocations++) {
        int status;
        wire_tree_free(&tree);
        scarcity_begin(allocations);
        status = wire_message_dissect(&tree, &samples[0].context, WIRE_HANDSHAKE, samples[0].data,
                                      samples[0].length);
        refused = scarcity_end();
        assert_int_equal(status, refused ? -1 : 0);
        assert_int_equal(tree.failed, refused);
    }
    assert_true(allocations > 2);
    wire_tree_free(&tree);
}

static int load(void **state)
{
    (void)state;
    sample_count = messages_load(&samples);
    return sample_count > 0 ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    messages_free(samples, sample_count);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_messages_have_no_error),
        cmocka_unit_test(every_truncation_is_covered_and_said),
        cmocka_unit_test(every_truncated_body_is_covered),
        cmocka_unit_test(every_bit_flip_is_covered),
        cmocka_unit_test(every_context_is_covered),
        cmocka_unit_test(fields_are_those_that_tshark_reads),
        cmocka_unit_test(a_flood_of_items_does_not_flood_memory),
        cmocka_unit_test(sixteen_megabytes_of_tiny_extensions_take_no_time),
        cmocka_unit_test(time_is_linear_in_size),
        cmocka_unit_test(a_tree_is_used_again_without_a_trace),
        cmocka_unit_test(lack_of_memory_is_reported_at_every_point),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
