/* What CRLs and OCSP responses have in common with certificates: bytes, and a signature over them. */
#ifndef PKI_REVOCATION_SIGNED_H
#define PKI_REVOCATION_SIGNED_H

#include "../signature.h"

struct signed_bytes {
    struct pki_slice content;   /* what is signed, whole */
    struct pki_slice algorithm; /* AlgorithmIdentifier, whole */
    struct pki_slice algorithm_oid;
    struct pki_slice parameters;
    struct pki_slice signature;
};

/* Reads the three fields: a SEQUENCE, the algorithm and the signature. Fails the reader. */
void signed_read(struct reader *fields, struct signed_bytes *out);

/* Was it signed with the key of `issuer`? */
enum signature_state signed_check(const struct signed_bytes *bytes, const struct x509 *issuer);

/* One extension of a CRL, of an entry in it or of an OCSP response, as a reader of its value; what they may hold is told apart by
 * the object identifier's content. */
struct signed_extension {
    struct pki_slice oid;
    bool critical;
    struct reader value;
};
/* The next one of a SEQUENCE OF Extension that was entered; false at the end, or the list failed. */
bool signed_extension_next(struct reader *list, struct signed_extension *out);

#endif
