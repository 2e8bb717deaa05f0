#include "capture.h"

#include "certificates.h"

#include <stdlib.h>
#include <string.h>

/* Between two looks at the keyboard. */
#define SLICE_NS 10000000

/* ---- keys ------------------------------------------------------------------------------------- */

static int add_keylog(void *keys, const char *line, struct err *err)
{
    return trace_keys_add_keylog(keys, line, err);
}

static int add_server_key(void *keys, const char *line, struct err *err)
{
    return trace_keys_add_server_key(keys, line, err);
}

static int add_psk(void *keys, const char *line, struct err *err)
{
    return trace_keys_add_psk(keys, line, err);
}

struct trace_keys *stepper_keys(const struct stepper_options *options, struct err *err)
{
    struct trace_keys *keys = trace_keys_new();

    if (keys == NULL) {
        err_memory(err, "reading keys");
        return NULL;
    }
    if (text_each_line(options->keylog, "reading keys", add_keylog, keys, err) != 0 ||
        text_each_line(options->server_key, "reading keys", add_server_key, keys, err) != 0 ||
        text_each_line(options->psk, "reading keys", add_psk, keys, err) != 0) {
        trace_keys_free(keys);
        return NULL;
    }
    return keys;
}

/* ---- opening ------------------------------------------------------------------------------------ */

/* The only run of a file: its trace from the beginning. Takes the trace. */
static void show(struct stepper *stepper, struct trace *trace)
{
    if (stepper->run_count > 0) {
        run_clear(&stepper->runs[0]);
    }
    stepper->runs[0] =
        (struct run){.trace = trace, .started = true, .over = true, .state = ENGINE_OVER};
    stepper->run_count = 1;
    stepper->view = 0;
    run_set_cursor(&stepper->runs[0], 0);
}

int capture_show_list(struct stepper *stepper, struct err *err)
{
    const struct trace_target nothing = {.input = stepper->target.input,
                                         .host = stepper->target.host,
                                         .source = stepper->target.host};
    struct trace *trace = trace_new(&nothing, 0);

    if (trace == NULL) {
        return err_memory(err, "showing the conversations");
    }
    if (stepper->conversation >= 0) {
        stepper->left = stepper->conversation;
        stepper->left_cursor = stepper->runs[0].cursor;
    }
    comparison_end(stepper);
    judge_end(stepper);
    show(stepper, trace);
    stepper->conversation = -1;
    return 0;
}

static bool has_keys(const struct stepper_options *options)
{
    return options->keylog != NULL || options->server_key != NULL || options->psk != NULL;
}

bool stepper_opens_session(const char *path, const struct stepper_options *options)
{
    return !has_keys(options) && options->stream == NULL &&
           (options->session || trace_is_session(path));
}

int capture_open_target(struct stepper *stepper, struct err *err)
{
    const char *path = stepper->target.host;

    stepper->conversation = -1;
    if (stepper_finds_certificates(path)) {
        return capture_show_list(stepper, err) != 0 ? -1 : certificates_open_target(stepper, err);
    }
    if (stepper_opens_session(path, &stepper->options)) {
        struct trace *trace = trace_open(path, err);
        if (trace == NULL) {
            return -1;
        }
        show(stepper, trace);
        return 0;
    }
    struct trace_keys *keys = stepper_keys(&stepper->options, err);
    if (keys == NULL) {
        return -1;
    }
    stepper->capture = trace_capture_open(path, keys, err);
    if (stepper->capture == NULL) {
        return -1;
    }
    stepper->reading = true;
    return capture_show_list(stepper, err);
}

void capture_end(struct stepper *stepper)
{
    comparison_end(stepper);
    trace_capture_close(stepper->capture);
    stepper->capture = NULL;
}

/* ---- conversations ------------------------------------------------------------------------------- */

static const struct trace_conversation *find(const struct stepper *stepper, uint32_t stream)
{
    for (size_t i = 0; i < trace_capture_count(stepper->capture); i++) {
        const struct trace_conversation *here = trace_capture_at(stepper->capture, i);
        if (here->stream == stream) {
            return here;
        }
    }
    return NULL;
}

struct trace *capture_trace_of(struct stepper *stepper, uint32_t stream, struct err *err)
{
    const struct trace_conversation *conversation = find(stepper, stream);

    if (conversation == NULL) {
        err_set(err, ERR_USAGE, "no_such_stream", "there is no conversation %u in %s", stream,
                stepper->target.input);
        return NULL;
    }
    return trace_capture_trace(stepper->capture, conversation->index, TRACE_DATA_LIMIT, err);
}

int capture_show(struct stepper *stepper, uint32_t stream, struct err *err)
{
    struct trace *trace = capture_trace_of(stepper, stream, err);

    if (trace == NULL) {
        return -1;
    }
    comparison_end(stepper);
    judge_end(stepper);
    show(stepper, trace);
    stepper->conversation = (long)find(stepper, stream)->index;
    stepper->chosen = true;
    if (stepper->conversation == stepper->left && stepper->left_cursor > 0) {
        size_t end = trace_event_count(trace);
        run_set_cursor(&stepper->runs[0], stepper->left_cursor < end ? stepper->left_cursor : end);
    }
    return 0;
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static void note_trouble(struct stepper *stepper, const struct err *err)
{
    if (stepper->trouble.class == ERR_NONE) {
        stepper->trouble = *err;
    }
}

/* --stream is opened as soon as it can be. */
static void open_asked(struct stepper *stepper)
{
    struct err err = {0};

    if (stepper->options.stream == NULL || stepper->chosen ||
        !trace_capture_indexed(stepper->capture)) {
        return;
    }
    stepper->chosen = true;
    if (capture_show(stepper, (uint32_t)strtoul(stepper->options.stream, NULL, 10), &err) != 0) {
        note_trouble(stepper, &err);
    }
}

/* One TLS conversation alone needs no list. */
static void open_only(struct stepper *stepper)
{
    const struct trace_conversation *only = NULL;
    struct err err = {0};

    for (size_t i = 0; i < trace_capture_count(stepper->capture); i++) {
        const struct trace_conversation *here = trace_capture_at(stepper->capture, i);
        if (here->tls && only != NULL) {
            return;
        }
        if (here->tls) {
            only = here;
        }
    }
    if (only != NULL && !stepper->chosen && capture_show(stepper, only->stream, &err) != 0) {
        note_trouble(stepper, &err);
    }
}

bool capture_pump(struct stepper *stepper)
{
    enum capture_state state = CAPTURE_DONE;
    struct err err = {0};

    if (!stepper->reading) {
        return false;
    }
    if (trace_capture_read(stepper->capture, clock_monotonic_ns() + SLICE_NS, &state, &err) != 0) {
        note_trouble(stepper, &err);
        state = CAPTURE_DONE;
    }
    stepper->reading = state != CAPTURE_DONE;
    stepper->waiting = state == CAPTURE_WAIT;
    open_asked(stepper);
    if (!stepper->reading) {
        open_only(stepper);
    }
    return true;
}

struct trace_capture *stepper_capture(const struct stepper *stepper)
{
    return stepper->capture;
}

bool stepper_reading(const struct stepper *stepper)
{
    return stepper->reading && !stepper->waiting;
}

void stepper_cancel_reading(struct stepper *stepper)
{
    stepper->reading = false;
    stepper->waiting = false;
    if (stepper->capture != NULL) {
        trace_capture_stop(stepper->capture);
    }
}

bool stepper_listing(const struct stepper *stepper)
{
    return stepper->capture != NULL && stepper->conversation < 0;
}

long stepper_conversation(const struct stepper *stepper)
{
    return stepper->conversation;
}
