#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

#define ARGUMENTS_MAX 32

const char *program_path(void)
{
    const char *path = getenv("TLSTEP");
    return path != NULL ? path : "./tlstep";
}

/* Starts it with three pipes; the parent's ends are left in `ends`: stdin, stdout, stderr. */
static pid_t spawn(const char *const *arguments, int ends[3])
{
    char *argv[ARGUMENTS_MAX + 1] = {(char *)program_path()};
    posix_spawn_file_actions_t actions;
    int pipes[3][2];
    pid_t pid;

    for (size_t i = 0; arguments[i] != NULL && i + 1 < ARGUMENTS_MAX; i++)
        argv[i + 1] = (char *)arguments[i];
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pipe2(pipes[i], O_CLOEXEC), 0);
        assert_int_equal(posix_spawn_file_actions_adddup2(&actions, pipes[i][i == 0 ? 0 : 1], i),
                         0);
    }
    if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0)
        fail_msg("cannot start %s", argv[0]);
    (void)posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < 3; i++) {
        close(pipes[i][i == 0 ? 0 : 1]);
        ends[i] = pipes[i][i == 0 ? 1 : 0];
    }
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    return pid;
}

/* Takes what has come; closes the descriptor at its end. */
static void take(int *fd, struct buffer *out)
{
    assert_true(buffer_reserve(out, 65536));
    ssize_t got = read(*fd, out->data + out->length, 65536);
    if (got > 0) {
        out->length += (size_t)got;
        return;
    }
    close(*fd);
    *fd = -1;
}

/* Closes the descriptor after the last byte. */
static void give(int *fd, const char **input)
{
    size_t left = strlen(*input);
    ssize_t gone = left > 0 ? write(*fd, *input, left) : 0;
    if (gone > 0)
        *input += gone;
    if ((gone < 0 && errno != EAGAIN) || **input == '\0') {
        close(*fd);
        *fd = -1;
    }
}

static int wait_status(struct program *program)
{
    struct rusage usage;
    int status;

    assert_int_equal(wait4(program->pid, &status, 0, &usage), program->pid);
    program->peak_kib = usage.ru_maxrss;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void program_start(struct program *program, const char *input, const char *const *arguments)
{
    *program = (struct program){.input = input != NULL ? input : ""};
    (void)signal(SIGPIPE, SIG_IGN);
    program->start_ns = clock_monotonic_ns();
    program->pid = spawn(arguments, program->ends);
    give(&program->ends[0], &program->input);
}

void program_finish(struct program *program, double seconds)
{
    int64_t start_ns = clock_monotonic_ns();
    int *ends = program->ends;
    bool late = false;

    while (ends[1] >= 0 || ends[2] >= 0) {
        struct pollfd fds[] = {{ends[0], POLLOUT, 0}, {ends[1], POLLIN, 0}, {ends[2], POLLIN, 0}};
        double spent = (double)(clock_monotonic_ns() - start_ns) / 1e9;
        if (spent > seconds && !late) {
            late = true;
            (void)kill(program->pid, SIGKILL);
        }
        (void)poll(fds, 3, 50);
        if (fds[0].revents != 0)
            give(&ends[0], &program->input);
        if (fds[1].revents != 0)
            take(&ends[1], &program->output);
        if (fds[2].revents != 0)
            take(&ends[2], &program->errors);
    }
    if (ends[0] >= 0)
        close(ends[0]);
    int status = wait_status(program);
    program->status = late ? -1 : status;
    program->seconds = (double)(clock_monotonic_ns() - program->start_ns) / 1e9;
    assert_non_null(buffer_string(&program->output));
    assert_non_null(buffer_string(&program->errors));
}

void program_run(struct program *program, double seconds, const char *input,
                 const char *const *arguments)
{
    program_start(program, input, arguments);
    program_finish(program, seconds);
}

void program_free(struct program *program)
{
    buffer_free(&program->output);
    buffer_free(&program->errors);
}

/* U+202A to U+202E and U+2066 to U+2069, and the two marks (Unicode TR 9). */
static bool is_bidi(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f || c == 0x061c;
}

static void is_harmless(const char *name, struct buffer *text)
{
    size_t at = 0;

    while (at < text->length) {
        uint32_t c;
        size_t length = text_utf8_decode(text->data + at, text->length - at, &c);
        if (length == 0 || (c < ' ' && c != '\n') || (c >= 0x7f && c < 0xa0) || is_bidi(c))
            fail_msg("byte %zu of the %s is one that a terminal obeys (0x%02x):\n%s", at, name,
                     text->data[at], buffer_string(text));
        at += length;
    }
}

void program_is_harmless(struct program *program)
{
    is_harmless("output", &program->output);
    is_harmless("errors", &program->errors);
}

json_t *program_json(struct program *program)
{
    json_error_t error;
    json_t *json = json_loads(buffer_string(&program->output), 0, &error);
    if (json == NULL)
        fail_msg("no JSON (%s): %s\n%s", error.text, buffer_string(&program->output),
                 buffer_string(&program->errors));
    return json;
}

json_t *program_line(struct program *program, size_t index)
{
    const char *line = buffer_string(&program->output);
    json_error_t error;

    for (size_t i = 0; i < index && line != NULL; i++) {
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    if (line == NULL || *line == '\0')
        fail_msg("no line %zu in:\n%s\n%s", index, buffer_string(&program->output),
                 buffer_string(&program->errors));
    json_t *json = json_loadb(line, strcspn(line, "\n"), 0, &error);
    if (json == NULL)
        fail_msg("no JSON (%s): %s", error.text, line);
    return json;
}

json_t *json_at(json_t *json, const char *path)
{
    while (json != NULL && *path != '\0') {
        char key[80];
        size_t length = strcspn(path, ".");
        assert_true(length < sizeof key);
        memcpy(key, path, length);
        key[length] = '\0';
        json = json_is_array(json) ? json_array_get(json, strtoul(key, NULL, 10))
                                   : json_object_get(json, key);
        path += length + (path[length] == '.');
    }
    return json;
}

const char *json_text_at(json_t *json, const char *path)
{
    const char *text = json_string_value(json_at(json, path));
    if (text == NULL)
        fail_msg("no text at %s", path);
    return text;
}

json_t *json_phase(json_t *report, const char *name)
{
    size_t i;
    json_t *phase;

    json_array_foreach(json_object_get(report, "phases"), i, phase)
    {
        if (strcmp(json_text_at(phase, "name"), name) == 0)
            return phase;
    }
    fail_msg("no phase %s", name);
    return NULL;
}
