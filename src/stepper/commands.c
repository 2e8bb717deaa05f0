/*
 * The table of commands. Keys, the `:` line, the hint bar, the help screen, `drive`, `--plain` and
 * the manual page are made from it.
 */
#include <string.h>

#include "certificates.h"
#include "listen.h"
#include "moves.h"

/* clang-format off */
static const struct stepper_command table[] = {
    /* Moving. */
    {"step", "", "one step: the next message, or the next thing that happens",
     "Space", "step", STEPPER_MOVING, STEPPER_ARGUMENT_NONE, move_step, NULL, NULL},
    {"flight", "", "on until the other side speaks, or the phase changes",
     "n", "flight", STEPPER_MOVING, STEPPER_ARGUMENT_NONE, move_flight, NULL, NULL},
    {"phase", "", "on to the next phase",
     "p", "phase", STEPPER_MOVING, STEPPER_ARGUMENT_NONE, move_phase, NULL, NULL},
    {"continue", "", "on to the end, or to a breakpoint",
     "c", "run", STEPPER_MOVING, STEPPER_ARGUMENT_NONE, move_continue, NULL, NULL},
    {"until", "TYPE", "on to a message or a stop: ServerHello, server:Finished, verify, data",
     "u", NULL, STEPPER_MOVING, STEPPER_ARGUMENT_TYPE, move_until, NULL, NULL},
    {"back", "", "look one step back; the connection is not touched",
     "Left", "back", STEPPER_MOVING, STEPPER_ARGUMENT_NONE, move_back, NULL, NULL},
    {"forward", "", "look one step forward, up to the latest",
     "Right", NULL, STEPPER_MOVING, STEPPER_ARGUMENT_NONE, move_forward, NULL, NULL},
    {"goto", "N", "look at the moment of row N",
     "g", NULL, STEPPER_MOVING, STEPPER_ARGUMENT_NUMBER, move_goto, NULL, NULL},
    {"first", "", "look at the beginning",
     "<", NULL, STEPPER_MOVING, STEPPER_ARGUMENT_NONE, move_first, NULL, NULL},
    {"side", "[client|server]", "of a proxy: show the other side's message, bytes and facts",
     "i", NULL, STEPPER_MOVING, STEPPER_ARGUMENT_TEXT, move_side, NULL, NULL},
    {"latest", "", "look at the latest that has happened",
     ">", NULL, STEPPER_MOVING, STEPPER_ARGUMENT_NONE, move_latest, NULL, NULL},
    {"break", "TYPE", "stop runs at a message or a stop (on a ladder row: at its message)",
     "b", "break", STEPPER_ACTING, STEPPER_ARGUMENT_TYPE, act_break, NULL, NULL},
    {"unbreak", "TYPE", "take a breakpoint away",
     "B", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_TYPE, act_unbreak, NULL, NULL},

    /* Acting. */
    {"http", "", "send an HTTP/1.1 request for /",
     "h", "http", STEPPER_ACTING, STEPPER_ARGUMENT_NONE, act_http, NULL, NULL},
    {"send", "TEXT", "send application data; \\n \\r \\t \\\\ \\xNN are understood",
     "s", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_TEXT, act_send, NULL, NULL},
    {"rekey", "", "send a KeyUpdate and ask for one (TLS 1.3)",
     "k", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_NONE, act_rekey, NULL, NULL},
    {"ask", "", "of `listen`: ask the client for a certificate now",
     "", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_NONE, act_ask, NULL, NULL},
    {"close", "", "send close_notify",
     "C", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_NONE, act_close, NULL, NULL},
    {"accept", "", "go on once although the certificate is refused",
     "A", "accept", STEPPER_ACTING, STEPPER_ARGUMENT_NONE, act_accept, NULL, NULL},
    {"abort", "", "end the connection at once",
     "X", "abort", STEPPER_ACTING, STEPPER_ARGUMENT_NONE, act_abort, NULL, NULL},
    {"restart", "[here]", "run the same connection again; 'here': up to the step in view",
     "R", "restart", STEPPER_ACTING, STEPPER_ARGUMENT_TEXT, act_restart, NULL, NULL},
    {"run", "N", "look at run N; older runs stay for comparison",
     "", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_NUMBER, act_run, NULL, NULL},
    {"pick", "N", "of `listen`: serve waiting connection N next",
     "", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_NUMBER, act_pick, NULL, NULL},
    {"conversation", "N", "open conversation N of a capture",
     "", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_NUMBER, act_conversation, NULL, NULL},
    {"compare", "[N|run N]", "compare with conversation N, or with run N; without: no more",
     "", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_TEXT, act_compare, NULL, NULL},
    {"judge", "[DATE|off]", "judge the certificates again, as of DATE (2026-01-31, +30d, now) and with the options as they are",
     "", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_TEXT, act_judge, NULL, NULL},
    {"set", "OPTION VALUE", "change an option for the next run",
     "", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_OPTION, act_set, NULL, NULL},
    {"save", "FILE", "save the session as pcapng, with its secrets",
     "w", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_FILE, act_save, NULL, NULL},
    {"write-ca", "[FILE]", "write the root of the lab's CA, for clients that shall trust it; without FILE: into --ca-dir",
     "", NULL, STEPPER_ACTING, STEPPER_ARGUMENT_FILE, act_write_ca, NULL, NULL},

    /* Asking. */
    {"state", "", "what is known at the cursor", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NONE, NULL, ask_state, "state"},
    {"messages", "", "the rows of the ladder", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NONE, NULL, ask_messages, "messages"},
    {"fields", "N", "the field trees of row N", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NUMBER, NULL, ask_fields, "fields"},
    {"bytes", "N", "the bytes of row N", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NUMBER, NULL, ask_bytes, "bytes"},
    {"secrets", "", "the key-log lines so far", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NONE, NULL, ask_secrets, "secrets"},
    {"certs", "", "the certificates so far", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NONE, NULL, ask_certs, "certs"},
    {"checks", "", "what was checked by calculation", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NONE, NULL, ask_checks, "checks"},
    {"schedule", "[N]", "the key schedule, with key, IV and nonce of row N", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NUMBER, NULL, ask_schedule, "schedule"},
    {"follow", "[client|server]", "all application data, as text and hex", "f", "data",
     STEPPER_ASKING, STEPPER_ARGUMENT_TEXT, NULL, ask_follow, "follow"},
    /* Run, it goes back to the list. */
    {"conversations", "", "the conversations of a capture; in the screen: back to the list", "l", "list",
     STEPPER_ASKING, STEPPER_ARGUMENT_NONE, act_conversations, ask_conversations, "conversations"},
    {"differences", "", "what differs from what `compare` has named", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NONE, NULL, ask_differences, "differences"},

    {"waiting", "", "of `listen`: the connections that wait", "", NULL,
     STEPPER_ASKING, STEPPER_ARGUMENT_NONE, NULL, ask_waiting, "waiting"},

    /* Lessons. */
    {"lesson", "[NAME|off]", "learn by doing: lessons in this screen; without NAME: choose one", "L", "lessons",
     STEPPER_SCREEN, STEPPER_ARGUMENT_TEXT, NULL, NULL, NULL},
    {"next-part", "", "in a lesson: answer its question, or go on", ".", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"previous-part", "", "in a lesson: read the part before again", ",", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"hint", "", "in a lesson: a hint", "H", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"answer", "TEXT", "in a lesson: the answer to its question, a value or the number of a choice", "", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_TEXT, NULL, NULL, NULL},

    /* The screen. */
    {"options", "", "options for the next run", "o", "options",
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"next-pane", "", "to the next pane", "Tab", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"previous-pane", "", "to the pane before", "BackTab", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"pane", "N", "to pane N: the number is in its title", "1 2 3 4 5 6 7 8 9", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NUMBER, NULL, NULL, NULL},
    {"zoom", "", "the pane on the whole screen, and back", "z", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"leave", "", "back from a full view, or from a zoomed pane", "Esc", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"up", "", "one line up", "Up", NULL, STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"down", "", "one line down", "Down", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"page-up", "", "one page up", "PageUp", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"page-down", "", "one page down", "PageDown", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"top", "", "to the first line", "Home", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"bottom", "", "to the last line", "End", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"toggle", "", "unfold or fold; on a ladder row: its message", "Enter", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"fold", "", "fold; in the bytes: one back", "- S-Left", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"unfold", "", "unfold; in the bytes: one on", "+ S-Right", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"unfold-all", "", "unfold everything", "*", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"fold-all", "", "fold everything", "_", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"buffer", "", "the other bytes of the row: record, plaintext, message; data: text or hex",
     "v", NULL, STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"save-data", "FILE", "save the application data in view, as it came, to a new file", "W", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_FILE, NULL, NULL, NULL},
    {"store", "", "browse the trust store, or the certificates of the file; back", "T", "store",
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"save-chain", "FILE", "save the certificates of the path as PEM, in order; -f FILE replaces one",
     "E", "save chain", STEPPER_SCREEN, STEPPER_ARGUMENT_FILE, NULL, NULL, NULL},
    {"copy", "[FORMAT [FILE]]",
     "copy the field: as value, hex, c or json; a certificate: as pem, text, fingerprint or pin",
     "y", "copy", STEPPER_SCREEN, STEPPER_ARGUMENT_TEXT, NULL, NULL, NULL},
    {"reveal", "", "show secrets on the screen, or hide them again", "x", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"search", "[TEXT]", "search in the pane; in the message: in all messages", "/", "search",
     STEPPER_SCREEN, STEPPER_ARGUMENT_TEXT, NULL, NULL, NULL},
    {"search-next", "", "the next match", "]", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"search-previous", "", "the match before", "[", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"explain", "[TERM]", "what the selected field is, with its terms; or a term, a value, a name",
     "e", "explain", STEPPER_SCREEN, STEPPER_ARGUMENT_TEXT, NULL, NULL, NULL},
    {"mark", "", "mark a conversation or a message, to be compared; on certificates: judge as of a date",
     "d", NULL, STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"next-difference", "", "in a comparison: the next difference", "N", NULL, STEPPER_SCREEN,
     STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"previous-difference", "", "in a comparison: the difference before", "P", NULL, STEPPER_SCREEN,
     STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"sort", "[COLUMN]", "a list (conversations, certificates): by a column; without: the other way round", "S",
     NULL, STEPPER_SCREEN, STEPPER_ARGUMENT_TEXT, NULL, NULL, NULL},
    {"mouse", "", "the mouse for tlstep, or for the terminal", "m", NULL, STEPPER_SCREEN,
     STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"theme", "[NAME]", "the next theme, or the one named", "t", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_THEME, NULL, NULL, NULL},
    {"command", "", "the command line", ":", "command",
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"help", "", "keys and commands", "? F1", "help",
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"redraw", "", "draw the screen anew", "C-l", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"suspend", "", "back to the shell; fg returns", "C-z", NULL,
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
    {"quit", "", "quit; a connection that is open is dropped", "q", "quit",
     STEPPER_SCREEN, STEPPER_ARGUMENT_NONE, NULL, NULL, NULL},
};
/* clang-format on */

#define COUNT (sizeof table / sizeof table[0])

const struct stepper_command *stepper_command_table(size_t *count)
{
    *count = COUNT;
    return table;
}

const struct stepper_command *stepper_command_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

/* Names that may be wanted later: they are known, and say so. */
static const char *const later[] = {"redact", "diff"};

static int no_such_command(const char *name, size_t length, struct err *err)
{
    char safe[60];

    text_safe(safe, sizeof safe, name, length);
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
        if (strcmp(safe, later[i]) == 0)
            return err_set(err, ERR_USAGE, "not_in_this_version", "%s is not in this version",
                           safe);
    return err_set(err, ERR_USAGE, "no_such_command", "there is no command '%s'", safe);
}

/* An exact name, or the only one that begins so. */
static const struct stepper_command *find_short(const char *name, size_t length, struct err *err)
{
    const struct stepper_command *found = NULL;

    for (size_t i = 0; i < COUNT; i++) {
        if (strncmp(table[i].name, name, length) != 0)
            continue;
        if (table[i].name[length] == '\0')
            return &table[i];
        if (found != NULL) {
            err_set(err, ERR_USAGE, "no_such_command", "'%.*s' could be %s or %s", (int)length,
                    name, found->name, table[i].name);
            return NULL;
        }
        found = &table[i];
    }
    if (found == NULL)
        no_such_command(name, length, err);
    return found;
}

int stepper_command_parse(const char *line, const struct stepper_command **command,
                          const char **argument, struct err *err)
{
    static const char *const blanks = " \t";

    line += strspn(line, blanks);
    size_t length = strcspn(line, blanks);
    if (length == 0)
        return err_set(err, ERR_USAGE, "no_such_command", "the line has no command");
    *command = find_short(line, length, err);
    if (*command == NULL)
        return -1;
    const char *rest = line + length;
    rest += strspn(rest, blanks);
    *argument = *rest != '\0' ? rest : NULL;
    return 0;
}

/* In the list of a capture there is nothing to move in and little to ask for. */
static int check_open(const struct stepper *stepper, const struct stepper_command *command,
                      struct err *err)
{
    if (!stepper_listing(stepper) || command->kind == STEPPER_ACTING ||
        strcmp(command->name, "conversations") == 0) {
        return 0;
    }
    return err_set(
        err, ERR_USAGE, "no_conversation",
        "no conversation is open: `conversation N` opens one, `conversations` lists them");
}

/* Does the argument fit the usage: "" none, "TYPE" one, "[N]" perhaps one. */
static int check_argument(const struct stepper_command *command, const char *argument,
                          struct err *err)
{
    bool given = argument != NULL && argument[0] != '\0';

    if (command->usage[0] == '\0' && given)
        return err_set(err, ERR_USAGE, "unexpected_argument", "%s takes no argument",
                       command->name);
    if (command->usage[0] != '\0' && command->usage[0] != '[' && !given)
        return err_set(err, ERR_USAGE, "missing_argument", "%s needs an argument: %s %s",
                       command->name, command->name, command->usage);
    return 0;
}

int stepper_run(struct stepper *stepper, const struct stepper_command *command,
                const char *argument, struct err *err)
{
    if (check_argument(command, argument, err) != 0 || check_open(stepper, command, err) != 0) {
        return -1;
    }
    if (command->run == NULL)
        return err_set(err, ERR_USAGE, "no_such_command",
                       command->kind == STEPPER_SCREEN ? "%s works in the screen only"
                                                       : "%s is a question, not an action",
                       command->name);
    if (argument != NULL && argument[0] == '\0')
        argument = NULL;
    return command->run(stepper, argument, err);
}

/* ---- answers ---- */

static json_t *stop_answer(struct stepper *stepper)
{
    struct trace *trace = stepper_trace(stepper);
    size_t cursor = stepper_cursor(stepper);
    struct trace_stop stop = run_stop(run_in_view(stepper));
    json_t *json = json_pack("{s:b, s:o, s:b}", "ok", true, "stop", report_stop_json(&stop), "done",
                             stepper_done(stepper));
    const struct trace_facts *facts = trace_facts(trace, cursor);

    if (json != NULL && stop.at_stop && stepper_is_pair(stepper) &&
        json_object_set_new(
            json_object_get(json, "stop"), "side",
            json_string(stepper_side(stepper) == LAB_PROXY_CLIENT ? "client" : "server")) != 0) {
        json_decref(json);
        return NULL;
    }
    if (json == NULL || facts == NULL || !facts->failed || facts->error == NULL || facts->accepted)
        return json;
    json_t *failure = json_pack("{s:s?, s:o}", "code", facts->error_code, "text",
                                report_string_json(facts->error));
    if (json_object_set_new(json, "failure", failure) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

json_t *stepper_answer(struct stepper *stepper, const struct stepper_command *command,
                       const char *argument, struct err *err)
{
    struct err why = {0};

    if (command->kind != STEPPER_ASKING) {
        json_t *json = stop_answer(stepper);
        if (json == NULL)
            err_memory(err, "answering");
        return json;
    }
    if (check_argument(command, argument, err) != 0 || check_open(stepper, command, err) != 0) {
        return NULL;
    }
    json_t *value = command->answer(stepper, argument, &why);
    if (value != NULL)
        return json_pack("{s:b, s:o}", "ok", true, command->answer_name, value);
    if (why.class == ERR_NONE)
        err_memory(&why, "answering");
    if (err != NULL)
        *err = why;
    return NULL;
}

json_t *stepper_answer_error(const struct err *err)
{
    return json_pack("{s:b, s:{s:s, s:o}}", "ok", false, "error", "code", err->code, "text",
                     report_string_json(err->text));
}
