/*
 * What a side shows: certificates and keys in one credentials object, from which GnuTLS chooses by the client's SNI and by
 * the kind of key that the client can check.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/ocsp.h>
#include <gnutls/x509.h>

#include "identity.h"

/* More than any client takes. */
#define CHAIN_MAX      64
#define NAME_MAX_BYTES 256

struct tls_identity {
    atomic_size_t references;
    gnutls_certificate_credentials_t credentials;
    struct pki_slice leaf; /* of the first part; owned */
};

static int fail(int status, struct err *err)
{
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "reading certificates and keys");
    }
    return err_set(err, ERR_TLS, "bad_identity", "cannot use the certificate and its key: %s",
                   gnutls_strerror(status));
}

static gnutls_datum_t datum_of(struct pki_slice slice)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)slice.data, (unsigned)slice.length};
}

/* ---- the names that a certificate is chosen by ------------------------------------------------ */

/* GnuTLS reads them by itself only in the function that also puts a chain in order, which a chain in another order does
 * not survive. */
struct names {
    char **list;
    size_t count;
    size_t capacity;
};

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->list[i]);
    }
    free(names->list);
    *names = (struct names){0};
}

static int names_add(struct names *names, const char *name, size_t length)
{
    char **list = array_grow(names->list, &names->capacity, names->count + 1, sizeof *list);

    if (list == NULL) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    names->list = list;
    list[names->count] = text_duplicate(name, length);
    if (list[names->count] == NULL) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    names->count++;
    return 0;
}

/* The DNS names of subjectAltName. Those that are too long for DNS name nobody. */
static int names_read(struct names *names, const gnutls_datum_t *der)
{
    gnutls_x509_crt_t leaf;
    int status = gnutls_x509_crt_init(&leaf);

    if (status < 0) {
        return status;
    }
    status = gnutls_x509_crt_import(leaf, der, GNUTLS_X509_FMT_DER);
    for (unsigned i = 0; status >= 0; i++) {
        char name[NAME_MAX_BYTES];
        size_t length = sizeof name;
        int type = gnutls_x509_crt_get_subject_alt_name(leaf, i, name, &length, NULL);
        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            break;
        }
        if (type == GNUTLS_SAN_DNSNAME) {
            status = names_add(names, name, strnlen(name, length));
        }
    }
    gnutls_x509_crt_deinit(leaf);
    return status;
}

/* ---- one part --------------------------------------------------------------------------------- */

static void pcerts_free(gnutls_pcert_st *certificates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gnutls_pcert_deinit(&certificates[i]);
    }
    free(certificates);
}

/* In the order that they have. */
static int import_chain(const struct tls_identity_part *part, gnutls_pcert_st **certificates)
{
    if (part->chain_length == 0 || part->chain_length > CHAIN_MAX) {
        return GNUTLS_E_INVALID_REQUEST;
    }
    *certificates = calloc(part->chain_length, sizeof **certificates);
    if (*certificates == NULL) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    for (size_t i = 0; i < part->chain_length; i++) {
        const gnutls_datum_t der = datum_of(part->chain[i]);
        int status =
            gnutls_pcert_import_x509_raw(&(*certificates)[i], &der, GNUTLS_X509_FMT_DER, 0);
        if (status < 0) {
            pcerts_free(*certificates, i);
            return status;
        }
    }
    return 0;
}

static int import_key(const struct tls_identity_part *part, gnutls_privkey_t *key)
{
    const gnutls_datum_t der = datum_of(part->key);
    int status = gnutls_privkey_init(key);

    if (status < 0) {
        return status;
    }
    status = gnutls_privkey_import_x509_raw(*key, &der, GNUTLS_X509_FMT_DER, NULL, 0);
    if (status < 0) {
        gnutls_privkey_deinit(*key);
    }
    return status;
}

/* Whether the key is the certificate's is looked at here by GnuTLS. The index of the new pair, or its error. */
static int add_pair(gnutls_certificate_credentials_t credentials,
                    const struct tls_identity_part *part, struct names *names)
{
    gnutls_pcert_st *certificates;
    gnutls_privkey_t key;
    int status = import_chain(part, &certificates);

    if (status < 0) {
        return status;
    }
    status = import_key(part, &key);
    if (status < 0) {
        pcerts_free(certificates, part->chain_length);
        return status;
    }
    status =
        gnutls_certificate_set_key(credentials, (const char **)(void *)names->list,
                                   (int)names->count, certificates, (int)part->chain_length, key);
    if (status < 0) {
        pcerts_free(certificates, part->chain_length);
        gnutls_privkey_deinit(key);
        return status;
    }
    free(certificates); /* what is in them, and the key, belong to the credentials now */
    return status;
}

static int add_part(struct tls_identity *identity, const struct tls_identity_part *part)
{
    const gnutls_datum_t staple = datum_of(part->staple);
    struct names names = {0};
    int status = GNUTLS_E_INVALID_REQUEST;

    if (part->chain_length > 0) {
        const gnutls_datum_t leaf = datum_of(part->chain[0]);
        status = names_read(&names, &leaf);
    }
    if (status >= 0) {
        status = add_pair(identity->credentials, part, &names);
    }
    names_free(&names);
    if (status >= 0 && staple.size > 0) {
        status = gnutls_certificate_set_ocsp_status_request_mem(
            identity->credentials, &staple, (unsigned)status, GNUTLS_X509_FMT_DER);
    }
    return status;
}

/* ---- all of them ------------------------------------------------------------------------------ */

static int copy_leaf(struct tls_identity *identity, struct pki_slice leaf)
{
    identity->leaf = (struct pki_slice){
        (uint8_t *)text_duplicate((const char *)leaf.data, leaf.length), leaf.length};
    return identity->leaf.data != NULL ? 0 : GNUTLS_E_MEMORY_ERROR;
}

static int fill(struct tls_identity *identity, const struct tls_identity_part *parts, size_t count)
{
    int status = gnutls_certificate_allocate_credentials(&identity->credentials);

    if (status < 0) {
        identity->credentials = NULL;
        return status;
    }
    /* A staple may be for a certificate that it does not fit: that is for the client to find. */
    gnutls_certificate_set_flags(identity->credentials,
                                 GNUTLS_CERTIFICATE_API_V2 |
                                     GNUTLS_CERTIFICATE_SKIP_OCSP_RESPONSE_CHECK);
    /* For DHE with clients that name no group (RFC 7919 4). */
    status = gnutls_certificate_set_known_dh_params(identity->credentials, GNUTLS_SEC_PARAM_MEDIUM);
    for (size_t i = 0; i < count && status >= 0; i++) {
        status = add_part(identity, &parts[i]);
    }
    return status < 0 ? status : copy_leaf(identity, parts[0].chain[0]);
}

int tls_identity_make(struct tls_identity **identity, const struct tls_identity_part *parts,
                      size_t count)
{
    int status = count > 0 ? 0 : GNUTLS_E_INVALID_REQUEST;

    *identity = NULL;
    if (status < 0) {
        return status;
    }
    *identity = calloc(1, sizeof **identity);
    if (*identity == NULL) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    atomic_init(&(*identity)->references, 1);
    status = fill(*identity, parts, count);
    if (status < 0) {
        tls_identity_release(*identity);
        *identity = NULL;
        return status;
    }
    return 0;
}

struct tls_identity *tls_identity_new(const struct tls_identity_part *parts, size_t count,
                                      struct err *err)
{
    struct tls_identity *identity;
    int status = tls_identity_make(&identity, parts, count);

    if (status < 0) {
        (void)fail(status, err); /* NULL says it */
    }
    return identity;
}

struct tls_identity *tls_identity_hold(struct tls_identity *identity)
{
    atomic_fetch_add(&identity->references, 1);
    return identity;
}

void tls_identity_release(struct tls_identity *identity)
{
    if (identity == NULL || atomic_fetch_sub(&identity->references, 1) != 1) {
        return;
    }
    if (identity->credentials != NULL) {
        gnutls_certificate_free_credentials(identity->credentials); /* wipes the keys */
    }
    free((void *)(uintptr_t)identity->leaf.data);
    free(identity);
}

gnutls_certificate_credentials_t tls_identity_credentials(const struct tls_identity *identity)
{
    return identity->credentials;
}

struct pki_slice tls_identity_leaf(const struct tls_identity *identity)
{
    return identity->leaf;
}
