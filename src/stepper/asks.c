/* Commands that are answered with data. */
#include "moves.h"

json_t *ask_state(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument, (void)err;
    return report_json(stepper_trace(stepper), stepper_cursor(stepper));
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

json_t *ask_fields(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace_row *row = shown_row(stepper, argument, err);
    return row != NULL ? report_fields_json(stepper_trace(stepper), row) : NULL;
}

json_t *ask_bytes(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace_row *row = shown_row(stepper, argument, err);
    return row != NULL ? report_bytes_json(stepper_trace(stepper), row) : NULL;
}

json_t *ask_secrets(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument, (void)err;
    return report_secrets_json(stepper_trace(stepper), stepper_cursor(stepper));
}

json_t *ask_certs(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument, (void)err;
    return report_certificates_json(stepper_trace(stepper), stepper_cursor(stepper));
}
