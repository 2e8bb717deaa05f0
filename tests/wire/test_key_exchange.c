/* ServerKeyExchange, ClientKeyExchange and the messages around them in every form that a cipher suite or version
 * gives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "outline.h"

#define SERVER "handshake.server_key_exchange."
#define CLIENT "handshake.client_key_exchange."
#define PART   "public_key_part."

/* Suites, by what they agree on keys with. */
#define ECDHE_RSA  0xc02f
#define ECDH_ANON  0xc018
#define DHE_RSA    0x009e
#define RSA        0x002f
#define RSA_EXPORT 0x0003
#define PSK        0x00a8
#define DHE_PSK    0x00aa
#define RSA_PSK    0x00ac
#define ECDHE_PSK  0xc037
#define SRP        0xc01d
#define SRP_RSA    0xc01e
#define GOST       0xc102

static void expect(enum wire_side from, uint16_t version, uint16_t suite, const void *body,
                   size_t length, const char *expected)
{
    const struct wire_context context = {
        .from = from, .version = version, .cipher_suite = suite, .shallow = true};
    uint8_t type = from == WIRE_SERVER ? WIRE_SERVER_KEY_EXCHANGE : WIRE_CLIENT_KEY_EXCHANGE;

    outline_expect_handshake(&context, type, body, length, expected);
}

#define FROM_SERVER(version, suite, bytes, expected) \
    expect(WIRE_SERVER, version, suite, OUTLINE_BYTES(bytes), expected)
#define FROM_CLIENT(version, suite, bytes, expected) \
    expect(WIRE_CLIENT, version, suite, OUTLINE_BYTES(bytes), expected)

static void elliptic_curves_by_name(void **state)
{
    (void)state;
    FROM_SERVER(WIRE_TLS12, ECDHE_RSA, "\x03\x00\x16\x03\x04\xab\xcd\x04\x01\x00\x01\xee",
                SERVER "curve_type=named_curve (3)\n" SERVER
                       "named_group=secp256k1 (0x0016)\n" SERVER "public_key.length=3\n" PART
                       "form=uncompressed (0x04)\n"
                       "error.truncated=abcd\n" SERVER
                       "signature_algorithm=rsa_pkcs1_sha256 (0x0401)\n" SERVER
                       "signature.length=1\n" SERVER "signature=ee\n");
    FROM_SERVER(WIRE_TLS11, ECDHE_RSA, "\x03\x00\x01\x03\x04\xab\xcd\x00\x01\xee",
                SERVER "curve_type=named_curve (3)\n" SERVER
                       "named_group=sect163k1 (0x0001)\n" SERVER "public_key.length=3\n" SERVER
                       "public_key=04abcd\n" SERVER "signature.length=1\n" SERVER "signature=ee\n");
    FROM_SERVER(WIRE_TLS12, ECDH_ANON, "\x03\x00\x01\x01\xab",
                SERVER "curve_type=named_curve (3)\n" SERVER
                       "named_group=sect163k1 (0x0001)\n" SERVER "public_key.length=1\n" SERVER
                       "public_key=ab\n");
}

/* RFC 4492 5.4: a prime field, and fields of characteristic 2 with both kinds of basis. */
static void elliptic_curves_that_describe_themselves(void **state)
{
    (void)state;
#define CURVE "\x01\x02\x01\x03\x03\x04\xaa\xbb\x01\x05\x01\x06\x03\x04\xcc\xdd"
#define CURVE_FIELDS                                                                               \
    SERVER "curve_a.length=1\n" SERVER "curve_a=02\n" SERVER "curve_b.length=1\n" SERVER           \
           "curve_b=03\n" SERVER "curve_base.length=3\n" PART "form=uncompressed (0x04)\n" PART    \
           "x=aa\n" PART "y=bb\n" SERVER "curve_order.length=1\n" SERVER "curve_order=05\n" SERVER \
           "curve_cofactor.length=1\n" SERVER "curve_cofactor=06\n" SERVER                         \
           "public_key.length=3\n" PART "form=uncompressed (0x04)\n" PART "x=cc\n" PART "y=dd\n"
    FROM_SERVER(WIRE_TLS12, ECDH_ANON, "\x01\x01\x17" CURVE,
                SERVER "curve_type=explicit_prime (1)\n" SERVER "curve_prime.length=1\n" SERVER
                       "curve_prime=17\n" CURVE_FIELDS);
    FROM_SERVER(WIRE_TLS12, ECDH_ANON, "\x02\x00\xa3\x01\x01\x09" CURVE,
                SERVER "curve_type=explicit_char2 (2)\n" SERVER "curve_m=163\n" SERVER
                       "curve_basis=ec_basis_trinomial (1)\n" SERVER "curve_k.length=1\n" SERVER
                       "curve_k=09\n" CURVE_FIELDS);
    FROM_SERVER(WIRE_TLS12, ECDH_ANON, "\x02\x00\xa3\x02\x01\x01\x01\x02\x01\x03" CURVE,
                SERVER "curve_type=explicit_char2 (2)\n" SERVER "curve_m=163\n" SERVER
                       "curve_basis=ec_basis_pentanomial (2)\n" SERVER "curve_k1.length=1\n" SERVER
                       "curve_k1=01\n" SERVER "curve_k2.length=1\n" SERVER "curve_k2=02\n" SERVER
                       "curve_k3.length=1\n" SERVER "curve_k3=03\n" CURVE_FIELDS);
    FROM_SERVER(WIRE_TLS12, ECDH_ANON, "\x02\x00\xa3\x07\xab",
                SERVER "curve_type=explicit_char2 (2)\n" SERVER "curve_m=163\n" SERVER
                       "curve_basis=unknown (7)\n" SERVER "explicit_parameters=ab\n");
}

static void primes(void **state)
{
    (void)state;
    FROM_SERVER(WIRE_TLS12, DHE_RSA, "\x00\x01\x17\x00\x01\x05\x00\x01\x08\x08\x04\x00\x01\xee",
                SERVER "dh_p.length=1\n" SERVER "dh_p=17\n" SERVER "dh_g.length=1\n" SERVER
                       "dh_g=05\n" SERVER "dh_ys.length=1\n" SERVER "dh_ys=08\n" SERVER
                       "signature_algorithm=rsa_pss_rsae_sha256 (0x0804)\n" SERVER
                       "signature.length=1\n" SERVER "signature=ee\n");
    FROM_SERVER(WIRE_TLS10, RSA_EXPORT, "\x00\x01\xab\x00\x01\x03\x00\x01\xee",
                SERVER "rsa_modulus.length=1\n" SERVER "rsa_modulus=ab\n" SERVER
                       "rsa_exponent.length=1\n" SERVER "rsa_exponent=03\n" SERVER
                       "signature.length=1\n" SERVER "signature=ee\n");
}

static void pre_shared_keys(void **state)
{
    (void)state;
    FROM_SERVER(WIRE_TLS12, PSK, "\x00\x01h",
                SERVER "psk_identity_hint.length=1\n" SERVER "psk_identity_hint=68\n");
    FROM_SERVER(WIRE_TLS12, RSA_PSK, "\x00\x00",
                SERVER "psk_identity_hint.length=0\n" SERVER "psk_identity_hint=\n");
    FROM_SERVER(WIRE_TLS12, DHE_PSK, "\x00\x00\x00\x01\x17\x00\x01\x05\x00\x01\x08",
                SERVER "psk_identity_hint.length=0\n" SERVER "psk_identity_hint=\n" SERVER
                       "dh_p.length=1\n" SERVER "dh_p=17\n" SERVER "dh_g.length=1\n" SERVER
                       "dh_g=05\n" SERVER "dh_ys.length=1\n" SERVER "dh_ys=08\n");
    FROM_SERVER(WIRE_TLS12, ECDHE_PSK, "\x00\x00\x03\x00\x01\x01\xab",
                SERVER "psk_identity_hint.length=0\n" SERVER "psk_identity_hint=\n" SERVER
                       "curve_type=named_curve (3)\n" SERVER
                       "named_group=sect163k1 (0x0001)\n" SERVER "public_key.length=1\n" SERVER
                       "public_key=ab\n");
    FROM_CLIENT(WIRE_TLS12, PSK, "\x00\x02me",
                CLIENT "psk_identity.length=2\n" CLIENT "psk_identity=6d65\n");
    FROM_CLIENT(WIRE_TLS12, RSA_PSK, "\x00\x02me\x00\x01\xee",
                CLIENT "psk_identity.length=2\n" CLIENT "psk_identity=6d65\n" CLIENT
                       "encrypted_pre_master_secret.length=1\n" CLIENT
                       "encrypted_pre_master_secret=ee\n");
    FROM_CLIENT(WIRE_TLS12, DHE_PSK, "\x00\x02me\x00\x01\x08",
                CLIENT "psk_identity.length=2\n" CLIENT "psk_identity=6d65\n" CLIENT
                       "dh_yc.length=1\n" CLIENT "dh_yc=08\n");
    FROM_CLIENT(WIRE_TLS12, ECDHE_PSK, "\x00\x02me\x03\x04\xaa\xbb",
                CLIENT "psk_identity.length=2\n" CLIENT "psk_identity=6d65\n" CLIENT
                       "public_key.length=3\n" PART "form=uncompressed (0x04)\n" PART "x=aa\n" PART
                       "y=bb\n");
}

/* RFC 5054 2.8.1, 2.8.2. */
static void passwords(void **state)
{
    (void)state;
#define SRP_FIELDS                                                                 \
    SERVER "srp_n.length=1\n" SERVER "srp_n=17\n" SERVER "srp_g.length=1\n" SERVER \
           "srp_g=02\n" SERVER "srp_s.length=2\n" SERVER "srp_s=abcd\n" SERVER     \
           "srp_b.length=1\n" SERVER "srp_b=09\n"
    FROM_SERVER(WIRE_TLS12, SRP, "\x00\x01\x17\x00\x01\x02\x02\xab\xcd\x00\x01\x09", SRP_FIELDS);
    FROM_SERVER(WIRE_TLS12, SRP_RSA,
                "\x00\x01\x17\x00\x01\x02\x02\xab\xcd\x00\x01\x09\x02\x01\x00\x01\xee",
                SRP_FIELDS SERVER "signature_algorithm=rsa_pkcs1_sha1 (0x0201)\n" SERVER
                                  "signature.length=1\n" SERVER "signature=ee\n");
    FROM_CLIENT(WIRE_TLS12, SRP, "\x00\x01\x07", CLIENT "srp_a.length=1\n" CLIENT "srp_a=07\n");
}

static void what_the_client_answers(void **state)
{
    (void)state;
    FROM_CLIENT(WIRE_TLS12, RSA, "\x00\x01\xee",
                CLIENT "encrypted_pre_master_secret.length=1\n" CLIENT
                       "encrypted_pre_master_secret=ee\n");
    /* RFC 5246 7.4.7.1: SSL 3.0 has no length there. */
    FROM_CLIENT(WIRE_SSL3, RSA, "\xee\xff", CLIENT "encrypted_pre_master_secret=eeff\n");
    FROM_CLIENT(WIRE_TLS12, DHE_RSA, "\x00\x01\x08", CLIENT "dh_yc.length=1\n" CLIENT "dh_yc=08\n");
    FROM_CLIENT(WIRE_TLS12, DHE_RSA, "", ""); /* its certificate has the key */
    FROM_CLIENT(WIRE_TLS12, ECDHE_RSA, "\x03\x02\xaa\xbb",
                CLIENT "public_key.length=3\n" PART "form=compressed, even y (0x02)\n" PART
                       "x=aabb\n");
    FROM_CLIENT(WIRE_TLS12, ECDHE_RSA,
                "\x20\x04"
                "abcdefghijklmnopqrstuvwxyz01234",
                CLIENT
                "public_key.length=32\n" CLIENT
                "public_key=046162636465666768696a6b6c6d6e6f707172737475767778797a3031323334\n");
    FROM_CLIENT(WIRE_TLS12, GOST, "\x30\x00", CLIENT "exchange_keys=3000\n");
    FROM_CLIENT(WIRE_TLS12, 0, "\xab", CLIENT "exchange_keys=ab\n");
    FROM_SERVER(WIRE_TLS12, 0, "\xab", SERVER "parameters=ab\n");
}

/* ---- certificates and what belongs to them -------------------------------------------------------- */

static void expect_message(uint8_t type, const struct wire_context *context, const void *body,
                           size_t length, const char *expected)
{
    outline_expect_handshake(context, type, body, length, expected);
}

#define EXPECT(type, context, bytes, expected) \
    expect_message(type, context, OUTLINE_BYTES(bytes), expected)

/* RFC 7250 3: before TLS 1.3 alone, since then in a list. */
static void raw_public_keys(void **state)
{
    const struct wire_context old = {
        .from = WIRE_SERVER, .version = WIRE_TLS12, .certificate_type = {0, 2}, .shallow = true};
    struct wire_context new = old;
    struct wire_context other = old;

    (void)state;
    new.version = WIRE_TLS13;
    other.from = WIRE_CLIENT; /* who has a certificate as ever */
    EXPECT(WIRE_CERTIFICATE, &old, "\x00\x00\x02\x30\x00",
           "handshake.certificate.raw_public_key.length=2\n"
           "handshake.certificate.raw_public_key=3000\n");
    EXPECT(WIRE_CERTIFICATE, &new, "\x00\x00\x00\x07\x00\x00\x02\x30\x00\x00\x00",
           "handshake.certificate.certificate_request_context.length=0\n"
           "handshake.certificate.certificate_request_context=\n"
           "handshake.certificate.certificate_list.length=7\n"
           "handshake.certificate.raw_public_key.length=2\n"
           "handshake.certificate.raw_public_key=3000\n"
           "handshake.certificate.entry.extensions.length=0\n");
    EXPECT(WIRE_CERTIFICATE, &other, "\x00\x00\x05\x00\x00\x02\x30\x00",
           "handshake.certificate.certificate_list.length=5\n"
           "handshake.certificate.certificate.length=2\n"
           "handshake.certificate.certificate=3000\n");
}

/* Open, a response is one of RFC 6960 4.2.1: "unauthorized", say, which has nothing but its status. */
static void certificate_statuses(void **state)
{
    struct wire_context context = {.from = WIRE_SERVER, .version = WIRE_TLS12, .shallow = true};

    (void)state;
    EXPECT(WIRE_CERTIFICATE_STATUS, &context, "\x01\x00\x00\x02\xab\xcd",
           "handshake.certificate_status.status_type=ocsp (1)\n"
           "handshake.certificate_status.response.length=2\n"
           "handshake.certificate_status.response=abcd\n");
    EXPECT(WIRE_CERTIFICATE_STATUS, &context, "\x02\x00\x00\x07\x00\x00\x01\xab\x00\x00\x00",
           "handshake.certificate_status.status_type=ocsp_multi (2)\n"
           "handshake.certificate_status.response_list.length=7\n"
           "handshake.certificate_status.response.length=1\n"
           "handshake.certificate_status.response=ab\n"
           "handshake.certificate_status.response.length=0\n"
           "handshake.certificate_status.response=\n");
    EXPECT(WIRE_CERTIFICATE_STATUS, &context, "\x09\xab",
           "handshake.certificate_status.status_type=unknown (9)\n"
           "handshake.certificate_status.status=ab\n");
    context.shallow = false;
    EXPECT(WIRE_CERTIFICATE_STATUS, &context, "\x01\x00\x00\x05\x30\x03\x0a\x01\x06",
           "handshake.certificate_status.status_type=ocsp (1)\n"
           "handshake.certificate_status.response.length=5\n"
           "der.header=SEQUENCE, 3 bytes; ENUMERATED, 1 byte\n"
           "ocsp.response_status=unauthorized (6)\n");
}

static void messages_that_hardly_anybody_sends(void **state)
{
    const struct wire_context context = {.from = WIRE_CLIENT, .version = WIRE_TLS12};

    (void)state;
    EXPECT(21, &context,
           "\x01\x00\x1a\x00\x03"
           "url"
           "\x01"
           "hhhhhhhhhhhhhhhhhhhh",
           "handshake.certificate_url.type=pkipath (1)\n"
           "handshake.certificate_url.url_and_hash_list.length=26\n"
           "handshake.certificate_url.url.length=3\nhandshake.certificate_url.url=url\n"
           "handshake.certificate_url.padding=1\n"
           "handshake.certificate_url.sha1_hash=6868686868686868686868686868686868686868\n");
    EXPECT(23, &context, "\x00\x00\x06\x00\x00\x00\x02\xab\xcd",
           "handshake.supplemental_data.supp_data.length=6\n"
           "handshake.supplemental_data.format=user_mapping_data (0)\n"
           "handshake.supplemental_data.data.length=2\nhandshake.supplemental_data.data=abcd\n");
    EXPECT(3, &context, "\xfe\xff\x02\xab\xcd",
           "handshake.hello_verify_request.server_version=DTLS 1.0 (0xfeff)\n"
           "handshake.hello_verify_request.cookie.length=2\n"
           "handshake.hello_verify_request.cookie=abcd\n");
}

/* ---- drafts of TLS 1.3 ----------------------------------------------------------------------------- */

static void old_drafts_have_their_own_shapes(void **state)
{
    struct wire_context context = {.from = WIRE_SERVER};

    (void)state;
    EXPECT(6, &context, "\x7f\x12\x00\x06\x00\x28\x00\x02\x00\x17",
           "handshake.hello_retry_request.legacy_version=TLS 1.3 draft 18 (0x7f12)\n"
           "handshake.hello_retry_request.extensions.length=6\n"
           "extension.type=key_share_draft (40)\nextension.length=2\n"
           "extension.key_share.selected_group=secp256r1 (0x0017)\n");
    context.version = 0x7f12;
    EXPECT(WIRE_NEW_SESSION_TICKET, &context,
           "\x00\x00\x00\x01\x00\x00\x00\x02\x00\x01\xaa\x00\x08\x00\x2e\x00\x04\x00\x00\x40\x00",
           "handshake.new_session_ticket.ticket_lifetime=1\n"
           "handshake.new_session_ticket.ticket_age_add=2\n"
           "handshake.new_session_ticket.ticket.length=1\n"
           "handshake.new_session_ticket.ticket=aa\n"
           "handshake.new_session_ticket.extensions.length=8\n"
           "extension.type=ticket_early_data_info (46)\nextension.length=4\n"
           "extension.ticket_early_data_info.max_early_data_size=16384\n");
    EXPECT(WIRE_CERTIFICATE_REQUEST, &context, "\x00\x00\x02\x04\x03\x00\x00\x00\x00",
           "handshake.certificate_request.certificate_request_context.length=0\n"
           "handshake.certificate_request.certificate_request_context=\n"
           "handshake.certificate_request.supported_signature_algorithms.length=2\n"
           "handshake.certificate_request.signature_scheme=ecdsa_secp256r1_sha256 (0x0403)\n"
           "handshake.certificate_request.certificate_authorities.length=0\n"
           "handshake.certificate_request.certificate_extensions.length=0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elliptic_curves_by_name),
        cmocka_unit_test(elliptic_curves_that_describe_themselves),
        cmocka_unit_test(primes),
        cmocka_unit_test(pre_shared_keys),
        cmocka_unit_test(passwords),
        cmocka_unit_test(what_the_client_answers),
        cmocka_unit_test(raw_public_keys),
        cmocka_unit_test(certificate_statuses),
        cmocka_unit_test(messages_that_hardly_anybody_sends),
        cmocka_unit_test(old_drafts_have_their_own_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
