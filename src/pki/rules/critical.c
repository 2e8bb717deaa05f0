/* Critical extensions that a client would not process (RFC 5280 4.2), and proxy certificates. */
#include "sentences.h"

enum {
    CRITICAL_UNKNOWN = 0, /* in nobody's table here */
    CRITICAL_NOT_PROCESSED,
    CRITICAL_PROXY,
};

/* A certificate may have thousands; so many are named. */
#define CRITICAL_NAMED_MAX 10

/*
 * What mainstream clients process, and so may be critical: OpenSSL's list. Key identifiers and
 * addresses are only hints for them, must not be critical (4.2.1.1, 4.2.1.2, 4.2.2.1), and are refused by
 * OpenSSL and NSS where they are; so is the poison of a precertificate (RFC 6962 3.1), which is there to be
 * refused. TLS feature is honoured by few, and OpenSSL and Go refuse a critical one.
 */
static const bool processed[X509_EXTENSION_COUNT] = {
    [X509_KEY_USAGE] = true,          [X509_EXTENDED_KEY_USAGE] = true,
    [X509_BASIC_CONSTRAINTS] = true,  [X509_NAME_CONSTRAINTS] = true,
    [X509_SUBJECT_ALT_NAME] = true,   [X509_CERTIFICATE_POLICIES] = true,
    [X509_POLICY_MAPPINGS] = true,    [X509_POLICY_CONSTRAINTS] = true,
    [X509_INHIBIT_ANY_POLICY] = true, [X509_CRL_DISTRIBUTION_POINTS] = true,
    [X509_OCSP_NO_CHECK] = true,      [X509_NETSCAPE_CERT_TYPE] = true,
};

static void add(struct search *search, size_t place, unsigned variant, struct pki_slice oid)
{
    enum x509_extension_id id = x509_extension_find(oid);

    rule_add(search,
             (struct finding){
                 .code = PKI_UNKNOWN_CRITICAL_EXTENSION,
                 .variant = variant,
                 .node = search->current.nodes[place],
                 .other = NO_NODE,
                 .value = oid,
                 .field = id == X509_EXTENSION_COUNT ? "extensions" : x509_extension_name(id),
                 .reference = variant == CRITICAL_PROXY ? "RFC 3820 3.8" : NULL,
             });
}

/* A proxy certificate is issued by a leaf, so a client that knows nothing of RFC 3820 must refuse it. It
 * says what it is by an extension, which has to be critical; OpenSSL refuses it either way. */
void rule_critical(struct search *search, size_t place)
{
    const struct x509 *x = rule_certificate(search, place);
    struct reader list = reader_new(x->extensions.data, x->extensions.length);
    struct x509_extension extension;
    struct pki_slice oid;
    size_t named = 0;

    while (named < CRITICAL_NAMED_MAX && x509_extension_next(&list, &oid, &extension)) {
        enum x509_extension_id id = x509_extension_find(oid);
        if (id == X509_PROXY_CERT_INFO) {
            add(search, place, CRITICAL_PROXY, oid);
            named++;
        } else if (extension.critical && (id == X509_EXTENSION_COUNT || !processed[id])) {
            add(search, place,
                id == X509_EXTENSION_COUNT ? CRITICAL_UNKNOWN : CRITICAL_NOT_PROCESSED, oid);
            named++;
        }
    }
}

void text_unknown_critical_extension(const struct words *words)
{
    say_label(words, words->node);
    switch (words->finding->variant) {
    case CRITICAL_PROXY:
        say(words, ": a proxy certificate (");
        words_oid(words->out, words->finding->value);
        say(words, "), issued by another leaf; TLS clients do not accept them.");
        break;
    case CRITICAL_NOT_PROCESSED:
        say(words, ": marks ");
        words_oid(words->out, words->finding->value);
        say(words, " as critical, which TLS clients do not process.");
        break;
    default:
        say(words, ": has the critical extension ");
        words_oid(words->out, words->finding->value);
        say(words, ", which TLS clients do not know; they must refuse it.");
        break;
    }
}

void mend_unknown_critical_extension(const struct words *words)
{
    switch (words->finding->variant) {
    case CRITICAL_PROXY:
        say(words, "use a certificate that was issued by a CA.");
        break;
    case CRITICAL_NOT_PROCESSED:
        if (x509_extension_find(words->finding->value) == X509_CT_POISON) {
            say(words, "install the certificate, not the precertificate ");
            say_label(words, words->node);
            say(words, ".");
            break;
        }
        /* fall through */
    default:
        say(words, "have ");
        say_label(words, words->node);
        say(words, " issued again, with the extension ");
        words_oid(words->out, words->finding->value);
        say(words, " not critical or left out.");
        break;
    }
}

void found_unknown_critical_extension(const struct words *words)
{
    words_oid(words->out, words->finding->value);
    say(words, words->finding->variant == CRITICAL_PROXY ? "" : ", critical");
}

void required_unknown_critical_extension(const struct words *words)
{
    say(words, words->finding->variant == CRITICAL_PROXY ? "absent" : "not critical, or absent");
}
