/*
 * What a side shows: certificates and keys in one credentials object, from which GnuTLS chooses by the client's SNI and by the
 * kind of key that the client can check. GnuTLS compares names to the letter; parts with a wildcard are there a second time,
 * in credentials of their own, which a session gets when its client asks for such a name.
 */
#include "identity.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

/* More than any client takes. */
#define CHAIN_MAX 64

/* A host name in DNS, with its end. */
#define HOST_NAME_MAX_BYTES 256

struct wildcard {
    char *name; /* "*.example.org" */
    gnutls_certificate_credentials_t credentials;
};

/* DNS names of a certificate, which it is chosen by. GnuTLS reads them by itself only in the function that also puts a chain in
 * order, which a chain in another order does not survive; and that takes quadratic time. */
struct names {
    char **list;
    size_t count;
    size_t capacity;
};

struct tls_identity {
    atomic_size_t references;
    gnutls_certificate_credentials_t credentials;
    struct names names; /* of all parts */
    struct wildcard *wildcards;
    size_t wildcard_count;
    size_t wildcard_capacity;
    struct pki_slice leaf; /* of the first part; owned */
};

static gnutls_datum_t datum_of(struct pki_slice slice)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)slice.data, (unsigned)slice.length};
}

/* ---- names ------------------------------------------------------------------------------------ */

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

/* Those of subjectAltName; addresses and whatever else stands there is no name that SNI can ask for. */
static int names_read(struct names *names, struct pki_slice der)
{
    struct pki_certificate *leaf = pki_certificate_new(der.data, der.length);
    int status = leaf != NULL ? 0 : GNUTLS_E_MEMORY_ERROR;

    for (size_t i = 0; status >= 0 && i < leaf->san_count; i++) {
        if (strchr(leaf->san[i], ':') == NULL) {
            status = names_add(names, leaf->san[i], strlen(leaf->san[i]));
        }
    }
    pki_certificate_free(leaf);
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
                    const struct tls_identity_part *part, const struct names *names)
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

static int add_part(gnutls_certificate_credentials_t credentials,
                    const struct tls_identity_part *part, const struct names *names)
{
    const gnutls_datum_t staple = datum_of(part->staple);
    int status = add_pair(credentials, part, names);

    if (status >= 0 && staple.size > 0) {
        status = gnutls_certificate_set_ocsp_status_request_mem(
            credentials, &staple, (unsigned)status, GNUTLS_X509_FMT_DER);
    }
    return status;
}

static int open_credentials(gnutls_certificate_credentials_t *credentials)
{
    int status = gnutls_certificate_allocate_credentials(credentials);

    if (status < 0) {
        *credentials = NULL;
        return status;
    }
    /* A staple may be for a certificate that it does not fit: that is for the client to find. */
    gnutls_certificate_set_flags(*credentials, GNUTLS_CERTIFICATE_API_V2 |
                                                   GNUTLS_CERTIFICATE_SKIP_OCSP_RESPONSE_CHECK);
    /* For DHE with clients that name no group (RFC 7919 4). */
    return gnutls_certificate_set_known_dh_params(*credentials, GNUTLS_SEC_PARAM_MEDIUM);
}

/* ---- wildcards -------------------------------------------------------------------------------- */

static int add_wildcard(struct tls_identity *identity, const struct tls_identity_part *part,
                        const char *name)
{
    struct wildcard *list = array_grow(identity->wildcards, &identity->wildcard_capacity,
                                       identity->wildcard_count + 1, sizeof *list);
    static const struct names none = {0};
    struct wildcard *added;
    int status;

    if (list == NULL) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    identity->wildcards = list;
    added = &list[identity->wildcard_count++];
    *added = (struct wildcard){.name = text_duplicate(name, strlen(name))};
    if (added->name == NULL) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    status = open_credentials(&added->credentials);
    return status < 0 ? status : add_part(added->credentials, part, &none);
}

/* RFC 9525 6.3: the star is one whole label, the first. */
static bool is_under(const char *wildcard, const char *name)
{
    const char *dot = strchr(name, '.');

    return dot != NULL && dot > name && text_equal_nocase(dot, wildcard + 1);
}

int tls_identity_choose(const struct tls_identity *identity, gnutls_session_t session)
{
    char name[HOST_NAME_MAX_BYTES];
    size_t length = sizeof name;
    unsigned type;

    if (identity->wildcard_count == 0 ||
        gnutls_server_name_get(session, name, &length, &type, 0) < 0 || type != GNUTLS_NAME_DNS) {
        return 0;
    }
    for (size_t i = 0; i < identity->names.count; i++) {
        if (text_equal_nocase(identity->names.list[i], name)) {
            return 0;
        }
    }
    for (size_t i = 0; i < identity->wildcard_count; i++) {
        if (is_under(identity->wildcards[i].name, name)) {
            return gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
                                          identity->wildcards[i].credentials);
        }
    }
    return 0;
}

/* ---- all of them ------------------------------------------------------------------------------ */

/* Its names go to those of all parts; in the credentials it has them for itself. */
static int add(struct tls_identity *identity, const struct tls_identity_part *part)
{
    struct names names = {0};
    int status = GNUTLS_E_INVALID_REQUEST;

    if (part->chain_length > 0) {
        status = names_read(&names, part->chain[0]);
    }
    if (status >= 0) {
        status = add_part(identity->credentials, part, &names);
    }
    for (size_t i = 0; i < names.count && status >= 0; i++) {
        const char *name = names.list[i];
        status = strncmp(name, "*.", 2) == 0 ? add_wildcard(identity, part, name)
                                             : names_add(&identity->names, name, strlen(name));
    }
    names_free(&names);
    return status;
}

static int copy_leaf(struct tls_identity *identity, struct pki_slice leaf)
{
    char *copy = text_duplicate((const char *)leaf.data, leaf.length);

    identity->leaf = (struct pki_slice){(const uint8_t *)copy, leaf.length};
    return copy != NULL ? 0 : GNUTLS_E_MEMORY_ERROR;
}

static int fill(struct tls_identity *identity, const struct tls_identity_part *parts, size_t count)
{
    int status = open_credentials(&identity->credentials);

    for (size_t i = 0; i < count && status >= 0; i++) {
        status = add(identity, &parts[i]);
    }
    return status < 0 ? status : copy_leaf(identity, parts[0].chain[0]);
}

int tls_identity_make(struct tls_identity **identity, const struct tls_identity_part *parts,
                      size_t count)
{
    int status;

    *identity = NULL;
    if (count == 0) {
        return GNUTLS_E_INVALID_REQUEST;
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

    if (status == GNUTLS_E_MEMORY_ERROR) {
        (void)err_memory(err, "reading certificates and keys"); /* NULL says it */
    } else if (status < 0) {
        (void)err_set(err, ERR_TLS, "bad_identity", /* NULL says it */
                      "cannot use the certificate and its key: %s", gnutls_strerror(status));
    }
    return identity;
}

struct tls_identity *tls_identity_hold(struct tls_identity *identity)
{
    atomic_fetch_add(&identity->references, 1);
    return identity;
}

static void free_credentials(gnutls_certificate_credentials_t credentials)
{
    if (credentials != NULL) {
        gnutls_certificate_free_credentials(credentials); /* wipes the keys */
    }
}

void tls_identity_release(struct tls_identity *identity)
{
    if (identity == NULL || atomic_fetch_sub(&identity->references, 1) != 1) {
        return;
    }
    free_credentials(identity->credentials);
    for (size_t i = 0; i < identity->wildcard_count; i++) {
        free_credentials(identity->wildcards[i].credentials);
        free(identity->wildcards[i].name);
    }
    free(identity->wildcards);
    names_free(&identity->names);
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
