/* Sets of CRLs and OCSP responses, from files and from memory. */
#include "set.h"

#include <stdlib.h>
#include <string.h>

#include "../files/folder.h"
#include "../files/pem.h"
#include "../files/shape.h"

/* All the CRLs of all the CAs that browsers know are some 8000. */
#define COUNT_MAX 10000

struct pki_revocations *pki_revocations_new(struct err *err)
{
    struct pki_revocations *set = calloc(1, sizeof *set);

    if (set != NULL) {
        set->arena = arena_new();
    }
    if (set == NULL || set->arena == NULL) {
        free(set);
        (void)err_memory(err, "making room for CRLs and OCSP responses");
        return NULL;
    }
    return set;
}

void pki_revocations_free(struct pki_revocations *set)
{
    if (set == NULL) {
        return;
    }
    arena_free(set->arena);
    free(set->crls);
    free(set->ocsps);
    free(set);
}

/* ---- one by one -------------------------------------------------------------------------- */

/* What is added, in the two kinds of it. */
struct kind {
    const char *what;  /* "CRL", for errors */
    const char *noun;  /* with its article */
    const char *file;  /* "CRL file" */
    const char *label; /* of PEM */
    int (*add)(struct pki_revocations *set, struct pki_slice der, const char *name,
               struct err *err);
};

static int refuse(struct err *err, const char *what, const char *name, const char *why)
{
    char shown[200];

    return err_set(err, ERR_FILE, "file", "cannot read %s %s: %s", what,
                   text_safe(shown, sizeof shown, name, strlen(name)), why);
}

/* Says why bytes are none of what was expected: what they are instead, where that is known. */
static int refuse_bytes(struct err *err, const struct kind *kind, const char *name,
                        struct pki_slice der, const char *problem)
{
    struct shape shape = shape_of(der);
    char why[200];

    if (shape.kind == SHAPE_UNKNOWN || strcmp(shape.name, kind->noun) == 0) {
        return refuse(err, kind->what, name, problem);
    }
    (void)snprintf(why, sizeof why, "it is %s, not %s", shape.name, kind->noun);
    return refuse(err, kind->what, name, why);
}

static const struct kind crl_kind = {"CRL", "a CRL", "CRL file", "X509 CRL",
                                     pki_revocations_add_crl};
static const struct kind ocsp_kind = {"OCSP response", "an OCSP response", "OCSP file",
                                      "OCSP RESPONSE", pki_revocations_add_ocsp};

/* Copies of what the caller keeps, before they are read: what is read points into them. False when memory ran out. */
static bool take(struct pki_revocations *set, struct pki_slice *der, const char **name)
{
    void *bytes = arena_copy(set->arena, der->data, der->length);

    *name = arena_string(set->arena, *name);
    *der = (struct pki_slice){bytes, der->length};
    return bytes != NULL && *name != NULL;
}

static bool has_crl(const struct pki_revocations *set, struct pki_slice der)
{
    for (size_t i = 0; i < set->crl_count; i++) {
        if (slice_equal(set->crls[i].crl.der, der)) {
            return true;
        }
    }
    return false;
}

int pki_revocations_add_crl(struct pki_revocations *set, struct pki_slice der, const char *name,
                            struct err *err)
{
    char problem[160] = "";
    struct named_crl added = {.name = name};
    struct named_crl *grown;
    bool failed = false;

    if (has_crl(set, der)) {
        return 0;
    }
    if (!take(set, &der, &added.name)) {
        return err_memory(err, "reading a CRL");
    }
    if (!crl_read(&added.crl, der, problem, sizeof problem, &failed)) {
        return failed ? err_memory(err, "reading a CRL")
                      : refuse_bytes(err, &crl_kind, name, der, problem);
    }
    if (set->crl_count == COUNT_MAX) {
        return refuse(err, "CRL", name, "there are ten thousand already");
    }
    grown = array_grow(set->crls, &set->crl_capacity, set->crl_count + 1, sizeof *grown);
    if (grown == NULL) {
        return err_memory(err, "reading a CRL");
    }
    set->crls = grown;
    set->crls[set->crl_count++] = added;
    return 0;
}

int pki_revocations_add_crl_beside(struct pki_revocations *set, struct pki_slice der,
                                   const char *name, struct err *err)
{
    size_t before = set->crl_count;
    int status = pki_revocations_add_crl(set, der, name, err);

    set->crls_beside += set->crl_count - before;
    return status;
}

int pki_revocations_add_ocsp(struct pki_revocations *set, struct pki_slice der, const char *name,
                             struct err *err)
{
    char problem[160] = "";
    struct named_ocsp added = {.name = name};
    struct named_ocsp *grown;

    if (!take(set, &der, &added.name)) {
        return err_memory(err, "reading an OCSP response");
    }
    if (!ocsp_read(&added.ocsp, der, problem, sizeof problem)) {
        return refuse_bytes(err, &ocsp_kind, name, der, problem);
    }
    if (set->ocsp_count == COUNT_MAX) {
        return refuse(err, "OCSP response", name, "there are ten thousand already");
    }
    grown = array_grow(set->ocsps, &set->ocsp_capacity, set->ocsp_count + 1, sizeof *grown);
    if (grown == NULL) {
        return err_memory(err, "reading an OCSP response");
    }
    set->ocsps = grown;
    set->ocsps[set->ocsp_count++] = added;
    return 0;
}

/* ---- files ------------------------------------------------------------------------------- */

/* DER: one value after another. */
static int add_der(struct pki_revocations *set, const struct kind *kind, struct pki_slice content,
                   const char *name, struct err *err)
{
    struct reader reader = reader_new(content.data, content.length);
    size_t count = 0;

    while (reader_left(&reader) > 0) {
        struct pki_slice one = der_value(&reader, DER_SEQUENCE).whole;
        if (reader.failed) {
            return refuse(err, kind->what, name,
                          count == 0 ? "it is cut short, or not DER"
                                     : "bytes follow its end that are not DER");
        }
        if (kind->add(set, one, name, err) != 0) {
            return -1;
        }
        count++;
    }
    return 0;
}

static int add_pem_block(struct pki_revocations *set, const struct kind *kind,
                         const struct pem_block *block, const char *name, struct err *err)
{
    uint8_t *der = malloc(BASE64_BYTES_MAX(block->body.length));
    long length;
    int status;

    if (der == NULL) {
        return err_memory(err, "reading a file of revocations");
    }
    length = block->ended ? base64_decode(der, block->body) : -1;
    status = length < 0 ? refuse(err, kind->what, name,
                                 block->ended ? "it is not base64" : "its END line is missing")
                        : kind->add(set, (struct pki_slice){der, (size_t)length}, name, err);
    free(der);
    return status;
}

/* PEM: blocks of other labels are passed over, but one of this kind must be there. */
static int add_pem(struct pki_revocations *set, const struct kind *kind, struct pki_slice text,
                   const char *name, struct err *err)
{
    char other[64] = "", why[200];
    struct pem_block block;
    size_t at = 0, count = 0;

    while (pem_next(text, &at, &block)) {
        if (!pem_has_label(&block, kind->label)) {
            text_safe(other, sizeof other, block.label.data, block.label.length);
            continue;
        }
        if (add_pem_block(set, kind, &block, name, err) != 0) {
            return -1;
        }
        count++;
    }
    if (count > 0) {
        return 0;
    }
    if (other[0] != '\0') {
        (void)snprintf(why, sizeof why, "it holds no %s, but: %s", kind->what, other);
    } else {
        const char *what = shape_of_text(text);
        (void)snprintf(why, sizeof why, "it is %s", what != NULL ? what : "neither PEM nor DER");
    }
    return refuse(err, kind->file, name, why);
}

/* What a file added stays only when all of it could be read. */
static int add_file(struct pki_revocations *set, const struct kind *kind, const char *path,
                    struct err *err)
{
    size_t crls = set->crl_count, ocsps = set->ocsp_count;
    struct buffer content = {0};
    struct pki_slice bytes;
    int status;

    if (content_read(path, kind->file, &content, err) != 0) {
        return -1;
    }
    bytes = (struct pki_slice){content.data, content.length};
    if (bytes.length == 0) {
        status = refuse(err, kind->file, path, "it is empty");
    } else if (bytes.data[0] == DER_SEQUENCE) {
        status = add_der(set, kind, bytes, path, err);
    } else {
        status = add_pem(set, kind, bytes, path, err);
    }
    buffer_free(&content);
    if (status != 0) {
        set->crl_count = crls;
        set->ocsp_count = ocsps;
    }
    return status;
}

int pki_revocations_add_crl_file(struct pki_revocations *set, const char *path, struct err *err)
{
    return add_file(set, &crl_kind, path, err);
}

int pki_revocations_add_ocsp_file(struct pki_revocations *set, const char *path, struct err *err)
{
    return add_file(set, &ocsp_kind, path, err);
}
