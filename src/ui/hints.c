/* Which hints are shown, and where. */
#include <string.h>

#include "hints.h"
#include "keys.h"
#include "selection.h"

/* ---- what can act now ----------------------------------------------------------------------------- */

/* A live connection that could go on. */
static bool can_go_on(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)focus;
    if (stepper_is_certificates(view->stepper)) {
        return false;
    }
    if (!stepper_at_end(view->stepper)) {
        return true;
    }
    return stepper_live(view->stepper) && !stepper_over(view->stepper) &&
           !stepper_busy(view->stepper);
}

static bool can_go_back(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)focus;
    return view->cursor > 0;
}

static bool is_looking_back(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)focus;
    return !stepper_at_end(view->stepper);
}

static bool is_open(const struct ui_view *view)
{
    return stepper_live(view->stepper) && !stepper_over(view->stepper) &&
           stepper_at_end(view->stepper) && view->facts->stop.at_stop;
}

static bool can_send(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)focus;
    return is_open(view) && view->facts->phase == TRACE_DATA && !stepper_busy(view->stepper);
}

static bool can_rekey(const struct ui_view *view, enum ui_pane_id focus)
{
    return can_send(view, focus) && view->facts->version >= WIRE_TLS13;
}

static bool can_accept(const struct ui_view *view, enum ui_pane_id focus)
{
    const struct trace_facts *facts = view->facts;

    (void)focus;
    return is_open(view) && strcmp(facts->stop.at, "verify") == 0 && facts->verification != NULL &&
           facts->verification->performed && !facts->verification->ok;
}

static bool can_abort(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)focus;
    return stepper_live(view->stepper) && stepper_busy(view->stepper);
}

static bool can_restart(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)focus;
    return stepper_live(view->stepper) && stepper_over(view->stepper);
}

static bool has_options(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)focus;
    return stepper_live(view->stepper) && !stepper_busy(view->stepper);
}

static bool on_ladder(const struct ui_view *view, enum ui_pane_id focus)
{
    return focus == UI_PANE_LADDER && stepper_live(view->stepper) && !stepper_over(view->stepper);
}

static bool has_data(const struct ui_view *view, enum ui_pane_id focus)
{
    return focus != UI_PANE_DATA && ui_pane_data.present(view->stepper, view->facts);
}

static bool on_field(const struct ui_view *view, enum ui_pane_id focus)
{
    if (focus == UI_PANE_CERTIFICATES || focus == UI_PANE_FIELDS || focus == UI_PANE_STORE) {
        return true;
    }
    return (focus == UI_PANE_MESSAGE || focus == UI_PANE_BYTES || focus == UI_PANE_SCHEDULE) &&
           view->bytes->fields.count > 0;
}

static bool has_list(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)focus;
    return stepper_capture(view->stepper) != NULL && !stepper_listing(view->stepper);
}

static bool on_certificates(const struct ui_view *view, enum ui_pane_id focus)
{
    return (focus == UI_PANE_CERTIFICATES || focus == UI_PANE_REASONS) &&
           view->facts->certificate_count > 0;
}

static bool has_store(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)view;
    return focus == UI_PANE_CERTIFICATES || focus == UI_PANE_REASONS || focus == UI_PANE_STORE;
}

/* Who begins with a server of the lab may want to be led. */
static bool offers_lessons(const struct ui_view *view, enum ui_pane_id focus)
{
    (void)focus;
    return !view->in_lesson && stepper_target(view->stepper)->kind == STEPPER_LAB &&
           (view->cursor == 0 || stepper_over(view->stepper));
}

/* Commands that are not in here can always act. */
static const struct {
    const char *name;
    bool (*can)(const struct ui_view *view, enum ui_pane_id focus);
} conditions[] = {
    {"step", can_go_on},
    {"flight", can_go_on},
    {"phase", can_go_on},
    {"continue", can_go_on},
    {"until", can_go_on},
    {"back", can_go_back},
    {"forward", is_looking_back},
    {"latest", is_looking_back},
    {"first", can_go_back},
    {"http", can_send},
    {"send", can_send},
    {"close", can_send},
    {"rekey", can_rekey},
    {"accept", can_accept},
    {"abort", can_abort},
    {"follow", has_data},
    {"copy", on_field},
    {"restart", can_restart},
    {"options", has_options},
    {"break", on_ladder},
    {"conversations", has_list},
    {"store", has_store},
    {"save-chain", on_certificates},
    {"lesson", offers_lessons},
};

static bool can_act(const struct stepper_command *command, const struct ui_view *view,
                    enum ui_pane_id focus)
{
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        if (strcmp(conditions[i].name, command->name) == 0) {
            return conditions[i].can(view, focus);
        }
    }
    return true;
}

/* ---- drawing -------------------------------------------------------------------------------------- */

/* Keys that are better known by their sign than by their name. */
static const char *key_sign(const char *key)
{
    if (strcmp(key, "Left") == 0) {
        return "←";
    }
    return strcmp(key, "Right") == 0 ? "→" : key;
}

static int hint_columns(const struct stepper_command *command, bool ascii)
{
    char key[32];

    (void)ui_key_first(key, sizeof key, command->keys);
    return ui_text_columns(key_sign(key), ascii) + 1 + ui_text_columns(command->hint, ascii);
}

static void collect(struct ui_hints *hints, const struct ui_view *view, enum ui_pane_id focus)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);

    hints->count = 0;
    for (size_t i = 0; i < count && hints->count < UI_HINTS_MAX; i++) {
        if (table[i].hint != NULL && table[i].keys[0] != '\0' && can_act(&table[i], view, focus)) {
            hints->hints[hints->count++] = (struct ui_hint){.command = &table[i]};
        }
    }
}

/* How help and quit are reached must always be there to read: they are the last two. */
#define ALWAYS 2

/* Chooses those that fit; `columns` of the others stays 0. */
static void choose(struct ui_hints *hints, int columns, bool ascii)
{
    size_t always = hints->count > ALWAYS ? hints->count - ALWAYS : 0;
    int used = 1;

    for (size_t i = always; i < hints->count; i++) {
        hints->hints[i].columns = hint_columns(hints->hints[i].command, ascii);
        used += hints->hints[i].columns + 2;
    }
    for (size_t i = 0; i < always; i++) {
        int needed = hint_columns(hints->hints[i].command, ascii);
        if (used + needed <= columns) {
            hints->hints[i].columns = needed;
            used += needed + 2;
        }
    }
}

void ui_hints_draw(struct ui_hints *hints, const struct ui_view *view, enum ui_pane_id focus,
                   const struct ui_area *area)
{
    int x = 1;

    collect(hints, view, focus);
    choose(hints, area->columns, view->ascii);
    hints->y = area->y;
    for (size_t i = 0; i < hints->count; i++) {
        struct ui_hint *hint = &hints->hints[i];
        char key[32];
        if (hint->columns == 0) {
            continue;
        }
        hint->x = area->x + x;
        (void)ui_key_first(key, sizeof key, hint->command->keys);
        x = ui_area_text(area, 0, x, UI_KEY, key_sign(key));
        x = ui_area_text(area, 0, x + 1, UI_TEXT, hint->command->hint) + 2;
    }
}

const struct stepper_command *ui_hints_at(const struct ui_hints *hints, int y, int x)
{
    for (size_t i = 0; i < hints->count; i++) {
        const struct ui_hint *hint = &hints->hints[i];
        if (y == hints->y && hint->columns > 0 && x >= hint->x && x < hint->x + hint->columns) {
            return hint->command;
        }
    }
    return NULL;
}
