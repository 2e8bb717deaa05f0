/* What a piece of DER or BER is, by its outermost structure: file names and PEM labels may lie. */
#ifndef PKI_SHAPE_H
#define PKI_SHAPE_H

#include "ber.h"

enum shape_kind {
    SHAPE_UNKNOWN, /* none of these, or not whole */
    SHAPE_CERTIFICATE,
    SHAPE_CRL,
    SHAPE_PKCS7,
    SHAPE_PKCS12,
    SHAPE_PRIVATE_KEY,
    SHAPE_OTHER, /* known, and of no use here */
};

struct shape {
    enum shape_kind kind;
    const char *name; /* "a certificate request" */
};

/* Looks at the first value of `bytes`. */
struct shape shape_of(struct pki_slice bytes);

/* What a file is that holds neither DER nor PEM, by its first bytes: "an HTML page". NULL: no idea. */
const char *shape_of_text(struct pki_slice bytes);

#endif
