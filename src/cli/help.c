/* Help and the manual page, made from the tables of subcommands, options and commands. */
#include <string.h>

#include "cli.h"

/* Where the rows of a table go: text for --help, roff for the manual page. */
struct printer {
    FILE *out;
    void (*section)(FILE *out, const char *title);
    void (*entry)(FILE *out, const char *what, const char *help);
    void (*text)(FILE *out, const char *text);
};

static const char *const exit_statuses[][2] = {
    {"0", "all went well; a FILE was read to its end; diff: nothing differs that need not"},
    {"1",
     "TLS failed, or the certificate was refused (time-outs after the TCP connection included); "
     "diff: something differs"},
    {"2", "wrong usage, or not in this version"},
    {"3", "name lookup, connection, STARTTLS or proxy failed"},
    {"4", "a file could not be read or written, or is no capture"},
    {"130", "interrupted"},
};

static const char *const files[][2] = {
    {"$XDG_CONFIG_HOME/tlstep/config", "configuration: theme, ascii, color"},
    {"$XDG_CONFIG_HOME/tlstep/themes/*.theme", "themes of your own"},
    {"$XDG_STATE_HOME/tlstep/", "the lab's CA, sessions to resume (--resume), progress in lessons"},
};

static void print_commands(const struct printer *printer)
{
    size_t count;
    const struct cli_command *commands = cli_command_table(&count);
    char what[120];

    printer->section(printer->out, "COMMANDS");
    for (size_t i = 0; i < count; i++) {
        if (commands[i].run == NULL)
            continue;
        (void)snprintf(what, sizeof what, "tlstep %s%s%s", commands[i].name,
                       commands[i].name[0] != '\0' ? " " : "", commands[i].usage);
        printer->entry(printer->out, what, commands[i].help);
    }
    printer->text(
        printer->out,
        "TARGET is host, host:port, [v6]:port, a URL (https://...), or lab:SCENARIO; the "
        "default port is 443. FILE is a session that tlstep saved, or a capture (pcapng or pcap, "
        "also gzip-compressed): what has a slash in it, - (standard input), or a path that "
        "ends in .pcap, .pcapng or .cap. A capture is decrypted with the secrets in it and "
        "with --keylog, --server-key and --psk. report prints a report for each TLS "
        "conversation, with --json one a line; from a pipe each comes when it ends: "
        "tcpdump -U -w - port 443 | tlstep report --json -");
}

static void print_options(const struct printer *printer, const struct stepper_option *options,
                          size_t count)
{
    char what[120];

    for (size_t i = 0; i < count; i++) {
        if (options[i].later) {
            continue;
        }
        if (options[i].letter != 0) {
            (void)snprintf(what, sizeof what, "-%c, --%s", options[i].letter, options[i].name);
        } else {
            (void)snprintf(what, sizeof what, "--%s%s%s", options[i].name,
                           options[i].argument != NULL ? " " : "",
                           options[i].argument != NULL ? options[i].argument : "");
        }
        printer->entry(printer->out, what, options[i].help);
    }
}

static void print_connection_options(const struct printer *printer)
{
    size_t count;
    const struct stepper_option *options = stepper_option_table(&count);

    printer->section(printer->out, "CONNECTION OPTIONS");
    print_options(printer, options, count);
    options = stepper_option_file_table(&count);
    printer->section(printer->out, "OPTIONS FOR A FILE");
    print_options(printer, options, count);
}

/* Only certs knows it. */
static bool is_of_certs(const struct cli_option *option)
{
    return option->commands != NULL && strcmp(option->commands, "certs") == 0;
}

/* "report, certs: what it does", where not all subcommands know it. */
static void print_option(const struct printer *printer, const struct cli_option *option)
{
    char what[120];
    char help[240];
    size_t length = 0;

    (void)snprintf(what, sizeof what, "--%s%s%s", option->name, option->argument != NULL ? " " : "",
                   option->argument != NULL ? option->argument : "");
    if (option->commands == NULL || is_of_certs(option)) {
        printer->entry(printer->out, what, option->help);
        return;
    }
    for (const char *c = option->commands; *c != '\0' && length + 3 < sizeof help; c++) {
        if (*c == ' ') {
            help[length++] = ',';
        }
        help[length++] = *c;
    }
    (void)snprintf(help + length, sizeof help - length, ": %s", option->help);
    printer->entry(printer->out, what, help);
}

static void print_cli_options(const struct printer *printer, const char *title, bool of_certs)
{
    size_t count;
    const struct cli_option *options = cli_option_table(&count);

    printer->section(printer->out, title);
    for (size_t i = 0; i < count; i++) {
        if (options[i].set != NULL && is_of_certs(&options[i]) == of_certs) {
            print_option(printer, &options[i]);
        }
    }
}

static void print_stepping(const struct printer *printer)
{
    size_t count;
    const struct stepper_command *commands = stepper_command_table(&count);
    char what[160];

    printer->section(printer->out, "STEPPING");
    printer->text(
        printer->out,
        "Commands of the screen (: and by key), of drive and of --plain. TYPE is a message "
        "type, client:TYPE or server:TYPE, or resolve, connect, verify, data, close.");
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(what, sizeof what, "%s%s%s", commands[i].name,
                       commands[i].usage[0] != '\0' ? " " : "", commands[i].usage);
        size_t length = strlen(what);
        if (commands[i].keys[0] != '\0')
            (void)snprintf(what + length, sizeof what - length, " (%s)", commands[i].keys);
        printer->entry(printer->out, what, commands[i].help);
    }
}

static void print_lab(const struct printer *printer)
{
    size_t count;
    const struct lab_scenario *scenarios = lab_scenarios(&count);
    char what[80];

    printer->section(printer->out, "LAB");
    printer->text(printer->out,
                  "Servers inside the program, on loopback, with certificates of their own:");
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(what, sizeof what, "lab:%s", scenarios[i].name);
        printer->entry(printer->out, what, scenarios[i].title);
    }
}

static void print_pairs(const struct printer *printer, const char *title,
                        const char *const (*pairs)[2], size_t count)
{
    printer->section(printer->out, title);
    for (size_t i = 0; i < count; i++)
        printer->entry(printer->out, pairs[i][0], pairs[i][1]);
}

static void print_all(const struct printer *printer)
{
    print_commands(printer);
    print_connection_options(printer);
    print_cli_options(printer, "OPTIONS OF CERTS", true);
    printer->entry(printer->out, "--sni NAME",
                   "several times: a connection for each name, and who got which certificate");
    print_cli_options(printer, "GENERAL OPTIONS", false);
    print_stepping(printer);
    print_lab(printer);
    print_pairs(printer, "EXIT STATUS", exit_statuses,
                sizeof exit_statuses / sizeof exit_statuses[0]);
    print_pairs(printer, "FILES", files, sizeof files / sizeof files[0]);
}

/* ---- text ---- */

static void text_section(FILE *out, const char *title)
{
    (void)fprintf(out, "\n%s\n", title);
}

static void text_entry(FILE *out, const char *what, const char *help)
{
    if (strlen(what) <= 29)
        (void)fprintf(out, "  %-29s %s\n", what, help);
    else
        (void)fprintf(out, "  %s\n%32s%s\n", what, "", help);
}

static void text_text(FILE *out, const char *text)
{
    size_t column = 0;

    (void)fputs(" ", out);
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        if (column + length > 90) {
            (void)fputs("\n ", out);
            column = 0;
        }
        (void)fprintf(out, " %.*s", (int)length, text);
        column += length + 1;
        text += length + strspn(text + length, " ");
    }
    (void)fputs("\n", out);
}

int cli_help(FILE *out)
{
    static const struct printer printer = {NULL, text_section, text_entry, text_text};
    struct printer here = printer;

    here.out = out;
    (void)fprintf(out, "tlstep %s: a debugger for TLS in the terminal\n", TLSTEP_VERSION);
    print_all(&here);
    return 0;
}

/* ---- roff ---- */

/* Text in which roff reads no request and no escape. */
static void roff_escaped(FILE *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\\')
            (void)fputs("\\(rs", out);
        else if (*c == '-')
            (void)fputs("\\-", out);
        else if (*c == '\'')
            (void)fputs("\\(aq", out);
        else if (*c == '.' && c == text)
            (void)fputs("\\&.", out);
        else
            (void)fputc(*c, out);
    }
}

static void roff_section(FILE *out, const char *title)
{
    (void)fprintf(out, ".SH \"%s\"\n", title);
}

static void roff_entry(FILE *out, const char *what, const char *help)
{
    (void)fputs(".TP\n.B ", out);
    roff_escaped(out, what);
    (void)fputc('\n', out);
    roff_escaped(out, help);
    (void)fputc('\n', out);
}

static void roff_text(FILE *out, const char *text)
{
    (void)fputs(".PP\n", out);
    roff_escaped(out, text);
    (void)fputc('\n', out);
}

int cli_manual(FILE *out)
{
    const struct printer printer = {out, roff_section, roff_entry, roff_text};

    (void)fprintf(out, ".TH TLSTEP 1 \"\" \"tlstep %s\"\n", TLSTEP_VERSION);
    roff_section(out, "NAME");
    (void)fputs("tlstep \\- a debugger for TLS in the terminal\n", out);
    roff_section(out, "SYNOPSIS");
    (void)fputs(".B tlstep\n[options] [\\fITARGET\\fR]\n.br\n.B tlstep\n\\fICOMMAND\\fR [options] "
                "\\fITARGET\\fR|\\fIFILE\\fR\n",
                out);
    roff_section(out, "DESCRIPTION");
    roff_text(out,
              "tlstep connects to a server and steps one real TLS session by key presses: name "
              "lookup, TCP connect, each handshake message in each direction, certificate "
              "verification, application data, close_notify, TCP close. Everything that crosses "
              "the wire is recorded, decrypted, dissected and explained, and can be stepped "
              "through backwards.");
    print_all(&printer);
    return 0;
}
