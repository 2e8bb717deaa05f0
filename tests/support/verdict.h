/* Chains of test certificates judged in one line. */
#ifndef SUPPORT_VERDICT_H
#define SUPPORT_VERDICT_H

#include "certs.h"
#include "tlstep/pki.h"

/* A trust store of these. NULL when memory ran out. */
struct pki_trust *verdict_trust(const struct cert *const *anchors);

/* The verdict on a chain of at most 16, leaf first; the rest of the request is as it is given. NULL when memory ran out. */
struct pki_verification *verdict_ask(struct pki_request request, const struct cert *const *chain);

/* The same at CERT_NOW. `hostname` may be NULL. */
struct pki_verification *verdict_of(const struct cert *const *chain, struct pki_trust *trust,
                                    const char *hostname);

/* "ok", or the reason codes in their order: "expired hostname_mismatch". Returns `out`. */
char *verdict_codes(char *out, size_t size, const struct pki_verification *verification);

/* The same of what is about revocation, for --strict finds other things, too; and the first reason that is, or NULL. */
char *verdict_revocation_codes(char *out, size_t size, const struct pki_verification *verification);
const struct pki_reason *verdict_revocation(const struct pki_verification *verification);

/* The path as indices: "0 1 2". */
char *verdict_path(char *out, size_t size, const struct pki_verification *verification);

#endif
