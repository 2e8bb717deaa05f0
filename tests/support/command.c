/* Other programs, run from a test. */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COMMAND_MAX 2000

/* In the child: only what is safe between fork and exec. */
static void become(const char *text, int output)
{
    int input = open("/dev/null", O_RDONLY);

    if (input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(output, STDERR_FILENO) >= 0) {
        (void)execl("/bin/sh", "sh", "-c", text, (char *)NULL);
    }
    _exit(127);
}

static int start(struct command *command, const char *text)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    command->pid = fork();
    if (command->pid == 0) {
        become(text, ends[1]);
    }
    (void)close(ends[1]);
    command->output = ends[0];
    if (command->pid < 0) {
        (void)close(ends[0]);
        return -1;
    }
    return 0;
}

int command_start(struct command *command, const char *format, ...)
{
    char text[COMMAND_MAX];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return length >= 0 && (size_t)length < sizeof text ? start(command, text) : -1;
}

int command_finish(struct command *command, struct buffer *out)
{
    char block[4096];
    ssize_t got;
    int status = -1;

    while ((got = read(command->output, block, sizeof block)) > 0 || (got < 0 && errno == EINTR)) {
        buffer_append(out, block, got > 0 ? (size_t)got : 0);
    }
    (void)close(command->output);
    while (waitpid(command->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (status < 0 || out->failed) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int command_run(struct buffer *out, const char *format, ...)
{
    char text[COMMAND_MAX];
    struct command command;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text || start(&command, text) != 0) {
        return -1;
    }
    return command_finish(&command, out);
}

bool command_exists(const char *program)
{
    struct buffer out = {0};
    int status = command_run(&out, "command -v %s", program);

    buffer_free(&out);
    return status == 0;
}

void command_need(const char *program)
{
    if (!command_exists(program)) {
        print_message("skipped: no %s\n", program);
        skip();
    }
}

size_t command_count(struct buffer *output, const char *text)
{
    const char *at = buffer_string(output);
    size_t count = 0;

    while (at != NULL && (at = strstr(at, text)) != NULL) {
        count++;
        at += strlen(text);
    }
    return count;
}
