/* Starting, ending and joining the threads of an engine, and waiting. */
#ifndef TLSTEP_ENGINE_THREAD_H
#define TLSTEP_ENGINE_THREAD_H

#include "state.h"

/* Starts a thread with all signals blocked. It holds a reference to the engine. */
int engine_thread_start(struct engine *engine, enum engine_thread_name name,
                        void (*run)(struct engine *), struct err *err);

/* Waits until the thread has ended. One that was not started has. */
void engine_thread_join(struct engine *engine, enum engine_thread_name name);

/* The same for all threads, until a deadline; those that have not ended by then are given up: they
 * end by themselves and free what they hold. */
void engine_threads_end(struct engine *engine, int64_t deadline_ns);

/* Waits for a condition until a deadline (clock_monotonic_ns(), ENGINE_FOREVER). False: late. */
bool engine_wait_locked(struct engine *engine, pthread_cond_t *condition, int64_t deadline_ns);

/* Tells the owner of events that are waiting: before this thread waits for something else than the
 * engine's conditions. */
void engine_wake_owner(struct engine *engine);

/* Whatever it waits for: it looks again. With the lock or without. */
void engine_wake_worker(struct engine *engine);

/* Sets the state and wakes the owner. */
void engine_set_state_locked(struct engine *engine, enum engine_state state);

/* From now on nothing blocks: wakes all threads, poll() and condition waits alike. */
void engine_halt_locked(struct engine *engine);

/* Gives back a reference; the last one frees the engine. */
void engine_release(struct engine *engine);

#endif
