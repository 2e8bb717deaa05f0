/* The path begins at a trust anchor (RFC 5280 6.1.1 (d)); when it does not, whose certificate is missing? */
#include "sentences.h"

enum {
    TRUST_ENDS_AT_ROOT = 0, /* no_trust_anchor: a self-signed root was sent */
    TRUST_ISSUER_UNKNOWN,   /* no_trust_anchor: the issuer of the last one is nowhere */
    TRUST_STORE_EMPTY,      /* no_trust_anchor: there is none at all */
};

/* A root was sent that is not in the path: then the chain has a gap before it. */
static bool has_gap(const struct search *search)
{
    for (size_t i = 1; i < search->count; i++) {
        const struct node *node = &search->nodes[i];
        if (node->sent && node->readable && (node->anchor || x509_is_self_issued(&node->x))) {
            return true;
        }
    }
    return false;
}

/* RFC 5280 6.1.1 (d): the path begins at a trust anchor. When it does not, the words must be the
 * right ones: whose certificate is missing, the server's or the client's? */
void rule_trust(struct search *search, size_t place)
{
    struct finding finding = {.code = PKI_NO_TRUST_ANCHOR, .other = NO_NODE};
    size_t length = search->current.length;

    (void)place;
    if (search->current.anchored) {
        return;
    }
    finding.node = search->current.nodes[length - 1];
    if (rule_ends_self_issued(search)) {
        finding.code = length == 1 ? PKI_SELF_SIGNED : PKI_NO_TRUST_ANCHOR;
        finding.variant = TRUST_ENDS_AT_ROOT;
    } else if (pki_trust_count(search->request->trust) == 0) {
        finding.variant = TRUST_STORE_EMPTY;
    } else if (length == 1 || has_gap(search)) {
        /* The leaf alone, or something between it and the root that came: RFC 8446 4.4.2 wants
         * each certificate followed by the one that certifies it. */
        finding.code = PKI_MISSING_INTERMEDIATE;
        finding.other = search_namesake(search, finding.node);
    } else {
        finding.variant = TRUST_ISSUER_UNKNOWN;
        finding.other = search_namesake(search, finding.node);
    }
    rule_add(search, finding);
}

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

static void say_gave_up(const struct words *words)
{
    if (words->search->gave_up) {
        say(words, " ");
        search_say_gave_up(words->out, words->search);
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

void found_no_trust_anchor(const struct words *words)
{
    (void)words;
}

void required_no_trust_anchor(const struct words *words)
{
    (void)words;
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

void found_self_signed(const struct words *words)
{
    (void)words;
}

void required_self_signed(const struct words *words)
{
    (void)words;
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

void found_missing_intermediate(const struct words *words)
{
    (void)words;
}

void required_missing_intermediate(const struct words *words)
{
    (void)words;
}
