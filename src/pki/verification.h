/* The inside of a verification, for the code that makes one. */
#ifndef PKI_VERIFICATION_H
#define PKI_VERIFICATION_H

#include "tlstep/pki.h"

/* An empty one; NULL when memory ran out. */
struct pki_verification *verification_new(void);

/* Gives it copies of these certificates, and members of which nothing is known yet. False when memory ran out. */
bool verification_set_certificates(struct pki_verification *verification,
                                   const struct pki_slice *certificates, size_t count);

/* Make room for a path and for reasons, all empty; false when memory ran out. */
bool verification_make_path(size_t **path, size_t *length, size_t count);
bool verification_make_reasons(struct pki_reason **reasons, size_t *reason_count, size_t count);
bool verification_make_alternatives(struct pki_verification *verification, size_t count);

/* Marks the members that are in the path and in alternatives. */
void verification_mark_paths(struct pki_verification *verification);

/* A safe copy of a text: what the screen may show as it is. NULL when memory ran out. */
char *verification_text(const char *text);

/* "server", "client", "any": static. */
const char *verification_purpose(enum pki_purpose purpose);

#endif
