/* Certificates to browse, one a line; below, where there is room, the selected one. */
#include <string.h>

#include "pane_store.h"
#include "store_chain.h"
#include "tree.h"

/* So long a frame may read on: with drawing it stays far below what a hand feels. */
#define SLICE_NS INT64_C(12000000)
#define GUTTER   2
/* The list keeps so many rows before the selected one gets some below. */
#define LIST_LEAST    9
#define DETAILS_LEAST 7

/* ---- keeping up ----------------------------------------------------------------------------------- */

/* The bundle may be another one when something has been done since. */
static void ask(struct ui_store_pane *pane, const struct ui_view *view)
{
    struct err err = {0};
    const struct pki_bundle *bundle;

    if (pane->asked && pane->generation == view->generation) {
        return;
    }
    pane->asked = true;
    pane->generation = view->generation;
    bundle = stepper_bundle(view->stepper, &err);
    pane->trouble[0] = '\0';
    if (bundle == NULL) {
        (void)text_safe(pane->trouble, sizeof pane->trouble, err.text, strlen(err.text));
    }
    ui_store_open(&pane->store, bundle);
}

static void find_again(struct ui_store_pane *pane)
{
    if (pane->places_changed != pane->store.places_changed) {
        pane->places_changed = pane->store.places_changed;
        pane->selected = pane->moved ? ui_store_place(&pane->store, pane->index) : 0;
    }
    if (pane->selected >= pane->store.count) {
        pane->selected = pane->store.count > 0 ? pane->store.count - 1 : 0;
    }
    pane->index =
        pane->store.count > 0 ? ui_store_at(&pane->store, pane->selected) : pane->store.total;
}

static void update(struct ui_store_pane *pane, const struct ui_view *view)
{
    ask(pane, view);
    ui_store_read(&pane->store, clock_monotonic_ns() + SLICE_NS);
    (void)ui_certificates_update(&pane->chain, view);
    find_again(pane);
}

/* ---- columns ---------------------------------------------------------------------------------------- */

enum column {
    COLUMN_NAME,
    COLUMN_DATE,
    COLUMN_LEFT,
    COLUMN_KEY,
    COLUMN_ISSUER,
    COLUMN_SOURCE,
    COLUMNS
};

/* They come in this order as the screen gets wider; names share what is left. */
static const struct {
    const char *title;
    int columns; /* 0: shares */
    int from;    /* columns of the screen */
    enum ui_store_sort sort;
} columns_of[COLUMNS] = {
    [COLUMN_NAME] = {"name", 0, 0, UI_STORE_NAME},
    [COLUMN_DATE] = {"expires", 10, 0, UI_STORE_EXPIRY},
    [COLUMN_LEFT] = {"", 16, 58, UI_STORE_SORTS},
    [COLUMN_KEY] = {"key", 15, 70, UI_STORE_KEY},
    [COLUMN_ISSUER] = {"issuer", 0, 90, UI_STORE_SORTS},
    [COLUMN_SOURCE] = {"from", 18, 130, UI_STORE_FILE},
};

struct placed {
    int x[COLUMNS], columns[COLUMNS];
};

static struct placed place_columns(int columns)
{
    struct placed placed = {0};
    int room = columns - GUTTER, sharing = 0, x = GUTTER;

    for (int i = 0; i < COLUMNS; i++) {
        if (columns >= columns_of[i].from) {
            placed.columns[i] = columns_of[i].columns;
            room -= columns_of[i].columns + 1;
            sharing += columns_of[i].columns == 0;
        }
    }
    for (int i = 0; i < COLUMNS; i++) {
        if (columns >= columns_of[i].from && columns_of[i].columns == 0 && sharing > 0) {
            placed.columns[i] = sharing > 1 ? room * 3 / 5 : room;
            room -= placed.columns[i];
            sharing--;
        }
        placed.x[i] = x;
        x += placed.columns[i] > 0 ? placed.columns[i] + 1 : 0;
    }
    return placed;
}

/* ---- the list ------------------------------------------------------------------------------------------ */

static void draw_titles(const struct ui_store *store, const struct placed *placed,
                        const struct ui_area *area)
{
    for (int i = 0; i < COLUMNS; i++) {
        bool sorted = store->sort == columns_of[i].sort;
        char title[40];
        if (placed->columns[i] == 0) {
            continue;
        }
        (void)snprintf(title, sizeof title, "%s%s", columns_of[i].title,
                       !sorted             ? ""
                       : store->descending ? " ▼"
                                           : " ▲");
        (void)ui_area_text_in(area, 0, placed->x[i], placed->columns[i], sorted ? UI_KEY : UI_DIM,
                              title);
    }
}

static const char *relation_sign(enum ui_store_relation relation)
{
    static const char *const signs[] = {[UI_STORE_APART] = "",
                                        [UI_STORE_ISSUER] = "·",
                                        [UI_STORE_IN_CHAIN] = "▶",
                                        [UI_STORE_ANCHOR] = "▶"};

    return signs[relation];
}

static void write_cell(char *out, size_t size, const struct ui_store *store, size_t index,
                       enum column column, int64_t now)
{
    const struct ui_store_row *row = &store->rows[index];
    const char *source;

    out[0] = '\0';
    switch (column) {
    case COLUMN_NAME:
        (void)snprintf(out, size, "%s", ui_store_text(store, row->label));
        break;
    case COLUMN_DATE:
        if (!row->malformed) {
            (void)ui_date(out, size, row->not_after);
            out[10] = '\0';
        }
        break;
    case COLUMN_LEFT:
        if (row->malformed) {
            (void)snprintf(out, size, "malformed");
        } else {
            (void)report_distance(out, size, row->not_after, now);
        }
        break;
    case COLUMN_KEY:
        (void)snprintf(out, size, "%s", ui_store_text(store, row->key));
        break;
    case COLUMN_ISSUER:
        (void)snprintf(out, size, "%s", ui_store_text(store, row->issuer));
        break;
    case COLUMN_SOURCE:
        source = pki_bundle_source(store->bundle, index);
        (void)text_safe(out, size, source, strlen(source));
        break;
    case COLUMNS:
        break;
    }
}

static void draw_line(const struct ui_store_pane *pane, const struct placed *placed,
                      const struct ui_area *area, int y, size_t index, int64_t now)
{
    const struct ui_store *store = &pane->store;
    const struct ui_store_row *row = &store->rows[index];
    unsigned dates = row->malformed ? UI_BAD : ui_expiry_style(row->not_after, now);
    char text[300];

    (void)ui_area_text(area, y, 0, UI_GOOD,
                       relation_sign(ui_store_relation(pane->chain.tree, store, row)));
    for (int i = 0; i < COLUMNS; i++) {
        bool date = i == COLUMN_DATE || i == COLUMN_LEFT;
        if (placed->columns[i] > 0) {
            write_cell(text, sizeof text, store, index, (enum column)i, now);
            (void)ui_area_text_in(area, y, placed->x[i], placed->columns[i],
                                  date                 ? dates
                                  : i == COLUMN_ISSUER ? UI_DIM
                                                       : UI_TEXT,
                                  text);
        }
    }
}

static void draw_filter(const struct ui_store_pane *pane, const struct ui_area *area)
{
    char count[32], total[32], filter[UI_FILTER_MAX], text[UI_FILTER_MAX + 120];

    (void)snprintf(
        text, sizeof text, "%s of %s have \"%s\"; Esc shows all",
        text_grouped(count, sizeof count, pane->store.count),
        text_grouped(total, sizeof total, pane->store.total),
        text_safe(filter, sizeof filter, pane->store.filter, strlen(pane->store.filter)));
    (void)ui_area_text(area, 0, GUTTER, UI_WARNING, text);
}

static const char *empty_text(const struct ui_store_pane *pane)
{
    if (pane->trouble[0] != '\0') {
        return pane->trouble;
    }
    if (pane->store.failed) {
        return "not enough memory to list them";
    }
    if (ui_store_has_more(&pane->store)) {
        return "reading …";
    }
    return pane->store.filter[0] != '\0' ? "no certificate matches" : "there is no certificate";
}

/* The list in an area; returns nothing of it below. */
static void draw_list(struct ui_store_pane *pane, const struct ui_view *view,
                      const struct ui_area *area, bool focused)
{
    const struct placed placed = place_columns(area->columns);
    int filtered = pane->store.filter[0] != '\0';
    struct ui_area titles = ui_area_part(area, filtered, 0, 1, area->columns);
    struct ui_area body =
        ui_area_part(area, filtered + 1, 0, area->rows - filtered - 1, area->columns);
    int64_t now = ui_time_of_judgement(view);

    if (filtered) {
        draw_filter(pane, area);
    }
    if (pane->store.count == 0) {
        (void)ui_area_text(&body, 0, GUTTER, UI_DIM, empty_text(pane));
        return;
    }
    draw_titles(&pane->store, &placed, &titles);
    pane->top = ui_list_scroll(pane->top, pane->selected, pane->store.count, body.rows);
    for (int y = 0; y < body.rows && pane->top + (size_t)y < pane->store.count; y++) {
        size_t place = pane->top + (size_t)y;
        draw_line(pane, &placed, &body, y, ui_store_at(&pane->store, place), now);
        if (place == pane->selected) {
            ui_area_restyle(&body, y, 0, body.columns, focused ? UI_SELECTION : UI_ELSEWHERE);
        }
    }
    ui_pane_draw_more(&body, pane->top > 0, pane->top + (size_t)body.rows < pane->store.count);
}

/* ---- the selected one --------------------------------------------------------------------------------- */

static void make_details(struct ui_store_pane *pane, const struct ui_view *view, int columns)
{
    struct ui_page *page = &pane->details.page;
    struct pki_slice der = ui_store_selected(pane);
    struct buffer place = {0};
    int64_t now = ui_time_of_judgement(view);

    if (pane->detailed == pane->index + 1 && pane->details.columns == columns &&
        pane->details.moment.generation == view->generation) {
        return;
    }
    ui_page_reset(page, columns, view->ascii);
    pane->details.top = 0;
    if (der.length > 0) {
        const struct ui_store_row *row = &pane->store.rows[pane->index];
        ui_store_relate(&place, pane->chain.tree, &pane->store, row);
        ui_certificate_load(&pane->shown, der, row->place, (struct pki_slice){0}, now);
        ui_certificate_add(page, &pane->shown,
                           &(struct ui_certificate_context){
                               .now = now, .place = buffer_string(&place), .index = SIZE_MAX});
    }
    buffer_free(&place);
    pane->detailed = page->failed ? 0 : pane->index + 1;
    pane->details.columns = columns;
    pane->details.moment.generation = view->generation;
}

/* How many of the pane's rows the selected one has below the list, where it has any. */
static int rows_below(int rows)
{
    int below = rows * 2 / 5;

    return below >= DETAILS_LEAST && rows - below >= LIST_LEAST ? below : 0;
}

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct ui_store_pane *pane = state;
    int below;

    update(pane, view);
    below = pane->store.count > 0 ? rows_below(area->rows) : 0;
    struct ui_area list = ui_area_part(area, 0, 0, area->rows - below, area->columns);
    struct ui_area rest = ui_area_part(area, list.rows, 0, below, area->columns);
    draw_list(pane, view, &list, focused);
    if (below > 0) {
        make_details(pane, view, area->columns);
        ui_page_draw(&pane->details.page, 0, &rest);
        ui_pane_draw_more(&rest, false, pane->details.page.count > (size_t)rest.rows);
    }
}

static void entitle(void *state, const struct ui_view *view, char *out, size_t size)
{
    struct ui_store_pane *pane = state;
    char read[32], total[32];

    update(pane, view); /* the title is drawn before the list */
    const struct pki_bundle *bundle = pane->store.bundle;
    const char *remark = bundle != NULL ? pki_bundle_remark(bundle) : "";
    (void)text_grouped(total, sizeof total, pane->store.total);
    if (ui_store_has_more(&pane->store)) {
        (void)snprintf(out, size, "Certificates · %s of %s read",
                       text_grouped(read, sizeof read, pane->store.read), total);
        return;
    }
    (void)snprintf(out, size, "%s%s certificate%s%s%s",
                   stepper_is_certificates(view->stepper) ? "" : "Trust store · ", total,
                   pane->store.total == 1 ? "" : "s", remark[0] != '\0' ? " · " : "", remark);
}

/* ---- keys ------------------------------------------------------------------------------------------------ */

static bool select_place(struct ui_store_pane *pane, size_t place)
{
    if (place >= pane->store.count || place == pane->selected) {
        return false;
    }
    pane->moved = true;
    pane->selected = place;
    pane->index = ui_store_at(&pane->store, place);
    return true;
}

static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    struct ui_store_pane *pane = state;
    int page = rows - rows_below(rows) - 1;

    (void)view;
    return select_place(pane, ui_list_move(pane->selected, pane->store.count, motion, page));
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    struct ui_store_pane *pane = state;
    int line = y - 1 - (pane->store.filter[0] != '\0');

    (void)view, (void)x;
    return line >= 0 && select_place(pane, pane->top + (size_t)line);
}

/* Typed as a command, a search is a filter. */
static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct ui_store_pane *pane = state;

    (void)view, (void)backward;
    ui_store_set_filter(pane, text);
    return pane->store.count > 0;
}

static void free_state(void *state)
{
    struct ui_store_pane *pane = state;

    ui_store_free(&pane->store);
    ui_certificates_free(&pane->chain);
    ui_certificate_free(&pane->shown);
    ui_page_pane_free(&pane->details);
}

/* ---- for commands ---------------------------------------------------------------------------------------- */

struct pki_slice ui_store_selected(const struct ui_store_pane *pane)
{
    return pane->selected < pane->store.count
               ? pki_bundle_der(pane->store.bundle, ui_store_at(&pane->store, pane->selected))
               : (struct pki_slice){0};
}

void ui_store_set_filter(struct ui_store_pane *pane, const char *filter)
{
    ui_store_filter(&pane->store, filter);
    find_again(pane);
    pane->moved = true;
}

void ui_store_set_order(struct ui_store_pane *pane, enum ui_store_sort sort, bool descending)
{
    ui_store_sort(&pane->store, sort, descending);
    find_again(pane);
}

void ui_store_describe(const struct ui_store_pane *pane, struct buffer *out)
{
    const struct ui_store_row *row;
    const char *subject;

    if (pane->selected >= pane->store.count) {
        return;
    }
    row = &pane->store.rows[ui_store_at(&pane->store, pane->selected)];
    subject = ui_store_text(&pane->store, row->malformed ? row->label : row->subject);
    text_safe_append(out, subject, strlen(subject));
    if (!row->malformed) {
        buffer_printf(out, ". Issued by %s. ", ui_store_text(&pane->store, row->issuer));
    }
    ui_store_relate(out, pane->chain.tree, &pane->store, row);
}

const struct ui_pane_operations ui_pane_store = {
    .name = "store",
    .title = "Certificates",
    .tab = "Store",
    .keys = "Enter fields  / find  ← → sort by  S turn around  y copy  Esc back",
    .state_size = sizeof(struct ui_store_pane),
    .free = free_state,
    .entitle = entitle,
    .draw = draw,
    .move = move,
    .search = search,
    .click = click,
};
