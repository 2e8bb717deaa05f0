/*
 * PKCS#12 (RFC 7292): the certificates and CRLs of a key store. Private keys are looked at only to find the certificate that
 * belongs to them, wiped, and never kept.
 */
#ifndef PKI_PKCS12_H
#define PKI_PKCS12_H

#include "../x509.h"

struct pkcs12_item {
    size_t offset; /* of its DER in `bytes` */
    size_t length;
    bool is_crl;
};

/* What was in it: certificates in the order leaf, its issuer, and so on, then the others; CRLs where they stood. */
struct pkcs12 {
    struct buffer bytes;
    struct pkcs12_item *items;
    size_t count;
    size_t capacity;
    size_t keys; /* private keys passed over */
};

/* Opens it with the empty password, with none, and then with the one that the user gives. `rounds` of key derivation are what it
 * may ask for (PBE_ROUNDS_MAX for a file), and what is left of them. 0, or -1: ERR_USAGE with code "password", ERR_FILE, ERR_MEMORY.
 * `path` is for the question and the error. pkcs12_clear() after either. */
int pkcs12_read(struct pkcs12 *out, struct pki_slice bytes, const char *path,
                const struct pki_password *password, uint64_t *rounds, struct err *err);
void pkcs12_clear(struct pkcs12 *contents);

#endif
