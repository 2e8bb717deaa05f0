/* What is written while a run goes: the saved session, the key log. Of a pair, both sides'. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

void run_note_trouble(struct stepper *stepper, const struct err *err)
{
    if (stepper->trouble.class == ERR_NONE)
        stepper->trouble = *err;
}

/* ---- where to ---- */

char *output_path(const char *path, const char *suffix)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash != NULL ? slash : path, '.');
    int stem = (int)(dot != NULL ? (size_t)(dot - path) : strlen(path));

    return text_format("%.*s%s%s", stem, path, suffix, dot != NULL ? dot : "");
}

/* "x.pcapng" for the first run, "x-2.pcapng" for the second: no run replaces another's file. The server's side of a
 * proxy is "x-server.pcapng", "x-2-server.pcapng". */
static char *save_path(const struct stepper *stepper, int side)
{
    size_t number = stepper->runs_forgotten + stepper->run_count;
    char suffix[40] = "";

    if (number > 1)
        (void)snprintf(suffix, sizeof suffix, "-%zu", number);
    if (side == LAB_PROXY_SERVER)
        (void)snprintf(suffix + strlen(suffix), sizeof suffix - strlen(suffix), "-server");
    return output_path(stepper->options.save, suffix);
}

/* ---- opening ---- */

static int check_free(const struct stepper *stepper, const char *path, struct err *err)
{
    if (stepper->options.force || access(path, F_OK) != 0)
        return 0;
    return err_set(err, ERR_FILE, "exists", "%s is there already; --force replaces it", path);
}

static struct trace *trace_of(const struct run *run, int side)
{
    return run->pair != NULL ? run->pair->traces[side] : run->trace;
}

static int open_saved(struct stepper *stepper, struct run *run, int side, struct err *err)
{
    struct run_output *output = &run->outputs[side];
    char *path = save_path(stepper, side);

    if (path == NULL)
        return err_memory(err, "starting a run");
    /* What is secret shows only at the end: a redacted session is saved then. */
    if (stepper->options.redact) {
        if (check_free(stepper, path, err) != 0) {
            free(path);
            return -1;
        }
        output->redacted_path = path;
        return 0;
    }
    output->writer = trace_writer_new(path, stepper->options.force, trace_of(run, side), err);
    free(path);
    return output->writer != NULL ? 0 : -1;
}

static int open_output(struct stepper *stepper, struct run *run, int side, struct err *err)
{
    const char *keylog = stepper->options.keylog;

    if (keylog != NULL) {
        run->outputs[side].keylog = text_duplicate(keylog, strlen(keylog));
        if (run->outputs[side].keylog == NULL)
            return err_memory(err, "starting a run");
    }
    return stepper->options.save != NULL ? open_saved(stepper, run, side, err) : 0;
}

int run_open_outputs(struct stepper *stepper, struct run *run, struct err *err)
{
    int sides = run->pair != NULL ? LAB_PROXY_SIDES : 1;

    for (int side = 0; side < sides; side++) {
        if (open_output(stepper, run, side, err) != 0)
            return -1;
    }
    return 0;
}

void run_reopen_output(struct stepper *stepper, struct run *run, enum lab_proxy_side side,
                       struct err *err)
{
    struct run_output *output = &run->outputs[side];

    if (output->writer == NULL)
        return;
    char *path = save_path(stepper, side);
    (void)trace_writer_close(output->writer, run->pair->traces[side], NULL); /* it is replaced */
    output->writer = NULL;
    if (path == NULL)
        (void)err_memory(err, "saving the connection to the server");
    else
        output->writer = trace_writer_new(path, true, run->pair->traces[side], err);
    free(path);
}

/* ---- while it goes ---- */

static void write_output(struct stepper *stepper, struct trace *trace, struct run_output *output)
{
    struct err err = {0};

    if (output->writer != NULL && trace_writer_update(output->writer, trace, &err) != 0) {
        run_note_trouble(stepper, &err);
        (void)trace_writer_close(output->writer, trace, NULL); /* the first failure is reported */
        output->writer = NULL;
    }
    if (output->keylog != NULL &&
        trace_keylog_append(trace, output->keylog, &output->keylog_from, &err) != 0) {
        run_note_trouble(stepper, &err);
        free(output->keylog);
        output->keylog = NULL;
    }
}

void run_write_outputs(struct stepper *stepper, struct run *run)
{
    for (int side = 0; side < (run->pair != NULL ? LAB_PROXY_SIDES : 1); side++)
        write_output(stepper, trace_of(run, side), &run->outputs[side]);
}

void run_close_outputs(struct stepper *stepper, struct run *run)
{
    run_write_outputs(stepper, run);
    for (int side = 0; side < (run->pair != NULL ? LAB_PROXY_SIDES : 1); side++) {
        struct run_output *output = &run->outputs[side];
        struct trace *trace = trace_of(run, side);
        struct err err = {0};

        if (output->writer != NULL && trace_writer_close(output->writer, trace, &err) != 0)
            run_note_trouble(stepper, &err);
        output->writer = NULL;
        if (output->redacted_path != NULL &&
            trace_save_redacted(trace, output->redacted_path, stepper->options.force, &err) != 0)
            run_note_trouble(stepper, &err);
        free(output->redacted_path);
        output->redacted_path = NULL;
    }
}

void run_free_outputs(struct run *run)
{
    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        (void)trace_writer_close(run->outputs[side].writer, trace_of(run, side), NULL);
        free(run->outputs[side].redacted_path);
        free(run->outputs[side].keylog);
        run->outputs[side] = (struct run_output){0};
    }
}
