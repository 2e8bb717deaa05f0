/*
 * PKCS#12: any bytes as a key store, opened without a password and with one. It ends soon, whatever number of rounds of key
 * derivation it asks for, and either gives certificates or says why not in safe words.
 */
#include <stdlib.h>
#include <string.h>

#include "tlstep/pki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

static int answer(void *context, const char *path, char *out, size_t size)
{
    unsigned *asked = context;

    expect(strcmp(path, "store") == 0);
    (*asked)++;
    (void)snprintf(out, size, "secret");
    return 0;
}

static void check(const uint8_t *data, size_t size, const struct pki_password *password)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};
    int result;

    expect(bundle != NULL);
    result = pki_bundle_add_bytes(bundle, data, size, "store", password, &err);
    expect(result == 0 || err.class == ERR_FILE || err.class == ERR_USAGE);
    expect((err.class == ERR_USAGE) == (strcmp(err.code, "password") == 0));
    expect((result == 0) == (pki_bundle_count(bundle) + pki_bundle_crl_count(bundle) > 0));
    for (size_t i = 0; i < pki_bundle_count(bundle); i++) {
        struct pki_slice der = pki_bundle_der(bundle, i);
        struct pki_certificate *certificate = pki_certificate_new(der.data, der.length);
        expect(certificate != NULL);
        pki_certificate_free(certificate);
    }
    pki_bundle_free(bundle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned asked = 0;
    const struct pki_password password = {answer, &asked};

    if (size > 0 && data[0] == 0x30) { /* other formats are fuzz_bundle's */
        check(data, size, &password);
        if (asked > 0) {
            check(data, size, NULL);
        }
    }
    return 0;
}
