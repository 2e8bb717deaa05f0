/*
 * Certificate revocation lists (RFC 5280 5): taken apart. Nothing is copied; entries are looked up in one pass over their bytes,
 * because real lists have a hundred thousand of them and few are ever asked for.
 */
#ifndef PKI_REVOCATION_CRL_H
#define PKI_REVOCATION_CRL_H

#include "distribution.h"
#include "signed.h"

struct crl {
    struct pki_slice der;
    struct signed_bytes bytes;
    unsigned version;
    struct crl_scope scope;
    int64_t this_update;
    int64_t next_update;               /* 0: none */
    struct pki_slice entries;          /* the SEQUENCEs one after another */
    struct pki_slice authority_key_id; /* keyIdentifier; empty */
    struct pki_slice number;           /* CRLNumber's content; empty: none */
    struct pki_slice base_number;      /* BaseCRLNumber's content, when it is a delta CRL */
    bool is_delta;
    /* A critical extension of the list or of an entry that nobody here understands: then it cannot say that a certificate is good
     * (5.2, 5.3), but what it lists is revoked all the same. Static words, or NULL. */
    const char *not_understood;
    /* The first MUST of section 5 that it breaks and that nobody minds but --strict. Static words, or NULL. */
    const char *not_conforming;
};

/* An entry of revokedCertificates (5.1.2.6). */
struct crl_entry {
    struct pki_slice serial;
    int64_t date;
    int reason; /* CRLReason (5.3.1), or CRL_NO_REASON */
    struct pki_slice
        issuer; /* certificateIssuer's GeneralName values (5.3.3), of this entry or one before it; empty: the CRL's */
};
#define CRL_NO_REASON    (-1)
#define CRL_REASON_HOLD  6
#define CRL_REMOVE_ENTRY 8

/* Reads a CRL and walks all its entries once. False with `problem` in words when it is malformed or memory ran out
 * (`*failed`). */
bool crl_read(struct crl *out, struct pki_slice der, char *problem, size_t size, bool *failed);

/* Looks for a certificate. False: not listed. */
bool crl_find(const struct crl *crl, const struct x509 *certificate, struct crl_entry *out,
              bool *failed);

/* CRL numbers compared (5.2.3: at most 20 bytes, not negative): below 0, 0 or above 0. */
int crl_number_compare(struct pki_slice a, struct pki_slice b);

/* "keyCompromise"; NULL where there is nothing to say. */
const char *crl_reason_name(int reason);

/* Serial numbers as numbers: encodings with needless bytes in front are the same. */
bool serial_equal(struct pki_slice a, struct pki_slice b);

#endif
