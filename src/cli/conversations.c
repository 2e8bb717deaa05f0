/*
 * What is printed of each conversation of a capture, in order of the first packet; from a pipe each when it
 * ends. Conversations are independent, so that those of files are written by a pool of threads.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "conversations.h"

struct job {
    const struct cli_arguments *arguments;
    const struct cli_writer *writer;
    const char *path;
    const char *name; /* what it is called */
    struct trace_capture *capture;
    unsigned style;
    bool all;     /* not only those with TLS in them: --stream has named one */
    size_t first; /* index in the capture of the pool's item 0 */
    size_t told;  /* reports so far */
    int status;   /* exit status so far */
};

static void fail(struct job *job, const struct err *err)
{
    int status = cli_fail(err);

    if (job->status == 0) {
        job->status = status;
    }
}

/* ---- a file ---- */

static void work(void *context, size_t index, struct pool_result *result)
{
    const struct job *job = context;
    struct trace *trace = trace_capture_trace(job->capture, job->first + index, 0, &result->err);

    if (trace != NULL) {
        job->writer->write(job->writer->context, trace, job->all, result);
        trace_free(trace);
    }
}

static int print_result(struct job *job, struct pool_result *result)
{
    if (result->err.class != ERR_NONE) {
        fail(job, &result->err); /* the others may be readable all the same */
        return 0;
    }
    if (result->out.length > 0) {
        if (!job->arguments->json && job->told > 0) {
            (void)fputs("\n", stdout); /* main() judges standard output, also below */
        }
        (void)fwrite(result->out.data, 1, result->out.length, stdout);
        job->told++;
    }
    if (result->errors.length > 0) {
        (void)fflush(stdout);
        (void)fprintf(stderr, "tlstep: %.*s", (int)result->errors.length,
                      (const char *)result->errors.data);
    }
    if (job->status == 0) {
        job->status = result->status;
    }
    return 0;
}

static int take(void *context, size_t index, struct pool_result *result)
{
    struct job *job = context;
    (void)index;

    (void)print_result(job, result); /* goes on whatever it is */
    if (ferror(stdout)) {
        return 1; /* nobody reads any more */
    }
    (void)cli_poll(NULL, 0, 0); /* lets signals in */
    return cli_signal();
}

static int interrupted(struct job *job)
{
    struct err err;

    err_set(&err, ERR_INTERRUPTED, "interrupted", "interrupted");
    job->status = cli_fail(&err);
    return -1;
}

/* Reads until `enough`: the index, or what each conversation is as well. 0 or -1. */
static int read_capture(struct job *job, bool whole)
{
    enum capture_state state = CAPTURE_MORE;
    struct err err = {0};

    while (state != CAPTURE_DONE && (whole || !trace_capture_indexed(job->capture))) {
        int64_t until_ns = clock_monotonic_ns() + 50000000;
        int result = whole ? trace_capture_read(job->capture, until_ns, &state, &err)
                           : trace_capture_read_index(job->capture, until_ns, &state, &err);
        if (result != 0) {
            fail(job, &err);
            return -1;
        }
        struct pollfd fd = {.fd = capture_fd(trace_capture_file(job->capture)), .events = POLLIN};
        (void)cli_poll(&fd, 1,
                       state == CAPTURE_WAIT ? -1 : 0); /* what it says is seen by reading */
        if (cli_signal() != 0) {
            return interrupted(job);
        }
    }
    return 0;
}

static void tell_warnings(const struct job *job)
{
    const char *warning;
    struct err err;

    for (size_t i = 0; (warning = trace_capture_warning(job->capture, i)) != NULL; i++) {
        err_set(&err, ERR_FILE, "capture", "%s: %s", job->name, warning);
        (void)cli_fail(&err); /* what is there has been read */
    }
}

/* Where there is more than one report, what there is comes first. */
static void print_list(struct job *job)
{
    struct buffer list = {0};
    size_t count = 0;

    for (size_t i = 0; i < trace_capture_count(job->capture); i++) {
        const struct trace_conversation *conversation = trace_capture_at(job->capture, i);
        if (conversation->tls) {
            (void)report_conversation_text(conversation, job->style, 120, &list); /* list.failed */
            buffer_u8(&list, '\n');
            count++;
        }
    }
    if (count > 1 && !list.failed) {
        (void)fwrite(list.data, 1, list.length, stdout);
        (void)fputs("\n", stdout); /* main() judges standard output */
    }
    buffer_free(&list);
}

/* The items that are asked for: all, or the one of --stream. */
static int choose(struct job *job, size_t *count)
{
    const char *stream = job->arguments->options.stream;
    struct err err;

    *count = trace_capture_count(job->capture);
    if (stream == NULL) {
        return 0;
    }
    unsigned long number = strtoul(stream, NULL, 10); /* checked when it was set */
    for (size_t i = 0; i < *count; i++) {
        if (trace_capture_at(job->capture, i)->stream == number) {
            job->first = i;
            job->all = true;
            *count = 1;
            return 0;
        }
    }
    err_set(&err, ERR_USAGE, "no_such_stream", "there is no conversation %s in %s", stream,
            job->name);
    fail(job, &err);
    return -1;
}

static void tell_empty(struct job *job)
{
    struct err err;

    if (job->told == 0 && job->status == 0) {
        err_set(&err, ERR_NONE, "empty", "%s: %s", job->name, job->writer->nothing);
        (void)cli_fail(&err); /* a note: it has been read */
    }
}

static void write_file(struct job *job, struct trace_keys *keys)
{
    struct pool_work pool = {.work = work, .take = take, .context = job};
    struct err err = {0};

    job->capture = trace_capture_open(job->path, keys, &err);
    if (job->capture == NULL) {
        fail(job, &err);
        return;
    }
    bool listed =
        job->writer->listed && !job->arguments->json && job->arguments->options.stream == NULL;
    if (read_capture(job, listed) == 0 && choose(job, &pool.count) == 0) {
        if (listed) {
            print_list(job);
        }
        int status = pool_run(&pool, &err);
        if (status < 0) {
            fail(job, &err);
        } else if (cli_signal() != 0) {
            (void)interrupted(job);
        }
        tell_empty(job);
    }
    tell_warnings(job);
    trace_capture_close(job->capture);
}

/* ---- a pipe ---- */

static int visit(struct trace *trace, const struct trace_conversation *conversation, void *user)
{
    struct job *job = user;
    const char *stream = job->arguments->options.stream;
    struct pool_result result = {0};
    bool asked = stream != NULL && strtoul(stream, NULL, 10) == conversation->stream;

    if (stream == NULL || asked) {
        job->writer->write(job->writer->context, trace, asked, &result);
        (void)print_result(job, &result);
        (void)fflush(stdout); /* main() judges it; whoever reads is waiting for it */
    }
    trace_free(trace);
    buffer_free(&result.out);
    buffer_free(&result.errors);
    return ferror(stdout) ? 1 : 0;
}

/* Takes the keys, as write_file() does. */
static void write_pipe(struct job *job, struct trace_keys *keys)
{
    struct err err = {0};

    cli_signals_let_in(true);
    int status = trace_capture_stream(job->path, job->writer->source, keys, visit, job,
                                      cli_signal_flag(), &err);
    cli_signals_let_in(false);
    trace_keys_free(keys);
    if (cli_signal() != 0) {
        (void)interrupted(job);
    } else if (status != 0 && !ferror(stdout)) {
        fail(job, &err);
    } else {
        tell_empty(job);
    }
}

/* A regular file can be read twice, also as standard input. */
static bool is_pipe(const char *path)
{
    struct stat status;
    int found = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &status) : stat(path, &status);
    return found == 0 && !S_ISREG(status.st_mode);
}

int cli_write_conversations(const struct cli_arguments *arguments, const char *path,
                            const struct cli_writer *writer)
{
    struct job job = {
        .arguments = arguments,
        .writer = writer,
        .path = path,
        .name = writer->source != NULL ? writer->source : path,
        .style = cli_style(arguments),
    };
    struct err err = {0};
    struct trace_keys *keys = stepper_keys(&arguments->options, &err);

    if (keys == NULL) {
        return cli_fail(&err);
    }
    if (is_pipe(path)) {
        write_pipe(&job, keys);
    } else {
        write_file(&job, keys);
    }
    return job.status;
}
