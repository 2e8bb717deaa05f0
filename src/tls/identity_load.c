/* The user's own certificate and key, from the files of --cert and --key. */
#include <stdlib.h>
#include <string.h>

#include <gnutls/x509.h>

#include "identity.h"

#define KEY_FILE_MAX ((size_t)1 << 20)

static int fail_key(struct err *err, const char *option, const char *file, const char *why)
{
    char shown[200];

    return err_set(err, ERR_FILE, "bad_identity", "%s %s: %s", option,
                   text_safe(shown, sizeof shown, file, strlen(file)), why);
}

/* ---- the key ---------------------------------------------------------------------------------- */

/* PEM first: what DER is to it is cheap to refuse. */
static int parse_key(gnutls_x509_privkey_t key, const struct buffer *file)
{
    const gnutls_datum_t data = {file->data, (unsigned)file->length};
    int status = gnutls_x509_privkey_import2(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);

    if (status == GNUTLS_E_DECRYPTION_FAILED || status >= 0) {
        return status;
    }
    return gnutls_x509_privkey_import2(key, &data, GNUTLS_X509_FMT_DER, NULL, 0) >= 0 ? 0 : status;
}

/* As DER that GnuTLS allocates, secret. */
static int reread_key(const struct buffer *file, gnutls_datum_t *der)
{
    gnutls_x509_privkey_t key;
    int status = gnutls_x509_privkey_init(&key);

    if (status < 0) {
        return status;
    }
    status = parse_key(key, file);
    if (status >= 0) {
        status = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_DER, NULL,
                                                   GNUTLS_PKCS_PLAIN, der);
    }
    gnutls_x509_privkey_deinit(key);
    return status;
}

static int load_key(const char *option, const char *path, gnutls_datum_t *der, struct err *err)
{
    struct buffer file = {.secret = true};
    int status;

    if (file_read(path, "key file", KEY_FILE_MAX, &file, err) != 0) {
        buffer_wipe_free(&file);
        return err_prefix(err, "%s", option);
    }
    status = reread_key(&file, der);
    buffer_wipe_free(&file);
    if (status >= 0) {
        return 0;
    }
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "reading the key");
    }
    if (status == GNUTLS_E_DECRYPTION_FAILED) {
        return fail_key(err, option, path,
                        "the key is encrypted; \"openssl pkey -in FILE -out PLAIN\" takes the "
                        "password off");
    }
    return fail_key(err, option, path,
                    strcmp(option, "--cert") == 0
                        ? "there is no private key in it; --key names the file that has it"
                        : "there is no private key in it (PEM or DER)");
}

/* ---- certificate and key ------------------------------------------------------------------------ */

static struct tls_identity *join(const char *cert_file, const struct pki_slice *chain,
                                 size_t chain_length, const gnutls_datum_t *key, struct err *err)
{
    const struct tls_identity_part part = {
        .chain = chain, .chain_length = chain_length, .key = {key->data, key->size}};
    struct tls_identity *identity;
    int status = tls_identity_make(&identity, &part, 1);

    if (status == GNUTLS_E_MEMORY_ERROR) {
        (void)err_memory(err, "reading certificates and keys"); /* NULL says it */
    } else if (status == GNUTLS_E_CERTIFICATE_KEY_MISMATCH) {
        (void)fail_key(err, "--cert", cert_file, /* NULL says it */
                       "the private key is not that of its first certificate");
    } else if (status < 0) {
        (void)fail_key(err, "--cert", cert_file, gnutls_strerror(status)); /* NULL says it */
    }
    return identity;
}

static struct tls_identity *load(const struct pki_bundle *bundle, const char *cert_file,
                                 const char *key_file, struct err *err)
{
    size_t count = pki_bundle_count(bundle);
    struct pki_slice *chain = calloc(count, sizeof *chain);
    struct tls_identity *identity = NULL;
    gnutls_datum_t key = {0};

    if (chain == NULL) {
        (void)err_memory(err, "reading certificates and keys"); /* NULL says it */
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        chain[i] = pki_bundle_der(bundle, i);
    }
    if (load_key(key_file != NULL ? "--key" : "--cert", key_file != NULL ? key_file : cert_file,
                 &key, err) == 0) {
        identity = join(cert_file, chain, count, &key, err);
        secret_wipe(key.data, key.size);
        gnutls_free(key.data);
    }
    free(chain);
    return identity;
}

struct tls_identity *tls_identity_load(const char *cert_file, const char *key_file, struct err *err)
{
    struct pki_bundle *bundle = pki_bundle_new(err);
    struct tls_identity *identity = NULL;

    if (bundle == NULL) {
        return NULL;
    }
    if (pki_bundle_add(bundle, cert_file, NULL, err) != 0) {
        (void)err_prefix(err, "--cert"); /* NULL says it */
    } else if (pki_bundle_count(bundle) == 0) {
        (void)fail_key(err, "--cert", cert_file, "there is no certificate in it"); /* likewise */
    } else {
        identity = load(bundle, cert_file, key_file, err);
    }
    pki_bundle_free(bundle);
    return identity;
}
