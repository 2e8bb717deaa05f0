/* GnuTLS's own verdict beside ours. */
#ifndef PKI_GNUTLS_VERDICT_H
#define PKI_GNUTLS_VERDICT_H

#include "search.h"

/* Asks GnuTLS about what was sent and fills `out`'s gnutls_… and `difference`. The rest of `out` is there already. False when memory
 * ran out. */
bool gnutls_verdict_write(struct pki_verification *out, const struct search *search);

/* What is known when the two differ. */
struct disagreement {
    const struct pki_verification *ours;
    const struct search *search;
    unsigned status;     /* GnuTLS's gnutls_certificate_status_t; 0: it accepts */
    const char *problem; /* why GnuTLS could not be asked to the end (its error text), or NULL */
};

/* Appends why, by the table of known differences (docs/verification.md), and who is right. */
void gnutls_difference_say(struct buffer *out, const struct disagreement *disagreement);

/* The rows of the table, for tests. */
size_t gnutls_difference_count(void);
const char *gnutls_difference_id(size_t index);

#endif
