/* Other programs, run from a test. */
#include "command.h"

#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#define COMMAND_MAX 2000

int command_run(struct buffer *out, const char *format, ...)
{
    static const char before[] = "exec </dev/null 2>&1; ";
    char command[sizeof before + COMMAND_MAX] = {0};
    char block[4096];
    va_list arguments;
    size_t got;
    FILE *pipe;
    int length, status;

    memcpy(command, before, sizeof before);
    va_start(arguments, format);
    length = vsnprintf(command + sizeof before - 1, COMMAND_MAX, format, arguments);
    va_end(arguments);
    if (length < 0 || length >= COMMAND_MAX) {
        return -1;
    }
    pipe = popen(command, "re");
    if (pipe == NULL) {
        return -1;
    }
    while ((got = fread(block, 1, sizeof block, pipe)) > 0) {
        buffer_append(out, block, got);
    }
    status = pclose(pipe);
    if (status < 0 || out->failed) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool command_exists(const char *program)
{
    struct buffer out = {0};
    int status = command_run(&out, "command -v %s", program);

    buffer_free(&out);
    return status == 0;
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
