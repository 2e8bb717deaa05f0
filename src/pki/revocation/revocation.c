/* What is known of the revocation of a path's certificates: asked for, remembered, written down. */
#include "revocation.h"

#include <stdlib.h>

#include "state.h"

/* ---- what is remembered ------------------------------------------------------------------ */

static void read_staples(struct revocation_state *state, const struct search *search)
{
    const struct pki_request *request = search->request;

    for (size_t i = 0; i < request->staple_count && state->staple_count < REVOCATION_STAPLES_MAX;
         i++) {
        const struct pki_staple *given = &request->staples[i];
        struct staple *staple = &state->staples[state->staple_count];
        char problem[160];
        if (given->certificate >= request->chain_length || given->certificate >= search->count) {
            continue;
        }
        staple->certificate = given->certificate; /* nodes begin with those sent, in order */
        staple->readable = ocsp_read(&staple->ocsp, given->response, problem, sizeof problem);
        state->staple_count++;
    }
}

struct revocation_state *revocation_state(struct search *search)
{
    struct revocation_state *state = search->revocation;

    if (state != NULL) {
        return state;
    }
    state = calloc(1, sizeof *state);
    if (state != NULL) {
        state->arena = arena_new();
    }
    if (state == NULL || state->arena == NULL) {
        free(state);
        search->failed = true;
        return NULL;
    }
    read_staples(state, search);
    search->revocation = state;
    return state;
}

void revocation_free(struct revocation_state *state)
{
    if (state != NULL) {
        arena_free(state->arena);
        free(state);
    }
}

bool revocation_has_sources(const struct search *search)
{
    const struct pki_revocations *set = search->request->revocations;

    return (set != NULL && set->crl_count + set->ocsp_count > 0) ||
           search->request->staple_count > 0;
}

/* A certificate that was sent twice may be the other one in the path. */
const struct staple *revocation_staple(const struct search *search, size_t node)
{
    const struct revocation_state *state = search->revocation;

    for (size_t i = 0; state != NULL && i < state->staple_count; i++) {
        const struct staple *staple = &state->staples[i];
        if (staple->certificate == node ||
            slice_equal(search->nodes[staple->certificate].x.der, search->nodes[node].x.der)) {
            return staple;
        }
    }
    return NULL;
}

enum signature_state revocation_signature(struct search *search, const struct signed_bytes *bytes,
                                          const struct x509 *issuer)
{
    struct revocation_state *state = search->revocation;
    struct checked *checked;

    for (size_t i = 0; i < state->checked_count; i++) {
        checked = &state->checked[i];
        if (checked->content == bytes->content.data && slice_equal(checked->key, issuer->spki)) {
            return checked->state;
        }
    }
    if (state->checked_count == REVOCATION_SIGNATURES_MAX) {
        return SIGNATURE_NOT_CHECKED;
    }
    checked = &state->checked[state->checked_count++];
    checked->content = bytes->content.data;
    checked->key = issuer->spki;
    checked->state = signed_check(bytes, issuer);
    search->failed |= checked->state == SIGNATURE_NO_MEMORY;
    return checked->state;
}

bool revocation_certified(struct search *search, const struct x509 *certificate,
                          const struct x509 *issuer)
{
    const struct signed_bytes bytes = {
        .content = certificate->tbs,
        .algorithm = certificate->outer_algorithm,
        .algorithm_oid = certificate->signature_algorithm,
        .parameters = certificate->signature_parameters,
        .signature = certificate->signature,
    };

    return slice_equal(certificate->inner_algorithm, certificate->outer_algorithm) &&
           revocation_signature(search, &bytes, issuer) == SIGNATURE_GOOD;
}

/* ---- judging ----------------------------------------------------------------------------- */

struct said *judgement_add(struct search *search, struct judgement *judgement, struct said said)
{
    struct said *added = arena_alloc(search->revocation->arena, sizeof *added);

    if (added == NULL) {
        search->failed = true;
        return NULL;
    }
    *added = said;
    *judgement->last = added;
    judgement->last = &added->next;
    return added;
}

/* Do both speak of the same, so that the newer one counts? All OCSP responses do; CRLs when issuer and scope are the same. */
static bool same_scope(const struct said *a, const struct said *b)
{
    if (a->crl == NULL || b->crl == NULL) {
        return a->crl == b->crl;
    }
    return a->crl->scope.issuer_hash == b->crl->scope.issuer_hash &&
           slice_equal(a->crl->scope.point.value, b->crl->scope.point.value);
}

static bool is_superseded(const struct judgement *judgement, const struct said *said)
{
    for (const struct said *other = judgement->said; other != NULL; other = other->next) {
        if (other->problem == NULL && other->this_update > said->this_update &&
            same_scope(said, other)) {
            return true;
        }
    }
    return false;
}

void judgement_conclude(struct judgement *judgement)
{
    for (struct said *said = judgement->said; said != NULL; said = said->next) {
        if (said->problem != NULL) {
            continue;
        }
        said->superseded = is_superseded(judgement, said);
        if (said->superseded) {
            continue;
        }
        if (said->status == PKI_STATUS_REVOKED) {
            judgement->revoked = judgement->revoked != NULL ? judgement->revoked : said;
        } else if (said->crl != NULL) {
            judgement->reasons |= said->reasons;
        } else {
            judgement->good = true;
            judgement->ocsp_good |= said->by == SAID_BY_OCSP;
        }
    }
    judgement->good |= judgement->reasons == REASONS_ALL;
    judgement->good &= judgement->revoked == NULL;
}

static struct judgement **row_of(struct revocation_state *state, size_t certificate)
{
    return &state->rows[certificate % JUDGEMENT_ROWS];
}

const struct judgement *revocation_judged(const struct search *search, const struct trial *trial,
                                          size_t place)
{
    size_t certificate = trial->nodes[place];
    struct judgement *judgement =
        search->revocation != NULL ? *row_of(search->revocation, certificate) : NULL;

    while (judgement != NULL &&
           (judgement->certificate != certificate || judgement->issuer != trial->nodes[place + 1] ||
            judgement->anchor != trial->nodes[trial->length - 1])) {
        judgement = judgement->next;
    }
    return judgement;
}

const struct judgement *revocation_judge(struct search *search, const struct trial *trial,
                                         size_t place)
{
    const struct judgement *known = revocation_judged(search, trial, place);
    struct revocation_state *state = revocation_state(search);
    struct judgement *judgement;
    struct subject subject = {.search = search, .trial = trial};

    if (known != NULL || state == NULL) {
        return known;
    }
    judgement = arena_alloc(state->arena, sizeof *judgement);
    if (judgement == NULL) {
        search->failed = true;
        return NULL;
    }
    judgement->certificate = trial->nodes[place];
    judgement->issuer = trial->nodes[place + 1];
    judgement->anchor = trial->nodes[trial->length - 1];
    judgement->last = &judgement->said;
    judgement->next = *row_of(state, judgement->certificate);
    *row_of(state, judgement->certificate) = judgement;
    subject.judgement = judgement;
    subject.certificate = &search->nodes[judgement->certificate].x;
    subject.issuer_hash = search->nodes[judgement->certificate].issuer_hash;
    subject.issuer = &search->nodes[judgement->issuer].x;
    judge_staples(&subject);
    judge_ocsp_files(&subject);
    judge_crls(&subject);
    judgement_conclude(judgement);
    return judgement;
}
