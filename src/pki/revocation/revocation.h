/*
 * What is known of the revocation of a path's certificates (RFC 5280 6.3, RFC 6960), from stapled OCSP responses and from files. The
 * rule (rules/revocation.c) asks for each trial; what was found for a certificate and its issuer is remembered, because trials
 * share most of their certificates.
 */
#ifndef PKI_REVOCATION_H
#define PKI_REVOCATION_H

#include "../search.h"

/* Fills `out`'s revocations and scts for the trial that was chosen (`search->best`). `of_node` maps nodes to the verification's
 * certificates, -1 for none. False when memory ran out. */
bool revocation_write(struct pki_verification *out, const struct search *search,
                      const long *of_node);

/* Frees what search->revocation holds; NULL is fine. */
void revocation_free(struct revocation_state *state);

#endif
