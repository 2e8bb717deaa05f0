/* Bundles of certificates in tests: what is in them, and the programs that write them. */
#ifndef SUPPORT_BUNDLES_H
#define SUPPORT_BUNDLES_H

#include "certs.h"
#include "tlstep/pki.h"

/* Makes a chain, and in the scratch folder leaf.pem, rest.pem (root and intermediate), all.pem (the leaf and those) and
 * leaf.key. */
void bundle_make_files(struct cert **root, struct cert **inter, struct cert **leaf);

/* A bundle of these bytes, which must be readable. */
struct pki_bundle *bundle_of_bytes(const void *data, size_t length);
/* The same, and frees the buffer. */
struct pki_bundle *bundle_of_buffer(struct buffer *buffer);

void bundle_expect_der(struct pki_slice found, const struct cert *cert);
/* The bundle holds these, in this order. Frees it. */
void bundle_expect_certs(struct pki_bundle *bundle, const struct cert *const *certs);

/* Adds a file of the scratch folder to a bundle, where each allocation fails in turn: all of it, or an error of memory and nothing. */
void bundle_starve(const char *name);

/* Runs a shell command in the scratch folder; it must succeed. */
void bundle_run(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A file of the scratch folder. */
struct buffer bundle_file(const char *name);

#endif
