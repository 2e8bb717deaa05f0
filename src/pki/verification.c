/* A verification as a value: made and freed. */
#include <stdlib.h>
#include <string.h>

#include "verification.h"

struct pki_verification *verification_new(void)
{
    struct pki_verification *out = calloc(1, sizeof *out);

    if (out != NULL) {
        out->expires_first = -1;
    }
    return out;
}

static void free_reasons(struct pki_reason *reasons, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pki_reason *reason = &reasons[i];
        char *texts[] = {reason->text,     reason->mend,      reason->field, reason->found,
                         reason->required, reason->reference, reason->here};
        for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++) {
            free(texts[j]);
        }
    }
    free(reasons);
}

void pki_verification_free(struct pki_verification *verification)
{
    if (verification == NULL) {
        return;
    }
    free(verification->trust);
    free(verification->name);
    free(verification->purpose);
    free(verification->certificates); /* the slices and, behind them, their bytes */
    free(verification->members);
    free(verification->path);
    free_reasons(verification->reasons, verification->reason_count);
    for (size_t i = 0; i < verification->alternative_count; i++) {
        free(verification->alternatives[i].certificates);
        free_reasons(verification->alternatives[i].reasons,
                     verification->alternatives[i].reason_count);
    }
    free(verification->alternatives);
    free(verification->gave_up);
    for (size_t i = 0; i < verification->revocation_count; i++) {
        free(verification->revocations[i].source);
        free(verification->revocations[i].text);
    }
    free(verification->revocations);
    free(verification->scts);
    free(verification->gnutls_text);
    free(verification->difference);
    free(verification);
}

/* One allocation: the slices first, then the bytes they point to. */
static struct pki_slice *copy_certificates(const struct pki_slice *certificates, size_t count)
{
    struct pki_slice *copies;
    uint8_t *to;
    size_t size;

    if (!size_multiply(count, sizeof *certificates, &size)) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (!size_add(size, certificates[i].length, &size)) {
            return NULL;
        }
    }
    copies = malloc(size > 0 ? size : 1);
    if (copies == NULL) {
        return NULL;
    }
    to = (uint8_t *)(copies + count);
    for (size_t i = 0; i < count; i++) {
        if (certificates[i].length > 0) {
            memcpy(to, certificates[i].data, certificates[i].length);
        }
        copies[i] = (struct pki_slice){to, certificates[i].length};
        to += certificates[i].length;
    }
    return copies;
}

bool verification_set_certificates(struct pki_verification *verification,
                                   const struct pki_slice *certificates, size_t count)
{
    verification->certificates = copy_certificates(certificates, count);
    verification->members = calloc(count + 1, sizeof *verification->members);
    if (verification->certificates == NULL || verification->members == NULL) {
        return false;
    }
    verification->certificate_count = count;
    for (size_t i = 0; i < count; i++) {
        struct pki_member *member = &verification->members[i];
        member->origin = i < verification->sent_count ? PKI_SENT : PKI_STORE;
        member->duplicate_of = -1;
        member->issuer = -1;
    }
    return true;
}

bool verification_make_path(size_t **path, size_t *length, size_t count)
{
    *path = calloc(count + 1, sizeof **path);
    *length = *path != NULL ? count : 0;
    return *path != NULL;
}

bool verification_make_reasons(struct pki_reason **reasons, size_t *reason_count, size_t count)
{
    *reasons = calloc(count + 1, sizeof **reasons);
    *reason_count = *reasons != NULL ? count : 0;
    return *reasons != NULL;
}

bool verification_make_alternatives(struct pki_verification *verification, size_t count)
{
    verification->alternatives = calloc(count + 1, sizeof *verification->alternatives);
    verification->alternative_count = verification->alternatives != NULL ? count : 0;
    return verification->alternatives != NULL;
}

void verification_mark_paths(struct pki_verification *verification)
{
    for (size_t i = 0; i < verification->path_length; i++) {
        struct pki_member *member = &verification->members[verification->path[i]];
        member->in_path = true;
        member->in_any = true;
    }
    for (size_t i = 0; i < verification->alternative_count; i++) {
        const struct pki_path *path = &verification->alternatives[i];
        for (size_t j = 0; j < path->length; j++) {
            verification->members[path->certificates[j]].in_any = true;
        }
    }
}

char *verification_text(const char *text)
{
    struct buffer safe = {0};

    text_safe_append(&safe, text, strlen(text));
    return buffer_take_string(&safe);
}

const char *verification_purpose(enum pki_purpose purpose)
{
    static const char *const names[] = {
        [PKI_PURPOSE_SERVER] = "server",
        [PKI_PURPOSE_CLIENT] = "client",
        [PKI_PURPOSE_ANY] = "any",
    };

    return names[purpose];
}
