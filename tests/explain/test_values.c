/* Values of registries are explained from their parts; texts link to the glossary; everything can be found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/explain.h"

struct seen {
    char ids[40][64];
    size_t offsets[40];
    size_t lengths[40];
    size_t count;
};

static const char *append(struct buffer *out, const char *id)
{
    buffer_free(out);
    return explain_append(out, id) ? buffer_string(out) : NULL;
}

/* Sentences end with a full stop before a blank or the end, "RFC 8446 4.2.3." with it counted apart. */
static size_t sentences(const char *text)
{
    size_t count = 0;

    for (const char *at = text; *at != '\0'; at++) {
        bool reference = strncmp(at, "RFC ", 4) == 0 || strncmp(at, "draft-", 6) == 0 ||
                         strncmp(at, "GB/T", 4) == 0;
        if (reference) {
            const char *end = strstr(at, ". ");
            at = end != NULL ? end + 1 : at + strlen(at) - 1;
        } else if (*at == '.' && (at[1] == ' ' || at[1] == '\0')) {
            count++;
        }
    }
    return count;
}

static void every_value_is_explained(void **state)
{
    static const struct {
        enum wire_registry registry;
        uint32_t last;
        size_t least;
    } registries[] = {
        {WIRE_REGISTRY_CIPHER_SUITE, 0xffff, 380},    {WIRE_REGISTRY_GROUP, 0xffff, 50},
        {WIRE_REGISTRY_SIGNATURE_SCHEME, 0xffff, 40}, {WIRE_REGISTRY_ALERT, 0xff, 34},
        {WIRE_REGISTRY_VERSION, 0xffff, 20},
    };
    struct buffer text = {0};

    (void)state;
    for (size_t i = 0; i < sizeof registries / sizeof registries[0]; i++) {
        size_t named = 0;
        for (uint32_t value = 0; value <= registries[i].last; value++) {
            const char *name = wire_registry_name(registries[i].registry, value);
            if (name == NULL) {
                continue;
            }
            named++;
            buffer_free(&text);
            if (!explain_value(&text, registries[i].registry, value)) {
                fail_msg("%s is not explained", name);
            }
            size_t count = sentences(buffer_string(&text));
            if (count < 1 || count > 4 || text.length > 640 || text.data[text.length - 1] != '.') {
                fail_msg("%s, %zu sentences: %s", name, count, buffer_string(&text));
            }
        }
        assert_true(named >= registries[i].least);
    }
    buffer_free(&text);
}

static void a_suite_is_explained_by_its_parts(void **state)
{
    struct buffer text = {0};
    const char *got = append(&text, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");

    (void)state;
    assert_non_null(strstr(got, "elliptic-curve Diffie-Hellman"));
    assert_non_null(strstr(got, "RSA key"));
    assert_non_null(strstr(got, "Galois"));
    got = append(&text, "TLS_RSA_WITH_RC4_128_MD5");
    assert_non_null(strstr(got, "RC4"));
    assert_non_null(strstr(got, "Do not use it"));
    got = append(&text, "TLS_RSA_WITH_NULL_SHA256");
    assert_non_null(strstr(got, "hides nothing"));
    got = append(&text, "TLS_DH_anon_WITH_AES_128_CBC_SHA");
    assert_non_null(strstr(got, "nobody proves"));
    got = append(&text, "TLS_RSA_EXPORT_WITH_RC4_40_MD5");
    assert_non_null(strstr(got, "weak on purpose"));
    got = append(&text, "TLS_RSA_WITH_AES_128_GCM_SHA256");
    assert_non_null(strstr(got, "opens all recordings"));
    got = append(&text, "TLS_FALLBACK_SCSV");
    assert_non_null(strstr(got, "RFC 7507"));
    buffer_free(&text);
}

static void names_and_numbers_mean_the_same(void **state)
{
    static const char *const pairs[][2] = {
        {"TLS_AES_256_GCM_SHA384", "cipher_suite:0x1302"},
        {"x25519", "group:29"},
        {"rsa_pss_rsae_sha256", "signature_scheme:0x0804"},
        {"unknown_ca", "alert:48"},
        {"TLS 1.3", "version:0x0304"},
        {"tls_aes_256_gcm_sha384", "cipher_suite:0x1302"},
        {"0x1302", "cipher_suite:0x1302"},
        {"tls13", "version:0x0304"},
        {"SNI", "term.sni"},
        {"0-RTT", "early_data"},
        {"Forward Secrecy", "forward_secrecy"},
        {"ML-KEM", "term.post_quantum"},
    };
    struct buffer one = {0};
    struct buffer two = {0};

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *by_name = append(&one, pairs[i][0]);
        const char *by_number = append(&two, pairs[i][1]);
        assert_non_null(by_name);
        assert_non_null(by_number);
        assert_string_equal(by_name, by_number);
    }
    assert_non_null(strstr(append(&one, "group:0x1a1a"), "GREASE"));
    assert_null(append(&one, "group:0x7777"));
    assert_null(append(&one, "group:"));
    assert_null(append(&one, "planet:3"));
    assert_null(append(&one, ""));
    buffer_free(&one);
    buffer_free(&two);
}

static void note_link(const char *id, size_t offset, size_t length, void *user)
{
    struct seen *seen = user;

    assert_true(seen->count < 40);
    (void)snprintf(seen->ids[seen->count], sizeof seen->ids[0], "%s", id);
    seen->offsets[seen->count] = offset;
    seen->lengths[seen->count] = length;
    seen->count++;
}

static void terms_in_a_text_are_links_in_its_order(void **state)
{
    static const char text[] =
        "Resumption needs a PSK; 0-RTT and the cipher suite follow, macro is no MAC.";
    struct seen seen = {0};

    (void)state;
    explain_links(text, note_link, &seen);
    assert_true(seen.count >= 4);
    for (size_t i = 1; i < seen.count; i++) {
        assert_true(seen.offsets[i] >= seen.offsets[i - 1] + seen.lengths[i - 1]);
    }
    bool early = false;
    for (size_t i = 0; i < seen.count; i++) {
        assert_non_null(explain_find(seen.ids[i]));
        if (strcmp(seen.ids[i], "term.early_data") == 0) {
            early = strncmp(text + seen.offsets[i], "0-RTT", seen.lengths[i]) == 0;
        }
        if (strcmp(seen.ids[i], "term.mac") == 0) {
            assert_int_equal(seen.offsets[i], strlen(text) - 4); /* not in "macro" */
        }
    }
    assert_true(early);
}

static void count_link(const char *id, size_t offset, size_t length, void *user)
{
    const char *text = *(const char **)user;

    assert_true(offset + length <= strlen(text));
    assert_non_null(explain_find(id));
}

static void links_of_every_text_are_within_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < explain_count(); i++) {
        const char *text = explain_text(i);
        explain_links(text, count_link, &text);
    }
}

static void search_puts_names_before_texts(void **state)
{
    const char *ids[2000];

    (void)state;
    assert_true(explain_search("cookie", ids, 2000) >= 2);
    assert_non_null(strstr(ids[0], "cookie"));
    assert_true(explain_search("x25519", ids, 2000) >= 2);
    assert_string_equal(ids[0], "x25519");
    assert_true(explain_search("forward secrecy", ids, 2000) >= 2);
    assert_string_equal(ids[0], "term.forward_secrecy");
    assert_true(explain_search("chacha20 psk", ids, 2000) >= 3);
    for (size_t i = 0; i < 3; i++) {
        struct buffer text = {0};
        assert_true(explain_append(&text, ids[i]));
        buffer_free(&text);
    }
    assert_int_equal(explain_search("no such words anywhere", ids, 2000), 0);
    assert_int_equal(explain_search("", ids, 2000), 0);
    assert_int_equal(explain_search("the", ids, 5), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_explained),
        cmocka_unit_test(a_suite_is_explained_by_its_parts),
        cmocka_unit_test(names_and_numbers_mean_the_same),
        cmocka_unit_test(terms_in_a_text_are_links_in_its_order),
        cmocka_unit_test(links_of_every_text_are_within_it),
        cmocka_unit_test(search_puts_names_before_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
