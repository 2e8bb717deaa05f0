/*
 * Whatever is done to a record, in whatever mode: it is refused, nothing of it gets out, no byte
 * beside it is touched, and the record after it still opens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wiretap.h"

/* One for each way of protection, with the tag and MAC sizes there are. */
static const char *const modes[] = {
    "NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:+GROUP-ALL:+SIGN-ALL",
    "NONE:+VERS-TLS1.3:+CHACHA20-POLY1305:+AEAD:+GROUP-ALL:+SIGN-ALL",
    "NONE:+VERS-TLS1.3:+AES-128-CCM-8:+AEAD:+GROUP-ALL:+SIGN-ALL",
    "NONE:+VERS-TLS1.2:+PSK:+GROUP-ALL:+SIGN-ALL:+AES-128-GCM:+AEAD",
    "NONE:+VERS-TLS1.2:+PSK:+GROUP-ALL:+SIGN-ALL:+AES-256-CCM-8:+AEAD",
    "NONE:+VERS-TLS1.2:+PSK:+GROUP-ALL:+SIGN-ALL:+CHACHA20-POLY1305:+AEAD",
    "NONE:+VERS-TLS1.2:+PSK:+GROUP-ALL:+SIGN-ALL:+CAMELLIA-128-GCM:+AEAD",
    "NONE:+VERS-TLS1.2:+PSK:+GROUP-ALL:+SIGN-ALL:+AES-128-CBC:+SHA256",
    "NONE:+VERS-TLS1.2:+PSK:+GROUP-ALL:+SIGN-ALL:+AES-256-CBC:+SHA384:%NO_ETM",
    "NONE:+VERS-TLS1.1:+PSK:+GROUP-ALL:+SIGN-ALL:+3DES-CBC:+SHA1:%NO_ETM",
    "NONE:+VERS-TLS1.0:+PSK:+GROUP-ALL:+SIGN-ALL:+AES-128-CBC:+SHA1",
    "NONE:+VERS-TLS1.0:+PSK:+GROUP-ALL:+SIGN-ALL:+AES-128-CBC:+SHA1:%NO_ETM",
    "NONE:+VERS-TLS1.2:+PSK:+GROUP-ALL:+SIGN-ALL:+ARCFOUR-128:+SHA1",
    "NONE:+VERS-TLS1.2:+PSK:+GROUP-ALL:+SIGN-ALL:+NULL:+SHA256",
};

#define ROOM 512

/* Two records that the client sent one after the other, the first under its keys, and what opens
 * them: a traffic secret, or what the keys of older versions come from. */
struct sample {
    uint8_t records[ROOM];
    size_t first_length;
    size_t second_length;
    uint16_t cipher_suite;
    struct crypt_secret secret;
    struct crypt_tls12 tls12;
};

static const char text[] = "a few bytes of application data";

/* ---- taking a sample -------------------------------------------------------------------- */

static size_t record_length(const uint8_t *data, size_t length)
{
    struct wire_record record;

    assert_int_equal(wire_record_parse(data, length, &record), WIRE_COMPLETE);
    return WIRE_RECORD_HEADER + (size_t)record.length;
}

/* Where the record after the client's ChangeCipherSpec starts. */
static size_t after_change_cipher_spec(const struct buffer *sent)
{
    size_t offset = 0;

    while (sent->data[offset] != WIRE_CHANGE_CIPHER_SPEC) {
        offset += record_length(sent->data + offset, sent->length - offset);
    }
    return offset + record_length(sent->data + offset, sent->length - offset);
}

/* From the ServerHello, which is the first thing that the server sends. */
static uint16_t chosen_suite(const struct buffer *sent)
{
    struct reader reader = reader_new(sent->data, sent->length);

    (void)reader_bytes(&reader, WIRE_RECORD_HEADER + WIRE_HANDSHAKE_HEADER + 2 + 32);
    (void)reader_bytes(&reader, reader_u8(&reader));
    return reader_u16(&reader);
}

static void take_keys(const struct wiretap *tap, bool tls13, struct sample *sample)
{
    gnutls_session_t client = tap->session[WIRE_CLIENT];
    const struct crypt_secret *secret;
    gnutls_datum_t client_random;
    gnutls_datum_t server_random;

    gnutls_session_get_random(client, &client_random, &server_random);
    secret =
        crypt_keylog_find(tap->keylog, tls13 ? CRYPT_CLIENT_TRAFFIC_SECRET_0 : CRYPT_CLIENT_RANDOM,
                          client_random.data);
    assert_non_null(secret);
    sample->secret = *secret;
    sample->cipher_suite = chosen_suite(&tap->sent[WIRE_SERVER]);
    sample->tls12.version =
        (uint16_t)(WIRE_TLS10 + (gnutls_protocol_get_version(client) - GNUTLS_TLS1_0));
    sample->tls12.cipher_suite = sample->cipher_suite;
    sample->tls12.encrypt_then_mac = gnutls_session_etm_status(client) != 0;
    memcpy(sample->tls12.master_secret, secret->secret, sizeof sample->tls12.master_secret);
    memcpy(sample->tls12.client_random, client_random.data, 32);
    memcpy(sample->tls12.server_random, server_random.data, 32);
}

static void take_sample(const struct wiretap_credentials *credentials, const char *priority,
                        struct sample *sample)
{
    const struct buffer *sent;
    struct wiretap tap;
    size_t start;
    bool tls13;

    memset(sample, 0, sizeof *sample);
    if (wiretap_start(&tap, credentials, priority) != 0) {
        fail_msg("%s: %s, %s", priority, gnutls_strerror(tap.status[WIRE_CLIENT]),
                 gnutls_strerror(tap.status[WIRE_SERVER]));
    }
    sent = &tap.sent[WIRE_CLIENT];
    tls13 = gnutls_protocol_get_version(tap.session[WIRE_CLIENT]) == GNUTLS_TLS1_3;
    start = tls13 ? sent->length : after_change_cipher_spec(sent);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(wiretap_send(&tap, WIRE_CLIENT, text, sizeof text, 0), 0);
    }
    take_keys(&tap, tls13, sample);
    sample->first_length = record_length(sent->data + start, sent->length - start);
    start += sample->first_length;
    sample->second_length = record_length(sent->data + start, sent->length - start);
    start -= sample->first_length;
    assert_true(sample->first_length + sample->second_length <= sizeof sample->records);
    memcpy(sample->records, sent->data + start, sample->first_length + sample->second_length);
    wiretap_free(&tap);
}

static struct crypt_opener *opener_of(const struct sample *sample)
{
    struct err err;
    struct crypt_opener *opener =
        sample->secret.label == CRYPT_CLIENT_RANDOM
            ? crypt_opener_new_tls12(&sample->tls12, &err)
            : crypt_opener_new_tls13(sample->cipher_suite, sample->secret.secret,
                                     sample->secret.length, &err);

    assert_non_null(opener);
    return opener;
}

/* ---- opening ---------------------------------------------------------------------------- */

static void *copy_of(const uint8_t *data, size_t length)
{
    void *copy = malloc(length + (length == 0));

    assert_non_null(copy);
    memcpy(copy, data, length);
    return copy;
}

/* Opens a record that must be refused with `code` (NULL: whichever); from buffers of exactly the
 * size they must have, so that the address sanitizer sees every byte beside them. */
static void expect_refused(struct crypt_opener *opener, const uint8_t *record, size_t length,
                           const char *code)
{
    const size_t claimed = length >= 5 ? (size_t)(record[3] << 8 | record[4]) : 0;
    uint8_t *copy = copy_of(record, length);
    uint8_t *out = malloc(claimed + 1);
    struct crypt_opened opened;
    struct err err = {0};

    assert_non_null(out);
    memset(out, 0, claimed + 1);
    out[claimed] = 0xa5;
    memset(&opened, 0x5a, sizeof opened);
    assert_int_equal(crypt_opener_open(opener, copy, length, out, &opened, &err), -1);
    if (code != NULL) {
        assert_string_equal(err.code, code);
    } else if (strcmp(err.code, "bad_record") != 0) {
        assert_string_equal(err.code, "bad_record_mac");
    }
    assert_int_equal(err.class, ERR_TLS);
    for (size_t i = 0; i < claimed; i++) {
        assert_int_equal(out[i], 0);
    }
    assert_int_equal(out[claimed], 0xa5);
    assert_int_equal(opened.content_type, 0);
    assert_int_equal(opened.length, 0);
    assert_int_equal(opened.padding, 0);
    free(out);
    free(copy);
}

static void expect_opens(struct crypt_opener *opener, const uint8_t *record, size_t length)
{
    uint8_t *out = malloc(length - WIRE_RECORD_HEADER);
    struct crypt_opened opened;
    struct err err;

    assert_non_null(out);
    assert_int_equal(crypt_opener_open(opener, record, length, out, &opened, &err), 0);
    if (opened.content_type == WIRE_HANDSHAKE) {
        assert_memory_equal(out, "\x14\x00\x00\x0c", 4); /* Finished */
        assert_int_equal(opened.length, 16);
    } else {
        assert_int_equal(opened.content_type, WIRE_APPLICATION_DATA);
        assert_int_equal(opened.length, sizeof text);
        assert_memory_equal(out, text, sizeof text);
    }
    free(out);
}

/* ---- what is done to records ------------------------------------------------------------ */

static void both_open_untouched(const struct sample *sample)
{
    struct crypt_opener *opener = opener_of(sample);

    expect_opens(opener, sample->records, sample->first_length);
    expect_opens(opener, sample->records + sample->first_length, sample->second_length);
    crypt_opener_free(opener);
}

static void every_bit_counts(const struct sample *sample)
{
    uint8_t record[ROOM];

    memcpy(record, sample->records, sample->first_length);
    for (size_t bit = 0; bit < 8 * sample->first_length; bit++) {
        const bool in_length = bit / 8 == 3 || bit / 8 == 4;
        struct crypt_opener *opener = opener_of(sample);
        record[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_refused(opener, record, sample->first_length,
                       in_length ? "bad_record" : "bad_record_mac");
        record[bit / 8] ^= (uint8_t)(1 << bit % 8);
        crypt_opener_free(opener);
    }
}

/* With the length in the header as it was, and changed to what is left. */
static void every_length_counts(const struct sample *sample)
{
    uint8_t record[ROOM];

    for (size_t length = 0; length < sample->first_length; length++) {
        struct crypt_opener *opener = opener_of(sample);
        memcpy(record, sample->records, length);
        expect_refused(opener, record, length, "bad_record");
        crypt_opener_free(opener);
        if (length >= WIRE_RECORD_HEADER) {
            opener = opener_of(sample);
            record[3] = (uint8_t)((length - WIRE_RECORD_HEADER) >> 8);
            record[4] = (uint8_t)(length - WIRE_RECORD_HEADER);
            expect_refused(opener, record, length, NULL);
            crypt_opener_free(opener);
        }
    }
}

static void the_next_record_opens_after_a_bad_one(const struct sample *sample)
{
    struct crypt_opener *opener = opener_of(sample);
    uint8_t record[ROOM];

    memcpy(record, sample->records, sample->first_length);
    record[WIRE_RECORD_HEADER + 9] ^= 1; /* not in the last block, which may be the next one's IV */
    expect_refused(opener, record, sample->first_length, "bad_record_mac");
    expect_opens(opener, sample->records + sample->first_length, sample->second_length);
    crypt_opener_free(opener);
}

static void order_counts(const struct sample *sample)
{
    struct crypt_opener *opener = opener_of(sample);

    expect_refused(opener, sample->records + sample->first_length, sample->second_length,
                   "bad_record_mac");
    crypt_opener_free(opener);

    opener = opener_of(sample);
    expect_opens(opener, sample->records, sample->first_length);
    expect_refused(opener, sample->records, sample->first_length, "bad_record_mac"); /* replay */
    crypt_opener_free(opener);
}

static void other_secrets_do_not_open(const struct sample *sample)
{
    struct sample other = *sample;
    struct crypt_opener *opener;

    other.secret.secret[0] ^= 1;
    other.tls12.master_secret[47] ^= 1;
    opener = opener_of(&other);
    expect_refused(opener, sample->records, sample->first_length, "bad_record_mac");
    crypt_opener_free(opener);

    if (sample->secret.label == CRYPT_CLIENT_RANDOM) {
        other = *sample;
        other.tls12.from = WIRE_SERVER;
        opener = opener_of(&other);
        expect_refused(opener, sample->records, sample->first_length, "bad_record_mac");
        crypt_opener_free(opener);
    }
}

static void a_bad_record_in_every_mode(void **state)
{
    struct wiretap_credentials credentials;

    (void)state;
    assert_int_equal(wiretap_credentials_make(&credentials), 0);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct sample sample;
        take_sample(&credentials, modes[i], &sample);
        both_open_untouched(&sample);
        every_bit_counts(&sample);
        every_length_counts(&sample);
        the_next_record_opens_after_a_bad_one(&sample);
        order_counts(&sample);
        other_secrets_do_not_open(&sample);
    }
    wiretap_credentials_free(&credentials);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_record_in_every_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
