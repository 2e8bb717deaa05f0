/* What a certificate may be used for, along the path (RFC 5280 4.2.1.12). Without the extension: everything. */
#include "../graph.h"
#include "sentences.h"

enum {
    PURPOSE_OF_LEAF = 0,
    PURPOSE_OF_ISSUER,
    PURPOSE_NETSCAPE, /* the extension of before 1999 that said the same */
};

/* Bits of netscapeCertType, the first of a byte is the highest. */
#define NETSCAPE_SSL_CLIENT 0x80
#define NETSCAPE_SSL_SERVER 0x40

/* Looked at where OpenSSL does: in the leaf, and not when it cannot be read. */
static bool netscape_allows(const struct search *search)
{
    struct pki_slice value = rule_certificate(search, 0)->extension[X509_NETSCAPE_CERT_TYPE].value;
    struct reader reader = reader_new(value.data, value.length);
    struct pki_slice bits = der_value(&reader, DER_BIT_STRING).content;
    uint8_t wanted =
        search->request->purpose == PKI_PURPOSE_CLIENT ? NETSCAPE_SSL_CLIENT : NETSCAPE_SSL_SERVER;

    return bits.length < 2 || (bits.data[1] & wanted) != 0;
}

/*
 * anyExtendedKeyUsage is enough for a CA (Go, GnuTLS, BoringSSL; it leaves the choice to those below),
 * but not for a leaf: OpenSSL, NSS and webpki refuse that, RFC 5280 lets "applications that require
 * the presence of a particular purpose" do so, and the CA/Browser Forum forbids such leaves (7.1.2.7.10).
 */
void rule_extended_key_usage(struct search *search, size_t place)
{
    struct finding finding = {.code = PKI_EXTENDED_KEY_USAGE,
                              .variant = place > 0 ? PURPOSE_OF_ISSUER : PURPOSE_OF_LEAF,
                              .node = search->current.nodes[place],
                              .other = search->current.nodes[0],
                              .limit = graph_purpose(search),
                              .field = "extKeyUsage"};
    const struct node *node = &search->nodes[finding.node];

    if (search->request->purpose == PKI_PURPOSE_ANY || node->trusted_explicitly) {
        return;
    }
    if (!graph_serves_purpose(search, node, place > 0)) {
        rule_add(search, finding);
    }
    if (place == 0 && !netscape_allows(search)) {
        finding.variant = PURPOSE_NETSCAPE;
        finding.field = "netscapeCertType";
        finding.reference = "the Netscape certificate extensions";
        rule_add(search, finding);
    }
}

static void say_purposes(const struct words *words)
{
    struct pki_slice list = words->node->x.key_purposes;
    struct reader purposes = reader_new(list.data, list.length);
    struct words_list said = {.out = words->out};

    while (reader_left(&purposes) > 0) {
        struct pki_slice oid = der_value(&purposes, DER_OID).content;
        if (words_list_next(&said)) {
            words_oid(words->out, oid);
        }
    }
    say(words, words_list_end(&said) == 0 ? "nothing" : "");
}

static const char *side(const struct words *words)
{
    return words->search->request->purpose == PKI_PURPOSE_CLIENT ? "client" : "server";
}

void text_extended_key_usage(const struct words *words)
{
    say_label(words, words->node);
    switch (words->finding->variant) {
    case PURPOSE_NETSCAPE:
        buffer_printf(words->out, ": its netscapeCertType does not allow it for TLS %ss.",
                      side(words));
        return;
    case PURPOSE_OF_ISSUER:
        buffer_printf(words->out, ": may not be in the path of a TLS %s: it is for ", side(words));
        break;
    default:
        buffer_printf(words->out, ": may not be used by a TLS %s: it is for ", side(words));
        break;
    }
    say_purposes(words);
    say(words, "; required is ");
    words_oid(words->out, words->finding->limit);
    say(words, ".");
}

void mend_extended_key_usage(const struct words *words)
{
    say(words, "have ");
    say_label(words, words->other);
    switch (words->finding->variant) {
    case PURPOSE_NETSCAPE:
        say(words, " issued without netscapeCertType.");
        break;
    case PURPOSE_OF_ISSUER:
        buffer_printf(words->out, " issued by a CA for TLS %ss.", side(words));
        break;
    default:
        buffer_printf(words->out, " issued with the extended key usage %sAuth.", side(words));
        break;
    }
}

void found_extended_key_usage(const struct words *words)
{
    if (words->finding->variant != PURPOSE_NETSCAPE) {
        say_purposes(words);
    }
}

void required_extended_key_usage(const struct words *words)
{
    if (words->finding->variant == PURPOSE_NETSCAPE) {
        buffer_printf(words->out, "SSL %s", side(words));
    } else {
        words_oid(words->out, words->finding->limit);
    }
}
