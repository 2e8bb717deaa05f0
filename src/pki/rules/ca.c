/* Who issues certificates must be a CA (RFC 5280 6.1.4 (k)). */
#include "sentences.h"

/* RFC 5280 6.1.4 (k). A version 1 certificate cannot say that it is a CA; as a trust anchor it
 * needs not (6.1.1 (d): an anchor is a name and a key). */
void rule_ca(struct search *search, size_t place)
{
    const struct x509 *x = rule_certificate(search, place);

    if (x->is_ca || (x->version == 1 && rule_is_anchor(search, place))) {
        return;
    }
    rule_add(search, (struct finding){.code = PKI_NOT_A_CA,
                                      .node = search->current.nodes[place],
                                      .other = search->current.nodes[place - 1]});
}

void text_not_a_ca(const struct words *words)
{
    say_label(words, words->node);
    say(words, ": issued ");
    say_label(words, words->other);
    say(words, ", but is no CA (its basicConstraints do not say cA TRUE).");
}

void mend_not_a_ca(const struct words *words)
{
    say(words, "have ");
    say_label(words, words->other);
    say(words, " issued by a CA: ");
    say_label(words, words->node);
    say(words, " may not issue certificates.");
}

void found_not_a_ca(const struct words *words)
{
    (void)words;
}

void required_not_a_ca(const struct words *words)
{
    (void)words;
}
