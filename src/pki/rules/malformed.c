/* What was sent must be certificates (RFC 5280 4.1), with keys in the form of RFC 3279, 4055 and 5480. */
#include "malformed.h"
#include "sentences.h"

/* So many certificates that cannot be read are named; a chain has three, not hundreds. */
#define MALFORMED_NAMED_MAX 10

void rule_readable(struct search *search, size_t place)
{
    size_t named = 0;

    (void)place;
    if (search->count == 0) {
        rule_add(search, (struct finding){.code = PKI_MALFORMED,
                                          .variant = MALFORMED_NOTHING_SENT,
                                          .node = NO_NODE,
                                          .other = NO_NODE});
    }
    for (size_t i = 0; i < search->count && named < MALFORMED_NAMED_MAX; i++) {
        if (search->nodes[i].sent && !search->nodes[i].readable) {
            rule_add(search, (struct finding){.code = PKI_MALFORMED,
                                              .node = i,
                                              .variant = MALFORMED_CERTIFICATE,
                                              .other = NO_NODE});
            named++;
        }
    }
}

/* ECPoint (RFC 5480 2.2): 04, x and y, or 02 or 03 and x; each number as long as the field. */
static bool is_point(const struct x509 *x, const struct key_facts *key)
{
    size_t coordinate = (key->bits + 7) / 8;

    if (x->key.length == 0) {
        return false;
    }
    switch (x->key.data[0]) {
    case 0x04:
        return x->key.length == 1 + 2 * coordinate;
    case 0x02:
    case 0x03:
        return x->key.length == 1 + coordinate;
    default:
        return false;
    }
}

/* RSAPublicKey (RFC 3279 2.3.1): two positive numbers and nothing behind them. */
static bool is_rsa_key(const struct x509 *x)
{
    struct rsa_key key;

    return rsa_key_read(x, &key) && der_integer_bits(key.modulus) > 0 &&
           der_integer_bits(key.exponent) > 0;
}

enum malformed_variant malformed_key(const struct x509 *certificate, const struct key_facts *key)
{
    struct pss_parameters pss;

    if (key->explicit_curve) {
        return MALFORMED_EXPLICIT_CURVE;
    }
    if (key_is_pss(certificate) && certificate->key_parameters.length > 0 &&
        !pss_parameters_read(certificate->key_parameters, &pss)) {
        return MALFORMED_PSS_KEY;
    }
    switch (key->family) {
    case KEY_RSA:
        return is_rsa_key(certificate) ? MALFORMED_NOT : MALFORMED_KEY;
    case KEY_EC:
        return key->curve[0] != '\0' && is_point(certificate, key) ? MALFORMED_NOT : MALFORMED_KEY;
    case KEY_DSA:
        return key->bits > 0 ? MALFORMED_NOT : MALFORMED_KEY;
    case KEY_OTHER:
        break;
    }
    return MALFORMED_NOT;
}

static void say_position(const struct words *words)
{
    say(words, "the certificate sent ");
    words_ordinal(words->out, words->finding->node + 1);
}

void text_malformed(const struct words *words)
{
    struct x509 again;
    char problem[160] = "";

    switch (words->finding->variant) {
    case MALFORMED_NOTHING_SENT:
        say(words, "no certificate was sent.");
        break;
    case MALFORMED_EXPLICIT_CURVE:
        say_label(words, words->node);
        say(words, ": its key gives the curve by its parameters, not by its name.");
        break;
    case MALFORMED_KEY:
        say_label(words, words->node);
        say(words, ": its public key cannot be read.");
        break;
    case MALFORMED_PSS_KEY:
    case MALFORMED_PSS_SIGNATURE:
        say_label(words, words->node);
        say(words, ": the RSASSA-PSS parameters of its ");
        say(words, words->finding->variant == MALFORMED_PSS_KEY ? "key" : "signature");
        say(words, " cannot be read.");
        break;
    default:
        (void)x509_read(&again, words->node->x.der.data, words->node->x.der.length, problem,
                        sizeof problem);
        say_position(words);
        buffer_printf(words->out, " cannot be read: %s.", problem);
        break;
    }
}

void mend_malformed(const struct words *words)
{
    switch (words->finding->variant) {
    case MALFORMED_NOTHING_SENT:
        say(words, "give the server a certificate.");
        break;
    case MALFORMED_CERTIFICATE:
        say(words, "replace ");
        say_position(words);
        say(words, ".");
        break;
    case MALFORMED_PSS_SIGNATURE:
        say(words, "have ");
        say_label(words, words->node);
        say(words, " issued again, signed with one hash for signature and mask (RFC 4055 3.1).");
        break;
    default:
        say(words, "have ");
        say_label(words, words->node);
        say(words, " issued again for a key in the usual form (a named curve, or RSA).");
        break;
    }
}

void found_malformed(const struct words *words)
{
    say(words, words->finding->variant == MALFORMED_EXPLICIT_CURVE ? "explicit parameters" : "");
}

void required_malformed(const struct words *words)
{
    say(words, words->finding->variant == MALFORMED_EXPLICIT_CURVE ? "a named curve" : "");
}
