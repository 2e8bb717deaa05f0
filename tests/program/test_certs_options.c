/*
 * tlstep certs with its options: against a CA, revocation lists and servers made by openssl. Options that a subcommand does not
 * know are refused, not passed over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "peer.h"
#include "program.h"
#include "scratch.h"

#define SECONDS 20

/* What openssl makes: a CA, a leaf, its lists before and after the leaf was revoked, and files that have both. */
static const char script[] =
    "cd '%s' || exit 1\n"
    ": >index.txt; echo 01 >serial; echo 01 >crlnumber\n"
    "cat >ca.cnf <<'END'\n"
    "[ca]\ndefault_ca=d\n"
    "[d]\ndatabase=index.txt\nserial=serial\ncrlnumber=crlnumber\ndefault_md=sha256\npolicy=p\n"
    "new_certs_dir=.\ndefault_days=20\ndefault_crl_days=10\n"
    "[p]\ncommonName=supplied\n"
    "END\n"
    "new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n"
    "openssl req -x509 $new -keyout ca.key -out ca.pem -days 30 -subj /CN=CA"
    " -addext keyUsage=critical,keyCertSign,cRLSign || exit 1\n"
    "openssl req -x509 $new -keyout other.key -out other.pem -days 30 -subj /CN=Other || exit 1\n"
    "openssl req $new -keyout leaf.key -out leaf.csr -subj /CN=leaf || exit 1\n"
    "printf 'subjectAltName=DNS:www.example.org\\nextendedKeyUsage=serverAuth\\n' >ext\n"
    "ca=\"openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key\"\n"
    "$ca -in leaf.csr -out leaf.pem -extfile ext -notext || exit 1\n"
    "$ca -gencrl -out good.crl || exit 1\n"
    "openssl ca -batch -config ca.cnf -cert other.pem -keyfile other.key -gencrl -out other.crl || exit 1\n"
    "$ca -revoke leaf.pem && $ca -gencrl -out revoked.crl || exit 1\n"
    "cat leaf.pem good.crl >with-good.pem; cat revoked.crl leaf.pem >with-revoked.pem\n"
    "cat leaf.pem other.crl >with-other.pem\n"
    "openssl crl2pkcs7 -in revoked.crl -certfile leaf.pem -out with-revoked.p7b || exit 1\n"
    "openssl pkcs12 -export -inkey leaf.key -in leaf.pem -passout pass:geheim -out leaf.p12\n";

static char folder[SCRATCH_PATH_MAX];

static int make_files(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer out = {0};
    (void)state;

    (void)scratch_write(path, "password", "geheim\n", 7);
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    int status = command_run(&out, script, folder);
    if (status != 0) {
        (void)fprintf(stderr, "openssl: %s\n", buffer_string(&out));
    }
    buffer_free(&out);
    return status;
}

/* One of those files. Good until the eighth call after. */
static const char *file(const char *name)
{
    static char paths[8][SCRATCH_PATH_MAX];
    static size_t next;

    return scratch_path(paths[next++ % 8], name);
}

static bool says(struct program *program, const char *text)
{
    return strstr(buffer_string(&program->output), text) != NULL;
}

static bool complains(struct program *program, const char *text)
{
    return strstr(buffer_string(&program->errors), text) != NULL;
}

/* Starts certs --json on a file or target. */
static void begin(struct program *program, const char *operand, const char *const *options)
{
    const char *arguments[20] = {"certs", "--json"};
    size_t count = 2;

    for (; *options != NULL; options++) {
        arguments[count++] = *options;
    }
    arguments[count++] = operand;
    program_start(program, NULL, arguments);
}

/* The verdict must be this: NULL for an accepted chain, else the code of its first reason. */
static void expect(struct program *program, const char *operand, const char *code)
{
    program_finish(program, SECONDS);
    json_t *json = program_json(program);
    if (json_is_true(json_at(json, "verification.ok"))) {
        assert_int_equal(program->status, 0);
        assert_null(code);
    } else {
        assert_int_equal(program->status, 1);
        const char *found = json_text_at(json, "verification.reasons.0.code");
        if (code == NULL) {
            fail_msg("%s is refused: %s", operand, found);
        }
        assert_string_equal(found, code);
    }
    json_decref(json);
    program_free(program);
}

/* Several at once: with a server most of the time is spent waiting. */
struct question {
    const char *code; /* NULL: accepted */
    const char *const *options;
};
enum { QUESTIONS_MAX = 8 };

static void ask(const char *operand, const struct question *questions, size_t count)
{
    struct program programs[QUESTIONS_MAX];

    assert_true(count <= QUESTIONS_MAX);
    for (size_t i = 0; i < count; i++) {
        begin(&programs[i], operand, questions[i].options);
    }
    for (size_t i = 0; i < count; i++) {
        expect(&programs[i], operand, questions[i].code);
    }
}

static void accepted(const char *operand, const char *const *options)
{
    ask(operand, &(struct question){NULL, options}, 1);
}

static void refused(const char *operand, const char *code, const char *const *options)
{
    ask(operand, &(struct question){code, options}, 1);
}

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define CA           "--ca-file", file("ca.pem")

/* ---- options that decide ------------------------------------------------------------------------- */

static void lists_from_files(void **state)
{
    char later[40];
    (void)state;

    (void)time_rfc3339(later, sizeof later, clock_wall_ns() / 1000000000 + 15 * INT64_C(86400));

    accepted(file("leaf.pem"), OPTIONS(CA));
    accepted(file("leaf.pem"), OPTIONS(CA, "--crl", file("good.crl")));
    refused(file("leaf.pem"), "revoked", OPTIONS(CA, "--crl", file("revoked.crl")));
    refused(file("leaf.pem"), "revocation_unknown", OPTIONS(CA, "--crl", file("other.crl")));
    /* Two at once: what one does not cover, the other does. */
    accepted(file("leaf.pem"), OPTIONS(CA, "--crl", file("other.crl"), "--crl", file("good.crl")));
    /* As of a time when the list is out of date. */
    refused(file("leaf.pem"), "revocation_unknown",
            OPTIONS(CA, "--crl", file("good.crl"), "--at", later));
}

/* A list that stands beside the certificates counts, but nobody has asked that it covers them. */
static void lists_beside_certificates(void **state)
{
    (void)state;

    accepted(file("with-good.pem"), OPTIONS(CA));
    refused(file("with-revoked.pem"), "revoked", OPTIONS(CA));
    refused(file("with-revoked.p7b"), "revoked", OPTIONS(CA));
    accepted(file("with-other.pem"), OPTIONS(CA));
    refused(file("leaf.pem"), "revoked", OPTIONS(CA, "--intermediates", file("revoked.crl")));
}

static void a_broken_list_beside_certificates_is_told(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer pem = {0};
    struct program program;
    struct err err = {0};
    (void)state;

    assert_int_equal(file_read(file("leaf.pem"), "file", 1 << 20, &pem, &err), 0);
    buffer_text(&pem, "-----BEGIN X509 CRL-----\nMAMCAQE=\n-----END X509 CRL-----\n");
    (void)scratch_write(path, "broken.pem", pem.data, pem.length);
    PROGRAM(&program, SECONDS, NULL, "certs", CA, path);
    assert_int_equal(program.status, 0);
    assert_true(complains(&program, "CRL"));
    program_free(&program);
    buffer_free(&pem);
}

static void names_and_strictness_of_a_file(void **state)
{
    (void)state;

    accepted(file("leaf.pem"), OPTIONS(CA, "--verify-name", "www.example.org"));
    refused(file("leaf.pem"), "hostname_mismatch",
            OPTIONS(CA, "--verify-name", "mail.example.org"));
    refused(file("leaf.pem"), "hostname_mismatch",
            OPTIONS(CA, "--verify-name", "mail.example.org", "--intermediates", file("ca.pem")));
    refused(file("leaf.pem"), "extended_key_usage", OPTIONS(CA, "--purpose", "client"));
    accepted(file("leaf.pem"), OPTIONS(CA, "--purpose", "any", "--strength", "3"));
    accepted(file("leaf.pem"), OPTIONS(CA, "--strength", "0"));
    refused(file("leaf.pem"), "revocation_unknown",
            OPTIONS(CA, "--strict", "--crl", file("other.crl")));
}

static void options_with_a_server(void **state)
{
    (void)state;

    const struct question questions[] = {
        {NULL, OPTIONS("--strict")},
        {NULL, OPTIONS("--strength", "3")},
        {"revocation_unknown", OPTIONS("--crl", file("good.crl"))},
    };
    ask("lab:good", questions, sizeof questions / sizeof questions[0]);
}

/* Judged by the connection, and judged afterwards: the same verdicts. */
static void the_connection_decides_as_one_does_afterwards(void **state)
{
    static const char *const ways[][2] = {{"--no-color", NULL}, {"--purpose", "server"}};
    (void)state;

    for (size_t i = 0; i < 3; i++) {
        const char *intermediates = file("ca.pem");
        const char *way = i == 2 ? "--intermediates" : ways[i][0];
        const char *value = i == 2 ? intermediates : ways[i][1];
        const char *more = value != NULL ? value : "--ascii";
        const struct question questions[] = {
            {NULL, OPTIONS(way, more)},
            {NULL, OPTIONS(way, more, "--verify-name", "good.lab.tlstep.test")},
            {"hostname_mismatch", OPTIONS(way, more, "--verify-name", "www.example.org")},
            {"hostname_mismatch", OPTIONS(way, more, "--sni", "www.example.org")},
            {NULL, OPTIONS(way, more, "--sni", "www.example.org", "--no-hostname-check")},
            {"expired", OPTIONS(way, more, "--at", "2090-01-01")},
        };
        ask("lab:good", questions, sizeof questions / sizeof questions[0]);
    }
}

/* ---- several names ------------------------------------------------------------------------------- */

static void several_names(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "certs", "--no-hostname-check", "--sni", "a.example", "--sni",
            "b.example", "lab:good");
    assert_int_equal(program.status, 0);
    program_is_harmless(&program);
    assert_true(
        says(&program, "The same certificate for each of 2 names:\n  a.example, b.example: "));
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "certs", "--json", "--sni", "good.lab.tlstep.test", "--sni",
            "b.example", "lab:good");
    assert_int_equal(program.status, 1);
    json_t *first = program_line(&program, 0);
    json_t *second = program_line(&program, 1);
    assert_string_equal(json_text_at(first, "target.sni"), "good.lab.tlstep.test");
    assert_string_equal(json_text_at(second, "target.sni"), "b.example");
    assert_true(json_is_true(json_at(first, "verification.ok")));
    assert_true(json_is_false(json_at(second, "verification.ok")));
    json_decref(first);
    json_decref(second);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "certs", "--both", "--sni", "a", "--sni", "b", "lab:good");
    assert_int_equal(program.status, 2);
    program_free(&program);
}

/* Starts openssl s_server with further arguments. False: it cannot run here, and that was said. */
static bool serve(struct peer *peer, char target[40], const char *const *more)
{
    const struct peer_options options = {
        .program = PEER_OPENSSL, .kind = IDENTITY_ECDSA, .more = more};
    enum peer_status status = peer_start(peer, &options);

    (void)snprintf(target, 40, "127.0.0.1:%u", (unsigned)peer->port);
    if (status == PEER_SKIPPED) {
        print_message("skipped: %s\n", peer->why);
    } else if (status != PEER_RUNS) {
        fail_msg("%s", peer->why);
    }
    return status == PEER_RUNS;
}

/* It has another certificate for another name. */
static void names_with_certificates_of_their_own(void **state)
{
    const char *const more[] = {"-servername", "other.example",   "-cert2", file("other.pem"),
                                "-key2",       file("other.key"), NULL};
    struct program program;
    struct peer peer;
    char target[40];
    (void)state;

    if (!serve(&peer, target, more)) {
        skip();
    }
    PROGRAM(&program, SECONDS, NULL, "certs", "--no-verify", "--sni", "localhost", "--sni",
            "other.example", target);
    assert_int_equal(program.status, 0);
    assert_true(says(&program, "2 different certificates for 2 names:\n"));
    assert_true(says(&program, "  localhost: "));
    assert_true(says(&program, "  other.example: Other, "));
    program_free(&program);
    peer_stop(&peer);
}

/* The server wants a certificate that we have not got: its own came, and it is what was asked about. */
static void a_handshake_that_fails_after_its_certificates(void **state)
{
    static const char *const more[] = {"-Verify", "1", "-tls1_2", NULL};
    struct program program;
    struct peer peer;
    char target[40];
    (void)state;

    if (!serve(&peer, target, more)) {
        skip();
    }
    PROGRAM(&program, SECONDS, NULL, "certs", "--ca-file", peer.ca_file, "--verify-name",
            "localhost", target);
    assert_int_equal(program.status, 0);
    assert_true(says(&program, "accepted"));
    assert_true(complains(&program, "the certificates came, but then"));
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--verify-name", "localhost", target);
    assert_int_equal(program.status, 1);
    assert_false(complains(&program, "but then"));
    program_free(&program);
    peer_stop(&peer);
}

/* ---- options out of place ------------------------------------------------------------------------ */

static void options_of_certs_are_not_passed_over(void **state)
{
    static const char *const options[][2] = {
        {"--pem", NULL},         {"--root", NULL},        {"--text", NULL},
        {"--all", NULL},         {"--both", NULL},        {"--intermediates", "f"},
        {"--purpose", "client"}, {"--policy", "1.2.3"},   {"--explicit-policy", NULL},
        {"--inhibit-any", NULL}, {"--inhibit-map", NULL}, {"--password-file", "f"},
    };
    struct program program;
    (void)state;

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const char *value = options[i][1];
        PROGRAM(&program, SECONDS, NULL, "report", options[i][0],
                value != NULL ? value : "lab:good", value != NULL ? "lab:good" : NULL);
        assert_int_equal(program.status, 2);
        assert_int_equal(program.output.length, 0);
        assert_true(complains(&program, options[i][0]));
        assert_true(complains(&program, "certs"));
        program_free(&program);
    }
    /* Before the subcommand, and for the screen. */
    PROGRAM(&program, SECONDS, NULL, "--pem", "drive", "lab:good");
    assert_int_equal(program.status, 2);
    assert_true(complains(&program, "not for drive"));
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "--text", "lab:good");
    assert_int_equal(program.status, 2);
    assert_true(complains(&program, "not for the screen"));
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--password-file", file("password"), "lab:good");
    assert_int_equal(program.status, 2);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--json", "--text", file("leaf.pem"));
    assert_int_equal(program.status, 2);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "--help");
    assert_true(says(&program, "OPTIONS OF CERTS\n  --pem "));
    program_free(&program);
}

/* ---- other subcommands --------------------------------------------------------------------------- */

static void passwords_elsewhere(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, "\n", "open", "--plain", CA, "--password-file", file("password"),
            file("leaf.p12"));
    assert_int_equal(program.status, 0);
    assert_true(says(&program, "1 certificate"));
    program_free(&program);
    PROGRAM(&program, SECONDS, "certs\n", "drive", "--password-file", file("password"),
            file("leaf.p12"));
    json_t *json = program_json(&program);
    assert_int_equal(json_array_size(json_at(json, "certs")), 1);
    json_decref(json);
    program_free(&program);
}

static void a_verdict_of_another_date_in_drive(void **state)
{
    static const char *const operands[] = {"lab:good", NULL};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct program program;
        bool live = operands[i] != NULL;
        PROGRAM(&program, SECONDS,
                live ? "continue\njudge 2090-01-01\ncerts\nstate\njudge off\nstate\n"
                     : "step\njudge 2090-01-01\ncerts\nstate\njudge now\nstate\n",
                "drive", "--ca-file", live ? file("other.pem") : file("ca.pem"), "--trust",
                live ? "lab" : "none", live ? operands[i] : file("leaf.pem"));
        assert_int_equal(program.status, 0);
        json_t *certs = program_line(&program, 2);
        json_t *then = program_line(&program, 3);
        json_t *now = program_line(&program, 5);
        assert_int_equal(json_array_size(json_at(certs, "certs")), live ? 3 : 2);
        assert_string_equal(json_text_at(then, "state.verification.reasons.0.code"), "expired");
        assert_string_equal(json_text_at(then, "state.verification.at"), "2090-01-01T00:00:00Z");
        assert_true(json_is_true(json_at(now, "state.verification.ok")));
        json_decref(certs);
        json_decref(then);
        json_decref(now);
        program_free(&program);
    }
}

static void a_report_of_certificates_says_what_to_use(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", file("leaf.pem"));
    assert_int_equal(program.status, 2);
    assert_true(complains(&program, "tlstep certs"));
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "report", "--json", folder);
    assert_int_equal(program.status, 4); /* it is no file that could be read */
    program_free(&program);
}

/* The screen needs a terminal; what cannot be read is told first. */
static void the_screen_on_certificates(void **state)
{
    const char *const operands[] = {"system", folder, file("leaf.pem")};
    struct program program;
    (void)state;

    for (size_t i = 0; i < sizeof operands / sizeof operands[0]; i++) {
        PROGRAM(&program, SECONDS, NULL, "open", operands[i]);
        assert_int_equal(program.status, 2);
        assert_true(complains(&program, "not a terminal"));
        program_free(&program);
    }
    PROGRAM(&program, SECONDS, NULL, "open", file("absent.pem"));
    assert_int_equal(program.status, 4);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "open", file("leaf.key"));
    assert_int_equal(program.status, 4);
    program_free(&program);
}

/* ---- exit status without certificates ------------------------------------------------------------- */

static void no_certificate_at_all(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "certs", "127.0.0.1:1");
    assert_int_equal(program.status, 3);
    assert_int_equal(program.output.length, 0);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--timeout", "0.3", "lab:silent");
    assert_int_equal(program.status, 1);
    assert_true(complains(&program, "no certificate was seen"));
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "lab:cut");
    assert_int_equal(program.status, 1);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "certs", "--tls-max", "1.2", "--json", "lab:tls12");
    assert_int_equal(program.status, 0);
    program_free(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_from_files),
        cmocka_unit_test(lists_beside_certificates),
        cmocka_unit_test(a_broken_list_beside_certificates_is_told),
        cmocka_unit_test(names_and_strictness_of_a_file),
        cmocka_unit_test(options_with_a_server),
        cmocka_unit_test(the_connection_decides_as_one_does_afterwards),
        cmocka_unit_test(several_names),
        cmocka_unit_test(names_with_certificates_of_their_own),
        cmocka_unit_test(a_handshake_that_fails_after_its_certificates),
        cmocka_unit_test(options_of_certs_are_not_passed_over),
        cmocka_unit_test(passwords_elsewhere),
        cmocka_unit_test(a_verdict_of_another_date_in_drive),
        cmocka_unit_test(a_report_of_certificates_says_what_to_use),
        cmocka_unit_test(the_screen_on_certificates),
        cmocka_unit_test(no_certificate_at_all),
    };
    return cmocka_run_group_tests(tests, make_files, NULL);
}
