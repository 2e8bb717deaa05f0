/* Commands that are answered with data. */
#include <string.h>

#include "moves.h"

json_t *ask_state(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace_facts *facts = stepper_facts(stepper);
    (void)argument, (void)err;

    return facts != NULL ? report_facts_json(stepper_trace(stepper), stepper_cursor(stepper), facts)
                         : NULL;
}

json_t *ask_messages(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument, (void)err;
    return report_messages_json(stepper_trace(stepper), stepper_cursor(stepper));
}

/* A row that the cursor has reached: what comes later is not told. */
static const struct trace_row *shown_row(struct stepper *stepper, const char *argument,
                                         struct err *err)
{
    const struct trace_row *row = argument_row(stepper, argument, err);
    if (row != NULL &&
        row->n > trace_row_count_at(stepper_trace(stepper), stepper_cursor(stepper))) {
        err_set(err, ERR_USAGE, "no_such_row", "row %u comes after the cursor", row->n);
        return NULL;
    }
    return row;
}

/* What --redact keeps back altogether. */
static bool is_kept_back(const struct stepper *stepper, const char *what, struct err *err)
{
    if (stepper->options.redact) {
        err_set(err, ERR_USAGE, "redacted", "--redact keeps %s back", what);
    }
    return stepper->options.redact;
}

json_t *ask_fields(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace_row *row = shown_row(stepper, argument, err);
    if (row == NULL) {
        return NULL;
    }
    return stepper->options.redact ? report_fields_redacted_json(stepper_trace(stepper), row)
                                   : report_fields_json(stepper_trace(stepper), row);
}

json_t *ask_bytes(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace_row *row = shown_row(stepper, argument, err);
    if (row == NULL) {
        return NULL;
    }
    return stepper->options.redact ? report_bytes_redacted_json(stepper_trace(stepper), row)
                                   : report_bytes_json(stepper_trace(stepper), row);
}

json_t *ask_secrets(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    if (is_kept_back(stepper, "secrets", err)) {
        return NULL;
    }
    return report_secrets_json(stepper_trace(stepper), stepper_cursor(stepper));
}

json_t *ask_certs(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace_facts *facts = stepper_facts(stepper);
    (void)argument, (void)err;

    return facts != NULL ? report_certificates_json(facts) : NULL;
}

json_t *ask_checks(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument, (void)err;
    return report_checks_json(stepper_trace(stepper), stepper_cursor(stepper));
}

json_t *ask_schedule(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace_row *row = NULL;

    if (is_kept_back(stepper, "secrets", err)) {
        return NULL;
    }
    if (argument != NULL) {
        row = shown_row(stepper, argument, err);
        if (row == NULL) {
            return NULL;
        }
    }
    return report_schedule_json(stepper_trace(stepper), stepper_cursor(stepper), row);
}

json_t *ask_follow(struct stepper *stepper, const char *argument, struct err *err)
{
    bool sides[2] = {true, true};

    if (is_kept_back(stepper, "application data", err)) {
        return NULL;
    }
    for (int side = WIRE_CLIENT; argument != NULL && side <= WIRE_SERVER; side++) {
        sides[side] = strcmp(argument, wire_side_name(side)) == 0;
    }
    if (!sides[WIRE_CLIENT] && !sides[WIRE_SERVER]) {
        err_set(err, ERR_USAGE, "bad_value", "follow takes client, server, or nothing for both");
        return NULL;
    }
    return report_follow_json(stepper_trace(stepper), stepper_cursor(stepper), sides);
}

json_t *ask_conversations(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace_capture *capture = stepper_capture(stepper);
    json_t *list;
    (void)argument;

    if (capture == NULL) {
        err_set(err, ERR_USAGE, "no_capture", "this is one session, not a capture");
        return NULL;
    }
    list = json_array();
    for (size_t i = 0; list != NULL && i < trace_capture_count(capture); i++) {
        json_t *line = report_conversation_json(trace_capture_at(capture, i));
        if (json_array_append_new(list, line) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}
