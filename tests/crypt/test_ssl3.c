/* SSL 3.0, which no library here speaks any more: a session that was recorded opens, both Finished match, and what
 * was changed is found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "handshake.h"

#define SESSION "tests/data/ssl3.txt"

struct session {
    struct buffer sent[2];
    struct crypt_keylog *keylog;
    struct unsealed unsealed;
    struct handshake handshake;
};

static void read_line(struct session *s, const char *word, const char *rest)
{
    struct crypt_secret secret;
    uint8_t record[1024];
    long length;

    if (strcmp(word, "secret") == 0) {
        assert_int_equal(crypt_secret_parse(rest, strlen(rest), &secret), 1);
        assert_int_equal(crypt_keylog_add(s->keylog, &secret), 0);
        return;
    }
    length = text_unhex(record, sizeof record, rest, strlen(rest));
    assert_true(length > 0);
    buffer_append(&s->sent[strcmp(word, "server") == 0], record, (size_t)length);
}

static void read_session(struct session *s)
{
    FILE *file = fopen(SESSION, "r");
    char line[4000];

    memset(s, 0, sizeof *s);
    s->keylog = crypt_keylog_new();
    assert_non_null(file);
    assert_non_null(s->keylog);
    while (fgets(line, sizeof line, file) != NULL) {
        char *rest = strchr(line, ' ');
        line[strcspn(line, "\n")] = '\0';
        if (rest != NULL && line[0] != '#') {
            *rest++ = '\0';
            read_line(s, line, rest);
        }
    }
    (void)fclose(file);
}

static void free_session(struct session *s)
{
    handshake_free(&s->handshake);
    unseal_free(&s->unsealed);
    buffer_free(&s->sent[WIRE_CLIENT]);
    buffer_free(&s->sent[WIRE_SERVER]);
    crypt_keylog_free(s->keylog);
}

static void a_recorded_session_opens(void **state)
{
    struct session s;

    (void)state;
    read_session(&s);
    assert_int_equal(unseal(&s.unsealed, s.sent, s.keylog), 0);
    assert_int_equal(s.unsealed.version, WIRE_SSL3);
    assert_int_equal(s.unsealed.cipher_suite, 0x000a);
    assert_int_equal(s.unsealed.opened[WIRE_CLIENT], 4);
    assert_int_equal(s.unsealed.opened[WIRE_SERVER], 4);
    assert_memory_equal(s.unsealed.application[WIRE_CLIENT].data, "GET /", 5);
    assert_memory_equal(s.unsealed.application[WIRE_SERVER].data, "HTTP/1.1 ", 9);
    free_session(&s);
}

static void every_byte_of_a_record_counts(void **state)
{
    struct session s;
    size_t tried = 0;

    (void)state;
    read_session(&s);
    /* From the first protected record on: before it nothing is under a MAC, but Finished covers it. */
    for (size_t i = 120 + 6 + WIRE_RECORD_HEADER; i < s.sent[WIRE_CLIENT].length - 8; i += 7) {
        struct unsealed unsealed;
        uint8_t *byte = &s.sent[WIRE_CLIENT].data[i];
        *byte ^= 1;
        assert_int_equal(unseal(&unsealed, s.sent, s.keylog), -1);
        *byte ^= 1;
        unseal_free(&unsealed);
        tried++;
    }
    assert_true(tried > 100);
    free_session(&s);
}

static void check_finished(struct session *s, enum wire_side from, const uint8_t master[48])
{
    const struct handshake_message *message = handshake_find(&s->handshake, from, WIRE_FINISHED);
    uint8_t *messages = s->handshake.bytes.data;
    uint8_t verify_data[36];
    struct crypt_finished finished = {.version = WIRE_SSL3,
                                      .cipher_suite = 0x000a,
                                      .from = from,
                                      .key = {master, 48},
                                      .verify_data = {verify_data, sizeof verify_data}};
    struct crypt_check check;

    assert_non_null(message);
    assert_int_equal(message->end - message->start, WIRE_HANDSHAKE_HEADER + 36);
    finished.messages = (struct crypt_known){messages, message->start};
    memcpy(verify_data, messages + message->start + WIRE_HANDSHAKE_HEADER, 36);
    crypt_finished_check(&finished, &check);
    assert_true(check.known);
    assert_true(check.ok);
    assert_int_equal(check.expected_length, 36);
    for (size_t bit = 0; bit < 36 * 8; bit++) {
        verify_data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        crypt_finished_check(&finished, &check);
        assert_true(check.known);
        assert_false(check.ok);
        verify_data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_memory_equal(check.expected, verify_data, 36);
    }
    for (size_t i = 0; i < message->start; i++) {
        messages[i] ^= 4;
        crypt_finished_check(&finished, &check);
        assert_false(check.ok);
        messages[i] ^= 4;
    }
}

static void both_finished_match(void **state)
{
    const struct crypt_secret *secret;
    struct session s;

    (void)state;
    read_session(&s);
    assert_int_equal(unseal(&s.unsealed, s.sent, s.keylog), 0);
    assert_int_equal(handshake_merge(&s.handshake, &s.unsealed), 0);
    secret = crypt_keylog_at(s.keylog, 0);
    check_finished(&s, WIRE_SERVER, secret->secret);
    check_finished(&s, WIRE_CLIENT, secret->secret);
    free_session(&s);
}

static void it_goes_on_after_a_gap(void **state)
{
    const struct crypt_secret *secret;
    struct crypt_tls12 parameters = {
        .version = WIRE_SSL3, .cipher_suite = 0x000a, .from = WIRE_CLIENT};
    struct crypt_opener *opener;
    struct crypt_opened opened;
    struct session s;
    uint8_t out[1024];
    struct err err;
    const uint8_t *records;

    (void)state;
    read_session(&s);
    secret = crypt_keylog_at(s.keylog, 0);
    memcpy(parameters.master_secret, secret->secret, 48);
    memcpy(parameters.client_random, s.sent[WIRE_CLIENT].data + 11, 32);
    memcpy(parameters.server_random, s.sent[WIRE_SERVER].data + 11, 32);
    opener = crypt_opener_new_tls12(&parameters, &err);
    assert_non_null(opener);
    records = s.sent[WIRE_CLIENT].data + 120 + 6;
    assert_int_equal(crypt_opener_open(opener, records, 69, out, &opened, &err), 0);
    assert_int_equal(opened.content_type, WIRE_HANDSHAKE);
    records += 69 + 421; /* the first request is lost */
    assert_int_equal(crypt_opener_resume(opener, records, 405, 3, out, &opened, &err), 0);
    assert_int_equal(opened.lost, 8);
    assert_non_null(memmem(out, opened.length, " HTTP/1.1\r\n", 11));
    records += 405;
    assert_int_equal(crypt_opener_open(opener, records, 373, out, &opened, &err), 0);
    assert_int_equal(opened.lost, 0);
    assert_int_equal(crypt_opener_sequence(opener), 4);
    assert_memory_equal(out, "GET /", 5);
    crypt_opener_free(opener);
    free_session(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_session_opens),
        cmocka_unit_test(every_byte_of_a_record_counts),
        cmocka_unit_test(both_finished_match),
        cmocka_unit_test(it_goes_on_after_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
