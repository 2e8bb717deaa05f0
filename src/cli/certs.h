/* tlstep certs: what its parts share. */
#ifndef CLI_CERTS_H
#define CLI_CERTS_H

#include "cli.h"

/* What chains are judged by, read once. Immutable then: several threads may judge. */
struct certs_judge {
    const struct cli_arguments *arguments;
    struct pki_trust *trust;
    struct pki_revocations *revocations; /* NULL: none */
    struct pki_bundle *more;             /* --intermediates; NULL: none */
    struct pki_slice *intermediates;
    size_t intermediate_count;
};

/* `trust`: a store to judge by, which is taken; NULL: the one that the options choose. 0 or -1; certs_judge_end() in either case. */
int certs_judge_begin(struct certs_judge *judge, struct cli_arguments *arguments,
                      struct pki_trust *trust, struct err *err);
void certs_judge_end(struct certs_judge *judge);
/* Takes the CRLs of a file of certificates into account; tells on stderr of those that cannot be read. 0 or -1. */
int certs_judge_add_crls(struct certs_judge *judge, const struct pki_bundle *bundle,
                         const char *name, struct err *err);

/* What is judged; all borrowed. */
struct certs_judged {
    const struct pki_certificate *const *certificates;
    size_t count;
    const struct trace_evidence *evidence; /* NULL: none was there */
    const char *hostname;                  /* NULL: not checked */
    int64_t at;
};
struct pki_verification *certs_judge_chain(const struct certs_judge *judge,
                                           const struct certs_judged *judged, struct err *err);
/* Something was asked for that a verdict of before does not know. */
bool certs_judge_is_needed(const struct cli_arguments *arguments);
/* The same, of what a connection does not know either. */
bool certs_judge_goes_beyond(const struct cli_arguments *arguments);

/* certs_show.c: writes a chain in the form that was asked for; complaints go to `errors`, in whole lines. Returns the exit status. */
int certs_write(const struct cli_arguments *arguments, const struct report_certs *certs,
                struct buffer *out, struct buffer *errors, struct err *err);
/* The same on standard output and standard error. */
int certs_show(const struct cli_arguments *arguments, const struct report_certs *certs);

/* Complaints on standard error, line by line. */
void certs_tell(const struct buffer *errors);

/* certs_list.c: a line each. Returns the exit status. */
int certs_list(const struct cli_arguments *arguments, const struct pki_bundle *bundle,
               const char *source);

/* Where certificates come from; each returns the exit status. */
int certs_file(struct cli_arguments *arguments, const char *path);    /* certs_file.c: also "-" */
int certs_folder(struct cli_arguments *arguments, const char *path);  /* … */
int certs_store(struct cli_arguments *arguments);                     /* … */
int certs_capture(struct cli_arguments *arguments, const char *path); /* certs_capture.c */
int certs_session(struct cli_arguments *arguments);                   /* certs_session.c */
int certs_both(struct cli_arguments *arguments);                      /* certs_both.c */
int certs_names(struct cli_arguments *arguments);                     /* certs_names.c */

/* What a connection is for, where there are several. */
struct certs_connection {
    const char *note;   /* to be shown; NULL */
    const char *wanted; /* the key type that its certificate must have; NULL: any */
    /* Filled. */
    bool found;         /* a certificate came, and was shown */
    uint8_t sha256[32]; /* of the server's own */
    char label[120];    /* pki_certificate_label() of it */
};
/* certs_session.c: opens the operand, and lets `ask` use it. Returns the exit status. */
int certs_with_stepper(struct cli_arguments *arguments,
                       int (*ask)(struct cli_arguments *arguments, struct stepper *stepper));
/* Asks the server once more, or for the first time, with an option changed, and shows what comes. Returns the exit status. */
int certs_ask_with(struct cli_arguments *arguments, struct stepper *stepper, const char *option,
                   const char *value, struct certs_connection *connection);

#endif
