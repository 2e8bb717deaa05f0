/* A folder for a test's files, which is gone with all that is in it when the test ends. */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

#include <stddef.h>

#define SCRATCH_PATH_MAX 200

/* The path of `name` in the folder, which is made when it is first asked for. Ends the test when that
 * cannot be done. Returns `out`. */
char *scratch_path(char out[SCRATCH_PATH_MAX], const char *name);

/* The same, and writes a file there (mode 0600, a new one or over an old one). */
char *scratch_write(char out[SCRATCH_PATH_MAX], const char *name, const void *data, size_t length);

#endif
