/* Editing a line, with the keys that a shell has. */
#include <string.h>

#include "edit.h"
#include "keys.h"

void ui_edit_set(struct ui_edit *edit, const char *text)
{
    size_t length = strlen(text);

    if (length >= sizeof edit->text) {
        length = 0; /* rather nothing than half of something */
    }
    memcpy(edit->text, text, length);
    edit->text[length] = '\0';
    edit->length = edit->cursor = length;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static size_t before(const struct ui_edit *edit, size_t at)
{
    while (at > 0) {
        at--;
        if (!is_continuation(edit->text[at])) {
            break;
        }
    }
    return at;
}

static size_t after(const struct ui_edit *edit, size_t at)
{
    if (at < edit->length) {
        at++;
    }
    while (at < edit->length && is_continuation(edit->text[at])) {
        at++;
    }
    return at;
}

static size_t word_before(const struct ui_edit *edit, size_t at)
{
    while (at > 0 && edit->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && edit->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

static void erase(struct ui_edit *edit, size_t from, size_t to)
{
    memmove(edit->text + from, edit->text + to, edit->length - to + 1);
    edit->length -= to - from;
    edit->cursor = from;
}

static void insert(struct ui_edit *edit, const char *text, size_t length)
{
    if (length >= sizeof edit->text - edit->length) {
        return;
    }
    memmove(edit->text + edit->cursor + length, edit->text + edit->cursor,
            edit->length - edit->cursor + 1);
    memcpy(edit->text + edit->cursor, text, length);
    edit->length += length;
    edit->cursor += length;
}

void ui_edit_replace(struct ui_edit *edit, size_t from, const char *text)
{
    if (from <= edit->cursor) {
        erase(edit, from, edit->cursor);
        insert(edit, text, strlen(text));
    }
}

static bool insert_character(struct ui_edit *edit, long key)
{
    char bytes[16];

    if (key < 32 || key == 127 || key >= UI_KEY_UP) {
        return false;
    }
    (void)ui_key_utf8(bytes, (uint32_t)key);
    insert(edit, bytes, strlen(bytes));
    return true;
}

bool ui_edit_key(struct ui_edit *edit, long key)
{
    switch (key) {
    case UI_KEY_LEFT:
        edit->cursor = before(edit, edit->cursor);
        return true;
    case UI_KEY_RIGHT:
        edit->cursor = after(edit, edit->cursor);
        return true;
    case UI_KEY_HOME:
    case UI_KEY_CTRL_A:
        edit->cursor = 0;
        return true;
    case UI_KEY_END:
    case UI_KEY_CTRL_E:
        edit->cursor = edit->length;
        return true;
    case UI_KEY_BACKSPACE:
        erase(edit, before(edit, edit->cursor), edit->cursor);
        return true;
    case UI_KEY_DELETE:
        erase(edit, edit->cursor, after(edit, edit->cursor));
        return true;
    case UI_KEY_CTRL_U:
        erase(edit, 0, edit->cursor);
        return true;
    case UI_KEY_CTRL_K:
        erase(edit, edit->cursor, edit->length);
        return true;
    case UI_KEY_CTRL_W:
        erase(edit, word_before(edit, edit->cursor), edit->cursor);
        return true;
    default:
        return insert_character(edit, key);
    }
}

/* What is typed may hold anything that a terminal sends: it is shown as text_safe() shows it. */
static int safe_columns(const char *text, size_t length, bool ascii)
{
    char safe[2 * UI_EDIT_MAX];

    return ui_text_columns(text_safe(safe, sizeof safe, text, length), ascii);
}

int ui_edit_draw(const struct ui_edit *edit, const struct ui_area *area, int y, int x, int columns,
                 unsigned style)
{
    bool ascii = area->canvas->ascii;
    char safe[2 * UI_EDIT_MAX];
    size_t from = 0;
    int shown;

    while (from < edit->cursor &&
           safe_columns(edit->text + from, edit->cursor - from, ascii) >= columns) {
        from = after(edit, from);
    }
    (void)text_safe(safe, sizeof safe, edit->text + from, edit->length - from);
    ui_area_blank(area, y, x, columns, style);
    (void)ui_area_text_in(area, y, x, columns, style, safe);
    shown = safe_columns(edit->text + from, edit->cursor - from, ascii);
    return x + shown;
}
