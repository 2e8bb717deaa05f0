/* Records and handshake messages are told from garbage at the first byte that decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/wire.h"

static enum wire_parse parse(const void *data, size_t length, struct wire_record *record)
{
    /* A copy of exactly its length, so that the address sanitizer sees a read beyond it. */
    uint8_t *copy = malloc(length + (length == 0));
    enum wire_parse result;

    assert_non_null(copy);
    memcpy(copy, data, length);
    result = wire_record_parse(copy, length, record);
    free(copy);
    return result;
}

static void a_record_is_complete_with_its_last_byte(void **state)
{
    static const uint8_t alert[] = {21, 3, 3, 0, 2, 2, 40};
    struct wire_record record;

    (void)state;
    for (size_t length = 0; length < sizeof alert; length++) {
        assert_int_equal(parse(alert, length, &record), WIRE_NEED_MORE);
    }
    assert_int_equal(parse(alert, sizeof alert, &record), WIRE_COMPLETE);
    assert_int_equal(record.content_type, WIRE_ALERT);
    assert_int_equal(record.version, 0x0303);
    assert_int_equal(record.length, 2);
    assert_int_equal(parse("\x17\x03\x03\0\0", 5, &record), WIRE_COMPLETE); /* an empty one */
    assert_int_equal(record.length, 0);
}

static void what_is_known_is_told_before_the_end(void **state)
{
    struct wire_record record;

    (void)state;
    assert_int_equal(parse("\x16\x03\x01\x02", 4, &record), WIRE_NEED_MORE);
    assert_int_equal(record.content_type, WIRE_HANDSHAKE);
    assert_int_equal(record.version, 0x0301);
    assert_int_equal(parse("\x16\x03\x01\x02\x00", 5, &record), WIRE_NEED_MORE);
    assert_int_equal(record.length, 0x200);
}

static void every_content_type_of_tls_is_taken_and_no_other(void **state)
{
    struct wire_record record;

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        uint8_t byte = (uint8_t)type;
        assert_int_equal(parse(&byte, 1, &record),
                         type >= 20 && type <= 24 ? WIRE_NEED_MORE : WIRE_NOT_TLS);
    }
    assert_int_equal(parse("\x16\x02", 2, &record), WIRE_NOT_TLS);
    assert_int_equal(parse("\x16\x03\xff", 3, &record), WIRE_NEED_MORE);
    assert_int_equal(parse("SSH-2.0-OpenSSH", 15, &record), WIRE_NOT_TLS);
}

/* RFC 5246 6.2.3: at most 2^14 + 2048. */
static void a_record_that_claims_too_much_is_refused(void **state)
{
    struct wire_record record;

    (void)state;
    assert_int_equal(parse("\x17\x03\x03\x48\x00", 5, &record), WIRE_NEED_MORE);
    assert_int_equal(parse("\x17\x03\x03\x48\x01", 5, &record), WIRE_TOO_LONG);
    assert_int_equal(record.length, 18433);
    assert_int_equal(parse("\x17\x03\x03\xff\xff", 5, &record), WIRE_TOO_LONG);
}

static void a_handshake_message_is_complete_with_its_last_byte(void **state)
{
    static const uint8_t message[] = {20, 0, 0, 3, 7, 8, 9};
    uint32_t length = 0;
    uint8_t type = 0;

    (void)state;
    for (size_t i = 0; i < sizeof message; i++) {
        assert_int_equal(wire_handshake_parse(message, i, &type, &length), WIRE_NEED_MORE);
        assert_int_equal(length, i < 4 ? 0 : 3);
    }
    assert_int_equal(wire_handshake_parse(message, sizeof message, &type, &length), WIRE_COMPLETE);
    assert_int_equal(type, WIRE_FINISHED);
    assert_int_equal(wire_handshake_parse((const uint8_t *)"\x0b\xff\xff\xff", 4, &type, &length),
                     WIRE_NEED_MORE);
    assert_int_equal(length, 0xffffff);
}

static void a_hello_retry_request_has_its_special_random(void **state)
{
    /* RFC 8446 4.1.3 */
    static const char random[] = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
    uint8_t message[4 + 2 + 32] = {WIRE_SERVER_HELLO, 0, 0, 34, 3, 3};

    (void)state;
    assert_int_equal(text_unhex(message + 6, 32, random, 64), 32);
    assert_true(wire_is_hello_retry_request(message, sizeof message));
    assert_false(wire_is_hello_retry_request(message, sizeof message - 1));
    message[37] ^= 1;
    assert_false(wire_is_hello_retry_request(message, sizeof message));
    message[37] ^= 1;
    message[0] = WIRE_CLIENT_HELLO;
    assert_false(wire_is_hello_retry_request(message, sizeof message));
    assert_false(wire_is_hello_retry_request(NULL, 0));
}

struct greeting {
    const char *bytes;
    size_t length;
    const char *protocol;
};

#define GREETING(text, name)         \
    {                                \
        text, sizeof(text) - 1, name \
    }

static void peers_that_speak_something_else_are_named(void **state)
{
    static const struct greeting greetings[] = {
        GREETING("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", "SSH"),
        GREETING("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n", "HTTP"),
        GREETING("<html>\r\n<head><title>400", "HTTP"),
        GREETING("220 mail.example.org ESMTP Postfix (Debian)\r\n", "SMTP"),
        GREETING("220 ProFTPD Server (Debian) [::ffff:127.0.0.1]\r\n", "FTP"),
        GREETING("220 ready\r\n250 SMTP\r\n", "SMTP or FTP"),
        GREETING("* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", "IMAP"),
        GREETING("+OK Dovecot ready.\r\n", "POP3"),
        GREETING("-ERR unknown command 'x'\r\n", "Redis"),
        GREETING("<?xml version='1.0'?><stream:stream xmlns", "XMPP"),
        GREETING(":irc.example.org NOTICE * :*** Looking up", "IRC"),
        GREETING("RFB 003.008\n", "VNC"),
        GREETING("J\0\0\0\n8.0.36\0", "MySQL"),
        GREETING("\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80", "HTTP/2"),
        GREETING("\xff\xfd\x18\xff\xfd\x20", "Telnet"),
        GREETING("hello, world", NULL),
        GREETING("\x16\x03\x03", NULL),
        GREETING("22", NULL),
        GREETING("", NULL),
    };

    (void)state;
    for (size_t i = 0; i < sizeof greetings / sizeof greetings[0]; i++) {
        const struct greeting *greeting = &greetings[i];
        uint8_t *copy = malloc(greeting->length + (greeting->length == 0));
        const char *protocol;
        assert_non_null(copy);
        memcpy(copy, greeting->bytes, greeting->length);
        protocol = wire_guess_protocol(copy, greeting->length);
        if (greeting->protocol == NULL) {
            assert_null(protocol);
        } else {
            assert_non_null(protocol);
            assert_string_equal(protocol, greeting->protocol);
        }
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_complete_with_its_last_byte),
        cmocka_unit_test(what_is_known_is_told_before_the_end),
        cmocka_unit_test(every_content_type_of_tls_is_taken_and_no_other),
        cmocka_unit_test(a_record_that_claims_too_much_is_refused),
        cmocka_unit_test(a_handshake_message_is_complete_with_its_last_byte),
        cmocka_unit_test(a_hello_retry_request_has_its_special_random),
        cmocka_unit_test(peers_that_speak_something_else_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
