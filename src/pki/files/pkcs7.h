/* PKCS#7 / CMS SignedData as a bag of certificates (RFC 2315 9, RFC 5652 5). */
#ifndef PKI_PKCS7_H
#define PKI_PKCS7_H

#include "ber.h"

/* The two sets; walk them with pkcs7_next(). Borrowed from what was read. */
struct pkcs7 {
    struct reader certificates;
    struct reader crls;
};

/* False when it is no SignedData; `why` says in words what it is instead. DER or BER. */
bool pkcs7_read(struct pki_slice bytes, struct pkcs7 *out, const char **why);

/* The next certificate or CRL. Attribute certificates and the like (which have context tags) are passed over and
 * counted. False at the end; then `list->failed` says that the set is cut or not BER. */
bool pkcs7_next(struct reader *list, struct pki_slice *out, size_t *others);

/* Puts the first certificate that certifies no other in front of those that one PKCS#7 brought, which begin at `first`; the rest keeps
 * its order. False when memory ran out. */
struct pki_bundle;
bool pkcs7_order(struct pki_bundle *bundle, size_t first);

#endif
