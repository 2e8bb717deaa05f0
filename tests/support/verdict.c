/* Chains of test certificates judged in one line. */
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

struct pki_trust *verdict_trust(const struct cert *const *anchors)
{
    struct pki_trust *trust = pki_trust_none(NULL);

    for (; trust != NULL && *anchors != NULL; anchors++) {
        if (pki_trust_add_der(trust, (*anchors)->der, (*anchors)->length, NULL) != 0) {
            pki_trust_release(trust);
            return NULL;
        }
    }
    return trust;
}

struct pki_verification *verdict_ask(struct pki_request request, const struct cert *const *chain)
{
    struct pki_slice slices[16];

    for (; chain[request.chain_length] != NULL && request.chain_length < 16;
         request.chain_length++) {
        const struct cert *cert = chain[request.chain_length];
        slices[request.chain_length] = (struct pki_slice){cert->der, cert->length};
    }
    request.chain = slices;
    return pki_verify(&request, NULL);
}

struct pki_verification *verdict_of(const struct cert *const *chain, struct pki_trust *trust,
                                    const char *hostname)
{
    return verdict_ask((struct pki_request){.trust = trust, .hostname = hostname, .at = CERT_NOW},
                       chain);
}

static char *take(char *out, size_t size, struct buffer *text)
{
    const char *string = buffer_string(text);

    (void)snprintf(out, size, "%s", string != NULL ? string : "out of memory");
    buffer_free(text);
    return out;
}

char *verdict_codes(char *out, size_t size, const struct pki_verification *verification)
{
    struct buffer text = {0};

    if (verification->ok != (verification->reason_count == 0)) {
        buffer_text(&text, "ok contradicts the reasons");
        return take(out, size, &text);
    }
    buffer_text(&text, verification->ok ? "ok" : "");
    for (size_t i = 0; i < verification->reason_count; i++) {
        buffer_text(&text, i > 0 ? " " : "");
        buffer_text(&text, pki_reason_name(verification->reasons[i].code));
    }
    return take(out, size, &text);
}

static bool is_about_revocation(const struct pki_reason *reason)
{
    return reason->code == PKI_REVOKED || reason->code == PKI_REVOCATION_UNKNOWN;
}

char *verdict_revocation_codes(char *out, size_t size, const struct pki_verification *verification)
{
    struct buffer text = {0};

    for (size_t i = 0; i < verification->reason_count; i++) {
        const struct pki_reason *reason = &verification->reasons[i];
        if (is_about_revocation(reason)) {
            buffer_printf(&text, "%s%s", text.length > 0 ? " " : "", pki_reason_name(reason->code));
        }
    }
    buffer_text(&text, text.length > 0 ? "" : "ok");
    return take(out, size, &text);
}

const struct pki_reason *verdict_revocation(const struct pki_verification *verification)
{
    for (size_t i = 0; i < verification->reason_count; i++) {
        if (is_about_revocation(&verification->reasons[i])) {
            return &verification->reasons[i];
        }
    }
    return NULL;
}

char *verdict_path(char *out, size_t size, const struct pki_verification *verification)
{
    struct buffer text = {0};

    for (size_t i = 0; i < verification->path_length; i++) {
        buffer_printf(&text, "%s%zu", i > 0 ? " " : "", verification->path[i]);
    }
    return take(out, size, &text);
}
