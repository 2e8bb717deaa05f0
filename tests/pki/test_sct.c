/* SCTs are read to the last byte, named by their logs and found in all three places (RFC 6962 3.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notation.h"
#include "statements.h"
#include "verdict.h"

/* Google's Argon2026h2, 2026-05-01T00:00:00.123Z, ecdsa_secp256r1_sha256 with a signature of four bytes. */
#define ARGON       "d76d7d10d1a7f577c2c7e95fd700bff982c9335a65e1d0b3017317c0c8c56977"
#define TIMESTAMP   "0000019de089047b"
#define SCT         "0033 00" ARGON TIMESTAMP "0000 0403 0004 01020304"
#define UNKNOWN_LOG "0033 00[32 77]" TIMESTAMP "0000 0403 0004 01020304"
#define LATER       "0023 01" ARGON "abcd"
#define CUT         "0033 00" ARGON TIMESTAMP "0000 0403 0005 01020304"

struct list {
    struct pki_sct *scts;
    size_t count;
};

static struct list read_list(const char *notation, bool with_length)
{
    struct buffer bytes = {0}, whole = {0};
    struct list list = {0};

    notation_append(&bytes, notation);
    if (with_length) {
        buffer_u16(&whole, (uint16_t)bytes.length);
    }
    buffer_append(&whole, bytes.data, bytes.length);
    assert_true(pki_sct_list_read(&list.scts, &list.count,
                                  (struct pki_slice){whole.data, whole.length}, PKI_SCT_TLS));
    buffer_free(&bytes);
    buffer_free(&whole);
    return list;
}

static void logs_are_named(void **state)
{
    struct list list = read_list(SCT UNKNOWN_LOG, true);

    (void)state;
    assert_int_equal(list.count, 2);
    assert_string_equal(list.scts[0].log, "Google 'Argon2026h2' log");
    assert_string_equal(list.scts[0].operator, "Google");
    assert_string_equal(list.scts[0].algorithm, "ecdsa_secp256r1_sha256");
    assert_true(list.scts[0].timestamp_ms == 0x19de089047b);
    assert_int_equal(list.scts[0].source, PKI_SCT_TLS);
    assert_null(list.scts[1].log);
    assert_null(list.scts[1].operator);
    free(list.scts);
}

static void what_is_malformed_is_left_out(void **state)
{
    static const char *const whole[] = {"", "00", "0001", "0002 0003"};
    struct list list = read_list(CUT SCT, true);

    (void)state;
    assert_int_equal(list.count, 1);
    free(list.scts);
    list = read_list(SCT "0040 00", true);
    assert_int_equal(list.count, 1);
    free(list.scts);
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        list = read_list(whole[i], false);
        assert_int_equal(list.count, 0);
    }
}

static void later_versions_still_name_their_log(void **state)
{
    struct list list = read_list(LATER, true);

    (void)state;
    assert_int_equal(list.count, 1);
    assert_int_equal(list.scts[0].version, 1);
    assert_non_null(list.scts[0].log);
    assert_null(list.scts[0].algorithm);
    free(list.scts);
}

static void a_verification_lists_those_of_all_three_places(void **state)
{
    struct buffer tls = {0}, response = {0};
    struct cert *root = cert_make(&(struct cert_options){.common_name = "Root", .ca = true});
    struct cert *leaf;
    struct pki_trust *trust = verdict_trust(CHAIN(root));
    struct pki_staple staple = {0};
    struct pki_request request = {
        .trust = trust, .at = CERT_NOW, .staples = &staple, .staple_count = 1};
    struct pki_verification *verdict;

    (void)state;
    notation_append(&tls, "0035" SCT);
    leaf = cert_must((struct cert_options){
        .common_name = "leaf",
        .issuer = root,
        .extensions = EXTENSIONS({"1.3.6.1.4.1.11129.2.4.2", "04(0035" SCT ")", false})});
    ocsp_append(&response, &(struct ocsp_options){.certificate = leaf,
                                                  .issuer = root,
                                                  .single_extensions = EXTENSION(
                                                      "2b06010401d679020405", "04(0035" SCT ")")});
    staple.response = (struct pki_slice){response.data, response.length};
    request.scts = (struct pki_slice){tls.data, tls.length};
    verdict = verdict_ask(request, CHAIN(leaf));
    assert_non_null(verdict);
    assert_int_equal(verdict->sct_count, 3);
    assert_int_equal(verdict->scts[0].source, PKI_SCT_EMBEDDED);
    assert_int_equal(verdict->scts[1].source, PKI_SCT_TLS);
    assert_int_equal(verdict->scts[2].source, PKI_SCT_OCSP);
    pki_verification_free(verdict);
    pki_trust_release(trust);
    cert_free(leaf);
    cert_free(root);
    buffer_free(&tls);
    buffer_free(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_are_named),
        cmocka_unit_test(what_is_malformed_is_left_out),
        cmocka_unit_test(later_versions_still_name_their_log),
        cmocka_unit_test(a_verification_lists_those_of_all_three_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
