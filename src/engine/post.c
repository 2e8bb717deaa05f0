/* Making events. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "post.h"
#include "thread.h"

void engine_wait_for_room_locked(struct engine *engine)
{
    while (engine_queue_is_full(&engine->queue) && !engine->abandoned) {
        engine_queue_signal(&engine->queue);
        (void)engine_wait_locked(engine, &engine->room, ENGINE_FOREVER);
    }
}

/* With `quiet`, how far the session has come, and why no further. */
static bool is_wanted(const struct engine *engine, const struct trace_event *event)
{
    return !engine->quiet || event->kind == TRACE_STOP ||
           (event->kind == TRACE_PHASE && event->state == TRACE_FAILED);
}

void engine_post_locked(struct engine *engine, struct trace_event *event)
{
    if (!is_wanted(engine, event)) {
        trace_event_clear(event);
        return;
    }
    engine_wait_for_room_locked(engine);
    if (engine->abandoned) {
        trace_event_clear(event);
        return;
    }
    if (event->time_ns == 0) {
        event->time_ns = clock_monotonic_ns() - engine->start_ns;
    }
    if (event->kind == TRACE_PHASE || event->kind == TRACE_STOP) {
        event->paused_ns = engine->paused_ns;
    }
    engine_queue_put(&engine->queue, event);
}

void engine_post(struct engine *engine, struct trace_event *event)
{
    pthread_mutex_lock(&engine->lock);
    engine_post_locked(engine, event);
    pthread_mutex_unlock(&engine->lock);
}

static void lack_memory_locked(struct engine *engine)
{
    engine->out_of_memory = true;
    pthread_cond_broadcast(&engine->wake);
}

/* NULL stays NULL. */
static char *copy_text_locked(struct engine *engine, const char *text)
{
    char *copy;

    if (text == NULL) {
        return NULL;
    }
    copy = text_duplicate(text, strlen(text));
    if (copy == NULL) {
        lack_memory_locked(engine);
    }
    return copy;
}

void engine_post_bytes_locked(struct engine *engine, enum wire_side from, const void *data,
                              size_t length, enum trace_end end)
{
    struct trace_event event = {.kind = TRACE_BYTES, .from = from, .end = end};

    if (engine->quiet) {
        return;
    }
    event.phase = engine->phase;
    if (length > 0) {
        event.data = malloc(length);
        if (event.data == NULL) {
            lack_memory_locked(engine);
            return;
        }
        memcpy(event.data, data, length);
        event.length = length;
    }
    engine_post_locked(engine, &event);
}

void engine_post_phase(struct engine *engine, enum trace_phase phase, enum trace_phase_state state,
                       const char *code, const char *text)
{
    struct trace_event event = {.kind = TRACE_PHASE, .phase = phase, .state = state};

    pthread_mutex_lock(&engine->lock);
    event.code = copy_text_locked(engine, code);
    event.text = copy_text_locked(engine, text);
    engine->phases[phase] = state;
    if (state == TRACE_BEGUN) {
        engine->phase = phase;
    }
    engine_post_locked(engine, &event);
    pthread_mutex_unlock(&engine->lock);
}

void engine_post_phase_failed(struct engine *engine, enum trace_phase phase)
{
    engine_post_phase(engine, phase, TRACE_FAILED, engine->failure.err.code,
                      engine->failure.err.text);
}

void engine_post_note(struct engine *engine, const char *code, const char *format, ...)
{
    struct trace_event event = {.kind = TRACE_NOTE};
    char text[600];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* a note that is cut is still a note */
    va_end(arguments);
    engine_name_peer(engine, text);
    pthread_mutex_lock(&engine->lock);
    event.phase = engine->phase;
    event.code = copy_text_locked(engine, code);
    event.text = copy_text_locked(engine, text);
    engine_post_locked(engine, &event);
    pthread_mutex_unlock(&engine->lock);
}

void engine_post_queued(struct engine *engine, uint8_t content_type, uint8_t handshake_type,
                        const void *body, size_t length)
{
    struct trace_event event = {
        .kind = TRACE_QUEUED,
        .from = engine->local,
        .content_type = content_type,
        .handshake_type = handshake_type,
    };
    struct buffer content = {.secret = content_type == WIRE_APPLICATION_DATA};

    if (engine->quiet) {
        return;
    }
    if (content_type == WIRE_HANDSHAKE) {
        buffer_u8(&content, handshake_type);
        buffer_u24(&content, (uint32_t)length);
    }
    buffer_append(&content, body, length);
    pthread_mutex_lock(&engine->lock);
    if (content.failed) {
        lack_memory_locked(engine);
        buffer_wipe_free(&content);
    } else {
        event.phase = engine->phase;
        event.data = content.data; /* malloc'ed: the event's now */
        event.length = content.length;
        engine_post_locked(engine, &event);
    }
    pthread_mutex_unlock(&engine->lock);
}

void engine_post_queued_text(struct engine *engine, enum wire_side from, const char *verb,
                             const uint8_t *data, size_t length)
{
    struct trace_event event = {.kind = TRACE_QUEUED, .from = from, .phase = TRACE_STARTTLS};

    pthread_mutex_lock(&engine->lock);
    event.text = copy_text_locked(engine, verb);
    event.data = malloc(length);
    if (event.text == NULL || event.data == NULL) {
        lack_memory_locked(engine);
        trace_event_clear(&event);
    } else {
        memcpy(event.data, data, length);
        event.length = length;
        engine_post_locked(engine, &event);
    }
    pthread_mutex_unlock(&engine->lock);
}

void engine_post_processed(struct engine *engine)
{
    struct trace_event event = {
        .kind = TRACE_PROCESSED,
        .from = engine->peer,
        .content_type = engine->unprocessed.content_type,
        .handshake_type = engine->unprocessed.handshake_type,
    };

    if (!engine->unprocessed.pending) {
        return;
    }
    engine->unprocessed.pending = false;
    pthread_mutex_lock(&engine->lock);
    event.phase = engine->phase;
    engine_post_locked(engine, &event);
    pthread_mutex_unlock(&engine->lock);
}

/* draft-ietf-tls-keylogfile. crypt_secret_line() does it for the labels that crypt can use; the log
 * keeps whatever the library gives. */
void engine_post_secret(struct engine *engine, const char *label, const gnutls_datum_t *random,
                        const gnutls_datum_t *secret)
{
    struct trace_event event = {.kind = TRACE_SECRET, .from = engine->local};
    char random_hex[2 * 32 + 1];
    char secret_hex[2 * CRYPT_SECRET_MAX + 1];

    if (engine->quiet || random->size > 32 || secret->size > CRYPT_SECRET_MAX) {
        return; /* no version of TLS has such */
    }
    text_hex(random_hex, sizeof random_hex, random->data, random->size);
    text_hex(secret_hex, sizeof secret_hex, secret->data, secret->size);
    event.text = text_format("%s %s %s", label, random_hex, secret_hex);
    secret_wipe(secret_hex, sizeof secret_hex);
    pthread_mutex_lock(&engine->lock);
    if (event.text == NULL) {
        lack_memory_locked(engine);
    } else {
        event.phase = engine->phase;
        engine_post_locked(engine, &event);
    }
    pthread_mutex_unlock(&engine->lock);
}

void engine_post_verdict(struct engine *engine, struct pki_verification *verification)
{
    struct trace_event event = {.kind = TRACE_VERDICT, .verification = verification};

    event.phase = TRACE_VERIFY;
    event.from = engine->peer; /* whose certificate it is about */
    engine_post(engine, &event);
}
