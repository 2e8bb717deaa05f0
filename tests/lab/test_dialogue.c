/* What a lab server answers, without a server: the same whatever pieces the bytes come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dialogue.h"
#include "scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct lab_facts facts = {
    .scenario = &(
        const struct lab_scenario){.name = "good", .title = "A <title>", .look_for = "this & that"},
    .rows = {{"version", "TLS 1.3"},
             {"cipher suite", "S"},
             {"group", "G"},
             {"signature scheme", "X"},
             {"ALPN", "none"},
             {"server name", "<script>\x1b[2J\"&"},
             {"resumed", "no"}},
};

/* Feeds `text` in pieces of `piece` bytes and gives what was answered. */
static const char *say(struct lab_dialogue *dialogue, const char *text, size_t piece)
{
    size_t length = strlen(text);

    *dialogue = (struct lab_dialogue){.facts = &facts};
    for (size_t at = 0; at < length; at += piece) {
        size_t rest = length - at;
        lab_dialogue_feed(dialogue, text + at, rest < piece ? rest : piece);
    }
    return buffer_string(&dialogue->out);
}

static size_t count(const char *text, const char *what)
{
    size_t found = 0;
    for (; (text = strstr(text, what)) != NULL; text += strlen(what)) {
        found++;
    }
    return found;
}

static void requests_and_lines_are_answered_whatever_pieces_they_come_in(void **state)
{
    static const struct {
        const char *text;
        const char *answers[4];
        bool close;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", {"HTTP/1.1 200 OK\r\n", "tlstep lab: good\n"}, false},
        {"GET / HTTP/1.1\nHost: a\n\n", {"HTTP/1.1 200 OK\r\n"}, false},
        {"GET /x HTTP/1.1\r\nConnection: close\r\n\r\n", {"200 OK", "Connection: close\r\n"}, true},
        {"GET /x HTTP/1.1\r\ncOnNection: keep-alive, Close\r\n\r\n", {"200 OK"}, true},
        {"GET / HTTP/1.0\r\n\r\n", {"200 OK"}, true},
        {"HEAD / HTTP/1.1\r\n\r\n", {"200 OK", "Content-Length: "}, false},
        {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
         {"HTTP/1.1 405 ", "Allow: GET, HEAD\r\n"},
         true},
        {"GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", {"200 OK"}, true},
        {"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", {"200 OK"}, false},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", {"200 OK"}, true},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {"HTTP/1.1 505 "}, true},
        {"GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n", {"text/html", "<!doctype html>"}, false},
        {"hello\n", {"the lab got 5 bytes: hello\n"}, false},
        {"a\r\nbc\n", {"the lab got 1 byte: a\n", "the lab got 2 bytes: bc\n"}, false},
        {"\r\n\r\nGET / HTTP/1.1\r\n\r\n", {"HTTP/1.1 200 OK\r\n"}, false},
        {"GET /\n", {"the lab got 5 bytes: GET /\n"}, false},
        {"GET HTTP/1.1\n", {"the lab got 12 bytes"}, false},
        {"get / HTTP/1.1\n", {"the lab got 14 bytes"}, false},
        {"\x1b[2J\n", {"the lab got 4 bytes: \\x1b[2J\n"}, false},
    };
    static const size_t pieces[] = {1, 2, 7, 100000};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t p = 0; p < COUNT(pieces); p++) {
            struct lab_dialogue dialogue;
            const char *answer = say(&dialogue, cases[i].text, pieces[p]);
            for (size_t a = 0; a < 4 && cases[i].answers[a] != NULL; a++) {
                if (count(answer, cases[i].answers[a]) != 1) {
                    fail_msg("case %zu, piece %zu: \"%s\" lacks \"%s\"", i, pieces[p], answer,
                             cases[i].answers[a]);
                }
            }
            assert_true(count(answer, "HTTP/1.1 ") <= 1);
            assert_int_equal(dialogue.close, cases[i].close);
            lab_dialogue_free(&dialogue);
        }
    }
}

static void requests_in_one_go_are_all_answered_in_order(void **state)
{
    struct lab_dialogue dialogue;
    const char *answer = say(&dialogue,
                             "GET / HTTP/1.1\r\n\r\nhello\nHEAD / HTTP/1.1\r\n\r\n"
                             "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                             100000);
    (void)state;
    /* What comes after the one that ends the connection is not answered. */
    assert_int_equal(count(answer, "HTTP/1.1 200 OK"), 3);
    assert_true(strstr(answer, "hello") > strstr(answer, "tlstep lab"));
    assert_true(dialogue.close);
    lab_dialogue_free(&dialogue);
}

/* A client counts on it to find the end of the page (RFC 9112 6.2). */
static void content_length_is_the_length_of_the_page(void **state)
{
    static const char *const requests[] = {"GET / HTTP/1.1\r\n\r\n",
                                           "GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n",
                                           "GET / HTTP/1.9\r\n\r\n", "PUT / HTTP/1.1\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct lab_dialogue dialogue;
        const char *answer = say(&dialogue, requests[i], 100000);
        const char *body = strstr(answer, "\r\n\r\n");
        const char *length = strstr(answer, "Content-Length: ");
        assert_true(body != NULL && length != NULL && length < body);
        assert_int_equal(strtoul(length + strlen("Content-Length: "), NULL, 10), strlen(body + 4));
        lab_dialogue_free(&dialogue);
    }
}

static void what_the_client_said_is_shown_and_not_obeyed(void **state)
{
    struct lab_dialogue dialogue;
    const char *answer = say(&dialogue, "GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n", 100000);
    (void)state;
    assert_null(strstr(answer, "<script>"));
    assert_non_null(strstr(answer, "&lt;script&gt;\\x1b[2J&quot;&amp;"));
    assert_non_null(strstr(answer, "A &lt;title&gt;"));
    lab_dialogue_free(&dialogue);
    answer = say(&dialogue, "GET / HTTP/1.1\r\n\r\n", 100000);
    assert_null(strchr(answer, 0x1b));
    lab_dialogue_free(&dialogue);
}

static void an_unfinished_line_is_answered_after_a_pause(void **state)
{
    struct lab_dialogue dialogue;
    const char *answer = say(&dialogue, "hello", 100000);
    (void)state;
    assert_string_equal(answer, "");
    assert_true(lab_dialogue_waits(&dialogue));
    lab_dialogue_pause(&dialogue);
    assert_string_equal(buffer_string(&dialogue.out), "the lab got 5 bytes: hello\n");
    assert_false(lab_dialogue_waits(&dialogue));
    lab_dialogue_pause(&dialogue);
    assert_string_equal(buffer_string(&dialogue.out), "the lab got 5 bytes: hello\n");
    lab_dialogue_free(&dialogue);

    /* Someone who types a request line by line has all the time he wants. */
    (void)say(&dialogue, "GET / HTTP/1.1\r\nHost", 100000);
    assert_false(lab_dialogue_waits(&dialogue));
    lab_dialogue_pause(&dialogue);
    assert_int_equal(dialogue.out.length, 0);
    lab_dialogue_free(&dialogue);
}

static void memory_is_bounded_for_heads_and_lines_without_end(void **state)
{
    static const struct {
        const char *start;
        const char *answer;
        bool close;
    } cases[] = {{"GET / HTTP/1.1\r\nX: ", "431 Request Header Fields Too Large", true},
                 {"", "the lab got ", false}};
    char block[4096];
    (void)state;

    memset(block, 'x', sizeof block);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lab_dialogue dialogue;
        (void)say(&dialogue, cases[i].start, 100000);
        for (int n = 0; n < 64; n++) {
            lab_dialogue_feed(&dialogue, block, sizeof block);
            assert_true(dialogue.in.length <= LAB_HEAD_MAX + sizeof block);
            if (i == 1) {
                buffer_consume(&dialogue.out,
                               dialogue.out.length > 30 ? dialogue.out.length - 30 : 0);
            }
        }
        assert_int_equal(dialogue.close, cases[i].close);
        if (cases[i].close) {
            assert_non_null(strstr(buffer_string(&dialogue.out), cases[i].answer));
        }
        lab_dialogue_free(&dialogue);
    }
}

static void memory_that_runs_out_ends_the_connection(void **state)
{
    static const char request[] = "GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n";
    bool refused = true;
    (void)state;

    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    for (unsigned long count = 0; refused; count++) {
        struct lab_dialogue dialogue = {.facts = &facts};
        scarcity_begin(count);
        lab_dialogue_feed(&dialogue, request, sizeof request - 1);
        refused = scarcity_end();
        assert_int_equal(dialogue.close, refused);
        assert_true(count < 1000);
        lab_dialogue_free(&dialogue);
    }
}

/* A request of nine bytes has an answer of hundreds: as many as fit into a record are not all answered at once. */
static void memory_is_bounded_for_requests_without_end(void **state)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    static const char request[] = {0, 0, 0, 1, 5,
                                   0, 0, 0, 1}; /* HEADERS, to its end, of stream 1 */
    struct lab_dialogue dialogue = {.facts = &facts, .speaker = lab_speaker_for(NULL, "h2")};
    char many[1800 * sizeof request];
    size_t one;
    (void)state;

    for (size_t i = 0; i < sizeof many; i += sizeof request) {
        memcpy(many + i, request, sizeof request);
    }
    lab_dialogue_feed(&dialogue, preface, sizeof preface - 1);
    buffer_consume(&dialogue.out, dialogue.out.length);
    lab_dialogue_feed(&dialogue, many, 10 * sizeof request);
    assert_false(dialogue.close); /* that is nothing unusual */
    one = dialogue.out.length / 10;
    assert_true(one > sizeof request);
    buffer_consume(&dialogue.out, dialogue.out.length);
    lab_dialogue_feed(&dialogue, many, sizeof many);
    assert_true(dialogue.close);
    assert_in_range(dialogue.out.length, LAB_OUT_MAX, LAB_OUT_MAX + one);
    lab_dialogue_free(&dialogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_and_lines_are_answered_whatever_pieces_they_come_in),
        cmocka_unit_test(requests_in_one_go_are_all_answered_in_order),
        cmocka_unit_test(content_length_is_the_length_of_the_page),
        cmocka_unit_test(what_the_client_said_is_shown_and_not_obeyed),
        cmocka_unit_test(an_unfinished_line_is_answered_after_a_pause),
        cmocka_unit_test(memory_that_runs_out_ends_the_connection),
        cmocka_unit_test(memory_is_bounded_for_requests_without_end),
        cmocka_unit_test(memory_is_bounded_for_heads_and_lines_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
