/* The text of a topic, with the terms of the glossary as links. */
#include <stdlib.h>
#include <string.h>

#include "explainer.h"

/* "term.forward_secrecy" is "forward secrecy" to a reader. */
static void write_name(char *out, size_t size, const char *id)
{
    static const char *const kinds[] = {"term.", "message.", "stop."};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i]);
        id += strncmp(id, kinds[i], length) == 0 ? length : 0;
    }
    (void)text_safe(out, size, id, strlen(id));
    for (char *at = strchr(out, '_'); at != NULL && strchr(id, '.') == NULL; at = strchr(at, '_')) {
        *at = ' ';
    }
}

/* ---- links --------------------------------------------------------------------------------------- */

static void add_link(struct ui_explainer *box, const char *id, const char *text)
{
    struct ui_page *page = &box->page;
    bool selected = box->link_count == box->topics[box->count - 1].selected;
    struct ui_link *link;

    if (box->link_count == UI_LINKS_MAX) {
        ui_page_wrap(page, UI_TEXT, 0, text);
        return;
    }
    ui_page_wrap(page, selected ? UI_SELECTION : UI_KEY, 0, text);
    link = &box->links[box->link_count++];
    (void)snprintf(link->id, sizeof link->id, "%s", id);
    link->line = page->count - 1;
    link->columns = ui_text_columns(text, page->ascii);
    link->column = page->lines[page->count - 1].columns - link->columns;
    if (link->column < 0) { /* it began in the line before */
        link->columns += link->column;
        link->column = 0;
    }
}

struct linked_text {
    struct ui_explainer *box;
    const char *text;
    size_t done; /* bytes of it that are on the page */
};

static void add_plain(struct linked_text *linked, size_t until)
{
    char *text = text_duplicate(linked->text + linked->done, until - linked->done);

    if (text == NULL) {
        linked->box->page.failed = true;
    } else {
        ui_page_wrap(&linked->box->page, UI_TEXT, 0, text);
    }
    free(text);
    linked->done = until;
}

static void add_term(const char *id, size_t offset, size_t length, void *user)
{
    struct linked_text *linked = user;
    struct ui_explainer *box = linked->box;
    char *text;

    /* A text that links to itself leads nowhere. */
    if (offset < linked->done || strcmp(id, box->topics[box->count - 1].id) == 0) {
        return;
    }
    add_plain(linked, offset);
    text = text_duplicate(linked->text + offset, length);
    if (text == NULL) {
        box->page.failed = true;
        return;
    }
    add_link(box, id, text);
    free(text);
    linked->done = offset + length;
}

static void add_linked(struct ui_explainer *box, const char *text)
{
    struct linked_text linked = {.box = box, .text = text};

    ui_page_line(&box->page);
    if (box->page.failed) {
        return;
    }
    explain_links(text, add_term, &linked);
    add_plain(&linked, strlen(text));
}

static void add_gap(struct ui_page *page)
{
    if (page->count > 0) {
        ui_page_line(page);
    }
}

/* ---- topics --------------------------------------------------------------------------------------- */

static void add_heading(struct ui_explainer *box, const char *id)
{
    char name[UI_TOPIC_SIZE + 40];

    write_name(name, sizeof name, id);
    ui_page_line(&box->page);
    ui_page_wrap(&box->page, UI_STYLE_BOLD, 0, name);
}

static void add_explanation(struct ui_explainer *box, const char *id)
{
    struct buffer text = {0};

    add_gap(&box->page);
    add_heading(box, id);
    if (explain_append(&text, id) && buffer_string(&text) != NULL) {
        add_linked(box, buffer_string(&text));
    } else {
        ui_page_line(&box->page);
        ui_page_wrap(&box->page, UI_DIM, 0, "There is no explanation of this; / searches all.");
    }
    buffer_free(&text);
}

static void add_lead(struct ui_explainer *box)
{
    const char *lead = buffer_string(&box->lead);

    if (lead != NULL && lead[0] != '\0') {
        add_linked(box, lead);
    }
}

static void add_value(struct ui_explainer *box)
{
    const char *means = buffer_string(&box->means);
    const char *value = buffer_string(&box->value);

    if (means != NULL && means[0] != '\0') {
        add_gap(&box->page);
        add_linked(box, means);
    }
    if (value != NULL && value[0] != '\0') {
        add_gap(&box->page);
        ui_page_section(&box->page, "Its value");
        ui_page_line(&box->page);
        ui_page_wrap(&box->page, UI_TEXT, 0, value);
    }
}

/* The first sentence is enough in a list. */
static void add_result(struct ui_explainer *box, const char *id)
{
    struct buffer text = {0};
    char name[UI_TOPIC_SIZE + 40];
    char *end;

    write_name(name, sizeof name, id);
    ui_page_line(&box->page);
    if (box->page.failed || !explain_append(&text, id) || buffer_string(&text) == NULL) {
        buffer_free(&text);
        return;
    }
    add_link(box, id, name);
    end = strstr((char *)text.data, ". ");
    if (end != NULL) {
        end[1] = '\0';
    }
    ui_page_line(&box->page);
    ui_page_column(&box->page, 4);
    ui_page_wrap(&box->page, UI_DIM, 4, (const char *)text.data);
    buffer_free(&text);
}

#define RESULTS_MAX 60

static void add_results(struct ui_explainer *box, const char *query)
{
    const char *ids[RESULTS_MAX];
    size_t count = explain_search(query, ids, RESULTS_MAX);
    struct buffer value = {0};
    char safe[UI_TOPIC_SIZE + 40];

    ui_page_line(&box->page);
    ui_page_add(&box->page, UI_STYLE_BOLD, "'%s': %zu%s",
                text_safe(safe, sizeof safe, query, strlen(query)), count,
                count == RESULTS_MAX ? " and more" : "");
    /* The name of a value is no text of its own: it is composed. */
    if (explain_find(query) == NULL && explain_append(&value, query)) {
        add_result(box, query);
    }
    buffer_free(&value);
    for (size_t i = 0; i < count; i++) {
        add_result(box, ids[i]);
    }
}

void ui_explainer_build(struct ui_explainer *box)
{
    const struct ui_topic *topic = &box->topics[box->count - 1];

    box->link_count = 0;
    if (box->count == 1) {
        add_lead(box);
    }
    if (topic->kind == UI_TOPIC_QUERY) {
        add_results(box, topic->id);
    } else if (topic->id[0] != '\0') {
        add_explanation(box, topic->id);
    }
    if (topic->kind == UI_TOPIC_FIELD) {
        add_value(box);
    }
}
