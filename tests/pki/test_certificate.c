/* What people read about a certificate is what is in it, whatever is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "certs.h"
#include "tlstep/pki.h"

static struct pki_certificate *facts_of(const struct cert_options *options)
{
    struct cert *cert = cert_make(options);
    struct pki_certificate *facts;

    assert_non_null(cert);
    facts = pki_certificate_new(cert->der, cert->length);
    assert_non_null(facts);
    cert_free(cert);
    return facts;
}

static void every_field_is_told(void **state)
{
    struct cert *ca = cert_make(&(struct cert_options){.common_name = "Test CA", .ca = true});
    struct cert *cert = cert_make(&(struct cert_options){
        .common_name = "example.org",
        .organization = "Example, Inc. <\"+\">",
        .issuer = ca,
        .names = NAMES("DNS:example.org", "DNS:*.example.org", "IP:192.0.2.1", "IP:2001:db8::1",
                       "email:a@example.org", "URI:https://example.org/", "RID:\x2a\x03\x04",
                       "dirName:0\r1\v0\t\x06\x03U\x04\x03\f\x02me")});
    struct pki_certificate *facts;
    static const char *const names[] = {
        "example.org", "*.example.org",       "192.0.2.1",
        "2001:db8::1", "email:a@example.org", "URI:https://example.org/",
        "RID:1.2.3.4", "dirName:CN=me",
    };

    (void)state;
    assert_non_null(cert);
    facts = pki_certificate_new(cert->der, cert->length);
    assert_non_null(facts);
    assert_false(facts->malformed);
    assert_memory_equal(facts->der.data, cert->der, cert->length);
    assert_string_equal(facts->subject, "CN=example.org,O=Example\\, Inc. \\<\\\"\\+\\\"\\>");
    assert_string_equal(facts->issuer, "CN=Test CA");
    assert_string_equal(facts->common_name, "example.org");
    assert_int_equal(facts->not_before, CERT_NOW - 30 * CERT_DAY);
    assert_int_equal(facts->not_after, CERT_NOW + 60 * CERT_DAY);
    assert_string_equal(facts->key_type, "ECDSA");
    assert_string_equal(facts->key_curve, "secp256r1");
    assert_int_equal(facts->key_bits, 256);
    assert_string_equal(facts->signature_algorithm, "ecdsa-with-SHA256");
    assert_false(facts->is_ca || facts->self_issued);
    assert_int_equal(facts->san_count, sizeof names / sizeof names[0]);
    for (size_t i = 0; i < facts->san_count; i++) {
        assert_string_equal(facts->san[i], names[i]);
    }
    pki_certificate_free(facts);
    facts = pki_certificate_new(ca->der, ca->length);
    assert_true(facts->is_ca && facts->self_issued);
    pki_certificate_free(facts);
    cert_free(cert);
    cert_free(ca);
}

static void keys_have_their_usual_names(void **state)
{
    static const struct {
        enum cert_key key;
        const char *type, *curve;
        unsigned bits;
    } kinds[] = {
        {CERT_P384, "ECDSA", "secp384r1", 384}, {CERT_P192, "ECDSA", "secp192r1", 192},
        {CERT_ED25519, "Ed25519", NULL, 256},   {CERT_RSA_1024, "RSA", NULL, 1024},
        {CERT_RSA_PSS, "RSA-PSS", NULL, 2048},
    };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct pki_certificate *facts =
            facts_of(&(struct cert_options){.common_name = "key", .key = kinds[i].key});
        assert_string_equal(facts->key_type, kinds[i].type);
        assert_int_equal(facts->key_bits, kinds[i].bits);
        if (kinds[i].curve == NULL) {
            assert_null(facts->key_curve);
        } else {
            assert_string_equal(facts->key_curve, kinds[i].curve);
        }
        pki_certificate_free(facts);
    }
}

static void a_label_is_the_best_name_there_is(void **state)
{
    static const struct {
        struct cert_options options;
        const char *label;
    } cases[] = {
        {{.common_name = "example.org", .organization = "Example"}, "example.org"},
        {{.organization = "Example"}, "O=Example"},
        {{.common_name = "\x1b[31mred\xe2\x80\xae\n"}, "\\x1b[31mred\\u{202e}\\n"},
        {{.common_name = "a\\0b"}, "a\\x00b"},
    };
    struct cert *nameless = cert_make(&(struct cert_options){.names = NAMES("DNS:a.example")});
    struct pki_certificate *facts = pki_certificate_new(nameless->der, nameless->length);
    char label[100], small[8];

    (void)state;
    assert_string_equal(facts->subject, "");
    assert_string_equal(pki_certificate_label(label, sizeof label, facts), "a.example");
    pki_certificate_free(facts);
    cert_free(nameless);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        facts = facts_of(&cases[i].options);
        assert_string_equal(pki_certificate_label(label, sizeof label, facts), cases[i].label);
        assert_true(strlen(pki_certificate_label(small, sizeof small, facts)) < sizeof small);
        pki_certificate_free(facts);
    }
    facts = facts_of(&(struct cert_options){0});
    assert_int_equal(strncmp(pki_certificate_label(label, sizeof label, facts), "certificate ", 12),
                     0);
    pki_certificate_free(facts);
}

/* What would end a C string early stays visible; what is not UTF-8 stays what it is. */
static void strange_bytes_are_kept(void **state)
{
    struct cert *cert = cert_make(&(struct cert_options){
        .common_name = "a\\0b\xff", .names = NAMES("DNS:good.org\\0.evil.org", "DNS:\xfe")});
    struct pki_certificate *facts = pki_certificate_new(cert->der, cert->length);

    (void)state;
    assert_string_equal(facts->common_name, "a\\x00b\xff");
    assert_string_equal(facts->subject, "CN=a\\00b\xff");
    assert_string_equal(facts->san[0], "good.org\\x00.evil.org");
    assert_string_equal(facts->san[1], "\xfe");
    pki_certificate_free(facts);
    cert_free(cert);
}

/* Every cut and every flipped byte: no crash, and never a certificate that ends early. */
static void damage_is_told_and_never_harms(void **state)
{
    struct cert *cert = cert_make(&(struct cert_options){
        .common_name = "example.org", .names = NAMES("DNS:example.org", "IP:192.0.2.1")});
    uint8_t *copy = malloc(cert->length + 1);
    size_t malformed = 0;

    (void)state;
    assert_non_null(copy);
    for (size_t length = 0; length <= cert->length + 1; length++) {
        struct pki_certificate *facts;
        memcpy(copy, cert->der, length < cert->length ? length : cert->length);
        copy[cert->length] = 0;
        facts = pki_certificate_new(copy, length);
        assert_non_null(facts);
        assert_int_equal(facts->malformed, length != cert->length);
        assert_int_equal(facts->problem[0] != '\0', facts->malformed);
        pki_certificate_free(facts);
    }
    for (size_t i = 0; i < cert->length; i++) {
        struct pki_certificate *facts;
        char label[100];
        memcpy(copy, cert->der, cert->length);
        copy[i] ^= 0xa5;
        facts = pki_certificate_new(copy, cert->length);
        assert_non_null(facts);
        (void)pki_certificate_label(label, sizeof label, facts);
        assert_true(text_is_utf8(label, strlen(label)));
        malformed += facts->malformed;
        pki_certificate_free(facts);
    }
    assert_true(malformed > 50);
    free(copy);
    cert_free(cert);
}

static void a_known_extension_occurs_once(void **state)
{
    static const uint8_t names[] = {0x30, 0x03, 0x82, 0x01, 'a'};
    static const uint8_t rubbish[] = {0x04, 0x00};
    struct pki_certificate *facts =
        facts_of(&(struct cert_options){.common_name = "x",
                                        .extension = "1.2.3.4",
                                        .extension_value = rubbish,
                                        .extension_length = sizeof rubbish});

    (void)state;
    assert_false(facts->malformed);
    pki_certificate_free(facts);
    facts = facts_of(&(struct cert_options){.common_name = "x",
                                            .extension = "2.5.29.17",
                                            .extension_value = rubbish,
                                            .extension_length = sizeof rubbish});
    assert_true(facts->malformed);
    assert_non_null(strstr(facts->problem, "subjectAltName"));
    pki_certificate_free(facts);
    facts = facts_of(&(struct cert_options){.common_name = "x",
                                            .extension = "2.5.29.17",
                                            .extension_value = names,
                                            .extension_length = sizeof names});
    assert_false(facts->malformed);
    pki_certificate_free(facts);
}

static void many_names_are_read_in_a_moment(void **state)
{
    enum { COUNT = 10000 };
    const char **names = calloc(COUNT + 1, sizeof *names);
    char(*texts)[32] = calloc(COUNT, sizeof *texts);
    int64_t began;
    struct cert *cert;
    struct pki_certificate *facts;

    (void)state;
    assert_true(names != NULL && texts != NULL);
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "DNS:host%zu.example", i);
        names[i] = texts[i];
    }
    cert = cert_make(&(struct cert_options){.common_name = "many", .names = names});
    assert_non_null(cert);
    began = clock_monotonic_ns();
    facts = pki_certificate_new(cert->der, cert->length);
    assert_true(clock_monotonic_ns() - began < INT64_C(500000000));
    assert_int_equal(facts->san_count, COUNT);
    assert_string_equal(facts->san[COUNT - 1], "host9999.example");
    assert_true(pki_hostname_matches(cert->der, cert->length, "host9999.example"));
    pki_certificate_free(facts);
    cert_free(cert);
    free(texts);
    free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_told),
        cmocka_unit_test(keys_have_their_usual_names),
        cmocka_unit_test(a_label_is_the_best_name_there_is),
        cmocka_unit_test(strange_bytes_are_kept),
        cmocka_unit_test(damage_is_told_and_never_harms),
        cmocka_unit_test(a_known_extension_occurs_once),
        cmocka_unit_test(many_names_are_read_in_a_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
