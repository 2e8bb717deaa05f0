/*
 * Runs one program to its end and measures it.
 */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <stdbool.h>

struct child_screen {
    const char
        *marker;     /* the frame is complete when the program has printed this; NULL: no screen */
    const char *key; /* then typed, so that it ends */
    unsigned short columns, rows;
};

/* What one run may take, and the exit status that means it has done its work. */
extern int child_limit_ms;
extern int child_status;

struct child_figures {
    double wall_ms; /* from before the spawn to the end, or to the complete frame */
    double cpu_ms;  /* user and system */
    double rss_mib; /* at its highest */
};

/* Runs argv[0] (found in PATH) with /dev/null as standard input and output, or in a pseudo-terminal
 * of its own where `screen` has a marker. False, with the reason on standard error, when it cannot be
 * run, fails, shows no marker or takes longer than child_limit_ms. */
bool child_run(char **argv, const struct child_screen *screen, struct child_figures *figures);

#endif
