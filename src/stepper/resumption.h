/* What resumes a session: left behind by the run before, or with --resume by another process. */
#ifndef STEPPER_RESUMPTION_H
#define STEPPER_RESUMPTION_H

#include "run.h"

/* Files in the folder "resumption" of the state folder: the oldest go first. */
#define RESUMPTION_FILES_MAX 64
#define RESUMPTION_DAYS_MAX  7 /* RFC 8446 4.6.1: no ticket lives longer */
#define RESUMPTION_BYTES_MAX 65536

/*
 * Which sessions a run may resume and hand on to, in `*key` (malloc'ed): the same target under the same name, and judged in the same way. Who
 * resumes a session is shown no certificate, so one that was never judged, or by other anchors, does not count.
 */
int resumption_key(const struct stepper *stepper, const struct tls_options *tls, char **key,
                   struct err *err);

/* What resumes a session of this key: appended to `out`, which stays empty when there is nothing. -1: a file that cannot be read. */
int resumption_find(const struct stepper *stepper, const char *key, struct buffer *out,
                    struct err *err);

/* Takes what a run has left behind, if anything; with --resume also into the state folder. */
int resumption_take(struct stepper *stepper, struct run *run, struct err *err);

void resumption_forget(struct stepper *stepper);

#endif
