/* Proxies: what they are asked, byte for byte, their refusals, the side of a CONNECT proxy, and URLs that never show a password. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "clear_text.h"

static void expect_said(struct net_dialogue *dialogue, const void *wanted, size_t length)
{
    size_t said;
    const uint8_t *data;

    assert_int_equal(net_dialogue_turn(dialogue), NET_SAY);
    data = net_dialogue_say(dialogue, &said);
    assert_int_equal(said, length);
    assert_memory_equal(data, wanted, length);
    net_dialogue_said(dialogue);
    assert_int_not_equal(net_dialogue_turn(dialogue), NET_SAY);
}
#define EXPECT_SAID(dialogue, bytes) expect_said(dialogue, bytes, sizeof(bytes) - 1)

static long hear_text(struct net_dialogue *dialogue, const char *text, struct err *err)
{
    return net_dialogue_hear(dialogue, (const uint8_t *)text, strlen(text), err);
}

static void connect_asks_for_the_target_with_basic_credentials(void **state)
{
    struct net_proxy proxy;
    struct net_dialogue *dialogue;
    struct err err = {0};

    (void)state;
    assert_int_equal(net_proxy_parse("http://Aladdin:open%20sesame@127.0.0.1:3128", &proxy, &err),
                     0);
    dialogue = net_dialogue_new_proxy(&proxy, "2001:db8::1", 443);
    assert_string_equal(net_dialogue_name(dialogue), "http-connect");
    /* RFC 7617 2: the very same credentials */
    EXPECT_SAID(dialogue, "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n"
                          "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
    assert_int_equal(hear_text(dialogue, "HTTP/1.1 200 Connection est", &err), 0);
    assert_int_equal(hear_text(dialogue, "HTTP/1.1 103 x\r\n\r\nHTTP", &err), 18);
    /* A server that speaks first is behind it: nothing of the proxy's. */
    assert_int_equal(hear_text(dialogue, "HTTP/1.1 200 OK\r\nVia: x\r\n\r\n220 hi\r\n", &err), 27);
    assert_int_equal(net_dialogue_turn(dialogue), NET_DONE);
    net_dialogue_free(dialogue);
}

static void connect_refusals(void **state)
{
    static const struct {
        const char *url;
        const char *said;
        const char *code;
        const char *text;
    } cases[] = {
        {"http://p", "HTTP/1.1 403 Forbidden by rule\r\n\r\n", "proxy_refused",
         "403 Forbidden by rule"},
        {"http://p", "HTTP/1.1 407 Auth\r\n\r\n", "proxy_refused", "wants a user"},
        {"http://u:secret@p", "HTTP/1.1 407 Auth\r\n\r\n", "proxy_refused", "does not take"},
        {"http://p", "HTTP/1.0 502 Bad\r\nContent-Length: 3\r\n\r\nabc", "proxy_refused",
         "502 Bad"},
        {"http://p", "SSH-2.0-x\r\n", "not_the_protocol", "SSH-2.0-x"},
        {"http://p", "HTTP/2 200\r\n\r\n", "not_the_protocol", "HTTP/2"},
        {"socks5://p", "\x05\xff", "proxy_refused", "wants a user"},
        {"socks5://u:secret@p", "\x05\xff", "proxy_refused", "another way"},
        {"socks5://p", "\x05\x02", "proxy_refused", "another way"},
        {"socks5://p", "HTTP/1.1 400 x\r\n", "not_the_protocol", "HTTP"},
        {"socks5://u:secret@p", "\x05\x02|\x01\x01", "proxy_refused", "does not take"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct net_proxy proxy;
        struct net_dialogue *dialogue;
        struct err err;

        assert_int_equal(net_proxy_parse(cases[i].url, &proxy, NULL), 0);
        dialogue = net_dialogue_new_proxy(&proxy, "example.org", 443);
        assert_string_equal(clear_text_hear(dialogue, cases[i].said, strlen(cases[i].said), &err),
                            cases[i].code);
        if (strstr(err.text, cases[i].text) == NULL || strstr(err.text, "secret") != NULL) {
            fail_msg("%s: %s", cases[i].said, err.text);
        }
        net_dialogue_free(dialogue);
    }
}

static void socks5_with_a_password(void **state)
{
    struct net_proxy proxy;
    struct net_dialogue *dialogue;
    struct err err = {0};

    (void)state;
    assert_int_equal(net_proxy_parse("socks5h://me:pass@[::1]", &proxy, &err), 0);
    assert_string_equal(proxy.host, "::1");
    assert_int_equal(proxy.port, 1080);
    dialogue = net_dialogue_new_proxy(&proxy, "example.org", 0x1bb);
    EXPECT_SAID(dialogue, "\x05\x02\x00\x02");
    assert_int_equal(net_dialogue_hear(dialogue, (const uint8_t *)"\x05", 1, &err), 0);
    assert_int_equal(net_dialogue_hear(dialogue, (const uint8_t *)"\x05\x02", 2, &err), 2);
    EXPECT_SAID(dialogue, "\x01\x02me\x04pass");
    assert_int_equal(net_dialogue_hear(dialogue, (const uint8_t *)"\x01\x00", 2, &err), 2);
    EXPECT_SAID(dialogue, "\x05\x01\x00\x03\x0b"
                          "example.org\x01\xbb");
    for (size_t length = 0; length < 10; length++) {
        assert_int_equal(
            net_dialogue_hear(dialogue, (const uint8_t *)"\x05\0\0\1\x7f\0\0\1\0\0", length, &err),
            0);
    }
    assert_int_equal(
        net_dialogue_hear(dialogue, (const uint8_t *)"\x05\0\0\1\x7f\0\0\1\0\0 220", 13, &err), 10);
    assert_int_equal(net_dialogue_turn(dialogue), NET_DONE);
    net_dialogue_free(dialogue);
}

static void socks5_by_address_and_its_refusals(void **state)
{
    struct net_proxy proxy;
    struct net_dialogue *dialogue;
    struct err err = {0};

    (void)state;
    assert_int_equal(net_proxy_parse("socks5://p:9050", &proxy, &err), 0);
    dialogue = net_dialogue_new_proxy(&proxy, "192.0.2.1", 25);
    EXPECT_SAID(dialogue, "\x05\x01\x00");
    assert_int_equal(net_dialogue_hear(dialogue, (const uint8_t *)"\x05\x00", 2, &err), 2);
    EXPECT_SAID(dialogue, "\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x19");
    assert_int_equal(net_dialogue_hear(dialogue, (const uint8_t *)"\x05\x05\0\3\x01x\0\0", 8, &err),
                     -1);
    assert_string_equal(err.code, "proxy_refused");
    assert_non_null(strstr(err.text, "was refused a connection there"));
    net_dialogue_free(dialogue);
}

static void a_connect_server_holds_its_answer_back(void **state)
{
    static const char request[] = "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n\x16\x03\x01";
    struct net_dialogue *dialogue = net_dialogue_new_connect_server();
    struct err err = {0};
    const char *host;
    uint16_t port;

    (void)state;
    assert_int_equal(net_dialogue_turn(dialogue), NET_HEAR);
    assert_false(net_dialogue_asked(dialogue, &host, &port));
    assert_int_equal(net_dialogue_hear(dialogue, (const uint8_t *)request, 20, &err), 0);
    assert_int_equal(
        net_dialogue_hear(dialogue, (const uint8_t *)request, sizeof request - 1, &err),
        sizeof request - 4);
    assert_true(net_dialogue_asked(dialogue, &host, &port));
    assert_string_equal(host, "example.org");
    assert_int_equal(port, 443);
    assert_int_equal(net_dialogue_turn(dialogue), NET_HEAR);
    assert_int_equal(net_dialogue_hear(dialogue, (const uint8_t *)"\x16\x03\x01", 3, &err), 0);
    net_dialogue_answer(dialogue, true);
    EXPECT_SAID(dialogue, "HTTP/1.1 200 Connection established\r\n\r\n");
    assert_int_equal(net_dialogue_turn(dialogue), NET_DONE);
    net_dialogue_free(dialogue);
}

static void a_connect_server_refuses_what_is_no_connect(void **state)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "CONNECT example.org HTTP/1.1\r\n\r\n",
        "CONNECT :443 HTTP/1.1\r\n\r\n",
        "CONNECT x:0 HTTP/1.1\r\n\r\n",
        "CONNECT x:65536 HTTP/1.1\r\n\r\n",
        "CONNECT x:4294967739 HTTP/1.1\r\n\r\n",
        "CONNECT x\x01y:443 HTTP/1.1\r\n\r\n",
        "CONNECT x:443\r\n\r\n",
        "CONNECT x:44a HTTP/1.1\r\n\r\n",
        "CONNECT  HTTP/1.1\r\n\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct net_dialogue *dialogue = net_dialogue_new_connect_server();
        struct err err = {0};

        if (hear_text(dialogue, requests[i], &err) != -1) {
            fail_msg("taken: %s", requests[i]);
        }
        assert_int_equal(err.class, ERR_NETWORK);
        net_dialogue_free(dialogue);
    }
}

static void proxies_are_read_and_passwords_never_shown(void **state)
{
    static const char *const bad[] = {
        "",
        "p:3128",
        "ftp://p",
        "http://",
        "http://:80",
        "http://p:0",
        "http://p:99999",
        "http://[::1",
        "http://[::1]x",
        "http://@p",
        "http://u:secret@",
        "http://u:secret%00@p",
        "http://u:secret%0d@p",
        "http://u:secret%zz@p",
        "http://u%3av:secret@p",
        "http://u:secret@p q",
        "http://u:secret@p:x",
    };
    struct net_proxy proxy;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (net_proxy_parse(bad[i], &proxy, &err) == 0) {
            fail_msg("taken: %s", bad[i]);
        }
        assert_int_equal(err.class, ERR_USAGE);
        assert_string_equal(err.code, "bad_proxy");
        assert_null(strstr(err.text, "secret"));
        assert_string_equal(proxy.password, "");
    }
    assert_int_equal(net_proxy_parse("HTTP://a%40b:c%3Ad:e@proxy.example/", &proxy, &err), 0);
    assert_string_equal(proxy.user, "a@b");
    assert_string_equal(proxy.password, "c:d:e");
    assert_string_equal(proxy.host, "proxy.example");
    assert_int_equal(proxy.port, 8080);
    assert_false(proxy.socks5);
}

static void a_password_is_hidden_wherever_it_would_be_shown(void **state)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"http://user:secret@host:1", "http://user:*@host:1"},
        {"proxy socks5://u:s@h", "proxy socks5://u:*@h"},
        {"http://u:a:b@c@host", "http://u:*@host"},
        {"http://u:se/cret@host:bad", "http://u:*@host:bad"},
        {"Set proxy http://:secret@h: the next run", "Set proxy http://:*@h: the next run"},
        {"http://user@host:1", "http://user@host:1"},
        {"http://user:@host", "http://user:@host"},
        {"http://host:1", "http://host:1"},
        {"a@b:c", "a@b:c"},
        {"://@", "://@"},
        {"://", "://"},
        {"", ""},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[80];

        (void)snprintf(text, sizeof text, "%s", cases[i].text);
        net_proxy_hide_password(text);
        assert_string_equal(text, cases[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_asks_for_the_target_with_basic_credentials),
        cmocka_unit_test(connect_refusals),
        cmocka_unit_test(socks5_with_a_password),
        cmocka_unit_test(socks5_by_address_and_its_refusals),
        cmocka_unit_test(a_connect_server_holds_its_answer_back),
        cmocka_unit_test(a_connect_server_refuses_what_is_no_connect),
        cmocka_unit_test(proxies_are_read_and_passwords_never_shown),
        cmocka_unit_test(a_password_is_hidden_wherever_it_would_be_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
