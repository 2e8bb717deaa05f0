/* Secrets from beside a trace: key logs from several files, server keys, PSKs, sessions that were seen before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/stat.h>

#include "keysource.h"
#include "scratch.h"
#include "tlstep/trace.h"

#define RANDOM_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define RANDOM_B "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define MASTER_1                                                       \
    "0101010101010101010101010101010101010101010101010101010101010101" \
    "01010101010101010101010101010101"
#define MASTER_2                                                       \
    "0202020202020202020202020202020202020202020202020202020202020202" \
    "02020202020202020202020202020202"
#define TRAFFIC "0303030303030303030303030303030303030303030303030303030303030303"

static struct trace_keys *new_keys(void)
{
    struct trace_keys *keys = trace_keys_new();

    assert_non_null(keys);
    return keys;
}

static void add_file(struct trace_keys *keys, const char *text)
{
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    scratch_write(path, "keys.txt", text, strlen(text));
    if (trace_keys_add_keylog(keys, path, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

/* The first byte of the secret, or -1. */
static int find(const struct trace_keys *keys, enum crypt_label label, const char *random)
{
    struct crypt_secret secret;
    uint8_t id[32];

    assert_int_equal(text_unhex(id, sizeof id, random, strlen(random)), 32);
    return keysource_find(keys, label, id, &secret) ? secret.secret[0] : -1;
}

static void secrets_come_from_several_files(void **state)
{
    struct trace_keys *keys = new_keys();

    (void)state;
    assert_true(keysource_is_empty(keys));
    add_file(keys, "# a comment\r\n\r\nCLIENT_RANDOM " RANDOM_A " " MASTER_1 "\r\n");
    add_file(keys, "garbage between\nCLIENT_TRAFFIC_SECRET_0 " RANDOM_B " " TRAFFIC);
    assert_false(keysource_is_empty(keys));
    assert_int_equal(find(keys, CRYPT_CLIENT_RANDOM, RANDOM_A), 1);
    assert_int_equal(find(keys, CRYPT_CLIENT_TRAFFIC_SECRET_0, RANDOM_B), 3);
    assert_int_equal(find(keys, CRYPT_CLIENT_RANDOM, RANDOM_B), -1);

    uint64_t changes = keysource_changes(keys);
    static const char more[] = "\nCLIENT_RANDOM " RANDOM_A " " MASTER_2 "\n\n";
    assert_int_equal(trace_keys_add_lines(keys, more, strlen(more)), 0);
    assert_int_equal(find(keys, CRYPT_CLIENT_RANDOM, RANDOM_A), 2); /* the newest counts */
    assert_true(keysource_changes(keys) > changes);
    trace_keys_free(keys);
}

static void a_line_without_end_is_passed_over(void **state)
{
    struct trace_keys *keys = new_keys();
    struct buffer text = {0};

    (void)state;
    for (size_t i = 0; i < 100000; i++) {
        buffer_u8(&text, i % 2 == 0 ? 'A' : '\0');
    }
    buffer_text(&text, "\nCLIENT_RANDOM " RANDOM_A " " MASTER_1 "\n");
    add_file(keys, "");
    char path[SCRATCH_PATH_MAX];
    scratch_write(path, "long.txt", text.data, text.length);
    assert_int_equal(trace_keys_add_keylog(keys, path, NULL), 0);
    assert_int_equal(find(keys, CRYPT_CLIENT_RANDOM, RANDOM_A), 1);
    buffer_free(&text);
    trace_keys_free(keys);
}

static void what_is_no_key_log_is_said(void **state)
{
    struct trace_keys *keys = new_keys();
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    (void)state;
    scratch_write(path, "no.txt", "-----BEGIN CERTIFICATE-----\nMIIB\n", 33);
    assert_int_equal(trace_keys_add_keylog(keys, path, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_string_equal(err.code, "not_a_keylog");
    assert_non_null(strstr(err.text, path));
    assert_int_equal(trace_keys_add_keylog(keys, "/nonexistent", &err), -1);
    assert_non_null(strstr(err.text, "No such file"));
    assert_int_equal(trace_keys_add_keylog(keys, "/", &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_true(keysource_is_empty(keys));
    trace_keys_free(keys);
}

static void psks_are_hexadecimal(void **state)
{
    static const char *const bad[] = {"", "0", "0g", "001"};
    struct trace_keys *keys = new_keys();
    struct err err = {0};
    size_t length;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(trace_keys_add_psk(keys, bad[i], &err), -1);
        assert_int_equal(err.class, ERR_USAGE);
    }
    assert_null(keysource_psk(keys, 0, &length));
    assert_int_equal(trace_keys_add_psk(keys, "00ff", &err), 0);
    assert_int_equal(trace_keys_add_psk(keys, "abcdef", &err), 0);
    assert_memory_equal(keysource_psk(keys, 0, &length), "\x00\xff", 2);
    assert_int_equal(length, 2);
    assert_memory_equal(keysource_psk(keys, 1, &length), "\xab\xcd\xef", 3);
    assert_int_equal(length, 3);
    assert_null(keysource_psk(keys, 2, &length));
    trace_keys_free(keys);
}

static void server_keys_are_asked_for_a_file_that_is_there(void **state)
{
    struct trace_keys *keys = new_keys();
    struct err err = {0};
    uint8_t premaster[48];

    (void)state;
    assert_int_equal(trace_keys_add_server_key(keys, "/nonexistent", &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_int_equal(keysource_premaster(keys, WIRE_TLS12, premaster, sizeof premaster, premaster),
                     0);
    trace_keys_free(keys);
}

/* ---- sessions ------------------------------------------------------------------------------------------ */

static void remember(struct trace_keys *keys, uint32_t number)
{
    uint8_t master[48];

    memset(master, (int)(number % 251), sizeof master);
    assert_int_equal(keysource_session_add(keys, (const uint8_t *)&number, sizeof number, master),
                     0);
}

/* The master's first byte, or -1. */
static int recall(const struct trace_keys *keys, uint32_t number)
{
    uint8_t master[48];

    return keysource_session_find(keys, (const uint8_t *)&number, sizeof number, master) ? master[0]
                                                                                         : -1;
}

static void sessions_are_remembered_and_the_oldest_forgotten(void **state)
{
    struct trace_keys *keys = new_keys();
    static uint8_t ticket[60000];
    uint8_t master[48] = {7};
    uint8_t found[48];

    (void)state;
    assert_int_equal(keysource_session_add(keys, ticket, 0, master), 0);
    assert_false(keysource_session_find(keys, ticket, 0, found)); /* no session has no id */
    assert_int_equal(keysource_session_add(keys, ticket, sizeof ticket, master), 0);
    assert_true(keysource_session_find(keys, ticket, sizeof ticket, found));
    assert_memory_equal(found, master, sizeof master);
    assert_false(keysource_session_find(keys, ticket, sizeof ticket - 1, found));
    master[0] = 8;
    assert_int_equal(keysource_session_add(keys, ticket, sizeof ticket, master), 0);
    assert_true(keysource_session_find(keys, ticket, sizeof ticket, found));
    assert_int_equal(found[0], 8);

    for (uint32_t i = 0; i < 100000; i++) {
        remember(keys, i);
    }
    assert_int_equal(recall(keys, 99999), 99999 % 251);
    assert_int_equal(recall(keys, 90000), 90000 % 251);
    assert_int_equal(recall(keys, 0), -1);
    trace_keys_free(keys);
}

static void *use(void *user)
{
    struct trace_keys *keys = user;
    static const char line[] = "CLIENT_RANDOM " RANDOM_A " " MASTER_1 "\n";

    for (uint32_t i = 0; i < 2000; i++) {
        remember(keys, i);
        if (recall(keys, i) < 0 || trace_keys_add_lines(keys, line, strlen(line)) != 0 ||
            find(keys, CRYPT_CLIENT_RANDOM, RANDOM_A) != 1) {
            return keys;
        }
    }
    return NULL;
}

static void threads_share_them(void **state)
{
    struct trace_keys *keys = new_keys();
    pthread_t threads[4];
    void *result;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use, keys), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_null(result);
    }
    trace_keys_free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_come_from_several_files),
        cmocka_unit_test(a_line_without_end_is_passed_over),
        cmocka_unit_test(what_is_no_key_log_is_said),
        cmocka_unit_test(psks_are_hexadecimal),
        cmocka_unit_test(server_keys_are_asked_for_a_file_that_is_there),
        cmocka_unit_test(sessions_are_remembered_and_the_oldest_forgotten),
        cmocka_unit_test(threads_share_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
