/* May a command be given now? What does TYPE mean? */
#include <string.h>

#include "command.h"

/* ---- TYPE ------------------------------------------------------------------------------------ */

static const char *const stops[] = {"resolve", "connect", "starttls", "verify", "data", "close"};

#define STOP_COUNT (sizeof stops / sizeof *stops)

static const uint8_t plain_types[] = {WIRE_CHANGE_CIPHER_SPEC, WIRE_ALERT, WIRE_APPLICATION_DATA,
                                      WIRE_HEARTBEAT};

#define PLAIN_COUNT (sizeof plain_types / sizeof *plain_types)

/* NULL where the registry knows no such message. */
static const char *handshake_name(unsigned type)
{
    const char *name = wire_message_name(WIRE_HANDSHAKE, (uint8_t)type);

    return strncmp(name, "Unknown(", 8) == 0 ? NULL : name;
}

/* The name of number `index` among all that can be stopped at; NULL: not one. */
static const char *stop_name(size_t index)
{
    if (index < STOP_COUNT) {
        return stops[index];
    }
    index -= STOP_COUNT;
    if (index < PLAIN_COUNT) {
        return wire_message_name(plain_types[index], 0);
    }
    return handshake_name((unsigned)(index - PLAIN_COUNT));
}

#define NAME_COUNT (STOP_COUNT + PLAIN_COUNT + 256)

/* The name as it is spelt, with its place; NULL: there is none. */
static const char *find_name(const char *text, size_t *index)
{
    for (*index = 0; *index < NAME_COUNT; ++*index) {
        const char *name = stop_name(*index);

        if (name != NULL && text_equal_nocase(text, name)) {
            return name;
        }
    }
    return NULL;
}

static int no_such_type(const char *text, struct err *err)
{
    struct buffer list = {0};
    const char *names;
    char shown[80];

    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (stop_name(i) != NULL) {
            buffer_printf(&list, "%s%s", list.length > 0 ? ", " : "", stop_name(i));
        }
    }
    names = buffer_string(&list);
    (void)err_set(err, ERR_USAGE, "no_such_type",
                  "nothing stops at \"%s\"; there are: %s; with client: or server: in front, only "
                  "that side's messages",
                  text_safe(shown, sizeof shown, text, strlen(text)), names != NULL ? names : "");
    buffer_free(&list);
    return -1;
}

/* "client:" or "server:" in front. Returns what follows. */
static const char *parse_side(const char *text, struct engine_match *match)
{
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        const char *name = wire_side_name((enum wire_side)side);
        size_t length = strlen(name);

        if (strncasecmp(text, name, length) == 0 && text[length] == ':') {
            match->any_side = false;
            match->from = (enum wire_side)side;
            return text + length + 1;
        }
    }
    match->any_side = true;
    match->from = WIRE_CLIENT;
    return text;
}

int engine_match_parse(const char *text, struct engine_match *match, struct err *err)
{
    struct engine_match parsed = {0};
    size_t index;
    const char *type = parse_side(text, &parsed);
    const char *name = find_name(type, &index);
    char verb[NET_VERB];

    /* Clear text before TLS: "EHLO", "220". "starttls" is the phase, "STARTTLS" the line. */
    if (net_verb_find(verb, type) && (name == NULL || strcmp(verb, type) == 0)) {
        name = verb;
    } else if (name == NULL || (index < STOP_COUNT && !parsed.any_side)) {
        return no_such_type(text, err); /* "server:verify": phases have no side */
    }
    (void)snprintf(parsed.at, sizeof parsed.at, "%s", name); /* every name fits */
    *match = parsed;
    return 0;
}

/* ---- commands -------------------------------------------------------------------------------- */

static int refuse(struct err *err, const char *code, const char *text)
{
    return err_set(err, ERR_USAGE, code, "%s", text);
}

/* SEND, REKEY, ASK and CLOSE need a TLS session that is up and idle. */
static int check_data_phase(const struct engine *engine, struct err *err)
{
    if (engine->may_send) {
        return 0;
    }
    if (!engine->has_stopped || engine->phase < TRACE_HANDSHAKE) {
        return refuse(err, "wrong_phase", "the handshake has not started: press Space");
    }
    if (engine->phase < TRACE_DATA) {
        return refuse(err, "wrong_phase", "the handshake is not finished: step on to data first");
    }
    if (engine->phase == TRACE_DATA && engine->stopped.queued) {
        return refuse(err, "wrong_phase", "data is queued already: step to send it first");
    }
    return refuse(err, "wrong_phase",
                  "the connection is being closed: nothing can be sent any more");
}

static int check_send(const struct engine *engine, const struct engine_command *command,
                      struct err *err)
{
    if (command->length == 0) {
        return refuse(err, "nothing_to_send", "there is nothing to send: the text is empty");
    }
    return check_data_phase(engine, err);
}

static int check_rekey(const struct engine *engine, struct err *err)
{
    if (check_data_phase(engine, err) != 0) {
        return -1;
    }
    if (!engine->is_tls13) {
        return refuse(err, "not_supported",
                      "only TLS 1.3 can change keys in a running session "
                      "(KeyUpdate); this one is older");
    }
    return 0;
}

int engine_command_check_locked(const struct engine *engine, const struct engine_command *command,
                                struct err *err)
{
    if (engine->state == ENGINE_OVER) {
        return refuse(err, "over", "the connection is over; it can be run again");
    }
    if (command->kind == ENGINE_ABORT) {
        return 0;
    }
    if (engine->state == ENGINE_RUNNING) {
        return refuse(err, "busy", "the last command is still under way; it can only be aborted");
    }
    switch (command->kind) {
    case ENGINE_SEND:
        return check_send(engine, command, err);
    case ENGINE_REKEY:
        return check_rekey(engine, err);
    case ENGINE_CLOSE:
        return check_data_phase(engine, err);
    case ENGINE_ACCEPT:
        return engine->may_accept
                   ? 0
                   : refuse(err, "nothing_refused",
                            "no certificate waits for it here: accept (A) counts at the "
                            "verdict, before the alert");
    case ENGINE_ASK:
        return engine->role == ENGINE_SERVER
                   ? check_data_phase(engine, err)
                   : refuse(err, "not_supported", "only a listening side asks for a certificate");
    case ENGINE_STEP:
    case ENGINE_FLIGHT:
    case ENGINE_PHASE:
    case ENGINE_CONTINUE:
    case ENGINE_UNTIL:
    case ENGINE_ABORT:
        break;
    }
    return 0;
}
