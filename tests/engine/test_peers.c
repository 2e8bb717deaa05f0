/*
 * Real servers of other makers: the engine stops at the messages that `openssl s_client` exchanges
 * with the same server, in the same order, in both versions and with both kinds of certificates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "driver.h"
#include "peer.h"
#include "s_client.h"

static bool is_handshake_message(const struct trace_event *event)
{
    static const char *const others[] = {
        "resolve", "connect", "verify",          "data",
        "close",   "Alert",   "ApplicationData", "ChangeCipherSpec"};

    if (event->kind != TRACE_STOP) {
        return false;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(event->text, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* The stops of the handshake, as s_client_ask() lists its messages. */
static void list_messages(const struct driver *driver, char *out, size_t size)
{
    int finished = 0;

    out[0] = '\0';
    for (size_t i = 0; i < driver->count && finished < 2; i++) {
        const struct trace_event *event = &driver->events[i];
        size_t length = strlen(out);

        if (is_handshake_message(event)) {
            (void)snprintf(out + length, size - length, "%s %s\n", wire_side_name(event->from),
                           event->text);
            finished += strcmp(event->text, "Finished") == 0;
        }
    }
}

static void compare(const struct peer *peer, uint16_t version)
{
    const char *only = version == WIRE_TLS13 ? "-tls1_3" : "-tls1_2";
    const char *name = version == WIRE_TLS13 ? "1.3" : "1.2";
    struct s_client expected;
    struct driver driver;
    char messages[1024];

    assert_int_equal(s_client_ask(&expected, peer->port, only), 0);
    driver_init(&driver, peer->port, peer->identity.root_cert->der,
                peer->identity.root_cert->length);
    driver.options.tls_min = text_duplicate(name, 3);
    driver.options.tls_max = text_duplicate(name, 3);
    driver.config.linger_ms = 20;
    while (driver_do(&driver, ENGINE_STEP) != ENGINE_OVER) {
    }
    list_messages(&driver, messages, sizeof messages);
    assert_string_equal(messages, expected.messages);
    assert_non_null(driver_phase(&driver, TRACE_VERIFY, TRACE_DONE));
    assert_non_null(driver_phase(&driver, TRACE_HANDSHAKE, TRACE_DONE));
    driver_free(&driver);
}

static void compare_with(enum peer_program program)
{
    for (int kind = IDENTITY_RSA; kind <= IDENTITY_ECDSA; kind++) {
        const struct peer_options options = {.program = program, .kind = (enum identity_kind)kind};
        struct peer peer;
        enum peer_status status = peer_start(&peer, &options);

        if (status == PEER_SKIPPED) {
            print_message("skipped: %s\n", peer.why);
            peer_stop(&peer);
            skip();
        }
        if (status != PEER_RUNS) {
            fail_msg("%s", peer.why);
        }
        compare(&peer, WIRE_TLS12);
        compare(&peer, WIRE_TLS13);
        peer_stop(&peer);
    }
}

static void openssl_is_stepped_message_by_message(void **state)
{
    (void)state;
    compare_with(PEER_OPENSSL);
}

static void gnutls_serv_is_stepped_message_by_message(void **state)
{
    (void)state;
    compare_with(PEER_GNUTLS);
}

static void nginx_is_stepped_message_by_message(void **state)
{
    (void)state;
    compare_with(PEER_NGINX);
}

static void node_is_stepped_message_by_message(void **state)
{
    (void)state;
    compare_with(PEER_NODE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_is_stepped_message_by_message),
        cmocka_unit_test(gnutls_serv_is_stepped_message_by_message),
        cmocka_unit_test(nginx_is_stepped_message_by_message),
        cmocka_unit_test(node_is_stepped_message_by_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
