/* The server's certificates: the tree they form, and what stands in the selected one. */
#include <stdlib.h>

#include "pane_certificates.h"
#include "tree.h"

/* Beside the tree only where there is room for both. */
#define PLACE_COLUMNS 30
#define NAME_COLUMNS  28

static size_t selected_line(const struct ui_certificates_pane *pane)
{
    return pane->selected > 0 && pane->selected <= pane->count ? pane->selected - 1 : pane->leaf;
}

/* ---- which lines there are ------------------------------------------------------------------------ */

static bool add_line(struct ui_certificates_pane *pane, struct ui_certificates_line line)
{
    struct ui_certificates_line *grown =
        array_grow(pane->lines, &pane->capacity, pane->count + 1, sizeof *grown);

    if (grown == NULL) {
        return false;
    }
    pane->lines = grown;
    grown[pane->count++] = line;
    return true;
}

/* The paths that were not taken stand behind one line, and each under a line of its own. */
static bool add_alternative(struct ui_certificates_pane *pane, size_t node, unsigned alternative,
                            unsigned *last)
{
    bool good = true;

    if (*last == 0) {
        good = add_line(pane, (struct ui_certificates_line){.kind = UI_LINE_FOLD});
    }
    if (pane->unfolded && alternative != *last) {
        good &= add_line(
            pane, (struct ui_certificates_line){.kind = UI_LINE_PATH, .alternative = alternative});
    }
    if (pane->unfolded) {
        good &= add_line(pane, (struct ui_certificates_line){.kind = UI_LINE_NODE, .node = node});
    }
    *last = alternative;
    return good;
}

static bool make_lines(struct ui_certificates_pane *pane)
{
    const struct report_tree *tree = pane->certificates.tree;
    unsigned last = 0;
    bool good = tree != NULL;

    pane->count = pane->leaf = 0;
    for (size_t i = 0; good && i < report_tree_count(tree); i++) {
        unsigned alternative = report_tree_at(tree, i)->alternative;
        if (i == report_tree_leaf(tree)) {
            pane->leaf = pane->count;
        }
        good = alternative > 0
                   ? add_alternative(pane, i, alternative, &last)
                   : add_line(pane, (struct ui_certificates_line){.kind = UI_LINE_NODE, .node = i});
    }
    if (pane->selected > pane->count) {
        pane->selected = 0;
    }
    return good;
}

/* ---- the lines -------------------------------------------------------------------------------------- */

static void add_node(struct ui_page *page, const struct report_tree_node *node)
{
    int deepest = page->columns / 3;
    int indent = node->depth > 0 ? 2 * ((int)node->depth - 1) : 0;
    bool aside = node->certificate == NULL || node->kind == REPORT_TREE_UNUSED;

    ui_page_line(page);
    if (node->alternative > 0) {
        ui_page_add(page, UI_DIM, "  ");
    }
    if (node->depth > 0) {
        ui_page_add(page, UI_DIM, "%*s└ ", indent < deepest ? indent : deepest, "");
    }
    ui_mark_add(page, ui_mark_of_node(node));
    ui_page_add(page, aside ? UI_DIM : UI_TEXT, "%s", node->name);
    if (page->columns >= NAME_COLUMNS + PLACE_COLUMNS) {
        ui_page_column(page, page->columns - 1 - ui_text_columns(node->place, page->ascii));
        ui_page_add(page, UI_DIM, " %s", node->place);
    }
}

static void add_fold(struct ui_page *page, bool unfolded,
                     const struct pki_verification *verification)
{
    size_t count = verification != NULL ? verification->alternative_count : 0;

    ui_page_line(page);
    ui_page_add(page, UI_DIM, "%s", unfolded ? "▾ " : "▸ ");
    ui_page_add(page, UI_TEXT, "%zu other path%s", count, count == 1 ? "" : "s");
}

static void add_path(struct ui_page *page, unsigned number,
                     const struct pki_verification *verification)
{
    const struct pki_path *path =
        verification != NULL && number > 0 && number <= verification->alternative_count
            ? &verification->alternatives[number - 1]
            : NULL;
    char words[60];

    ui_page_line(page);
    ui_page_add(page, UI_DIM, "  path %u", number + 1);
    if (path == NULL) {
        return;
    }
    if (path->ok) {
        ui_page_add(page, UI_GOOD, "  would be accepted, too");
    }
    for (size_t i = 0; i < path->reason_count; i++) {
        ui_page_add(page, UI_BAD, "%s%s", i == 0 ? "  " : ", ",
                    ui_reason_words(words, sizeof words, path->reasons[i].code));
    }
}

static void add_lines(struct ui_page *page, const struct ui_certificates_pane *pane,
                      const struct pki_verification *verification)
{
    for (size_t i = 0; i < pane->count; i++) {
        switch (pane->lines[i].kind) {
        case UI_LINE_NODE:
            add_node(page, report_tree_at(pane->certificates.tree, pane->lines[i].node));
            break;
        case UI_LINE_FOLD:
            add_fold(page, pane->unfolded, verification);
            break;
        case UI_LINE_PATH:
            add_path(page, pane->lines[i].alternative, verification);
            break;
        }
    }
}

/* ---- the selected one ---------------------------------------------------------------------------------- */

static const struct report_tree_node *node_of_line(const struct ui_certificates_pane *pane,
                                                   size_t line)
{
    return line < pane->count && pane->lines[line].kind == UI_LINE_NODE
               ? report_tree_at(pane->certificates.tree, pane->lines[line].node)
               : NULL;
}

static void add_absent(struct ui_page *page, const struct report_tree_node *node)
{
    ui_page_section(page, node->name);
    ui_page_line(page);
    ui_page_wrap(
        page, UI_DIM, 0,
        "This certificate was not sent, and is not in the trust store: it is only named as "
        "the issuer of the next.");
    ui_page_pair(page, "place", 10, UI_TEXT, node->place);
}

static void add_selected(struct ui_page *page, struct ui_certificates_pane *pane,
                         const struct ui_view *view)
{
    const struct report_tree_node *node = node_of_line(pane, selected_line(pane));
    const struct pki_verification *verification = view->facts->verification;

    if (node == NULL) {
        return;
    }
    if (node->certificate == NULL) {
        add_absent(page, node);
        return;
    }
    const struct ui_certificate_context context = {
        .now = ui_time_of_judgement(view),
        .place = node->place,
        .verification = verification,
        .index = node->index,
    };
    struct report_standing standing = report_standing(verification, node->index, node->certificate);
    if (selected_line(pane) == pane->leaf) {
        standing.place = PKI_LEAF; /* also before it is judged */
    }
    ui_certificate_load(&pane->shown, node->certificate->der, standing.place, standing.issuer,
                        context.now);
    ui_certificate_add(page, &pane->shown, &context);
}

/* ---- the verdict ------------------------------------------------------------------------------------- */

static void add_judgement(struct ui_page *page, unsigned style, enum ui_mark mark, const char *word,
                          const struct ui_view *view)
{
    char date[60];

    ui_mark_add(page, mark);
    ui_page_add(page, style, "%s", word);
    if (stepper_judged_again(view->stepper)) {
        ui_page_add(page, UI_WARNING, " as of %s",
                    ui_date(date, sizeof date, view->facts->verification->at));
    }
}

static void add_verdict(struct ui_page *page, const struct ui_view *view)
{
    const struct pki_verification *verification = view->facts->verification;
    bool capture = stepper_capture(view->stepper) != NULL;
    char distance[60];

    ui_page_line(page);
    if (verification == NULL) {
        ui_mark_add(page, UI_MARK_WAITING);
        ui_page_add(page, UI_DIM, "%s", capture ? "not judged: press d" : "not verified yet");
        return;
    }
    if (!verification->performed) {
        add_judgement(page, UI_WARNING, UI_MARK_WARNING, "not verified", view);
    } else if (verification->ok) {
        add_judgement(page, UI_GOOD, UI_MARK_GOOD, "accepted", view);
    } else {
        add_judgement(page, UI_BAD, UI_MARK_BAD, "REFUSED", view);
    }
    if (verification->expires != 0 && page->columns >= 50) {
        ui_page_add(
            page, ui_expiry_style(verification->expires, verification->at),
            verification->expires < verification->at ? "  the path ended %s" : "  the path ends %s",
            report_distance(distance, sizeof distance, verification->expires, verification->at));
    }
}

/* What is said of the chain as a whole, where no pane of its own says it. */
static void add_chain(struct ui_page *page, const struct ui_certificates_pane *pane,
                      const struct ui_view *view)
{
    const struct pki_verification *verification = view->facts->verification;

    add_verdict(page, view);
    if (verification == NULL || !verification->performed || view->reasons_apart) {
        return;
    }
    if (!verification->ok) {
        ui_page_section(page, "Why it is refused");
        ui_reasons_add(page, verification, pane->certificates.tree);
    }
    ui_warnings_add(page, verification, pane->certificates.tree);
}

/* ---- the page ------------------------------------------------------------------------------------------ */

static void make_page(struct ui_certificates_pane *pane, const struct ui_view *view,
                      struct ui_page *page)
{
    if (!make_lines(pane)) {
        page->failed = true;
        return;
    }
    if (pane->count == 0) {
        ui_page_line(page);
        ui_page_add(page, UI_DIM, "· none seen yet");
        return;
    }
    add_lines(page, pane, view->facts->verification);
    add_chain(page, pane, view);
    add_selected(page, pane, view);
}

static void free_state(void *state)
{
    struct ui_certificates_pane *pane = state;

    ui_page_pane_free(&pane->base);
    ui_certificates_free(&pane->certificates);
    ui_certificate_free(&pane->shown);
    free(pane->lines);
}

static void build(void *state, const struct ui_view *view, struct ui_page *page)
{
    struct ui_certificates_pane *pane = state;

    if (page == &pane->base.page) {
        (void)ui_certificates_update(&pane->certificates, view);
        make_page(pane, view, page);
        return;
    }
    /* The moment before: what is kept is of this one. */
    struct ui_certificates_pane before = {.selected = pane->selected, .unfolded = pane->unfolded};
    (void)ui_certificates_update(&before.certificates, view);
    make_page(&before, view, page);
    free_state(&before);
}

/* ---- keys ------------------------------------------------------------------------------------------------ */

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct ui_certificates_pane *pane = state;
    size_t line = selected_line(pane);
    size_t top;

    (void)view;
    ui_page_pane_draw(&pane->base, area, focused);
    top = pane->base.top;
    if (pane->count > 1 && pane->base.found == 0 && line >= top) {
        ui_area_restyle(area, (int)(line - top), 0, area->columns,
                        focused ? UI_SELECTION : UI_ELSEWHERE);
    }
}

/* The page is another one now; what is new in it is not new since the last step. */
static void change_page(struct ui_certificates_pane *pane)
{
    pane->base.kept = false;
    pane->base.found = 0;
    ui_page_pane_forget_before(&pane->base);
}

static bool select_line(struct ui_certificates_pane *pane, size_t line, int rows)
{
    if (line >= pane->count || line == selected_line(pane)) {
        return false;
    }
    pane->selected = line + 1;
    pane->base.top = ui_list_scroll(0, line, pane->count > (size_t)rows ? pane->count : 0, rows);
    change_page(pane);
    return true;
}

static bool is_seen(const struct ui_certificates_pane *pane, size_t line, int rows)
{
    return line >= pane->base.top && line - pane->base.top < (size_t)rows;
}

/* Up and down go through the tree where it is seen, and scroll beyond it. */
static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    struct ui_certificates_pane *pane = state;
    size_t line = selected_line(pane);

    (void)view;
    if (pane->count > 0 && is_seen(pane, line, rows)) {
        if (motion == UI_UP && line > 0) {
            return select_line(pane, line - 1, rows);
        }
        if (motion == UI_DOWN && select_line(pane, line + 1, rows)) {
            return true;
        }
    }
    return ui_page_pane_move(&pane->base, motion, rows);
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    struct ui_certificates_pane *pane = state;
    size_t line = pane->base.top + (size_t)y;

    (void)view, (void)x;
    if (line >= pane->count) {
        return false;
    }
    /* A click where it was clicked before folds. */
    return line == selected_line(pane) ? ui_certificates_toggle(pane)
                                       : select_line(pane, line, (int)pane->count);
}

static bool act(void *state, const struct ui_view *view, enum ui_action action)
{
    struct ui_certificates_pane *pane = state;
    const struct pki_verification *verification = view->facts->verification;
    bool before = pane->unfolded;
    bool all = action == UI_UNFOLD_ALL || action == UI_FOLD_ALL;
    size_t line = selected_line(pane);

    if (verification == NULL || verification->alternative_count == 0 || action == UI_SWITCH ||
        (!all && (line >= pane->count || pane->lines[line].kind != UI_LINE_FOLD))) {
        return false;
    }
    pane->unfolded = action == UI_TOGGLE ? !before : action == UI_UNFOLD || action == UI_UNFOLD_ALL;
    change_page(pane);
    return pane->unfolded != before;
}

bool ui_certificates_toggle(struct ui_certificates_pane *pane)
{
    size_t line = selected_line(pane);

    if (line >= pane->count || pane->lines[line].kind != UI_LINE_FOLD) {
        return false;
    }
    pane->unfolded = !pane->unfolded;
    change_page(pane);
    return true;
}

const struct report_tree_node *ui_certificates_selected(struct ui_certificates_pane *pane,
                                                        const struct ui_view *view)
{
    const struct report_tree_node *node;

    if (ui_certificates_update(&pane->certificates, view)) {
        pane->base.kept = false;
    }
    if (!pane->base.kept && !make_lines(pane)) {
        return NULL;
    }
    node = node_of_line(pane, selected_line(pane));
    return node != NULL && node->certificate != NULL ? node : NULL;
}

const struct ui_pane_operations ui_pane_certificates = {
    .name = "certificates",
    .title = "Certificates",
    .tab = "Certs",
    .keys = "Enter fields  d other date  E save  y copy",
    .state_size = sizeof(struct ui_certificates_pane),
    .free = free_state,
    .build = build,
    .keeps = true,
    .draw = draw,
    .move = move,
    .act = act,
    .click = click,
};
