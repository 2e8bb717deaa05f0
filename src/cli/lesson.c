/* tlstep lesson [NAME], lesson --list, lesson --reset [NAME]. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static int print_list(unsigned style)
{
    size_t count;
    struct err err = {0};
    struct stepper_lesson_entry *entries = stepper_lesson_list(&count, &err);

    if (entries == NULL) {
        return cli_fail(&err);
    }
    for (size_t i = 0; i < count; i++) {
        struct stepper_lesson_progress progress = {0};
        char state[40] = "";
        if (stepper_lesson_progress_get(entries[i].name, &progress, &err) != 0) {
            free(entries);
            return cli_fail(&err);
        }
        if (progress.done) {
            (void)snprintf(state, sizeof state, style & REPORT_ASCII ? "done" : "✔ done");
        } else {
            (void)snprintf(state, sizeof state, "%zu of %zu", progress.reached, entries[i].parts);
        }
        (void)printf("%-18s %-*s %s\n", entries[i].name,
                     (int)(9 + strlen(state) - text_width(state)), state, entries[i].about);
    }
    free(entries);
    return 0;
}

/* A name that is mistyped would reset nothing, silently. */
static int reset(const char *name)
{
    struct err err = {0};
    struct stepper_lesson *lesson = name != NULL ? stepper_lesson_open(name, &err) : NULL;

    if (name != NULL && lesson == NULL) {
        return cli_fail(&err);
    }
    stepper_lesson_free(lesson);
    return stepper_lesson_progress_reset(name, &err) == 0 ? 0 : cli_fail(&err);
}

/* The name is looked up before the terminal is taken over. */
static int begin(struct cli_arguments *arguments, const char *name)
{
    struct err err = {0};
    struct stepper_lesson *lesson = name != NULL ? stepper_lesson_open(name, &err) : NULL;
    struct stepper *stepper;
    int status = 0;

    if (name != NULL && lesson == NULL) {
        return cli_fail(&err);
    }
    stepper_lesson_free(lesson);
    stepper = cli_stepper(arguments, &arguments->options, "lab:good", &status);
    if (stepper != NULL) {
        arguments->ui.lesson = name != NULL ? name : "";
        status = cli_show(arguments, stepper);
        stepper_free(stepper);
    }
    return status;
}

int cli_lesson(struct cli_arguments *arguments)
{
    const char *name = arguments->operand_count > 0 ? arguments->operands[0] : NULL;
    struct err err;

    if (arguments->operand_count > 1) {
        (void)err_set(&err, ERR_USAGE, "usage", "one lesson at a time: '%s' is too many",
                      arguments->operands[1]);
        return cli_fail(&err);
    }
    if (arguments->list) {
        return print_list(cli_style(arguments));
    }
    if (arguments->reset) {
        return reset(name);
    }
    if (arguments->plain) {
        (void)err_set(&err, ERR_USAGE, "usage", "lessons need the screen: leave --plain away");
        return cli_fail(&err);
    }
    return begin(arguments, name);
}
