/*
 * pair: runs two programs in turn, many times, and compares them pair by pair, so that what else the
 * machine does meets both alike. Prints the medians and whether a target holds.
 *
 *   pair [options] -- PROGRAM [ARGUMENT...] -- PEER [ARGUMENT...]
 *     -n N        pairs (31)
 *     -l LABEL    what is compared
 *     -r RATIO    target: wall time at most RATIO of the peer's
 *     -d MS       or at most MS more than the peer's
 *     -m MIB      target: memory at most MIB more than the peer's
 *     -M MIB      target: memory at most MIB in all
 *     -t SECONDS  what one run may take (10)
 *     -x STATUS   exit status of both when all is well (0)
 *     -s MARKER   on a 120x36 pseudo-terminal; time counts until MARKER is printed, then 'q' is typed
 *
 * Exit status 1 when one of the two cannot be run; a missed target is only said.
 */
#include "child.h"

#include <errno.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    const char *label;
    int pairs;
    double ratio;   /* targets; DBL_MAX where there is none */
    double more_ms; /* -DBL_MAX where only the ratio counts */
    double more_mib;
    double most_mib;
    struct child_screen screen;
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts its argument. */
static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double wall_of(const struct child_figures *figures)
{
    return figures->wall_ms;
}
static double cpu_of(const struct child_figures *figures)
{
    return figures->cpu_ms;
}
static double rss_of(const struct child_figures *figures)
{
    return figures->rss_mib;
}

static void print_side(const char *name, const struct child_figures *runs, double *scratch,
                       int count)
{
    for (int i = 0; i < count; i++)
        scratch[i] = cpu_of(&runs[i]);
    double cpu = median(scratch, count);
    for (int i = 0; i < count; i++)
        scratch[i] = rss_of(&runs[i]);
    double rss = median(scratch, count);
    for (int i = 0; i < count; i++)
        scratch[i] = wall_of(&runs[i]);
    double wall = median(scratch, count);
    printf("    %-18s %7.2f ms  (%.2f to %.2f)   processor %6.2f ms   memory %6.2f MiB\n", name,
           wall, scratch[0], scratch[count - 1], cpu, rss);
}

/* The median over all pairs of ours compared with the peer's: their ratio, or their difference. */
static double paired(const struct child_figures *ours, const struct child_figures *peer, int count,
                     double (*of)(const struct child_figures *), bool ratio, double *scratch)
{
    for (int i = 0; i < count; i++)
        scratch[i] = ratio ? of(&ours[i]) / of(&peer[i]) : of(&ours[i]) - of(&peer[i]);
    return median(scratch, count);
}

static const char *verdict(bool holds)
{
    return holds ? "holds" : "MISSED";
}

static void report(const struct settings *settings, const struct child_figures *ours,
                   const struct child_figures *peer, double *scratch)
{
    int count = settings->pairs;
    double ratio = paired(ours, peer, count, wall_of, true, scratch);
    double more = paired(ours, peer, count, wall_of, false, scratch);
    double cpu = paired(ours, peer, count, cpu_of, true, scratch);
    double mib = paired(ours, peer, count, rss_of, false, scratch);

    printf("%s\n", settings->label);
    print_side("tlstep", ours, scratch, count);
    print_side("peer", peer, scratch, count);
    printf("    ratio %.3g (%+.2f ms), processor %.3g, memory %+.2f MiB\n", ratio, more, cpu, mib);
    if (settings->ratio < DBL_MAX) {
        printf("    target: ratio at most %.3g", settings->ratio);
        if (settings->more_ms > -DBL_MAX)
            printf(" or %+.1f ms", settings->more_ms);
        printf(": %s\n", verdict(ratio <= settings->ratio || more <= settings->more_ms));
    }
    if (settings->more_mib < DBL_MAX)
        printf("    target: memory at most %+.0f MiB: %s\n", settings->more_mib,
               verdict(mib <= settings->more_mib));
    if (settings->most_mib < DBL_MAX) {
        for (int i = 0; i < count; i++)
            scratch[i] = rss_of(&ours[i]);
        double rss = median(scratch, count);
        printf("    target: memory at most %.0f MiB in all: %s\n", settings->most_mib,
               verdict(rss <= settings->most_mib));
    }
}

static int usage(void)
{
    fprintf(
        stderr,
        "usage: pair [-n pairs] [-l label] [-r ratio] [-d ms] [-m mib] [-M mib] [-t s] [-s marker]"
        " -- program... -- peer...\n");
    return 2;
}

/* Splits the rest of the line at its "--". */
static bool split(char **arguments, char ***ours, char ***peer)
{
    *ours = arguments;
    for (char **at = arguments; *at; at++) {
        if (strcmp(*at, "--") != 0)
            continue;
        *at = NULL;
        *peer = at + 1;
        return **ours && **peer;
    }
    return false;
}

static bool number(const char *text, double *value)
{
    char *end;

    errno = 0;
    *value = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0';
}

static bool parse(int argc, char **argv, struct settings *settings)
{
    double pairs = 31;
    double seconds = 0;
    double status = 0;
    int option;

    while ((option = getopt(argc, argv, "+n:l:r:d:m:M:t:x:s:")) != -1) {
        bool fine = true;
        switch (option) {
        case 'n':
            fine = number(optarg, &pairs) && pairs >= 1 && pairs <= 10000;
            break;
        case 'l':
            settings->label = optarg;
            break;
        case 'r':
            fine = number(optarg, &settings->ratio);
            break;
        case 'd':
            fine = number(optarg, &settings->more_ms);
            break;
        case 'm':
            fine = number(optarg, &settings->more_mib);
            break;
        case 'M':
            fine = number(optarg, &settings->most_mib);
            break;
        case 't':
            fine = number(optarg, &seconds) && seconds > 0 && seconds < 1e6;
            child_limit_ms = fine ? (int)(seconds * 1000) : 0;
            break;
        case 'x':
            fine = number(optarg, &status) && status >= 0 && status <= 255;
            child_status = (int)status;
            break;
        case 's':
            settings->screen.marker = optarg;
            break;
        default:
            fine = false;
        }
        if (!fine)
            return false;
    }
    settings->pairs = (int)pairs;
    return true;
}

int main(int argc, char **argv)
{
    struct settings settings = {.label = "",
                                .ratio = DBL_MAX,
                                .more_ms = -DBL_MAX,
                                .more_mib = DBL_MAX,
                                .most_mib = DBL_MAX,
                                .screen = {.key = "q", .columns = 120, .rows = 36}};
    char **ours_argv = NULL;
    char **peer_argv = NULL;

    if (!parse(argc, argv, &settings) || !split(argv + optind, &ours_argv, &peer_argv))
        return usage();

    size_t count = (size_t)settings.pairs;
    struct child_figures *ours = calloc(count, sizeof *ours);
    struct child_figures *peer = calloc(count, sizeof *peer);
    double *scratch = calloc(count, sizeof *scratch);
    bool fine = ours && peer && scratch;
    struct child_figures warm;

    /* Once unmeasured (unless one pair is all), so that files are in the cache for both; then in turn, each first
     * every other time. */
    if (count > 1)
        fine = fine && child_run(ours_argv, &settings.screen, &warm) &&
               child_run(peer_argv, &settings.screen, &warm);
    for (size_t i = 0; fine && i < count; i++) {
        if (i % 2 == 0)
            fine = child_run(ours_argv, &settings.screen, &ours[i]) &&
                   child_run(peer_argv, &settings.screen, &peer[i]);
        else
            fine = child_run(peer_argv, &settings.screen, &peer[i]) &&
                   child_run(ours_argv, &settings.screen, &ours[i]);
    }
    if (fine)
        report(&settings, ours, peer, scratch);
    free(scratch);
    free(peer);
    free(ours);
    return fine ? 0 : 1;
}
