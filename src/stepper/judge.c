/* Certificates judged again: as of another date, with other options; those of a capture for the first time. */
#include <stdlib.h>
#include <string.h>

#include "certificates.h"

/* What is judged: the server's certificates at the cursor, or those of the file. */
struct subject {
    const struct pki_certificate *const *certificates;
    size_t count;
};

static struct subject find_subject(struct stepper *stepper)
{
    const struct run *run = run_in_view(stepper);
    const struct trace_facts *facts = trace_facts(run->trace, run->cursor);
    struct trace_chain judged = {0};

    if (stepper->certificates) {
        return (struct subject){(const struct pki_certificate *const *)stepper->chain,
                                stepper->chain_count};
    }
    if (facts != NULL) {
        judged = trace_judged(facts);
    }
    return (struct subject){judged.certificates, judged.count};
}

/* ---- as of when ---------------------------------------------------------------------------------- */

static int64_t now(void)
{
    return clock_wall_ns() / 1000000000;
}

/* --at, else when the session of a file took place, else now. */
static int64_t usual_time(const struct stepper *stepper)
{
    int64_t start_ns = trace_start_wall_ns(run_in_view(stepper)->trace);

    if (stepper->options.tls.at == NULL && stepper->target.kind == STEPPER_FILE &&
        !stepper->certificates && start_ns > 0) {
        return start_ns / 1000000000;
    }
    return tls_options_at(&stepper->options.tls);
}

/* "+30d", "-1d": days from now. */
static bool read_days(const char *text, int64_t *at)
{
    char *end;
    long days = strtol(text, &end, 10);

    if ((text[0] != '+' && text[0] != '-') || end == text + 1 || strcmp(end, "d") != 0 ||
        days > 1000000 || days < -1000000) {
        return false;
    }
    *at = now() + days * INT64_C(86400);
    return true;
}

static int read_date(const struct stepper *stepper, const char *text, int64_t *at, struct err *err)
{
    char shown[80];

    if (text == NULL || text[0] == '\0') {
        *at = usual_time(stepper);
    } else if (strcmp(text, "now") == 0) {
        *at = now();
    } else if (!read_days(text, at) && time_parse_rfc3339(text, at) != 0) {
        return err_set(err, ERR_USAGE, "bad_value",
                       "'%s' is no date; give one like 2026-11-24, 2026-11-24T09:31:00Z, +30d, now",
                       text_safe(shown, sizeof shown, text, strlen(text)));
    }
    return 0;
}

/* ---- judging --------------------------------------------------------------------------------------- */

static struct pki_slice *slices_of(const struct subject *subject)
{
    struct pki_slice *chain = calloc(subject->count + 1, sizeof *chain);

    for (size_t i = 0; chain != NULL && i < subject->count; i++) {
        chain[i] = subject->certificates[i]->der;
    }
    return chain;
}

/* The host name of a live target; of a capture the one that was asked for; of a file --verify-name alone. */
static const char *find_name(struct stepper *stepper)
{
    const struct run *run = run_in_view(stepper);
    const struct trace_target *target = trace_target(run->trace);
    const struct trace_facts *facts = trace_facts(run->trace, run->cursor);

    if (stepper->certificates) {
        return tls_options_verify_name(&stepper->options.tls, NULL);
    }
    if (stepper->target.kind == STEPPER_FILE) {
        return tls_options_verify_name(&stepper->options.tls,
                                       facts != NULL && facts->sni[0] != '\0' ? facts->sni : NULL);
    }
    return tls_options_verify_name(&stepper->options.tls,
                                   target->sni != NULL ? target->sni : target->host);
}

/* Those of the options, and the CRLs that stand in the file. One that cannot be read there is passed over: nobody gave it for this. */
static int find_revocations(const struct stepper *stepper, struct pki_revocations **set,
                            struct err *err)
{
    struct buffer problems = {0};
    int status = tls_options_revocations(&stepper->options.tls, set, err);

    if (status == 0 && stepper->certificates) {
        status = pki_bundle_give_crls(stepper->bundle, stepper->target.input, set, &problems, err);
    }
    buffer_free(&problems);
    if (status != 0) {
        pki_revocations_free(*set);
        *set = NULL;
    }
    return status;
}

static struct pki_verification *verify(struct stepper *stepper, const struct pki_slice *chain,
                                       size_t count, int64_t at, struct err *err)
{
    const struct run *run = run_in_view(stepper);
    const struct tls_options *options = &stepper->options.tls;
    struct pki_revocations *revocations = NULL;
    struct pki_verification *verification = NULL;
    struct trace_evidence evidence = {0};
    struct pki_trust *trust = stepper_trust(stepper, err);

    if (trust == NULL || find_revocations(stepper, &revocations, err) != 0) {
        pki_trust_release(trust);
        return NULL;
    }
    if (trace_evidence(run->trace, run->cursor, &evidence) != 0) {
        (void)err_memory(err, "judging the certificates");
    } else {
        struct pki_request request = {
            .chain = chain,
            .chain_length = count,
            .trust = trust,
            .hostname = find_name(stepper),
            .at = at,
            .strict = options->strict,
            .strength = options->strength,
            .revocations = revocations,
            .gnutls = true,
        };
        trace_evidence_give(&evidence, &request);
        verification = pki_verify(&request, err);
    }
    trace_evidence_clear(&evidence);
    pki_revocations_free(revocations);
    pki_trust_release(trust);
    return verification;
}

int judge_again(struct stepper *stepper, const char *date, struct err *err)
{
    const struct subject subject = find_subject(stepper);
    struct pki_verification *verification;
    int64_t at;

    if (subject.count == 0) {
        return err_set(err, ERR_USAGE, "no_certificates",
                       "there are no certificates of a server at this point to be judged");
    }
    if (read_date(stepper, date, &at, err) != 0) {
        return -1;
    }
    struct pki_slice *chain = slices_of(&subject);
    if (chain == NULL) {
        return err_memory(err, "judging the certificates");
    }
    verification = verify(stepper, chain, subject.count, at, err);
    free(chain);
    if (verification == NULL) {
        return -1;
    }
    judge_end(stepper);
    stepper->judged = verification;
    stepper->judged_certificates = subject.certificates;
    return 0;
}

int act_judge(struct stepper *stepper, const char *argument, struct err *err)
{
    if (argument != NULL && strcmp(argument, "off") == 0) {
        judge_end(stepper);
        return 0;
    }
    return judge_again(stepper, argument, err);
}

/* ---- what is in view --------------------------------------------------------------------------------- */

bool stepper_judged_again(const struct stepper *stepper)
{
    return stepper->judged != NULL;
}

const struct trace_facts *judge_facts(struct stepper *stepper, const struct trace_facts *facts)
{
    bool judged = facts != NULL && stepper->judged != NULL &&
                  (stepper->certificates || facts->certificates == stepper->judged_certificates);

    if (facts == NULL || (!stepper->certificates && !judged)) {
        return facts;
    }
    stepper->facts = *facts;
    if (stepper->certificates) {
        stepper->facts.certificates = (const struct pki_certificate *const *)stepper->chain;
        stepper->facts.certificate_count = stepper->chain_count;
    }
    if (judged) {
        stepper->facts.verification = stepper->judged;
    }
    return &stepper->facts;
}

void judge_end(struct stepper *stepper)
{
    pki_verification_free(stepper->judged);
    stepper->judged = NULL;
    stepper->judged_certificates = NULL;
}
