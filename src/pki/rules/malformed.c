/* What was sent must be certificates (RFC 5280 4.1). */
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
    default:
        say(words, "have ");
        say_label(words, words->node);
        say(words, " issued again for a key in the usual form (a named curve, or RSA).");
        break;
    }
}

void found_malformed(const struct words *words)
{
    (void)words;
}

void required_malformed(const struct words *words)
{
    (void)words;
}
