/*
 * tlstep run -- COMMAND...: any program that writes a key log, with its packets. The program's conversations reach the screen, or
 * the reports, by the same way as a capture that somebody pipes in.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "run.h"

#define PATH_SIZE 24
/* Room for key-log lines at the beginning of a saved file. */
#define RESERVED 16384

struct session {
    struct cli_arguments *arguments;
    enum run_output output;
    struct net_capture *capture;
    struct run_child child;
    struct capture_writer *save;
    struct run_packets *packets;
    int reading;          /* the capture's end that is read; -1 */
    char path[PATH_SIZE]; /* where that is opened */
};

/* ---- before the program ---------------------------------------------------------------------------- */

static bool has_screen(const struct cli_arguments *arguments)
{
    return !arguments->json && !arguments->plain && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static int open_save(struct session *session, struct err *err)
{
    struct stepper_options *options = &session->arguments->options;
    const struct capture_head head = {
        .link_type = (uint16_t)net_capture_link_type(session->capture),
        .interface_name = "any",
        .reserve = RESERVED,
    };

    if (options->save == NULL) {
        return 0;
    }
    session->save = capture_writer_begin(options->save, options->force, &head, err);
    free(options->save); /* what is opened is a FILE, which is saved already */
    options->save = NULL;
    return session->save != NULL ? 0 : -1;
}

static int open_pipe(struct session *session, int *writing, struct err *err)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return err_set(err, ERR_FILE, "file", "cannot make a pipe: %s", strerror(errno));
    }
    session->reading = ends[0];
    *writing = ends[1];
    (void)snprintf(session->path, sizeof session->path, "/dev/fd/%d", ends[0]); /* it fits */
    return 0;
}

/* Nothing is run unless its packets can be had. */
static int prepare(struct session *session, struct err *err)
{
    session->capture = net_capture_open(err);
    if (session->capture == NULL) {
        return -1;
    }
    return net_capture_filter(session->capture, "tcp", err) != 0 || open_save(session, err) != 0
               ? -1
               : run_child_prepare(&session->child, err);
}

static int begin(struct session *session, struct err *err)
{
    int writing = -1;

    if (run_child_start(&session->child, session->arguments->rest, session->output, err) != 0 ||
        open_pipe(session, &writing, err) != 0) {
        return -1;
    }
    session->packets =
        run_packets_new(session->capture, &session->child, writing, session->save, err);
    return session->packets != NULL ? 0 : -1;
}

/* ---- while it runs ----------------------------------------------------------------------------------- */

/* The command as it was given, for titles. NULL: out of memory. */
static char *command_line(char *const *command)
{
    struct buffer line = {0};

    buffer_text(&line, "run --");
    for (size_t i = 0; command[i] != NULL; i++) {
        buffer_u8(&line, ' ');
        text_safe_append(&line, command[i], strlen(command[i]));
    }
    return buffer_take_string(&line);
}

/* From here on only the one who reads has the pipe open, so that the writer sees it go. */
static void hand_over_pipe(struct session *session)
{
    if (session->reading >= 0) {
        (void)close(session->reading); /* nothing was written */
        session->reading = -1;
    }
}

static struct stepper *open_stepper(struct session *session, struct err *err)
{
    struct stepper_target target = {0};
    struct stepper *stepper = NULL;

    if (stepper_target_file(session->path, &target, err) == 0) {
        free(target.input);
        target.input = command_line(session->arguments->rest);
        if (target.input == NULL) {
            (void)err_memory(err, "running a program");
        } else {
            stepper = stepper_new(&target, &session->arguments->options, err);
        }
    }
    stepper_target_free(&target);
    hand_over_pipe(session);
    return stepper;
}

static int show_screen(struct session *session)
{
    struct err err = {0};
    struct stepper *stepper = open_stepper(session, &err);

    if (stepper == NULL) {
        return cli_fail(&err);
    }
    int status = cli_show(session->arguments, stepper);
    stepper_free(stepper);
    return status;
}

/* Reports in text go to standard error, beside which the program has standard output for itself; JSON has it for itself. */
static int write_reports(struct session *session)
{
    char *source;
    int status;

    if (!session->arguments->json) {
        (void)fflush(stdout);
        if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
            struct err err;
            err_set(&err, ERR_FILE, "file", "cannot write to standard error: %s", strerror(errno));
            return cli_fail(&err);
        }
    }
    source = command_line(session->arguments->rest); /* NULL: the pipe's name has to do */
    status = cli_report_capture(session->arguments, session->path, source);
    free(source);
    hand_over_pipe(session);
    return status;
}

/* ---- after it ------------------------------------------------------------------------------------------ */

static void note(const char *text)
{
    struct err err;

    err_set(&err, ERR_NONE, "note", "%s", text);
    (void)cli_fail(&err); /* only to be told */
}

/* What would leave a user wondering. Returns the exit status of what failed, or 0. */
static int tell(const struct session *session)
{
    struct run_seen seen = run_packets_seen(session->packets);
    const char *program = session->arguments->rest[0];
    struct err err;

    if (seen.connections == 0) {
        err_set(&err, ERR_NONE, "note",
                "%s has opened no TCP connection, or none that lasted until it was looked "
                "at and that is in its key log",
                program);
        (void)cli_fail(&err); /* only to be told */
    } else if (seen.secrets == 0) {
        err_set(&err, ERR_NONE, "note",
                "%s wrote no key log: it does not look at SSLKEYLOGFILE, or no handshake was done; "
                "what it encrypted cannot be read",
                program);
        (void)cli_fail(&err); /* the same */
    }
    if (seen.dropped > 0) {
        note("the kernel had no room for all packets: some are missing");
    }
    return seen.err.class != ERR_NONE ? cli_fail(&seen.err) : 0;
}

static int close_save(struct session *session)
{
    struct err err = {0};
    struct capture_writer *save = session->save;

    session->save = NULL;
    return capture_writer_close(save, &err) == 0 || session->packets == NULL ? 0 : cli_fail(&err);
}

/* Whatever is still there goes. Had the program ended by itself? */
static bool end(struct session *session)
{
    if (session->packets != NULL) {
        run_packets_end(session->packets); /* first: until then its thread waits for the program */
    }
    bool ended = run_child_has_ended(&session->child);
    run_child_end(&session->child);
    hand_over_pipe(session);
    run_child_print_kept(&session->child);
    return ended;
}

static void clear(struct session *session)
{
    run_packets_free(session->packets);
    net_capture_close(session->capture);
}

/* ---- the subcommand -------------------------------------------------------------------------------------- */

/* Of what was told and what the program says the latter is passed on. */
static int run(struct session *session)
{
    int status = session->output == RUN_KEPT ? show_screen(session) : write_reports(session);
    bool ended = end(session);
    int failed = tell(session);
    int saved = close_save(session);
    if (cli_signal() != 0) {
        return err_exit_status(ERR_INTERRUPTED);
    }
    int program = run_child_exit_status(&session->child);
    if (ended && program != 0) {
        return program;
    }
    /* Quitting the screen has ended it: that is not its failure. */
    return status != 0 ? status : failed != 0 ? failed : saved;
}

int cli_run(struct cli_arguments *arguments)
{
    struct session session = {.arguments = arguments, .reading = -1, .child = {.kept = {-1, -1}}};
    struct err err = {0};
    int status;

    if (arguments->rest == NULL || arguments->rest[0] == NULL || arguments->operand_count > 0) {
        err_set(&err, ERR_USAGE, "usage", "run needs a command behind --: tlstep run -- curl URL");
        return cli_fail(&err);
    }
    session.output = arguments->json ? RUN_TO_ERRORS : has_screen(arguments) ? RUN_KEPT : RUN_OWN;
    if (prepare(&session, &err) != 0 || begin(&session, &err) != 0) {
        bool no_program = strcmp(err.code, "no_program") == 0;
        status = cli_fail(&err);
        (void)end(&session); /* it never began */
        if (no_program) {
            status = run_child_exit_status(&session.child); /* 126 or 127, as env(1) has it */
        }
        (void)close_save(&session);
    } else {
        status = run(&session);
    }
    clear(&session);
    return status;
}
