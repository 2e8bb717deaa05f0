/* Commands of the list of conversations. */
#include <string.h>

#include "commands.h"
#include "pane_conversations.h"
#include "pane_store.h"

static struct ui_conversations_pane *pane_of(struct ui *ui)
{
    return ui->panes[UI_PANE_CONVERSATIONS].state;
}

/* ---- opening and going back -------------------------------------------------------------------------- */

int ui_run_conversation(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)key;
    if (ui_run_stepper(ui, "conversation", argument, err) != 0) {
        return -1;
    }
    ui_forget_session(ui); /* also when the same one was opened again */
    ui->zoomed = false;
    return 0;
}

int ui_open_conversation(struct ui *ui, struct err *err)
{
    const struct trace_conversation *selected = ui_conversations_selected(pane_of(ui), ui->stepper);
    char number[16];

    if (selected == NULL) {
        return ui_cannot(err, "there is no conversation to open");
    }
    (void)snprintf(number, sizeof number, "%u", (unsigned)selected->stream);
    return ui_run_conversation(ui, number, 0, err);
}

int ui_run_conversations(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)key;
    if (stepper_listing(ui->stepper)) {
        return ui_cannot(err, "this is the list of conversations");
    }
    if (ui_run_stepper(ui, "conversations", argument, err) != 0) {
        return -1;
    }
    ui_forget_session(ui);
    ui->zoomed = false;
    return 0;
}

/* ---- order --------------------------------------------------------------------------------------------- */

static void tell_order(struct ui *ui)
{
    const struct ui_conversations *list = &pane_of(ui)->list;

    ui_tell(ui, UI_MARK_GOOD, "Sorted by %s, %s.",
            list->sort == UI_CONVERSATION_NUMBER ? "number" : ui_conversation_title(list->sort),
            list->descending ? "the largest first" : "the smallest first");
}

/* The column with a name, or UI_CONVERSATION_COLUMNS. */
static enum ui_conversation_column find_column(const char *name)
{
    int column = 0;

    while (column < UI_CONVERSATION_COLUMNS &&
           strcasecmp(ui_conversation_title((enum ui_conversation_column)column), name) != 0) {
        column++;
    }
    return (enum ui_conversation_column)column;
}

static struct ui_store_pane *store_of(struct ui *ui)
{
    return ui->panes[UI_PANE_STORE].state;
}

static int sort_store(struct ui *ui, enum ui_store_sort sort, bool descending)
{
    static const char *const ways[UI_STORE_SORTS][2] = {
        {"as it stands there", "the last first"},
        {"A to Z", "Z to A"},
        {"the first to expire first", "the last to expire first"},
        {"the smallest first", "the largest first"},
    };

    ui_store_set_order(store_of(ui), sort, descending);
    ui_tell(ui, UI_MARK_GOOD, "Sorted by %s, %s.", ui_store_sort_name(sort),
            ways[sort][descending]);
    return 0;
}

/* By a name, or the other way round. */
static int sort_store_by(struct ui *ui, const char *name, struct err *err)
{
    const struct ui_store *store = &store_of(ui)->store;
    int sort = 0;

    if (name == NULL) {
        return sort_store(ui, store->sort, !store->descending);
    }
    while (sort < UI_STORE_SORTS &&
           strcasecmp(ui_store_sort_name((enum ui_store_sort)sort), name) != 0) {
        sort++;
    }
    return sort < UI_STORE_SORTS ? sort_store(ui, (enum ui_store_sort)sort, false)
                                 : err_set(err, ERR_USAGE, "bad_value",
                                           "certificates are sorted by file, name, "
                                           "expiry or key");
}

static int sort_store_beside(struct ui *ui, int step)
{
    int sort = ((int)store_of(ui)->store.sort + UI_STORE_SORTS + step) % UI_STORE_SORTS;

    return sort_store(ui, (enum ui_store_sort)sort, false);
}

static int check_list(const struct ui *ui, struct err *err)
{
    return stepper_listing(ui->stepper)
               ? 0
               : ui_cannot(err,
                           "only lists are sorted: the conversations of a capture, certificates");
}

int ui_run_sort(struct ui *ui, const char *argument, long key, struct err *err)
{
    struct ui_conversations_pane *pane = pane_of(ui);
    enum ui_conversation_column column = pane->list.sort;

    (void)key;
    if (ui->focus == UI_PANE_STORE) {
        return sort_store_by(ui, argument, err);
    }
    if (check_list(ui, err) != 0) {
        return -1;
    }
    if (argument != NULL) {
        column = find_column(argument);
    }
    if (column == UI_CONVERSATION_COLUMNS) {
        return err_set(err, ERR_USAGE, "bad_value",
                       "no column has this title; # is the order of the capture");
    }
    ui_conversations_set_order(pane, column, column == pane->list.sort && !pane->list.descending);
    tell_order(ui);
    return 0;
}

/* Sizes and times are of interest from the largest on. */
static bool begins_descending(enum ui_conversation_column column)
{
    return column == UI_CONVERSATION_BYTES || column == UI_CONVERSATION_LASTED ||
           column == UI_CONVERSATION_VERSION;
}

static int sort_beside(struct ui *ui, int step)
{
    struct ui_conversations_pane *pane = pane_of(ui);
    enum ui_conversation_column column = (enum ui_conversation_column)(
        ((int)pane->list.sort + UI_CONVERSATION_COLUMNS + step) % UI_CONVERSATION_COLUMNS);

    ui_conversations_set_order(pane, column, begins_descending(column));
    tell_order(ui);
    return 0;
}

/* There is no time to go through in a list: the arrows go through its columns. */
int ui_run_left(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)key;
    if (ui->focus == UI_PANE_STORE) {
        return sort_store_beside(ui, -1);
    }
    return stepper_listing(ui->stepper) ? sort_beside(ui, -1)
                                        : ui_run_stepper(ui, "back", argument, err);
}

int ui_run_right(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)key;
    if (ui->focus == UI_PANE_STORE) {
        return sort_store_beside(ui, 1);
    }
    return stepper_listing(ui->stepper) ? sort_beside(ui, 1)
                                        : ui_run_stepper(ui, "forward", argument, err);
}
