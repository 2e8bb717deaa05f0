/* tlstep explain: fields, terms and values from the command line; searching; what is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "program.h"

#define SECONDS 10

static void says(const char *words, const char *expected)
{
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "explain", words);
    assert_int_equal(program.status, 0);
    if (strstr(buffer_string(&program.output), expected) == NULL) {
        fail_msg("explain %s: %s", words, buffer_string(&program.output));
    }
    program_free(&program);
}

/* Each kind of thing that has an explanation, with a word that cannot be missing in it. */
static void fields_terms_and_values(void **state)
{
    (void)state;
    says("handshake.client_hello.random", "32 bytes");
    says("ClientHello", "client");
    says("forward secrecy", "key");
    says("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "elliptic-curve");
    says("unknown_ca", "certificate");
    says("X25519", "Curve25519");
}

static void search_and_list(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "explain", "--search", "random", "hello");
    assert_int_equal(program.status, 0);
    assert_non_null(strstr(buffer_string(&program.output), "handshake.client_hello.random\n"));
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "explain", "--list");
    assert_int_equal(program.status, 0);
    assert_non_null(strstr(buffer_string(&program.output), "extension.server_name\n"));
    assert_non_null(strstr(buffer_string(&program.output), "stop.verify\n"));
    program_free(&program);
}

static void what_is_not_there(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "explain", "no\033such");
    assert_int_equal(program.status, 2);
    assert_int_equal(program.output.length, 0);
    assert_non_null(strstr(buffer_string(&program.errors), "no\\x1bsuch"));
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "explain", "--search", "xyzzyx");
    assert_int_equal(program.status, 2);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "explain");
    assert_int_equal(program.status, 2);
    program_free(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_terms_and_values),
        cmocka_unit_test(search_and_list),
        cmocka_unit_test(what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
