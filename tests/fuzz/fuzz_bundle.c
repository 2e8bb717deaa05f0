/*
 * Bundles: any bytes as a file, whatever its format, then half of them into the same bundle, and every certificate as fields and as
 * text. What is shown is safe, what is well formed comes back from PEM as it was, and a file that is refused leaves no trace.
 */
#include "bundles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fuzz_expect_safe(texts[i]);
    }
}

static void check_details(const struct pki_certificate *certificate)
{
    struct pki_details *details = pki_details_new(certificate);

    fuzz_expect((details == NULL) == certificate->malformed);
    if (details == NULL) {
        return;
    }
    for (size_t i = 0; i < details->extension_count; i++) {
        const struct pki_extension *extension = &details->extensions[i];
        fuzz_expect_safe(extension->name);
        fuzz_expect_safe(extension->text);
        fuzz_expect(extension->value.data >= certificate->der.data &&
                    extension->value.data + extension->value.length <=
                        certificate->der.data + certificate->der.length);
    }
    check_texts(details->policies, details->policy_count);
    check_texts(details->ocsp, details->ocsp_count);
    check_texts(details->issuers, details->issuer_count);
    check_texts(details->crls, details->crl_count);
    pki_details_free(details);
}

/* Its line ends apart, the text is what text_safe() leaves as it is. */
static void check_text(const struct pki_certificate *certificate)
{
    struct buffer text = {0};
    char *line, *rest;

    pki_certificate_text(&text, certificate);
    fuzz_expect(buffer_string(&text) != NULL && strlen((const char *)text.data) == text.length);
    rest = (char *)text.data;
    while ((line = strsep(&rest, "\n")) != NULL) {
        fuzz_expect_safe(line);
    }
    buffer_free(&text);
}

static void check_certificate(struct pki_slice der)
{
    struct pki_certificate *certificate = pki_certificate_new(der.data, der.length);

    fuzz_expect(certificate != NULL);
    check_details(certificate);
    check_text(certificate);
    pki_certificate_free(certificate);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pki_bundle *bundle = fuzz_read(data, size);
    size_t count;

    if (bundle == NULL) {
        return 0;
    }
    count = pki_bundle_count(bundle);
    (void)pki_bundle_add_bytes(bundle, data, size / 2, "half", NULL, NULL); /* may be refused */
    fuzz_expect(pki_bundle_count(bundle) >= count);
    for (size_t i = 0; i < pki_bundle_count(bundle); i++) {
        check_certificate(pki_bundle_der(bundle, i));
    }
    pki_bundle_free(bundle);
    return 0;
}
