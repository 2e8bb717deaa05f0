/* With --strict, every MUST of RFC 5280 and of the CA/Browser Forum (lint/) is a rule of the path. */
#include "../lint/lint.h"
#include "sentences.h"

static bool is_server(const struct search *search)
{
    return search->request->purpose == PKI_PURPOSE_SERVER;
}

/* What a certificate is by its place in the path. */
static enum pki_place place_of(const struct search *search, size_t place)
{
    const struct x509 *x = rule_certificate(search, place);
    bool last = place + 1 == search->current.length;

    if (place == 0 && (is_server(search) || !x->is_ca)) {
        return PKI_LEAF;
    }
    return last && x509_is_self_issued(x) ? PKI_ROOT : PKI_INTERMEDIATE;
}

/* RFC 6818 2: a certificate that somebody made for himself, and that is trusted as it is, was issued by no CA that
 * could have kept the rules. */
static bool is_outside(const struct search *search)
{
    const struct x509 *x = rule_certificate(search, 0);
    return search->current.length == 1 && !x->is_ca && x509_is_self_issued(x);
}

static void read_again(struct lint *lint, const struct search *search,
                       const struct finding *finding)
{
    struct pki_slice issuer = {0};

    if (finding->other != NO_NODE) {
        issuer = search->nodes[finding->other].x.der;
    }
    lint_read(lint, search->nodes[finding->node].x.der, (enum pki_place)finding->found, issuer,
              search->request->at, is_server(search));
}

/* In a finding `variant` is the row, `found` the place in the chain and `other` the issuer. */
void rule_conforming(struct search *search, size_t place)
{
    const struct trial *trial = &search->current;
    struct finding finding = {.code = PKI_NOT_CONFORMING,
                              .node = trial->nodes[place],
                              .other =
                                  place + 1 < trial->length ? trial->nodes[place + 1] : NO_NODE};
    struct buffer found = {0};
    struct lint lint;

    if (!search->request->strict || is_outside(search)) {
        return;
    }
    finding.found = place_of(search, place);
    read_again(&lint, search, &finding);
    for (size_t i = 0; i < lint_row_count(); i++) {
        const struct lint_row *row = lint_row_at(i);
        found.length = 0;
        if (row->level == PKI_LINT_MUST && lint_row_breaks(&lint, row, &found)) {
            finding.variant = (unsigned)i;
            finding.field = lint_row_field(row);
            finding.reference = row->source;
            rule_add(search, finding);
        }
    }
    search->failed |= found.failed;
    buffer_free(&found);
}

/* ---- sentences --------------------------------------------------------------------------- */

static const struct lint_row *row_of(const struct words *words)
{
    return lint_row_at(words->finding->variant);
}

void found_not_conforming(const struct words *words)
{
    struct lint lint;

    read_again(&lint, words->search, words->finding);
    (void)lint_row_breaks(&lint, row_of(words), words->out);
}

void required_not_conforming(const struct words *words)
{
    say(words, row_of(words)->summary);
}

void text_not_conforming(const struct words *words)
{
    say_label(words, words->node);
    say(words, ": ");
    found_not_conforming(words);
    buffer_printf(words->out, "; required: %s (%s, %s).", row_of(words)->summary, row_of(words)->id,
                  row_of(words)->source);
}

/* A server's owner can have his own certificate issued again; of the others he can only choose different ones. */
void mend_not_conforming(const struct words *words)
{
    if (words->finding->found == PKI_LEAF) {
        say(words, "have ");
        say_label(words, words->node);
        say(words, " issued again so that ");
    } else {
        say(words, "use a chain without ");
        say_label(words, words->node);
        say(words, ", or have it issued again so that ");
    }
    buffer_printf(words->out, "%s.", row_of(words)->summary);
}
