/*
 * The page that a listening run answers an HTTP request with. It is made by the owner, from the facts of the trace, and
 * fetched by the engine's worker when that asks what there is to say.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "listen_answer.h"

#define REQUEST_MAX ((size_t)16 * 1024)

struct listen_answer {
    /* The owner's. */
    struct engine *engine; /* borrowed; NULL: it is not watched */
    int wake_fd;
    uint32_t rows_seen;
    bool given;

    pthread_mutex_t lock; /* guards what follows */
    struct buffer out;
    bool complete;   /* nothing is said behind `out` */
    bool peer_ended; /* its close_notify has come */
};

/* ---- life ------------------------------------------------------------------------------------- */

struct listen_answer *listen_answer_new(int wake_fd)
{
    struct listen_answer *answer = calloc(1, sizeof *answer);

    if (answer == NULL || pthread_mutex_init(&answer->lock, NULL) != 0) {
        free(answer);
        return NULL;
    }
    answer->wake_fd = wake_fd;
    return answer;
}

int listen_answer_attach(struct listen_answer *answer, struct engine *engine, struct err *err)
{
    struct epoll_event event = {.events = EPOLLIN};

    if (epoll_ctl(answer->wake_fd, EPOLL_CTL_ADD, engine_wake_fd(engine), &event) != 0) {
        return err_set(err, ERR_NETWORK, "listen", "cannot watch the connection: %s",
                       strerror(errno));
    }
    answer->engine = engine;
    return 0;
}

/* An engine whose threads finish later keeps its descriptor until then. */
void listen_answer_detach(struct listen_answer *answer)
{
    if (answer != NULL && answer->engine != NULL) {
        (void)epoll_ctl(answer->wake_fd, EPOLL_CTL_DEL, engine_wake_fd(answer->engine), NULL);
        answer->engine = NULL;
    }
}

void listen_answer_free(struct listen_answer *answer)
{
    if (answer == NULL) {
        return;
    }
    pthread_mutex_destroy(&answer->lock);
    buffer_free(&answer->out);
    free(answer);
}

/* ---- on the worker ------------------------------------------------------------------------------ */

enum engine_outgoing listen_answer_next(void *context, uint8_t *out, size_t max, size_t *length)
{
    struct listen_answer *answer = context;
    enum engine_outgoing next = ENGINE_OUTGOING_NONE;

    pthread_mutex_lock(&answer->lock);
    if (answer->out.length > 0) {
        *length = answer->out.length < max ? answer->out.length : max;
        memcpy(out, answer->out.data, *length);
        buffer_consume(&answer->out, *length);
        next = ENGINE_OUTGOING_DATA;
    } else if (answer->complete || answer->peer_ended) {
        next = ENGINE_OUTGOING_CLOSE;
    }
    pthread_mutex_unlock(&answer->lock);
    return next;
}

/* What it has said stands in the trace. */
void listen_answer_heard(void *context, const uint8_t *data, size_t length)
{
    struct listen_answer *answer = context;
    (void)length;

    pthread_mutex_lock(&answer->lock);
    answer->peer_ended |= data == NULL;
    pthread_mutex_unlock(&answer->lock);
}

/* ---- on the owner's thread ------------------------------------------------------------------------ */

/* Has the client said something since the last look? */
static bool has_spoken(struct listen_answer *answer, const struct trace *trace)
{
    size_t count = trace_row_count(trace);
    bool spoken = false;

    for (size_t i = answer->rows_seen; i < count; i++) {
        const struct trace_row *row = trace_row_at(trace, i);

        spoken |= row->layer == TRACE_LAYER_TLS && row->from == WIRE_CLIENT &&
                  row->content_type == WIRE_APPLICATION_DATA && row->decrypted;
    }
    answer->rows_seen = (uint32_t)count;
    return spoken;
}

/* False: the request is not whole, or it is something else. */
static bool write_answer(struct trace *trace, const char *where, const struct buffer *request,
                         struct buffer *out, bool *failed)
{
    struct report_abilities abilities;
    struct lab_page_row rows[sizeof abilities.rows / sizeof *abilities.rows];
    struct lab_page page = {
        .room = "listen",
        .name = where,
        .title = "What this client can, as its ClientHello says, and what was agreed on",
    };
    bool answered = false;

    *failed = report_abilities(trace, trace_event_count(trace), 0, &abilities) != 0;
    for (; page.count < abilities.count; page.count++) {
        rows[page.count] = (struct lab_page_row){abilities.rows[page.count].label,
                                                 abilities.rows[page.count].text};
    }
    page.rows = rows;
    if (!*failed) {
        answered = lab_http_answer(&page, request->data, request->length, out) > 0;
        *failed = out->failed;
    }
    report_abilities_free(&abilities);
    return answered && !*failed;
}

static void give(struct listen_answer *answer, struct buffer *out)
{
    pthread_mutex_lock(&answer->lock);
    answer->out = *out;
    answer->complete = true;
    pthread_mutex_unlock(&answer->lock);
    *out = (struct buffer){0};
    answer->given = true;
    engine_prompt(answer->engine);
}

int listen_answer_look(struct listen_answer *answer, struct run *run, const char *where,
                       struct err *err)
{
    struct buffer request = {0}, out = {0};
    bool failed = false;

    if (answer == NULL || answer->engine == NULL || answer->given ||
        !has_spoken(answer, run->trace)) {
        return 0;
    }
    (void)trace_application_data(run->trace, trace_event_count(run->trace), WIRE_CLIENT,
                                 REQUEST_MAX, &request); /* what is missing makes it no request */
    if (!request.failed && write_answer(run->trace, where, &request, &out, &failed)) {
        give(answer, &out);
    }
    failed |= request.failed;
    buffer_free(&request);
    buffer_free(&out);
    return failed ? err_memory(err, "answering the client") : 0;
}
