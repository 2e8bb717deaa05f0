/* OCSP responses that the lab writes are to openssl and to GnuTLS what they are meant to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/ocsp.h>

#include "certificate.h"
#include "command.h"
#include "der.h"
#include "scratch.h"
#include "shown.h"

/* What a client of the scenario gets: leaf.pem (and the intermediate behind it), root.pem, staple.der in the test's folder. */
static void meet(const char *scenario, struct shown *shown)
{
    struct lab_ca *ca = lab_ca_new(NULL);
    struct tls_identity *identity = lab_certificates_make(lab_scenario_find(scenario), ca, NULL);
    char path[SCRATCH_PATH_MAX];

    assert_non_null(identity);
    assert_int_equal(shown_get(shown, tls_identity_credentials(identity), NULL, NULL, NULL), 0);
    assert_int_equal(shown->count, 2);
    assert_int_equal(lab_ca_write_root(ca, scratch_path(path, "root.pem"), true, NULL), 0);
    (void)scratch_write(path, "leaf.pem", shown->chain.data, shown->chain.length);
    (void)scratch_write(
        path, "intermediate.pem",
        strstr(buffer_string(&shown->chain) + 1, "-----BEGIN CERTIFICATE-----"),
        strlen(strstr(buffer_string(&shown->chain) + 1, "-----BEGIN CERTIFICATE-----")));
    (void)scratch_write(path, "staple.der", shown->staple.data, shown->staple.length);
    tls_identity_release(identity);
    lab_ca_release(ca);
}

static void openssl_reads_and_verifies_them(void **state)
{
    static const struct {
        const char *scenario, *says, *text;
    } cases[] = {{"stapled", "leaf.pem: good", "Cert Status: good"},
                 {"revoked-staple", "leaf.pem: revoked", "Revocation Reason: keyCompromise"}};
    (void)state;

    command_need("openssl");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        struct shown shown;
        char folder[SCRATCH_PATH_MAX];
        meet(cases[i].scenario, &shown);
        (void)scratch_path(folder, "");
        (void)command_run(&out,
                          "cd %s && openssl ocsp -respin staple.der -issuer intermediate.pem "
                          "-cert leaf.pem -CAfile root.pem -verify_other intermediate.pem "
                          "-resp_text",
                          folder); /* what it says counts */
        if (command_count(&out, "Response verify OK") != 1 ||
            command_count(&out, cases[i].says) != 1 || command_count(&out, cases[i].text) != 1) {
            fail_msg("lab:%s:\n%s", cases[i].scenario, buffer_string(&out));
        }
        buffer_free(&out);
        shown_free(&shown);
    }
}

static void gnutls_finds_them_about_the_certificate_and_valid_now(void **state)
{
    gnutls_ocsp_resp_t response;
    struct shown shown;
    gnutls_datum_t der;
    unsigned status;
    time_t this_update, next_update, revoked;
    gnutls_x509_crl_reason_t reason;
    int64_t now = clock_wall_ns() / 1000000000;
    (void)state;

    meet("revoked-staple", &shown);
    der = (gnutls_datum_t){shown.staple.data, (unsigned)shown.staple.length};
    assert_int_equal(gnutls_ocsp_resp_init(&response), 0);
    assert_int_equal(gnutls_ocsp_resp_import(response, &der), 0);
    assert_int_equal(gnutls_ocsp_resp_get_status(response), GNUTLS_OCSP_RESP_SUCCESSFUL);
    assert_int_equal(gnutls_ocsp_resp_get_single(response, 0, NULL, NULL, NULL, NULL, &status,
                                                 &this_update, &next_update, &revoked, &reason),
                     0);
    assert_int_equal(status, GNUTLS_OCSP_CERT_REVOKED);
    assert_int_equal(reason, GNUTLS_X509_CRLREASON_KEYCOMPROMISE);
    assert_true(revoked < this_update && this_update <= now && now < next_update);
    gnutls_ocsp_resp_deinit(response);
    shown_free(&shown);
}

static void only_who_is_to_staple_does(void **state)
{
    static const char *const scenarios[] = {"good", "must-staple"};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct shown shown;
        meet(scenarios[i], &shown);
        assert_int_equal(shown.staple.length, 0);
        shown_free(&shown);
    }
}

/* X.690 8.1.3: the short form up to 127, then as many bytes as it takes and no more. */
static void lengths_are_as_short_as_possible(void **state)
{
    static const struct {
        size_t length;
        uint8_t header[5];
        size_t size;
    } cases[] = {
        {0, {0x30, 0}, 2},
        {127, {0x30, 127}, 2},
        {128, {0x30, 0x81, 128}, 3},
        {255, {0x30, 0x81, 255}, 3},
        {256, {0x30, 0x82, 1, 0}, 4},
        {65535, {0x30, 0x82, 255, 255}, 4},
        {65536, {0x30, 0x83, 1, 0, 0}, 5},
    };
    uint8_t *content = malloc(65536);
    (void)state;

    assert_non_null(content);
    for (size_t i = 0; i < 65536; i++) {
        content[i] = (uint8_t)(i * 7);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        buffer_text(&out, "before");
        lab_der_put(&out, DER_SEQUENCE, content, cases[i].length);
        assert_int_equal(out.length, 6 + cases[i].size + cases[i].length);
        assert_memory_equal(out.data, "before", 6);
        assert_memory_equal(out.data + 6, cases[i].header, cases[i].size);
        assert_memory_equal(out.data + 6 + cases[i].size, content, cases[i].length);
        buffer_free(&out);
    }
    free(content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_reads_and_verifies_them),
        cmocka_unit_test(gnutls_finds_them_about_the_certificate_and_valid_now),
        cmocka_unit_test(only_who_is_to_staple_does),
        cmocka_unit_test(lengths_are_as_short_as_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
