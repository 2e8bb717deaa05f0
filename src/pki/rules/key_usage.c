/* What a key may be used for (RFC 5280 4.2.1.3, 6.1.4 (n)). Without the extension: everything. */
#include "sentences.h"

enum {
    USAGE_OF_LEAF = 0,
    USAGE_OF_ISSUER,
};

/*
 * What the owner of a leaf's key does in TLS: sign (RFC 8446 4.4.3), decrypt the premaster secret,
 * or agree on it (RFC 5246 7.4.2). Which one is up to the cipher suite, so one of them is enough
 * here; so OpenSSL has it. A client has nothing to decrypt.
 */
static unsigned leaf_usage(const struct search *search)
{
    switch (search->request->purpose) {
    case PKI_PURPOSE_SERVER:
        return KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_KEY_AGREEMENT;
    case PKI_PURPOSE_CLIENT:
        return KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_AGREEMENT;
    case PKI_PURPOSE_ANY:
        break;
    }
    return 0;
}

/* Anchors, too: a key that must not sign certificates signs none, whoever trusts it. */
void rule_key_usage(struct search *search, size_t place)
{
    const struct node *node = &search->nodes[search->current.nodes[place]];
    unsigned required = place > 0 ? KEY_USAGE_KEY_CERT_SIGN : leaf_usage(search);

    if (!node->x.extension[X509_KEY_USAGE].present || (node->x.key_usage & required) != 0 ||
        required == 0 || (place == 0 && node->trusted_explicitly)) {
        return;
    }
    rule_add(search, (struct finding){
                         .code = PKI_KEY_USAGE,
                         .variant = place > 0 ? USAGE_OF_ISSUER : USAGE_OF_LEAF,
                         .node = search->current.nodes[place],
                         .other = place > 0 ? search->current.nodes[place - 1] : NO_NODE,
                         .found = node->x.key_usage,
                         .required = required,
                         .field = "keyUsage",
                         .reference = place > 0 ? "RFC 5280 6.1.4 (n)" : "RFC 5280 4.2.1.3",
                     });
}

/* "digitalSignature or keyAgreement" */
static void say_usages(const struct words *words, int64_t usages, const char *between)
{
    static const char *const names[] = {
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
        "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",
    };
    bool first = true;

    for (size_t bit = 0; bit < sizeof names / sizeof names[0]; bit++) {
        if ((usages & (1 << bit)) != 0) {
            say(words, first ? "" : between);
            say(words, names[bit]);
            first = false;
        }
    }
    say(words, first ? "nothing" : "");
}

void text_key_usage(const struct words *words)
{
    say_label(words, words->node);
    if (words->finding->variant == USAGE_OF_ISSUER) {
        say(words, ": issued ");
        say_label(words, words->other);
        say(words, ", but its key may not sign certificates: its key usage is ");
    } else {
        say(words, ": its key may not be used for TLS: its key usage is ");
    }
    say_usages(words, words->finding->found, ", ");
    say(words, ", required is ");
    say_usages(words, words->finding->required, " or ");
    say(words, ".");
}

void mend_key_usage(const struct words *words)
{
    say(words, "have ");
    if (words->finding->variant == USAGE_OF_ISSUER) {
        say_label(words, words->other);
        say(words, " issued by a CA whose key usage has keyCertSign.");
    } else {
        say_label(words, words->node);
        say(words, " issued with the key usage digitalSignature.");
    }
}

void found_key_usage(const struct words *words)
{
    say_usages(words, words->finding->found, ", ");
}

void required_key_usage(const struct words *words)
{
    say_usages(words, words->finding->required, " or ");
}
