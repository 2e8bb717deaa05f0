/* Records as they are built, what was decrypted from them, and ClientHellos in SSL 2.0's form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "outline.h"
#include "partition.h"

/* ---- protected records ------------------------------------------------------------------------- */

static void expect_tree(const struct wire_tree *tree, const char *expected)
{
    char *text = outline_tree(tree);

    assert_string_equal(text, expected);
    free(text);
}

static void expect_record(const struct wire_layout *layout, const void *data, size_t length,
                          const char *expected)
{
    struct wire_tree tree = {0};

    assert_int_equal(wire_record_dissect(&tree, layout, data, length), 0);
    assert_true(wire_tree_find(&tree, "record.fragment", 0) > 0);
    expect_tree(&tree, expected);
    wire_tree_free(&tree);
}

#define HEADER(length)                                                             \
    "record.content_type=application_data (23)\nrecord.version=TLS 1.2 (0x0303)\n" \
    "record.length=" length "\n"

static const struct wire_layout gcm12 = {
    .is_protected = true, .version = WIRE_TLS12, .iv = 8, .aead = true, .tag = 16, .content = 3};
static const struct wire_layout aead13 = {.is_protected = true,
                                          .version = WIRE_TLS13,
                                          .aead = true,
                                          .tag = 16,
                                          .content = 3,
                                          .padding = 2};
static const struct wire_layout cbc = {
    .is_protected = true, .version = WIRE_TLS12, .iv = 16, .mac = 4, .content = 3, .padding = 4};
static const struct wire_layout cbc_etm = {.is_protected = true,
                                           .version = WIRE_TLS12,
                                           .iv = 16,
                                           .mac = 4,
                                           .encrypt_then_mac = true,
                                           .content = 3,
                                           .padding = 1};
static const struct wire_layout stream = {
    .is_protected = true, .version = WIRE_TLS12, .mac = 4, .content = 3};

/* RFC 5288 3. */
static void an_explicit_nonce_and_a_tag_stand_around_the_ciphertext(void **state)
{
    (void)state;
    expect_record(&gcm12, OUTLINE_BYTES("\x17\x03\x03\x00\x1bNNNNNNNNabcTTTTTTTTTTTTTTTT"),
                  HEADER("27") "record.explicit_nonce=4e4e4e4e4e4e4e4e\n"
                               "record.ciphertext=616263\n"
                               "record.tag=54545454545454545454545454545454\n");
    expect_record(&aead13, OUTLINE_BYTES("\x17\x03\x03\x00\x11xTTTTTTTTTTTTTTTT"),
                  HEADER("17") "record.ciphertext=78\n"
                               "record.tag=54545454545454545454545454545454\n");
}

/* RFC 5246 6.2.3.2, RFC 7366 3. */
static void a_mac_is_seen_only_when_it_comes_last(void **state)
{
    (void)state;
    expect_record(&cbc, OUTLINE_BYTES("\x17\x03\x03\x00\x13IIIIIIIIIIIIIIIIabc"),
                  HEADER("19") "record.iv=49494949494949494949494949494949\n"
                               "record.ciphertext=616263\n");
    expect_record(&cbc_etm, OUTLINE_BYTES("\x17\x03\x03\x00\x17IIIIIIIIIIIIIIIIabcMMMM"),
                  HEADER("23") "record.iv=49494949494949494949494949494949\n"
                               "record.ciphertext=616263\nrecord.mac=4d4d4d4d\n");
    expect_record(&stream,
                  OUTLINE_BYTES("\x17\x03\x03\x00\x07"
                                "abcMMMM"),
                  HEADER("7") "record.ciphertext=6162634d4d4d4d\n");
}

static void short_and_cut_records_say_so(void **state)
{
    const struct wire_layout unknown = {.is_protected = true, .version = WIRE_TLS12};
    struct wire_tree tree = {0};

    (void)state;
    expect_record(&gcm12,
                  OUTLINE_BYTES("\x17\x03\x03\x00\x03"
                                "abc"),
                  HEADER("3") "error.truncated=616263\n");
    expect_record(&unknown,
                  OUTLINE_BYTES("\x17\x03\x03\x00\x03"
                                "abc"),
                  HEADER("3") "record.ciphertext=616263\n");
    expect_record(&gcm12, OUTLINE_BYTES("\x17\x03\x03\x00\x18NNNNNNNNTTTTTTTTTTTTTTTTxx"),
                  HEADER("24") "record.explicit_nonce=4e4e4e4e4e4e4e4e\n"
                               "record.ciphertext=\n"
                               "record.tag=54545454545454545454545454545454\n"
                               "error.trailing=7878\n");
    for (size_t length = 0; length < 5; length++) {
        assert_int_equal(wire_record_dissect(&tree, &gcm12, (const uint8_t *)"\x17\x03\x03\x00",
                                             length < 4 ? length : 4),
                         0);
        assert_true(partition_holds(&tree));
        assert_true(wire_tree_find(&tree, "error.truncated", 0) > 0);
    }
    wire_tree_free(&tree);
}

/* ---- what was decrypted -------------------------------------------------------------------------- */

static void expect_plaintext(const struct wire_layout *layout, const void *data, size_t length,
                             const char *expected)
{
    struct wire_tree tree = {0};

    assert_int_equal(wire_plaintext_dissect(&tree, layout, data, length), 0);
    expect_tree(&tree, expected);
    wire_tree_free(&tree);
}

static void plaintexts_are_content_and_what_protects_it(void **state)
{
    const struct wire_layout none = {0};

    (void)state;
    expect_plaintext(&gcm12, OUTLINE_BYTES("abc"), "plaintext.content=616263\n");
    expect_plaintext(&aead13, OUTLINE_BYTES("abc\x16\0\0"),
                     "plaintext.content=616263\nplaintext.content_type=handshake (22)\n"
                     "plaintext.zeros=0000\n");
    expect_plaintext(&cbc, OUTLINE_BYTES("abcMMMM\3\3\3\3"),
                     "plaintext.content=616263\nplaintext.mac=4d4d4d4d\n"
                     "plaintext.padding=030303\nplaintext.padding_length=3\n");
    expect_plaintext(&cbc_etm, OUTLINE_BYTES("abc\0"),
                     "plaintext.content=616263\nplaintext.padding_length=0\n");
    expect_plaintext(&stream, OUTLINE_BYTES("abcMMMM"),
                     "plaintext.content=616263\nplaintext.mac=4d4d4d4d\n");
    expect_plaintext(&none, OUTLINE_BYTES("abc"), "plaintext.content=616263\n");
}

/* A layout that does not fit, as from a file that was changed. */
static void plaintexts_of_another_size_are_covered_all_the_same(void **state)
{
    static const struct wire_layout *const layouts[] = {&gcm12, &aead13, &cbc, &cbc_etm, &stream};
    uint8_t data[20] = {0};
    struct wire_tree tree = {0};

    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        for (size_t length = 0; length <= sizeof data; length++) {
            assert_int_equal(wire_plaintext_dissect(&tree, layouts[i], data, length), 0);
            assert_true(partition_holds(&tree));
            assert_int_equal(wire_tree_find(&tree, "error.trailing", 0) > 0,
                             length > (size_t)layouts[i]->content + layouts[i]->padding +
                                          (layouts[i] == &cbc || layouts[i] == &stream ? 4 : 0) +
                                          (layouts[i] == &aead13));
        }
    }
    wire_tree_free(&tree);
}

/* ---- SSL 2.0 --------------------------------------------------------------------------------------- */

/* RFC 5246 E.2: 3DES of SSL 2.0, then a suite of TLS; a challenge of 16 bytes. */
static const uint8_t ssl2_hello[] = "\x80\x1f\x01\x03\x01\x00\x06\x00\x00\x00\x10"
                                    "\x07\x00\xc0\x00\x00\x2f"
                                    "CCCCCCCCCCCCCCCC";
#define SSL2_SIZE (sizeof ssl2_hello - 1)

static void an_ssl2_hello_is_recognised_as_it_grows(void **state)
{
    size_t record = 0;

    (void)state;
    for (size_t length = 0; length < SSL2_SIZE; length++) {
        assert_int_equal(wire_ssl2_hello_parse(ssl2_hello, length, &record), WIRE_NEED_MORE);
        assert_int_equal(record, length < 11 ? 11 : SSL2_SIZE);
    }
    assert_int_equal(wire_ssl2_hello_parse(ssl2_hello, SSL2_SIZE, &record), WIRE_COMPLETE);
    assert_int_equal(record, SSL2_SIZE);
}

static void other_bytes_are_no_ssl2_hello(void **state)
{
    /* Which byte is changed to what: the bit, the type, the version, and each of the lengths. */
    static const uint8_t changes[][2] = {{0, 0x00}, {2, 4}, {3, 5}, {4, 9},  {1, 0x20},
                                         {6, 7},    {6, 0}, {8, 1}, {10, 15}};
    uint8_t copy[SSL2_SIZE];
    size_t record;

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        memcpy(copy, ssl2_hello, sizeof copy);
        copy[changes[i][0]] = changes[i][1];
        assert_int_equal(wire_ssl2_hello_parse(copy, sizeof copy, &record), WIRE_NOT_TLS);
    }
}

static void an_ssl2_hello_has_fields(void **state)
{
    const struct wire_context context = {.from = WIRE_CLIENT};
    struct wire_tree tree = {0};

    (void)state;
    outline_expect(&context, WIRE_SSL2_HELLO, ssl2_hello, SSL2_SIZE,
                   "record.ssl2_length=801f\nssl2_hello.message_type=client_hello (1)\n"
                   "ssl2_hello.version=TLS 1.0 (0x0301)\nssl2_hello.cipher_spec_length=6\n"
                   "ssl2_hello.session_id_length=0\nssl2_hello.challenge_length=16\n"
                   "ssl2_hello.cipher_spec=SSL_CK_DES_192_EDE3_CBC_WITH_MD5 (0x0700c0)\n"
                   "ssl2_hello.cipher_spec=TLS_RSA_WITH_AES_128_CBC_SHA (0x002f)\n"
                   "ssl2_hello.challenge=43434343434343434343434343434343\n");
    assert_int_equal(wire_message_dissect(&tree, &context, WIRE_SSL2_HELLO, ssl2_hello, SSL2_SIZE),
                     0);
    assert_string_equal(tree.fields[0].type->name, "ClientHello");
    expect_record(NULL, ssl2_hello, SSL2_SIZE,
                  "record.ssl2_length=801f\n"
                  "record.fragment=010301000600000010"
                  "0700c000002f43434343434343434343434343434343\n");
    wire_tree_free(&tree);
}

static void a_damaged_ssl2_hello_is_covered(void **state)
{
    const struct wire_context context = {.from = WIRE_CLIENT};
    struct wire_tree tree = {0};
    uint8_t copy[SSL2_SIZE];

    (void)state;
    for (size_t length = 0; length < SSL2_SIZE; length++) {
        assert_int_equal(wire_message_dissect(&tree, &context, WIRE_SSL2_HELLO, ssl2_hello, length),
                         0);
        assert_true(partition_holds(&tree));
        assert_true(wire_tree_find(&tree, "error.truncated", 0) > 0);
    }
    for (size_t bit = 0; bit < SSL2_SIZE * 8; bit++) {
        memcpy(copy, ssl2_hello, sizeof copy);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(wire_message_dissect(&tree, &context, WIRE_SSL2_HELLO, copy, sizeof copy),
                         0);
        assert_true(partition_holds(&tree));
    }
    wire_tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_explicit_nonce_and_a_tag_stand_around_the_ciphertext),
        cmocka_unit_test(a_mac_is_seen_only_when_it_comes_last),
        cmocka_unit_test(short_and_cut_records_say_so),
        cmocka_unit_test(plaintexts_are_content_and_what_protects_it),
        cmocka_unit_test(plaintexts_of_another_size_are_covered_all_the_same),
        cmocka_unit_test(an_ssl2_hello_is_recognised_as_it_grows),
        cmocka_unit_test(other_bytes_are_no_ssl2_hello),
        cmocka_unit_test(an_ssl2_hello_has_fields),
        cmocka_unit_test(a_damaged_ssl2_hello_is_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
