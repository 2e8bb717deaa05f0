/*
 * What CAs say of their certificates later: CRLs and OCSP responses, made of any parts (in the notation of notation.h) and signed. Keys
 * are P-256. They are current at CERT_NOW unless asked otherwise. The program ends with a line on stderr when one cannot be made.
 */
#ifndef SUPPORT_STATEMENTS_H
#define SUPPORT_STATEMENTS_H

#include "certs.h"

#define STATEMENT_NONE ((int64_t)-1) /* for a time: leave it out */

struct crl_options {
    const struct cert *issuer;    /* its name, and … */
    const struct cert *signed_by; /* … its key, or that of another one */
    int64_t this_update;          /* 0: a day before CERT_NOW */
    int64_t next_update;          /* 0: six days after it; STATEMENT_NONE */
    const char *entries;          /* NULL: no revokedCertificates */
    const char *number;           /* CRLNumber, hex; NULL: "01"; "": none */
    const char *extensions;       /* more of them */
    bool version_1;               /* without extensions */
    bool break_signature;
};
/* Appends the DER. */
void crl_append(struct buffer *out, const struct crl_options *options);

/* Notation of an entry for a certificate, revoked on 2026-05-20 08:00 UTC; `extensions` of the entry or "". Returns a string of the
 * caller's. */
char *crl_entry(const struct cert *cert, const char *extensions);

/* Notation of an extension: the content of its object identifier in hex, and of its OCTET STRING. */
#define EXTENSION(oid, value)          "30(06(" oid ")04(" value "))"
#define CRITICAL_EXTENSION(oid, value) "30(06(" oid ")01(ff)04(" value "))"

struct ocsp_options {
    const struct cert *certificate; /* which it is about */
    const struct cert *issuer;      /* of that one */
    const struct cert *responder;   /* who signs; NULL: the issuer */
    const struct cert *attached;    /* a certificate that is sent with it; NULL */
    bool by_key;                    /* the responder is told by its key */
    bool sha256;                    /* for CertID; else SHA-1 */
    const char *status;             /* CertStatus; NULL: good */
    int64_t this_update;            /* 0: a day before CERT_NOW */
    int64_t next_update;            /* 0: six days after it; STATEMENT_NONE */
    const char *single_extensions;  /* NULL: none */
    const char *extensions;         /* NULL: none */
    const char *before;             /* SingleResponse values before this one */
    unsigned answer;                /* OCSPResponseStatus; not 0: nothing else is there */
    bool break_signature;
};
void ocsp_append(struct buffer *out, const struct ocsp_options *options);

/* CertStatus: revoked at that time, for the reason keyCompromise. */
#define OCSP_STATUS_REVOKED "a1(18('20260520080000Z')a0(0a(01)))"
#define OCSP_STATUS_HOLD    "a1(18('20260520080000Z')a0(0a(06)))"
#define OCSP_STATUS_UNKNOWN "82()"

#endif
