/* Certificates that the lab has made, as what a server shows. */
#ifndef TLSTEP_LAB_IDENTITY_H
#define TLSTEP_LAB_IDENTITY_H

#include "issue.h"

/* One chain. Borrowed. */
struct lab_shown {
    const struct lab_issued *chain[LAB_CHAIN_MAX]; /* leaf first; its key is used */
    size_t length;
    struct pki_slice staple; /* empty: none */
};

/* NULL: class ERR_TLS or ERR_MEMORY. */
struct tls_identity *lab_identity_new(const struct lab_shown *shown, size_t count, struct err *err);

#endif
