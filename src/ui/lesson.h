/*
 * The lesson beside the live screen: on the right, where there is room, else below. It watches what the user
 * does and takes no key of its own but those of the table of commands.
 */
#ifndef TLSTEP_UI_LESSON_H
#define TLSTEP_UI_LESSON_H

#include "page.h"
#include "tlstep/stepper.h"

struct ui_lesson {
    struct stepper_lesson *lesson; /* NULL: none goes on */
    size_t part;
    size_t reached; /* parts that have been done, now or another day: `.` passes them */
    bool done;      /* what this part asks for */
    bool wrong;     /* the last answer was */
    bool hinted;    /* the hint is shown */
    bool warned;    /* `.` was pressed before it was done: once more passes it */
    size_t top;     /* first line of the text that is shown, where not all of it fits */
    bool more;      /* there is text below that `.` shows, as drawn last */
    int text_rows;  /* as drawn last */
    struct ui_page text, task;
};

void ui_lesson_free(struct ui_lesson *lesson);
bool ui_lesson_is_on(const struct ui_lesson *lesson);
/* Rows that the part takes in so many columns, with its border. */
int ui_lesson_rows(struct ui_lesson *lesson, int columns, bool ascii);
void ui_lesson_draw(struct ui_lesson *lesson, const struct ui_area *area);

struct ui;
/* commands_lesson.c. Begins one by its name, or offers them all (""). */
int ui_lesson_start(struct ui *ui, const char *name, struct err *err);
/* Looks whether what the part asks for has been done; before each frame. */
void ui_lesson_watch(struct ui *ui);

#endif
