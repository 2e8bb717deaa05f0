/* --plain: stepping line by line, for dumb terminals, screen readers and pipes. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "lines.h"

struct plain {
    struct stepper *stepper;
    struct lines input;
    unsigned style;
    struct trace *shown_trace;
    uint32_t shown_row; /* rows up to this have been printed */
    bool quit;
};

static void print_buffer(struct buffer *text)
{
    if (text->length > 0)
        (void)fwrite(text->data, 1, text->length, stdout); /* main() judges stdout */
    buffer_free(text);
}

/* Rows that are new at the cursor; after stepping back, all is said by the state line. */
static void print_new_rows(struct plain *plain)
{
    struct trace *trace = stepper_trace(plain->stepper);
    size_t cursor = stepper_cursor(plain->stepper);
    size_t count = trace_row_count_at(trace, cursor);
    struct buffer text = {0};

    if (trace != plain->shown_trace) {
        plain->shown_trace = trace;
        plain->shown_row = 0;
    }
    for (size_t i = plain->shown_row; i < count; i++) {
        (void)report_row_text(trace, trace_row_at(trace, i), cursor, plain->style, &text);
        buffer_text(&text, "\n");
    }
    if (count > plain->shown_row)
        plain->shown_row = (uint32_t)count;
    print_buffer(&text);
}

static void print_line(const struct plain *plain, const char *before, struct buffer *text)
{
    struct buffer line = {0};
    const char *string = buffer_string(text);

    buffer_text(&line, before);
    if (string != NULL && (plain->style & REPORT_ASCII))
        text_ascii_append(&line, string, text->length);
    else if (string != NULL)
        buffer_text(&line, string);
    buffer_text(&line, "\n");
    print_buffer(&line);
    buffer_free(text);
}

static void print_state(struct plain *plain)
{
    struct buffer text = {0};

    print_new_rows(plain);
    stepper_explain_state(plain->stepper, &text);
    print_line(plain, "-- ", &text);
    stepper_explain(plain->stepper, &text);
    print_line(plain, "   ", &text);
    stepper_explain_next(plain->stepper, &text);
    print_line(plain, "   Enter: ", &text);
}

static void print_commands(void)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);

    (void)puts("Enter makes a step. Commands:");
    for (size_t i = 0; i < count; i++)
        if (table[i].kind != STEPPER_SCREEN)
            (void)printf("  %-9s %-13s %s\n", table[i].name, table[i].usage, table[i].help);
    (void)puts("  report                  the whole report so far\n"
               "  quit                    quit");
}

static void print_error(const struct err *err)
{
    char text[sizeof err->text * 4];
    (void)printf("!! %s\n", text_safe(text, sizeof text, err->text, strlen(err->text)));
}

/* Answers of asking commands are for scripts; here they are printed indented. */
static void print_answer(struct plain *plain, const struct stepper_command *command,
                         const char *argument)
{
    struct err err = {0};
    json_t *answer = stepper_answer(plain->stepper, command, argument, &err);
    char *text =
        answer != NULL ? report_dump_indented(json_object_get(answer, command->answer_name)) : NULL;
    if (text != NULL)
        (void)puts(text);
    else
        print_error(&err);
    free(text);
    json_decref(answer);
}

static void carry_out(struct plain *plain, const char *line)
{
    const struct stepper_command *command;
    const char *argument;
    struct err err = {0};

    if (stepper_command_parse(line, &command, &argument, &err) != 0) {
        print_error(&err);
        return;
    }
    if (strcmp(command->name, "quit") == 0) {
        plain->quit = true;
        return;
    }
    if (command->kind == STEPPER_ASKING) {
        print_answer(plain, command, argument);
        return;
    }
    if (stepper_run(plain->stepper, command, argument, &err) != 0) {
        print_error(&err);
        return;
    }
    if (cli_wait(plain->stepper) == 0)
        print_state(plain);
    while (stepper_trouble(plain->stepper, &err))
        print_error(&err);
}

static void handle_line(struct plain *plain, const char *line)
{
    struct buffer text = {0};

    line += strspn(line, " \t");
    if (*line == '\0') {
        carry_out(plain, "step");
    } else if (strcmp(line, "help") == 0 || strcmp(line, "?") == 0) {
        print_commands();
    } else if (strcmp(line, "report") == 0) {
        (void)report_text(stepper_trace(plain->stepper), stepper_cursor(plain->stepper),
                          plain->style, &text);
        print_buffer(&text);
    } else {
        carry_out(plain, line);
    }
}

/* Waits for a line; tells when something comes in meanwhile (a peer that hangs up). */
static char *next_line(struct plain *plain)
{
    for (;;) {
        char *line = lines_take(&plain->input);
        if (line != NULL || plain->input.ended)
            return line;
        (void)fflush(stdout); /* main() judges stdout */
        struct pollfd fds[] = {
            {.fd = stepper_wake_fd(plain->stepper), .events = POLLIN},
            {.fd = plain->input.fd, .events = POLLIN},
        };
        int ready = cli_poll(fds, 2, -1);
        if (cli_signal() != 0)
            return NULL;
        if (ready > 0 && fds[0].revents != 0 && stepper_pump(plain->stepper))
            print_new_rows(plain);
        if (ready > 0 && fds[1].revents != 0)
            lines_read(&plain->input);
    }
}

int cli_plain(struct stepper *stepper, const struct cli_arguments *arguments)
{
    struct plain plain = {
        .stepper = stepper, .input = {.fd = STDIN_FILENO}, .style = cli_style(arguments)};

    (void)printf("tlstep %s. Enter makes a step; help lists the commands.\n",
                 stepper_target(stepper)->input);
    print_state(&plain);
    while (!plain.quit && cli_signal() == 0) {
        char *line = next_line(&plain);
        if (line == NULL)
            break;
        handle_line(&plain, line);
        free(line);
    }
    lines_free(&plain.input);
    return cli_signal() != 0 ? err_exit_status(ERR_INTERRUPTED) : stepper_exit_status(stepper);
}
