/*
 * The CA of the state folder: one PEM file with the root, its key, the intermediate, its key. It is made once and never
 * replaced: people have imported its root. What is not as it was written is refused, not mended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "ca.h"

#define FILE_NAME "lab-ca.pem"
#define WHAT      "the lab's CA"
/* Four blocks of less than 1 kB. */
#define FILE_MAX ((size_t)64 * 1024)

static int refuse(struct err *err, const char *path, const char *why)
{
    char shown[300];

    return err_set(err, ERR_FILE, "bad_lab_ca",
                   "cannot use the lab's CA in %s: %s (when the file is gone a new one is made, "
                   "whose root has to be imported again)",
                   text_safe(shown, sizeof shown, path, strlen(path)), why);
}

/* ---- writing -------------------------------------------------------------------------------- */

static int append_half(struct buffer *out, const struct lab_issued *half)
{
    gnutls_datum_t der = {0};
    int status = gnutls_x509_crt_export2(half->certificate, GNUTLS_X509_FMT_DER, &der);

    if (status < 0) {
        return status;
    }
    pki_pem_append(out, (struct pki_slice){der.data, der.size}, "CERTIFICATE");
    gnutls_free(der.data);
    status = gnutls_x509_privkey_export2_pkcs8(half->key, GNUTLS_X509_FMT_DER, NULL,
                                               GNUTLS_PKCS_PLAIN, &der);
    if (status < 0) {
        return status;
    }
    pki_pem_append(out, (struct pki_slice){der.data, der.size}, "PRIVATE KEY");
    secret_wipe(der.data, der.size);
    gnutls_free(der.data);
    return out->failed ? GNUTLS_E_MEMORY_ERROR : 0;
}

#define UNIQUE_SIZE 9

/* Eight hexadecimal digits. 0 or an error of GnuTLS. */
static int make_unique(char out[UNIQUE_SIZE])
{
    uint8_t random[(UNIQUE_SIZE - 1) / 2];
    int status = gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof random);

    (void)text_hex(out, UNIQUE_SIZE, random, sizeof random);
    return status;
}

/* Puts the file there whole unless another process was faster: 1 then. */
static int publish(const char *path, const struct buffer *content, struct err *err)
{
    char unique[UNIQUE_SIZE];
    char *beside = make_unique(unique) < 0 ? NULL : text_format("%s.%s", path, unique);
    int status;

    if (beside == NULL) {
        return err_memory(err, "keeping the lab's CA");
    }
    status = file_replace_private(beside, WHAT, content->data, content->length, err);
    if (status == 0) {
        status = link(beside, path) == 0 ? 0 : errno == EEXIST ? 1 : -1;
        if (status < 0) {
            (void)err_set(err, ERR_FILE, "file", "cannot write " WHAT ": %s", strerror(errno));
        }
        (void)unlink(beside); /* a second name, or of no use */
    }
    free(beside);
    return status;
}

/* Roots of several machines may meet in one browser: each has a name of its own. */
static struct lab_ca *make_with_own_name(struct err *err)
{
    char unique[UNIQUE_SIZE], name[60];
    int status = make_unique(unique);

    if (status < 0) {
        (void)lab_issue_fail(status, err); /* NULL says it */
        return NULL;
    }
    (void)snprintf(name, sizeof name, "tlstep lab root %s", unique);
    return lab_ca_make(name, err);
}

/* 0 and the CA; 1 when there is one now that another process has made; -1. */
static int create(const char *path, struct lab_ca **ca, struct err *err)
{
    struct buffer content = {.secret = true};
    int status;

    *ca = make_with_own_name(err);
    if (*ca == NULL) {
        return -1;
    }
    buffer_text(&content, "The certification authority of tlstep's lab. Whoever has these keys can "
                          "be any server\nto those who trust its root.\n");
    status = append_half(&content, &(*ca)->root);
    if (status >= 0) {
        status = append_half(&content, &(*ca)->intermediate);
    }
    status = status < 0 ? lab_issue_fail(status, err) : publish(path, &content, err);
    buffer_wipe_free(&content);
    if (status != 0) {
        lab_ca_release(*ca);
        *ca = NULL;
    }
    return status;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* The next block of this kind. NULL: there is none. `*at` moves behind its first line. */
static bool next_block(const char **at, const char *label, gnutls_datum_t *rest)
{
    const char *block = strstr(*at, label);

    if (block == NULL) {
        return false;
    }
    *rest = (gnutls_datum_t){(unsigned char *)(uintptr_t)block, (unsigned)strlen(block)};
    *at = block + strlen(label);
    return true;
}

static int parse_half(const char **at, struct lab_issued *half)
{
    gnutls_datum_t pem;
    int status = gnutls_x509_crt_init(&half->certificate);

    if (status < 0) {
        half->certificate = NULL;
        return status;
    }
    status = gnutls_x509_privkey_init(&half->key);
    if (status < 0) {
        half->key = NULL;
        return status;
    }
    if (!next_block(at, "-----BEGIN CERTIFICATE-----", &pem)) {
        return GNUTLS_E_NO_CERTIFICATE_FOUND;
    }
    status = gnutls_x509_crt_import(half->certificate, &pem, GNUTLS_X509_FMT_PEM);
    if (status < 0) {
        return status;
    }
    if (!next_block(at, "-----BEGIN PRIVATE KEY-----", &pem)) {
        return GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
    }
    return gnutls_x509_privkey_import(half->key, &pem, GNUTLS_X509_FMT_PEM);
}

static bool is_pair(const struct lab_issued *half)
{
    uint8_t ours[32], keys[32];
    size_t our_size = sizeof ours, key_size = sizeof keys;

    return gnutls_x509_crt_get_key_id(half->certificate, GNUTLS_KEYID_USE_SHA256, ours,
                                      &our_size) == 0 &&
           gnutls_x509_privkey_get_key_id(half->key, GNUTLS_KEYID_USE_SHA256, keys, &key_size) ==
               0 &&
           our_size == key_size && memcmp(ours, keys, our_size) == 0;
}

/* Signature, dates and CA flag: GnuTLS looks at all of them. */
static bool is_issued_by(const struct lab_issued *half, const struct lab_issued *issuer)
{
    unsigned verdict = 0;

    return gnutls_x509_crt_get_ca_status(half->certificate, NULL) > 0 &&
           gnutls_x509_crt_verify(half->certificate, &issuer->certificate, 1, 0, &verdict) == 0 &&
           verdict == 0;
}

static const char *parse(const char *text, struct lab_issued *root, struct lab_issued *intermediate)
{
    const char *at = text;
    int status = parse_half(&at, root);

    if (status >= 0) {
        status = parse_half(&at, intermediate);
    }
    if (status < 0) {
        return gnutls_strerror(status);
    }
    if (!is_pair(root) || !is_pair(intermediate)) {
        return "a private key in it is not that of its certificate";
    }
    if (!is_issued_by(root, root) || !is_issued_by(intermediate, root)) {
        return "its certificates are not valid, or not a root and an intermediate";
    }
    return NULL;
}

/* Keys that others may have read or written are nobody's any more. NULL: all is well. */
static const char *complain_about(const struct stat *status)
{
    if (!S_ISREG(status->st_mode)) {
        return "it is not a file";
    }
    if (status->st_uid != geteuid()) {
        return "it belongs to another user";
    }
    return (status->st_mode & (S_IRWXG | S_IRWXO)) != 0
               ? "other users can get at it (its mode has to be 0600)"
               : NULL;
}

/* 0 and the CA; 1 when there is no file; -1. */
static int load(const char *path, struct lab_ca **ca, struct err *err)
{
    struct lab_issued root = {0}, intermediate = {0};
    struct buffer file = {.secret = true};
    struct stat status;
    const char *why, *text;

    *ca = NULL;
    if (stat(path, &status) != 0) {
        return errno == ENOENT ? 1 : refuse(err, path, strerror(errno));
    }
    why = complain_about(&status);
    if (why != NULL) {
        return refuse(err, path, why);
    }
    if (file_read(path, WHAT, FILE_MAX, &file, err) != 0) {
        buffer_wipe_free(&file);
        return -1;
    }
    text = buffer_string(&file);
    why = text != NULL ? parse(text, &root, &intermediate) : "out of memory";
    buffer_wipe_free(&file);
    if (why != NULL) {
        lab_issued_free(&root);
        lab_issued_free(&intermediate);
        return refuse(err, path, why);
    }
    *ca = lab_ca_from(&root, &intermediate, err);
    return *ca != NULL ? 0 : -1;
}

/* ---- from outside --------------------------------------------------------------------------- */

/* Between looking and making another process may have made one: then that one counts. */
static int load_or_create(const char *path, struct lab_ca **ca, struct err *err)
{
    int status = load(path, ca, err);

    if (status == 1) {
        status = create(path, ca, err);
    }
    if (status == 1) {
        status = load(path, ca, err);
    }
    return status == 1 ? refuse(err, path, "it is there and gone again") : status;
}

struct lab_ca *lab_ca_open(struct err *err)
{
    char *path = file_state_path(FILE_NAME, err);
    struct lab_ca *ca = NULL;

    if (path == NULL || load_or_create(path, &ca, err) != 0) {
        ca = NULL; /* which says it */
    }
    free(path);
    return ca;
}

int lab_ca_saved_root(struct buffer *out, struct err *err)
{
    char *path = file_state_path(FILE_NAME, err);
    struct lab_ca *ca = NULL;
    int status = path != NULL ? load(path, &ca, err) : -1;

    free(path);
    if (status == 1) {
        return err_set(err, ERR_FILE, "no_lab_ca",
                       "--trust lab: the lab has no CA of its own yet; \"tlstep lab --write-ca "
                       "FILE\" makes one");
    }
    if (status == 0) {
        struct pki_slice root = lab_ca_root(ca);
        buffer_append(out, root.data, root.length);
        lab_ca_release(ca);
        status = out->failed ? err_memory(err, "reading the lab's root") : 0;
    }
    return status;
}
