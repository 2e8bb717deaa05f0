/*
 * Bad options are refused before anything is sent, by a text that names the option, the value and
 * what is allowed; good ones are not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"
#include "tlstep/tls.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define AT(member)   offsetof(struct tls_options, member)
#define NAME_64      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
#define NAME_256     NAME_64 NAME_64 NAME_64 NAME_64

static void set(struct tls_options *options, size_t member, const char *value)
{
    *(const char **)(void *)((char *)options + member) = value;
}

static void values_that_are_fine_pass(void **state)
{
    static const struct {
        size_t member;
        const char *value;
    } cases[] = {
        {AT(sni), "none"},
        {AT(sni), "example.org"},
        {AT(sni), "example.org."},
        {AT(sni), "a_b.example"},
        {AT(sni), "b\xc3\xbc"
                  "cher.example"},
        {AT(verify_name), "example.org"},
        {AT(verify_name), "192.0.2.1"},
        {AT(verify_name), "::1"},
        {AT(ca_file), "/etc/passwd"},
        {AT(ca_file), "/dev/fd/0"},
        {AT(ca_file), "-"},
        {AT(ca_dir), "/etc"},
        {AT(at), "2026-11-24"},
        {AT(at), "2026-11-24T09:31:00+02:00"},
        {AT(tls_min), "1.0"},
        {AT(tls_max), "1.2"},
        {AT(priority), "NORMAL:-GROUP-ALL:+GROUP-X25519"},
        {AT(priority), "NONE:+VERS-TLS1.2:+ECDHE-RSA:+AES-128-GCM:+AEAD:+GROUP-ALL:+SIGN-ALL"},
        {AT(alpn), "h2,http/1.1"},
        {AT(connect), "[::1]:443"},
        {AT(timeout), "0.25"},
    };
    struct tls_options options;
    struct err err = {0};
    (void)state;

    tls_options_init(&options);
    assert_int_equal(tls_options_check(&options, &err), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        tls_options_init(&options);
        set(&options, cases[i].member, cases[i].value);
        if (tls_options_check(&options, &err) != 0) {
            fail_msg("\"%s\": %s", cases[i].value, err.text);
        }
    }
}

static void a_bad_value_is_named_with_what_is_allowed(void **state)
{
    static const struct {
        size_t member;
        const char *value;
        enum err_class class;
        const char *option;
        const char *allowed;
    } cases[] = {
        {AT(sni), "", ERR_USAGE, "--sni \"\"", "like example.org"},
        {AT(sni), "192.0.2.1", ERR_USAGE, "--sni 192.0.2.1", "RFC 6066"},
        {AT(sni), "::1", ERR_USAGE, "--sni ::1", "none to leave it out"},
        {AT(sni), "a b", ERR_USAGE, "--sni a b", "like example.org"},
        {AT(sni), "\x1b[31m", ERR_USAGE, "--sni \\x1b[31m", "like example.org"},
        {AT(sni), "\xff\xfe", ERR_USAGE, "--sni \\xff\\xfe", "like example.org"},
        {AT(sni),
         "a\xe2\x80\xae"
         "b",
         ERR_USAGE, "--sni a\\u{202e}b", "like example.org"},
        {AT(sni), NAME_256, ERR_USAGE, "--sni aaa", "253"},
        {AT(verify_name), "", ERR_USAGE, "--verify-name \"\"", "neither a host name nor"},
        {AT(ca_file), "/nonexistent/ca.pem", ERR_FILE, "--ca-file /nonexistent/ca.pem",
         "No such file"},
        {AT(ca_file), "", ERR_FILE, "--ca-file \"\"", "No such file"},
        {AT(ca_file), "/etc", ERR_FILE, "--ca-file /etc", "--ca-dir"},
        {AT(ca_dir), "/etc/passwd", ERR_FILE, "--ca-dir /etc/passwd", "--ca-file"},
        {AT(ca_dir), "/nonexistent", ERR_FILE, "--ca-dir /nonexistent", "No such file"},
        {AT(at), "yesterday", ERR_USAGE, "--at yesterday", "RFC 3339"},
        {AT(at), "2026-02-30", ERR_USAGE, "--at 2026-02-30", "RFC 3339"},
        {AT(tls_min), "1.4", ERR_USAGE, "--tls-min 1.4", "1.0, 1.1, 1.2 or 1.3"},
        {AT(tls_min), "TLS1.2", ERR_USAGE, "--tls-min TLS1.2", "1.0, 1.1, 1.2 or 1.3"},
        {AT(tls_max), "", ERR_USAGE, "--tls-max \"\"", "1.0, 1.1, 1.2 or 1.3"},
        {AT(priority), "", ERR_USAGE, "--priority \"\"", "like NORMAL"},
        {AT(priority), "NORMAL:+NO-SUCH:-GROUP-ALL", ERR_USAGE, "--priority NORMAL:+NO-SUCH",
         "\"+NO-SUCH\" at character 8"},
        {AT(priority), "NORMAL:-VERS-ALL", ERR_USAGE, "--priority NORMAL:-VERS-ALL",
         "nothing to offer"},
        {AT(priority), "NORMAL:-VERS-ALL:+VERS-DTLS1.2", ERR_USAGE, "--priority NORMAL",
         "no TLS version"},
        {AT(alpn), "", ERR_USAGE, "--alpn \"\"", "h2,http/1.1"},
        {AT(alpn), "h2,,x", ERR_USAGE, "--alpn h2,,x", "separated by commas"},
        {AT(alpn), "12345678901234567890123456789012", ERR_USAGE, "--alpn 1234", "31 bytes"},
        {AT(connect), "localhost:443", ERR_USAGE, "--connect", "192.0.2.1:443"},
        {AT(connect), "127.0.0.1", ERR_USAGE, "--connect", "port"},
        {AT(timeout), "0", ERR_USAGE, "--timeout 0", "0.001 to 86400"},
        {AT(timeout), "soon", ERR_USAGE, "--timeout soon", "0.001 to 86400"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls_options options;
        struct err err = {0};
        tls_options_init(&options);
        set(&options, cases[i].member, cases[i].value);
        if (tls_options_check(&options, &err) != -1) {
            fail_msg("%s was let through", cases[i].option);
        }
        if (err.class != cases[i].class || strstr(err.text, cases[i].option) == NULL ||
            strstr(err.text, cases[i].allowed) == NULL) {
            fail_msg("class %d, \"%s\": wanted \"%s\" and \"%s\"", (int)err.class, err.text,
                     cases[i].option, cases[i].allowed);
        }
    }
}

static void options_that_contradict_each_other_are_named_both(void **state)
{
    const struct {
        struct tls_options options;
        const char *a, *b;
    } cases[] = {
        {{.ipv4_only = true, .ipv6_only = true}, "-4", "-6"},
        {{.tls_min = (char[]){"1.3"}, .tls_max = (char[]){"1.2"}},
         "--tls-min 1.3",
         "--tls-max 1.2"},
        {{.no_verify = true, .verify_name = (char[]){"a.example"}}, "--verify-name", "--no-verify"},
        {{.no_hostname_check = true, .verify_name = (char[]){"a.example"}},
         "--verify-name",
         "--no-hostname-check"},
        {{.ipv6_only = true, .connect = (char[]){"127.0.0.1:1"}}, "--connect 127.0.0.1:1", "-6"},
        {{.ipv4_only = true, .connect = (char[]){"[::1]:1"}}, "--connect [::1]:1", "-4"},
        {{.priority = (char[]){"NORMAL:-VERS-TLS1.3"}, .tls_min = (char[]){"1.3"}},
         "--priority NORMAL:-VERS-TLS1.3",
         "from 1.3"},
        {{.key = (char[]){"/etc/passwd"}}, "--key", "--cert"},
        {{.early_data = (char[]){"hello"}}, "--early-data", "--resume"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        assert_int_equal(tls_options_check(&cases[i].options, &err), -1);
        assert_int_equal(err.class, ERR_USAGE);
        assert_string_equal(err.code, "contradiction");
        if (strstr(err.text, cases[i].a) == NULL || strstr(err.text, cases[i].b) == NULL) {
            fail_msg("\"%s\" lacks \"%s\" or \"%s\"", err.text, cases[i].a, cases[i].b);
        }
    }
}

static void a_file_without_permission_is_named(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct tls_options options;
    struct err err = {0};
    bool root = geteuid() == 0;
    int result;
    (void)state;

    assert_int_equal(chmod(scratch_write(path, "secret.pem", "", 0), 0), 0);
    /* Root may read everything: be nobody for a moment. */
    if (root) {
        assert_int_equal(seteuid(65534), 0);
    }
    tls_options_init(&options);
    set(&options, AT(ca_file), path);
    result = tls_options_check(&options, &err);
    if (root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_int_equal(result, -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "Permission denied"));
}

static void checking_does_not_take_a_fifo_from_its_writer(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct tls_options options;
    (void)state;

    assert_int_equal(mkfifo(scratch_path(path, "fifo"), 0600), 0);
    tls_options_init(&options);
    set(&options, AT(ca_file), path);
    (void)alarm(5); /* opening it would wait for a writer for ever */
    assert_int_equal(tls_options_check(&options, NULL), 0);
    (void)alarm(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_that_are_fine_pass),
        cmocka_unit_test(a_bad_value_is_named_with_what_is_allowed),
        cmocka_unit_test(options_that_contradict_each_other_are_named_both),
        cmocka_unit_test(a_file_without_permission_is_named),
        cmocka_unit_test(checking_does_not_take_a_fifo_from_its_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
