/* Object identifiers: each of the table is found under its own name, and text is what X.690 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oid.h"

/* The file that the table is made from, read a second time: text to DER is done here, DER to text there. */
#define TABLE "src/wire/data/oids.tsv"

static void append_subidentifier(struct buffer *out, uint64_t number)
{
    int shift = 63;

    while (shift > 0 && number >> shift == 0) {
        shift -= 7;
    }
    for (; shift > 0; shift -= 7) {
        buffer_u8(out, (uint8_t)(0x80 | (number >> shift & 0x7f)));
    }
    buffer_u8(out, (uint8_t)(number & 0x7f));
}

static struct buffer encode(const char *text)
{
    struct buffer out = {0};
    char *end;
    uint64_t first = strtoull(text, &end, 10);
    uint64_t second = strtoull(end + 1, &end, 10);

    append_subidentifier(&out, first * 40 + second);
    while (*end == '.') {
        append_subidentifier(&out, strtoull(end + 1, &end, 10));
    }
    assert_false(out.failed);
    return out;
}

static void each_identifier_is_found_and_written(void **state)
{
    struct buffer file = {0};
    size_t count = 0;
    char *line, *next;

    (void)state;
    assert_int_equal(file_read(TABLE, "table", 1 << 20, &file, NULL), 0);
    assert_non_null(buffer_string(&file));
    for (line = (char *)file.data; *line != '\0'; line = next) {
        char *tab = strchr(line, '\t');
        next = line + strcspn(line, "\n");
        if (*next != '\0') {
            *next++ = '\0';
        }
        if (*line != '#') {
            struct buffer oid;
            char text[200];
            assert_non_null(tab);
            *tab = '\0';
            oid = encode(line);
            assert_non_null(wire_oid_name(oid.data, oid.length));
            assert_string_equal(wire_oid_name(oid.data, oid.length), tab + 1);
            assert_string_equal(wire_oid_text(text, sizeof text, oid.data, oid.length), line);
            buffer_free(&oid);
            count++;
        }
    }
    assert_true(count > 1000);
    assert_int_equal(count, oid_count);
    buffer_free(&file);
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < oid_count; i++) {
        uint8_t longer[64];
        assert_true(oid_entries[i].length < sizeof longer);
        memcpy(longer, oid_entries[i].oid, oid_entries[i].length);
        longer[oid_entries[i].length] = 0x7f;
        assert_null(wire_oid_name(longer, oid_entries[i].length + 1));
    }
    assert_null(wire_oid_name(NULL, 0));
    assert_null(wire_oid_name((const uint8_t *)"\x80", 1));
    assert_null(wire_oid_name((const uint8_t *)"\xff\xff\xff\xff", 4));
}

static void names_are_the_usual_ones(void **state)
{
    static const struct {
        const char *oid;
        const char *name;
    } cases[] = {
        {"2.5.4.3", "commonName"},
        {"1.2.840.113549.1.1.11", "sha256WithRSAEncryption"},
        {"2.5.29.17", "subjectAltName"},
        {"1.3.6.1.5.5.7.1.24", "tlsFeature"},
        {"1.3.6.1.5.5.7.3.1", "serverAuth"},
        {"2.23.140.1.2.1", "domain-validated"},
        {"2.16.840.1.101.3.4.3.18", "ML-DSA-65"},
        {"2.16.840.1.101.3.4.3.31", "SLH-DSA-SHAKE-256f"},
        {"2.16.840.1.101.3.4.4.2", "ML-KEM-768"},
        {"1.3.6.1.4.1.311.21.7", "msCertificateTemplate"},
        {"0.4.0.1862.1.6.3", "qct-web"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer oid = encode(cases[i].oid);
        assert_string_equal(wire_oid_name(oid.data, oid.length), cases[i].name);
        buffer_free(&oid);
    }
}

static void text_of_odd_ones(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } cases[] = {
        {"", 0, "malformed"},
        {"\x80\x01", 2, "malformed"}, /* a needless byte in front */
        {"\x2a\x80\x01", 3, "malformed"},
        {"\x2a\x86", 2, "malformed"}, /* ends in the middle */
        {"\x00", 1, "0.0"},
        {"\x27", 1, "0.39"},
        {"\x28", 1, "1.0"},
        {"\x4f", 1, "1.39"},
        {"\x50", 1, "2.0"},
        {"\x88\x37", 2, "2.999"},
        /* 2^63 - 1, 2^64, a UUID */
        {"\x2a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10, "1.2.9223372036854775807"},
        {"\x2a\x82\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, "1.2.18446744073709551616"},
        {"\x69\x83\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 20,
         "2.25.340282366920938463463374607431768211455"},
    };
    char text[100];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(
            wire_oid_text(text, sizeof text, (const uint8_t *)cases[i].bytes, cases[i].length),
            cases[i].text);
    }
}

/* Megabytes of identifier take no megabytes of text, and no time to speak of. */
static void huge_ones_are_cut(void **state)
{
    const size_t length = 4 << 20;
    uint8_t *oid = malloc(length);
    char text[1000];
    char small[6];

    (void)state;
    assert_non_null(oid);
    memset(oid, 0x2a, length);
    wire_oid_text(text, sizeof text, oid, length);
    assert_true(strlen(text) < 600);
    assert_string_equal(text + strlen(text) - strlen("…"), "…");
    memset(oid + 1, 0xff, length - 2);
    assert_string_equal(wire_oid_text(text, sizeof text, oid, length), "1.2.…");
    assert_null(wire_oid_name(oid, length));
    assert_true(strlen(wire_oid_text(small, sizeof small, oid, length)) < sizeof small);
    free(oid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_identifier_is_found_and_written),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(names_are_the_usual_ones),
        cmocka_unit_test(text_of_odd_ones),
        cmocka_unit_test(huge_ones_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
