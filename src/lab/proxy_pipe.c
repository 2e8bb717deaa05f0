/* One direction of a proxy. */
#include "proxy_pipe.h"

#include <stdlib.h>
#include <string.h>

void lab_pipe_free(struct lab_pipe *pipe)
{
    for (; pipe->count > 0; pipe->count--) {
        secret_free(pipe->pieces[pipe->first].data, pipe->pieces[pipe->first].length);
        pipe->first = (pipe->first + 1) % LAB_PIPE_PIECES;
    }
    buffer_wipe_free(&pipe->work);
    free(pipe->shifts);
    *pipe = (struct lab_pipe){0};
}

bool lab_pipe_is_full(const struct lab_pipe *pipe)
{
    return pipe->count == LAB_PIPE_PIECES || pipe->bytes >= LAB_PIPE_BYTES;
}

bool lab_pipe_put(struct lab_pipe *pipe, const uint8_t *data, size_t length, bool injected)
{
    struct lab_piece *piece = &pipe->pieces[(pipe->first + pipe->count) % LAB_PIPE_PIECES];

    if (length == 0) {
        return true;
    }
    piece->data = malloc(length);
    if (piece->data == NULL) {
        return false;
    }
    memcpy(piece->data, data, length);
    piece->length = length;
    piece->injected = injected;
    pipe->count++;
    pipe->bytes += length;
    return true;
}

/* The next piece goes to work, behind what may be the beginning of a match. */
static void begin_piece(struct lab_pipe *pipe)
{
    struct lab_piece *piece = &pipe->pieces[pipe->first];

    pipe->work.secret = true;
    buffer_append(&pipe->work, piece->data, piece->length);
    pipe->failed = pipe->failed || pipe->work.failed;
    pipe->injected = piece->injected;
    secret_free(piece->data, piece->length);
    pipe->bytes -= piece->length;
    *piece = (struct lab_piece){0};
    pipe->first = (pipe->first + 1) % LAB_PIPE_PIECES;
    pipe->count--;
    pipe->received += pipe->injected ? 0 : 1;
}

/* Mostly each piece becomes a record, and then there is nothing to write down. */
static void count_record(struct lab_pipe *pipe)
{
    const struct lab_shift *last =
        pipe->shift_count > 0 ? &pipe->shifts[pipe->shift_count - 1] : NULL;
    uint32_t cause = pipe->injected ? 0 : pipe->received;
    struct lab_shift *grown;

    pipe->sent++;
    if (last != NULL && cause - last->in == pipe->sent - last->out) {
        return;
    }
    if (pipe->shift_count == LAB_PIPE_SHIFTS) {
        return;
    }
    grown = array_grow(pipe->shifts, &pipe->shift_capacity, pipe->shift_count + 1, sizeof *grown);
    if (grown == NULL) {
        return; /* a join that is not drawn */
    }
    pipe->shifts = grown;
    pipe->shifts[pipe->shift_count++] = (struct lab_shift){.in = cause, .out = pipe->sent};
}

static size_t apply(struct lab_pipe *pipe, const struct lab_rules *rules, bool last, uint8_t *out,
                    size_t max)
{
    size_t written = 0;
    size_t used =
        lab_rules_apply(rules, pipe->work.data, pipe->work.length, last, out, max, &written);

    buffer_consume(&pipe->work, used);
    return written;
}

/* Is what is left to be given out, whatever may come behind it? */
static bool is_last(const struct lab_pipe *pipe, int64_t now_ns)
{
    return pipe->count == 0 && (pipe->ended || pipe->cut ||
                                (pipe->held_ns != 0 && now_ns - pipe->held_ns >= LAB_PIPE_HOLD_NS));
}

enum engine_outgoing lab_pipe_take(struct lab_pipe *pipe, const struct lab_rules *rules,
                                   int64_t now_ns, uint8_t *out, size_t max, size_t *length)
{
    if (pipe->failed) {
        return ENGINE_OUTGOING_CUT; /* a stream with a hole would lie */
    }
    *length = apply(pipe, rules, is_last(pipe, now_ns), out, max);
    while (*length == 0 && pipe->count > 0 && !pipe->failed) {
        begin_piece(pipe);
        *length = apply(pipe, rules, is_last(pipe, now_ns), out, max);
    }
    if (*length > 0) {
        pipe->held_ns = 0;
        count_record(pipe);
        return ENGINE_OUTGOING_DATA;
    }
    if (pipe->work.length > 0) {
        pipe->held_ns = pipe->held_ns != 0 ? pipe->held_ns : now_ns;
        return ENGINE_OUTGOING_SOON;
    }
    if (pipe->ended) {
        return ENGINE_OUTGOING_END;
    }
    return pipe->cut ? ENGINE_OUTGOING_CUT : ENGINE_OUTGOING_NONE;
}

uint32_t lab_pipe_cause(const struct lab_pipe *pipe, uint32_t sent)
{
    for (size_t i = pipe->shift_count; i > 0 && sent <= pipe->sent; i--) {
        const struct lab_shift *shift = &pipe->shifts[i - 1];

        if (shift->out <= sent) {
            return shift->in + (sent - shift->out);
        }
    }
    return 0;
}
