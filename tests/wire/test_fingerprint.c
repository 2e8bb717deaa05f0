/* JA3, JA3S and JA4 are those that tshark and the published specification arrive at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "messages.h"
#include "scarcity.h"
#include "tlstep/crypt.h"
#include "tlstep/wire.h"

static struct message_sample *samples;
static size_t sample_count;

static void expect_md5(const char *name, struct buffer *text, const char *expected)
{
    uint8_t hash[CRYPT_MD5_SIZE];
    char hex[40];

    assert_int_equal(crypt_md5(text->data, text->length, hash), 0);
    text_hex(hex, sizeof hex, hash, sizeof hash);
    if (strcmp(hex, expected) != 0) {
        fail_msg("%s: %s makes %s, not %s", name, buffer_string(text), hex, expected);
    }
}

/* Twelve digits of SHA-256, or zeros for nothing. */
static void append_part(struct buffer *ja4, const struct buffer *text)
{
    uint8_t hash[CRYPT_SHA256_SIZE];
    char hex[80] = "000000000000";

    if (text->length > 0) {
        assert_int_equal(crypt_sha256(text->data, text->length, hash), 0);
        text_hex(hex, sizeof hex, hash, sizeof hash);
    }
    buffer_printf(ja4, "_%.12s", hex);
}

static char *ja4_of(const uint8_t *hello, size_t length)
{
    struct buffer prefix = {0};
    struct buffer suites = {0};
    struct buffer extensions = {0};
    char *text;

    assert_int_equal(wire_ja4(hello, length, &prefix, &suites, &extensions), 0);
    append_part(&prefix, &suites);
    append_part(&prefix, &extensions);
    text = text_duplicate(buffer_string(&prefix), prefix.length);
    buffer_free(&prefix);
    buffer_free(&suites);
    buffer_free(&extensions);
    return text;
}

static void real_hellos_have_the_fingerprints_others_find(void **state)
{
    size_t clients = 0;
    size_t servers = 0;

    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        struct buffer text = {0};
        if (samples[i].ja3 != NULL) {
            char *ja4 = ja4_of(samples[i].data, samples[i].length);
            assert_int_equal(wire_ja3(samples[i].data, samples[i].length, &text), 0);
            expect_md5(samples[i].name, &text, samples[i].ja3);
            assert_string_equal(ja4, samples[i].ja4);
            free(ja4);
            clients++;
        } else if (samples[i].ja3s != NULL) {
            assert_int_equal(wire_ja3s(samples[i].data, samples[i].length, &text), 0);
            expect_md5(samples[i].name, &text, samples[i].ja3s);
            servers++;
        }
        buffer_free(&text);
    }
    assert_true(clients >= 15);
    assert_true(servers >= 8);
}

/* A ClientHello with these suites (hex) and extensions (hex). */
static size_t make_hello(uint8_t *out, size_t size, const char *suites, const char *extensions)
{
    struct buffer hello = {0};
    uint8_t bytes[600];
    long length;

    buffer_u16(&hello, 0x0303);
    for (int i = 0; i < 33; i++) { /* random, and an empty session id */
        buffer_u8(&hello, 0);
    }
    length = text_unhex(bytes, sizeof bytes, suites, strlen(suites));
    assert_true(length >= 0);
    buffer_u16(&hello, (uint16_t)length);
    buffer_append(&hello, bytes, (size_t)length);
    buffer_u16(&hello, 0x0100);
    length = text_unhex(bytes, sizeof bytes, extensions, strlen(extensions));
    assert_true(length >= 0);
    buffer_u16(&hello, (uint16_t)length);
    buffer_append(&hello, bytes, (size_t)length);
    assert_true(hello.length + 4 <= size);
    out[0] = WIRE_CLIENT_HELLO;
    out[1] = 0;
    out[2] = (uint8_t)(hello.length >> 8);
    out[3] = (uint8_t)hello.length;
    memcpy(out + 4, hello.data, hello.length);
    length = (long)hello.length + 4;
    buffer_free(&hello);
    return (size_t)length;
}

/* The ClientHello of FoxIO's specification (JA4.md), with GREASE added where browsers put it: what it
 * says of this one is also said of one without GREASE. */
static void the_example_of_the_specification(void **state)
{
    static const char suites[] = "1a1a130113021303c02bc02fc02cc030cca9cca8c013c014009c009d002f0035";
    static const char extensions[] = "2a2a0000"
                                     "001b0003020002"
                                     "000000080006000003616263"
                                     "003300020000"
                                     "0010000e000c02683208687474702f312e31"
                                     "44690005000302683200170000"
                                     "002d00020101"
                                     "000d0012001004030804040105030805050108060601"
                                     "00050005010000000000230000"
                                     "00120000"
                                     "002b0007060a0a03040303"
                                     "ff01000100"
                                     "000b00020100"
                                     "000a00080006001d00170018"
                                     "00150000"
                                     "4a4a000100";
    struct buffer prefix = {0};
    struct buffer b = {0};
    struct buffer c = {0};
    uint8_t hello[400];
    size_t length;
    char *ja4;

    (void)state;
    length = make_hello(hello, sizeof hello, suites, extensions);
    assert_int_equal(wire_ja4(hello, length, &prefix, &b, &c), 0);
    assert_string_equal(buffer_string(&prefix), "t13d1516h2");
    assert_string_equal(buffer_string(&b), "002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,"
                                           "c02f,c030,cca8,cca9");
    assert_string_equal(buffer_string(&c), "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,"
                                           "002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,"
                                           "0806,0601");
    ja4 = ja4_of(hello, length);
    assert_string_equal(ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1");
    free(ja4);
    buffer_free(&prefix);
    buffer_free(&b);
    buffer_free(&c);
}

static void a_hello_without_anything_has_zeros(void **state)
{
    uint8_t hello[200];
    size_t length = make_hello(hello, sizeof hello, "", "");
    char *ja4 = ja4_of(hello, length);

    (void)state;
    assert_string_equal(ja4, "t12i000000_000000000000_000000000000");
    free(ja4);
}

static void an_alpn_that_is_no_text_is_shown_by_its_digits(void **state)
{
    uint8_t hello[200];
    size_t length = make_hello(hello, sizeof hello, "1301", "001000050003022b5f");
    char *ja4 = ja4_of(hello, length);

    (void)state;
    assert_memory_equal(ja4, "t12i01012f", 10);
    free(ja4);
}

static void no_message_and_half_a_message_are_refused(void **state)
{
    struct buffer text = {0};

    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        bool client = samples[i].ja3 != NULL;
        if (client) {
            for (size_t length = 0; length < samples[i].length; length++) {
                assert_int_equal(wire_ja3(samples[i].data, length, &text), -1);
            }
        }
        if (samples[i].ja3s == NULL) {
            assert_int_equal(wire_ja3s(samples[i].data, samples[i].length, &text), -1);
        }
        if (!client) {
            assert_int_equal(wire_ja3(samples[i].data, samples[i].length, &text), -1);
            assert_int_equal(wire_ja4(samples[i].data, samples[i].length, &text, &text, &text), -1);
        }
    }
    assert_int_equal(text.length, 0);
    buffer_free(&text);
}

static void lack_of_memory_is_reported_at_every_point(void **state)
{
    bool refused = true;

    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    for (unsigned long allocations = 0; refused; allocations++) {
        struct buffer prefix = {0};
        struct buffer suites = {0};
        struct buffer extensions = {0};
        int status;
        scarcity_begin(allocations);
        status = wire_ja4(samples[0].data, samples[0].length, &prefix, &suites, &extensions);
        refused = scarcity_end();
        assert_int_equal(status, refused ? -1 : 0);
        buffer_free(&prefix);
        buffer_free(&suites);
        buffer_free(&extensions);
    }
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
        cmocka_unit_test(real_hellos_have_the_fingerprints_others_find),
        cmocka_unit_test(the_example_of_the_specification),
        cmocka_unit_test(a_hello_without_anything_has_zeros),
        cmocka_unit_test(an_alpn_that_is_no_text_is_shown_by_its_digits),
        cmocka_unit_test(no_message_and_half_a_message_are_refused),
        cmocka_unit_test(lack_of_memory_is_reported_at_every_point),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
