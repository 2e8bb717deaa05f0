/* Buffers, arrays and the arena keep what they were given, and survive memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scarcity.h"
#include "tlstep/base.h"

static void sizes_do_not_overflow(void **state)
{
    size_t size = 7;

    (void)state;
    assert_true(size_add(SIZE_MAX - 1, 1, &size));
    assert_true(size == SIZE_MAX);
    assert_false(size_add(SIZE_MAX, 1, &size));
    assert_true(size_multiply(SIZE_MAX / 2, 2, &size));
    assert_false(size_multiply(SIZE_MAX / 2, 3, &size));
    assert_true(size_multiply(0, SIZE_MAX, &size));
    assert_int_equal(size, 0);
}

static void an_array_grows_and_an_impossible_one_does_not(void **state)
{
    size_t capacity = 0;
    int *array = array_grow(NULL, &capacity, 1, sizeof *array);
    int *same;

    (void)state;
    assert_non_null(array);
    assert_true(capacity >= 1);
    array[0] = 42;
    same = array_grow(array, &capacity, 1000, sizeof *array);
    assert_non_null(same);
    assert_true(capacity >= 1000);
    assert_int_equal(same[0], 42);
    same[999] = 1;
    assert_null(array_grow(same, &capacity, SIZE_MAX / 2, sizeof *array));
    assert_int_equal(same[0], 42);
    free(same);
}

static void a_buffer_holds_what_was_appended(void **state)
{
    static const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 'a', 'b', '-', '7'};
    struct buffer buffer = {0};

    (void)state;
    buffer_u8(&buffer, 0x01);
    buffer_u16(&buffer, 0x0203);
    buffer_u24(&buffer, 0x040506);
    buffer_u32(&buffer, 0x0708090a);
    buffer_text(&buffer, "ab");
    buffer_printf(&buffer, "%d", -7);
    buffer_append(&buffer, NULL, 0);
    assert_int_equal(buffer.length, sizeof expected);
    assert_memory_equal(buffer.data, expected, sizeof expected);
    buffer_consume(&buffer, 10);
    assert_string_equal(buffer_string(&buffer), "ab-7");
    buffer_consume(&buffer, 100);
    assert_string_equal(buffer_string(&buffer), "");
    buffer_free(&buffer);
    assert_null(buffer.data);
    buffer_free(&buffer);
}

static void printing_has_no_bound(void **state)
{
    struct buffer buffer = {0};

    (void)state;
    for (int width = 120; width < 140; width++) { /* around the room of the first try */
        buffer_printf(&buffer, "%*d", width, 1);
        assert_int_equal(buffer.length, width);
        assert_int_equal(buffer.data[width - 1], '1');
        buffer_consume(&buffer, buffer.length);
    }
    buffer_printf(&buffer, "%100000d", 5);
    assert_int_equal(buffer.length, 100000);
    buffer_free(&buffer);
}

static void a_secret_buffer_grows_and_keeps_its_content(void **state)
{
    struct buffer buffer = {.secret = true};

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        buffer_u8(&buffer, (uint8_t)i);
    }
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(buffer.data[i], (uint8_t)i);
    }
    buffer_wipe_free(&buffer);
    assert_null(buffer.data);
}

static void secrets_are_overwritten(void **state)
{
    char secret[] = "secret";
    static const char zeros[sizeof secret];

    (void)state;
    secret_wipe(secret, sizeof secret);
    assert_memory_equal(secret, zeros, sizeof secret);
    secret_wipe(NULL, 0);
    secret_free(NULL, 10);
}

static void an_arena_keeps_everything_apart(void **state)
{
    struct arena *arena = arena_new();
    uint8_t *blocks[2000];

    (void)state;
    assert_non_null(arena);
    for (size_t i = 0; i < 2000; i++) {
        size_t size = i % 20 == 0 ? 20000 : i % 97; /* large ones between small ones */
        blocks[i] = arena_alloc(arena, size);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++) {
            assert_int_equal(blocks[i][j], 0);
        }
        memset(blocks[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < 2000; i++) {
        size_t size = i % 20 == 0 ? 20000 : i % 97;
        for (size_t j = 0; j < size; j++) {
            assert_int_equal(blocks[i][j], i % 251);
        }
    }
    assert_string_equal(arena_string(arena, "text"), "text");
    assert_memory_equal(arena_copy(arena, "ab", 2), "ab", 2);
    assert_non_null(arena_copy(arena, NULL, 0));
    assert_in_range(arena_size(arena), 100 * 20000, 100 * 20000 + 10 * 65536);
    assert_null(arena_alloc(arena, SIZE_MAX));
    assert_null(arena_alloc(arena, SIZE_MAX - 8));
    arena_free(arena);
    arena_free(NULL);
}

/* A request that comes first and is large must not keep small ones from sharing blocks. */
static void small_requests_share_a_block(void **state)
{
    struct arena *arena = arena_new();

    (void)state;
    assert_non_null(arena_alloc(arena, 100000));
    for (int i = 0; i < 1000; i++) {
        assert_non_null(arena_alloc(arena, 16));
        if (i % 100 == 0) {
            assert_non_null(arena_alloc(arena, 30000));
        }
    }
    assert_in_range(arena_size(arena), 400000, 400000 + 2 * 65536);
    arena_free(arena);
}

static void a_buffer_survives_a_lack_of_memory(void **state)
{
    struct buffer buffer = {0};

    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    buffer_text(&buffer, "kept");
    scarcity_begin(0);
    buffer_printf(&buffer, "%1000d", 1);
    assert_true(scarcity_end());
    assert_true(buffer.failed);
    buffer_text(&buffer, "more");
    assert_int_equal(buffer.length, 4);
    assert_memory_equal(buffer.data, "kept", 4);
    assert_null(buffer_string(&buffer));
    buffer_free(&buffer);
    assert_false(buffer.failed);
}

static void the_string_of_a_buffer_can_be_taken(void **state)
{
    struct buffer buffer = {0}, spoilt = {.failed = true};
    char *text;

    (void)state;
    assert_null(buffer_take_string(&spoilt));
    assert_false(spoilt.failed);
    buffer_text(&buffer, "mine");
    text = buffer_take_string(&buffer);
    assert_string_equal(text, "mine");
    assert_null(buffer.data);
    buffer_text(&buffer, "another");
    assert_string_equal(text, "mine");
    free(text);
    text = buffer_take_string(&buffer);
    assert_string_equal(text, "another");
    free(text);
    text = buffer_take_string(&buffer);
    assert_string_equal(text, "");
    free(text);
}

static void an_arena_survives_a_lack_of_memory(void **state)
{
    struct arena *arena;
    char *first;

    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    scarcity_begin(0);
    assert_null(arena_new());
    scarcity_end();
    arena = arena_new();
    first = arena_string(arena, "first");
    scarcity_begin(0);
    assert_null(arena_alloc(arena, 65000));
    scarcity_end();
    assert_string_equal(first, "first");
    assert_non_null(arena_alloc(arena, 65000));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_do_not_overflow),
        cmocka_unit_test(an_array_grows_and_an_impossible_one_does_not),
        cmocka_unit_test(a_buffer_holds_what_was_appended),
        cmocka_unit_test(printing_has_no_bound),
        cmocka_unit_test(a_secret_buffer_grows_and_keeps_its_content),
        cmocka_unit_test(secrets_are_overwritten),
        cmocka_unit_test(an_arena_keeps_everything_apart),
        cmocka_unit_test(small_requests_share_a_block),
        cmocka_unit_test(the_string_of_a_buffer_can_be_taken),
        cmocka_unit_test(a_buffer_survives_a_lack_of_memory),
        cmocka_unit_test(an_arena_survives_a_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
