/* Clear text before TLS: each protocol's dialogue has a row for each line or message, and TLS begins behind it. What never becomes
 * TLS is one row, as ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation_cases.h"
#include "trace_compare.h"

static struct trace *capture_new(void)
{
    const struct trace_target target = {
        .input = "file.pcap", .client = "192.0.2.1:50000", .server = "192.0.2.2:25"};
    struct trace *trace = trace_new(&target, 0);

    assert_non_null(trace);
    conversation_append(trace, &(struct trace_event){.kind = TRACE_TCP, .text = (char[]){"SYN"}});
    return trace;
}

/* One side says something. */
struct saying {
    enum wire_side from;
    const char *text;
    size_t length; /* 0: as a string */
};
#define C(text)              \
    {                        \
        WIRE_CLIENT, text, 0 \
    }
#define S(text)              \
    {                        \
        WIRE_SERVER, text, 0 \
    }
#define C_BYTES(text)                       \
    {                                       \
        WIRE_CLIENT, text, sizeof(text) - 1 \
    }
#define S_BYTES(text)                       \
    {                                       \
        WIRE_SERVER, text, sizeof(text) - 1 \
    }

static const struct dialogue_case {
    const char *name; /* with a proxy: "PROXY PROTOCOL" */
    struct saying sayings[12];
    const char *verbs; /* of all rows on the text layer */
} cases[] = {
    {"smtp",
     {S("220 mail.example ESMTP\r\n"), C("EHLO me\r\n"),
      S("250-mail.example\r\n250-STARTTLS\r\n250 8BITMIME\r\n"), C("STARTTLS\r\n"),
      S("220 go ahead\r\n")},
     "220 EHLO 250 250 250 STARTTLS 220"},
    {"ftp", {S("220 ftp.example\r\n"), C("AUTH TLS\r\n"), S("234 go\r\n")}, "220 AUTH 234"},
    {"imap",
     {S("* OK IMAP4rev1\r\n"), C("a1 CAPABILITY\r\n"), S("* CAPABILITY STARTTLS\r\na1 OK done\r\n"),
      C("a2 STARTTLS\r\n"), S("a2 OK begin\r\n")},
     "OK CAPABILITY CAPABILITY OK STARTTLS OK"},
    {"pop3", {S("+OK ready\r\n"), C("STLS\r\n"), S("+OK begin\r\n")}, "+OK STLS +OK"},
    {"nntp", {S("200 news\r\n"), C("STARTTLS\r\n"), S("382 continue\r\n")}, "200 STARTTLS 382"},
    {"sieve",
     {S("\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK\r\n"), C("STARTTLS\r\n"), S("OK\r\n")},
     "\"IMPLEMENTATION\" \"STARTTLS\" OK STARTTLS OK"},
    {"irc", {C("STARTTLS\r\n"), S(":irc.example 670 * :STARTTLS successful\r\n")}, "STARTTLS 670"},
    {"xmpp",
     {C("<?xml version='1.0'?><stream:stream to='x'>"), S("<stream:stream from='x'>"),
      S("<stream:features><starttls/></stream:features>"), C("<starttls xmlns='urn'/>"),
      S("<proceed xmlns='urn'/>")},
     "<stream:stream> <stream:stream> <stream:features> <starttls> <proceed>"},
    {"ldap",
     {C_BYTES("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
              "1.3.6.1.4.1.1466.20037"),
      S_BYTES("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")},
     "ExtendedRequest ExtendedResponse"},
    {"postgres", {C_BYTES("\0\0\0\x08\x04\xd2\x16\x2f"), S("S")}, "SSLRequest S"},
    {"mysql",
     {S_BYTES("\x0a\0\0\0\x0a"
              "8.0.11\0\x01\0"),
      C_BYTES("\x04\0\0\x01\x85\xae\xff\0")},
     "Handshake SSLRequest"},
    {"http-connect ",
     {C("CONNECT example.test:443 HTTP/1.1\r\nHost: example.test\r\n\r\n"),
      S("HTTP/1.1 200 Connection established\r\n\r\n")},
     "CONNECT 200"},
    {"socks5 ",
     {C_BYTES("\x05\x01\0"), S_BYTES("\x05\0"), C_BYTES("\x05\x01\0\x01\x01\x02\x03\x04\x01\xbb"),
      S_BYTES("\x05\0\0\x01\0\0\0\0\0\0")},
     "SOCKS request SOCKS reply SOCKS request SOCKS reply"},
    /* One behind the other: a proxy that wants a password, and a server that speaks first, in one segment with the proxy's answer. */
    {"http-connect smtp",
     {C("CONNECT mail.test:25 HTTP/1.1\r\n\r\n"), S("HTTP/1.1 407 Who are you\r\n\r\n"),
      C("CONNECT mail.test:25 HTTP/1.1\r\nProxy-Authorization: Basic eDp5\r\n\r\n"),
      S("HTTP/1.0 200 OK\r\n\r\n220 mail.test\r\n"), C("EHLO me\r\n"), S("250 STARTTLS\r\n"),
      C("STARTTLS\r\n"), S("220 go ahead\r\n")},
     "CONNECT 407 CONNECT 200 220 EHLO 250 STARTTLS 220"},
    {"http-connect irc",
     {C("CONNECT irc.test:6667 HTTP/1.1\r\n\r\n"), S("HTTP/1.1 200 OK\r\n\r\n"), C("STARTTLS\r\n"),
      S(":irc.example 670 * :go\r\n")},
     "CONNECT 200 STARTTLS 670"},
    {"proxy pop3",
     {C("PROXY TCP4 192.0.2.1 192.0.2.2 1 110\r\n"), S("+OK ready\r\n"), C("STLS\r\n"),
      S("+OK begin\r\n")},
     "PROXY +OK STLS +OK"},
    {"socks5 imap", /* with user and password, RFC 1929 */
     {C_BYTES("\x05\x02\0\x02"), S_BYTES("\x05\x02"), C_BYTES("\x01\x02me\x01x"), S_BYTES("\x01\0"),
      C_BYTES("\x05\x01\0\x03\x04mail\0\x8f"), S_BYTES("\x05\0\0\x03\x01x\0\0* OK hi\r\n"),
      C("1 STARTTLS\r\n"), S("1 OK go\r\n")},
     "SOCKS request SOCKS reply SOCKS request SOCKS reply SOCKS request SOCKS reply OK STARTTLS OK"},
    {"socks5 ldap",
     {C_BYTES("\x05\x01\0"), S_BYTES("\x05\0"), C_BYTES("\x05\x01\0\x01\x01\x02\x03\x04\x01\xbb"),
      S_BYTES("\x05\0\0\x01\0\0\0\0\0\0"),
      C_BYTES("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
              "1.3.6.1.4.1.1466.20037"),
      S_BYTES("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")},
     "SOCKS request SOCKS reply SOCKS request SOCKS reply ExtendedRequest ExtendedResponse"},
    {"rdp",
     {C_BYTES("\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"),
      S_BYTES("\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\x1f\x08\0\x02\0\0\0")},
     "ConnectionRequest ConnectionConfirm"},
    {"", {C("any words at all\n"), S("and an answer\n")}, "text text"},
};

static void say(struct trace *trace, const struct dialogue_case *dialogue, size_t piece)
{
    for (const struct saying *saying = dialogue->sayings; saying->text != NULL; saying++) {
        size_t length = saying->length > 0 ? saying->length : strlen(saying->text);
        for (size_t at = 0; at < length; at += piece) {
            size_t left = length - at;
            conversation_bytes(trace, saying->from, saying->text + at, left < piece ? left : piece);
        }
    }
}

static void append_tls(struct trace *trace, const struct conversation *conversation)
{
    for (size_t i = 0; i < conversation->count; i++) {
        if (conversation->events[i].kind == TRACE_BYTES ||
            conversation->events[i].kind == TRACE_SECRET) {
            conversation_append(trace, &conversation->events[i]);
        }
    }
}

static void expect_verbs(const struct trace *trace, const char *verbs)
{
    char text[500] = "";

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        if (row->layer == TRACE_LAYER_TEXT) {
            size_t length = strlen(text);
            snprintf(text + length, sizeof text - length, "%s%s", length > 0 ? " " : "", row->type);
            assert_false(row->malformed);
        }
    }
    assert_string_equal(text, verbs);
}

/* Which dialogues the facts tell. */
static void expect_dialogues(struct trace *trace, const char *name)
{
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
    char both[64];

    snprintf(both, sizeof both, "%s%s%s", facts->proxy, facts->proxy[0] != '\0' ? " " : "",
             facts->starttls);
    assert_string_equal(both, name);
}

static void a_dialogue_leads_to_tls(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (size_t k = 0; k < 2; k++) {
            const struct conversation *conversation =
                conversation_case_held(k == 0 ? "tls13" : "tls12-gcm");
            const struct conversation_case *expected =
                conversation_case_find(k == 0 ? "tls13" : "tls12-gcm");
            struct trace *trace = capture_new();
            char rows[1000];

            print_message("# %s\n", cases[c].name);
            say(trace, &cases[c], SIZE_MAX);
            append_tls(trace, conversation);
            trace_finish(trace);
            expect_verbs(trace, cases[c].verbs);
            expect_dialogues(trace, cases[c].name);
            assert_string_equal(conversation_rows_text(rows, sizeof rows, trace, WIRE_CLIENT),
                                expected->client);
            assert_string_equal(conversation_rows_text(rows, sizeof rows, trace, WIRE_SERVER),
                                expected->server);
            assert_true(trace_facts(trace, SIZE_MAX)->has_secrets);
            trace_free(trace);
        }
    }
}

/* Lines are lines, however the packets cut them. */
static void lines_come_in_any_pieces(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        bool by_segment = cases[c].name[0] == '\0';
        struct trace *trace = capture_new();

        say(trace, &cases[c], 1);
        append_tls(trace, &conversations[0]);
        trace_finish(trace);
        if (!by_segment) {
            expect_verbs(trace, cases[c].verbs);
            expect_dialogues(trace, cases[c].name);
        }
        trace_free(trace);
    }
}

/* Nothing is shown before it is known what it is; then rows have the times of their packets, and the order. */
static void rows_stand_where_they_came(void **state)
{
    struct trace *trace = capture_new();

    (void)state;
    say(trace, &cases[0], SIZE_MAX);
    assert_int_equal(trace_row_count(trace), 1);
    append_tls(trace, &conversations[0]);
    trace_finish(trace);
    for (size_t i = 1; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        if (row->layer == TRACE_LAYER_TEXT && i > 1) {
            assert_true(row->wire_event >= trace_row_at(trace, i - 1)->wire_event);
        }
    }
    assert_int_equal(trace_row_at(trace, 1)->from, WIRE_SERVER);
    assert_int_equal(trace_row_at(trace, 1)->wire_event, 2);
    trace_free(trace);
}

static void what_never_becomes_tls_is_one_row(void **state)
{
    struct trace *trace = capture_new();

    (void)state;
    say(trace, &cases[0], SIZE_MAX);
    trace_finish(trace);
    assert_int_equal(trace_row_count(trace), 3);
    assert_string_equal(trace_row_at(trace, 1)->type, "SMTP");
    assert_int_equal(trace_row_at(trace, 1)->layer, TRACE_LAYER_TEXT);
    assert_int_equal(trace_row_at(trace, 2)->from, WIRE_CLIENT);
    assert_string_equal(trace_facts(trace, SIZE_MAX)->starttls, "");
    trace_free(trace);

    trace = capture_new();
    conversation_bytes(trace, WIRE_CLIENT, "GET / HTTP/1.1\r\n\r\n", 18);
    conversation_bytes(trace, WIRE_SERVER, "HTTP/1.1 200 OK\r\n\r\n", 19);
    conversation_end(trace, WIRE_SERVER, TRACE_FIN);
    assert_int_equal(trace_row_count(trace), 3); /* the server's end tells what it was */
    trace_finish(trace);
    assert_string_equal(trace_row_at(trace, 1)->type, "HTTP");
    assert_string_equal(trace_row_at(trace, 3)->type, "HTTP");
    trace_free(trace);
}

static void phase(struct trace *trace, enum trace_phase_state state, const char *code)
{
    char text[40];

    snprintf(text, sizeof text, "%s", code);
    conversation_append(trace, &(struct trace_event){.kind = TRACE_PHASE,
                                                     .phase = TRACE_STARTTLS,
                                                     .state = state,
                                                     .code = code[0] != '\0' ? text : NULL});
}

/* A server that speaks first does so while this side has yet to see that it is connected. */
static void a_greeting_may_come_before_its_phase(void **state)
{
    struct trace *trace = conversation_trace_new();
    char names[] = "imap";

    (void)state;
    conversation_append(trace, &(struct trace_event){.kind = TRACE_PHASE,
                                                     .phase = TRACE_CONNECT,
                                                     .state = TRACE_BEGUN,
                                                     .code = names});
    conversation_bytes(trace, WIRE_SERVER, "* OK hi\r\n", 9);
    phase(trace, TRACE_BEGUN, "imap");
    conversation_bytes(trace, WIRE_CLIENT, "a1 STARTTLS\r\n", 13);
    conversation_bytes(trace, WIRE_SERVER, "a1 OK\r\n", 7);
    phase(trace, TRACE_DONE, "");
    append_tls(trace, &conversations[0]);
    expect_verbs(trace, "OK STARTTLS OK");
    assert_true(trace_facts(trace, SIZE_MAX)->has_secrets);
    trace_free(trace);
}

/* More clear text than any dialogue before TLS has: it is not kept waiting. */
static void endless_text_is_let_go(void **state)
{
    static char line[1000];
    struct trace *trace = capture_new();

    (void)state;
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    for (int i = 0; i < 200; i++) {
        conversation_bytes(trace, WIRE_CLIENT, line, sizeof line);
    }
    assert_int_equal(trace_row_count(trace), 2);
    assert_int_equal(trace_row_at(trace, 1)->length, 200 * sizeof line);
    trace_free(trace);
}

/* A session of our own with a phase for it: lines are shown as they come. */
static void our_own_dialogue_is_shown_at_once(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    phase(trace, TRACE_BEGUN, "lmtp");
    conversation_bytes(trace, WIRE_SERVER, "220 mail.exam", 13);
    assert_int_equal(trace_row_count(trace), 0);
    conversation_bytes(trace, WIRE_SERVER, "ple\r\n", 5);
    assert_int_equal(trace_row_count(trace), 1);
    conversation_bytes(trace, WIRE_CLIENT, "STARTTLS\r\n", 10);
    conversation_bytes(trace, WIRE_SERVER, "220 go\r\n", 8);
    assert_int_equal(trace_row_count(trace), 3);
    phase(trace, TRACE_DONE, "");
    append_tls(trace, &conversations[0]);
    expect_verbs(trace, "220 STARTTLS 220");
    expect_dialogues(trace, "lmtp"); /* what it was told, not what it looks like */
    assert_true(trace_facts(trace, SIZE_MAX)->has_secrets);
    trace_free(trace);
}

static void queue_line(struct trace *trace, const char *line, const char *verb)
{
    char text[40];

    snprintf(text, sizeof text, "%s", verb);
    conversation_append(trace, &(struct trace_event){.kind = TRACE_QUEUED,
                                                     .from = WIRE_CLIENT,
                                                     .phase = TRACE_STARTTLS,
                                                     .data = (uint8_t *)(uintptr_t)line,
                                                     .length = strlen(line),
                                                     .text = text});
}

static void stop_at(struct trace *trace, enum wire_side from, const char *verb, bool queued)
{
    char text[40];

    snprintf(text, sizeof text, "%s", verb);
    conversation_append(trace, &(struct trace_event){.kind = TRACE_STOP,
                                                     .from = from,
                                                     .phase = TRACE_STARTTLS,
                                                     .queued = queued,
                                                     .text = text});
}

static void expect_stop(const struct trace *trace, uint32_t n, const char *at, bool has_from)
{
    struct trace_stop stop = trace_stop_at(trace, SIZE_MAX);

    assert_int_equal(stop.n, n);
    assert_string_equal(stop.at, at);
    assert_int_equal(stop.has_from, has_from);
}

/* Each line is a stop: what is about to be said is a row already, and it is the same row when it crosses the wire. */
static void stops_and_rows_of_a_dialogue_belong_together(void **state)
{
    static const char greeting[] = "220-mail\r\n220 mail\r\n";
    struct trace *trace = conversation_trace_new();
    const struct trace_row *row;

    (void)state;
    phase(trace, TRACE_BEGUN, "smtp");
    conversation_bytes(trace, WIRE_SERVER, greeting, sizeof greeting - 1);
    stop_at(trace, WIRE_SERVER, "220", false);
    expect_stop(trace, 1, "220", true);
    assert_int_equal(trace_row_state(trace, trace_row_at(trace, 0), SIZE_MAX - 1),
                     TRACE_ROW_ARRIVED);
    conversation_append(trace, &(struct trace_event){.kind = TRACE_PROCESSED, .from = WIRE_SERVER});
    assert_int_equal(trace_row_state(trace, trace_row_at(trace, 0), SIZE_MAX - 1),
                     TRACE_ROW_PROCESSED);
    stop_at(trace, WIRE_SERVER, "220", false);
    expect_stop(trace, 2, "220", true);
    queue_line(trace, "EHLO me\r\n", "EHLO");
    stop_at(trace, WIRE_CLIENT, "EHLO", true);
    expect_stop(trace, 3, "EHLO", true);
    row = trace_row_at(trace, 2);
    assert_int_equal(row->layer, TRACE_LAYER_TEXT);
    assert_int_equal(trace_row_state(trace, row, trace_event_count(trace)), TRACE_ROW_QUEUED);
    conversation_bytes(trace, WIRE_CLIENT, "EHLO me\r\n", 9);
    assert_int_equal(trace_row_count(trace), 3);
    assert_int_equal(trace_row_state(trace, row, trace_event_count(trace)), TRACE_ROW_SENT);
    phase(trace, TRACE_DONE, "");
    stop_at(trace, WIRE_CLIENT, "starttls", false);
    expect_stop(trace, 0, "starttls", false);
    append_tls(trace, &conversations[0]);
    assert_true(trace_facts(trace, SIZE_MAX)->has_secrets);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dialogue_leads_to_tls),
        cmocka_unit_test(lines_come_in_any_pieces),
        cmocka_unit_test(rows_stand_where_they_came),
        cmocka_unit_test(what_never_becomes_tls_is_one_row),
        cmocka_unit_test(endless_text_is_let_go),
        cmocka_unit_test(our_own_dialogue_is_shown_at_once),
        cmocka_unit_test(a_greeting_may_come_before_its_phase),
        cmocka_unit_test(stops_and_rows_of_a_dialogue_belong_together),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
