/*
 * Where a capture's bytes come from: a file that is read where it stands, or a pipe or gzip data, which
 * are copied to a temporary file without a name so that they can be read again, or not kept at all.
 */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "input.h"

/* So much of a pipe or of decompressed data is kept at most. */
#define SOURCE_KEPT_MAX ((uint64_t)8 * 1024 * 1024 * 1024)

enum source_state {
    SOURCE_MORE,  /* more has been kept */
    SOURCE_WAIT,  /* nothing for now */
    SOURCE_END,   /* all there is has been kept */
    SOURCE_ERROR, /* errno says which */
};

struct source {
    char *name;          /* for messages, safe for a terminal */
    int fd;              /* to read at any place: the file or its copy; -1: nothing is kept */
    int origin;          /* what `input` reads; -1 */
    struct input *input; /* NULL: the file itself */
    uint64_t size;       /* of the file, or of what has been kept */
    uint64_t whole;      /* of the file before decompression; 0: not known */
    bool complete;       /* `size` is all there is */
    bool overfull;       /* there was more than SOURCE_KEPT_MAX */
};

/* `keep`: so that players can read again. A pipe is not waited for. */
int source_open(struct source *source, const char *path, bool keep, struct err *err);
void source_close(struct source *source);

/* Brings what has come from the pipe, or decompresses some, into the copy. */
enum source_state source_more(struct source *source);

/* A pipe's descriptor, to poll; -1 for files. */
int source_pipe(const struct source *source);

#endif
