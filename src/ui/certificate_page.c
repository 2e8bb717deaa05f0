/* One certificate as lines of text. */
#include <string.h>

#include "certificate.h"
#include "marks.h"
#include "tlstep/report.h"

#define VALUE_COLUMN 10
/* More names than this have a part of their own, below what is looked for more often. */
#define NAMES_BESIDE 12

static void add_value(struct ui_page *page, const char *name, unsigned style, const char *value)
{
    struct buffer safe = {0};

    if (value == NULL || value[0] == '\0') {
        return;
    }
    text_safe_append(&safe, value, strlen(value));
    if (buffer_string(&safe) != NULL) {
        ui_page_pair(page, name, VALUE_COLUMN, style, buffer_string(&safe));
    }
    page->failed |= safe.failed;
    buffer_free(&safe);
}

/* ---- dates --------------------------------------------------------------------------------------- */

static void add_date(struct ui_page *page, const char *name, unsigned style, int64_t seconds,
                     int64_t now)
{
    char distance[60], date[60], text[160];

    (void)report_distance(distance, sizeof distance, seconds, now);
    (void)ui_date(date, sizeof date, seconds);
    if (page->columns < 50) { /* the day will do */
        date[10] = '\0';
    }
    (void)snprintf(text, sizeof text, "%s (%s)", distance, date);
    if (ui_text_columns(text, page->ascii) <= page->columns - VALUE_COLUMN) {
        add_value(page, name, style, text);
        return;
    }
    add_value(page, name, style, distance);
    add_value(page, "", style, date);
}

/* "expires   in 61 days (2027-01-24)", red or yellow where it should be. */
static void add_validity(struct ui_page *page, const struct pki_certificate *certificate,
                         int64_t now)
{
    bool future = certificate->not_before > now;

    if (future || page->columns >= 50) {
        add_date(page, future ? "begins" : "began", future ? UI_BAD : UI_DIM,
                 certificate->not_before, now);
    }
    add_date(page, certificate->not_after < now ? "expired" : "expires",
             ui_expiry_style(certificate->not_after, now), certificate->not_after, now);
}

/* ---- names --------------------------------------------------------------------------------------- */

/* All names stand under each other: beside the label, or below it when one is too long. */
static void add_names(struct ui_page *page, const struct pki_certificate *certificate, int column)
{
    for (size_t i = 0; i < certificate->san_count; i++) {
        struct buffer safe = {0};
        const char *name = certificate->san[i];
        text_safe_append(&safe, name, strlen(name));
        if (i > 0 || column < VALUE_COLUMN) {
            ui_page_line(page);
        }
        ui_page_column(page, column);
        if (buffer_string(&safe) != NULL) {
            ui_page_wrap(page, UI_TEXT, column, buffer_string(&safe));
        }
        page->failed |= safe.failed;
        buffer_free(&safe);
    }
}

static void add_few_names(struct ui_page *page, const struct pki_certificate *certificate)
{
    int widest = 0;
    char count[32];

    if (certificate->san_count > NAMES_BESIDE) {
        ui_page_pair(page, "names", VALUE_COLUMN, UI_TEXT,
                     text_grouped(count, sizeof count, certificate->san_count));
        ui_page_add(page, UI_DIM, ", below");
        return;
    }
    for (size_t i = 0; i < certificate->san_count; i++) {
        int columns = ui_text_columns(certificate->san[i], page->ascii);
        widest = columns > widest ? columns : widest;
    }
    ui_page_line(page);
    ui_page_add(page, UI_DIM, "names");
    if (certificate->san_count == 0) {
        ui_page_column(page, VALUE_COLUMN);
        ui_page_add(page, UI_DIM, "none");
        return;
    }
    add_names(page, certificate, widest > page->columns - VALUE_COLUMN ? 2 : VALUE_COLUMN);
}

static void add_many_names(struct ui_page *page, const struct pki_certificate *certificate)
{
    char title[60], count[32];

    if (certificate->san_count <= NAMES_BESIDE) {
        return;
    }
    (void)snprintf(title, sizeof title, "%s names",
                   text_grouped(count, sizeof count, certificate->san_count));
    ui_page_section(page, title);
    add_names(page, certificate, 0);
}

/* ---- key and numbers ----------------------------------------------------------------------------- */

static void add_key(struct ui_page *page, const struct ui_certificate *shown)
{
    const struct pki_certificate *certificate = shown->certificate;
    const char *exponent = shown->details != NULL ? shown->details->exponent : NULL;
    char text[300];

    if (certificate->key_curve != NULL) {
        (void)snprintf(text, sizeof text, "%s %s", certificate->key_type, certificate->key_curve);
    } else {
        (void)snprintf(text, sizeof text, "%s %u bits%s%s", certificate->key_type,
                       certificate->key_bits, exponent != NULL ? ", exponent " : "",
                       exponent != NULL ? exponent : "");
    }
    add_value(page, "key", UI_TEXT, text);
    add_value(page, "signed", UI_TEXT, certificate->signature_algorithm);
}

static void add_fingerprints(struct ui_page *page, const struct ui_certificate *shown)
{
    char text[80];

    add_value(page, "serial", UI_TEXT, shown->certificate->serial);
    add_value(page, "SHA-256", UI_TEXT,
              text_hex(text, sizeof text, shown->certificate->sha256, 32));
    if (shown->details != NULL) {
        add_value(page, "pin", UI_TEXT, shown->details->pin);
    }
}

/* ---- extensions ---------------------------------------------------------------------------------- */

static void add_list(struct ui_page *page, const char *name, char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_value(page, i == 0 ? name : "", UI_TEXT, values[i]);
    }
}

static void add_extension(struct ui_page *page, const struct pki_extension *extension)
{
    ui_page_line(page);
    ui_page_add(page, UI_TEXT, "%s", extension->name);
    if (extension->critical) {
        ui_page_add(page, UI_WARNING, " critical");
    }
    if (extension->text != NULL && extension->text[0] != '\0') {
        ui_page_add(page, UI_TEXT, "  ");
        ui_page_wrap(page, UI_DIM, 2, extension->text);
    }
}

static void add_extensions(struct ui_page *page, const struct pki_details *details)
{
    if (details == NULL || details->extension_count == 0) {
        return;
    }
    ui_page_section(page, "Extensions");
    for (size_t i = 0; i < details->extension_count; i++) {
        add_extension(page, &details->extensions[i]);
    }
}

static void add_addresses(struct ui_page *page, const struct pki_details *details)
{
    if (details == NULL) {
        return;
    }
    add_value(page, "kind", UI_TEXT, details->validation);
    add_list(page, "policy", details->policies, details->policy_count);
    add_list(page, "OCSP", details->ocsp, details->ocsp_count);
    add_list(page, "CRL", details->crls, details->crl_count);
    add_list(page, "issuer at", details->issuers, details->issuer_count);
    if (details->must_staple) {
        add_value(page, "staple", UI_TEXT, "the server must staple an OCSP response (RFC 7633)");
    }
}

/* ---- what others say of it ----------------------------------------------------------------------- */

static void add_sct(struct ui_page *page, const struct pki_sct *sct, const char *label)
{
    static const char *const sources[] = {"in the certificate", "in the handshake",
                                          "in the OCSP response"};
    char log[160], date[60], text[300];

    if (sct->log != NULL) {
        (void)snprintf(log, sizeof log, "%s", sct->log);
    } else {
        char digits[40];
        (void)snprintf(log, sizeof log, "a log that is not in our list, %s",
                       text_hex(digits, sizeof digits, sct->log_id, 8));
    }
    (void)ui_date(date, sizeof date, sct->timestamp_ms / 1000);
    (void)snprintf(text, sizeof text, "%s, %s, %s", log, date, sources[sct->source]);
    add_value(page, label, UI_TEXT, text);
}

static void add_scts(struct ui_page *page, const struct ui_certificate *shown,
                     const struct ui_certificate_context *context)
{
    const struct pki_verification *verification = context->verification;
    bool leaf = verification != NULL && verification->sct_count > 0 && context->index == 0;
    const struct pki_sct *list = leaf                     ? verification->scts
                                 : shown->details != NULL ? shown->details->scts
                                                          : NULL;
    size_t count = leaf                     ? verification->sct_count
                   : shown->details != NULL ? shown->details->sct_count
                                            : 0;

    for (size_t i = 0; i < count; i++) {
        add_sct(page, &list[i], i == 0 ? "logged" : "");
    }
}

static void add_revocations(struct ui_page *page, const struct ui_certificate_context *context)
{
    static const unsigned styles[] = {
        [PKI_STATUS_NONE] = UI_DIM,
        [PKI_STATUS_GOOD] = UI_GOOD,
        [PKI_STATUS_REVOKED] = UI_BAD,
        [PKI_STATUS_UNKNOWN] = UI_WARNING,
    };
    const struct pki_verification *verification = context->verification;

    for (size_t i = 0; verification != NULL && i < verification->revocation_count; i++) {
        const struct pki_revocation *revocation = &verification->revocations[i];
        if (revocation->certificate == context->index) {
            add_value(page, "revoked?", styles[revocation->status],
                      revocation->text != NULL && revocation->text[0] != '\0'
                          ? revocation->text
                          : pki_revocation_status_name(revocation->status));
        }
    }
}

static void add_lint(struct ui_page *page, const struct ui_certificate *shown)
{
    static const unsigned styles[] = {
        [PKI_LINT_MUST] = UI_WARNING, [PKI_LINT_SHOULD] = UI_TEXT, [PKI_LINT_NOTE] = UI_DIM};

    if (shown->lint_count == 0) {
        return;
    }
    ui_page_section(page, "Notes, apart from the verdict");
    for (size_t i = 0; i < shown->lint_count; i++) {
        const struct pki_lint *note = &shown->lint[i];
        ui_page_line(page);
        ui_page_add(page, styles[note->level], "%s", pki_lint_level_name(note->level));
        ui_page_column(page, 8);
        ui_page_wrap(page, UI_TEXT, 8, note->text);
        ui_page_add(page, UI_TEXT, " ");
        ui_page_wrap(page, UI_DIM, 8, note->source);
    }
}

/* ---- all ------------------------------------------------------------------------------------------ */

static void add_facts(struct ui_page *page, const struct ui_certificate *shown,
                      const struct ui_certificate_context *context)
{
    const struct pki_certificate *certificate = shown->certificate;

    add_validity(page, certificate, context->now);
    add_few_names(page, certificate);
    add_key(page, shown);
    add_value(page, "subject", UI_TEXT, certificate->subject);
    add_value(page, "issuer", UI_TEXT, certificate->issuer);
    add_value(page, "place", UI_TEXT, context->place);
    add_revocations(page, context);
    add_fingerprints(page, shown);
    add_addresses(page, shown->details);
    add_scts(page, shown, context);
    add_extensions(page, shown->details);
}

void ui_certificate_add(struct ui_page *page, const struct ui_certificate *shown,
                        const struct ui_certificate_context *context)
{
    const struct pki_certificate *certificate = shown->certificate;
    char name[200];

    page->failed |= shown->failed;
    if (certificate == NULL) {
        return;
    }
    ui_page_section(page, pki_certificate_label(name, sizeof name, certificate));
    if (certificate->malformed) {
        ui_page_line(page);
        ui_mark_add(page, UI_MARK_BAD);
        ui_page_wrap(page, UI_BAD, 2, certificate->problem);
        add_value(page, "place", UI_TEXT, context->place);
        add_fingerprints(page, shown);
        add_lint(page, shown);
        return;
    }
    add_facts(page, shown, context);
    add_lint(page, shown);
    add_many_names(page, certificate);
}
