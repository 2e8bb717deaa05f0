/* Files of certificates, CRLs and OCSP responses, and those of a folder. */
#ifndef PKI_FOLDER_H
#define PKI_FOLDER_H

#include "tlstep/base.h"

/* Reads a whole file, or standard input ("-"), into `out`, which is empty. Ten thousand certificates are some 20 MB, the largest CRLs
 * that CAs have published had 70: more than 256 MiB is refused. -1 and nothing in `out` when it cannot be read; `what` is its
 * noun ("CA file"). */
int content_read(const char *path, const char *what, struct buffer *out, struct err *err);

/*
 * Calls `visit` for each file of a folder, in the order of their names. One that has several names (c_rehash makes links) is visited
 * once; dangling links, folders and devices are passed over. Ends with what `visit` returns when that is not 0. -1 with class ERR_FILE
 * when the folder cannot be read; `what` is its noun ("CA folder").
 */
int folder_visit(const char *path, const char *what,
                 int (*visit)(void *context, const char *file, struct err *err), void *context,
                 struct err *err);

#endif
