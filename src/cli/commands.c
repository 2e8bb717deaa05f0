/* The table of subcommands, and a stepper for their operand. */
#include <string.h>

#include "cli.h"

/* clang-format off */
static const struct cli_command table[] = {
    {"", "[TARGET]", "the screen; without TARGET on the built-in lab server lab:good", cli_screen,
     false},
    {"open", "FILE", "the screen, on a saved session or a capture; -: from a pipe", cli_open, true},
    {"report", "TARGET|FILE", "run all steps and print what was found", cli_report, false},
    {"drive", "TARGET|FILE", "step from a script: commands on stdin, a JSON line each on stdout",
     cli_drive, false},
    {"certs", "TARGET|FILE|DIR|system",
     "the certificates of a server, a file or a capture, judged; of a folder or the trust store, listed",
     cli_certs, false},
    {"scan", NULL, NULL, NULL, false},
    {"diff", "A B", "two sessions or certificates compared, each a TARGET, a FILE, or FILE#N for conversation N",
     cli_diff, false},
    {"lab", "[SCENARIO...]",
     "lab servers on loopback for other programs; --list shows which there are, without a name all",
     cli_lab, false},
    {"listen", "[ADDR:]PORT", "the screen, as a server: each client that comes, message by message", cli_listen, false},
    {"proxy", "[TARGET]",
     "the screen, between a client and a server: the TARGET, or whom the client asks for", cli_proxy, false},
    {"run", "-- COMMAND...",
     "any program that writes a key log, with its packets, in the screen", cli_run, false},
    {"lesson", "[NAME]", "learn by doing: lessons in the live screen; --list shows them, with your progress", cli_lesson,
     false},
    {"explain", "FIELD|TERM|VALUE",
     "what it means; explain --search WORDS looks in all texts, explain --list lists them",
     cli_explain, false},
};
/* clang-format on */

const struct cli_command *cli_command_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

/* Options that say how to read a FILE would be passed over in silence. */
static int check_live(const struct stepper_options *options, struct err *err)
{
    size_t count;
    const struct stepper_option *rows = stepper_option_file_table(&count);
    char value[8];

    for (size_t i = 0; i < count; i++) {
        if (stepper_option_get(value, sizeof value, options, &rows[i])[0] != '\0') {
            return err_set(err, ERR_USAGE, "usage", "--%s is for a FILE", rows[i].name);
        }
    }
    if (options->keylog != NULL && strchr(options->keylog, '\n') != NULL) {
        return err_set(err, ERR_USAGE, "usage", "a connection writes one key log: --keylog once");
    }
    return tls_options_check(&options->tls, err);
}

/* Options that would be passed over in silence where nothing is sent. */
static int check_target(const struct stepper_options *options, const struct stepper_target *target,
                        struct err *err)
{
    if (target->kind != STEPPER_FILE) {
        return check_live(options, err);
    }
    if (options->save != NULL) {
        return err_set(err, ERR_USAGE, "usage",
                       "--save is for a connection; a FILE is saved already");
    }
    return tls_options_check_verdict(&options->tls, err);
}

/* --password-file, where no file can want it. */
static bool has_idle_password(const struct cli_arguments *arguments)
{
    return arguments->certs.password_file != NULL && arguments->operand_count <= 1 &&
           arguments->certs.intermediates.count == 0;
}

/* The options with what the environment says of a connection. */
static int take_options(const struct cli_arguments *arguments,
                        const struct stepper_options *options, const struct stepper_target *target,
                        struct stepper_options *out, struct err *err)
{
    if (stepper_options_copy(out, options, err) != 0) {
        return -1;
    }
    if (target->kind == STEPPER_FILE && strcmp(target->host, "-") == 0) {
        out->session = cli_input_holds_session();
    }
    if (target->kind != STEPPER_FILE && out->keylog == NULL &&
        arguments->environment_keylog != NULL &&
        stepper_option_set(out, "keylog", arguments->environment_keylog, err) != 0) {
        return -1;
    }
    if (target->kind != STEPPER_FILE && has_idle_password(arguments)) {
        return err_set(err, ERR_USAGE, "usage", "--password-file is for a PKCS#12 FILE");
    }
    return check_target(out, target, err);
}

int cli_target(const struct cli_arguments *arguments, const char *operand,
               struct stepper_target *target, struct err *err)
{
    return arguments->command->file_only ? stepper_target_file(operand, target, err)
                                         : stepper_target_parse(operand, target, err);
}

/* --capture, before there is any thread. What cannot be had is told, and everything else goes on. */
static struct net_capture *open_capture(const struct stepper_target *target,
                                        const struct stepper_options *options)
{
    struct net_capture *packets = NULL;
    struct err err = {0};

    if (options->capture && target->kind == STEPPER_PROXY) {
        err_set(
            &err, ERR_NONE, "no_capture",
            "--capture: packets are captured of connections to a server only, not of a proxy's");
        (void)cli_fail(&err); /* only to be told */
    } else if (options->capture && target->kind != STEPPER_FILE) {
        packets = net_capture_open(&err);
        if (packets == NULL) {
            (void)cli_fail(&err); /* only to be told */
        }
    }
    return packets;
}

struct stepper *cli_stepper(const struct cli_arguments *arguments,
                            const struct stepper_options *options, const char *operand, int *status)
{
    struct stepper_target target = {0};
    struct stepper_options taken;
    struct stepper *stepper = NULL;
    struct err err = {0};

    stepper_options_init(&taken);
    if (cli_target(arguments, operand, &target, &err) == 0 &&
        take_options(arguments, options, &target, &taken, &err) == 0) {
        struct net_capture *packets = open_capture(&target, &taken);
        stepper = stepper_new(&target, &taken, &err);
        if (stepper != NULL) {
            stepper_use_capture(stepper, packets);
        } else {
            net_capture_close(packets);
        }
    }
    stepper_options_free(&taken);
    stepper_target_free(&target);
    if (stepper == NULL) {
        *status = cli_fail(&err);
    }
    return stepper;
}

struct stepper *cli_only_stepper(const struct cli_arguments *arguments, int *status)
{
    struct err err;

    if (arguments->operand_count > 1) {
        err_set(&err, ERR_USAGE, "usage",
                "one TARGET at a time, and '%s' is no subcommand: '%s' is too many",
                arguments->operands[0], arguments->operands[1]);
        *status = cli_fail(&err);
        return NULL;
    }
    return cli_stepper(arguments, &arguments->options,
                       arguments->operand_count > 0 ? arguments->operands[0] : "lab:good", status);
}

int cli_run_whole(struct stepper *stepper, int *status)
{
    struct err err = {0};

    if (cli_read_whole(stepper) != 0) {
        err_set(&err, ERR_INTERRUPTED, "interrupted", "interrupted");
        *status = cli_fail(&err);
        return -1;
    }
    /* `continue` pauses nowhere without breakpoints, but for a refused certificate it may. */
    while (!stepper_over(stepper)) {
        if (stepper_run(stepper, stepper_command_find("continue"), NULL, &err) != 0) {
            *status = cli_fail(&err);
            return -1;
        }
        if (cli_wait(stepper) != 0) {
            err_set(&err, ERR_INTERRUPTED, "interrupted", "interrupted");
            *status = cli_fail(&err);
            return -1;
        }
    }
    return 0;
}

int cli_fail(const struct err *err)
{
    char text[sizeof err->text * 4];
    int told = cli_password_status(err);

    if (told != 0) {
        return told;
    }
    (void)fflush(stdout); /* results first; the state of stdout is judged at the end */
    (void)fprintf(stderr, "tlstep: %s\n",
                  text_safe(text, sizeof text, err->text, strlen(err->text)));
    return err_exit_status(err->class);
}

static void warn_of_capture(struct stepper *stepper)
{
    const struct trace_capture *capture = stepper_capture(stepper);
    const char *warning;
    struct err err;

    for (size_t i = 0; (warning = trace_capture_warning(capture, i)) != NULL; i++) {
        err_set(&err, ERR_FILE, "capture", "%s: %s", stepper_target(stepper)->input, warning);
        (void)cli_fail(&err); /* what is there has been read */
    }
}

void cli_warn_of_file(struct stepper *stepper)
{
    if (stepper_live(stepper)) {
        return;
    }
    if (stepper_capture(stepper) != NULL) {
        warn_of_capture(stepper);
        return;
    }
    struct trace *trace = stepper_trace(stepper);
    size_t count = trace_event_count(trace);
    const struct trace_event *last = count > 0 ? trace_event_at(trace, count - 1) : NULL;
    struct err err;

    if (last == NULL || last->kind != TRACE_NOTE || last->code == NULL ||
        strcmp(last->code, "truncated") != 0) {
        return;
    }
    err_set(&err, ERR_FILE, last->code, "%s: %s", trace_target(trace)->source, last->text);
    (void)cli_fail(&err); /* a warning: what is there has been read */
}

int cli_tell_trouble(struct stepper *stepper, int status)
{
    struct err err = {0};

    while (stepper_trouble(stepper, &err)) {
        int failed = cli_fail(&err);
        if (status == 0)
            status = failed;
    }
    return status;
}
