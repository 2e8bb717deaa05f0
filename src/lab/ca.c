/* A root and an intermediate: made, shared, and freed with their keys. */
#include "ca.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The root is imported by people; both are there for as long as anybody will want to use them. */
#define CA_FROM_DAYS  (-400)
#define CA_UNTIL_DAYS 3650

/* ---- making --------------------------------------------------------------------------------- */

static void free_halves(struct lab_issued *root, struct lab_issued *intermediate)
{
    lab_issued_free(root);
    lab_issued_free(intermediate);
}

struct lab_ca *lab_ca_from(struct lab_issued *root, struct lab_issued *intermediate,
                           struct err *err)
{
    struct lab_ca *ca = calloc(1, sizeof *ca);
    int status = GNUTLS_E_MEMORY_ERROR;

    if (ca != NULL) {
        status = gnutls_x509_crt_export2(root->certificate, GNUTLS_X509_FMT_DER, &ca->root_der);
    }
    if (status < 0) {
        free(ca);
        free_halves(root, intermediate);
        (void)lab_issue_fail(status, err); /* NULL says it */
        return NULL;
    }
    atomic_init(&ca->references, 1);
    (void)pthread_mutex_init(&ca->lock, NULL); /* cannot fail for a usual one */
    ca->root = *root;
    ca->intermediate = *intermediate;
    *root = *intermediate = (struct lab_issued){0};
    return ca;
}

struct lab_ca *lab_ca_make(const char *root_name, struct err *err)
{
    int64_t now = clock_wall_ns() / 1000000000;
    struct lab_issued root, intermediate;
    struct lab_plan plan = {
        .common_name = root_name,
        .from = now + (int64_t)CA_FROM_DAYS * LAB_DAY,
        .until = now + (int64_t)CA_UNTIL_DAYS * LAB_DAY,
        .is_ca = true,
    };
    int status = lab_issue(&plan, &root);

    if (status >= 0) {
        plan.common_name = "tlstep lab intermediate";
        plan.issuer = &root;
        plan.has_path_length = true; /* it signs servers and no further CA */
        status = lab_issue(&plan, &intermediate);
        if (status >= 0) {
            return lab_ca_from(&root, &intermediate, err);
        }
        lab_issued_free(&root);
    }
    (void)lab_issue_fail(status, err); /* NULL says it */
    return NULL;
}

struct lab_ca *lab_ca_new(struct err *err)
{
    return lab_ca_make("tlstep lab root", err);
}

/* ---- sharing -------------------------------------------------------------------------------- */

struct lab_ca *lab_ca_hold(struct lab_ca *ca)
{
    atomic_fetch_add(&ca->references, 1);
    return ca;
}

void lab_ca_release(struct lab_ca *ca)
{
    if (ca == NULL || atomic_fetch_sub(&ca->references, 1) != 1) {
        return;
    }
    free_halves(&ca->root, &ca->intermediate);
    if (ca->rsa != NULL) {
        gnutls_x509_privkey_deinit(ca->rsa);
    }
    gnutls_free(ca->root_der.data);
    (void)pthread_mutex_destroy(&ca->lock); /* nobody has it any more */
    free(ca);
}

/* ---- the root ------------------------------------------------------------------------------- */

struct pki_slice lab_ca_root(const struct lab_ca *ca)
{
    return (struct pki_slice){ca->root_der.data, ca->root_der.size};
}

/* Others are to read it, too. What is no file of its own (/dev/stdout) stays as it is. */
static void make_public(int fd)
{
    struct stat status;

    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        (void)fchmod(fd, 0644); /* still readable for the one who wrote it */
    }
}

int lab_ca_write_root(const struct lab_ca *ca, const char *path, bool force, struct err *err)
{
    struct buffer pem = {0};
    int status = -1;

    pki_pem_append(&pem, lab_ca_root(ca), "CERTIFICATE");
    if (pem.failed) {
        (void)err_memory(err, "writing the lab's root"); /* status says it */
    } else {
        int fd = file_create_private(path, "the lab's root", force, err);
        if (fd >= 0) {
            make_public(fd);
            status = file_write_all(fd, pem.data, pem.length, path, err);
            if (close(fd) != 0 && status == 0) {
                status = err_set(err, ERR_FILE, "file", "cannot write the lab's root");
            }
        }
    }
    buffer_free(&pem);
    return status;
}
