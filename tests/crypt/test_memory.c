/* Memory may run out at any allocation: that is said, nothing is lost that was there, no leak. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scarcity.h"
#include "tlstep/crypt.h"

static const uint8_t secret[CRYPT_SECRET_MAX] = {1, 2, 3};

/* GnuTLS 3.7.9 passes a lack of memory on as "internal error" or "hashing has failed" in places. */
static bool says_so(const struct err *err)
{
    return strcmp(err->code, "out_of_memory") == 0 ||
           strstr(err->text, "GnuTLS internal") != NULL ||
           strstr(err->text, "Hashing has failed") != NULL;
}

static void skip_where_memory_does_not_run_out(void)
{
    if (!scarcity_works()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
}

static void openers(void **state)
{
    static const struct crypt_tls12 old[] = {
        {.version = WIRE_TLS12, .cipher_suite = 0xc02f},
        {.version = WIRE_TLS12, .cipher_suite = 0x002f},
        {.version = WIRE_TLS10, .cipher_suite = 0x0005},
        {.version = WIRE_TLS10, .cipher_suite = 0x0002},
        {.version = WIRE_SSL3, .cipher_suite = 0x000a},
    };

    (void)state;
    skip_where_memory_does_not_run_out();
    for (size_t i = 0; i <= sizeof old / sizeof *old; i++) {
        bool refused = true;
        for (unsigned long count = 0; refused; count++) {
            struct err err = {0};
            struct crypt_opener *opener;
            scarcity_begin(count);
            opener = i == 0 ? crypt_opener_new_tls13(0x1301, secret, 32, &err)
                            : crypt_opener_new_tls12(&old[i - 1], &err);
            refused = scarcity_end();
            assert_int_equal(opener == NULL, refused);
            if (refused) {
                assert_true(says_so(&err));
            }
            crypt_opener_free(opener);
        }
    }
}

static void a_key_update_that_fails_changes_nothing(void **state)
{
    struct err err;
    bool refused = true;

    (void)state;
    skip_where_memory_does_not_run_out();
    for (unsigned long count = 0; refused; count++) {
        struct crypt_opener *opener = crypt_opener_new_tls13(0x1301, secret, 32, &err);
        assert_non_null(opener);
        scarcity_begin(count);
        int status = crypt_opener_update(opener, &err);
        refused = scarcity_end();
        assert_int_equal(status, refused ? -1 : 0);
        if (refused) {
            assert_true(says_so(&err));
            assert_int_equal(crypt_opener_update(opener, &err), 0);
        }
        crypt_opener_free(opener);
    }
}

static struct crypt_secret numbered(uint8_t number)
{
    return (struct crypt_secret){
        .label = CRYPT_CLIENT_RANDOM, .client_random = {number}, .length = 48};
}

static void a_set_keeps_what_it_has(void **state)
{
    bool refused = true;

    (void)state;
    skip_where_memory_does_not_run_out();
    for (unsigned long count = 0; refused; count++) {
        struct crypt_keylog *keylog;
        uint8_t added = 0;
        scarcity_begin(count);
        keylog = crypt_keylog_new();
        for (uint8_t number = 1; keylog != NULL && number <= 40; number++) {
            struct crypt_secret one = numbered(number);
            if (crypt_keylog_add(keylog, &one) != 0) {
                break;
            }
            added = number;
        }
        refused = scarcity_end();
        assert_int_equal(added == 40, !refused);
        for (uint8_t number = 1; number <= added; number++) {
            struct crypt_secret one = numbered(number);
            assert_non_null(crypt_keylog_find(keylog, one.label, one.client_random));
        }
        assert_true(keylog == NULL || crypt_keylog_count(keylog) == added);
        crypt_keylog_free(keylog);
    }
}

/* A check that could not be made for lack of memory says so: it is neither right nor wrong. */
static void checks_are_not_known_then(void **state)
{
    static const struct crypt_finished finished[] = {
        {.version = WIRE_TLS13,
         .cipher_suite = 0x1301,
         .key = {secret, 32},
         .hash = {secret, 32},
         .verify_data = {secret, 32}},
        {.version = WIRE_TLS12,
         .cipher_suite = 0xc02f,
         .key = {secret, 48},
         .hash = {secret, 32},
         .verify_data = {secret, 12}},
        {.version = WIRE_SSL3,
         .cipher_suite = 0x000a,
         .key = {secret, 48},
         .messages = {secret, 32},
         .verify_data = {secret, 36}},
    };
    static const struct crypt_binder binder = {
        "SHA-256", true, {secret, 32}, {secret, 32}, {secret, 32}};

    (void)state;
    skip_where_memory_does_not_run_out();
    for (size_t i = 0; i <= sizeof finished / sizeof *finished; i++) {
        bool refused = true;
        for (unsigned long count = 0; refused; count++) {
            struct crypt_check check;
            scarcity_begin(count);
            if (i == 0) {
                crypt_binder_check(&binder, &check);
            } else {
                crypt_finished_check(&finished[i - 1], &check);
            }
            refused = scarcity_end();
            assert_false(check.ok);
            assert_int_equal(check.known, !refused);
            assert_true(check.text[0] != '\0');
        }
    }
}

static void a_running_hash(void **state)
{
    bool refused = true;

    (void)state;
    skip_where_memory_does_not_run_out();
    for (unsigned long count = 0; refused; count++) {
        uint8_t value[CRYPT_HASH_MAX];
        struct crypt_hash *hash;
        size_t length = 0;
        scarcity_begin(count);
        hash = crypt_hash_new("SHA-384");
        if (hash != NULL && crypt_hash_add(hash, secret, sizeof secret) == 0) {
            length = crypt_hash_value(hash, value);
        }
        refused = scarcity_end();
        assert_int_equal(length, refused ? 0 : 48);
        crypt_hash_free(hash);
    }
}

static void master_secrets(void **state)
{
    static const uint16_t versions[] = {WIRE_SSL3, WIRE_TLS10, WIRE_TLS12};

    (void)state;
    skip_where_memory_does_not_run_out();
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const struct crypt_master parameters = {
            .version = versions[i],
            .cipher_suite = 0x002f,
            .premaster = {secret, 48},
            .client_random = secret,
            .server_random = secret,
        };
        bool refused = true;
        for (unsigned long count = 0; refused; count++) {
            uint8_t master[48];
            struct err err = {0};
            scarcity_begin(count);
            int status = crypt_master_derive(&parameters, master, &err);
            refused = scarcity_end();
            assert_int_equal(status, refused ? -1 : 0);
            assert_int_equal(says_so(&err), refused);
        }
    }
}

static void a_schedule_is_whole_or_fails(void **state)
{
    static const struct crypt_schedule schedules[] = {
        {.version = WIRE_TLS13,
         .cipher_suite = 0x1301,
         .psk = {secret, 32},
         .psk_used = true,
         .shared_secret = {secret, 32},
         .hash_client_hello = {secret, 32},
         .hash_server_hello = {secret, 32},
         .hash_server_finished = {secret, 32},
         .hash_client_finished = {secret, 32},
         .has_record = true},
        {.version = WIRE_TLS12, .cipher_suite = 0x002f, .premaster = {secret, 48}},
        {.version = WIRE_SSL3, .cipher_suite = 0x002f, .premaster = {secret, 48}},
    };

    (void)state;
    skip_where_memory_does_not_run_out();
    for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++) {
        bool refused = true;
        for (unsigned long count = 0; refused; count++) {
            struct wire_tree tree = {0};
            struct buffer bytes = {.secret = true};
            scarcity_begin(count);
            int status = crypt_schedule_tree(&schedules[i], &tree, &bytes);
            refused = scarcity_end();
            assert_int_equal(status, refused ? -1 : 0);
            assert_int_equal(tree.failed, refused);
            wire_tree_free(&tree);
            buffer_wipe_free(&bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openers),
        cmocka_unit_test(a_key_update_that_fails_changes_nothing),
        cmocka_unit_test(a_set_keeps_what_it_has),
        cmocka_unit_test(checks_are_not_known_then),
        cmocka_unit_test(a_running_hash),
        cmocka_unit_test(master_secrets),
        cmocka_unit_test(a_schedule_is_whole_or_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
