/* Bundles: certificates and CRLs where they lie, and who added them. */
#include "bundle.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "folder.h"

struct pki_bundle *pki_bundle_new(struct err *err)
{
    struct pki_bundle *bundle = calloc(1, sizeof *bundle);

    if (bundle == NULL) {
        (void)err_memory(err, "making a bundle of certificates");
    }
    return bundle;
}

static void clear_origin(struct bundle_origin *origin)
{
    free(origin->name);
    buffer_free(&origin->bytes);
    pki_trust_release(origin->trust);
}

void pki_bundle_free(struct pki_bundle *bundle)
{
    if (bundle == NULL) {
        return;
    }
    for (size_t i = 0; i < bundle->origin_count; i++) {
        clear_origin(&bundle->origins[i]);
    }
    free(bundle->origins);
    free(bundle->certificates.entries);
    free(bundle->crls.entries);
    buffer_free(&bundle->remark);
    free(bundle);
}

/* ---- for those who fill it ------------------------------------------------------------- */

bool bundle_begin(struct pki_bundle *bundle, const char *name)
{
    struct bundle_origin *grown = array_grow(bundle->origins, &bundle->origin_capacity,
                                             bundle->origin_count + 1, sizeof *grown);
    char *copy = text_duplicate(name, strlen(name));

    if (grown != NULL) {
        bundle->origins = grown;
    }
    if (grown == NULL || copy == NULL) {
        free(copy);
        return false;
    }
    grown[bundle->origin_count++] = (struct bundle_origin){.name = copy};
    return true;
}

bool bundle_list_add(struct bundle_list *list, size_t origin, size_t offset, size_t length)
{
    struct bundle_entry *grown =
        array_grow(list->entries, &list->capacity, list->count + 1, sizeof *grown);

    if (grown == NULL) {
        return false;
    }
    list->entries = grown;
    grown[list->count++] = (struct bundle_entry){origin, offset, length};
    return true;
}

/* ---- what was passed over -------------------------------------------------------------- */

static void remark(struct buffer *out, size_t count, const char *one, const char *many)
{
    char grouped[32];

    if (count > 0) {
        buffer_printf(out, "%s%s %s", out->length > 0 ? ", " : "",
                      text_grouped(grouped, sizeof grouped, count), count == 1 ? one : many);
    }
}

/* Made after each _add, so that reading it changes nothing. */
static int finish(struct pki_bundle *bundle, struct err *err)
{
    const struct bundle_tally *tally = &bundle->tally;
    struct buffer text = {0};

    remark(&text, tally->files, "file without certificates", "files without certificates");
    remark(&text, tally->locked, "file that needs a password", "files that need a password");
    remark(&text, tally->unreadable, "certificate that cannot be read",
           "certificates that cannot be read");
    remark(&text, tally->others, "block that is no certificate", "blocks that are no certificate");
    remark(&text, tally->keys, "private key", "private keys");
    remark(&text, tally->bytes, "byte that is no DER", "bytes that are no DER");
    if (buffer_string(&text) == NULL || text.failed) {
        buffer_free(&text);
        return err_memory(err, "adding certificates");
    }
    buffer_free(&bundle->remark);
    bundle->remark = text;
    return 0;
}

const char *pki_bundle_remark(const struct pki_bundle *bundle)
{
    return bundle->remark.data != NULL ? (const char *)bundle->remark.data : "";
}

/* ---- adding ---------------------------------------------------------------------------- */

/* How far a bundle was filled: what fails leaves no trace. */
struct mark {
    size_t origins, certificates, crls;
    struct bundle_tally tally;
};

static struct mark mark_of(const struct pki_bundle *bundle)
{
    return (struct mark){bundle->origin_count, bundle->certificates.count, bundle->crls.count,
                         bundle->tally};
}

static void rewind_to(struct pki_bundle *bundle, const struct mark *mark)
{
    while (bundle->origin_count > mark->origins) {
        clear_origin(&bundle->origins[--bundle->origin_count]);
    }
    bundle->certificates.count = mark->certificates;
    bundle->crls.count = mark->crls;
    bundle->tally = mark->tally;
}

/* Ends an _add: with the remark when all went well, without a trace when not. */
static int settle(struct pki_bundle *bundle, const struct mark *mark, int result, struct err *err)
{
    if (result == 0) {
        result = finish(bundle, err);
    }
    if (result != 0) {
        rewind_to(bundle, mark);
    }
    return result;
}

/* Takes over what it can of `content`, and frees the rest. */
static int add_content(struct pki_bundle *bundle, struct buffer *content, const char *name,
                       const struct pki_password *password, struct err *err)
{
    struct mark mark = mark_of(bundle);
    int result = -1;

    if (content->failed || !bundle_begin(bundle, name)) {
        (void)err_memory(err, "adding certificates");
    } else {
        result = bundle_take(bundle, content, password, err);
    }
    buffer_free(content);
    return settle(bundle, &mark, result, err);
}

static int add_file(struct pki_bundle *bundle, const char *path,
                    const struct pki_password *password, struct err *err)
{
    struct buffer content = {0};

    if (content_read(path, "certificates", &content, err) != 0) {
        return -1;
    }
    return add_content(bundle, &content, strcmp(path, "-") == 0 ? "standard input" : path, password,
                       err);
}

/* What a folder is read into. */
struct folder_intake {
    struct pki_bundle *bundle;
    const struct pki_password *password;
    size_t taken;  /* files that were */
    size_t locked; /* files whose password nobody gave */
};

/* What is no certificate is counted and passed over. */
static int add_file_of_folder(void *context, const char *file, struct err *err)
{
    struct folder_intake *intake = context;
    struct err why = {0};

    if (add_file(intake->bundle, file, intake->password, &why) == 0) {
        intake->taken++;
        return 0;
    }
    if (why.class == ERR_MEMORY) {
        return err_memory(err, "reading a folder of certificates");
    }
    if (why.class == ERR_USAGE) {
        intake->bundle->tally.locked++;
        intake->locked++;
    } else {
        intake->bundle->tally.files++;
    }
    return 0;
}

static int add_folder(struct pki_bundle *bundle, const char *path,
                      const struct pki_password *password, struct err *err)
{
    struct folder_intake intake = {.bundle = bundle, .password = password};
    char shown[200];

    if (folder_visit(path, "folder", add_file_of_folder, &intake, err) != 0) {
        return -1;
    }
    if (intake.taken == 0) {
        return err_set(err, ERR_FILE, "file", "cannot read folder %s: it holds no certificate%s",
                       text_safe(shown, sizeof shown, path, strlen(path)),
                       intake.locked > 0 ? " that opens without a password" : "");
    }
    return 0;
}

int pki_bundle_add(struct pki_bundle *bundle, const char *path, const struct pki_password *password,
                   struct err *err)
{
    struct mark mark = mark_of(bundle);
    struct stat status;

    if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        return settle(bundle, &mark, add_folder(bundle, path, password, err), err);
    }
    return add_file(bundle, path, password, err);
}

int pki_bundle_add_bytes(struct pki_bundle *bundle, const uint8_t *data, size_t length,
                         const char *name, const struct pki_password *password, struct err *err)
{
    struct buffer content = {0};

    buffer_append(&content, data, length);
    return add_content(bundle, &content, name, password, err);
}

int pki_bundle_add_der(struct pki_bundle *bundle, const uint8_t *der, size_t length,
                       const char *name, struct err *err)
{
    struct mark mark = mark_of(bundle);
    bool ok = bundle_begin(bundle, name);

    if (ok) {
        struct buffer *bytes = &bundle->origins[bundle->origin_count - 1].bytes;
        buffer_append(bytes, der, length);
        ok = !bytes->failed &&
             bundle_list_add(&bundle->certificates, bundle->origin_count - 1, 0, length);
    }
    return settle(bundle, &mark, ok ? 0 : err_memory(err, "adding a certificate"), err);
}

int pki_bundle_add_trust(struct pki_bundle *bundle, struct pki_trust *trust, struct err *err)
{
    struct mark mark = mark_of(bundle);
    bool ok = bundle_begin(bundle, pki_trust_name(trust));

    if (ok) {
        bundle->origins[bundle->origin_count - 1].trust = pki_trust_retain(trust);
    }
    for (size_t i = 0; ok && i < pki_trust_count(trust); i++) {
        ok = bundle_list_add(&bundle->certificates, bundle->origin_count - 1, i, 0);
    }
    return settle(bundle, &mark, ok ? 0 : err_memory(err, "adding trust anchors"), err);
}

/* ---- asking ---------------------------------------------------------------------------- */

static struct pki_slice slice_of(const struct pki_bundle *bundle, const struct bundle_entry *entry)
{
    const struct bundle_origin *origin = &bundle->origins[entry->origin];

    if (origin->trust != NULL) {
        return pki_trust_der(origin->trust, entry->offset);
    }
    return slice_at(&origin->bytes, entry->offset, entry->length);
}

size_t pki_bundle_count(const struct pki_bundle *bundle)
{
    return bundle->certificates.count;
}

struct pki_slice pki_bundle_der(const struct pki_bundle *bundle, size_t index)
{
    return slice_of(bundle, &bundle->certificates.entries[index]);
}

const char *pki_bundle_source(const struct pki_bundle *bundle, size_t index)
{
    return bundle->origins[bundle->certificates.entries[index].origin].name;
}

size_t pki_bundle_crl_count(const struct pki_bundle *bundle)
{
    return bundle->crls.count;
}

struct pki_slice pki_bundle_crl(const struct pki_bundle *bundle, size_t index)
{
    return slice_of(bundle, &bundle->crls.entries[index]);
}
