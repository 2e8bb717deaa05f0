/* Pipes, and gzip out of files and pipes. */
#include "input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RAW_SIZE ((size_t)64 * 1024)

struct input *input_new(int fd, bool regular)
{
    struct input *input = calloc(1, sizeof *input);

    if (input == NULL) {
        return NULL;
    }
    input->fd = fd;
    input->regular = regular;
    input->raw = malloc(RAW_SIZE);
    if (input->raw == NULL) {
        free(input);
        return NULL;
    }
    return input;
}

void input_free(struct input *input)
{
    if (input == NULL) {
        return;
    }
    if (input->gzip) {
        (void)inflateEnd(&input->stream); /* nothing to do about a stream that was cut */
    }
    free(input->raw);
    free(input);
}

/* A FIFO without a writer yet reads as ended, so it is asked first. */
static bool is_ready(const struct input *input)
{
    struct pollfd wanted = {.fd = input->fd, .events = POLLIN};

    return input->regular || poll(&wanted, 1, 0) > 0;
}

/* More raw bytes behind those that are left. */
static enum input_state fill(struct input *input)
{
    if (input->ended) {
        return INPUT_END;
    }
    if (input->raw_start > 0) {
        memmove(input->raw, input->raw + input->raw_start, input->raw_length);
        input->raw_start = 0;
    }
    for (;;) {
        if (!is_ready(input)) {
            return INPUT_WAIT;
        }
        ssize_t got = read(input->fd, input->raw + input->raw_length, RAW_SIZE - input->raw_length);
        if (got > 0) {
            input->raw_length += (size_t)got;
            input->taken += (uint64_t)got;
            return INPUT_BYTES;
        }
        if (got == 0) {
            input->ended = true;
            return INPUT_END;
        }
        if (errno == EAGAIN) {
            return INPUT_WAIT;
        }
        if (errno != EINTR) {
            return INPUT_ERROR;
        }
    }
}

/* 15 window bits, and 16 for a gzip header. */
static bool begin_gzip(struct input *input)
{
    if (inflateInit2(&input->stream, 15 + 16) != Z_OK) {
        errno = ENOMEM;
        return false;
    }
    input->gzip = true;
    return true;
}

/* Two bytes tell gzip from everything else. */
static enum input_state begin(struct input *input)
{
    while (input->raw_length < 2) {
        enum input_state state = fill(input);
        if (state == INPUT_END) {
            break;
        }
        if (state != INPUT_BYTES) {
            return state;
        }
    }
    if (input->raw_length >= 2 && input->raw[0] == 0x1f && input->raw[1] == 0x8b &&
        !begin_gzip(input)) {
        return INPUT_ERROR;
    }
    input->begun = true;
    return INPUT_BYTES;
}

static void consume(struct input *input, size_t count)
{
    input->raw_start += count;
    input->raw_length -= count;
}

static enum input_state read_plain(struct input *input, uint8_t *out, size_t size, size_t *got)
{
    if (input->raw_length == 0) {
        enum input_state state = fill(input);
        if (state != INPUT_BYTES) {
            return state;
        }
    }
    *got = input->raw_length < size ? input->raw_length : size;
    memcpy(out, input->raw + input->raw_start, *got);
    consume(input, *got);
    return INPUT_BYTES;
}

/* Ends the stream for good; what was decompressed before stays. */
static enum input_state stop(struct input *input, const char *problem)
{
    input->problem = problem;
    input->ended = true;
    input->raw_length = 0;
    input->between = true;
    return INPUT_END;
}

/* One turn of inflate(). `got` may be 0 afterwards. */
static enum input_state inflate_some(struct input *input, uint8_t *out, size_t size, size_t *got)
{
    z_stream *stream = &input->stream;

    stream->next_in = input->raw + input->raw_start;
    stream->avail_in = (uInt)input->raw_length;
    stream->next_out = out;
    stream->avail_out = (uInt)size;
    if (input->between) {
        (void)inflateReset(stream); /* cannot fail on a stream that was begun */
    }
    int result = inflate(stream, Z_NO_FLUSH);
    consume(input, input->raw_length - stream->avail_in);
    *got = size - stream->avail_out;
    if (result == Z_MEM_ERROR) {
        errno = ENOMEM;
        return INPUT_ERROR;
    }
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        /* RFC 1952 2.2: members follow each other; what follows and is none is padding. */
        bool padding = input->between;
        enum input_state state =
            stop(input, padding ? NULL : "the gzip data are damaged from some place on");
        return *got > 0 ? INPUT_BYTES : state;
    }
    input->between = result == Z_STREAM_END;
    return INPUT_BYTES;
}

static enum input_state read_gzip(struct input *input, uint8_t *out, size_t size, size_t *got)
{
    for (*got = 0; *got == 0;) {
        if (input->raw_length == 0) {
            enum input_state state = fill(input);
            if (state == INPUT_END && !input->between) {
                return stop(input, "the gzip data end in the middle");
            }
            if (state != INPUT_BYTES) {
                return state;
            }
        }
        enum input_state state = inflate_some(input, out, size, got);
        if (state != INPUT_BYTES) {
            return state;
        }
    }
    return INPUT_BYTES;
}

enum input_state input_read(struct input *input, uint8_t *out, size_t size, size_t *got)
{
    *got = 0;
    if (!input->begun) {
        enum input_state state = begin(input);
        if (state != INPUT_BYTES) {
            return state;
        }
    }
    /* Decompressed bytes are counted in zlib's unsigned int. */
    size_t wanted = size < RAW_SIZE * 16 ? size : RAW_SIZE * 16;
    return input->gzip ? read_gzip(input, out, wanted, got) : read_plain(input, out, wanted, got);
}
