/* A plan for a certificate, and the certificate that is made from it. */
#ifndef TLSTEP_LAB_ISSUE_H
#define TLSTEP_LAB_ISSUE_H

#include <gnutls/x509.h>

#include "scenario.h"

#define LAB_DAY 86400

/* A certificate, read again after it was signed, and its private key. */
struct lab_issued {
    gnutls_x509_crt_t certificate;
    gnutls_x509_privkey_t key;
};
void lab_issued_free(struct lab_issued *issued); /* wipes the key */

/* All borrowed. Zero is the usual in every member but the first three. */
struct lab_plan {
    const char *common_name;         /* NULL with `subject_of` */
    int64_t from, until;             /* seconds since 1970 */
    const struct lab_issued *issuer; /* NULL: signs itself */
    enum lab_key key;
    gnutls_x509_privkey_t key_of; /* takes this key instead of a new one; NULL */
    gnutls_x509_crt_t subject_of; /* has the subject of this one; NULL */
    const char *const *names;     /* subjectAltName: DNS names, IP addresses */
    size_t name_count;
    struct pki_slice names_der; /* subjectAltName as it is, instead of those; empty */
    bool names_critical;
    size_t filler; /* and so many more names, "n000.filler.lab.tlstep.test" … */
    bool is_ca;    /* basicConstraints, and who may sign */
    bool has_path_length;
    unsigned path_length;
    unsigned key_usage;    /* GnuTLS's bits instead of the usual ones; 0 */
    const char *purpose;   /* extended key usage, object identifier; NULL: serverAuth for a leaf */
    const char *permitted; /* name constraint of a CA: the only DNS domain; NULL */
    bool must_staple;      /* TLS feature status_request (RFC 7633) */
    bool sha1;             /* the signature's hash */
    bool spoiled;          /* one bit of the signature is wrong */
};

/* 0, or an error of GnuTLS; then there is nothing in `out`. */
int lab_issue(const struct lab_plan *plan, struct lab_issued *out);

/* A new private key. 0 or an error of GnuTLS, and NULL. RSA keys take their time (0.1 s). */
int lab_key_make(enum lab_key kind, gnutls_x509_privkey_t *key);

/* err_memory() or class ERR_TLS, code "lab_failed". -1. */
int lab_issue_fail(int status, struct err *err);

#endif
