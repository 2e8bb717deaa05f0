/*
 * tlstep against real servers. What it says is compared with what openssl s_client, making the same
 * offer, sees at the same server: messages in their order, version, cipher suite, group, signature,
 * certificate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "peer.h"
#include "program.h"
#include "s_client.h"

/* The lists of GnuTLS's ClientHello, in its order, so that a server chooses the same. */
#define SAME_OFFER                                                                                \
    "-groups P-256:P-384:P-521:X25519:X448 "                                                      \
    "-sigalgs RSA+SHA256:rsa_pss_pss_sha256:rsa_pss_rsae_sha256:ECDSA+SHA256:ed25519:RSA+SHA384:" \
    "RSA+SHA1:ECDSA+SHA1 "

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

static void skip_without(const char *file)
{
    if (command_exists(file))
        return;
    print_message("skipped: no %s here\n", file);
    skip();
}

static const char *target_of(const struct peer *peer)
{
    static char target[40];
    (void)snprintf(target, sizeof target, "localhost:%u", peer->port);
    return target;
}

/* ---- what two clients say, side by side ------------------------------------------------------ */

/* The rows of handshake messages as s_client tells them: up to the second Finished, without
 * ChangeCipherSpec, a HelloRetryRequest by its name on the wire. */
static void handshake_text(json_t *report, char *out, size_t size)
{
    size_t i, used = 0;
    unsigned finished = 0;
    json_t *row;

    out[0] = '\0';
    json_array_foreach(json_object_get(report, "messages"), i, row)
    {
        const char *type = json_text_at(row, "type");
        if (finished == 2 || strcmp(json_text_at(row, "layer"), "tls") != 0 ||
            strcmp(type, "ChangeCipherSpec") == 0)
            continue;
        finished += strcmp(type, "Finished") == 0;
        if (strcmp(type, "HelloRetryRequest") == 0)
            type = "ServerHello";
        used +=
            (size_t)snprintf(out + used, size - used, "%s %s\n", json_text_at(row, "from"), type);
        assert_true(used < size);
    }
}

static json_int_t length_of(json_t *report, const char *type)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(report, "messages"), i, row)
    {
        if (strcmp(json_text_at(row, "type"), type) == 0)
            return json_integer_value(json_at(row, "length"));
    }
    return -1;
}

static unsigned sent_certificates(json_t *report)
{
    unsigned count = 0;
    size_t i;
    json_t *certificate;

    json_array_foreach(json_object_get(report, "certificates"), i, certificate) count +=
        json_is_true(json_object_get(certificate, "sent"));
    return count;
}

/* OpenSSL's words and ours. */
static const char *const version_names[][2] = {
    {"TLSv1", "TLS 1.0"}, {"TLSv1.1", "TLS 1.1"}, {"TLSv1.2", "TLS 1.2"}, {"TLSv1.3", "TLS 1.3"}};
static const char *const group_names[][2] = {
    {"X25519", "x25519"}, {"prime256v1", "secp256r1"}, {"DH", ""}}; /* one of the server's own */
static const char *const scheme_names[][2] = {{"RSA-PSS SHA256", "rsa_pss_rsae_sha256"},
                                              {"RSA SHA256", "rsa_pkcs1_sha256"},
                                              {"ECDSA SHA256", "ecdsa_secp256r1_sha256"}};

#define TRANSLATE(table, word) translate(table, sizeof(table) / sizeof *(table), word)
static const char *translate(const char *const (*table)[2], size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i][0], word) == 0)
            return table[i][1];
    return word;
}

/* A name of the report that is null where s_client has none. */
static void same_name(json_t *report, const char *path, const char *expected)
{
    const char *text = json_string_value(json_at(report, path));
    if (strcmp(text != NULL ? text : "", expected) != 0)
        fail_msg("%s: '%s', and openssl says '%s'", path, text != NULL ? text : "", expected);
}

static void same_facts(json_t *report, const struct s_client *truth)
{
    char scheme[64] = "";

    same_name(report, "negotiated.version", TRANSLATE(version_names, truth->version));
    same_name(report, "negotiated.cipher_suite.name", truth->suite);
    same_name(report, "negotiated.group.name", TRANSLATE(group_names, truth->group));
    /* TLS 1.0 and 1.1 name no scheme (RFC 4346 7.4.3): the key decides it. */
    if (strcmp(truth->digest, "MD5-SHA1") != 0 && truth->signature[0] != '\0')
        (void)snprintf(scheme, sizeof scheme, "%s %s", truth->signature, truth->digest);
    if (strcmp(truth->version, "TLSv1.2") >= 0)
        same_name(report, "negotiated.signature_scheme.name", TRANSLATE(scheme_names, scheme));
    same_name(report, "negotiated.alpn", truth->alpn);
    same_name(report, "certificates.0.sha256", truth->sha256);
    assert_int_equal(sent_certificates(report), truth->certificates);
}

static void same_messages(json_t *report, const struct s_client *truth)
{
    char messages[sizeof truth->messages];

    handshake_text(report, messages, sizeof messages);
    assert_string_equal(messages, truth->messages);
    assert_int_equal(length_of(report, "Certificate"), truth->certificate_length);
}

/* All of a session that went well is read: nothing opaque, nothing wrong. */
static void all_is_read(json_t *report)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(report, "messages"), i, row)
    {
        assert_null(json_object_get(row, "problem"));
        assert_string_not_equal(json_text_at(row, "type"), "Encrypted");
        assert_true(json_is_true(json_object_get(row, "decrypted")) ==
                    json_is_true(json_object_get(row, "encrypted")));
    }
    assert_true(json_is_true(json_at(report, "verification.ok")));
    assert_true(json_is_true(json_at(report, "verification.hostname_ok")));
    assert_int_equal(json_array_size(json_at(report, "verification.path")), 2); /* the root too */
}

/* A report on the server with further options, checked against s_client's. The caller's. */
static json_t *compare(const struct peer *peer, const char *const *options, const char *s_client)
{
    const char *arguments[24] = {"report", "--json", "--linger", "20", "--ca-file", peer->ca_file};
    size_t count = 6;
    struct s_client truth;
    struct program program;

    while (*options != NULL)
        arguments[count++] = *options++;
    arguments[count] = target_of(peer);
    program_run(&program, 20, NULL, arguments);
    assert_int_equal(program.status, 0);
    assert_int_equal(program.errors.length, 0);
    json_t *report = program_json(&program);
    program_free(&program);

    assert_int_equal(s_client_ask(&truth, peer->port, s_client), 0);
    same_facts(report, &truth);
    same_messages(report, &truth);
    all_is_read(report);
    return report;
}
#define COMPARE(peer, s_client, ...) \
    compare(peer, (const char *const[]){__VA_ARGS__, NULL}, SAME_OFFER s_client)

/* ---- what the server said -------------------------------------------------------------------- */

/* Rows in which application data can be after a handshake. */
#define FIRST_ROW 10
#define LAST_ROW  24

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

/* Plays a script that ends with a stop at application data of the server; then the bytes of the rows
 * are asked for, as it is not known before which of them it will be. */
static void play(struct program *program, const struct peer *peer, const char *version,
                 const char *script)
{
    struct buffer input = {0};

    buffer_text(&input, script);
    for (int n = FIRST_ROW; n <= LAST_ROW; n++)
        buffer_printf(&input, "bytes %d\n", n);
    buffer_text(&input, "continue\nstate\nmessages\n");
    assert_non_null(buffer_string(&input));
    PROGRAM(program, 20, buffer_string(&input), "drive", "--linger", "20", "--ca-file",
            peer->ca_file, "--tls-min", version, "--tls-max", version, target_of(peer));
    buffer_free(&input);
    assert_int_equal(program->status, 0);
}

/* What the server said where the script stopped: the last buffer of the row is the plaintext. */
static void heard(struct program *program, const char *script, char *out, size_t size)
{
    size_t lines = count_lines(script);
    json_t *stop = program_line(program, lines - 1);

    assert_string_equal(json_text_at(stop, "stop.at"), "ApplicationData");
    assert_string_equal(json_text_at(stop, "stop.from"), "server");
    json_int_t n = json_integer_value(json_at(stop, "stop.n"));
    assert_in_range(n, FIRST_ROW, LAST_ROW);
    json_t *bytes = program_line(program, lines + (size_t)(n - FIRST_ROW));
    json_t *buffers = json_object_get(bytes, "bytes");
    json_t *last = json_array_get(buffers, json_array_size(buffers) - 1);
    const char *hex = json_text_at(last, "hex");
    size_t digits = strlen(hex) < 2 * (size - 1) ? strlen(hex) : 2 * (size - 1);
    long length = text_unhex((uint8_t *)out, size - 1, hex, digits);
    assert_true(length > 0);
    out[length] = '\0';
    json_decref(bytes);
    json_decref(stop);
}

/* The answer to `state` or `messages` after all. The caller's. */
static json_t *asked_after(struct program *program, const char *script, const char *what)
{
    size_t line = count_lines(script) + (LAST_ROW - FIRST_ROW + 1) + 1;
    return program_line(program, line + (strcmp(what, "messages") == 0));
}

/* openssl's page tells what the server thinks was agreed on in this very connection. */
static void answers_a_request(const struct peer *peer, enum peer_program program_of_peer,
                              const char *version)
{
    static const char script[] = "until data\nhttp\nuntil server:ApplicationData\n";
    struct program program;
    char answer[8192];
    char expected[80];

    play(&program, peer, version, script);
    heard(&program, script, answer, sizeof answer);
    assert_memory_equal(answer, "HTTP/1.", 7);
    if (program_of_peer == PEER_OPENSSL) {
        (void)snprintf(expected, sizeof expected, "Protocol  : TLSv%s\n", version);
        assert_non_null(strstr(answer, expected));
    }
    json_t *state = asked_after(&program, script, "state");
    assert_true(json_integer_value(json_at(state, "state.application_data.client")) > 20);
    assert_true(json_integer_value(json_at(state, "state.application_data.server")) > 20);
    json_decref(state);
    program_free(&program);
}

/* ---- the servers ----------------------------------------------------------------------------- */

static void serves(enum peer_program program, enum identity_kind kind)
{
    const struct peer_options options = {.program = program, .kind = kind};
    struct peer peer;

    skip_without("openssl");
    start_or_skip(&peer, &options);
    json_t *report = COMPARE(&peer, "-tls1_3", "--tls-min", "1.3");
    json_decref(report);
    answers_a_request(&peer, program, "1.3");
    report = COMPARE(&peer, "-tls1_2", "--tls-max", "1.2");
    json_decref(report);
    answers_a_request(&peer, program, "1.2");
    peer_stop(&peer);
}

static void openssl_rsa(void **state)
{
    (void)state;
    serves(PEER_OPENSSL, IDENTITY_RSA);
}

static void openssl_ecdsa(void **state)
{
    (void)state;
    serves(PEER_OPENSSL, IDENTITY_ECDSA);
}

static void gnutls_rsa(void **state)
{
    (void)state;
    serves(PEER_GNUTLS, IDENTITY_RSA);
}

static void gnutls_ecdsa(void **state)
{
    (void)state;
    serves(PEER_GNUTLS, IDENTITY_ECDSA);
}

static void nginx_rsa(void **state)
{
    (void)state;
    serves(PEER_NGINX, IDENTITY_RSA);
}

static void nginx_ecdsa(void **state)
{
    (void)state;
    serves(PEER_NGINX, IDENTITY_ECDSA);
}

static void node_rsa(void **state)
{
    (void)state;
    serves(PEER_NODE, IDENTITY_RSA);
}

static void node_ecdsa(void **state)
{
    (void)state;
    serves(PEER_NODE, IDENTITY_ECDSA);
}

/* ---- less usual handshakes ------------------------------------------------------------------- */

static void old_versions(void **state)
{
    const struct peer_options options = {
        .program = PEER_GNUTLS, .kind = IDENTITY_RSA, .oldest = 0x0301, .newest = 0x0302};
    struct peer peer;
    (void)state;

    skip_without("openssl");
    start_or_skip(&peer, &options);
    json_t *report = COMPARE(&peer, "-tls1_1 -cipher DEFAULT@SECLEVEL=0", "--tls-min", "1.0");
    assert_string_equal(json_text_at(report, "negotiated.version_id"), "0x0302");
    json_decref(report);
    report = COMPARE(&peer, "-tls1 -cipher DEFAULT@SECLEVEL=0", "--tls-max", "1.0");
    assert_string_equal(json_text_at(report, "negotiated.version_id"), "0x0301");
    json_decref(report);
    peer_stop(&peer);
}

/* A server that wants a group for which no key was sent asks again. */
static void hello_retry(void **state)
{
    static const char *const more[] = {"-groups", "P-384", NULL};
    const struct peer_options options = {
        .program = PEER_OPENSSL, .kind = IDENTITY_ECDSA, .more = more};
    struct peer peer;
    (void)state;

    start_or_skip(&peer, &options);
    json_t *report = COMPARE(&peer, "-tls1_3", "--tls-min", "1.3");
    assert_true(json_is_true(json_at(report, "negotiated.hello_retry")));
    assert_string_equal(json_text_at(report, "negotiated.group.name"), "secp384r1");
    assert_true(length_of(report, "HelloRetryRequest") > 0);
    json_decref(report);
    peer_stop(&peer);
}

/* Without forward secrecy there is no ServerKeyExchange (RFC 5246 7.4.3). */
static void rsa_key_exchange(void **state)
{
    const struct peer_options options = {.program = PEER_OPENSSL, .kind = IDENTITY_RSA};
    struct peer peer;
    (void)state;

    start_or_skip(&peer, &options);
    json_t *report = COMPARE(&peer, "-tls1_2 -cipher AES256-GCM-SHA384", "--priority",
                             "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA");
    assert_string_equal(json_text_at(report, "negotiated.key_exchange"), "RSA");
    assert_int_equal(length_of(report, "ServerKeyExchange"), -1);
    json_decref(report);
    report = COMPARE(&peer, "-tls1_2 -cipher DHE-RSA-AES256-GCM-SHA384", "--priority",
                     "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-FFDHE2048:"
                     "-GROUP-FFDHE3072:-GROUP-FFDHE4096:-GROUP-FFDHE6144:-GROUP-FFDHE8192");
    assert_string_equal(json_text_at(report, "negotiated.key_exchange"), "DHE");
    json_decref(report);
    peer_stop(&peer);
}

/* A server that asks for a client certificate and goes on without one. */
static void client_certificate_is_asked_for(void **state)
{
    static const char *const more[] = {"-verify", "1", NULL};
    const struct peer_options options = {
        .program = PEER_OPENSSL, .kind = IDENTITY_RSA, .more = more};
    struct peer peer;
    (void)state;

    start_or_skip(&peer, &options);
    for (int i = 0; i < 2; i++) {
        json_t *report = i == 0 ? COMPARE(&peer, "-tls1_3", "--tls-min", "1.3")
                                : COMPARE(&peer, "-tls1_2", "--tls-max", "1.2");
        assert_true(length_of(report, "CertificateRequest") > 0);
        json_decref(report);
    }
    peer_stop(&peer);
}

static void http2_is_chosen(void **state)
{
    static const char *const more[] = {"-alpn", "h2", NULL};
    const struct peer_options options = {
        .program = PEER_OPENSSL, .kind = IDENTITY_ECDSA, .more = more};
    struct program program;
    struct peer peer;
    (void)state;

    start_or_skip(&peer, &options);
    json_t *report = COMPARE(&peer, "-tls1_3 -alpn h2,http/1.1", "--alpn", "h2,http/1.1");
    assert_string_equal(json_text_at(report, "negotiated.alpn"), "h2");
    json_decref(report);

    PROGRAM(&program, 20, "until data\nhttp\nstate\n", "drive", "--alpn", "h2,http/1.1",
            "--ca-file", peer.ca_file, target_of(&peer));
    json_t *answer = program_line(&program, 1);
    assert_true(json_is_false(json_object_get(answer, "ok")));
    assert_string_equal(json_text_at(answer, "error.code"), "alpn_h2");
    assert_non_null(strstr(json_text_at(answer, "error.text"), "HTTP/2"));
    json_decref(answer);
    json_t *after = program_line(&program, 2); /* nothing was sent */
    assert_int_equal(json_integer_value(json_at(after, "state.application_data.client")), 0);
    json_decref(after);
    program_free(&program);
    peer_stop(&peer);
}

/* Over TCP v6, by address and by family. */
static void ipv6(void **state)
{
    const struct peer_options options = {.program = PEER_GNUTLS, .kind = IDENTITY_ECDSA};
    struct buffer output = {0};
    struct program program;
    struct peer peer;
    char target[40];
    (void)state;

    if (command_run(&output, "grep -q '^0*1 ' /proc/net/if_inet6") != 0) {
        print_message("skipped: no IPv6 here\n");
        skip();
    }
    buffer_free(&output);
    start_or_skip(&peer, &options);
    (void)snprintf(target, sizeof target, "[::1]:%u", peer.port);
    PROGRAM(&program, 20, NULL, "report", "--json", "--linger", "20", "--ca-file", peer.ca_file,
            target);
    assert_int_equal(program.status, 0);
    json_t *report = program_json(&program);
    assert_string_equal(json_text_at(report, "target.host"), "::1");
    assert_string_equal(json_text_at(report, "target.address"), target);
    assert_true(json_is_null(json_at(report, "target.sni"))); /* RFC 6066 3: names only */
    assert_true(json_is_true(json_at(report, "verification.hostname_ok")));
    json_decref(report);
    program_free(&program);
    peer_stop(&peer);
}

/* ---- longer conversations -------------------------------------------------------------------- */

/* Keys change in the middle, and both sides still understand each other (RFC 8446 4.6.3). */
static void echoes_across_a_key_update(enum peer_program program_of_peer, const char *echo)
{
    static const char script[] = "until data\nsend one\\n\nuntil server:ApplicationData\nrekey\n"
                                 "send two\\n\nuntil server:ApplicationData\n";
    const struct peer_options options = {
        .program = program_of_peer, .kind = IDENTITY_ECDSA, .service = PEER_ECHO};
    struct program program;
    struct peer peer;
    char answer[64];
    unsigned updates[2] = {0, 0};
    size_t i;
    json_t *row;

    start_or_skip(&peer, &options);
    play(&program, &peer, "1.3", script);
    heard(&program, script, answer, sizeof answer);
    /* The inner plaintext has its content type behind it, RFC 8446 5.2. */
    assert_int_equal(strncmp(answer, echo, strlen(echo)), 0);
    assert_string_equal(answer + strlen(echo), "\x17");

    json_t *state = asked_after(&program, script, "state");
    assert_int_equal(json_integer_value(json_at(state, "state.application_data.client")), 8);
    assert_int_equal(json_integer_value(json_at(state, "state.application_data.server")), 8);
    json_decref(state);
    json_t *messages = asked_after(&program, script, "messages");
    json_array_foreach(json_object_get(messages, "messages"), i, row)
    {
        if (strcmp(json_text_at(row, "type"), "KeyUpdate") == 0)
            updates[strcmp(json_text_at(row, "from"), "server") == 0]++;
    }
    assert_int_equal(updates[0], 1);
    assert_int_equal(updates[1], 1);
    json_decref(messages);
    program_free(&program);
    peer_stop(&peer);
}

static void keys_are_renewed(void **state)
{
    (void)state;
    echoes_across_a_key_update(PEER_OPENSSL, "owt\n");
    echoes_across_a_key_update(PEER_GNUTLS, "two\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_rsa),      cmocka_unit_test(openssl_ecdsa),
        cmocka_unit_test(gnutls_rsa),       cmocka_unit_test(gnutls_ecdsa),
        cmocka_unit_test(nginx_rsa),        cmocka_unit_test(nginx_ecdsa),
        cmocka_unit_test(node_rsa),         cmocka_unit_test(node_ecdsa),
        cmocka_unit_test(old_versions),     cmocka_unit_test(hello_retry),
        cmocka_unit_test(rsa_key_exchange), cmocka_unit_test(client_certificate_is_asked_for),
        cmocka_unit_test(http2_is_chosen),  cmocka_unit_test(ipv6),
        cmocka_unit_test(keys_are_renewed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
