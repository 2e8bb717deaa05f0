/* tlstep diff: a working and a failing client, saved sessions, JSON, exit statuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "program.h"
#include "scratch.h"

#define SECONDS 15

static void save(const char *target, char path[SCRATCH_PATH_MAX], const char *name)
{
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "20", "--save", scratch_path(path, name),
            target);
    assert_in_range(program.status, 0, 1);
    program_free(&program);
}

/* The line of a section with this name, or NULL. Borrowed. */
static json_t *find(json_t *lines, const char *name)
{
    size_t index;
    json_t *line;

    json_array_foreach(lines, index, line)
    {
        if (strcmp(json_text_at(line, "name"), name) == 0) {
            return line;
        }
        json_t *below = find(json_object_get(line, "children"), name);
        if (below != NULL) {
            return below;
        }
    }
    return NULL;
}

static void has_kind(json_t *diff, const char *name, const char *kind)
{
    json_t *line = find(json_object_get(diff, "sections"), name);
    assert_non_null(line);
    assert_string_equal(json_text_at(line, "kind"), kind);
}

/* The same server and two clients, one of which asks for what it does not get: the versions and the
 * extension that differ are there, and what must differ is not taken for it. */
static void a_working_and_a_failing_client(void **state)
{
    struct program program;
    char path[SCRATCH_PATH_MAX];
    (void)state;

    save("lab:good", path, "good.pcapng");
    PROGRAM(&program, SECONDS, NULL, "diff", "--json", "--tls-max", "1.2", path, "lab:expired");
    assert_int_equal(program.status, 1);
    assert_int_equal(program.errors.length, 0);
    json_t *diff = program_json(&program);
    assert_string_equal(json_text_at(diff, "schema"), "tlstep.diff/1");
    assert_string_equal(json_text_at(diff, "a"), path);
    assert_string_equal(json_text_at(diff, "b"), "lab:expired");
    assert_true(json_is_false(json_object_get(diff, "same")));
    has_kind(diff, "version", "changed");
    has_kind(diff, "verification", "changed");
    has_kind(diff, "server:ServerKeyExchange", "only_b");
    has_kind(diff, "server:EncryptedExtensions", "only_a");
    has_kind(diff, "handshake.client_hello.random", "random");
    has_kind(diff, "extension.key_share", "only_a");
    json_decref(diff);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "diff", "--ascii", path, "lab:expired");
    assert_int_equal(program.status, 1);
    program_is_harmless(&program);
    assert_non_null(strstr(buffer_string(&program.output), "verification  accepted -> refused"));
    program_free(&program);
}

static void the_same_is_the_same(void **state)
{
    struct program program;
    char path[SCRATCH_PATH_MAX];
    (void)state;

    save("lab:tls12", path, "same.pcapng");
    PROGRAM(&program, SECONDS, NULL, "diff", "--json", path, path);
    assert_int_equal(program.status, 0);
    json_t *diff = program_json(&program);
    assert_true(json_is_true(json_object_get(diff, "same")));
    assert_int_equal(json_integer_value(json_object_get(diff, "differences")), 0);
    json_decref(diff);
    program_free(&program);
}

static void what_cannot_be_compared(void **state)
{
    struct program program;
    char path[SCRATCH_PATH_MAX];
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "diff", "lab:good");
    assert_int_equal(program.status, 2);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "diff", "lab:good", scratch_path(path, "absent.pcapng"));
    assert_in_range(program.status, 3, 4);
    assert_int_equal(program.output.length, 0);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "diff", "lab:good", "127.0.0.1:1");
    assert_int_equal(program.status, 3);
    program_free(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_working_and_a_failing_client),
        cmocka_unit_test(the_same_is_the_same),
        cmocka_unit_test(what_cannot_be_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
