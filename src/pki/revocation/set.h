/* The inside of a set of CRLs and OCSP responses, for the code that judges by it. */
#ifndef PKI_REVOCATION_SET_H
#define PKI_REVOCATION_SET_H

#include "crl.h"
#include "ocsp.h"

struct named_crl {
    struct crl crl;
    const char *name; /* of its file, for people; not made safe */
};

struct named_ocsp {
    struct ocsp ocsp;
    const char *name;
};

struct pki_revocations {
    struct arena *arena; /* bytes and names */
    struct named_crl *crls;
    size_t crl_count;
    size_t crl_capacity;
    size_t crls_beside; /* of them: pki_revocations_add_crl_beside() */
    struct named_ocsp *ocsps;
    size_t ocsp_count;
    size_t ocsp_capacity;
};

#endif
