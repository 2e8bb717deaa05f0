/* What stands deeper in a certificate, as text: extensions, addresses, timestamps, lint notes. */
#include <string.h>

#include "text.h"

static void write_addresses(const struct pen *pen, const char *label, char *const *addresses,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_row_outside(pen, i == 0 ? label : "", addresses[i]);
    }
}

/* Those that have rows of their own. */
static bool is_told_elsewhere(const char *oid)
{
    static const char *const told[] = {
        "2.5.29.17",               /* subjectAltName */
        "2.5.29.31",               /* cRLDistributionPoints */
        "1.3.6.1.5.5.7.1.1",       /* authorityInfoAccess */
        "1.3.6.1.4.1.11129.2.4.2", /* embedded SCTs */
    };

    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        if (strcmp(oid, told[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void write_extensions(const struct pen *pen, const struct pki_details *details)
{
    bool first = true;

    for (size_t i = 0; i < details->extension_count; i++) {
        const struct pki_extension *extension = &details->extensions[i];
        if (is_told_elsewhere(extension->oid) && !(pen->style & REPORT_ALL)) {
            continue;
        }
        buffer_printf(pen->out, "       %-*s%s%s", TEXT_LABEL_COLUMNS, first ? "extensions" : "",
                      extension->name, extension->critical ? " (critical)" : "");
        if (extension->text != NULL && extension->text[0] != '\0') {
            buffer_text(pen->out, ": ");
            text_outside(pen, extension->text);
        }
        buffer_text(pen->out, "\n");
        first = false;
    }
}

static void write_scts(const struct pen *pen, const struct pki_details *details)
{
    char time[40];
    char id[24];

    for (size_t i = 0; i < details->sct_count; i++) {
        const struct pki_sct *sct = &details->scts[i];
        text_row(pen, i == 0 ? "logged" : "", "%s in %s",
                 time_rfc3339(time, sizeof time, sct->timestamp_ms / 1000),
                 sct->log != NULL ? sct->log : text_hex(id, sizeof id, sct->log_id, 8));
    }
}

static int write_lint(const struct pen *pen, const struct report_chain *chain, size_t index,
                      const struct pki_certificate *certificate)
{
    const struct pki_verification *verification = chain->verification;
    struct pki_lint *list;
    size_t count;
    size_t folded = 0;

    /* Nobody mends what stands in a trust store. */
    if (verification == NULL || (index >= verification->sent_count && !(pen->style & REPORT_ALL))) {
        return 0;
    }
    if (part_lint(&list, &count, verification, index, certificate) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (list[i].level == PKI_LINT_NOTE && !(pen->style & REPORT_ALL)) {
            folded++;
            continue;
        }
        buffer_printf(pen->out, "       %-*s", TEXT_LABEL_COLUMNS, i == folded ? "lint" : "");
        pen_mark(pen, list[i].level == PKI_LINT_MUST ? MARK_WARNING : MARK_PENDING);
        buffer_printf(pen->out, " %s: %s (%s)\n", pki_lint_level_name(list[i].level), list[i].text,
                      list[i].source);
    }
    if (folded > 0) {
        text_row(pen, folded == count ? "lint" : "", "%zu note%s: --all shows %s", folded,
                 folded == 1 ? "" : "s", folded == 1 ? "it" : "them");
    }
    pki_lint_free(list, count);
    return 0;
}

static void write_details(const struct pen *pen, const struct pki_details *details)
{
    text_row(pen, "pin", "%s", details->pin);
    if (details->exponent != NULL && strcmp(details->exponent, "65537") != 0) {
        text_row_outside(pen, "exponent", details->exponent);
    }
    if (details->version != 3) {
        text_row(pen, "version", "%u", details->version);
    }
    if (details->validation != NULL) {
        text_row(pen, "issued as", "%s", details->validation);
    }
    write_extensions(pen, details);
    write_addresses(pen, "OCSP at", details->ocsp, details->ocsp_count);
    write_addresses(pen, "CRL at", details->crls, details->crl_count);
    write_addresses(pen, "issuer at", details->issuers, details->issuer_count);
    write_scts(pen, details);
}

/* Sent by nobody: of the trust store's there is less to be said. */
static bool is_stored(const struct pki_verification *verification, size_t index)
{
    return verification != NULL && index >= verification->sent_count &&
           verification->members[index].origin == PKI_STORE;
}

int text_details(const struct pen *pen, const struct report_chain *chain, size_t index,
                 const struct pki_certificate *certificate)
{
    if (!(pen->style & REPORT_ALL) && is_stored(chain->verification, index)) {
        return 0;
    }
    if (!certificate->malformed) {
        struct pki_details *details = pki_details_new(certificate);
        if (details == NULL) {
            return -1;
        }
        write_details(pen, details);
        pki_details_free(details);
    }
    return write_lint(pen, chain, index, certificate);
}
