/* Certificates are made here: each part of one has a function, and each is 0 or an error of GnuTLS. */
#include "issue.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509-ext.h>

#include "der.h"

#define SERIAL_BYTES   16
#define KEY_ID_BYTES   20
#define NO_PATH_LENGTH (-1)

void lab_issued_free(struct lab_issued *issued)
{
    if (issued->certificate != NULL) {
        gnutls_x509_crt_deinit(issued->certificate);
    }
    if (issued->key != NULL) {
        gnutls_x509_privkey_deinit(issued->key); /* wipes it */
    }
    *issued = (struct lab_issued){0};
}

int lab_issue_fail(int status, struct err *err)
{
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "making the lab's certificates");
    }
    return err_set(err, ERR_TLS, "lab_failed", "cannot make the lab's certificates: %s",
                   gnutls_strerror(status));
}

/* ---- names ------------------------------------------------------------------------------------ */

static int set_name(gnutls_x509_crt_t crt, const char *oid, const char *value)
{
    return gnutls_x509_crt_set_dn_by_oid(crt, oid, 0, value, (unsigned)strlen(value));
}

/* Attribute by attribute, as its DER, so that kinds of strings stay what they are. */
static int copy_subject(gnutls_x509_crt_t crt, gnutls_x509_crt_t from)
{
    for (unsigned i = 0;; i++) {
        char oid[80], value[1024];
        size_t oid_size = sizeof oid, value_size = sizeof value;
        unsigned before = 0;
        int status = gnutls_x509_crt_get_dn_oid(from, i, oid, &oid_size);
        if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return 0;
        }
        for (unsigned k = 0; k < i && status >= 0; k++) {
            char other[sizeof oid];
            size_t other_size = sizeof other;
            status = gnutls_x509_crt_get_dn_oid(from, k, other, &other_size);
            before += status >= 0 && strcmp(other, oid) == 0;
        }
        if (status < 0 ||
            (status = gnutls_x509_crt_get_dn_by_oid(from, oid, before, 1, value, &value_size)) <
                0 ||
            (status = gnutls_x509_crt_set_dn_by_oid(crt, oid, 1, value, (unsigned)value_size)) <
                0) {
            return status;
        }
    }
}

static int set_subject(gnutls_x509_crt_t crt, const struct lab_plan *plan)
{
    int status;

    if (plan->subject_of != NULL) {
        return copy_subject(crt, plan->subject_of);
    }
    status = set_name(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, "tlstep lab");
    return status < 0 ? status : set_name(crt, GNUTLS_OID_X520_COMMON_NAME, plan->common_name);
}

/* GeneralName (RFC 5280 4.2.1.6): iPAddress [7] for what reads as one, else dNSName [2]. */
static void put_general_name(struct buffer *out, const char *name)
{
    uint8_t address[sizeof(struct in6_addr)];

    if (inet_pton(AF_INET, name, address) == 1) {
        lab_der_put(out, DER_CONTEXT(7), address, sizeof(struct in_addr));
    } else if (inet_pton(AF_INET6, name, address) == 1) {
        lab_der_put(out, DER_CONTEXT(7), address, sizeof(struct in6_addr));
    } else {
        lab_der_put(out, DER_CONTEXT(2), name, strlen(name));
    }
}

/* Written at once: GnuTLS's own function reads and writes all names again for each new one. */
static int set_alternative_names(gnutls_x509_crt_t crt, const struct lab_plan *plan)
{
    struct buffer names = {0};
    int status = GNUTLS_E_MEMORY_ERROR;

    if (plan->names_der.length > 0) {
        return gnutls_x509_crt_set_extension_by_oid(crt, GNUTLS_X509EXT_OID_SAN,
                                                    plan->names_der.data, plan->names_der.length,
                                                    plan->names_critical);
    }
    if (plan->name_count + plan->filler == 0) {
        return 0;
    }
    for (size_t i = 0; i < plan->name_count; i++) {
        put_general_name(&names, plan->names[i]);
    }
    for (size_t i = 0; i < plan->filler; i++) {
        char name[60];
        (void)snprintf(name, sizeof name, "n%04zu.filler.lab.tlstep.test", i);
        put_general_name(&names, name);
    }
    lab_der_wrap(&names, 0, DER_SEQUENCE);
    if (!names.failed) {
        status = gnutls_x509_crt_set_extension_by_oid(crt, GNUTLS_X509EXT_OID_SAN, names.data,
                                                      names.length, 0);
    }
    buffer_free(&names);
    return status;
}

/* ---- the other parts -------------------------------------------------------------------------- */

/* RFC 5280 4.1.2.2: positive, not longer than 20 bytes. */
static int set_serial(gnutls_x509_crt_t crt)
{
    uint8_t serial[SERIAL_BYTES];
    int status = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);

    serial[0] = (serial[0] & 0x7f) | 0x40;
    return status < 0 ? status : gnutls_x509_crt_set_serial(crt, serial, sizeof serial);
}

static int set_validity(gnutls_x509_crt_t crt, const struct lab_plan *plan)
{
    int status = gnutls_x509_crt_set_activation_time(crt, (time_t)plan->from);

    return status < 0 ? status : gnutls_x509_crt_set_expiration_time(crt, (time_t)plan->until);
}

/* RFC 5280 4.2.1.1 and 4.2.1.2: the key's own identifier, and the issuer's. */
static int set_key_ids(gnutls_x509_crt_t crt, const struct lab_plan *plan)
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

/* RFC 5280 4.2.1.10. */
static int set_permitted(gnutls_x509_crt_t crt, const char *domain)
{
    gnutls_datum_t name = {(unsigned char *)(uintptr_t)domain, (unsigned)strlen(domain)};
    gnutls_x509_name_constraints_t constraints;
    int status = gnutls_x509_name_constraints_init(&constraints);

    if (status < 0) {
        return status;
    }
    status = gnutls_x509_name_constraints_add_permitted(constraints, GNUTLS_SAN_DNSNAME, &name);
    if (status >= 0) {
        status = gnutls_x509_crt_set_name_constraints(crt, constraints, 1);
    }
    gnutls_x509_name_constraints_deinit(constraints);
    return status;
}

/* RFC 7633: status_request has to be in the server's answer. */
static int set_must_staple(gnutls_x509_crt_t crt)
{
    enum { STATUS_REQUEST = 5 };
    gnutls_x509_tlsfeatures_t features;
    int status = gnutls_x509_tlsfeatures_init(&features);

    if (status < 0) {
        return status;
    }
    status = gnutls_x509_tlsfeatures_add(features, STATUS_REQUEST);
    if (status >= 0) {
        status = gnutls_x509_crt_set_tlsfeatures(crt, features);
    }
    gnutls_x509_tlsfeatures_deinit(features);
    return status;
}

/* An RSA key may also be what a premaster secret is encrypted for (RFC 5246 7.4.2). */
static unsigned usual_key_usage(const struct lab_plan *plan, gnutls_x509_privkey_t key)
{
    if (plan->is_ca) {
        return GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN;
    }
    return gnutls_x509_privkey_get_pk_algorithm(key) == GNUTLS_PK_RSA
               ? GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT
               : GNUTLS_KEY_DIGITAL_SIGNATURE;
}

static int set_extensions(gnutls_x509_crt_t crt, const struct lab_plan *plan,
                          gnutls_x509_privkey_t key)
{
    const char *purpose = plan->purpose != NULL ? plan->purpose
                          : plan->is_ca         ? NULL
                                                : GNUTLS_KP_TLS_WWW_SERVER;
    int path_length = plan->has_path_length ? (int)plan->path_length : NO_PATH_LENGTH;
    int status = gnutls_x509_crt_set_basic_constraints(crt, plan->is_ca, path_length);

    if (status >= 0) {
        status = gnutls_x509_crt_set_key_usage(
            crt, plan->key_usage != 0 ? plan->key_usage : usual_key_usage(plan, key));
    }
    if (status >= 0 && purpose != NULL) {
        status = gnutls_x509_crt_set_key_purpose_oid(crt, purpose, 0);
    }
    if (status >= 0 && plan->permitted != NULL) {
        status = set_permitted(crt, plan->permitted);
    }
    if (status >= 0 && plan->must_staple) {
        status = set_must_staple(crt);
    }
    if (status >= 0) {
        status = set_alternative_names(crt, plan);
    }
    return status < 0 ? status : set_key_ids(crt, plan);
}

/* ---- keys ------------------------------------------------------------------------------------- */

static const struct {
    gnutls_pk_algorithm_t algorithm;
    unsigned bits;
} keys[] = {
    [LAB_KEY_P256] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
    [LAB_KEY_RSA] = {GNUTLS_PK_RSA, 2048},
    [LAB_KEY_RSA_1024] = {GNUTLS_PK_RSA, 1024},
};

int lab_key_make(enum lab_key kind, gnutls_x509_privkey_t *key)
{
    int status = gnutls_x509_privkey_init(key);

    if (status < 0) {
        *key = NULL;
        return status;
    }
    status = gnutls_x509_privkey_generate(*key, keys[kind].algorithm, keys[kind].bits, 0);
    if (status < 0) {
        gnutls_x509_privkey_deinit(*key);
        *key = NULL;
    }
    return status;
}

static int choose_key(const struct lab_plan *plan, gnutls_x509_privkey_t *key)
{
    int status;

    if (plan->key_of == NULL) {
        return lab_key_make(plan->key, key);
    }
    status = gnutls_x509_privkey_init(key);
    if (status < 0) {
        *key = NULL;
        return status;
    }
    return gnutls_x509_privkey_cpy(*key, plan->key_of);
}

/* ---- issuing ---------------------------------------------------------------------------------- */

static int fill(gnutls_x509_crt_t crt, const struct lab_plan *plan, gnutls_x509_privkey_t key)
{
    int status = gnutls_x509_crt_set_version(crt, 3);

    if (status < 0 || (status = set_serial(crt)) < 0 || (status = set_subject(crt, plan)) < 0 ||
        (status = set_validity(crt, plan)) < 0 ||
        (status = gnutls_x509_crt_set_key(crt, key)) < 0) {
        return status;
    }
    return set_extensions(crt, plan, key);
}

/* A certificate that was just signed still answers as it did before: only one that is read again
 * knows its issuer (measured with GnuTLS 3.7.9). The last bit of a certificate is its signature's. */
static int reread(gnutls_x509_crt_t *crt, bool spoiled)
{
    gnutls_datum_t der = {0};
    int status = gnutls_x509_crt_export2(*crt, GNUTLS_X509_FMT_DER, &der);

    if (status < 0) {
        return status;
    }
    der.data[der.size - 1] ^= spoiled;
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

static int make(const struct lab_plan *plan, struct lab_issued *out)
{
    const struct lab_issued *issuer = plan->issuer != NULL ? plan->issuer : out;
    int status = choose_key(plan, &out->key);

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
                                   plan->sha1 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256, 0);
    return status < 0 ? status : reread(&out->certificate, plan->spoiled);
}

int lab_issue(const struct lab_plan *plan, struct lab_issued *out)
{
    int status;

    *out = (struct lab_issued){0};
    status = make(plan, out);
    if (status < 0) {
        lab_issued_free(out);
        return status;
    }
    return 0;
}
