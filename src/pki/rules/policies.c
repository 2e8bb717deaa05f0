/*
 * Certificate policies (RFC 5280 6.1.2 to 6.1.5, RFC 9618). A path without a valid policy is refused only where one is
 * demanded: by whoever asks (--policy), or by a CA's policyConstraints.
 */
#include <string.h>

#include "policy_tree.h"
#include "sentences.h"

enum {
    POLICY_NONE_LEFT = 0, /* no policy holds from the first CA to `node` */
    POLICY_NOT_WANTED,    /* some do, but not those that were asked for */
    POLICY_MAPS_ANY,      /* 6.1.4 (a) */
    POLICY_TWICE,         /* 4.2.1.4 */
    POLICY_TOO_MANY,
};

/* The state variables of 6.1.2 (d) to (f), with who set the first one. */
struct policy_state {
    struct policy_tree tree;
    size_t explicit_policy;
    size_t policy_mapping;
    size_t inhibit_any;
    size_t demanded_by; /* the node of the CA; NO_NODE: whoever asks */
};

/* The certificates that count: all but the anchor, and but a root that should be one. A leaf that is the anchor counts. */
static size_t path_below_anchor(const struct search *search)
{
    size_t length = search->current.length;
    bool without_last = search->current.anchored || rule_ends_self_issued(search);

    return without_last && length > 1 ? length - 1 : length;
}

/* Usually nobody demands a policy, and nothing needs to be computed. */
static bool is_demanded(const struct search *search, size_t count)
{
    bool demanded = search->request->require_explicit_policy;

    for (size_t place = 0; place < count && !demanded; place++) {
        demanded = rule_certificate(search, place)->require_explicit_policy != X509_NO_LIMIT;
    }
    return demanded;
}

static struct finding finding_at(const struct search *search, size_t place, unsigned variant)
{
    return (struct finding){
        .code = PKI_POLICY,
        .variant = variant,
        .node = search->current.nodes[place],
        .other = NO_NODE,
        .field = "certificatePolicies",
    };
}

/* ---- what a certificate must not say ----------------------------------------------------- */

/* 6.1.4 (a): any-policy is neither mapped nor mapped to. */
static bool maps_any(const struct x509 *x)
{
    struct reader list = reader_new(x->policy_mappings.data, x->policy_mappings.length);
    struct pki_slice issuer, subject;

    while (policy_mapping_next(&list, &issuer, &subject)) {
        if (slice_is(issuer, POLICY_ANY) || slice_is(subject, POLICY_ANY)) {
            return true;
        }
    }
    return false;
}

/* 4.2.1.4: a policy must not appear more than once. Looked for among the first few, which is more than anyone
 * has, so that a long list costs no more than its length; the tree counts the others once. */
#define POLICIES_COMPARED 64

static bool names_one_twice(const struct x509 *x, struct pki_slice *twice)
{
    struct reader list = reader_new(x->policies.data, x->policies.length);
    struct pki_slice seen[POLICIES_COMPARED];
    size_t count = 0;

    while (policy_next(&list, twice)) {
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(seen[i], *twice)) {
                return true;
            }
        }
        if (count < POLICIES_COMPARED) {
            seen[count++] = *twice;
        }
    }
    return false;
}

/* OpenSSL and BoringSSL refuse both, once policies are asked for; a mapping of any-policy the RFC refuses always. */
static bool extensions_are_sane(struct search *search, size_t count, bool demanded)
{
    bool sane = true;

    for (size_t place = count; place-- > 0;) {
        const struct x509 *x = rule_certificate(search, place);
        struct finding finding;
        if (place > 0 && maps_any(x)) {
            finding = finding_at(search, place, POLICY_MAPS_ANY);
            finding.field = "policyMappings";
            finding.reference = "RFC 5280 6.1.4 (a)";
            rule_add(search, finding);
            sane = false;
        }
        finding = finding_at(search, place, POLICY_TWICE);
        if (demanded && names_one_twice(x, &finding.value)) {
            finding.reference = "RFC 5280 4.2.1.4";
            rule_add(search, finding);
            sane = false;
        }
    }
    return sane;
}

/* ---- the computation --------------------------------------------------------------------- */

static void lower(size_t *number, long limit)
{
    if (limit != X509_NO_LIMIT && (size_t)limit < *number) {
        *number = (size_t)limit;
    }
}

static void count_down(size_t *number)
{
    *number -= *number > 0;
}

/* 6.1.4 (h) to (j). */
static void prepare_for_next(struct policy_state *state, const struct search *search, size_t place)
{
    const struct x509 *x = rule_certificate(search, place);

    if (!x509_is_self_issued(x)) {
        count_down(&state->explicit_policy);
        count_down(&state->policy_mapping);
        count_down(&state->inhibit_any);
    }
    if (x->require_explicit_policy != X509_NO_LIMIT &&
        (size_t)x->require_explicit_policy < state->explicit_policy) {
        state->explicit_policy = (size_t)x->require_explicit_policy;
        state->demanded_by = search->current.nodes[place];
    }
    lower(&state->policy_mapping, x->inhibit_policy_mapping);
    lower(&state->inhibit_any, x->inhibit_any_policy);
}

/* The user-initial-policy-set (6.1.1 (c)); none, or any-policy in it, is any. */
static bool wants_any(const struct pki_request *request)
{
    const char *const *policy = request->policies;

    if (policy == NULL || *policy == NULL) {
        return true;
    }
    for (; *policy != NULL; policy++) {
        if (strcmp(*policy, "2.5.29.32.0") == 0) {
            return true;
        }
    }
    return false;
}

static bool wants(const struct pki_request *request, struct pki_slice policy)
{
    char text[512];

    (void)wire_oid_text(text, sizeof text, policy.data, policy.length);
    for (const char *const *wanted = request->policies; *wanted != NULL; wanted++) {
        if (strcmp(*wanted, text) == 0) {
            return true;
        }
    }
    return false;
}

/* 6.1.5 (g): is one of the policies of the path wanted? */
static bool intersects(struct policy_tree *tree, const struct pki_request *request)
{
    struct policy_cursor cursor = {0};
    struct pki_slice policy;

    if (wants_any(request)) {
        return true;
    }
    policy_tree_reach(tree);
    while (policy_tree_next(tree, &cursor, &policy)) {
        if (slice_is(policy, POLICY_ANY) || wants(request, policy)) {
            return true;
        }
    }
    return false;
}

static void refuse(struct search *search, const struct policy_state *state, size_t place,
                   unsigned variant)
{
    struct finding finding = finding_at(search, place, variant);

    finding.other = state->demanded_by;
    finding.reference = state->tree.given_up          ? "RFC 9618 3"
                        : variant == POLICY_NONE_LEFT ? "RFC 5280 6.1.3 (f)"
                                                      : NULL;
    rule_add(search, finding);
}

/* 6.1.5 (a), (b), (g). */
static void wrap_up(struct search *search, struct policy_state *state, size_t emptied_at)
{
    const struct x509 *leaf = rule_certificate(search, 0);

    count_down(&state->explicit_policy);
    if (leaf->require_explicit_policy == 0) {
        if (state->explicit_policy > 0) {
            state->demanded_by = search->current.nodes[0];
        }
        state->explicit_policy = 0;
    }
    if (state->explicit_policy > 0) {
        return;
    }
    if (state->tree.given_up) {
        refuse(search, state, 0, POLICY_TOO_MANY);
    } else if (policy_tree_is_empty(&state->tree)) {
        refuse(search, state, emptied_at, POLICY_NONE_LEFT);
    } else if (!intersects(&state->tree, search->request)) {
        refuse(search, state, 0, POLICY_NOT_WANTED);
    }
}

static void process(struct search *search, struct policy_state *state, size_t count)
{
    size_t emptied_at = count - 1; /* where the last policy was lost */
    bool empty = false;

    for (size_t place = count; place-- > 0;) {
        const struct x509 *x = rule_certificate(search, place);
        bool self_issued = place > 0 && x509_is_self_issued(x);
        policy_tree_add(&state->tree, x, state->inhibit_any > 0 || self_issued);
        if (!empty && policy_tree_is_empty(&state->tree)) {
            empty = true;
            emptied_at = place;
        }
        if (place == 0) {
            break;
        }
        if (state->explicit_policy == 0 && empty && !state->tree.given_up) {
            refuse(search, state, emptied_at, POLICY_NONE_LEFT); /* 6.1.3 (f) */
            return;
        }
        policy_tree_map(&state->tree, x, state->policy_mapping > 0);
        if (!empty && policy_tree_is_empty(&state->tree)) {
            empty = true;
            emptied_at = place;
        }
        prepare_for_next(state, search, place);
    }
    wrap_up(search, state, emptied_at);
}

void rule_policies(struct search *search, size_t place)
{
    const struct pki_request *request = search->request;
    size_t count = path_below_anchor(search);
    bool demanded = is_demanded(search, count);
    struct policy_state state = {
        .explicit_policy = request->require_explicit_policy ? 0 : count + 1,
        .policy_mapping = request->inhibit_policy_mapping ? 0 : count + 1,
        .inhibit_any = request->inhibit_any_policy ? 0 : count + 1,
        .demanded_by = NO_NODE,
    };

    (void)place;
    if (!extensions_are_sane(search, count, demanded) || !demanded) {
        return;
    }
    policy_tree_start(&state.tree);
    process(search, &state, count);
    search->failed |= state.tree.failed;
    policy_tree_free(&state.tree);
}

/* ---- sentences --------------------------------------------------------------------------- */

static void say_policies(const struct words *words)
{
    struct pki_slice all = words->node->x.policies;
    struct reader list = reader_new(all.data, all.length);
    struct words_list said = {.out = words->out};
    struct pki_slice policy;

    while (policy_next(&list, &policy)) {
        if (words_list_next(&said)) {
            words_oid(words->out, policy);
        }
    }
    say(words, words_list_end(&said) == 0 ? "none" : "");
}

static void say_wanted(const struct words *words)
{
    const struct pki_request *request = words->search->request;
    char shown[160];

    if (wants_any(request)) {
        say(words, "a policy that every CA of the path has, too");
        return;
    }
    for (size_t i = 0; request->policies[i] != NULL; i++) {
        say(words, i > 0 ? " or " : "");
        say(words,
            text_safe(shown, sizeof shown, request->policies[i], strlen(request->policies[i])));
    }
}

static void say_who_demands(const struct words *words)
{
    if (words->other == NULL) {
        say(words, "one was asked for");
    } else {
        say_label(words, words->other);
        say(words, " demands one (requireExplicitPolicy)");
    }
}

void text_policy(const struct words *words)
{
    say_label(words, words->node);
    switch (words->finding->variant) {
    case POLICY_NOT_WANTED:
        say(words, ": its path is valid for certificate policies (its own: ");
        say_policies(words);
        say(words, "), but not for ");
        say_wanted(words);
        say(words, ", which was asked for.");
        break;
    case POLICY_MAPS_ANY:
        say(words, ": maps any-policy, which stands for all policies, to another one or another "
                   "one to it.");
        break;
    case POLICY_TWICE:
        say(words, ": names the certificate policy ");
        words_oid(words->out, words->finding->value);
        say(words, " twice.");
        break;
    case POLICY_TOO_MANY:
        buffer_printf(words->out,
                      ": its path has more than %d certificate policies and mappings of them; "
                      "whether one is valid was given up, and ",
                      POLICY_TREE_MAX);
        say_who_demands(words);
        say(words, ".");
        break;
    default:
        say(words, ": no certificate policy is valid from the first CA of the path to this one "
                   "(its own: ");
        say_policies(words);
        say(words, "), and ");
        say_who_demands(words);
        say(words, ".");
        break;
    }
}

void mend_policy(const struct words *words)
{
    say(words, "have ");
    say_label(words, words->node);
    switch (words->finding->variant) {
    case POLICY_MAPS_ANY:
        say(words, " issued again without the mapping of any-policy.");
        break;
    case POLICY_TWICE:
        say(words, " issued again with each policy once.");
        break;
    case POLICY_TOO_MANY:
        say(words, " issued by CAs with the few policies that they have.");
        break;
    default:
        say(words, " issued with ");
        say_wanted(words);
        say(words, " in certificatePolicies.");
        break;
    }
}

void found_policy(const struct words *words)
{
    switch (words->finding->variant) {
    case POLICY_MAPS_ANY:
        say(words, "any-policy");
        break;
    case POLICY_TWICE:
        words_oid(words->out, words->finding->value);
        say(words, ", twice");
        break;
    case POLICY_TOO_MANY:
        buffer_printf(words->out, "more than %d", POLICY_TREE_MAX);
        break;
    default:
        say_policies(words);
        break;
    }
}

void required_policy(const struct words *words)
{
    switch (words->finding->variant) {
    case POLICY_MAPS_ANY:
        say(words, "two policies, neither of them any-policy");
        break;
    case POLICY_TWICE:
        say(words, "once");
        break;
    case POLICY_TOO_MANY:
        buffer_printf(words->out, "at most %d", POLICY_TREE_MAX);
        break;
    default:
        say_wanted(words);
        break;
    }
}
