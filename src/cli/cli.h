/* The subcommands and what they share. One file for each subcommand. */
#ifndef CLI_H
#define CLI_H

#include "tlstep/stepper.h"
#include "tlstep/ui.h"

/* An option that may be given several times; borrowed from argv, NULL-terminated. */
#define CLI_LIST_MAX 32
struct cli_list {
    const char *items[CLI_LIST_MAX + 1];
    size_t count;
};

/* What only `certs` takes. */
struct cli_certs {
    struct cli_list intermediates;
    struct cli_list policies;
    struct cli_list names; /* each --sni: the options have the last one */
    enum pki_purpose purpose;
    const char *password_file;
    bool both;
    bool pem;
    bool root;
    bool text;
    bool all;
    bool explicit_policy;
    bool inhibit_any;
    bool inhibit_map;
};

/* Everything from the command line. */
struct cli_arguments {
    const struct cli_command *command;
    uint64_t given; /* rows of the table of general options, a bit each */
    const char *operands[16];
    size_t operand_count;
    char **
        rest; /* behind "--", of `run`: a command, ended by NULL; borrowed. NULL: there was no "--" */
    struct stepper_options options;
    struct ui_settings ui;
    struct pki_password password; /* who is asked for those of files; the options borrow it */
    char *environment_keylog;     /* SSLKEYLOGFILE, for connections; NULL */
    bool plain;
    bool json;
    bool help;
    bool manual; /* --manual: the manual page in roff, for `make install` */
    bool version;
    bool list;            /* --list of explain, lab and lesson */
    bool reset;           /* lesson --reset */
    bool search;          /* explain --search */
    bool all_addresses;   /* report --all-addresses */
    const char *listen;   /* --listen, NULL */
    const char *write_ca; /* --write-ca, NULL */
    long count;           /* --count: clients, -1: any number */
    long expires_within;  /* days, -1: not asked for */
    struct cli_certs certs;
};

/* A row of the table of subcommands in commands.c. */
struct cli_command {
    const char *name; /* "" for the screen */
    const char *usage;
    const char *help;
    int (*run)(struct cli_arguments *arguments); /* the exit status; NULL: not in this version */
    bool file_only;                              /* its operand is a FILE, whatever it looks like */
};

const struct cli_command *cli_command_table(size_t *count);

/* A row of the table of general options in arguments.c. */
struct cli_option {
    const char *name;
    const char *argument; /* NULL for a flag */
    const char *commands; /* the subcommands that know it, "screen" for none; NULL: all */
    const char *help;     /* NULL: not in this version */
    int (*set)(struct cli_arguments *arguments, const struct cli_option *option, const char *value,
               struct err *err);
    size_t offset; /* into the arguments: a bool, a const char *, or a struct cli_list */
};
const struct cli_option *cli_option_table(size_t *count);

/* Reads argv. 0, or -1 with class ERR_USAGE. `arguments` is to be freed in either case. */
int cli_arguments_parse(struct cli_arguments *arguments, int argc, char **argv, struct err *err);
void cli_arguments_free(struct cli_arguments *arguments);

/* Help and the manual page, from the tables. */
int cli_help(FILE *out);
int cli_manual(FILE *out);

/* The subcommands. */
int cli_screen(struct cli_arguments *arguments);
int cli_open(struct cli_arguments *arguments);
int cli_report(struct cli_arguments *arguments);
int cli_report_capture(struct cli_arguments *arguments, const char *path, const char *source);
int cli_report_proxy(struct cli_arguments *arguments);
int cli_report_listen(struct cli_arguments *arguments);
int cli_listen(struct cli_arguments *arguments);
int cli_proxy(struct cli_arguments *arguments);
int cli_report_addresses(struct cli_arguments *arguments);
int cli_certs(struct cli_arguments *arguments);
int cli_drive(struct cli_arguments *arguments);
int cli_diff(struct cli_arguments *arguments);
int cli_explain(struct cli_arguments *arguments);
int cli_lesson(struct cli_arguments *arguments);
int cli_lab(struct cli_arguments *arguments);
int cli_run(struct cli_arguments *arguments);
int cli_plain(struct stepper *stepper, const struct cli_arguments *arguments);

/* What an operand means to the subcommand. 0 or -1. */
int cli_target(const struct cli_arguments *arguments, const char *operand,
               struct stepper_target *target, struct err *err);
/* A stepper for an operand. NULL after telling why on stderr, with the exit status in `status`. */
struct stepper *cli_stepper(const struct cli_arguments *arguments,
                            const struct stepper_options *options, const char *operand,
                            int *status);
/* The same for the one operand that there is (lab:good without one). */
struct stepper *cli_only_stepper(const struct cli_arguments *arguments, int *status);
/* Runs a live session to its end; a FILE is there already. 0, or -1 after telling why, with the exit status in `status`. */
int cli_run_whole(struct stepper *stepper, int *status);

/* --write-ca: the root of the CA that this session signs with. 0 or -1. */
int cli_write_ca(const struct cli_arguments *arguments, struct stepper *stepper, struct err *err);
/* Where a listening side is, and how to try it, on stderr. */
typedef void cli_tell(const struct cli_arguments *arguments, struct stepper *stepper,
                      const struct net_address *address);
cli_tell cli_tell_listening;
/* The screen of a side that listens: listens, writes the CA, tells, shows. Takes the operand; NULL: out of memory. The exit status. */
int cli_show_listening(struct cli_arguments *arguments, char *operand, cli_tell *tell);
/* The screen, or with --plain the lines, on a stepper. The exit status. */
int cli_show(struct cli_arguments *arguments, struct stepper *stepper);

/* Tells an error on stderr, "tlstep: …", and returns its exit status. */
int cli_fail(const struct err *err);
/* Reads a capture to its end; a live session and a saved one need it not. 0, or -1 after a signal. */
int cli_read_whole(struct stepper *stepper);
/* Tells that a file ends before its session does, and what else was odd about it. */
void cli_warn_of_file(struct stepper *stepper);
/* Tells what failed without anyone waiting for it. The exit status so far, or 4 where that is 0. */
int cli_tell_trouble(struct stepper *stepper, int status);

/* Who is asked for the passwords of files: the terminal, or --password-file. Borrows. */
struct pki_password cli_password(struct cli_arguments *arguments);
/* The exit status when `err` is only that there was no password because the question failed, which has been told, or was interrupted;
 * else 0. */
int cli_password_status(const struct err *err);

/* True when a file ("-": standard input, a pipe included) begins like a capture. Takes nothing away from who reads it. */
bool cli_file_is_capture(const char *path);
/* Standard input holds a session that tlstep saved. Waits for its beginning, and takes nothing. */
bool cli_input_holds_session(void);
/* Makes the terminal standard input, and tells where what was there can be read. 0 or -1. */
#define CLI_INPUT_PATH 24
int cli_input_set_aside(char path[CLI_INPUT_PATH], struct err *err);

/* Signals that end a command: blocked everywhere, let in only while waiting. */
void cli_signals_block(void);
/* The signal that has come, 0; and where that stands. */
int cli_signal(void);
const volatile int *cli_signal_flag(void);
/* For who waits elsewhere: signals come at any time until they are kept out again. */
void cli_signals_let_in(bool in);
/* While files are read (a FIFO nobody writes to would never end): a signal ends the program there and then, with the exit status of
 * an interruption. Nothing may have to be tidied up meanwhile. Returns how it was before. */
bool cli_signals_end(bool at_once);
/* poll() for reading that lets the signals in. `fds` of -1 are left out. Returns the number that
 * are ready, 0 after the time-out, -1 when interrupted. */
struct pollfd;
int cli_poll(struct pollfd *fds, size_t count, int timeout_ms);

/* Pumps until no command is under way. 0, or -1 when a signal came. */
int cli_wait(struct stepper *stepper);

/* Text style for standard output: colour on a terminal unless turned off, ASCII by locale. */
unsigned cli_style(const struct cli_arguments *arguments);

#endif
