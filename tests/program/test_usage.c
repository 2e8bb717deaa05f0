/*
 * Wrong usage, and what is not in this version: exit status 2, a line on stderr that names the word
 * that is wrong, nothing on stdout, nothing sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program.h"

#define WORDS_MAX 6

static void refused(const char *const *arguments, const char *expected)
{
    struct program program;

    program_run(&program, 10, NULL, arguments);
    const char *text = buffer_string(&program.errors);
    if (program.status != 2 || strstr(text, expected) == NULL)
        fail_msg("%s %s: status %d, no '%s' in: %s", arguments[0],
                 arguments[0] != NULL && arguments[1] != NULL ? arguments[1] : "", program.status,
                 expected, text);
    assert_memory_equal(text, "tlstep: ", 8);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    assert_int_equal(program.output.length, 0);
    program_is_harmless(&program);
    program_free(&program);
}

/* clang-format off */
static const struct {
    const char *arguments[WORDS_MAX];
    const char *words; /* in the message */
} mistakes[] = {
    {{"report"}, "report needs a TARGET or a FILE"},
    {{"drive"}, "drive needs a TARGET or a FILE"},
    {{"open"}, "open needs"},
    {{"report", "lab:good", "lab:tls12"}, "'lab:tls12' is too many"},
    {{"--nonsense"}, "'--nonsense'"},
    {{"report", "-x", "lab:good"}, "'-x'"},
    {{"report", "--json=1", "lab:good"}, "--json takes no value"},
    {{"report", "--save"}, "--save needs a value"},
    {{"report", "--save", "", "lab:good"}, "the value of --save is empty"},
    {{"report", "--timeout", "soon", "lab:good"}, "--timeout soon"},
    {{"report", "--timeout", "0", "lab:good"}, "--timeout 0"},
    {{"report", "--timeout=-1", "lab:good"}, "--timeout -1"},
    {{"report", "--linger", "long", "lab:good"}, "--linger cannot be 'long'"},
    {{"report", "--expires-within", "soon", "lab:good"}, "--expires-within cannot be 'soon'"},
    {{"report", "--tls-min", "1.4", "lab:good"}, "--tls-min 1.4"},
    {{"report", "--tls-min=1.3", "--tls-max=1.2", "lab:good"}, "no version is left"},
    {{"report", "--at", "yesterday", "lab:good"}, "--at yesterday"},
    {{"report", "--priority", "NONSENSE", "lab:good"}, "--priority NONSENSE"},
    {{"report", "--alpn", "h2,,http/1.1", "lab:good"}, "--alpn h2,,http/1.1"},
    {{"report", "--trust", "me", "lab:good"}, "--trust"},
    {{"report", "--connect", "somewhere", "lab:good"}, "--connect"},
    {{"report", "-4", "-6", "lab:good"}, "-4 and -6"},
    {{"report", "--proxy", "ftp://localhost", "lab:good"}, "http://[USER:PASSWORD@]HOST:PORT"},
    {{"report", "--starttls", "gopher", "lab:good"}, "there are: smtp"},
    {{"report", "--early-data", "x", "lab:good"}, "--early-data needs --resume"},
    {{"report", "--key", "README.md", "lab:good"}, "--key is the key of --cert"},
    {{"report", "--groups", "none", "lab:good"}, "no group \"none\""},
    {{"report", "--sigalgs", "none", "lab:good"}, "no signature scheme \"none\""},
    {{"report", "listen:nowhere"}, "cannot listen on 'nowhere': write PORT"},
    {{"report", "lab:nothing"}, "no scenario 'nothing'"},
    {{"report", "localhost:99999"}, "the port is not a number from 1 to 65535"},
    {{"report", "localhost:https"}, "the port is not a number from 1 to 65535"},
    {{"report", "local host"}, "no blanks or control characters"},
    {{"report", "[::1"}, "'[::1'"},
    {{"report", "gopher://localhost"}, "its URL scheme is not known"},
    {{"report", ""}, "the host is missing"},
    {{"report", "https://:443/"}, "the host is missing"},
    {{"report", "\x1b[2J\xe2\x80\xae"}, "'\\x1b[2J\\u{202e}'"},
    {{"--\x1b]0;title\x07"}, "\\x1b]0;title\\x07"},
    {{"--theme", "no such theme", "--plain", "lab:good"}, "no such theme"},
};
/* clang-format on */

static void mistakes_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        refused(mistakes[i].arguments, mistakes[i].words);
}

/* The names are fixed: they are there, and say that they do nothing yet. */
static void later_subcommands_say_so(void **state)
{
    static const char *const names[] = {"scan"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *const arguments[] = {names[i], "x", NULL};
        refused(arguments, "is not in this version");
        refused(arguments, names[i]);
    }
}

static void later_options_say_so(void **state)
{
    static const char *const names[] = {
        "--html",   "--svg",     "--jobs",     "--rate",
        "--gentle", "--targets", "--continue", "--fail-on-change",
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *const arguments[] = {"report", "lab:good", names[i], "1", NULL};
        refused(arguments, "is not in this version");
        refused(arguments, names[i]);
    }
}

/* A certificate, or its key, that cannot be used: said before a server is asked for anything. */
static void certificates_are_read_before_anybody_is_connected_to(void **state)
{
    static const struct {
        const char *cert, *key, *words;
    } cases[] = {
        {"/nonexistent", "/nonexistent", "--cert /nonexistent: No such file"},
        {"README.md", "README.md", "it holds no certificate"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct program program;
        PROGRAM(&program, 10, NULL, "report", "--cert", cases[i].cert, "--key", cases[i].key,
                "127.0.0.1:1"); /* nothing listens there: that would be status 3 */
        assert_int_equal(program.status, 4);
        assert_non_null(strstr(buffer_string(&program.errors), cases[i].words));
        assert_int_equal(program.output.length, 0);
        program_free(&program);
    }
}

/* Help leaves out what is not there. */
static void help_tells_of_this_version_only(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 10, NULL, "--help");
    assert_int_equal(program.status, 0);
    assert_int_equal(program.errors.length, 0);
    const char *text = buffer_string(&program.output);
    assert_non_null(strstr(text, "report"));
    assert_non_null(strstr(text, "--ca-file"));
    assert_null(strstr(text, "--fail-on-change"));
    program_free(&program);
}

/* The screen wants a terminal and names what does not. */
static void the_screen_wants_a_terminal(void **state)
{
    (void)state;
    refused((const char *const[]){"lab:good", NULL}, "--plain");
    refused((const char *const[]){NULL}, "--plain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(later_subcommands_say_so),
        cmocka_unit_test(later_options_say_so),
        cmocka_unit_test(certificates_are_read_before_anybody_is_connected_to),
        cmocka_unit_test(help_tells_of_this_version_only),
        cmocka_unit_test(the_screen_wants_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
