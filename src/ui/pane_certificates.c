/* The server's certificates: the tree they form, and what stands in the selected one. */
#include <string.h>

#include "chain.h"
#include "page_pane.h"
#include "tree.h"

/* Beside the tree only where there is room for both. */
#define ROLE_COLUMNS 30
#define NAME_COLUMNS 28
#define VALUE_COLUMN 9
/* A certificate that ends within two weeks is worth a look. */
#define SOON_SECONDS INT64_C(1209600)

struct certificates {
    struct ui_page_pane base;
    size_t selected; /* node, counted from 1; 0: the leaf */
    size_t count;    /* nodes as drawn last */
    size_t leaf;
    size_t first_line, last_line; /* of the page: where the tree stands */
};

static size_t selected_node(const struct certificates *state)
{
    return state->selected > 0 && state->selected <= state->count ? state->selected - 1
                                                                  : state->leaf;
}

/* ---- the tree ------------------------------------------------------------------------------------ */

static const char *ordinal(size_t number)
{
    size_t tens = number % 100;

    if (tens >= 11 && tens <= 13) {
        return "th";
    }
    return number % 10 == 1 ? "st" : number % 10 == 2 ? "nd" : number % 10 == 3 ? "rd" : "th";
}

/* "leaf, sent 1st", "trust store (system)". */
static void describe_place(char *out, size_t size, const struct ui_chain *chain, size_t index,
                           const struct pki_verification *verification)
{
    const struct ui_chain_node *node = &chain->nodes[index];
    const char *role = node->unused ? "in no path" : index == chain->leaf ? "leaf" : "intermediate";
    char safe[100];

    if (node->certificate == NULL) {
        (void)snprintf(out, size, "not sent%s", verification != NULL ? ", not found" : "");
    } else if (node->sent == 0) {
        const char *trust = verification->trust != NULL ? verification->trust : "";
        (void)snprintf(out, size, "trust store (%s)",
                       text_safe(safe, sizeof safe, trust, strlen(trust)));
    } else {
        if (!node->unused && index != chain->leaf && node->certificate->self_issued) {
            role = "root";
        }
        (void)snprintf(out, size, "%s, sent %zu%s", role, node->sent, ordinal(node->sent));
    }
}

static void add_node(struct ui_page *page, const struct ui_chain *chain, size_t index,
                     const struct pki_verification *verification)
{
    const struct ui_chain_node *node = &chain->nodes[index];
    char name[200], place[160];

    ui_page_line(page);
    if (node->depth > 0) {
        ui_page_add(page, UI_DIM, "%*s└ ", 2 * (node->depth - 1), "");
    }
    ui_mark_add(page, node->mark);
    ui_page_add(page, node->certificate == NULL || node->unused ? UI_DIM : UI_TEXT, "%s",
                ui_chain_name(name, sizeof name, node));
    if (page->columns >= NAME_COLUMNS + ROLE_COLUMNS) {
        describe_place(place, sizeof place, chain, index, verification);
        ui_page_column(page, page->columns - 1 - ui_text_columns(place, page->ascii));
        ui_page_add(page, UI_DIM, " %s", place);
    }
}

/* ---- one certificate -------------------------------------------------------------------------------- */

static void add_value(struct ui_page *page, const char *name, unsigned style, const char *value)
{
    char safe[1200];

    if (value == NULL || value[0] == '\0') {
        return;
    }
    ui_page_pair(page, name, VALUE_COLUMN, style,
                 text_safe(safe, sizeof safe, value, strlen(value)));
}

/* The moment for which dates are judged: that of the verdict, else of the session. */
static int64_t time_of_judgement(const struct ui_view *view)
{
    if (view->facts->verification != NULL) {
        return view->facts->verification->at;
    }
    return trace_start_wall_ns(view->trace) / 1000000000;
}

static void add_date(struct ui_page *page, const char *name, unsigned style, int64_t seconds,
                     int64_t now)
{
    char distance[60], date[60], text[160];

    (void)ui_date_distance(distance, sizeof distance, seconds, now);
    (void)ui_date(date, sizeof date, seconds);
    if (page->columns < 50) { /* the day will do */
        date[10] = '\0';
    }
    (void)snprintf(text, sizeof text, "%s (%s)", distance, date);
    if (ui_text_columns(text, page->ascii) <= page->columns - VALUE_COLUMN) {
        add_value(page, name, style, text);
        return;
    }
    add_value(page, name, style, distance);
    add_value(page, "", style, date);
}

static void add_validity(struct ui_page *page, const struct pki_certificate *certificate,
                         int64_t now)
{
    bool soon = certificate->not_after - now < SOON_SECONDS;

    if (certificate->not_before > now) {
        add_date(page, "begins", UI_BAD, certificate->not_before, now);
    }
    if (certificate->not_after < now) {
        add_date(page, "expired", UI_BAD, certificate->not_after, now);
    } else {
        add_date(page, "expires", soon ? UI_WARNING : UI_TEXT, certificate->not_after, now);
    }
}

/* All names stand under each other: beside the label, or below it when one is too long. */
static void add_names(struct ui_page *page, const struct pki_certificate *certificate)
{
    int widest = 0;
    int column = VALUE_COLUMN;

    for (size_t i = 0; i < certificate->san_count; i++) {
        int columns = ui_text_columns(certificate->san[i], page->ascii);
        widest = columns > widest ? columns : widest;
    }
    if (certificate->san_count == 0) {
        return;
    }
    ui_page_line(page);
    ui_page_add(page, UI_DIM, "names");
    if (widest > page->columns - VALUE_COLUMN) {
        column = 2;
        ui_page_line(page);
    }
    for (size_t i = 0; i < certificate->san_count; i++) {
        char safe[600];
        const char *name = certificate->san[i];
        if (i > 0) {
            ui_page_line(page);
        }
        ui_page_column(page, column);
        ui_page_wrap(page, UI_TEXT, column, text_safe(safe, sizeof safe, name, strlen(name)));
    }
}

static void add_key(struct ui_page *page, const struct pki_certificate *certificate)
{
    char text[160];

    if (certificate->key_curve != NULL) {
        (void)snprintf(text, sizeof text, "%s %s", certificate->key_type, certificate->key_curve);
    } else {
        (void)snprintf(text, sizeof text, "%s %u bits", certificate->key_type,
                       certificate->key_bits);
    }
    add_value(page, "key", UI_TEXT, text);
    add_value(page, "signed", UI_TEXT, certificate->signature_algorithm);
}

static void add_details(struct ui_page *page, const struct ui_view *view,
                        const struct ui_chain *chain, size_t index)
{
    const struct ui_chain_node *node = &chain->nodes[index];
    const struct pki_certificate *certificate = node->certificate;
    char text[200];

    ui_page_section(page, ui_chain_name(text, sizeof text, node));
    if (certificate == NULL) {
        ui_page_line(page);
        ui_page_wrap(page, UI_DIM, 0,
                     "The server did not send this one: it is only named as the "
                     "issuer of the next.");
        add_value(page, "name", UI_TEXT, node->name);
        return;
    }
    if (certificate->malformed) {
        ui_page_line(page);
        ui_mark_add(page, UI_MARK_BAD);
        ui_page_wrap(page, UI_BAD, 2, certificate->problem);
    } else {
        add_validity(page, certificate, time_of_judgement(view));
        add_names(page, certificate);
        add_key(page, certificate);
        add_value(page, "subject", UI_TEXT, certificate->subject);
        add_value(page, "issuer", UI_TEXT, certificate->issuer);
        add_value(page, "serial", UI_TEXT, certificate->serial);
    }
    describe_place(text, sizeof text, chain, index, view->facts->verification);
    add_value(page, "place", UI_TEXT, text);
    add_value(page, "SHA-256", UI_TEXT,
              text_hex(text, sizeof text, certificate->sha256, sizeof certificate->sha256));
}

/* ---- the verdict ------------------------------------------------------------------------------------- */

static void add_verdict(struct ui_page *page, const struct pki_verification *verification)
{
    ui_page_line(page);
    if (verification == NULL) {
        ui_mark_add(page, UI_MARK_WAITING);
        ui_page_add(page, UI_DIM, "not verified yet");
    } else if (!verification->performed) {
        ui_mark_add(page, UI_MARK_WARNING);
        ui_page_add(page, UI_WARNING, "not verified");
    } else if (verification->ok) {
        ui_mark_add(page, UI_MARK_GOOD);
        ui_page_add(page, UI_GOOD, "accepted");
    } else {
        ui_mark_add(page, UI_MARK_BAD);
        ui_page_add(page, UI_BAD, "REFUSED");
    }
}

static void build(void *state, const struct ui_view *view, struct ui_page *page)
{
    struct certificates *certificates = state;
    const struct pki_verification *verification = view->facts->verification;
    struct ui_chain chain;

    if (ui_chain_init(&chain, view->facts) != 0) {
        page->failed = true;
        return;
    }
    certificates->count = chain.count;
    certificates->leaf = chain.leaf;
    if (chain.count == 0) {
        ui_page_line(page);
        ui_page_add(page, UI_DIM, "· none seen yet");
        ui_chain_free(&chain);
        return;
    }
    certificates->first_line = page->count;
    for (size_t i = 0; i < chain.count; i++) {
        add_node(page, &chain, i, verification);
    }
    certificates->last_line = page->count;
    add_verdict(page, verification);
    if (verification != NULL && verification->performed && !verification->ok &&
        !view->reasons_apart) {
        ui_page_section(page, "Why it is refused");
        ui_chain_add_reasons(page, verification, &chain);
    }
    add_details(page, view, &chain, selected_node(certificates));
    ui_chain_free(&chain);
}

/* ---- keys ------------------------------------------------------------------------------------------------ */

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct certificates *certificates = state;
    size_t top;
    size_t line = certificates->first_line + selected_node(certificates);

    (void)view;
    ui_page_pane_draw(&certificates->base, area, focused);
    top = certificates->base.top;
    if (certificates->count > 1 && certificates->base.found == 0 && line >= top) {
        ui_area_restyle(area, (int)(line - top), 0, area->columns,
                        focused ? UI_SELECTION : UI_ELSEWHERE);
    }
}

static bool select_node(struct certificates *certificates, size_t node)
{
    if (node >= certificates->count || node == selected_node(certificates)) {
        return false;
    }
    certificates->selected = node + 1;
    certificates->base.found = 0;
    certificates->base.top = 0;
    return true;
}

/* Up and down go through the tree first and scroll beyond it. */
static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    struct certificates *certificates = state;
    size_t node = selected_node(certificates);

    (void)view;
    if (motion == UI_UP && certificates->base.top == 0 && node > 0) {
        return select_node(certificates, node - 1);
    }
    if (motion == UI_DOWN && certificates->base.top == 0 && select_node(certificates, node + 1)) {
        return true;
    }
    return ui_page_pane_move(&certificates->base, motion, rows);
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    struct certificates *certificates = state;
    size_t line = certificates->base.top + (size_t)y;

    (void)view, (void)x;
    return line >= certificates->first_line && line < certificates->last_line &&
           select_node(certificates, line - certificates->first_line);
}

const struct ui_pane_operations ui_pane_certificates = {
    .name = "certificates",
    .title = "Certificates",
    .tab = "Certs",
    .state_size = sizeof(struct certificates),
    .free = ui_page_pane_free,
    .build = build,
    .draw = draw,
    .move = move,
    .click = click,
};
