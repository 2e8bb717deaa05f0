/*
 * Bundles: any bytes as a file, whatever its format, and every certificate in it as fields and as text. What is shown is safe, slices
 * are where they should be, PEM that is written is read again, and a file that is refused leaves no trace.
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

static void expect_safe(const char *text)
{
    struct buffer safe = {0};

    expect(text != NULL);
    text_safe_append(&safe, text, strlen(text));
    expect(strcmp(buffer_string(&safe), text) == 0);
    buffer_free(&safe);
}

static void check_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_safe(texts[i]);
    }
}

static void check_details(const struct pki_certificate *certificate)
{
    struct pki_details *details = pki_details_new(certificate);

    expect((details == NULL) == certificate->malformed);
    if (details == NULL) {
        return;
    }
    for (size_t i = 0; i < details->extension_count; i++) {
        const struct pki_extension *extension = &details->extensions[i];
        expect_safe(extension->name);
        expect_safe(extension->text);
        expect(extension->value.data >= certificate->der.data &&
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
    expect(buffer_string(&text) != NULL && strlen((const char *)text.data) == text.length);
    rest = (char *)text.data;
    while ((line = strsep(&rest, "\n")) != NULL) {
        expect_safe(line);
    }
    buffer_free(&text);
}

static void check_certificate(struct pki_slice der)
{
    struct pki_certificate *certificate = pki_certificate_new(der.data, der.length);

    expect(certificate != NULL);
    check_details(certificate);
    check_text(certificate);
    pki_certificate_free(certificate);
}

/* All certificates as PEM make the same bundle again. An empty one cannot: a block without content is none. */
static void check_written(const struct pki_bundle *bundle)
{
    struct pki_bundle *again = pki_bundle_new(NULL);
    struct buffer text = {0};

    for (size_t i = 0; i < pki_bundle_count(bundle); i++) {
        pki_pem_append(&text, pki_bundle_der(bundle, i), "TRUSTED CERTIFICATE");
    }
    expect(again != NULL && !text.failed);
    if (pki_bundle_add_bytes(again, text.data, text.length, "again", NULL, NULL) == 0) {
        expect(pki_bundle_count(again) >= 1);
    }
    pki_bundle_free(again);
    buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    expect(bundle != NULL);
    if (pki_bundle_add_bytes(bundle, data, size, "input\x1b", NULL, &err) != 0) {
        expect(err.class == ERR_FILE || err.class == ERR_USAGE);
        expect_safe(err.text);
        expect(pki_bundle_count(bundle) == 0 && pki_bundle_crl_count(bundle) == 0);
    } else {
        expect(pki_bundle_count(bundle) + pki_bundle_crl_count(bundle) > 0);
    }
    expect_safe(pki_bundle_remark(bundle));
    for (size_t i = 0; i < pki_bundle_count(bundle); i++) {
        expect(strcmp(pki_bundle_source(bundle, i), "input\x1b") == 0);
        check_certificate(pki_bundle_der(bundle, i));
    }
    for (size_t i = 0; i < pki_bundle_crl_count(bundle); i++) {
        expect(pki_bundle_crl(bundle, i).length > 0);
    }
    check_written(bundle);
    pki_bundle_free(bundle);
    return 0;
}
