/*
 * The key schedule as a tree: RFC 8448's values to the byte where they can be computed, words where they cannot, and
 * what is not this connection's is found out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"
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

/* ---- conversations ---------------------------------------------------------------------------- */

struct conversation {
    struct unsealed unsealed;
    struct handshake handshake;
    uint8_t hashes[4][CRYPT_HASH_MAX];
    struct crypt_schedule schedule;
};

static struct crypt_known hash_after(struct conversation *c, int which, enum wire_side from,
                                     uint8_t type)
{
    const struct handshake_message *message = NULL;

    /* The last one: after HelloRetryRequest there are two hellos. */
    for (size_t i = 0; i < c->handshake.count; i++) {
        if (c->handshake.messages[i].from == from && c->handshake.messages[i].type == type) {
            message = &c->handshake.messages[i];
        }
    }
    assert_non_null(message);
    return (struct crypt_known){c->hashes[which],
                                handshake_hash(&c->handshake, message->end, c->hashes[which])};
}

static void read_conversation(struct conversation *c, const struct buffer sent[2],
                              const struct crypt_keylog *keylog)
{
    struct crypt_schedule *s = &c->schedule;

    memset(c, 0, sizeof *c);
    if (unseal(&c->unsealed, sent, keylog) != 0) {
        fail_msg("%s", c->unsealed.err.text);
    }
    assert_int_equal(handshake_merge(&c->handshake, &c->unsealed), 0);
    *s = (struct crypt_schedule){
        .version = c->unsealed.version,
        .cipher_suite = c->unsealed.cipher_suite,
        .keylog = keylog,
    };
    memcpy(s->client_random, c->unsealed.messages[0].data + WIRE_HANDSHAKE_HEADER + 2, 32);
    const struct handshake_message *hello =
        handshake_find(&c->handshake, WIRE_SERVER, WIRE_SERVER_HELLO);
    memcpy(s->server_random, c->handshake.bytes.data + hello->start + WIRE_HANDSHAKE_HEADER + 2,
           32);
    if (s->version == WIRE_TLS13) {
        s->hash_client_hello = hash_after(c, 0, WIRE_CLIENT, WIRE_CLIENT_HELLO);
        s->hash_server_hello = hash_after(c, 1, WIRE_SERVER, WIRE_SERVER_HELLO);
        s->hash_server_finished = hash_after(c, 2, WIRE_SERVER, WIRE_FINISHED);
        s->hash_client_finished = hash_after(c, 3, WIRE_CLIENT, WIRE_FINISHED);
    }
}

static void free_conversation(struct conversation *c)
{
    handshake_free(&c->handshake);
    unseal_free(&c->unsealed);
}

/* ---- RFC 8448 --------------------------------------------------------------------------------- */

/* Where the RFC's values stand in the tree. */
static const struct place {
    const char *name;
    const char *group;
    int nth;
    const char *leaf;
} places[] = {
    {"early_secret", "early_secret", 0, "value"},
    {"resumption_early", "early_secret", 0, "value"},
    {"resumption_binder_hash", NULL, 0, NULL}, /* of the binder: test_checks */
    {"resumption_binder_key", "binder_key", 0, "value"},
    {"resumption_finished_key", "binder_key", 0, "finished_key"},
    {"resumption_finished", NULL, 0, NULL},
    {"c_e_traffic", "client_early_traffic", 0, "value"},
    {"c_e_traffic_key", "client_early_traffic", 0, "key"},
    {"c_e_traffic_iv", "client_early_traffic", 0, "iv"},
    {"e_exp_master", "early_exporter", 0, "value"},
    {"empty_hash", "derived", 0, "context_hash"},
    {"transcript_hash", "client_handshake_traffic", 0, "context_hash"},
    {"handshake_derived", "derived", 0, "value"},
    {"shared_secret", "handshake_secret", 0, "shared_secret"},
    {"handshake", "handshake_secret", 0, "value"},
    {"c_hs_traffic", "client_handshake_traffic", 0, "value"},
    {"s_hs_traffic", "server_handshake_traffic", 0, "value"},
    {"handshake_client_key", "client_handshake_traffic", 0, "key"},
    {"handshake_client_iv", "client_handshake_traffic", 0, "iv"},
    {"handshake_server_key", "server_handshake_traffic", 0, "key"},
    {"handshake_server_iv", "server_handshake_traffic", 0, "iv"},
    {"application_derived", "derived", 1, "value"},
    {"application", "master_secret", 0, "value"},
    {"c_ap_traffic", "client_application_traffic", 0, "value"},
    {"s_ap_traffic", "server_application_traffic", 0, "value"},
    {"application_client", "client_application_traffic", 0, "value"},
    {"application_server", "server_application_traffic", 0, "value"},
    {"application_client_key", "client_application_traffic", 0, "key"},
    {"application_client_iv", "client_application_traffic", 0, "iv"},
    {"application_server_key", "server_application_traffic", 0, "key"},
    {"application_server_iv", "server_application_traffic", 0, "iv"},
    {"exp_master", "exporter", 0, "value"},
    {"exporter_master", "exporter", 0, "value"},
    {"res_master", "resumption", 0, "value"},
};

/* The values that the tree can have: without a shared secret the trunk from the Handshake Secret on is missing. */
static bool needs_shared_secret(const char *name)
{
    static const char *const names[] = {"handshake", "application_derived", "application",
                                        "res_master"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void every_value_of_rfc8448(void **state)
{
    size_t compared = 0;

    (void)state;
    for (size_t t = 0; t < RFC8448_TRACES; t++) {
        uint8_t psk[CRYPT_SECRET_MAX];
        uint8_t shared[CRYPT_SECRET_MAX];
        struct rfc8448 trace;
        struct conversation c;
        struct drawn drawn;
        assert_int_equal(rfc8448_read(&trace, t), 0);
        read_conversation(&c, trace.sent, trace.keylog);
        if (rfc8448_value(&trace, "resumption_binder_key", NULL) > 0) {
            c.schedule.psk = (struct crypt_known){psk, rfc8448_value(&trace, "resumption", psk)};
            c.schedule.psk_used = true;
        }
        if (rfc8448_value(&trace, "shared_secret", shared) > 0) {
            c.schedule.shared_secret = (struct crypt_known){shared, 32};
        }
        drawn_make(&drawn, &c.schedule);
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            uint8_t value[CRYPT_SECRET_MAX];
            size_t length = rfc8448_value(&trace, places[i].name, value);
            if (length > 0 && places[i].group != NULL &&
                (c.schedule.shared_secret.data != NULL || !needs_shared_secret(places[i].name))) {
                /* The traces' own trunk starts with the pre-shared key where there is one. */
                drawn_expect(&drawn, places[i].group, places[i].nth, places[i].leaf, value, length);
                compared++;
            }
        }
        if (c.schedule.shared_secret.data != NULL) {
            static const char *const both[] = {
                "client_handshake_traffic", "server_handshake_traffic",
                "client_application_traffic", "server_application_traffic", "exporter"};
            for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
                assert_true(drawn_says(&drawn, both[i], 0, "source", "they agree"));
            }
        } else {
            assert_true(drawn_says(&drawn, "handshake_secret", 0, "unknown", "no way back"));
            assert_true(drawn_says(&drawn, "master_secret", 0, "unknown", "no way back"));
            assert_true(drawn_says(&drawn, "exporter", 0, "source", "the key log"));
            assert_true(drawn_says(&drawn, "resumption", 0, "unknown", "key logs do not have it"));
        }
        drawn_free(&drawn);
        free_conversation(&c);
        rfc8448_free(&trace);
    }
    assert_true(compared >= 90);
}

static void each_bit_of_what_goes_in_counts(void **state)
{
    uint8_t shared[CRYPT_SECRET_MAX];
    struct rfc8448 trace;
    struct conversation c;
    struct drawn drawn;

    (void)state;
    assert_int_equal(rfc8448_read(&trace, 0), 0);
    read_conversation(&c, trace.sent, trace.keylog);
    assert_int_equal(rfc8448_value(&trace, "shared_secret", shared), 32);
    c.schedule.shared_secret = (struct crypt_known){shared, 32};
    for (int bit = 0; bit < 256; bit += 5) {
        uint8_t *const inputs[] = {shared, c.hashes[1], c.hashes[2]};
        for (int i = 0; i < 3; i++) {
            inputs[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
            drawn_make(&drawn, &c.schedule);
            assert_int_equal(drawn_says(&drawn, "client_handshake_traffic", 0, "source", "ANOTHER"),
                             i < 2);
            assert_int_equal(
                drawn_says(&drawn, "client_application_traffic", 0, "source", "ANOTHER"), i != 1);
            drawn_free(&drawn);
            inputs[i][bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    free_conversation(&c);
    rfc8448_free(&trace);
}

/* Secrets are in fields that the screen hides, and nowhere else. */
static void secrets_are_in_secret_fields_alone(void **state)
{
    (void)state;
    for (size_t t = 0; t < RFC8448_TRACES; t++) {
        struct rfc8448 trace;
        struct conversation c;
        struct drawn drawn;
        size_t met = 0;
        assert_int_equal(rfc8448_read(&trace, t), 0);
        read_conversation(&c, trace.sent, trace.keylog);
        drawn_make(&drawn, &c.schedule);
        for (size_t i = 0; i < drawn.tree.count; i++) {
            const struct wire_field *field = &drawn.tree.fields[i];
            bool secret = false;
            for (size_t k = 0; k < crypt_keylog_count(trace.keylog); k++) {
                const struct crypt_secret *logged = crypt_keylog_at(trace.keylog, k);
                secret |= memmem(drawn.bytes.data + field->offset, field->length, logged->secret,
                                 logged->length) != NULL;
            }
            if (secret && field->type->kind != WIRE_FIELD_GROUP) {
                assert_true(crypt_schedule_is_secret(field->type));
                met++;
            }
        }
        assert_true(met >= 5);
        drawn_free(&drawn);
        free_conversation(&c);
        rfc8448_free(&trace);
    }
}

/* ---- the selected record ------------------------------------------------------------------------ */

static struct crypt_opener *application_opener(const struct conversation *c, enum wire_side side)
{
    const struct crypt_secret *secret = crypt_keylog_find(
        c->schedule.keylog,
        side == WIRE_CLIENT ? CRYPT_CLIENT_TRAFFIC_SECRET_0 : CRYPT_SERVER_TRAFFIC_SECRET_0,
        c->schedule.client_random);
    struct crypt_opener *opener;
    struct err err;

    assert_non_null(secret);
    opener = crypt_opener_new_tls13(c->schedule.cipher_suite, secret->secret, secret->length, &err);
    assert_non_null(opener);
    return opener;
}

static void the_selected_record_names_its_keys(void **state)
{
    static const uint8_t record[WIRE_RECORD_HEADER + 40] = {23, 3, 3, 0, 40};
    static const uint8_t sequence[8] = {0, 0, 0, 0, 0, 0, 1, 2};
    struct wiretap tap;
    struct conversation c;

    (void)state;
    assert_int_equal(
        wiretap_start(&tap, &credentials, "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM"),
        0);
    read_conversation(&c, tap.sent, tap.keylog);
    for (int updates = 0; updates < 20; updates += 3) {
        struct crypt_opener *opener = application_opener(&c, WIRE_SERVER);
        uint8_t nonce[16];
        uint64_t number;
        struct drawn drawn;
        struct err err;
        size_t length;
        for (int i = 0; i < updates; i++) {
            assert_int_equal(crypt_opener_update(opener, &err), 0);
        }
        c.schedule.has_record = true;
        c.schedule.record_from = WIRE_SERVER;
        c.schedule.record_opener = opener;
        c.schedule.record_sequence = 0x102;
        c.schedule.record = record;
        c.schedule.record_length = sizeof record;
        drawn_make(&drawn, &c.schedule);
        char words[80];
        (void)snprintf(words, sizeof words,
                       updates == 0 ? "server application traffic secret"
                                    : "server application traffic secret %d",
                       updates);
        drawn_expect(&drawn, "record", 0, "protected_by", (const uint8_t *)words, strlen(words));
        drawn_expect(&drawn, "record", 0, "sequence_number", sequence, sizeof sequence);
        const uint8_t *key = crypt_opener_key(opener, &length);
        drawn_expect(&drawn, "record", 0, "key", key, length);
        assert_int_equal(crypt_opener_nonce(opener, 0x102, NULL, 0, nonce), 12);
        drawn_expect(&drawn, "record", 0, "nonce", nonce, 12);
        drawn_expect(&drawn, "record", 0, "additional_data", record, WIRE_RECORD_HEADER);
        assert_int_equal(wire_tree_number(&drawn.tree, "schedule.key_updates", &number),
                         updates > 0);
        if (updates > 0) { /* the newer secret is drawn beside the first */
            assert_int_equal(number, updates);
            drawn_expect(&drawn, "server_application_traffic", 1, "key", key, length);
        }
        drawn_free(&drawn);
        crypt_opener_free(opener);
    }
    free_conversation(&c);
    wiretap_free(&tap);
}

static void a_record_that_was_not_opened_says_so(void **state)
{
    struct crypt_schedule schedule = {.version = WIRE_TLS13,
                                      .cipher_suite = 0x1301,
                                      .has_record = true,
                                      .record_from = WIRE_CLIENT,
                                      .record_sequence = 3};
    struct drawn drawn;

    (void)state;
    drawn_make(&drawn, &schedule);
    assert_true(drawn_says(&drawn, "record", 0, "unknown", "not decrypted"));
    assert_true(
        drawn_says(&drawn, "client_handshake_traffic", 0, "unknown", "key log does not have it"));
    assert_true(drawn_says(&drawn, "early_secret", 0, "source", "computed"));
    drawn_free(&drawn);
}

/* ---- pre-shared keys ------------------------------------------------------------------------------ */

static void a_psk_that_is_not_known_leaves_even_the_early_secret_open(void **state)
{
    struct crypt_schedule schedule = {
        .version = WIRE_TLS13, .cipher_suite = 0x1301, .psk_used = true};
    struct drawn drawn;

    (void)state;
    drawn_make(&drawn, &schedule);
    assert_true(drawn_says(&drawn, "early_secret", 0, "unknown", "pre-shared key is not known"));
    assert_true(
        drawn_says(&drawn, "binder_key", 0, "unknown", "what it is derived from is not known"));
    drawn_free(&drawn);
}

static void a_psk_that_was_not_chosen_still_made_the_binder(void **state)
{
    static const uint8_t psk[32] = {1};
    static const uint8_t hash[32] = {2};
    struct crypt_schedule schedule = {.version = 0,
                                      .psk = {psk, sizeof psk},
                                      .hash_client_hello = {hash, sizeof hash},
                                      .psk_external = true};
    struct drawn before;
    struct drawn after;

    (void)state;
    drawn_make(&before, &schedule); /* no ServerHello yet */
    assert_int_equal(wire_tree_find(&before.tree, "schedule.handshake_secret", 0), -1);
    assert_true(drawn_says(&before, "binder_key", 0, "label", "tls13 ext binder"));
    schedule.version = WIRE_TLS13;
    schedule.cipher_suite = 0x1301;
    drawn_make(&after, &schedule);
    static const char *const groups[] = {"binder_key", "client_early_traffic", "early_exporter"};
    for (int i = 0; i < 3; i++) {
        long at = drawn_leaf(&before.tree, groups[i], 0, "value");
        assert_true(at >= 0);
        drawn_expect(&after, groups[i], 0, "value",
                     before.bytes.data + before.tree.fields[at].offset,
                     before.tree.fields[at].length);
        assert_true(drawn_says(&after, groups[i], 0, "derived_from", "not chosen"));
    }
    /* The trunk is that of a connection without one. */
    static const uint8_t without[] = {0x33, 0xad, 0x0a, 0x1c, 0x60, 0x7e, 0xc0, 0x3b,
                                      0x09, 0xe6, 0xcd, 0x98, 0x93, 0x68, 0x0c, 0xe2,
                                      0x10, 0xad, 0xf3, 0x00, 0xaa, 0x1f, 0x26, 0x60,
                                      0xe1, 0xb2, 0x2e, 0x10, 0xf1, 0x70, 0xf9, 0x2a};
    drawn_expect(&after, "early_secret", 0, "value", without, sizeof without);
    drawn_free(&before);
    drawn_free(&after);
}

static void a_psk_tells_its_hash_before_the_server_speaks(void **state)
{
    static const uint8_t psk[48] = {1};
    struct crypt_schedule schedule = {.psk = {psk, sizeof psk}};
    struct drawn drawn;

    (void)state;
    drawn_make(&drawn, &schedule); /* of a session with SHA-384 */
    assert_int_equal(drawn.tree.fields[drawn_leaf(&drawn.tree, "early_secret", 0, "value")].length,
                     48);
    drawn_free(&drawn);
    schedule.psk.length = 32;
    drawn_make(&drawn, &schedule);
    assert_int_equal(drawn.tree.fields[drawn_leaf(&drawn.tree, "early_secret", 0, "value")].length,
                     32);
    drawn_free(&drawn);
    schedule.psk = (struct crypt_known){psk, 48}; /* one agreed on has the length that it has */
    schedule.psk_external = true;
    drawn_make(&drawn, &schedule);
    assert_int_equal(drawn.tree.fields[drawn_leaf(&drawn.tree, "early_secret", 0, "value")].length,
                     32);
    drawn_free(&drawn);
}

/* ---- anything at all ---------------------------------------------------------------------------------- */

static void no_input_is_too_strange(void **state)
{
    static const uint16_t versions[] = {0,          WIRE_SSL2,  WIRE_SSL3, WIRE_TLS10, WIRE_TLS11,
                                        WIRE_TLS12, WIRE_TLS13, 0x7f12,    0x7f17,     0xffff};
    static const uint16_t suites[] = {0,      0x0003, 0x000a, 0x002f, 0x0a0a, 0x00c6, 0x1301,
                                      0x1302, 0x1305, 0x1306, 0xc02f, 0xc0b4, 0xffff};
    static const uint8_t some[100];
    static const struct crypt_known known[] = {{NULL, 0},  {some, 0},  {some, 1},
                                               {some, 32}, {some, 48}, {some, 100}};

    (void)state;
    for (size_t v = 0; v < sizeof versions / sizeof *versions; v++) {
        for (size_t s = 0; s < sizeof suites / sizeof *suites; s++) {
            for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
                struct crypt_schedule schedule = {
                    .version = versions[v],
                    .cipher_suite = suites[s],
                    .psk = known[k],
                    .psk_used = k % 2,
                    .shared_secret = known[k],
                    .premaster = known[k],
                    .master = known[k],
                    .extended_master_secret = k % 3 == 0,
                    .session_hash = known[k],
                    .hash_client_hello = known[k],
                    .hash_server_hello = known[k],
                    .hash_server_finished = known[k],
                    .hash_client_finished = known[k],
                    .has_record = true,
                };
                struct drawn drawn;
                drawn_make(&drawn, &schedule);
                drawn_free(&drawn);
            }
        }
    }
}

static void every_field_type_is_listed_once(const struct wire_field_type *type, void *paths)
{
    assert_memory_equal(type->path, "schedule.", 9);
    buffer_printf(paths, "%s\n", type->path);
}

static void types_are_told_and_others_are_no_secret(void **state)
{
    static const struct wire_field_type other = {.path = "schedule.value"};
    struct buffer paths = {0};

    (void)state;
    crypt_schedule_types(every_field_type_is_listed_once, &paths);
    assert_non_null(strstr(buffer_string(&paths), "schedule.value\n"));
    assert_non_null(strstr(buffer_string(&paths), "schedule.unknown\n"));
    assert_false(crypt_schedule_is_secret(&other));
    assert_false(crypt_schedule_is_secret(NULL));
    buffer_free(&paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_of_rfc8448),
        cmocka_unit_test(each_bit_of_what_goes_in_counts),
        cmocka_unit_test(secrets_are_in_secret_fields_alone),
        cmocka_unit_test(the_selected_record_names_its_keys),
        cmocka_unit_test(a_record_that_was_not_opened_says_so),
        cmocka_unit_test(a_psk_that_is_not_known_leaves_even_the_early_secret_open),
        cmocka_unit_test(a_psk_that_was_not_chosen_still_made_the_binder),
        cmocka_unit_test(a_psk_tells_its_hash_before_the_server_speaks),
        cmocka_unit_test(no_input_is_too_strange),
        cmocka_unit_test(types_are_told_and_others_are_no_secret),
    };
    return cmocka_run_group_tests(tests, make_credentials, free_credentials);
}
