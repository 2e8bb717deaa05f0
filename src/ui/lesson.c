/* Drawing a lesson. */
#include "lesson.h"

#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "theme.h"

void ui_lesson_free(struct ui_lesson *lesson)
{
    stepper_lesson_free(lesson->lesson);
    ui_page_free(&lesson->text);
    ui_page_free(&lesson->task);
    *lesson = (struct ui_lesson){0};
}

bool ui_lesson_is_on(const struct ui_lesson *lesson)
{
    return lesson->lesson != NULL;
}

/* Beside the panes there are more rows than below them. */
static bool is_roomy(int columns)
{
    return columns < 60;
}

/* ---- text ---------------------------------------------------------------------------------------- */

/* A piece of text in one style. A line does not begin with the blank that ended the one before. */
static void add_piece(struct ui_page *page, unsigned style, int indent, const char *text,
                      size_t length)
{
    char *piece;

    if (page->count > 0 && page->lines[page->count - 1].columns <= indent) {
        size_t blanks = strspn(text, " ");
        blanks = blanks < length ? blanks : length;
        text += blanks;
        length -= blanks;
    }
    piece = text_duplicate(text, length);
    if (piece == NULL) {
        page->failed = true;
        return;
    }
    ui_page_wrap(page, style, indent, piece);
    free(piece);
}

/* Text with `code` in it. */
static void add_marked(struct ui_page *page, unsigned style, int indent, const char *text)
{
    bool code = false;

    while (*text != '\0') {
        size_t length = strcspn(text, "`");
        if (length > 0) {
            add_piece(page, code ? UI_KEY : style, indent, text, length);
        }
        text += length;
        if (*text == '`') {
            code = !code;
            text++;
        }
    }
}

static void add_paragraph(struct ui_page *page, const char *text, size_t length)
{
    char *line = text_duplicate(text, length);
    bool item;

    if (line == NULL) {
        page->failed = true;
        return;
    }
    item = strncmp(line, "- ", 2) == 0;
    ui_page_line(page);
    if (item) {
        ui_page_add(page, UI_DIM, "· ");
    }
    add_marked(page, UI_TEXT, item ? 2 : 0, line + (item ? 2 : 0));
    free(line);
}

/* Where there is room, paragraphs stand apart. */
static void build_text(struct ui_lesson *lesson, int columns, bool roomy, bool ascii)
{
    const struct stepper_lesson_part *part = stepper_lesson_at(lesson->lesson, lesson->part);
    const char *text = part->text;

    ui_page_reset(&lesson->text, columns, ascii);
    ui_page_line(&lesson->text);
    ui_page_wrap(&lesson->text, UI_TITLE | UI_STYLE_BOLD, 0, part->title);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (roomy) {
            ui_page_line(&lesson->text);
        }
        add_paragraph(&lesson->text, text, length);
        text += length;
        text += *text == '\n';
    }
}

/* ---- task ---------------------------------------------------------------------------------------- */

/* As many on a line as fit. */
static void add_choices(struct ui_page *page, const struct stepper_lesson_part *part)
{
    for (size_t i = 0; i < part->choice_count; i++) {
        int columns = ui_text_columns(part->choices[i], page->ascii) + 5;
        bool fits = i > 0 && page->lines[page->count - 1].columns + columns <= page->columns;
        if (!fits) {
            ui_page_line(page);
        }
        ui_page_add(page, UI_KEY, "%s%zu ", fits ? "   " : "  ", i + 1);
        ui_page_wrap(page, UI_TEXT, 4, part->choices[i]);
    }
}

static void add_marked_line(struct ui_page *page, enum ui_mark mark, const char *text)
{
    ui_page_line(page);
    ui_mark_add(page, mark);
    add_marked(page, UI_TEXT, ui_mark_columns(page->ascii), text);
}

/* What the keys of the lesson do now. */
static void add_keys(struct ui_page *page, const struct ui_lesson *lesson,
                     const struct stepper_lesson_part *part)
{
    bool last = lesson->part + 1 == stepper_lesson_count(lesson->lesson);

    ui_page_line(page);
    if (lesson->done && part->task != STEPPER_TASK_NONE) {
        ui_mark_add(page, UI_MARK_GOOD);
        ui_page_add(page, UI_GOOD, "done  ");
    }
    if (lesson->done || part->task == STEPPER_TASK_NONE) {
        ui_page_add(page, UI_KEY, ".");
        ui_page_add(page, UI_TEXT, last ? " finish" : " next");
        return;
    }
    if (part->task != STEPPER_TASK_DO) {
        ui_page_add(page, UI_KEY, ".");
        ui_page_add(page, UI_TEXT, " and its number: answer  ");
    }
    ui_page_add(page, UI_KEY, "H");
    ui_page_add(page, UI_TEXT, " hint");
    if (lesson->warned) {
        ui_page_add(page, UI_KEY, "  .");
        ui_page_add(page, UI_TEXT, " skip");
    }
}

static void build_task(struct ui_lesson *lesson, int columns, bool ascii)
{
    const struct stepper_lesson_part *part = stepper_lesson_at(lesson->lesson, lesson->part);
    struct ui_page *page = &lesson->task;

    ui_page_reset(page, columns, ascii);
    if (part->task != STEPPER_TASK_NONE &&
        (!lesson->done || is_roomy(columns) || part->because[0] == '\0')) {
        ui_page_line(page);
        ui_mark_add(page, lesson->done ? UI_MARK_GOOD : UI_MARK_CURRENT);
        add_marked(page, UI_STYLE_BOLD, ui_mark_columns(ascii), part->say);
    }
    if (part->task == STEPPER_TASK_CHOOSE && !lesson->done) {
        add_choices(page, part);
    }
    if (lesson->done && part->because[0] != '\0') {
        if (is_roomy(columns)) {
            ui_page_line(page);
        }
        add_marked_line(page, UI_MARK_GOOD, part->because);
    } else if (!lesson->done && lesson->hinted && part->hint != NULL) {
        add_marked_line(page, lesson->wrong ? UI_MARK_BAD : UI_MARK_WARNING, part->hint);
    }
    add_keys(page, lesson, part);
}

/* ---- the panel ----------------------------------------------------------------------------------- */

static void build(struct ui_lesson *lesson, int columns, bool ascii)
{
    build_text(lesson, columns, is_roomy(columns), ascii);
    build_task(lesson, columns, ascii);
}

int ui_lesson_rows(struct ui_lesson *lesson, int columns, bool ascii)
{
    build(lesson, columns - 2 * UI_PAGE_MARGIN, ascii);
    return (int)(lesson->text.count + lesson->task.count) + 2;
}

static void draw_border(const struct ui_lesson *lesson, const struct ui_area *area)
{
    char title[120], count[40];

    for (int y = 0; y < area->rows; y++) {
        ui_area_blank(area, y, 0, area->columns, UI_TEXT);
    }
    (void)snprintf(title, sizeof title, "%s", stepper_lesson_title(lesson->lesson));
    (void)snprintf(count, sizeof count, "%zu of %zu", lesson->part + 1,
                   stepper_lesson_count(lesson->lesson));
    ui_area_border(area, UI_TITLE);
    ui_area_caption(area, UI_TITLE, title, count);
}

/* The task stands at the bottom, whatever there is of text. */
void ui_lesson_draw(struct ui_lesson *lesson, const struct ui_area *area)
{
    struct ui_area inner =
        ui_area_part(area, 1, UI_PAGE_MARGIN, area->rows - 2, area->columns - 2 * UI_PAGE_MARGIN);
    struct ui_area above, below;
    int tasks, most;
    bool cut;

    if (area->rows < 3) {
        return;
    }
    build(lesson, inner.columns, inner.canvas->ascii);
    draw_border(lesson, area);
    tasks = (int)lesson->task.count;
    most = inner.rows - 1 > 1 ? inner.rows - 1 : 1; /* a line of text is left */
    tasks = tasks < most ? tasks : most;
    lesson->text_rows = inner.rows - tasks;
    if (lesson->text_rows > (int)lesson->text.count && is_roomy(inner.columns)) {
        lesson->text_rows = (int)lesson->text.count + 1;
    }
    cut = lesson->top + (size_t)lesson->text_rows < lesson->text.count;
    lesson->more = cut && !lesson->done && !lesson->hinted;
    above = ui_area_part(&inner, 0, 0, lesson->text_rows, inner.columns);
    below = ui_area_part(&inner, lesson->text_rows, 0, tasks, inner.columns);
    ui_page_draw(&lesson->text, lesson->top, &above);
    if (cut) {
        ui_area_text_right(&above, above.rows - 1, above.columns, UI_KEY,
                           lesson->more ? " … . more" : " …");
    }
    ui_page_draw(&lesson->task, lesson->task.count - (size_t)tasks, &below);
}
