/* A folder of certificates. */
#ifndef PKI_FOLDER_H
#define PKI_FOLDER_H

#include "bundle.h"

/* A file or standard input; on failure the bundle is as it was. In bundle.c. */
int bundle_add_file(struct pki_bundle *bundle, const char *path,
                    const struct pki_password *password, struct err *err);

/* All files of a folder, in the order of their names. One that has several names (c_rehash makes links) is
 * read once. A folder without any certificate is an error. */
int bundle_add_folder(struct pki_bundle *bundle, const char *path,
                      const struct pki_password *password, struct err *err);

#endif
