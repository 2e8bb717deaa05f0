/* --groups and --sigalgs as keywords of a priority string. */
#ifndef TLSTEP_TLS_SCHEMES_H
#define TLSTEP_TLS_SCHEMES_H

#include "tlstep/tls.h"

/* Appends ":-GROUP-ALL:+GROUP-X25519…" for the names of --groups, in their order, and the same for --sigalgs; nothing where they are not given. -1
 * with class ERR_USAGE: a name that IANA or GnuTLS does not have; the text lists those that can be given. */
int tls_schemes_fold(struct buffer *out, const struct tls_options *options, struct err *err);

#endif
