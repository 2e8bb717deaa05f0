/*
 * The smallest honest program on ncurses, for comparison: draws one frame of the size of the terminal,
 * with a box, colours and text in every row, and exits. Linked with the libraries that tlstep has, so
 * that the dynamic linker has the same to do. Knows nothing of tlstep.
 *
 *     minimal_screen
 *
 * The last row ends in "q quit", which says that the frame is complete. Exit status 1 when the terminal
 * cannot be used.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include <ncurses.h>

static void draw(void)
{
    int rows, columns;

    getmaxyx(stdscr, rows, columns);
    (void)wborder_set(stdscr, WACS_VLINE, WACS_VLINE, WACS_HLINE, WACS_HLINE, WACS_ULCORNER,
                      WACS_URCORNER, WACS_LLCORNER, WACS_LRCORNER);
    for (int row = 1; row < rows - 1; row++) {
        (void)attrset(COLOR_PAIR(1 + row % 3));
        (void)mvprintw(row, 2, "%2d  %.*s", row, columns - 10,
                       "ClientHello  legacy_version, random, cipher_suites, extensions  517 bytes");
    }
    (void)attrset(A_REVERSE);
    (void)mvaddstr(rows - 1, columns - 8, "q quit");
    (void)refresh();
}

int main(void)
{
    SCREEN *screen;

    (void)setlocale(LC_ALL, "");
    screen = newterm(NULL, stdout, stdin);
    if (screen == NULL) {
        (void)fputs("minimal_screen: this terminal cannot be used\n", stderr);
        return EXIT_FAILURE;
    }
    (void)start_color();
    (void)use_default_colors();
    (void)init_pair(1, COLOR_GREEN, -1);
    (void)init_pair(2, COLOR_CYAN, -1);
    (void)init_pair(3, COLOR_YELLOW, -1);
    (void)cbreak();
    (void)noecho();
    (void)keypad(stdscr, TRUE);
    draw();
    (void)endwin();
    delscreen(screen);
    return EXIT_SUCCESS;
}
