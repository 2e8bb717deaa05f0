#include "certificates.h"
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
    const struct trace_target looked_at = {
        .input = target->input,
        .host = lab ? "127.0.0.1" : target->host,
        .port = lab && stepper->lab != NULL ? lab_port(stepper->lab) : target->port,
        .sni = tls_options_sni(&stepper->options.tls, default_name(stepper)),
    };
    return trace_new(&looked_at, start_wall_ns);
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
    struct trace *trace = empty_trace(stepper, clock_wall_ns());
    if (trace == NULL)
        return err_memory(err, "starting a run");
    if (stepper->run_count == RUNS_KEPT)
        forget_oldest(stepper);
    stepper->runs[stepper->run_count++] = (struct run){.trace = trace, .follow = true};
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

/* "x.pcapng" for the first run, "x-2.pcapng" for the second: no run replaces another's file. */
static char *save_path(const struct stepper *stepper)
{
    const char *path = stepper->options.save;
    size_t number = stepper->runs_forgotten + stepper->run_count;
    if (number == 1)
        return text_duplicate(path, strlen(path));
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash != NULL ? slash : path, '.');
    if (dot == NULL)
        return text_format("%s-%zu", path, number);
    return text_format("%.*s-%zu%s", (int)(dot - path), path, number, dot);
}

/* What is secret shows only at the end: a redacted session is saved then. Takes the path. */
static int keep_redacted_path(const struct stepper *stepper, struct run *run, char *path,
                              struct err *err)
{
    if (!stepper->options.force && access(path, F_OK) == 0) {
        err_set(err, ERR_FILE, "exists", "%s is there already; --force replaces it", path);
        free(path);
        return -1;
    }
    run->redacted_path = path;
    return 0;
}

static int open_outputs(struct stepper *stepper, struct run *run, struct err *err)
{
    const char *keylog = stepper->options.keylog;

    if (keylog != NULL) {
        run->keylog = text_duplicate(keylog, strlen(keylog));
        if (run->keylog == NULL)
            return err_memory(err, "starting a run");
    }
    if (stepper->options.save == NULL) {
        return 0;
    }
    char *path = save_path(stepper);
    if (path == NULL) {
        return err_memory(err, "starting a run");
    }
    if (stepper->options.redact) {
        return keep_redacted_path(stepper, run, path, err);
    }
    run->writer = trace_writer_new(path, stepper->options.force, run->trace, err);
    free(path);
    return run->writer != NULL ? 0 : -1;
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
        .start_ns = start_ns,
    };
    struct buffer root = {0};
    struct buffer session = {.secret = true};
    if (lab_options_root(tls, stepper->lab, &root, err) == 0 &&
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
    struct trace *trace = status == 0 ? empty_trace(stepper, clock_wall_ns()) : NULL;
    if (status == 0 && trace == NULL)
        status = err_memory(err, "starting a run");
    if (status == 0) {
        trace_free(run->trace);
        run->trace = trace;
        status = start_engine(stepper, run, &tls, start_ns, err);
    }
    if (status == 0)
        status = open_outputs(stepper, run, err);
    tls_options_free(&tls);
    if (status != 0) {
        engine_free(run->engine);
        run->engine = NULL;
        return -1;
    }
    run->started = true;
    run->state = ENGINE_PAUSED;
    return 0;
}

/* ---- while it goes ---- */

static void note_trouble(struct stepper *stepper, const struct err *err)
{
    if (stepper->trouble.class == ERR_NONE)
        stepper->trouble = *err;
}

static void write_outputs(struct stepper *stepper, struct run *run)
{
    struct err err = {0};

    if (run->writer != NULL && trace_writer_update(run->writer, run->trace, &err) != 0) {
        note_trouble(stepper, &err);
        (void)trace_writer_close(run->writer, run->trace, NULL); /* the first failure is reported */
        run->writer = NULL;
    }
    if (run->keylog != NULL &&
        trace_keylog_append(run->trace, run->keylog, &run->keylog_from, &err) != 0) {
        note_trouble(stepper, &err);
        free(run->keylog);
        run->keylog = NULL;
    }
}

/* Takes what has come. Of a peer that sends without end only so much: the owner has other things to do, and
 * is woken again. */
static bool take_events(struct stepper *stepper, struct run *run)
{
    struct trace_event event;
    struct err err = {0};
    size_t taken = 0;

    for (; taken < TAKEN_AT_ONCE && engine_take(run->engine, &event); taken++) {
        if (event.kind == TRACE_STOP)
            run->stops++;
        if (trace_append(run->trace, &event, &err) != 0)
            note_trouble(stepper, &err);
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
    if (run->stops >= run->replay || engine_command(run->engine, &step, &err) != 0) {
        run->replay = 0;
        if (err.class != ERR_NONE)
            note_trouble(stepper, &err);
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
    stop = trace_stop_at(run->trace, trace_event_count(run->trace));
    if (stop.at_stop && strcmp(stop.at, "verify") == 0)
        return;
    if (engine_command(run->engine, &step, &err) == 0)
        run->state = ENGINE_RUNNING;
    else
        note_trouble(stepper, &err);
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
        note_trouble(stepper, &err);
    } else if (trace_append(run->trace, &note, &err) != 0) {
        note_trouble(stepper, &err);
    }
    run_end(stepper, run);
}

bool run_pump(struct stepper *stepper, struct run *run)
{
    if (run->engine == NULL)
        return false;
    /* In this order: taking is what clears the wake-up, and the state is never ahead of the events
     * that led to it. */
    bool changed = take_events(stepper, run);
    enum engine_state state = engine_state(run->engine);
    changed = changed || state != run->state;
    run->state = state;
    if (!changed)
        return false;
    if (run->follow)
        run->cursor = trace_event_count(run->trace);
    if (state == ENGINE_OVER) {
        run->replay = 0;
        run_end(stepper, run);
    } else if (trace_event_count(run->trace) > stepper->events_max) {
        end_endless(stepper, run);
    } else {
        write_outputs(stepper, run);
        replay_on(stepper, run);
        step_again(stepper, run);
    }
    return true;
}

/* Ends the connection and takes what it has to say of that, so that nothing which happened is missing
 * in the log; a thread that cannot be interrupted is not waited for. */
static void abort_engine(struct stepper *stepper, struct run *run)
{
    const struct engine_command abort = {.kind = ENGINE_ABORT};
    int64_t until_ns = clock_monotonic_ns() + ABORT_PATIENCE_MS * (int64_t)1000000;

    (void)take_events(stepper, run); /* whether there was something new does not matter any more */
    if (engine_command(run->engine, &abort, NULL) != 0)
        return; /* it is over by itself */
    while (engine_state(run->engine) != ENGINE_OVER && clock_monotonic_ns() < until_ns) {
        struct pollfd wake = {.fd = engine_wake_fd(run->engine), .events = POLLIN};
        (void)poll(&wake, 1, ABORT_PATIENCE_MS); /* the loop looks again, whatever it says */
        (void)take_events(stepper, run);
    }
}

void run_end(struct stepper *stepper, struct run *run)
{
    struct err err = {0};

    if (run->engine != NULL && run->state != ENGINE_OVER)
        abort_engine(stepper, run);
    if (resumption_take(stepper, run, &err) != 0)
        note_trouble(stepper, &err);
    engine_free(run->engine);
    run->engine = NULL;
    run->state = ENGINE_OVER;
    run->over = true;
    run->replay = 0;
    trace_finish(run->trace);
    write_outputs(stepper, run);
    if (run->writer != NULL && trace_writer_close(run->writer, run->trace, &err) != 0)
        note_trouble(stepper, &err);
    run->writer = NULL;
    if (run->redacted_path != NULL &&
        trace_save_redacted(run->trace, run->redacted_path, stepper->options.force, &err) != 0) {
        note_trouble(stepper, &err);
    }
    free(run->redacted_path);
    run->redacted_path = NULL;
    if (run->follow)
        run->cursor = trace_event_count(run->trace);
}

void run_clear(struct run *run)
{
    engine_free(run->engine);
    trace_free(run->trace);
    free(run->keylog);
    free(run->redacted_path);
    free(run->resumption_key);
    *run = (struct run){0};
}

/* ---- the cursor ---- */

static size_t last_moment(const struct run *run)
{
    return trace_moment_before(run->trace, trace_event_count(run->trace) + 1);
}

void run_set_cursor(struct run *run, size_t cursor)
{
    run->follow = cursor >= last_moment(run);
    run->cursor = run->follow ? trace_event_count(run->trace) : cursor;
}

struct trace_stop run_stop(const struct run *run)
{
    struct trace_stop stop = report_stop_at(run->trace, run->cursor);

    if (run->sought > 0 && run->sought_at == run->cursor) {
        const struct trace_row *row = trace_row_at(run->trace, run->sought - 1);
        stop.n = row->n;
        stop.at = row->type;
        stop.from = row->from;
    }
    return stop;
}

size_t run_moment(const struct run *run)
{
    return trace_moment_before(run->trace, run->cursor + 1);
}

size_t run_stops_passed(const struct run *run)
{
    size_t stops = 0;
    for (size_t i = 0; i < run->cursor && i < trace_event_count(run->trace); i++)
        stops += trace_event_at(run->trace, i)->kind == TRACE_STOP;
    return stops;
}
