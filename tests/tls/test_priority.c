/*
 * --priority, --tls-min and --tls-max become one string. What GnuTLS then offers is the measure; the
 * counts are compared with what gnutls-cli lists.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "command.h"
#include "priority.h"
#include "scratch.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct tls_options make(const char *min, const char *max, const char *priority)
{
    struct tls_options options;

    tls_options_init(&options);
    options.tls_min = (char *)(uintptr_t)min;
    options.tls_max = (char *)(uintptr_t)max;
    options.priority = (char *)(uintptr_t)priority;
    return options;
}

/* "TLS1.3 TLS1.2": in the order in which GnuTLS offers them, DTLS left out. */
static void offered(const char *string, char *out, size_t size)
{
    gnutls_priority_t priority;
    const unsigned *list;
    size_t used = 0;
    int count;

    assert_int_equal(gnutls_priority_init(&priority, string, NULL), 0);
    count = gnutls_priority_protocol_list(priority, &list);
    out[0] = '\0';
    for (int i = 0; i < count; i++) {
        const char *name = gnutls_protocol_get_name((gnutls_protocol_t)list[i]);
        if (strncmp(name, "TLS", 3) == 0) {
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "", name);
        }
    }
    gnutls_priority_deinit(priority);
}

static void versions_are_offered_as_asked_for(void **state)
{
    static const struct {
        const char *min, *max, *priority;
        const char *versions;
    } cases[] = {
        {"1.2", NULL, NULL, "TLS1.3 TLS1.2"},
        {NULL, "1.2", NULL, "TLS1.2 TLS1.1 TLS1.0"},
        {"1.3", "1.3", NULL, "TLS1.3"},
        {"1.0", "1.0", NULL, "TLS1.0"},
        {"1.0", NULL, NULL, "TLS1.3 TLS1.2 TLS1.1 TLS1.0"},
        {"1.1", "1.2", NULL, "TLS1.2 TLS1.1"},
        {"1.2", NULL, "NORMAL:-VERS-TLS1.3", "TLS1.2"},
        {NULL, "1.2", "NORMAL:-VERS-TLS1.1", "TLS1.2 TLS1.0"},
        {"1.2", "1.2", "NORMAL:-GROUP-ALL:+GROUP-X25519", "TLS1.2"},
        {"1.2", "1.2",
         "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+ECDHE-RSA:+AES-128-GCM:+AEAD:+GROUP-ALL:+SIGN-ALL",
         "TLS1.2"},
        {NULL, NULL, "NORMAL:-VERS-ALL:+VERS-TLS1.1", "TLS1.1"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls_options options = make(cases[i].min, cases[i].max, cases[i].priority);
        struct err err = {0};
        char versions[80];
        char *string = tls_priority_build(&options, &err);
        if (string == NULL) {
            fail_msg("case %zu: %s", i, err.text);
        }
        offered(string, versions, sizeof versions);
        free(string);
        assert_string_equal(versions, cases[i].versions);
    }
}

static void without_options_the_string_is_the_users_or_normal(void **state)
{
    struct tls_options options = make(NULL, NULL, NULL);
    char *string = tls_priority_build(&options, NULL);
    (void)state;

    assert_string_equal(string, "NORMAL");
    free(string);
    options = make(NULL, NULL, "SECURE192:%SERVER_PRECEDENCE");
    string = tls_priority_build(&options, NULL);
    assert_string_equal(string, "SECURE192:%SERVER_PRECEDENCE");
    free(string);
}

/* gnutls-cli --list prints one line for each suite and "Groups: GROUP-A, GROUP-B, …". */
static void count_listed(const char *priority, size_t *suites, size_t *groups)
{
    struct buffer out = {0};

    assert_int_equal(command_run(&out, "gnutls-cli --list --priority '%s'", priority), 0);
    *suites = command_count(&out, "\nTLS_");
    buffer_free(&out);
    assert_int_equal(
        command_run(&out, "gnutls-cli --list --priority '%s' | grep ^Groups:", priority), 0);
    *groups = command_count(&out, "GROUP-");
    buffer_free(&out);
}

static void the_summary_counts_what_gnutls_cli_lists(void **state)
{
    static const char *const priorities[] = {"NORMAL", "SECURE256", "NORMAL:-VERS-ALL:+VERS-TLS1.3",
                                             "NORMAL:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1"};
    (void)state;

    if (!command_exists("gnutls-cli")) {
        print_message("skipped: gnutls-cli is not installed\n");
        skip();
    }
    for (size_t i = 0; i < COUNT(priorities); i++) {
        struct tls_options options = make(NULL, NULL, priorities[i]);
        size_t suites, groups, listed_suites, listed_groups;
        count_listed(priorities[i], &listed_suites, &listed_groups);
        assert_int_equal(tls_priority_summary(&options, &suites, &groups, NULL), 0);
        assert_int_equal(suites, listed_suites);
        assert_int_equal(groups, listed_groups);
        assert_true(suites > 0 && groups > 0);
    }
}

/* ---- a system-wide configuration --------------------------------------------------------- */

/* What main() does when it is started as its own child: GnuTLS reads the file when it is loaded. */
static int child(const char *min)
{
    struct tls_options options = make(min, NULL, NULL);
    struct err err = {0};
    char *string = tls_priority_build(&options, &err);

    (void)printf("%s\n", string != NULL ? string : err.text);
    free(string);
    return string != NULL ? 0 : 1;
}

static int run_child(const char *config, const char *min, struct buffer *out)
{
    return command_run(out, "GNUTLS_SYSTEM_PRIORITY_FILE='%s' /proc/%ld/exe --child %s", config,
                       (long)getpid(), min);
}

static void a_version_the_system_forbids_is_told_with_its_file(void **state)
{
    static const char config[] = "[overrides]\ndisabled-version = tls1.0\n";
    char path[SCRATCH_PATH_MAX];
    struct buffer out = {0};
    (void)state;

    (void)scratch_write(path, "gnutls.config", config, sizeof config - 1);
    assert_int_equal(run_child(path, "1.0", &out), 1);
    assert_int_equal(command_count(&out, "--tls-min 1.0"), 1);
    assert_int_equal(command_count(&out, path), 1);
    buffer_free(&out);
    assert_int_equal(run_child(path, "1.1", &out), 0);
    assert_string_equal(buffer_string(&out),
                        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:+VERS-TLS1.1\n");
    buffer_free(&out);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_offered_as_asked_for),
        cmocka_unit_test(without_options_the_string_is_the_users_or_normal),
        cmocka_unit_test(the_summary_counts_what_gnutls_cli_lists),
        cmocka_unit_test(a_version_the_system_forbids_is_told_with_its_file),
    };
    if (argc == 3 && strcmp(argv[1], "--child") == 0) {
        return child(argv[2]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
