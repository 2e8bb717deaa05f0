/* The selected message as a tree of fields, values made when a line is drawn. */
#include <string.h>

#include "checks.h"
#include "copy.h"
#include "field_tree.h"
#include "pane.h"
#include "search.h"
#include "selection.h"

/* What is selected is in the selection. */
struct message {
    int rows, columns; /* of the tree, as drawn last */
    struct ui_page detail;
    struct ui_search search;
};

static void free_state(void *state)
{
    struct message *message = state;

    ui_page_free(&message->detail);
    ui_search_free(&message->search);
}

static const char *state_in_words(const struct ui_view *view)
{
    switch (trace_row_state(view->trace, view->selection->row, view->cursor)) {
    case TRACE_ROW_QUEUED:
        return "not sent yet";
    case TRACE_ROW_SENT:
        return "sent";
    case TRACE_ROW_ARRIVED:
        return "arrived";
    case TRACE_ROW_PROCESSED:
        return "processed";
    case TRACE_ROW_UNSENT:
        return "never sent";
    default:
        return "";
    }
}

static void entitle(void *state, const struct ui_view *view, char *out, size_t size)
{
    const struct trace_row *row = view->selection->row;
    char length[32];

    (void)state;
    if (row == NULL) {
        (void)snprintf(out, size, "Message");
        return;
    }
    (void)snprintf(out, size, "Message %u: %s · %s · %s byte%s", (unsigned)row->n, row->type,
                   state_in_words(view), text_grouped(length, sizeof length, row->length),
                   row->length == 1 ? "" : "s");
}

/* ---- drawing ------------------------------------------------------------------------------------- */

/* What stands there when there is no tree. */
static const char *placeholder(const struct ui_selection *selection)
{
    if (selection->failed) {
        return "not enough memory to show this message";
    }
    if (selection->row == NULL) {
        return "no message yet";
    }
    if (ui_selection_is_kept_back(selection)) {
        return "kept back: this session is shown redacted";
    }
    if (selection->row->layer == TRACE_LAYER_TCP && selection->row->problem != NULL) {
        return selection->row->problem; /* a gap: how much is missing */
    }
    if (selection->row->dropped) {
        return "its bytes were dropped to bound memory; they are in the saved file";
    }
    if (selection->row->layer == TRACE_LAYER_TCP && selection->row->observed) {
        return "a TCP packet that carries no bytes of TLS";
    }
    if (selection->row->layer == TRACE_LAYER_TCP) {
        return "the kernel sent or received this segment: tlstep has not seen its bytes";
    }
    return "there are no bytes to show";
}

static void draw_placeholder(const struct ui_selection *selection, const struct ui_area *area)
{
    struct ui_page page = {0};
    const char *text = placeholder(selection);
    char safe[300];

    ui_page_reset(&page, area->columns, area->canvas->ascii);
    ui_page_line(&page);
    ui_page_wrap(&page, UI_DIM, 0, text_safe(safe, sizeof safe, text, strlen(text)));
    ui_page_draw(&page, 0, area);
    ui_page_free(&page);
}

/* ---- below the tree ------------------------------------------------------------------------------ */

/* The value of the selected field, whole, when its line has no room for it. */
static void add_whole_value(struct ui_page *page, const struct ui_selection *selection, int values)
{
    size_t index = selection->tree.selected;
    const struct wire_field *field = &selection->fields.fields[index];
    int name = ui_field_indent(field->depth, page->columns) + 2 +
               ui_text_columns(field->type->name, page->ascii) + 1;
    struct buffer value = {0};
    const char *text;

    /* What an unfolded group sums up stands below it already. */
    if (selection->tree.open[index] && ui_tree_has_children(&selection->tree, index)) {
        return;
    }
    ui_field_value(&value, &selection->fields, index);
    text = buffer_string(&value);
    if (text != NULL &&
        ui_text_columns(text, page->ascii) > page->columns - (name < values ? values : name)) {
        ui_page_section(page, field->type->name);
        ui_page_line(page);
        ui_page_wrap(page, UI_TEXT, 0, text);
    }
    page->failed |= value.failed;
    buffer_free(&value);
}

/* Makes what stands below the tree, and returns how many rows of the area it gets: at most half. */
static int make_detail(struct message *message, const struct ui_view *view,
                       const struct ui_area *area)
{
    const struct ui_selection *selection = view->selection;
    struct ui_page *page = &message->detail;
    int values = ui_field_value_column(selection, area->rows, area->columns, view->ascii);

    ui_page_reset(page, area->columns, view->ascii);
    if (selection->row != NULL) {
        ui_checks_add(page, view->facts, selection->row->n);
    }
    add_whole_value(page, selection, values);
    return page->count < (size_t)area->rows / 2 ? (int)page->count : area->rows / 2;
}

/* Where it is cut, e shows all of it. */
static void draw_detail(const struct ui_page *page, const struct ui_area *area)
{
    ui_page_draw(page, 0, area);
    if (area->rows > 0 && page->count > (size_t)area->rows) {
        ui_area_text_right(area, area->rows - 1, area->columns, UI_DIM, " … e: all");
    }
}

/* ---- the pane --------------------------------------------------------------------------------------- */

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct message *message = state;
    struct ui_area above, below;
    int detail;

    if (view->selection->tree.visible_count == 0) {
        draw_placeholder(view->selection, area);
        return;
    }
    detail = make_detail(message, view, area);
    above = ui_area_part(area, 0, 0, area->rows - detail, area->columns);
    below = ui_area_part(area, above.rows, 0, detail, area->columns);
    message->rows = above.rows;
    message->columns = above.columns;
    ui_field_tree_draw(view->selection, &above, false, focused);
    draw_detail(&message->detail, &below);
}

/* ---- keys ------------------------------------------------------------------------------------------ */

static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    const struct message *message = state;

    return ui_field_tree_move(view->selection, motion, message->rows > 0 ? message->rows : rows);
}

static bool act(void *state, const struct ui_view *view, enum ui_action action)
{
    (void)state;
    return ui_field_tree_act(view->selection, action);
}

/* In all messages: from the selected field on, around the end. */
static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct message *message = state;
    struct ui_selection *selection = view->selection;
    struct ui_match from = {.n = selection->n, .field = (uint32_t)selection->tree.selected};
    struct ui_match found;

    return ui_search_find(&message->search, view->trace, view->cursor, text, from, backward,
                          &found) &&
           ui_selection_field(selection, view->trace, view->cursor, found.n, found.field);
}

static void describe_found(void *state, const struct ui_view *view, char *out, size_t size)
{
    const struct message *message = state;

    (void)view;
    ui_search_describe(&message->search, out, size);
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    const struct message *message = state;

    return y < message->rows && ui_field_tree_click(view->selection, y, x, message->columns);
}

const struct ui_pane_operations ui_pane_message = {
    .name = "message",
    .title = "Message",
    .tab = "Msg",
    .state_size = sizeof(struct message),
    .free = free_state,
    .entitle = entitle,
    .draw = draw,
    .move = move,
    .act = act,
    .search = search,
    .found = describe_found,
    .click = click,
};
