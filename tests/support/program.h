/*
 * The program itself as a process: run with arguments and input, its output, errors and exit
 * status taken. For tests of what a script relies on.
 */
#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

#include <jansson.h>

#include "tlstep/base.h"

struct program {
    int status; /* exit status, 128 + signal, or -1: it did not end in time and was killed */
    struct buffer output;
    struct buffer errors;
    double seconds;
};

/* Runs $TLSTEP with up to 30 arguments (NULL-terminated) and `input` (NULL: empty) on stdin, for
 * at most `seconds`. Fails the test when it cannot be started. program_free() afterwards. */
void program_run(struct program *program, double seconds, const char *input,
                 const char *const *arguments);
#define PROGRAM(program, seconds, input, ...) \
    program_run(program, seconds, input, (const char *const[]){__VA_ARGS__, NULL})
void program_free(struct program *program);

/* The output as a JSON object; fails the test when it is none. */
json_t *program_json(struct program *program);
/* Line `index` (from 0) of the output as a JSON object; fails the test when it is none. */
json_t *program_line(struct program *program, size_t index);

/* The value at a path like "negotiated.cipher_suite.name" or "phases.0.status"; NULL: none.
 * Borrowed. */
json_t *json_at(json_t *json, const char *path);
/* The string there; fails the test when there is none. */
const char *json_text_at(json_t *json, const char *path);

#endif
