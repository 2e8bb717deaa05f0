/* Nobody in the path is revoked (RFC 5280 6.1.3 (a)(3), 6.3; RFC 6960), and who must staple does (RFC 7633). */
#include "../revocation/state.h"
#include "sentences.h"

/* revocation_unknown: why. `detail` is a struct said where one is to be quoted. */
enum {
    UNKNOWN_NOT_COVERED = 0, /* nothing that was given is about it */
    UNKNOWN_UNUSABLE,        /* something is, but cannot be used */
    UNKNOWN_SOME_REASONS,    /* CRLs are, but not for all reasons */
    UNKNOWN_NOT_STAPLED,     /* the certificate demands a stapled response: there is none, … */
    UNKNOWN_BAD_STAPLE,      /* … or it cannot be used */
};

/* ---- must-staple ------------------------------------------------------------------------- */

/* Who demands a stapled response for the leaf: itself, or a CA of its path for all that it issues (RFC 7633 4.2.2). NO_NODE. */
static size_t find_demand(const struct search *search)
{
    for (size_t place = 0; place < search->current.length; place++) {
        if (x509_demands_staple(rule_certificate(search, place))) {
            return search->current.nodes[place];
        }
    }
    return NO_NODE;
}

/* ---- the rule ---------------------------------------------------------------------------- */

static const struct said *find_problem(const struct judgement *judgement, enum said_by from,
                                       enum said_by to)
{
    for (const struct said *said = judgement->said; said != NULL; said = said->next) {
        if (said->problem != NULL && said->by >= from && said->by <= to) {
            return said;
        }
    }
    return NULL;
}

static void add_unknown(struct search *search, size_t place, unsigned variant,
                        const struct said *said, size_t other)
{
    rule_add(search, (struct finding){
                         .code = PKI_REVOCATION_UNKNOWN,
                         .variant = variant,
                         .node = search->current.nodes[place],
                         .other = other,
                         .detail = said,
                         .field = variant >= UNKNOWN_NOT_STAPLED ? "tlsFeature" : NULL,
                         .reference = variant >= UNKNOWN_NOT_STAPLED ? "RFC 7633 4.2.3" : NULL,
                     });
}

/* What was given says nothing that can be used: which of the three reasons? */
static void add_uncovered(struct search *search, size_t place, const struct judgement *judgement)
{
    const struct said *said = find_problem(judgement, SAID_BY_OCSP, SAID_BY_CRL);
    unsigned variant = UNKNOWN_UNUSABLE;

    if (said == NULL && judgement->reasons != 0) {
        variant = UNKNOWN_SOME_REASONS;
        said = judgement->said;
        while (said->by != SAID_BY_CRL) {
            said = said->next;
        }
    } else if (said == NULL) {
        variant = UNKNOWN_NOT_COVERED;
    }
    add_unknown(search, place, variant, said, search->current.nodes[place + 1]);
}

/* Somebody gave files for this; what merely stood beside the certificates may be about others. */
static bool is_coverage_expected(const struct pki_revocations *set)
{
    return set != NULL && set->crl_count + set->ocsp_count > set->crls_beside;
}

/* What was given must cover the leaf; a CA only when every MUST counts. An unusable staple is passed over, as clients do. */
static void judge_place(struct search *search, size_t place, bool *leaf_reported)
{
    const struct pki_request *request = search->request;
    const struct pki_revocations *set = request->revocations;
    const struct judgement *judgement = revocation_judge(search, &search->current, place);
    const struct said *bad_staple;
    bool uncovered;

    if (judgement == NULL) {
        return;
    }
    if (judgement->revoked != NULL) {
        rule_add(search, (struct finding){.code = PKI_REVOKED,
                                          .node = search->current.nodes[place],
                                          .other = NO_NODE,
                                          .found = judgement->revoked->revoked_at,
                                          .detail = judgement->revoked,
                                          .field = "serialNumber"});
        *leaf_reported |= place == 0;
        return;
    }
    bad_staple = find_problem(judgement, SAID_BY_STAPLE, SAID_BY_STAPLE);
    uncovered = is_coverage_expected(set) && !judgement->good;
    if (place == 0 && set != NULL && set->ocsp_count > 0) {
        uncovered |= !judgement->ocsp_good; /* --ocsp is about the leaf */
    }
    if (uncovered && (place == 0 || request->strict)) {
        add_uncovered(search, place, judgement);
    } else if (bad_staple != NULL && request->strict) {
        add_unknown(search, place, UNKNOWN_UNUSABLE, bad_staple, search->current.nodes[place + 1]);
    } else {
        return;
    }
    *leaf_reported |= place == 0;
}

static void judge_demand(struct search *search)
{
    size_t demand = search->request->staple_expected || search->request->staple_count > 0
                        ? find_demand(search)
                        : NO_NODE;
    const struct judgement *judgement;
    const struct said *problem;

    if (demand == NO_NODE) {
        return;
    }
    if (revocation_state(search) == NULL) {
        return;
    }
    if (revocation_staple(search, search->current.nodes[0]) == NULL) {
        if (search->request->staple_expected) {
            add_unknown(search, 0, UNKNOWN_NOT_STAPLED, NULL, demand);
        }
        return;
    }
    judgement = search->current.length > 1 ? revocation_judged(search, &search->current, 0) : NULL;
    problem = judgement != NULL ? find_problem(judgement, SAID_BY_STAPLE, SAID_BY_STAPLE) : NULL;
    if (problem != NULL) {
        add_unknown(search, 0, UNKNOWN_BAD_STAPLE, problem, demand);
    }
}

void rule_revocation(struct search *search, size_t place)
{
    bool leaf_reported = false;

    (void)place;
    if (revocation_has_sources(search)) {
        for (size_t i = 0; i + 1 < search->current.length; i++) {
            judge_place(search, i, &leaf_reported);
        }
    }
    if (!leaf_reported) {
        judge_demand(search);
    }
}

/* ---- revoked ------------------------------------------------------------------------------- */

static void say_serial(const struct words *words)
{
    char hex[2 * 64 + 4];

    say(words, text_hex(hex, sizeof hex, words->node->x.serial.data, words->node->x.serial.length));
}

void text_revoked(const struct words *words)
{
    const struct said *said = words->finding->detail;
    const char *reason = crl_reason_name(said->reason);

    say_label(words, words->node);
    say(words, ": revoked on ");
    words_date(words->out, said->revoked_at);
    if (reason != NULL) {
        buffer_printf(words->out, " (%s)", reason);
    }
    say(words, ", says ");
    said_write_source(words->out, said);
    say(words, ".");
    if (said->revoked_at > words->search->request->at) {
        say(words, " That is later than the time it was judged for, but who is listed counts as "
                   "revoked.");
    }
    if (said->remark != NULL) {
        buffer_printf(words->out, " %s", said->remark);
    }
}

void mend_revoked(const struct words *words)
{
    say(words, "replace ");
    say_label(words, words->node);
    say(words, words->finding->node == 0 ? " and its key" : " and all certificates under it");
    say(words, ": it was revoked on ");
    words_date(words->out, words->finding->found);
    say(words, ".");
}

void found_revoked(const struct words *words)
{
    say_serial(words);
}

void required_revoked(const struct words *words)
{
    say(words, "one that ");
    said_write_source(words->out, words->finding->detail);
    say(words, " does not call revoked");
}

/* ---- revocation unknown -------------------------------------------------------------------- */

/* "the CRLs (2) and OCSP responses (1) that were given" */
static void say_given(const struct words *words)
{
    const struct pki_revocations *set = words->search->request->revocations;
    const char *divider = "";

    if (set->crl_count > 0) {
        buffer_printf(words->out, "%zu CRL%s", set->crl_count, set->crl_count == 1 ? "" : "s");
        divider = " and ";
    }
    if (set->ocsp_count > 0) {
        buffer_printf(words->out, "%s%zu OCSP response%s", divider, set->ocsp_count,
                      set->ocsp_count == 1 ? "" : "s");
    }
}

static void say_demand(const struct words *words)
{
    if (words->node == words->other) {
        say(words, "the certificate demands a stapled OCSP response (must-staple, RFC 7633)");
    } else {
        say(words, "the certificate of ");
        say_label(words, words->other);
        say(words, " demands a stapled OCSP response for those it issues (must-staple, RFC 7633)");
    }
}

void text_revocation_unknown(const struct words *words)
{
    const struct said *said = words->finding->detail;
    int64_t at = words->search->request->at;

    say_label(words, words->node);
    say(words, ": ");
    switch (words->finding->variant) {
    case UNKNOWN_NOT_COVERED:
        say(words, "whether it is revoked is not known, because nothing that was given (");
        say_given(words);
        say(words, ") can tell.");
        break;
    case UNKNOWN_UNUSABLE:
        say(words, "whether it is revoked is not known, because ");
        said_write(words->out, said, at);
        break;
    case UNKNOWN_SOME_REASONS:
        say(words, "whether it is revoked is not known for all reasons: ");
        said_write(words->out, said, at);
        break;
    case UNKNOWN_NOT_STAPLED:
        say_demand(words);
        say(words, ", and the server sent none.");
        break;
    default:
        say_demand(words);
        say(words, ", and ");
        said_write(words->out, said, at);
        break;
    }
}

void mend_revocation_unknown(const struct words *words)
{
    const struct said *said = words->finding->detail;

    switch (words->finding->variant) {
    case UNKNOWN_NOT_STAPLED:
        say(words, "turn on OCSP stapling.");
        break;
    case UNKNOWN_UNUSABLE:
    case UNKNOWN_BAD_STAPLE:
        if (said->by == SAID_BY_STAPLE) {
            say(words, "have the server fetch a new OCSP response for ");
            say_label(words, words->node);
            say(words, " and staple that one.");
            break;
        }
        /* fall through */
    default:
        say(words, "give a CRL (--crl) or an OCSP response (--ocsp) of ");
        words_name(words->out, words->node->x.issuer);
        say(words, " that is valid at this time and about ");
        say_label(words, words->node);
        say(words, ".");
        break;
    }
}

void found_revocation_unknown(const struct words *words)
{
    const struct said *said = words->finding->detail;

    switch (words->finding->variant) {
    case UNKNOWN_NOT_STAPLED:
        say(words, "no stapled response");
        break;
    case UNKNOWN_NOT_COVERED:
        break;
    default:
        said_write_source(words->out, said);
        break;
    }
}

void required_revocation_unknown(const struct words *words)
{
    say(words, words->finding->variant >= UNKNOWN_NOT_STAPLED
                   ? "a stapled OCSP response that says good"
                   : "a source that says good");
}
