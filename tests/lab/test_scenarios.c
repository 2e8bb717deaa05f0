/*
 * What is particular in some scenarios, as openssl s_client sees it. That each is to every client what
 * its row says is tested by test_clients.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>

#include "command.h"
#include "scratch.h"
#include "tlstep/lab.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- a server and what a client needs to know of it -------------------------------------- */

struct target {
    struct lab_server *server;
    const char *name; /* of the host */
    const char *port;
    char ca_file[SCRATCH_PATH_MAX];
};

static void write_root(struct target *target)
{
    gnutls_datum_t pem;
    size_t length;
    const uint8_t *root = lab_root(target->server, &length);
    const gnutls_datum_t der = {(unsigned char *)(uintptr_t)root, (unsigned)length};

    assert_int_equal(gnutls_pem_base64_encode2("CERTIFICATE", &der, &pem), 0);
    (void)scratch_write(target->ca_file, "root.pem", pem.data, pem.size);
    gnutls_free(pem.data);
}

static void target_open(struct target *target, const char *scenario)
{
    struct err err = {0};

    target->server = lab_start(scenario, 0, &err);
    if (target->server == NULL) {
        fail_msg("%s", err.text);
    }
    target->name = lab_server_scenario(target->server)->hostname;
    target->port = strrchr(lab_address(target->server)->text, ':') + 1;
    write_root(target);
}

static void target_close(struct target *target)
{
    lab_stop(target->server);
}

/* ---- clients ----------------------------------------------------------------------------- */

static int run_openssl(const struct target *target, const char *more, struct buffer *out)
{
    return command_run(
        out,
        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 1 openssl s_client -ign_eof -msg "
        "-connect 127.0.0.1:%s -servername %s -verify_hostname %s -CAfile %s "
        "-verify_return_error %s",
        target->port, target->name, target->name, target->ca_file, more);
}

static void need(const char *program)
{
    if (!command_exists(program)) {
        print_message("skipped: %s is not installed\n", program);
        skip();
    }
}

static void assert_contains(struct buffer *out, const char *text, const char *who,
                            const char *scenario)
{
    if (*text != '\0' && command_count(out, text) == 0) {
        fail_msg("lab:%s: %s did not say \"%s\" but:\n%s", scenario, who, text, buffer_string(out));
    }
}

/* How often a message is in openssl's -msg output, like "<<< TLS 1.3, Handshake [length 0058], ServerHello". */
static size_t count_message(struct buffer *out, const char *from, const char *name)
{
    size_t count = 0;
    const char *line = buffer_string(out);
    char end[60];

    (void)snprintf(end, sizeof end, "], %s\n", name);
    while (line != NULL && *line != '\0') {
        const char *next = strchr(line, '\n');
        size_t length = next != NULL ? (size_t)(next + 1 - line) : strlen(line);
        size_t tail = strlen(end);
        count += strncmp(line, from, 3) == 0 && length > tail &&
                 strncmp(line + length - tail, end, tail) == 0;
        line += length;
    }
    return count;
}

/* ---- tests ------------------------------------------------------------------------------- */

static void only_hello_retry_retries(void **state)
{
    static const struct {
        const char *scenario;
        size_t hellos;
    } cases[] = {{"good", 1}, {"hello-retry", 2}};
    (void)state;

    need("openssl");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        struct target target;
        target_open(&target, cases[i].scenario);
        (void)run_openssl(&target, "-tls1_3", &out); /* the messages tell */
        assert_int_equal(count_message(&out, ">>>", "ClientHello"), cases[i].hellos);
        assert_int_equal(count_message(&out, "<<<", "ServerHello"), cases[i].hellos);
        assert_int_equal(count_message(&out, "<<<", "NewSessionTicket"), 2);
        buffer_free(&out);
        target_close(&target);
    }
}

static void versions_are_what_the_row_says(void **state)
{
    static const struct {
        const char *scenario, *option;
        bool answered;
    } cases[] = {
        {"good", "-tls1_2", true},   {"good", "-tls1_3", true},  {"tls12", "-tls1_2", true},
        {"tls12", "-tls1_3", false}, {"good", "-tls1_1", false},
    };
    (void)state;

    need("openssl");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        struct target target;
        target_open(&target, cases[i].scenario);
        (void)run_openssl(&target, cases[i].option, &out); /* the messages tell */
        assert_int_equal(count_message(&out, "<<<", "ServerHello") == 1, cases[i].answered);
        buffer_free(&out);
        target_close(&target);
    }
}

static void cut_ends_after_serverhello_and_before_the_end_of_certificate(void **state)
{
    static const char *const versions[] = {"-tls1_2", "-tls1_3"};
    (void)state;

    need("openssl");
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct buffer out = {0};
        struct target target;
        target_open(&target, "cut");
        (void)run_openssl(&target, versions[i], &out); /* the messages tell */
        assert_int_equal(count_message(&out, "<<<", "ServerHello"), 1);
        assert_int_equal(count_message(&out, "<<<", "Certificate"), 0);
        assert_contains(&out, "unexpected eof", "openssl", "cut");
        buffer_free(&out);
        target_close(&target);
    }
}

/* The certificate that a client gets is for the name that it asks for, wildcards included. */
static void sni_chooses_the_certificate(void **state)
{
    static const struct {
        const char *name, *subject;
    } cases[] = {{"a.sni", "a.sni"},
                 {"b.sni", "b.sni"},
                 {"one.sni", "one.sni"},
                 {"two.sni", "one.sni"},
                 {"any.wild.sni", "*.wild.sni"},
                 {"unknown.sni", "sni"}};
    struct target target;
    (void)state;

    need("openssl");
    target_open(&target, "sni");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        char subject[80];
        (void)snprintf(subject, sizeof subject, "subject=O = tlstep lab, CN = %s.lab.tlstep.test\n",
                       cases[i].subject);
        (void)command_run(&out,
                          "timeout 10 openssl s_client -connect 127.0.0.1:%s -servername "
                          "%s.lab.tlstep.test -CAfile %s </dev/null",
                          target.port, cases[i].name, target.ca_file); /* what it says counts */
        assert_contains(&out, subject, "openssl", "sni");
        assert_contains(&out, "Verify return code: 0 (ok)", "openssl", "sni");
        buffer_free(&out);
    }
    target_close(&target);
}

static void a_big_certificate_takes_several_records(void **state)
{
    enum { RECORD_MAX = 16384 }; /* RFC 5246 6.2.1 */
    struct buffer out = {0};
    struct target target;
    const char *end;
    (void)state;

    need("openssl");
    target_open(&target, "big-cert");
    (void)run_openssl(&target, "-tls1_2", &out); /* the messages tell */
    assert_int_equal(count_message(&out, "<<<", "Certificate"), 1);
    end = strstr(buffer_string(&out), "], Certificate\n");
    assert_non_null(end);
    assert_true(strtoul(end - 4, NULL, 16) > (unsigned long)2 * RECORD_MAX);
    assert_contains(&out, "Verify return code: 0 (ok)", "openssl", "big-cert");
    buffer_free(&out);
    target_close(&target);
}

/* With the session of a first connection, a second one. */
static void sessions_are_resumed(void **state)
{
    static const struct {
        const char *scenario, *option;
    } cases[] = {
        {"good", "-tls1_2"},      {"good", "-tls1_3"},       {"resume", "-tls1_3"},
        {"resume-id", "-tls1_2"}, {"early-data", "-tls1_3"},
    };
    (void)state;

    need("openssl");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        struct target target;
        char more[SCRATCH_PATH_MAX + 40];
        target_open(&target, cases[i].scenario);
        (void)snprintf(more, sizeof more, "%s -sess_out %s.session", cases[i].option,
                       target.ca_file);
        assert_int_equal(run_openssl(&target, more, &out), 0);
        assert_contains(&out, "resumed             no", "openssl", cases[i].scenario);
        /* A session id is no ticket. */
        assert_int_equal(count_message(&out, "<<<", "NewSessionTicket") == 0,
                         strcmp(cases[i].scenario, "resume-id") == 0);
        buffer_free(&out);
        (void)snprintf(more, sizeof more, "%s -sess_in %s.session", cases[i].option,
                       target.ca_file);
        assert_int_equal(run_openssl(&target, more, &out), 0);
        assert_contains(&out, "resumed             yes", "openssl", cases[i].scenario);
        buffer_free(&out);
        target_close(&target);
    }
}

static void early_data_is_taken_and_answered(void **state)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    struct buffer out = {0};
    struct target target;
    char more[3 * SCRATCH_PATH_MAX], early[SCRATCH_PATH_MAX];
    (void)state;

    need("openssl");
    target_open(&target, "early-data");
    (void)scratch_write(early, "early", request, sizeof request - 1);
    (void)snprintf(more, sizeof more, "-sess_out %s.session", target.ca_file);
    assert_int_equal(run_openssl(&target, more, &out), 0);
    buffer_free(&out);
    (void)snprintf(more, sizeof more, "-sess_in %s.session -early_data %s", target.ca_file, early);
    assert_int_equal(run_openssl(&target, more, &out), 0);
    assert_contains(&out, "Early data was accepted", "openssl", "early-data");
    assert_contains(&out, "early data          taken", "openssl", "early-data");
    buffer_free(&out);
    target_close(&target);
}

/* What a scenario is for, in the messages that openssl sends (>>>) and gets (<<<). */
static void messages_are_what_the_scenario_is_for(void **state)
{
    static const struct {
        const char *scenario, *option, *from, *message;
        size_t count;
    } cases[] = {
        {"key-update", "-tls1_3", "<<<", "KeyUpdate", 1},
        {"good", "-tls1_3", "<<<", "KeyUpdate", 0},
        {"renegotiate", "", "<<<", "HelloRequest", 1},
        {"renegotiate", "", ">>>", "ClientHello", 2},
        {"post-handshake-auth", "-enable_pha", "<<<", "CertificateRequest", 1},
        {"post-handshake-auth", "", "<<<", "CertificateRequest", 0},
        {"client-cert", "", "<<<", "CertificateRequest", 1},
        {"rsa-kx", "", "<<<", "ServerKeyExchange", 0},
        {"dhe", "", "<<<", "ServerKeyExchange", 1},
        {"http", "", "<<<", "ServerHello", 0},
    };
    (void)state;

    need("openssl");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        struct target target;
        size_t count;
        target_open(&target, cases[i].scenario);
        (void)run_openssl(&target, cases[i].option, &out); /* the messages tell */
        count = count_message(&out, cases[i].from, cases[i].message);
        if (count != cases[i].count) {
            fail_msg("lab:%s: %zu %s, not %zu:\n%s", cases[i].scenario, count, cases[i].message,
                     cases[i].count, buffer_string(&out));
        }
        buffer_free(&out);
        target_close(&target);
    }
}

static void ciphers_are_what_the_scenario_is_for(void **state)
{
    static const struct {
        const char *scenario, *option, *says;
    } cases[] = {
        {"rsa-kx", "", "Cipher is AES256-GCM-SHA384"},
        {"dhe", "", "Server Temp Key: DH, 2048 bits"},
        {"chacha", "-tls1_3", "Cipher is TLS_CHACHA20_POLY1305_SHA256"},
        {"ccm", "-ciphersuites TLS_AES_128_CCM_SHA256", "Cipher is TLS_AES_128_CCM_SHA256"},
        {"tls10", "-tls1 -cipher DEFAULT@SECLEVEL=0", "New, TLSv1.0"},
        {"tls11", "-tls1_1 -cipher DEFAULT@SECLEVEL=0", "Protocol  : TLSv1.1"},
    };
    (void)state;

    need("openssl");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        struct target target;
        target_open(&target, cases[i].scenario);
        (void)run_openssl(&target, cases[i].option, &out); /* what it says counts */
        assert_contains(&out, cases[i].says, "openssl", cases[i].scenario);
        buffer_free(&out);
        target_close(&target);
    }
}

/* The server's records up to its Finished: a whole flight against many pieces. */
static void tiny_records_are_many(void **state)
{
    size_t records[2];
    (void)state;

    need("openssl");
    for (size_t i = 0; i < 2; i++) {
        struct buffer out = {0};
        struct target target;
        target_open(&target, i == 0 ? "good" : "tiny-records");
        assert_int_equal(run_openssl(&target, "-tls1_2", &out), 0);
        records[i] = command_count(&out, "<<< ") > 0 ? command_count(&out, "RecordHeader") : 0;
        buffer_free(&out);
        target_close(&target);
    }
    assert_true(records[0] > 0);
    assert_true(records[1] > 10 * records[0]);
}

static void a_row_can_be_found_by_its_name_and_says_all_there_is_to_say(void **state)
{
    size_t count;
    const struct lab_scenario *all = lab_scenarios(&count);
    struct err err = {0};
    (void)state;

    assert_true(count >= 8);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(lab_scenario_find(all[i].name), &all[i]);
        assert_true(strlen(all[i].title) > 0 && strlen(all[i].look_for) > 0);
        assert_non_null(all[i].recipe);
        assert_int_equal(strncmp(all[i].hostname, all[i].name, strlen(all[i].name)), 0);
    }
    assert_null(lab_scenario_find("no-such"));
    assert_null(lab_start("no-\x1bsuch", 0, &err));
    assert_int_equal(err.class, ERR_USAGE);
    assert_string_equal(err.code, "no_such_scenario");
    assert_non_null(strstr(err.text, "there are good, "));
    assert_null(strchr(err.text, 0x1b));
}

/* ---- docs/lab.md ----------------------------------------------------------------------------- */

/* " `expired` |", " accepts |"; " |" where it is the same as for everybody. */
static void append_cell(struct buffer *out, const char *word)
{
    if (word == NULL) {
        buffer_text(out, " |");
    } else if (*word == '\0') {
        buffer_text(out, " accepts |");
    } else {
        buffer_printf(out, " `%s` |", word);
    }
}

/* A line of the table ends as the row would have it. */
static void check_line(const struct lab_scenario *scenario, const char *line)
{
    struct buffer expected = {0};

    buffer_text(&expected, " |");
    append_cell(&expected, scenario->expected);
    append_cell(&expected, scenario->openssl);
    append_cell(&expected, scenario->gnutls_cli);
    append_cell(&expected, scenario->curl);
    assert_non_null(buffer_string(&expected));
    if (strlen(line) < expected.length ||
        strcmp(line + strlen(line) - expected.length, buffer_string(&expected)) != 0) {
        fail_msg("docs/lab.md has\n%s\ninstead of …%s", line, buffer_string(&expected));
    }
    buffer_free(&expected);
}

static void the_manual_says_what_clients_get(void **state)
{
    size_t checked = 0;
    struct buffer text = {0};
    char *rest = NULL;
    (void)state;

    assert_int_equal(file_read("docs/lab.md", "manual", 1 << 20, &text, NULL), 0);
    assert_non_null(buffer_string(&text));
    for (char *line = strtok_r((char *)text.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char name[40];
        if (sscanf(line, "| `%39[a-z0-9-]` |", name) != 1 || lab_scenario_find(name) == NULL) {
            continue;
        }
        check_line(lab_scenario_find(name), line);
        checked++;
    }
    assert_true(checked >= 20);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_hello_retry_retries),
        cmocka_unit_test(versions_are_what_the_row_says),
        cmocka_unit_test(cut_ends_after_serverhello_and_before_the_end_of_certificate),
        cmocka_unit_test(sni_chooses_the_certificate),
        cmocka_unit_test(a_big_certificate_takes_several_records),
        cmocka_unit_test(sessions_are_resumed),
        cmocka_unit_test(early_data_is_taken_and_answered),
        cmocka_unit_test(messages_are_what_the_scenario_is_for),
        cmocka_unit_test(ciphers_are_what_the_scenario_is_for),
        cmocka_unit_test(tiny_records_are_many),
        cmocka_unit_test(the_manual_says_what_clients_get),
        cmocka_unit_test(a_row_can_be_found_by_its_name_and_says_all_there_is_to_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
