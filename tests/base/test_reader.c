/* The reader never goes past its end, and a failed read changes nothing but the failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/base.h"

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

static void numbers_are_big_endian(void **state)
{
    struct reader reader = reader_new(bytes, sizeof bytes);

    (void)state;
    assert_int_equal(reader_u8(&reader), 0x01);
    assert_int_equal(reader_u16(&reader), 0x0203);
    assert_int_equal(reader_u24(&reader), 0x040506);
    assert_int_equal(reader_u32(&reader), 0x0708090a);
    assert_int_equal(reader_left(&reader), 0);
    assert_false(reader.failed);
    reader = reader_new(bytes, 8);
    assert_true(reader_u64(&reader) == UINT64_C(0x0102030405060708));
}

static void capture_files_have_little_endian_ones(void **state)
{
    struct reader reader = reader_new(bytes, 6);

    (void)state;
    assert_int_equal(reader_u16le(&reader), 0x0201);
    assert_int_equal(reader_u32le(&reader), 0x06050403);
    assert_int_equal(reader_u32le(&reader), 0);
    assert_true(reader.failed);
}

static void large_bytes_do_not_become_negative(void **state)
{
    static const uint8_t high[] = {0xff, 0xfe, 0xfd, 0xfc};
    struct reader reader = reader_new(high, 4);

    (void)state;
    assert_true(reader_u32(&reader) == 0xfffefdfc);
    reader = reader_new(high, 4);
    assert_true(reader_u32le(&reader) == 0xfcfdfeff);
}

static void a_read_past_the_end_consumes_nothing_and_sticks(void **state)
{
    struct reader reader = reader_new(bytes, 3);

    (void)state;
    assert_int_equal(reader_u8(&reader), 1);
    assert_int_equal(reader_u32(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(reader.offset, 1);
    assert_int_equal(reader_left(&reader), 0);
    assert_int_equal(reader_u8(&reader), 0); /* would fit, but comes after a failure */
    assert_null(reader_bytes(&reader, 0));
}

static void a_claimed_length_near_the_limit_does_not_wrap(void **state)
{
    struct reader reader = reader_new(bytes, sizeof bytes);

    (void)state;
    (void)reader_u16(&reader);
    assert_null(reader_bytes(&reader, SIZE_MAX));
    assert_true(reader.failed);
}

static void nothing_is_there_to_read_of_nothing(void **state)
{
    struct reader reader = reader_new(NULL, 0);

    (void)state;
    assert_non_null(reader_bytes(&reader, 0));
    assert_false(reader.failed);
    assert_int_equal(reader_u8(&reader), 0);
    assert_true(reader.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(capture_files_have_little_endian_ones),
        cmocka_unit_test(large_bytes_do_not_become_negative),
        cmocka_unit_test(a_read_past_the_end_consumes_nothing_and_sticks),
        cmocka_unit_test(a_claimed_length_near_the_limit_does_not_wrap),
        cmocka_unit_test(nothing_is_there_to_read_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
