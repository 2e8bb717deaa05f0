/* Name constraints (RFC 5280 4.2.1.10, 6.1.3 (b), (c)). */
#include "../constraint.h"
#include "sentences.h"

/* What can be wrong: the finding's `variant`. Its `value` is the name, as it stands in the certificate, `found` its
 * enum general_name_kind, `limit` the subtree, `other` the CA whose it is. */
enum {
    NOT_PERMITTED,
    EXCLUDED,
    WILDCARD_EXCLUDED,
    FORM_UNKNOWN,
    NAME_UNREADABLE,
    BASE_UNREADABLE,
    BASE_BOUNDED,
    CONSTRAINTS_MALFORMED,
    TOO_MANY,
};

/* As OpenSSL: so many pairs of a name and a constraint in two certificates, and no more in all of a path. */
#define COMPARISONS_MAX (1u << 20)
/* In all paths of a search, a second's work at most. */
#define SEARCH_COMPARISONS_MAX (8u << 20)
/* One more comparison for so many bytes that may have to be looked at. */
#define BYTES_OF_COMPARISON 32
/* Names of one certificate that one CA's constraints are said to be against. */
#define FINDINGS_MAX 4

/* A certificate's names against one CA's constraints. */
struct pair {
    struct search *search;
    size_t subject; /* nodes */
    size_t issuer;
    const struct x509 *ca;
    size_t left; /* comparisons */
    size_t findings;
};

static void add(struct pair *pair, unsigned variant, const struct subject_name *name,
                struct pki_slice limit)
{
    static const char *const references[] = {
        [NOT_PERMITTED] = "RFC 5280 6.1.3 (b)",
        [EXCLUDED] = "RFC 5280 6.1.3 (c)",
        [WILDCARD_EXCLUDED] = "RFC 5280 6.1.3 (c)",
        [TOO_MANY] = NULL,
    };
    struct finding finding = {
        .code = PKI_NAME_CONSTRAINT,
        .variant = variant,
        .node = pair->subject,
        .other = pair->issuer,
        .limit = limit,
        .field = "nameConstraints",
        .reference = references[variant] != NULL ? references[variant] : "RFC 5280 4.2.1.10",
    };

    if (name != NULL) {
        bool in_subject = name->kind == NAME_DIRECTORY ? name->whole.data[0] == DER_SEQUENCE
                                                       : (name->whole.data[0] & 0xc0) == 0;
        finding.value = name->whole;
        finding.found = name->kind;
        finding.field = in_subject ? "subject" : "subjectAltName";
    }
    pair->findings++;
    rule_add(pair->search, finding);
}

/* ---- one name --------------------------------------------------------------------------- */

/* Takes a comparison from what is left; false, with a finding, when nothing is. */
static bool spend(struct pair *pair, const struct subject_name *name,
                  const struct constraint *constraint)
{
    size_t shorter = name->content.length < constraint->base.content.length
                         ? name->content.length
                         : constraint->base.content.length;
    size_t cost = 1 + shorter / BYTES_OF_COMPARISON;

    if (cost > pair->left) {
        add(pair, TOO_MANY, NULL, (struct pki_slice){0});
        return false;
    }
    pair->left -= cost;
    pair->search->name_comparisons += cost;
    return true;
}

/* The variant of an answer that nobody can act on; what is undecided is refused. */
static bool undecided(enum constraint_answer answer, unsigned *variant)
{
    static const struct {
        enum constraint_answer answer;
        unsigned variant;
    } rows[] = {
        {CONSTRAINT_BOUNDS, BASE_BOUNDED},
        {CONSTRAINT_FORM, FORM_UNKNOWN},
        {CONSTRAINT_BAD_NAME, NAME_UNREADABLE},
        {CONSTRAINT_BAD_BASE, BASE_UNREADABLE},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].answer == answer) {
            *variant = rows[i].variant;
            return true;
        }
    }
    return false;
}

/* The next subtree that is about names of this form. */
static bool next_of_form(struct reader *subtrees, enum general_name_kind form,
                         struct constraint *out)
{
    while (constraint_next(subtrees, out)) {
        if (out->base.kind == form) {
            return true;
        }
    }
    return false;
}

/* 6.1.3 (b): where there are permitted subtrees of a name's form, it must be in one. False: enough was found. */
static bool check_permitted(struct pair *pair, const struct subject_name *name)
{
    struct reader subtrees = reader_new(pair->ca->permitted.data, pair->ca->permitted.length);
    struct constraint constraint, last = {0};
    bool limited = false;
    unsigned variant;

    while (next_of_form(&subtrees, name->kind, &constraint)) {
        enum constraint_answer answer;
        if (!spend(pair, name, &constraint)) {
            return false;
        }
        answer = constraint_compare(name, &constraint, &pair->search->failed);
        if (answer == CONSTRAINT_WITHIN) {
            return true;
        }
        if (undecided(answer, &variant)) {
            add(pair, variant, name, constraint.whole);
            return false;
        }
        limited = true;
        last = constraint;
    }
    if (limited) {
        add(pair, NOT_PERMITTED, name, last.whole);
    }
    return !limited;
}

/* 6.1.3 (c): it must be in no excluded one, and a wildcard must not stand for a name that is. */
static void check_excluded(struct pair *pair, const struct subject_name *name)
{
    struct reader subtrees = reader_new(pair->ca->excluded.data, pair->ca->excluded.length);
    struct constraint constraint;
    unsigned variant;

    while (next_of_form(&subtrees, name->kind, &constraint)) {
        enum constraint_answer answer;
        if (!spend(pair, name, &constraint)) {
            return;
        }
        answer = constraint_compare(name, &constraint, &pair->search->failed);
        if (answer == CONSTRAINT_OUTSIDE) {
            continue;
        }
        if (!undecided(answer, &variant)) {
            variant = answer == CONSTRAINT_WITHIN ? EXCLUDED : WILDCARD_EXCLUDED;
        }
        add(pair, variant, name, constraint.whole);
        return;
    }
}

/* ---- the path --------------------------------------------------------------------------- */

/* Counts subtrees; false when one is malformed. */
static bool count_subtrees(struct pki_slice list, size_t *count)
{
    struct reader subtrees = reader_new(list.data, list.length);
    struct constraint constraint;

    while (constraint_next(&subtrees, &constraint)) {
        (*count)++;
    }
    return !subtrees.failed;
}

static void check_pair(struct pair *pair, const struct subject_names *names)
{
    size_t count = 0;

    if (!count_subtrees(pair->ca->permitted, &count) ||
        !count_subtrees(pair->ca->excluded, &count)) {
        add(pair, CONSTRAINTS_MALFORMED, NULL, (struct pki_slice){0});
        return;
    }
    if (names->total > 0 && count > COMPARISONS_MAX / names->total) {
        add(pair, TOO_MANY, NULL, (struct pki_slice){0});
        return;
    }
    for (size_t i = 0; i < names->count && pair->findings < FINDINGS_MAX; i++) {
        if (check_permitted(pair, &names->list[i])) {
            check_excluded(pair, &names->list[i]);
        }
    }
}

static bool is_constrained(const struct search *search, size_t from)
{
    for (size_t place = from; place < search->current.length; place++) {
        if (rule_certificate(search, place)->extension[X509_NAME_CONSTRAINTS].present) {
            return true;
        }
    }
    return false;
}

/* Returns how many of the `left` comparisons are left. */
static size_t check_names(struct search *search, size_t place, size_t left)
{
    struct subject_names names;

    if (!subject_names_read(&names, rule_certificate(search, place), place == 0)) {
        search->failed = true;
    }
    for (size_t above = place + 1; above < search->current.length && !search->failed; above++) {
        struct pair pair = {
            .search = search,
            .subject = search->current.nodes[place],
            .issuer = search->current.nodes[above],
            .ca = rule_certificate(search, above),
            .left = left,
        };
        if (pair.ca->extension[X509_NAME_CONSTRAINTS].present) {
            check_pair(&pair, &names);
            left = pair.left;
        }
    }
    subject_names_free(&names);
    return left;
}

/*
 * Every certificate must keep to the constraints of all CAs above it. So does what an anchor says: 6.1.1 (d) takes
 * only its name and key, but mainstream clients hold it to the limits that it sets itself. A self-issued certificate
 * that is not the last is exempt (6.1.3 (b)), so that a CA may renew its key.
 */
void rule_name_constraints(struct search *search, size_t place)
{
    size_t left = SEARCH_COMPARISONS_MAX - search->name_comparisons;

    if (left > COMPARISONS_MAX) {
        left = COMPARISONS_MAX;
    }
    for (place = 0; place + 1 < search->current.length && !search->failed; place++) {
        bool exempt = place > 0 && x509_is_self_issued(rule_certificate(search, place));
        if (!exempt && is_constrained(search, place + 1)) {
            left = check_names(search, place, left);
        }
    }
}

/* ---- sentences -------------------------------------------------------------------------- */

static enum general_name_kind kind_of(const struct words *words)
{
    return (enum general_name_kind)words->finding->found;
}

static void say_subject_name(const struct words *words)
{
    subject_name_append(words->out, kind_of(words), words->finding->value);
}

static void say_limit(const struct words *words)
{
    const struct pki_slice limit = words->finding->limit;
    struct reader reader = reader_new(limit.data, limit.length);
    struct constraint constraint;

    if (constraint_next(&reader, &constraint)) {
        constraint_append(words->out, &constraint);
    }
}

/* All permitted subtrees of the form of the name. */
static void say_permitted(const struct words *words)
{
    const struct pki_slice list = words->other->x.permitted;
    struct reader subtrees = reader_new(list.data, list.length);
    struct constraint constraint;
    struct words_list said = {.out = words->out};

    while (next_of_form(&subtrees, kind_of(words), &constraint)) {
        if (words_list_next(&said)) {
            constraint_append(words->out, &constraint);
        }
    }
    (void)words_list_end(&said);
}

/* "leaf: DNS:www.example.net is not among the names that Test CA may issue for (DNS:example.org)." */
void text_name_constraint(const struct words *words)
{
    static const struct {
        bool names; /* the sentence begins with the name */
        const char *before_ca;
        const char *behind_ca;
        void (*detail)(const struct words *words); /* in parentheses; or NULL */
    } rows[] = {
        [NOT_PERMITTED] = {true, " is not among the names that ", " may issue for", say_permitted},
        [EXCLUDED] = {true, " is among the names that ", " must not issue for", say_limit},
        [WILDCARD_EXCLUDED] = {true, " stands for a name that ", " must not issue for", say_limit},
        [FORM_UNKNOWN] = {true, " is a kind of name that ",
                          " is limited in, and that no client can compare", NULL},
        [NAME_UNREADABLE] = {true, " is not written as such names are, and ",
                             " is limited in those it may issue for", say_limit},
        [BASE_UNREADABLE] = {true, " cannot be compared with what ",
                             " is limited to, which is not written as such names are", say_limit},
        [BASE_BOUNDED] = {true, " cannot be compared with what ",
                          " is limited to, which has a minimum or a maximum", say_limit},
        [CONSTRAINTS_MALFORMED] = {false, "the names that ",
                                   " may issue for are limited in a form that cannot be read",
                                   NULL},
        [TOO_MANY] = {false, "its names and the limits of ",
                      " are too many to be compared with each other", NULL},
    };
    unsigned row = words->finding->variant;

    say_label(words, words->node);
    say(words, ": ");
    if (rows[row].names) {
        say_subject_name(words);
    }
    say(words, rows[row].before_ca);
    say_label(words, words->other);
    say(words, rows[row].behind_ca);
    if (rows[row].detail != NULL) {
        say(words, " (");
        rows[row].detail(words);
        say(words, ")");
    }
    say(words, ".");
}

void mend_name_constraint(const struct words *words)
{
    switch (words->finding->variant) {
    case NOT_PERMITTED:
    case EXCLUDED:
    case WILDCARD_EXCLUDED:
        say(words, "have the certificate issued by a CA that may issue for ");
        say_subject_name(words);
        say(words, ", or leave that name out of it.");
        break;
    case FORM_UNKNOWN:
    case NAME_UNREADABLE:
        say(words, "leave ");
        say_subject_name(words);
        say(words, " out of the certificate.");
        break;
    case TOO_MANY:
        say(words, "divide the names of ");
        say_label(words, words->node);
        say(words, " among several certificates.");
        break;
    default:
        say(words, "have the certificate issued by a CA other than ");
        say_label(words, words->other);
        say(words, ", whose name constraints no client can apply.");
        break;
    }
}

void found_name_constraint(const struct words *words)
{
    if (words->finding->value.length > 0) {
        say_subject_name(words);
    }
}

void required_name_constraint(const struct words *words)
{
    switch (words->finding->variant) {
    case NOT_PERMITTED:
        say_permitted(words);
        break;
    case CONSTRAINTS_MALFORMED:
    case TOO_MANY:
        break;
    default:
        say(words, "not ");
        say_limit(words);
        break;
    }
}
