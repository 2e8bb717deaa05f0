/* A verification as a value: made and freed. */
#include <stdlib.h>
#include <string.h>

#include "verification.h"

struct pki_verification *verification_new(void)
{
    return calloc(1, sizeof(struct pki_verification));
}

void pki_verification_free(struct pki_verification *verification)
{
    if (verification == NULL) {
        return;
    }
    free(verification->trust);
    free(verification->name);
    free(verification->certificates); /* the slices and, behind them, their bytes */
    free(verification->path);
    for (size_t i = 0; i < verification->reason_count; i++) {
        free(verification->reasons[i].text);
        free(verification->reasons[i].mend);
    }
    free(verification->reasons);
    free(verification);
}

/* One allocation: the slices first, then the bytes they point to. */
bool verification_set_certificates(struct pki_verification *verification,
                                   const struct pki_slice *certificates, size_t count)
{
    struct pki_slice *copies;
    uint8_t *to;
    size_t size;

    if (!size_multiply(count, sizeof *certificates, &size)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!size_add(size, certificates[i].length, &size)) {
            return false;
        }
    }
    copies = malloc(size > 0 ? size : 1);
    if (copies == NULL) {
        return false;
    }
    to = (uint8_t *)(copies + count);
    for (size_t i = 0; i < count; i++) {
        if (certificates[i].length > 0) {
            memcpy(to, certificates[i].data, certificates[i].length);
        }
        copies[i] = (struct pki_slice){to, certificates[i].length};
        to += certificates[i].length;
    }
    verification->certificates = copies;
    verification->certificate_count = count;
    return true;
}

bool verification_make_room(struct pki_verification *verification, size_t path_length,
                            size_t reason_count)
{
    verification->path = calloc(path_length + 1, sizeof *verification->path);
    verification->reasons = calloc(reason_count + 1, sizeof *verification->reasons);
    if (verification->path == NULL || verification->reasons == NULL) {
        return false;
    }
    verification->path_length = path_length;
    verification->reason_count = reason_count;
    return true;
}

char *verification_text(const char *text)
{
    struct buffer safe = {0};

    text_safe_append(&safe, text, strlen(text));
    if (buffer_string(&safe) == NULL || safe.failed) {
        buffer_free(&safe);
        return NULL;
    }
    return (char *)safe.data;
}
