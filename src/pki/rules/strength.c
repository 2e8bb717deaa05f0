/* Key and signature strength (RFC 9325 4.5, RFC 8446 4.4.2.4). */
#include <inttypes.h>

#include "../algorithms.h"
#include "malformed.h"
#include "sentences.h"

/* Policy of mainstream clients (RFC 9325 4.5; OpenSSL's security level 2). */
#define RSA_BITS_MIN 2048
#define EC_BITS_MIN  224

/* RFC 8446 4.4.2.4, except for a signature that decides nothing because it is its own. */
void rule_hash(struct search *search, size_t place)
{
    bool last = place + 1 == search->current.length;

    if ((last && rule_ends_self_issued(search)) ||
        signature_weak_hash(rule_certificate(search, place)) == NULL) {
        return;
    }
    rule_add(search, (struct finding){.code = PKI_WEAK_SIGNATURE,
                                      .node = search->current.nodes[place],
                                      .other = NO_NODE});
}

/* RFC 9325 4.5, RFC 5480 2.1.1. */
void rule_key(struct search *search, size_t place)
{
    struct finding finding = {.node = search->current.nodes[place], .other = NO_NODE};
    struct key_facts key;

    key_facts_read(rule_certificate(search, place), &key);
    if (key.family == KEY_OTHER) {
        return;
    }
    finding.found = key.bits;
    finding.required = key.family == KEY_EC ? EC_BITS_MIN : RSA_BITS_MIN;
    if (key.explicit_curve || key.bits == 0) {
        finding.code = PKI_MALFORMED;
        finding.variant = key.explicit_curve ? MALFORMED_EXPLICIT_CURVE : MALFORMED_KEY;
        rule_add(search, finding);
    } else if (finding.found < finding.required) {
        finding.code = PKI_WEAK_KEY;
        rule_add(search, finding);
    }
}

void text_weak_signature(const struct words *words)
{
    const char *hash = signature_weak_hash(&words->node->x);

    say_label(words, words->node);
    buffer_printf(words->out,
                  ": signed with %s, of which forgeries can be made; "
                  "SHA-256 or better is required.",
                  hash != NULL ? hash : "a weak hash");
}

void mend_weak_signature(const struct words *words)
{
    say(words, "have ");
    say_label(words, words->node);
    say(words, " issued again, signed with SHA-256.");
}

void found_weak_signature(const struct words *words)
{
    (void)words;
}

void required_weak_signature(const struct words *words)
{
    (void)words;
}

void text_weak_key(const struct words *words)
{
    struct key_facts key;

    key_facts_read(&words->node->x, &key);
    say_label(words, words->node);
    buffer_printf(words->out,
                  ": its %s key has %" PRId64 " bits, at least %" PRId64 " are required.", key.type,
                  words->finding->found, words->finding->required);
}

void mend_weak_key(const struct words *words)
{
    say(words, "make a new key (RSA with 2048 bits, or ECDSA with secp256r1) and have ");
    say_label(words, words->node);
    say(words, " issued for it.");
}

void found_weak_key(const struct words *words)
{
    (void)words;
}

void required_weak_key(const struct words *words)
{
    (void)words;
}
