/* Showing a page in a box. */
#include <string.h>

#include "viewer.h"

#define VIEWER_COLUMNS 100

void ui_viewer_open(struct ui_viewer *viewer, const char *title,
                    void (*build)(void *context, struct ui_page *page), void *context)
{
    (void)snprintf(viewer->title, sizeof viewer->title, "%s", title);
    viewer->build = build;
    viewer->context = context;
    viewer->open = true;
    viewer->base.top = 0;
    viewer->base.found = 0;
}

/* One line of the page for each line of the text. */
static void build_text(void *context, struct ui_page *page)
{
    struct ui_viewer *viewer = context;
    const char *at = buffer_string(&viewer->text);
    struct buffer line = {0};

    while (at != NULL && *at != '\0') {
        size_t length = strcspn(at, "\n");
        size_t blanks = strspn(at, " ");
        const char *safe;

        line.length = 0;
        text_safe_append(&line, at, length);
        safe = buffer_string(&line);
        ui_page_line(page);
        if (safe != NULL) {
            ui_page_wrap(page, UI_TEXT, blanks > 0 && blanks < 20 ? (int)blanks + 2 : 0, safe);
        }
        at += length;
        at += *at == '\n';
    }
    buffer_free(&line);
}

void ui_viewer_open_text(struct ui_viewer *viewer, const char *title, struct buffer *text)
{
    buffer_free(&viewer->text);
    viewer->text = *text;
    *text = (struct buffer){0};
    ui_viewer_open(viewer, title, build_text, viewer);
}

/* The box is as high as its text, where that is lower than the area. */
static struct ui_area place_box(const struct ui_viewer *viewer, const struct ui_area *area,
                                int columns)
{
    size_t rows = viewer->base.page.count + 2;

    return ui_area_part(area, 0, (area->columns - columns) / 2,
                        rows < (size_t)area->rows ? (int)rows : area->rows, columns);
}

void ui_viewer_draw(struct ui_viewer *viewer, const struct ui_area *area)
{
    int columns = area->columns < VIEWER_COLUMNS + 4 ? area->columns : VIEWER_COLUMNS;
    struct ui_area box, content;

    ui_page_reset(&viewer->base.page, columns - 2 * UI_PAGE_MARGIN, area->canvas->ascii);
    viewer->build(viewer->context, &viewer->base.page);
    box = place_box(viewer, area, columns);
    content = ui_area_part(&box, 1, UI_PAGE_MARGIN, box.rows - 2, box.columns - 2 * UI_PAGE_MARGIN);
    for (int y = 0; y < box.rows; y++) {
        ui_area_blank(&box, y, 0, box.columns, UI_TEXT);
    }
    ui_area_border(&box, UI_FOCUS);
    ui_area_caption(&box, UI_FOCUS, viewer->title, "Esc closes");
    viewer->rows = content.rows;
    ui_page_pane_draw(&viewer->base, &content, true);
}

bool ui_viewer_key(struct ui_viewer *viewer, long key)
{
    static const struct {
        long key;
        enum ui_motion motion;
    } motions[] = {
        {UI_KEY_UP, UI_UP},           {UI_KEY_DOWN, UI_DOWN},  {UI_KEY_PAGE_UP, UI_PAGE_UP},
        {UI_KEY_HOME, UI_TOP},        {UI_KEY_END, UI_BOTTOM}, {UI_KEY_PAGE_DOWN, UI_PAGE_DOWN},
        {UI_KEY_SPACE, UI_PAGE_DOWN},
    };

    if (key == UI_KEY_ESCAPE || key == UI_KEY_ENTER || key == 'q' || key == '?') {
        viewer->open = false;
        return true;
    }
    for (size_t i = 0; i < sizeof motions / sizeof motions[0]; i++) {
        if (motions[i].key == key) {
            (void)ui_page_pane_move(&viewer->base, motions[i].motion, viewer->rows);
            return true;
        }
    }
    return false;
}

void ui_viewer_free(struct ui_viewer *viewer)
{
    ui_page_pane_free(&viewer->base);
    buffer_free(&viewer->text);
}
