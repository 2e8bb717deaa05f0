/* OCSP responses (RFC 6960), which GnuTLS reads and cannot make. */
#ifndef TLSTEP_LAB_OCSP_H
#define TLSTEP_LAB_OCSP_H

#include "issue.h"

/* Appends a response as DER: what `issuer`, whose key is P-256, says of `subject`: good, or revoked since a day before `now` (key
 * compromise). Valid for ten days. 0 or an error of GnuTLS. */
int lab_ocsp_respond(struct buffer *out, const struct lab_issued *subject,
                     const struct lab_issued *issuer, bool revoked, int64_t now);

#endif
