/* What is known of the revocation of a path's certificates. */
#include "revocation.h"

#include <stdlib.h>

bool revocation_write(struct pki_verification *out, const struct search *search,
                      const long *of_node)
{
    (void)of_node;
    return search->request->scts.length == 0 ||
           pki_sct_list_read(&out->scts, &out->sct_count, search->request->scts, PKI_SCT_TLS);
}

void revocation_free(struct revocation_state *state)
{
    free(state);
}

const char *pki_revocation_status_name(enum pki_revocation_status status)
{
    static const char *const names[] = {
        [PKI_STATUS_NONE] = "none",
        [PKI_STATUS_GOOD] = "good",
        [PKI_STATUS_REVOKED] = "revoked",
        [PKI_STATUS_UNKNOWN] = "unknown",
    };
    return names[status];
}
