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

char *verdict_path(char *out, size_t size, const struct pki_verification *verification)
{
    struct buffer text = {0};

    for (size_t i = 0; i < verification->path_length; i++) {
        buffer_printf(&text, "%s%zu", i > 0 ? " " : "", verification->path[i]);
    }
    return take(out, size, &text);
}
