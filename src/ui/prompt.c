/* Typing commands and searches. */
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "prompt.h"
#include "theme.h"

static struct ui_history *history_of(struct ui_prompt *prompt)
{
    return &prompt->histories[prompt->kind == UI_PROMPT_SEARCH];
}

void ui_prompt_open(struct ui_prompt *prompt, enum ui_prompt_kind kind, const char *text)
{
    prompt->kind = kind;
    prompt->recalled = 0;
    prompt->listing = false;
    ui_edit_set(&prompt->edit, text);
}

void ui_prompt_free(struct ui_prompt *prompt)
{
    for (size_t kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < prompt->histories[kind].count; i++) {
            free(prompt->histories[kind].lines[i]);
        }
        prompt->histories[kind].count = 0;
    }
}

/* ---- history -------------------------------------------------------------------------------------- */

/* Without memory there is no history: typing goes on. */
static void remember(struct ui_history *history, const char *text)
{
    char *copy;

    if (text[0] == '\0' ||
        (history->count > 0 && strcmp(history->lines[history->count - 1], text) == 0)) {
        return;
    }
    copy = text_duplicate(text, strlen(text));
    if (copy == NULL) {
        return;
    }
    if (history->count == UI_HISTORY_MAX) {
        free(history->lines[0]);
        memmove(history->lines, history->lines + 1,
                (UI_HISTORY_MAX - 1) * sizeof history->lines[0]);
        history->count--;
    }
    history->lines[history->count++] = copy;
}

static void recall(struct ui_prompt *prompt, int step)
{
    const struct ui_history *history = history_of(prompt);

    if (step > 0 ? prompt->recalled == history->count : prompt->recalled == 0) {
        return;
    }
    if (prompt->recalled == 0) {
        memcpy(prompt->typed, prompt->edit.text, sizeof prompt->typed);
    }
    prompt->recalled += (size_t)step;
    ui_edit_set(&prompt->edit, prompt->recalled == 0
                                   ? prompt->typed
                                   : history->lines[history->count - prompt->recalled]);
}

/* ---- completion ------------------------------------------------------------------------------------- */

static void put_candidate(struct ui_prompt *prompt, const char *word, bool last)
{
    char text[UI_CANDIDATE_SIZE + 1];
    size_t length = strlen(word);
    bool open_end = length > 0 && (word[length - 1] == '/' || word[length - 1] == ':');

    (void)snprintf(text, sizeof text, "%s%s", word, last && !open_end ? " " : "");
    ui_edit_replace(&prompt->edit, prompt->candidates.from, text);
}

/* The first Tab completes as far as all agree and lists them, further ones go through the list. */
static void complete(struct ui_prompt *prompt, int step)
{
    struct ui_candidates *candidates = &prompt->candidates;
    char common[UI_CANDIDATE_SIZE];
    char line[UI_EDIT_MAX];

    if (prompt->listing && candidates->count > 1) {
        if (prompt->chosen == candidates->count) {
            prompt->chosen = step > 0 ? 0 : candidates->count - 1;
        } else {
            prompt->chosen =
                (prompt->chosen + candidates->count + (size_t)step) % candidates->count;
        }
        put_candidate(prompt, candidates->words[prompt->chosen], false);
        return;
    }
    (void)snprintf(line, sizeof line, "%.*s", (int)prompt->edit.cursor, prompt->edit.text);
    ui_complete(line, candidates);
    prompt->chosen = candidates->count;
    prompt->listing = candidates->count > 1;
    if (candidates->count > 0) {
        put_candidate(prompt, ui_complete_common(common, sizeof common, candidates),
                      candidates->count == 1);
    }
}

/* ---- keys --------------------------------------------------------------------------------------------- */

enum ui_prompt_result ui_prompt_key(struct ui_prompt *prompt, long key)
{
    switch (key) {
    case UI_KEY_ENTER:
        remember(history_of(prompt), prompt->edit.text);
        return UI_PROMPT_ENTERED;
    case UI_KEY_ESCAPE:
        return UI_PROMPT_CANCELLED;
    case UI_KEY_BACKSPACE:
        if (prompt->edit.length == 0) {
            return UI_PROMPT_CANCELLED;
        }
        break;
    case UI_KEY_UP:
        recall(prompt, 1);
        return UI_PROMPT_GOES_ON;
    case UI_KEY_DOWN:
        recall(prompt, -1);
        return UI_PROMPT_GOES_ON;
    case UI_KEY_TAB:
    case UI_KEY_BACK_TAB:
        if (prompt->kind == UI_PROMPT_COMMAND) {
            complete(prompt, key == UI_KEY_TAB ? 1 : -1);
        }
        return UI_PROMPT_GOES_ON;
    default:
        break;
    }
    prompt->listing = false;
    (void)ui_edit_key(&prompt->edit, key); /* other keys mean nothing while typing */
    return UI_PROMPT_GOES_ON;
}

/* ---- drawing ------------------------------------------------------------------------------------------- */

int ui_prompt_draw(const struct ui_prompt *prompt, const struct ui_area *area)
{
    int x = ui_area_text(area, 0, 1, UI_KEY, prompt->kind == UI_PROMPT_SEARCH ? "/" : ":");

    return ui_edit_draw(&prompt->edit, area, 0, x, area->columns - x - 1, UI_TEXT);
}

/* Goes through the candidates as they stand in lines of `columns`; draws those in the area's rows when
 * there is an area. Returns the rows that all of them take, and in `shown` how many are in the area. */
static int flow(const struct ui_prompt *prompt, const struct ui_area *area, int columns, bool ascii,
                size_t *shown)
{
    int y = 0, x = 1;

    *shown = 0;
    for (size_t i = 0; i < prompt->candidates.count; i++) {
        char safe[2 * UI_CANDIDATE_SIZE];
        const char *word = prompt->candidates.words[i];
        int width;

        (void)text_safe(safe, sizeof safe, word, strlen(word));
        width = ui_text_columns(safe, ascii);
        if (x > 1 && x + width > columns - 1) {
            y++;
            x = 1;
        }
        if (area != NULL && y < area->rows) {
            (void)ui_area_text(area, y, x, i == prompt->chosen ? UI_SELECTION : UI_TEXT, safe);
            *shown = i + 1;
        }
        x += width + 2;
    }
    return y + 1;
}

int ui_prompt_candidate_rows(const struct ui_prompt *prompt, int columns, bool ascii)
{
    size_t shown;

    return prompt->listing ? flow(prompt, NULL, columns, ascii, &shown) : 0;
}

void ui_prompt_draw_candidates(const struct ui_prompt *prompt, const struct ui_area *area)
{
    size_t shown;
    char more[40];

    if (!prompt->listing) {
        return;
    }
    for (int y = 0; y < area->rows; y++) {
        ui_area_blank(area, y, 0, area->columns, UI_TEXT);
    }
    (void)flow(prompt, area, area->columns, area->canvas->ascii, &shown);
    if (shown < prompt->candidates.count) {
        (void)snprintf(more, sizeof more, " … %zu more", prompt->candidates.count - shown);
        ui_area_text_right(area, area->rows - 1, area->columns, UI_DIM, more);
    }
}
