/* Each certificate is signed with the key of the next (RFC 5280 6.1.3 (a)(1)). */
#include "../algorithms.h"
#include "sentences.h"

/* RFC 5280 6.1.3 (a)(1). */
void rule_signature(struct search *search, size_t place)
{
    size_t certificate = search->current.nodes[place];
    size_t issuer = certificate;
    enum signature_state state;

    if (place + 1 < search->current.length) {
        issuer = search->current.nodes[place + 1];
    } else if (!rule_ends_self_issued(search)) {
        return; /* nobody is there who could have made it */
    }
    state = search_edge(search, certificate, issuer);
    if (state != SIGNATURE_GOOD && state != SIGNATURE_NOT_CHECKED) {
        rule_add(search, (struct finding){.code = PKI_BAD_SIGNATURE,
                                          .node = certificate,
                                          .other = issuer,
                                          .variant = (unsigned)state});
    }
}

void text_bad_signature(const struct words *words)
{
    char algorithm[256];

    (void)signature_algorithm_text(algorithm, sizeof algorithm, words->node->x.signature_algorithm);
    say_label(words, words->node);
    switch (words->finding->variant) {
    case SIGNATURE_ALGORITHMS_DIFFER:
        say(words, ": the algorithm named inside what is signed is not the one outside (");
        say(words, algorithm);
        say(words, ").");
        return;
    case SIGNATURE_UNKNOWN_ALGORITHM:
        buffer_printf(words->out, ": its signature cannot be checked: %s is not known here.",
                      algorithm);
        return;
    case SIGNATURE_UNUSABLE_KEY:
        say(words, ": its signature cannot be checked: the key of ");
        say_label(words, words->other);
        say(words, " cannot be used.");
        return;
    default:
        break;
    }
    buffer_printf(words->out, ": its signature (%s) does not fit ", algorithm);
    if (words->finding->node == words->finding->other) {
        say(words, "its own key");
    } else {
        say(words, "the key of ");
        say_label(words, words->other);
    }
    say(words, ": signed with another key, or changed afterwards.");
}

void mend_bad_signature(const struct words *words)
{
    if (words->finding->variant == SIGNATURE_BAD && words->finding->node != words->finding->other) {
        say(words, "install the certificate as it was issued, and the ");
        say_label(words, words->other);
        say(words, " whose key signed it.");
        return;
    }
    say(words, "have the certificate issued again");
    say(words, words->finding->variant == SIGNATURE_UNKNOWN_ALGORITHM
                   ? ", signed with ECDSA, RSA or Ed25519."
                   : ".");
}

void found_bad_signature(const struct words *words)
{
    (void)words;
}

void required_bad_signature(const struct words *words)
{
    (void)words;
}
