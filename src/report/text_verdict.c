/* The verdict on certificates as text. */
#include <string.h>

#include "text.h"

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* The name of a certificate of the verification. */
static void write_name(const struct pen *pen, const struct report_chain *chain, size_t index)
{
    struct pki_certificate *read = NULL;
    const struct pki_certificate *certificate = part_certificate_at(chain, index, &read);
    char label[200];

    if (certificate == NULL) {
        pen->out->failed = true;
        return;
    }
    buffer_text(pen->out, pki_certificate_label(label, sizeof label, certificate));
    pki_certificate_free(read);
}

static void write_head(const struct pen *pen, const struct pki_verification *verification)
{
    char at[40];

    buffer_text(pen->out, "  ");
    pen_mark(pen, verification->ok ? MARK_DONE : MARK_FAILED);
    buffer_printf(pen->out, " %s, judged for %s by %zu trust anchor%s (%s)",
                  verification->ok ? "accepted" : "refused",
                  time_rfc3339(at, sizeof at, verification->at), verification->anchors,
                  verification->anchors == 1 ? "" : "s",
                  verification->trust != NULL ? verification->trust : "none");
    if (verification->name != NULL) {
        struct buffer host = {0};
        pki_host_text(&host, verification->name);
        const char *text = buffer_string(&host);
        buffer_printf(pen->out, ", host name %s", text != NULL ? text : verification->name);
        buffer_free(&host);
    }
    if (is_given(verification->purpose) && strcmp(verification->purpose, "server") != 0) {
        buffer_printf(pen->out, ", purpose %s", verification->purpose);
    }
    buffer_text(pen->out, verification->strict ? ", strictly\n" : "\n");
}

static void write_reason(const struct pen *pen, const struct pki_reason *reason,
                         enum text_detail detail)
{
    const char *reference = pki_reason_rule(reason);
    bool told = strstr(reason->text, reference) != NULL;

    buffer_text(pen->out, "  ");
    pen_mark(pen, MARK_FAILED);
    buffer_printf(pen->out, " %s: %s%s%s%s\n", pki_reason_name(reason->code), reason->text,
                  told ? "" : " (", told ? "" : reference, told ? "" : ")");
    if (detail == TEXT_FULL && is_given(reason->field)) {
        buffer_printf(pen->out, "      %s%s%s", reason->field, is_given(reason->found) ? ": " : "",
                      is_given(reason->found) ? reason->found : "");
        if (is_given(reason->required)) {
            buffer_printf(pen->out, "; required: %s", reason->required);
        }
        buffer_text(pen->out, "\n");
    }
    if (is_given(reason->here)) {
        buffer_printf(pen->out, "      On this machine: %s\n", reason->here);
    }
    if (is_given(reason->mend)) {
        buffer_printf(pen->out, "      Mend it: %s\n", reason->mend);
    }
}

static void write_expiry(const struct pen *pen, const struct report_chain *chain)
{
    const struct pki_verification *verification = chain->verification;
    char date[40];
    char left[60];

    if (verification->expires == 0 || verification->expires_first < 0) {
        return;
    }
    buffer_text(pen->out, "  ");
    pen_mark(pen, verification->expires < verification->at ? MARK_FAILED : MARK_PENDING);
    buffer_text(pen->out, " ends first: ");
    write_name(pen, chain, (size_t)verification->expires_first);
    buffer_printf(pen->out, ", %s (%s)\n",
                  report_distance(left, sizeof left, verification->expires, verification->at),
                  time_rfc3339(date, sizeof date, verification->expires));
}

/* The sentence, when there is one, says from where and until when. */
static void write_revocation(const struct pen *pen, const struct report_chain *chain,
                             const struct pki_revocation *entry)
{
    static const enum mark marks[] = {
        [PKI_STATUS_NONE] = MARK_PENDING,
        [PKI_STATUS_GOOD] = MARK_DONE,
        [PKI_STATUS_REVOKED] = MARK_FAILED,
        [PKI_STATUS_UNKNOWN] = MARK_WARNING,
    };
    const char *status = pki_revocation_status_name(entry->status);

    buffer_text(pen->out, "  ");
    pen_mark(pen, marks[entry->status]);
    buffer_printf(pen->out, " revocation of ");
    write_name(pen, chain, entry->certificate);
    buffer_printf(pen->out, ": %s\n", is_given(entry->text) ? entry->text : status);
}

static void write_scts(const struct pen *pen, const struct pki_verification *verification)
{
    size_t counts[3] = {0};

    for (size_t i = 0; i < verification->sct_count; i++) {
        counts[verification->scts[i].source]++;
    }
    if (verification->sct_count > 0) {
        buffer_text(pen->out, "  ");
        pen_mark(pen, MARK_PENDING);
        buffer_printf(pen->out, " certificate transparency: %zu timestamps",
                      verification->sct_count);
        for (size_t i = 0; i < 3; i++) {
            if (counts[i] > 0) {
                buffer_printf(pen->out, ", %zu %s", counts[i],
                              i == PKI_SCT_EMBEDDED ? "embedded"
                              : i == PKI_SCT_TLS    ? "in TLS"
                                                    : "in the OCSP response");
            }
        }
        buffer_text(pen->out, "\n");
    }
}

static void write_gnutls(const struct pen *pen, const struct pki_verification *verification,
                         enum text_detail detail)
{
    bool differs = is_given(verification->difference);

    if (!verification->gnutls_performed || (!differs && detail == TEXT_BRIEF)) {
        return;
    }
    buffer_text(pen->out, "  ");
    pen_mark(pen, differs ? MARK_WARNING : MARK_PENDING);
    buffer_printf(pen->out, " GnuTLS %s%s%s\n",
                  verification->gnutls_ok ? "accepts it" : "refuses it",
                  is_given(verification->gnutls_text) ? ": " : "",
                  is_given(verification->gnutls_text) ? verification->gnutls_text : "");
    if (differs) {
        buffer_printf(pen->out, "      %s\n", verification->difference);
    }
}

static void write_warnings(const struct pen *pen, const struct pki_verification *verification)
{
    if (verification->misordered) {
        buffer_text(pen->out, "  ");
        pen_mark(pen, MARK_WARNING);
        buffer_text(pen->out, " misordered: each certificate should certify the one before it (RFC "
                              "5246 7.4.2); tlstep certs --pem prints them in order\n");
    }
    if (is_given(verification->gave_up)) {
        buffer_text(pen->out, "  ");
        pen_mark(pen, MARK_WARNING);
        buffer_printf(pen->out, " %s\n", verification->gave_up);
    }
}

void text_verdict(const struct pen *pen, const struct report_chain *chain, enum text_detail detail)
{
    const struct pki_verification *verification = chain->verification;

    if (verification == NULL || !verification->performed) {
        return;
    }
    pen_heading(pen, "Verification");
    write_head(pen, verification);
    for (size_t i = 0; i < verification->reason_count; i++) {
        write_reason(pen, &verification->reasons[i], detail);
    }
    write_warnings(pen, verification);
    write_expiry(pen, chain);
    for (size_t i = 0; i < verification->revocation_count; i++) {
        write_revocation(pen, chain, &verification->revocations[i]);
    }
    write_scts(pen, verification);
    write_gnutls(pen, verification, detail);
}
