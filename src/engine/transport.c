/* What GnuTLS reads and writes. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "failure.h"
#include "post.h"
#include "reader.h"
#include "resume.h"
#include "stop.h"
#include "thread.h"
#include "transport.h"

/* ---- waiting for the peer ------------------------------------------------------------------ */

static enum engine_waited wait_locked(struct engine *engine, size_t seen, int64_t *patience_ns)
{
    while (!engine->aborting && !engine->out_of_memory) {
        int64_t began;

        if (engine->backlog.length > seen || engine->ended_how != TRACE_OPEN) {
            return ENGINE_INPUT;
        }
        if (*patience_ns <= 0) {
            return ENGINE_TIMED_OUT;
        }
        engine_queue_signal(&engine->queue);
        began = clock_monotonic_ns();
        (void)engine_wait_for_peer_locked(engine, began + *patience_ns);
        *patience_ns -= clock_monotonic_ns() - began;
    }
    return ENGINE_ENDING;
}

enum engine_waited engine_wait_for_input(struct engine *engine, size_t seen, int64_t *patience_ns)
{
    enum engine_waited waited;

    pthread_mutex_lock(&engine->lock);
    waited = wait_locked(engine, seen, patience_ns);
    pthread_mutex_unlock(&engine->lock);
    return waited;
}

/* ---- pull ------------------------------------------------------------------------------------ */

/* The reader goes on once half of the backlog is free: not for every record. */
static void wake_reader_locked(struct engine *engine)
{
    if (engine->throttled && engine->backlog.length <= ENGINE_BACKLOG_MAX / 2) {
        pthread_cond_broadcast(&engine->room);
    }
}

size_t engine_backlog_length(struct engine *engine)
{
    size_t length;

    pthread_mutex_lock(&engine->lock);
    length = engine->backlog.length;
    pthread_mutex_unlock(&engine->lock);
    return length;
}

size_t engine_backlog_look(struct engine *engine, uint8_t *out, size_t size)
{
    size_t count;

    pthread_mutex_lock(&engine->lock);
    count = engine_backlog_peek(&engine->backlog, out, size);
    pthread_mutex_unlock(&engine->lock);
    return count;
}

void engine_backlog_drop(struct engine *engine, size_t count)
{
    uint8_t dropped[256];

    pthread_mutex_lock(&engine->lock);
    while (count > 0) {
        count -= engine_backlog_take(&engine->backlog, dropped,
                                     count < sizeof dropped ? count : sizeof dropped);
    }
    wake_reader_locked(engine);
    pthread_mutex_unlock(&engine->lock);
}

/* Hands over what is there, at most to the end of the record. 0 only when the stream has ended. */
static size_t serve(struct engine *engine, void *data, size_t size)
{
    size_t count = size < engine->record_left ? size : engine->record_left;

    pthread_mutex_lock(&engine->lock);
    count = engine_backlog_take(&engine->backlog, data, count);
    wake_reader_locked(engine);
    pthread_mutex_unlock(&engine->lock);
    if (engine->record_left != SIZE_MAX) {
        engine->record_left -= count;
    }
    return count;
}

static ssize_t fail_transport(struct engine *engine, int error)
{
    gnutls_transport_set_errno(engine->tls.session, error);
    return -1;
}

/*
 * GnuTLS 3.7.9 keeps all that has come of a handshake message until it is whole, up to the 16 MiB that a peer may claim,
 * whatever gnutls_handshake_set_max_packet_length() says (measured). A client's longest message is its certificates, of which
 * OpenSSL's servers take 100 kB. Servers, whom the user has chosen, may say what they like.
 */
#define UNHEARD_MAX ((size_t)128 * 1024)

static bool claims_too_much(struct engine *engine)
{
    if (engine->role != ENGINE_SERVER || engine->unheard <= UNHEARD_MAX) {
        return false;
    }
    (void)engine_fail(engine, ERR_TLS, "message_too_long", GNUTLS_A_ILLEGAL_PARAMETER,
                      "the client has begun a message of more than %zu kB, and no client needs one",
                      UNHEARD_MAX / 1024);
    return true;
}

/* In the middle of a record: its next bytes, or the end. */
static int await_more(struct engine *engine)
{
    enum engine_waited waited;
    int64_t none = 0;

    waited = engine_wait_for_input(engine, 0, engine->pull_waits ? &engine->patience_ns : &none);
    if (waited == ENGINE_INPUT) {
        return 0;
    }
    if (waited == ENGINE_ENDING) {
        return ECANCELED;
    }
    if (!engine->pull_waits) {
        engine->starved = true;
        engine->starved_at = 0;
        return EAGAIN;
    }
    (void)engine_fail_timeout(engine); /* always -1 */
    return ETIMEDOUT;
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct engine *engine = pointer;
    size_t count;
    int error;

    if (claims_too_much(engine)) {
        return fail_transport(engine, EPROTO);
    }
    error = engine->record_left == 0 ? engine_record_begin(engine) : await_more(engine);
    if (error != 0) {
        return fail_transport(engine, error);
    }
    count = serve(engine, data, size);
    engine->unheard += count;
    if (count > 0) {
        return (ssize_t)count;
    }
    engine->end_served = true;
    return engine->ended_how == TRACE_RESET ? fail_transport(engine, ECONNRESET) : 0;
}

/* GnuTLS 3.7.9 does not call it, as no time-out of its own is set; the default one would take our
 * pointer for a descriptor. */
static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    int64_t patience_ns = (int64_t)milliseconds * ENGINE_NS_PER_MS;

    return engine_wait_for_input(pointer, 0, &patience_ns) == ENGINE_TIMED_OUT ? 0 : 1;
}

/* ---- push ------------------------------------------------------------------------------------ */

/* Writes and logs under one lock, so that no answer can come before its question in the log. */
static ssize_t write_some(struct engine *engine, const uint8_t *data, size_t size)
{
    ssize_t written;
    int error;

    pthread_mutex_lock(&engine->lock);
    engine_wait_for_room_locked(engine);
    written = send(engine->socket, data, size, MSG_NOSIGNAL);
    error = errno;
    if (written > 0) {
        engine_post_bytes_locked(engine, engine->local, data, (size_t)written, TRACE_OPEN);
    } else if (written < 0 && error == ECONNRESET) {
        engine->end_error = error; /* the reader will not hear of it */
    }
    pthread_mutex_unlock(&engine->lock);
    errno = error;
    return written;
}

static int fail_write_timeout(struct engine *engine)
{
    (void)engine_fail(
        engine, ERR_TLS, "timeout", ENGINE_NO_ALERT,
        "the server has stopped reading: %s could not be sent within %g s (--timeout)",
        engine_latest_message(engine), (double)engine->timeout_ns / 1e9);
    return ETIMEDOUT;
}

static int fail_write(struct engine *engine, int error)
{
    engine->write_error = error;
    (void)engine_fail(engine, ERR_TLS, "write_failed", ENGINE_NO_ALERT, "%s could not be sent: %s",
                      engine_latest_message(engine), strerror(error));
    return error;
}

/* Two that only write would wait for each other: where there is no reader, bytes are taken in here, too. */
static void read_beside_writing(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    if (engine_reads_itself_locked(engine)) {
        engine_read_locked(engine);
    }
    pthread_mutex_unlock(&engine->lock);
}

static short events_beside_writing(struct engine *engine)
{
    bool reads;

    pthread_mutex_lock(&engine->lock);
    reads = engine_reads_itself_locked(engine);
    pthread_mutex_unlock(&engine->lock);
    return reads ? POLLIN | POLLOUT : POLLOUT;
}

/* Until the socket takes more. Returns 0 or an errno. */
static int await_writable(struct engine *engine)
{
    struct pollfd watched[] = {
        {.fd = engine->socket, .events = events_beside_writing(engine)},
        {.fd = engine->halt_fd, .events = POLLIN},
    };
    int64_t began = clock_monotonic_ns();
    int64_t left_ms = engine->patience_ns / ENGINE_NS_PER_MS;
    int ready;

    if (left_ms <= 0) {
        return fail_write_timeout(engine);
    }
    engine_wake_owner(engine);
    ready = poll(watched, 2, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
    engine->patience_ns -= clock_monotonic_ns() - began;
    if (ready < 0 && errno != EINTR) {
        return fail_write(engine, errno);
    }
    if ((watched[0].revents & POLLIN) != 0) {
        read_beside_writing(engine);
    }
    return watched[1].revents != 0 ? ECANCELED : 0;
}

/*
 * A message that GnuTLS is about to write and that has no hook: ChangeCipherSpec of a TLS 1.3
 * client (RFC 8446 D.4; the older one is announced with Finished), early data, and data behind an
 * owed KeyUpdate.
 */
static int announce(struct engine *engine, const uint8_t *data, size_t size)
{
    struct engine_held *held = &engine->held;
    const uint8_t *held_data = held->data;

    if (size > WIRE_RECORD_HEADER && data[0] == WIRE_CHANGE_CIPHER_SPEC &&
        !engine->change_cipher_queued) {
        engine->change_cipher_queued = true;
        engine_post_queued(engine, WIRE_CHANGE_CIPHER_SPEC, 0, data + WIRE_RECORD_HEADER,
                           size - WIRE_RECORD_HEADER);
        return engine_stop_queued(engine, WIRE_CHANGE_CIPHER_SPEC, 0);
    }
    if (held_data == NULL) {
        return engine_resume_announce(engine, data, size);
    }
    if (!held->next) {
        held->next = true;
        return 0;
    }
    held->data = NULL;
    engine->owes_key_update = false;
    engine_post_queued(engine, WIRE_APPLICATION_DATA, 0, held_data, held->length);
    return engine_stop_queued(engine, WIRE_APPLICATION_DATA, 0);
}

/*
 * Writing has failed with this errno. Returns 0 when push goes on: when the socket takes more, and
 * also when the peer has hung up. The library is then told that all is written, and reads what the
 * peer said before, which is worth more than EPIPE. The log says what was really written.
 */
static int after_write_error(struct engine *engine, int error)
{
    switch (error) {
    case EINTR:
        return 0;
    case EAGAIN:
        return await_writable(engine);
    case EPIPE:
    case ECONNRESET:
        engine->write_error = error;
        return 0;
    default:
        return fail_write(engine, error);
    }
}

int engine_write(struct engine *engine, const uint8_t *data, size_t size)
{
    size_t sent = 0;

    while (sent < size && engine->write_error == 0) {
        ssize_t written = write_some(engine, data + sent, size - sent);

        if (written >= 0) {
            sent += (size_t)written;
        } else if (after_write_error(engine, errno) != 0) {
            engine->write_torn = engine->write_torn || sent > 0;
            return -1;
        }
    }
    return 0;
}

/* Each call brings one whole record. */
static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct engine *engine = pointer;

    engine_post_processed(engine);
    if (announce(engine, data, size) != 0) {
        return fail_transport(engine, ECANCELED);
    }
    engine->has_written = true; /* or as good as: the peer is not there any more */
    return engine_write(engine, data, size) == 0 ? (ssize_t)size
                                                 : fail_transport(engine, ECANCELED);
}

/* Where nobody looks at the records one by one, the peer is not woken up for each of them. */
static ssize_t push_flight(gnutls_transport_ptr_t pointer, const giovec_t *records, int count)
{
    struct buffer flight = {0};
    ssize_t sent;

    if (count == 1) {
        return push(pointer, records[0].iov_base, records[0].iov_len);
    }
    for (int i = 0; i < count; i++) {
        buffer_append(&flight, records[i].iov_base, records[i].iov_len);
    }
    sent =
        flight.failed ? fail_transport(pointer, ENOMEM) : push(pointer, flight.data, flight.length);
    buffer_free(&flight);
    return sent;
}

void engine_transport_attach(struct engine *engine)
{
    gnutls_transport_set_ptr(engine->tls.session, engine);
    if (engine->quiet) {
        gnutls_transport_set_vec_push_function(engine->tls.session, push_flight);
    } else {
        gnutls_transport_set_push_function(engine->tls.session, push);
    }
    gnutls_transport_set_pull_function(engine->tls.session, pull);
    gnutls_transport_set_pull_timeout_function(engine->tls.session, pull_timeout);
}
