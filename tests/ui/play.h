/* A screen on a session, without a terminal: keys in, text out. */
#ifndef TEST_UI_PLAY_H
#define TEST_UI_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keys.h"
#include "screen.h"

#define GOOD    "tests/data/good.pcapng"
#define EXPIRED "tests/data/expired.pcapng"

struct screen {
    struct stepper *stepper;
    struct ui *ui;
    int rows, columns;
};

/* A screen on what a target says, with the options as they are given. */
static inline struct screen open_screen_on(const struct stepper_target *target,
                                           const struct stepper_options *options, bool ascii)
{
    struct screen screen = {.rows = 36, .columns = 120};
    struct err err = {0};

    screen.stepper = stepper_new(target, options, &err);
    if (screen.stepper == NULL) {
        fail_msg("%s", err.text);
    }
    screen.ui = calloc(1, sizeof *screen.ui);
    assert_non_null(screen.ui);
    assert_int_equal(ui_init(screen.ui, screen.stepper, ascii), 0);
    assert_int_equal(ui_theme_load(&screen.ui->theme, "dark", NULL), 0);
    assert_int_equal(ui_draw(screen.ui, screen.rows, screen.columns), 0);
    return screen;
}

static inline struct screen open_screen(const char *text, bool ascii)
{
    struct stepper_target target = {0};
    struct stepper_options options;
    struct screen screen;

    stepper_options_init(&options);
    assert_int_equal(stepper_target_parse(text, &target, NULL), 0);
    screen = open_screen_on(&target, &options, ascii);
    stepper_target_free(&target);
    stepper_options_free(&options);
    return screen;
}

static inline void close_screen(struct screen *screen)
{
    ui_free(screen->ui);
    free(screen->ui);
    stepper_free(screen->stepper);
}

/* What is on the screen now, as text; to be freed. */
static inline char *draw_text(const struct screen *screen)
{
    struct buffer text = {0};
    char *copy;

    assert_int_equal(ui_draw(screen->ui, screen->rows, screen->columns), 0);
    for (int y = 0; y < screen->rows; y++) {
        ui_canvas_row_text(&screen->ui->canvas, y, &text);
        buffer_text(&text, "\n");
    }
    assert_non_null(buffer_string(&text));
    copy = text_duplicate(buffer_string(&text), text.length);
    buffer_free(&text);
    assert_non_null(copy);
    return copy;
}

static inline bool shows(const struct screen *screen, const char *wanted)
{
    char *text = draw_text(screen);
    bool found = strstr(text, wanted) != NULL;

    free(text);
    return found;
}

static inline void assert_shows(const struct screen *screen, const char *wanted)
{
    if (!shows(screen, wanted)) {
        char *text = draw_text(screen);
        print_error("not on the screen: %s\n%s", wanted, text);
        free(text);
        fail();
    }
}

/* Presses keys by name, separated by blanks, drawing after each as the loop does. */
static inline void press(const struct screen *screen, const char *keys)
{
    while (*keys != '\0') {
        size_t length = strcspn(keys, " ");
        long key = ui_key_parse(keys, length);
        assert_true(key >= 0);
        ui_key(screen->ui, key);
        assert_int_equal(ui_draw(screen->ui, screen->rows, screen->columns), 0);
        keys += length;
        keys += strspn(keys, " ");
    }
}

static inline void type(const struct screen *screen, const char *text)
{
    for (; *text != '\0'; text++) {
        ui_key(screen->ui, (unsigned char)*text);
    }
}

#endif
