/* The certificates of a lab server, made when it starts. */
#ifndef TLSTEP_LAB_CERTIFICATE_H
#define TLSTEP_LAB_CERTIFICATE_H

#include "scenario.h"

/*
 * Makes the certificates that the scenario's recipe asks for, signed by the CA as far as the recipe wants it, and gives what
 * the server shows. Their keys are gone afterwards but for those in the identity. NULL: class ERR_TLS or ERR_MEMORY.
 */
struct tls_identity *lab_certificates_make(const struct lab_scenario *scenario,
                                           const struct lab_ca *ca, struct err *err);

#endif
