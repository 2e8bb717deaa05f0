/*
 * A certificate taken apart (RFC 5280 4.1): slices of its DER and the numbers in it. Nothing is
 * allocated; everything points into the bytes it was read from.
 */
#ifndef PKI_X509_H
#define PKI_X509_H

#include "der.h"

struct x509 {
    struct pki_slice der;
    struct pki_slice tbs;             /* TBSCertificate, whole: what is signed */
    unsigned version;                 /* 1 to 3 */
    struct pki_slice serial;          /* content of the INTEGER */
    struct pki_slice issuer, subject; /* Name, whole */
    int64_t not_before, not_after;

    struct pki_slice spki;           /* SubjectPublicKeyInfo, whole */
    struct pki_slice key_algorithm;  /* object identifier */
    struct pki_slice key_parameters; /* whole; empty when absent */
    struct pki_slice key;            /* the BIT STRING's bytes */

    struct pki_slice inner_algorithm;     /* AlgorithmIdentifier inside what is signed, whole */
    struct pki_slice outer_algorithm;     /* and the one outside, whole */
    struct pki_slice signature_algorithm; /* object identifier of the outer one */
    struct pki_slice signature_parameters;
    struct pki_slice signature;

    /* Extensions (RFC 5280 4.2). */
    bool has_subject_alt_name;
    struct pki_slice subject_alt_name; /* the GeneralName values one after another */
    bool is_ca;                        /* basicConstraints with cA TRUE */
    struct pki_slice subject_key_id;   /* empty when absent */
    struct pki_slice authority_key_id; /* its keyIdentifier */
    unsigned seen;                     /* bits: rows of the table of extensions that occurred */
};

/* Reads a certificate. False with `problem` in words ("its validity cannot be read (byte 92)")
 * when it is none. `problem` may be NULL. */
bool x509_read(struct x509 *out, const uint8_t *der, size_t length, char *problem, size_t size);

/* Reads only as far as the subject, for an index of many. */
bool x509_read_subject(const uint8_t *der, size_t length, struct pki_slice *subject);

/* True when issuer and subject are the same name. */
bool x509_is_self_issued(const struct x509 *certificate);

/* The choices of a GeneralName (RFC 5280 4.2.1.6): the number of its context tag. */
enum general_name_kind {
    NAME_OTHER = 0,
    NAME_EMAIL = 1,
    NAME_DNS = 2,
    NAME_X400 = 3,
    NAME_DIRECTORY = 4,
    NAME_EDI = 5,
    NAME_URI = 6,
    NAME_IP = 7,
    NAME_REGISTERED_ID = 8,
};

struct general_name {
    enum general_name_kind kind;
    struct pki_slice content;
};

/* The next name; false at the end. */
bool general_name_next(struct reader *names, struct general_name *out);

#endif
