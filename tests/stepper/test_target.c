/* What a user may write as TARGET or FILE, and what is refused with a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tlstep/stepper.h"

static void reads_host_and_port(void **state)
{
    static const struct {
        const char *text, *host;
        uint16_t port;
    } cases[] = {
        {"example.org", "example.org", 443},
        {"example.org:8443", "example.org", 8443},
        {"192.0.2.1:1", "192.0.2.1", 1},
        {"[2001:db8::1]:65535", "2001:db8::1", 65535},
        {"[2001:db8::1]", "2001:db8::1", 443},
        {"2001:db8::1", "2001:db8::1", 443},
        {"https://example.org/a/path?x#y", "example.org", 443},
        {"https://example.org:444/", "example.org", 444},
        {"HTTPS://[::1]:9/", "::1", 9},
        {"imaps://mail.example", "mail.example", 993},
        {"smtps://mail.example", "mail.example", 465},
        {"https://example.org?query", "example.org", 443},
        {"b\xc3\xbc"
         "cher.example",
         "b\xc3\xbc"
         "cher.example",
         443},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stepper_target target;
        struct err err = {0};
        if (stepper_target_parse(cases[i].text, &target, &err) != 0)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_int_equal(target.kind, STEPPER_HOST);
        assert_string_equal(target.host, cases[i].host);
        assert_int_equal(target.port, cases[i].port);
        assert_string_equal(target.input, cases[i].text);
        stepper_target_free(&target);
    }
}

static void refuses_what_is_no_target(void **state)
{
    static const char *const cases[] = {
        "",          ":443",    "host:",         "host:0",        "host:65536",
        "host:x",    "host:-1", "host: 443",     "[::1",          "[::1]443",
        "[::1]:",    "a b",     "https://",      "gopher://host", "ho\033[1mst",
        "host:443x", "[]:443",  "https://:443/", "host:+443",     "user@host",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stepper_target target;
        struct err err = {0};
        if (stepper_target_parse(cases[i], &target, &err) == 0)
            fail_msg("taken: %s", cases[i]);
        assert_int_equal(err.class, ERR_USAGE);
        assert_string_equal(err.code, "bad_target");
        assert_null(strchr(err.text, '\033'));
        assert_null(target.host);
    }
}

static void schemes_that_begin_in_clear_text_mean_starttls(void **state)
{
    static const struct {
        const char *text, *host, *starttls;
        uint16_t port;
    } cases[] = {
        {"smtp://mail.example", "mail.example", "smtp", 25},
        {"submission://mail.example", "mail.example", "smtp", 587},
        {"IMAP://mail.example:1143/", "mail.example", "imap", 1143},
        {"postgresql://[::1]/db", "::1", "postgres", 5432},
        {"xmpp-server://example.org", "example.org", "xmpp-server", 5269},
        {"https://example.org", "example.org", NULL, 443},
        {"submissions://example.org", "example.org", NULL, 465},
    };
    size_t count;
    const struct net_protocol *protocols = net_protocols(&count);
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stepper_target target;
        struct err err = {0};
        if (stepper_target_parse(cases[i].text, &target, &err) != 0)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_string_equal(target.host, cases[i].host);
        assert_int_equal(target.port, cases[i].port);
        assert_ptr_equal(target.starttls,
                         cases[i].starttls != NULL ? net_protocol_find(cases[i].starttls) : NULL);
        stepper_target_free(&target);
    }
    for (size_t i = 0; i < count; i++) { /* every row of the table */
        for (const struct net_scheme *scheme = protocols[i].schemes; scheme->name; scheme++) {
            struct stepper_target target;
            char url[80];
            (void)snprintf(url, sizeof url, "%s://host.example", scheme->name);
            assert_int_equal(stepper_target_parse(url, &target, NULL), 0);
            assert_ptr_equal(target.starttls, &protocols[i]);
            assert_int_equal(target.port, scheme->port);
            stepper_target_free(&target);
        }
    }
}

/* Never beyond the own machine unless an address is named. */
static void listens_on_loopback_unless_told_otherwise(void **state)
{
    static const struct {
        const char *text, *host;
        uint16_t port;
    } cases[] = {
        {"listen:8443", "127.0.0.1", 8443},
        {"listen:0", "127.0.0.1", 0},
        {"listen:0.0.0.0:443", "0.0.0.0", 443},
        {"listen:[::1]:8443", "::1", 8443},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stepper_target target;
        struct err err = {0};
        if (stepper_target_parse(cases[i].text, &target, &err) != 0)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_int_equal(target.kind, STEPPER_LISTEN);
        assert_string_equal(target.host, cases[i].host);
        assert_int_equal(target.port, cases[i].port);
        stepper_target_free(&target);
    }
}

static void knows_lab_scenarios(void **state)
{
    struct stepper_target target;
    struct err err = {0};
    (void)state;

    assert_int_equal(stepper_target_parse("lab:good", &target, &err), 0);
    assert_int_equal(target.kind, STEPPER_LAB);
    assert_string_equal(target.host, "good");
    stepper_target_free(&target);

    assert_int_equal(stepper_target_parse("lab:nonsense", &target, &err), -1);
    assert_string_equal(err.code, "no_such_scenario");
    assert_non_null(strstr(err.text, "good"));
}

static void takes_paths_for_files(void **state)
{
    static const char *const cases[] = {"./session", "/nowhere/at/all", "-", "a/b.pcapng"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stepper_target target;
        assert_int_equal(stepper_target_parse(cases[i], &target, NULL), 0);
        assert_int_equal(target.kind, STEPPER_FILE);
        stepper_target_free(&target);
    }
    struct stepper_target file;
    assert_int_equal(stepper_target_file("no-such-file.pcapng", &file, NULL), 0);
    assert_int_equal(file.kind, STEPPER_FILE);
    stepper_target_free(&file);
    /* An ending alone makes no file: there may be a host of that name. */
    struct stepper_target target;
    assert_int_equal(stepper_target_parse("no-such-file.pem", &target, NULL), 0);
    assert_int_equal(target.kind, STEPPER_HOST);
    stepper_target_free(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_host_and_port),
        cmocka_unit_test(refuses_what_is_no_target),
        cmocka_unit_test(schemes_that_begin_in_clear_text_mean_starttls),
        cmocka_unit_test(listens_on_loopback_unless_told_otherwise),
        cmocka_unit_test(knows_lab_scenarios),
        cmocka_unit_test(takes_paths_for_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
