/* How text for people is written: marks and lines in both character sets, colours by role. */
#ifndef REPORT_PEN_H
#define REPORT_PEN_H

#include "tlstep/report.h"

struct pen {
    struct buffer *out;
    unsigned style;
};

enum mark { MARK_DONE, MARK_FAILED, MARK_PENDING, MARK_WARNING };

/* Text with an SGR sequence around it where there are colours. */
void pen_paint(const struct pen *pen, const char *sgr, const char *text);
void pen_mark(const struct pen *pen, enum mark mark);
void pen_heading(const struct pen *pen, const char *text);

/* Hands over what was written, in the characters that the style allows; frees it. 0, or -1: no memory. */
int pen_hand_over(struct buffer *text, unsigned style, struct buffer *out);

#endif
