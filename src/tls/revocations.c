/* The CRLs and OCSP responses that the options name. */
#include <stdlib.h>
#include <string.h>

#include "options.h"

/* Gives each line of an option that may be repeated to `add`. */
static int add_files(struct pki_revocations *set, const char *option, const char *lines,
                     int (*add)(struct pki_revocations *set, const char *path, struct err *err),
                     struct err *err)
{
    while (lines != NULL && *lines != '\0') {
        size_t length = strcspn(lines, "\n");
        char *path = text_duplicate(lines, length);
        int status = path != NULL ? add(set, path, err) : err_memory(err, "reading revocations");

        free(path);
        if (status != 0) {
            return err_prefix(err, "%s", option);
        }
        lines += length + (lines[length] == '\n');
    }
    return 0;
}

int tls_options_revocations(const struct tls_options *options, struct pki_revocations **set,
                            struct err *err)
{
    *set = NULL;
    if (options->crl == NULL && options->ocsp == NULL) {
        return 0;
    }
    *set = pki_revocations_new(err);
    if (*set == NULL) {
        return -1;
    }
    if (add_files(*set, "--crl", options->crl, pki_revocations_add_crl_file, err) != 0 ||
        add_files(*set, "--ocsp", options->ocsp, pki_revocations_add_ocsp_file, err) != 0) {
        pki_revocations_release(*set);
        *set = NULL;
        return -1;
    }
    return 0;
}
