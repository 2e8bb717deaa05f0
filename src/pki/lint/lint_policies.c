/* Certificate policies (RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14). */
#include <string.h>

#include "lint.h"

/* CA/Browser Forum 7.1.6.1: 2.23.140.1.1 (EV), .1.2.1 (DV), .1.2.2 (OV), .1.2.3 (IV). */
#define FORUM "\x67\x81\x0c\x01"

/* A certificate has a handful of policies. More are looked at, but not each against each. */
#define POLICIES_COMPARED 256

static struct reader policies_of(const struct lint *lint)
{
    return reader_new(lint->x.policies.data, lint->x.policies.length);
}

/* An extension that is a list, without elements. */
static bool list_empty(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    const struct x509_extension *extension = lint_extension(lint, row->extension);

    if (!extension->present || extension->value.length > 2) {
        return false;
    }
    buffer_printf(found, "%s is empty", lint_row_field(row));
    return true;
}

static bool occurs_before(const struct lint *lint, size_t position, struct pki_slice wanted)
{
    struct reader policies = policies_of(lint);
    struct pki_slice oid;

    for (size_t i = 0; i < position && policy_next(&policies, &oid); i++) {
        if (slice_equal(oid, wanted)) {
            return true;
        }
    }
    return false;
}

static bool policy_twice(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct reader policies = policies_of(lint);
    struct pki_slice oid;

    (void)row;
    for (size_t i = 0; i < POLICIES_COMPARED && policy_next(&policies, &oid); i++) {
        if (occurs_before(lint, i, oid)) {
            buffer_text(found, "the policy ");
            lint_oid(found, oid);
            buffer_text(found, " is listed twice");
            return true;
        }
    }
    return false;
}

static bool no_forum_policy(const struct lint *lint, const struct lint_row *row,
                            struct buffer *found)
{
    struct reader policies = policies_of(lint);
    struct pki_slice oid;

    (void)row;
    while (policy_next(&policies, &oid)) {
        if (oid.length > 4 && memcmp(oid.data, FORUM, 4) == 0) {
            return false;
        }
    }
    if (lint->x.policies.length > 0) {
        buffer_text(found, "no policy says how the owner was validated");
    }
    return lint->x.policies.length > 0;
}

/* ---- policyMappings -------------------------------------------------------------------- */

static bool any_mapped(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct reader mappings =
        reader_new(lint->x.policy_mappings.data, lint->x.policy_mappings.length);
    struct pki_slice issuer, subject;

    (void)row;
    while (policy_mapping_next(&mappings, &issuer, &subject)) {
        if (slice_is(issuer, POLICY_ANY) || slice_is(subject, POLICY_ANY)) {
            buffer_printf(found, "policyMappings maps %s anyPolicy",
                          slice_is(issuer, POLICY_ANY) ? "from" : "to");
            return true;
        }
    }
    return false;
}

static bool unasserted_mapped(const struct lint *lint, const struct lint_row *row,
                              struct buffer *found)
{
    struct reader mappings =
        reader_new(lint->x.policy_mappings.data, lint->x.policy_mappings.length);
    struct pki_slice issuer, subject;

    (void)row;
    for (size_t i = 0; i < POLICIES_COMPARED && policy_mapping_next(&mappings, &issuer, &subject);
         i++) {
        if (!occurs_before(lint, POLICIES_COMPARED, issuer)) {
            buffer_text(found, "policyMappings maps ");
            lint_oid(found, issuer);
            buffer_text(found, ", which certificatePolicies does not list");
            return true;
        }
    }
    return false;
}

/* ---- rows ------------------------------------------------------------------------------ */

#define POLICIES    .extension = X509_CERTIFICATE_POLICIES
#define MAPPINGS    .extension = X509_POLICY_MAPPINGS
#define CONSTRAINTS .extension = X509_POLICY_CONSTRAINTS
#define INHIBIT     .extension = X509_INHIBIT_ANY_POLICY

static const struct lint_row rows[] = {
    {"policies_missing", BR("7.1.2.7.6"), PKI_LINT_SHOULD, LINT_LEAF | LINT_SERVER, lint_missing,
     POLICIES, "certificatePolicies is present in a server's certificate"},
    {"policies_empty", RFC5280("4.2.1.4"), PKI_LINT_MUST, LINT_ANY, list_empty, POLICIES,
     "certificatePolicies lists at least one policy"},
    {"policies_duplicate", RFC5280("4.2.1.4"), PKI_LINT_MUST, LINT_ANY, policy_twice, POLICIES,
     "certificatePolicies lists each policy once"},
    {"policies_critical", BR("7.1.2.7.6"), PKI_LINT_NOTE, LINT_ANY, lint_critical, POLICIES,
     "certificatePolicies is not critical"},
    {"policies_without_validation", BR("7.1.2.7.9"), PKI_LINT_NOTE, LINT_LEAF | LINT_SERVER,
     no_forum_policy, POLICIES,
     "certificatePolicies lists one of the CA/Browser Forum's, which says how the owner was "
     "validated"},
    {"policy_mappings_not_critical", RFC5280("4.2.1.5"), PKI_LINT_SHOULD, LINT_ANY,
     lint_not_critical, MAPPINGS, "policyMappings is critical"},
    {"policy_mappings_empty", RFC5280("4.2.1.5"), PKI_LINT_MUST, LINT_ANY, list_empty, MAPPINGS,
     "policyMappings maps at least one policy"},
    {"policy_mappings_any", RFC5280("4.2.1.5"), PKI_LINT_MUST, LINT_ANY, any_mapped, MAPPINGS,
     "anyPolicy is not mapped, neither from nor to"},
    {"policy_mappings_unasserted", RFC5280("4.2.1.5"), PKI_LINT_SHOULD, LINT_ANY, unasserted_mapped,
     MAPPINGS, "each policy that is mapped stands in certificatePolicies"},
    {"policy_mappings_without_ca", RFC5280("4.2.1.5"), PKI_LINT_MUST, LINT_ANY, lint_without_ca,
     MAPPINGS, "policyMappings is present in CA certificates only"},
    {"policy_constraints_not_critical", RFC5280("4.2.1.11"), PKI_LINT_MUST, LINT_ANY,
     lint_not_critical, CONSTRAINTS, "policyConstraints is critical"},
    {"policy_constraints_empty", RFC5280("4.2.1.11"), PKI_LINT_MUST, LINT_ANY, list_empty,
     CONSTRAINTS, "policyConstraints has requireExplicitPolicy or inhibitPolicyMapping"},
    {"policy_constraints_without_ca", RFC5280("4.2.1.11"), PKI_LINT_SHOULD, LINT_ANY,
     lint_without_ca, CONSTRAINTS, "policyConstraints is present in CA certificates only"},
    {"inhibit_any_policy_not_critical", RFC5280("4.2.1.14"), PKI_LINT_MUST, LINT_ANY,
     lint_not_critical, INHIBIT, "inhibitAnyPolicy is critical"},
    {"inhibit_any_policy_without_ca", RFC5280("4.2.1.14"), PKI_LINT_SHOULD, LINT_ANY,
     lint_without_ca, INHIBIT, "inhibitAnyPolicy is present in CA certificates only"},
};
const struct lint_table lint_policies = LINT_TABLE(rows);
