/* Which certificates are valid for which hosts: RFC 9525, as mainstream clients apply it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "certs.h"
#include "tlstep/pki.h"

struct match {
    const char *name; /* the only subjectAltName */
    const char *host;
    bool matches;
};

static const struct match cases[] = {
    /* Whole names, without regard to ASCII case. */
    {"DNS:example.org", "example.org", true},
    {"DNS:Example.ORG", "eXample.org", true},
    {"DNS:example.org", "www.example.org", false},
    {"DNS:www.example.org", "example.org", false},
    {"DNS:example.org", "example.orgx", false},
    {"DNS:example.org", "xample.org", false},
    {"DNS:localhost", "localhost", true},
    {"DNS:_service.example.org", "_service.example.org", true},
    /* The root's dot belongs to the DNS, not to a certificate. */
    {"DNS:example.org", "example.org.", true},
    {"DNS:example.org.", "example.org", false},
    {"DNS:example.org", "example.org..", false},
    /* Wildcards: the whole left-most label, for exactly one label. */
    {"DNS:*.example.org", "www.example.org", true},
    {"DNS:*.example.org", "WWW.EXAMPLE.org", true},
    {"DNS:*.example.org", "www.example.org.", true},
    {"DNS:*.example.org", "example.org", false},
    {"DNS:*.example.org", "a.b.example.org", false},
    {"DNS:*.example.org", ".example.org", false},
    {"DNS:*.example.org", "wwwexample.org", false},
    {"DNS:*.example.org", "*.example.org", true},
    {"DNS:w*.example.org", "www.example.org", false},
    {"DNS:*w.example.org", "www.example.org", false},
    {"DNS:w*w.example.org", "www.example.org", false},
    {"DNS:**.example.org", "www.example.org", false},
    {"DNS:*.*.example.org", "a.b.example.org", false},
    {"DNS:www.*.org", "www.example.org", false},
    {"DNS:example.*", "example.org", false},
    {"DNS:*", "localhost", false},
    {"DNS:*", "example.org", false},
    {"DNS:*.", "example.", false},
    {"DNS:*.org", "example.org", false},
    {"DNS:*.org.", "example.org.", false},
    {"DNS:*..org", "example..org", false},
    {"DNS:*.co.uk", "example.co.uk", true}, /* no list of public suffixes is at hand */
    /* Internationalized names: U-labels asked for, A-labels in the certificate. */
    {"DNS:xn--bcher-kva.example", "bücher.example", true},
    {"DNS:xn--bcher-kva.example", "BÜCHER.example", true},
    {"DNS:xn--bcher-kva.example", "xn--bcher-kva.example", true},
    {"DNS:xn--bcher-kva.example", "XN--BCHER-KVA.example", true},
    {"DNS:xn--bcher-kva.example", "bucher.example", false},
    {"DNS:*.xn--bcher-kva.example", "www.bücher.example", true},
    {"DNS:*.example", "bücher.example", false},
    {"DNS:*.example.org", "bücher.example.org", true},
    {"DNS:xn--*.example.org", "bücher.example.org", false},
    {"DNS:xn--fa-hia.de", "faß.de", true}, /* IDNA2008, not "fass" */
    {"DNS:fass.de", "faß.de", false},
    {"DNS:bücher.example", "bücher.example", false}, /* U-labels do not belong there */
    {"DNS:xn--n3h.example", "☃.example", true},      /* IDNA2003 only, but looked up */
    /* Addresses are compared as addresses, never as names. */
    {"IP:192.0.2.1", "192.0.2.1", true},
    {"IP:192.0.2.1", "192.0.2.2", false},
    {"DNS:192.0.2.1", "192.0.2.1", false},
    {"DNS:*.0.2.1", "192.0.2.1", false},
    {"IP:192.0.2.1", "192.0.2.1.", false},
    {"IP:192.0.2.1", "192.0.2.01", false},
    {"IP:127.0.0.1", "127.1", false},
    {"IP:2001:db8::1", "2001:db8::1", true},
    {"IP:2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true},
    {"IP:2001:db8::1", "[2001:db8::1]", true},
    {"IP:fe80::1", "fe80::1%eth0", true},
    {"IP:fe80::1", "[fe80::1%eth0]", true},
    {"IP:2001:db8::1", "2001:db8::2", false},
    {"IP:::ffff:192.0.2.1", "192.0.2.1", false},
    {"IP:192.0.2.1", "::ffff:192.0.2.1", false},
    /* A zero byte ends nothing. */
    {"DNS:example.org\\0.evil.example", "example.org", false},
    {"DNS:example.org\\0", "example.org", false},
    {"DNS:\\0example.org", "example.org", false},
    /* Other kinds of names, and none. */
    {"email:example.org", "example.org", false},
    {"URI:https://example.org/", "example.org", false},
    {"URI:example.org", "example.org", false},
    {"DNS:", "", false},
    {"DNS:", "example.org", false},
    {"DNS:example.org", "", false},
    {"DNS:.", ".", false},
    {"DNS:a..example", "a..example", false},
    {"DNS:example.org", "\xff\xfe", false},
};

static void each_name_matches_what_it_should(void **state)
{
    struct cert *key = cert_make(&(struct cert_options){.common_name = "key"});

    (void)state;
    assert_non_null(key);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cert *cert = cert_make(&(struct cert_options){
            .common_name = "name", .names = NAMES(cases[i].name), .same_key_as = key});
        assert_non_null(cert);
        if (pki_hostname_matches(cert->der, cert->length, cases[i].host) != cases[i].matches) {
            fail_msg("%s for \"%s\": should be %s", cases[i].name, cases[i].host,
                     cases[i].matches ? "true" : "false");
        }
        cert_free(cert);
    }
    cert_free(key);
}

static void any_of_many_names_will_do(void **state)
{
    struct cert *cert = cert_make(&(struct cert_options){
        .common_name = "many",
        .names = NAMES("email:a@example.org", "DNS:a.example", "IP:192.0.2.1", "DNS:b.example")});

    (void)state;
    assert_non_null(cert);
    assert_true(pki_hostname_matches(cert->der, cert->length, "a.example"));
    assert_true(pki_hostname_matches(cert->der, cert->length, "b.example"));
    assert_true(pki_hostname_matches(cert->der, cert->length, "192.0.2.1"));
    assert_false(pki_hostname_matches(cert->der, cert->length, "c.example"));
    cert_free(cert);
}

static void the_common_name_never_matches(void **state)
{
    struct cert *without = cert_make(&(struct cert_options){.common_name = "example.org"});
    struct cert *with = cert_make(&(struct cert_options){.common_name = "example.org",
                                                         .names = NAMES("email:a@example.org")});

    (void)state;
    assert_non_null(without);
    assert_non_null(with);
    assert_false(pki_hostname_matches(without->der, without->length, "example.org"));
    assert_false(pki_hostname_matches(with->der, with->length, "example.org"));
    cert_free(without);
    cert_free(with);
}

static void what_is_no_certificate_matches_nothing(void **state)
{
    (void)state;
    assert_false(pki_hostname_matches((const uint8_t *)"rubbish", 7, "example.org"));
    assert_false(pki_hostname_matches(NULL, 0, "example.org"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_matches_what_it_should),
        cmocka_unit_test(any_of_many_names_will_do),
        cmocka_unit_test(the_common_name_never_matches),
        cmocka_unit_test(what_is_no_certificate_matches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
