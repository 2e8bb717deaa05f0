/* The names of keys. */
#include <string.h>

#include "keys.h"

static const struct {
    const char *name;
    long key;
} names[] = {
    /* The first name of a key is the one that is shown. */
    {"Space", UI_KEY_SPACE},
    {"Enter", UI_KEY_ENTER},
    {"Esc", UI_KEY_ESCAPE},
    {"Tab", UI_KEY_TAB},
    {"S-Tab", UI_KEY_BACK_TAB},
    {"BackTab", UI_KEY_BACK_TAB},
    {"Backspace", UI_KEY_BACKSPACE},
    {"Up", UI_KEY_UP},
    {"Down", UI_KEY_DOWN},
    {"Left", UI_KEY_LEFT},
    {"Right", UI_KEY_RIGHT},
    {"S-Left", UI_KEY_SHIFT_LEFT},
    {"S-Right", UI_KEY_SHIFT_RIGHT},
    {"PgUp", UI_KEY_PAGE_UP},
    {"PageUp", UI_KEY_PAGE_UP},
    {"PgDn", UI_KEY_PAGE_DOWN},
    {"PageDown", UI_KEY_PAGE_DOWN},
    {"Home", UI_KEY_HOME},
    {"End", UI_KEY_END},
    {"Insert", UI_KEY_INSERT},
    {"Delete", UI_KEY_DELETE},
};

/* "F1" to "F12". */
static long function_key(const char *name, size_t length)
{
    long number = 0;

    if (length < 2 || length > 3 || name[0] != 'F') {
        return -1;
    }
    for (size_t i = 1; i < length; i++) {
        if (name[i] < '0' || name[i] > '9') {
            return -1;
        }
        number = number * 10 + (name[i] - '0');
    }
    return number >= 1 && number <= 12 ? UI_KEY_F1 + number - 1 : -1;
}

long ui_key_parse(const char *name, size_t length)
{
    uint32_t code_point;

    if (length > 0 && text_utf8_decode(name, length, &code_point) == length) {
        return (long)code_point;
    }
    if (length == 3 && strncmp(name, "C-", 2) == 0 && name[2] >= 'a' && name[2] <= 'z') {
        return name[2] - 'a' + 1;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0) {
            return names[i].key;
        }
    }
    return function_key(name, length);
}

char *ui_key_utf8(char out[5], uint32_t code_point)
{
    size_t length = 0;

    if (code_point < 0x80) {
        out[length++] = (char)code_point;
    } else if (code_point < 0x800) {
        out[length++] = (char)(0xc0 | code_point >> 6);
    } else if (code_point < 0x10000) {
        out[length++] = (char)(0xe0 | code_point >> 12);
        out[length++] = (char)(0x80 | (code_point >> 6 & 0x3f));
    } else {
        out[length++] = (char)(0xf0 | code_point >> 18);
        out[length++] = (char)(0x80 | (code_point >> 12 & 0x3f));
        out[length++] = (char)(0x80 | (code_point >> 6 & 0x3f));
    }
    if (code_point >= 0x80) {
        out[length++] = (char)(0x80 | (code_point & 0x3f));
    }
    out[length] = '\0';
    return out;
}

char *ui_key_name(char *out, size_t size, long key)
{
    char bytes[5];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].key == key) {
            (void)snprintf(out, size, "%s", names[i].name);
            return out;
        }
    }
    if (key >= UI_KEY_F1 && key <= UI_KEY_LAST) {
        (void)snprintf(out, size, "F%ld", key - UI_KEY_F1 + 1);
    } else if (key >= 1 && key <= 26) {
        (void)snprintf(out, size, "C-%c", (char)('a' + key - 1));
    } else if (key > 0 && key < UI_KEY_UP) {
        (void)ui_key_utf8(bytes, (uint32_t)key);
        (void)text_safe(out, size, bytes, strlen(bytes));
    } else {
        (void)snprintf(out, size, "this key");
    }
    return out;
}

bool ui_key_among(const char *keys, long key)
{
    while (*keys != '\0') {
        size_t length = strcspn(keys, " ");
        if (length > 0 && ui_key_parse(keys, length) == key) {
            return true;
        }
        keys += length;
        keys += strspn(keys, " ");
    }
    return false;
}

char *ui_key_first(char *out, size_t size, const char *keys)
{
    (void)snprintf(out, size, "%.*s", (int)strcspn(keys, " "), keys);
    return out;
}
