/*
 * Networks and servers that fail, and servers that mean ill. Each failure has a message that names
 * what was tried, on what, and why it failed; the exit status of its kind; and a report that is whole.
 * Nothing hangs, and nothing grows without bound.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "hostile.h"
#include "peer.h"
#include "program.h"

#define SECONDS 10 /* until something counts as hanging, also under sanitizers */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* ---- what every failure has in common -------------------------------------------------------- */

/* What a run is to come to. */
struct outcome {
    int status;
    const char *phase; /* that failed */
    const char *code;
    const char *words[3]; /* that the message has, each NULL or a part of it */
};

/* Each phase has ended one way or another, and no more than the handshake with its verdict failed. */
static void report_is_whole(json_t *report)
{
    static const char *const parts[] = {"target",   "negotiated",   "fingerprints", "certificates",
                                        "messages", "verification", "alerts",       "checks",
                                        "notes",    "bytes",        "phases",       NULL};
    size_t i;
    json_t *phase;

    assert_string_equal(json_text_at(report, "schema"), "tlstep.report/1");
    for (const char *const *part = parts; *part != NULL; part++)
        assert_non_null(json_object_get(report, *part));
    json_array_foreach(json_object_get(report, "phases"), i, phase)
    {
        const char *status = json_text_at(phase, "status");
        assert_string_not_equal(status, "begun");
        if (strcmp(status, "failed") == 0)
            assert_true(strlen(json_text_at(phase, "error")) > 10);
    }
}

/* One line, that begins with the program's name. */
static void message_has(struct program *program, const char *const *words)
{
    const char *text = buffer_string(&program->errors);

    assert_memory_equal(text, "tlstep: ", 8);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    for (int i = 0; i < 3 && words[i] != NULL; i++)
        if (strstr(text, words[i]) == NULL)
            fail_msg("no '%s' in: %s", words[i], text);
}

static void expect(struct program *program, const struct outcome *outcome)
{
    if (program->status != outcome->status)
        fail_msg("status %d, not %d: %s", program->status, outcome->status,
                 buffer_string(&program->errors));
    program_is_harmless(program);
    message_has(program, outcome->words);
    json_t *report = program_json(program);
    report_is_whole(report);
    json_t *phase = json_phase(report, outcome->phase);
    assert_string_equal(json_text_at(phase, "status"), "failed");
    assert_string_equal(json_text_at(phase, "code"), outcome->code);
    json_decref(report);
}

static const char *local_target(uint16_t port)
{
    static char target[40];
    (void)snprintf(target, sizeof target, "127.0.0.1:%u", port);
    return target;
}

/* ---- no connection --------------------------------------------------------------------------- */

/* A port of 127.0.0.1; what happens there is up to the caller. Returns the socket. */
static int bound_socket(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void unknown_host(void **state)
{
    static const struct outcome outcome = {
        3, "resolve", "resolve_failed", {"cannot look up host", "no-such-host.invalid", NULL}};
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", "no-such-host.invalid");
    expect(&program, &outcome);
    program_free(&program);
}

static void closed_port(void **state)
{
    struct program program;
    uint16_t port;
    int fd = bound_socket(&port); /* taken, but nobody listens */
    const char *target = local_target(port);
    const struct outcome outcome = {
        3, "connect", "connect_failed", {"cannot connect to", target, "refused"}};
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", target);
    expect(&program, &outcome);
    program_free(&program);
    (void)close(fd);
}

/* It is the proxy that is not there: the server has not been asked for. */
static void closed_port_of_a_proxy(void **state)
{
    struct program program;
    uint16_t port;
    int fd = bound_socket(&port); /* taken, but nobody listens */
    char proxy[60];
    const struct outcome outcome = {
        3, "connect", "connect_failed", {"--proxy: cannot connect to", proxy + 7, "refused"}};
    (void)state;

    (void)snprintf(proxy, sizeof proxy, "http://%s", local_target(port));
    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--proxy", proxy, "lab:good");
    expect(&program, &outcome);
    program_free(&program);
    (void)close(fd);
}

/* A listener whose queue is full: the kernel drops further SYNs. */
static void nobody_accepts(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct program program;
    uint16_t port;
    int listener = bound_socket(&port);
    const char *target = local_target(port);
    const struct outcome outcome = {
        3, "connect", "timeout", {"cannot connect within 0.4 s", target, "no answer"}};
    int clients[4];
    (void)state;

    assert_int_equal(listen(listener, 0), 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    for (int i = 0; i < 4; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_true(clients[i] >= 0);
        (void)connect(clients[i], (struct sockaddr *)&address, sizeof address); /* or not */
    }
    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--timeout", "0.4", target);
    expect(&program, &outcome);
    assert_true(program.seconds >= 0.4);
    program_free(&program);
    for (int i = 0; i < 4; i++)
        (void)close(clients[i]);
    (void)close(listener);
}

/* ---- servers by script ----------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *script;
    struct outcome outcome;
} scripts[] = {
    {"ssh", {1, "handshake", "not_tls", {"this is not TLS: the server said 'SSH-2.0-OpenSSH_9.2p1", "SSH"}}},
    {"http", {1, "handshake", "not_tls", {"the server said 'HTTP/1.1 400 Bad Request'", "HTTP"}}},
    {"smtp", {1, "handshake", "not_tls", {"the server said '220 mail.example.org ESMTP Postfix'", "SMTP"}}},
    {"garbage", {1, "handshake", "not_tls", {"the server said '\\x80\\xc3(\\x00\\xff\\x1b[2J\\x07\\u{202e}"}}},
    {"long record", {1, "handshake", "tls_error", {"ClientHello", "more bytes than TLS allows"}}},
    {"unknown message", {1, "handshake", "tls_error", {"ClientHello", "no place here"}}},
    {"silence", {1, "handshake", "timeout", {"did not answer ClientHello within 0.4 s", "--timeout"}}},
    {"close", {1, "handshake", "peer_closed", {"closed the connection after ClientHello"}}},
    {"close after ClientHello", {1, "handshake", "peer_closed", {"closed the connection after ClientHello"}}},
    {"reset after ClientHello", {1, "handshake", "peer_reset", {"broke after ClientHello", "reset"}}},
    {"close in a record", {1, "handshake", "peer_closed", {"closed the connection after ClientHello"}}},
    {"alert before ClientHello", {1, "handshake", "alert_received", {"the server refused", "internal_error, 80"}}},
    {"alert after ClientHello", {1, "handshake", "alert_received", {"handshake_failure, 40", "--priority"}}},
    {"alert after ServerHello", {1, "handshake", "alert_received", {"internal_error, 80"}}},
    {"unknown alert", {1, "handshake", "peer_closed", {"closed the connection after Alert"}}},
    {"silence after ServerHello", {1, "handshake", "timeout", {"stopped sending: after ServerHello", "0.4 s", "--timeout"}}},
    {"close after ServerHello", {1, "handshake", "peer_closed", {"closed the connection after ServerHello"}}},
    {"certificate claimed", {1, "handshake", "timeout", {"stopped sending", "--timeout"}}},
    {"certificate sent", {1, "verify", "refused_certificate", {"the certificate is refused", "cannot be read"}}},
};
/* clang-format on */

/* Sixteen megabytes are kept a few times over, in the library too, but not more than that. */
#define PEAK_KIB (200L * 1024)

static void servers_by_script(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct hostile *server = hostile_start(hostile_find(scripts[i].script));
        struct program program;

        assert_non_null(server);
        print_message("%s\n", scripts[i].script);
        PROGRAM(&program, SECONDS, NULL, "report", "--json", "--timeout", "0.4",
                local_target(hostile_port(server)));
        expect(&program, &scripts[i].outcome);
        assert_true(SANITIZED || program.peak_kib < PEAK_KIB);
        program_free(&program);
        hostile_stop(server, NULL);
    }
}

/* For people, the same holds: what the server said is shown and not obeyed. */
static void text_of_hostile_servers(void **state)
{
    static const char *const names[] = {"garbage", "long record", "unknown message",
                                        "unknown alert", "close in a record"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct hostile *server = hostile_start(hostile_find(names[i]));
        struct program program;

        assert_non_null(server);
        PROGRAM(&program, SECONDS, NULL, "report", local_target(hostile_port(server)));
        assert_int_equal(program.status, 1);
        program_is_harmless(&program);
        assert_non_null(strstr(buffer_string(&program.output), "ClientHello"));
        program_free(&program);
        hostile_stop(server, NULL);
    }
}

/* A reset before ClientHello may come before connect() has returned, or after. */
static void reset_at_once(void **state)
{
    struct hostile *server = hostile_start(hostile_find("reset"));
    (void)state;

    assert_non_null(server);
    for (int i = 0; i < 10; i++) {
        struct program program;
        const struct outcome outcomes[] = {{1, "handshake", "peer_reset", {"reset"}},
                                           {3, "connect", "connect_failed", {"reset"}}};
        PROGRAM(&program, SECONDS, NULL, "report", "--json", local_target(hostile_port(server)));
        expect(&program, &outcomes[program.status == 3]);
        program_free(&program);
    }
    hostile_stop(server, NULL);
}

/* ---- a real server behind a wire that is cut ------------------------------------------------- */

static void start_or_skip(struct peer *peer, const struct peer_options *options)
{
    enum peer_status status = peer_start(peer, options);

    if (status == PEER_RUNS)
        return;
    peer_stop(peer);
    if (status == PEER_FAILED)
        fail_msg("%s", peer->why);
    print_message("skipped: %s\n", peer->why);
    skip();
}

/* A report through `steps`. */
static void report_through(struct program *program, const struct peer *peer,
                           const struct hostile_step *steps)
{
    struct hostile *server = hostile_start(steps);

    assert_non_null(server);
    PROGRAM(program, SECONDS, NULL, "report", "--json", "--linger", "20", "--ca-file",
            peer->ca_file, local_target(hostile_port(server)));
    hostile_stop(server, NULL);
}

/* A reset may overtake the client's own Finished. */
static bool handshake_failed(struct program *program)
{
    json_t *report = program_json(program);
    bool failed = strcmp(json_text_at(json_phase(report, "handshake"), "status"), "failed") == 0;
    json_decref(report);
    return failed;
}

/* Up to the record that ends the handshake it has failed; after it the end is no failure unless
 * it is a reset, but it is told. */
static void expect_cut(struct program *program, bool before_end, bool reset)
{
    static const struct outcome closed = {
        1, "handshake", "peer_closed", {"closed the connection after"}};
    static const struct outcome broken[] = {{1, "data", "peer_reset", {"broke after"}},
                                            {1, "handshake", "peer_reset", {"broke after"}}};

    if (reset) {
        expect(program, &broken[before_end || handshake_failed(program)]);
        return;
    }
    if (before_end) {
        expect(program, &closed);
        return;
    }
    assert_int_equal(program->status, 0);
    assert_int_equal(program->errors.length, 0);
    assert_non_null(strstr(buffer_string(&program->output), "\"truncated\""));
    json_t *report = program_json(program);
    report_is_whole(report);
    json_decref(report);
}

/* `whole`: how many records the server sends up to its last handshake message. */
static void cut_after_each_record(uint16_t version, size_t whole)
{
    static const struct hostile_step ends[] = {HOSTILE_CLOSES, HOSTILE_RESETS};
    const struct peer_options options = {
        .program = PEER_OPENSSL, .kind = IDENTITY_ECDSA, .oldest = version, .newest = version};
    struct peer peer;

    start_or_skip(&peer, &options);
    for (size_t records = 1; records <= whole; records++) {
        for (int reset = 0; reset < 2; reset++) {
            const struct hostile_step steps[] = {HOSTILE_RELAY_RECORDS(peer.port, records),
                                                 ends[reset]};
            struct program program;
            report_through(&program, &peer, steps);
            expect_cut(&program, records < whole, reset == 1);
            program_free(&program);
        }
    }
    peer_stop(&peer);
}

static void cut_after_each_record_of_tls12(void **state)
{
    (void)state; /* ServerHello, Certificate, ServerKeyExchange, Done, Ticket, CCS, Finished */
    cut_after_each_record(0x0303, 7);
}

static void cut_after_each_record_of_tls13(void **state)
{
    (void)
        state; /* ServerHello, CCS, EncryptedExtensions, Certificate, CertificateVerify, Finished */
    cut_after_each_record(0x0304, 6);
}

/* In the middle of records, messages and headers too. */
static void cut_anywhere(void **state)
{
    const struct peer_options options = {.program = PEER_OPENSSL, .kind = IDENTITY_ECDSA};
    struct peer peer;
    (void)state;

    start_or_skip(&peer, &options);
    for (size_t bytes = 1; bytes < 900; bytes += bytes < 12 ? 1 : 83) {
        const struct hostile_step steps[] = {HOSTILE_RELAY_BYTES(peer.port, bytes), HOSTILE_CLOSES};
        struct program program;
        report_through(&program, &peer, steps);
        expect_cut(&program, true, false);
        program_free(&program);
    }
    peer_stop(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_host),
        cmocka_unit_test(closed_port),
        cmocka_unit_test(closed_port_of_a_proxy),
        cmocka_unit_test(nobody_accepts),
        cmocka_unit_test(servers_by_script),
        cmocka_unit_test(text_of_hostile_servers),
        cmocka_unit_test(reset_at_once),
        cmocka_unit_test(cut_after_each_record_of_tls12),
        cmocka_unit_test(cut_after_each_record_of_tls13),
        cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
