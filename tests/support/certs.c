/* Certificates for tests, by GnuTLS. */
#include "certs.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/abstract.h>

#include "notation.h"

/* ---- DER by hand, for names that GnuTLS would convert or refuse ------------------------- */

/* Text in which "\\0" stands for a zero byte. */
static void append_text(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (text[0] == '\\' && text[1] == '0') {
            buffer_u8(out, 0);
            text++;
        } else {
            buffer_u8(out, (uint8_t)*text);
        }
    }
}

static void append_address(struct buffer *out, const char *text)
{
    uint8_t address[16];
    bool v6 = strchr(text, ':') != NULL;

    if (inet_pton(v6 ? AF_INET6 : AF_INET, text, address) == 1) {
        buffer_append(out, address, v6 ? 16 : 4);
    }
}

static void append_name(struct buffer *out, const char *name)
{
    static const struct {
        const char *prefix;
        uint8_t tag;
        void (*append)(struct buffer *out, const char *text);
    } kinds[] = {
        {"email:", 0x81, append_text},     {"DNS:", 0x82, append_text},
        {"URI:", 0x86, append_text},       {"IP:", 0x87, append_address},
        {"RID:", 0x88, append_text},       {"dirName:", 0xa4, append_text},
        {"otherName:", 0xa0, append_text},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i].prefix);
        if (strncmp(name, kinds[i].prefix, length) == 0) {
            struct buffer content = {0};
            kinds[i].append(&content, name + length);
            notation_append_value(out, kinds[i].tag, &content);
            buffer_free(&content);
        }
    }
}

static int set_names(gnutls_x509_crt_t crt, const char *const *names)
{
    struct buffer list = {0}, value = {0};
    int result;

    for (; *names != NULL; names++) {
        append_name(&list, *names);
    }
    notation_append_value(&value, 0x30, &list);
    result = gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.17", value.data, value.length, 0);
    buffer_free(&list);
    buffer_free(&value);
    return result;
}

/* ---- parts ----------------------------------------------------------------------------- */

static int make_key(gnutls_x509_privkey_t key, enum cert_key kind)
{
    static const struct {
        gnutls_pk_algorithm_t algorithm;
        unsigned bits;
    } kinds[] = {
        [CERT_P256] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
        [CERT_P384] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1)},
        [CERT_P192] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP192R1)},
        [CERT_ED25519] = {GNUTLS_PK_EDDSA_ED25519, 0},
        [CERT_RSA] = {GNUTLS_PK_RSA, 2048},
        [CERT_RSA_1024] = {GNUTLS_PK_RSA, 1024},
        [CERT_RSA_PSS] = {GNUTLS_PK_RSA_PSS, 2048},
        [CERT_DSA_1024] = {GNUTLS_PK_DSA, 1024},
    };

    return gnutls_x509_privkey_generate(key, kinds[kind].algorithm, kinds[kind].bits, 0);
}

static int set_subject(gnutls_x509_crt_t crt, const struct cert_options *options)
{
    struct buffer name = {0};
    int result = 0;

    if (options->organization != NULL) {
        result = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, 0,
                                               options->organization,
                                               (unsigned)strlen(options->organization));
    }
    if (result >= 0 && options->common_name != NULL) {
        append_text(&name, options->common_name);
        result = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name.data,
                                               (unsigned)name.length);
    }
    buffer_free(&name);
    for (const struct cert_attribute *more = options->attributes;
         result >= 0 && more != NULL && more->oid != NULL; more++) {
        bool raw = more->der != NULL;
        result = gnutls_x509_crt_set_dn_by_oid(crt, more->oid, raw, raw ? more->der : more->text,
                                               (unsigned)(raw ? more->length : strlen(more->text)));
    }
    return result;
}

static int set_key_ids(const struct cert *cert, const struct cert *issuer)
{
    uint8_t id[64];
    size_t size = sizeof id;
    int result = gnutls_x509_crt_get_key_id(cert->crt, 0, id, &size);

    if (result >= 0) {
        result = gnutls_x509_crt_set_subject_key_id(cert->crt, id, size);
    }
    size = sizeof id;
    if (result >= 0) {
        result = gnutls_x509_crt_get_key_id(issuer->crt, 0, id, &size);
    }
    if (result >= 0 && issuer != cert) {
        result = gnutls_x509_crt_set_authority_key_id(cert->crt, id, size);
    }
    return result;
}

static int set_extension_list(gnutls_x509_crt_t crt, const struct cert_extension *list)
{
    int result = 0;

    for (; result >= 0 && list != NULL && list->oid != NULL; list++) {
        struct buffer value = {0};
        notation_append(&value, list->value);
        result = gnutls_x509_crt_set_extension_by_oid(crt, list->oid, value.data, value.length,
                                                      list->critical);
        buffer_free(&value);
    }
    return result;
}

static int set_extensions(const struct cert *cert, const struct cert_options *options)
{
    int result = 0;

    if (options->version == 1) {
        return 0;
    }
    result = gnutls_x509_crt_set_basic_constraints(cert->crt, options->ca, -1);
    if (result >= 0 && options->ca) {
        result = gnutls_x509_crt_set_key_usage(cert->crt,
                                               GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
    }
    if (result >= 0 && !options->without_key_ids) {
        result = set_key_ids(cert, options->issuer != NULL ? options->issuer : cert);
    }
    if (result >= 0 && options->names != NULL) {
        result = set_names(cert->crt, options->names);
    }
    if (result >= 0 && options->extension != NULL) {
        result = gnutls_x509_crt_set_extension_by_oid(
            cert->crt, options->extension, options->extension_value, options->extension_length, 0);
    }
    return result < 0 ? result : set_extension_list(cert->crt, options->extensions);
}

static int set_serial(const struct cert *cert, const struct cert_options *options)
{
    static uint8_t next[4] = {0x0a, 0, 0, 0};
    uint8_t serial[64];
    long length;

    if (options->serial == NULL) {
        next[3]++;
        return gnutls_x509_crt_set_serial(cert->crt, next, sizeof next);
    }
    length = text_unhex(serial, sizeof serial, options->serial, strlen(options->serial));
    return length < 0 ? GNUTLS_E_INVALID_REQUEST
                      : gnutls_x509_crt_set_serial(cert->crt, serial, (size_t)length);
}

static int set_fields(const struct cert *cert, const struct cert_options *options)
{
    int64_t from = options->not_before != 0 ? options->not_before : CERT_NOW - 30 * CERT_DAY;
    int64_t until = options->not_after != 0 ? options->not_after : CERT_NOW + 60 * CERT_DAY;
    int result =
        gnutls_x509_crt_set_version(cert->crt, (unsigned)(options->version ? options->version : 3));

    if (result >= 0) {
        result = set_serial(cert, options);
    }
    if (result >= 0) {
        result = gnutls_x509_crt_set_activation_time(cert->crt, (time_t)from);
    }
    if (result >= 0) {
        result = gnutls_x509_crt_set_expiration_time(cert->crt, (time_t)until);
    }
    if (result >= 0) {
        result = gnutls_x509_crt_set_key(cert->crt, cert->key);
    }
    if (result >= 0) {
        result = set_subject(cert->crt, options);
    }
    return result >= 0 ? set_extensions(cert, options) : result;
}

/* The issuer named in it is `issuer`, the key may be another's. Ed25519 comes with a hash. */
static int sign(const struct cert *cert, const struct cert_options *options)
{
    const struct cert *issuer = options->issuer != NULL ? options->issuer : cert;
    const struct cert *signer = options->signed_by != NULL ? options->signed_by : issuer;
    gnutls_digest_algorithm_t hash = options->hash;

    if (hash == 0) {
        int algorithm = gnutls_x509_privkey_get_pk_algorithm(signer->key);
        hash = algorithm == GNUTLS_PK_EDDSA_ED25519 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA256;
    }
    return gnutls_x509_crt_sign2(cert->crt, issuer->crt, signer->key, hash, 0);
}

/* Only what was exported and imported again is what others will see. What GnuTLS does not read
 * again is none of an issuer, but still a certificate to be judged. */
static int settle(struct cert *cert, bool break_signature)
{
    gnutls_datum_t der = {0};
    int result = gnutls_x509_crt_export2(cert->crt, GNUTLS_X509_FMT_DER, &der);

    if (result < 0) {
        return result;
    }
    if (break_signature) {
        der.data[der.size - 1] ^= 1;
    }
    cert->der = (uint8_t *)text_duplicate((const char *)der.data, der.size);
    cert->length = der.size;
    gnutls_x509_crt_deinit(cert->crt);
    cert->crt = NULL;
    result = gnutls_x509_crt_init(&cert->crt);
    if (result >= 0 && gnutls_x509_crt_import(cert->crt, &der, GNUTLS_X509_FMT_DER) < 0) {
        gnutls_x509_crt_deinit(cert->crt);
        cert->crt = NULL;
    }
    gnutls_free(der.data);
    return cert->der != NULL ? result : GNUTLS_E_MEMORY_ERROR;
}

struct cert *cert_make(const struct cert_options *options)
{
    struct cert *cert = calloc(1, sizeof *cert);
    int result = cert != NULL ? gnutls_x509_crt_init(&cert->crt) : GNUTLS_E_MEMORY_ERROR;

    if (result >= 0) {
        result = gnutls_x509_privkey_init(&cert->key);
    }
    if (result >= 0) {
        result = options->same_key_as != NULL
                     ? gnutls_x509_privkey_cpy(cert->key, options->same_key_as->key)
                     : make_key(cert->key, options->key);
    }
    if (result >= 0) {
        result = set_fields(cert, options);
    }
    if (result >= 0) {
        result = sign(cert, options);
    }
    if (result >= 0) {
        result = settle(cert, options->break_signature);
    }
    if (result < 0) {
        (void)fprintf(stderr, "certificate \"%s\": %s\n",
                      options->common_name != NULL ? options->common_name : "",
                      gnutls_strerror(result));
        cert_free(cert);
        return NULL;
    }
    return cert;
}

struct cert *cert_must(struct cert_options options)
{
    struct cert *cert = cert_make(&options);

    assert_non_null(cert);
    return cert;
}

void cert_free(struct cert *cert)
{
    if (cert == NULL) {
        return;
    }
    if (cert->crt != NULL) {
        gnutls_x509_crt_deinit(cert->crt);
    }
    if (cert->key != NULL) {
        gnutls_x509_privkey_deinit(cert->key);
    }
    free(cert->der);
    free(cert);
}

/* ---- files ----------------------------------------------------------------------------- */

void cert_append_pem(struct buffer *out, const struct cert *cert)
{
    gnutls_datum_t der = {cert->der, (unsigned)cert->length};
    gnutls_datum_t pem = {0};

    if (gnutls_pem_base64_encode2("CERTIFICATE", &der, &pem) < 0) {
        out->failed = true;
        return;
    }
    buffer_append(out, pem.data, pem.size);
    gnutls_free(pem.data);
}

static int write_file(const char *path, const struct buffer *content)
{
    struct err err = {0};
    int fd = file_create_private(path, "test file", true, &err);
    int result = -1;

    if (fd >= 0) {
        result = file_write_all(fd, content->data, content->length, "test file", &err);
        (void)close(fd); /* the test reads it: a loss shows there */
    }
    if (result != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
    }
    return result;
}

int cert_write(const char *path, const struct cert *const *certs)
{
    struct buffer pem = {0};
    int result;

    for (; *certs != NULL; certs++) {
        cert_append_pem(&pem, *certs);
    }
    result = pem.failed ? -1 : write_file(path, &pem);
    buffer_free(&pem);
    return result;
}

int cert_write_key(const char *path, const struct cert *cert)
{
    struct buffer content = {0};
    gnutls_datum_t pem = {0};
    int result = -1;

    if (gnutls_x509_privkey_export2(cert->key, GNUTLS_X509_FMT_PEM, &pem) >= 0) {
        buffer_append(&content, pem.data, pem.size);
        gnutls_free(pem.data);
        result = content.failed ? -1 : write_file(path, &content);
    }
    buffer_free(&content);
    return result;
}

const char *cert_write_scratch(char path[SCRATCH_PATH_MAX], const char *name,
                               const struct cert *const *certs)
{
    assert_int_equal(cert_write(scratch_path(path, name), certs), 0);
    return path;
}
