/* Who signed a CRL, and may he (RFC 5280 6.3.3 (f), (g))? */
#include "../graph.h"
#include "../name.h"
#include "../trust.h"
#include "state.h"

/* Certificates of one name that are tried as the issuer of one CRL. */
#define CANDIDATES_MAX 8
/* Certificates between the path and that of the issuer of a CRL. */
#define DEPTH_MAX 3

static bool may_sign(const struct x509 *x)
{
    return !x->extension[X509_KEY_USAGE].present || (x->key_usage & KEY_USAGE_CRL_SIGN) != 0;
}

static bool is_valid_at(const struct x509 *x, int64_t at)
{
    return x->not_before <= at && at <= x->not_after;
}

/* A certificate of the path above the leaf. */
static const struct x509 *path_certificate(const struct subject *subject, size_t place)
{
    return &subject->search->nodes[subject->trial->nodes[place]].x;
}

static bool is_in_path(const struct subject *subject, const struct x509 *x)
{
    for (size_t place = 1; place < subject->trial->length; place++) {
        if (slice_equal(path_certificate(subject, place)->der, x->der)) {
            return true;
        }
    }
    return false;
}

/* Is it listed by a CRL of its own issuer? Nobody else is asked, and not further. */
static bool is_revoked(const struct subject *subject, const struct x509 *x,
                       const struct x509 *issuer)
{
    struct judgement judgement = {.certificate = NO_NODE};
    struct subject inner = *subject;

    if (subject->depth > 0) {
        return false;
    }
    judgement.last = &judgement.said;
    inner.judgement = &judgement;
    inner.certificate = x;
    inner.issuer = issuer;
    inner.issuer_hash = name_hash(x->issuer, &subject->search->failed);
    inner.depth = 1;
    judge_crls(&inner);
    judgement_conclude(&judgement);
    return judgement.revoked != NULL;
}

/* (f): the path of the CRL's issuer must end at the trust anchor of the certificate's. It is enough that one of its certificates is
 * signed by one of the path. */
static bool leads_to_path(const struct subject *subject, const struct x509 *x, unsigned depth)
{
    struct search *search = subject->search;
    struct row row;

    for (size_t place = 1; place < subject->trial->length; place++) {
        const struct x509 *issuer = path_certificate(subject, place);
        if (name_equal(x->issuer, issuer->subject, &search->failed) &&
            revocation_certified(search, x, issuer)) {
            return !is_revoked(subject, x, issuer);
        }
    }
    if (depth == DEPTH_MAX) {
        return false;
    }
    row = graph_subjects(search, name_hash(x->issuer, &search->failed));
    for (size_t i = 0; i < row.count && i < CANDIDATES_MAX; i++) {
        const struct x509 *issuer = &search->nodes[row.nodes[i]].x;
        if (issuer->is_ca && is_valid_at(issuer, search->request->at) &&
            !slice_equal(issuer->der, x->der) &&
            name_equal(x->issuer, issuer->subject, &search->failed) &&
            revocation_certified(search, x, issuer) && leads_to_path(subject, issuer, depth + 1)) {
            return true;
        }
    }
    return false;
}

/* Did this certificate's key sign, and may it? Says why not where it is worth more than what was said before. */
static bool is_signer(const struct subject *subject, const struct crl *crl, const struct x509 *x,
                      const char **problem)
{
    struct search *search = subject->search;

    if (!name_equal(x->subject, crl->scope.issuer, &search->failed)) {
        return false;
    }
    switch (revocation_signature(search, &crl->bytes, x)) {
    case SIGNATURE_GOOD:
        break;
    case SIGNATURE_NOT_CHECKED:
        *problem = "too many signatures of CRLs were checked already";
        return false;
    default:
        return false;
    }
    if (!may_sign(x)) {
        *problem = "its issuer's certificate is not for signing CRLs: keyUsage without cRLSign "
                   "(RFC 5280 6.3.3 (f))";
        return false;
    }
    if (is_in_path(subject, x)) {
        return true;
    }
    if (!is_valid_at(x, search->request->at)) {
        *problem = "its issuer's certificate has expired, or is not valid yet";
        return false;
    }
    if (!leads_to_path(subject, x, 0)) {
        *problem = "its issuer's certificate does not lead to the trust anchor of this path, or is "
                   "revoked (RFC 5280 6.3.3 (f))";
        return false;
    }
    return true;
}

/* One that stands in the trust store and is nobody's issuer here. */
static const struct x509 *find_in_store(const struct subject *subject, const struct crl *crl,
                                        const char **problem)
{
    struct search *search = subject->search;
    size_t at = 0, count = 0;
    struct pki_slice der;

    while (count++ < CANDIDATES_MAX &&
           trust_next(search->request->trust, crl->scope.issuer_hash, &at, &der)) {
        struct x509 *x = arena_alloc(search->revocation->arena, sizeof *x);
        if (x == NULL) {
            search->failed = true;
            return NULL;
        }
        if (x509_read(x, der.data, der.length, NULL, 0) && is_signer(subject, crl, x, problem)) {
            return x;
        }
    }
    return NULL;
}

const struct x509 *crl_issuer_find(const struct subject *subject, const struct crl *crl,
                                   const char **problem)
{
    struct search *search = subject->search;
    struct row row;

    *problem = "its signature is not one of its issuer's key";
    for (size_t place = 1; place < subject->trial->length; place++) {
        const struct x509 *x = path_certificate(subject, place);
        if (is_signer(subject, crl, x, problem)) {
            return x;
        }
    }
    row = graph_subjects(search, crl->scope.issuer_hash);
    for (size_t i = 0; i < row.count && i < CANDIDATES_MAX; i++) {
        const struct x509 *x = &search->nodes[row.nodes[i]].x;
        if (!is_in_path(subject, x) && is_signer(subject, crl, x, problem)) {
            return x;
        }
    }
    return find_in_store(subject, crl, problem);
}
