/* Messages and records that the sample sessions do not have, field by field, and what is malformed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "outline.h"

static void expect_outline(uint8_t content_type, uint16_t version, const void *data, size_t length,
                           const char *expected)
{
    const struct wire_context context = {.from = WIRE_SERVER, .version = version};
    outline_expect(&context, content_type, data, length, expected);
}

#define EXPECT(content_type, version, bytes, expected) \
    expect_outline(content_type, version, OUTLINE_BYTES(bytes), expected)
#define EXPECT_HANDSHAKE(version, bytes, expected) EXPECT(WIRE_HANDSHAKE, version, bytes, expected)

static void alerts(void **state)
{
    (void)state;
    EXPECT(WIRE_ALERT, WIRE_TLS12, "\x02\x28",
           "alert.level=fatal (2)\nalert.description=handshake_failure (40)\n");
    EXPECT(WIRE_ALERT, WIRE_TLS12, "\x01\xc8",
           "alert.level=warning (1)\nalert.description=unknown (200)\n");
    EXPECT(WIRE_ALERT, WIRE_TLS12, "\x02", "alert.level=fatal (2)\nerror.truncated=\n");
    EXPECT(WIRE_ALERT, WIRE_TLS12, "\x02\x28\x00",
           "alert.level=fatal (2)\nalert.description=handshake_failure (40)\nerror.trailing=00\n");
}

static void other_contents(void **state)
{
    (void)state;
    EXPECT(WIRE_CHANGE_CIPHER_SPEC, WIRE_TLS12, "\x01",
           "change_cipher_spec.type=change_cipher_spec (1)\n");
    EXPECT(WIRE_APPLICATION_DATA, WIRE_TLS13, "GET /", "application_data.data=474554202f\n");
    EXPECT(WIRE_APPLICATION_DATA, WIRE_TLS13, "", "application_data.data=\n");
    EXPECT(WIRE_HEARTBEAT, WIRE_TLS12,
           "\x01\x00\x03"
           "abc0123456789abcdef",
           "heartbeat.type=heartbeat_request (1)\nheartbeat.payload.length=3\n"
           "heartbeat.payload=616263\nheartbeat.padding=30313233343536373839616263646566\n");
    EXPECT(99, WIRE_TLS12, "ab", "unknown_content.data=6162\n");
}

/* CVE-2014-0160: a heartbeat that claims more payload than it has. */
static void a_heartbleed_request_is_called_malformed(void **state)
{
    (void)state;
    EXPECT(WIRE_HEARTBEAT, WIRE_TLS12, "\x01\x40\x00",
           "heartbeat.type=heartbeat_request (1)\nerror.length=16384 bytes claimed\n"
           "heartbeat.payload=\nerror.truncated=\n");
    /* RFC 6520 4: sixteen bytes of padding must be left. */
    EXPECT(WIRE_HEARTBEAT, WIRE_TLS12,
           "\x01\x00\x04"
           "abcd0123456789abcde",
           "heartbeat.type=heartbeat_request (1)\nheartbeat.payload.length=4\n"
           "heartbeat.payload=61626364\nerror.truncated=303132333435363738396162636465\n");
}

static void small_handshake_messages(void **state)
{
    (void)state;
    EXPECT_HANDSHAKE(WIRE_TLS12, "\x00\x00\x00\x00", "");
    EXPECT_HANDSHAKE(WIRE_TLS13, "\x18\x00\x00\x01\x01",
                     "handshake.key_update.request_update=update_requested (1)\n");
    EXPECT_HANDSHAKE(WIRE_TLS13, "\x19\x00\x00\x0a\x00\x02\x00\x01\x00\x00\x00\x02\xab\xcd",
                     "handshake.compressed_certificate.algorithm=brotli (2)\n"
                     "handshake.compressed_certificate.uncompressed_length=256\n"
                     "handshake.compressed_certificate.compressed_certificate_message.length=2\n"
                     "handshake.compressed_certificate.compressed_certificate_message=abcd\n");
    EXPECT_HANDSHAKE(0, "\x43\x00\x00\x06\x02h2\x02\x00\x00",
                     "handshake.next_protocol.selected_protocol.length=2\n"
                     "handshake.next_protocol.selected_protocol=h2\n"
                     "handshake.next_protocol.padding.length=2\n"
                     "handshake.next_protocol.padding=0000\n");
    EXPECT_HANDSHAKE(0, "\x99\x00\x00\x02hi", "handshake.unknown.body=6869\n");
}

/* RFC 5246 7.4.8: before TLS 1.2 no algorithm is named. */
static void a_signature_names_its_algorithm_since_tls_12(void **state)
{
    (void)state;
    EXPECT_HANDSHAKE(WIRE_TLS12, "\x0f\x00\x00\x06\x04\x03\x00\x02\xab\xcd",
                     "handshake.certificate_verify.algorithm=ecdsa_secp256r1_sha256 (0x0403)\n"
                     "handshake.certificate_verify.signature.length=2\n"
                     "handshake.certificate_verify.signature=abcd\n");
    EXPECT_HANDSHAKE(WIRE_TLS11, "\x0f\x00\x00\x04\x00\x02\xab\xcd",
                     "handshake.certificate_verify.signature.length=2\n"
                     "handshake.certificate_verify.signature=abcd\n");
}

/* One EncryptedExtensions for extensions that the samples lack. */
static void rare_extensions(void **state)
{
    (void)state;
    EXPECT_HANDSHAKE(WIRE_TLS13,
                     "\x08\x00\x00\x1c\x00\x1a"
                     "\x00\x01\x00\x01\x02"
                     "\x00\x0f\x00\x01\x01"
                     "\x00\x12\x00\x00"
                     "\x3a\x3a\x00\x01\x00"
                     "\x99\x99\x00\x03\x01\x02\x03",
                     "handshake.encrypted_extensions.extensions.length=26\n"
                     "extension.type=max_fragment_length (1)\nextension.length=1\n"
                     "extension.max_fragment_length.max_fragment_length=2^10 (2)\n"
                     "extension.type=heartbeat (15)\nextension.length=1\n"
                     "extension.heartbeat.mode=peer_allowed_to_send (1)\n"
                     "extension.type=signed_certificate_timestamp (18)\nextension.length=0\n"
                     "extension.type=GREASE (0x3a3a)\nextension.length=1\nextension.data=00\n"
                     "extension.type=unknown (39321)\nextension.length=3\n"
                     "extension.data=010203\n");
}

/* What is wrong inside one extension does not spoil the next one. */
static void dissection_goes_on_after_a_malformed_extension(void **state)
{
    (void)state;
    EXPECT_HANDSHAKE(WIRE_TLS13,
                     "\x08\x00\x00\x15\x00\x13"
                     "\x00\x10\x00\x05\x00\x03\x09h2"
                     "\x00\x1c\x00\x01\x40"
                     "\x00\x16\x00\x01\xff",
                     "handshake.encrypted_extensions.extensions.length=19\n"
                     "extension.type=application_layer_protocol_negotiation (16)\n"
                     "extension.length=5\nextension.alpn.protocol_name_list.length=3\n"
                     "error.length=9 bytes claimed\nextension.alpn.protocol=h2\n"
                     "extension.type=record_size_limit (28)\nextension.length=1\n"
                     "error.truncated=40\n"
                     "extension.type=encrypt_then_mac (22)\nextension.length=1\n"
                     "error.trailing=ff\n");
}

static void lengths_that_go_past_the_end_are_marked_where_they_stand(void **state)
{
    (void)state;
    EXPECT_HANDSHAKE(WIRE_TLS13, "\x08\x00\x00\x04\x00\x20\x00\x17",
                     "error.length=32 bytes claimed\n"
                     "extension.type=extended_master_secret (23)\nerror.truncated=\n");
    EXPECT_HANDSHAKE(WIRE_TLS13, "\x08\x00\x00\x07\x00\x05\x00\x17\x00\x09\x00",
                     "handshake.encrypted_extensions.extensions.length=5\n"
                     "extension.type=extended_master_secret (23)\n"
                     "error.length=9 bytes claimed\nerror.trailing=00\n");
    EXPECT_HANDSHAKE(WIRE_TLS13, "\x14\xff\xff\xff\xab",
                     "error.length=16777215 bytes claimed\nhandshake.finished.verify_data=ab\n");
    EXPECT_HANDSHAKE(WIRE_TLS13, "\x14\x00\x00\x01\xab\xcd",
                     "handshake.finished.verify_data=ab\nerror.trailing=cd\n");
}

static void text_from_outside_is_made_safe(void **state)
{
    (void)state;
    EXPECT_HANDSHAKE(WIRE_TLS13, "\x08\x00\x00\x0e\x00\x0c\x00\x10\x00\x08\x00\x06\x05\x1b[2J\n",
                     "handshake.encrypted_extensions.extensions.length=12\n"
                     "extension.type=application_layer_protocol_negotiation (16)\n"
                     "extension.length=8\nextension.alpn.protocol_name_list.length=6\n"
                     "extension.alpn.protocol.length=5\n"
                     "extension.alpn.protocol=\\x1b[2J\\n\n");
}

static void groups_are_summed_up(void **state)
{
    static const uint8_t message[] = "\x08\x00\x00\x14\x00\x12"
                                     "\x00\x0a\x00\x06\x00\x04\x00\x1d\x00\x17"
                                     "\x00\x1c\x00\x02\x40\x01"
                                     "\x00\x00";
    const struct wire_context context = {.from = WIRE_SERVER, .version = WIRE_TLS13};
    struct wire_tree tree = {0};
    char value[100];

    (void)state;
    assert_int_equal(
        wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, message, sizeof message - 1), 0);
    assert_string_equal(wire_field_value(value, sizeof value, &tree, 0), "");
    assert_string_equal(
        wire_field_value(
            value, sizeof value, &tree,
            (size_t)wire_tree_find(&tree, "handshake.encrypted_extensions.extensions", 0)),
        "supported_groups, record_size_limit, server_name");
    assert_string_equal(
        wire_field_value(value, sizeof value, &tree,
                         (size_t)wire_tree_find(&tree, "extension.supported_groups", 0)),
        "x25519, secp256r1");
    assert_string_equal(
        wire_field_value(value, 12, &tree,
                         (size_t)wire_tree_find(&tree, "extension.supported_groups", 0)),
        "x25519, …");
    assert_string_equal(
        wire_field_value(value, sizeof value, &tree,
                         (size_t)wire_tree_find(&tree, "extension.record_size_limit", 0)),
        "16385");
    wire_tree_free(&tree);
}

static void records(void **state)
{
    static const uint8_t record[] = "\x16\x03\x01\x00\x02\xab\xcd";
    struct wire_tree tree = {0};
    uint64_t number = 0;

    (void)state;
    assert_int_equal(wire_record_dissect(&tree, NULL, record, sizeof record - 1), 0);
    assert_true(wire_tree_number(&tree, "record.content_type", &number));
    assert_int_equal(number, 22);
    assert_true(wire_tree_number(&tree, "record.version", &number));
    assert_int_equal(number, 0x0301);
    assert_true(wire_tree_number(&tree, "record.length", &number));
    assert_int_equal(number, 2);
    assert_false(wire_tree_number(&tree, "record.fragment", &number));
    assert_false(wire_tree_number(&tree, "no.such.path", &number));
    assert_int_equal(wire_tree_find(&tree, "record.fragment", 0), 4);
    assert_int_equal(wire_tree_find(&tree, "record.fragment", 5), -1);
    assert_int_equal(wire_tree_span(&tree, 0), tree.count);
    assert_int_equal(wire_tree_span(&tree, 1), 1);
    wire_tree_free(&tree);
}

static void nothing_at_all(void **state)
{
    struct wire_tree tree = {0};
    const struct wire_context context = {0};

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        char value[20];
        assert_int_equal(wire_message_dissect(&tree, &context, (uint8_t)type, NULL, 0), 0);
        assert_true(tree.count > 0);
        for (size_t i = 0; i < tree.count; i++) {
            assert_string_equal(tree.fields[i].length == 0
                                    ? wire_field_value(value, sizeof value, &tree, i)
                                    : "some",
                                "");
        }
    }
    assert_int_equal(wire_record_dissect(&tree, NULL, NULL, 0), 0);
    wire_tree_free(&tree);
}

/* The names under which the explanations are looked up. */
static void check_type(const struct wire_field_type *type, void *count)
{
    const char *dot = strrchr(type->path, '.');

    assert_non_null(type->name);
    assert_true(type->name[0] != '\0');
    assert_true(dot == NULL || dot[1] != '\0');
    assert_null(strpbrk(type->path, " /-"));
    ++*(size_t *)count;
}

static void every_field_type_is_enumerable(void **state)
{
    size_t count = 0;

    (void)state;
    wire_field_types(check_type, &count);
    assert_true(count > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts),
        cmocka_unit_test(other_contents),
        cmocka_unit_test(a_heartbleed_request_is_called_malformed),
        cmocka_unit_test(small_handshake_messages),
        cmocka_unit_test(a_signature_names_its_algorithm_since_tls_12),
        cmocka_unit_test(rare_extensions),
        cmocka_unit_test(dissection_goes_on_after_a_malformed_extension),
        cmocka_unit_test(lengths_that_go_past_the_end_are_marked_where_they_stand),
        cmocka_unit_test(text_from_outside_is_made_safe),
        cmocka_unit_test(groups_are_summed_up),
        cmocka_unit_test(records),
        cmocka_unit_test(nothing_at_all),
        cmocka_unit_test(every_field_type_is_enumerable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
