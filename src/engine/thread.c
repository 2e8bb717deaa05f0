/* Starting, ending and joining the threads of an engine, and waiting. */
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "thread.h"

#define NS_PER_S INT64_C(1000000000)

static void *thread_main(void *argument)
{
    struct engine_thread *thread = argument;
    struct engine *engine = thread->engine;

    thread->run(engine);
    pthread_mutex_lock(&engine->lock);
    thread->finished = true;
    pthread_cond_broadcast(&engine->ended);
    engine_queue_signal(&engine->queue);
    pthread_mutex_unlock(&engine->lock);
    engine_release(engine);
    return NULL;
}

/* Signals are for the owner's thread alone: a new thread inherits the mask it is made under. */
static int create_without_signals(struct engine_thread *thread)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread->id, NULL, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

int engine_thread_start(struct engine *engine, enum engine_thread_name name,
                        void (*run)(struct engine *), struct err *err)
{
    struct engine_thread *thread = &engine->threads[name];
    int error;

    pthread_mutex_lock(&engine->lock);
    engine->references++;
    *thread = (struct engine_thread){.engine = engine, .run = run, .started = true};
    error = create_without_signals(thread);
    if (error != 0) {
        thread->started = false;
        engine->references--; /* not the last: the caller has one */
    }
    pthread_mutex_unlock(&engine->lock);
    if (error != 0) {
        return err_set(err, ERR_MEMORY, "no_thread", "cannot start a thread: %s", strerror(error));
    }
    return 0;
}

void engine_thread_join(struct engine *engine, enum engine_thread_name name)
{
    struct engine_thread *thread = &engine->threads[name];
    bool started;

    pthread_mutex_lock(&engine->lock);
    started = thread->started;
    thread->started = false;
    pthread_mutex_unlock(&engine->lock);
    if (started) {
        pthread_join(thread->id, NULL);
    }
}

static bool all_finished_locked(const struct engine *engine)
{
    for (int i = 0; i < ENGINE_THREAD_COUNT; i++) {
        if (engine->threads[i].started && !engine->threads[i].finished) {
            return false;
        }
    }
    return true;
}

void engine_threads_end(struct engine *engine, int64_t deadline_ns)
{
    bool finished[ENGINE_THREAD_COUNT];
    bool started[ENGINE_THREAD_COUNT];

    pthread_mutex_lock(&engine->lock);
    while (!all_finished_locked(engine) &&
           engine_wait_locked(engine, &engine->ended, deadline_ns)) {
    }
    for (int i = 0; i < ENGINE_THREAD_COUNT; i++) {
        started[i] = engine->threads[i].started;
        finished[i] = engine->threads[i].finished;
        engine->threads[i].started = false;
    }
    pthread_mutex_unlock(&engine->lock);
    for (int i = 0; i < ENGINE_THREAD_COUNT; i++) {
        if (started[i] && finished[i]) {
            pthread_join(engine->threads[i].id, NULL);
        } else if (started[i]) {
            pthread_detach(engine->threads[i].id);
        }
    }
}

bool engine_wait_locked(struct engine *engine, pthread_cond_t *condition, int64_t deadline_ns)
{
    struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / NS_PER_S),
        .tv_nsec = (long)(deadline_ns % NS_PER_S),
    };

    if (deadline_ns == ENGINE_FOREVER) {
        return pthread_cond_wait(condition, &engine->lock) == 0;
    }
    return pthread_cond_timedwait(condition, &engine->lock, &deadline) == 0;
}

void engine_wake_worker(struct engine *engine)
{
    const uint64_t one = 1;

    pthread_cond_broadcast(&engine->wake);
    if (engine->wake_fd >= 0) {
        (void)!write(engine->wake_fd, &one, sizeof one); /* the counter cannot be full */
    }
}

void engine_wake_owner(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine_queue_signal(&engine->queue);
    pthread_mutex_unlock(&engine->lock);
}

void engine_set_state_locked(struct engine *engine, enum engine_state state)
{
    engine->state = state;
    engine->state_since = engine->queue.put_total;
    engine->queue.changed = true;
    engine_queue_signal(&engine->queue);
}

void engine_halt_locked(struct engine *engine)
{
    const uint64_t one = 1;

    if (!engine->halted) {
        engine->halted = true;
        (void)!write(engine->halt_fd, &one, sizeof one); /* the counter cannot be full */
    }
    pthread_cond_broadcast(&engine->wake);
    pthread_cond_broadcast(&engine->room);
}
