/* What --redact keeps back on the screen: secrets, application data, cookies and tickets. */
#include <string.h>

#include "commands.h"
#include "schedule.h"
#include "tlstep/report.h"

int ui_check_redacted(const struct ui *ui, const char *what, struct err *err)
{
    return !stepper_options(ui->stepper)->redact
               ? 0
               : err_set(err, ERR_USAGE, "redacted", "this session is shown redacted: %s kept back",
                         what);
}

/* ---- fields ----------------------------------------------------------------------------------------- */

/* The hexadecimal digits of a buffer as a report shows it redacted; NULL: it is kept back whole. */
static const char *find_digits(const json_t *buffers, const char *name)
{
    size_t i;
    const json_t *buffer;

    json_array_foreach(buffers, i, buffer)
    {
        const char *here = json_string_value(json_object_get(buffer, "buffer"));
        if (here != NULL && strcmp(here, name) == 0) {
            return json_string_value(json_object_get(buffer, "hex"));
        }
    }
    return NULL;
}

static bool are_digits_of(const char *digits, const uint8_t *bytes, size_t length)
{
    char byte[3];

    for (size_t i = 0; i < length; i++) {
        (void)snprintf(byte, sizeof byte, "%02x", bytes[i]);
        if (memcmp(digits + 2 * i, byte, 2) != 0) {
            return false;
        }
    }
    return true;
}

/* A field may be copied where a report would show all of its bytes: what is private is known there. */
static bool is_shown(struct ui *ui, const struct wire_field *field)
{
    const struct ui_selection *selection = &ui->selection;
    const struct trace_buffer *buffer = ui_selection_buffer(selection);
    json_t *buffers;
    const char *digits;
    size_t end = field->offset + field->length;
    bool shown;

    if (selection->row == NULL || buffer == NULL || end > buffer->length) {
        return false;
    }
    buffers = report_bytes_redacted_json(stepper_trace(ui->stepper), selection->row);
    digits = find_digits(buffers, buffer->name);
    shown = digits != NULL && strlen(digits) >= 2 * end &&
            are_digits_of(digits + 2 * (size_t)field->offset, buffer->data + field->offset,
                          field->length);
    json_decref(buffers);
    return shown;
}

int ui_check_redacted_field(struct ui *ui, const struct wire_tree *tree, size_t index,
                            struct err *err)
{
    const struct ui_schedule *schedule = ui->panes[UI_PANE_SCHEDULE].state;

    if (tree == &schedule->keys.fields) {
        return ui_check_redacted(ui, "secrets are", err);
    }
    if (tree != &ui->selection.fields || !stepper_options(ui->stepper)->redact ||
        is_shown(ui, &tree->fields[index])) {
        return 0;
    }
    return ui_check_redacted(ui, "what this holds is", err);
}
