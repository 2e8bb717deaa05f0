/* CRLs judged (RFC 5280 6.3.3). */
#include "../name.h"
#include "state.h"

/* CRLs that speak of one certificate: one for each set of reasons and each distribution point. */
#define CRLS_MAX 64

/* ---- delta CRLs (5.2.4, 6.3.3 (c)) --------------------------------------------------------- */

/* (c): same issuer, same scope, same key; it begins where the complete one is or before, and ends after it. */
static bool delta_fits(const struct crl *delta, const struct crl *complete, bool *failed)
{
    const struct issuing_point *a = &delta->scope.point, *b = &complete->scope.point;

    return delta->is_delta && complete->number.length > 0 && delta->number.length > 0 &&
           delta->scope.issuer_hash == complete->scope.issuer_hash &&
           name_equal(delta->scope.issuer, complete->scope.issuer, failed) &&
           a->present == b->present && slice_equal(a->value, b->value) &&
           slice_equal(delta->authority_key_id, complete->authority_key_id) &&
           crl_number_compare(complete->number, delta->base_number) >= 0 &&
           crl_number_compare(complete->number, delta->number) < 0;
}

static bool is_over(const struct crl *crl, int64_t at)
{
    return crl->next_update != 0 && at > crl->next_update;
}

static bool is_current(const struct crl *crl, int64_t at)
{
    return crl->this_update <= at && !is_over(crl, at);
}

/* The newest delta that may be put on top of a complete CRL whose signer is known. NULL: none. `old`: of those that are out
 * of date. */
static const struct named_crl *find_delta(const struct subject *subject, const struct crl *complete,
                                          const struct x509 *signer, bool old)
{
    struct search *search = subject->search;
    int64_t at = search->request->at;
    const struct pki_revocations *set = search->request->revocations;
    const struct named_crl *best = NULL;

    for (size_t i = 0; i < set->crl_count; i++) {
        const struct crl *delta = &set->crls[i].crl;
        if (delta_fits(delta, complete, &search->failed) &&
            (old ? is_over(delta, at) : is_current(delta, at)) && delta->not_understood == NULL &&
            !(search->request->strict && delta->not_conforming != NULL) &&
            (best == NULL || crl_number_compare(delta->number, best->crl.number) > 0) &&
            revocation_signature(search, &delta->bytes, signer) == SIGNATURE_GOOD) {
            best = &set->crls[i];
        }
    }
    return best;
}

/* ---- one complete CRL ---------------------------------------------------------------------- */

static void take_entry(struct said *said, const struct crl_entry *entry)
{
    said->status = PKI_STATUS_REVOKED;
    said->revoked_at = entry->date;
    said->reason = entry->reason;
}

/* (i) to (k): the delta first, and what it does not know in the complete one. removeFromCRL has no business in a complete one, but
 * (k) does not ask where it stood. */
static void look_up(const struct subject *subject, struct said *said, const struct crl *complete,
                    const struct named_crl *delta)
{
    bool *failed = &subject->search->failed;
    struct crl_entry entry;
    bool listed;

    said->status = PKI_STATUS_GOOD;
    listed = delta != NULL && crl_find(&delta->crl, subject->certificate, &entry, failed);
    if (listed) {
        said->name = delta->name;
    } else {
        listed = crl_find(complete, subject->certificate, &entry, failed);
    }
    if (listed && entry.reason != CRL_REMOVE_ENTRY) {
        take_entry(said, &entry);
    }
}

/* What keeps a CRL that is signed well from being used, whatever it lists. */
static const char *content_problem(const struct subject *subject, const struct crl *crl)
{
    if (crl->not_understood != NULL) {
        return crl->not_understood;
    }
    return subject->search->request->strict ? crl->not_conforming : NULL;
}

/* (a): in time, by itself or by its delta. */
static void judge_times(struct said *said, const struct crl *crl, const struct named_crl *delta,
                        int64_t at)
{
    if (crl->this_update > at) {
        said->problem = "it is not valid before";
        said->problem_time = crl->this_update;
    } else if (is_over(crl, at) && delta == NULL) {
        said->problem = "it is out of date: a newer one was promised for";
        said->problem_time = crl->next_update;
    }
}

/* A CRL that cannot say that something is good may still list it: RFC 5280 5.2 for extensions that are not known; and a
 * revocation does not end with the list. */
static bool is_revoked_all_the_same(const struct said *said, const struct crl *crl, int64_t at)
{
    return said->status == PKI_STATUS_REVOKED && crl->this_update <= at &&
           said->reason != CRL_REASON_HOLD;
}

/* A delta that is out of date keeps no complete CRL alive and removes nothing, but whom it lists is revoked. */
static void look_up_old(const struct subject *subject, struct said *said,
                        const struct named_crl *old)
{
    struct crl_entry entry;

    if (said->status == PKI_STATUS_GOOD && old != NULL &&
        crl_find(&old->crl, subject->certificate, &entry, &subject->search->failed) &&
        entry.reason != CRL_REMOVE_ENTRY && entry.reason != CRL_REASON_HOLD) {
        said->name = old->name;
        said->this_update = old->crl.this_update;
        said->next_update = old->crl.next_update;
        said->remark = "It is out of date, but a revocation is for good.";
        take_entry(said, &entry);
    }
}

static void judge_one(const struct subject *subject, const struct named_crl *named,
                      unsigned reasons)
{
    const struct crl *crl = &named->crl;
    int64_t at = subject->search->request->at;
    struct said said = {.by = SAID_BY_CRL,
                        .name = named->name,
                        .status = PKI_STATUS_UNKNOWN,
                        .reason = CRL_NO_REASON,
                        .reasons = reasons,
                        .crl = crl,
                        .this_update = crl->this_update,
                        .next_update = crl->next_update};
    const struct x509 *signer = crl_issuer_find(subject, crl, &said.problem);
    const struct named_crl *delta;

    if (signer != NULL) {
        delta = find_delta(subject, crl, signer, false);
        if (delta != NULL) {
            said.this_update = delta->crl.this_update;
            said.next_update = delta->crl.next_update;
        }
        look_up(subject, &said, crl, delta);
        if (delta == NULL) {
            look_up_old(subject, &said, find_delta(subject, crl, signer, true));
        }
        said.problem = content_problem(subject, crl);
        if (said.problem == NULL) {
            judge_times(&said, crl, delta, at);
        }
        if (said.problem != NULL && is_revoked_all_the_same(&said, crl, at)) {
            said.remark = "It cannot be used otherwise, but what it lists is revoked.";
            said.problem = NULL;
        } else if (said.problem != NULL) {
            said.status = PKI_STATUS_UNKNOWN;
        }
    }
    (void)judgement_add(subject->search, subject->judgement, said);
}

void judge_crls(const struct subject *subject)
{
    const struct pki_revocations *set = subject->search->request->revocations;
    size_t count = 0;

    for (size_t i = 0; set != NULL && i < set->crl_count && count < CRLS_MAX; i++) {
        const struct crl *crl = &set->crls[i].crl;
        unsigned reasons = crl->is_delta
                               ? 0
                               : scope_reasons(&crl->scope, subject->certificate,
                                               subject->issuer_hash, &subject->search->failed);
        if (reasons != 0) {
            judge_one(subject, &set->crls[i], reasons);
            count++;
        }
    }
}
