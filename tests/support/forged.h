/*
 * Certificates in which any part may be replaced, and that are signed all the same: a good chain of root,
 * intermediate and leaf in which every rule of RFC 5280 and of the CA/Browser Forum is kept, to be
 * broken one by one. Valid from 2026-05-01 to 2026-08-01 (leaf); CERT_NOW lies between.
 */
#ifndef SUPPORT_FORGED_H
#define SUPPORT_FORGED_H

#include "scratch.h"
#include "tlstep/pki.h"

enum forged_part {
    FORGED_NOTHING, /* ends a list of changes */
    FORGED_VERSION,
    FORGED_SERIAL,
    FORGED_INNER, /* signature algorithm */
    FORGED_ISSUER,
    FORGED_VALIDITY,
    FORGED_SUBJECT,
    FORGED_KEY,
    FORGED_UNIQUE,
    FORGED_EXTENSIONS, /* all of them, with [3] */
    FORGED_OUTER,      /* signature algorithm; the signature itself is ECDSA with SHA-256 */
    FORGED_EXTENSION, /* one; instead of the one with the same object identifier, where there is one */
};

/* `value` in the notation of notation.h; NULL leaves the part out. For an extension: the content of its OCTET STRING. */
struct forged_change {
    enum forged_part part;
    const char *value;
    const char *oid; /* of an extension: the content of the object identifier, in hex */
    bool critical;
};

/* Appends the certificate that stands at `place` of the chain, with these changes (up to FORGED_NOTHING; NULL: none). The keys are made
 * when the first certificate is. Ends the program when that fails. */
void forged_append(struct buffer *out, enum pki_place place, const struct forged_change *changes);

#define FORGED_PLACES (PKI_ROOT + 1)

/* The whole chain, by place. */
struct forged_chain {
    struct buffer der[FORGED_PLACES];
    struct pki_slice slices[FORGED_PLACES];
};

/* With these changes by place (NULL: none), or in one place only. */
void forged_chain_make(struct forged_chain *chain,
                       const struct forged_change *const changes[FORGED_PLACES]);
void forged_chain_change(struct forged_chain *chain, enum pki_place place,
                         const struct forged_change *changes);
void forged_chain_free(struct forged_chain *chain);

/* The verdict on leaf and intermediate at CERT_NOW, where the root is trusted; the rest of the request is as it is given. NULL when
 * memory ran out. */
struct pki_verification *forged_chain_judge(const struct forged_chain *chain,
                                            struct pki_request request);

/* Writes leaf.pem, intermediate.pem and root.pem into the test's folder. */
void forged_chain_write(char path[FORGED_PLACES][SCRATCH_PATH_MAX],
                        const struct forged_chain *chain);

/* Object identifiers of extensions. */
#define FORGED_SKI   "551d0e"
#define FORGED_AKI   "551d23"
#define FORGED_USAGE "551d0f"
#define FORGED_EKU   "551d25"
#define FORGED_BASIC "551d13"
#define FORGED_NC    "551d1e"
#define FORGED_SAN   "551d11"
#define FORGED_CP    "551d20"
#define FORGED_CRLDP "551d1f"
#define FORGED_AIA   "2b06010505070101"
#define FORGED_SCTS  "2b06010401d679020402"

#endif
