/*
 * The intercepting proxy as lab:proxy: clients get the real server's answer through it, one after the other and at
 * once, whatever other clients do; nothing is left behind.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>

#include "tlstep/lab.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define NS_PER_MS    INT64_C(1000000)

static size_t count_entries(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(directory);
    return count;
}

static struct lab_server *start(size_t connections)
{
    const struct lab_config config = {.connections = connections};
    struct err err = {0};
    struct lab_server *server = lab_start_configured("proxy", &config, &err);

    if (server == NULL) {
        fail_msg("%s", err.text);
    }
    return server;
}

static int connect_to(const struct lab_server *server)
{
    struct net_attempt attempt;
    struct err err;
    size_t count;
    int fd = net_connect(lab_address(server), 1, 5000, -1, &attempt, &count, &err);

    if (fd < 0) {
        fail_msg("%s", err.text);
    }
    return fd;
}

/* ---- a client that verifies nothing ------------------------------------------------------- */

static bool exchange(gnutls_session_t session, const char *request, struct buffer *answer)
{
    char chunk[4096];
    ssize_t got;
    int status;

    gnutls_handshake_set_timeout(session, 10000);
    do {
        status = gnutls_handshake(session);
    } while (status < 0 && !gnutls_error_is_fatal(status));
    if (status < 0 || gnutls_record_send(session, request, strlen(request)) < 0) {
        return false;
    }
    do {
        got = gnutls_record_recv(session, chunk, sizeof chunk);
        if (got > 0) {
            buffer_append(answer, chunk, (size_t)got);
        }
    } while (got > 0 || got == GNUTLS_E_AGAIN);
    return got == 0;
}

/* True when all of it went well, up to the peer's close_notify. */
static bool ask(int fd, const char *request, struct buffer *answer)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    bool well;

    assert_int_equal(gnutls_certificate_allocate_credentials(&credentials), 0);
    assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT), 0);
    assert_int_equal(gnutls_set_default_priority(session), 0);
    assert_int_equal(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials), 0);
    (void)gnutls_server_name_set(session, GNUTLS_NAME_DNS, "proxy.lab.tlstep.test", 21);
    assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK), 0); /* it may wait */
    gnutls_transport_set_int(session, fd);
    well = exchange(session, request, answer);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(credentials);
    (void)close(fd);
    return well;
}

static const char get[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

static void assert_served(const struct lab_server *server)
{
    struct buffer answer = {0};

    assert_true(ask(connect_to(server), get, &answer));
    assert_non_null(strstr(buffer_string(&answer), "tlstep lab: proxy"));
    buffer_free(&answer);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void clients_are_served_one_after_the_other(void **state)
{
    struct lab_server *server = start(0);
    (void)state;

    for (int i = 0; i < 20; i++) {
        assert_served(server);
    }
    lab_stop(server);
}

static void *serve_many(void *server)
{
    for (int i = 0; i < 5; i++) {
        struct buffer answer = {0};

        if (!ask(connect_to(server), get, &answer)) {
            buffer_free(&answer);
            return server; /* any pointer: it was not served */
        }
        buffer_free(&answer);
    }
    return NULL;
}

static void clients_are_served_at_once(void **state)
{
    struct lab_server *server = start(0);
    pthread_t threads[8];
    (void)state;

    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, serve_many, server), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *trouble;
        assert_int_equal(pthread_join(threads[i], &trouble), 0);
        assert_null(trouble);
    }
    lab_stop(server);
}

/* Nothing, garbage, half a ClientHello, half a CONNECT, a reset. */
static int attack(const struct lab_server *server, int way)
{
    static const char *const words[] = {"", "GARBAGE garbage", "\x16\x03\x01\x02\x00\x01",
                                        "CONNECT local", "\x80\x2e\x01\x03"};
    const struct linger reset = {.l_onoff = 1};
    int fd = connect_to(server);
    size_t length = way == 2 ? 6 : strlen(words[way % 5]);

    (void)send(fd, words[way % 5], length, MSG_NOSIGNAL);
    if (way % 10 >= 5) {
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void everyone_else_is_served_under_attack(void **state)
{
    size_t descriptors = count_entries("/proc/self/fd");
    size_t threads = count_entries("/proc/self/task");
    struct lab_server *server = start(16);
    int attackers[120];
    (void)state;

    for (size_t i = 0; i < COUNT(attackers); i++) {
        attackers[i] = attack(server, (int)i);
        if (i % 30 == 29) {
            assert_served(server);
        }
    }
    assert_served(server);
    assert_in_range(count_entries("/proc/self/task"), threads, threads + 16 * 6 + 8);
    for (size_t i = 0; i < COUNT(attackers); i++) {
        if (attackers[i] >= 0) {
            (void)close(attackers[i]);
        }
    }
    lab_stop(server);
    assert_int_equal(count_entries("/proc/self/fd"), descriptors);
    for (int i = 0; i < 100 && count_entries("/proc/self/task") > threads; i++) {
        (void)usleep(10000);
    }
    assert_int_equal(count_entries("/proc/self/task"), threads);
}

/* ---- one proxy, stepped ------------------------------------------------------------------------ */

struct stepped {
    struct lab_ca *ca;
    struct lab_imitations *imitations;
    struct net_listener *listener;
    struct lab_server *server;
    struct lab_proxy *proxy;
};

static void open_proxy(struct stepped *stepped, const struct lab_proxy_rule *rule)
{
    struct tls_options options;
    struct err err = {0};
    struct lab_proxy_config config = {
        .options = &options, .host = "127.0.0.1", .rules = rule, .rule_count = rule != NULL};

    tls_options_init(&options);
    options.trust = TLS_TRUST_LAB;
    stepped->ca = lab_ca_new(&err);
    assert_non_null(stepped->ca);
    stepped->imitations = lab_imitations_new(stepped->ca, &err);
    stepped->listener = net_listener_new("127.0.0.1", 0, &err);
    stepped->server = lab_start("good", 0, &err);
    assert_non_null(stepped->imitations);
    assert_non_null(stepped->listener);
    assert_non_null(stepped->server);
    config.imitations = stepped->imitations;
    config.listener = stepped->listener;
    config.port = (uint16_t)strtoul(strrchr(lab_address(stepped->server)->text, ':') + 1, NULL, 10);
    config.lab_root = lab_root(stepped->server, &config.lab_root_length);
    config.start_ns = clock_monotonic_ns();
    options.sni = text_duplicate("good.lab.tlstep.test", 20);
    stepped->proxy = lab_proxy_new(&config, &err);
    tls_options_free(&options);
    if (stepped->proxy == NULL) {
        fail_msg("%s", err.text);
    }
}

static void close_proxy(struct stepped *stepped)
{
    lab_proxy_free(stepped->proxy);
    lab_stop(stepped->server);
    net_listener_release(stepped->listener);
    lab_imitations_release(stepped->imitations);
    lab_ca_release(stepped->ca);
}

/* One step; tells the stop, "client:ClientHello". False when it is over. */
static bool step(struct stepped *stepped, char *out, size_t size)
{
    const struct engine_command command = {.kind = ENGINE_STEP};
    int64_t until_ns = clock_monotonic_ns() + 10000 * NS_PER_MS;
    enum lab_proxy_side side;
    struct trace_event event;

    if (lab_proxy_command(stepped->proxy, LAB_PROXY_CLIENT, &command, NULL) != 0) {
        return false;
    }
    out[0] = '\0';
    do {
        while (lab_proxy_take(stepped->proxy, &side, &event)) {
            if (event.kind == TRACE_STOP) {
                (void)snprintf(out, size, "%s:%s", side == LAB_PROXY_CLIENT ? "client" : "server",
                               event.text);
            }
            trace_event_clear(&event);
        }
        assert_true(clock_monotonic_ns() < until_ns);
    } while (lab_proxy_state(stepped->proxy) == ENGINE_RUNNING);
    return true;
}

struct asking {
    struct net_address address;
    struct buffer answer;
    bool well;
};

static void *ask_proxy(void *argument)
{
    struct asking *asking = argument;
    struct net_attempt attempt;
    size_t count;
    int fd = net_connect(&asking->address, 1, 5000, -1, &attempt, &count, NULL);

    asking->well = fd >= 0 && ask(fd, get, &asking->answer);
    return NULL;
}

/* The real server is asked, whole, between the client's ClientHello and the answer to it. */
static void each_side_waits_for_what_causes_it(void **state)
{
    static const char *const order[] = {
        "client:connect",     "client:ClientHello", "server:resolve", "server:connect",
        "server:ClientHello", "server:ServerHello", "server:verify",  "server:data",
        "client:ServerHello", "client:Certificate", "client:data",    "client:ApplicationData",
        "client:close",
    };
    const struct lab_proxy_rule rule = {"tlstep lab: good", "replaced on the way"};
    struct stepped stepped;
    struct asking asking = {0};
    size_t at = 0;
    char stop[64];
    pthread_t client;
    (void)state;

    open_proxy(&stepped, &rule);
    asking.address = *net_listener_address(stepped.listener);
    assert_int_equal(pthread_create(&client, NULL, ask_proxy, &asking), 0);
    while (step(&stepped, stop, sizeof stop)) {
        at += at < COUNT(order) && strcmp(stop, order[at]) == 0;
    }
    assert_int_equal(pthread_join(client, NULL), 0);
    if (at < COUNT(order)) {
        fail_msg("%s was not stopped at, or not in this order", order[at]);
    }
    assert_true(asking.well);
    assert_non_null(strstr(buffer_string(&asking.answer), "replaced on the way"));
    buffer_free(&asking.answer);
    close_proxy(&stepped);
}

/* Also while a client waits at the gate, and while data is under way. */
static void it_can_be_freed_at_any_stop(void **state)
{
    (void)state;

    for (int steps = 0; steps < 36; steps += 3) {
        struct stepped stepped;
        struct asking asking = {0};
        pthread_t client;
        char stop[64];

        open_proxy(&stepped, NULL);
        asking.address = *net_listener_address(stepped.listener);
        assert_int_equal(pthread_create(&client, NULL, ask_proxy, &asking), 0);
        for (int i = 0; i < steps && step(&stepped, stop, sizeof stop); i++) {
        }
        int64_t start_ns = clock_monotonic_ns();
        lab_proxy_free(stepped.proxy);
        assert_in_range((clock_monotonic_ns() - start_ns) / NS_PER_MS, 0, 250); /* two engines */
        stepped.proxy = NULL;
        net_listener_release(stepped.listener); /* a client that still waits hears of it */
        stepped.listener = NULL;
        assert_int_equal(pthread_join(client, NULL), 0);
        buffer_free(&asking.answer);
        close_proxy(&stepped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_are_served_one_after_the_other),
        cmocka_unit_test(clients_are_served_at_once),
        cmocka_unit_test(everyone_else_is_served_under_attack),
        cmocka_unit_test(each_side_waits_for_what_causes_it),
        cmocka_unit_test(it_can_be_freed_at_any_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
