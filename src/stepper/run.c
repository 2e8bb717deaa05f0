#include "certificates.h"
#include "listen.h"
#include "resumption.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a run that is ended may take to say so. */
#define ABORT_PATIENCE_MS 40
/* More events than the engine's queue holds. */
#define TAKEN_AT_ONCE 4096

struct run *run_newest(struct stepper *stepper)
{
    return &stepper->runs[stepper->run_count - 1];
}

struct run *run_in_view(const struct stepper *stepper)
{
    return (struct run *)&stepper->runs[stepper->view];
}

/* ---- what is looked at ---- */

static const struct lab_scenario *scenario_of(const struct stepper *stepper)
{
    return stepper->target.kind == STEPPER_LAB ? lab_scenario_find(stepper->target.host) : NULL;
}

/* The name that the ClientHello will carry when the options say nothing else. */
static const char *default_name(const struct stepper *stepper)
{
    const struct lab_scenario *scenario = scenario_of(stepper);
    return scenario != NULL ? scenario->hostname : stepper->target.host;
}

static uint16_t lab_port(const struct lab_server *lab)
{
    return (uint16_t)strtoul(strrchr(lab_address(lab)->text, ':') + 1, NULL, 10);
}

static struct trace *empty_trace(const struct stepper *stepper, int64_t start_wall_ns)
{
    const struct stepper_target *target = &stepper->target;
    bool lab = target->kind == STEPPER_LAB;
    bool listens = target->kind == STEPPER_LISTEN;
    const struct trace_target looked_at = {
        .input = target->input,
        .host = lab ? "127.0.0.1" : target->host,
        .port = lab && stepper->lab != NULL ? lab_port(stepper->lab) : target->port,
        .sni = listens ? NULL : tls_options_sni(&stepper->options.tls, default_name(stepper)),
        .local = listens ? WIRE_SERVER : WIRE_CLIENT,
    };
    return trace_new(&looked_at, start_wall_ns);
}

/* In place of those that the run has. 0, or -1: out of memory. */
static int make_traces(const struct stepper *stepper, struct run *run, int64_t start_wall_ns)
{
    bool two = stepper->target.kind == STEPPER_PROXY;
    struct run_pair *pair = two ? front_pair(stepper, start_wall_ns) : NULL;
    struct trace *trace = two ? NULL : empty_trace(stepper, start_wall_ns);

    if (pair == NULL && trace == NULL)
        return -1;
    if (run->pair != NULL)
        pair_free(run->pair);
    else
        trace_free(run->trace);
    run->pair = pair;
    run->trace = pair != NULL ? pair->traces[pair->side] : trace;
    return 0;
}

static void forget_oldest(struct stepper *stepper)
{
    run_clear(&stepper->runs[0]);
    memmove(&stepper->runs[0], &stepper->runs[1], (RUNS_KEPT - 1) * sizeof stepper->runs[0]);
    stepper->run_count--;
    stepper->runs_forgotten++;
}

int run_add(struct stepper *stepper, struct err *err)
{
    struct run run = {.follow = true};
    if (make_traces(stepper, &run, clock_wall_ns()) != 0)
        return err_memory(err, "starting a run");
    if (stepper->run_count == RUNS_KEPT)
        forget_oldest(stepper);
    stepper->runs[stepper->run_count++] = run;
    stepper->view = stepper->run_count - 1;
    return 0;
}

/* ---- starting ---- */

/* A lab target is an address with a name of its own, trusted through the lab's root. */
static int lab_options(struct stepper *stepper, struct tls_options *tls, struct err *err)
{
    if (stepper->lab == NULL) {
        stepper->lab = lab_start(stepper->target.host, 0, err);
        if (stepper->lab == NULL)
            return -1;
    }
    if (tls->sni == NULL) {
        const char *name = default_name(stepper);
        tls->sni = text_duplicate(name, strlen(name));
        if (tls->sni == NULL)
            return err_memory(err, "starting the lab server");
    }
    if (tls->trust == TLS_TRUST_DEFAULT && tls->ca_file == NULL && tls->ca_dir == NULL)
        tls->trust = TLS_TRUST_LAB;
    return 0;
}

const char *run_starttls(const struct stepper *stepper)
{
    const struct lab_scenario *scenario = scenario_of(stepper);

    if (stepper->options.tls.starttls != NULL)
        return stepper->options.tls.starttls;
    if (stepper->target.starttls != NULL)
        return stepper->target.starttls->name;
    return scenario != NULL ? scenario->starttls : NULL;
}

static int set_starttls(const struct stepper *stepper, struct tls_options *tls, struct err *err)
{
    const char *name = run_starttls(stepper);

    if (tls->starttls != NULL || name == NULL)
        return 0;
    tls->starttls = text_duplicate(name, strlen(name));
    return tls->starttls != NULL ? 0 : err_memory(err, "starting a run");
}

/* With --resume: what there is to resume, appended to `out`. */
static int find_session(struct stepper *stepper, struct run *run, const struct tls_options *tls,
                        struct buffer *out, struct err *err)
{
    free(run->resumption_key);
    run->resumes = tls->resume;
    if (resumption_key(stepper, tls, &run->resumption_key, err) != 0) {
        return -1;
    }
    return tls->resume ? resumption_find(stepper, run->resumption_key, out, err) : 0;
}

/* What is wrong with --cert and --key is told before a server is asked for anything. */
static int check_identity(const struct tls_options *tls, struct err *err)
{
    struct tls_identity *identity;

    if (tls->cert == NULL) {
        return 0;
    }
    identity = tls_identity_load(tls->cert, tls->key, err);
    tls_identity_release(identity);
    return identity != NULL ? 0 : -1;
}

static int start_engine(struct stepper *stepper, struct run *run, const struct tls_options *tls,
                        int64_t start_ns, struct err *err)
{
    const struct net_address *lab = stepper->lab != NULL ? lab_address(stepper->lab) : NULL;
    struct engine_config config = {
        .options = tls,
        .host = lab != NULL ? "127.0.0.1" : stepper->target.host,
        .port = lab != NULL ? lab_port(stepper->lab) : stepper->target.port,
        .linger_ms =
            stepper->options.linger != NULL ? strtol(stepper->options.linger, NULL, 10) : 200,
        .brief = stepper->options.brief,
        .capture = stepper->options.capture ? stepper->packets : NULL,
        .start_ns = start_ns,
    };
    struct buffer root = {0};
    struct buffer session = {.secret = true};
    if (check_identity(tls, err) == 0 && lab_options_root(tls, stepper->lab, &root, err) == 0 &&
        find_session(stepper, run, tls, &session, err) == 0) {
        config.lab_root = root.data;
        config.lab_root_length = root.length;
        config.resumption = session.data;
        config.resumption_length = session.length;
        run->engine = engine_new(&config, err);
    }
    buffer_free(&root);
    buffer_wipe_free(&session);
    if (run->engine == NULL)
        return -1;
    return engine_set_breakpoints(run->engine, stepper->breakpoints, stepper->breakpoint_count,
                                  err);
}

static int start_source(struct stepper *stepper, struct run *run, const struct tls_options *tls,
                        int64_t start_ns, struct err *err)
{
    switch (stepper->target.kind) {
    case STEPPER_PROXY:
        return front_start(stepper, run, start_ns, err);
    case STEPPER_LISTEN:
        return listen_start(stepper, run, tls, start_ns, err);
    default:
        return start_engine(stepper, run, tls, start_ns, err);
    }
}

/* What was asked for and cannot be had is told in the log; everything else goes on. */
static int note_capture(const struct stepper *stepper, struct run *run, struct err *err)
{
    bool client = stepper->target.kind == STEPPER_HOST || stepper->target.kind == STEPPER_LAB;
    struct trace_event note = {.kind = TRACE_NOTE};

    if (!stepper->options.capture || (client && stepper->packets != NULL) || run->pair != NULL)
        return 0;
    note.code = text_format("no_capture");
    note.text = text_format("%s", client ? "no packets are captured: that begins with the program, "
                                           "started with --capture and the permission for it"
                                         : "packets are captured of connections to a server only");
    if (note.code == NULL || note.text == NULL) {
        trace_event_clear(&note);
        return err_memory(err, "starting a run");
    }
    return trace_append(run->trace, &note, err);
}

int run_start(struct stepper *stepper, struct run *run, struct err *err)
{
    struct tls_options tls;

    if (tls_options_copy(&tls, &stepper->options.tls, err) != 0)
        return -1;
    judge_end(stepper);
    int status = 0;
    if (stepper->target.kind == STEPPER_LAB)
        status = lab_options(stepper, &tls, err);
    if (status == 0)
        status = set_starttls(stepper, &tls, err);
    if (status == 0)
        status = tls_options_check(&tls, err);

    int64_t start_ns = clock_monotonic_ns();
    if (status == 0 && make_traces(stepper, run, clock_wall_ns()) != 0)
        status = err_memory(err, "starting a run");
    if (status == 0)
        status = start_source(stepper, run, &tls, start_ns, err);
    if (status == 0)
        status = note_capture(stepper, run, err);
    if (status == 0)
        status = run_open_outputs(stepper, run, err);
    tls_options_free(&tls);
    if (status != 0) {
        run_source_free(run);
        return -1;
    }
    run->started = true;
    run->state = ENGINE_PAUSED;
    return 0;
}

/* ---- while it goes ---- */

/* Takes what has come. Of a peer that sends without end only so much: the owner has other things to do, and
 * is woken again. */
static bool take_events(struct stepper *stepper, struct run *run)
{
    struct err err = {0};
    bool is_stop = false;
    size_t taken = 0;

    for (; taken < TAKEN_AT_ONCE && run_source_take(stepper, run, &is_stop, &err); taken++) {
        run->stops += is_stop ? 1 : 0;
        if (err.class != ERR_NONE)
            run_note_trouble(stepper, &err);
        err = (struct err){0};
    }
    return taken > 0;
}

/* A restart up to a step: one step after the other until as many stops have passed. */
static void replay_on(struct stepper *stepper, struct run *run)
{
    const struct engine_command step = {.kind = ENGINE_STEP};
    struct err err = {0};

    if (run->replay == 0 || run->state != ENGINE_PAUSED)
        return;
    if (run->stops >= run->replay || run_source_command(run, &step, &err) != 0) {
        run->replay = 0;
        if (err.class != ERR_NONE)
            run_note_trouble(stepper, &err);
        return;
    }
    run->state = ENGINE_RUNNING;
}

/* A second key press while a step was under way is not lost, but for one that would pass a verdict
 * which nobody has seen. */
static void step_again(struct stepper *stepper, struct run *run)
{
    const struct engine_command step = {.kind = ENGINE_STEP};
    struct trace_stop stop;
    struct err err = {0};

    if (!run->again || run->state != ENGINE_PAUSED)
        return;
    run->again = false;
    stop = run_stop_at(run, run_end_position(run));
    if (stop.at_stop && strcmp(stop.at, "verify") == 0)
        return;
    if (run_source_command(run, &step, &err) == 0)
        run->state = ENGINE_RUNNING;
    else
        run_note_trouble(stepper, &err);
}

/* Says in the log why the connection is ended. */
static void end_endless(struct stepper *stepper, struct run *run)
{
    struct err err = {0};
    size_t count = trace_event_count(run->trace);
    struct trace_event note = {
        .kind = TRACE_NOTE,
        .time_ns = trace_event_at(run->trace, count - 1)->time_ns,
        .text = text_format("the connection went on and on: ended after %zu events", count),
        .code = text_duplicate("endless", strlen("endless")),
    };

    if (note.text == NULL || note.code == NULL) {
        trace_event_clear(&note);
        err_memory(&err, "ending the connection");
        run_note_trouble(stepper, &err);
    } else if (trace_append(run->trace, &note, &err) != 0) {
        run_note_trouble(stepper, &err);
    }
    run_end(stepper, run);
}

bool run_pump(struct stepper *stepper, struct run *run)
{
    if (!run_has_source(run))
        return false;
    /* In this order: taking is what clears the wake-up, and the state is never ahead of the events
     * that led to it. */
    bool changed = take_events(stepper, run);
    enum engine_state state = run_source_state(run);
    changed = changed || state != run->state;
    run->state = state;
    if (!changed)
        return false;
    if (run->follow)
        run_follow(run);
    if (state == ENGINE_OVER) {
        run->replay = 0;
        run_end(stepper, run);
    } else if (run_end_position(run) > stepper->events_max) {
        end_endless(stepper, run);
    } else {
        run_write_outputs(stepper, run);
        replay_on(stepper, run);
        step_again(stepper, run);
    }
    return true;
}

/* Ends the connection and takes what it has to say of that, so that nothing which happened is missing
 * in the log; a thread that cannot be interrupted is not waited for. */
static void abort_source(struct stepper *stepper, struct run *run)
{
    const struct engine_command abort = {.kind = ENGINE_ABORT};
    int64_t until_ns = clock_monotonic_ns() + ABORT_PATIENCE_MS * (int64_t)1000000;

    (void)take_events(stepper, run); /* whether there was something new does not matter any more */
    if (run_source_command(run, &abort, NULL) != 0)
        return; /* it is over by itself */
    while (run_source_state(run) != ENGINE_OVER && clock_monotonic_ns() < until_ns) {
        struct pollfd wake = {.fd = run_source_fd(run), .events = POLLIN};
        (void)poll(&wake, 1, ABORT_PATIENCE_MS); /* the loop looks again, whatever it says */
        (void)take_events(stepper, run);
    }
}

void run_end(struct stepper *stepper, struct run *run)
{
    struct err err = {0};

    if (run_has_source(run) && run->state != ENGINE_OVER)
        abort_source(stepper, run);
    if (run->engine != NULL && resumption_take(stepper, run, &err) != 0)
        run_note_trouble(stepper, &err);
    run_source_free(run);
    run->state = ENGINE_OVER;
    run->over = true;
    run->replay = 0;
    trace_finish(run->trace);
    for (int side = 0; run->pair != NULL && side < LAB_PROXY_SIDES; side++)
        trace_finish(run->pair->traces[side]);
    run_close_outputs(stepper, run);
    if (run->follow)
        run_follow(run);
}

void run_clear(struct run *run)
{
    run_source_free(run);
    run_free_outputs(run);
    if (run->pair != NULL)
        pair_free(run->pair);
    else
        trace_free(run->trace);
    free(run->resumption_key);
    *run = (struct run){0};
}
