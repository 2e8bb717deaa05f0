/*
 * What a received record tells before GnuTLS opens it.
 *
 * ChangeCipherSpec and alerts have no hook. Their content type stands in the record's header, also
 * when they are encrypted (up to TLS 1.2; in TLS 1.3 what is encrypted calls itself application
 * data). So does that of application data up to TLS 1.2. These records are stopped at here: whole,
 * and before the library has seen a byte of them.
 */
#include <errno.h>

#include "failure.h"
#include "post.h"
#include "stop.h"
#include "transport.h"

#define GREETING_MAX 128 /* enough of what is not TLS to recognise it */

/* Returns 0 when `count` bytes are there, or fewer because the peer's stream has ended. */
static int need(struct engine *engine, size_t count)
{
    enum engine_waited waited = ENGINE_INPUT;
    bool starved;

    pthread_mutex_lock(&engine->lock);
    starved = engine->backlog.length < count && engine->ended_how == TRACE_OPEN;
    engine->starved_at = engine->backlog.length;
    pthread_mutex_unlock(&engine->lock);
    if (engine_is_ending(engine)) {
        return ECANCELED;
    }
    if (!starved) {
        return 0;
    }
    if (!engine->pull_waits) {
        engine->starved = true;
        return EAGAIN;
    }
    waited = engine_wait_for_input(engine, count - 1, &engine->patience_ns);
    if (waited == ENGINE_TIMED_OUT) {
        (void)engine_fail_timeout(engine); /* always -1 */
        return ETIMEDOUT;
    }
    return waited == ENGINE_ENDING ? ECANCELED : 0;
}

static size_t peek(struct engine *engine, uint8_t *out, size_t count)
{
    pthread_mutex_lock(&engine->lock);
    count = engine_backlog_peek(&engine->backlog, out, count);
    pthread_mutex_unlock(&engine->lock);
    return count;
}

static size_t backlog_length(struct engine *engine)
{
    size_t length;

    pthread_mutex_lock(&engine->lock);
    length = engine->backlog.length;
    pthread_mutex_unlock(&engine->lock);
    return length;
}

static bool tells_its_content(const struct engine *engine, uint8_t content_type)
{
    switch (content_type) {
    case WIRE_CHANGE_CIPHER_SPEC:
    case WIRE_ALERT:
        return true;
    case WIRE_APPLICATION_DATA:
    case WIRE_HEARTBEAT:
        return engine->established && !engine->is_tls13;
    default:
        return false;
    }
}

/* An OpenSSL client that refuses a certificate says so in clear text, as it has not changed its keys yet; GnuTLS, which
 * has, cannot read that. An encrypted alert is longer. */
static void keep_clear_alert(struct engine *engine, const struct wire_record *record)
{
    uint8_t alert[WIRE_RECORD_HEADER + 2];

    if (record->content_type == WIRE_ALERT && record->length == 2 &&
        peek(engine, alert, sizeof alert) == sizeof alert) {
        engine->has_clear_alert = true;
        engine->clear_alert = alert[WIRE_RECORD_HEADER + 1];
    }
}

/* Stops at the record once it is whole. `start` begins with its header. */
static int stop_at_record(struct engine *engine, const struct wire_record *record)
{
    size_t whole = WIRE_RECORD_HEADER + (size_t)record->length;
    int error = need(engine, whole);

    if (error != 0 || backlog_length(engine) < whole) {
        return error; /* cut off: the library finds out */
    }
    engine->record_stopped = true;
    keep_clear_alert(engine, record);
    return engine_stop_arrived(engine, record->content_type, 0) == 0 ? 0 : ECANCELED;
}

/* Not a record, or one that claims too much: the library sees all of it and says so. */
static int pass_through(struct engine *engine)
{
    engine->record_left = SIZE_MAX;
    return 0;
}

int engine_record_begin(struct engine *engine)
{
    uint8_t start[GREETING_MAX];
    struct wire_record record;
    enum wire_parse parsed;
    size_t wanted = 1; /* the first byte may already say that it is not TLS */
    size_t count;
    int error;

    engine_post_processed(engine); /* who reads on has acted on what came before */
    engine->record_stopped = false;
    for (;;) {
        error = need(engine, wanted);
        count = error == 0 ? peek(engine, start, sizeof start) : 0;
        if (count == 0) {
            return error;
        }
        parsed = wire_record_parse(start, count, &record);
        if (parsed != WIRE_NEED_MORE || wanted == WIRE_RECORD_HEADER) {
            break;
        }
        wanted = WIRE_RECORD_HEADER;
    }
    if (parsed == WIRE_NOT_TLS && !engine->record_known) {
        (void)engine_fail_not_tls(engine, start, count); /* always -1 */
        return EPROTO;
    }
    if (parsed == WIRE_NOT_TLS || parsed == WIRE_TOO_LONG || count < WIRE_RECORD_HEADER) {
        return pass_through(engine);
    }
    engine->record_known = true;
    if (tells_its_content(engine, record.content_type)) {
        error = stop_at_record(engine, &record);
    }
    if (error == 0) {
        engine->record_left = WIRE_RECORD_HEADER + (size_t)record.length;
    }
    return error;
}
