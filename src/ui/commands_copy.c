/* Commands that take something away from the screen: a field, the application data. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certificate_copy.h"
#include "clipboard.h"
#include "commands.h"
#include "pane_data.h"

/* ---- which field ------------------------------------------------------------------------------------ */

/* The field that is selected in the pane that has the keys, else the one of the message. */
const struct wire_tree *ui_selected_field(struct ui *ui, const struct ui_view *view, size_t *index)
{
    const struct ui_pane *pane = &ui->panes[ui->focus];
    const struct wire_tree *tree = &ui->selection.fields;

    *index = ui->selection.tree.selected;
    if (ui->focus == UI_PANE_BYTES) {
        *index = view->bytes->tree.selected;
        tree = &view->bytes->fields;
    }
    if (pane->operations->fields != NULL) {
        tree = pane->operations->fields(pane->state, view, index);
    }
    return tree != NULL && *index < tree->count ? tree : NULL;
}

static const struct wire_tree *field_to_copy(struct ui *ui, size_t *index, struct err *err)
{
    const struct wire_tree *tree;
    struct ui_view view;

    if (!ui_make_view(ui, &view)) {
        (void)err_memory(err, "copying");
        return NULL;
    }
    tree = ui_selected_field(ui, &view, index);
    if (tree == NULL && ui_selection_is_kept_back(&ui->selection)) {
        (void)ui_check_redacted(ui, "what this holds is", err);
        return NULL;
    }
    if (tree == NULL) {
        (void)ui_cannot(err, "no field is selected that could be copied");
        return NULL;
    }
    if (ui_check_redacted_field(ui, tree, *index, err) != 0) {
        return NULL;
    }
    if (ui_hides(ui, tree->fields[*index].type)) {
        (void)ui_cannot(err, "this is a secret: x shows it, then it can be copied");
        return NULL;
    }
    return tree;
}

/* ---- where to ----------------------------------------------------------------------------------------- */

static int write_file(const char *path, const char *what, const struct buffer *text,
                      struct err *err)
{
    int fd = file_create_private(path, what, false, err);

    if (fd < 0) {
        return -1;
    }
    if (file_write_all(fd, text->data, text->length, what, err) != 0) {
        (void)close(fd);
        return -1;
    }
    if (close(fd) != 0) {
        return err_set(err, ERR_FILE, "cannot_write", "cannot write %s %s", what, path);
    }
    return 0;
}

/* The sequence goes out after the next frame: the terminal must not get it in the middle of one. */
static int to_clipboard(struct ui *ui, const struct buffer *text, struct err *err)
{
    const char *tmux = getenv("TMUX");
    bool in_tmux = tmux != NULL && tmux[0] != '\0';

    if (!ui_clipboard_exists(getenv("TERM"))) {
        return err_set(err, ERR_USAGE, "no_clipboard",
                       "this terminal has no clipboard: y and a capital letter copies to a file");
    }
    buffer_free(&ui->to_terminal);
    if (!ui_clipboard_sequence(&ui->to_terminal, text->data, text->length, in_tmux)) {
        return err_set(err, ERR_USAGE, "too_long",
                       "%zu bytes are too many for a terminal's clipboard: y and a capital letter "
                       "copies to a file",
                       text->length);
    }
    return 0;
}

/* ---- application data --------------------------------------------------------------------------------- */

/* Of the sides that its pane shows. */
int ui_run_save_data(struct ui *ui, const char *argument, long key, struct err *err)
{
    const struct ui_data_pane *pane = ui->panes[UI_PANE_DATA].state;
    struct ui_view view;
    uint64_t written;
    char file[300];

    if (ui_check_redacted(ui, "application data is", err) != 0) {
        return -1;
    }
    if (key != 0 || argument == NULL) {
        ui_prompt_open(&ui->prompt, UI_PROMPT_COMMAND, "save-data ");
        return 0;
    }
    if (!ui_make_view(ui, &view)) {
        return err_memory(err, "saving");
    }
    if (!ui_is_present(ui, UI_PANE_DATA)) {
        return ui_cannot(err, "there is no application data yet, or none that can be read");
    }
    if (ui_data_save(view.trace, view.cursor, ui_data_pane_sides(pane), argument, &written, err) !=
        0) {
        return -1;
    }
    ui_tell(ui, UI_MARK_GOOD, "Saved %llu bytes of application data to %s.",
            (unsigned long long)written, text_safe(file, sizeof file, argument, strlen(argument)));
    return 0;
}

/* ---- copy --------------------------------------------------------------------------------------------- */

/* Each to the clipboard, and with its capital to a file. */
static void add_forms(struct ui *ui, const struct ui_copy_row *rows, size_t count)
{
    char text[80], line[40];

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(line, sizeof line, "copy %s", rows[i].name);
        ui_menu_add(&ui->menu, rows[i].key, rows[i].what, line);
    }
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(line, sizeof line, "copy %s ", rows[i].name);
        (void)snprintf(text, sizeof text, "%s, to a file", rows[i].what);
        ui_menu_add(&ui->menu, (char)(rows[i].key - 'a' + 'A'), text, line);
    }
}

static void open_menu(struct ui *ui, const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    char title[120];

    (void)snprintf(title, sizeof title, "Copy %s, %lu bytes", field->type->name,
                   (unsigned long)field->length);
    ui_menu_open(&ui->menu, title);
    add_forms(ui, ui_copy_table, UI_COPY_FORMAT_COUNT);
}

/* To a file, or to the clipboard where none is named. */
static int hand_over(struct ui *ui, const char *what, const struct buffer *text, const char *path,
                     struct err *err)
{
    bool to_file = path[0] != '\0';
    char file[300];

    if ((to_file ? write_file(path, "copy", text, err) : to_clipboard(ui, text, err)) != 0) {
        return -1;
    }
    ui_tell(ui, UI_MARK_GOOD, "Copied %s (%zu bytes) to %s.", what, text->length,
            to_file ? text_safe(file, sizeof file, path, strlen(path))
                    : "the terminal's clipboard (OSC 52)");
    return 0;
}

static int copy(struct ui *ui, enum ui_copy_format format, const char *path, struct err *err)
{
    size_t index = 0;
    const struct wire_tree *tree = field_to_copy(ui, &index, err);
    struct buffer text = {0};
    char what[200];
    int result;

    if (tree == NULL) {
        return -1;
    }
    ui_copy_write(&text, format, tree, index);
    if (text.failed) {
        result = err_memory(err, "copying");
    } else if (text.length == 0) {
        result =
            err_set(err, ERR_USAGE, "nothing_to_do", "%s has no %s of its own: %s",
                    tree->fields[index].type->name, format == UI_COPY_VALUE ? "value" : "bytes",
                    "JSON has what it consists of");
    } else {
        (void)snprintf(what, sizeof what, "%s as %s", tree->fields[index].type->name,
                       ui_copy_table[format].what);
        result = hand_over(ui, what, &text, path, err);
    }
    buffer_free(&text);
    return result;
}

/* ---- certificates --------------------------------------------------------------------------------------- */

static int copy_certificate(struct ui *ui, enum ui_certificate_format format, const char *path,
                            struct err *err)
{
    struct ui_view view;
    struct pki_slice der;
    struct buffer text = {0};
    int result;

    if (!ui_make_view(ui, &view)) {
        return err_memory(err, "copying");
    }
    der = ui_selected_certificate(ui, &view);
    if (der.length == 0) {
        return ui_cannot(err, "no certificate is selected that could be copied");
    }
    ui_certificate_copy(&text, format, der);
    if (text.failed) {
        result = err_memory(err, "copying");
    } else if (text.length == 0) {
        result = ui_cannot(err, "this certificate is malformed: it has none");
    } else {
        result = hand_over(ui, ui_certificate_formats[format].what, &text, path, err);
    }
    buffer_free(&text);
    return result;
}

/* The forms of the selected field, then those of the certificate that it is in. */
static int ask_for_form(struct ui *ui, struct err *err)
{
    struct ui_view view;
    const struct wire_tree *tree;
    struct pki_slice der;
    size_t index = 0;

    if (!ui_make_view(ui, &view)) {
        return err_memory(err, "copying");
    }
    der = ui_selected_certificate(ui, &view);
    tree = der.length == 0 || ui_looks_at_field(ui) ? field_to_copy(ui, &index, err) : NULL;
    if (tree == NULL && der.length == 0) {
        return -1;
    }
    if (tree != NULL) {
        open_menu(ui, tree, index);
    } else {
        ui_menu_open(&ui->menu, "Copy the certificate");
    }
    if (der.length > 0) {
        add_forms(ui, ui_certificate_formats, UI_CERTIFICATE_FORMATS);
    }
    return 0;
}

int ui_run_copy(struct ui *ui, const char *argument, long key, struct err *err)
{
    size_t length;
    enum ui_copy_format format;
    enum ui_certificate_format whole;

    (void)key;
    if (argument == NULL) {
        return ask_for_form(ui, err);
    }
    length = strcspn(argument, " ");
    format = ui_copy_find(argument, length);
    whole = ui_certificate_format_find(argument, length);
    if (format == UI_COPY_FORMAT_COUNT && whole == UI_CERTIFICATE_FORMATS) {
        return err_set(err, ERR_USAGE, "bad_value",
                       "formats are value, hex, c and json; of a certificate pem, text, "
                       "fingerprint and pin");
    }
    argument += length;
    argument += strspn(argument, " ");
    return whole != UI_CERTIFICATE_FORMATS ? copy_certificate(ui, whole, argument, err)
                                           : copy(ui, format, argument, err);
}
