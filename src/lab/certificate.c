/*
 * root → intermediate → leaf. Each certificate is a plan, and issue() carries plans out; what a
 * scenario changes is in the plan of its leaf.
 */
#include "certificate.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#define DAY            86400
#define SERIAL_BYTES   16
#define KEY_ID_BYTES   20
#define NO_PATH_LENGTH (-1)

struct issued {
    gnutls_x509_crt_t certificate;
    gnutls_x509_privkey_t key;
};

struct plan {
    const char *common_name;
    const struct issued *issuer; /* NULL: signs itself */
    int from_days, until_days;   /* from now */
    bool is_ca;
    int path_length;      /* of a CA */
    const char *dns_name; /* of a leaf */
    bool loopback_names;  /* of a leaf: localhost and 127.0.0.1 as well */
};

static void issued_free(struct issued *issued)
{
    if (issued->certificate != NULL) {
        gnutls_x509_crt_deinit(issued->certificate);
    }
    if (issued->key != NULL) {
        gnutls_x509_privkey_deinit(issued->key); /* wipes it */
    }
    *issued = (struct issued){0};
}

static int fail(int status, struct err *err)
{
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "making the lab's certificates");
    }
    return err_set(err, ERR_TLS, "lab_failed", "cannot make the lab's certificates: %s",
                   gnutls_strerror(status));
}

/* ---- the parts of a certificate, each 0 or an error of GnuTLS ---------------------------- */

/* RFC 5280 4.1.2.2: positive, not longer than 20 bytes. */
static int set_serial(gnutls_x509_crt_t crt)
{
    uint8_t serial[SERIAL_BYTES];
    int status = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);

    serial[0] = (serial[0] & 0x7f) | 0x40;
    return status < 0 ? status : gnutls_x509_crt_set_serial(crt, serial, sizeof serial);
}

static int set_subject(gnutls_x509_crt_t crt, const struct plan *plan)
{
    int status = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, 0,
                                               "tlstep lab", (unsigned)strlen("tlstep lab"));

    return status < 0 ? status
                      : gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
                                                      plan->common_name,
                                                      (unsigned)strlen(plan->common_name));
}

static int set_validity(gnutls_x509_crt_t crt, const struct plan *plan)
{
    time_t now = time(NULL);
    int status = gnutls_x509_crt_set_activation_time(crt, now + (time_t)plan->from_days * DAY);

    return status < 0
               ? status
               : gnutls_x509_crt_set_expiration_time(crt, now + (time_t)plan->until_days * DAY);
}

/* RFC 5280 4.2.1.1 and 4.2.1.2: the issuer's key identifier, and the key's own. */
static int set_key_ids(gnutls_x509_crt_t crt, const struct plan *plan)
{
    uint8_t id[KEY_ID_BYTES];
    size_t size = sizeof id;
    int status = gnutls_x509_crt_get_key_id(crt, 0, id, &size);

    if (status < 0 || (status = gnutls_x509_crt_set_subject_key_id(crt, id, size)) < 0) {
        return status;
    }
    if (plan->issuer == NULL) {
        return 0;
    }
    size = sizeof id;
    status = gnutls_x509_crt_get_subject_key_id(plan->issuer->certificate, id, &size, NULL);
    return status < 0 ? status : gnutls_x509_crt_set_authority_key_id(crt, id, size);
}

static int set_ca_extensions(gnutls_x509_crt_t crt, const struct plan *plan)
{
    int status = gnutls_x509_crt_set_basic_constraints(crt, 1, plan->path_length);

    return status < 0
               ? status
               : gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
}

static int add_name(gnutls_x509_crt_t crt, gnutls_x509_subject_alt_name_t type, const void *name,
                    size_t length)
{
    return gnutls_x509_crt_set_subject_alt_name(crt, type, name, (unsigned)length,
                                                GNUTLS_FSAN_APPEND);
}

static int set_leaf_names(gnutls_x509_crt_t crt, const struct plan *plan)
{
    struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};
    int status = add_name(crt, GNUTLS_SAN_DNSNAME, plan->dns_name, strlen(plan->dns_name));

    if (status < 0 || !plan->loopback_names) {
        return status;
    }
    status = add_name(crt, GNUTLS_SAN_DNSNAME, "localhost", strlen("localhost"));
    return status < 0
               ? status
               : add_name(crt, GNUTLS_SAN_IPADDRESS, &loopback.s_addr, sizeof loopback.s_addr);
}

static int set_leaf_extensions(gnutls_x509_crt_t crt, const struct plan *plan)
{
    int status = gnutls_x509_crt_set_basic_constraints(crt, 0, NO_PATH_LENGTH);

    if (status < 0 ||
        (status = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE)) < 0 ||
        (status = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0)) < 0) {
        return status;
    }
    return set_leaf_names(crt, plan);
}

/* ---- issuing ----------------------------------------------------------------------------- */

static int make_key(gnutls_x509_privkey_t *key)
{
    int status = gnutls_x509_privkey_init(key);

    if (status < 0) {
        *key = NULL;
        return status;
    }
    return gnutls_x509_privkey_generate(*key, GNUTLS_PK_ECDSA,
                                        GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
}

static int fill(gnutls_x509_crt_t crt, const struct plan *plan, gnutls_x509_privkey_t key)
{
    int status = gnutls_x509_crt_set_version(crt, 3);

    if (status < 0 || (status = set_serial(crt)) < 0 || (status = set_subject(crt, plan)) < 0 ||
        (status = set_validity(crt, plan)) < 0 ||
        (status = gnutls_x509_crt_set_key(crt, key)) < 0) {
        return status;
    }
    status = plan->is_ca ? set_ca_extensions(crt, plan) : set_leaf_extensions(crt, plan);
    return status < 0 ? status : set_key_ids(crt, plan);
}

/* A certificate that was just signed still answers as it did before: only one that is read again
 * knows its issuer (measured with GnuTLS 3.7.9). */
static int reread(gnutls_x509_crt_t *crt)
{
    gnutls_datum_t der = {0};
    int status = gnutls_x509_crt_export2(*crt, GNUTLS_X509_FMT_DER, &der);

    if (status < 0) {
        return status;
    }
    gnutls_x509_crt_deinit(*crt);
    *crt = NULL;
    status = gnutls_x509_crt_init(crt);
    if (status < 0) {
        *crt = NULL;
    } else {
        status = gnutls_x509_crt_import(*crt, &der, GNUTLS_X509_FMT_DER);
    }
    gnutls_free(der.data);
    return status;
}

/* On failure what is in `out` is to be freed all the same. */
static int issue(const struct plan *plan, struct issued *out)
{
    const struct issued *issuer = plan->issuer != NULL ? plan->issuer : out;
    int status = make_key(&out->key);

    if (status < 0) {
        return status;
    }
    status = gnutls_x509_crt_init(&out->certificate);
    if (status < 0) {
        out->certificate = NULL;
        return status;
    }
    status = fill(out->certificate, plan, out->key);
    if (status < 0) {
        return status;
    }
    status = gnutls_x509_crt_sign2(out->certificate, issuer->certificate, issuer->key,
                                   GNUTLS_DIG_SHA256, 0);
    return status < 0 ? status : reread(&out->certificate);
}

/* ---- a server's identity ----------------------------------------------------------------- */

enum { LEAF, INTERMEDIATE, SIGNING_ROOT, TRUSTED_ROOT, ISSUED_COUNT };

static int issue_all(struct issued *issued, const struct lab_scenario *scenario)
{
    const struct lab_recipe *recipe = scenario->recipe;
    bool usual_days = recipe->leaf_from_days == 0 && recipe->leaf_until_days == 0;
    const char *name = recipe->leaf_name != NULL ? recipe->leaf_name : scenario->hostname;
    const struct plan trusted = {
        .common_name = "tlstep lab root",
        .from_days = -400,
        .until_days = 3650,
        .is_ca = true,
        .path_length = NO_PATH_LENGTH,
    };
    struct plan foreign = trusted;
    const struct plan intermediate = {
        .common_name = "tlstep lab intermediate",
        .issuer = &issued[SIGNING_ROOT],
        .from_days = -200,
        .until_days = 1825,
        .is_ca = true,
        .path_length = 0,
    };
    const struct plan leaf = {
        .common_name = name,
        .issuer = &issued[INTERMEDIATE],
        .from_days = usual_days ? -7 : recipe->leaf_from_days,
        .until_days = usual_days ? 83 : recipe->leaf_until_days,
        .dns_name = name,
        .loopback_names = recipe->leaf_name == NULL,
    };
    int status;

    foreign.common_name = "root that nobody trusts";
    if (recipe->foreign_root && (status = issue(&trusted, &issued[TRUSTED_ROOT])) < 0) {
        return status;
    }
    status = issue(recipe->foreign_root ? &foreign : &trusted, &issued[SIGNING_ROOT]);
    if (status < 0 || (status = issue(&intermediate, &issued[INTERMEDIATE])) < 0) {
        return status;
    }
    return issue(&leaf, &issued[LEAF]);
}

/* What the server presents: the leaf and what a client needs to reach a root; the root itself only
 * when it could not know it. */
static int make_credentials(struct lab_identity *identity, struct issued *issued, bool send_root)
{
    gnutls_x509_crt_t chain[] = {
        issued[LEAF].certificate,
        issued[INTERMEDIATE].certificate,
        issued[SIGNING_ROOT].certificate,
    };
    int status = gnutls_certificate_allocate_credentials(&identity->credentials);

    if (status < 0) {
        identity->credentials = NULL;
        return status;
    }
    return gnutls_certificate_set_x509_key(identity->credentials, chain, send_root ? 3 : 2,
                                           issued[LEAF].key);
}

int lab_identity_make(struct lab_identity *identity, const struct lab_scenario *scenario,
                      struct err *err)
{
    struct issued issued[ISSUED_COUNT] = {0};
    bool foreign = scenario->recipe->foreign_root;
    int status;

    *identity = (struct lab_identity){0};
    status = issue_all(issued, scenario);
    if (status >= 0) {
        status = make_credentials(identity, issued, foreign);
    }
    if (status >= 0) {
        status = gnutls_x509_crt_export2(issued[foreign ? TRUSTED_ROOT : SIGNING_ROOT].certificate,
                                         GNUTLS_X509_FMT_DER, &identity->root);
    }
    for (size_t i = 0; i < ISSUED_COUNT; i++) {
        issued_free(&issued[i]);
    }
    if (status < 0) {
        lab_identity_free(identity);
        return fail(status, err);
    }
    return 0;
}

void lab_identity_free(struct lab_identity *identity)
{
    if (identity->credentials != NULL) {
        gnutls_certificate_free_credentials(identity->credentials);
    }
    gnutls_free(identity->root.data);
    *identity = (struct lab_identity){0};
}
