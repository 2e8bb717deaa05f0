/* What cannot be read: variants of PKI_MALFORMED. */
#ifndef PKI_MALFORMED_H
#define PKI_MALFORMED_H

#include "../algorithms.h"

enum malformed_variant {
    MALFORMED_CERTIFICATE,
    MALFORMED_NOTHING_SENT,
    MALFORMED_EXPLICIT_CURVE,
    MALFORMED_KEY,
    MALFORMED_PSS_KEY,       /* RSASSA-PSS parameters (RFC 4055 3.1) of the key … */
    MALFORMED_PSS_SIGNATURE, /* … and of the signature */
    MALFORMED_NOT,
};

/* What is wrong with the form of a certificate's key, or MALFORMED_NOT. */
enum malformed_variant malformed_key(const struct x509 *certificate, const struct key_facts *key);

#endif
