/* The table of rules, applied; and what rules share. */
#include "rules.h"

void rule_add(struct search *search, struct finding finding)
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

const struct x509 *rule_certificate(const struct search *search, size_t place)
{
    return &search->nodes[search->current.nodes[place]].x;
}

bool rule_is_anchor(const struct search *search, size_t place)
{
    return search->current.anchored && place + 1 == search->current.length;
}

bool rule_ends_self_issued(const struct search *search)
{
    size_t last = search->current.nodes[search->current.length - 1];

    return !search->current.anchored && search_may_be_root(search, last);
}

static const struct rule {
    void (*check)(struct search *search, size_t place);
    enum scope scope;
} rules[] = {
#define RULE_ROW(name, scope) {rule_##name, scope},
    RULES(RULE_ROW)
#undef RULE_ROW
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
        return !rule_is_anchor(search, place);
    case EACH:
        break;
    }
    return true;
}

void rules_judge(struct search *search)
{
    const struct trial *trial = &search->current;

    if (trial->length == 0 || !search->nodes[trial->nodes[0]].readable) {
        rule_readable(search, 0); /* there is nothing else to judge */
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
