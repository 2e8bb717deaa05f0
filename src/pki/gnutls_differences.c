/*
 * Where GnuTLS (3.7.9) and tlstep are known to differ: one row each, the first that fits is said. docs/verification.md has the same
 * table for people.
 */
#include <string.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "algorithms.h"
#include "gnutls_verdict.h"

enum side { TLSTEP, BOTH_MAY };

/* ---- conditions ------------------------------------------------------------------------ */

static bool always(const struct disagreement *d)
{
    (void)d;
    return true;
}

static bool cannot_read(const struct disagreement *d)
{
    return d->problem != NULL;
}

static bool leaf_is_anchor(const struct disagreement *d)
{
    return d->search->best.length == 1 && d->search->best.anchored;
}

static bool is_distrusted(const struct disagreement *d)
{
    for (size_t i = 0; i < d->search->best.length; i++) {
        if (d->search->nodes[d->search->best.nodes[i]].distrusted) {
            return true;
        }
    }
    return false;
}

static bool is_trusted_explicitly(const struct disagreement *d)
{
    const struct trial *best = &d->search->best;

    return best->length > 0 && d->search->nodes[best->nodes[best->length - 1]].trusted_explicitly;
}

/* There was a choice: other certificates of a name in the path were at hand. */
static bool has_choice(const struct disagreement *d)
{
    return d->search->other_count > 0 || d->search->request->intermediate_count > 0 ||
           d->search->indexed > d->search->best.length;
}

static bool is_long(const struct disagreement *d)
{
    return d->search->request->chain_length > 16 || d->search->best.length > 16;
}

static bool is_strict(const struct disagreement *d)
{
    return d->search->request->strict;
}

static bool has_revocation_data(const struct disagreement *d)
{
    return d->search->request->revocations != NULL || d->search->request->staple_count > 0 ||
           d->search->request->staple_expected;
}

static bool has_weak_hash(const struct disagreement *d)
{
    for (size_t i = 0; i < d->search->best.length; i++) {
        if (signature_weak_hash(&d->search->nodes[d->search->best.nodes[i]].x) != NULL) {
            return true;
        }
    }
    return false;
}

/* Nothing is wrong with the algorithm as such: a configuration forbids it. */
static bool forbidden_by_system(const struct disagreement *d)
{
    for (size_t i = 0; i < d->search->best.length; i++) {
        const struct x509 *x = &d->search->nodes[d->search->best.nodes[i]].x;
        const struct signature_algorithm *row = signature_algorithm_find(x->signature_algorithm);
        if (row != NULL && row->gnutls != GNUTLS_SIGN_UNKNOWN && row->weak_hash == NULL &&
            gnutls_sign_is_secure2(row->gnutls, GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_no_names(const struct disagreement *d)
{
    return d->search->count > 0 && !d->search->nodes[0].x.extension[X509_SUBJECT_ALT_NAME].present;
}

static bool anchor_breaks_it(const struct disagreement *d)
{
    const struct trial *best = &d->search->best;

    return best->anchored && best->count > 0 && best->length > 0 &&
           best->findings[0].node == best->nodes[best->length - 1];
}

static bool has_name_constraints(const struct disagreement *d)
{
    for (size_t i = 0; i < d->search->best.length; i++) {
        const struct x509 *x = &d->search->nodes[d->search->best.nodes[i]].x;
        if (x->extension[X509_NAME_CONSTRAINTS].present) {
            return true;
        }
    }
    return false;
}

/* ---- the table ------------------------------------------------------------------------- */

#define ACCEPTED (-1)

static const struct difference {
    const char *id;
    long ours;       /* the first reason's code, or ACCEPTED */
    unsigned theirs; /* any of these flags; 0 where GnuTLS accepts, or has no flag for it */
    bool (*applies)(const struct disagreement *d);
    enum side right;
    const char *why;
    const char *reference; /* on the side of who is right */
} differences[] = {
    /* GnuTLS refuses, tlstep accepts. */
    {"unreadable", ACCEPTED, 0, cannot_read, BOTH_MAY,
     "GnuTLS cannot read a certificate that tlstep reads", "RFC 5280 4.1"},
    {"system_policy", ACCEPTED, GNUTLS_CERT_INSECURE_ALGORITHM, forbidden_by_system, BOTH_MAY,
     "this machine's system-wide GnuTLS configuration forbids a signature algorithm that is "
     "secure: it comes from this machine, not from the server",
     "RFC 9325 4.5"},
    {"weak_hash_allowed", ACCEPTED, GNUTLS_CERT_INSECURE_ALGORITHM, has_weak_hash, BOTH_MAY,
     "GnuTLS refuses MD5 and SHA-1 whatever strength is asked for; --strength allows them here",
     "RFC 9325 4.5"},
    {"strength_measure", ACCEPTED, GNUTLS_CERT_INSECURE_ALGORITHM, always, BOTH_MAY,
     "GnuTLS measures the strength of keys by its profile, tlstep as OpenSSL does by its levels",
     "RFC 9325 4.5"},
    {"trusted_leaf", ACCEPTED,
     GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA |
         GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE | GNUTLS_CERT_INVALID,
     leaf_is_anchor, TLSTEP,
     "the certificate itself is a trust anchor; to GnuTLS a leaf is none, or has to be a CA",
     "RFC 5280 6.1.1 (d)"},
    {"trust_settings", ACCEPTED, GNUTLS_CERT_PURPOSE_MISMATCH, is_trusted_explicitly, TLSTEP,
     "the trust store says for what the anchor is trusted, which GnuTLS does not read",
     "RFC 5280 6.1.1 (d)"},
    {"long_chain", ACCEPTED, 0, is_long, TLSTEP, "GnuTLS looks at 16 certificates of a chain",
     "RFC 5280 6.1"},
    {"ocsp_nocheck", ACCEPTED, GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, always, TLSTEP,
     "GnuTLS does not know a critical extension that tlstep knows (id-pkix-ocsp-nocheck, …)",
     "RFC 6960 4.2.2.2.1"},
    {"common_name_constraint", ACCEPTED, GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
     has_name_constraints, TLSTEP,
     "GnuTLS applies name constraints for hosts to the common name, which names none",
     "RFC 5280 4.2.1.10"},
    {"other_path", ACCEPTED,
     GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_EXPIRED |
         GNUTLS_CERT_NOT_ACTIVATED | GNUTLS_CERT_SIGNATURE_FAILURE |
         GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE | GNUTLS_CERT_PURPOSE_MISMATCH |
         GNUTLS_CERT_INVALID,
     has_choice, TLSTEP,
     "GnuTLS follows one order of the certificates and does not go back; there is another path",
     "RFC 4158 2.4"},
    {"key_purpose", ACCEPTED, GNUTLS_CERT_PURPOSE_MISMATCH, always, BOTH_MAY,
     "the two read extended key usage of CAs differently", "RFC 5280 4.2.1.12"},
    {"host_name", ACCEPTED, GNUTLS_CERT_UNEXPECTED_OWNER, always, TLSTEP,
     "the two compare host names differently (final dot, internationalised names, addresses)",
     "RFC 9525 6"},
    /* tlstep refuses, GnuTLS accepts. */
    {"distrusted", PKI_NO_TRUST_ANCHOR, 0, is_distrusted, TLSTEP,
     "the trust store forbids a certificate of the path, in trust settings that GnuTLS does not "
     "read",
     "RFC 5280 6.1.1 (d)"},
    {"strict", PKI_NOT_CONFORMING, 0, is_strict, TLSTEP,
     "--strict makes every MUST a refusal; GnuTLS has no such level", "RFC 5280 4"},
    {"name_constraints", PKI_NAME_CONSTRAINT, 0, always, TLSTEP,
     "GnuTLS does not apply name constraints to mail addresses in the subject nor to other names, "
     "and has no limit on their number",
     "RFC 5280 4.2.1.10"},
    {"policies", PKI_POLICY, 0, always, TLSTEP, "GnuTLS does not work out the valid policy tree",
     "RFC 5280 6.1.2 (a)"},
    {"revocation", PKI_REVOKED, 0, always, TLSTEP,
     "GnuTLS was not given the CRLs and OCSP responses that say so", "RFC 5280 6.3"},
    {"revocation_unknown", PKI_REVOCATION_UNKNOWN, 0, has_revocation_data, TLSTEP,
     "GnuTLS was not given the CRLs and OCSP responses, and does not look at must-staple here",
     "RFC 7633 4.2.3"},
    {"anchor_key_purpose", PKI_EXTENDED_KEY_USAGE, 0, anchor_breaks_it, BOTH_MAY,
     "GnuTLS does not look at the key purposes of a trusted CA", "RFC 5280 6.1.1 (d)"},
    {"ca_key_purpose", PKI_EXTENDED_KEY_USAGE, 0, always, BOTH_MAY,
     "the two read extended key usage differently", "RFC 5280 4.2.1.12"},
    {"common_name", PKI_HOSTNAME_MISMATCH, 0, has_no_names, TLSTEP,
     "without names in subjectAltName, GnuTLS takes the common name for one", "RFC 9525 2"},
    {"wildcard", PKI_HOSTNAME_MISMATCH, 0, always, TLSTEP,
     "the two compare host names differently (wildcards, addresses, internationalised names)",
     "RFC 9525 6.3"},
    {"anchor_strength", PKI_WEAK_KEY, 0, always, BOTH_MAY,
     "GnuTLS does not judge the key of an anchor, or judges by another measure", "RFC 9325 4.5"},
    {"hash_strength", PKI_WEAK_SIGNATURE, 0, always, BOTH_MAY,
     "the two measure the strength of signatures differently", "RFC 9325 4.5"},
    {"usage", PKI_KEY_USAGE, 0, always, TLSTEP,
     "GnuTLS looks at the key usage of a server's certificate in the handshake only",
     "RFC 5280 4.2.1.3"},
    {"anchor_ca", PKI_NOT_A_CA, 0, always, TLSTEP,
     "GnuTLS does not ask a trusted issuer to be a CA", "RFC 5280 6.1.4 (k)"},
    {"path_length", PKI_PATH_LENGTH, 0, always, TLSTEP,
     "GnuTLS does not apply the path length of an anchor, or counts otherwise",
     "RFC 5280 6.1.4 (l)"},
    {"critical", PKI_UNKNOWN_CRITICAL_EXTENSION, 0, always, TLSTEP,
     "GnuTLS does not look for critical extensions there", "RFC 5280 4.2"},
    {"unused_malformed", PKI_MALFORMED, 0, always, BOTH_MAY,
     "GnuTLS passes over a certificate that cannot be read, or reads what is malformed",
     "RFC 5280 4.1"},
    {"anchor_dates", PKI_EXPIRED, 0, always, TLSTEP,
     "GnuTLS does not look at the dates of every certificate of the path", "RFC 5280 6.1.3 (a)(2)"},
};

/* ---- said ------------------------------------------------------------------------------ */

static bool fits(const struct difference *row, const struct disagreement *d)
{
    bool accepted = d->ours->ok;

    if (accepted != (row->ours == ACCEPTED) ||
        (!accepted && (long)d->ours->reasons[0].code != row->ours)) {
        return false;
    }
    return (row->theirs == 0 || (d->status & row->theirs) != 0) && row->applies(d);
}

static const struct difference *find_row(const struct disagreement *d)
{
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        if (fits(&differences[i], d)) {
            return &differences[i];
        }
    }
    return NULL;
}

static void say_verdicts(struct buffer *out, const struct pki_verification *ours)
{
    if (ours->ok) {
        buffer_printf(out, "tlstep accepts it, GnuTLS refuses it (%s): ", ours->gnutls_text);
        return;
    }
    bool named[PKI_REASON_COUNT] = {false};

    buffer_text(out, "tlstep refuses it (");
    for (size_t i = 0; i < ours->reason_count; i++) {
        enum pki_reason_code code = ours->reasons[i].code;
        if (!named[code]) {
            buffer_text(out, i > 0 ? ", " : "");
            buffer_text(out, pki_reason_name(code));
        }
        named[code] = true;
    }
    buffer_text(out, "), GnuTLS accepts it: ");
}

/* The file is there only where somebody has set such a policy. */
static void say_configuration(struct buffer *out)
{
    const char *path = gnutls_get_system_config_file();

    if (path != NULL && access(path, R_OK) == 0) {
        buffer_text(out, " (");
        text_safe_append(out, path, strlen(path));
        buffer_text(out, ")");
    }
}

void gnutls_difference_say(struct buffer *out, const struct disagreement *disagreement)
{
    static const char *const sides[] = {
        [TLSTEP] = " is on tlstep's side.",
        [BOTH_MAY] = " allows both; tlstep's verdict counts here.",
    };
    const struct difference *row = find_row(disagreement);

    say_verdicts(out, disagreement->ours);
    if (row == NULL) {
        buffer_text(out, "why is not known. tlstep's verdict counts here; please report it.");
        return;
    }
    buffer_text(out, row->why);
    if (row->applies == forbidden_by_system) {
        say_configuration(out);
    }
    buffer_printf(out, ". %s%s", row->reference, sides[row->right]);
}

size_t gnutls_difference_count(void)
{
    return sizeof differences / sizeof differences[0];
}

const char *gnutls_difference_id(size_t index)
{
    return differences[index].id;
}
