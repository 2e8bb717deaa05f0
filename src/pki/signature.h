/* Signatures of certificates over certificates (RFC 5280 4.1.1.3), by GnuTLS's primitives. */
#ifndef PKI_SIGNATURE_H
#define PKI_SIGNATURE_H

#include "x509.h"

enum signature_state {
    SIGNATURE_GOOD,
    SIGNATURE_BAD,               /* not by this key, or the content was changed */
    SIGNATURE_ALGORITHMS_DIFFER, /* inside and outside of what is signed (RFC 5280 4.1.1.2) */
    SIGNATURE_UNKNOWN_ALGORITHM, /* nothing here can check it */
    SIGNATURE_UNUSABLE_KEY,      /* the issuer's key cannot be read, or is absurdly large */
    SIGNATURE_NOT_CHECKED,       /* too many have been checked already */
    SIGNATURE_NO_MEMORY,         /* memory ran out: nothing is known */
};

/* Was `certificate` signed with the key of `issuer`? Strength is not judged here. */
enum signature_state signature_check(const struct x509 *certificate, const struct x509 *issuer);

/* How long checking a signature with this key takes, in units of some tenths of a millisecond: 1 for the usual ones. */
unsigned signature_cost(const struct x509 *issuer);

#endif
