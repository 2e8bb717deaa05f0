/*
 * Which certificates a CRL speaks of: the issuing distribution point of the CRL (RFC 5280 5.2.5) against the distribution points of the
 * certificate (4.2.1.13).
 */
#ifndef PKI_REVOCATION_DISTRIBUTION_H
#define PKI_REVOCATION_DISTRIBUTION_H

#include "../x509.h"

/* ReasonFlags: bit n of RFC 5280 4.2.1.13 is 1 << n. Bit 0 is unused. */
#define REASONS_ALL 0x1feu

/* DistributionPointName: one of the two, or none. */
struct point_name {
    bool present;
    struct pki_slice full;     /* GeneralName values one after another */
    struct pki_slice relative; /* the content of a RelativeDistinguishedName */
};

/* IssuingDistributionPoint. */
struct issuing_point {
    bool present;
    struct pki_slice value; /* its DER: CRLs of one issuer with equal ones have one scope */
    struct point_name name;
    bool only_user, only_ca, only_attribute;
    bool indirect;
    unsigned reasons;
};

/* What a CRL has to be compared with. */
struct crl_scope {
    struct pki_slice issuer; /* Name */
    uint64_t issuer_hash;
    struct issuing_point point;
};

/* Reads an IssuingDistributionPoint from `value`, which fails when it is malformed. */
void issuing_point_read(struct issuing_point *out, struct reader *value);

/*
 * The reasons for which this CRL speaks of this certificate (RFC 5280 6.3.3 (b), (d)), over all its distribution points and the one
 * that is taken for granted: 0 when it does not speak of it. `issuer_hash` is the name_hash() of the certificate's issuer.
 */
unsigned scope_reasons(const struct crl_scope *scope, const struct x509 *certificate,
                       uint64_t issuer_hash, bool *failed);

#endif
