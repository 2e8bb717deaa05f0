/*
 * An engine as a test drives it: gives a command, waits until it is carried out, keeps all events.
 * Fails the test (cmocka) when something takes longer than DRIVER_PATIENCE_MS.
 */
#ifndef SUPPORT_DRIVER_H
#define SUPPORT_DRIVER_H

#include "tlstep/engine.h"

#define DRIVER_PATIENCE_MS 15000

struct driver {
    struct engine *engine;
    struct trace_event *events;
    size_t count;
    size_t capacity;
    struct tls_options options; /* may be changed before driver_start */
    struct engine_config config;
    char stops[4096]; /* driver_stops() */
};

/* A client of "localhost" at 127.0.0.1:port that trusts `root` (DER, may be NULL: no verification).
 * The options may be changed before the first command. */
void driver_init(struct driver *driver, uint16_t port, const uint8_t *root, size_t root_length);
void driver_free(struct driver *driver);

/* Makes the engine out of options and config; done by the first command by itself. */
void driver_start(struct driver *driver);

/* Gives a command and asserts that it is taken. */
void driver_give(struct driver *driver, enum engine_command_kind kind);
void driver_give_until(struct driver *driver, const char *type);
void driver_give_send(struct driver *driver, const void *data, size_t length);

/* Takes events until the engine no longer runs. */
enum engine_state driver_wait(struct driver *driver);

/* Takes events until the predicate is true of one, also while the engine is paused. */
const struct trace_event *driver_wait_for(struct driver *driver,
                                          bool (*wanted)(const struct trace_event *));

/* Both. */
enum engine_state driver_do(struct driver *driver, enum engine_command_kind kind);
enum engine_state driver_until(struct driver *driver, const char *type);
enum engine_state driver_send(struct driver *driver, const void *data, size_t length);

/* Asserts that a command is refused with this code. */
void driver_refused(struct driver *driver, enum engine_command_kind kind, const char *code);

/* All stops so far, ">" for what the engine sends: "resolve connect >ClientHello <ServerHello …". */
const char *driver_stops(struct driver *driver);

/* The last stop alone, in the same form; "" when there is none. */
const char *driver_at(struct driver *driver);

/* The last event of a phase with this state; NULL. */
const struct trace_event *driver_phase(const struct driver *driver, enum trace_phase phase,
                                       enum trace_phase_state state);

/* The first note with this code; NULL. */
const struct trace_event *driver_note(const struct driver *driver, const char *code);

#endif
