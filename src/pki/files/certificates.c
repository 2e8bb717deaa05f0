/* The certificates of a bundle, read. */
#include <stdlib.h>

#include "tlstep/pki.h"

void pki_certificates_free(struct pki_certificate **certificates, size_t count)
{
    for (size_t i = 0; certificates != NULL && i < count; i++) {
        pki_certificate_free(certificates[i]);
    }
    free(certificates);
}

struct pki_certificate **pki_bundle_certificates(const struct pki_bundle *bundle, struct err *err)
{
    size_t count = pki_bundle_count(bundle);
    struct pki_certificate **certificates = calloc(count + 1, sizeof(struct pki_certificate *));

    for (size_t i = 0; certificates != NULL && i < count; i++) {
        struct pki_slice der = pki_bundle_der(bundle, i);
        certificates[i] = pki_certificate_new(der.data, der.length);
        if (certificates[i] == NULL) {
            pki_certificates_free(certificates, i);
            certificates = NULL;
        }
    }
    if (certificates == NULL) {
        (void)err_memory(err, "reading certificates");
    }
    return certificates;
}
