/* A box of choices. */
#include "menu.h"

#include "keys.h"
#include "theme.h"

void ui_menu_open(struct ui_menu *menu, const char *title)
{
    *menu = (struct ui_menu){.open = true};
    (void)snprintf(menu->title, sizeof menu->title, "%s", title);
}

void ui_menu_add(struct ui_menu *menu, char key, const char *text, const char *line)
{
    struct ui_menu_item *item;

    if (menu->count == UI_MENU_MAX) {
        return;
    }
    item = &menu->items[menu->count++];
    item->key = key;
    (void)snprintf(item->text, sizeof item->text, "%s", text);
    (void)snprintf(item->line, sizeof item->line, "%s", line);
}

#define MENU_COLUMNS 58

void ui_menu_draw(struct ui_menu *menu, const struct ui_area *area)
{
    int columns = area->columns < MENU_COLUMNS ? area->columns : MENU_COLUMNS;
    int rows = (int)menu->count + 2;

    menu->box =
        ui_area_part(area, (area->rows - rows) / 2, (area->columns - columns) / 2, rows, columns);
    for (int y = 0; y < menu->box.rows; y++) {
        ui_area_blank(&menu->box, y, 0, columns, UI_TEXT);
    }
    ui_area_border(&menu->box, UI_FOCUS);
    ui_area_caption(&menu->box, UI_FOCUS, menu->title, "Esc closes");
    for (size_t i = 0; i < menu->count; i++) {
        char key[2] = {menu->items[i].key, '\0'};
        int y = (int)i + 1;
        (void)ui_area_text(&menu->box, y, 3, UI_KEY, key);
        (void)ui_area_text_in(&menu->box, y, 6, columns - 8, UI_TEXT, menu->items[i].text);
        if (i == menu->selected) {
            ui_area_restyle(&menu->box, y, 2, columns - 4, UI_SELECTION);
        }
    }
}

static const char *choose(struct ui_menu *menu, size_t index)
{
    menu->open = false;
    return menu->items[index].line;
}

const char *ui_menu_key(struct ui_menu *menu, long key)
{
    for (size_t i = 0; i < menu->count; i++) {
        if (key == menu->items[i].key) {
            return choose(menu, i);
        }
    }
    if (menu->count == 0) {
        menu->open = false;
    } else if (key == UI_KEY_UP || key == UI_KEY_BACK_TAB) {
        menu->selected = (menu->selected + menu->count - 1) % menu->count;
    } else if (key == UI_KEY_DOWN || key == UI_KEY_TAB) {
        menu->selected = (menu->selected + 1) % menu->count;
    } else if (key == UI_KEY_ENTER) {
        return choose(menu, menu->selected);
    } else {
        menu->open = false;
    }
    return NULL;
}

const char *ui_menu_click(struct ui_menu *menu, int y, int x)
{
    int item = y - menu->box.y - 1;

    if (x > menu->box.x && x < menu->box.x + menu->box.columns - 1 && item >= 0 &&
        item < (int)menu->count) {
        return choose(menu, (size_t)item);
    }
    menu->open = false;
    return NULL;
}
