/*
 * Which side moves, and where a command ends.
 *
 * A side that is paused at a stop is passed on, or held while it is not its turn: the real server's while the client has
 * not said who it wants, and when its handshake is done until the client's is, too. The client's worker waits at the
 * gate meanwhile. In data both go on at once; each step shows the stop that came first.
 */
#include <string.h>

#include "proxy.h"

static struct lab_half *client_of(struct lab_proxy *proxy)
{
    return &proxy->halves[LAB_PROXY_CLIENT];
}

static struct lab_half *server_of(struct lab_proxy *proxy)
{
    return &proxy->halves[LAB_PROXY_SERVER];
}

static bool is_at(const struct lab_half *half, const char *at)
{
    return half->stop_number > 0 && !half->stop.has_from && strcmp(half->stop.at, at) == 0;
}

/* ---- moving a side ---------------------------------------------------------------------------- */

static bool has_to_wait(struct lab_proxy *proxy, const struct lab_half *half)
{
    if (half->side == LAB_PROXY_CLIENT || client_of(proxy)->motion == LAB_OVER) {
        return false;
    }
    if (is_at(half, "connect")) {
        return !proxy->named;
    }
    return is_at(half, "data") && !client_of(proxy)->established;
}

/* Where no breakpoint may end the command on the other side, nothing needs to pause; but a name that is not known yet
 * has to be waited for. */
static enum engine_command_kind next_kind(const struct lab_proxy *proxy,
                                          const struct lab_half *half)
{
    bool waits = half->side == LAB_PROXY_SERVER && !proxy->named;
    bool freely = proxy->command.kind == ENGINE_CONTINUE && proxy->breakpoint_count == 0;

    return freely && !waits ? ENGINE_CONTINUE : ENGINE_STEP;
}

static void move(struct lab_proxy *proxy, struct lab_half *half)
{
    struct engine_command command = {.kind = next_kind(proxy, half)};

    /* Nobody is left that its server could be for. */
    if (half->side == LAB_PROXY_SERVER && is_at(half, "connect") && !proxy->named) {
        command.kind = ENGINE_ABORT;
    }
    half->given = command.kind;
    half->motion = LAB_GOING;
    if (engine_command(half->engine, &command, &half->failure) != 0) {
        const struct engine_command abort = {.kind = ENGINE_ABORT};
        (void)engine_command(half->engine, &abort, NULL); /* refused: it is over */
    }
}

static bool move_if_possible(struct lab_proxy *proxy, struct lab_half *half)
{
    bool waiting = half->motion == LAB_HELD || half->motion == LAB_FRESH ||
                   (half->motion == LAB_STOPPED && !half->stop_is_new);

    if (half->engine == NULL || !waiting) {
        return false;
    }
    if (has_to_wait(proxy, half)) {
        half->motion = LAB_HELD;
        return false;
    }
    move(proxy, half);
    return true;
}

/* ---- the gate --------------------------------------------------------------------------------- */

static void refuse_client(struct lab_proxy *proxy)
{
    const struct err *failure = &server_of(proxy)->failure;
    struct err why = {0};

    (void)err_set(&why, ERR_TLS, "server_failed", "there is no connection to the real server: %s",
                  failure->class != ERR_NONE ? failure->text : "it has ended");
    lab_gate_answer(proxy, LAB_GATE_NO, &why);
}

static bool has_server(struct lab_proxy *proxy, const char *host, uint16_t port, const char *name)
{
    struct err err = {0};

    if (server_of(proxy)->engine != NULL ||
        lab_proxy_add_server(proxy, host, port, name, &err) == 0) {
        return true;
    }
    lab_gate_answer(proxy, LAB_GATE_NO, &err);
    return false;
}

/* The client has asked for a host: its answer comes when that is connected. */
static bool attend_connect(struct lab_proxy *proxy, const struct lab_gate *asked)
{
    const char *host = proxy->host != NULL ? proxy->host : asked->host;
    uint16_t port = proxy->host != NULL ? proxy->port : asked->port;

    if (server_of(proxy)->engine == NULL) {
        return has_server(proxy, host, port, NULL) && move_if_possible(proxy, server_of(proxy));
    }
    if (server_of(proxy)->connected) {
        lab_gate_answer(proxy, LAB_GATE_YES, NULL);
    } else if (server_of(proxy)->motion == LAB_OVER) {
        refuse_client(proxy);
    }
    return false;
}

/* The target by the client's ClientHello alone. */
static bool attend_hello(struct lab_proxy *proxy, const struct lab_gate *asked)
{
    const char *host = proxy->host != NULL ? proxy->host : asked->name;
    uint16_t port = proxy->port != 0 ? proxy->port : 443;
    struct err err = {0};

    if (host[0] == '\0') {
        (void)err_set(&err, ERR_USAGE, "no_target",
                      "the client says neither by CONNECT nor by a server name whom it wants");
        lab_gate_answer(proxy, LAB_GATE_NO, &err);
        return false;
    }
    proxy->named = true;
    return has_server(proxy, host, port, asked->name) && move_if_possible(proxy, server_of(proxy));
}

/* The connection is there already, and waits for the name. */
static void settle_name(struct lab_proxy *proxy, const struct lab_gate *asked)
{
    if (!proxy->named && asked->name[0] != '\0' && proxy->options.sni == NULL) {
        (void)engine_set_name(server_of(proxy)->engine, asked->name,
                              NULL); /* else the host's name is sent */
    }
    proxy->named = true;
}

static bool attend_identify(struct lab_proxy *proxy, const struct lab_gate *asked)
{
    struct lab_half *server = server_of(proxy);

    if (server->engine == NULL) {
        return attend_hello(proxy, asked);
    }
    if (server->motion == LAB_HELD || server->motion == LAB_STOPPED) {
        settle_name(proxy, asked);
    }
    if (server->established) {
        lab_gate_answer(proxy, LAB_GATE_YES, NULL);
    } else if (server->motion == LAB_OVER) {
        refuse_client(proxy);
    }
    return false;
}

static bool attend_gate(struct lab_proxy *proxy)
{
    struct lab_gate asked;

    switch (lab_gate_asked(proxy, &asked)) {
    case LAB_GATE_CONNECT:
        return attend_connect(proxy, &asked);
    case LAB_GATE_IDENTIFY:
        return attend_identify(proxy, &asked);
    case LAB_GATE_NONE:
        break;
    }
    return false;
}

/* ---- where a command ends --------------------------------------------------------------------- */

static bool fits(const struct engine_match *match, const struct lab_stop *stop)
{
    return text_equal_nocase(match->at, stop->at) &&
           (match->any_side || (stop->has_from && match->from == stop->from));
}

static bool is_breakpoint(const struct lab_proxy *proxy, const struct lab_stop *stop)
{
    for (size_t i = 0; i < proxy->breakpoint_count; i++) {
        if (fits(&proxy->breakpoints[i], stop)) {
            return true;
        }
    }
    return false;
}

static bool same_phase(const struct lab_stop *a, const struct lab_stop *b)
{
    return a->side == b->side && a->phase == b->phase;
}

static bool same_flight(const struct lab_stop *a, const struct lab_stop *b)
{
    return same_phase(a, b) && a->has_from == b->has_from && a->from == b->from;
}

static bool ends_here(struct lab_proxy *proxy, const struct lab_stop *stop)
{
    bool first = !proxy->has_passed;

    if (is_breakpoint(proxy, stop)) {
        return true;
    }
    switch (proxy->command.kind) {
    case ENGINE_FLIGHT:
        proxy->passed = first ? *stop : proxy->passed;
        proxy->has_passed = true;
        return !first && !same_flight(&proxy->passed, stop);
    case ENGINE_PHASE:
        return first || !same_phase(&proxy->passed, stop);
    case ENGINE_UNTIL:
        return fits(&proxy->command.match, stop);
    case ENGINE_CONTINUE:
    case ENGINE_ABORT:
        return false;
    default:
        return true;
    }
}

/* The oldest stop that has not been judged, of a side that has come to rest. */
static struct lab_half *oldest_new(struct lab_proxy *proxy)
{
    struct lab_half *oldest = NULL;

    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        struct lab_half *half = &proxy->halves[side];
        bool rests = half->motion == LAB_STOPPED || half->motion == LAB_OVER;

        if (half->stop_is_new && rests &&
            (oldest == NULL || half->stop_number < oldest->stop_number)) {
            oldest = half;
        }
    }
    return oldest;
}

/* ---- all -------------------------------------------------------------------------------------- */

static bool is_over(const struct lab_proxy *proxy)
{
    const struct lab_half *server = &proxy->halves[LAB_PROXY_SERVER];

    return proxy->halves[LAB_PROXY_CLIENT].motion == LAB_OVER &&
           (server->engine == NULL || server->motion == LAB_OVER);
}

/* For the next proxy to the same server. */
static void keep_session(struct lab_proxy *proxy)
{
    struct buffer session = {.secret = true};

    if (proxy->session[0] != '\0' && server_of(proxy)->established &&
        engine_resumption(server_of(proxy)->engine, &session)) {
        lab_imitations_keep_session(proxy->imitations, proxy->session, &session);
    }
    buffer_wipe_free(&session);
}

static void look(struct lab_proxy *proxy, struct lab_half *half)
{
    if (half->engine == NULL) {
        return;
    }
    switch (engine_state(half->engine)) {
    case ENGINE_OVER:
        half->motion = LAB_OVER;
        break;
    case ENGINE_PAUSED:
        half->motion = half->motion == LAB_GOING ? LAB_STOPPED : half->motion;
        break;
    case ENGINE_RUNNING:
        break;
    }
    if (half->motion == LAB_OVER && !half->buried) {
        half->buried = true;
        if (half->side == LAB_PROXY_SERVER) {
            keep_session(proxy);
        }
        lab_gate_bury(proxy, half->side);
    }
}

/* One thing after the other, the older stop first. */
bool lab_proxy_advance(struct lab_proxy *proxy)
{
    struct lab_half *newest;
    bool moved = false;

    look(proxy, client_of(proxy));
    look(proxy, server_of(proxy));
    if (is_over(proxy)) {
        proxy->running = false;
    }
    if (!proxy->running) {
        return false;
    }
    if (attend_gate(proxy)) {
        return true;
    }
    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        moved = move_if_possible(proxy, &proxy->halves[side]) || moved;
    }
    newest = oldest_new(proxy);
    if (newest == NULL) {
        return moved;
    }
    newest->stop_is_new = false;
    proxy->running = !ends_here(proxy, &newest->stop);
    return proxy->running;
}

/* ---- commands --------------------------------------------------------------------------------- */

static int command_half(struct lab_proxy *proxy, enum lab_proxy_side side,
                        const struct engine_command *command, struct err *err)
{
    struct lab_half *half = &proxy->halves[side];

    if (half->engine == NULL) {
        return err_set(err, ERR_USAGE, "wrong_phase", "there is no connection to the server yet");
    }
    if (engine_command(half->engine, command, err) != 0) {
        return -1;
    }
    half->given = command->kind;
    half->motion = half->motion == LAB_OVER ? LAB_OVER : LAB_GOING;
    half->stop_is_new = false;
    return 0;
}

static int abort_both(struct lab_proxy *proxy, const struct engine_command *abort, struct err *err)
{
    int status = command_half(proxy, LAB_PROXY_CLIENT, abort, err);

    if (server_of(proxy)->engine != NULL) {
        int other = command_half(proxy, LAB_PROXY_SERVER, abort, status != 0 ? err : NULL);
        status = status == 0 || other == 0 ? 0 : -1;
    }
    return status;
}

static int carry_out(struct lab_proxy *proxy, enum lab_proxy_side side,
                     const struct engine_command *command, struct err *err)
{
    switch (command->kind) {
    case ENGINE_ACCEPT:
        return err_set(err, ERR_USAGE, "not_supported",
                       "a proxy does not hide from its client that the real server was refused");
    case ENGINE_ABORT:
        return abort_both(proxy, command, err);
    case ENGINE_REKEY:
    case ENGINE_CLOSE:
    case ENGINE_ASK:
        return command_half(proxy, side, command, err);
    case ENGINE_SEND:
        if (!proxy->halves[side].established) {
            return err_set(err, ERR_USAGE, "wrong_phase",
                           "the handshake is not finished: step on to data first");
        }
        if (command->length == 0) {
            return err_set(err, ERR_USAGE, "nothing_to_send",
                           "there is nothing to send: the text is empty");
        }
        return lab_gate_send(proxy, side, command->data, command->length, err);
    default:
        return 0;
    }
}

/* The stop that is being looked at: the latest that was judged. */
static const struct lab_stop *current_stop(const struct lab_proxy *proxy)
{
    const struct lab_half *latest = NULL;

    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        const struct lab_half *half = &proxy->halves[side];
        if (half->stop_number > 0 && !half->stop_is_new &&
            (latest == NULL || half->stop_number > latest->stop_number)) {
            latest = half;
        }
    }
    return latest != NULL ? &latest->stop : NULL;
}

int lab_proxy_command(struct lab_proxy *proxy, enum lab_proxy_side side,
                      const struct engine_command *command, struct err *err)
{
    const struct lab_stop *current = current_stop(proxy);

    if (is_over(proxy)) {
        return err_set(err, ERR_USAGE, "over", "both connections are over");
    }
    if (proxy->running && command->kind != ENGINE_ABORT) {
        return err_set(err, ERR_USAGE, "busy",
                       "the last command is still under way; it can only be aborted");
    }
    if (carry_out(proxy, side, command, err) != 0) {
        return -1;
    }
    proxy->command = (struct engine_command){.kind = command->kind, .match = command->match};
    proxy->has_passed = command->kind == ENGINE_PHASE && current != NULL;
    if (proxy->has_passed) {
        proxy->passed = *current;
    }
    proxy->running = true;
    lab_proxy_wake(proxy); /* it may end at once, at a stop that was passed meanwhile */
    return 0;
}

enum lab_proxy_side lab_proxy_turn(const struct lab_proxy *proxy)
{
    const struct lab_half *client = &proxy->halves[LAB_PROXY_CLIENT];
    const struct lab_half *server = &proxy->halves[LAB_PROXY_SERVER];

    if (server->engine == NULL || server->motion == LAB_OVER) {
        return LAB_PROXY_CLIENT;
    }
    if (client->motion == LAB_OVER) {
        return LAB_PROXY_SERVER;
    }
    if (server->motion == LAB_STOPPED && client->motion == LAB_STOPPED) {
        return server->stop_number < client->stop_number ? LAB_PROXY_SERVER : LAB_PROXY_CLIENT;
    }
    return client->motion == LAB_GOING && server->motion != LAB_HELD ? LAB_PROXY_SERVER
                                                                     : LAB_PROXY_CLIENT;
}

enum engine_state lab_proxy_state(struct lab_proxy *proxy)
{
    bool untaken = false;

    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        untaken = untaken || proxy->halves[side].has_event || proxy->halves[side].has_note;
    }
    if (proxy->running || untaken) {
        return ENGINE_RUNNING;
    }
    return is_over(proxy) ? ENGINE_OVER : ENGINE_PAUSED;
}
