/*
 * Every cipher suite that GnuTLS speaks, in every version that has it: what two real sessions say to
 * each other opens with the client's key log, byte for byte.
 */
#include <gnutls/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "unseal.h"
#include "wiretap.h"

static struct wiretap_credentials credentials;

static int make_credentials(void **state)
{
    (void)state;
    return wiretap_credentials_make(&credentials);
}

static int free_credentials(void **state)
{
    (void)state;
    wiretap_credentials_free(&credentials);
    return 0;
}

/* ---- a conversation --------------------------------------------------------------------- */

/* Lengths around blocks, MACs, and the longest record. */
static const size_t lengths[] = {1, 15, 16, 17, 47, 48, 49, 255, 256, 1000, 16384, 16385};

static void say(struct wiretap *tap, enum wire_side from, size_t length, size_t padding,
                struct buffer *said)
{
    static uint8_t data[16385];
    static uint8_t next;

    assert_true(length <= sizeof data);
    for (size_t i = 0; i < length; i++) {
        data[i] = next++;
    }
    assert_int_equal(wiretap_send(tap, from, data, length, padding), 0);
    buffer_append(said, data, length);
}

static void talk(struct wiretap *tap, struct buffer said[2])
{
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        say(tap, WIRE_CLIENT, lengths[i], 0, &said[WIRE_CLIENT]);
        say(tap, WIRE_SERVER, lengths[i], 0, &said[WIRE_SERVER]);
    }
}

/* Opens all of it and compares it with what was said. */
static void expect_all_opens(const struct wiretap *tap, const struct buffer said[2],
                             struct unsealed *unsealed)
{
    int status = unseal(unsealed, tap->sent, tap->keylog);

    if (status != 0) {
        print_error("%s\n", unsealed->err.text);
    }
    assert_int_equal(status, 0);
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        assert_int_equal(unsealed->application[side].length, said[side].length);
        if (said[side].length > 0) {
            assert_memory_equal(unsealed->application[side].data, said[side].data,
                                said[side].length);
        }
    }
}

static void forget(struct wiretap *tap, struct buffer said[2], struct unsealed *unsealed)
{
    unseal_free(unsealed);
    buffer_free(&said[WIRE_CLIENT]);
    buffer_free(&said[WIRE_SERVER]);
    wiretap_free(tap);
}

/* ---- all suites ------------------------------------------------------------------------- */

struct suite {
    uint16_t id;
    const char *name;
    gnutls_kx_algorithm_t key_exchange;
    gnutls_cipher_algorithm_t cipher;
    gnutls_mac_algorithm_t mac;
    gnutls_protocol_t oldest;
};

static bool next_suite(size_t *index, struct suite *suite)
{
    unsigned char id[2];

    suite->name = gnutls_cipher_suite_info((*index)++, id, &suite->key_exchange, &suite->cipher,
                                           &suite->mac, &suite->oldest);
    suite->id = (uint16_t)(id[0] << 8 | id[1]);
    return suite->name != NULL;
}

/* Not those that need DSA certificates or SRP passwords: their ciphers come with others too. */
static bool has_credentials(const struct suite *suite)
{
    switch ((int)suite->key_exchange) {
    case GNUTLS_KX_UNKNOWN: /* TLS 1.3 */
    case GNUTLS_KX_RSA:
    case GNUTLS_KX_DHE_RSA:
    case GNUTLS_KX_ECDHE_RSA:
    case GNUTLS_KX_ECDHE_ECDSA:
    case GNUTLS_KX_PSK:
    case GNUTLS_KX_DHE_PSK:
    case GNUTLS_KX_ECDHE_PSK:
    case GNUTLS_KX_RSA_PSK:
    case GNUTLS_KX_ANON_DH:
    case GNUTLS_KX_ANON_ECDH:
        return true;
    default:
        return false;
    }
}

/* A priority string with this suite alone, in one version. */
static void only(char *out, size_t size, const struct suite *suite, gnutls_protocol_t version,
                 const char *more)
{
    const char *key_exchange = gnutls_kx_get_name(suite->key_exchange);
    const char *minor = strrchr(gnutls_protocol_get_name(version), '.');

    (void)snprintf(out, size, "NONE:+VERS-TLS1%s:+%s:+%s:+%s:+GROUP-ALL:+SIGN-ALL%s", minor,
                   version == GNUTLS_TLS1_3 ? "CTYPE-X509" : key_exchange,
                   gnutls_cipher_get_name(suite->cipher), gnutls_mac_get_name(suite->mac), more);
}

static void try_suite(const struct suite *suite, gnutls_protocol_t version, const char *more)
{
    char priority[256];
    struct wiretap tap;
    struct unsealed unsealed;
    struct buffer said[2] = {{0}, {0}};

    only(priority, sizeof priority, suite, version, more);
    if (wiretap_start(&tap, &credentials, priority) != 0) {
        fail_msg("%s: %s, %s", priority, gnutls_strerror(tap.status[WIRE_CLIENT]),
                 gnutls_strerror(tap.status[WIRE_SERVER]));
    }
    talk(&tap, said);
    assert_int_equal(wiretap_close(&tap), 0);
    expect_all_opens(&tap, said, &unsealed);

    assert_int_equal(unsealed.cipher_suite, suite->id);
    assert_int_equal(unsealed.version, 0x0300 + (version - GNUTLS_SSL3));
    assert_int_equal(unsealed.encrypt_then_mac, gnutls_session_etm_status(tap.session[0]));
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        assert_int_equal(unsealed.finished[side], 1);
        assert_int_equal(unsealed.alerts[side], 1);
        assert_true(unsealed.opened[side] >= sizeof lengths / sizeof *lengths + 2);
    }
    forget(&tap, said, &unsealed);
}

static bool is_cbc(const struct suite *suite)
{
    return gnutls_cipher_get_tag_size(suite->cipher) == 0 &&
           gnutls_cipher_get_block_size(suite->cipher) > 1;
}

static void every_suite_of(gnutls_protocol_t version, int at_least)
{
    struct suite suite;
    size_t index = 0;
    int tried = 0;

    while (next_suite(&index, &suite)) {
        bool tls13 = suite.oldest == GNUTLS_TLS1_3;
        if (suite.oldest > version || tls13 != (version == GNUTLS_TLS1_3) ||
            !has_credentials(&suite)) {
            continue;
        }
        try_suite(&suite, version, "");
        if (is_cbc(&suite)) { /* by default GnuTLS agrees with itself on encrypt-then-MAC */
            try_suite(&suite, version, ":%NO_ETM");
        }
        tried++;
    }
    assert_true(tried >= at_least); /* GnuTLS 3.7.9's number, less what builds leave out */
}

static void every_suite_of_tls10(void **state)
{
    (void)state;
    every_suite_of(GNUTLS_TLS1_0, 30);
}

static void every_suite_of_tls11(void **state)
{
    (void)state;
    every_suite_of(GNUTLS_TLS1_1, 30);
}

static void every_suite_of_tls12(void **state)
{
    (void)state;
    every_suite_of(GNUTLS_TLS1_2, 80);
}

static void every_suite_of_tls13(void **state)
{
    (void)state;
    every_suite_of(GNUTLS_TLS1_3, 5);
}

/* ---- what only some versions have ------------------------------------------------------- */

#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+"

static void keys_change_with_key_update(void **state)
{
    static const char *const priorities[] = {TLS13 "AES-128-GCM", TLS13 "AES-256-GCM",
                                             TLS13 "CHACHA20-POLY1305", TLS13 "AES-128-CCM-8"};

    (void)state;
    for (size_t i = 0; i < sizeof priorities / sizeof *priorities; i++) {
        struct wiretap tap;
        struct unsealed unsealed;
        struct buffer said[2] = {{0}, {0}};
        assert_int_equal(wiretap_start(&tap, &credentials, priorities[i]), 0);
        talk(&tap, said);
        for (int turn = 0; turn < 3; turn++) {
            assert_int_equal(wiretap_rekey(&tap, turn % 2 == 0 ? WIRE_CLIENT : WIRE_SERVER), 0);
            talk(&tap, said);
        }
        expect_all_opens(&tap, said, &unsealed);
        assert_int_equal(unsealed.key_updates[WIRE_CLIENT], 3);
        assert_int_equal(unsealed.key_updates[WIRE_SERVER], 3);
        forget(&tap, said, &unsealed);
    }
}

static void padding_is_counted_and_taken_off(void **state)
{
    struct wiretap tap;
    struct unsealed unsealed;
    struct buffer said[2] = {{0}, {0}};

    (void)state;
    assert_int_equal(wiretap_start(&tap, &credentials, TLS13 "AES-128-GCM"), 0);
    say(&tap, WIRE_CLIENT, 10, 300, &said[WIRE_CLIENT]);
    say(&tap, WIRE_CLIENT, 10, 7, &said[WIRE_CLIENT]);
    say(&tap, WIRE_SERVER, 1, 1, &said[WIRE_SERVER]);
    expect_all_opens(&tap, said, &unsealed);
    assert_int_equal(unsealed.padding[WIRE_CLIENT], 307);
    assert_int_equal(unsealed.padding[WIRE_SERVER], 1);
    forget(&tap, said, &unsealed);
}

static void renegotiation_brings_new_keys(void **state)
{
    static const char *const priorities[] = {
        "NORMAL:-VERS-ALL:+VERS-TLS1.0",
        "NORMAL:-VERS-ALL:+VERS-TLS1.1:%NO_ETM",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2",
    };

    (void)state;
    for (size_t i = 0; i < sizeof priorities / sizeof *priorities; i++) {
        struct wiretap tap;
        struct unsealed unsealed;
        struct buffer said[2] = {{0}, {0}};
        assert_int_equal(wiretap_start(&tap, &credentials, priorities[i]), 0);
        talk(&tap, said);
        assert_int_equal(wiretap_renegotiate(&tap), 0);
        talk(&tap, said);
        expect_all_opens(&tap, said, &unsealed);
        assert_int_equal(unsealed.finished[WIRE_CLIENT], 2);
        assert_int_equal(unsealed.finished[WIRE_SERVER], 2);
        forget(&tap, said, &unsealed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_of_tls10),
        cmocka_unit_test(every_suite_of_tls11),
        cmocka_unit_test(every_suite_of_tls12),
        cmocka_unit_test(every_suite_of_tls13),
        cmocka_unit_test(keys_change_with_key_update),
        cmocka_unit_test(padding_is_counted_and_taken_off),
        cmocka_unit_test(renegotiation_brings_new_keys),
    };
    return cmocka_run_group_tests(tests, make_credentials, free_credentials);
}
