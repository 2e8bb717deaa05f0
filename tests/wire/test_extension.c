/* The bodies of extensions, field by field, as their RFCs have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "outline.h"

#define EXPECT(message, type, bytes, expected) \
    outline_expect_extension(message, type, OUTLINE_BYTES(bytes), expected)
#define FROM_CLIENT(type, bytes, expected) EXPECT(WIRE_CLIENT_HELLO, type, bytes, expected)
#define FROM_SERVER(type, bytes, expected) EXPECT(WIRE_ENCRYPTED_EXTENSIONS, type, bytes, expected)

/* ---- certificates ------------------------------------------------------------------------------ */

static void status_requests(void **state)
{
    (void)state;
    FROM_CLIENT(17, "\x00\x0e\x02\x00\x04\x00\x00\x00\x00\x01\x00\x04\x00\x00\x00\x00",
                "extension.status_request_v2.certificate_status_req_list.length=14\n"
                "extension.status_request_v2.status_type=ocsp_multi (2)\n"
                "extension.status_request_v2.request.length=4\n"
                "extension.status_request_v2.responder_id_list.length=0\n"
                "extension.status_request_v2.request_extensions.length=0\n"
                "extension.status_request_v2.request_extensions=\n"
                "extension.status_request_v2.status_type=ocsp (1)\n"
                "extension.status_request_v2.request.length=4\n"
                "extension.status_request_v2.responder_id_list.length=0\n"
                "extension.status_request_v2.request_extensions.length=0\n"
                "extension.status_request_v2.request_extensions=\n");
    FROM_SERVER(17, "", "");
    FROM_CLIENT(5, "\x07\xaa",
                "extension.status_request.status_type=unknown (7)\n"
                "extension.status_request.other_request=aa\n");
}

static void certificate_types(void **state)
{
    (void)state;
    FROM_CLIENT(20, "\x02\x02\x00",
                "extension.server_certificate_type.certificate_types.length=2\n"
                "extension.server_certificate_type.certificate_type=RawPublicKey (2)\n"
                "extension.server_certificate_type.certificate_type=X509 (0)\n");
    FROM_SERVER(20, "\x02",
                "extension.server_certificate_type.certificate_type=RawPublicKey (2)\n");
    FROM_CLIENT(19, "\x01\x00",
                "extension.client_certificate_type.certificate_types.length=1\n"
                "extension.client_certificate_type.certificate_type=X509 (0)\n");
    FROM_CLIENT(9, "\x01\x01",
                "extension.cert_type.certificate_types.length=1\n"
                "extension.cert_type.certificate_type=OpenPGP (1)\n");
}

static void delegated_credentials(void **state)
{
    (void)state;
    FROM_CLIENT(
        34, "\x00\x02\x04\x03",
        "extension.delegated_credential.supported_signature_algorithms.length=2\n"
        "extension.delegated_credential.signature_scheme=ecdsa_secp256r1_sha256 (0x0403)\n");
    EXPECT(WIRE_CERTIFICATE, 34,
           "\x00\x09\x3a\x80\x08\x07\x00\x00\x0c\x30\x0a\x30\x05\x06\x03\x2b\x65\x70\x03\x01\x00"
           "\x04\x03\x00\x02\xab\xcd",
           "extension.delegated_credential.valid_time=604800\n"
           "extension.delegated_credential.dc_cert_verify_algorithm=ed25519 (0x0807)\n"
           "extension.delegated_credential.subject_public_key_info.length=12\n"
           "der.header=SEQUENCE, 10 bytes\n"
           "der.header=SEQUENCE, 5 bytes; OBJECT IDENTIFIER, 3 bytes\n"
           "algorithm.algorithm=ED25519 (1.3.101.112)\n"
           "der.header=BIT STRING, 1 byte, 0 unused bits\n"
           "public_key.subject_public_key=\n"
           "extension.delegated_credential.algorithm=ecdsa_secp256r1_sha256 (0x0403)\n"
           "extension.delegated_credential.signature.length=2\n"
           "extension.delegated_credential.signature=abcd\n");
}

static void authorities(void **state)
{
    (void)state;
    FROM_CLIENT(3,
                "\x00\x16\x00\x01"
                "aaaaaaaaaaaaaaaaaaaa",
                "extension.trusted_ca_keys.trusted_authorities_list.length=22\n"
                "extension.trusted_ca_keys.identifier_type=pre_agreed (0)\n"
                "extension.trusted_ca_keys.identifier_type=key_sha1_hash (1)\n"
                "extension.trusted_ca_keys.sha1_hash=6161616161616161616161616161616161616161\n");
    FROM_SERVER(3, "", "");
    FROM_CLIENT(48, "\x00\x08\x05\x06\x03\x55\x1d\x25\x00\x00",
                "extension.oid_filters.filters.length=8\n"
                "extension.oid_filters.certificate_extension_oid.length=5\n"
                "der.header=OBJECT IDENTIFIER, 3 bytes\n"
                "der.object_identifier=extendedKeyUsage (2.5.29.37)\n"
                "extension.oid_filters.certificate_extension_values.length=0\n"
                "extension.oid_filters.certificate_extension_values=\n");
}

/* RFC 6962 3.3: the list with log, time and signature. */
static void signed_certificate_timestamps(void **state)
{
    (void)state;
    FROM_SERVER(18,
                "\x00\x33\x00\x31\x00"
                "llllllllllllllllllllllllllllllll"
                "\x00\x00\x01\x8b\xcf\xe5\x68\x00\x00\x00\x04\x03\x00\x02\xab\xcd",
                "sct.list.length=51\nsct.signed_certificate_timestamp.length=49\nsct.version=0\n"
                "sct.log_id="
                "6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c6c\n"
                "sct.timestamp=2023-11-14T22:13:20.000Z\n"
                "sct.extensions.length=0\nsct.extensions=\n"
                "sct.algorithm=ecdsa_secp256r1_sha256 (0x0403)\n"
                "sct.signature.length=2\nsct.signature=abcd\n");
    FROM_CLIENT(18, "", "");
}

/* ---- encrypted hellos -------------------------------------------------------------------------- */

static void encrypted_client_hellos(void **state)
{
    (void)state;
    FROM_CLIENT(65037, "\x00\x00\x01\x00\x03\x2a\x00\x01\xee\x00\x02\xab\xcd",
                "extension.encrypted_client_hello.type=outer (0)\n"
                "extension.encrypted_client_hello.kdf_id=HKDF-SHA256 (0x0001)\n"
                "extension.encrypted_client_hello.aead_id=ChaCha20Poly1305 (0x0003)\n"
                "extension.encrypted_client_hello.config_id=42\n"
                "extension.encrypted_client_hello.enc.length=1\n"
                "extension.encrypted_client_hello.enc=ee\n"
                "extension.encrypted_client_hello.payload.length=2\n"
                "extension.encrypted_client_hello.payload=abcd\n");
    FROM_CLIENT(65037, "\x01", "extension.encrypted_client_hello.type=inner (1)\n");
    FROM_CLIENT(64768, "\x04\x00\x0a\x00\x33",
                "extension.ech_outer_extensions.outer_extensions.length=4\n"
                "extension.ech_outer_extensions.extension_type=supported_groups (10)\n"
                "extension.ech_outer_extensions.extension_type=key_share (51)\n");
}

#define CONFIG "extension.encrypted_client_hello.config."

/* RFC 9849 4: an ECHConfigList as in DNS. */
static void retry_configurations(void **state)
{
    (void)state;
    FROM_SERVER(65037,
                "\x00\x20"
                "\xfe\x0d\x00\x16\x07\x00\x20\x00\x02\xaa\xbb\x00\x04\x00\x01\x00\x01\x40"
                "\x05"
                "a.org"
                "\x00\x00"
                "\xfe\x0a\x00\x02\xcc\xdd",
                "extension.encrypted_client_hello.retry_configs.length=32\n" CONFIG
                "version=encrypted_client_hello (65037)\n" CONFIG "contents.length=22\n" CONFIG
                "config_id=7\n" CONFIG "kem_id=DHKEM(X25519, HKDF-SHA256) (0x0020)\n" CONFIG
                "public_key.length=2\n" CONFIG "public_key=aabb\n" CONFIG "cipher_suites.length=4\n"
                "extension.encrypted_client_hello.kdf_id=HKDF-SHA256 (0x0001)\n"
                "extension.encrypted_client_hello.aead_id=AES-128-GCM (0x0001)\n" CONFIG
                "maximum_name_length=64\n" CONFIG "public_name.length=5\n" CONFIG
                "public_name=a.org\n" CONFIG "extensions.length=0\n" CONFIG
                "version=unknown (65034)\n" CONFIG "other_contents.length=2\n" CONFIG
                "other_contents=ccdd\n");
}

/* ---- QUIC -------------------------------------------------------------------------------------- */

#define QUIC "extension.quic_transport_parameters."

static void quic_parameters(void **state)
{
    (void)state;
    FROM_CLIENT(57,
                "\x01\x04\x80\x00\x75\x30\x04\x01\x3f\x0f\x02\xab\xcd\x0c\x00"
                "\x40\x3a\x00\xff\x02\xde\x1a\xdc\x05\x49\x8f\xa0\x01\x00\x7f",
                QUIC
                "id=max_idle_timeout (0x0001)\n" QUIC "value_length=4\n" QUIC "number=30000\n" QUIC
                "id=initial_max_data (0x0004)\n" QUIC "value_length=1\n" QUIC "number=63\n" QUIC
                "id=initial_source_connection_id (0x000f)\n" QUIC "value_length=2\n" QUIC
                "value=abcd\n" QUIC "id=disable_active_migration (0x000c)\n" QUIC
                "value_length=0\n" QUIC "value=\n" QUIC "id=GREASE (0x003a)\n" QUIC
                "value_length=0\n" QUIC "value=\n" QUIC "id=unknown (0x3f02de1adc05498f)\n" QUIC
                "value_length=536936575\n"
                "error.truncated=\n");
}

static void quic_parameters_of_drafts(void **state)
{
    (void)state;
    FROM_CLIENT(65445, "\x04\x01\x3f",
                QUIC "id=initial_max_data (0x0004)\n" QUIC "value_length=1\n" QUIC "number=63\n");
    FROM_CLIENT(65445, "\x00\x06\x00\x03\x00\x02\x05\xac",
                "extension.quic_transport_parameters_draft.parameters=000600030002"
                "05ac\n");
    FROM_CLIENT(65445, "", "");
}

/* ---- the others -------------------------------------------------------------------------------- */

static void names_and_protocols(void **state)
{
    (void)state;
    FROM_CLIENT(16, "\x00\x06\x02\x1a\x1a\x02h2",
                "extension.alpn.protocol_name_list.length=6\n"
                "extension.alpn.protocol.length=2\nextension.alpn.protocol=GREASE (0x1a1a)\n"
                "extension.alpn.protocol.length=2\nextension.alpn.protocol=h2\n");
    FROM_SERVER(13172, "\x02h2\x08http/1.1",
                "extension.next_protocol_negotiation.protocol.length=2\n"
                "extension.next_protocol_negotiation.protocol=h2\n"
                "extension.next_protocol_negotiation.protocol.length=8\n"
                "extension.next_protocol_negotiation.protocol=http/1.1\n");
    FROM_CLIENT(17613, "\x00\x03\x02h2",
                "extension.application_settings.supported_protocols.length=3\n"
                "extension.application_settings.protocol.length=2\n"
                "extension.application_settings.protocol=h2\n");
    FROM_SERVER(17513, "\xab\xcd", "extension.application_settings_old.settings=abcd\n");
    FROM_CLIENT(12,
                "\x05"
                "alice",
                "extension.srp.srp_i.length=5\nextension.srp.srp_i=alice\n");
    FROM_CLIENT(59, "\x01\xbb", "extension.dnssec_chain.port_number=443\n");
}

static void small_ones(void **state)
{
    (void)state;
    FROM_CLIENT(14, "\x00\x04\x00\x07\x00\x01\x00",
                "extension.use_srtp.protection_profiles.length=4\n"
                "extension.use_srtp.protection_profile=SRTP_AEAD_AES_128_GCM (0x0007)\n"
                "extension.use_srtp.protection_profile=SRTP_AES128_CM_HMAC_SHA1_80 (0x0001)\n"
                "extension.use_srtp.srtp_mki.length=0\nextension.use_srtp.srtp_mki=\n");
    FROM_CLIENT(24, "\x01\x00\x01\x02",
                "extension.token_binding.major_version=1\nextension.token_binding.minor_version=0\n"
                "extension.token_binding.key_parameters_list.length=1\n"
                "extension.token_binding.key_parameters=ecdsap256 (2)\n");
    FROM_CLIENT(
        25, "\x00\x04\x01\x02\xab\xcd",
        "extension.cached_info.cached_info.length=4\n"
        "extension.cached_info.cached_information_type=cert (1)\n"
        "extension.cached_info.hash_value.length=2\nextension.cached_info.hash_value=abcd\n");
    FROM_SERVER(25, "\x00\x01\x01",
                "extension.cached_info.cached_info.length=1\n"
                "extension.cached_info.cached_information_type=cert (1)\n");
    FROM_CLIENT(58, "\x02\x01",
                "extension.ticket_request.new_session_count=2\n"
                "extension.ticket_request.resumption_count=1\n");
    FROM_SERVER(58, "\x01", "extension.ticket_request.expected_count=1\n");
    FROM_CLIENT(6, "\x01\x40",
                "extension.user_mapping.user_mapping_types.length=1\n"
                "extension.user_mapping.user_mapping_type=upn_domain_hint (64)\n");
    FROM_CLIENT(54, "\x01\xaa",
                "extension.connection_id.cid.length=1\nextension.connection_id.cid=aa\n");
}

/* Each by the form that its RFC gives it: none is opaque where it could be opened. */
static void lengths_that_the_rfc_does_not_allow_are_marked(void **state)
{
    (void)state;
    FROM_CLIENT(10, "\x00\x00", "error.range=0 bytes claimed\n");
    FROM_CLIENT(16, "\x00\x01\x00",
                "error.range=1 bytes claimed\nerror.range=0 bytes claimed\n"
                "extension.alpn.protocol=\n");
    FROM_CLIENT(10, "\x00\x03\x00\x1d\x00",
                "extension.supported_groups.named_group_list.length=3\n"
                "extension.supported_groups.named_group=x25519 (0x001d)\nerror.truncated=00\n");
    FROM_CLIENT(44, "\x00\x00", "error.range=0 bytes claimed\nextension.cookie.cookie=\n");
}

/* ---- key shares --------------------------------------------------------------------------------- */

struct hybrid {
    uint16_t group;
    uint8_t message;
    const char *parts[4]; /* paths in their order */
    size_t sizes[4];
};

#define PART "public_key_part."

/* draft-ietf-tls-ecdhe-mlkem 4: sizes, and which half comes first. */
static const struct hybrid hybrids[] = {
    {0x11ec, WIRE_CLIENT_HELLO, {PART "ml_kem_key", PART "x25519_share"}, {1184, 32}},
    {0x11ec, WIRE_SERVER_HELLO, {PART "ml_kem_ciphertext", PART "x25519_share"}, {1088, 32}},
    {0x11eb,
     WIRE_CLIENT_HELLO,
     {PART "form", PART "x", PART "y", PART "ml_kem_key"},
     {1, 32, 32, 1184}},
    {0x11eb,
     WIRE_SERVER_HELLO,
     {PART "form", PART "x", PART "y", PART "ml_kem_ciphertext"},
     {1, 32, 32, 1088}},
    {0x11ed,
     WIRE_CLIENT_HELLO,
     {PART "form", PART "x", PART "y", PART "ml_kem_key"},
     {1, 48, 48, 1568}},
    {0x11ed,
     WIRE_SERVER_HELLO,
     {PART "form", PART "x", PART "y", PART "ml_kem_ciphertext"},
     {1, 48, 48, 1568}},
    {0x6399, WIRE_CLIENT_HELLO, {PART "x25519_share", PART "ml_kem_key"}, {32, 1184}},
    {0x6399, WIRE_SERVER_HELLO, {PART "x25519_share", PART "ml_kem_ciphertext"}, {32, 1088}},
    {0x0017, WIRE_CLIENT_HELLO, {PART "form", PART "x", PART "y"}, {1, 32, 32}},
    {0x0019, WIRE_SERVER_HELLO, {PART "form", PART "x", PART "y"}, {1, 66, 66}},
};

static void expect_hybrid(const struct hybrid *hybrid)
{
    struct buffer body = {0};
    struct buffer expected = {0};
    size_t size = 0;
    char *share;

    for (size_t i = 0; i < 4; i++) {
        size += hybrid->sizes[i];
    }
    share = calloc(1, size);
    assert_non_null(share);
    memset(share, 4, size);
    if (hybrid->message == WIRE_CLIENT_HELLO) {
        buffer_u16(&body, (uint16_t)(size + 4));
        buffer_printf(&expected, "extension.key_share.client_shares.length=%zu\n", size + 4);
    }
    buffer_u16(&body, hybrid->group);
    buffer_u16(&body, (uint16_t)size);
    buffer_append(&body, share, size);
    buffer_printf(&expected, "extension.key_share.entry.group=%s (0x%04x)\n",
                  wire_registry_name(WIRE_REGISTRY_GROUP, hybrid->group), hybrid->group);
    buffer_printf(&expected, "extension.key_share.entry.key_exchange.length=%zu\n", size);
    for (size_t i = 0; i < 4 && hybrid->parts[i] != NULL; i++) {
        char hex[100];
        bool form = strcmp(hybrid->parts[i], PART "form") == 0;
        buffer_printf(&expected, "%s=%s\n", hybrid->parts[i],
                      form ? "uncompressed (0x04)"
                           : text_hex(hex, sizeof hex, share, hybrid->sizes[i]));
    }
    outline_expect_extension(hybrid->message, 51, body.data, body.length, buffer_string(&expected));
    buffer_free(&body);
    buffer_free(&expected);
    free(share);
}

static void key_shares_come_in_their_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hybrids / sizeof hybrids[0]; i++) {
        expect_hybrid(&hybrids[i]);
    }
}

/* In one line a list of shares is that of its groups, and a share its bytes. */
static void key_shares_are_summed_up_by_their_groups(void **state)
{
    static const uint8_t message[] =
        "\x02\x00\x00\x73\x03\x03"
        "RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR"
        "\x00\x13\x01\x00\x00\x4b\x00\x33\x00\x47\x00\x17\x00\x43"
        "\x04\x01\x02"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\x03\x04";
    const struct wire_context context = {.from = WIRE_SERVER};
    struct wire_tree tree = {0};
    char value[20];
    long share;

    (void)state;
    assert_int_equal(
        wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, message, sizeof message - 1), 0);
    share = wire_tree_find(&tree, "extension.key_share", 0);
    assert_true(share > 0);
    assert_string_equal(wire_field_value(value, sizeof value, &tree, (size_t)share), "secp256r1");
    share = wire_tree_find(&tree, "extension.key_share.entry.key_exchange", 0);
    assert_true(share > 0);
    assert_int_equal(tree.fields[share].type->kind, WIRE_FIELD_GROUP);
    assert_string_equal(wire_field_value(value, 12, &tree, (size_t)share), "04010278…");
    wire_tree_free(&tree);
}

static void key_shares_of_a_wrong_size_say_so(void **state)
{
    (void)state;
    EXPECT(WIRE_SERVER_HELLO, 51, "\x00\x1d\x00\x02\xab\xcd",
           "extension.key_share.entry.group=x25519 (0x001d)\n"
           "extension.key_share.entry.key_exchange.length=2\nerror.truncated=abcd\n");
    EXPECT(WIRE_SERVER_HELLO, 51, "\x1a\x1a\x00\x01\x00",
           "extension.key_share.entry.group=GREASE (0x1a1a)\n"
           "extension.key_share.entry.key_exchange.length=1\n"
           "extension.key_share.entry.key_exchange=00\n");
    EXPECT(WIRE_SERVER_HELLO, 51, "\x00\x17\x00\x03\x05\xab\xcd",
           "extension.key_share.entry.group=secp256r1 (0x0017)\n"
           "extension.key_share.entry.key_exchange.length=3\n"
           "public_key_part.form=unknown (0x05)\npublic_key_part.point_data=abcd\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_requests),
        cmocka_unit_test(certificate_types),
        cmocka_unit_test(delegated_credentials),
        cmocka_unit_test(authorities),
        cmocka_unit_test(signed_certificate_timestamps),
        cmocka_unit_test(encrypted_client_hellos),
        cmocka_unit_test(retry_configurations),
        cmocka_unit_test(quic_parameters),
        cmocka_unit_test(quic_parameters_of_drafts),
        cmocka_unit_test(names_and_protocols),
        cmocka_unit_test(small_ones),
        cmocka_unit_test(lengths_that_the_rfc_does_not_allow_are_marked),
        cmocka_unit_test(key_shares_come_in_their_parts),
        cmocka_unit_test(key_shares_are_summed_up_by_their_groups),
        cmocka_unit_test(key_shares_of_a_wrong_size_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
