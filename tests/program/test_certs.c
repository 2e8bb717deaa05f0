/*
 * tlstep certs: chains made by openssl are accepted and refused as openssl verify does it, mended, listed and compared; nothing
 * that stands in a certificate reaches the terminal as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "certs.h"
#include "command.h"
#include "program.h"
#include "scratch.h"

#define SECONDS 20
#define NAME    "www.example.org"
#define AT      "2026-06-01T10:00:00Z" /* CERT_NOW */

static struct cert *root, *middle, *lower, *leaf, *stranger;

/* Files in the scratch folder. */
static char anchors[SCRATCH_PATH_MAX];
static char good[SCRATCH_PATH_MAX];

static int make_certificates(void **state)
{
    (void)state;
    root = cert_make(&(struct cert_options){.common_name = "Root", .ca = true});
    middle = cert_make(&(struct cert_options){.common_name = "Middle", .ca = true, .issuer = root});
    lower = cert_make(&(struct cert_options){.common_name = "Lower", .ca = true, .issuer = middle});
    leaf = cert_make(&(struct cert_options){
        .common_name = "Leaf", .names = NAMES("DNS:" NAME), .issuer = lower});
    stranger = cert_make(&(struct cert_options){.common_name = "Stranger", .ca = true});
    if (leaf == NULL || stranger == NULL) {
        return -1;
    }
    return cert_write(scratch_path(anchors, "root.pem"), CHAIN(root)) |
           cert_write(scratch_path(good, "good.pem"), CHAIN(leaf, lower, middle));
}

static int free_certificates(void **state)
{
    (void)state;
    cert_free(root);
    cert_free(middle);
    cert_free(lower);
    cert_free(leaf);
    cert_free(stranger);
    return 0;
}

#define WRITE(path, name, ...) cert_write_scratch(path, name, CHAIN(__VA_ARGS__))

static bool openssl_accepts(const char *path)
{
    struct buffer out = {0};
    int status = command_run(
        &out, "timeout 20 openssl verify -attime %lld -CAfile '%s' -untrusted '%s' '%s'",
        (long long)CERT_NOW, anchors, path, path);
    buffer_free(&out);
    return status == 0;
}

static bool says(struct program *program, const char *text)
{
    return strstr(buffer_string(&program->output), text) != NULL;
}

/* ---- verdicts ------------------------------------------------------------------------------------ */

static void an_accepted_chain(void **state)
{
    struct program program;
    (void)state;

    assert_true(openssl_accepts(good));
    PROGRAM(&program, SECONDS, NULL, "certs", "--at", AT, "--ca-file", anchors, good);
    assert_int_equal(program.status, 0);
    program_is_harmless(&program);
    assert_true(says(&program, "trust anchor"));
    assert_true(says(&program, "leaf, 1st in the file"));
    assert_true(says(&program, "accepted"));
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "certs", "--json", "--at", AT, "--ca-file", anchors,
            "--verify-name", NAME, good);
    assert_int_equal(program.status, 0);
    json_t *json = program_json(&program);
    assert_string_equal(json_text_at(json, "schema"), "tlstep.certs/1");
    assert_string_equal(json_text_at(json, "source"), good);
    assert_true(json_is_true(json_at(json, "verification.ok")));
    assert_true(json_is_true(json_at(json, "verification.hostname_ok")));
    assert_int_equal(json_array_size(json_at(json, "verification.path")), 4);
    assert_int_equal(json_array_size(json_at(json, "certificates")), 4);
    assert_string_equal(json_text_at(json, "certificates.0.role"), "leaf");
    assert_string_equal(json_text_at(json, "certificates.3.role"), "root");
    assert_true(json_is_false(json_at(json, "certificates.3.sent")));
    assert_true(json_is_array(json_at(json, "certificates.0.lint")));
    assert_true(json_array_size(json_at(json, "certificates.0.extensions")) > 0);
    assert_string_equal(json_text_at(json, "verification.expires.at"), "2026-07-31T10:00:00Z");
    json_decref(json);
    program_free(&program);
}

/* A refusal has its reason, its value and its remedy, and openssl refuses, too. */
static void refused(const char *path, const char *code, const char *const *options)
{
    const char *arguments[20] = {"certs", "--json", "--at", AT, "--ca-file", anchors};
    struct program program;
    size_t count = 6;

    for (; *options != NULL; options++) {
        arguments[count++] = *options;
    }
    arguments[count++] = path;
    program_run(&program, SECONDS, NULL, arguments);
    assert_int_equal(program.status, 1);
    json_t *json = program_json(&program);
    assert_true(json_is_false(json_at(json, "verification.ok")));
    assert_string_equal(json_text_at(json, "verification.reasons.0.code"), code);
    assert_true(strlen(json_text_at(json, "verification.reasons.0.mend")) > 0);
    assert_true(strlen(json_text_at(json, "verification.reasons.0.reference")) > 0);
    json_decref(json);
    program_free(&program);
}
#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void refused_chains(void **state)
{
    char path[SCRATCH_PATH_MAX];
    (void)state;

    WRITE(path, "alone.pem", leaf);
    assert_false(openssl_accepts(path));
    refused(path, "missing_intermediate", OPTIONS(NULL));
    WRITE(path, "stranger.pem", stranger);
    assert_false(openssl_accepts(path));
    refused(path, "self_signed", OPTIONS(NULL));
    refused(good, "hostname_mismatch", OPTIONS("--verify-name", "other.example.org"));
    refused(good, "policy", OPTIONS("--explicit-policy", "--policy", "2.23.140.1.2.1"));
}

static void another_date_is_another_verdict(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "certs", "--json", "--at", "2030-01-01", "--ca-file", anchors,
            good);
    assert_int_equal(program.status, 1);
    json_t *json = program_json(&program);
    assert_string_equal(json_text_at(json, "verification.reasons.0.code"), "expired");
    json_decref(json);
    program_free(&program);
}

static void an_end_that_is_near(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "certs", "--expires-within", "59", "--at", AT, "--ca-file",
            anchors, good);
    assert_int_equal(program.status, 0);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--expires-within", "60", "--at", AT, "--ca-file",
            anchors, good);
    assert_int_equal(program.status, 1);
    assert_non_null(strstr(buffer_string(&program.errors), "ends within 60 days"));
    program_free(&program);
}

/* ---- mending ------------------------------------------------------------------------------------- */

/* Misordered, with a duplicate and a stranger: what comes out is leaf, Lower, Middle, byte for byte. */
static void a_chain_is_mended(void **state)
{
    char messy[SCRATCH_PATH_MAX], fixed[SCRATCH_PATH_MAX], alone[SCRATCH_PATH_MAX],
        more[SCRATCH_PATH_MAX];
    struct program program;
    struct buffer expected = {0};
    (void)state;

    cert_append_pem(&expected, leaf);
    cert_append_pem(&expected, lower);
    cert_append_pem(&expected, middle);
    WRITE(messy, "messy.pem", leaf, stranger, root, middle, lower, middle);
    PROGRAM(&program, SECONDS, NULL, "certs", "--pem", "--at", AT, "--ca-file", anchors, messy);
    assert_int_equal(program.status, 0);
    assert_string_equal(buffer_string(&program.output), buffer_string(&expected));
    scratch_write(fixed, "fixed.pem", program.output.data, program.output.length);
    assert_true(openssl_accepts(fixed));
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "certs", "--at", AT, "--ca-file", anchors, messy);
    assert_true(says(&program, "misordered"));
    assert_true(says(&program, "the same as the 4th"));
    assert_true(says(&program, "2nd in the file, in no path"));
    program_free(&program);

    WRITE(alone, "leaf.pem", leaf);
    WRITE(more, "more.pem", middle, lower);
    PROGRAM(&program, SECONDS, NULL, "certs", "--pem", "--at", AT, "--ca-file", anchors,
            "--intermediates", more, alone);
    assert_int_equal(program.status, 0);
    assert_string_equal(buffer_string(&program.output), buffer_string(&expected));
    program_free(&program);

    cert_append_pem(&expected, root);
    PROGRAM(&program, SECONDS, NULL, "certs", "--pem", "--root", "--at", AT, "--ca-file", anchors,
            good);
    assert_string_equal(buffer_string(&program.output), buffer_string(&expected));
    program_free(&program);
    buffer_free(&expected);
}

/* What is passed over would give a verdict on another question. */
static void values_are_checked_where_nothing_is_sent(void **state)
{
    static const char *const options[][2] = {
        {"--at", "2026-02-30T00:00:00Z"}, {"--at", "now"},          {"--at", "1767225600"},
        {"--at", "2026-06-01T10:00Z"},    {"--verify-name", "a b"}, {"--strength", "9"},
    };
    struct program program;
    (void)state;

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        PROGRAM(&program, SECONDS, NULL, "certs", options[i][0], options[i][1], "--ca-file",
                anchors, good);
        if (program.status != 2 || command_count(&program.errors, "\n") != 1) {
            fail_msg("%s %s: exit status %d", options[i][0], options[i][1], program.status);
        }
        assert_int_equal(program.output.length, 0);
        program_free(&program);
    }
}

/* ---- where they come from -------------------------------------------------------------------------- */

static void files_of_all_kinds(void **state)
{
    char key[SCRATCH_PATH_MAX], password[SCRATCH_PATH_MAX], path[SCRATCH_PATH_MAX];
    struct program program;
    struct buffer out = {0};
    (void)state;

    assert_int_equal(cert_write_key(scratch_path(key, "key.pem"), leaf), 0);
    (void)scratch_write(password, "password", "geheim\n", 7);
    assert_int_equal(command_run(&out,
                                 "timeout 20 openssl pkcs12 -export -in '%s' -inkey '%s' -passout "
                                 "pass:geheim -out '%s'",
                                 good, key, scratch_path(path, "all.p12")),
                     0);
    PROGRAM(&program, SECONDS, NULL, "certs", "--at", AT, "--ca-file", anchors, "--password-file",
            password, path);
    assert_int_equal(program.status, 0);
    assert_true(says(&program, "accepted"));
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "certs", "--password-file", good, path);
    assert_in_range(program.status, 2, 4);
    assert_true(program.errors.length > 0);
    program_free(&program);

    assert_int_equal(
        command_run(&out,
                    "timeout 20 openssl crl2pkcs7 -nocrl -certfile '%s' -outform DER -out '%s'",
                    good, scratch_path(path, "all.p7b")),
        0);
    PROGRAM(&program, SECONDS, NULL, "certs", "--no-verify", path);
    assert_int_equal(program.status, 0);
    assert_int_equal(command_count(&program.output, "\n"), 3);
    program_free(&program);
    buffer_free(&out);
}

/* Signed data is a set: what stands first in it need not be the leaf (DER puts the shortest first). */
static void a_set_has_no_order(void **state)
{
    char reversed[SCRATCH_PATH_MAX], path[SCRATCH_PATH_MAX];
    struct program program;
    struct buffer out = {0};
    (void)state;

    WRITE(reversed, "reversed.pem", middle, lower, leaf);
    assert_int_equal(command_run(&out,
                                 "timeout 20 openssl crl2pkcs7 -nocrl -certfile '%s' -out '%s'",
                                 reversed, scratch_path(path, "reversed.p7b")),
                     0);
    PROGRAM(&program, SECONDS, NULL, "certs", "--json", "--at", AT, "--ca-file", anchors, path);
    assert_int_equal(program.status, 0);
    json_t *json = program_json(&program);
    assert_string_equal(json_text_at(json, "certificates.0.subject"), "CN=Leaf");
    json_decref(json);
    program_free(&program);
    buffer_free(&out);
}

/* One complaint, and the exit status of a file: that no password came of it goes without saying. */
static void a_password_file_that_cannot_be_read(void **state)
{
    char key[SCRATCH_PATH_MAX], path[SCRATCH_PATH_MAX], nowhere[SCRATCH_PATH_MAX];
    struct program program;
    struct buffer out = {0};
    (void)state;

    assert_int_equal(cert_write_key(scratch_path(key, "locked.key"), leaf), 0);
    assert_int_equal(command_run(&out,
                                 "timeout 20 openssl pkcs12 -export -in '%s' -inkey '%s' -passout "
                                 "pass:geheim -out '%s'",
                                 good, key, scratch_path(path, "locked.p12")),
                     0);
    PROGRAM(&program, SECONDS, NULL, "certs", "--password-file", scratch_path(nowhere, "nowhere"),
            path);
    assert_int_equal(program.status, 4);
    assert_int_equal(command_count(&program.errors, "\n"), 1);
    assert_int_equal(command_count(&program.errors, "nowhere"), 1);
    program_free(&program);
    buffer_free(&out);
}

/* A FIFO is opened once: whoever writes to it does not find us gone after a look at the beginning. */
static void a_fifo_is_opened_once(void **state)
{
    char fifo[SCRATCH_PATH_MAX];
    struct buffer out = {0};
    (void)state;

    assert_int_equal(mkfifo(scratch_path(fifo, "fifo.pem"), 0600), 0);
    for (size_t i = 0; i < 5; i++) {
        int status = command_run(&out,
                                 "(exec timeout 20 cat '%s' >'%s') & "
                                 "timeout -s KILL 20 '%s' certs --at " AT
                                 " --ca-file '%s' '%s'; s=$?; wait; exit $s",
                                 good, fifo, program_path(), anchors, fifo);
        assert_int_equal(status, 0);
    }
    buffer_free(&out);
}

static void standard_input(void **state)
{
    struct program program;
    struct buffer pem = {0};
    (void)state;

    cert_append_pem(&pem, leaf);
    cert_append_pem(&pem, root);
    PROGRAM(&program, SECONDS, buffer_string(&pem), "certs", "--no-verify", "-");
    assert_int_equal(program.status, 0);
    assert_int_equal(command_count(&program.output, "\n"), 2);
    program_free(&program);
    buffer_free(&pem);
}

static void lists(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "certs", "--json", "--trust", "none", "--ca-file", anchors,
            "system");
    assert_int_equal(program.status, 0);
    json_t *json = program_json(&program);
    assert_int_equal(json_array_size(json_at(json, "certificates")), 1);
    assert_true(json_is_false(json_at(json, "verification.performed")));
    json_decref(json);
    program_free(&program);
}

static void wrong_usage(void **state)
{
    struct program program;
    char path[SCRATCH_PATH_MAX];
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "certs");
    assert_int_equal(program.status, 2);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--pem", "--json", good);
    assert_int_equal(program.status, 2);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--policy", "any", good);
    assert_int_equal(program.status, 2);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--both", good);
    assert_int_equal(program.status, 2);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", scratch_path(path, "absent.pem"));
    assert_int_equal(program.status, 4);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", scratch_write(path, "nothing.pem", "hello\n", 6));
    assert_int_equal(program.status, 4);
    program_free(&program);
}

/* ---- servers --------------------------------------------------------------------------------------- */

static void a_server_of_the_lab(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "certs", "--json", "lab:good");
    assert_int_equal(program.status, 0);
    json_t *json = program_json(&program);
    assert_string_equal(json_text_at(json, "target.input"), "lab:good");
    assert_string_equal(json_text_at(json, "certificates.0.from"), "server");
    assert_true(json_is_true(json_at(json, "verification.ok")));
    json_decref(json);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "certs", "lab:expired");
    assert_int_equal(program.status, 1);
    assert_true(says(&program, "Mend it: renew"));
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "certs", "--no-verify", "lab:expired");
    assert_int_equal(program.status, 0);
    assert_int_equal(command_count(&program.output, "\n"), 2);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "certs", "--both", "lab:good");
    assert_int_equal(program.status, 0);
    assert_true(says(&program, "ECDSA"));
    assert_non_null(strstr(buffer_string(&program.errors), "has no RSA certificate"));
    program_free(&program);

    /* What a connection cannot be told is judged afterwards. */
    PROGRAM(&program, SECONDS, NULL, "certs", "--purpose", "client", "--json", "lab:good");
    assert_int_equal(program.status, 1);
    json = program_json(&program);
    assert_string_equal(json_text_at(json, "verification.reasons.0.code"), "extended_key_usage");
    json_decref(json);
    program_free(&program);
}

static void a_saved_session(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "certs", "--save", scratch_path(path, "s.pcapng"),
            "lab:tls12");
    assert_int_equal(program.status, 0);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", path);
    assert_int_equal(program.status, 0);
    assert_true(says(&program, "accepted"));
    program_free(&program);
    /* As a capture it has no verdict of its own, and the lab's root is in no store. */
    PROGRAM(&program, SECONDS, NULL, "certs", "--json", "--stream", "0", "--trust", "none", path);
    assert_int_equal(program.status, 1);
    json_t *json = program_line(&program, 0);
    assert_int_equal(json_integer_value(json_at(json, "conversation.stream")), 0);
    json_decref(json);
    program_free(&program);
}

/* ---- comparing --------------------------------------------------------------------------------------- */

static void certificates_are_compared(void **state)
{
    char a[SCRATCH_PATH_MAX], b[SCRATCH_PATH_MAX];
    struct program program;
    struct cert *renewed =
        cert_make(&(struct cert_options){.common_name = "Leaf",
                                         .names = NAMES("DNS:new.example.org", "DNS:" NAME),
                                         .issuer = lower,
                                         .not_after = CERT_NOW + 80 * CERT_DAY});
    (void)state;

    assert_non_null(renewed);
    WRITE(a, "before.pem", leaf);
    WRITE(b, "after.pem", renewed);
    PROGRAM(&program, SECONDS, NULL, "diff", "--at", AT, a, b);
    assert_int_equal(program.status, 1);
    assert_true(says(&program, "new.example.org"));
    assert_true(says(&program, "serial number"));
    assert_true(says(&program, "valid"));
    assert_false(says(&program, "issuer"));
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "diff", "--at", AT, a, a);
    assert_int_equal(program.status, 0);
    program_free(&program);
    cert_free(renewed);
}

/* ---- hostile ones ------------------------------------------------------------------------------------- */

static void nothing_reaches_the_terminal_as_it_is(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct cert *evil = cert_make(&(struct cert_options){
        .common_name = "a\x1b]0;title\x07\xe2\x80\xae"
                       "b\r\n",
        .organization = "\xc2\x9b"
                        "31m",
        .names = NAMES("DNS:\x1b[2Jx.example", "email:\x1b[31m@x", "URI:http://\xe2\x80\xaex/\x07"),
    });
    struct program program;
    (void)state;

    assert_non_null(evil);
    WRITE(path, "evil.pem", evil);
    static const char *const forms[] = {"--no-color", "--json", "--text", "--all", "--no-verify"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        PROGRAM(&program, SECONDS, NULL, "certs", forms[i], path);
        assert_in_range(program.status, 0, 1);
        assert_true(program.output.length > 0);
        program_is_harmless(&program);
        program_free(&program);
    }
    cert_free(evil);
}

static void very_many_names(void **state)
{
    static char texts[10000][32];
    static const char *names[10001];
    char path[SCRATCH_PATH_MAX];
    struct program program;
    (void)state;

    for (size_t i = 0; i < 10000; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "DNS:host%zu.example.org", i);
        names[i] = texts[i];
    }
    struct cert *many = cert_make(&(struct cert_options){.common_name = "many", .names = names});
    assert_non_null(many);
    WRITE(path, "many.pem", many);
    PROGRAM(&program, SECONDS, NULL, "certs", path);
    assert_int_equal(program.status, 1);
    assert_true(says(&program, "and 9 900 more") || says(&program, " more"));
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--json", path);
    json_t *json = program_json(&program);
    assert_int_equal(json_array_size(json_at(json, "certificates.0.san")), 10000);
    json_decref(json);
    program_free(&program);
    cert_free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accepted_chain),
        cmocka_unit_test(refused_chains),
        cmocka_unit_test(another_date_is_another_verdict),
        cmocka_unit_test(an_end_that_is_near),
        cmocka_unit_test(a_chain_is_mended),
        cmocka_unit_test(files_of_all_kinds),
        cmocka_unit_test(a_set_has_no_order),
        cmocka_unit_test(a_password_file_that_cannot_be_read),
        cmocka_unit_test(a_fifo_is_opened_once),
        cmocka_unit_test(standard_input),
        cmocka_unit_test(lists),
        cmocka_unit_test(wrong_usage),
        cmocka_unit_test(values_are_checked_where_nothing_is_sent),
        cmocka_unit_test(a_server_of_the_lab),
        cmocka_unit_test(a_saved_session),
        cmocka_unit_test(certificates_are_compared),
        cmocka_unit_test(nothing_reaches_the_terminal_as_it_is),
        cmocka_unit_test(very_many_names),
    };
    return cmocka_run_group_tests(tests, make_certificates, free_certificates);
}
