/* The options as data: copies stand alone, and the questions asked of them have one answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Options own their strings; a test's are literals that nobody frees or writes to. */
static char *text(const char *literal)
{
    return (char *)(uintptr_t)literal;
}

static void a_copy_shares_nothing(void **state)
{
    struct tls_options from, to;
    (void)state;

    tls_options_init(&from);
    from.sni = text("a");
    from.ca_file = text("b");
    from.ca_dir = text("c");
    from.verify_name = text("d");
    from.at = text("e");
    from.tls_min = text("f");
    from.tls_max = text("g");
    from.priority = text("h");
    from.alpn = text("i");
    from.connect = text("j");
    from.timeout = text("k");
    from.trust = TLS_TRUST_LAB;
    from.no_verify = from.no_hostname_check = from.ipv4_only = true;
    assert_int_equal(tls_options_copy(&to, &from, NULL), 0);

    const char *const pairs[][2] = {
        {from.sni, to.sni},         {from.ca_file, to.ca_file},
        {from.ca_dir, to.ca_dir},   {from.verify_name, to.verify_name},
        {from.at, to.at},           {from.tls_min, to.tls_min},
        {from.tls_max, to.tls_max}, {from.priority, to.priority},
        {from.alpn, to.alpn},       {from.connect, to.connect},
        {from.timeout, to.timeout},
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_string_equal(pairs[i][0], pairs[i][1]);
        assert_ptr_not_equal(pairs[i][0], pairs[i][1]);
    }
    assert_int_equal(to.trust, TLS_TRUST_LAB);
    assert_true(to.no_verify && to.no_hostname_check && to.ipv4_only && !to.ipv6_only);
    tls_options_free(&to);
    assert_null(to.sni);
    assert_int_equal(to.trust, TLS_TRUST_DEFAULT);
    tls_options_free(&to);
    tls_options_free(NULL);
}

static void time_outs_are_seconds_with_an_optional_fraction(void **state)
{
    static const struct {
        const char *text;
        int64_t milliseconds; /* -1: refused */
    } cases[] = {
        {"10", 10000},
        {"0.5", 500},
        {"1.", 1000},
        {"0.001", 1},
        {"1.2345", 1234},
        {"86400", 86400000},
        {"86400.001", -1},
        {"0", -1},
        {"0.0", -1},
        {"0.0009", -1},
        {"", -1},
        {".5", -1},
        {"-1", -1},
        {"+1", -1},
        {"1e3", -1},
        {" 1", -1},
        {"1 ", -1},
        {"1,5", -1},
        {"99999999999999999999", -1},
        {"inf", -1},
        {"nan", -1},
        {"0x10", -1},
    };
    struct tls_options options;
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t milliseconds = 0;
        int result = tls_parse_seconds(cases[i].text, &milliseconds);
        if (cases[i].milliseconds < 0 ? result != -1
                                      : result != 0 || milliseconds != cases[i].milliseconds) {
            fail_msg("\"%s\" gave %d, %lld", cases[i].text, result, (long long)milliseconds);
        }
    }
    tls_options_init(&options);
    assert_int_equal(tls_options_timeout_ms(&options), 10000);
    options.timeout = text("2.5");
    assert_int_equal(tls_options_timeout_ms(&options), 2500);
}

static void sni_and_name_to_verify_follow_from_host_and_options(void **state)
{
    static const struct {
        const char *host, *sni_option, *verify_option;
        bool no_verify, no_hostname_check;
        const char *sni, *verify;
    } cases[] = {
        {"example.org", NULL, NULL, false, false, "example.org", "example.org"},
        {"example.org", "other.org", NULL, false, false, "other.org", "other.org"},
        {"example.org", "none", NULL, false, false, NULL, "example.org"},
        {"example.org", "other.org", "third.org", false, false, "other.org", "third.org"},
        {"example.org", NULL, NULL, true, false, "example.org", NULL},
        {"example.org", NULL, NULL, false, true, "example.org", NULL},
        /* RFC 6066 3: no literal addresses in the extension, but they can be verified. */
        {"192.0.2.1", NULL, NULL, false, false, NULL, "192.0.2.1"},
        {"2001:db8::1", NULL, NULL, false, false, NULL, "2001:db8::1"},
        {"fe80::1%eth0", NULL, NULL, false, false, NULL, "fe80::1%eth0"},
        {"192.0.2.1", "example.org", NULL, false, false, "example.org", "example.org"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls_options options;
        const char *sni, *verify;
        tls_options_init(&options);
        options.sni = text(cases[i].sni_option);
        options.verify_name = text(cases[i].verify_option);
        options.no_verify = cases[i].no_verify;
        options.no_hostname_check = cases[i].no_hostname_check;
        sni = tls_options_sni(&options, cases[i].host);
        verify = tls_options_verify_name(&options, cases[i].host);
        if ((sni == NULL) != (cases[i].sni == NULL) ||
            (verify == NULL) != (cases[i].verify == NULL) ||
            (sni != NULL && strcmp(sni, cases[i].sni) != 0) ||
            (verify != NULL && strcmp(verify, cases[i].verify) != 0)) {
            fail_msg("case %zu: sni %s, verify %s", i, sni, verify);
        }
    }
}

static void certificates_are_judged_for_now_or_the_time_given(void **state)
{
    struct tls_options options;
    int64_t now = clock_wall_ns() / 1000000000;
    (void)state;

    tls_options_init(&options);
    assert_in_range(tls_options_at(&options) - now, 0, 5);
    options.at = text("2026-11-24T09:31:00Z");
    assert_int_equal(tls_options_at(&options), 1795512660); /* date -u -d … +%s */
}

static void alpn_lists_are_taken_apart_at_commas(void **state)
{
    static const struct {
        const char *list;
        int count;
    } cases[] = {
        {"h2", 1},
        {"h2,http/1.1", 2},
        {"a,b,c,d,e,f,g,h", 8},
        {"a,b,c,d,e,f,g,h,i", -1},
        {"", -1},
        {",", -1},
        {"h2,", -1},
        {",h2", -1},
        {"1234567890123456789012345678901", 1},
        {"12345678901234567890123456789012", -1},
    };
    gnutls_datum_t names[TLS_ALPN_NAMES_MAX];
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(tls_parse_alpn(cases[i].list, names), cases[i].count);
    }
    assert_int_equal(tls_parse_alpn("h2,http/1.1", names), 2);
    assert_int_equal(names[1].size, 8);
    assert_memory_equal(names[1].data, "http/1.1", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_shares_nothing),
        cmocka_unit_test(time_outs_are_seconds_with_an_optional_fraction),
        cmocka_unit_test(sni_and_name_to_verify_follow_from_host_and_options),
        cmocka_unit_test(certificates_are_judged_for_now_or_the_time_given),
        cmocka_unit_test(alpn_lists_are_taken_apart_at_commas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
