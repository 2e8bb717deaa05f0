/* Sentences about the path: trust anchors, issuers, signatures. */
#include "algorithms.h"
#include "sentences.h"
#include "words.h"

/* "system, 150 anchors" */
static void say_store(const struct words *words)
{
    const struct pki_trust *trust = words->search->request->trust;
    size_t count = pki_trust_count(trust);

    say(words, "the trust store (");
    say(words, pki_trust_name(trust));
    if (count > 0) {
        buffer_printf(words->out, ", %zu anchor%s", count, count == 1 ? "" : "s");
    }
    say(words, ")");
}

/* ---- trust ----------------------------------------------------------------------------- */

static void say_gave_up(const struct words *words)
{
    if (words->search->gave_up) {
        buffer_printf(words->out,
                      " The search for a path was given up after %zu steps and %zu signatures: "
                      "too many certificates could be its issuer.",
                      words->search->steps, words->search->edge_count);
    }
}

/* A certificate of the issuer's name is there, but not of its key. */
static void say_namesake(const struct words *words)
{
    if (words->other != NULL) {
        say(words, " The ");
        words_name(words->out, words->other->x.subject);
        say(words, words->other->sent ? " that was sent" : " in the trust store");
        say(words, " has another key than the one that signed it.");
    }
}

static void say_issuer_nowhere(const struct words *words)
{
    say_label(words, words->node);
    say(words, ": its issuer ");
    words_name(words->out, words->node->x.issuer);
    say(words, " was not sent and is not in ");
    say_store(words);
    say(words, ".");
    say_namesake(words);
    say_gave_up(words);
}

void text_no_trust_anchor(const struct words *words)
{
    switch (words->finding->variant) {
    case TRUST_ENDS_AT_ROOT:
        say_label(words, words->node);
        say(words, ": the chain ends at this root, which is not in ");
        say_store(words);
        say(words, ".");
        say_gave_up(words);
        break;
    case TRUST_STORE_EMPTY:
        say_label(words, words->node);
        say(words, ": its issuer ");
        words_name(words->out, words->node->x.issuer);
        say(words, " is no trust anchor, because there is none: the trust store is empty.");
        break;
    default:
        say_issuer_nowhere(words);
        break;
    }
}

void mend_no_trust_anchor(const struct words *words)
{
    switch (words->finding->variant) {
    case TRUST_ENDS_AT_ROOT:
        say(words, "use a certificate of a CA that the clients trust, or give ");
        say_label(words, words->node);
        say(words, " to the clients as a trust anchor (--ca-file).");
        break;
    case TRUST_STORE_EMPTY:
        say(words, "nothing on the server; choose trust anchors (--trust system, --ca-file).");
        break;
    default:
        say(words, "send the certificates up to a root that the clients trust, or give them ");
        words_name(words->out, words->node->x.issuer);
        say(words, " as a trust anchor (--ca-file).");
        break;
    }
}

void text_self_signed(const struct words *words)
{
    say_label(words, words->node);
    say(words, ": signed with its own key, and it is not in ");
    say_store(words);
    say(words, ".");
}

void mend_self_signed(const struct words *words)
{
    (void)words;
    say(words, "use a certificate of a CA that the clients trust, or give this one to the clients "
               "as a trust anchor (--ca-file).");
}

void text_missing_intermediate(const struct words *words)
{
    say_issuer_nowhere(words);
}

void mend_missing_intermediate(const struct words *words)
{
    say(words, "send the certificate of ");
    words_name(words->out, words->node->x.issuer);
    say(words, " after that of ");
    say_label(words, words->node);
    say(words, "; if it is a root, give it to the clients as a trust anchor (--ca-file).");
}

/* ---- signatures and CAs ------------------------------------------------------------------- */

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
