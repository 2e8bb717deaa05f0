/* A root and a server certificate, made with GnuTLS. */
#include "identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tlstep/base.h"

#define HOUR 3600
#define DAY  (24 * HOUR)

static int failed(const char *what, int status)
{
    (void)fprintf(stderr, "identity: %s: %s\n", what, gnutls_strerror(status));
    return -1;
}

static int make_key(gnutls_x509_privkey_t *key, enum identity_kind kind)
{
    int status = gnutls_x509_privkey_init(key);

    if (status != 0) {
        *key = NULL;
        return failed("key", status);
    }
    status = kind == IDENTITY_RSA
                 ? gnutls_x509_privkey_generate(*key, GNUTLS_PK_RSA, 2048, 0)
                 : gnutls_x509_privkey_generate(
                       *key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    return status == 0 ? 0 : failed("key", status);
}

static int set_alternative_names(gnutls_x509_crt_t certificate, const char *name)
{
    static const unsigned char v4[4] = {127, 0, 0, 1};
    static const unsigned char v6[16] = {[15] = 1};
    int status = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, "localhost",
                                                      9, GNUTLS_FSAN_SET);

    if (status == 0 && name != NULL) {
        status = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name,
                                                      (unsigned)strlen(name), GNUTLS_FSAN_APPEND);
    }
    if (status == 0) {
        status = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, v4,
                                                      sizeof v4, GNUTLS_FSAN_APPEND);
    }
    if (status == 0) {
        status = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, v6,
                                                      sizeof v6, GNUTLS_FSAN_APPEND);
    }
    return status;
}

/* What every certificate needs, before names and purposes. */
static int start_certificate(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key,
                             const char *subject, unsigned char serial)
{
    const unsigned char number[2] = {0x54, serial};
    time_t now = time(NULL);
    const char *where = NULL;
    int status = gnutls_x509_crt_set_version(certificate, 3);

    status = status != 0 ? status : gnutls_x509_crt_set_serial(certificate, number, sizeof number);
    status = status != 0 ? status : gnutls_x509_crt_set_activation_time(certificate, now - HOUR);
    status = status != 0 ? status : gnutls_x509_crt_set_expiration_time(certificate, now + DAY);
    status = status != 0 ? status : gnutls_x509_crt_set_key(certificate, key);
    return status != 0 ? status : gnutls_x509_crt_set_dn(certificate, subject, &where);
}

/* Signs. A certificate that was just signed answers wrongly until it has been exported and imported
 * again, so that is what is left in `*certificate`. */
static int finish_certificate(gnutls_x509_crt_t *certificate, gnutls_x509_crt_t issuer,
                              gnutls_x509_privkey_t issuer_key)
{
    gnutls_datum_t der = {NULL, 0};
    int status = gnutls_x509_crt_sign2(*certificate, issuer, issuer_key, GNUTLS_DIG_SHA256, 0);

    status =
        status != 0 ? status : gnutls_x509_crt_export2(*certificate, GNUTLS_X509_FMT_DER, &der);
    if (status == 0) {
        gnutls_x509_crt_deinit(*certificate);
        *certificate = NULL;
        status = gnutls_x509_crt_init(certificate);
    }
    status = status != 0 ? status : gnutls_x509_crt_import(*certificate, &der, GNUTLS_X509_FMT_DER);
    gnutls_free(der.data);
    return status;
}

static int make_root(gnutls_x509_crt_t *root, gnutls_x509_privkey_t key)
{
    int status = gnutls_x509_crt_init(root);

    status = status != 0 ? status : start_certificate(*root, key, "CN=tlstep test root", 1);
    status = status != 0 ? status : gnutls_x509_crt_set_basic_constraints(*root, 1, -1);
    status =
        status != 0
            ? status
            : gnutls_x509_crt_set_key_usage(*root, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
    return status != 0 ? status : finish_certificate(root, *root, key);
}

static int make_leaf(struct identity *identity, gnutls_x509_privkey_t root_key, const char *name)
{
    gnutls_x509_crt_t *leaf = &identity->certificate;
    int status = gnutls_x509_crt_init(leaf);

    status = status != 0 ? status : start_certificate(*leaf, identity->key, "CN=localhost", 2);
    status = status != 0 ? status : gnutls_x509_crt_set_basic_constraints(*leaf, 0, -1);
    status = status != 0 ? status
                         : gnutls_x509_crt_set_key_usage(*leaf, GNUTLS_KEY_DIGITAL_SIGNATURE |
                                                                    GNUTLS_KEY_KEY_ENCIPHERMENT);
    status = status != 0 ? status
                         : gnutls_x509_crt_set_key_purpose_oid(*leaf, GNUTLS_KP_TLS_WWW_SERVER, 0);
    status = status != 0 ? status : set_alternative_names(*leaf, name);
    return status != 0 ? status : finish_certificate(leaf, identity->root, root_key);
}

int identity_make(struct identity *identity, enum identity_kind kind, const char *name)
{
    gnutls_x509_privkey_t root_key = NULL;
    int status = 0;

    memset(identity, 0, sizeof *identity);
    if (make_key(&root_key, IDENTITY_ECDSA) != 0 || make_key(&identity->key, kind) != 0) {
        status = -1;
    } else {
        status = make_root(&identity->root, root_key);
        status = status != 0 ? status : make_leaf(identity, root_key, name);
        status = status != 0 ? failed("certificate", status) : 0;
    }
    gnutls_x509_privkey_deinit(root_key);
    if (status != 0) {
        identity_free(identity);
    }
    return status;
}

void identity_free(struct identity *identity)
{
    gnutls_x509_crt_deinit(identity->root);
    gnutls_x509_crt_deinit(identity->certificate);
    gnutls_x509_privkey_deinit(identity->key);
    memset(identity, 0, sizeof *identity);
}

static int write_file(const char *folder, const char *name, const gnutls_datum_t *pem)
{
    char *path = text_format("%s/%s", folder, name);
    struct err err = {0};
    int status = -1;
    int fd;

    if (path == NULL) {
        return -1;
    }
    fd = file_create_private(path, "test file", false, &err);
    if (fd >= 0) {
        status = file_write_all(fd, pem->data, pem->size, "test file", &err);
        status = close(fd) == 0 ? status : -1;
    }
    if (status != 0) {
        (void)fprintf(stderr, "identity: %s: %s\n", path, err.text);
    }
    free(path);
    return status;
}

static int write_certificate(gnutls_x509_crt_t certificate, const char *folder, const char *name)
{
    gnutls_datum_t pem;
    int status = gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem);

    if (status != 0) {
        return failed(name, status);
    }
    status = write_file(folder, name, &pem);
    gnutls_free(pem.data);
    return status;
}

int identity_write(const struct identity *identity, const char *folder)
{
    gnutls_datum_t pem;
    int status;

    if (write_certificate(identity->root, folder, "root.pem") != 0 ||
        write_certificate(identity->certificate, folder, "certificate.pem") != 0) {
        return -1;
    }
    status = gnutls_x509_privkey_export2_pkcs8(identity->key, GNUTLS_X509_FMT_PEM, NULL,
                                               GNUTLS_PKCS_PLAIN, &pem);
    if (status != 0) {
        return failed("key.pem", status);
    }
    status = write_file(folder, "key.pem", &pem);
    gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    return status;
}
