/*
 * OpenSSL's own test certificates and the tables of what OpenSSL says of them. They lie outside the tree; without them their
 * tests are skipped.
 */
#ifndef SUPPORT_OPENSSL_SUITE_H
#define SUPPORT_OPENSSL_SUITE_H

#include "tlstep/pki.h"

#define SUITE_DATA "../shared/data/certs"

/* The columns of verify.tsv. */
enum suite_column {
    SUITE_CASE,
    SUITE_PURPOSE,
    SUITE_LEVEL,
    SUITE_OPTIONS,
    SUITE_TRUSTED,
    SUITE_UNTRUSTED,
    SUITE_LEAF,
    SUITE_EXPECTED,
    SUITE_SAYS = 9,
};
enum { SUITE_FILES_MAX = 8 }; /* in one of them */

/* Each row of a table of SUITE_DATA without its heading. Its columns may be cut up further. Skips the test visibly where
 * there is no such table. */
void suite_each_row(const char *table, void (*look)(void *context, char **columns), void *context);

/* The first certificate of a PEM file of SUITE_DATA, without what stands behind it in a TRUSTED CERTIFICATE: nothing that a
 * peer sends. */
struct pki_slice suite_certificate(const char *file);

/* Those of "a.pem,b.pem", or none for "-", from the folder "openssl"; `files` is cut up. Returns how many. */
size_t suite_certificates(struct pki_slice out[SUITE_FILES_MAX], char *files);
void suite_certificates_free(struct pki_slice *certificates, size_t count);

/* A trust store of such files. */
struct pki_trust *suite_trust(char *files);

#endif
