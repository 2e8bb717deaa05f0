/* What the fuzz targets of CRLs and OCSP responses share: a chain to judge. */
#ifndef FUZZ_REVOCATIONS_H
#define FUZZ_REVOCATIONS_H

#include <sys/mman.h>
#include <unistd.h>

#include "expect.h"
#include "revocations_chain.h"
#include "tlstep/pki.h"

/* Judges a leaf and its CA, which the seeds speak of, by the set and the stapled response. */
static inline void fuzz_judge(const struct pki_revocations *set, struct pki_slice response)
{
    struct pki_trust *trust = pki_trust_none(NULL);
    struct pki_slice chain[] = {{fuzz_leaf, sizeof fuzz_leaf}};
    struct pki_staple staple = {0, response};
    struct pki_request request = {.chain = chain,
                                  .chain_length = 1,
                                  .trust = trust,
                                  .at = 1780308000, /* 2026-06-01T10:00:00Z */
                                  .revocations = set,
                                  .staples = &staple,
                                  .staple_count = response.length > 0};

    fuzz_expect(trust != NULL && pki_trust_add_der(trust, fuzz_ca, sizeof fuzz_ca, NULL) == 0);
    for (int strict = 0; strict < 2; strict++) {
        struct pki_verification *verdict;
        request.strict = strict;
        verdict = pki_verify(&request, NULL);
        fuzz_expect(verdict != NULL && verdict->anchored);
        for (size_t i = 0; i < verdict->reason_count; i++) {
            fuzz_expect_safe(verdict->reasons[i].text);
            fuzz_expect_safe(verdict->reasons[i].mend);
            fuzz_expect_safe(verdict->reasons[i].found);
            fuzz_expect_safe(verdict->reasons[i].required);
        }
        for (size_t i = 0; i < verdict->revocation_count; i++) {
            fuzz_expect(verdict->revocations[i].certificate < verdict->certificate_count);
            fuzz_expect_safe(verdict->revocations[i].text);
            fuzz_expect_safe(verdict->revocations[i].source);
        }
        pki_verification_free(verdict);
    }
    pki_trust_release(trust);
}

static inline void fuzz_file(const uint8_t *data, size_t size,
                             int (*add)(struct pki_revocations *set, const char *path,
                                        struct err *err))
{
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct err err = {0};
    int file = memfd_create("revocations", 0);
    char path[40];

    fuzz_expect(set != NULL && file >= 0 && write(file, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (add(set, path, &err) != 0) {
        fuzz_expect(err.class == ERR_FILE);
        fuzz_expect_safe(err.text);
    }
    pki_revocations_free(set);
    (void)close(file);
}

#endif
