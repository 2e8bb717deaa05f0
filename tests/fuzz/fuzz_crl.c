/*
 * CRLs: any bytes, as a file and in a verification of a chain that has them. What is refused names a reason; what is read is
 * judged and put into words that are safe for a terminal.
 */
#include <stdlib.h>
#include <string.h>

#include "revocations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct err err = {0};

    fuzz_expect(set != NULL);
    if (pki_revocations_add_crl(set, (struct pki_slice){data, size}, "fuzz.crl", &err) != 0) {
        fuzz_expect_safe(err.text);
        fuzz_expect(err.class == ERR_FILE);
    }
    fuzz_judge(set, (struct pki_slice){0});
    pki_revocations_free(set);
    fuzz_file(data, size, pki_revocations_add_crl_file);
    return 0;
}
