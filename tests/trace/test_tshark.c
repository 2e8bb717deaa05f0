/* Other programs read a saved session: in one pass, decrypted, without a warning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "conversation_cases.h"
#include "scratch.h"

/* Runs `command` on the file; what it says, without tshark's word to root. */
static const char *ask(struct buffer *output, const char *command, const char *path)
{
    output->length = 0;
    assert_int_equal(
        command_run(output,
                    "timeout 60 env -u SSLKEYLOGFILE HOME=/nonexistent %s -r '%s' 2>&1 "
                    "| grep -v '^Running as user'; true",
                    command, path),
        0);
    assert_non_null(buffer_string(output));
    return buffer_string(output);
}

static void save(const struct trace *trace, char path[SCRATCH_PATH_MAX])
{
    struct err err = {0};

    scratch_path(path, "session.pcapng");
    if (trace_save(trace, path, true, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

/* The handshake types of a side's rows as tshark prints them: one packet's in a line, "2,8,11". */
static void expected_types(struct buffer *out, const struct trace *trace, enum wire_side from)
{
    out->length = 0;
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        unsigned type = row->handshake_type == WIRE_HELLO_RETRY_REQUEST ? WIRE_SERVER_HELLO
                                                                        : row->handshake_type;
        if (row->layer == TRACE_LAYER_TLS && row->from == from &&
            row->content_type == WIRE_HANDSHAKE) {
            buffer_printf(out, "%s%u", out->length > 0 ? "," : "", type);
        }
    }
}

/* One packet in a line: port, and perhaps handshake types, cipher suite, alert. */
struct seen {
    struct buffer types[2]; /* by side, divided by commas */
    char suite[16];         /* the last one */
    unsigned goodbyes;
};

static void take_packet(struct seen *seen, char *line)
{
    char *rest = line;
    const char *port = strsep(&rest, "\t");
    const char *types = strsep(&rest, "\t");
    const char *suite = strsep(&rest, "\t");
    struct buffer *side = &seen->types[strcmp(port, "443") == 0 ? WIRE_SERVER : WIRE_CLIENT];

    assert_non_null(suite);
    if (types[0] != '\0') {
        buffer_printf(side, "%s%s", side->length > 0 ? "," : "", types);
    }
    if (suite[0] != '\0') {
        (void)snprintf(seen->suite, sizeof seen->suite, "%s", suite); /* the first when cut */
    }
    seen->goodbyes += strcmp(rest, "0") == 0 ? 1 : 0;
}

static void expect_types(const struct trace *trace, struct seen *seen, enum wire_side from)
{
    struct buffer expected = {0};

    expected_types(&expected, trace, from);
    assert_string_equal(buffer_string(&seen->types[from]), buffer_string(&expected));
    buffer_free(&expected);
}

/* Order of messages, cipher suite, and the close_notify of both sides. */
static void tshark_reads_the_same_messages_in_the_same_order(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer output = {0};

    (void)state;
    command_need("tshark");
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *trace = conversation_trace(&conversations[i]);
        struct seen seen = {0};
        char suite[16];
        print_message("# %s\n", conversation_cases[i].name);
        save(trace, path);
        (void)ask(&output,
                  "tshark -n -T fields -e tcp.srcport -e tls.handshake.type "
                  "-e tls.handshake.ciphersuite -e tls.alert_message.desc",
                  path);
        char *rest = (char *)output.data;
        for (char *line = strsep(&rest, "\n"); line != NULL && line[0] != '\0';
             line = strsep(&rest, "\n")) {
            take_packet(&seen, line);
        }
        expect_types(trace, &seen, WIRE_CLIENT);
        expect_types(trace, &seen, WIRE_SERVER);
        (void)snprintf(suite, sizeof suite, "0x%04x", trace_facts(trace, SIZE_MAX)->cipher_suite);
        assert_string_equal(seen.suite, suite);
        assert_int_equal(seen.goodbyes, 2);
        buffer_free(&seen.types[WIRE_CLIENT]);
        buffer_free(&seen.types[WIRE_SERVER]);
        trace_free(trace);
    }
    buffer_free(&output);
}

/* The five bytes of data that each side sends, once or twice. */
static void tshark_decrypts_the_data(void **state)
{
    static const char *const names[] = {"tls13",     "tls13-early-data",    "tls13-key-update",
                                        "tls12-gcm", "tls12-renegotiation", "tls10"};
    char path[SCRATCH_PATH_MAX];
    struct buffer output = {0};

    (void)state;
    command_need("tshark");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t index = conversation_case_index(names[i]);
        const struct conversation_options *options = &conversation_cases[index].options;
        struct trace *trace = conversation_trace(&conversations[index]);
        save(trace, path);
        (void)ask(&output, "tshark -n -x", path);
        /* "hello" in the hexadecimal dumps; some tshark prints twice, as a piece and as a whole. */
        assert_in_range(command_count(&output, "68 65 6c 6c 6f"),
                        (options->rekey || options->renegotiate ? 4u : 2u) + options->early_data,
                        12);
        trace_free(trace);
    }
    buffer_free(&output);
}

static void nobody_finds_anything_to_complain_about(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer output = {0};

    (void)state;
    command_need("tshark");
    for (size_t i = 0; i < conversation_case_count; i += 3) {
        struct trace *trace = conversation_trace(&conversations[i]);
        save(trace, path);
        assert_string_equal(
            ask(&output,
                "tshark -n -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -Y "
                "'_ws.malformed || tcp.analysis.flags || tcp.checksum.status == 0 || "
                "ip.checksum.status == 0 || _ws.expert.severity == error'",
                path),
            "");
        trace_free(trace);
    }
    buffer_free(&output);
}

static void capinfos_tells_what_it_is(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    char path[SCRATCH_PATH_MAX];
    struct buffer output = {0};

    (void)state;
    command_need("capinfos");
    save(trace, path);
    assert_int_equal(command_run(&output, "timeout 60 capinfos '%s' 2>&1", path), 0);
    assert_int_equal(command_count(&output, "Number of decryption secrets in file: 1"), 1);
    assert_int_equal(command_count(&output, "A TLS session saved by tlstep"), 1);
    assert_int_equal(command_count(&output, "Strict time order:   True"), 1);
    assert_int_equal(command_count(&output, "2025-11-24 16:00:00.123456"), 1); /* the SYN's time */
    assert_int_equal(command_count(&output, "not captured"), 1);
    buffer_free(&output);
    trace_free(trace);
}

/* A conversation over IPv6, with more data than fits a segment. */
static void ipv6_and_segments_are_made_right(void **state)
{
    static char data[40000];
    struct trace *trace = conversation_trace_new();
    struct trace_connection connection = {.local = "[2001:db8::1%lo]:50000",
                                          .peer = "[2001:db8::2]:8443",
                                          .mss = 1220,
                                          .rtt_us = -1,
                                          .retransmits = -1};
    struct trace_event event = {.kind = TRACE_PHASE,
                                .phase = TRACE_CONNECT,
                                .state = TRACE_DONE,
                                .connection = &connection};
    char path[SCRATCH_PATH_MAX];
    struct buffer output = {0};

    (void)state;
    command_need("tshark");
    conversation_append(trace, &event);
    memset(data, 'x', sizeof data);
    conversation_bytes(trace, WIRE_SERVER, data, sizeof data);
    conversation_bytes(trace, WIRE_CLIENT, data, 1);
    conversation_end(trace, WIRE_SERVER, TRACE_RESET);
    save(trace, path);
    (void)ask(&output,
              "tshark -n -o tcp.check_checksum:TRUE -Y "
              "'tcp.checksum.status == 1 && ipv6.addr == 2001:db8::1' -T fields -e tcp.len",
              path);
    assert_int_equal(command_count(&output, "1220\n"), 32);
    assert_int_equal(command_count(&output, "960\n"), 1);
    assert_string_equal(ask(&output, "tshark -n -Y 'tcp.analysis.flags || _ws.malformed'", path),
                        "");
    assert_string_equal(ask(&output,
                            "tshark -n -Y 'tcp.flags.reset == 1 && tcp.dstport == 50000' "
                            "-T fields -e tcp.seq",
                            path),
                        "40001\n");
    buffer_free(&output);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tshark_reads_the_same_messages_in_the_same_order),
        cmocka_unit_test(tshark_decrypts_the_data),
        cmocka_unit_test(nobody_finds_anything_to_complain_about),
        cmocka_unit_test(capinfos_tells_what_it_is),
        cmocka_unit_test(ipv6_and_segments_are_made_right),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
