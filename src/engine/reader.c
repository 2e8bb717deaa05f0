/*
 * The thread on the socket. It reads while the worker computes or is paused, so that a pause
 * falsifies no arrival time and a peer that hangs up is seen at once.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "packets.h"
#include "post.h"
#include "reader.h"
#include "thread.h"

#define READ_SIZE ((size_t)64 << 10)
/* Of a worker that reads by itself, on its stack. */
#define SHORT_READ_SIZE ((size_t)16 << 10)

/* A paused session shows what comes; a running one when the worker waits. */
static void tell_owner(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    if (engine->state == ENGINE_PAUSED) {
        engine_queue_signal(&engine->queue);
    }
    pthread_mutex_unlock(&engine->lock);
}

/* False when the engine is halted. */
static bool wait_readable(const struct engine *engine, bool *packets)
{
    struct pollfd watched[] = {
        {.fd = engine->socket, .events = POLLIN},
        {.fd = engine->halt_fd, .events = POLLIN},
        {.fd = engine->capture_fd, .events = POLLIN}, /* -1 is passed over */
    };

    *packets = false;
    /* An error that poll itself has is found again by recv. */
    if (poll(watched, 3, -1) < 0) {
        return true;
    }
    *packets = watched[2].revents != 0;
    return watched[1].revents == 0;
}

/* Until the queue takes an event and the backlog takes bytes. False when the engine is halted. */
static bool wait_for_room_locked(struct engine *engine)
{
    while (!engine->halted) {
        size_t enough = engine->throttled ? ENGINE_BACKLOG_MAX / 2 : 1;

        engine->throttled = engine_backlog_room(&engine->backlog) < enough;
        if (!engine->throttled && !engine_queue_is_full(&engine->queue)) {
            return true;
        }
        engine_queue_signal(&engine->queue);
        (void)engine_wait_locked(engine, &engine->room, ENGINE_FOREVER);
    }
    return false;
}

static void take_in_locked(struct engine *engine, const uint8_t *data, size_t length)
{
    engine_post_bytes_locked(engine, engine->peer, data, length, TRACE_OPEN);
    if (!engine_backlog_add(&engine->backlog, data, length)) {
        engine->out_of_memory = true;
    }
}

static void end_locked(struct engine *engine, int error)
{
    enum trace_end end = error == 0 ? TRACE_FIN : TRACE_RESET;

    engine_post_bytes_locked(engine, engine->peer, NULL, 0, end);
    engine->ended_how = end;
    engine->end_error = error;
}

/* The kernel tells of a reset once: when it told the writer, the reader sees only an end. */
static int end_reason(const struct engine *engine, int error)
{
    return error != 0 ? error : engine->end_error;
}

/* One read. False when it was the last. */
static bool read_locked(struct engine *engine, uint8_t *chunk, size_t size)
{
    size_t room = engine_backlog_room(&engine->backlog);
    ssize_t count = recv(engine->socket, chunk, room < size ? room : size, MSG_DONTWAIT);
    int error = count < 0 ? errno : 0;

    if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) {
        return true;
    }
    if (count > 0) {
        take_in_locked(engine, chunk, (size_t)count);
    } else {
        end_locked(engine, end_reason(engine, error));
    }
    /* A worker that is busy wakes the owner when it next waits. */
    if (engine->state == ENGINE_PAUSED || count <= 0) {
        engine_queue_signal(&engine->queue);
    }
    return count > 0 && !engine->out_of_memory;
}

void engine_reader_run(struct engine *engine)
{
    uint8_t *chunk = malloc(READ_SIZE);
    bool more = chunk != NULL;
    bool packets;

    if (chunk == NULL) {
        pthread_mutex_lock(&engine->lock);
        engine->out_of_memory = true;
        pthread_cond_signal(&engine->wake);
        pthread_mutex_unlock(&engine->lock);
    }
    while (more && wait_readable(engine, &packets)) {
        pthread_mutex_lock(&engine->lock);
        more = wait_for_room_locked(engine) && read_locked(engine, chunk, READ_SIZE);
        pthread_mutex_unlock(&engine->lock);
        /* Under the lock it would only be woken up to wait for that. */
        pthread_cond_signal(&engine->wake);
        if (packets) { /* behind the bytes that they have brought */
            engine_packets_take(engine);
            tell_owner(engine);
        }
    }
    free(chunk);
}

int engine_reader_start(struct engine *engine, struct err *err)
{
    return engine->quiet ? 0 : engine_thread_start(engine, ENGINE_READER, engine_reader_run, err);
}

/* ---- without a thread ------------------------------------------------------------------------ */

bool engine_reads_itself_locked(const struct engine *engine)
{
    return engine->quiet && engine->socket >= 0 && engine->ended_how == TRACE_OPEN &&
           engine_backlog_room(&engine->backlog) > 0;
}

void engine_read_locked(struct engine *engine)
{
    uint8_t chunk[SHORT_READ_SIZE];

    (void)read_locked(engine, chunk, sizeof chunk); /* its end is in ended_how */
}

/* Rounded up, so as not to spin. */
static int milliseconds_left(int64_t deadline_ns)
{
    int64_t left_ms;

    if (deadline_ns == ENGINE_FOREVER) {
        return -1;
    }
    left_ms = (deadline_ns - clock_monotonic_ns() + ENGINE_NS_PER_MS - 1) / ENGINE_NS_PER_MS;
    if (left_ms < 0) {
        return 0;
    }
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

/* Bytes cost one wake-up, not the reader's and then the worker's. */
static bool wait_on_socket_locked(struct engine *engine, int64_t deadline_ns)
{
    struct pollfd watched[] = {
        {.fd = engine_reads_itself_locked(engine) ? engine->socket : -1, .events = POLLIN},
        {.fd = engine->halt_fd, .events = POLLIN},
        {.fd = engine->wake_fd, .events = POLLIN},
    };
    uint64_t count;
    int ready;

    pthread_mutex_unlock(&engine->lock);
    ready = poll(watched, sizeof watched / sizeof *watched, milliseconds_left(deadline_ns));
    if (watched[2].revents != 0) {
        (void)!read(engine->wake_fd, &count, sizeof count); /* non-blocking: it only resets */
    }
    pthread_mutex_lock(&engine->lock);
    if (watched[0].revents != 0) {
        engine_read_locked(engine);
    }
    return ready != 0;
}

bool engine_wait_for_peer_locked(struct engine *engine, int64_t deadline_ns)
{
    return engine->quiet ? wait_on_socket_locked(engine, deadline_ns)
                         : engine_wait_locked(engine, &engine->wake, deadline_ns);
}
