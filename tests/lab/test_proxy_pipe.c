/* What a proxy does to a stream: --replace wherever the pieces are cut, order, bounds, ends, and what was made from what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy_pipe.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define LATER        (LAB_PIPE_HOLD_NS + 1)

struct stream {
    struct lab_rules rules;
    struct lab_pipe pipe;
    struct buffer out;
    int64_t now_ns;
};

static void begin(struct stream *stream, const struct lab_proxy_rule *rules, size_t count)
{
    struct err err;

    *stream = (struct stream){.now_ns = 1};
    assert_int_equal(lab_rules_copy(&stream->rules, rules, count, &err), 0);
}

static void end(struct stream *stream)
{
    lab_rules_free(&stream->rules);
    lab_pipe_free(&stream->pipe);
    buffer_free(&stream->out);
}

/* Takes all that is to be had, in portions of `max`. */
static enum engine_outgoing drain(struct stream *stream, size_t max)
{
    enum engine_outgoing outgoing;
    uint8_t out[16384];
    size_t length;

    while ((outgoing = lab_pipe_take(&stream->pipe, &stream->rules, stream->now_ns, out, max,
                                     &length)) == ENGINE_OUTGOING_DATA) {
        assert_in_range(length, 1, max);
        buffer_append(&stream->out, out, length);
    }
    return outgoing;
}

static void put(struct stream *stream, const char *text, size_t length)
{
    assert_false(lab_pipe_is_full(&stream->pipe));
    assert_true(lab_pipe_put(&stream->pipe, (const uint8_t *)text, length, false));
}

static void a_replacement_is_the_same_wherever_the_stream_is_cut(void **state)
{
    static const struct {
        struct lab_proxy_rule rules[2];
        size_t count;
        const char *from, *to;
    } cases[] = {
        {{{"cat", "dog"}}, 1, "a cat and a catalogue, cacat", "a dog and a dogalogue, cadog"},
        {{{"aab", "X"}}, 1, "aaab aab aaaab", "aX X aaX"},
        {{{"secret", ""}}, 1, "secretsecretsecre", "secre"},
        {{{"a", "aa"}}, 1, "banana", "baanaanaa"},
        {{{"abc", "1"}, {"ab", "2"}}, 2, "abcabab", "122"},
        {{{"x", "y"}, {"y", "x"}}, 2, "xyxy", "yxyx"},
        {{{"never", "seen"}}, 1, "", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length = strlen(cases[i].from);

        for (size_t piece = 1; piece <= length + 1; piece++) {
            struct stream stream;

            begin(&stream, cases[i].rules, cases[i].count);
            for (size_t at = 0; at < length; at += piece) {
                size_t left = length - at;
                put(&stream, cases[i].from + at, left < piece ? left : piece);
                (void)drain(&stream, LAB_RULE_MAX);
            }
            stream.pipe.ended = true;
            assert_int_equal(drain(&stream, LAB_RULE_MAX), ENGINE_OUTGOING_END);
            buffer_u8(&stream.out, 0);
            assert_string_equal((const char *)stream.out.data, cases[i].to);
            end(&stream);
        }
    }
}

static void what_may_begin_a_match_is_held_back_for_a_moment_only(void **state)
{
    const struct lab_proxy_rule rule = {"password", "********"};
    struct stream stream;
    (void)state;

    begin(&stream, &rule, 1);
    put(&stream, "enter pass", 10);
    assert_int_equal(drain(&stream, LAB_RULE_MAX), ENGINE_OUTGOING_SOON);
    assert_int_equal(stream.out.length, 6);
    stream.now_ns += LATER;
    assert_int_equal(drain(&stream, LAB_RULE_MAX), ENGINE_OUTGOING_NONE);
    assert_memory_equal(stream.out.data, "enter pass", 10);
    end(&stream);
}

static void a_growing_stream_never_overflows_a_record(void **state)
{
    char to[LAB_RULE_MAX + 1], from[2000];
    const struct lab_proxy_rule rule = {"a", to};
    struct stream stream;
    (void)state;

    memset(to, 'b', LAB_RULE_MAX);
    to[LAB_RULE_MAX] = '\0';
    memset(from, 'a', sizeof from);
    begin(&stream, &rule, 1);
    put(&stream, from, sizeof from);
    assert_int_equal(drain(&stream, 16384), ENGINE_OUTGOING_NONE);
    assert_int_equal(stream.out.length, sizeof from * LAB_RULE_MAX);
    end(&stream);
}

static void a_pipe_is_bounded_in_bytes_and_in_pieces(void **state)
{
    static const char block[16384];
    struct stream stream;
    size_t pieces = 0, bytes = 0;
    (void)state;

    begin(&stream, NULL, 0);
    for (; !lab_pipe_is_full(&stream.pipe); pieces++) {
        put(&stream, "x", 1);
    }
    assert_in_range(pieces, 2, 1000);
    (void)drain(&stream, 16384);
    for (; !lab_pipe_is_full(&stream.pipe); bytes += sizeof block) {
        put(&stream, block, sizeof block);
    }
    assert_in_range(bytes, sizeof block, 1 << 20);
    (void)drain(&stream, 16384);
    assert_int_equal(stream.out.length, pieces + bytes);
    end(&stream);
}

static void an_end_comes_behind_the_data_and_a_cut_is_no_end(void **state)
{
    struct stream stream;
    (void)state;

    begin(&stream, NULL, 0);
    put(&stream, "last words", 10);
    stream.pipe.cut = true;
    assert_int_equal(drain(&stream, 16384), ENGINE_OUTGOING_CUT);
    assert_int_equal(stream.out.length, 10);
    stream.pipe.cut = false;
    stream.pipe.ended = true;
    assert_int_equal(drain(&stream, 16384), ENGINE_OUTGOING_END);
    end(&stream);
}

static void a_record_is_tied_to_the_piece_it_was_made_from(void **state)
{
    const struct lab_proxy_rule rule = {"--", ""};
    struct stream stream;
    (void)state;

    begin(&stream, &rule, 1);
    put(&stream, "one", 3);
    put(&stream, "--", 2); /* becomes nothing */
    put(&stream, "three", 5);
    (void)drain(&stream, 16384);
    assert_true(lab_pipe_put(&stream.pipe, (const uint8_t *)"mine", 4, true));
    (void)drain(&stream, 16384);
    put(&stream, "four", 4);
    (void)drain(&stream, 16384);
    assert_int_equal(lab_pipe_cause(&stream.pipe, 1), 1);
    assert_int_equal(lab_pipe_cause(&stream.pipe, 2), 3);
    assert_int_equal(lab_pipe_cause(&stream.pipe, 3), 0); /* the user's own */
    assert_int_equal(lab_pipe_cause(&stream.pipe, 4), 4);
    assert_int_equal(lab_pipe_cause(&stream.pipe, 5), 0); /* not sent yet */
    end(&stream);
}

static void rules_without_something_to_look_for_are_refused(void **state)
{
    char longest[LAB_RULE_MAX + 2];
    const struct lab_proxy_rule bad[] = {{"", "x"}, {longest, "x"}, {"x", longest}};
    (void)state;

    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct lab_rules rules;
        struct err err = {0};

        assert_int_equal(lab_rules_copy(&rules, &bad[i], 1, &err), -1);
        assert_string_equal(err.code, "bad_rule");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replacement_is_the_same_wherever_the_stream_is_cut),
        cmocka_unit_test(what_may_begin_a_match_is_held_back_for_a_moment_only),
        cmocka_unit_test(a_growing_stream_never_overflows_a_record),
        cmocka_unit_test(a_pipe_is_bounded_in_bytes_and_in_pieces),
        cmocka_unit_test(an_end_comes_behind_the_data_and_a_cut_is_no_end),
        cmocka_unit_test(a_record_is_tied_to_the_piece_it_was_made_from),
        cmocka_unit_test(rules_without_something_to_look_for_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
