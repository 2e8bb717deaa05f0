/*
 * The report of every capture of ../shared/data has the figures that tshark gives (its expected/ files), as far as the JSON has
 * them. Where they differ, tests/trace/test_capture.c says why, with the RFC; here those files are named.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

#define DATA    "../shared/data"
#define SECONDS 30

/* A figure of a file in which tshark is wrong, or sees less. NULL: any. */
static const char *const differences[][2] = {
    {"own-openssl-tls12-aria.pcapng", "group"},
    {"own-openssl-tls12-ecdhe-psk-chacha20.pcapng", "group"},
    {"own-tls13-post-handshake-auth.pcapng", "application_data"},
    {"ppp-malformed.pcap", "ja4"},
    {"var-dsb-late.pcapng", NULL},
    {"var-missing-segment.pcap", NULL},
    {"var-snaplen.pcap", NULL},
    {"ws-rsasnakeoil2.pcap", "ja3"},
    {"ws-rsasnakeoil2.pcap", "ja4"},
    {"zeek-chrome-63.0.3211.0-canary-tls_experiment.pcap", "group"},
    {"zeek-globus-gssapi.pcap", NULL},
    {"zeek-gre-aruba.pcap", NULL},
    {"zeek-irc-starttls.pcap", NULL},
    {"zeek-ssl-v2.pcap", NULL},
    {"zeek-ssl.v3.pcap", "ja4"},
    {"zeek-tls-fragmented-handshake.pcap", NULL},
    {"zeek-tls1.2-late-protocol-error.pcap", NULL},
    {"zeek-tls1.2-protocol-violation.pcap", NULL},
};

static const char *current; /* the file at work */
static unsigned failures;

static bool may_differ(const char *figure)
{
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        if (strcmp(differences[i][0], current) == 0 &&
            (differences[i][1] == NULL || strcmp(differences[i][1], figure) == 0)) {
            return true;
        }
    }
    return false;
}

static void expect(int stream, const char *figure, json_t *expected, json_t *got)
{
    bool both_absent = (expected == NULL || json_is_null(expected)) &&
                       (got == NULL || json_is_null(got) || json_is_false(got));

    if (both_absent || json_equal(expected, got) || may_differ(figure)) {
        return;
    }
    char *left = json_dumps(expected, JSON_ENCODE_ANY | JSON_COMPACT);
    char *right = json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT);
    print_error("%s, conversation %d, %s: expected %s, got %s\n", current, stream, figure, left,
                right);
    free(left);
    free(right);
    failures++;
}

/* "[::1]:443" as the oracle has it. */
static json_t *without_brackets(json_t *endpoint)
{
    struct buffer text = {0};
    for (const char *c = json_string_value(endpoint); c != NULL && *c != '\0'; c++) {
        if (*c != '[' && *c != ']') {
            buffer_u8(&text, (uint8_t)*c);
        }
    }
    json_t *json = json_string(buffer_string(&text));
    buffer_free(&text);
    return json;
}

/* Names of handshake messages of a side that can be read, in order. */
static json_t *handshake_of(json_t *report, const char *side)
{
    static const char *const others[] = {"ChangeCipherSpec", "ApplicationData", "Alert",
                                         "Heartbeat", "Encrypted"};
    json_t *names = json_array();
    json_t *message;
    size_t index;

    json_array_foreach(json_object_get(report, "messages"), index, message)
    {
        bool handshake = strcmp(json_text_at(message, "layer"), "tls") == 0 &&
                         strcmp(json_text_at(message, "from"), side) == 0;
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
            handshake &= strcmp(json_text_at(message, "type"), others[i]) != 0;
        }
        if (handshake) {
            json_array_append(names, json_object_get(message, "type"));
        }
    }
    return names;
}

/* The expected names, but for those of records that cannot be read. */
static json_t *readable(json_t *names)
{
    json_t *list = json_array();
    json_t *name;
    size_t index;

    json_array_foreach(names, index, name)
    {
        if (strcmp(json_string_value(name), "Encrypted") != 0) {
            json_array_append(list, name);
        }
    }
    return list;
}

/* Each certificate once: a renegotiation sends them again. */
static json_t *once(json_t *hashes)
{
    json_t *list = json_array();
    json_t *hash;
    json_t *before;
    size_t index;
    size_t i;

    json_array_foreach(hashes, index, hash)
    {
        bool known = false;
        json_array_foreach(list, i, before)
        {
            known |= json_equal(hash, before);
        }
        if (!known) {
            json_array_append(list, hash);
        }
    }
    return list;
}

static json_t *certificates_of(json_t *report, const char *side)
{
    json_t *list = json_array();
    json_t *certificate;
    size_t index;

    json_array_foreach(json_object_get(report, "certificates"), index, certificate)
    {
        if (strcmp(json_text_at(certificate, "from"), side) == 0) {
            json_array_append(list, json_object_get(certificate, "sha256"));
        }
    }
    json_t *result = once(list);
    json_decref(list);
    return result;
}

/* Compares and forgets what was made for it. */
static void expect_made(int stream, const char *figure, json_t *expected, json_t *got)
{
    expect(stream, figure, expected, got);
    json_decref(expected);
    json_decref(got);
}

static void compare_sides(int stream, json_t *expected, json_t *report)
{
    static const char *const sides[] = {"client", "server"};
    char path[60];

    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "handshake.%s", sides[i]);
        expect_made(stream, "handshake", readable(json_at(expected, path)),
                    handshake_of(report, sides[i]));
        (void)snprintf(path, sizeof path, "certificates.%s", sides[i]);
        expect_made(stream, "certificates", once(json_at(expected, path)),
                    certificates_of(report, sides[i]));
        (void)snprintf(path, sizeof path, "app_data.%s.bytes", sides[i]);
        json_t *bytes = json_at(expected, path);
        (void)snprintf(path, sizeof path, "application_data.%s", sides[i]);
        if (json_integer_value(bytes) > 0) {
            expect(stream, "application_data", bytes, json_at(report, path));
        }
    }
}

static void compare(int stream, json_t *expected, json_t *report)
{
    static const char *const pairs[][3] = {
        {"version", "version", "negotiated.version_id"},
        {"cipher", "cipher", "negotiated.cipher_suite.id"},
        {"group", "group", "negotiated.group.id"},
        {"sni", "sni", "source.sni"},
        {"alpn", "alpn", "negotiated.alpn"},
        {"ja3", "ja3.0", "fingerprints.ja3"},
        {"ja4", "ja4.0", "fingerprints.ja4"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        expect(stream, pairs[i][0], json_at(expected, pairs[i][1]), json_at(report, pairs[i][2]));
    }
    expect_made(stream, "client", json_incref(json_object_get(expected, "client")),
                without_brackets(json_at(report, "source.client")));
    expect_made(stream, "server", json_incref(json_object_get(expected, "server")),
                without_brackets(json_at(report, "source.server")));
    compare_sides(stream, expected, report);
}

/* The line of a stream; NULL. The caller's. */
static json_t *report_of(struct program *program, size_t lines, json_int_t stream)
{
    for (size_t i = 0; i < lines; i++) {
        json_t *report = program_line(program, i);
        if (json_integer_value(json_at(report, "source.stream")) == stream) {
            return report;
        }
        json_decref(report);
    }
    return NULL;
}

static size_t lines_of(const struct buffer *output)
{
    size_t lines = 0;
    for (size_t i = 0; i < output->length; i++) {
        lines += output->data[i] == '\n';
    }
    return lines;
}

static void run(struct program *program, const char *capture, const char *keylog)
{
    char path[300];
    char keys[300];

    (void)snprintf(path, sizeof path, DATA "/captures/%s", capture);
    (void)snprintf(keys, sizeof keys, DATA "/keylogs/%s", keylog != NULL ? keylog : "");
    if (keylog != NULL) {
        PROGRAM(program, SECONDS, NULL, "report", "--json", "--keylog", keys, path);
    } else {
        PROGRAM(program, SECONDS, NULL, "report", "--json", path);
    }
}

static void compare_capture(json_t *expected)
{
    struct program program;
    json_t *stream;
    size_t index;
    size_t tls = 0;

    current = json_text_at(expected, "file.name");
    run(&program, current, json_string_value(json_at(expected, "file.keylog")));
    assert_int_equal(program.status, 0);
    size_t lines = lines_of(&program.output);
    json_array_foreach(json_object_get(expected, "streams"), index, stream)
    {
        json_int_t number = json_integer_value(json_object_get(stream, "stream"));
        if (strcmp(json_text_at(stream, "protocol"), "tls") != 0) {
            continue;
        }
        tls++;
        json_t *report = report_of(&program, lines, number);
        if (report != NULL) {
            compare((int)number, stream, report);
        } else if (!may_differ("stream")) {
            print_error("%s: no conversation %d\n", current, (int)number);
            failures++;
        }
        json_decref(report);
    }
    if (tls != lines && !may_differ("stream")) {
        print_error("%s: expected %zu conversations, got %zu\n", current, tls, lines);
        failures++;
    }
    program_free(&program);
}

static void every_capture_agrees_with_tshark(void **state)
{
    DIR *folder = opendir(DATA "/expected");
    unsigned captures = 0;
    (void)state;

    if (folder == NULL) {
        print_message("skipped: " DATA " is not there\n");
        skip();
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[400];
        json_error_t error;
        (void)snprintf(path, sizeof path, DATA "/expected/%s", entry->d_name);
        json_t *expected = entry->d_name[0] != '.' ? json_load_file(path, 0, &error) : NULL;
        if (expected != NULL) {
            compare_capture(expected);
            captures++;
        }
        json_decref(expected);
    }
    (void)closedir(folder);
    print_message("%u captures\n", captures);
    assert_true(captures > 0);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_capture_agrees_with_tshark)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
