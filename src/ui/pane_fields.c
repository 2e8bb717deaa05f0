/* The fields of the certificate that was opened; as text; as PEM. */
#include <stdlib.h>
#include <string.h>

#include "copy.h"
#include "field_tree.h"
#include "fields.h"
#include "tree.h"

static void free_state(void *state)
{
    ui_fields_free(state);
}

/* ---- text and PEM ----------------------------------------------------------------------------------- */

static void add_text(struct ui_page *page, const char *text)
{
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, "\n");
        size_t blanks = strspn(text, " ");
        char *line = text_duplicate(text, length);
        ui_page_line(page);
        if (line == NULL) {
            page->failed = true;
            return;
        }
        ui_page_wrap(page, UI_TEXT, blanks < (size_t)page->columns / 2 ? (int)blanks : 0, line);
        free(line);
        text += length;
        text += *text == '\n';
    }
}

static void make_text(struct ui_fields *fields, const struct ui_area *area)
{
    struct ui_page *page = &fields->text.page;
    struct buffer text = {0};

    if (fields->text.kept && fields->text.columns == area->columns) {
        return;
    }
    ui_page_reset(page, area->columns, area->canvas->ascii);
    if (fields->form == UI_FIELDS_TEXT) {
        pki_certificate_text(&text, fields->certificate);
    } else {
        pki_pem_append(&text, fields->certificate->der, "CERTIFICATE");
    }
    add_text(page, buffer_string(&text));
    page->failed |= text.failed;
    buffer_free(&text);
    fields->text.kept = !page->failed;
    fields->text.columns = area->columns;
}

/* ---- the pane --------------------------------------------------------------------------------------- */

static void add_whole_value(struct ui_page *page, const struct ui_selection *selection)
{
    size_t index = selection->tree.selected;
    struct buffer value = {0};

    if (index >= selection->fields.count ||
        (selection->tree.open[index] && ui_tree_has_children(&selection->tree, index))) {
        return;
    }
    ui_field_value(&value, &selection->fields, index);
    if (buffer_string(&value) != NULL && value.length > (size_t)page->columns / 2) {
        ui_page_section(page, selection->fields.fields[index].type->name);
        ui_page_line(page);
        ui_page_wrap(page, UI_TEXT, 0, buffer_string(&value));
    }
    buffer_free(&value);
}

/* The value that has no room in its line stands below, in at most a third of the pane. */
static void draw_tree(struct ui_fields *fields, const struct ui_area *area, bool focused)
{
    struct ui_page page = {0};
    int below;

    ui_page_reset(&page, area->columns, area->canvas->ascii);
    add_whole_value(&page, &fields->fields);
    below = page.count < (size_t)area->rows / 3 ? (int)page.count : area->rows / 3;
    struct ui_area above = ui_area_part(area, 0, 0, area->rows - below, area->columns);
    struct ui_area rest = ui_area_part(area, above.rows, 0, below, area->columns);
    fields->rows = above.rows;
    ui_field_tree_draw(&fields->fields, &above, false, focused);
    ui_page_draw(&page, 0, &rest);
    ui_page_free(&page);
}

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct ui_fields *fields = state;

    (void)view;
    fields->rows = area->rows;
    fields->columns = area->columns;
    if (fields->certificate == NULL) {
        (void)ui_area_text(area, 0, 0, UI_DIM, "no certificate has been opened: Enter opens one");
    } else if (fields->form == UI_FIELDS_TREE) {
        draw_tree(fields, area, focused);
    } else {
        make_text(fields, area);
        ui_page_pane_draw(&fields->text, area, focused);
    }
}

static void entitle(void *state, const struct ui_view *view, char *out, size_t size)
{
    static const char *const forms[] = {"fields", "text", "PEM"};
    const struct ui_fields *fields = state;

    (void)view;
    (void)snprintf(out, size, "Certificate: %s · %s", fields->name, forms[fields->form]);
}

/* ---- keys ---------------------------------------------------------------------------------------------- */

static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    struct ui_fields *fields = state;

    (void)view;
    return fields->form == UI_FIELDS_TREE
               ? ui_field_tree_move(&fields->fields, motion, fields->rows > 0 ? fields->rows : rows)
               : ui_page_pane_move(&fields->text, motion, rows);
}

static void show_next_form(struct ui_fields *fields)
{
    fields->form = (enum ui_fields_form)((fields->form + 1) % UI_FIELDS_FORMS);
    fields->text.kept = false;
    fields->text.top = fields->text.found = 0;
}

static bool act(void *state, const struct ui_view *view, enum ui_action action)
{
    struct ui_fields *fields = state;

    (void)view;
    if (fields->certificate == NULL) {
        return false;
    }
    if (action == UI_SWITCH) {
        show_next_form(fields);
        return true;
    }
    return fields->form == UI_FIELDS_TREE && ui_field_tree_act(&fields->fields, action);
}

static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct ui_fields *fields = state;

    (void)view;
    return fields->form == UI_FIELDS_TREE
               ? ui_field_tree_search(&fields->fields, text, backward, false)
               : ui_page_pane_search(&fields->text, text, backward);
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    struct ui_fields *fields = state;

    (void)view;
    return fields->form == UI_FIELDS_TREE && y < fields->rows &&
           ui_field_tree_click(&fields->fields, y, x, fields->columns);
}

static const struct wire_tree *fields_of(void *state, const struct ui_view *view, size_t *selected)
{
    const struct ui_fields *fields = state;

    (void)view;
    *selected = fields->fields.tree.selected;
    return fields->certificate != NULL && fields->form == UI_FIELDS_TREE ? &fields->fields.fields
                                                                         : NULL;
}

const struct ui_pane_operations ui_pane_fields = {
    .name = "fields",
    .title = "Certificate",
    .tab = "Fields",
    .keys = "v text, PEM  y copy  Esc back",
    .state_size = sizeof(struct ui_fields),
    .free = free_state,
    .entitle = entitle,
    .draw = draw,
    .move = move,
    .act = act,
    .search = search,
    .click = click,
    .fields = fields_of,
};
