/*
 * The rules that a certification path is judged by (RFC 5280 6.1, RFC 9525): each is a function in a file of this folder that looks at
 * one certificate of the path, or at the path as a whole, and adds what it finds. Adding one is writing it, with the sentences of
 * its reason code beside it, and giving it a row.
 */
#ifndef PKI_RULES_H
#define PKI_RULES_H

#include "../search.h"

/* What a rule is asked about. */
enum scope {
    ONCE,       /* the path as a whole */
    LEAF,       /* its first certificate */
    EACH,       /* all of them, the anchor too */
    ALL_SIGNED, /* all but the anchor, whose signature nobody needs */
    ISSUERS,    /* all but the first */
};

/* In the order in which reasons are given: what is decisive first. rule_NAME() is in the file named here. */
/* clang-format off */
#define RULES(RULE)                                                  \
    RULE(readable,           ONCE)       /* malformed.c */           \
    RULE(trust,              ONCE)       /* anchor.c */              \
    RULE(signature,          ALL_SIGNED) /* signature.c */           \
    RULE(ca,                 ISSUERS)    /* ca.c */                  \
    RULE(validity,           EACH)       /* validity.c */            \
    RULE(revocation,         ONCE)       /* revocation.c */          \
    RULE(hostname,           LEAF)       /* hostname.c */            \
    RULE(name_constraints,   ONCE)       /* name_constraints.c */    \
    RULE(path_length,        ONCE)       /* path_length.c */         \
    RULE(key_usage,          EACH)       /* key_usage.c */           \
    RULE(extended_key_usage, EACH)       /* extended_key_usage.c */  \
    RULE(critical,           EACH)       /* critical.c */            \
    RULE(policies,           ONCE)       /* policies.c */            \
    RULE(hash,               ALL_SIGNED) /* strength.c */            \
    RULE(key,                EACH)       /* strength.c, malformed.c */ \
    RULE(conforming,         EACH)       /* conforming.c */
/* clang-format on */

#define RULE_PROTOTYPE(name, scope) void rule_##name(struct search *search, size_t place);
RULES(RULE_PROTOTYPE)
#undef RULE_PROTOTYPE

/* Judges `search->current`: fills its findings. */
void rules_judge(struct search *search);

/* For rules: adds a finding to the current trial. */
void rule_add(struct search *search, struct finding finding);
/* The certificate at a place of the current path (0: the leaf), and whether the trust store vouches for it. */
const struct x509 *rule_certificate(const struct search *search, size_t place);
bool rule_is_anchor(const struct search *search, size_t place);
/* True when the path has no anchor and its last certificate may have signed itself. */
bool rule_ends_self_issued(const struct search *search);

/* Puts a finding into words; `certificates` maps nodes to the verification's certificates. False when memory ran out. */
bool reason_write(struct pki_reason *out, const struct search *search,
                  const struct finding *finding, const long *certificates);

#endif
