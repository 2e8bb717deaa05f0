/* Reading the configuration file. */
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

#define CONFIG_LIMIT 65536

char *ui_config_path(const char *folder, const char *name, const char *suffix)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    /* The XDG base directory specification: a relative path is to be ignored. */
    if (base != NULL && base[0] == '/') {
        return text_format("%s/tlstep/%s%s%s", base, folder, name, suffix);
    }
    if (home != NULL && home[0] != '\0') {
        return text_format("%s/.config/tlstep/%s%s%s", home, folder, name, suffix);
    }
    return NULL;
}

struct parse {
    struct ui_config *config;
    char problem[300];
};

static bool parse_yes_no(const char *value, bool *out)
{
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0) {
        return false;
    }
    *out = value[0] == 'y';
    return true;
}

static bool take_theme(struct ui_config *config, const char *value)
{
    if (strlen(value) >= sizeof config->theme) {
        return false;
    }
    memcpy(config->theme, value, strlen(value) + 1);
    return true;
}

static bool take_ascii(struct ui_config *config, const char *value)
{
    return parse_yes_no(value, &config->ascii);
}

static bool take_color(struct ui_config *config, const char *value)
{
    bool color = true;
    bool valid = parse_yes_no(value, &color);

    config->no_color = !color;
    return valid;
}

static const struct setting {
    const char *name;
    bool (*take)(struct ui_config *config, const char *value);
    const char *wanted;
} settings[] = {
    {"theme", take_theme, "the name of a theme"},
    {"ascii", take_ascii, "yes or no"},
    {"color", take_color, "yes or no"},
};

static int take_line(void *context, const char *section, const char *name, const char *value)
{
    struct parse *parse = context;
    char shown[80];

    if (parse->problem[0] != '\0') {
        return 0;
    }
    for (size_t i = 0; section[0] == '\0' && i < sizeof settings / sizeof settings[0]; i++) {
        if (strcmp(name, settings[i].name) != 0) {
            continue;
        }
        if (settings[i].take(parse->config, value)) {
            return 1;
        }
        (void)snprintf(parse->problem, sizeof parse->problem, "%s must be %s, not '%s'", name,
                       settings[i].wanted, text_safe(shown, sizeof shown, value, strlen(value)));
        return 0;
    }
    (void)snprintf(parse->problem, sizeof parse->problem,
                   "there is no setting '%s'; there are theme, ascii and color",
                   text_safe(shown, sizeof shown, name, strlen(name)));
    return 0;
}

int ui_config_parse(struct ui_config *config, const char *file, const char *text, struct err *err)
{
    struct parse parse = {.config = config};
    int line;

    *config = (struct ui_config){0};
    line = ini_parse_string(text, take_line, &parse);
    if (line < 0) {
        return err_memory(err, "reading the configuration");
    }
    if (line > 0) {
        return err_set(err, ERR_USAGE, "bad_config", "%s:%d: %s", file, line,
                       parse.problem[0] != '\0' ? parse.problem
                                                : "this line is not of the form 'setting = value'");
    }
    return 0;
}

int ui_config_load(struct ui_config *config, struct err *err)
{
    char *path = ui_config_path("config", "", "");
    struct buffer text = {0};
    const char *string;
    int result = -1;

    *config = (struct ui_config){0};
    if (path == NULL || access(path, F_OK) != 0) {
        free(path);
        return 0;
    }
    if (file_read(path, "configuration", CONFIG_LIMIT, &text, err) == 0) {
        string = buffer_string(&text);
        result = string == NULL ? err_memory(err, "reading the configuration")
                                : ui_config_parse(config, path, string, err);
    }
    free(path);
    buffer_free(&text);
    return result;
}
