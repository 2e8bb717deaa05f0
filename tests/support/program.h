/*
 * The program itself as a process: run with arguments and input, its output, errors and exit
 * status taken. For tests of what a script relies on.
 */
#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

#include <jansson.h>
#include <sys/types.h>

#include "tlstep/base.h"

struct program {
    int status; /* exit status, 128 + signal, or -1: it did not end in time and was killed */
    struct buffer output;
    struct buffer errors;
    double seconds; /* from start to end */
    long peak_kib;  /* the most memory that was resident */

    pid_t pid; /* between program_start and program_finish */
    /* Private. */
    int ends[3]; /* of its pipes */
    const char *input;
    int64_t start_ns;
};

/* Where it is: $TLSTEP, or ./tlstep. */
const char *program_path(void);

/* Runs it with up to 31 arguments (NULL-terminated) and `input` (NULL: empty) on stdin, for
 * at most `seconds`. Fails the test when it cannot be started. program_free() afterwards. */
void program_run(struct program *program, double seconds, const char *input,
                 const char *const *arguments);
#define PROGRAM(program, seconds, input, ...) \
    program_run(program, seconds, input, (const char *const[]){__VA_ARGS__, NULL})
void program_free(struct program *program);

/* The same in two halves, for tests that do something to it while it runs: start gives it what of
 * `input`, which is borrowed, a pipe takes at once; finish waits for its end, for at most `seconds`
 * more. */
void program_start(struct program *program, const char *input, const char *const *arguments);
void program_finish(struct program *program, double seconds);

/* Fails the test when its output or errors hold a byte that a terminal would obey: control characters
 * but for the line feed, and the bidirectional ones of Unicode. */
void program_is_harmless(struct program *program);

/* The output as a JSON object; fails the test when it is none. */
json_t *program_json(struct program *program);
/* Line `index` (from 0) of the output as a JSON object; fails the test when it is none. */
json_t *program_line(struct program *program, size_t index);

/* The value at a path like "negotiated.cipher_suite.name" or "phases.0.status"; NULL: none.
 * Borrowed. */
json_t *json_at(json_t *json, const char *path);
/* The string there; fails the test when there is none. */
const char *json_text_at(json_t *json, const char *path);
/* A phase of a report by its name; fails the test when there is none. Borrowed. */
json_t *json_phase(json_t *report, const char *name);

#endif
