/* Dialogues in clear text: both sides of every protocol against each other however the bytes are cut, refusals in the words of
 * the other side, and everything that a hostile one can say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clear_text.h"

#define HOST "mail.example.org"

/* ---- one against the other -------------------------------------------------------------------- */

struct side {
    struct net_dialogue *dialogue;
    struct buffer arrived; /* not understood yet */
    unsigned lines;        /* that were heard */
};

static void side_hear(struct side *side)
{
    struct err err = {0};
    long used;

    do {
        used = net_dialogue_hear(side->dialogue, side->arrived.data, side->arrived.length, &err);
        if (used < 0) {
            fail_msg("%s: %s", net_dialogue_name(side->dialogue), err.text);
        }
        side->lines += used > 0;
        buffer_consume(&side->arrived, (size_t)used);
    } while (used > 0 && net_dialogue_turn(side->dialogue) == NET_HEAR);
}

/* Says all that it has to say, to the other side, in pieces of `size` bytes; true when there was something. */
static bool side_say(struct side *side, struct side *other, size_t size)
{
    struct buffer flight = {0};
    const uint8_t *data;
    size_t length;
    bool spoken;

    while (net_dialogue_turn(side->dialogue) == NET_SAY) {
        data = net_dialogue_say(side->dialogue, &length);
        assert_true(length > 0);
        buffer_append(&flight, data, length);
        net_dialogue_said(side->dialogue);
    }
    spoken = flight.length > 0;
    for (size_t at = 0; at < flight.length; at += size) {
        buffer_append(&other->arrived, flight.data + at,
                      flight.length - at < size ? flight.length - at : size);
        side_hear(other);
    }
    buffer_free(&flight);
    return spoken;
}

/* Both to their end. Returns how many lines the client has heard. */
static unsigned play(const struct net_protocol *protocol, size_t size)
{
    struct side client = {net_dialogue_new(protocol, NET_CLIENT, HOST), {0}, 0};
    struct side server = {net_dialogue_new(protocol, NET_SERVER, HOST), {0}, 0};
    unsigned rounds = 0;

    while (net_dialogue_turn(client.dialogue) != NET_DONE ||
           net_dialogue_turn(server.dialogue) != NET_DONE) {
        bool spoken = side_say(&server, &client, size);

        spoken |= side_say(&client, &server, size);
        if (!spoken || ++rounds > 20) {
            fail_msg("%s stands still with pieces of %zu bytes", protocol->name, size);
        }
    }
    assert_int_equal(client.arrived.length, 0);
    assert_int_equal(server.arrived.length, 0);
    net_dialogue_free(client.dialogue);
    net_dialogue_free(server.dialogue);
    buffer_free(&client.arrived);
    buffer_free(&server.arrived);
    return client.lines;
}

static void both_sides_of_every_protocol_agree_through_every_split(void **state)
{
    size_t count;
    const struct net_protocol *protocols = net_protocols(&count);

    (void)state;
    assert_true(count >= 13);
    for (size_t i = 0; i < count; i++) {
        unsigned lines = play(&protocols[i], 100000);

        assert_true(lines > 0);
        for (size_t size = 1; size < 200; size++) {
            assert_int_equal(play(&protocols[i], size), lines);
        }
    }
}

static void every_protocol_is_found_by_its_name_and_by_its_schemes(void **state)
{
    size_t count;
    const struct net_protocol *protocols = net_protocols(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(net_protocol_find(protocols[i].name), &protocols[i]);
        assert_true(protocols[i].schemes[0].name != NULL);
        for (const struct net_scheme *scheme = protocols[i].schemes; scheme->name; scheme++) {
            assert_ptr_equal(net_protocol_find(scheme->name), &protocols[i]);
            assert_true(scheme->port > 0);
        }
    }
    assert_null(net_protocol_find("gopher"));
    assert_null(net_protocol_find("http-connect")); /* is no STARTTLS */
}

/* ---- what a server may say ------------------------------------------------------------------------ */

struct saying {
    const char *protocol;
    const char *said; /* by the server */
    const char *code;
    const char *text; /* in the error; "": anything */
};

static void expect_sayings(const struct saying *sayings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct net_dialogue *dialogue =
            net_dialogue_new(net_protocol_find(sayings[i].protocol), NET_CLIENT, HOST);
        struct err err, again = {0};
        const char *code =
            clear_text_hear(dialogue, sayings[i].said, strlen(sayings[i].said), &err);

        if (strcmp(code, sayings[i].code) != 0 || strstr(err.text, sayings[i].text) == NULL) {
            fail_msg("%s, \"%s\": %s, \"%s\"", sayings[i].protocol, sayings[i].said, code,
                     err.text);
        }
        if (err.class != ERR_NONE) { /* and it stays so */
            assert_int_equal(err.class, ERR_NETWORK);
            assert_int_equal(net_dialogue_hear(dialogue, (const uint8_t *)"220 \n", 5, &again), -1);
            assert_string_equal(again.text, err.text);
        }
        net_dialogue_free(dialogue);
    }
}

#define EXPECT(sayings) expect_sayings(sayings, sizeof(sayings) / sizeof *(sayings))

static void servers_as_they_are_in_the_world(void **state)
{
    static const struct saying sayings[] = {
        {"smtp",
         "220-welcome\r\n220-to\r\n220 x ESMTP\r\n|250-x\r\n250-SIZE 1\r\n250 starttls\r\n|220 go\r\n",
         "done", ""},
        {"smtp", "220 x\n|250-STARTTLS\n250 OK\n|220\n", "done", ""},
        {"smtp", "220 x\r\n|250-x\r\n250-AUTH X-STARTTLS\r\n250 ST", "waits", ""},
        {"ftp", "220-hello\r\n  text\r\n221 not the end\r\n230-text\r\n220 ready\r\n|234 go\r\n",
         "done", ""},
        {"imap",
         "* OK hi\r\n|* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done\r\n|* OK still here\r\na2 OK go\r\n",
         "done", ""},
        {"pop3", "+OK\r\n|+OK\r\nSTLS\r\n.\r\n|+OK\r\n", "done", ""},
        {"pop3", "+OK\r\n|-ERR what is CAPA\r\n|+OK go\r\n", "done", ""},
        {"nntp", "200 hi\r\n|101 list\r\nSTARTTLS\r\n.\r\n|382 go\r\n", "done", ""},
        {"nntp", "201 hi\r\n|500 what\r\n|382 go\r\n", "done", ""},
        {"sieve", "\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"hi\"\r\n|OK\r\n", "done", ""},
        {"irc", "|NOTICE AUTH :*** Looking up\r\n:irc.x NOTICE * :hi\r\n:irc.x 670 * :go\r\n",
         "done", ""},
        {"xmpp",
         "<?xml version='1.0'?><stream:stream a='>' id=\"1\">\n<stream:features><mechanisms><mechanism>PLAIN</mechanism></mechanisms><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>|<proceed/>",
         "done", ""},
        {"xmpp-server",
         "<stream:stream><stream:features><starttls/></stream:features>|<proceed xmlns='x'></proceed>",
         "done", ""},
        {"postgres", "|S", "done", ""},
    };
    (void)state;
    EXPECT(sayings);
}

static void a_refusal_quotes_what_was_said(void **state)
{
    static const struct saying sayings[] = {
        {"smtp", "554 no mail here\r\n", "starttls_refused", "\"554 no mail here\""},
        {"smtp", "220 x\r\n|250-x\r\n250 SIZE 100\r\n", "starttls_refused",
         "does not offer STARTTLS"},
        {"smtp", "220 x\r\n|502 EHLO?\r\n", "starttls_refused", "502 EHLO?"},
        {"smtp", "220 x\r\n|250 STARTTLS\r\n|454 4.7.0 TLS not available\r\n", "starttls_refused",
         "\"454 4.7.0 TLS not available\""},
        {"lmtp", "220 x\r\n|250 STARTTLS\r\n|454-a\r\n", "starttls_refused", "LMTP"},
        {"ftp", "220 x\r\n|530 login first\r\n", "starttls_refused", "530 login first"},
        {"imap", "* BYE too many\r\n", "starttls_refused", "too many"},
        {"imap", "* PREAUTH hi\r\n", "starttls_refused", "logged this client in"},
        {"imap", "* OK\r\n|* CAPABILITY IMAP4rev1\r\na1 OK\r\n", "starttls_refused",
         "does not offer"},
        {"imap", "* OK\r\n|* CAPABILITY STARTTLS\r\na1 OK\r\n|a2 NO not today\r\n",
         "starttls_refused", "not today"},
        {"imap", "* OK\r\n|* CAPABILITY STARTTLS\r\na1 OK\r\n|a2 BAD what\r\n", "starttls_refused",
         "BAD what"},
        {"pop3", "-ERR busy\r\n", "starttls_refused", "-ERR busy"},
        {"pop3", "+OK\r\n|+OK\r\nTOP\r\n.\r\n", "starttls_refused", "does not offer"},
        {"pop3", "+OK\r\n|+OK\r\nSTLS\r\n.\r\n|-ERR no\r\n", "starttls_refused", "-ERR no"},
        {"nntp", "200 x\r\n|101 x\r\nREADER\r\n.\r\n", "starttls_refused", "does not offer"},
        {"nntp", "200 x\r\n|500 x\r\n|580 cannot\r\n", "starttls_refused", "580 cannot"},
        {"sieve", "\"SIEVE\" \"x\"\r\nOK\r\n", "starttls_refused", "does not offer"},
        {"sieve", "\"STARTTLS\"\r\nOK\r\n|NO \"no\"\r\n", "starttls_refused", "NO"},
        {"irc", "|:x 691 * :failed\r\n", "starttls_refused", "691"},
        {"irc", "|:x 451 * :You have not registered\r\n", "starttls_refused", "not registered"},
        {"irc", "|ERROR :banned\r\n", "starttls_refused", "banned"},
        {"xmpp", "<stream:stream><stream:features><bind/></stream:features>", "starttls_refused",
         "does not offer"},
        {"xmpp", "<stream:stream><stream:error><host-unknown/></stream:error>", "starttls_refused",
         "host-unknown"},
        {"xmpp", "<stream:stream><stream:features><starttls/></stream:features>|<failure/>",
         "starttls_refused", "<failure/>"},
        {"postgres", "|N", "starttls_refused", "has no TLS"},
        {"postgres", "|E\003FATAL", "starttls_refused", "error"},
    };
    (void)state;
    EXPECT(sayings);
}

static void another_protocol_is_called_so(void **state)
{
    static const struct saying sayings[] = {
        {"smtp", "SSH-2.0-OpenSSH_9.2p1\r\n", "not_the_protocol", "SSH-2.0-OpenSSH_9.2p1"},
        {"imap", "SSH-2.0-OpenSSH_9.2p1\r\n", "not_the_protocol", "SSH-2.0"},
        {"pop3", "220 x ESMTP\r\n", "not_the_protocol", "220 x ESMTP"},
        {"nntp", "HTTP/1.1 400 Bad Request\r\n", "not_the_protocol", "HTTP/1.1 400"},
        {"sieve", "OK\r\n", "not_the_protocol", "OK"},
        {"ftp", "* OK imap\r\n", "not_the_protocol", "imap"},
        {"irc", "|HTTP/1.1 400 Bad Request\r\n", "not_the_protocol", "HTTP"},
        {"xmpp", "220 hello\r\n", "not_the_protocol", "220 hello"},
        {"ldap", "|SSH-2.0-x\r\n", "not_the_protocol", "SSH"},
        {"mysql", "SSH-2.0-x\r\n", "not_the_protocol", "SSH"},
        {"postgres", "|HTTP/1.1 400\r\n", "not_the_protocol", "HTTP/1.1 400"},
        {"smtp", "\x15\x03\x01", "not_the_protocol", "speaks TLS from the first byte"},
        {"imap", "\x16\x03\x03\x02", "not_the_protocol", "speaks TLS from the first byte"},
        {"smtp", "220 \x1b[2Jx\r\n|\x1b]0;evil\x07\r\n", "not_the_protocol", "\\x1b]0;evil"},
    };
    (void)state;
    EXPECT(sayings);
}

static void clear_text_beside_the_go_ahead_is_refused(void **state)
{
    static const struct saying sayings[] = {
        {"smtp", "220 x\r\n|250 STARTTLS\r\n|220 go\r\n250 injected\r\n", "starttls_injection",
         "250 injected"},
        {"smtp", "220 x\r\n|250 STARTTLS\r\n220 go\r\n", "starttls_injection", "220 go"},
        {"smtp", "220 x\r\n250 STARTTLS\r\n", "starttls_injection", "250 STARTTLS"},
        {"lmtp", "220 x\r\n|250 STARTTLS\r\n|220 go\r\n\x16\x03\x03", "starttls_injection", ""},
        {"imap", "* OK\r\n|* CAPABILITY STARTTLS\r\na1 OK\r\n|a2 OK\r\n* CAPABILITY EVIL\r\n",
         "starttls_injection", "EVIL"},
        {"imap", "* OK\r\n|* CAPABILITY STARTTLS\r\na1 OK\r\na2 OK\r\n", "starttls_injection",
         "a2 OK"},
        {"pop3", "+OK\r\n|-ERR\r\n|+OK\r\n+OK evil\r\n", "starttls_injection", "evil"},
        {"ftp", "220 x\r\n|234 go\r\n230 evil\r\n", "starttls_injection", "230 evil"},
        {"nntp", "200 x\r\n|500 x\r\n|382 go\r\n281 evil\r\n", "starttls_injection", "evil"},
        {"sieve", "\"STARTTLS\"\r\nOK\r\n|OK\r\n\"SIEVE\" \"evil\"\r\n", "starttls_injection",
         "evil"},
        {"irc", "|:x 670 * :go\r\n:x 001 evil\r\n", "starttls_injection", "evil"},
        {"xmpp", "<stream:stream><stream:features><starttls/></stream:features>|<proceed/><evil/>",
         "starttls_injection", "<evil/>"},
        {"postgres", "|Sevil", "starttls_injection", "evil"}, /* CVE-2021-23222 */
    };
    (void)state;
    EXPECT(sayings);
}

static void a_client_that_does_not_wait_for_the_go_ahead_is_refused(void **state)
{
    static const struct saying sayings[] = {
        /* here it is the client who says it */
        {"smtp", "EHLO x\r\n|STARTTLS\r\nMAIL FROM:<evil>\r\n", "starttls_injection", "MAIL FROM"},
        {"imap", "1 STARTTLS\r\n2 LOGIN evil evil\r\n", "starttls_injection", "LOGIN"},
        {"pop3", "STLS\r\nUSER evil\r\n", "starttls_injection", "USER evil"},
        {"ftp", "AUTH TLS\r\nUSER evil\r\n", "starttls_injection", "USER evil"},
        {"xmpp", "<stream:stream>|<starttls/><evil/>", "starttls_injection", "<evil/>"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++) {
        struct net_dialogue *dialogue =
            net_dialogue_new(net_protocol_find(sayings[i].protocol), NET_SERVER, HOST);
        struct err err;
        const char *code =
            clear_text_hear(dialogue, sayings[i].said, strlen(sayings[i].said), &err);

        if (strcmp(code, sayings[i].code) != 0 || strstr(err.text, sayings[i].text) == NULL) {
            fail_msg("%s: %s, %s", sayings[i].said, code, err.text);
        }
        net_dialogue_free(dialogue);
    }
}

/* ---- without end -------------------------------------------------------------------------------- */

static void a_line_without_end_ends_it(void **state)
{
    size_t count;
    const struct net_protocol *protocols = net_protocols(&count);
    uint8_t *flood = malloc(NET_DIALOGUE_MAX);

    (void)state;
    assert_non_null(flood);
    for (size_t i = 0; i < count; i++) {
        for (int filler = 0; filler < 256; filler++) {
            struct net_dialogue *dialogue = net_dialogue_new(&protocols[i], NET_CLIENT, HOST);
            struct err err = {0};
            long used = 0;
            size_t unused;

            memset(flood, filler, NET_DIALOGUE_MAX);
            for (; net_dialogue_turn(dialogue) == NET_SAY; net_dialogue_said(dialogue)) {
                (void)net_dialogue_say(dialogue, &unused);
            }
            /* An empty line, or a whole element, may be taken; not for ever. */
            for (int round = 0; round < 100000 && used >= 0; round++) {
                used = net_dialogue_hear(dialogue, flood, NET_DIALOGUE_MAX, &err);
                assert_true(used != 0);
            }
            assert_int_equal(used, -1);
            net_dialogue_free(dialogue);
        }
    }
    free(flood);
}

static void an_answer_without_end_ends_it(void **state)
{
    static const struct {
        const char *protocol;
        const char *begin; /* with | */
        const char *line;
    } cases[] = {
        {"smtp", "", "220-and on\r\n"},
        {"ftp", "220-x\r\n", "and on\r\n"},
        {"imap", "* OK\r\n|", "* OK and on\r\n"},
        {"pop3", "+OK\r\n|+OK\r\n", "and on\r\n"},
        {"irc", "|", "PING :x\r\n"},
        {"sieve", "", "\"X\" \"and on\"\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct net_dialogue *dialogue =
            net_dialogue_new(net_protocol_find(cases[i].protocol), NET_CLIENT, HOST);
        struct err err;
        size_t length = strlen(cases[i].line);
        long used = 0;
        long total = 0;

        assert_string_equal(clear_text_hear(dialogue, cases[i].begin, strlen(cases[i].begin), &err),
                            "waits");
        while (used >= 0) {
            used = net_dialogue_hear(dialogue, (const uint8_t *)cases[i].line, length, &err);
            total += used;
            assert_true(total < 200000);
        }
        assert_non_null(strstr(err.text, "goes on and on"));
        net_dialogue_free(dialogue);
    }
}

/* ---- binary ones ---------------------------------------------------------------------------------- */

static long hear_bytes(const char *protocol, enum net_role role, const void *data, size_t length,
                       struct err *err)
{
    struct net_dialogue *dialogue = net_dialogue_new(net_protocol_find(protocol), role, HOST);
    size_t unused;
    long used;

    for (; net_dialogue_turn(dialogue) == NET_SAY; net_dialogue_said(dialogue)) {
        (void)net_dialogue_say(dialogue, &unused);
    }
    used = net_dialogue_hear(dialogue, data, length, err);
    net_dialogue_free(dialogue);
    return used;
}

static void ldap_says_why_it_refuses(void **state)
{
    /* messageID 1, ExtendedResponse: protocolError (2), "", "unsupported extended operation" */
    static const char refusal[] = "\x30\x2a\x02\x01\x01\x78\x25\x0a\x01\x02\x04\x00\x04\x1e"
                                  "unsupported extended operation";
    /* the same with long forms of lengths */
    static const char accepted[] = "\x30\x84\x00\x00\x00\x0c\x02\x01\x01\x78\x07\x0a\x01\x00"
                                   "\x04\x00\x04\x00";
    static const char other[] = "\x30\x0c\x02\x01\x07\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
    struct err err = {0};

    (void)state;
    assert_int_equal(hear_bytes("ldap", NET_CLIENT, refusal, sizeof refusal - 1, &err), -1);
    assert_string_equal(err.code, "starttls_refused");
    assert_non_null(strstr(err.text, "result code 2: \"unsupported extended operation\""));
    assert_int_equal(hear_bytes("ldap", NET_CLIENT, accepted, sizeof accepted - 1, &err),
                     sizeof accepted - 1);
    assert_int_equal(hear_bytes("ldap", NET_CLIENT, other, sizeof other - 1, &err), -1);
    assert_string_equal(err.code, "not_the_protocol"); /* an answer to message 7 */
    /* A search first. */
    assert_int_equal(hear_bytes("ldap", NET_SERVER, "\x30\x05\x02\x01\x01\x42\x00", 7, &err), -1);
    assert_string_equal(err.code, "starttls_refused");
}

static void mysql_without_tls_and_mysql_that_refuses_the_host(void **state)
{
    static const uint8_t greeting[] = {
        26, 0, 0, 0, 10, '5', '.', '1',  0,    1,  0, 0, 0, 1, 2,
        3,  4, 5, 6, 7,  8,   0,   0x00, 0x82, 45, 2, 0, 0, 0, 0,
    };
    static const char refusal[] = "\x11\x00\x00\x00\xff\x6a\x04Host not allowed";
    uint8_t good[sizeof greeting];
    struct err err = {0};

    (void)state;
    assert_int_equal(hear_bytes("mysql", NET_CLIENT, greeting, sizeof greeting, &err), -1);
    assert_string_equal(err.code, "starttls_refused");
    assert_non_null(strstr(err.text, "5.1"));
    memcpy(good, greeting, sizeof good);
    good[23] |= 0x08;
    assert_int_equal(hear_bytes("mysql", NET_CLIENT, good, sizeof good, &err), sizeof good);
    for (size_t length = 0; length < sizeof good; length++) {
        uint8_t cut[sizeof good];

        assert_int_equal(hear_bytes("mysql", NET_CLIENT, good, length, &err), 0);
        memcpy(cut, good, sizeof cut); /* a packet that ends too early */
        cut[0] = (uint8_t)(length < 4 ? 0 : length - 4);
        if (length >= 4 && length < 24) {
            assert_int_equal(hear_bytes("mysql", NET_CLIENT, cut, length, &err), -1);
        }
    }
    assert_int_equal(hear_bytes("mysql", NET_CLIENT, refusal, sizeof refusal - 1, &err), -1);
    assert_string_equal(err.code, "starttls_refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_of_every_protocol_agree_through_every_split),
        cmocka_unit_test(every_protocol_is_found_by_its_name_and_by_its_schemes),
        cmocka_unit_test(servers_as_they_are_in_the_world),
        cmocka_unit_test(a_refusal_quotes_what_was_said),
        cmocka_unit_test(another_protocol_is_called_so),
        cmocka_unit_test(clear_text_beside_the_go_ahead_is_refused),
        cmocka_unit_test(a_client_that_does_not_wait_for_the_go_ahead_is_refused),
        cmocka_unit_test(a_line_without_end_ends_it),
        cmocka_unit_test(an_answer_without_end_ends_it),
        cmocka_unit_test(ldap_says_why_it_refuses),
        cmocka_unit_test(mysql_without_tls_and_mysql_that_refuses_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
