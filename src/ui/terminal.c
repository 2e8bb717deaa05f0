/* The real screen, through ncurses. */
#include <curses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "keys.h"
#include "terminal.h"
#include "terminfo.h"

static struct {
    SCREEN *screen;
    enum ui_depth depth;
    struct ui_look looks[UI_ROLE_COUNT];
    bool mouse;
} terminal;

/* ---- starting and stopping ------------------------------------------------------------------------ */

/* From here on a fatal signal restores the terminal. */
static void arm_reset(void)
{
    char reset[UI_RESET_MAX];

    ui_signals_set_reset(reset, ui_terminfo_reset(reset, sizeof reset));
}

static enum ui_depth find_depth(bool color)
{
    if (!color || !has_colors() || start_color() == ERR || COLORS < 8) {
        return UI_DEPTH_NONE;
    }
    (void)use_default_colors(); /* without it "default" is white on black */
    if (COLORS >= 256 && COLOR_PAIRS > UI_ROLE_COUNT) {
        return UI_DEPTH_256;
    }
    return COLORS >= 16 ? UI_DEPTH_16 : UI_DEPTH_8;
}

int ui_terminal_start(const struct ui_theme *theme, bool color, struct err *err)
{
    if (ui_terminfo_check(err) != 0) {
        return -1;
    }
    terminal.screen = newterm(NULL, stdout, stdin);
    if (terminal.screen == NULL) {
        return ui_terminfo_refuse(err, "curses cannot use this terminal");
    }
    (void)set_escdelay(25);
    (void)raw(); /* Ctrl-C, Ctrl-Z and Ctrl-\ are keys like any other */
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)curs_set(0); /* some terminals cannot hide it */
    terminal.depth = find_depth(color);
    ui_terminal_theme(theme);
    ui_terminal_mouse(true);
    arm_reset();
    return 0;
}

void ui_terminal_stop(void)
{
    if (terminal.screen == NULL) {
        return;
    }
    ui_signals_set_reset("", 0);
    (void)endwin();
    delscreen(terminal.screen);
    terminal.screen = NULL;
}

/* A press whose release has arrived with it is a click for curses. */
#define CLICKS (BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED | BUTTON1_TRIPLE_CLICKED)

void ui_terminal_mouse(bool on)
{
    terminal.mouse = on;
    (void)mouseinterval(0); /* a press counts at once */
    (void)mousemask(on ? CLICKS | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
}

/* ---- colours ---------------------------------------------------------------------------------------- */

void ui_terminal_theme(const struct ui_theme *theme)
{
    for (size_t role = 0; role < UI_ROLE_COUNT; role++) {
        struct ui_look *look = &terminal.looks[role];
        *look = ui_theme_look(theme, (enum ui_role)role, terminal.depth);
        if (terminal.depth != UI_DEPTH_NONE) {
            (void)init_pair((short)(role + 1), look->foreground, look->background);
        }
    }
    ui_terminal_redraw();
}

static attr_t attributes_of(unsigned style)
{
    const struct ui_look *look = &terminal.looks[style & UI_STYLE_ROLE];
    attr_t attributes = A_NORMAL;

    if ((look->attributes & UI_LOOK_BOLD) != 0 || (style & UI_STYLE_BOLD) != 0) {
        attributes |= A_BOLD;
    }
    if ((look->attributes & UI_LOOK_DIM) != 0) {
        attributes |= A_DIM;
    }
    if ((look->attributes & UI_LOOK_UNDERLINE) != 0) {
        attributes |= A_UNDERLINE;
    }
    if (((look->attributes & UI_LOOK_REVERSE) != 0) != ((style & UI_STYLE_REVERSE) != 0)) {
        attributes |= A_REVERSE;
    }
    return attributes;
}

/* ---- showing ----------------------------------------------------------------------------------------- */

void ui_terminal_size(int *rows, int *columns)
{
    *rows = LINES;
    *columns = COLS;
}

void ui_terminal_redraw(void)
{
    (void)clearok(curscr, TRUE);
}

static void show_cell(int y, int x, const struct ui_cell *cell)
{
    short pair = terminal.depth == UI_DEPTH_NONE ? 0 : (short)((cell->style & UI_STYLE_ROLE) + 1);
    wchar_t text[UI_CELL_CHARACTERS + 1] = {0};
    cchar_t character;

    memcpy(text, cell->text, sizeof cell->text);
    if (setcchar(&character, text, attributes_of(cell->style), pair, NULL) == OK) {
        /* The last cell of the screen is written, too; that it cannot move on is no failure. */
        (void)mvadd_wchnstr(y, x, &character, 1);
    }
}

void ui_terminal_show(const struct ui_canvas *canvas, int y, int x)
{
    for (int row = 0; row < canvas->rows && row < LINES; row++) {
        for (int column = 0; column < canvas->columns && column < COLS; column++) {
            const struct ui_cell *cell = ui_canvas_cell(canvas, row, column);
            if (cell->columns > 0) {
                show_cell(row, column, cell);
            }
        }
    }
    (void)curs_set(y >= 0);
    if (y >= 0) {
        (void)move(y, x);
    }
    (void)refresh();
}

/* curses has written all it has by the end of each refresh(). A terminal that takes no more is
 * noticed by the loop. */
void ui_terminal_send(const void *data, size_t length)
{
    (void)fflush(stdout);
    (void)file_write_all(STDOUT_FILENO, data, length, "terminal", NULL);
}

/* ---- stopping and going on ------------------------------------------------------------------------------ */

/* The size may have changed while this program was stopped. */
static void take_new_size(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
        (size.ws_row != LINES || size.ws_col != COLS)) {
        (void)resizeterm(size.ws_row, size.ws_col);
    }
}

void ui_terminal_suspend(void)
{
    struct sigaction stop = {.sa_handler = SIG_DFL}, before;

    ui_signals_set_reset("", 0);
    (void)endwin();
    (void)sigemptyset(&stop.sa_mask);
    (void)sigaction(SIGTSTP, &stop, &before);
    (void)kill(0, SIGTSTP); /* the whole job, as the terminal itself would do it */
    (void)sigaction(SIGTSTP, &before, NULL);
    take_new_size();
    ui_terminal_redraw();
    (void)refresh();
    arm_reset();
}

/* ---- input ------------------------------------------------------------------------------------------------ */

static const struct {
    wint_t curses;
    long key;
} keys[] = {
    {KEY_UP, UI_KEY_UP},         {KEY_DOWN, UI_KEY_DOWN},        {KEY_LEFT, UI_KEY_LEFT},
    {KEY_RIGHT, UI_KEY_RIGHT},   {KEY_SLEFT, UI_KEY_SHIFT_LEFT}, {KEY_SRIGHT, UI_KEY_SHIFT_RIGHT},
    {KEY_PPAGE, UI_KEY_PAGE_UP}, {KEY_NPAGE, UI_KEY_PAGE_DOWN},  {KEY_HOME, UI_KEY_HOME},
    {KEY_FIND, UI_KEY_HOME}, /* what Home sends on some terminals */
    {KEY_END, UI_KEY_END},       {KEY_SELECT, UI_KEY_END},       {KEY_IC, UI_KEY_INSERT},
    {KEY_DC, UI_KEY_DELETE},     {KEY_BTAB, UI_KEY_BACK_TAB},    {KEY_BACKSPACE, UI_KEY_BACKSPACE},
    {KEY_ENTER, UI_KEY_ENTER},
};

static long translate(int status, wint_t code)
{
    if (status != KEY_CODE_YES) {
        return code == 8 ? UI_KEY_BACKSPACE : code == '\n' ? UI_KEY_ENTER : (long)code;
    }
    if (code >= KEY_F(1) && code <= KEY_F(12)) {
        return UI_KEY_F1 + (long)(code - KEY_F(1));
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i].curses == code) {
            return keys[i].key;
        }
    }
    return -1;
}

static struct ui_input mouse_input(void)
{
    MEVENT event;
    struct ui_input input = {.kind = UI_INPUT_NONE};

    if (getmouse(&event) != OK) {
        return input;
    }
    input.y = event.y;
    input.x = event.x;
    if ((event.bstate & BUTTON4_PRESSED) != 0) {
        input.kind = UI_INPUT_WHEEL_UP;
    } else if ((event.bstate & BUTTON5_PRESSED) != 0) {
        input.kind = UI_INPUT_WHEEL_DOWN;
    } else if ((event.bstate & CLICKS) != 0) {
        input.kind = UI_INPUT_CLICK;
    }
    return input;
}

struct ui_input ui_terminal_input(void)
{
    wint_t code = 0;
    int status;

    while ((status = get_wch(&code)) != ERR) {
        struct ui_input input = {.kind = UI_INPUT_KEY};
        if (status == KEY_CODE_YES && code == KEY_RESIZE) {
            return (struct ui_input){.kind = UI_INPUT_RESIZE};
        }
        if (status == KEY_CODE_YES && code == KEY_MOUSE) {
            input = mouse_input();
            if (input.kind == UI_INPUT_NONE) {
                continue; /* a button that means nothing here; more may wait behind it */
            }
            return input;
        }
        input.key = translate(status, code);
        return input;
    }
    return (struct ui_input){.kind = UI_INPUT_NONE};
}
