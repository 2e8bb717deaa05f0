/* Key and signature strength (RFC 9325 4.5, RFC 8446 4.4.2.4), by levels as OpenSSL has them. */
#include <inttypes.h>

#include "malformed.h"
#include "sentences.h"

/*
 * What OpenSSL's auth_level asks for (SSL_CTX_set_security_level(3)). The usual one is 2, which is RFC 9325
 * 4.5 and what browsers do. The security of a hash against collisions is half its length; MD5 and SHA-1 are
 * broken further and below every level but 0.
 */
static const struct level {
    unsigned rsa; /* bits of the modulus; the same for DSA's p */
    unsigned ec;  /* bits of the curve; the same for DSA's q */
    unsigned hash;
} levels[] = {
    {0, 0, 0},
    {1024, 160, 80},
    {2048, 224, 112},
    {3072, 256, 128},
};

static const struct level *level_of(const struct search *search)
{
    enum pki_strength strength = search->request->strength;

    return &levels[strength == PKI_STRENGTH_USUAL ? 2 : strength - PKI_STRENGTH_0];
}

/* ---- signatures ------------------------------------------------------------------------ */

#define HASH_STRONG 128 /* SHA-256 and better; those of EdDSA */

static unsigned digest_strength(gnutls_digest_algorithm_t digest)
{
    switch (digest) {
    case GNUTLS_DIG_MD5:
        return 39;
    case GNUTLS_DIG_SHA1:
        return 63;
    case GNUTLS_DIG_SHA224:
        return 112;
    default:
        return HASH_STRONG;
    }
}

/* Of a signature without parameters. One that nobody here knows is another rule's matter. */
static unsigned hash_strength(const struct x509 *x)
{
    const struct signature_algorithm *row = signature_algorithm_find(x->signature_algorithm);

    if (row == NULL || row->gnutls == GNUTLS_SIGN_UNKNOWN) {
        return row != NULL && row->weak_hash != NULL ? 1 : HASH_STRONG; /* MD2 */
    }
    return digest_strength(gnutls_sign_get_hash_algorithm(row->gnutls));
}

/* RFC 8446 4.4.2.4, except for a signature that decides nothing because it is its own. */
void rule_hash(struct search *search, size_t place)
{
    const struct x509 *x = rule_certificate(search, place);
    struct finding finding = {.node = search->current.nodes[place],
                              .other = NO_NODE,
                              .required = level_of(search)->hash,
                              .field = "signatureAlgorithm"};
    bool is_pss = signature_is_pss(x);
    struct pss_parameters pss;

    if (place + 1 == search->current.length && rule_ends_self_issued(search)) {
        return;
    }
    if (is_pss && !pss_parameters_read(x->signature_parameters, &pss)) {
        finding.code = PKI_MALFORMED;
        finding.variant = MALFORMED_PSS_SIGNATURE;
        finding.reference = "RFC 4055 3.1";
        rule_add(search, finding);
        return;
    }
    finding.found = is_pss ? digest_strength(pss.hash) : hash_strength(x);
    if (finding.found < finding.required) {
        finding.code = PKI_WEAK_SIGNATURE;
        rule_add(search, finding);
    }
}

/* ---- keys ------------------------------------------------------------------------------ */

enum {
    KEY_SHORT = 0,
    KEY_UNKNOWN, /* of an algorithm or on a curve that nobody here knows */
};

/* Dss-Parms ::= SEQUENCE { p, q, g } (RFC 3279 2.3.2): half of q is the strength against one kind of
 * attack, p against another. */
static unsigned dsa_subgroup_bits(const struct x509 *x)
{
    struct reader whole = reader_new(x->key_parameters.data, x->key_parameters.length);
    struct reader numbers = der_enter(&whole, DER_SEQUENCE);

    (void)der_value(&numbers, DER_INTEGER);
    return der_integer_bits(der_value(&numbers, DER_INTEGER).content);
}

/* Names are words, object identifiers numbers. */
static bool is_named(const char *text)
{
    return text[0] < '0' || text[0] > '9';
}

static void judge_strength(const struct x509 *x, const struct key_facts *key,
                           const struct level *level, struct finding *finding)
{
    finding->found = key->bits;
    switch (key->family) {
    case KEY_EC:
        finding->required = level->ec;
        finding->variant = is_named(key->curve) ? KEY_SHORT : KEY_UNKNOWN;
        break;
    case KEY_DSA:
        finding->required = level->rsa;
        if (key->bits >= level->rsa) {
            finding->found = dsa_subgroup_bits(x);
            finding->required = level->ec;
        }
        break;
    case KEY_RSA:
        finding->required = level->rsa;
        break;
    case KEY_OTHER: /* those with a name have a strength of 128 bits or more */
        finding->variant = is_named(key->type) ? KEY_SHORT : KEY_UNKNOWN;
        break;
    }
}

/* RFC 9325 4.5, RFC 5480 2.1.1. A trust anchor's key, too. */
void rule_key(struct search *search, size_t place)
{
    struct finding finding = {
        .node = search->current.nodes[place], .other = NO_NODE, .field = "subjectPublicKeyInfo"};
    const struct x509 *x = rule_certificate(search, place);
    const struct level *level = level_of(search);
    enum malformed_variant malformed;
    struct key_facts key;

    key_facts_read(x, &key);
    malformed = malformed_key(x, &key);
    judge_strength(x, &key, level, &finding);
    if (finding.variant == KEY_SHORT && malformed != MALFORMED_NOT) {
        finding.code = PKI_MALFORMED;
        finding.variant = malformed;
        rule_add(search, finding);
    } else if (finding.variant == KEY_UNKNOWN ? level->rsa > 0 : finding.found < finding.required) {
        finding.code = PKI_WEAK_KEY;
        rule_add(search, finding);
    }
}

/* ---- sentences ------------------------------------------------------------------------- */

static const char *hash_name(const struct words *words)
{
    const char *weak = signature_weak_hash(&words->node->x);

    return weak != NULL ? weak : "SHA-224"; /* the only one between them and SHA-256 */
}

void text_weak_signature(const struct words *words)
{
    bool forged = signature_weak_hash(&words->node->x) != NULL;

    say_label(words, words->node);
    buffer_printf(words->out, ": signed with %s, %s; SHA-256 or better is required.",
                  hash_name(words),
                  forged ? "of which forgeries can be made" : "weaker than was asked for");
}

void mend_weak_signature(const struct words *words)
{
    say(words, "have ");
    say_label(words, words->node);
    say(words, " issued again, signed with SHA-256.");
}

void found_weak_signature(const struct words *words)
{
    char algorithm[256];

    say(words,
        signature_algorithm_text(algorithm, sizeof algorithm, words->node->x.signature_algorithm));
    say(words, signature_is_pss(&words->node->x) ? " with " : "");
    say(words, signature_is_pss(&words->node->x) ? hash_name(words) : "");
}

void required_weak_signature(const struct words *words)
{
    say(words, "SHA-256 or better");
}

void text_weak_key(const struct words *words)
{
    struct key_facts key;

    key_facts_read(&words->node->x, &key);
    say_label(words, words->node);
    if (words->finding->variant == KEY_UNKNOWN) {
        buffer_printf(words->out, ": its key (%s) is of a kind that clients do not know.",
                      key.family == KEY_EC ? key.curve : key.type);
        return;
    }
    buffer_printf(
        words->out, ": its %s key has %" PRId64 " bits%s, at least %" PRId64 " are required.",
        key.type, words->finding->found,
        words->finding->found == key.bits ? "" : " in its subgroup", words->finding->required);
}

void mend_weak_key(const struct words *words)
{
    bool more = words->finding->required > 2048;

    buffer_printf(words->out,
                  "make a new key (RSA with %u bits, or ECDSA with secp256r1) and have ",
                  more ? 3072u : 2048u);
    say_label(words, words->node);
    say(words, " issued for it.");
}

void found_weak_key(const struct words *words)
{
    struct key_facts key;

    key_facts_read(&words->node->x, &key);
    if (words->finding->variant == KEY_UNKNOWN) {
        say(words, key.family == KEY_EC ? key.curve : key.type);
        return;
    }
    buffer_printf(words->out, "%s, %" PRId64 " bits", key.type, words->finding->found);
}

void required_weak_key(const struct words *words)
{
    if (words->finding->variant == KEY_UNKNOWN) {
        say(words, "RSA, ECDSA with a known curve, Ed25519");
        return;
    }
    buffer_printf(words->out, "at least %" PRId64 " bits", words->finding->required);
}
