/*
 * Finished, signatures and binders: what RFC 8448 and GnuTLS's own sessions say is right is found to be
 * right, and with one bit changed anywhere it is found to be wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "handshake.h"
#include "rfc8448.h"
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

/* ---- one conversation ----------------------------------------------------------------------- */

struct conversation {
    struct unsealed unsealed;
    struct handshake handshake;
    const struct crypt_keylog *keylog;
    const uint8_t *randoms[2];
};

static const uint8_t *bytes_of(const struct conversation *c,
                               const struct handshake_message *message)
{
    return c->handshake.bytes.data + message->start;
}

static void read_conversation(struct conversation *c, const struct buffer sent[2],
                              const struct crypt_keylog *keylog)
{
    memset(c, 0, sizeof *c);
    c->keylog = keylog;
    if (unseal(&c->unsealed, sent, keylog) != 0) {
        fail_msg("%s", c->unsealed.err.text);
    }
    assert_int_equal(handshake_merge(&c->handshake, &c->unsealed), 0);
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        /* After HelloRetryRequest both ClientHellos have the same random. */
        c->randoms[side] = c->unsealed.messages[side].data + WIRE_HANDSHAKE_HEADER + 2;
    }
    c->randoms[WIRE_SERVER] =
        bytes_of(c, handshake_find(&c->handshake, WIRE_SERVER, WIRE_SERVER_HELLO)) +
        WIRE_HANDSHAKE_HEADER + 2;
}

static void free_conversation(struct conversation *c)
{
    handshake_free(&c->handshake);
    unseal_free(&c->unsealed);
}

static const struct crypt_secret *secret_of(const struct conversation *c, enum crypt_label label)
{
    const struct crypt_secret *secret = crypt_keylog_find(c->keylog, label, c->randoms[0]);

    assert_non_null(secret);
    return secret;
}

/* ---- Finished ------------------------------------------------------------------------------- */

/* What goes into the check of one Finished; each part can be changed. */
struct finished {
    uint16_t version;
    uint16_t suite;
    enum wire_side from;
    uint8_t key[CRYPT_SECRET_MAX];
    size_t key_length;
    uint8_t hash[CRYPT_HASH_MAX];
    size_t hash_length;
    uint8_t verify_data[CRYPT_HASH_MAX];
    size_t length;
};

static void collect_finished(struct finished *f, const struct conversation *c, enum wire_side from)
{
    bool tls13 = c->unsealed.version == WIRE_TLS13;
    const struct handshake_message *message = handshake_find(&c->handshake, from, WIRE_FINISHED);
    const struct crypt_secret *secret =
        secret_of(c, !tls13                ? CRYPT_CLIENT_RANDOM
                     : from == WIRE_CLIENT ? CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET
                                           : CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET);

    assert_non_null(message);
    *f = (struct finished){
        .version = c->unsealed.version,
        .suite = c->unsealed.cipher_suite,
        .from = from,
        .key_length = secret->length,
        .length = message->end - message->start - WIRE_HANDSHAKE_HEADER,
    };
    assert_true(f->length <= sizeof f->verify_data);
    memcpy(f->key, secret->secret, secret->length);
    memcpy(f->verify_data, bytes_of(c, message) + WIRE_HANDSHAKE_HEADER, f->length);
    f->hash_length = handshake_hash(&c->handshake, message->start, f->hash);
    assert_true(f->hash_length > 0);
}

static struct crypt_check check_finished(const struct finished *f)
{
    const struct crypt_finished finished = {
        .version = f->version,
        .cipher_suite = f->suite,
        .from = f->from,
        .key = {f->key, f->key_length},
        .hash = {f->hash, f->hash_length},
        .verify_data = {f->verify_data, f->length},
    };
    struct crypt_check check;

    crypt_finished_check(&finished, &check);
    return check;
}

static void expect_wrong(const struct finished *f, const uint8_t *expected)
{
    struct crypt_check check = check_finished(f);

    assert_true(check.known);
    assert_false(check.ok);
    assert_memory_equal(check.text, "it should be ", 13);
    if (expected != NULL) {
        assert_memory_equal(check.expected, expected, check.expected_length);
    }
}

static void flip_each_bit(struct finished *f, uint8_t *bytes, size_t length,
                          const uint8_t *expected)
{
    for (size_t bit = 0; bit < 8 * length; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_wrong(f, expected);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void expect_finished(const struct conversation *c, enum wire_side from)
{
    struct finished f;
    struct crypt_check check;
    uint8_t right[CRYPT_HASH_MAX];

    collect_finished(&f, c, from);
    check = check_finished(&f);
    assert_true(check.known);
    assert_true(check.ok);
    assert_int_equal(check.expected_length, f.length);
    assert_memory_equal(check.expected, f.verify_data, f.length);
    assert_string_equal(check.text, "it matches");

    memcpy(right, f.verify_data, sizeof right);
    flip_each_bit(&f, f.verify_data, f.length, right);
    flip_each_bit(&f, f.hash, f.hash_length, NULL);
    flip_each_bit(&f, f.key, f.key_length, NULL);
    f.length--; /* a prefix is no match */
    expect_wrong(&f, right);
    f.length++;
    if (f.version != WIRE_TLS13) { /* the label names the side */
        f.from = from == WIRE_CLIENT ? WIRE_SERVER : WIRE_CLIENT;
        expect_wrong(&f, NULL);
    }
}

/* ---- signatures ----------------------------------------------------------------------------- */

struct signed_content {
    uint16_t version;
    uint16_t scheme;
    const uint8_t *certificate;
    size_t certificate_length;
    struct buffer content;
    struct buffer signature;
};

static struct crypt_check check_signed(const struct signed_content *s)
{
    const struct crypt_signature signature = {
        .version = s->version,
        .scheme = s->scheme,
        .certificate = {s->certificate, s->certificate_length},
        .content = {s->content.data, s->content.length},
        .value = {s->signature.data, s->signature.length},
    };
    struct crypt_check check;

    crypt_signature_check(&signature, &check);
    return check;
}

static void expect_signed(struct signed_content *s)
{
    struct crypt_check check = check_signed(s);

    if (!check.known || !check.ok) {
        fail_msg("scheme 0x%04x: %s", s->scheme, check.text);
    }
    struct buffer *const parts[] = {&s->content, &s->signature};
    for (size_t part = 0; part < 2; part++) {
        /* Verifying is slow: some bytes of each, one of them the first. */
        for (size_t i = 0; i < parts[part]->length; i += 13) {
            parts[part]->data[i] ^= 0x10;
            check = check_signed(s);
            assert_true(check.known);
            assert_false(check.ok);
            parts[part]->data[i] ^= 0x10;
        }
    }
}

static void free_signed(struct signed_content *s)
{
    buffer_free(&s->content);
    buffer_free(&s->signature);
}

/* RFC 8446 4.4.3. */
static void expect_certificate_verify(const struct conversation *c, enum wire_side from)
{
    const struct handshake_message *message =
        handshake_find(&c->handshake, from, WIRE_CERTIFICATE_VERIFY);
    struct signed_content s = {.version = c->unsealed.version};
    uint8_t hash[CRYPT_HASH_MAX];
    size_t hash_length;
    struct reader reader;
    size_t length;

    assert_non_null(message);
    hash_length = handshake_hash(&c->handshake, message->start, hash);
    crypt_certificate_verify_content(&s.content, from, hash, hash_length);
    reader = reader_new(bytes_of(c, message), message->end - message->start);
    (void)reader_bytes(&reader, WIRE_HANDSHAKE_HEADER);
    s.scheme = reader_u16(&reader);
    length = reader_u16(&reader);
    buffer_append(&s.signature, reader_bytes(&reader, length), length);
    s.certificate = handshake_certificate(&c->handshake, from, true, &s.certificate_length);
    expect_signed(&s);
    free_signed(&s);
}

/* Bytes of the parameters in front of the signature: RFC 8422 5.4, RFC 5246 7.4.3. */
static size_t parameters_length(struct reader reader, bool elliptic)
{
    size_t start = reader.offset;

    if (elliptic) {
        (void)reader_bytes(&reader, 3);
        (void)reader_bytes(&reader, reader_u8(&reader));
    } else {
        for (int i = 0; i < 3; i++) {
            (void)reader_bytes(&reader, reader_u16(&reader));
        }
    }
    assert_false(reader.failed);
    return reader.offset - start;
}

static void expect_server_key_exchange(const struct conversation *c, bool elliptic)
{
    const struct handshake_message *message =
        handshake_find(&c->handshake, WIRE_SERVER, WIRE_SERVER_KEY_EXCHANGE);
    struct signed_content s = {.version = c->unsealed.version};
    struct reader reader;
    size_t length;

    assert_non_null(message);
    reader = reader_new(bytes_of(c, message), message->end - message->start);
    (void)reader_bytes(&reader, WIRE_HANDSHAKE_HEADER);
    length = parameters_length(reader, elliptic);
    buffer_append(&s.content, c->randoms[WIRE_CLIENT], 32);
    buffer_append(&s.content, c->randoms[WIRE_SERVER], 32);
    buffer_append(&s.content, reader_bytes(&reader, length), length);
    s.scheme = s.version >= WIRE_TLS12 ? reader_u16(&reader) : 0;
    length = reader_u16(&reader);
    buffer_append(&s.signature, reader_bytes(&reader, length), length);
    s.certificate = handshake_certificate(&c->handshake, WIRE_SERVER, false, &s.certificate_length);
    expect_signed(&s);
    free_signed(&s);
}

/* ---- GnuTLS's sessions ------------------------------------------------------------------------ */

enum signed_by { NOTHING, ELLIPTIC, FINITE, VERIFY };

static const struct session_row {
    const char *priority;
    enum signed_by by;
} sessions[] = {
    {"NORMAL:-VERS-ALL:+VERS-TLS1.0:-KX-ALL:+RSA", NOTHING},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.0:-KX-ALL:+ECDHE-RSA", ELLIPTIC},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.0:-KX-ALL:+DHE-RSA", FINITE},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.1:-KX-ALL:+ECDHE-ECDSA", ELLIPTIC},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.1:-KX-ALL:+ECDHE-RSA:%NO_SESSION_HASH", ELLIPTIC},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA:%NO_SESSION_HASH", NOTHING},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-CIPHER-ALL:+AES-256-CBC", FINITE},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM", ELLIPTIC},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA512",
     ELLIPTIC},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-SIGN-ALL:+SIGN-RSA-SHA1", ELLIPTIC},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:-SIGN-ALL:+SIGN-ECDSA-SHA512", ELLIPTIC},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+CHACHA20-POLY1305", ELLIPTIC},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM", VERIFY},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM:-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA384",
     VERIFY},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256", VERIFY},
};

static void what_gnutls_sends_is_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
        struct conversation c;
        struct wiretap tap;
        if (wiretap_start(&tap, &credentials, sessions[i].priority) != 0) {
            fail_msg("%s: %s", sessions[i].priority, gnutls_strerror(tap.status[WIRE_CLIENT]));
        }
        read_conversation(&c, tap.sent, tap.keylog);
        expect_finished(&c, WIRE_CLIENT);
        expect_finished(&c, WIRE_SERVER);
        if (sessions[i].by == VERIFY) {
            expect_certificate_verify(&c, WIRE_SERVER);
        } else if (sessions[i].by != NOTHING) {
            expect_server_key_exchange(&c, sessions[i].by == ELLIPTIC);
        }
        free_conversation(&c);
        wiretap_free(&tap);
    }
}

/* ---- RFC 8448 --------------------------------------------------------------------------------- */

static void what_rfc8448_shows_is_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < RFC8448_TRACES; i++) {
        struct rfc8448 trace;
        struct conversation c;
        assert_int_equal(rfc8448_read(&trace, i), 0);
        read_conversation(&c, trace.sent, trace.keylog);
        expect_finished(&c, WIRE_CLIENT);
        expect_finished(&c, WIRE_SERVER);
        for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
            if (handshake_find(&c.handshake, (enum wire_side)side, WIRE_CERTIFICATE_VERIFY)) {
                expect_certificate_verify(&c, (enum wire_side)side);
            }
        }
        free_conversation(&c);
        rfc8448_free(&trace);
    }
}

static void the_binder_of_rfc8448(void **state)
{
    struct rfc8448 trace;
    struct conversation c;
    struct crypt_check check;
    uint8_t psk[CRYPT_SECRET_MAX];
    uint8_t hash[CRYPT_HASH_MAX];
    uint8_t value[32];
    struct crypt_binder binder = {
        .hash_name = "SHA-256", .psk = {psk, 32}, .hash = {hash, 32}, .value = {value, 32}};

    (void)state;
    assert_int_equal(rfc8448_read(&trace, 1), 0); /* section 4: resumed */
    read_conversation(&c, trace.sent, trace.keylog);
    assert_int_equal(rfc8448_value(&trace, "resumption", psk), 32);
    /* One binder of 32 bytes, its length, the length of the list: the end of the ClientHello. */
    const struct handshake_message *hello = &c.handshake.messages[0];
    memcpy(value, c.handshake.bytes.data + hello->end - 32, 32);
    assert_int_equal(handshake_hash(&c.handshake, hello->end - 32 - 1 - 2, hash), 32);

    crypt_binder_check(&binder, &check);
    assert_true(check.known);
    assert_true(check.ok);
    assert_memory_equal(check.expected, value, 32);
    binder.external = true; /* an external key has another label */
    crypt_binder_check(&binder, &check);
    assert_true(check.known);
    assert_false(check.ok);
    binder.external = false;
    uint8_t *const parts[] = {psk, hash, value};
    for (size_t bit = 0; bit < 8 * 32 * 3; bit++) {
        uint8_t *byte = &parts[bit / 256][bit % 256 / 8];
        *byte ^= (uint8_t)(1 << bit % 8);
        crypt_binder_check(&binder, &check);
        assert_true(check.known);
        assert_false(check.ok);
        *byte ^= (uint8_t)(1 << bit % 8);
    }
    free_conversation(&c);
    rfc8448_free(&trace);
}

/* ---- what is not known ------------------------------------------------------------------------ */

static void without_its_inputs_nothing_is_said(void **state)
{
    static const uint8_t some[CRYPT_HASH_MAX];
#define NONE    \
    {           \
        NULL, 0 \
    }
#define SOME(length)   \
    {                  \
        some, (length) \
    }
    static const struct {
        struct crypt_finished finished;
        const char *text;
    } finished[] = {
        {{WIRE_TLS13, 0x1301, WIRE_CLIENT, NONE, SOME(32), NONE, SOME(32)},
         "traffic secret is not known"},
        {{WIRE_TLS13, 0x1301, WIRE_CLIENT, SOME(48), SOME(32), NONE, SOME(32)},
         "traffic secret is not known"},
        {{WIRE_TLS13, 0x1301, WIRE_CLIENT, SOME(32), NONE, NONE, SOME(32)},
         "not all messages before it"},
        {{WIRE_TLS13, 0x0a0a, WIRE_CLIENT, SOME(32), SOME(32), NONE, SOME(32)},
         "suite's hash is not one"},
        {{WIRE_TLS12, 0xc02f, WIRE_CLIENT, NONE, SOME(32), NONE, SOME(12)},
         "master secret is not known"},
        {{WIRE_TLS12, 0xc02f, WIRE_CLIENT, SOME(48), SOME(36), NONE, SOME(12)},
         "not all messages before it"},
        {{WIRE_TLS12, 0x0a0a, WIRE_CLIENT, SOME(48), SOME(32), NONE, SOME(12)},
         "hash of this cipher suite"},
        {{WIRE_TLS11, 0xc013, WIRE_CLIENT, SOME(48), SOME(32), NONE, SOME(12)},
         "not all messages before it"},
        {{WIRE_SSL3, 0x000a, WIRE_CLIENT, SOME(48), SOME(36), NONE, SOME(36)},
         "not all messages before it"},
        {{WIRE_SSL2, 0x000a, WIRE_CLIENT, SOME(48), SOME(36), SOME(36), SOME(36)},
         "of this version is not known"},
    };
    static const struct crypt_binder binders[] = {
        {"SHA-256", true, NONE, SOME(32), SOME(32)},
        {"SHA-256", true, SOME(32), SOME(48), SOME(32)},
        {"SM3", true, SOME(32), SOME(32), SOME(32)},
        {NULL, true, SOME(32), SOME(32), SOME(32)},
    };
    static const struct crypt_signature signatures[] = {
        {WIRE_TLS13, 0x0804, NONE, SOME(32), SOME(32)},
        {WIRE_TLS13, 0x0804, SOME(32), NONE, SOME(32)},
        {WIRE_TLS13, 0x0804, SOME(32), SOME(32), SOME(32)}, /* no certificate */
    };
#undef NONE
#undef SOME
    struct crypt_check check;

    (void)state;
    for (size_t i = 0; i < sizeof finished / sizeof *finished; i++) {
        crypt_finished_check(&finished[i].finished, &check);
        assert_false(check.known);
        assert_false(check.ok);
        if (strstr(check.text, finished[i].text) == NULL) {
            fail_msg("%zu: %s", i, check.text);
        }
    }
    for (size_t i = 0; i < sizeof binders / sizeof *binders; i++) {
        crypt_binder_check(&binders[i], &check);
        assert_false(check.known);
        assert_true(check.text[0] != '\0');
    }
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        crypt_signature_check(&signatures[i], &check);
        assert_false(check.known);
        assert_true(check.text[0] != '\0');
    }
}

static void a_scheme_that_gnutls_lacks_is_named(void **state)
{
    struct crypt_check check;
    struct rfc8448 trace;
    struct conversation c;
    const uint8_t *certificate;
    size_t length;

    (void)state;
    assert_int_equal(rfc8448_read(&trace, 0), 0);
    read_conversation(&c, trace.sent, trace.keylog);
    certificate = handshake_certificate(&c.handshake, WIRE_SERVER, true, &length);
    assert_non_null(certificate);
    struct crypt_signature signature = {.version = WIRE_TLS13,
                                        .scheme = 0x0905,
                                        .certificate = {certificate, length},
                                        .content = {certificate, 10},
                                        .value = {certificate, 10}};
    crypt_signature_check(&signature, &check);
    assert_false(check.known);
    assert_non_null(strstr(check.text, "GnuTLS cannot verify mldsa65"));
    /* The other kind of key: the signature is wrong, whatever it is. */
    signature.scheme = 0x0403;
    crypt_signature_check(&signature, &check);
    assert_true(check.known);
    assert_false(check.ok);
    free_conversation(&c);
    rfc8448_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_gnutls_sends_is_right),
        cmocka_unit_test(what_rfc8448_shows_is_right),
        cmocka_unit_test(the_binder_of_rfc8448),
        cmocka_unit_test(without_its_inputs_nothing_is_said),
        cmocka_unit_test(a_scheme_that_gnutls_lacks_is_named),
    };
    return cmocka_run_group_tests(tests, make_credentials, free_credentials);
}
