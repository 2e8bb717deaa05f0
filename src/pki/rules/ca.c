/* Who issues certificates must be a CA (RFC 5280 6.1.4 (k)). */
#include "sentences.h"

enum {
    CA_FALSE = 0, /* basicConstraints without cA TRUE */
    CA_ABSENT,    /* no basicConstraints */
    CA_VERSION,   /* a version that cannot have them */
};

/*
 * RFC 5280 6.1.4 (k). A version 1 certificate cannot say that it is a CA; as a trust anchor it
 * needs not (6.1.1 (d): an anchor is a name and a key). A version 3 anchor without
 * basicConstraints is none, as in Go, GnuTLS and BoringSSL.
 */
void rule_ca(struct search *search, size_t place)
{
    const struct x509 *x = rule_certificate(search, place);
    bool constraints = x->extension[X509_BASIC_CONSTRAINTS].present;

    if (x->is_ca || (x->version == 1 && !constraints && rule_is_anchor(search, place))) {
        return;
    }
    rule_add(search,
             (struct finding){.code = PKI_NOT_A_CA,
                              .variant = constraints ? CA_FALSE
                                                     : (x->version == 3 ? CA_ABSENT : CA_VERSION),
                              .node = search->current.nodes[place],
                              .other = search->current.nodes[place - 1],
                              .field = "basicConstraints.cA"});
}

void text_not_a_ca(const struct words *words)
{
    say_label(words, words->node);
    say(words, ": issued ");
    say_label(words, words->other);
    switch (words->finding->variant) {
    case CA_ABSENT:
        say(words, ", but is no CA (it has no basicConstraints).");
        break;
    case CA_VERSION:
        buffer_printf(words->out, ", but is no CA (a certificate of version %u cannot say so).",
                      words->node->x.version);
        break;
    default:
        say(words, ", but is no CA (its basicConstraints do not say cA TRUE).");
        break;
    }
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
    say(words, words->finding->variant == CA_FALSE ? "FALSE" : "absent");
}

void required_not_a_ca(const struct words *words)
{
    say(words, "TRUE");
}
