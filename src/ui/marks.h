/* Small things that several panes write alike: marks, times, dates, sizes. */
#ifndef TLSTEP_UI_MARKS_H
#define TLSTEP_UI_MARKS_H

#include "page.h"
#include "theme.h"
#include "tlstep/trace.h"

enum ui_mark { UI_MARK_GOOD, UI_MARK_BAD, UI_MARK_WAITING, UI_MARK_WARNING, UI_MARK_CURRENT };

/* "✔", "✘", "·", "!", "▶"; in ASCII "ok", "!!", "..", "!", ">". */
const char *ui_mark_text(enum ui_mark mark, bool ascii);
unsigned ui_mark_style(enum ui_mark mark);
/* Adds the mark and blanks up to where the text after a mark begins. */
void ui_mark_add(struct ui_page *page, enum ui_mark mark);
/* Columns of a mark with the blank after it. */
int ui_mark_columns(bool ascii);

/* The role of what a side has sent. */
unsigned ui_side_style(enum wire_side side);

/* A phase that failed because a later one did, with the same words: they are written once. */
bool ui_failure_is_told(const struct trace_facts *facts, enum trace_phase phase);

/* "2.1 ms", "12.4 s". Returns `out`. */
char *ui_duration(char *out, size_t size, int64_t ns);
/* "2026-11-24 09:31 UTC". */
char *ui_date(char *out, size_t size, int64_t seconds);

#endif
