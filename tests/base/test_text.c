/* Text from outside is shown by a terminal and never obeyed; what is cut is cut between characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>

#include "tlstep/base.h"

#define SIZE(literal) (sizeof(literal) - 1)

static void expect_safe(const char *bytes, size_t length, const char *expected)
{
    struct buffer buffer = {0};
    char text[200];

    assert_string_equal(text_safe(text, sizeof text, bytes, length), expected);
    text_safe_append(&buffer, bytes, length);
    assert_string_equal(buffer_string(&buffer), expected);
    buffer_free(&buffer);
}

static void plain_text_stays_as_it_is(void **state)
{
    (void)state;
    expect_safe("example.org", 11, "example.org");
    expect_safe("Zürich – 東京 🔒", SIZE("Zürich – 東京 🔒"), "Zürich – 東京 🔒");
    expect_safe("back\\slash", 10, "back\\slash");
    expect_safe("", 0, "");
}

static void controls_are_shown(void **state)
{
    (void)state;
    expect_safe("\x1b[2J\x1b]0;title\x07", SIZE("\x1b[2J\x1b]0;title\x07"),
                "\\x1b[2J\\x1b]0;title\\x07");
    expect_safe("a\nb\tc\rd", 7, "a\\nb\\tc\\rd");
    expect_safe("nul\0in", 6, "nul\\x00in");
    expect_safe("\x7f", 1, "\\x7f");
    expect_safe("\xc2\x9b\x32J", 4, "\\u{9b}2J"); /* CSI as one character of Latin-1 */
}

static void marks_that_mislead_the_eye_are_shown(void **state)
{
    (void)state;
    expect_safe("gro\xe2\x80\xae"
                "elpmaxe",
                SIZE("gro\xe2\x80\xae"
                     "elpmaxe"),
                "gro\\u{202e}elpmaxe");
    expect_safe("a\xe2\x80\x8b"
                "b",
                5, "a\\u{200b}b");               /* zero-width space */
    expect_safe("\xe2\x80\xa8", 3, "\\u{2028}"); /* line separator */
    expect_safe("\xef\xbb\xbf", 3, "\\u{feff}");
    expect_safe("\xe2\x81\xa6", 3, "\\u{2066}");
    expect_safe("\xd8\x9c", 2, "\\u{61c}");
    expect_safe("\xf3\xa0\x80\x81", 4, "\\u{e0001}"); /* a tag character */
}

static void bytes_that_are_no_characters_are_shown(void **state)
{
    (void)state;
    expect_safe("\xff\xfe", 2, "\\xff\\xfe");
    expect_safe("\xc0\xaf", 2, "\\xc0\\xaf");                   /* overlong / */
    expect_safe("\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf");          /* overlong / */
    expect_safe("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");          /* a surrogate */
    expect_safe("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"); /* beyond U+10FFFF */
    expect_safe("\xe2\x82", 2, "\\xe2\\x82");                   /* cut short */
    expect_safe("a\xe2\x82"
                "b",
                4, "a\\xe2\\x82b");
}

/* Whatever comes in, what goes out is UTF-8 without a control character, at any room. */
static void it_holds_for_every_pair_of_bytes_and_every_size(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        uint8_t bytes[] = {(uint8_t)(pair >> 8), (uint8_t)pair, 0xe2, 0x80, 0xae, (uint8_t)pair};
        char text[64];
        size_t size = 1 + pair % 40;
        memset(text, '#', sizeof text);
        text_safe(text, size, bytes, sizeof bytes);
        assert_true(strlen(text) < size);
        assert_int_equal(text[size], '#');
        assert_true(text_is_utf8(text, strlen(text)));
        for (size_t i = 0; text[i] != '\0'; i++) {
            assert_true((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
        }
        assert_null(strstr(text, "\xe2\x80\xae"));
    }
}

static void a_cut_shows_an_ellipsis(void **state)
{
    char text[8];

    (void)state;
    assert_string_equal(text_safe(text, 8, "1234567", 7), "1234567");
    assert_string_equal(text_safe(text, 8, "12345678", 8), "1234…");
    assert_string_equal(text_safe(text, 8, "123→→→", SIZE("123→→→")), "123…");
    assert_string_equal(text_safe(text, 8, "12\x1b\x1b", 4), "12…");
    assert_string_equal(text_safe(text, 4, "12345678", 8), "…");
    assert_string_equal(text_safe(text, 3, "12345678", 8), "");
    assert_string_equal(text_safe(text, 1, "1", 1), "");
}

static void json_text_keeps_what_is_valid(void **state)
{
    struct buffer buffer = {0};

    (void)state;
    assert_true(text_utf8_append(&buffer, "a\x1b\xc3\xa9", 4));
    assert_false(text_utf8_append(&buffer, "\xff", 1));
    assert_string_equal(buffer_string(&buffer), "a\x1b\xc3\xa9\\xff");
    buffer_free(&buffer);
}

static void characters_are_decoded(void **state)
{
    uint32_t code_point = 0;

    (void)state;
    assert_int_equal(text_utf8_decode("A", 1, &code_point), 1);
    assert_int_equal(code_point, 'A');
    assert_int_equal(text_utf8_decode("\xf0\x9f\x94\x92", 4, &code_point), 4);
    assert_int_equal(code_point, 0x1f512);
    assert_int_equal(text_utf8_decode("\xf0\x9f\x94\x92", 3, &code_point), 0);
    assert_int_equal(text_utf8_decode("", 0, &code_point), 0);
    assert_int_equal(text_utf8_decode("\xf4\x8f\xbf\xbf", 4, &code_point), 4);
    assert_int_equal(code_point, 0x10ffff);
}

static void widths_are_columns(void **state)
{
    (void)state;
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        print_message("skipped: the system has no C.UTF-8 locale\n");
        skip();
    }
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("abc"), 3);
    assert_int_equal(text_width("Zürich"), 6);
    assert_int_equal(text_width("東京"), 4);
    assert_int_equal(text_width("\xff"), 1);
}

static void hexadecimal_goes_both_ways(void **state)
{
    char text[16];
    uint8_t bytes[4];

    (void)state;
    assert_string_equal(text_hex(text, sizeof text, "\x00\xab\xff", 3), "00abff");
    assert_string_equal(text_hex(text, 7, "\x00\xab\xff", 3), "00abff");
    assert_string_equal(text_hex(text, 6, "\x00\xab\xff", 3), "00…");
    assert_string_equal(text_hex(text, 3, "\x00\xab\xff", 3), "");
    assert_string_equal(text_hex(text, sizeof text, NULL, 0), "");
    assert_int_equal(text_unhex(bytes, sizeof bytes, "00aBfF", 6), 3);
    assert_memory_equal(bytes, "\x00\xab\xff", 3);
    assert_int_equal(text_unhex(bytes, sizeof bytes, "0", 1), -1);
    assert_int_equal(text_unhex(bytes, sizeof bytes, "0g", 2), -1);
    assert_int_equal(text_unhex(bytes, sizeof bytes, "+1", 2), -1);
    assert_int_equal(text_unhex(bytes, sizeof bytes, "0011223344", 10), -1);
    assert_int_equal(text_unhex(bytes, sizeof bytes, "", 0), 0);
}

static void numbers_are_grouped_for_people(void **state)
{
    char text[40];

    (void)state;
    assert_string_equal(text_grouped(text, sizeof text, 0), "0");
    assert_string_equal(text_grouped(text, sizeof text, 999), "999");
    assert_string_equal(text_grouped(text, sizeof text, 1199), "1 199");
    assert_string_equal(text_grouped(text, sizeof text, UINT64_MAX), "18 446 744 073 709 551 615");
    for (size_t size = 1; size < 10; size++) {
        memset(text, '#', sizeof text);
        text_grouped(text, size, 1234567);
        assert_true(strlen(text) < size);
    }
}

static void strings_are_compared_and_copied(void **state)
{
    char *copy = text_duplicate("abcdef", 3);
    char *made = text_format("%s-%d", "a", 5);

    (void)state;
    assert_string_equal(copy, "abc");
    assert_string_equal(made, "a-5");
    free(copy);
    free(made);
    assert_true(text_equal_nocase("TLS_AES", "tls_aes"));
    assert_false(text_equal_nocase("TLS_AES", "tls_aes_"));
    assert_false(text_equal_nocase("TLS_AES_", "tls_aes"));
    assert_true(text_equal_nocase("", ""));
}

static size_t encode(char out[8], uint32_t c)
{
    if (c < 0x80) {
        return (size_t)snprintf(out, 8, "%c", (int)c) + (c == 0);
    }
    if (c < 0x800) {
        return (size_t)snprintf(out, 8, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
    }
    if (c < 0x10000) {
        return (size_t)snprintf(out, 8, "%c%c%c", (int)(0xe0 | c >> 12),
                                (int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
    }
    return (size_t)snprintf(out, 8, "%c%c%c%c", (int)(0xf0 | c >> 18),
                            (int)(0x80 | (c >> 12 & 0x3f)), (int)(0x80 | (c >> 6 & 0x3f)),
                            (int)(0x80 | (c & 0x3f)));
}

/* A character is safe exactly when it is shown as itself. */
static void safe_characters_are_those_that_stay(void **state)
{
    char bytes[8];
    char shown[32];

    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        size_t length = encode(bytes, c);
        if (c >= 0xd800 && c <= 0xdfff) {
            continue; /* surrogates are no characters */
        }
        text_safe(shown, sizeof shown, bytes, length);
        bool stays = strlen(shown) == length && memcmp(shown, bytes, length) == 0;
        if (stays != text_is_safe(c)) {
            fail_msg("U+%04X is shown as '%s'", (unsigned)c, shown);
        }
    }
}

static void what_is_typed_with_escapes_becomes_bytes(void **state)
{
    static const struct {
        const char *typed;
        const char *bytes;
        size_t length;
    } cases[] = {
        {"GET / HTTP/1.0\\r\\n", "GET / HTTP/1.0\r\n", 16},
        {"\\t\\\\\\0", "\t\\\0", 3},
        {"\\x00\\xfF", "\x00\xff", 2},
        {"\\x0", "\\x0", 3},
        {"\\xzz", "\\xzz", 4},
        {"\\q\\", "\\q\\", 3},
        {"", "", 0},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out = {0};
        text_unescape(&out, cases[i].typed);
        assert_int_equal(out.length, cases[i].length);
        if (out.length > 0) {
            assert_memory_equal(out.data, cases[i].bytes, out.length);
        }
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe_characters_are_those_that_stay),
        cmocka_unit_test(plain_text_stays_as_it_is),
        cmocka_unit_test(controls_are_shown),
        cmocka_unit_test(marks_that_mislead_the_eye_are_shown),
        cmocka_unit_test(bytes_that_are_no_characters_are_shown),
        cmocka_unit_test(it_holds_for_every_pair_of_bytes_and_every_size),
        cmocka_unit_test(a_cut_shows_an_ellipsis),
        cmocka_unit_test(json_text_keeps_what_is_valid),
        cmocka_unit_test(characters_are_decoded),
        cmocka_unit_test(widths_are_columns),
        cmocka_unit_test(hexadecimal_goes_both_ways),
        cmocka_unit_test(numbers_are_grouped_for_people),
        cmocka_unit_test(what_is_typed_with_escapes_becomes_bytes),
        cmocka_unit_test(strings_are_compared_and_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
