/* Reading the certificate that is looked at. */
#include <string.h>

#include "certificate.h"
#include "theme.h"

void ui_certificate_free(struct ui_certificate *shown)
{
    pki_details_free(shown->details);
    pki_lint_free(shown->lint, shown->lint_count);
    pki_certificate_free(shown->certificate);
    *shown = (struct ui_certificate){0};
}

bool ui_certificate_is(const struct pki_certificate *certificate, struct pki_slice der)
{
    return certificate != NULL && certificate->der.length == der.length &&
           (der.length == 0 || memcmp(certificate->der.data, der.data, der.length) == 0);
}

static bool is_same(const struct ui_certificate *shown, struct pki_slice der, enum pki_place place,
                    int64_t at)
{
    return !shown->failed && shown->place == place && shown->at == at &&
           ui_certificate_is(shown->certificate, der);
}

void ui_certificate_load(struct ui_certificate *shown, struct pki_slice der, enum pki_place place,
                         struct pki_slice issuer, int64_t at)
{
    if (is_same(shown, der, place, at)) {
        return;
    }
    ui_certificate_free(shown);
    shown->place = place;
    shown->at = at;
    shown->certificate = pki_certificate_new(der.data, der.length);
    if (shown->certificate == NULL) {
        shown->failed = true;
        return;
    }
    if (!shown->certificate->malformed) {
        shown->details = pki_details_new(shown->certificate);
        shown->failed = shown->details == NULL;
    }
    if (pki_lint(&shown->lint, &shown->lint_count, der, place, issuer, at) != 0) {
        shown->failed = true;
    }
}

/* A month is what renewing takes where it is done by hand. */
#define SOON_SECONDS ((int64_t)30 * 86400)

unsigned ui_expiry_style(int64_t not_after, int64_t now)
{
    if (not_after < now) {
        return UI_BAD;
    }
    return not_after - now < SOON_SECONDS ? UI_WARNING : UI_TEXT;
}
