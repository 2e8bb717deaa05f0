/*
 * The rules that a certification path is judged by, each a small function that looks at one
 * certificate of the path (or at the path as a whole) and adds what it finds. A rule is added by
 * writing it and giving it a row; its words stand in reasons.c.
 */
#include "algorithms.h"
#include "name.h"
#include "search.h"

/* Policy of mainstream clients (RFC 9325 4.5; OpenSSL's security level 2). */
#define RSA_BITS_MIN 2048
#define EC_BITS_MIN  224

/* So many certificates that cannot be read are named; a chain has three, not hundreds. */
#define MALFORMED_NAMED_MAX 10

static void add_finding(struct search *search, struct finding finding)
{
    struct trial *trial = &search->current;
    struct finding *grown =
        array_grow(trial->findings, &trial->capacity, trial->count + 1, sizeof *grown);

    if (grown == NULL) {
        search->failed = true;
        return;
    }
    trial->findings = grown;
    grown[trial->count++] = finding;
}

static const struct x509 *certificate_at(const struct search *search, size_t place)
{
    return &search->nodes[search->current.nodes[place]].x;
}

static bool is_anchor(const struct search *search, size_t place)
{
    return search->current.anchored && place + 1 == search->current.length;
}

/* The last one of a path without anchor, where it may have signed itself. */
static bool ends_self_issued(const struct search *search)
{
    size_t last = search->current.nodes[search->current.length - 1];

    return !search->current.anchored && x509_is_self_issued(&search->nodes[last].x) &&
           search_key_id(search, last, last) != KEY_ID_DIFFERS;
}

/* ---- the path as a whole --------------------------------------------------------------- */

/* RFC 5280 4.1: what was sent must be certificates. */
static void check_readable(struct search *search, size_t place)
{
    size_t named = 0;

    (void)place;
    if (search->count == 0) {
        add_finding(search, (struct finding){.code = PKI_MALFORMED,
                                             .variant = MALFORMED_NOTHING_SENT,
                                             .node = NO_NODE,
                                             .other = NO_NODE});
    }
    for (size_t i = 0; i < search->count && named < MALFORMED_NAMED_MAX; i++) {
        if (search->nodes[i].sent && !search->nodes[i].readable) {
            add_finding(search, (struct finding){.code = PKI_MALFORMED,
                                                 .node = i,
                                                 .variant = MALFORMED_CERTIFICATE,
                                                 .other = NO_NODE});
            named++;
        }
    }
}

/* A root was sent that is not in the path: then the chain has a gap before it. */
static bool has_gap(const struct search *search)
{
    for (size_t i = 1; i < search->count; i++) {
        const struct node *node = &search->nodes[i];
        if (node->sent && node->readable && (node->anchor || x509_is_self_issued(&node->x))) {
            return true;
        }
    }
    return false;
}

/* RFC 5280 6.1.1 (d): the path begins at a trust anchor. When it does not, the words must be the
 * right ones: whose certificate is missing, the server's or the client's? */
static void check_trust(struct search *search, size_t place)
{
    struct finding finding = {.code = PKI_NO_TRUST_ANCHOR, .other = NO_NODE};
    size_t length = search->current.length;

    (void)place;
    if (search->current.anchored) {
        return;
    }
    finding.node = search->current.nodes[length - 1];
    if (ends_self_issued(search)) {
        finding.code = length == 1 ? PKI_SELF_SIGNED : PKI_NO_TRUST_ANCHOR;
        finding.variant = TRUST_ENDS_AT_ROOT;
    } else if (pki_trust_count(search->request->trust) == 0) {
        finding.variant = TRUST_STORE_EMPTY;
    } else if (length == 1 || has_gap(search)) {
        /* The leaf alone, or something between it and the root that came: RFC 8446 4.4.2 wants
         * each certificate followed by the one that certifies it. */
        finding.code = PKI_MISSING_INTERMEDIATE;
        finding.other = search_namesake(search, finding.node);
    } else {
        finding.variant = TRUST_ISSUER_UNKNOWN;
        finding.other = search_namesake(search, finding.node);
    }
    add_finding(search, finding);
}

/* ---- each certificate ------------------------------------------------------------------ */

/* RFC 5280 6.1.3 (a)(1). */
static void check_signature(struct search *search, size_t place)
{
    size_t certificate = search->current.nodes[place];
    size_t issuer = certificate;
    enum signature_state state;

    if (place + 1 < search->current.length) {
        issuer = search->current.nodes[place + 1];
    } else if (!ends_self_issued(search)) {
        return; /* nobody is there who could have made it */
    }
    state = search_edge(search, certificate, issuer);
    if (state != SIGNATURE_GOOD && state != SIGNATURE_NOT_CHECKED) {
        add_finding(search, (struct finding){.code = PKI_BAD_SIGNATURE,
                                             .node = certificate,
                                             .other = issuer,
                                             .variant = (unsigned)state});
    }
}

/* RFC 5280 6.1.4 (k). A version 1 certificate cannot say that it is a CA; as a trust anchor it
 * needs not (6.1.1 (d): an anchor is a name and a key). */
static void check_ca(struct search *search, size_t place)
{
    const struct x509 *x = certificate_at(search, place);

    if (x->is_ca || (x->version == 1 && is_anchor(search, place))) {
        return;
    }
    add_finding(search, (struct finding){.code = PKI_NOT_A_CA,
                                         .node = search->current.nodes[place],
                                         .other = search->current.nodes[place - 1]});
}

/* RFC 5280 6.1.3 (a)(2), 4.1.2.5: from notBefore to notAfter, both included. */
static void check_validity(struct search *search, size_t place)
{
    const struct x509 *x = certificate_at(search, place);
    int64_t at = search->request->at;
    struct finding finding = {.node = search->current.nodes[place], .other = NO_NODE, .found = at};

    if (at < x->not_before) {
        finding.code = PKI_NOT_YET_VALID;
        finding.required = x->not_before;
        add_finding(search, finding);
    }
    if (at > x->not_after) {
        finding.code = PKI_EXPIRED;
        finding.required = x->not_after;
        add_finding(search, finding);
    }
}

/* RFC 9525 6. */
static void check_hostname(struct search *search, size_t place)
{
    if (search->request->hostname != NULL &&
        !host_matches(&search->host, certificate_at(search, place))) {
        add_finding(search, (struct finding){.code = PKI_HOSTNAME_MISMATCH,
                                             .node = search->current.nodes[place],
                                             .other = NO_NODE});
    }
}

/* RFC 8446 4.4.2.4, except for a signature that decides nothing because it is its own. */
static void check_hash(struct search *search, size_t place)
{
    bool last = place + 1 == search->current.length;

    if ((last && ends_self_issued(search)) ||
        signature_weak_hash(certificate_at(search, place)) == NULL) {
        return;
    }
    add_finding(search, (struct finding){.code = PKI_WEAK_SIGNATURE,
                                         .node = search->current.nodes[place],
                                         .other = NO_NODE});
}

/* RFC 9325 4.5, RFC 5480 2.1.1. */
static void check_key(struct search *search, size_t place)
{
    struct finding finding = {.node = search->current.nodes[place], .other = NO_NODE};
    struct key_facts key;

    key_facts_read(certificate_at(search, place), &key);
    if (key.family == KEY_OTHER) {
        return;
    }
    finding.found = key.bits;
    finding.required = key.family == KEY_EC ? EC_BITS_MIN : RSA_BITS_MIN;
    if (key.explicit_curve || key.bits == 0) {
        finding.code = PKI_MALFORMED;
        finding.variant = key.explicit_curve ? MALFORMED_EXPLICIT_CURVE : MALFORMED_KEY;
        add_finding(search, finding);
    } else if (finding.found < finding.required) {
        finding.code = PKI_WEAK_KEY;
        add_finding(search, finding);
    }
}

/* ---- the table ------------------------------------------------------------------------- */

/* What a rule is asked about. */
enum scope {
    ONCE,       /* the path as a whole */
    LEAF,       /* its first certificate */
    EACH,       /* all of them, the anchor too */
    ALL_SIGNED, /* all but the anchor, whose signature nobody needs */
    ISSUERS,    /* all but the first */
};

/* In the order in which reasons are given: what is decisive first. */
static const struct rule {
    void (*check)(struct search *search, size_t place);
    enum scope scope;
} rules[] = {
    {check_readable, ONCE},   {check_trust, ONCE},    {check_signature, ALL_SIGNED},
    {check_ca, ISSUERS},      {check_validity, EACH}, {check_hostname, LEAF},
    {check_hash, ALL_SIGNED}, {check_key, EACH},
};

static bool applies(const struct search *search, enum scope scope, size_t place)
{
    switch (scope) {
    case ONCE:
    case LEAF:
        return place == 0;
    case ISSUERS:
        return place > 0;
    case ALL_SIGNED:
        return !is_anchor(search, place);
    case EACH:
        break;
    }
    return true;
}

void rules_judge(struct search *search)
{
    const struct trial *trial = &search->current;

    if (trial->length == 0 || !search->nodes[trial->nodes[0]].readable) {
        check_readable(search, 0); /* there is nothing else to judge */
        return;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        for (size_t place = 0; place < trial->length; place++) {
            if (applies(search, rules[i].scope, place)) {
                rules[i].check(search, place);
            }
        }
    }
}
