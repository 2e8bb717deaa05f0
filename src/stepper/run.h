/*
 * A run: one source (a live engine or a file), its trace and the cursor in it. Runs are owned by
 * the stepper; all but the newest are over and stay for comparison.
 */
#ifndef STEPPER_RUN_H
#define STEPPER_RUN_H

#include "tlstep/stepper.h"

/* Old runs beyond this are forgotten, oldest first. */
#define RUNS_KEPT 8

/* A live run ends with so many events: 350 MB, and a stream of some gigabytes. Its data and its rows are bounded by the
 * trace; events are not, and a peer that sends tiny records makes a hundred thousand of them a second. */
#define RUN_EVENTS_MAX ((size_t)2000000)

struct run {
    struct trace *trace;
    size_t cursor;
    uint32_t
        sought; /* the row that the last move was looking for and found; 0: none in particular */
    size_t sought_at;        /* the cursor there */
    bool follow;             /* the cursor stands at the end of the log, whatever comes */
    struct engine *engine;   /* NULL: not started, over, or a file */
    enum engine_state state; /* as of the last pump */
    bool started;
    bool over;
    size_t stops;  /* TRACE_STOP events so far */
    size_t replay; /* go on stepping until there are so many stops; 0: no */
    bool again;    /* a step was asked for while one was under way */
    struct trace_writer *writer;
    char *redacted_path; /* --save with --redact: written at the end, NULL */
    char *keylog;        /* file that secrets are appended to, NULL */
    size_t keylog_from;
    char *resumption_key; /* which sessions it resumes and hands on to: resumption.h */
    bool resumes;         /* --resume, as it was at the start */
};

struct stepper {
    struct stepper_target target;
    struct stepper_options options;
    struct lab_server *lab;
    struct run runs[RUNS_KEPT];
    size_t run_count; /* in `runs` */
    size_t runs_forgotten;
    size_t view; /* index into runs */
    struct engine_match *breakpoints;
    char **breakpoint_names;
    size_t breakpoint_count;
    size_t breakpoint_capacity;
    size_t breakpoint_name_capacity;
    size_t events_max;  /* RUN_EVENTS_MAX */
    struct err trouble; /* something asynchronous failed: saving, the key log */

    /* resumption.c: what the last run left behind that did, for runs of this key. */
    struct buffer resumption; /* secret */
    char *resumption_key;

    /* capture.c: a STEPPER_FILE target that tlstep did not save. Its run is the conversation in view, or empty. */
    struct trace_capture *capture;
    long conversation; /* index in the capture, -1: the list */
    long left;         /* that was gone back from to the list last: it opens where the cursor was */
    size_t left_cursor; /* 0: at its beginning */
    bool chosen;        /* one has been opened: none opens by itself any more */
    bool reading;       /* there is more in it */
    bool waiting;       /* a pipe has nothing for now */

    /* certificates.c: a target that is certificates; and what can be browsed, once it was asked for. */
    bool certificates;
    struct pki_bundle *bundle;
    struct pki_certificate **chain; /* of the file, when it is short enough to be one */
    size_t chain_count;

    /* judge.c: the verdict on these certificates in place of the session's. */
    struct pki_verification *judged;
    const struct pki_certificate *const *judged_certificates;
    struct trace_facts facts; /* the trace's, with that verdict */

    /* compare.c: what the run in view is compared with. */
    struct trace *second; /* another conversation, owned */
    size_t second_run;    /* another run's number, 0 */
    struct report_comparison *comparison;
    const struct trace *compared[2]; /* what `comparison` was made of, and how far they were */
    size_t compared_events[2];
};

/* The newest run, and the one in view. */
struct run *run_newest(struct stepper *stepper);
struct run *run_in_view(const struct stepper *stepper);

/* An empty run with a trace that says what will be looked at. */
int run_add(struct stepper *stepper, struct err *err);

/* The clear text that a run begins with: --starttls, else what the target says; NULL for none. Borrowed. */
const char *run_starttls(const struct stepper *stepper);

/* Starts the engine of a run that has none yet, with the stepper's options as they are now. */
int run_start(struct stepper *stepper, struct run *run, struct err *err);

/* Drains the engine into the trace, the saved file and the key log. True when something changed. */
bool run_pump(struct stepper *stepper, struct run *run);

/* Ends the engine and closes what is open; the trace stays. */
void run_end(struct stepper *stepper, struct run *run);
void run_clear(struct run *run);

/* Puts the cursor somewhere; at or after the last moment it follows the log's end. */
void run_set_cursor(struct run *run, size_t cursor);

/* The stop at the cursor; where several messages came at once, the one that a move was looking for. */
struct trace_stop run_stop(const struct run *run);

/* The moment that the cursor stands at (at or before it). */
size_t run_moment(const struct run *run);

/* How many stops the cursor has passed. */
size_t run_stops_passed(const struct run *run);

#endif
