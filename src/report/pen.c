#include "pen.h"

void pen_paint(const struct pen *pen, const char *sgr, const char *text)
{
    if (pen->style & REPORT_COLOUR) {
        buffer_printf(pen->out, "\033[%sm%s\033[0m", sgr, text);
    } else {
        buffer_text(pen->out, text);
    }
}

void pen_mark(const struct pen *pen, enum mark mark)
{
    static const struct {
        const char *utf8, *ascii, *sgr;
    } marks[] = {
        [MARK_DONE] = {"✔", "ok", "32"},
        [MARK_FAILED] = {"✘", "!!", "31"},
        [MARK_PENDING] = {"·", "..", "2"},
        [MARK_WARNING] = {"!", "! ", "1;33"},
    };
    pen_paint(pen, marks[mark].sgr,
              pen->style & REPORT_ASCII ? marks[mark].ascii : marks[mark].utf8);
}

void pen_heading(const struct pen *pen, const char *text)
{
    buffer_text(pen->out, "\n");
    pen_paint(pen, "1", text);
    buffer_text(pen->out, "\n");
}

int pen_hand_over(struct buffer *text, unsigned style, struct buffer *out)
{
    if (text->failed) {
        out->failed = true;
    } else if (style & REPORT_ASCII) {
        text_ascii_append(out, (const char *)text->data, text->length);
    } else {
        buffer_append(out, text->data, text->length);
    }
    buffer_free(text);
    return out->failed ? -1 : 0;
}
