/*
 * The usual pair of certificates for tests with real servers: a root, and a server certificate
 * under it for "localhost", one more name, 127.0.0.1 and ::1. Valid from an hour ago for a day.
 */
#ifndef SUPPORT_IDENTITY_H
#define SUPPORT_IDENTITY_H

#include "certs.h"

enum identity_kind { IDENTITY_RSA, IDENTITY_ECDSA }; /* of the server's key */

struct identity {
    struct cert *root_cert;
    struct cert *leaf;
    /* Theirs, for GnuTLS's functions. */
    gnutls_x509_crt_t root;
    gnutls_x509_crt_t certificate;
    gnutls_x509_privkey_t key;
};

/* `name` may be NULL. Returns 0, or -1 with a line on stderr. */
int identity_make(struct identity *identity, enum identity_kind kind, const char *name);
void identity_free(struct identity *identity);

/* Writes root.pem, certificate.pem and key.pem (0600) into `folder`. Returns 0 or -1. */
int identity_write(const struct identity *identity, const char *folder);

#endif
