/* OCSP responses (RFC 6960 4.2): taken apart. Nothing is copied. */
#ifndef PKI_REVOCATION_OCSP_H
#define PKI_REVOCATION_OCSP_H

#include "signed.h"

/* ResponseBytes of type id-pkix-ocsp-basic, or an answer without any. */
struct ocsp {
    struct pki_slice der;
    unsigned response_status; /* OCSPResponseStatus: 0 is successful, else nothing follows */
    bool basic;               /* the type of the response is the one that everybody uses */
    struct signed_bytes bytes;
    struct pki_slice responder_name; /* Name; or … */
    struct pki_slice responder_key;  /* … SHA-1 of its key */
    int64_t produced_at;
    struct pki_slice responses;    /* SingleResponse values one after another */
    struct pki_slice certificates; /* Certificate values one after another */
    bool not_understood;           /* a critical extension is not known here */
};

enum ocsp_status { OCSP_GOOD = 0, OCSP_REVOKED = 1, OCSP_UNKNOWN = 2 };

/* SingleResponse with its CertID. */
struct ocsp_single {
    struct pki_slice hash; /* object identifier of CertID's hash */
    struct pki_slice issuer_name_hash, issuer_key_hash, serial;
    enum ocsp_status status;
    int64_t revoked_at;
    int reason; /* CRLReason, or CRL_NO_REASON */
    int64_t this_update;
    int64_t next_update;   /* 0: none */
    struct pki_slice scts; /* a SignedCertificateTimestampList (RFC 6962 3.3); empty */
    bool not_understood;
};

/* False with `problem` in words when it is malformed. */
bool ocsp_read(struct ocsp *out, struct pki_slice der, char *problem, size_t size);

/* The next one: start with a reader of `responses`. False at the end. */
bool ocsp_single_next(struct reader *list, struct ocsp_single *out);

#endif
