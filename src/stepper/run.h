/*
 * A run: one source (a live engine or a file), its trace and the cursor in it. Runs are owned by
 * the stepper; all but the newest are over and stay for comparison.
 */
#ifndef STEPPER_RUN_H
#define STEPPER_RUN_H

#include "pair.h"

/* Old runs beyond this are forgotten, oldest first. */
#define RUNS_KEPT 8

/* A live run ends with so many events: 350 MB, and a stream of some gigabytes. Its data and its rows are bounded by the
 * trace; events are not, and a peer that sends tiny records makes a hundred thousand of them a second. */
#define RUN_EVENTS_MAX ((size_t)2000000)

/* What is written while a trace grows. */
struct run_output {
    struct trace_writer *writer;
    char *redacted_path; /* --save with --redact: written at the end, NULL */
    char *keylog;        /* file that secrets are appended to, NULL */
    size_t keylog_from;
};

struct run {
    struct trace *trace; /* of a pair: the one in view, and its cursor */
    size_t cursor;
    uint32_t
        sought; /* the row that the last move was looking for and found; 0: none in particular */
    size_t sought_at;             /* the cursor there */
    bool follow;                  /* the cursor stands at the end of the log, whatever comes */
    struct engine *engine;        /* NULL: not started, over, or a file */
    struct lab_proxy *proxy;      /* in its place, of a pair */
    struct listen_answer *answer; /* STEPPER_LISTEN: what the engine says; NULL */
    struct run_pair *pair;        /* STEPPER_PROXY: two traces; they are its own */
    enum engine_state state;      /* as of the last pump */
    bool started;
    bool over;
    size_t stops;         /* TRACE_STOP events so far */
    size_t replay;        /* go on stepping until there are so many stops; 0: no */
    bool again;           /* a step was asked for while one was under way */
    char *resumption_key; /* which sessions it resumes and hands on to: resumption.h */
    bool resumes;         /* --resume, as it was at the start */
    struct run_output outputs[LAB_PROXY_SIDES]; /* one session has the first alone */
};

struct stepper {
    struct stepper_target target;
    struct stepper_options options;
    struct lab_server *lab;
    struct net_capture *packets;     /* --capture; NULL: it cannot be had, or was not asked for */
    struct stepper_front *front;     /* STEPPER_PROXY: front.c; NULL until it is started */
    struct stepper_service *service; /* STEPPER_LISTEN: listen.c; NULL until it is started */
    struct lab_ca *ca;               /* stepper_ca() */
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

/*
 * A position in a run is its cursor; of a pair it is the number of events of both sides. Moves are made in positions.
 */
size_t run_position(const struct run *run);
size_t run_end_position(const struct run *run);
size_t run_moment_before(const struct run *run, size_t position);
size_t run_moment_after(const struct run *run, size_t position);
/* The stop at a position; of the side it belongs to. */
struct trace_stop run_stop_at(const struct run *run, size_t position);
/* The position of a row of the trace in view. */
size_t run_position_of_row(const struct run *run, uint32_t n);

/* Puts the cursor at a position; at or after the last moment it follows the log's end. */
void run_set_cursor(struct run *run, size_t position);
/* Follows the log's end, wherever that is by now. */
void run_follow(struct run *run);

/* The stop at the cursor; where several messages came at once, the one that a move was looking for. */
struct trace_stop run_stop(const struct run *run);

/* The moment that the cursor stands at (at or before it). */
size_t run_moment(const struct run *run);

/* How many stops the cursor has passed. */
size_t run_stops_passed(const struct run *run);

/* ---- source.c: what a run's events come from: an engine, or a proxy ---- */

bool run_has_source(const struct run *run);
int run_source_fd(const struct run *run);
enum engine_state run_source_state(struct run *run);
/* Takes one event into its trace. False when there is none now. */
bool run_source_take(struct stepper *stepper, struct run *run, bool *is_stop, struct err *err);
int run_source_command(struct run *run, const struct engine_command *command, struct err *err);
int run_source_breaks(struct stepper *stepper, struct run *run, struct err *err);
void run_source_free(struct run *run);

/* ---- output.c ---- */

/* Opens what --save and --keylog ask for, for the trace in view, or both of a pair. */
int run_open_outputs(struct stepper *stepper, struct run *run, struct err *err);
/* The trace is another one: its file begins anew. */
void run_reopen_output(struct stepper *stepper, struct run *run, enum lab_proxy_side side,
                       struct err *err);
/* Brings them up to date; what fails is told as a trouble. */
void run_write_outputs(struct stepper *stepper, struct run *run);
void run_close_outputs(struct stepper *stepper, struct run *run);
void run_free_outputs(struct run *run);
/* "x.pcapng", "-server": "x-server.pcapng". NULL: out of memory. */
char *output_path(const char *path, const char *suffix);

/* The first trouble is kept. */
void run_note_trouble(struct stepper *stepper, const struct err *err);

/* ---- front.c: STEPPER_PROXY ---- */

/* A pair of empty traces. NULL: out of memory. */
struct run_pair *front_pair(const struct stepper *stepper, int64_t start_wall_ns);
/* Listens, unless it does already, and makes the run's proxy. */
int front_start(struct stepper *stepper, struct run *run, int64_t start_ns, struct err *err);
/* The real server is known by now: its trace says so. */
void front_name_server(struct stepper *stepper, struct run *run, struct err *err);
void front_end(struct stepper *stepper);

#endif
