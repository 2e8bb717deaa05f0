/* Listening sockets: where they listen, and refusals that name the address and the way out. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tlstep/net.h"

static uint16_t port_of(const struct net_address *address)
{
    return ntohs(((const struct sockaddr_in *)&address->socket)->sin_port);
}

static void port_0_becomes_the_one_that_was_found(void **state)
{
    struct net_address address;
    int fd = net_listen("127.0.0.1", 0, &address, NULL);
    (void)state;
    assert_true(fd >= 0);
    assert_int_not_equal(port_of(&address), 0);
    assert_int_equal(accept(fd, NULL, NULL), -1);
    assert_int_equal(errno, EAGAIN); /* does not block */
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    (void)close(fd);
}

static void a_port_in_use_is_named(void **state)
{
    struct net_address first, second;
    struct err err = {0};
    int fd = net_listen("127.0.0.1", 0, &first, NULL);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(net_listen("127.0.0.1", port_of(&first), &second, &err), -1);
    assert_int_equal(err.class, ERR_NETWORK);
    assert_string_equal(err.code, "listen_failed");
    assert_non_null(strstr(err.text, first.text));
    assert_non_null(strstr(err.text, "another program"));
    (void)close(fd);
}

static void a_port_is_free_again_after_closing(void **state)
{
    struct net_address first, second;
    struct net_attempt attempt;
    size_t count;
    int fd = net_listen("127.0.0.1", 0, &first, NULL);
    int client = net_connect(&first, 1, 1000, -1, &attempt, &count, NULL);
    int server = accept(fd, NULL, NULL);
    (void)state;
    assert_true(client >= 0 && server >= 0);
    (void)close(server); /* closes first: this side's port is in TIME_WAIT afterwards */
    (void)close(client);
    (void)close(fd);
    fd = net_listen("127.0.0.1", port_of(&first), &second, NULL);
    assert_true(fd >= 0);
    (void)close(fd);
}

static void an_address_of_another_machine_is_refused(void **state)
{
    struct net_address address;
    struct err err = {0};
    (void)state;
    assert_int_equal(net_listen("203.0.113.7", 0, &address, &err), -1);
    assert_non_null(strstr(err.text, "does not have that address"));
}

static void a_name_is_refused(void **state)
{
    static const char *const hosts[] = {"localhost", "", "127.1", "\x1b[2J"};
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct net_address address;
        struct err err = {0};
        assert_int_equal(net_listen(hosts[i], 0, &address, &err), -1);
        assert_int_equal(err.class, ERR_USAGE);
        assert_null(strchr(err.text, 0x1b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_0_becomes_the_one_that_was_found),
        cmocka_unit_test(a_port_in_use_is_named),
        cmocka_unit_test(a_port_is_free_again_after_closing),
        cmocka_unit_test(an_address_of_another_machine_is_refused),
        cmocka_unit_test(a_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
