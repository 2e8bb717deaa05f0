/*
 * Every capture of ../shared/data gives the figures that tshark gives: conversations, what was negotiated, the messages of each direction,
 * records, decrypted bytes, certificates and fingerprints. Where they differ, the table says why.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "figures.h"

#define DATA "../shared/data"

static const char *const compared[] = {
    "client",       "server",      "version",   "cipher",   "group",    "sni",
    "alpn",         "hello_retry", "handshake", "messages", "records",  "alerts",
    "certificates", "ja3",         "ja3s",      "ja4",      "app_data", "clear_bytes",
};

/* ---- where the two differ -------------------------------------------------------------------------------- */

#define ANY_STREAM (-1)

static const struct difference {
    const char *file;
    int stream;
    const char *figure; /* "stream": only one of the two sees TLS in it */
    const char *why;
} differences[] = {
    {"own-openssl-tls12-aria.pcapng", 0, "handshake",
     "GnuTLS has no ARIA (RFC 6209): Finished cannot be decrypted, as in tshark itself"},
    {"own-openssl-tls12-aria.pcapng", 0, "app_data", "the same"},
    {"own-openssl-tls12-aria.pcapng", 0, "group",
     "tshark does not open this suite's ServerKeyExchange, RFC 8422 5.4: it names x25519"},
    {"own-openssl-tls12-ecdhe-psk-chacha20.pcapng", 0, "group",
     "the same with ECDHE_PSK, RFC 5489 2: hint, then the parameters of RFC 8422"},
    {"own-openssl-tls13-hrr.pcapng", 0, "messages",
     "oracle.py takes what follows ChangeCipherSpec for encrypted; in TLS 1.3 that means nothing, "
     "RFC 8446 5: the second ClientHello and its ServerHello are in clear"},
    {"own-tls13-hrr.pcapng", 0, "messages", "the same"},
    {"zeek-hrr.pcap", 0, "messages", "the same"},
    {"own-tls13-post-handshake-auth.pcapng", 0, "app_data",
     "tshark loses the client's key after post-handshake authentication; with the secret of the key log "
     "the tags of all later records are right, RFC 8446 5.2"},
    {"own-tls13-post-handshake-auth.pcapng", 0, "alerts", "the same: the client's close_notify"},
    {"ppp-malformed.pcap", 0, "ja4",
     "the ClientHello ends in the middle of a field: what cannot be read has no fingerprint"},
    {"var-missing-segment.pcap", 0, "handshake",
     "tshark gives the direction up at the gap; the records behind it are found again, and their tags "
     "are right under the next sequence numbers, RFC 8446 5.3"},
    {"var-missing-segment.pcap", 0, "messages", "the same"},
    {"var-missing-segment.pcap", 0, "records", "the same"},
    {"var-missing-segment.pcap", 0, "alerts", "the same"},
    {"var-missing-segment.pcap", 0, "app_data", "the same"},
    {"var-snaplen.pcap", 0, "records",
     "records that were cut are not counted, oracle.py says, but tshark counts some"},
    {"zeek-gre-aruba.pcap", 0, "stream",
     "tshark does not look into 802.11 A-MSDU behind GRE; there is TLS in it"},
    {"zeek-irc-starttls.pcap", 0, "stream",
     "tshark does not follow IRC's STARTTLS; a ClientHello stands behind it, RFC 8446 4.1.2"},
    {"zeek-ssl-v2.pcap", 0, "handshake",
     "an SSL 2.0 session is named, not taken apart, RFC 6176; tshark takes its message types for those of TLS"},
    {"zeek-ssl-v2.pcap", 0, "messages", "the same"},
    {"zeek-ssl-v2.pcap", 0, "version", "the same: SSL 2.0 is what both speak"},
    {"zeek-ssl-v2.pcap", 0, "records", "the same: only the ClientHello is a record for us"},
    {"zeek-ssl-v2.pcap", 0, "clear_bytes", "the same"},
    {"zeek-ssl-v2.pcap", 0, "ja4", "JA4 is not defined for a ClientHello in SSL 2.0's form"},
    {"zeek-ssl.v3.pcap", 0, "messages",
     "a ClientHello in SSL 2.0's form has a length, too (RFC 5246 E.2); oracle.py gives none"},
    {"ws-rsasnakeoil2.pcap", 0, "messages", "the same"},
    {"zeek-chrome-63.0.3211.0-canary-tls_experiment.pcap", 0, "group",
     "the ServerHello of this experiment (0x7e01) has a key_share like any other, RFC 8446 4.2.8"},
    {"zeek-ssl.v3.pcap", 0, "ja4", "JA4 is not defined for a ClientHello in SSL 2.0's form"},
    {"ws-rsasnakeoil2.pcap", 0, "ja4", "the same"},
    {"zeek-tls-fragmented-handshake.pcap", 0, "handshake",
     "tshark does not put a Certificate of 339629 bytes together from its fragments, RFC 5246 6.2.1"},
    {"zeek-tls-fragmented-handshake.pcap", 0, "messages", "the same"},
    {"zeek-tls-fragmented-handshake.pcap", 0, "certificates", "the same"},
    {"zeek-tls1.2-protocol-violation.pcap", 0, "handshake",
     "the record behind ChangeCipherSpec is encrypted, RFC 5246 7.1, not the rest of what was malformed before it"},
    {"zeek-tls1.2-protocol-violation.pcap", 0, "messages", "the same"},
};
static bool used[sizeof differences / sizeof *differences];

static bool is_explained(const char *file, int stream, const char *figure)
{
    bool explained = false;

    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
        const struct difference *known = &differences[i];
        if (strcmp(known->file, file) == 0 && strcmp(known->figure, figure) == 0 &&
            (known->stream == ANY_STREAM || known->stream == stream)) {
            used[i] = true;
            explained = true;
        }
    }
    return explained;
}

/* ---- one capture ------------------------------------------------------------------------------------------ */

struct comparison {
    const char *file;
    unsigned explained;
    unsigned unexplained;
};

static void differ(struct comparison *comparison, int stream, const char *figure,
                   const json_t *expected, const json_t *ours)
{
    bool explained = is_explained(comparison->file, stream, figure);

    explained ? comparison->explained++ : comparison->unexplained++;
    if (explained) {
        return;
    }
    char *theirs = json_dumps(expected, JSON_COMPACT | JSON_ENCODE_ANY);
    char *own = json_dumps(ours, JSON_COMPACT | JSON_ENCODE_ANY);
    print_error("%s: stream %d: %s\n  tshark %s\n  tlstep %s\n", comparison->file, stream, figure,
                theirs != NULL ? theirs : "-", own != NULL ? own : "-");
    free(theirs);
    free(own);
}

/* What was sent where tshark cannot tell. */
static void apply_truth(json_t *expected)
{
    json_t *truth = json_object_get(expected, "truth");
    json_t *stream = json_array_get(json_object_get(expected, "streams"),
                                    (size_t)json_integer_value(json_object_get(truth, "stream")));

    if (truth != NULL) {
        json_object_set(stream, "app_data", json_object_get(truth, "app_data"));
        json_object_set(stream, "handshake", json_object_get(truth, "handshake"));
    }
}

/* A reader that looks at all blocks first gets the figures of the capture that this one was made from. */
static void apply_base(const char *file, json_t *expected)
{
    json_t *base = strcmp(file, "var-dsb-late.pcapng") == 0
                       ? json_load_file(DATA "/expected/var-eth.pcap.json", 0, NULL)
                       : NULL;

    if (base != NULL) {
        json_object_set(expected, "streams", json_object_get(base, "streams"));
    }
    json_decref(base);
}

static json_t *find_stream(json_t *streams, const char *protocol, uint32_t number)
{
    size_t index;
    json_t *stream;

    json_array_foreach(streams, index, stream)
    {
        if (json_integer_value(json_object_get(stream, "stream")) == (json_int_t)number &&
            strcmp(json_string_value(json_object_get(stream, "protocol")), protocol) == 0) {
            return stream;
        }
    }
    return NULL;
}

static void compare_stream(struct comparison *comparison, json_t *expected, struct trace *trace)
{
    json_t *ours = figures_of(trace);
    int stream = (int)trace_target(trace)->stream;

    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++) {
        json_t *theirs = json_object_get(expected, compared[i]);
        json_t *own = json_object_get(ours, compared[i]);
        if (!json_equal(theirs, own)) {
            differ(comparison, stream, compared[i], theirs, own);
        }
    }
    json_decref(ours);
}

/* What is found out about the conversation without its trace must be what its trace says. */
static void expect_line(struct trace_capture *capture, size_t index, struct trace *trace)
{
    const struct trace_conversation *line = trace_capture_at(capture, index);
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);

    assert_non_null(line);
    assert_true(line->known);
    assert_int_equal(line->index, index);
    assert_int_equal(line->stream, trace_target(trace)->stream);
    assert_string_equal(line->client, trace_target(trace)->client);
    assert_string_equal(line->server, trace_target(trace)->server);
    assert_int_equal(line->version, facts->version);
    assert_int_equal(line->cipher_suite, facts->cipher_suite);
    assert_true(line->verdict[0] != '\0');
}

static void compare_tcp(struct comparison *comparison, struct trace_capture *capture,
                        json_t *streams)
{
    for (size_t i = 0; i < trace_capture_count(capture); i++) {
        struct err err = {0};
        struct trace *trace = trace_capture_trace(capture, i, TRACE_DATA_LIMIT, &err);
        if (trace == NULL) {
            fail_msg("%s: %s", comparison->file, err.text);
        }
        json_t *expected = find_stream(streams, "tls", trace_target(trace)->stream);
        expect_line(capture, i, trace);
        if (expected != NULL && figures_has_tls(trace)) {
            compare_stream(comparison, expected, trace);
        } else if (expected != NULL || figures_has_tls(trace)) {
            differ(comparison, (int)trace_target(trace)->stream, "stream", expected, NULL);
        }
        if (expected != NULL) {
            json_object_set_new(expected, "seen", json_true());
        }
        trace_free(trace);
    }
}

/* DTLS is named, and not decoded. */
static bool is_named(struct capture *file, uint32_t stream)
{
    for (size_t i = 0; i < capture_conversation_count(file); i++) {
        const struct capture_conversation *conversation = capture_conversation_at(file, i);
        if (conversation->transport == CAPTURE_UDP && conversation->stream == stream) {
            return conversation->protocol != NULL && strcmp(conversation->protocol, "DTLS") == 0;
        }
    }
    return false;
}

static void compare_rest(struct comparison *comparison, struct trace_capture *capture,
                         json_t *streams)
{
    size_t index;
    json_t *stream;

    json_array_foreach(streams, index, stream)
    {
        bool dtls = strcmp(json_string_value(json_object_get(stream, "protocol")), "dtls") == 0;
        uint32_t number = (uint32_t)json_integer_value(json_object_get(stream, "stream"));
        if (dtls ? !is_named(trace_capture_file(capture), number)
                 : json_object_get(stream, "seen") == NULL) {
            differ(comparison, (int)number, dtls ? "dtls" : "stream", stream, NULL);
        }
    }
}

static struct trace_capture *open_capture(const char *file)
{
    char path[300];
    char keylog[300];
    struct err err = {0};
    struct trace_keys *keys = trace_keys_new();
    const char *dot = strrchr(file, '.');

    assert_non_null(keys);
    (void)snprintf(path, sizeof path, DATA "/captures/%s", file); /* names are short */
    (void)snprintf(keylog, sizeof keylog, DATA "/keylogs/%.*s.keys.txt", (int)(dot - file), file);
    if (access(keylog, R_OK) == 0 && trace_keys_add_keylog(keys, keylog, &err) != 0) {
        fail_msg("%s", err.text);
    }
    struct trace_capture *capture = trace_capture_open(path, keys, &err);
    if (capture == NULL) {
        fail_msg("%s: %s", file, err.text);
    }
    enum capture_state state = CAPTURE_MORE;
    while (state == CAPTURE_MORE) {
        if (trace_capture_read(capture, clock_monotonic_ns() + 10000000, &state, &err) != 0) {
            fail_msg("%s: %s", file, err.text);
        }
    }
    assert_int_equal(state, CAPTURE_DONE);
    return capture;
}

/* How many figures differ without a reason. */
static unsigned compare_capture(const char *file)
{
    struct comparison comparison = {.file = file};
    char path[300];
    json_error_t error;

    (void)snprintf(path, sizeof path, DATA "/expected/%s.json", file); /* names are short */
    json_t *expected = json_load_file(path, 0, &error);
    if (expected == NULL) {
        print_message("# %s: no expected figures\n", file);
        return 0;
    }
    apply_truth(expected);
    apply_base(file, expected);
    struct trace_capture *capture = open_capture(file);
    json_t *streams = json_object_get(expected, "streams");
    json_t *packets = json_object_get(json_object_get(expected, "file"), "packets");
    if (!json_is_integer(packets) || (uint64_t)json_integer_value(packets) !=
                                         capture_packet_count(trace_capture_file(capture))) {
        json_t *ours = json_integer((json_int_t)capture_packet_count(trace_capture_file(capture)));
        differ(&comparison, -1, "packets", packets, ours);
        json_decref(ours);
    }
    compare_tcp(&comparison, capture, streams);
    compare_rest(&comparison, capture, streams);
    if (comparison.explained > 0 && comparison.unexplained == 0) {
        print_message("# differs for a reason: %s (%u)\n", file, comparison.explained);
    }
    trace_capture_close(capture);
    json_decref(expected);
    return comparison.unexplained;
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void every_capture_gives_tsharks_figures(void **state)
{
    struct dirent **names;
    int count = scandir(DATA "/captures", &names, is_file, alphasort);
    const char *only = getenv("TLSTEP_CAPTURE");
    unsigned wrong = 0;
    unsigned agree = 0;

    (void)state;
    if (count < 0) {
        print_message("skipped: there is no " DATA "/captures\n");
        skip();
    }
    for (int i = 0; i < count; i++) {
        if (only == NULL || strcmp(only, names[i]->d_name) == 0) {
            unsigned differing = compare_capture(names[i]->d_name);
            wrong += differing;
            agree += differing == 0;
        }
        free(names[i]);
    }
    free(names);
    print_message("# %u of %d captures agree\n", agree, count);
    for (size_t i = 0; only == NULL && i < sizeof differences / sizeof *differences; i++) {
        if (!used[i]) {
            print_error("%s: %s no longer differs\n", differences[i].file, differences[i].figure);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_capture_gives_tsharks_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
