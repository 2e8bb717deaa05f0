/*
 * A client's and a server's session made from options, in one thread, over two buffers: what the one leaves behind and
 * the other's memory resume a session, in both versions; early data is taken once.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "identity.h"
#include "scratch.h"
#include "tlstep/tls.h"

#define EARLY "GET / HTTP/1.0\r\n\r\n"

/* ---- a wire ---------------------------------------------------------------------------------- */

struct end {
    struct tls_session tls;
    struct buffer in; /* what the other one has sent */
    struct end *other;
};

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct end *end = pointer;

    buffer_append(&end->other->in, data, size);
    return (ssize_t)size;
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct end *end = pointer;
    size_t count = size < end->in.length ? size : end->in.length;

    if (count == 0) {
        gnutls_transport_set_errno(end->tls.session, EAGAIN);
        return -1;
    }
    memcpy(data, end->in.data, count);
    buffer_consume(&end->in, count);
    return (ssize_t)count;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    const struct end *end = pointer;

    (void)milliseconds;
    return end->in.length > 0;
}

static void attach(struct end *end, struct end *other)
{
    end->other = other;
    gnutls_transport_set_ptr(end->tls.session, end);
    gnutls_transport_set_push_function(end->tls.session, push);
    gnutls_transport_set_pull_function(end->tls.session, pull);
    gnutls_transport_set_pull_timeout_function(end->tls.session, pull_timeout);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static struct tls_identity *identity;

static int load_identity(void **state)
{
    struct identity made;
    char certificate[SCRATCH_PATH_MAX], key[SCRATCH_PATH_MAX], folder[SCRATCH_PATH_MAX];
    struct err err;
    (void)state;

    if (identity_make(&made, IDENTITY_ECDSA, NULL) != 0) {
        return -1;
    }
    (void)scratch_path(folder, "");
    if (identity_write(&made, folder) != 0) {
        return -1;
    }
    identity = tls_identity_load(scratch_path(certificate, "certificate.pem"),
                                 scratch_path(key, "key.pem"), &err);
    identity_free(&made);
    return identity != NULL ? 0 : -1;
}

static int release_identity(void **state)
{
    (void)state;
    tls_identity_release(identity);
    return 0;
}

struct pair {
    struct end client, server;
    struct tls_options client_options, server_options;
};

static void pair_init(struct pair *pair, const char *version, struct tls_memory *memory)
{
    struct err err;

    memset(pair, 0, sizeof *pair);
    tls_options_init(&pair->client_options);
    tls_options_init(&pair->server_options);
    pair->client_options.tls_min = (char *)(uintptr_t)version;
    pair->client_options.tls_max = (char *)(uintptr_t)version;
    pair->client_options.early_data = (char *)(uintptr_t)EARLY;
    assert_int_equal(tls_session_init(&pair->client.tls, &pair->client_options, "localhost", &err),
                     0);
    assert_int_equal(
        tls_session_init_server(&pair->server.tls, &pair->server_options, identity, memory, &err),
        0);
    attach(&pair->client, &pair->server);
    attach(&pair->server, &pair->client);
}

static void pair_free(struct pair *pair)
{
    tls_session_free(&pair->client.tls);
    tls_session_free(&pair->server.tls);
    buffer_free(&pair->client.in);
    buffer_free(&pair->server.in);
}

static void shake_hands(struct pair *pair)
{
    int client = GNUTLS_E_AGAIN, server = GNUTLS_E_AGAIN;

    for (int i = 0; i < 50 && (client != 0 || server != 0); i++) {
        client = client != 0 ? gnutls_handshake(pair->client.tls.session) : 0;
        server = server != 0 ? gnutls_handshake(pair->server.tls.session) : 0;
        assert_true(client == 0 || client == GNUTLS_E_AGAIN);
        assert_true(server == 0 || server == GNUTLS_E_AGAIN);
    }
    assert_int_equal(client, 0);
    assert_int_equal(server, 0);
}

/* Reads what comes after the handshake: tickets. */
static void read_on(struct pair *pair)
{
    char byte;

    for (int i = 0; i < 10; i++) {
        assert_int_equal(gnutls_record_recv(pair->client.tls.session, &byte, 1), GNUTLS_E_AGAIN);
    }
}

static void full_handshake(const char *version, struct tls_memory *memory, struct buffer *left)
{
    struct pair pair;

    pair_init(&pair, version, memory);
    shake_hands(&pair);
    read_on(&pair);
    assert_false(gnutls_session_is_resumed(pair.client.tls.session));
    assert_true(tls_session_resumption(&pair.client.tls, left));
    pair_free(&pair);
}

static bool resumes(const char *version, struct tls_memory *memory, const struct buffer *left)
{
    size_t early;
    struct pair pair;
    bool resumed;

    pair_init(&pair, version, memory);
    assert_int_equal(tls_session_resume(&pair.client.tls, left->data, left->length, &early, NULL),
                     0);
    shake_hands(&pair);
    resumed = gnutls_session_is_resumed(pair.client.tls.session) != 0;
    assert_int_equal(resumed, gnutls_session_is_resumed(pair.server.tls.session) != 0);
    pair_free(&pair);
    return resumed;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void a_session_is_resumed_in_both_versions(void **state)
{
    static const char *const versions[] = {"1.2", "1.3"};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct tls_memory *memory = tls_memory_new(NULL), *other = tls_memory_new(NULL);
        struct buffer left = {.secret = true};

        full_handshake(versions[i], memory, &left);
        assert_true(resumes(versions[i], memory, &left));
        assert_false(resumes(versions[i], other, &left)); /* that server does not know it */
        buffer_wipe_free(&left);
        tls_memory_release(memory);
        tls_memory_release(other);
    }
}

/* What a client without tickets gets, RFC 5246 7.4.1.2. */
static void without_a_ticket_the_session_id_resumes(void **state)
{
    struct tls_memory *memory = tls_memory_new(NULL);
    struct buffer left = {.secret = true};
    struct pair pair;
    size_t early;
    (void)state;

    for (int round = 0; round < 2; round++) {
        pair_init(&pair, "1.2", memory);
        assert_int_equal(gnutls_priority_set_direct(pair.client.tls.session,
                                                    "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_TICKETS",
                                                    NULL),
                         0);
        if (round == 1) {
            assert_int_equal(
                tls_session_resume(&pair.client.tls, left.data, left.length, &early, NULL), 0);
        }
        shake_hands(&pair);
        assert_int_equal(gnutls_session_is_resumed(pair.server.tls.session) != 0, round == 1);
        if (round == 0) {
            assert_true(tls_session_resumption(&pair.client.tls, &left));
        }
        pair_free(&pair);
    }
    buffer_wipe_free(&left);
    tls_memory_release(memory);
}

static void a_server_without_a_memory_leaves_nothing_behind(void **state)
{
    struct buffer left = {0};
    struct pair pair;
    (void)state;

    pair_init(&pair, "1.3", NULL);
    shake_hands(&pair);
    read_on(&pair);
    assert_false(tls_session_resumption(&pair.client.tls, &left));
    assert_int_equal(left.length, 0);
    pair_free(&pair);
}

static ssize_t early_data_arrives(struct tls_memory *memory, const struct buffer *left,
                                  struct buffer *replay)
{
    char got[100] = {0};
    struct pair pair;
    ssize_t length;
    size_t early;

    pair_init(&pair, "1.3", memory);
    assert_int_equal(tls_session_resume(&pair.client.tls, left->data, left->length, &early, NULL),
                     0);
    assert_true(early >= strlen(EARLY));
    assert_true(gnutls_record_send_early_data(pair.client.tls.session, EARLY, strlen(EARLY)) >= 0);
    (void)gnutls_handshake(pair.client.tls.session);
    buffer_append(replay, pair.server.in.data, pair.server.in.length);
    shake_hands(&pair);
    length = gnutls_record_recv_early_data(pair.server.tls.session, got, sizeof got);
    assert_int_equal(
        (gnutls_session_get_flags(pair.client.tls.session) & GNUTLS_SFLAGS_EARLY_DATA) != 0,
        length > 0);
    if (length > 0) {
        assert_int_equal(length, strlen(EARLY));
        assert_memory_equal(got, EARLY, strlen(EARLY));
    }
    pair_free(&pair);
    return length;
}

static void early_data_is_taken_once(void **state)
{
    struct tls_memory *memory = tls_memory_new(NULL);
    struct buffer left = {.secret = true}, flight = {0};
    struct pair pair;
    char got[100];
    (void)state;

    full_handshake("1.3", memory, &left);
    assert_true(early_data_arrives(memory, &left, &flight) > 0);

    /* The same flight once more, by somebody who has only seen it. RFC 8446 8. */
    pair_init(&pair, "1.3", memory);
    buffer_append(&pair.server.in, flight.data, flight.length);
    assert_int_equal(gnutls_handshake(pair.server.tls.session), GNUTLS_E_AGAIN);
    assert_true(gnutls_record_recv_early_data(pair.server.tls.session, got, sizeof got) < 0);
    pair_free(&pair);
    buffer_wipe_free(&left);
    buffer_free(&flight);
    tls_memory_release(memory);
}

/* GnuTLS itself would crash on some of these. */
static void what_is_damaged_is_refused(void **state)
{
    struct tls_memory *memory = tls_memory_new(NULL);
    struct buffer left = {.secret = true};
    (void)state;

    full_handshake("1.3", memory, &left);
    for (size_t length = 0; length < left.length; length += 1 + left.length / 50) {
        struct err err = {0};
        struct pair pair;
        size_t early = 1;

        pair_init(&pair, "1.3", memory);
        assert_int_equal(tls_session_resume(&pair.client.tls, left.data, length, &early, &err), -1);
        assert_string_equal(err.code, "not_resumable");
        assert_int_equal(early, 0);
        left.data[length] ^= 1;
        assert_int_equal(tls_session_resume(&pair.client.tls, left.data, left.length, &early, &err),
                         -1);
        left.data[length] ^= 1;
        pair_free(&pair);
    }
    buffer_wipe_free(&left);
    tls_memory_release(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_resumed_in_both_versions),
        cmocka_unit_test(without_a_ticket_the_session_id_resumes),
        cmocka_unit_test(a_server_without_a_memory_leaves_nothing_behind),
        cmocka_unit_test(early_data_is_taken_once),
        cmocka_unit_test(what_is_damaged_is_refused),
    };
    return cmocka_run_group_tests(tests, load_identity, release_identity);
}
