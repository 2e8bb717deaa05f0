/* What every file of certificates must keep, whatever is in it. */
#ifndef FUZZ_BUNDLES_H
#define FUZZ_BUNDLES_H

#include <string.h>

#include "expect.h"
#include "tlstep/pki.h"

/* The user, who knows one password. */
static inline int fuzz_password(void *context, const char *path, char *out, size_t size)
{
    (void)context;
    (void)path;
    (void)snprintf(out, size, "secret");
    return 0;
}

/* A certificate that was found well formed comes back from PEM of our own as it was. */
static inline void fuzz_write_and_read(struct pki_slice der)
{
    struct pki_certificate *facts = pki_certificate_new(der.data, der.length);
    struct pki_bundle *again = pki_bundle_new(NULL);
    struct buffer pem = {0};

    fuzz_expect(facts != NULL && again != NULL);
    if (!facts->malformed) {
        pki_pem_append(&pem, der, "CERTIFICATE");
        fuzz_expect(pki_bundle_add_bytes(again, pem.data, pem.length, "pem", NULL, NULL) == 0);
        fuzz_expect(pki_bundle_count(again) == 1 && pki_bundle_remark(again)[0] == '\0');
        fuzz_expect(pki_bundle_der(again, 0).length == der.length);
        fuzz_expect(memcmp(pki_bundle_der(again, 0).data, der.data, der.length) == 0);
    }
    buffer_free(&pem);
    pki_bundle_free(again);
    pki_certificate_free(facts);
}

/* Every byte is there: the sanitizer looks at it. */
static inline void fuzz_touch(struct pki_slice bytes)
{
    uint8_t hash[CRYPT_SHA256_SIZE];

    fuzz_expect(crypt_sha256(bytes.data, bytes.length, hash) == 0);
}

/* Reads a file that is in memory. NULL: refused, in words that are safe, and nothing is left in the bundle. */
static inline struct pki_bundle *fuzz_read(const uint8_t *data, size_t size)
{
    struct pki_password password = {fuzz_password, NULL};
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    fuzz_expect(bundle != NULL);
    if (pki_bundle_add_bytes(bundle, data, size, "fuzz\x1b", &password, &err) != 0) {
        fuzz_expect(err.class == ERR_FILE || (err.class == ERR_USAGE && err.code[0] != '\0'));
        fuzz_expect_safe(err.text);
        fuzz_expect(pki_bundle_count(bundle) == 0 && pki_bundle_crl_count(bundle) == 0);
        fuzz_expect(pki_bundle_remark(bundle)[0] == '\0');
        pki_bundle_free(bundle);
        return NULL;
    }
    fuzz_expect(pki_bundle_count(bundle) + pki_bundle_crl_count(bundle) > 0);
    fuzz_expect_safe(pki_bundle_remark(bundle));
    for (size_t i = 0; i < pki_bundle_count(bundle); i++) {
        fuzz_expect(strcmp(pki_bundle_source(bundle, i), "fuzz\x1b") == 0);
        fuzz_write_and_read(pki_bundle_der(bundle, i));
    }
    for (size_t i = 0; i < pki_bundle_crl_count(bundle); i++) {
        fuzz_touch(pki_bundle_crl(bundle, i));
    }
    return bundle;
}

#endif
