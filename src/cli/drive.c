/*
 * tlstep drive TARGET|FILE: one command a line on stdin, one JSON object a line on stdout.
 *
 * Input is read ahead. Answers stay in order; `abort` and `quit` do not wait for a command that
 * waits: once nothing has happened for HANG_MS they end it. (Without that grace, a script that is
 * piped in whole would be cut at its first command by the `quit` at its end.)
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "lines.h"

#define HANG_MS 400

struct drive {
    struct stepper *stepper;
    struct lines input;
    int64_t last_event_ns;
    bool quit;
    bool file_failed; /* session file, key log */
};

static void print_answer(json_t *answer)
{
    char *text = answer != NULL ? report_dump(answer) : NULL;

    /* Without memory for an answer there is still an answer. */
    (void)puts(text != NULL ? text
                            : "{\"ok\":false,\"error\":{\"code\":\"memory\",\"text\":\"out of "
                              "memory\"}}");
    (void)fflush(stdout); /* main() judges standard output at the end */
    free(text);
    json_decref(answer);
}

static void abort_connection(struct drive *drive)
{
    (void)stepper_run(drive->stepper, stepper_command_find("abort"), NULL, NULL); /* may be over */
}

/* Waits for the command under way, reading ahead. 0, or -1 when a signal came. */
static int wait_for_command(struct drive *drive)
{
    static const char *const urgent[] = {"abort", "quit", NULL};

    drive->last_event_ns = clock_monotonic_ns();
    for (;;) {
        if (stepper_pump(drive->stepper))
            drive->last_event_ns = clock_monotonic_ns();
        if (!stepper_busy(drive->stepper))
            return 0;
        int timeout = -1;
        if (lines_hold(&drive->input, urgent)) {
            int64_t idle_ms = (clock_monotonic_ns() - drive->last_event_ns) / 1000000;
            if (idle_ms >= HANG_MS)
                abort_connection(drive);
            timeout = idle_ms >= HANG_MS ? HANG_MS : (int)(HANG_MS - idle_ms);
        }
        struct pollfd fds[] = {
            {.fd = stepper_wake_fd(drive->stepper), .events = POLLIN},
            {.fd = lines_want_more(&drive->input) ? drive->input.fd : -1, .events = POLLIN},
        };
        int ready = cli_poll(fds, 2, timeout);
        if (cli_signal() != 0)
            return -1;
        if (ready > 0 && fds[1].revents != 0)
            lines_read(&drive->input);
    }
}

/* The next line; what the connection does meanwhile is taken in. NULL at the end of input. */
static char *next_line(struct drive *drive)
{
    for (;;) {
        char *line = lines_take(&drive->input);
        if (line != NULL || drive->input.ended)
            return line;
        struct pollfd fds[] = {
            {.fd = stepper_wake_fd(drive->stepper), .events = POLLIN},
            {.fd = drive->input.fd, .events = POLLIN},
        };
        int ready = cli_poll(fds, 2, -1);
        if (cli_signal() != 0)
            return NULL;
        if (ready > 0 && fds[0].revents != 0)
            (void)stepper_pump(drive->stepper);
        if (ready > 0 && fds[1].revents != 0)
            lines_read(&drive->input);
    }
}

static int carry_out(struct drive *drive, const struct stepper_command *command,
                     const char *argument, struct err *err)
{
    if (strcmp(command->name, "quit") == 0) {
        drive->quit = true;
        return 0;
    }
    /* A connection that ended meanwhile is what abort is for. */
    if (strcmp(command->name, "abort") == 0 && stepper_live(drive->stepper) &&
        stepper_over(drive->stepper))
        return 0;
    if (command->kind == STEPPER_ASKING)
        return 0;
    if (stepper_run(drive->stepper, command, argument, err) != 0)
        return -1;
    if (wait_for_command(drive) != 0)
        return err_set(err, ERR_INTERRUPTED, "interrupted", "interrupted");
    return stepper_trouble(drive->stepper, err) ? -1 : 0;
}

/* One line to one answer. */
static json_t *answer_line(struct drive *drive, const char *line)
{
    const struct stepper_command *command;
    const char *argument;
    struct err err = {0};
    json_t *answer = NULL;

    if (stepper_command_parse(line, &command, &argument, &err) == 0 &&
        carry_out(drive, command, argument, &err) == 0)
        answer = stepper_answer(drive->stepper, command, argument, &err);
    drive->file_failed |= answer == NULL && err.class == ERR_FILE;
    return answer != NULL ? answer : stepper_answer_error(&err);
}

static bool is_blank_or_comment(const char *line)
{
    line += strspn(line, " \t");
    return *line == '\0' || *line == '#';
}

/* From the start, so that a script may send its client before the first step. */
static bool is_listening(enum stepper_target_kind kind)
{
    return kind == STEPPER_LISTEN || kind == STEPPER_PROXY;
}

int cli_drive(struct cli_arguments *arguments)
{
    struct drive drive = {.input = {.fd = STDIN_FILENO}};
    struct err err;
    int status = 0;

    if (arguments->operand_count == 0) {
        err_set(&err, ERR_USAGE, "usage", "drive needs a TARGET or a FILE");
        return cli_fail(&err);
    }
    if (strcmp(arguments->operands[0], "-") == 0) {
        err_set(&err, ERR_USAGE, "usage",
                "drive reads its commands from standard input: name a file or a FIFO");
        return cli_fail(&err);
    }
    drive.stepper = cli_only_stepper(arguments, &status);
    if (drive.stepper == NULL)
        return status;
    if (is_listening(stepper_target(drive.stepper)->kind) &&
        (stepper_listens(drive.stepper, &err) == NULL ||
         cli_write_ca(arguments, drive.stepper, &err) != 0)) {
        stepper_free(drive.stepper);
        return cli_fail(&err);
    }
    if (cli_read_whole(drive.stepper) == 0) {
        cli_warn_of_file(drive.stepper);
    }

    while (!drive.quit && cli_signal() == 0) {
        char *line = next_line(&drive);
        if (line == NULL)
            break;
        if (!is_blank_or_comment(line))
            print_answer(answer_line(&drive, line));
        free(line);
    }
    status =
        cli_signal() != 0 ? err_exit_status(ERR_INTERRUPTED) : stepper_exit_status(drive.stepper);
    if (status == 0 && drive.file_failed)
        status = err_exit_status(ERR_FILE); /* its answer has said why */
    status = cli_tell_trouble(drive.stepper, status);
    stepper_free(drive.stepper);
    lines_free(&drive.input);
    return status;
}
