/* argv into struct cli_arguments: general options here, connection options from the stepper. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static int set_theme(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)err;
    arguments->ui.theme = value;
    return 0;
}

static int set_no_color(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)value, (void)err;
    arguments->ui.no_color = true;
    return 0;
}

static int set_ascii(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)value, (void)err;
    arguments->ui.ascii = true;
    return 0;
}

static int set_plain(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)value, (void)err;
    arguments->plain = true;
    return 0;
}

static int set_json(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)value, (void)err;
    arguments->json = true;
    return 0;
}

static int set_list(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)value, (void)err;
    arguments->list = true;
    return 0;
}

static int set_search(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)value, (void)err;
    arguments->search = true;
    return 0;
}

static int set_expires_within(struct cli_arguments *arguments, const char *value, struct err *err)
{
    char *end;
    long days = strtol(value, &end, 10);

    if (value[0] < '0' || value[0] > '9' || *end != '\0' || days > 36500)
        return err_set(err, ERR_USAGE, "bad_value",
                       "--expires-within cannot be '%s': it is a number of days", value);
    arguments->expires_within = days;
    return 0;
}

static int set_version(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)value, (void)err;
    arguments->version = true;
    return 0;
}

static int set_help(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)value, (void)err;
    arguments->help = true;
    return 0;
}

static int set_manual(struct cli_arguments *arguments, const char *value, struct err *err)
{
    (void)value, (void)err;
    arguments->manual = true;
    return 0;
}

/* clang-format off */
static const struct cli_option table[] = {
    {"json", NULL, "report: JSON instead of text", set_json},
    {"expires-within", "DAYS", "report: exit 1 when a certificate of the path ends sooner",
     set_expires_within},
    {"list", NULL, "explain: all that is explained", set_list},
    {"search", NULL, "explain: the texts that have all of the words", set_search},
    {"theme", "NAME", "colours: dark, light, high-contrast, mono, or a file", set_theme},
    {"no-color", NULL, "no colours (also NO_COLOR)", set_no_color},
    {"ascii", NULL, "no characters beyond ASCII", set_ascii},
    {"plain", NULL, "no screen: stepping line by line, for dumb terminals and screen readers",
     set_plain},
    {"version", NULL, "print the version", set_version},
    {"help", NULL, "print this", set_help},
    {"manual", NULL, "print the manual page (man -l)", set_manual},
    {"html", "F", NULL, NULL},
    {"svg", "F", NULL, NULL},
    {"both", NULL, NULL, NULL},
    {"pem", NULL, NULL, NULL},
    {"strength", "N", NULL, NULL},
    {"intermediates", "F", NULL, NULL},
    {"purpose", "P", NULL, NULL},
    {"password-file", "F", NULL, NULL},
    {"jobs", "N", NULL, NULL},
    {"rate", "N", NULL, NULL},
    {"gentle", NULL, NULL, NULL},
    {"policy", "P", NULL, NULL},
    {"targets", "F", NULL, NULL},
    {"continue", "F", NULL, NULL},
    {"fail-on-change", "F", NULL, NULL},
    {"listen", "ADDR:PORT", NULL, NULL},
    {"write-ca", "F", NULL, NULL},
    {"replace", "A=B", NULL, NULL},
    {"ephemeral", NULL, NULL, NULL},
    {"reset", NULL, NULL, NULL},
};
/* clang-format on */

const struct cli_option *cli_option_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

static const struct cli_option *find_general(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

/* A word of the command line that begins with a dash, taken apart. */
struct word {
    char name[40];     /* "--sni" or "-4" */
    const char *value; /* after "=", NULL */
};

static int split_word(const char *text, struct word *word, struct err *err)
{
    const char *equals = strncmp(text, "--", 2) == 0 ? strchr(text, '=') : NULL;
    size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
    char safe[80];

    if (length >= sizeof word->name)
        return err_set(err, ERR_USAGE, "no_such_option",
                       "there is no option '%s'; tlstep --help lists them",
                       text_safe(safe, sizeof safe, text, strlen(text)));
    memcpy(word->name, text, length);
    word->name[length] = '\0';
    word->value = equals != NULL ? equals + 1 : NULL;
    return 0;
}

/* The value of an option that takes one: after "=", or the next word. */
static int take_value(struct word *word, int argc, char **argv, int *index, struct err *err)
{
    if (word->value != NULL)
        return 0;
    if (*index + 1 >= argc)
        return err_set(err, ERR_USAGE, "usage", "%s needs a value", word->name);
    word->value = argv[++*index];
    return 0;
}

static int take_general(struct cli_arguments *arguments, const struct cli_option *option,
                        struct word *word, int argc, char **argv, int *index, struct err *err)
{
    if (option->set == NULL)
        return err_set(err, ERR_USAGE, "not_in_this_version",
                       "the option %s is not in this version", word->name);
    if (option->argument != NULL && take_value(word, argc, argv, index, err) != 0)
        return -1;
    if (option->argument == NULL && word->value != NULL)
        return err_set(err, ERR_USAGE, "usage", "%s takes no value", word->name);
    return option->set(arguments, word->value, err);
}

static int take_option(struct cli_arguments *arguments, int argc, char **argv, int *index,
                       struct err *err)
{
    struct word word = {0};

    if (split_word(argv[*index], &word, err) != 0)
        return -1;
    if (strcmp(word.name, "-h") == 0)
        return set_help(arguments, NULL, err);
    const struct cli_option *general =
        strncmp(word.name, "--", 2) == 0 ? find_general(word.name + 2) : NULL;
    if (general != NULL)
        return take_general(arguments, general, &word, argc, argv, index, err);

    const struct stepper_option *row = stepper_option_find(word.name);
    if (row != NULL && row->argument != NULL && take_value(&word, argc, argv, index, err) != 0)
        return -1;
    /* An empty value is a mistake here (an unset shell variable), not a return to the default. */
    if (row != NULL && row->argument != NULL && !row->later && word.value[0] == '\0')
        return err_set(err, ERR_USAGE, "bad_value", "the value of %s is empty", word.name);
    return stepper_option_add(&arguments->options, word.name, word.value, err);
}

static const struct cli_command *find_command(const char *name)
{
    size_t count;
    const struct cli_command *commands = cli_command_table(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int take_operand(struct cli_arguments *arguments, const char *text, bool first,
                        struct err *err)
{
    const struct cli_command *command = first ? find_command(text) : NULL;

    if (command != NULL && text[0] != '\0') {
        arguments->command = command;
        if (command->run == NULL)
            return err_set(err, ERR_USAGE, "not_in_this_version",
                           "the subcommand '%s' is not in this version", text);
        return 0;
    }
    if (arguments->operand_count == sizeof arguments->operands / sizeof arguments->operands[0])
        return err_set(err, ERR_USAGE, "usage", "too many arguments");
    arguments->operands[arguments->operand_count++] = text;
    return 0;
}

/* What the command line does not say. SSLKEYLOGFILE is taken away: GnuTLS would write that file too,
 * each line a second time and for everyone to read. */
static int take_environment(struct cli_arguments *arguments, struct err *err)
{
    const char *no_color = getenv("NO_COLOR");
    const char *keylog = getenv("SSLKEYLOGFILE");

    if (no_color != NULL && no_color[0] != '\0') {
        arguments->ui.no_color = true;
    }
    if (keylog != NULL && keylog[0] != '\0') {
        arguments->environment_keylog = text_duplicate(keylog, strlen(keylog));
        if (arguments->environment_keylog == NULL) {
            return err_memory(err, "reading the environment");
        }
    }
    (void)unsetenv("SSLKEYLOGFILE"); /* fails for bad names only */
    return 0;
}

int cli_arguments_parse(struct cli_arguments *arguments, int argc, char **argv, struct err *err)
{
    bool options_over = false;
    bool first = true;

    *arguments = (struct cli_arguments){.command = find_command(""), .expires_within = -1};
    stepper_options_init(&arguments->options);
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        int status = 0;
        if (!options_over && strcmp(text, "--") == 0) {
            options_over = true;
        } else if (!options_over && text[0] == '-' && text[1] != '\0') {
            status = take_option(arguments, argc, argv, &i, err);
        } else {
            status = take_operand(arguments, text, first && !options_over, err);
            first = false;
        }
        if (status != 0)
            return -1;
    }
    return take_environment(arguments, err);
}

void cli_arguments_free(struct cli_arguments *arguments)
{
    stepper_options_free(&arguments->options);
    free(arguments->environment_keylog);
}
