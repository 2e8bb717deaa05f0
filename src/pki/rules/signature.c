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
    /* One that was not checked is as good as wrong, except the root's own, which decides nothing. */
    if (state != SIGNATURE_GOOD && (state != SIGNATURE_NOT_CHECKED || certificate != issuer)) {
        rule_add(search, (struct finding){
                             .code = PKI_BAD_SIGNATURE,
                             .node = certificate,
                             .other = issuer,
                             .variant = (unsigned)state,
                             .field = state == SIGNATURE_ALGORITHMS_DIFFER ? "signatureAlgorithm"
                                                                           : "signatureValue",
                             .reference =
                                 state == SIGNATURE_ALGORITHMS_DIFFER ? "RFC 5280 4.1.1.2" : NULL});
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
    case SIGNATURE_NOT_CHECKED:
        say(words, ": its signature was not checked: ");
        search_say_gave_up(words->out, words->search);
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

/* Algorithm names are long and rare: the registry's spelling, or the object identifier. */
static void say_algorithm(const struct words *words, struct pki_slice whole)
{
    struct reader reader = reader_new(whole.data, whole.length);
    struct reader inner = der_enter(&reader, DER_SEQUENCE);
    char name[256];

    say(words, signature_algorithm_text(name, sizeof name, der_value(&inner, DER_OID).content));
}

void found_bad_signature(const struct words *words)
{
    switch (words->finding->variant) {
    case SIGNATURE_ALGORITHMS_DIFFER:
        say_algorithm(words, words->node->x.outer_algorithm);
        say(words, " outside, ");
        say_algorithm(words, words->node->x.inner_algorithm);
        say(words, " inside");
        break;
    case SIGNATURE_UNKNOWN_ALGORITHM:
        say_algorithm(words, words->node->x.outer_algorithm);
        break;
    case SIGNATURE_UNUSABLE_KEY:
        say(words, "a key that cannot be used");
        break;
    case SIGNATURE_NOT_CHECKED:
        say(words, "a signature that was not checked");
        break;
    default:
        say(words, "a signature by another key, or over other content");
        break;
    }
}

void required_bad_signature(const struct words *words)
{
    if (words->finding->variant == SIGNATURE_ALGORITHMS_DIFFER) {
        say(words, "the same in both places");
        return;
    }
    say(words, "a signature with the key of ");
    say_label(words, words->other);
}
