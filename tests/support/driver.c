#include "driver.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void driver_init(struct driver *driver, uint16_t port, const uint8_t *root, size_t root_length)
{
    memset(driver, 0, sizeof *driver);
    tls_options_init(&driver->options);
    driver->options.no_verify = root == NULL;
    driver->options.verify_name = text_duplicate("localhost", 9);
    driver->options.sni = text_duplicate("localhost", 9);
    assert_non_null(driver->options.verify_name);
    assert_non_null(driver->options.sni);
    driver->config = (struct engine_config){
        .options = &driver->options,
        .host = "127.0.0.1",
        .port = port,
        .lab_root = root,
        .lab_root_length = root_length,
        .linger_ms = 200,
    };
}

void driver_free(struct driver *driver)
{
    engine_free(driver->engine);
    for (size_t i = 0; i < driver->count; i++) {
        trace_event_clear(&driver->events[i]);
    }
    free(driver->events);
    tls_options_free(&driver->options);
    memset(driver, 0, sizeof *driver);
}

void driver_start(struct driver *driver)
{
    struct err err;

    if (driver->engine != NULL) {
        return;
    }
    driver->config.start_ns = clock_monotonic_ns();
    driver->engine = engine_new(&driver->config, &err);
    if (driver->engine == NULL) {
        fail_msg("engine_new: %s", err.text);
    }
}

static void give(struct driver *driver, const struct engine_command *command)
{
    struct err err;

    driver_start(driver);
    if (engine_command(driver->engine, command, &err) != 0) {
        fail_msg("a command was refused: %s", err.text);
    }
}

void driver_give(struct driver *driver, enum engine_command_kind kind)
{
    give(driver, &(struct engine_command){.kind = kind});
}

void driver_give_until(struct driver *driver, const char *type)
{
    struct engine_command command = {.kind = ENGINE_UNTIL};
    struct err err;

    assert_int_equal(engine_match_parse(type, &command.match, &err), 0);
    give(driver, &command);
}

void driver_give_send(struct driver *driver, const void *data, size_t length)
{
    give(driver, &(struct engine_command){.kind = ENGINE_SEND, .data = data, .length = length});
}

static void keep(struct driver *driver, const struct trace_event *event)
{
    struct trace_event *grown =
        array_grow(driver->events, &driver->capacity, driver->count + 1, sizeof *grown);

    assert_non_null(grown);
    driver->events = grown;
    driver->events[driver->count++] = *event;
}

static void drain(struct driver *driver)
{
    struct trace_event event;

    while (engine_take(driver->engine, &event)) {
        keep(driver, &event);
    }
}

static void wait_for_engine(struct driver *driver, int64_t deadline_ns)
{
    struct pollfd watched = {.fd = engine_wake_fd(driver->engine), .events = POLLIN};
    int64_t left_ms = (deadline_ns - clock_monotonic_ns()) / 1000000;

    if (left_ms <= 0) {
        fail_msg("the engine takes too long; stops so far: %s", driver_stops(driver));
    }
    (void)poll(&watched, 1, (int)left_ms);
}

enum engine_state driver_wait(struct driver *driver)
{
    int64_t deadline_ns = clock_monotonic_ns() + INT64_C(1000000) * DRIVER_PATIENCE_MS;

    for (;;) {
        enum engine_state state;

        drain(driver);
        state = engine_state(driver->engine);
        if (state != ENGINE_RUNNING) {
            drain(driver); /* the last events may have come with the change of state */
            return state;
        }
        wait_for_engine(driver, deadline_ns);
    }
}

const struct trace_event *driver_wait_for(struct driver *driver,
                                          bool (*wanted)(const struct trace_event *))
{
    int64_t deadline_ns = clock_monotonic_ns() + INT64_C(1000000) * DRIVER_PATIENCE_MS;

    for (size_t seen = 0;; seen = driver->count) {
        drain(driver);
        for (size_t i = seen; i < driver->count; i++) {
            if (wanted(&driver->events[i])) {
                return &driver->events[i];
            }
        }
        wait_for_engine(driver, deadline_ns);
    }
}

enum engine_state driver_do(struct driver *driver, enum engine_command_kind kind)
{
    driver_give(driver, kind);
    return driver_wait(driver);
}

enum engine_state driver_until(struct driver *driver, const char *type)
{
    driver_give_until(driver, type);
    return driver_wait(driver);
}

enum engine_state driver_send(struct driver *driver, const void *data, size_t length)
{
    driver_give_send(driver, data, length);
    return driver_wait(driver);
}

void driver_refused(struct driver *driver, enum engine_command_kind kind, const char *code)
{
    const struct engine_command command = {.kind = kind, .data = "x", .length = 1};
    struct err err = {0};

    driver_start(driver);
    assert_int_equal(engine_command(driver->engine, &command, &err), -1);
    assert_int_equal(err.class, ERR_USAGE);
    assert_string_equal(err.code, code);
    assert_true(strlen(err.text) > 10);
}

static void append_stop(struct driver *driver, const struct trace_event *event)
{
    enum wire_side local = driver->config.role == ENGINE_SERVER ? WIRE_SERVER : WIRE_CLIENT;
    size_t length = strlen(driver->stops);
    bool has_side = event->text[0] < 'a' || event->text[0] > 'z'; /* phases are lower case */
    const char *side = event->from == local ? ">" : "<";

    if (has_side) {
        assert_int_equal(event->queued, event->from == local);
    }
    (void)snprintf(driver->stops + length, sizeof driver->stops - length, "%s%s%s",
                   length > 0 ? " " : "", has_side ? side : "", event->text);
}

const char *driver_stops(struct driver *driver)
{
    driver->stops[0] = '\0';
    for (size_t i = 0; i < driver->count; i++) {
        if (driver->events[i].kind == TRACE_STOP) {
            append_stop(driver, &driver->events[i]);
        }
    }
    return driver->stops;
}

const char *driver_at(struct driver *driver)
{
    driver->stops[0] = '\0';
    for (size_t i = driver->count; i-- > 0;) {
        if (driver->events[i].kind == TRACE_STOP) {
            append_stop(driver, &driver->events[i]);
            break;
        }
    }
    return driver->stops;
}

const struct trace_event *driver_phase(const struct driver *driver, enum trace_phase phase,
                                       enum trace_phase_state state)
{
    for (size_t i = driver->count; i-- > 0;) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_PHASE && event->phase == phase && event->state == state) {
            return event;
        }
    }
    return NULL;
}

const struct trace_event *driver_note(const struct driver *driver, const char *code)
{
    for (size_t i = 0; i < driver->count; i++) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_NOTE && event->code != NULL && strcmp(event->code, code) == 0) {
            return event;
        }
    }
    return NULL;
}
