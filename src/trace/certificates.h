/* The certificates of a Certificate message, read once. */
#ifndef TRACE_CERTIFICATES_H
#define TRACE_CERTIFICATES_H

#include "tlstep/trace.h"

struct row;

struct certificate_list {
    struct pki_certificate **certificates; /* in the order sent */
    size_t count;
    bool raw_key;      /* RFC 7250: in their place there is a public key */
    bool ocsp_stapled; /* TLS 1.3: an entry has a status */
};

/* The list of a Certificate or CompressedCertificate row; kept with it. NULL: out of memory. */
const struct certificate_list *certificate_list_of(struct row *row);
void certificate_list_free(struct certificate_list *list);

#endif
