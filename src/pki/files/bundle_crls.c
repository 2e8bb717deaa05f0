/* The CRLs that stand beside certificates, for the verdict on those. */
#include <string.h>

#include "tlstep/pki.h"

static int give(struct pki_revocations *set, struct pki_slice der, const char *name,
                struct buffer *problems, struct err *err)
{
    struct err problem = {0};

    if (pki_revocations_add_crl_beside(set, der, name, &problem) == 0) {
        return 0;
    }
    if (problem.class == ERR_MEMORY) {
        *err = problem;
        return -1;
    }
    text_safe_append(problems, problem.text, strlen(problem.text));
    buffer_u8(problems, '\n');
    return problems->failed ? err_memory(err, "reading CRLs") : 0;
}

int pki_bundle_give_crls(const struct pki_bundle *bundle, const char *name,
                         struct pki_revocations **set, struct buffer *problems, struct err *err)
{
    size_t count = pki_bundle_crl_count(bundle);

    if (count > 0 && *set == NULL) {
        *set = pki_revocations_new(err);
        if (*set == NULL) {
            return -1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (give(*set, pki_bundle_crl(bundle, i), name, problems, err) != 0) {
            return -1;
        }
    }
    return 0;
}
