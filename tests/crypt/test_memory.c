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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openers),
        cmocka_unit_test(a_key_update_that_fails_changes_nothing),
        cmocka_unit_test(a_set_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
