/* The inside of a verification, for the code that makes one. */
#ifndef PKI_VERIFICATION_H
#define PKI_VERIFICATION_H

#include "tlstep/pki.h"

/* An empty one; NULL when memory ran out. */
struct pki_verification *verification_new(void);

/* Gives it copies of these certificates. False when memory ran out. */
bool verification_set_certificates(struct pki_verification *verification,
                                   const struct pki_slice *certificates, size_t count);

/* Makes room for this many places in the path and this many reasons, all empty. */
bool verification_make_room(struct pki_verification *verification, size_t path_length,
                            size_t reason_count);

/* A safe copy of a text: what the screen may show as it is. NULL when memory ran out. */
char *verification_text(const char *text);

#endif
