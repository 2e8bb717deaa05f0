/* Themes: those that are shipped are whole, a bad one is named with file and line, and each look
 * is still told apart where there are fewer colours. The same for the configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "config.h"
#include "theme.h"
#include "theme_sources.h"
#include "tlstep/ui.h"

/* ---- shipped ones ------------------------------------------------------------------------------- */

static void shipped_themes_give_every_role(void **state)
{
    static const char *const wanted[] = {"dark", "light", "high-contrast", "mono"};

    (void)state;
    assert_int_equal(ui_theme_source_count, 4);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct ui_theme theme;
        struct err err;
        if (ui_theme_load(&theme, wanted[i], &err) != 0) {
            fail_msg("%s", err.text);
        }
        assert_string_equal(theme.name, wanted[i]);
    }
    for (size_t i = 0; i < ui_theme_source_count; i++) {
        for (size_t role = 0; role < UI_ROLE_COUNT; role++) {
            char line[64];
            (void)snprintf(line, sizeof line, "\n%s = ", ui_role_name((enum ui_role)role));
            if (strstr(ui_theme_sources[i].text, line) == NULL) {
                fail_msg("%s.theme has no line for %s", ui_theme_sources[i].name,
                         ui_role_name((enum ui_role)role));
            }
        }
    }
}

static bool same_look(struct ui_look a, struct ui_look b)
{
    return a.foreground == b.foreground && a.background == b.background &&
           a.attributes == b.attributes;
}

/* A selection must be seen with any number of colours, and the bytes of a field too. */
static void selections_stand_out_everywhere(void **state)
{
    static const enum ui_role roles[] = {UI_SELECTION, UI_ELSEWHERE, UI_LINKED};

    (void)state;
    for (size_t i = 0; i < ui_theme_source_count; i++) {
        struct ui_theme theme;
        assert_int_equal(ui_theme_load(&theme, ui_theme_sources[i].name, NULL), 0);
        for (int depth = UI_DEPTH_NONE; depth <= UI_DEPTH_256; depth++) {
            struct ui_look plain = ui_theme_look(&theme, UI_TEXT, (enum ui_depth)depth);
            for (size_t role = 0; role < 3; role++) {
                struct ui_look look = ui_theme_look(&theme, roles[role], (enum ui_depth)depth);
                if (same_look(look, plain)) {
                    fail_msg("%s: %s looks like text at depth %d", theme.name,
                             ui_role_name(roles[role]), depth);
                }
                assert_false(look.foreground >= 0 && look.foreground == look.background);
            }
        }
    }
}

static void colours_fit_the_terminal(void **state)
{
    static const int most[] = {-1, 7, 15, 255};

    (void)state;
    for (size_t i = 0; i < ui_theme_source_count; i++) {
        struct ui_theme theme;
        assert_int_equal(ui_theme_load(&theme, ui_theme_sources[i].name, NULL), 0);
        for (int depth = UI_DEPTH_NONE; depth <= UI_DEPTH_256; depth++) {
            for (size_t role = 0; role < UI_ROLE_COUNT; role++) {
                struct ui_look look =
                    ui_theme_look(&theme, (enum ui_role)role, (enum ui_depth)depth);
                assert_true(look.foreground >= -1 && look.foreground <= most[depth]);
                assert_true(look.background >= -1 && look.background <= most[depth]);
            }
        }
    }
}

static void bright_and_grey_have_a_meaning_with_eight_colours(void **state)
{
    struct ui_theme theme;
    struct ui_look look;

    (void)state;
    assert_int_equal(ui_theme_parse(&theme, "x", "bad = bright-red\ndim = grey\nkey = 196\n", NULL),
                     0);
    look = ui_theme_look(&theme, UI_BAD, UI_DEPTH_8);
    assert_true(look.foreground == 1 && (look.attributes & UI_LOOK_BOLD) != 0);
    look = ui_theme_look(&theme, UI_DIM, UI_DEPTH_8);
    assert_true(look.foreground == -1 && (look.attributes & UI_LOOK_DIM) != 0);
    look = ui_theme_look(&theme, UI_KEY, UI_DEPTH_16); /* 196 is pure red */
    assert_int_equal(look.foreground, 9);
}

static void parts_left_out_are_those_of_text(void **state)
{
    struct ui_theme theme;

    (void)state;
    assert_int_equal(ui_theme_parse(&theme, "x",
                                    "text = black on white\nclient = blue\nkey = on 3 bold\n",
                                    NULL),
                     0);
    assert_int_equal(theme.looks[UI_CLIENT].background, 7);
    assert_int_equal(theme.looks[UI_KEY].foreground, 0);
    assert_int_equal(theme.looks[UI_KEY].background, 3);
    assert_int_equal(theme.looks[UI_SERVER].foreground, 0); /* not given at all */
    assert_int_equal(theme.looks[UI_SERVER].attributes, 0);
}

/* ---- bad ones --------------------------------------------------------------------------------------- */

static void mistakes_are_named_with_their_line(void **state)
{
    static const struct {
        const char *text, *error;
    } bad[] = {
        {"text = default\nclient = teal\n", "t.theme:2: there is no colour or attribute 'teal'"},
        {"text = default\n\n; x\nserver = red blue\n",
         "t.theme:4: only one colour can be given before 'on', at 'blue'"},
        {"bad = red on\n", "t.theme:1: a colour must follow 'on'"},
        {"bad = red on bold\n", "t.theme:1: a colour must follow 'on', not 'bold'"},
        {"bad = 256\n", "t.theme:1: there is no colour or attribute '256'"},
        {"bad = -1\n", "t.theme:1: there is no colour or attribute '-1'"},
        {"bad = red\ngood = green\nbad = blue\n", "t.theme:3: 'bad' is given twice"},
        {"[colors]\nbad = red\n", "t.theme:2: a theme has no sections ('[colors]')"},
        {"text = default\nhead\n", "t.theme:2: this line is not of the form 'role = look'"},
        {"clent = cyan\n", "t.theme:1: there is no role 'clent'; there are text, dim, client"},
        {"bad = red\nkey = \033[2J\n", "t.theme:2: there is no colour or attribute '\\x1b[2J'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ui_theme theme;
        struct err err = {0};
        assert_int_equal(ui_theme_parse(&theme, "t.theme", bad[i].text, &err), -1);
        assert_int_equal(err.class, ERR_USAGE);
        assert_string_equal(err.code, "bad_theme");
        if (strncmp(err.text, bad[i].error, strlen(bad[i].error)) != 0) {
            fail_msg("wanted: %s\ngot: %s", bad[i].error, err.text);
        }
    }
}

static void an_unknown_theme_lists_those_that_there_are(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(ui_theme_check("no\nsuch", &err), -1);
    assert_non_null(strstr(err.text, "there is no theme 'no\\nsuch'"));
    assert_non_null(strstr(err.text, "high-contrast"));
}

/* ---- the user's ------------------------------------------------------------------------------------- */

static char folder[256];

static void write_file(const char *name, const char *text)
{
    char path[400];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    char path[300];
    const char *base = getenv("TMPDIR");

    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/theme-XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(folder) == NULL || setenv("XDG_CONFIG_HOME", folder, 1) != 0) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/tlstep", folder);
    if (mkdir(path, 0700) != 0) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/tlstep/themes", folder);
    return mkdir(path, 0700);
}

static bool note_name(void *context, const char *name)
{
    buffer_printf(context, "%s ", name);
    return true;
}

static void a_theme_of_the_users_is_found_by_name(void **state)
{
    struct ui_theme theme;
    struct buffer names = {0};
    struct err err = {0};

    (void)state;
    write_file("tlstep/themes/mine.theme", "client = 99\n");
    write_file("tlstep/themes/dark.theme", "client = 98\n");
    assert_int_equal(ui_theme_load(&theme, "mine", &err), 0);
    assert_int_equal(theme.looks[UI_CLIENT].foreground, 99);
    assert_int_equal(ui_theme_load(&theme, "dark", &err), 0);
    assert_int_equal(theme.looks[UI_CLIENT].foreground, 98);
    ui_theme_names(note_name, &names);
    assert_string_equal(buffer_string(&names), "dark high-contrast light mono mine ");
    buffer_free(&names);
    write_file("tlstep/themes/mine.theme", "client = 99\nserver = 999\n");
    assert_int_equal(ui_theme_check("mine", &err), -1);
    assert_non_null(strstr(err.text, "/tlstep/themes/mine.theme:2: "));
}

static void the_configuration_is_read_and_its_mistakes_named(void **state)
{
    struct ui_config config;
    struct err err = {0};

    (void)state;
    assert_int_equal(ui_config_load(&config, &err), 0); /* none: as good as empty */
    assert_string_equal(config.theme, "");
    write_file("tlstep/config", "; mine\ntheme = light\nascii = yes\ncolor = no\n");
    assert_int_equal(ui_config_load(&config, &err), 0);
    assert_string_equal(config.theme, "light");
    assert_true(config.ascii && config.no_color);
    write_file("tlstep/config", "theme = light\nascii = maybe\n");
    assert_int_equal(ui_config_load(&config, &err), -1);
    assert_non_null(strstr(err.text, "/tlstep/config:2: ascii must be yes or no, not 'maybe'"));
    write_file("tlstep/config", "colour = no\n");
    assert_int_equal(ui_config_load(&config, &err), -1);
    assert_non_null(strstr(err.text, "/tlstep/config:1: there is no setting 'colour'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_themes_give_every_role),
        cmocka_unit_test(selections_stand_out_everywhere),
        cmocka_unit_test(colours_fit_the_terminal),
        cmocka_unit_test(bright_and_grey_have_a_meaning_with_eight_colours),
        cmocka_unit_test(parts_left_out_are_those_of_text),
        cmocka_unit_test(mistakes_are_named_with_their_line),
        cmocka_unit_test(an_unknown_theme_lists_those_that_there_are),
        cmocka_unit_test(a_theme_of_the_users_is_found_by_name),
        cmocka_unit_test(the_configuration_is_read_and_its_mistakes_named),
    };

    return cmocka_run_group_tests(tests, make_folder, NULL);
}
