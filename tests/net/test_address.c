/* Socket addresses: "ADDR:PORT" is read strictly and written so that it can be read again. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void an_address_survives_reading_and_writing(void **state)
{
    static const char *const texts[] = {"127.0.0.1:1",       "192.0.2.1:65535",
                                        "[::1]:443",         "[2001:db8::1]:8443",
                                        "[fe80::1%lo]:4433", "[::ffff:192.0.2.1]:443"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct net_address address;
        struct err err;
        assert_int_equal(net_address_parse(texts[i], &address, &err), 0);
        assert_string_equal(address.text, texts[i]);
    }
}

static void what_is_no_address_and_port_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        ":443",
        "::1:443",
        "[::1]",
        "[::1]443",
        "[::1:443",
        "[]:443",
        "[127.0.0.1]:1",
        "example.org:443",
        "127.0.0.1:+443",
        "127.0.0.1: 443",
        "443",
        "127.1:443",
        "2130706433:443",
        "127.0.0.1:00443",
        "127.0.0.1:443x",
        "[::1]]:44",
        "[",
        "]:1",
        "[::1]:99999999999999999999",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct net_address address;
        struct err err = {0};
        /* Leading zeros are the one liberty: five digits, still one number. */
        bool fine = strcmp(texts[i], "127.0.0.1:00443") == 0;
        int result = net_address_parse(texts[i], &address, &err);
        if (result != (fine ? 0 : -1)) {
            fail_msg("\"%s\" gave %d", texts[i], result);
        }
        if (!fine) {
            assert_int_equal(err.class, ERR_USAGE);
            assert_string_equal(err.code, "bad_address");
        }
    }
}

static void a_refusal_shows_terminal_controls_and_does_not_obey_them(void **state)
{
    struct net_address address;
    struct err err;
    (void)state;
    assert_int_equal(net_address_parse("\x1b[2J:443", &address, &err), -1);
    assert_null(strchr(err.text, 0x1b));
    assert_non_null(strstr(err.text, "\\x1b[2J"));
}

static void addresses_are_equal_by_address_port_and_zone(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } pairs[] = {
        {"127.0.0.1:1", "127.0.0.1:1", true},
        {"127.0.0.1:1", "127.0.0.1:2", false},
        {"127.0.0.1:1", "127.0.0.2:1", false},
        {"[::1]:1", "[0:0:0:0:0:0:0:1]:1", true},
        {"[::1]:1", "[::2]:1", false},
        {"[fe80::1%lo]:1", "[fe80::1]:1", false},
        {"127.0.0.1:1", "[::ffff:127.0.0.1]:1", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct net_address a, b;
        assert_int_equal(net_address_parse(pairs[i].a, &a, NULL), 0);
        assert_int_equal(net_address_parse(pairs[i].b, &b, NULL), 0);
        assert_int_equal(net_address_equal(&a, &b), pairs[i].equal);
    }
}

static void an_address_that_cannot_be_shown_is_empty(void **state)
{
    struct sockaddr strange = {.sa_family = 250};
    struct net_address address;
    (void)state;
    net_address_set(&address, &strange, sizeof strange);
    assert_int_equal(address.length, 0);
    assert_string_equal(address.text, "");
    net_address_set(&address, &strange, 0);
    assert_int_equal(address.length, 0);
    net_address_set(&address, &strange, sizeof(struct sockaddr_storage) + 1);
    assert_int_equal(address.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_survives_reading_and_writing),
        cmocka_unit_test(what_is_no_address_and_port_is_refused),
        cmocka_unit_test(a_refusal_shows_terminal_controls_and_does_not_obey_them),
        cmocka_unit_test(addresses_are_equal_by_address_port_and_zone),
        cmocka_unit_test(an_address_that_cannot_be_shown_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
