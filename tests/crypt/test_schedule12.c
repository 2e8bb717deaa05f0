/* The keys of TLS 1.2 and older as a tree: the key block that opens records, and a premaster secret that is held
 * against the key log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"
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

static void read_schedule(struct crypt_schedule *schedule, const struct wiretap *tap)
{
    struct unsealed unsealed;

    assert_int_equal(unseal(&unsealed, tap->sent, tap->keylog), 0);
    *schedule = (struct crypt_schedule){
        .version = unsealed.version,
        .cipher_suite = unsealed.cipher_suite,
        .keylog = tap->keylog,
    };
    memcpy(schedule->client_random, unsealed.messages[0].data + WIRE_HANDSHAKE_HEADER + 2, 32);
    memcpy(schedule->server_random, unsealed.messages[1].data + WIRE_HANDSHAKE_HEADER + 2, 32);
    unseal_free(&unsealed);
}

static const char *const old_priorities[] = {
    "NORMAL:-VERS-ALL:+VERS-TLS1.0",
    "NORMAL:-VERS-ALL:+VERS-TLS1.1:-CIPHER-ALL:+3DES-CBC:+RSA",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CHACHA20-POLY1305",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+ARCFOUR-128:+RSA",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+NULL:+RSA",
};

static void the_key_block_has_the_keys_that_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof old_priorities / sizeof *old_priorities; i++) {
        static const char *const keys[] = {"client_write_key", "server_write_key"};
        static const char *const ivs[] = {"client_write_iv", "server_write_iv"};
        struct wiretap tap;
        struct crypt_schedule schedule;
        struct drawn drawn;
        assert_int_equal(wiretap_start(&tap, &credentials, old_priorities[i]), 0);
        read_schedule(&schedule, &tap);
        drawn_make(&drawn, &schedule);
        assert_true(drawn_says(&drawn, "premaster", 0, "unknown", "--server-key"));
        assert_true(drawn_says(&drawn, "master", 0, "source", "the key log"));
        for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
            struct crypt_tls12 parameters = {.version = schedule.version,
                                             .cipher_suite = schedule.cipher_suite,
                                             .from = (enum wire_side)side};
            struct crypt_opener *opener;
            struct err err;
            size_t length;
            memcpy(
                parameters.master_secret,
                crypt_keylog_find(tap.keylog, CRYPT_CLIENT_RANDOM, schedule.client_random)->secret,
                48);
            memcpy(parameters.client_random, schedule.client_random, 32);
            memcpy(parameters.server_random, schedule.server_random, 32);
            opener = crypt_opener_new_tls12(&parameters, &err);
            assert_non_null(opener);
            const uint8_t *key = crypt_opener_key(opener, &length);
            if (length > 0) {
                drawn_expect(&drawn, "key_block", 0, keys[side], key, length);
            }
            const uint8_t *iv = crypt_opener_iv(opener, &length);
            if (length > 0) {
                drawn_expect(&drawn, "key_block", 0, ivs[side], iv, length);
            } else {
                assert_int_equal(drawn_leaf(&drawn.tree, "key_block", 0, ivs[side]), -1);
            }
            crypt_opener_free(opener);
        }
        drawn_free(&drawn);
        wiretap_free(&tap);
    }
}

static void a_premaster_secret_is_held_against_the_key_log(void **state)
{
    uint8_t premaster[48] = {3, 3, 7};
    static const uint8_t hash[32] = {5};
    struct crypt_secret logged = {.label = CRYPT_CLIENT_RANDOM, .length = 48};
    struct crypt_schedule schedule = {.version = WIRE_TLS12,
                                      .cipher_suite = 0x009c,
                                      .client_random = {1},
                                      .server_random = {2},
                                      .premaster = {premaster, sizeof premaster},
                                      .session_hash = {hash, sizeof hash}};
    struct crypt_keylog *keylog = crypt_keylog_new();
    struct drawn drawn;
    struct err err;

    (void)state;
    assert_non_null(keylog);
    memcpy(logged.client_random, schedule.client_random, 32);
    for (int extended = 0; extended < 2; extended++) {
        const struct crypt_master parameters = {
            .version = WIRE_TLS12,
            .cipher_suite = 0x009c,
            .premaster = {premaster, sizeof premaster},
            .client_random = schedule.client_random,
            .server_random = schedule.server_random,
            .session_hash = {extended ? hash : NULL, sizeof hash},
        };
        assert_int_equal(crypt_master_derive(&parameters, logged.secret, &err), 0);
        assert_int_equal(crypt_keylog_add(keylog, &logged), 0);
        schedule.keylog = NULL;
        schedule.extended_master_secret = extended;
        drawn_make(&drawn, &schedule);
        drawn_expect(&drawn, "master", 0, "value", logged.secret, 48);
        drawn_expect(&drawn, "master", 0, "source", (const uint8_t *)"computed", 8);
        assert_true(drawn_says(&drawn, "master", 0, "label",
                               extended ? "extended master secret" : "master secret"));
        drawn_free(&drawn);
        schedule.keylog = keylog;
        drawn_make(&drawn, &schedule);
        assert_true(drawn_says(&drawn, "master", 0, "source", "they agree"));
        drawn_free(&drawn);
        premaster[40] ^= 1;
        drawn_make(&drawn, &schedule);
        assert_true(drawn_says(&drawn, "master", 0, "source", "ANOTHER"));
        drawn_expect(&drawn, "master", 0, "value", logged.secret, 48);
        drawn_free(&drawn);
        premaster[40] ^= 1;
    }
    crypt_keylog_free(keylog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_block_has_the_keys_that_open),
        cmocka_unit_test(a_premaster_secret_is_held_against_the_key_log),
    };
    return cmocka_run_group_tests(tests, make_credentials, free_credentials);
}
