/* Names are those of IANA and the RFCs, values are found both ways, GREASE is recognised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "registry.h"

static void expect_name(enum wire_registry registry, uint32_t value, const char *name)
{
    assert_string_equal(wire_registry_name(registry, value), name);
    assert_int_equal(wire_registry_value(registry, name), value);
}

static void names_are_those_of_the_rfcs(void **state)
{
    (void)state;
    expect_name(WIRE_REGISTRY_VERSION, 0x0304, "TLS 1.3");
    expect_name(WIRE_REGISTRY_CONTENT_TYPE, 23, "application_data");
    expect_name(WIRE_REGISTRY_HANDSHAKE_TYPE, 1, "client_hello");
    expect_name(WIRE_REGISTRY_HANDSHAKE_TYPE, 5, "end_of_early_data");
    expect_name(WIRE_REGISTRY_CIPHER_SUITE, 0x1301, "TLS_AES_128_GCM_SHA256");
    expect_name(WIRE_REGISTRY_CIPHER_SUITE, 0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    expect_name(WIRE_REGISTRY_GROUP, 29, "x25519");
    expect_name(WIRE_REGISTRY_GROUP, 0x11ec, "X25519MLKEM768");
    expect_name(WIRE_REGISTRY_SIGNATURE_SCHEME, 0x0804, "rsa_pss_rsae_sha256");
    expect_name(WIRE_REGISTRY_SIGNATURE_SCHEME, 0x0203, "ecdsa_sha1");
    expect_name(WIRE_REGISTRY_EXTENSION, 16, "application_layer_protocol_negotiation");
    expect_name(WIRE_REGISTRY_EXTENSION, 65281, "renegotiation_info");
    expect_name(WIRE_REGISTRY_ALERT, 40, "handshake_failure");
    expect_name(WIRE_REGISTRY_ALERT, 120, "no_application_protocol");
    expect_name(WIRE_REGISTRY_ALERT_LEVEL, 2, "fatal");
    expect_name(WIRE_REGISTRY_COMPRESSION_METHOD, 0, "null");
    expect_name(WIRE_REGISTRY_CERTIFICATE_COMPRESSION, 2, "brotli");
    expect_name(WIRE_REGISTRY_CLIENT_CERTIFICATE_TYPE, 64, "ecdsa_sign");
    expect_name(WIRE_REGISTRY_EC_POINT_FORMAT, 0, "uncompressed");
    expect_name(WIRE_REGISTRY_EC_CURVE_TYPE, 3, "named_curve");
    expect_name(WIRE_REGISTRY_PSK_MODE, 1, "psk_dhe_ke");
    expect_name(WIRE_REGISTRY_CERTIFICATE_STATUS_TYPE, 1, "ocsp");
    expect_name(WIRE_REGISTRY_NAME_TYPE, 0, "host_name");
    expect_name(WIRE_REGISTRY_KEY_UPDATE, 1, "update_requested");
    expect_name(WIRE_REGISTRY_MAX_FRAGMENT_LENGTH, 1, "2^9");
}

static void rarer_registries_are_there_too(void **state)
{
    (void)state;
    expect_name(WIRE_REGISTRY_CERTIFICATE_TYPE, 2, "RawPublicKey");
    expect_name(WIRE_REGISTRY_SRTP_PROFILE, 1, "SRTP_AES128_CM_HMAC_SHA1_80");
    expect_name(WIRE_REGISTRY_HPKE_KEM, 0x20, "DHKEM(X25519, HKDF-SHA256)");
    expect_name(WIRE_REGISTRY_HPKE_KDF, 1, "HKDF-SHA256");
    expect_name(WIRE_REGISTRY_HPKE_AEAD, 3, "ChaCha20Poly1305");
    expect_name(WIRE_REGISTRY_ECH_TYPE, 0, "outer");
    expect_name(WIRE_REGISTRY_QUIC_PARAMETER, 4, "initial_max_data");
    expect_name(WIRE_REGISTRY_SSL2_CIPHER_SPEC, 0x0700c0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
    expect_name(WIRE_REGISTRY_VERSION, 0x7f17, "TLS 1.3 draft 23");
    expect_name(WIRE_REGISTRY_EXTENSION, 65037, "encrypted_client_hello");
    expect_name(WIRE_REGISTRY_CONTENT_TYPE, 24, "heartbeat");
}

static void expect_alpn(const char *id, size_t length, const char *meaning)
{
    const char *name = wire_alpn_name((const uint8_t *)id, length);

    if (meaning == NULL) {
        assert_null(name);
    } else {
        assert_non_null(name);
        assert_string_equal(name, meaning);
    }
}

static void application_protocols_have_a_meaning(void **state)
{
    (void)state;
    expect_alpn("h2", 2, "HTTP/2 over TLS (RFC 9113)");
    expect_alpn("http/1.1", 8, "HTTP/1.1 (RFC 9112)");
    expect_alpn("\x1a\x1a", 2, "GREASE");
    expect_alpn("h", 1, NULL);
    expect_alpn("h2\0", 3, NULL);
    expect_alpn("", 0, NULL);
    for (size_t i = 0; i < alpn_count; i++) {
        expect_alpn(alpn_entries[i].id, strlen(alpn_entries[i].id), alpn_entries[i].meaning);
    }
}

/* Every extension that has a name is dissected under it: table and registry do not drift apart. */
static void every_named_extension_has_a_group(void **state)
{
    const struct registry_table *table = &registry_tables[WIRE_REGISTRY_EXTENSION];
    const struct wire_context context = {.from = WIRE_SERVER, .version = WIRE_TLS13};
    struct wire_tree tree = {0};

    (void)state;
    for (size_t i = 0; i < table->count; i++) {
        uint32_t type = table->entries[i].value;
        const uint8_t message[] = {
            WIRE_ENCRYPTED_EXTENSIONS, 0, 0, 6, 0, 4, (uint8_t)(type >> 8), (uint8_t)type, 0, 0};
        const struct wire_field_type *group;
        assert_int_equal(
            wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, message, sizeof message), 0);
        group = tree.fields[wire_tree_find(&tree, "extension.type", 0) - 1].type;
        assert_string_equal(group->name, table->entries[i].name);
        assert_memory_equal(group->path, "extension.", 10);
        assert_string_not_equal(group->path, "extension.unknown");
    }
    wire_tree_free(&tree);
}

static void old_drafts_count_as_tls_13(void **state)
{
    (void)state;
    assert_true(wire_version_is_tls13(WIRE_TLS13));
    assert_true(wire_version_is_tls13(0x7f12));
    assert_true(wire_version_is_tls13(0x7e02));
    assert_false(wire_version_is_tls13(WIRE_TLS12));
    assert_false(wire_version_is_tls13(0));
}

/* Binary search must find every row, also the first and the last, and nothing between them. */
static void every_row_is_found_and_tables_are_in_order(void **state)
{
    (void)state;
    for (int registry = 0; registry < WIRE_REGISTRY_COUNT; registry++) {
        const struct registry_table *table = &registry_tables[registry];
        assert_true(table->count > 0);
        for (size_t i = 0; i < table->count; i++) {
            assert_ptr_equal(registry_find((enum wire_registry)registry, table->entries[i].value),
                             &table->entries[i]);
            if (i > 0) {
                assert_true(table->entries[i].value > table->entries[i - 1].value);
            }
        }
        assert_null(wire_registry_name((enum wire_registry)registry, UINT32_MAX));
        assert_null(wire_registry_name((enum wire_registry)registry, 0x10000));
    }
    assert_int_equal(wire_registry_value(WIRE_REGISTRY_GROUP, "no such group"), -1);
    assert_int_equal(wire_registry_value(WIRE_REGISTRY_GROUP, "X25519"), 29);
}

/* RFC 8701 2 lists sixteen values for two-byte registries and eight for PSK modes. */
static void grease_is_recognised(void **state)
{
    char text[64];
    unsigned found = 0;

    (void)state;
    for (uint32_t value = 0; value < 0x20000; value++) {
        found += wire_is_grease(value);
    }
    assert_int_equal(found, 16);
    assert_true(wire_is_grease(0x0a0a));
    assert_true(wire_is_grease(0xfafa));
    assert_false(wire_is_grease(0x0a1a));
    assert_string_equal(wire_registry_text(text, sizeof text, WIRE_REGISTRY_CIPHER_SUITE, 0x1a1a),
                        "GREASE (0x1a1a)");
    assert_string_equal(wire_registry_text(text, sizeof text, WIRE_REGISTRY_EXTENSION, 0x1a1a),
                        "GREASE (0x1a1a)");
    assert_string_equal(wire_registry_text(text, sizeof text, WIRE_REGISTRY_PSK_MODE, 0xa6),
                        "GREASE (0xa6)");
    assert_string_equal(wire_registry_text(text, sizeof text, WIRE_REGISTRY_PSK_MODE, 0xa7),
                        "unknown (167)");
}

static void unknown_values_are_written_as_iana_writes_them(void **state)
{
    char text[64];

    (void)state;
    assert_string_equal(wire_registry_text(text, sizeof text, WIRE_REGISTRY_CIPHER_SUITE, 0x0ffe),
                        "unknown (0x0ffe)");
    assert_string_equal(wire_registry_text(text, sizeof text, WIRE_REGISTRY_ALERT, 200),
                        "unknown (200)");
    assert_string_equal(wire_registry_text(text, sizeof text, WIRE_REGISTRY_ALERT, 0),
                        "close_notify");
    assert_string_equal(wire_registry_text(text, 6, WIRE_REGISTRY_ALERT, 0), "close");
}

static void messages_have_the_names_users_know(void **state)
{
    (void)state;
    assert_string_equal(wire_message_name(WIRE_HANDSHAKE, WIRE_CLIENT_HELLO), "ClientHello");
    assert_string_equal(wire_message_name(WIRE_HANDSHAKE, WIRE_HELLO_RETRY_REQUEST),
                        "HelloRetryRequest");
    assert_string_equal(wire_message_name(WIRE_HANDSHAKE, WIRE_HELLO_REQUEST), "HelloRequest");
    assert_string_equal(wire_message_name(WIRE_HANDSHAKE, WIRE_COMPRESSED_CERTIFICATE),
                        "CompressedCertificate");
    assert_string_equal(wire_message_name(WIRE_HANDSHAKE, WIRE_NEXT_PROTOCOL), "NextProtocol");
    assert_string_equal(wire_message_name(WIRE_HANDSHAKE, 99), "Unknown(99)");
    assert_string_equal(wire_message_name(WIRE_CHANGE_CIPHER_SPEC, 1), "ChangeCipherSpec");
    assert_string_equal(wire_message_name(WIRE_ALERT, 0), "Alert");
    assert_string_equal(wire_message_name(WIRE_APPLICATION_DATA, 0), "ApplicationData");
    assert_string_equal(wire_message_name(WIRE_HEARTBEAT, 0), "Heartbeat");
    assert_string_equal(wire_message_name(255, 1), "Unknown(255)");
    assert_string_equal(wire_side_name(WIRE_CLIENT), "client");
    assert_string_equal(wire_side_name(WIRE_SERVER), "server");
}

static void alerts_are_put_in_words(void **state)
{
    char text[200];

    (void)state;
    assert_string_equal(wire_alert_text(text, sizeof text, 2, 45),
                        "the certificate has expired (certificate_expired, 45)");
    assert_string_equal(wire_alert_text(text, sizeof text, 2, 200),
                        "an alert without a name (200)");
    assert_string_equal(wire_alert_text(text, sizeof text, 9, 0),
                        "nothing more will be sent (close_notify, 0), of unknown level 9");
    for (size_t i = 0; i < registry_tables[WIRE_REGISTRY_ALERT].count; i++) {
        assert_non_null(registry_tables[WIRE_REGISTRY_ALERT].entries[i].extra);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_rfcs),
        cmocka_unit_test(rarer_registries_are_there_too),
        cmocka_unit_test(application_protocols_have_a_meaning),
        cmocka_unit_test(every_named_extension_has_a_group),
        cmocka_unit_test(old_drafts_count_as_tls_13),
        cmocka_unit_test(every_row_is_found_and_tables_are_in_order),
        cmocka_unit_test(grease_is_recognised),
        cmocka_unit_test(unknown_values_are_written_as_iana_writes_them),
        cmocka_unit_test(messages_have_the_names_users_know),
        cmocka_unit_test(alerts_are_put_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
