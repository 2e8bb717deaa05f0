/* What a trace means for a script: exit status and certificates that end soon. */
#include <string.h>

#include "tlstep/report.h"

int report_exit_status(struct trace *trace, size_t cursor)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);
    if (facts == NULL)
        return err_exit_status(ERR_MEMORY);
    /* Before TCP is there, it is the network; a file is read or it is not (DESIGN: a time-out
     * after TCP counts as TLS). */
    if (facts->phases[TRACE_RESOLVE].state == TRACE_FAILED ||
        facts->phases[TRACE_CONNECT].state == TRACE_FAILED ||
        facts->phases[TRACE_STARTTLS].state == TRACE_FAILED)
        return err_exit_status(ERR_NETWORK);
    const char *code = facts->error_code;
    if (facts->failed && code != NULL && strcmp(code, "trust_store") == 0)
        return err_exit_status(ERR_FILE);
    return facts->failed ? err_exit_status(ERR_TLS) : 0;
}

/* One certificate against the limit; the first that ends too soon is named. */
static bool ends_before(const struct pki_certificate *certificate, int64_t limit,
                        struct buffer *text)
{
    char label[200];
    char date[40];

    if (certificate->malformed || certificate->not_after > limit)
        return false;
    if (text != NULL)
        buffer_printf(text, "%s is valid until %s",
                      pki_certificate_label(label, sizeof label, certificate),
                      time_rfc3339(date, sizeof date, certificate->not_after));
    return true;
}

bool report_expires_within(struct trace *trace, size_t cursor, long days, struct buffer *text)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);
    if (facts == NULL)
        return false;

    const struct pki_verification *verification = facts->verification;
    int64_t now = verification != NULL ? verification->at : trace_start_wall_ns(trace) / 1000000000;
    int64_t limit = now + (int64_t)days * 86400;

    if (verification == NULL || verification->path_length == 0) {
        for (size_t i = 0; i < facts->certificate_count; i++)
            if (ends_before(facts->certificates[i], limit, text))
                return true;
        return false;
    }
    for (size_t i = 0; i < verification->path_length; i++) {
        const struct pki_slice *der = &verification->certificates[verification->path[i]];
        struct pki_certificate *certificate = pki_certificate_new(der->data, der->length);
        bool ends = certificate != NULL && ends_before(certificate, limit, text);
        pki_certificate_free(certificate);
        if (ends)
            return true;
    }
    return false;
}
