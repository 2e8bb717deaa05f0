/* Certificates without a connection, in words. */
#include "narrate.h"

static const struct pki_verification *verdict_of(struct stepper *stepper)
{
    const struct trace_facts *facts = stepper_facts(stepper);
    return facts != NULL ? facts->verification : NULL;
}

void narrate_certificates(struct stepper *stepper, struct buffer *out)
{
    size_t count = pki_bundle_count(stepper->bundle);
    const struct pki_verification *verdict = verdict_of(stepper);

    if (stepper->chain_count == 0) {
        buffer_printf(out, "%zu certificate%s to look through.", count, count == 1 ? "" : "s");
    } else if (verdict == NULL) {
        buffer_printf(
            out,
            "The first of %zu is taken for the server's own, the others for what it would "
            "send with it. Not judged.",
            count);
    } else if (verdict->ok) {
        buffer_text(out, "A server that sends these certificates in this order would be accepted.");
    } else {
        buffer_printf(out, "A server that sends these certificates would be refused: %s",
                      verdict->reasons[0].text);
    }
}

void narrate_certificates_next(struct stepper *stepper, struct buffer *out)
{
    buffer_text(out, stepper->chain_count > 0 ? "judge them as of another date (judge DATE)"
                                              : "search, or open a certificate");
}

void narrate_certificates_state(struct stepper *stepper, struct buffer *out)
{
    size_t count = pki_bundle_count(stepper->bundle);
    const struct pki_verification *verdict = verdict_of(stepper);

    buffer_printf(out, "%zu certificate%s", count, count == 1 ? "" : "s");
    if (verdict != NULL) {
        buffer_text(out, verdict->ok ? " · accepted" : " · REFUSED");
    }
}
