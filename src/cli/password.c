/* The password of a file: from the terminal, without echo, or from --password-file; never an argument, which everyone on the machine
 * could read. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"

#define PASSWORD_FILE_MAX 4096

/* What became of the last question, as an exit status: there is one process, and one terminal. */
static int question_status;

/* The first line. */
static int take_line(const struct buffer *text, char *out, size_t size)
{
    const char *end = text->length > 0 ? memchr(text->data, '\n', text->length) : NULL;
    size_t length = end != NULL ? (size_t)(end - (const char *)text->data) : text->length;

    if (length > 0 && text->data[length - 1] == '\r') {
        length--;
    }
    if (length >= size) {
        return -1;
    }
    if (length > 0) {
        memcpy(out, text->data, length);
    }
    out[length] = '\0';
    return 0;
}

static int ask_file(const char *path, char *out, size_t size)
{
    struct buffer text = {.secret = true};
    struct err err = {0};
    int status = file_read(path, "password file", PASSWORD_FILE_MAX, &text, &err);

    if (status == 0 && take_line(&text, out, size) != 0) {
        status =
            err_set(&err, ERR_FILE, "file",
                    "password file %s: its first line is longer than %zu bytes", path, size - 1);
    }
    if (status != 0) {
        question_status = cli_fail(&err);
    }
    buffer_wipe_free(&text);
    return status;
}

/* Reads up to the line's end; signals end it. */
static int read_answer(int terminal, char *out, size_t size)
{
    struct buffer line = {.secret = true};
    int status = -1;

    while (line.length < size && !line.failed) {
        struct pollfd fd = {.fd = terminal, .events = POLLIN};
        char byte;
        if (cli_poll(&fd, 1, -1) < 0 && cli_signal() != 0) {
            break;
        }
        if (!(fd.revents & (POLLIN | POLLHUP))) {
            continue;
        }
        if (read(terminal, &byte, 1) != 1) {
            break;
        }
        if (byte == '\n') {
            status = take_line(&line, out, size);
            break;
        }
        buffer_u8(&line, (uint8_t)byte);
    }
    buffer_wipe_free(&line);
    return status;
}

static void say(int terminal, const char *text)
{
    (void)file_write_all(terminal, text, strlen(text), "terminal", NULL); /* it is only a prompt */
}

static int ask_terminal(const char *path, char *out, size_t size)
{
    struct termios before, quiet;
    char prompt[300];
    char safe[240];
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (terminal < 0) {
        return -1; /* whoever needs it says that there was none */
    }
    int status = tcgetattr(terminal, &before);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    if (status == 0 && tcsetattr(terminal, TCSAFLUSH, &quiet) == 0) {
        (void)snprintf(prompt, sizeof prompt,
                       "Password of %s: ", text_safe(safe, sizeof safe, path, strlen(path)));
        say(terminal, prompt);
        status = read_answer(terminal, out, size);
        (void)tcsetattr(terminal, TCSAFLUSH, &before); /* as it was; nothing more can be done */
        say(terminal, "\n");
        question_status = cli_signal() != 0 ? err_exit_status(ERR_INTERRUPTED) : 0;
    } else {
        status = -1;
    }
    (void)close(terminal);
    return status;
}

static int ask(void *context, const char *path, char *out, size_t size)
{
    const struct cli_arguments *arguments = context;
    int status;

    question_status = 0;
    if (arguments->certs.password_file != NULL) {
        return ask_file(arguments->certs.password_file, out, size);
    }
    bool at_once = cli_signals_end(false); /* the terminal is to be left as it was */
    status = ask_terminal(path, out, size);
    (void)cli_signals_end(at_once);
    return status;
}

struct pki_password cli_password(struct cli_arguments *arguments)
{
    return (struct pki_password){.ask = ask, .context = arguments};
}

int cli_password_status(const struct err *err)
{
    return strcmp(err->code, "password") == 0 ? question_status : 0;
}
