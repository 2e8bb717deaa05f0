/* argv into struct cli_arguments: general options here, connection options from the stepper. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define AT(member) offsetof(struct cli_arguments, member)

static int set_flag(struct cli_arguments *arguments, const struct cli_option *option,
                    const char *value, struct err *err)
{
    const bool flag = true;
    (void)value, (void)err;
    memcpy((char *)arguments + option->offset, &flag, sizeof flag);
    return 0;
}

static int set_string(struct cli_arguments *arguments, const struct cli_option *option,
                      const char *value, struct err *err)
{
    if (value[0] == '\0') {
        return err_set(err, ERR_USAGE, "bad_value", "the value of --%s is empty", option->name);
    }
    memcpy((char *)arguments + option->offset, &value, sizeof value);
    return 0;
}

/* One that may be given several times. */
static int add_string(struct cli_arguments *arguments, const struct cli_option *option,
                      const char *value, struct err *err)
{
    struct cli_list *list = (struct cli_list *)(void *)((char *)arguments + option->offset);

    if (value[0] == '\0') {
        return err_set(err, ERR_USAGE, "bad_value", "the value of --%s is empty", option->name);
    }
    if (list->count == CLI_LIST_MAX) {
        return err_set(err, ERR_USAGE, "usage", "--%s can be given %d times", option->name,
                       CLI_LIST_MAX);
    }
    list->items[list->count++] = value;
    return 0;
}

/* Digits with dots between them (RFC 3061 writes them so). */
static int add_oid(struct cli_arguments *arguments, const struct cli_option *option,
                   const char *value, struct err *err)
{
    size_t length = strlen(value);

    if (length == 0 || strspn(value, "0123456789.") != length || value[0] == '.' ||
        value[length - 1] == '.' || strstr(value, "..") != NULL || strchr(value, '.') == NULL) {
        return err_set(err, ERR_USAGE, "bad_value",
                       "--%s cannot be '%s': it is an object identifier, such as 2.23.140.1.2.1",
                       option->name, value);
    }
    return add_string(arguments, option, value, err);
}

static int set_purpose(struct cli_arguments *arguments, const struct cli_option *option,
                       const char *value, struct err *err)
{
    static const char *const names[] = {[PKI_PURPOSE_SERVER] = "server",
                                        [PKI_PURPOSE_CLIENT] = "client",
                                        [PKI_PURPOSE_ANY] = "any"};
    (void)option;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], value) == 0) {
            arguments->certs.purpose = (enum pki_purpose)i;
            return 0;
        }
    }
    return err_set(err, ERR_USAGE, "bad_value",
                   "--purpose cannot be '%s': it is server, client or any", value);
}

static int set_expires_within(struct cli_arguments *arguments, const struct cli_option *option,
                              const char *value, struct err *err)
{
    (void)option;
    char *end;
    long days = strtol(value, &end, 10);

    if (value[0] < '0' || value[0] > '9' || *end != '\0' || days > 36500)
        return err_set(err, ERR_USAGE, "bad_value",
                       "--expires-within cannot be '%s': it is a number of days", value);
    arguments->expires_within = days;
    return 0;
}

static int set_count(struct cli_arguments *arguments, const struct cli_option *option,
                     const char *value, struct err *err)
{
    char *end;
    long count = strtol(value, &end, 10);
    (void)option;

    if (value[0] < '0' || value[0] > '9' || *end != '\0' || count < 1 || count > 1000000000)
        return err_set(err, ERR_USAGE, "bad_value",
                       "--count cannot be '%s': it is a number of clients", value);
    arguments->count = count;
    return 0;
}

/* clang-format off */
static const struct cli_option table[] = {
    {"json", NULL, "report drive certs diff lab run", "JSON instead of text", set_flag, AT(json)},
    {"expires-within", "DAYS", "report certs", "exit 1 when a certificate of the path ends sooner",
     set_expires_within, 0},
    {"all-addresses", NULL, "report", "every address of the name, and which one answers differently",
     set_flag, AT(all_addresses)},
    {"pem", NULL, "certs", "the path as PEM, in the order in which a server sends it, without its root",
     set_flag, AT(certs.pem)},
    {"root", NULL, "certs", "with --pem: the root, too", set_flag, AT(certs.root)},
    {"text", NULL, "certs", "each certificate as openssl x509 -text shows it", set_flag,
     AT(certs.text)},
    {"all", NULL, "certs", "all paths that were tried, all names, nothing cut", set_flag,
     AT(certs.all)},
    {"both", NULL, "certs", "the server's RSA and its ECDSA certificate, asked for one after the other",
     set_flag, AT(certs.both)},
    {"intermediates", "F", "certs", "more certificates to build a path from, several times",
     add_string, AT(certs.intermediates)},
    {"purpose", "P", "certs", "what the leaf is judged as: server, client or any", set_purpose, 0},
    {"policy", "OID", "certs", "a certificate policy that is acceptable, several times", add_oid,
     AT(certs.policies)},
    {"explicit-policy", NULL, "certs", "the path must be valid for a policy (RFC 5280 6.1.1 (e))",
     set_flag, AT(certs.explicit_policy)},
    {"inhibit-any", NULL, "certs", "anyPolicy stands for no other one", set_flag,
     AT(certs.inhibit_any)},
    {"inhibit-map", NULL, "certs", "no policy is mapped to another one", set_flag,
     AT(certs.inhibit_map)},
    {"password-file", "F", "screen open drive certs diff",
     "the password of PKCS#12 files, in the first line of F; otherwise the terminal is asked",
     set_string, AT(certs.password_file)},
    {"list", NULL, "explain lab lesson",
     "all that there is: what is explained; the lab's scenarios; the lessons", set_flag,
     AT(list)},
    {"search", NULL, "explain", "the texts that have all of the words", set_flag, AT(search)},
    {"theme", "NAME", NULL, "colours: dark, light, high-contrast, mono, or a file", set_string,
     AT(ui.theme)},
    {"no-color", NULL, NULL, "no colours (also NO_COLOR)", set_flag, AT(ui.no_color)},
    {"ascii", NULL, NULL, "no characters beyond ASCII", set_flag, AT(ui.ascii)},
    {"plain", NULL, NULL, "no screen: stepping line by line, for dumb terminals and screen readers",
     set_flag, AT(plain)},
    {"version", NULL, NULL, "print the version", set_flag, AT(version)},
    {"help", NULL, NULL, "print this", set_flag, AT(help)},
    {"manual", NULL, NULL, "print the manual page (man -l)", set_flag, AT(manual)},
    {"html", "F", NULL, NULL, NULL, 0},
    {"svg", "F", NULL, NULL, NULL, 0},
    {"jobs", "N", NULL, NULL, NULL, 0},
    {"rate", "N", NULL, NULL, NULL, 0},
    {"gentle", NULL, NULL, NULL, NULL, 0},
    {"targets", "F", NULL, NULL, NULL, 0},
    {"continue", "F", NULL, NULL, NULL, 0},
    {"fail-on-change", "F", NULL, NULL, NULL, 0},
    {"listen", "ADDR:PORT", "proxy lab", "where to listen (proxy: 127.0.0.1:8080; several lab servers: that port and those after it)",
     set_string, AT(listen)},
    {"count", "N", "report", "of listen:PORT: how many clients to serve; default: until it is interrupted",
     set_count, 0},
    {"write-ca", "F", "proxy listen report drive lab", "write the root of the lab's CA to F (PEM), for clients that are to trust it",
     set_string, AT(write_ca)},
    {"reset", NULL, "lesson", "forget the progress in NAME, or in all lessons", set_flag, AT(reset)},
};
/* clang-format on */
_Static_assert(sizeof table / sizeof table[0] <= 64, "struct cli_arguments has a bit for each");

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
    arguments->given |= UINT64_C(1) << (option - table);
    return option->set(arguments, option, word->value, err);
}

/* --sni several times: certs asks for each name; elsewhere the last one counts. */
static int add_name(struct cli_arguments *arguments, const char *name, struct err *err)
{
    struct cli_list *names = &arguments->certs.names;

    if (names->count == CLI_LIST_MAX) {
        return err_set(err, ERR_USAGE, "usage", "--sni can be given %d times", CLI_LIST_MAX);
    }
    names->items[names->count++] = name;
    return 0;
}

static int take_option(struct cli_arguments *arguments, int argc, char **argv, int *index,
                       struct err *err)
{
    struct word word = {0};

    if (split_word(argv[*index], &word, err) != 0)
        return -1;
    if (strcmp(word.name, "-h") == 0) {
        arguments->help = true;
        return 0;
    }
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
    if (stepper_option_add(&arguments->options, word.name, word.value, err) != 0) {
        return -1;
    }
    return row != NULL && strcmp(row->name, "sni") == 0 ? add_name(arguments, word.value, err) : 0;
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

/* Is a word one of those in a text with spaces between them? */
static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t here = strcspn(at, " ");
        if (here == length && memcmp(at, word, length) == 0) {
            return true;
        }
        at += here;
    }
    return false;
}

/* "certs", "report and certs", "report, certs and diff". */
static void list_words(char *out, size_t size, const char *words)
{
    size_t length = 0;

    out[0] = '\0';
    for (const char *at = words; *at != '\0' && length < size; at += strspn(at, " ")) {
        size_t here = strcspn(at, " ");
        const char *between = at == words ? "" : strchr(at, ' ') != NULL ? ", " : " and ";
        int written = snprintf(out + length, size - length, "%s%.*s", between, (int)here, at);
        length += written > 0 ? (size_t)written : 0;
        at += here;
    }
}

/* An option that the subcommand does not know would be passed over in silence. */
static int check_given(const struct cli_arguments *arguments, struct err *err)
{
    const char *command = arguments->command->name[0] != '\0' ? arguments->command->name : "screen";
    char known[80];

    if (arguments->help || arguments->version || arguments->manual) {
        return 0;
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bool given = (arguments->given >> i & 1) != 0;
        if (given && table[i].commands != NULL && !has_word(table[i].commands, command)) {
            list_words(known, sizeof known, table[i].commands);
            return err_set(err, ERR_USAGE, "usage", "--%s is for %s, not for %s%s", table[i].name,
                           known, strcmp(command, "screen") == 0 ? "the " : "", command);
        }
    }
    return 0;
}

int cli_arguments_parse(struct cli_arguments *arguments, int argc, char **argv, struct err *err)
{
    bool options_over = false;
    bool first = true;

    *arguments =
        (struct cli_arguments){.command = find_command(""), .expires_within = -1, .count = -1};
    stepper_options_init(&arguments->options);
    arguments->password = cli_password(arguments);
    arguments->options.password = &arguments->password;
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        int status = 0;
        if (!options_over && strcmp(text, "--") == 0) {
            options_over = true;
            if (arguments->command->run == cli_run) {
                arguments->rest = &argv[i + 1]; /* somebody else's options */
                break;
            }
        } else if (!options_over && text[0] == '-' && text[1] != '\0') {
            status = take_option(arguments, argc, argv, &i, err);
        } else {
            status = take_operand(arguments, text, first && !options_over, err);
            first = false;
        }
        if (status != 0)
            return -1;
    }
    if (check_given(arguments, err) != 0) {
        return -1;
    }
    return take_environment(arguments, err);
}

void cli_arguments_free(struct cli_arguments *arguments)
{
    stepper_options_free(&arguments->options);
    free(arguments->environment_keylog);
}
