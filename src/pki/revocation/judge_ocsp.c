/* OCSP responses judged (RFC 6960 3.2, 4.2.2). */
#include <gnutls/crypto.h>

#include "../name.h"
#include "state.h"

/* How far clocks may be apart. */
#define TOLERANCE 300
/* A response without nextUpdate says that there is always a newer one (RFC 6960 4.2.2.1): as long as GnuTLS believes it. */
#define AGE_MAX ((int64_t)15 * 86400)
/* A response brings one certificate of its responder, seldom its issuer's, too. */
#define CERTIFICATES_MAX 8

#define OCSP_SIGNING "\x2b\x06\x01\x05\x05\x07\x03\x09"

/* ---- which certificate it is about (CertID) ------------------------------------------------ */

struct id_hash {
    struct pki_slice oid;
    gnutls_digest_algorithm_t algorithm;
    bool made;
    uint8_t name[64], key[64];
    size_t length;
};

static const struct id_hash id_hashes[] = {
    {.oid = OID("\x2b\x0e\x03\x02\x1a"), .algorithm = GNUTLS_DIG_SHA1},
    {.oid = OID("\x60\x86\x48\x01\x65\x03\x04\x02\x04"), .algorithm = GNUTLS_DIG_SHA224},
    {.oid = OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), .algorithm = GNUTLS_DIG_SHA256},
    {.oid = OID("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), .algorithm = GNUTLS_DIG_SHA384},
    {.oid = OID("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), .algorithm = GNUTLS_DIG_SHA512},
};
#define HASH_COUNT (sizeof id_hashes / sizeof id_hashes[0])

static bool make_hash(struct id_hash *hash, const struct subject *subject)
{
    struct pki_slice name = subject->certificate->issuer;
    struct pki_slice key = subject->issuer->key;

    if (!hash->made) {
        hash->length = gnutls_hash_get_len(hash->algorithm);
        hash->made = gnutls_hash_fast(hash->algorithm, name.data, name.length, hash->name) == 0 &&
                     gnutls_hash_fast(hash->algorithm, key.data, key.length, hash->key) == 0;
        subject->search->failed |= !hash->made; /* memory is all that can be missing */
    }
    return hash->made;
}

static bool is_about(const struct ocsp_single *single, const struct subject *subject,
                     struct id_hash hashes[HASH_COUNT])
{
    if (!serial_equal(single->serial, subject->certificate->serial)) {
        return false;
    }
    for (size_t i = 0; i < HASH_COUNT; i++) {
        struct id_hash *hash = &hashes[i];
        if (slice_equal(single->hash, hash->oid) && make_hash(hash, subject)) {
            return slice_equal(single->issuer_name_hash,
                               (struct pki_slice){hash->name, hash->length}) &&
                   slice_equal(single->issuer_key_hash,
                               (struct pki_slice){hash->key, hash->length});
        }
    }
    return false;
}

/* The newest of those that are about the certificate. */
static bool find_single(const struct ocsp *ocsp, const struct subject *subject,
                        struct ocsp_single *out)
{
    struct reader list = reader_new(ocsp->responses.data, ocsp->responses.length);
    struct id_hash hashes[HASH_COUNT];
    struct ocsp_single single;
    bool found = false;

    for (size_t i = 0; i < HASH_COUNT; i++) {
        hashes[i] = id_hashes[i];
    }
    while (ocsp_single_next(&list, &single)) {
        if (is_about(&single, subject, hashes) &&
            (!found || single.this_update > out->this_update)) {
            *out = single;
            found = true;
        }
    }
    return found;
}

/* ---- who signed it (4.2.2.2) --------------------------------------------------------------- */

static bool is_responder(const struct ocsp *ocsp, const struct x509 *x, bool *failed)
{
    uint8_t hash[20];

    if (ocsp->responder_name.length > 0) {
        return name_equal(ocsp->responder_name, x->subject, failed);
    }
    if (gnutls_hash_fast(GNUTLS_DIG_SHA1, x->key.data, x->key.length, hash) != 0) {
        *failed = true;
        return false;
    }
    return slice_equal(ocsp->responder_key, (struct pki_slice){hash, sizeof hash});
}

/* Why a certificate that came with the response may not sign it, or NULL. */
static const char *delegate_problem(const struct subject *subject, const struct x509 *delegate)
{
    struct search *search = subject->search;
    int64_t at = search->request->at;

    if (!name_equal(delegate->issuer, subject->issuer->subject, &search->failed) ||
        !revocation_certified(search, delegate, subject->issuer)) {
        return "its responder's certificate is not signed by the issuer of this one "
               "(RFC 6960 4.2.2.2)";
    }
    if (!x509_has_purpose(delegate, (struct pki_slice)OID(OCSP_SIGNING))) {
        return "its responder's certificate is not for signing OCSP responses "
               "(RFC 6960 4.2.2.2.1)";
    }
    if (delegate->extension[X509_KEY_USAGE].present &&
        (delegate->key_usage & (KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION)) == 0) {
        return "its responder's key is not for signatures (RFC 5280 4.2.1.3)";
    }
    if (at > delegate->not_after) {
        return "its responder's certificate has expired";
    }
    return at < delegate->not_before ? "its responder's certificate is not valid yet" : NULL;
}

/* Why its signature is not to be trusted, or NULL when it is. */
static const char *signature_problem(const struct subject *subject, const struct ocsp *ocsp)
{
    struct search *search = subject->search;
    struct reader list = reader_new(ocsp->certificates.data, ocsp->certificates.length);
    const char *problem = "it is signed neither by the issuer of this certificate nor by a "
                          "responder that the issuer has named (RFC 6960 4.2.2.2)";

    if (is_responder(ocsp, subject->issuer, &search->failed)) {
        if (revocation_signature(search, &ocsp->bytes, subject->issuer) == SIGNATURE_GOOD) {
            return NULL;
        }
        problem = "its signature is not one of the issuer's key";
    }
    for (size_t i = 0; i < CERTIFICATES_MAX && reader_left(&list) > 0; i++) {
        struct pki_slice der = der_any(&list).whole;
        struct x509 delegate;
        const char *why;
        if (!x509_read(&delegate, der.data, der.length, NULL, 0) ||
            !is_responder(ocsp, &delegate, &search->failed)) {
            continue;
        }
        why = delegate_problem(subject, &delegate);
        if (why == NULL &&
            revocation_signature(search, &ocsp->bytes, &delegate) == SIGNATURE_GOOD) {
            return NULL;
        }
        problem = why != NULL ? why : "its signature is not one of its responder's key";
    }
    return problem;
}

/* ---- when it is of use (4.2.2.1) ----------------------------------------------------------- */

/* Sets problem and its time. A revocation is for good: an old response that says so is believed, as Firefox does. */
static void judge_times(struct said *said, const struct ocsp *ocsp, int64_t at)
{
    bool old = said->next_update != 0 ? at - TOLERANCE > said->next_update
                                      : at - AGE_MAX > said->this_update;

    if (said->this_update > at + TOLERANCE) {
        said->problem = "it is not valid before";
        said->problem_time = said->this_update;
    } else if (ocsp->produced_at > at + TOLERANCE) {
        said->problem = "it was not made before";
        said->problem_time = ocsp->produced_at;
    } else if (said->next_update != 0 && said->next_update < said->this_update) {
        said->problem = "its nextUpdate is before its thisUpdate";
    } else if (old && said->status == PKI_STATUS_REVOKED && said->reason != CRL_REASON_HOLD) {
        said->remark = "It is out of date, but a revocation is for good.";
    } else if (old && said->next_update != 0) {
        said->problem = "it is out of date: a newer one was promised for";
        said->problem_time = said->next_update;
    } else if (old) {
        said->problem = "it is more than 15 days old and has no nextUpdate; it is of";
        said->problem_time = said->this_update;
    }
}

static void take_single(struct said *said, const struct ocsp_single *single)
{
    static const enum pki_revocation_status statuses[] = {
        [OCSP_GOOD] = PKI_STATUS_GOOD,
        [OCSP_REVOKED] = PKI_STATUS_REVOKED,
        [OCSP_UNKNOWN] = PKI_STATUS_UNKNOWN,
    };

    said->status = statuses[single->status];
    said->this_update = single->this_update;
    said->next_update = single->next_update;
    said->revoked_at = single->revoked_at;
    said->reason = single->reason;
    said->scts = single->scts;
}

/* Everything but what it says. NULL: it may be believed. */
static const char *response_problem(const struct subject *subject, const struct ocsp *ocsp,
                                    const struct ocsp_single *single)
{
    const char *problem = signature_problem(subject, ocsp);

    if (problem == NULL && (ocsp->not_understood || single->not_understood)) {
        problem = "it has a critical extension that is not known here";
    }
    return problem;
}

/* OCSPResponseStatus of those that bring no answer (4.2.1). */
static const char *answer_problem(unsigned status)
{
    static const char *const problems[] = {
        [1] = "its responder answered malformedRequest",
        [2] = "its responder answered internalError",
        [3] = "its responder answered tryLater",
        [5] = "its responder answered sigRequired",
        [6] = "its responder answered unauthorized",
    };
    const char *known = status < sizeof problems / sizeof problems[0] ? problems[status] : NULL;

    return known != NULL ? known : "its responder answered with an error";
}

/* `must_fit`: a response that is about other certificates is worth a word, too. */
static void judge_response(const struct subject *subject, const struct ocsp *ocsp, struct said said,
                           bool must_fit)
{
    struct ocsp_single single = {0};

    said.reason = CRL_NO_REASON;
    said.status = PKI_STATUS_UNKNOWN;
    if (ocsp->response_status != 0) {
        said.problem = answer_problem(ocsp->response_status);
    } else if (!ocsp->basic) {
        said.problem = "its type is not known here";
    } else if (find_single(ocsp, subject, &single)) {
        take_single(&said, &single);
        said.problem = response_problem(subject, ocsp, &single);
        if (said.problem == NULL) {
            judge_times(&said, ocsp, subject->search->request->at);
        }
        if (said.problem != NULL) {
            said.status = PKI_STATUS_UNKNOWN;
        } else if (said.status == PKI_STATUS_UNKNOWN) {
            said.problem = "its responder does not know this certificate";
        }
    } else if (must_fit) {
        said.problem = "it is about another certificate";
    } else {
        return;
    }
    (void)judgement_add(subject->search, subject->judgement, said);
}

void judge_staples(const struct subject *subject)
{
    const struct staple *staple =
        revocation_staple(subject->search, subject->judgement->certificate);
    struct said said = {.by = SAID_BY_STAPLE, .status = PKI_STATUS_UNKNOWN};

    if (staple == NULL) {
        return;
    }
    if (!staple->readable) {
        said.problem = "it cannot be read";
        said.reason = CRL_NO_REASON;
        (void)judgement_add(subject->search, subject->judgement, said);
        return;
    }
    judge_response(subject, &staple->ocsp, said, true);
}

void judge_ocsp_files(const struct subject *subject)
{
    const struct pki_revocations *set = subject->search->request->revocations;
    bool is_leaf = subject->judgement->certificate == subject->trial->nodes[0];

    for (size_t i = 0; set != NULL && i < set->ocsp_count; i++) {
        const struct ocsp *ocsp = &set->ocsps[i].ocsp;
        if (is_leaf || ocsp->response_status == 0) {
            judge_response(subject, ocsp,
                           (struct said){.by = SAID_BY_OCSP, .name = set->ocsps[i].name}, false);
        }
    }
}
