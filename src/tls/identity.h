/* What the two ways to make an identity have in common. */
#ifndef TLSTEP_TLS_IDENTITY_H
#define TLSTEP_TLS_IDENTITY_H

#include "tlstep/tls.h"

/* tls_identity_new() with GnuTLS's own error: 0, or negative and NULL in `*identity`. */
int tls_identity_make(struct tls_identity **identity, const struct tls_identity_part *parts,
                      size_t count);

#endif
