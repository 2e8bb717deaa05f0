/* A comparison as JSON and as text. */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "emit.h"
#include "pen.h"

static const struct kind {
    const char *name; /* in JSON */
    const char *mark;
    const char *sgr;
} kinds[] = {
    [REPORT_SAME] = {"same", " ", "2"},      [REPORT_CHANGED] = {"changed", "~", "33"},
    [REPORT_ONLY_A] = {"only_a", "-", "31"}, [REPORT_ONLY_B] = {"only_b", "+", "32"},
    [REPORT_RANDOM] = {"random", "?", "2"},
};

/* ---- JSON ---- */

static void emit_line(struct emit *emit, const struct report_compared *line)
{
    emit_open(emit, NULL, '{');
    emit_text(emit, "kind", kinds[line->kind].name);
    emit_text(emit, "name", line->name);
    emit_text(emit, "a", line->a);
    emit_text(emit, "b", line->b);
    if (line->row_a != 0 || line->row_b != 0) {
        emit_open(emit, "rows", '[');
        emit_number(emit, NULL, line->row_a);
        emit_number(emit, NULL, line->row_b);
        emit_close(emit, ']');
    }
    emit_open(emit, "children", '[');
}

static void close_lines(struct emit *emit, size_t *open, size_t depth)
{
    for (; *open > depth; (*open)--) {
        emit_close(emit, ']');
        emit_close(emit, '}');
    }
}

json_t *report_comparison_json(const struct report_comparison *comparison, const char *a,
                               const char *b)
{
    size_t differences = report_comparison_differences(comparison);
    struct buffer out = {0};
    struct emit emit = {.out = &out};
    size_t open = 0;

    emit_open(&emit, NULL, '{');
    emit_text(&emit, "schema", "tlstep.diff/1");
    emit_text(&emit, "a", a);
    emit_text(&emit, "b", b);
    emit_flag(&emit, "same", differences == 0);
    emit_number(&emit, "differences", differences);
    emit_open(&emit, "sections", '[');
    for (size_t i = 0; i < comparison->count; i++) {
        close_lines(&emit, &open, comparison->lines[i].depth);
        emit_line(&emit, &comparison->lines[i]);
        open++;
    }
    close_lines(&emit, &open, 0);
    emit_close(&emit, ']');
    emit_close(&emit, '}');
    return emit_parse(&out);
}

/* ---- text ---- */

#define COLUMNS 100

/* Of what is alike, sections, facts and messages are enough; of what must differ as well. */
static bool is_told(const struct report_compared *line)
{
    return line->depth <= 1 || (line->kind != REPORT_SAME && line->kind != REPORT_RANDOM);
}

static void write_values(const struct pen *pen, const struct report_compared *line, size_t column)
{
    const char *a = line->a != NULL ? line->a : "";
    const char *b = line->b != NULL ? line->b : "";

    if (line->kind == REPORT_RANDOM) {
        buffer_text(pen->out, "  differs, as it must");
    } else if (line->kind != REPORT_CHANGED || strcmp(a, b) == 0) {
        buffer_printf(pen->out, "%s%s", a[0] != '\0' || b[0] != '\0' ? "  " : "",
                      a[0] != '\0' ? a : b);
    } else if (column + text_width(a) + text_width(b) + 6 <= COLUMNS) {
        buffer_printf(pen->out, "  %s → %s", a[0] != '\0' ? a : "nothing",
                      b[0] != '\0' ? b : "nothing");
    } else {
        int indent = (int)(line->depth * 2 + 4);
        buffer_printf(pen->out, "\n%*sA  %s\n%*sB  %s", indent, "", a, indent, "", b);
    }
}

/* What a field consists of says more than the field. */
static void write_line(const struct pen *pen, const struct report_compared *line, bool opened)
{
    const struct kind *kind = &kinds[line->kind];
    char name[200];

    if (line->depth == 0 && line->a == NULL && line->b == NULL) {
        pen_heading(pen, line->name);
        return;
    }
    (void)snprintf(name, sizeof name, "%s %s", kind->mark, line->name);
    buffer_printf(pen->out, "%*s", (int)(line->depth * 2), "");
    pen_paint(pen, kind->sgr, name);
    if (line->depth < 2 || !opened) {
        write_values(pen, line, (size_t)line->depth * 2 + text_width(name));
    }
    buffer_text(pen->out, "\n");
}

int report_comparison_text(const struct report_comparison *comparison, const char *a, const char *b,
                           unsigned style, struct buffer *out)
{
    size_t differences = report_comparison_differences(comparison);
    struct buffer text = {0};
    const struct pen pen = {&text, style};

    buffer_text(&text, "A  ");
    text_safe_append(&text, a, strlen(a));
    buffer_text(&text, "\nB  ");
    text_safe_append(&text, b, strlen(b));
    buffer_text(&text, "\n");
    for (size_t i = 0; i < comparison->count; i++) {
        const struct report_compared *line = &comparison->lines[i];
        bool opened = i + 1 < comparison->count && line[1].depth > line->depth;
        if (is_told(line)) {
            write_line(&pen, line, opened);
        }
    }
    if (differences == 0) {
        buffer_text(&text, "\nNothing differs that need not.\n");
    } else {
        buffer_text(&text, "\n~ differs   - only in A   + only in B   ? differs, as it must\n");
    }
    return pen_hand_over(&text, style, out);
}
