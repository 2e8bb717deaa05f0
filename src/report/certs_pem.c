/* A chain as a server should send it. */
#include "parts.h"

/* The root need not be sent, and is not (RFC 8446 4.4.2): the end of a path that is an anchor, or signs itself. */
static bool is_root(const struct report_chain *chain, size_t place)
{
    const struct pki_verification *verification = chain->verification;
    struct pki_certificate *read;

    if (place == 0 || place + 1 < verification->path_length) {
        return false;
    }
    const struct pki_certificate *certificate =
        part_certificate_at(chain, verification->path[place], &read);
    bool self_issued = certificate != NULL && certificate->self_issued;
    pki_certificate_free(read);
    return verification->anchored || self_issued;
}

int report_certs_pem(const struct report_chain *chain, bool root, struct buffer *out)
{
    const struct pki_verification *verification = chain->verification;

    if (verification == NULL || verification->path_length == 0) {
        for (size_t i = 0; i < chain->count; i++) {
            pki_pem_append(out, chain->certificates[i]->der, "CERTIFICATE");
        }
        return out->failed ? -1 : 0;
    }
    for (size_t i = 0; i < verification->path_length; i++) {
        if (root || !is_root(chain, i)) {
            pki_pem_append(out, verification->certificates[verification->path[i]], "CERTIFICATE");
        }
    }
    return out->failed ? -1 : 0;
}
