/* DER is read strictly: nothing that has two spellings, nothing past its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "der.h"

#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1

static struct reader reader_of(const uint8_t *data, size_t length)
{
    return reader_new(data, length);
}

static void lengths_have_one_spelling(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        bool good;
    } cases[] = {
        {"\x04\x00", 2, true},
        {"\x04\x01x", 3, true},
        {"\x04\x81\x01x", 4, false}, /* one byte would do */
        {"\x04\x82\x00\x01x", 5, false},
        {"\x04\x80x\x00\x00", 5, false}, /* indefinite */
        {"\x04\x02x", 3, false},         /* past the end */
        {"\x04\x84\xff\xff\xff\xff", 6, false},
        {"\x04\x85\x00\x00\x00\x00\x01x", 8, false},
        {"\x04\xff", 2, false},
        {"\x04", 1, false},
        {"\x1f\x20\x00", 3, false}, /* a tag of several bytes */
        {"", 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reader reader = reader_of((const uint8_t *)cases[i].bytes, cases[i].length);
        struct der value = der_any(&reader);
        assert_int_equal(!reader.failed, cases[i].good);
        assert_int_equal(der_done(&reader), cases[i].good);
        assert_int_equal(value.whole.length, cases[i].good ? cases[i].length : 0);
    }
}

static void a_long_value_is_read_whole(void **state)
{
    static uint8_t bytes[4 + 300] = {0x04, 0x82, 0x01, 0x2c};
    struct reader reader = reader_of(bytes, sizeof bytes);
    struct der value = der_value(&reader, DER_OCTET_STRING);

    (void)state;
    assert_true(der_done(&reader));
    assert_int_equal(value.content.length, 300);
    assert_ptr_equal(value.content.data, bytes + 4);
}

static void a_wrong_tag_fails_what_encloses_it(void **state)
{
    struct reader reader = reader_of(BYTES("\x30\x03\x02\x01\x05"));
    struct reader inner = der_enter(&reader, DER_SET);

    (void)state;
    assert_true(reader.failed);
    assert_true(inner.failed);
    assert_false(der_done(&inner));
}

static void numbers_are_small_and_not_negative(void **state)
{
    struct reader good = reader_of(BYTES("\x02\x01\x05\x02\x04\x7f\xff\xff\xff"));
    struct reader negative = reader_of(BYTES("\x02\x01\xff"));
    struct reader empty = reader_of(BYTES("\x02\x00"));
    struct reader large = reader_of(BYTES("\x02\x05\x01\x00\x00\x00\x00"));

    (void)state;
    assert_int_equal(der_small_number(&good), 5);
    assert_int_equal(der_small_number(&good), 0x7fffffff);
    assert_true(der_done(&good));
    (void)der_small_number(&negative);
    (void)der_small_number(&empty);
    (void)der_small_number(&large);
    assert_true(negative.failed && empty.failed && large.failed);
}

static void booleans_and_bit_strings_are_strict(void **state)
{
    struct reader yes = reader_of(BYTES("\x01\x01\xff"));
    struct reader other = reader_of(BYTES("\x01\x01\x01"));
    struct reader bits = reader_of(BYTES("\x03\x03\x00\xab\xcd"));
    struct reader unused = reader_of(BYTES("\x03\x02\x01\x80"));
    struct reader none = reader_of(BYTES("\x03\x00"));
    struct pki_slice slice;

    (void)state;
    assert_true(der_boolean(&yes));
    (void)der_boolean(&other);
    assert_true(other.failed);
    slice = der_bit_string(&bits);
    assert_int_equal(slice.length, 2);
    assert_int_equal(slice.data[0], 0xab);
    (void)der_bit_string(&unused);
    (void)der_bit_string(&none);
    assert_true(unused.failed && none.failed);
}

static void times_are_read_as_rfc_5280_writes_them(void **state)
{
    static const struct {
        const char *text;
        uint8_t tag;
        const char *means; /* NULL: refused */
    } cases[] = {
        {"700101000000Z", DER_UTC_TIME, "1970-01-01T00:00:00Z"},
        {"491231235959Z", DER_UTC_TIME, "2049-12-31T23:59:59Z"},
        {"500101000000Z", DER_UTC_TIME, "1950-01-01T00:00:00Z"},
        {"240229120000Z", DER_UTC_TIME, "2024-02-29T12:00:00Z"},
        {"230229120000Z", DER_UTC_TIME, NULL},
        {"240230120000Z", DER_UTC_TIME, NULL},
        {"240431120000Z", DER_UTC_TIME, NULL},
        {"240001120000Z", DER_UTC_TIME, NULL},
        {"241301120000Z", DER_UTC_TIME, NULL},
        {"240101240000Z", DER_UTC_TIME, NULL},
        {"240101126000Z", DER_UTC_TIME, NULL},
        {"240101120060Z", DER_UTC_TIME, NULL},
        {"2401011200Z", DER_UTC_TIME, NULL},
        {"240101120000", DER_UTC_TIME, NULL},
        {"2401011200000", DER_UTC_TIME, NULL},
        {"240101120000+0100", DER_UTC_TIME, NULL},
        {"24010112000 Z", DER_UTC_TIME, NULL},
        {"24010112-100Z", DER_UTC_TIME, NULL},
        {"20500101000000Z", DER_GENERALIZED_TIME, "2050-01-01T00:00:00Z"},
        {"19000301000000Z", DER_GENERALIZED_TIME, "1900-03-01T00:00:00Z"},
        {"19000229000000Z", DER_GENERALIZED_TIME, NULL},
        {"20000229000000Z", DER_GENERALIZED_TIME, "2000-02-29T00:00:00Z"},
        {"99991231235959Z", DER_GENERALIZED_TIME, "9999-12-31T23:59:59Z"},
        {"00000101000000Z", DER_GENERALIZED_TIME, "0000-01-01T00:00:00Z"},
        {"20500101000000.5Z", DER_GENERALIZED_TIME, NULL},
        {"205001010000Z", DER_GENERALIZED_TIME, NULL},
        {"", DER_GENERALIZED_TIME, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer bytes = {0};
        struct reader reader;
        char text[40];
        int64_t seconds;
        buffer_u8(&bytes, cases[i].tag);
        buffer_u8(&bytes, (uint8_t)strlen(cases[i].text));
        buffer_text(&bytes, cases[i].text);
        reader = reader_new(bytes.data, bytes.length);
        seconds = der_time(&reader);
        if (cases[i].means == NULL) {
            assert_true(reader.failed);
        } else {
            assert_true(der_done(&reader));
            assert_string_equal(time_rfc3339(text, sizeof text, seconds), cases[i].means);
        }
        buffer_free(&bytes);
    }
}

static void bits_of_a_number_leave_out_leading_zeros(void **state)
{
    (void)state;
    assert_int_equal(der_integer_bits((struct pki_slice){BYTES("\x00\x80\x00")}), 16);
    assert_int_equal(der_integer_bits((struct pki_slice){BYTES("\x01")}), 1);
    assert_int_equal(der_integer_bits((struct pki_slice){BYTES("\x00\x00")}), 0);
    assert_int_equal(der_integer_bits((struct pki_slice){NULL, 0}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_have_one_spelling),
        cmocka_unit_test(a_long_value_is_read_whole),
        cmocka_unit_test(a_wrong_tag_fails_what_encloses_it),
        cmocka_unit_test(numbers_are_small_and_not_negative),
        cmocka_unit_test(booleans_and_bit_strings_are_strict),
        cmocka_unit_test(times_are_read_as_rfc_5280_writes_them),
        cmocka_unit_test(bits_of_a_number_leave_out_leading_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
