#include "pool.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 32
/* Bytes, of each thread. */
#define MEMORY_KEPT (8 << 20)
/* Items that are being worked at or wait to be taken. */
#define AHEAD 256
/* At once by one worker: so many that all workers find room. */
#define PORTION (AHEAD / THREADS_MAX)

struct slot {
    bool done;
    struct pool_result result;
};

struct pool {
    const struct pool_work *work;
    pthread_mutex_t lock;     /* guards what follows */
    pthread_cond_t room;      /* workers wait for it */
    pthread_cond_t done;      /* the item that is to be taken next is done */
    struct slot slots[AHEAD]; /* item i is in slot i modulo AHEAD */
    size_t next;              /* the item that nobody works at yet */
    size_t taken;
    unsigned waiting; /* workers, for room */
    size_t threads;   /* that shall work; set before they do */
    bool stopped;
};

static void result_clear(struct pool_result *result)
{
    buffer_free(&result->out);
    buffer_free(&result->errors);
    *result = (struct pool_result){0};
}

/* Locking and waiting fail for objects that are none only: the returns say nothing. */
static void lock(struct pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
}

static void unlock(struct pool *pool)
{
    (void)pthread_mutex_unlock(&pool->lock);
}

static void wait_for_room(struct pool *pool)
{
    pool->waiting++;
    (void)pthread_cond_wait(&pool->room, &pool->lock);
    pool->waiting--;
}

/* How many items a worker takes at once: each hand-over wakes somebody up, which costs as much as a short conversation.
 * Towards the end fewer, so that all have something to do. */
static size_t portion(const struct pool *pool)
{
    size_t left = (pool->work->count - pool->next) / (2 * pool->threads);

    if (left == 0) {
        return 1;
    }
    return left < PORTION ? left : PORTION;
}

static void *run_worker(void *argument)
{
    struct pool *pool = argument;

    lock(pool);
    while (!pool->stopped && pool->next < pool->work->count) {
        size_t count = portion(pool);
        if (pool->next + count > pool->taken + AHEAD) {
            wait_for_room(pool);
            continue;
        }
        size_t first = pool->next;
        pool->next += count;
        unlock(pool);
        for (size_t i = first; i < first + count; i++) {
            pool->work->work(pool->work->context, i, &pool->slots[i % AHEAD].result);
        }
        lock(pool);
        for (size_t i = first; i < first + count; i++) {
            pool->slots[i % AHEAD].done = true;
        }
        if (first <= pool->taken && pool->taken < first + count) {
            (void)pthread_cond_signal(&pool->done);
        }
    }
    unlock(pool);
    return NULL;
}

/* Waits for an item and hands it over. */
static int take_one(struct pool *pool, size_t index)
{
    struct slot *slot = &pool->slots[index % AHEAD];

    lock(pool);
    while (!slot->done) {
        (void)pthread_cond_wait(&pool->done, &pool->lock);
    }
    unlock(pool);
    int status = pool->work->take(pool->work->context, index, &slot->result);
    result_clear(&slot->result);
    lock(pool);
    slot->done = false;
    pool->taken = index + 1;
    if (pool->waiting > 0 && pool->next + PORTION <= pool->taken + AHEAD) {
        (void)pthread_cond_signal(&pool->room);
    }
    unlock(pool);
    return status;
}

static int take_all(struct pool *pool)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < pool->work->count; i++) {
        status = take_one(pool, i);
    }
    lock(pool);
    pool->stopped = true;
    (void)pthread_cond_broadcast(&pool->room);
    unlock(pool);
    return status;
}

static size_t threads_wanted(size_t count)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t threads = processors > 0 ? (size_t)processors : 1;

    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    return threads < count ? threads : count;
}

/* One after the other in this thread: where there is one item or one processor, others would only be waited for. */
static int run_here(const struct pool_work *work)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < work->count; i++) {
        struct pool_result result = {0};
        work->work(work->context, i, &result);
        status = work->take(work->context, i, &result);
        result_clear(&result);
    }
    return status;
}

/* Item after item asks for the same memory: the C library is to keep some instead of giving it back each time. */
static void keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
    (void)mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
    (void)mallopt(M_MMAP_THRESHOLD, MEMORY_KEPT);
    (void)mallopt(M_TOP_PAD, MEMORY_KEPT / 8);
#endif
}

int pool_run(const struct pool_work *work, struct err *err)
{
    if (threads_wanted(work->count) <= 1) {
        return run_here(work);
    }

    keep_memory();
    struct pool *pool = calloc(1, sizeof *pool);
    pthread_t threads[THREADS_MAX];
    size_t started = 0;
    int status = 0;

    if (pool == NULL) {
        return err_memory(err, "starting threads");
    }
    pool->work = work;
    /* With default attributes these do not fail here. */
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->room, NULL);
    (void)pthread_cond_init(&pool->done, NULL);
    pool->threads = threads_wanted(work->count);
    for (; started < pool->threads; started++) {
        if (pthread_create(&threads[started], NULL, run_worker, pool) != 0) {
            break; /* fewer will do */
        }
    }
    if (started > 0) {
        status = take_all(pool);
    } else if (work->count > 0) {
        status = err_memory(err, "starting threads");
    }
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL); /* it is there and nobody else's */
    }
    for (size_t i = 0; i < AHEAD; i++) {
        result_clear(&pool->slots[i].result);
    }
    (void)pthread_cond_destroy(&pool->room); /* nobody waits any more */
    (void)pthread_cond_destroy(&pool->done);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
    return status;
}
