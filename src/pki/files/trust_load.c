/* Trust stores from files, folders and the system. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../trust.h"
#include "folder.h"
#include "pem.h"

/* Where systems keep their bundle: what GnuTLS is built for there, most common first. */
static const char *const system_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch, Gentoo */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, Red Hat */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* older ones */
    "/var/lib/ca-certificates/ca-bundle.pem",            /* openSUSE */
    "/etc/ssl/ca-bundle.pem",                            /* older ones */
    "/etc/ssl/cert.pem",                                 /* Alpine, OpenBSD, macOS */
    "/usr/local/share/certs/ca-root-nss.crt",            /* FreeBSD */
    "/etc/openssl/certs/ca-certificates.crt",            /* NetBSD */
};

/* How what is found is taken. */
enum strictness {
    EVERY_CERTIFICATE_COUNTS, /* a file that the user named: one that cannot be read is an error */
    SKIP_THE_UNREADABLE,      /* a bundle or folder of someone else */
};

/* What was met in a file, besides the anchors themselves. */
struct harvest {
    enum strictness strictness;
    size_t certificates; /* read well, whether new or there already */
    char other[64];      /* label of the first PEM block that is no certificate */
    char problem[300];   /* the first certificate that cannot be read, and why */
    bool failed;         /* memory ran out */
};

/* Reads a certificate as far as needed: of the system's hundred and fifty one or two will be used,
 * and reading the others to their end takes longer than decoding them. */
static bool read_subject(const struct pki_slice *der, enum strictness strictness,
                         struct pki_slice *subject, char *why, size_t size)
{
    struct x509 x;

    if (strictness == SKIP_THE_UNREADABLE) {
        (void)snprintf(why, size, "it cannot be read");
        return x509_read_subject(der->data, der->length, subject);
    }
    if (!x509_read(&x, der->data, der->length, why, size)) {
        return false;
    }
    *subject = x.subject;
    return true;
}

static void complain(struct harvest *harvest, const char *why)
{
    if (harvest->problem[0] == '\0') {
        (void)snprintf(harvest->problem, sizeof harvest->problem,
                       "certificate number %zu of it: %s", harvest->certificates + 1, why);
    }
}

/* Takes `length` bytes that stand behind the store's content. */
static void harvest_one(struct pki_trust *trust, size_t length, struct trust_settings settings,
                        struct harvest *harvest)
{
    struct pki_slice der = {trust->bytes.data + trust->bytes.length, length};
    struct pki_slice subject;
    char why[160];

    if (!read_subject(&der, harvest->strictness, &subject, why, sizeof why)) {
        complain(harvest, why);
        return;
    }
    harvest->certificates++;
    harvest->failed |= !trust_commit(trust, length, subject, settings);
}

/* A TRUSTED CERTIFICATE is a certificate with its settings behind it. */
static void harvest_trusted(struct pki_trust *trust, size_t length, struct harvest *harvest)
{
    const uint8_t *bytes = trust->bytes.data + trust->bytes.length;
    struct reader reader = reader_new(bytes, length);
    struct pki_slice whole = der_value(&reader, DER_SEQUENCE).whole;
    struct pki_slice rest = {bytes + whole.length, length - whole.length};
    struct trust_settings settings = {0};

    if (reader.failed || !trust_settings_read(rest, &settings)) {
        complain(harvest, "its trust settings (TRUSTED CERTIFICATE) cannot be read");
        return;
    }
    harvest_one(trust, whole.length, settings, harvest);
}

static void harvest_pem_certificate(struct pki_trust *trust, const struct pem_block *block,
                                    struct harvest *harvest)
{
    long length;

    if (!block->ended) {
        complain(harvest, "its END line is missing");
        return;
    }
    if (!buffer_reserve(&trust->bytes, BASE64_BYTES_MAX(block->body.length))) {
        harvest->failed = true;
        return;
    }
    length = base64_decode(trust->bytes.data + trust->bytes.length, block->body);
    if (length < 0) {
        complain(harvest, "it is not base64");
    } else if (pem_has_label(block, "TRUSTED CERTIFICATE")) {
        harvest_trusted(trust, (size_t)length, harvest);
    } else {
        harvest_one(trust, (size_t)length, (struct trust_settings){0}, harvest);
    }
}

static void harvest_pem(struct pki_trust *trust, struct pki_slice text, struct harvest *harvest)
{
    struct pem_block block;
    size_t at = 0;

    while (!harvest->failed && pem_next(text, &at, &block)) {
        if (pem_is_certificate(&block) || pem_has_label(&block, "TRUSTED CERTIFICATE")) {
            harvest_pem_certificate(trust, &block, harvest);
        } else if (harvest->other[0] == '\0') {
            text_safe(harvest->other, sizeof harvest->other, block.label.data, block.label.length);
        }
    }
}

/* One or more certificates, one after another. */
static void harvest_der(struct pki_trust *trust, struct pki_slice bytes, struct harvest *harvest)
{
    struct reader reader = reader_new(bytes.data, bytes.length);

    while (!harvest->failed && harvest->problem[0] == '\0' && reader_left(&reader) > 0) {
        struct pki_slice one = der_value(&reader, DER_SEQUENCE).whole;
        if (reader.failed) {
            (void)snprintf(harvest->problem, sizeof harvest->problem, "it is neither PEM nor DER");
        } else if (!buffer_reserve(&trust->bytes, one.length)) {
            harvest->failed = true;
        } else {
            memcpy(trust->bytes.data + trust->bytes.length, one.data, one.length);
            harvest_one(trust, one.length, (struct trust_settings){0}, harvest);
        }
    }
}

static void harvest_any(struct pki_trust *trust, struct pki_slice content, struct harvest *harvest)
{
    if (content.length > 0 && content.data[0] == DER_SEQUENCE) {
        harvest_der(trust, content, harvest);
        if (harvest->certificates == 0) {
            harvest->problem[0] = '\0'; /* other DER, such as a key: "holds no certificate" */
        }
    } else {
        harvest_pem(trust, content, harvest);
    }
}

/* ---- files ----------------------------------------------------------------------------- */

/* What is wrong with a file as a whole; NULL when it may be used. */
static const char *complaint(const struct harvest *harvest, size_t length, char *out, size_t size)
{
    if (length == 0) {
        return "it is empty";
    }
    if (harvest->problem[0] != '\0' &&
        (harvest->strictness == EVERY_CERTIFICATE_COUNTS || harvest->certificates == 0)) {
        return harvest->problem;
    }
    if (harvest->certificates > 0) {
        return NULL;
    }
    if (harvest->other[0] != '\0') {
        (void)snprintf(out, size, "it holds no certificate, but: %s", harvest->other);
        return out;
    }
    return "it holds no certificate";
}

static int load_file(struct pki_trust *trust, const char *path, const char *what,
                     enum strictness strictness, struct err *err)
{
    struct harvest harvest = {.strictness = strictness};
    struct buffer content = {0};
    size_t before = trust->count;
    char shown[200], reason[160];
    const char *why;

    if (content_read(path, what, &content, err) != 0) {
        return -1;
    }
    /* What PEM decodes to is shorter than its text: one allocation for all of it. */
    harvest.failed = !buffer_reserve(&trust->bytes, content.length);
    harvest_any(trust, (struct pki_slice){content.data, content.length}, &harvest);
    why = complaint(&harvest, content.length, reason, sizeof reason);
    buffer_free(&content);
    if (harvest.failed) {
        trust_truncate(trust, before);
        return err_memory(err, "reading trust anchors");
    }
    if (why == NULL) {
        return 0;
    }
    trust_truncate(trust, before);
    return err_set(err, ERR_FILE, "file", "cannot read %s %s: %s", what,
                   text_safe(shown, sizeof shown, path, strlen(path)), why);
}

static int add_source(struct pki_trust *trust, const char *source, struct err *err)
{
    return trust_add_source(trust, source) ? 0 : err_memory(err, "naming a trust store");
}

int pki_trust_add_file(struct pki_trust *trust, const char *path, struct err *err)
{
    if (load_file(trust, path, "CA file", EVERY_CERTIFICATE_COUNTS, err) != 0) {
        return -1;
    }
    return add_source(trust, path, err);
}

int pki_trust_add_der(struct pki_trust *trust, const uint8_t *der, size_t length, struct err *err)
{
    struct pki_certificate *certificate = pki_certificate_new(der, length);
    struct harvest harvest = {.strictness = EVERY_CERTIFICATE_COUNTS};
    char label[120];

    if (certificate == NULL || !buffer_reserve(&trust->bytes, length)) {
        pki_certificate_free(certificate);
        return err_memory(err, "adding a trust anchor");
    }
    pki_certificate_label(label, sizeof label, certificate);
    if (certificate->malformed) {
        (void)err_set(err, ERR_FILE, "file", "cannot use %s as trust anchor: %s", label,
                      certificate->problem);
        pki_certificate_free(certificate);
        return -1;
    }
    memcpy(trust->bytes.data + trust->bytes.length, der, length);
    harvest_one(trust, length, (struct trust_settings){0}, &harvest);
    pki_certificate_free(certificate);
    return harvest.failed ? err_memory(err, "adding a trust anchor")
                          : add_source(trust, label, err);
}

/* ---- folders --------------------------------------------------------------------------- */

/* What a folder is read into. */
struct folder_harvest {
    struct pki_trust *trust;
    size_t files; /* that hold certificates */
};

/* What is no certificate is passed over: folders of trust anchors hold readme files and keys, too. */
static int load_file_of_folder(void *context, const char *file, struct err *err)
{
    struct folder_harvest *harvest = context;
    struct err why = {0};

    if (load_file(harvest->trust, file, "CA file", SKIP_THE_UNREADABLE, &why) == 0) {
        harvest->files++;
    }
    return why.class == ERR_MEMORY ? err_memory(err, "reading trust anchors") : 0;
}

int pki_trust_add_folder(struct pki_trust *trust, const char *path, struct err *err)
{
    struct folder_harvest harvest = {.trust = trust};
    char shown[200];

    if (folder_visit(path, "CA folder", load_file_of_folder, &harvest, err) != 0) {
        return -1;
    }
    if (harvest.files == 0) {
        return err_set(err, ERR_FILE, "file", "cannot read CA folder %s: it holds no certificate",
                       text_safe(shown, sizeof shown, path, strlen(path)));
    }
    return add_source(trust, path, err);
}

/* ---- the system's ---------------------------------------------------------------------- */

static const char *system_bundle(void)
{
    const char *chosen = getenv("SSL_CERT_FILE"); /* as OpenSSL, curl, Go and Python do */

    if (chosen != NULL && chosen[0] != '\0') {
        return chosen;
    }
    for (size_t i = 0; i < sizeof system_bundles / sizeof system_bundles[0]; i++) {
        struct stat status;
        if (stat(system_bundles[i], &status) == 0 && S_ISREG(status.st_mode)) {
            return system_bundles[i];
        }
    }
    return NULL;
}

int pki_trust_add_system(struct pki_trust *trust, struct err *err)
{
    const char *path = system_bundle();

    if (path == NULL) {
        return err_set(err, ERR_FILE, "file",
                       "cannot find this system's trust store (no %s nor where other systems have "
                       "it): install ca-certificates, set SSL_CERT_FILE or use --ca-file",
                       system_bundles[0]);
    }
    if (load_file(trust, path, "trust store", SKIP_THE_UNREADABLE, err) != 0) {
        return -1;
    }
    return add_source(trust, "system", err);
}

struct pki_trust *pki_trust_system(struct err *err)
{
    struct pki_trust *trust = pki_trust_none(err);

    if (trust != NULL && pki_trust_add_system(trust, err) != 0) {
        pki_trust_release(trust);
        return NULL;
    }
    return trust;
}
