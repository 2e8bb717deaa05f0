/* Certificates and the verdict on them as text. */
#include <string.h>

#include "parts.h"
#include "text.h"

static bool is_blamed(const struct pki_verification *verification, size_t index)
{
    for (size_t i = 0; verification != NULL && i < verification->reason_count; i++)
        if (verification->reasons[i].certificate == (long)index)
            return true;
    return false;
}

static void write_names(const struct pen *pen, const struct pki_certificate *certificate)
{
    char name[260];
    for (size_t i = 0; i < certificate->san_count; i++)
        buffer_printf(
            pen->out, "%s%s", i == 0 ? "       names " : ", ",
            text_safe(name, sizeof name, certificate->san[i], strlen(certificate->san[i])));
    if (certificate->san_count > 0)
        buffer_text(pen->out, "\n");
}

/* "  ✔ 0  example.org · leaf · sent" */
static void write_head(const struct pen *pen, enum mark mark, size_t index,
                       const struct pki_certificate *certificate, const char *role,
                       const char *from)
{
    char label[200];

    buffer_text(pen->out, "  ");
    pen_mark(pen, mark);
    buffer_printf(pen->out, " %zu  %s · %s · %s\n", index,
                  pki_certificate_label(label, sizeof label, certificate), role, from);
}

static void write_contents(const struct pen *pen, const struct pki_certificate *certificate)
{
    char text[400];
    char from[40];
    char until[40];

    if (certificate->malformed) {
        buffer_printf(
            pen->out, "       cannot be read: %s\n",
            text_safe(text, sizeof text, certificate->problem, strlen(certificate->problem)));
        return;
    }
    buffer_printf(pen->out, "       issuer %s\n",
                  text_safe(text, sizeof text, certificate->issuer, strlen(certificate->issuer)));
    buffer_printf(pen->out, "       valid %s to %s\n",
                  time_rfc3339(from, sizeof from, certificate->not_before),
                  time_rfc3339(until, sizeof until, certificate->not_after));
    write_names(pen, certificate);
    buffer_printf(pen->out, "       key %s %u bits%s%s%s%s\n", certificate->key_type,
                  certificate->key_bits, certificate->key_curve != NULL ? " " : "",
                  certificate->key_curve != NULL ? certificate->key_curve : "", " · ",
                  certificate->signature_algorithm);
    buffer_printf(pen->out, "       SHA-256 %s\n",
                  text_hex(text, sizeof text, certificate->sha256, 32));
}

static void write_certificate(const struct pen *pen, const struct trace_facts *facts, size_t index,
                              const struct pki_certificate *certificate, bool sent)
{
    const struct pki_verification *verification = facts->verification;
    enum mark mark = MARK_PENDING;

    if (is_blamed(verification, index)) {
        mark = MARK_FAILED;
    } else if (verification != NULL && verification->ok) {
        mark = MARK_DONE;
    }
    write_head(pen, mark, index, certificate, part_role(facts, index, certificate),
               sent ? "sent" : "trust store");
    write_contents(pen, certificate);
}

static int write_stored(const struct pen *pen, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    if (verification == NULL)
        return 0;
    for (size_t i = verification->sent_count; i < verification->certificate_count; i++) {
        const struct pki_slice *der = &verification->certificates[i];
        struct pki_certificate *certificate = pki_certificate_new(der->data, der->length);
        if (certificate == NULL)
            return -1;
        write_certificate(pen, facts, i, certificate, false);
        pki_certificate_free(certificate);
    }
    return 0;
}

int text_certificates(const struct pen *pen, const struct trace_facts *facts)
{
    if (facts->certificate_count + facts->client_certificate_count == 0) {
        return 0;
    }
    pen_heading(pen, "Certificates");
    for (size_t i = 0; i < facts->certificate_count; i++)
        write_certificate(pen, facts, i, facts->certificates[i], true);
    if (write_stored(pen, facts) != 0) {
        return -1;
    }
    for (size_t i = 0; i < facts->client_certificate_count; i++) {
        const struct pki_certificate *certificate = facts->client_certificates[i];
        write_head(pen, MARK_PENDING, i, certificate, part_client_role(i, certificate),
                   "sent by the client");
        write_contents(pen, certificate);
    }
    return 0;
}

void text_verdict(const struct pen *pen, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    char at[40];

    if (verification == NULL || !verification->performed)
        return;
    pen_heading(pen, "Verification");
    buffer_text(pen->out, "  ");
    pen_mark(pen, verification->ok ? MARK_DONE : MARK_FAILED);
    buffer_printf(pen->out, " %s, judged for %s by %zu trust anchor%s (%s)%s%s\n",
                  verification->ok ? "accepted" : "refused",
                  time_rfc3339(at, sizeof at, verification->at), verification->anchors,
                  verification->anchors == 1 ? "" : "s",
                  verification->trust != NULL ? verification->trust : "none",
                  verification->name != NULL ? ", host name " : "",
                  verification->name != NULL ? verification->name : "");
    for (size_t i = 0; i < verification->reason_count; i++) {
        const struct pki_reason *reason = &verification->reasons[i];
        buffer_text(pen->out, "  ");
        pen_mark(pen, MARK_FAILED);
        buffer_printf(pen->out, " %s: %s (%s)\n", pki_reason_name(reason->code), reason->text,
                      pki_reason_reference(reason->code));
        if (reason->mend != NULL && reason->mend[0] != '\0')
            buffer_printf(pen->out, "      Mend it: %s\n", reason->mend);
    }
}
