/* The path begins at a trust anchor (RFC 5280 6.1.1 (d)); when it does not, whose certificate is missing? */
#include "../name.h"
#include "sentences.h"

enum {
    TRUST_ENDS_AT_ROOT = 0, /* no_trust_anchor: a self-signed root was sent */
    TRUST_ISSUER_UNKNOWN,   /* no_trust_anchor: the issuer of the last one is nowhere */
    TRUST_STORE_EMPTY,      /* no_trust_anchor: there is none at all */
    TRUST_DISTRUSTED,       /* no_trust_anchor: the store knows this one, and forbids it */
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

/* No path may go through what the trust store forbids. Returns the first such certificate, or NO_NODE. */
static size_t find_distrusted(const struct search *search)
{
    for (size_t i = 0; i < search->current.length; i++) {
        if (search->nodes[search->current.nodes[i]].distrusted) {
            return search->current.nodes[i];
        }
    }
    return NO_NODE;
}

/* RFC 5280 6.1.1 (d): the path begins at a trust anchor. When it does not, the words must be the
 * right ones: whose certificate is missing, the server's or the client's? */
void rule_trust(struct search *search, size_t place)
{
    struct finding finding = {.code = PKI_NO_TRUST_ANCHOR, .other = NO_NODE, .field = "issuer"};
    size_t length = search->current.length;

    (void)place;
    finding.node = find_distrusted(search);
    if (finding.node != NO_NODE) {
        finding.variant = TRUST_DISTRUSTED;
        finding.field = NULL; /* it stands in the store, not in the certificate */
        rule_add(search, finding);
        return;
    }
    if (search->current.anchored) {
        return;
    }
    finding.node = search->current.nodes[length - 1];
    if (rule_ends_self_issued(search)) {
        finding.code = length == 1 ? PKI_SELF_SIGNED : PKI_NO_TRUST_ANCHOR;
        finding.variant = TRUST_ENDS_AT_ROOT;
    } else if (pki_trust_count(search->request->trust) == 0) {
        finding.variant = TRUST_STORE_EMPTY;
    } else {
        /* The leaf alone, or something between it and the root that came: RFC 8446 4.4.2 wants each certificate followed by the
         * one that certifies it. */
        if (length == 1 || has_gap(search)) {
            finding.code = PKI_MISSING_INTERMEDIATE;
        }
        finding.variant = TRUST_ISSUER_UNKNOWN;
        finding.other = search_namesake(search, finding.node);
    }
    rule_add(search, finding);
}

/* ---- pieces ---------------------------------------------------------------------------- */

/* "the trust store (system, 150 anchors)" */
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
        say(words, words->other->sent    ? " that was sent"
                   : words->other->given ? " that was given"
                                         : " in the trust store");
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

static void say_purpose(const struct words *words)
{
    static const char *const names[] = {
        [PKI_PURPOSE_SERVER] = "TLS servers",
        [PKI_PURPOSE_CLIENT] = "TLS clients",
        [PKI_PURPOSE_ANY] = "any purpose",
    };

    say(words, names[words->search->request->purpose]);
}

/* id-ad-caIssuers (RFC 5280 4.2.2.1): where the issuer's certificate can be had. It is only said, never fetched. */
static struct pki_slice issuer_address(const struct x509 *x)
{
    struct pki_slice value = x->extension[X509_AUTHORITY_INFO_ACCESS].value;
    struct reader reader = reader_new(value.data, value.length);
    struct reader list = der_enter(&reader, DER_SEQUENCE);

    while (!list.failed && reader_left(&list) > 0) {
        struct reader entry = der_enter(&list, DER_SEQUENCE);
        struct pki_slice method = der_value(&entry, DER_OID).content;
        struct der location = der_any(&entry);
        if (!entry.failed && slice_is(method, "\x2b\x06\x01\x05\x05\x07\x30\x02") &&
            location.tag == DER_CONTEXT(NAME_URI)) {
            return location.content;
        }
    }
    return (struct pki_slice){0};
}

#define ADDRESS_MAX 200 /* a longer one helps nobody */

static void say_issuer_address(const struct words *words)
{
    struct pki_slice address = issuer_address(&words->node->x);

    if (address.length > 0 && address.length <= ADDRESS_MAX) {
        say(words, " (its CA has it at ");
        say_bytes(words, address);
        say(words, ")");
    }
}

/* The whole name, as it stands in the certificate; a label may leave out what matters. */
static void say_issuer_name(const struct words *words)
{
    struct buffer name = {0};
    char shown[400];

    name_append_text(&name, words->node->x.issuer);
    words->out->failed |= name.failed;
    say(words, text_safe(shown, sizeof shown, name.data, name.length));
    buffer_free(&name);
}

/* ---- no_trust_anchor ------------------------------------------------------------------- */

void text_no_trust_anchor(const struct words *words)
{
    if (words->finding->variant == TRUST_ISSUER_UNKNOWN) {
        say_issuer_nowhere(words);
        return;
    }
    say_label(words, words->node);
    switch (words->finding->variant) {
    case TRUST_DISTRUSTED:
        say(words, ": known to ");
        say_store(words);
        say(words, ", which does not trust it for ");
        say_purpose(words);
        say(words, ".");
        break;
    case TRUST_ENDS_AT_ROOT:
        say(words, ": the chain ends at this root, which is not in ");
        say_store(words);
        say(words, ".");
        say_gave_up(words);
        break;
    default:
        say(words, ": its issuer ");
        words_name(words->out, words->node->x.issuer);
        say(words, " is no trust anchor, because there is none: the trust store is empty.");
        break;
    }
}

void mend_no_trust_anchor(const struct words *words)
{
    switch (words->finding->variant) {
    case TRUST_DISTRUSTED:
        say(words, "use a certificate of another CA: the clients were told not to trust ");
        say_label(words, words->node);
        say(words, ".");
        break;
    case TRUST_ENDS_AT_ROOT:
        say(words, "use a certificate of a CA that the clients trust, or give ");
        say_label(words, words->node);
        say(words, " to the clients as a trust anchor (--ca-file).");
        break;
    case TRUST_STORE_EMPTY:
        say(words, "nothing on the server; choose trust anchors (--trust system, --ca-file).");
        break;
    default:
        say(words, "send the certificates up to a root that the clients trust, beginning with ");
        words_name(words->out, words->node->x.issuer);
        say(words, " after ");
        say_label(words, words->node);
        say_issuer_address(words);
        say(words, ", or give them ");
        words_name(words->out, words->node->x.issuer);
        say(words, " as a trust anchor (--ca-file).");
        break;
    }
}

void found_no_trust_anchor(const struct words *words)
{
    if (words->finding->variant == TRUST_DISTRUSTED) {
        say(words, "trust settings that forbid it for ");
        say_purpose(words);
    } else {
        say_issuer_name(words);
    }
}

void required_no_trust_anchor(const struct words *words)
{
    if (words->finding->variant == TRUST_DISTRUSTED) {
        say(words, "no such settings");
    } else {
        say(words, "the name of a certificate in ");
        say_store(words);
    }
}

/* ---- self_signed ----------------------------------------------------------------------- */

void text_self_signed(const struct words *words)
{
    say_label(words, words->node);
    say(words, ": signed with its own key, and it is not in ");
    say_store(words);
    say(words, ".");
}

void mend_self_signed(const struct words *words)
{
    say(words, "use a certificate of a CA that the clients trust, or give this one to the clients "
               "as a trust anchor (--ca-file).");
}

void found_self_signed(const struct words *words)
{
    say_issuer_name(words);
    say(words, ", the same as the subject");
}

void required_self_signed(const struct words *words)
{
    say(words, "a CA of ");
    say_store(words);
    say(words, ", or the certificate itself there");
}

/* ---- missing_intermediate -------------------------------------------------------------- */

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
    say_issuer_address(words);
    say(words, "; if it is a root, give it to the clients as a trust anchor (--ca-file).");
}

void found_missing_intermediate(const struct words *words)
{
    say_issuer_name(words);
}

void required_missing_intermediate(const struct words *words)
{
    say(words, "the name of a certificate that was sent after it, or of one in ");
    say_store(words);
}
