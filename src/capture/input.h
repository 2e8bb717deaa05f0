/*
 * Bytes that come one after the other: from a pipe, without ever waiting for it, and out of gzip
 * (RFC 1952), recognised by its first bytes.
 */
#ifndef CAPTURE_INPUT_H
#define CAPTURE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "tlstep/base.h"

enum input_state {
    INPUT_BYTES,
    INPUT_WAIT,  /* nothing more for now: poll `fd` */
    INPUT_END,   /* `problem` says when it came too early */
    INPUT_ERROR, /* errno says which */
};

struct input {
    int fd;       /* the caller's */
    bool regular; /* a file: there is always something to read */
    bool begun;   /* it is known whether it is gzip */
    bool gzip;
    bool ended;     /* `fd` has no more */
    bool between;   /* gzip: a member has ended, another may follow */
    uint64_t taken; /* bytes read from `fd` */
    const char *problem;
    z_stream stream;
    uint8_t *raw;
    size_t raw_start, raw_length;
};

/* NULL: out of memory. */
struct input *input_new(int fd, bool regular);
void input_free(struct input *input);

/* Up to `size` bytes into `out`. */
enum input_state input_read(struct input *input, uint8_t *out, size_t size, size_t *got);

#endif
