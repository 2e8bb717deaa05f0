/* The certificates of a lab server, made in memory when it starts. */
#ifndef TLSTEP_LAB_CERTIFICATE_H
#define TLSTEP_LAB_CERTIFICATE_H

#include <gnutls/gnutls.h>

#include "scenario.h"

/* Who the server says it is, and the root its clients trust. */
struct lab_identity {
    gnutls_certificate_credentials_t credentials; /* leaf and intermediate, with the leaf's key */
    gnutls_datum_t root;                          /* DER, from GnuTLS */
};

/* Makes a root, an intermediate and the leaf that the scenario asks for, ECDSA P-256 all of them. The
 * private keys above the leaf are gone afterwards. Class ERR_TLS or ERR_MEMORY. */
int lab_identity_make(struct lab_identity *identity, const struct lab_scenario *scenario,
                      struct err *err);
void lab_identity_free(struct lab_identity *identity);

#endif
