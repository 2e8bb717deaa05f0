/* Everything that a screen can show has an explanation, and the texts keep to their form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/crypt.h"
#include "tlstep/explain.h"

static const char *find_own(const char *id)
{
    for (size_t i = 0; i < explain_count(); i++) {
        if (strcmp(explain_id(i), id) == 0) {
            return explain_text(i);
        }
    }
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static void count_missing(const struct wire_field_type *type, void *missing)
{
    /* Lengths share one text. */
    if (find_own(type->path) == NULL && !ends_with(type->path, ".length")) {
        print_message("no explanation: %s\n", type->path);
        ++*(size_t *)missing;
    }
    assert_non_null(explain_find(type->path));
}

static void every_field_of_a_dissection_has_its_own(void **state)
{
    size_t missing = 0;

    (void)state;
    wire_field_types(count_missing, &missing);
    crypt_schedule_types(count_missing, &missing);
    assert_int_equal(missing, 0);
}

static void every_message_has_one(void **state)
{
    char id[60];

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        /* Of DTLS, or registered but never met in TLS. */
        static const uint8_t foreign[] = {3, 9, 10, 17, 21, 23, 26, 203, 254};
        const char *name = wire_message_name(WIRE_HANDSHAKE, (uint8_t)type);
        if (strncmp(name, "Unknown(", 8) != 0 &&
            memchr(foreign, (int)type, sizeof foreign) == NULL) {
            (void)snprintf(id, sizeof id, "message.%s", name);
            assert_non_null(find_own(id));
        }
    }
    for (uint8_t type = WIRE_CHANGE_CIPHER_SPEC; type <= WIRE_HEARTBEAT; type++) {
        if (type != WIRE_HANDSHAKE) {
            (void)snprintf(id, sizeof id, "message.%s", wire_message_name(type, 0));
            assert_non_null(find_own(id));
        }
    }
}

static void every_stop_and_every_tcp_row_has_one(void **state)
{
    static const char *const ids[] = {
        "stop.resolve", "stop.connect",         "stop.starttls", "stop.verify",
        "stop.data",    "stop.close",           "message.SYN",   "message.SYN-ACK",
        "message.ACK",  "message.FIN",          "message.RST",   "message.Encrypted",
        "term.tls",     "term.forward_secrecy",
    };

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        assert_non_null(find_own(ids[i]));
    }
}

/* A field that was renamed must not leave its text behind. */
static void note_path(const struct wire_field_type *type, void *paths)
{
    buffer_printf(paths, "\n%s\n", type->path);
}

static void no_text_explains_a_field_that_does_not_exist(void **state)
{
    static const char *const families[] = {
        "handshake.",    "extension.", "record.",      "plaintext.", "alert.", "heartbeat.",
        "error.",        "schedule.",  "certificate.", "crl.",       "ocsp.",  "der.",
        "general_name.", "algorithm.", "public_key.",  "sct.",
    };
    struct buffer paths = {0};
    char line[200];

    (void)state;
    wire_field_types(note_path, &paths);
    crypt_schedule_types(note_path, &paths);
    for (size_t i = 0; i < explain_count(); i++) {
        for (size_t j = 0; j < sizeof families / sizeof families[0]; j++) {
            (void)snprintf(line, sizeof line, "\n%s\n", explain_id(i));
            if (strncmp(explain_id(i), families[j], strlen(families[j])) == 0 &&
                strstr(buffer_string(&paths), line) == NULL) {
                fail_msg("%s is explained, but no field has that path", explain_id(i));
            }
        }
    }
    buffer_free(&paths);
}

/* What it says, then where it stands: one to four sentences and sections, short enough for a line or
 * three of the screen. */
static void texts_keep_to_their_form(void **state)
{
    (void)state;
    assert_true(explain_count() > 300);
    for (size_t i = 0; i < explain_count(); i++) {
        const char *text = explain_text(i);
        size_t length = strlen(text);
        if (length < 10 || length > 420 || text[length - 1] != '.' || !text_is_utf8(text, length) ||
            strpbrk(text, "\n\r\t\x1b") != NULL || strstr(text, "  ") != NULL) {
            fail_msg("%s: \"%s\"", explain_id(i), text);
        }
        assert_true(i == 0 || strcmp(explain_id(i - 1), explain_id(i)) < 0);
    }
}

static void a_path_falls_back_to_its_last_parts_then_to_its_whole(void **state)
{
    (void)state;
    assert_string_equal(explain_find("handshake.client_hello.session_id.length"),
                        find_own("length"));
    assert_string_equal(explain_find("handshake.client_hello.random"),
                        find_own("handshake.client_hello.random"));
    assert_string_equal(explain_find("certificate.extension.server_name"),
                        find_own("extension.server_name"));
    assert_string_equal(explain_find("extension.server_name.something.new"),
                        find_own("extension.server_name"));
}

static void a_word_is_found_in_every_family(void **state)
{
    (void)state;
    assert_string_equal(explain_find("forward_secrecy"), find_own("term.forward_secrecy"));
    assert_string_equal(explain_find("ClientHello"), find_own("message.ClientHello"));
    assert_string_equal(explain_find("verify"), find_own("stop.verify"));
    assert_string_equal(explain_find("session_ticket"), find_own("extension.session_ticket"));
}

static void what_does_not_exist_is_not_found(void **state)
{
    char long_id[1000];

    (void)state;
    memset(long_id, 'a', sizeof long_id);
    long_id[500] = '.';
    long_id[sizeof long_id - 1] = '\0';
    assert_null(explain_find(long_id));
    assert_null(explain_find(""));
    assert_null(explain_find("."));
    assert_null(explain_find("..."));
    assert_null(explain_find("nothing"));
    assert_null(explain_find("term.nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_a_dissection_has_its_own),
        cmocka_unit_test(every_message_has_one),
        cmocka_unit_test(every_stop_and_every_tcp_row_has_one),
        cmocka_unit_test(no_text_explains_a_field_that_does_not_exist),
        cmocka_unit_test(texts_keep_to_their_form),
        cmocka_unit_test(a_path_falls_back_to_its_last_parts_then_to_its_whole),
        cmocka_unit_test(a_word_is_found_in_every_family),
        cmocka_unit_test(what_does_not_exist_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
