/*
 * Certificates that were read before. A capture has one server's certificate a thousand times, and a report
 * asks for the same one in several places: who does owns a share of it.
 */
#ifndef TLSTEP_PKI_REMEMBERED_H
#define TLSTEP_PKI_REMEMBERED_H

#include <stdatomic.h>

#include "tlstep/pki.h"

/* What pki_certificate_new() hands out a pointer to the first member of. */
struct owned_certificate {
    struct pki_certificate public; /* never changed once it is handed out */
    atomic_uint owners;
    uint8_t *der; /* the bytes of `public.der` */
};

/* A share of the certificate with exactly these bytes, or NULL when it is not remembered. Any thread may ask. */
struct pki_certificate *remembered_certificate(const uint8_t *der, size_t length);

/* To be told of each one that was read. The second time it keeps a share; one of the same place in the table is forgotten. Very
 * long ones are not kept. */
void remember_certificate(struct pki_certificate *certificate);

#endif
