/* Going through explanations. */
#include <string.h>

#include "copy.h"
#include "explainer.h"
#include "keys.h"
#include "tree.h"

void ui_explainer_free(struct ui_explainer *box)
{
    buffer_free(&box->lead);
    buffer_free(&box->value);
    buffer_free(&box->means);
    ui_page_free(&box->page);
}

bool ui_explain_value(struct buffer *out, const struct wire_tree *tree, size_t index)
{
    const struct wire_field_type *type = tree->fields[index].type;
    struct buffer text = {0};
    char name[200];
    uint64_t value;
    bool known = type->kind == WIRE_FIELD_NAMED && wire_field_number(tree, index, &value) &&
                 explain_value(&text, type->registry, (uint32_t)value);

    if (known) {
        (void)wire_registry_text(name, sizeof name, type->registry, (uint32_t)value);
        buffer_printf(out, "%s: ", name);
        buffer_append(out, text.data, text.length);
    }
    buffer_free(&text);
    return known;
}

/* ---- topics ------------------------------------------------------------------------------------- */

void ui_explainer_open(struct ui_explainer *box, const char *lead, const char *id,
                       const struct wire_tree *tree, size_t index, bool hidden)
{
    box->open = true;
    box->count = 0;
    box->lead.length = box->value.length = box->means.length = 0;
    buffer_text(&box->lead, lead);
    if (tree != NULL && !hidden) {
        ui_field_value(&box->value, tree, index);
        (void)ui_explain_value(&box->means, tree, index);
    }
    ui_explainer_go(box, tree != NULL ? UI_TOPIC_FIELD : UI_TOPIC_ID, id != NULL ? id : "");
}

void ui_explainer_go(struct ui_explainer *box, enum ui_topic_kind kind, const char *id)
{
    struct ui_topic *topic;

    if (box->count == UI_TOPICS_MAX) { /* the way back begins later */
        memmove(&box->topics[1], &box->topics[2], (UI_TOPICS_MAX - 2) * sizeof box->topics[0]);
        box->count--;
    }
    topic = &box->topics[box->count++];
    *topic = (struct ui_topic){.kind = kind};
    (void)snprintf(topic->id, sizeof topic->id, "%s", id);
}

static bool go_back(struct ui_explainer *box)
{
    if (box->count < 2) {
        return false;
    }
    box->count--;
    return true;
}

static void follow(struct ui_explainer *box, size_t link)
{
    char id[UI_TOPIC_SIZE]; /* the links are made anew for the next topic */

    (void)snprintf(id, sizeof id, "%s", box->links[link].id);
    ui_explainer_go(box, UI_TOPIC_ID, id);
}

/* ---- drawing ------------------------------------------------------------------------------------ */

#define BOX_COLUMNS 92

static size_t last_top(const struct ui_explainer *box)
{
    size_t rows = box->content.rows > 0 ? (size_t)box->content.rows : 1;

    return box->page.count > rows ? box->page.count - rows : 0;
}

void ui_explainer_draw(struct ui_explainer *box, const struct ui_area *area)
{
    int columns = area->columns < BOX_COLUMNS + 4 ? area->columns : BOX_COLUMNS;
    struct ui_topic *topic = &box->topics[box->count - 1];
    char keys[80];
    struct ui_area frame;
    int rows;

    ui_page_reset(&box->page, columns - 2 * UI_PAGE_MARGIN, area->canvas->ascii);
    ui_explainer_build(box);
    (void)snprintf(keys, sizeof keys, "%s%s%s/ search  Esc closes",
                   box->link_count > 0 ? "Enter opens  " : "",
                   box->link_count > 1 ? "Tab next  " : "", box->count > 1 ? "← back  " : "");
    rows = box->page.count + 2 < (size_t)area->rows ? (int)box->page.count + 2 : area->rows;
    frame = ui_area_part(area, 0, (area->columns - columns) / 2, rows, columns);
    box->content = ui_area_part(&frame, 1, UI_PAGE_MARGIN, rows - 2, columns - 2 * UI_PAGE_MARGIN);
    for (int y = 0; y < frame.rows; y++) {
        ui_area_blank(&frame, y, 0, columns, UI_TEXT);
    }
    ui_area_border(&frame, UI_FOCUS);
    ui_area_caption(&frame, UI_FOCUS,
                    topic->kind == UI_TOPIC_QUERY ? "Explanations found" : "Explanation", keys);
    topic->top = topic->top > last_top(box) ? last_top(box) : topic->top;
    ui_page_draw(&box->page, topic->top, &box->content);
    ui_pane_draw_more(&box->content, topic->top > 0, topic->top < last_top(box));
}

/* ---- keys ---------------------------------------------------------------------------------------- */

/* Down goes to the next link, and on through the text where there is none within reach. */
static void move(struct ui_explainer *box, enum ui_motion motion)
{
    struct ui_topic *topic = &box->topics[box->count - 1];
    size_t rows = box->content.rows > 0 ? (size_t)box->content.rows : 1;
    bool down = motion == UI_DOWN;
    size_t next = down ? topic->selected + 1 : topic->selected - 1;
    bool is_link = down ? next < box->link_count : topic->selected > 0;

    if ((motion == UI_UP || down) && is_link) {
        size_t line = box->links[next].line;
        bool near = down ? line < topic->top + rows + 1 : line + 1 >= topic->top;
        if (near) {
            topic->selected = next;
            topic->top = ui_list_scroll(topic->top, line, box->page.count, (int)rows);
            return;
        }
    }
    topic->top = ui_list_move(topic->top, last_top(box) + 1, motion, (int)rows);
}

/* Tab goes around all links, wherever they are. */
static void next_link(struct ui_explainer *box, bool backward)
{
    struct ui_topic *topic = &box->topics[box->count - 1];

    if (box->link_count > 0) {
        topic->selected =
            (topic->selected + (backward ? box->link_count - 1 : 1)) % box->link_count;
        topic->top = ui_list_scroll(topic->top, box->links[topic->selected].line, box->page.count,
                                    box->content.rows);
    }
}

bool ui_explainer_key(struct ui_explainer *box, long key)
{
    static const struct {
        long key;
        enum ui_motion motion;
    } motions[] = {
        {UI_KEY_UP, UI_UP},           {UI_KEY_DOWN, UI_DOWN},  {UI_KEY_PAGE_UP, UI_PAGE_UP},
        {UI_KEY_HOME, UI_TOP},        {UI_KEY_END, UI_BOTTOM}, {UI_KEY_PAGE_DOWN, UI_PAGE_DOWN},
        {UI_KEY_SPACE, UI_PAGE_DOWN},
    };
    size_t selected = box->topics[box->count - 1].selected;

    for (size_t i = 0; i < sizeof motions / sizeof motions[0]; i++) {
        if (motions[i].key == key) {
            move(box, motions[i].motion);
            return true;
        }
    }
    if (key == UI_KEY_ESCAPE || key == 'q' || key == 'e') {
        box->open = false;
    } else if (key == UI_KEY_TAB || key == UI_KEY_BACK_TAB) {
        next_link(box, key == UI_KEY_BACK_TAB);
    } else if (key == UI_KEY_ENTER) {
        if (selected < box->link_count) {
            follow(box, selected);
        } else {
            box->open = false;
        }
    } else if (key == UI_KEY_LEFT || key == UI_KEY_BACKSPACE) {
        return go_back(box);
    } else {
        return false;
    }
    return true;
}

void ui_explainer_click(struct ui_explainer *box, int y, int x)
{
    const struct ui_area *content = &box->content;
    size_t line = box->topics[box->count - 1].top + (size_t)(y - content->y);

    for (size_t i = 0; i < box->link_count && y >= content->y; i++) {
        const struct ui_link *link = &box->links[i];
        int column = content->x + link->column;
        if (link->line == line && x >= column && x < column + link->columns) {
            follow(box, i);
            return;
        }
    }
    if (y < content->y - 1 || y > content->y + content->rows || x < content->x - UI_PAGE_MARGIN ||
        x >= content->x + content->columns + UI_PAGE_MARGIN) {
        box->open = false;
    }
}
