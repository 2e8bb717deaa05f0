/*
 * OCSP responses: any bytes, as a file and stapled to a chain. What is refused names a reason; what is read is judged and put into
 * words that are safe for a terminal.
 */
#include <stdlib.h>
#include <string.h>

#include "revocations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct pki_slice bytes = {data, size};
    struct err err = {0};

    fuzz_expect(set != NULL);
    if (pki_revocations_add_ocsp(set, bytes, "fuzz.ocsp", &err) != 0) {
        fuzz_expect_safe(err.text);
        fuzz_expect(err.class == ERR_FILE);
    }
    fuzz_judge(set, bytes);
    pki_revocations_free(set);
    fuzz_file(data, size, pki_revocations_add_ocsp_file);
    return 0;
}
