/*
 * Names to addresses. Numeric hosts and refusals need nobody; for names a small name server runs in
 * this process, to which the C library's resolver is pointed (resolver(3): a thread may change its own `_res`).
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <resolv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tlstep/net.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- a name server ----------------------------------------------------------------------- */

/* The zone: a name's addresses, in the order in which they are sent. */
static const struct zone_entry {
    const char *name;
    const char *address;
} zone[] = {
    {"one.tlstep.test", "127.0.0.9"},
    /* The A-label of bücher, RFC 3492's best known example. */
    {"xn--bcher-kva.tlstep.test", "127.0.0.77"},
    /* Addresses of this machine, so that RFC 6724 sorting keeps both families. */
    {"both.tlstep.test", "127.0.0.1"},
    {"both.tlstep.test", "127.0.0.2"},
    {"both.tlstep.test", "127.0.0.3"},
    {"both.tlstep.test", "::1"},
    {"many.tlstep.test", "127.0.1.1"},
    {"many.tlstep.test", "127.0.1.2"},
    {"many.tlstep.test", "127.0.1.3"},
    {"many.tlstep.test", "127.0.1.4"},
};

struct name_server {
    int fd;
    int stop[2];
    pthread_t thread;
};

static void put_u16(struct buffer *out, unsigned value)
{
    buffer_u16(out, (uint16_t)value);
}

static void put_answer(struct buffer *out, unsigned type, const void *address, size_t length)
{
    put_u16(out, 0xc00c); /* the name of the question */
    put_u16(out, type);
    put_u16(out, ns_c_in);
    buffer_u32(out, 60);
    put_u16(out, (unsigned)length);
    buffer_append(out, address, length);
}

/* RFC 1035 4.1: a header, the question again, the answers. NXDOMAIN when the zone has no such
 * name; SERVFAIL for names that begin with "broken". */
static void answer(const uint8_t *query, size_t length, struct buffer *out)
{
    char name[NS_MAXDNAME];
    struct reader question;
    struct buffer answers = {0};
    unsigned count = 0, code = ns_r_nxdomain, asked;
    int name_length = dn_expand(query, query + length, query + 12, name, sizeof name);

    if (name_length < 0) {
        return;
    }
    question = reader_new(query + 12, length - 12);
    (void)reader_bytes(&question, (size_t)name_length);
    asked = reader_u16(&question);
    (void)reader_u16(&question); /* the class */
    if (question.failed) {
        return;
    }
    for (size_t i = 0; i < COUNT(zone); i++) {
        uint8_t bytes[16];
        int family = strchr(zone[i].address, ':') != NULL ? AF_INET6 : AF_INET;
        unsigned type = family == AF_INET6 ? ns_t_aaaa : ns_t_a;
        if (!text_equal_nocase(zone[i].name, name)) {
            continue;
        }
        code = ns_r_noerror;
        if (type == asked && inet_pton(family, zone[i].address, bytes) == 1) {
            put_answer(&answers, type, bytes, family == AF_INET6 ? 16 : 4);
            count++;
        }
    }
    if (strncmp(name, "broken", 6) == 0) {
        code = ns_r_servfail;
    }
    buffer_append(out, query, 2); /* the number of the query */
    put_u16(out, 0x8180 | code);
    put_u16(out, 1);
    put_u16(out, count);
    put_u16(out, 0);
    put_u16(out, 0);
    buffer_append(out, question.data, question.offset);
    buffer_append(out, answers.data, answers.length);
    buffer_free(&answers);
}

static void *serve(void *argument)
{
    struct name_server *server = argument;
    struct pollfd watched[2] = {{.fd = server->fd, .events = POLLIN},
                                {.fd = server->stop[0], .events = POLLIN}};

    while (poll(watched, 2, -1) >= 0 && watched[1].revents == 0) {
        uint8_t query[600] = {0};
        struct sockaddr_storage peer;
        socklen_t peer_length = sizeof peer;
        struct buffer out = {0};
        ssize_t got = recvfrom(server->fd, query, sizeof query - 1, 0, (struct sockaddr *)&peer,
                               &peer_length);
        if (got < 12) {
            continue;
        }
        answer(query, (size_t)got, &out);
        (void)sendto(server->fd, out.data, out.length, 0, (struct sockaddr *)&peer, peer_length);
        buffer_free(&out);
    }
    return NULL;
}

static int start_name_server(void **state)
{
    static struct name_server server;
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof where;

    server.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (server.fd < 0 || bind(server.fd, (struct sockaddr *)&where, sizeof where) != 0 ||
        getsockname(server.fd, (struct sockaddr *)&where, &length) != 0 || pipe(server.stop) != 0 ||
        pthread_create(&server.thread, NULL, serve, &server) != 0 || res_init() != 0) {
        return -1;
    }
    _res.nscount = 1;
    _res.nsaddr_list[0] = where;
    _res.retrans = 1;
    _res.retry = 1;
    _res.ndots = 1;
    _res.dnsrch[0] = NULL;
    *state = &server;
    return 0;
}

static int stop_name_server(void **state)
{
    struct name_server *server = *state;

    (void)close(server->stop[1]);
    (void)pthread_join(server->thread, NULL);
    (void)close(server->stop[0]);
    return close(server->fd);
}

/* A machine whose nsswitch.conf does not ask the DNS, or through something that does not look at
 * `_res`, cannot run these. */
static void need_name_server(void)
{
    struct net_address address;

    if (net_resolve("one.tlstep.test", 1, NET_ANY, &address, 1, NULL) != 1) {
        print_message("skipped: this machine's resolver does not ask the test's name server\n");
        skip();
    }
}

/* ---- tests ------------------------------------------------------------------------------- */

static void a_numeric_host_is_its_own_address(void **state)
{
    static const struct {
        const char *host;
        const char *text;
    } hosts[] = {
        {"127.0.0.1", "127.0.0.1:443"}, {"::1", "[::1]:443"}, {"fe80::1%lo", "[fe80::1%lo]:443"}};
    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct net_address addresses[4];
        struct err err;
        assert_int_equal(net_resolve(hosts[i].host, 443, NET_ANY, addresses, 4, &err), 1);
        assert_string_equal(addresses[0].text, hosts[i].text);
    }
}

static void a_refused_host_is_named_with_the_reason(void **state)
{
    char long_name[400];
    const struct {
        const char *host;
        enum net_family family;
        const char *reason;
    } refused[] = {
        {"", NET_ANY, "empty"},
        {long_name, NET_ANY, "253"},
        {"127.0.0.1", NET_IPV6, "IPv6 address of host \"127.0.0.1\""},
        {"::1", NET_IPV4, "IPv4 address of host \"::1\""},
        {"\xff\xfe.test", NET_ANY, "\\xff\\xfe.test"},
        {"a\xe2\x80\xae"
         "b.test",
         NET_ANY, "\\u{202e}"},
    };
    (void)state;
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct net_address addresses[4];
        struct err err = {0};
        assert_int_equal(net_resolve(refused[i].host, 1, refused[i].family, addresses, 4, &err),
                         -1);
        assert_int_equal(err.class, ERR_NETWORK);
        assert_string_equal(err.code, "resolve_failed");
        if (strstr(err.text, refused[i].reason) == NULL) {
            fail_msg("\"%s\" lacks \"%s\"", err.text, refused[i].reason);
        }
    }
}

static void localhost_is_found_once_for_each_address(void **state)
{
    struct net_address addresses[NET_ADDRESS_MAX];
    long count = net_resolve("localhost", 4433, NET_ANY, addresses, NET_ADDRESS_MAX, NULL);
    (void)state;
    assert_true(count >= 1);
    for (long i = 0; i < count; i++) {
        for (long j = 0; j < i; j++) {
            assert_string_not_equal(addresses[i].text, addresses[j].text);
        }
    }
}

static void families_take_turns(void **state)
{
    struct net_address addresses[8];
    long count;
    (void)state;
    need_name_server();
    count = net_resolve("both.tlstep.test", 1, NET_ANY, addresses, 8, NULL);
    assert_int_equal(count, 4);
    /* Three of IPv4 and one of IPv6: the IPv6 one is first or second, whatever RFC 6724 put first
     * on this machine, and the rest keep their order. */
    assert_true(addresses[0].socket.ss_family != addresses[1].socket.ss_family);
    assert_int_equal(addresses[2].socket.ss_family, AF_INET);
    assert_int_equal(addresses[3].socket.ss_family, AF_INET);
    /* Only one family on request. */
    assert_int_equal(net_resolve("both.tlstep.test", 1, NET_IPV6, addresses, 8, NULL), 1);
    assert_string_equal(addresses[0].text, "[::1]:1");
    assert_int_equal(net_resolve("both.tlstep.test", 1, NET_IPV4, addresses, 8, NULL), 3);
}

static void no_more_than_the_caller_has_room_for(void **state)
{
    struct net_address addresses[3] = {0};
    (void)state;
    need_name_server();
    assert_int_equal(net_resolve("many.tlstep.test", 1, NET_ANY, addresses, 2, NULL), 2);
    assert_string_equal(addresses[2].text, "");
}

static void a_utf8_name_is_asked_for_as_its_a_label(void **state)
{
    struct net_address addresses[2];
    (void)state;
    need_name_server();
    /* Also in the C locale, and mapped to lower case (UTS 46). */
    assert_int_equal(net_resolve("b\xc3\xbc"
                                 "cher.tlstep.test",
                                 443, NET_ANY, addresses, 2, NULL),
                     1);
    assert_string_equal(addresses[0].text, "127.0.0.77:443");
    assert_int_equal(net_resolve("B\xc3\x9c"
                                 "CHER.tlstep.test",
                                 443, NET_ANY, addresses, 2, NULL),
                     1);
    assert_string_equal(addresses[0].text, "127.0.0.77:443");
}

static void what_the_name_server_says_is_told(void **state)
{
    static const struct {
        const char *host;
        enum net_family family;
        const char *reason;
    } failures[] = {
        {"nobody.tlstep.test", NET_ANY, "no such name"},
        {"broken.tlstep.test", NET_ANY, "no name server answers"},
        {"one.tlstep.test", NET_IPV6, "no address"},
    };
    (void)state;
    need_name_server();
    for (size_t i = 0; i < COUNT(failures); i++) {
        struct net_address address;
        struct err err = {0};
        assert_int_equal(net_resolve(failures[i].host, 1, failures[i].family, &address, 1, &err),
                         -1);
        if (strstr(err.text, failures[i].reason) == NULL ||
            strstr(err.text, failures[i].host) == NULL) {
            fail_msg("\"%s\" lacks \"%s\"", err.text, failures[i].reason);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_numeric_host_is_its_own_address),
        cmocka_unit_test(a_refused_host_is_named_with_the_reason),
        cmocka_unit_test(localhost_is_found_once_for_each_address),
        cmocka_unit_test(families_take_turns),
        cmocka_unit_test(no_more_than_the_caller_has_room_for),
        cmocka_unit_test(a_utf8_name_is_asked_for_as_its_a_label),
        cmocka_unit_test(what_the_name_server_says_is_told),
    };
    return cmocka_run_group_tests(tests, start_name_server, stop_name_server);
}
