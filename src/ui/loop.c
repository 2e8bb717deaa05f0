/* Running the screen: one loop that waits for the terminal, the run and signals. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "screen.h"
#include "terminal.h"
#include "tlstep/ui.h"

/* While a step runs the clock goes on. */
#define BUSY_TICK_MS 100
/* A flood of events is shown so often; keys are answered at once. */
#define FRAME_MS 25
/* While a capture is read nobody needs more; the reading goes on all the time. */
#define READING_FRAME_MS 50
/* So many wake-ups of the terminal without a key: it is gone. */
#define DEAD_READS 50

struct loop {
    struct ui *ui;
    bool dirty;       /* something has changed that is not shown yet */
    bool urgent;      /* and it was a key */
    bool mouse;       /* the terminal reports the mouse */
    int64_t shown_ns; /* when the last frame was shown */
    int silent_reads; /* times that the terminal was readable and gave nothing */
};

/* ---- frames ------------------------------------------------------------------------------------------ */

static int show(struct loop *loop)
{
    struct ui *ui = loop->ui;
    int rows, columns;

    if (ui->theme_changed) {
        ui_terminal_theme(&ui->theme);
        ui->theme_changed = false;
    }
    if (ui->mouse != loop->mouse) {
        ui_terminal_mouse(ui->mouse);
        loop->mouse = ui->mouse;
    }
    if (ui->redraw) {
        ui_terminal_redraw();
        ui->redraw = false;
    }
    ui_terminal_size(&rows, &columns);
    if (ui_draw(ui, rows, columns) != 0) {
        return -1;
    }
    ui_terminal_show(&ui->canvas, ui->cursor_y, ui->cursor_x);
    if (ui->to_terminal.length > 0) {
        ui_terminal_send(ui->to_terminal.data, ui->to_terminal.length);
        buffer_wipe_free(&ui->to_terminal);
    }
    loop->dirty = loop->urgent = false;
    loop->shown_ns = clock_monotonic_ns();
    return 0;
}

static int64_t ms_since_frame(const struct loop *loop)
{
    return (clock_monotonic_ns() - loop->shown_ns) / 1000000;
}

static int frame_ms(const struct loop *loop)
{
    return stepper_reading(loop->ui->stepper) ? READING_FRAME_MS : FRAME_MS;
}

/* How long to wait at most; -1: for ever. */
static int wait_ms(const struct loop *loop)
{
    int64_t since = ms_since_frame(loop);

    if (stepper_reading(loop->ui->stepper)) {
        return 0;
    }
    if (loop->dirty || ui_is_working(loop->ui)) {
        return since >= FRAME_MS ? 0 : (int)(FRAME_MS - since);
    }
    return stepper_busy(loop->ui->stepper) ? BUSY_TICK_MS : -1;
}

/* ---- what comes in ------------------------------------------------------------------------------------- */

static void take_signals(struct loop *loop)
{
    int number;

    while ((number = ui_signals_take()) != 0) {
        if (number == SIGTSTP) {
            loop->ui->suspend = true;
        } else if (number == SIGCONT) {
            loop->ui->redraw = true; /* stopped by SIGSTOP: the shell has written over us */
        } else {
            loop->ui->quit = loop->ui->interrupted = true;
        }
        loop->dirty = loop->urgent = true;
    }
}

static void take_input(struct loop *loop, const struct ui_input *input)
{
    struct ui *ui = loop->ui;

    switch (input->kind) {
    case UI_INPUT_NONE:
        return;
    case UI_INPUT_KEY:
        ui_key(ui, input->key);
        break;
    case UI_INPUT_CLICK:
        ui_mouse_event(ui, UI_MOUSE_CLICK, input->y, input->x);
        break;
    case UI_INPUT_WHEEL_UP:
        ui_mouse_event(ui, UI_MOUSE_WHEEL_UP, input->y, input->x);
        break;
    case UI_INPUT_WHEEL_DOWN:
        ui_mouse_event(ui, UI_MOUSE_WHEEL_DOWN, input->y, input->x);
        break;
    case UI_INPUT_RESIZE:
        ui->redraw = true;
        break;
    }
    loop->dirty = loop->urgent = true;
}

/* A key means what it means on the screen that the key before has led to: where several come at once, that
 * screen is composed, too, but not shown. 0, or -1: out of memory. */
static int compose(struct loop *loop)
{
    int rows, columns;

    ui_terminal_size(&rows, &columns);
    return ui_draw(loop->ui, rows, columns);
}

/* A terminal that has gone away is readable for ever and gives nothing. */
static int take_all_input(struct loop *loop, short events)
{
    struct ui_input input = ui_terminal_input();

    if (input.kind != UI_INPUT_NONE) {
        loop->silent_reads = 0;
    } else if (events != 0) {
        loop->silent_reads++;
    }
    if ((events & (POLLHUP | POLLERR | POLLNVAL)) != 0 || loop->silent_reads > DEAD_READS) {
        loop->ui->quit = loop->ui->interrupted = true;
    }
    while (input.kind != UI_INPUT_NONE && !loop->ui->quit) {
        take_input(loop, &input);
        input = ui_terminal_input();
        if (input.kind != UI_INPUT_NONE && compose(loop) != 0) {
            return -1;
        }
    }
    return 0;
}

/* What is odd about a capture, and why its reading ended early. */
static void tell_capture(struct ui *ui)
{
    struct err err = {0};
    struct buffer text = {0};
    const char *warning;

    while ((warning = ui_progress_warning(&ui->progress, ui->stepper)) != NULL) {
        buffer_printf(&text, "%s%s", text.length > 0 ? " · " : "", warning);
    }
    if (text.length > 0 && buffer_string(&text) != NULL) {
        ui_tell(ui, UI_MARK_WARNING, "%s", buffer_string(&text));
    }
    if (stepper_capture(ui->stepper) != NULL && stepper_trouble(ui->stepper, &err)) {
        ui_tell(ui, UI_MARK_BAD, "%s", err.text);
    }
    buffer_free(&text);
}

static int wait_for_something(struct loop *loop)
{
    struct pollfd fds[3] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = ui_signals_fd(), .events = POLLIN},
        {.fd = stepper_wake_fd(loop->ui->stepper), .events = POLLIN}, /* -1 is passed over */
    };

    /* EINTR is a resize, or a signal whose byte is in the pipe: both are looked for below. */
    if (poll(fds, 3, wait_ms(loop)) < 0) {
        fds[0].revents = 0;
    }
    take_signals(loop);
    if (take_all_input(loop, fds[0].revents) != 0) {
        return -1;
    }
    if (stepper_pump(loop->ui->stepper)) {
        ui_notice_change(loop->ui);
        ui_notice_session(loop->ui);
        tell_capture(loop->ui);
        loop->dirty = true;
    }
    loop->dirty |= ui_is_working(loop->ui);
    if (stepper_busy(loop->ui->stepper) && ms_since_frame(loop) >= BUSY_TICK_MS) {
        loop->dirty = true;
    }
    return 0;
}

static int run(struct loop *loop, struct err *err)
{
    struct ui *ui = loop->ui;

    while (!ui->quit) {
        if (loop->urgent || (loop->dirty && ms_since_frame(loop) >= frame_ms(loop))) {
            if (show(loop) != 0) {
                return err_memory(err, "drawing the screen");
            }
        }
        if (wait_for_something(loop) != 0) {
            return err_memory(err, "drawing the screen");
        }
        if (ui->suspend) {
            ui->suspend = false;
            ui_terminal_suspend();
            loop->dirty = loop->urgent = true;
        }
    }
    return ui->interrupted ? err_set(err, ERR_INTERRUPTED, "interrupted", "interrupted") : 0;
}

/* ---- settings ----------------------------------------------------------------------------------------------- */

/* Terminals that tell say "foreground;background" with the colours' numbers. */
static const char *default_theme(void)
{
    const char *colors = getenv("COLORFGBG");
    const char *background = colors != NULL ? strrchr(colors, ';') : NULL;
    bool light =
        background != NULL && (strcmp(background, ";7") == 0 || strcmp(background, ";15") == 0);

    return light ? "light" : "dark";
}

static int load_theme(struct ui_theme *theme, const struct ui_settings *settings,
                      const struct ui_config *config, struct err *err)
{
    if (settings->theme != NULL) {
        return ui_theme_load(theme, settings->theme, err);
    }
    return ui_theme_load(theme, config->theme[0] != '\0' ? config->theme : default_theme(), err);
}

static bool wants_ascii(const struct ui_settings *settings, const struct ui_config *config)
{
    return settings->ascii || config->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static bool wants_color(const struct ui_settings *settings, const struct ui_config *config)
{
    const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */

    return !settings->no_color && !config->no_color && (no_color == NULL || no_color[0] == '\0');
}

/* The terminal is taken over first and given back last. */
static int run_on_terminal(struct ui *ui, bool color, struct err *err)
{
    struct loop loop = {.ui = ui, .mouse = true, .dirty = true, .urgent = true};
    int result;

    if (ui_signals_start(err) != 0) {
        return -1;
    }
    result = ui_terminal_start(&ui->theme, color, err);
    if (result == 0) {
        result = run(&loop, err);
        ui_terminal_stop();
    }
    ui_signals_stop();
    return result;
}

int ui_run(struct stepper *stepper, const struct ui_settings *settings, struct err *err)
{
    struct ui_config config;
    struct ui *ui = calloc(1, sizeof *ui);
    int result = -1;

    if (ui == NULL) {
        return err_memory(err, "starting the screen");
    }
    (void)setlocale(LC_CTYPE, ""); /* an unknown locale is "C": ASCII */
    if (ui_config_load(&config, err) != 0) {
        free(ui);
        return -1;
    }
    if (ui_init(ui, stepper, wants_ascii(settings, &config)) != 0) {
        free(ui);
        return err_memory(err, "starting the screen");
    }
    if (settings->lesson != NULL && ui_lesson_start(ui, settings->lesson, err) != 0) {
        result = -1;
    } else if (load_theme(&ui->theme, settings, &config, err) == 0) {
        result = run_on_terminal(ui, wants_color(settings, &config), err);
    }
    ui_free(ui);
    free(ui);
    return result;
}
