/* How far the reading of a capture has come, for the title line, and how it is cancelled. */
#ifndef TLSTEP_UI_PROGRESS_H
#define TLSTEP_UI_PROGRESS_H

#include "tlstep/stepper.h"

struct ui_progress {
    uint64_t done, total; /* when it was stopped */
    bool stopped;         /* by the user, before the end */
    size_t told;          /* warnings of the capture that have been told */
};

/* A capture is not read to its end yet; a pipe that has nothing for now included. */
bool ui_is_reading(const struct stepper *stepper);
/* Ends the reading where it is. False: nothing is being read. */
bool ui_progress_cancel(struct ui_progress *progress, struct stepper *stepper);
/* "reading ▓▓▓▓······ 43 %", "reading 12 345 bytes, waiting for more", "stopped at 43 %"; "" when all is read. */
void ui_progress_text(const struct ui_progress *progress, const struct stepper *stepper, char *out,
                      size_t size);
/* The warning to be told next, once each; NULL: none. */
const char *ui_progress_warning(struct ui_progress *progress, const struct stepper *stepper);

#endif
