/* The CRLs and OCSP responses that the options name. */
#include "options.h"

static int add_crl(void *set, const char *path, struct err *err)
{
    return pki_revocations_add_crl_file(set, path, err) != 0 ? err_prefix(err, "--crl") : 0;
}

static int add_ocsp(void *set, const char *path, struct err *err)
{
    return pki_revocations_add_ocsp_file(set, path, err) != 0 ? err_prefix(err, "--ocsp") : 0;
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
    if (text_each_line(options->crl, "reading CRLs", add_crl, *set, err) != 0 ||
        text_each_line(options->ocsp, "reading OCSP responses", add_ocsp, *set, err) != 0) {
        pki_revocations_free(*set);
        *set = NULL;
        return -1;
    }
    return 0;
}
