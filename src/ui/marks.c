/* Marks, times and dates as all panes write them. */
#include <string.h>

#include "marks.h"

static const struct {
    const char *sign, *ascii;
    unsigned style;
} marks[] = {
    [UI_MARK_GOOD] = {"✔", "ok", UI_GOOD},         [UI_MARK_BAD] = {"✘", "!!", UI_BAD},
    [UI_MARK_WAITING] = {"·", "..", UI_DIM},       [UI_MARK_WARNING] = {"!", "!", UI_WARNING},
    [UI_MARK_CURRENT] = {"▶", ">", UI_STYLE_BOLD},
};

const char *ui_mark_text(enum ui_mark mark, bool ascii)
{
    return ascii ? marks[mark].ascii : marks[mark].sign;
}

unsigned ui_mark_style(enum ui_mark mark)
{
    return marks[mark].style;
}

int ui_mark_columns(bool ascii)
{
    return ascii ? 3 : 2;
}

void ui_mark_add(struct ui_page *page, enum ui_mark mark)
{
    const char *text = ui_mark_text(mark, page->ascii);

    ui_page_add(page, marks[mark].style, "%s", text);
    ui_page_add(page, UI_TEXT, "%*s",
                ui_mark_columns(page->ascii) - ui_text_columns(text, page->ascii), "");
}

unsigned ui_side_style(enum wire_side side)
{
    return side == WIRE_CLIENT ? UI_CLIENT : UI_SERVER;
}

bool ui_failure_is_told(const struct trace_facts *facts, enum trace_phase phase)
{
    const struct trace_phase_fact *fact = &facts->phases[phase];

    for (size_t i = (size_t)phase + 1; i < TRACE_PHASE_COUNT; i++) {
        const struct trace_phase_fact *later = &facts->phases[i];
        if (fact->state == TRACE_FAILED && later->state == TRACE_FAILED && fact->text != NULL &&
            later->text != NULL && strcmp(fact->text, later->text) == 0) {
            return true;
        }
    }
    return false;
}

char *ui_duration(char *out, size_t size, int64_t ns)
{
    if (ns < 0) {
        ns = 0;
    }
    if (ns < 10000000000) {
        (void)snprintf(out, size, "%.1f ms", (double)ns / 1e6);
    } else {
        (void)snprintf(out, size, "%.1f s", (double)ns / 1e9);
    }
    return out;
}

char *ui_date(char *out, size_t size, int64_t seconds)
{
    char full[40];

    /* "2026-11-24T09:31:00Z" without its seconds. */
    (void)time_rfc3339(full, sizeof full, seconds);
    if (strlen(full) < 16) {
        (void)snprintf(out, size, "%s", full);
    } else {
        (void)snprintf(out, size, "%.10s %.5s UTC", full, full + 11);
    }
    return out;
}
