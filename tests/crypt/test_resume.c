/*
 * After records were lost the rest opens again: whatever the cipher, under the sequence number that fits. What
 * cannot go on says so, and an opener that failed opens what comes next as if nothing had been asked.
 */
#include <gnutls/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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

/* ---- the client's protected records of one session ------------------------------------------- */

#define RECORDS 40

struct record {
    const uint8_t *data;
    size_t length;
    uint8_t plain[512]; /* as opened in order */
    struct crypt_opened opened;
};

struct session {
    struct wiretap tap;
    struct record records[RECORDS];
    size_t count;
    uint16_t version;
    uint16_t suite;
    bool encrypt_then_mac;
};

static const uint8_t *random_of(const struct wiretap *tap, enum wire_side side)
{
    return tap->sent[side].data + WIRE_RECORD_HEADER + WIRE_HANDSHAKE_HEADER + 2;
}

static struct crypt_opener *new_opener(const struct session *s)
{
    const uint8_t *random = random_of(&s->tap, WIRE_CLIENT);
    struct crypt_opener *opener;
    struct err err;

    if (s->version == WIRE_TLS13) {
        const struct crypt_secret *secret =
            crypt_keylog_find(s->tap.keylog, CRYPT_CLIENT_TRAFFIC_SECRET_0, random);
        assert_non_null(secret);
        opener = crypt_opener_new_tls13(s->suite, secret->secret, secret->length, &err);
    } else {
        struct crypt_tls12 parameters = {.version = s->version,
                                         .cipher_suite = s->suite,
                                         .encrypt_then_mac = s->encrypt_then_mac,
                                         .from = WIRE_CLIENT};
        const struct crypt_secret *secret =
            crypt_keylog_find(s->tap.keylog, CRYPT_CLIENT_RANDOM, random);
        assert_non_null(secret);
        memcpy(parameters.master_secret, secret->secret, 48);
        memcpy(parameters.client_random, random, 32);
        memcpy(parameters.server_random, random_of(&s->tap, WIRE_SERVER), 32);
        opener = crypt_opener_new_tls12(&parameters, &err);
    }
    assert_non_null(opener);
    return opener;
}

static void find_suite(struct session *s)
{
    const uint8_t *hello = random_of(&s->tap, WIRE_SERVER) + 32;

    hello += 1 + hello[0]; /* session id */
    s->suite = (uint16_t)(hello[0] << 8 | hello[1]);
    s->version = (uint16_t)(0x0300 + gnutls_protocol_get_version(s->tap.session[0]) - GNUTLS_SSL3);
    s->encrypt_then_mac = gnutls_session_etm_status(s->tap.session[0]);
}

/* The records from the first one under the keys on. */
static void find_records(struct session *s, size_t handshake_end)
{
    const struct buffer *sent = &s->tap.sent[WIRE_CLIENT];
    bool protected = false;
    struct wire_record record;

    for (size_t offset = 0; offset < sent->length;) {
        const uint8_t *data = sent->data + offset;
        assert_int_equal(wire_record_parse(data, sent->length - offset, &record), WIRE_COMPLETE);
        size_t length = WIRE_RECORD_HEADER + (size_t)record.length;
        if (s->version == WIRE_TLS13 ? offset >= handshake_end : protected) {
            assert_true(s->count < RECORDS && length <= sizeof s->records[0].plain);
            s->records[s->count].data = data;
            s->records[s->count++].length = length;
        }
        protected |= record.content_type == WIRE_CHANGE_CIPHER_SPEC;
        offset += length;
    }
}

static void start(struct session *s, const char *priority)
{
    static const size_t lengths[] = {1, 15, 40, 100, 7, 200, 33, 64, 3, 90};
    struct crypt_opener *opener;
    uint8_t data[200];
    size_t handshake_end;
    struct err err;

    memset(s, 0, sizeof *s);
    if (wiretap_start(&s->tap, &credentials, priority) != 0) {
        fail_msg("%s: %s", priority, gnutls_strerror(s->tap.status[WIRE_CLIENT]));
    }
    find_suite(s);
    handshake_end = s->tap.sent[WIRE_CLIENT].length;
    for (size_t i = 0; i < 2 * sizeof lengths / sizeof *lengths; i++) {
        size_t length = lengths[i % (sizeof lengths / sizeof *lengths)];
        memset(data, 'a' + (int)i, length);
        assert_int_equal(wiretap_send(&s->tap, WIRE_CLIENT, data, length, 0), 0);
    }
    find_records(s, handshake_end);
    assert_true(s->count >= 20);
    opener = new_opener(s);
    for (size_t i = 0; i < s->count; i++) {
        struct record *r = &s->records[i];
        assert_int_equal(crypt_opener_sequence(opener), i);
        assert_int_equal(crypt_opener_open(opener, r->data, r->length, r->plain, &r->opened, &err),
                         0);
    }
    crypt_opener_free(opener);
}

static void expect_open(const struct session *s, struct crypt_opener *opener, size_t from,
                        size_t to)
{
    uint8_t out[512];
    struct crypt_opened opened;
    struct err err;

    for (size_t i = from; i < to; i++) {
        const struct record *r = &s->records[i];
        if (crypt_opener_open(opener, r->data, r->length, out, &opened, &err) != 0) {
            fail_msg("suite %04x, record %zu: %s", s->suite, i, err.text);
        }
        assert_int_equal(opened.length, r->opened.length);
        assert_int_equal(opened.lost, 0);
        assert_memory_equal(out, r->plain, opened.length);
        assert_int_equal(crypt_opener_sequence(opener), i + 1);
    }
}

/* ---- what goes on exactly ---------------------------------------------------------------------- */

#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+"
#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+"

static const char *const whole[] = {
    TLS13 "AES-128-GCM",
    TLS13 "CHACHA20-POLY1305",
    TLS13 "AES-128-CCM-8",
    TLS12 "AES-128-GCM",
    TLS12 "AES-256-CCM",
    TLS12 "CAMELLIA-128-GCM:+RSA",
    TLS12 "CHACHA20-POLY1305",
    TLS12 "AES-128-CBC",
    TLS12 "AES-256-CBC:%NO_ETM",
    TLS12 "3DES-CBC:+RSA:%NO_ETM",
    TLS12 "NULL:+RSA",
    "NORMAL:-VERS-ALL:+VERS-TLS1.1:%NO_ETM",
    "NORMAL:-VERS-ALL:+VERS-TLS1.1",
};

static void expect_same_layout(const struct wire_layout *a, const struct wire_layout *b)
{
    assert_int_equal(a->is_protected, b->is_protected);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->iv, b->iv);
    assert_int_equal(a->aead, b->aead);
    assert_int_equal(a->tag, b->tag);
    assert_int_equal(a->mac, b->mac);
    assert_int_equal(a->encrypt_then_mac, b->encrypt_then_mac);
    assert_int_equal(a->content, b->content);
    assert_int_equal(a->padding, b->padding);
}

static void resume_after(const struct session *s, size_t before, size_t lost)
{
    struct crypt_opener *opener = new_opener(s);
    const struct record *next = &s->records[before + lost];
    struct crypt_opened opened;
    uint8_t out[512];
    struct err err = {0};

    expect_open(s, opener, 0, before);
    if (lost > 0) { /* one record short of it: nothing changes */
        assert_int_equal(
            crypt_opener_resume(opener, next->data, next->length, lost - 1, out, &opened, &err),
            -1);
        assert_string_equal(err.code, "bad_record_mac");
        assert_int_equal(crypt_opener_sequence(opener), before);
    }
    if (crypt_opener_resume(opener, next->data, next->length, lost, out, &opened, &err) != 0) {
        fail_msg("suite %04x, %zu lost: %s", s->suite, lost, err.text);
    }
    assert_int_equal(opened.length, next->opened.length);
    assert_int_equal(opened.lost, 0);
    expect_same_layout(&opened.layout, &next->opened.layout);
    assert_memory_equal(out, next->plain, opened.length);
    expect_open(s, opener, before + lost + 1, s->count);
    crypt_opener_free(opener);
}

static void the_rest_opens_after_a_gap(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        struct session s;
        start(&s, whole[i]);
        resume_after(&s, 0, 1);
        resume_after(&s, 1, 0);
        resume_after(&s, 1, 1);
        resume_after(&s, 3, 5);
        resume_after(&s, 2, s.count - 3);
        wiretap_free(&s.tap);
    }
}

static void a_failure_leaves_the_opener_as_it_was(void **state)
{
    static const char *const more[] = {
        "NORMAL:-VERS-ALL:+VERS-TLS1.0:%NO_ETM",
        "NORMAL:-VERS-ALL:+VERS-TLS1.0",
        TLS12 "ARCFOUR-128:+RSA",
    };

    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof *whole + sizeof more / sizeof *more; i++) {
        size_t wholes = sizeof whole / sizeof *whole;
        struct crypt_opener *opener;
        struct session s;
        uint8_t broken[600];
        uint8_t out[512];
        static const uint8_t zeros[512];
        struct crypt_opened opened;
        struct err err;
        start(&s, i < wholes ? whole[i] : more[i - wholes]);
        opener = new_opener(&s);
        expect_open(&s, opener, 0, 4);
        memcpy(broken, s.records[6].data, s.records[6].length);
        broken[s.records[6].length - 1] ^= 1;
        memset(out, 0, sizeof out);
        assert_int_equal(
            crypt_opener_resume(opener, broken, s.records[6].length, 100, out, &opened, &err), -1);
        assert_memory_equal(out, zeros, sizeof out);
        broken[3] ^= 0x10; /* not even a record */
        assert_int_equal(
            crypt_opener_resume(opener, broken, s.records[6].length, 100, out, &opened, &err), -1);
        assert_string_equal(err.code, "bad_record");
        expect_open(&s, opener, 4, s.count);
        crypt_opener_free(opener);
        wiretap_free(&s.tap);
    }
}

/* ---- what had its state in what was lost --------------------------------------------------------- */

static void a_stream_cipher_cannot_go_on(void **state)
{
    struct crypt_opener *opener;
    struct crypt_opened opened;
    struct session s;
    uint8_t out[512];
    struct err err;

    (void)state;
    start(&s, TLS12 "ARCFOUR-128:+RSA");
    opener = new_opener(&s);
    assert_int_equal(
        crypt_opener_resume(opener, s.records[3].data, s.records[3].length, 9, out, &opened, &err),
        -1);
    assert_string_equal(err.code, "state_lost");
    assert_non_null(strstr(err.text, "RC4"));
    crypt_opener_free(opener);
    wiretap_free(&s.tap);
}

/* The first block of the record after the gap is gone, everything after it is there. */
static void restart_after(const struct session *s, size_t before, size_t lost)
{
    struct crypt_opener *opener = new_opener(s);
    const struct record *next = &s->records[before + lost];
    struct crypt_opened opened;
    uint8_t out[512];
    static const uint8_t zeros[16];
    struct err err = {0};

    expect_open(s, opener, 0, before);
    if (crypt_opener_resume(opener, next->data, next->length, lost + 2, out, &opened, &err) != 0) {
        fail_msg("suite %04x, %zu lost: %s", s->suite, lost, err.text);
    }
    assert_int_equal(opened.length, next->opened.length);
    assert_int_equal(opened.lost, opened.length < 16 ? opened.length : 16);
    assert_memory_equal(out, zeros, opened.lost);
    assert_memory_equal(out + opened.lost, next->plain + opened.lost, opened.length - opened.lost);
    expect_open(s, opener, before + lost + 1, s->count);
    crypt_opener_free(opener);
}

static void a_chain_of_blocks_goes_on_with_its_second_one(void **state)
{
    static const char *const priorities[] = {
        "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+AES-128-CBC:%NO_ETM",
        "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+AES-256-CBC",
    };

    (void)state;
    for (size_t i = 0; i < sizeof priorities / sizeof *priorities; i++) {
        struct session s;
        start(&s, priorities[i]);
        restart_after(&s, 0, 4);
        restart_after(&s, 4, 3);
        restart_after(&s, 7, 6);
        resume_after(&s, 3, 0);
        wiretap_free(&s.tap);
    }
}

static void a_broken_record_after_the_gap_breaks_no_other(void **state)
{
    struct crypt_opener *opener;
    struct crypt_opened opened;
    struct session s;
    uint8_t broken[600];
    uint8_t out[512];
    struct err err;

    (void)state;
    start(&s, "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+AES-128-CBC:%NO_ETM");
    opener = new_opener(&s);
    expect_open(&s, opener, 0, 2);
    assert_int_equal(
        crypt_opener_resume(opener, s.records[6].data, s.records[6].length, 8, out, &opened, &err),
        0);
    memcpy(broken, s.records[7].data, s.records[7].length);
    broken[WIRE_RECORD_HEADER] ^= 1; /* its last block, the next one's IV, is whole */
    assert_int_equal(crypt_opener_open(opener, broken, s.records[7].length, out, &opened, &err),
                     -1);
    assert_string_equal(err.code, "bad_record_mac");
    expect_open(&s, opener, 8, s.count);
    crypt_opener_free(opener);
    wiretap_free(&s.tap);
}

static void one_block_alone_tells_nothing(void **state)
{
    struct crypt_opener *opener;
    struct crypt_opened opened;
    struct session s;
    uint8_t out[512];
    struct err err;

    (void)state;
    start(&s, "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+AES-128-CBC");
    opener = new_opener(&s);
    assert_int_equal(s.records[5].opened.total, 16); /* 7 bytes and padding */
    assert_int_equal(
        crypt_opener_resume(opener, s.records[5].data, s.records[5].length, 5, out, &opened, &err),
        0);
    assert_int_equal(opened.length, 0);
    assert_int_equal(opened.padding, 16);
    expect_open(&s, opener, 6, s.count);
    crypt_opener_free(opener);
    wiretap_free(&s.tap);
}

/* ---- what is shown of a record -------------------------------------------------------------------- */

static void layouts_add_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        struct crypt_opener *opener;
        struct session s;
        start(&s, whole[i]);
        opener = new_opener(&s);
        for (size_t r = 0; r < s.count; r++) {
            const struct crypt_opened *opened = &s.records[r].opened;
            const struct wire_layout *layout = &opened->layout;
            size_t fragment = s.records[r].length - WIRE_RECORD_HEADER;
            struct wire_layout before = crypt_opener_layout(opener, fragment);
            assert_true(layout->is_protected);
            assert_int_equal(layout->version, s.version);
            assert_int_equal(layout->content, opened->length);
            assert_int_equal(layout->padding, opened->padding);
            assert_int_equal(opened->total + layout->iv + layout->tag +
                                 (layout->encrypt_then_mac ? layout->mac : 0),
                             fragment);
            assert_int_equal(opened->length + opened->padding +
                                 (layout->encrypt_then_mac ? 0 : layout->mac) +
                                 (s.version == WIRE_TLS13),
                             opened->total);
            before.content = layout->content;
            before.padding = layout->padding;
            expect_same_layout(&before, layout);
            assert_int_equal(crypt_opener_layout(opener, 0).tag, 0);
            assert_true(crypt_opener_layout(opener, 0).is_protected);
        }
        crypt_opener_free(opener);
        wiretap_free(&s.tap);
    }
}

/* With key, nonce and additional data as shown, GnuTLS opens the record. */
static void expect_parts_open(const struct session *s, struct crypt_opener *opener, size_t which,
                              gnutls_cipher_algorithm_t cipher)
{
    const struct record *r = &s->records[which];
    uint8_t nonce[16];
    uint8_t additional[13];
    uint8_t out[512];
    size_t size = sizeof out;
    size_t key_length;
    size_t skip = r->opened.layout.iv;
    const uint8_t *key = crypt_opener_key(opener, &key_length);
    const gnutls_datum_t datum = {(unsigned char *)key, (unsigned)key_length};
    size_t nonce_length = crypt_opener_nonce(opener, which, r->data, r->length, nonce);
    size_t additional_length =
        crypt_opener_additional(opener, which, r->data, r->length, additional);
    gnutls_aead_cipher_hd_t handle;

    assert_int_equal(nonce_length, 12);
    assert_int_equal(additional_length, s->version == WIRE_TLS13 ? 5 : 13);
    assert_int_equal(gnutls_aead_cipher_init(&handle, cipher, &datum), 0);
    assert_int_equal(gnutls_aead_cipher_decrypt(handle, nonce, nonce_length, additional,
                                                additional_length, r->opened.layout.tag,
                                                r->data + WIRE_RECORD_HEADER + skip,
                                                r->length - WIRE_RECORD_HEADER - skip, out, &size),
                     0);
    assert_int_equal(size, r->opened.total);
    assert_memory_equal(out, r->plain, size);
    gnutls_aead_cipher_deinit(handle);
}

static void key_nonce_and_additional_data_are_those_that_open(void **state)
{
    static const struct {
        const char *priority;
        gnutls_cipher_algorithm_t cipher;
    } rows[] = {
        {TLS13 "AES-256-GCM", GNUTLS_CIPHER_AES_256_GCM},
        {TLS13 "CHACHA20-POLY1305", GNUTLS_CIPHER_CHACHA20_POLY1305},
        {TLS12 "AES-128-GCM", GNUTLS_CIPHER_AES_128_GCM},
        {TLS12 "CHACHA20-POLY1305", GNUTLS_CIPHER_CHACHA20_POLY1305},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct crypt_opener *opener;
        struct session s;
        uint8_t nonce[16];
        uint8_t additional[13];
        size_t length;
        start(&s, rows[i].priority);
        opener = new_opener(&s);
        for (size_t r = 0; r < s.count; r++) {
            expect_parts_open(&s, opener, r, rows[i].cipher);
        }
        (void)crypt_opener_iv(opener, &length);
        assert_int_equal(length, s.records[0].opened.layout.iv > 0 ? 4 : 12);
        /* Without the record an explicit nonce is not known; the other kind is. */
        assert_int_equal(crypt_opener_nonce(opener, 0, NULL, 0, nonce), length == 4 ? 0 : 12);
        assert_int_equal(crypt_opener_additional(opener, 0, NULL, 0, additional), 0);
        assert_int_equal(crypt_opener_additional(opener, 0, s.records[0].data, 9, additional), 0);
        crypt_opener_free(opener);
        wiretap_free(&s.tap);
    }
}

static void block_ciphers_show_their_ivs(void **state)
{
    struct crypt_opener *opener;
    struct session s;
    uint8_t nonce[16];
    uint8_t additional[13];
    const uint8_t *iv;
    size_t length;

    (void)state;
    start(&s, "NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+AES-128-CBC:%NO_ETM");
    opener = new_opener(&s);
    expect_open(&s, opener, 0, 3);
    iv = crypt_opener_iv(opener, &length);
    assert_int_equal(length, 16);
    assert_int_equal(crypt_opener_nonce(opener, 0, NULL, 0, nonce), 16);
    assert_memory_equal(nonce, iv, 16);
    assert_int_equal(crypt_opener_nonce(opener, 1, s.records[1].data, s.records[1].length, nonce),
                     0);
    assert_int_equal(
        crypt_opener_additional(opener, 1, s.records[1].data, s.records[1].length, additional),
        11); /* the length of the content is in what is encrypted */
    assert_int_equal(additional[7], 1);
    crypt_opener_free(opener);
    wiretap_free(&s.tap);

    start(&s, TLS12 "AES-128-CBC");
    opener = new_opener(&s);
    (void)crypt_opener_iv(opener, &length);
    assert_int_equal(length, 0);
    assert_int_equal(crypt_opener_nonce(opener, 5, s.records[5].data, s.records[5].length, nonce),
                     16);
    assert_memory_equal(nonce, s.records[5].data + WIRE_RECORD_HEADER, 16);
    assert_int_equal(
        crypt_opener_additional(opener, 5, s.records[5].data, s.records[5].length, additional), 13);
    crypt_opener_free(opener);
    wiretap_free(&s.tap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_opens_after_a_gap),
        cmocka_unit_test(a_failure_leaves_the_opener_as_it_was),
        cmocka_unit_test(a_stream_cipher_cannot_go_on),
        cmocka_unit_test(a_chain_of_blocks_goes_on_with_its_second_one),
        cmocka_unit_test(a_broken_record_after_the_gap_breaks_no_other),
        cmocka_unit_test(one_block_alone_tells_nothing),
        cmocka_unit_test(layouts_add_up),
        cmocka_unit_test(key_nonce_and_additional_data_are_those_that_open),
        cmocka_unit_test(block_ciphers_show_their_ivs),
    };
    return cmocka_run_group_tests(tests, make_credentials, free_credentials);
}
