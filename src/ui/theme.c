/* Reading themes, finding them, and fitting their colours to the terminal. */
#include <ctype.h>
#include <dirent.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "theme.h"
#include "theme_sources.h"
#include "tlstep/ui.h"

#define THEME_LIMIT  65536
#define THEME_SUFFIX ".theme"

static const char *const role_names[UI_ROLE_COUNT] = {
    [UI_TEXT] = "text",
    [UI_DIM] = "dim",
    [UI_CLIENT] = "client",
    [UI_SERVER] = "server",
    [UI_GOOD] = "good",
    [UI_BAD] = "bad",
    [UI_WARNING] = "warning",
    [UI_BORDER] = "border",
    [UI_FOCUS] = "focus",
    [UI_TITLE] = "title",
    [UI_HEAD] = "head",
    [UI_SELECTION] = "selection",
    [UI_ELSEWHERE] = "selection-elsewhere",
    [UI_LINKED] = "linked",
    [UI_KEY] = "key",
};

const char *ui_role_name(enum ui_role role)
{
    return role < UI_ROLE_COUNT ? role_names[role] : "";
}

/* ---- one look --------------------------------------------------------------------------------- */

static const char *const color_names[] = {
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
};

#define GREY 8 /* bright black */

/* A colour's number, UI_COLOR_DEFAULT, or -2 when there is no such colour. */
static int parse_color(const char *word)
{
    char *end;
    long number;
    int bright = 0;

    if (strcmp(word, "default") == 0) {
        return UI_COLOR_DEFAULT;
    }
    if (strcmp(word, "grey") == 0 || strcmp(word, "gray") == 0) {
        return GREY;
    }
    if (isdigit((unsigned char)word[0])) {
        number = strtol(word, &end, 10);
        return *end == '\0' && number <= 255 ? (int)number : -2;
    }
    if (strncmp(word, "bright-", 7) == 0) {
        bright = 8;
        word += 7;
    }
    for (int i = 0; i < 8; i++) {
        if (strcmp(word, color_names[i]) == 0) {
            return i + bright;
        }
    }
    return -2;
}

static unsigned parse_attribute(const char *word)
{
    static const struct {
        const char *name;
        unsigned bit;
    } attributes[] = {
        {"bold", UI_LOOK_BOLD},
        {"dim", UI_LOOK_DIM},
        {"underline", UI_LOOK_UNDERLINE},
        {"reverse", UI_LOOK_REVERSE},
    };

    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (strcmp(word, attributes[i].name) == 0) {
            return attributes[i].bit;
        }
    }
    return 0;
}

/* What is written in a look; a colour that is not written is UNSET until the theme is whole. */
#define UNSET (-3)

/* Takes one word of a look. Returns what is wrong with it, or NULL. */
static const char *take_word(struct ui_look *look, const char *word, bool *background)
{
    unsigned attribute = parse_attribute(word);
    int color;

    if (attribute != 0) {
        look->attributes |= (uint8_t)attribute;
        return *background ? "a colour must follow 'on', not" : NULL;
    }
    if (strcmp(word, "on") == 0) {
        if (*background || look->background != UNSET) {
            return "only one background can be given, at";
        }
        *background = true;
        return NULL;
    }
    color = parse_color(word);
    if (color == -2) {
        return "there is no colour or attribute";
    }
    if (*background) {
        look->background = (int16_t)color;
        *background = false;
    } else if (look->foreground == UNSET) {
        look->foreground = (int16_t)color;
    } else {
        return "only one colour can be given before 'on', at";
    }
    return NULL;
}

static int parse_look(struct ui_look *look, const char *value, char *problem, size_t size)
{
    char copy[256];
    char *rest = copy;
    char *word;
    bool background = false;

    *look = (struct ui_look){.foreground = UNSET, .background = UNSET};
    if (strlen(value) >= sizeof copy) {
        (void)snprintf(problem, size, "this is too long for a look");
        return -1;
    }
    memcpy(copy, value, strlen(value) + 1);
    while ((word = strtok_r(rest, " \t", &rest)) != NULL) {
        const char *wrong = take_word(look, word, &background);
        if (wrong != NULL) {
            char shown[80];
            (void)snprintf(problem, size, "%s '%s'", wrong,
                           text_safe(shown, sizeof shown, word, strlen(word)));
            return -1;
        }
    }
    if (background) {
        (void)snprintf(problem, size, "a colour must follow 'on'");
        return -1;
    }
    return 0;
}

/* ---- a theme ------------------------------------------------------------------------------------ */

struct parse {
    struct ui_theme *theme;
    bool given[UI_ROLE_COUNT];
    char problem[300]; /* the first one; inih tells its line */
};

static void list_roles(char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < UI_ROLE_COUNT && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", role_names[i]);
    }
}

static int take_line(void *context, const char *section, const char *name, const char *value)
{
    struct parse *parse = context;
    char problem[sizeof parse->problem] = "";
    char shown[80];

    if (parse->problem[0] != '\0') {
        return 0;
    }
    if (section[0] != '\0') {
        (void)snprintf(parse->problem, sizeof parse->problem, "a theme has no sections ('[%s]')",
                       text_safe(shown, sizeof shown, section, strlen(section)));
        return 0;
    }
    for (size_t i = 0; i < UI_ROLE_COUNT; i++) {
        if (strcmp(name, role_names[i]) != 0) {
            continue;
        }
        if (parse->given[i]) {
            (void)snprintf(problem, sizeof problem, "'%s' is given twice", role_names[i]);
        }
        parse->given[i] = true;
        if (problem[0] != '\0' ||
            parse_look(&parse->theme->looks[i], value, problem, sizeof problem) != 0) {
            memcpy(parse->problem, problem, sizeof problem);
            return 0;
        }
        return 1;
    }
    list_roles(problem, sizeof problem);
    (void)snprintf(parse->problem, sizeof parse->problem, "there is no role '%s'; there are %.180s",
                   text_safe(shown, sizeof shown, name, strlen(name)), problem);
    return 0;
}

/* A part that a role leaves out is as in plain text, and in plain text the terminal's own. */
static void fill_gaps(struct ui_theme *theme)
{
    struct ui_look *text = &theme->looks[UI_TEXT];

    for (size_t i = 0; i < UI_ROLE_COUNT; i++) {
        struct ui_look *look = &theme->looks[i];
        if (look->foreground == UNSET) {
            look->foreground = i == UI_TEXT ? UI_COLOR_DEFAULT : text->foreground;
        }
        if (look->background == UNSET) {
            look->background = i == UI_TEXT ? UI_COLOR_DEFAULT : text->background;
        }
    }
}

int ui_theme_parse(struct ui_theme *theme, const char *file, const char *text, struct err *err)
{
    struct parse parse = {.theme = theme};
    int line;

    *theme = (struct ui_theme){0};
    for (size_t i = 0; i < UI_ROLE_COUNT; i++) {
        theme->looks[i] = (struct ui_look){.foreground = UNSET, .background = UNSET};
    }
    line = ini_parse_string(text, take_line, &parse);
    if (line < 0) {
        return err_memory(err, "reading a theme");
    }
    if (line > 0) {
        return err_set(err, ERR_USAGE, "bad_theme", "%s:%d: %s", file, line,
                       parse.problem[0] != '\0' ? parse.problem
                                                : "this line is not of the form 'role = look'");
    }
    fill_gaps(theme);
    return 0;
}

/* ---- where themes come from --------------------------------------------------------------------- */

static int load_file(struct ui_theme *theme, const char *path, struct err *err)
{
    struct buffer text = {0};
    const char *string = NULL;
    int result = file_read(path, "theme", THEME_LIMIT, &text, err);

    if (result == 0 && text.length > 0 && memchr(text.data, '\0', text.length) != NULL) {
        result = err_set(err, ERR_USAGE, "bad_theme", "%s:1: this is not a text file", path);
    }
    if (result == 0) {
        string = buffer_string(&text);
        result = string == NULL ? err_memory(err, "reading a theme")
                                : ui_theme_parse(theme, path, string, err);
    }
    buffer_free(&text);
    return result;
}

/* The user's file for a theme; NULL when there is none. From malloc. */
static char *user_file(const char *name)
{
    char *path = ui_config_path("themes/", name, THEME_SUFFIX);

    if (path != NULL && access(path, F_OK) != 0) {
        free(path);
        path = NULL;
    }
    return path;
}

static bool append_name(void *context, const char *name)
{
    struct buffer *list = context;
    char shown[80];

    buffer_printf(list, "%s%s", list->length > 0 ? ", " : "",
                  text_safe(shown, sizeof shown, name, strlen(name)));
    return true;
}

static int no_such_theme(const char *name, struct err *err)
{
    struct buffer list = {0};
    const char *names;
    char shown[120];

    ui_theme_names(append_name, &list);
    names = buffer_string(&list);
    (void)err_set(err, ERR_USAGE, "bad_theme", "there is no theme '%s'; there are %s",
                  text_safe(shown, sizeof shown, name, strlen(name)), names != NULL ? names : "");
    buffer_free(&list);
    return -1;
}

/* The part of a path that names the theme: "dir/x.theme" is x. */
static void set_name(struct ui_theme *theme, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash != NULL ? slash + 1 : name;
    size_t length = strlen(base);
    size_t suffix = strlen(THEME_SUFFIX);

    if (length > suffix && strcmp(base + length - suffix, THEME_SUFFIX) == 0) {
        length -= suffix;
    }
    (void)text_safe(theme->name, sizeof theme->name, base, length);
}

int ui_theme_load(struct ui_theme *theme, const char *name, struct err *err)
{
    char *path = strchr(name, '/') != NULL ? text_duplicate(name, strlen(name)) : user_file(name);
    int result;

    if (path != NULL) {
        result = load_file(theme, path, err);
        free(path);
        set_name(theme, name);
        return result;
    }
    for (size_t i = 0; i < ui_theme_source_count; i++) {
        if (strcmp(ui_theme_sources[i].name, name) == 0) {
            result = ui_theme_parse(theme, name, ui_theme_sources[i].text, err);
            set_name(theme, name);
            return result;
        }
    }
    return no_such_theme(name, err);
}

int ui_theme_check(const char *theme, struct err *err)
{
    struct ui_theme loaded;

    return ui_theme_load(&loaded, theme, err);
}

static bool is_compiled_in(const char *name)
{
    for (size_t i = 0; i < ui_theme_source_count; i++) {
        if (strcmp(ui_theme_sources[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static int is_theme_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    size_t suffix = strlen(THEME_SUFFIX);

    return length > suffix && strcmp(entry->d_name + length - suffix, THEME_SUFFIX) == 0;
}

void ui_theme_names(bool (*each)(void *context, const char *name), void *context)
{
    char *folder = ui_config_path("themes", "", "");
    struct dirent **entries = NULL;
    int count = folder != NULL ? scandir(folder, &entries, is_theme_file, alphasort) : 0;
    bool more = true;

    for (size_t i = 0; i < ui_theme_source_count && more; i++) {
        more = each(context, ui_theme_sources[i].name);
    }
    for (int i = 0; i < count; i++) {
        char *name = entries[i]->d_name;
        name[strlen(name) - strlen(THEME_SUFFIX)] = '\0';
        if (more && !is_compiled_in(name)) {
            more = each(context, name);
        }
        free(entries[i]);
    }
    free(entries);
    free(folder);
}
