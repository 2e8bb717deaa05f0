/* What a trace means for a script: exit status and certificates that end soon. */
#include <string.h>

#include "parts.h"

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

bool report_chain_expires_within(const struct report_chain *chain, int64_t at, long days,
                                 struct buffer *text)
{
    const struct pki_verification *verification = chain->verification;
    bool path = verification != NULL && verification->path_length > 0;
    size_t count = path ? verification->path_length : chain->count;
    int64_t limit = at + (int64_t)days * 86400;

    for (size_t i = 0; i < count; i++) {
        struct pki_certificate *read;
        const struct pki_certificate *certificate =
            part_certificate_at(chain, path ? verification->path[i] : i, &read);
        bool ends = certificate != NULL && ends_before(certificate, limit, text);
        pki_certificate_free(read);
        if (ends) {
            return true;
        }
    }
    return false;
}

int64_t report_seen_from(const struct trace *trace, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    return verification != NULL && verification->performed
               ? verification->at
               : trace_start_wall_ns(trace) / 1000000000;
}

bool report_expires_within(struct trace *trace, size_t cursor, long days, struct buffer *text)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);

    if (facts == NULL) {
        return false;
    }
    const struct report_chain chain = part_chain_of(facts);
    return report_chain_expires_within(&chain, report_seen_from(trace, facts), days, text);
}
