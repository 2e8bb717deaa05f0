/* Certificates that the lab has made, as what a server shows: for the names that somebody gives, or for a server that is to be
 * imitated. */
#include "identity.h"

#include <stdlib.h>
#include <string.h>

#include "ca.h"

/* Of a server's certificate: from yesterday, since not every clock is right. */
#define FROM_DAYS  (-1)
#define UNTIL_DAYS 89

/* RFC 5280 appendix A.1: ub-common-name. */
#define COMMON_NAME_MAX 64

/* ---- as an identity ------------------------------------------------------------------------- */

/* A chain as DER, and the key: all of it ours. */
struct exported {
    struct tls_identity_part part;
    struct pki_slice chain[LAB_CHAIN_MAX];
    gnutls_datum_t certificates[LAB_CHAIN_MAX];
    gnutls_datum_t key;
};

static void exported_free(struct exported *exported)
{
    for (size_t i = 0; i < LAB_CHAIN_MAX; i++) {
        gnutls_free(exported->certificates[i].data);
    }
    secret_wipe(exported->key.data, exported->key.size);
    gnutls_free(exported->key.data);
}

static int export_shown(struct exported *exported, const struct lab_shown *shown)
{
    int status = gnutls_x509_privkey_export2_pkcs8(shown->chain[0]->key, GNUTLS_X509_FMT_DER, NULL,
                                                   GNUTLS_PKCS_PLAIN, &exported->key);

    for (size_t i = 0; i < shown->length && status >= 0; i++) {
        gnutls_datum_t *der = &exported->certificates[i];
        status = gnutls_x509_crt_export2(shown->chain[i]->certificate, GNUTLS_X509_FMT_DER, der);
        exported->chain[i] = (struct pki_slice){der->data, der->size};
    }
    exported->part = (struct tls_identity_part){
        .chain = exported->chain,
        .chain_length = shown->length,
        .key = {exported->key.data, exported->key.size},
        .staple = shown->staple,
    };
    return status;
}

struct tls_identity *lab_identity_new(const struct lab_shown *shown, size_t count, struct err *err)
{
    struct exported *exported = calloc(count, sizeof *exported);
    struct tls_identity_part *parts = calloc(count, sizeof *parts);
    struct tls_identity *identity = NULL;
    int status = exported != NULL && parts != NULL ? 0 : GNUTLS_E_MEMORY_ERROR;

    for (size_t i = 0; i < count && status >= 0; i++) {
        status = export_shown(&exported[i], &shown[i]);
        parts[i] = exported[i].part;
    }
    if (status < 0) {
        (void)lab_issue_fail(status, err); /* NULL says it */
    } else {
        identity = tls_identity_new(parts, count, err);
    }
    for (size_t i = 0; exported != NULL && i < count; i++) {
        exported_free(&exported[i]);
    }
    free(exported);
    free(parts);
    return identity;
}

/* A leaf by this plan, with the intermediate. */
static int issue_and_show(const struct lab_ca *ca, const struct lab_plan *plan,
                          struct tls_identity **identity, struct err *err)
{
    struct lab_issued leaf;
    const struct lab_shown shown = {.chain = {&leaf, &ca->intermediate}, .length = 2};
    int status = lab_issue(plan, &leaf);

    *identity = NULL;
    if (status < 0) {
        return status;
    }
    *identity = lab_identity_new(&shown, 1, err);
    lab_issued_free(&leaf);
    return 0;
}

/* ---- for names ------------------------------------------------------------------------------ */

/* What can stand in an IA5String of subjectAltName and be asked for. */
static bool is_name(const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < length; i++) {
        if (name[i] <= ' ' || name[i] > '~') {
            return false;
        }
    }
    return length > 0 && length < 254;
}

static int check_names(const char *const *names, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        char shown[80];
        if (!is_name(names[i])) {
            return err_set(err, ERR_USAGE, "bad_name", "\"%s\" cannot be a name in a certificate",
                           text_safe(shown, sizeof shown, names[i], strlen(names[i])));
        }
    }
    return 0;
}

struct tls_identity *lab_ca_identity(const struct lab_ca *ca, const char *const *names,
                                     size_t count, struct err *err)
{
    static const char *const loopback[] = {"localhost", "127.0.0.1", "::1"};
    int64_t now = clock_wall_ns() / 1000000000;
    struct lab_plan plan = {
        .common_name = "tlstep lab server",
        .from = now + (int64_t)FROM_DAYS * LAB_DAY,
        .until = now + (int64_t)UNTIL_DAYS * LAB_DAY,
        .issuer = &ca->intermediate,
        .names = count > 0 ? names : loopback,
        .name_count = count > 0 ? count : sizeof loopback / sizeof *loopback,
    };
    struct tls_identity *identity;
    int status;

    if (check_names(plan.names, plan.name_count, err) != 0) {
        return NULL;
    }
    if (strlen(plan.names[0]) <= COMMON_NAME_MAX) {
        plan.common_name = plan.names[0];
    }
    status = issue_and_show(ca, &plan, &identity, err);
    if (status < 0) {
        (void)lab_issue_fail(status, err); /* NULL says it */
    }
    return identity;
}

/* ---- imitations ----------------------------------------------------------------------------- */

/* Shared: making an RSA key for each connection would take longer than all the rest of it. */
static int shared_rsa(const struct lab_ca *ca, gnutls_x509_privkey_t *key)
{
    struct lab_ca *owner = (struct lab_ca *)(uintptr_t)ca; /* a cache: nobody sees it change */
    int status = 0;

    (void)pthread_mutex_lock(&owner->lock); /* cannot fail: nobody has it twice */
    if (owner->rsa == NULL) {
        status = lab_key_make(LAB_KEY_RSA, &owner->rsa);
    }
    *key = owner->rsa;
    (void)pthread_mutex_unlock(&owner->lock);
    return status;
}

/* subjectAltName as it stands, malformed or not: from GnuTLS; none: empty. */
static int read_names(gnutls_x509_crt_t leaf, struct lab_plan *plan, gnutls_datum_t *names)
{
    unsigned critical = 0;
    int status =
        gnutls_x509_crt_get_extension_by_oid2(leaf, GNUTLS_X509EXT_OID_SAN, 0, names, &critical);

    if (status < 0) {
        *names = (gnutls_datum_t){0};
        return status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ? 0 : status;
    }
    plan->names_der = (struct pki_slice){names->data, names->size};
    plan->names_critical = critical != 0;
    return 0;
}

/* A subject that GnuTLS does not take over leaves one that says so; who is meant stands in subjectAltName. */
static int imitate(const struct lab_ca *ca, gnutls_x509_crt_t leaf, struct lab_plan *plan,
                   struct tls_identity **identity, struct err *err)
{
    int status = 0;

    plan->issuer = &ca->intermediate;
    plan->from = gnutls_x509_crt_get_activation_time(leaf);
    plan->until = gnutls_x509_crt_get_expiration_time(leaf);
    plan->subject_of = leaf;
    if (gnutls_x509_crt_get_pk_algorithm(leaf, NULL) == GNUTLS_PK_RSA) {
        status = shared_rsa(ca, &plan->key_of);
    }
    if (status < 0) {
        return status;
    }
    status = issue_and_show(ca, plan, identity, err);
    if (status < 0 && status != GNUTLS_E_MEMORY_ERROR) {
        plan->subject_of = NULL;
        plan->common_name = "tlstep lab imitation";
        status = issue_and_show(ca, plan, identity, err);
    }
    return status;
}

struct tls_identity *lab_ca_imitate(const struct lab_ca *ca, struct pki_slice leaf, struct err *err)
{
    const gnutls_datum_t der = {(unsigned char *)(uintptr_t)leaf.data, (unsigned)leaf.length};
    struct tls_identity *identity = NULL;
    struct lab_plan plan = {0};
    gnutls_datum_t names = {0};
    gnutls_x509_crt_t original;
    int status = gnutls_x509_crt_init(&original);

    if (status >= 0) {
        status = gnutls_x509_crt_import(original, &der, GNUTLS_X509_FMT_DER);
        if (status >= 0) {
            status = read_names(original, &plan, &names);
        }
        if (status >= 0) {
            status = imitate(ca, original, &plan, &identity, err);
        }
        gnutls_free(names.data);
        gnutls_x509_crt_deinit(original);
    }
    if (status == GNUTLS_E_MEMORY_ERROR) {
        (void)lab_issue_fail(status, err); /* NULL says it */
    } else if (status < 0) {
        (void)err_set(err, ERR_TLS, "lab_failed", /* likewise */
                      "cannot imitate the server's certificate: %s", gnutls_strerror(status));
    }
    return identity;
}
