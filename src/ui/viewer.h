/* A box over the panes with text that scrolls: the help, an answer, a long explanation. */
#ifndef TLSTEP_UI_VIEWER_H
#define TLSTEP_UI_VIEWER_H

#include "keys.h"
#include "page_pane.h"

struct ui_viewer {
    bool open;
    char title[120];
    /* Makes the lines; called again when the size changes. */
    void (*build)(void *context, struct ui_page *page);
    void *context;
    struct ui_page_pane base;
    struct buffer text; /* what ui_viewer_open_text() shows */
    int rows;
};

/* `context` is borrowed until the viewer is closed. */
void ui_viewer_open(struct ui_viewer *viewer, const char *title,
                    void (*build)(void *context, struct ui_page *page), void *context);
/* Shows a text with its line breaks. Takes what the buffer holds. */
void ui_viewer_open_text(struct ui_viewer *viewer, const char *title, struct buffer *text);
void ui_viewer_draw(struct ui_viewer *viewer, const struct ui_area *area);
/* Takes a key; closes on q, Esc, Enter and ?. False: not a key of the viewer. */
bool ui_viewer_key(struct ui_viewer *viewer, long key);
void ui_viewer_free(struct ui_viewer *viewer);

#endif
