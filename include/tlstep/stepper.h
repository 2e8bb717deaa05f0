/*
 * stepper: what a user operates. Target, options and runs (each: source, trace, cursor,
 * breakpoints), and the one table of commands that the screen, `drive`, `--plain`, the help and
 * the manual page are made from.
 *
 * One thread owns a stepper. Nothing in here waits for the network: moving commands start and
 * return; the owner polls stepper_wake_fd() and calls stepper_pump().
 */
#ifndef TLSTEP_STEPPER_H
#define TLSTEP_STEPPER_H

#include "tlstep/engine.h"
#include "tlstep/lab.h"
#include "tlstep/report.h"

/* ---- target ------------------------------------------------------------------------------ */

enum stepper_target_kind {
    STEPPER_HOST, /* a server to connect to */
    STEPPER_LAB,  /* lab:SCENARIO, started in the process when it is first needed */
    STEPPER_FILE, /* a saved session or a capture; "-": a pipe */
    STEPPER_LISTEN, /* listen:[ADDR:]PORT: a server for whoever comes; 127.0.0.1 unless ADDR is named, port 0: any */
    STEPPER_PROXY, /* proxy:[ADDR:]PORT[=TARGET]: between a client and TARGET, or what the client asks for */
};

struct stepper_target {
    enum stepper_target_kind kind;
    char *input; /* as given; owned */
    char *host;  /* STEPPER_HOST: name or address; STEPPER_LAB: the scenario; STEPPER_FILE: path;
                    STEPPER_LISTEN, STEPPER_PROXY: the address to listen on */
    uint16_t port;
    char *beyond;                        /* STEPPER_PROXY: the TARGET behind it, as given; NULL */
    const struct net_protocol *starttls; /* what the URL's scheme says; NULL */
};

/* Reads a TARGET or FILE as CONTRACT.md says. Class ERR_USAGE; code "not_in_this_version" for what is not built. */
int stepper_target_parse(const char *text, struct stepper_target *target, struct err *err);
/* The same where only a FILE can be meant. */
int stepper_target_file(const char *path, struct stepper_target *target, struct err *err);
void stepper_target_free(struct stepper_target *target);

/* ---- options ------------------------------------------------------------------------------- */

/* Options of a run. Strings from malloc. */
struct stepper_options {
    struct tls_options tls;
    char *save;     /* --save FILE */
    bool force;     /* --force: --save may replace a file */
    char *keylog;   /* --keylog FILE; for a capture several, one a line */
    char *linger;   /* --linger MS, NULL: 200 */
    bool redact;    /* --redact */
    bool capture;   /* --capture */
    char *replace;  /* --replace A=B: of a proxy, several: one a line */
    bool ephemeral; /* --ephemeral: the lab's CA is in memory, for listen and proxy */
    /* Only for a FILE. */
    char *stream;     /* --stream N */
    char *server_key; /* --server-key FILE, several: one a line */
    char *psk;        /* --psk HEX, several: one a line */
    bool brief;       /* not in the table: nothing will be sent (engine.h) */
    const struct pki_password
        *password; /* not in the table: who asks for a file's password; borrowed, NULL */
    bool session; /* not in the table: a FILE that is a pipe holds a saved session, not a capture */
};
void stepper_options_init(struct stepper_options *options);
int stepper_options_copy(struct stepper_options *to, const struct stepper_options *from,
                         struct err *err);
void stepper_options_free(struct stepper_options *options);

enum stepper_option_kind { STEPPER_OPTION_FLAG, STEPPER_OPTION_TEXT, STEPPER_OPTION_CHOICE };

/* One row of the table of options: command line, `set`, form and manual page come from it. */
struct stepper_option {
    const char *name;     /* "sni": --sni on the command line, `set sni` */
    char letter;          /* '4' for -4, 0 */
    const char *argument; /* "NAME|none"; NULL for a flag */
    const char *label;    /* "Server name (SNI)": in the form */
    const char *help;     /* one line */
    enum stepper_option_kind kind;
    const char *const
        *choices;  /* STEPPER_OPTION_CHOICE: NULL-terminated; the first is the default */
    size_t offset; /* into struct stepper_options: bool, char *, or enum for a choice */
    bool later;    /* fixed by the contract, not in this version */
    bool judging;  /* certificates are judged by it: of use also where nothing is sent */
};
/* All rows for a connection; those with `later` are to be left out of forms and help. */
const struct stepper_option *stepper_option_table(size_t *count);
/* The rows that only a FILE has: no form shows them. */
const struct stepper_option *stepper_option_file_table(size_t *count);
const struct stepper_option *stepper_option_find(const char *name); /* with or without "--" */
/* Sets one option from text ("yes"/"no"/NULL for flags; "" or NULL takes a text option back to its default). Checks the single
 * value; codes "no_such_option", "bad_value", "not_in_this_version". */
int stepper_option_set(struct stepper_options *options, const char *name, const char *value,
                       struct err *err);
/* The same for the command line: an option that a FILE takes several times (keylog, server-key, psk) keeps its
 * earlier values. */
int stepper_option_add(struct stepper_options *options, const char *name, const char *value,
                       struct err *err);
/* The value as text: "yes"/"no" for flags, "" where not given. Returns `out`. */
char *stepper_option_get(char *out, size_t size, const struct stepper_options *options,
                         const struct stepper_option *row);
/* True when an option that certificates are judged by is not at its default. */
bool stepper_options_judge(const struct stepper_options *options);
/* The options that differ from the defaults, as a shell would take them: "tlstep --sni x example.org". A proxy's password is "*". */
int stepper_command_line(struct buffer *out, const struct stepper_options *options,
                         const struct stepper_target *target);

/* ---- the stepper ----------------------------------------------------------------------------- */

struct stepper;

/* Takes copies. Opens the file of a STEPPER_FILE target (then all of it is there and the cursor
 * is at its beginning); contacts nobody otherwise. NULL with `err`. */
struct stepper *stepper_new(const struct stepper_target *target,
                            const struct stepper_options *options, struct err *err);
/* --capture: real packets for all runs from the next one on. Taken; opened by the caller before any thread was started, as net.h asks. */
void stepper_use_capture(struct stepper *stepper, struct net_capture *packets);
/* Ends the run (within 100 ms), finishes the saved file, wipes secrets. NULL is fine. */
void stepper_free(struct stepper *stepper);

/* To poll for reading; changes with each run: ask before each poll. -1: nothing to wait for. */
int stepper_wake_fd(const struct stepper *stepper);
/* Takes in what the source has. True when something changed that a screen should show. */
bool stepper_pump(struct stepper *stepper);

/* A moving command is under way. */
bool stepper_busy(const struct stepper *stepper);
/* The connection (or the file) is at its end and the cursor too. */
bool stepper_done(const struct stepper *stepper);
/* The source is a live connection, not a file. */
bool stepper_live(const struct stepper *stepper);
/* The live connection has ended (or the source is a file). */
bool stepper_over(const struct stepper *stepper);

const struct stepper_target *stepper_target(const struct stepper *stepper);
const struct stepper_options *stepper_options(const struct stepper *stepper);
struct trace *stepper_trace(const struct stepper *stepper); /* of the run in view */
size_t stepper_cursor(const struct stepper *stepper);
/* The cursor stands at the end of the log (where a step asks the source for more). */
bool stepper_at_end(const struct stepper *stepper);
const struct trace_facts *stepper_facts(
    struct stepper *stepper); /* at the cursor; NULL: no memory */
/* Runs of this session: 1 after the start; which one is in view, counted from 1. */
size_t stepper_run_count(const struct stepper *stepper);
size_t stepper_run_current(const struct stepper *stepper);
/*
 * Of a STEPPER_PROXY target there are two traces, the client's side (where tlstep is the server) and the server's side (where it is the client),
 * with cursors that move together on one time axis: a moment is a stop of either. stepper_trace(), stepper_cursor() and stepper_facts() are
 * of the side in view: that of the stop a move has led to, until the command `side` shows the other.
 */
bool stepper_is_pair(const struct stepper *stepper);
enum lab_proxy_side stepper_side(const struct stepper *stepper); /* in view */
struct trace *stepper_side_trace(const struct stepper *stepper, enum lab_proxy_side side);
size_t stepper_side_cursor(const struct stepper *stepper, enum lab_proxy_side side);
/* The row on the other side that row `n` of this side was caused by or has caused; 0: none, or it is not known. */
uint32_t stepper_joined(struct stepper *stepper, enum lab_proxy_side side, uint32_t n);
/* The rows of both sides in the order in which they came to be shown, up to the cursor; borrowed until the next command or pump. `count` 0 also when
 * memory ran out. */
struct stepper_line {
    enum lab_proxy_side side;
    uint32_t n;
};
const struct stepper_line *stepper_lines(struct stepper *stepper, size_t *count);
/* Where a row stands among them; SIZE_MAX: not at this cursor. */
size_t stepper_line_of(struct stepper *stepper, enum lab_proxy_side side, uint32_t n);
/* STEPPER_PROXY, STEPPER_LISTEN: begins to listen, if it does not yet, and says where: borrowed. NULL with `err`. */
const struct net_address *stepper_listens(struct stepper *stepper, struct err *err);
/* STEPPER_LISTEN: the clients that have come and wait for their run, oldest first; each connection is a run of its own. As
 * net_listener_waiting(). */
size_t stepper_waiting(const struct stepper *stepper, struct net_waiting *out, size_t max);
/* The lab's CA that this session signs with: of the state folder, or with --ephemeral its own. Made when it is first asked for; borrowed. NULL with
 * `err`. */
struct lab_ca *stepper_ca(struct stepper *stepper, struct err *err);
/* Breakpoints as text ("server:Finished"). Borrowed until the next command. */
const char *const *stepper_breakpoints(const struct stepper *stepper, size_t *count);
bool stepper_breaks_at(const struct stepper *stepper, const char *at, enum wire_side from);

/* Something that nobody waited for has failed since the last call (the file of --save, the key log):
 * fills `err` for the status line and returns true. Each trouble is told once. */
bool stepper_trouble(struct stepper *stepper, struct err *err);

/* What the user reads: each appends to `out`, safe text, one line. */
/* What the last step did, who caused it (which call), and why it matters. */
void stepper_explain(struct stepper *stepper, struct buffer *out);
/* What the next step will do: "look up example.org". Without the key's name. */
void stepper_explain_next(struct stepper *stepper, struct buffer *out);
/* "handshake · step 9 · CertificateVerify has arrived, PAUSED" for the title line. */
void stepper_explain_state(struct stepper *stepper, struct buffer *out);

/* ---- captures ------------------------------------------------------------------------------- */

/* The keys of the options: key logs, server keys, PSKs. NULL with `err`. */
struct trace_keys *stepper_keys(const struct stepper_options *options, struct err *err);
/* The FILE is opened as the session that tlstep saved: not with keys from beside it, which are for captures. */
bool stepper_opens_session(const char *path, const struct stepper_options *options);

/* The capture behind a STEPPER_FILE target; NULL for a live session and for one that tlstep saved. stepper_pump() reads on in
 * slices of some milliseconds until it is whole: poll with no wait while stepper_reading(). */
struct trace_capture *stepper_capture(const struct stepper *stepper);
/* There is more to be read (a file, or a pipe that has something). */
bool stepper_reading(const struct stepper *stepper);
/* Reading stops where it is; what is there can be used. */
void stepper_cancel_reading(struct stepper *stepper);
/* The list of conversations is what is to be shown: none is open (one conversation alone opens by itself). */
bool stepper_listing(const struct stepper *stepper);
/* Index in the capture of the conversation in view; -1: none. The command `conversation N` opens one, `conversations` goes back to
 * the list when it is run, and answers with the list when it is asked. */
long stepper_conversation(const struct stepper *stepper);
/* A second session to compare with the one in view, opened by `compare`: another conversation or run; NULL: none.
 * Owned by the stepper, for as long as neither changes. */
const struct report_comparison *stepper_comparison(struct stepper *stepper);

/* ---- certificates ------------------------------------------------------------------------------ */

/*
 * The FILE holds certificates (PEM, DER, PKCS#7, PKCS#12, a folder) or the target is `system`, the trust store: there is no
 * connection and nothing to step; the trace is empty. The certificates in it are judged like a server's when they are few (STEPPER_CHAIN_MAX),
 * and stepper_facts() shows them; all can be browsed.
 */
bool stepper_is_certificates(const struct stepper *stepper);
/* Would a FILE be opened so? Looks at its beginning; of a pipe, from which that would be taken away, the answer is no. */
bool stepper_finds_certificates(const char *path);
#define STEPPER_CHAIN_MAX 32
/* What can be browsed: the certificates of the FILE, else the trust store that the options choose. Loaded when first asked for (some
 * milliseconds). Borrowed until the options change; NULL with `err`. */
const struct pki_bundle *stepper_bundle(struct stepper *stepper, struct err *err);
/* The trust store that the options choose; of a lab target that is running the lab's root, when they choose nothing else. A new
 * reference; NULL with `err`. */
struct pki_trust *stepper_trust(const struct stepper *stepper, struct err *err);
/* The command `judge [DATE]` judges the certificates at the cursor again, as of another date and with the options as they are
 * now; for a capture, whose certificates nobody has judged, it is the first time (without DATE: as of the capture). stepper_facts() has its
 * verdict in place of the session's until the cursor leaves the certificates, `judge off`, or a restart. True while that is so. */
bool stepper_judged_again(const struct stepper *stepper);

/* ---- commands ---------------------------------------------------------------------------------- */

enum stepper_command_kind {
    STEPPER_MOVING, /* moves the cursor or the connection; answered with a stop */
    STEPPER_ASKING, /* answered with data */
    STEPPER_ACTING, /* changes something; answered with a stop */
    STEPPER_SCREEN, /* concerns the screen alone; carried out by ui, not in `drive` */
};

/* What an argument is, for completion. */
enum stepper_argument {
    STEPPER_ARGUMENT_NONE,
    STEPPER_ARGUMENT_TYPE,
    STEPPER_ARGUMENT_NUMBER,
    STEPPER_ARGUMENT_OPTION, /* OPTION VALUE */
    STEPPER_ARGUMENT_FILE,
    STEPPER_ARGUMENT_TEXT,
    STEPPER_ARGUMENT_THEME,
};

struct stepper_command {
    const char *name;
    const char *usage; /* "TYPE", "[N]"; "" for none; an argument in [] may be left out */
    const char *help;  /* one line */
    const char *keys;  /* default keys, space-separated: "Space", "Left", "R", "C-l"; "" */
    const char *hint;  /* word in the hint bar; NULL: not there */
    enum stepper_command_kind kind;
    enum stepper_argument argument;
    /* Carries it out (MOVING, ACTING) without waiting. NULL for ASKING and SCREEN. */
    int (*run)(struct stepper *stepper, const char *argument, struct err *err);
    /* The answer of an ASKING command (a new reference) under `answer_name`. */
    struct json_t *(*answer)(struct stepper *stepper, const char *argument, struct err *err);
    const char *answer_name;
};

/* The table, in the order of the help screen. */
const struct stepper_command *stepper_command_table(size_t *count);
const struct stepper_command *stepper_command_find(const char *name);

/* Carries out a MOVING or ACTING command. `argument` may be NULL. An error says why it cannot be done now, for the status line: classes
 * and codes as in engine.h, "no_such_command", "missing_argument", "unexpected_argument". */
int stepper_run(struct stepper *stepper, const struct stepper_command *command,
                const char *argument, struct err *err);

/* Splits "until server:Finished" into command and argument (borrowed from `line`). Names may be shortened to where they are unique. */
int stepper_command_parse(const char *line, const struct stepper_command **command,
                          const char **argument, struct err *err);

/* The answer to a command after it has ended (stepper_busy() is false): {"ok":true,"stop":…,"done":…} or
 * {"ok":true,"messages":[…]}. New reference; NULL with `err`. */
struct json_t *stepper_answer(struct stepper *stepper, const struct stepper_command *command,
                              const char *argument, struct err *err);
/* {"ok":false,"error":{"code","text"}}. */
struct json_t *stepper_answer_error(const struct err *err);

/* ---- lessons ----------------------------------------------------------------------------------- */

/*
 * docs/lessons/NAME.md, compiled in. A lesson is parts; each says something and then asks for something real: to bring about a
 * state of the session (a condition over the facts), or to answer a question, whose right answer comes from the facts where they
 * have it. Immutable once it is read. The language stands in src/stepper/lesson.h.
 */
struct stepper_lesson;

enum stepper_task {
    STEPPER_TASK_NONE, /* only read */
    STEPPER_TASK_DO,
    STEPPER_TASK_CHOOSE, /* one of the choices, by its number from 1 */
    STEPPER_TASK_TYPE,   /* a value */
};

/* Strings are UTF-8 in plain markdown: `code`; of `text` each line is a paragraph, "- " begins an item. */
struct stepper_lesson_part {
    const char *title;
    const char *text;
    enum stepper_task task;
    const char *say;     /* what to do, or the question */
    const char *hint;    /* NULL: without a task */
    const char *because; /* to be shown when it is done; "" */
    const char *const *choices;
    size_t choice_count;
    bool fresh; /* it begins with a session of its own: stepper_lesson_begin() */
};

/* All lessons, in their order. `name` and the rest live as long as the program. */
struct stepper_lesson_entry {
    const char *name;
    const char *title;
    const char *about; /* one line */
    size_t parts;
};
/* An array from malloc, which the caller frees; NULL with `err`, which names file and line of a lesson that is wrong. */
struct stepper_lesson_entry *stepper_lesson_list(size_t *count, struct err *err);

/* NULL with `err`: "no_such_lesson" (the text lists them). */
struct stepper_lesson *stepper_lesson_open(const char *name, struct err *err);
/* Reads one from its text. Errors (ERR_USAGE, "bad_lesson") begin with "NAME.md:LINE: ". */
struct stepper_lesson *stepper_lesson_parse(const char *name, const char *text, struct err *err);
void stepper_lesson_free(struct stepper_lesson *lesson); /* NULL is fine */
const char *stepper_lesson_name(const struct stepper_lesson *lesson);
const char *stepper_lesson_title(const struct stepper_lesson *lesson);
size_t stepper_lesson_count(const struct stepper_lesson *lesson);
const struct stepper_lesson_part *stepper_lesson_at(const struct stepper_lesson *lesson,
                                                    size_t part);
/* Puts the session that a part begins with in place of the stepper's: another target, other options, no runs. */
int stepper_lesson_begin(const struct stepper_lesson *lesson, size_t part, struct stepper *stepper,
                         struct err *err);

/* What of the screen conditions may ask for. */
struct stepper_lesson_screen {
    const char *pane;  /* that has the keys: "ladder" */
    const char *field; /* the path of the selected field; NULL */
    uint32_t row;      /* the selected row, 0: none */
    const char *type;  /* of that row; NULL */
};
/* What conditions look at: the report at the cursor and, beside it, "stop", "run", "options", "before" (the report of the run before this
 * one) and "screen". New reference; NULL: out of memory. */
json_t *stepper_lesson_facts(struct stepper *stepper, const struct stepper_lesson_screen *screen);
/* The conditions of a STEPPER_TASK_DO hold. */
bool stepper_lesson_is_done(const struct stepper_lesson *lesson, size_t part, const json_t *facts);
enum stepper_answer_is { STEPPER_RIGHT, STEPPER_WRONG, STEPPER_TOO_EARLY };
/* Judges an answer: a number of the choices, or a value (case and blanks around it do not matter). TOO_EARLY: the facts do not have the answer yet. */
enum stepper_answer_is stepper_lesson_judge(const struct stepper_lesson *lesson, size_t part,
                                            const json_t *facts, const char *answer);

/* Progress, in the state folder. */
struct stepper_lesson_progress {
    size_t reached; /* parts that have been done, from the first on */
    bool done;      /* all of them, once */
};
int stepper_lesson_progress_get(const char *name, struct stepper_lesson_progress *progress,
                                struct err *err);
/* `reached` and `done` are only ever raised. */
int stepper_lesson_progress_note(const char *name, const struct stepper_lesson_progress *progress,
                                 struct err *err);
int stepper_lesson_progress_reset(const char *name, struct err *err); /* NULL: of all */

/* Puts another target and other options in place of what there is, as after stepper_new(); what runs is ended. On failure all stays. */
int stepper_reopen(struct stepper *stepper, const struct stepper_target *target,
                   const struct stepper_options *options, struct err *err);

/* The exit status that `report` would give for what has happened so far. */
int stepper_exit_status(struct stepper *stepper);

#endif
