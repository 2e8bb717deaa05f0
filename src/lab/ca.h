/* The lab's certification authority, inside the lab. */
#ifndef TLSTEP_LAB_CA_H
#define TLSTEP_LAB_CA_H

#include <pthread.h>
#include <stdatomic.h>

#include "issue.h"

struct lab_ca {
    atomic_size_t references;
    struct lab_issued root;
    struct lab_issued intermediate;
    gnutls_datum_t root_der;
    /* For imitations of servers that have RSA keys: one for all of them, made when the first one is wanted. */
    pthread_mutex_t lock;
    gnutls_x509_privkey_t rsa;
};

/* Takes what is in the two, also when it fails. NULL: out of memory or an error of GnuTLS. */
struct lab_ca *lab_ca_from(struct lab_issued *root, struct lab_issued *intermediate,
                           struct err *err);

/* A new one whose root has this name. */
struct lab_ca *lab_ca_make(const char *root_name, struct err *err);

#endif
