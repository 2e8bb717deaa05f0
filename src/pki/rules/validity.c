/* Validity: from notBefore to notAfter, both included (RFC 5280 4.1.2.5). */
#include "sentences.h"

/* RFC 5280 6.1.3 (a)(2), 4.1.2.5: from notBefore to notAfter, both included. */
void rule_validity(struct search *search, size_t place)
{
    const struct x509 *x = rule_certificate(search, place);
    int64_t at = search->request->at;
    struct finding finding = {.node = search->current.nodes[place], .other = NO_NODE, .found = at};

    if (at < x->not_before) {
        finding.code = PKI_NOT_YET_VALID;
        finding.required = x->not_before;
        finding.field = "validity.notBefore";
        rule_add(search, finding);
    }
    if (at > x->not_after) {
        finding.code = PKI_EXPIRED;
        finding.required = x->not_after;
        finding.field = "validity.notAfter";
        rule_add(search, finding);
    }
}

static void say_time_of_judgement(const struct words *words)
{
    say(words, is_judged_now(words) ? "now is " : "judged for ");
    words_date(words->out, words->finding->found);
}

void text_expired(const struct words *words)
{
    const struct finding *finding = words->finding;

    say_label(words, words->node);
    say(words, ": valid until ");
    words_date(words->out, finding->required);
    say(words, ", ");
    say_time_of_judgement(words);
    say(words, " (");
    words_span(words->out, finding->found - finding->required);
    say(words, ").");
}

void mend_expired(const struct words *words)
{
    if (words->finding->node == 0) {
        say(words, "renew the certificate of ");
        say_label(words, words->node);
        say(words, ".");
    } else if (words->node->anchor) {
        say(words, "use a chain to another trust anchor: the clients' one, ");
        say_label(words, words->node);
        say(words, ", has expired.");
    } else {
        say(words, "send the certificate of ");
        say_label(words, words->node);
        say(words, " that is valid now, or renew the whole chain.");
    }
}

void found_expired(const struct words *words)
{
    words_date(words->out, words->finding->required);
}

void required_expired(const struct words *words)
{
    words_date(words->out, words->finding->found);
    say(words, " or later");
}

void text_not_yet_valid(const struct words *words)
{
    const struct finding *finding = words->finding;

    say_label(words, words->node);
    say(words, ": valid from ");
    words_date(words->out, finding->required);
    say(words, ", ");
    say_time_of_judgement(words);
    say(words, " (");
    words_span(words->out, finding->required - finding->found);
    say(words, " too early).");
}

void mend_not_yet_valid(const struct words *words)
{
    say(words, "use the former certificate of ");
    say_label(words, words->node);
    say(words, " until then; check the clocks of this machine and of the issuer's.");
}

void found_not_yet_valid(const struct words *words)
{
    words_date(words->out, words->finding->required);
}

void required_not_yet_valid(const struct words *words)
{
    words_date(words->out, words->finding->found);
    say(words, " or earlier");
}
