/*
 * Name constraints (RFC 5280 4.2.1.10): every form of name against every form of constraint, with OpenSSL's opinion beside
 * ours, and who is held to them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "notation.h"
#include "scratch.h"
#include "verdict.h"

/* Constraints in the notation of notation.h. */
#define PERMITTED(subtrees) "a0(" subtrees ")"
#define EXCLUDED(subtrees)  "a1(" subtrees ")"
#define EMAIL(text)         "30(81('" text "'))"
#define DNS(text)           "30(82('" text "'))"
#define URI(text)           "30(86('" text "'))"
#define IP(hex)             "30(87(" hex "))"
#define NET_10              IP("0a000000 ff000000")
#define DOC_V6              IP("20010db8 [12 00] ffffffff [12 00]")
#define DIR(rdns)           "30(a4(30(" rdns ")))"
#define RDN(oid, text)      "31(30(06(" oid ") 0c('" text "')))"
#define O_(text)            RDN("55040a", text)
#define CN_(text)           RDN("550403", text)

static struct cert *root, *ca_key, *leaf_key;
static struct pki_trust *trust;

/* A certificate for a CA, always of the same name and key, with these constraints. */
static struct cert *make_ca(const char *constraints, const struct cert *issuer)
{
    struct buffer value = {0};
    struct cert *ca;
    char notation[1000];

    (void)snprintf(notation, sizeof notation, "30(%s)", constraints);
    notation_append(&value, notation);
    ca = cert_make(&(struct cert_options){.common_name = "Limited CA",
                                          .ca = true,
                                          .issuer = issuer,
                                          .same_key_as = ca_key,
                                          .extension = "2.5.29.30",
                                          .extension_value = value.data,
                                          .extension_length = value.length});
    assert_non_null(ca);
    buffer_free(&value);
    return ca;
}

static int set_up(void **state)
{
    (void)state;
    root = cert_make(&(struct cert_options){.common_name = "Test Root", .ca = true});
    ca_key =
        cert_make(&(struct cert_options){.common_name = "Limited CA", .ca = true, .issuer = root});
    leaf_key = cert_make(&(struct cert_options){.common_name = "key"});
    trust = verdict_trust(CHAIN(root));
    return trust != NULL && ca_key != NULL && leaf_key != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pki_trust_release(trust);
    cert_free(leaf_key);
    cert_free(ca_key);
    cert_free(root);
    return 0;
}

/* ---- one name against one constraint ------------------------------------------------------ */

struct row {
    const char *constraints;
    const char *names[4];     /* subjectAltName … */
    const char *raw;          /* … or in notation */
    const char *common_name;  /* NULL: "Joe Bloggs" */
    const char *organization; /* NULL: none */
    const char *email;        /* emailAddress of the subject */
    const char *text;         /* in the reason; NULL: accepted */
    const char *openssl;      /* why OpenSSL says otherwise; NULL: it says the same */
};

#define NOT_PERMITTED  "is not among the names that Limited CA may issue for"
#define MUST_NOT       "is among the names that Limited CA must not issue for"
#define STANDS_FOR     "stands for a name that Limited CA must not issue for"
#define BAD_NAME       "is not written as such names are"
#define BAD_CONSTRAINT "is limited to, which is not written as such names are"

static const struct row rows[] = {
    /* DNS names: the name itself and everything below it. */
    {PERMITTED(DNS("example.org")), .names = {"DNS:example.org"}},
    {PERMITTED(DNS("example.org")), .names = {"DNS:www.example.org"}},
    {PERMITTED(DNS("example.org")), .names = {"DNS:a.b.example.org"}},
    {PERMITTED(DNS("example.org")), .names = {"DNS:WWW.Example.ORG"}},
    {PERMITTED(DNS("EXAMPLE.org")), .names = {"DNS:www.example.org"}},
    {PERMITTED(DNS("org")), .names = {"DNS:www.example.org"}},
    {PERMITTED(DNS("example.org")), .names = {"DNS:xexample.org"}, .text = NOT_PERMITTED},
    {PERMITTED(DNS("example.org")), .names = {"DNS:example.com"}, .text = NOT_PERMITTED},
    {PERMITTED(DNS("example.org")), .names = {"DNS:org"}, .text = NOT_PERMITTED},
    {PERMITTED(DNS("example.org")), .names = {"DNS:example.org.com"}, .text = NOT_PERMITTED},
    {PERMITTED(DNS("www.example.org")), .names = {"DNS:example.org"}, .text = NOT_PERMITTED},
    {PERMITTED(DNS("a.example") DNS("b.example")), .names = {"DNS:b.example", "DNS:a.example"}},
    {PERMITTED(DNS("a.example") DNS("b.example")), .names = {"DNS:b.example", "DNS:c.example"},
     .text = "DNS:c.example is not among the names that Limited CA may issue for (DNS:a.example, "
             "DNS:b.example)."},
    {EXCLUDED(DNS("example.org")), .names = {"DNS:example.org"}, .text = MUST_NOT},
    {EXCLUDED(DNS("example.org")), .names = {"DNS:a.b.EXAMPLE.org"}, .text = MUST_NOT},
    {EXCLUDED(DNS("example.org")), .names = {"DNS:xexample.org"}},
    {EXCLUDED(DNS("www.example.org")), .names = {"DNS:example.org"}},
    {EXCLUDED(DNS("example.org")), .names = {"DNS:a.example", "DNS:www.example.org"},
     .text = MUST_NOT},
    /* Excluded wins. */
    {PERMITTED(DNS("example.org")) EXCLUDED(DNS("bad.example.org")),
     .names = {"DNS:www.example.org"}},
    {PERMITTED(DNS("example.org")) EXCLUDED(DNS("bad.example.org")),
     .names = {"DNS:bad.example.org"}, .text = MUST_NOT},
    {PERMITTED(DNS("example.org")) EXCLUDED(DNS("example.org")), .names = {"DNS:example.org"},
     .text = MUST_NOT},
    {PERMITTED(DNS("bad.example.org")) EXCLUDED(DNS("example.org")),
     .names = {"DNS:bad.example.org"}, .text = MUST_NOT},
    /* A dot before it: at least one label more. */
    {PERMITTED(DNS(".example.org")), .names = {"DNS:www.example.org"}},
    {PERMITTED(DNS(".example.org")), .names = {"DNS:a.b.example.org"}},
    {PERMITTED(DNS(".example.org")), .names = {"DNS:example.org"}, .text = NOT_PERMITTED},
    {PERMITTED(DNS(".example.org")), .names = {"DNS:wwwexample.org"}, .text = NOT_PERMITTED},
    {EXCLUDED(DNS(".example.org")), .names = {"DNS:www.example.org"}, .text = MUST_NOT},
    {EXCLUDED(DNS(".example.org")), .names = {"DNS:example.org"}},
    /* Nothing in it: everything. */
    {PERMITTED(DNS("")), .names = {"DNS:example.org"}},
    {EXCLUDED(DNS("")), .names = {"DNS:example.org"}, .text = "(DNS:(any))"},
    {EXCLUDED(DNS("")), .names = {"IP:10.0.0.1"}},
    /* Wildcards: as they are written, and for what they stand for. */
    {PERMITTED(DNS("example.org")), .names = {"DNS:*.example.org"}},
    {PERMITTED(DNS("example.org")), .names = {"DNS:*.www.example.org"}},
    {PERMITTED(DNS(".example.org")), .names = {"DNS:*.example.org"}},
    {PERMITTED(DNS("www.example.org")), .names = {"DNS:*.example.org"}, .text = NOT_PERMITTED},
    {PERMITTED(DNS("example.org")), .names = {"DNS:*.org"}, .text = NOT_PERMITTED},
    {EXCLUDED(DNS("example.org")), .names = {"DNS:*.example.org"}, .text = MUST_NOT},
    {EXCLUDED(DNS("www.example.org")), .names = {"DNS:*.example.org"}, .text = STANDS_FOR,
     .openssl = "compares the wildcard as it is written"},
    {EXCLUDED(DNS("WWW.example.org")), .names = {"DNS:w*.Example.org"}, .text = STANDS_FOR,
     .openssl = "compares the wildcard as it is written"},
    {EXCLUDED(DNS("a.www.example.org")), .names = {"DNS:*.example.org"}},
    {EXCLUDED(DNS(".www.example.org")), .names = {"DNS:*.example.org"}},
    {EXCLUDED(DNS("www.example.com")), .names = {"DNS:*.example.org"}},
    /* A-labels are what is compared. */
    {PERMITTED(DNS("xn--bcher-kva.example")), .names = {"DNS:www.XN--bcher-kva.example"}},
    {PERMITTED(DNS("xn--bcher-kva.example")), .names = {"DNS:bcher-kva.example"},
     .text = NOT_PERMITTED},
    /* Names that are none, under constraints of their form and of another. */
    {PERMITTED(DNS("example.org")), .names = {"DNS:www.example.org."}, .text = BAD_NAME},
    {PERMITTED(DNS("example.org")), .names = {"DNS:.example.org"}, .text = BAD_NAME,
     .openssl = "looks at its end only"},
    {PERMITTED(DNS("example.org")), .names = {"DNS:a..example.org"}, .text = BAD_NAME,
     .openssl = "looks at its end only"},
    {PERMITTED(DNS("example.org")), .names = {"DNS:evil.test\\0.example.org"}, .text = BAD_NAME,
     .openssl = "looks at its end only"},
    {PERMITTED(DNS("example.org")), .names = {"DNS:a b.example.org"}, .text = BAD_NAME,
     .openssl = "looks at its end only"},
    {PERMITTED(DNS("example.org")), .names = {"DNS:bücher.example.org"}, .text = BAD_NAME,
     .openssl = "looks at its end only"},
    {PERMITTED(DNS("example.org")), .names = {"DNS:"}, .text = BAD_NAME},
    {EXCLUDED(DNS("example.org")), .names = {"DNS:example.org."}, .text = BAD_NAME,
     .openssl = "compares the dot, too"},
    {EXCLUDED(DNS("example.org")), .names = {"DNS:"}, .text = BAD_NAME,
     .openssl = "sees another name"},
    {EXCLUDED(DNS("")), .names = {"DNS:"}, .text = MUST_NOT},
    {PERMITTED(EMAIL("example.org")), .names = {"DNS:a..example."}},
    /* Constraints that are none. */
    {PERMITTED(DNS("example.org.")), .names = {"DNS:www.example.org"}, .text = BAD_CONSTRAINT},
    {PERMITTED(DNS("*.example.org")), .names = {"DNS:www.example.org"}, .text = BAD_CONSTRAINT},
    {EXCLUDED(DNS("*.example.org")), .names = {"DNS:www.example.org"}, .text = BAD_CONSTRAINT,
     .openssl = "compares the asterisk"},
    {EXCLUDED(DNS("https://example.org")), .names = {"DNS:www.example.org"}, .text = BAD_CONSTRAINT,
     .openssl = "compares what is there"},
    {EXCLUDED(DNS("..example.org")), .names = {"DNS:www.example.org"}, .text = BAD_CONSTRAINT,
     .openssl = "compares what is there"},
    {EXCLUDED(DNS("*.example.org")), .names = {"email:a@example.org"}},
    /* Constraints of one form say nothing about others. */
    {PERMITTED(DNS("example.org")),
     .names = {"IP:10.0.0.1", "email:a@b.example", "URI:https://c.example/"}},
    {PERMITTED(NET_10), .names = {"DNS:example.org"}},
    {PERMITTED(EMAIL("example.org")), .names = {"DNS:other.example"}},
    {PERMITTED(DNS("example.org") NET_10), .names = {"DNS:www.example.org", "IP:10.1.2.3"}},
    {PERMITTED(DNS("example.org") NET_10), .names = {"DNS:www.example.org", "IP:11.1.2.3"},
     .text = NOT_PERMITTED},
    {"", .names = {"DNS:example.org"}},
    {PERMITTED(""), .names = {"DNS:example.org"}},
    /* Addresses. */
    {PERMITTED(NET_10), .names = {"IP:10.255.255.255"}},
    {PERMITTED(NET_10), .names = {"IP:11.0.0.0"}, .text = "(IP:10.0.0.0/8)"},
    {PERMITTED(NET_10), .names = {"IP:2001:db8::1"}, .text = NOT_PERMITTED},
    {EXCLUDED(NET_10), .names = {"IP:10.0.0.1"}, .text = MUST_NOT},
    {EXCLUDED(NET_10), .names = {"IP:2001:db8::1"}},
    {EXCLUDED(NET_10), .names = {"IP:::ffff:10.0.0.1"}},
    {PERMITTED(DOC_V6), .names = {"IP:2001:db8::1"}},
    {PERMITTED(DOC_V6), .names = {"IP:2001:db9::1"}, .text = "(IP:2001:db8::/32)"},
    {PERMITTED(DOC_V6), .names = {"IP:10.0.0.1"}, .text = NOT_PERMITTED},
    {PERMITTED(NET_10 DOC_V6), .names = {"IP:10.0.0.1", "IP:2001:db8::1"}},
    {PERMITTED(IP("c0000201 ffffffff")), .names = {"IP:192.0.2.1"}},
    {PERMITTED(IP("c0000201 ffffffff")), .names = {"IP:192.0.2.2"}, .text = NOT_PERMITTED},
    {PERMITTED(IP("0a010203 ff000000")), .names = {"IP:10.9.9.9"}}, /* bits below the mask */
    {PERMITTED(IP("00000000 00000000")), .names = {"IP:192.0.2.1"}},
    {EXCLUDED(IP("00000000 00000000")), .names = {"IP:192.0.2.1"}, .text = "(IP:0.0.0.0/0)"},
    {EXCLUDED(IP("[32 00]")), .names = {"IP:2001:db8::1"}, .text = MUST_NOT},
    {EXCLUDED(IP("[32 00]")), .names = {"IP:192.0.2.1"}},
    {PERMITTED(IP("0a000001 ff0000ff")), .names = {"IP:10.5.5.1"},
     .text = "(IP:10.0.0.1/255.0.0.255)", .openssl = "applies masks that are no prefix"},
    {EXCLUDED(IP("0a000001 ff0000ff")), .names = {"IP:11.5.5.1"}, .text = BAD_CONSTRAINT,
     .openssl = "applies masks that are no prefix"},
    {PERMITTED(IP("0a000000 ff0000")), .names = {"IP:10.0.0.1"}, .text = BAD_CONSTRAINT},
    {PERMITTED(IP("0a000000")), .names = {"IP:10.0.0.1"}, .text = BAD_CONSTRAINT},
    {EXCLUDED(IP("")), .names = {"IP:10.0.0.1"}, .text = BAD_CONSTRAINT},
    {EXCLUDED(IP("")), .names = {"DNS:example.org"}},
    {PERMITTED(NET_10), .raw = "30(87(0a0000))", .text = BAD_NAME},
    {PERMITTED(NET_10), .raw = "30(87(0a000001ff000000))", .text = BAD_NAME},
    {EXCLUDED(NET_10), .raw = "30(87())", .text = BAD_NAME},
    {PERMITTED(DNS("example.org")), .raw = "30(87(0a))"},
    {PERMITTED(NET_10), .names = {"DNS:11.0.0.1"}},
    /* E-mail: a mailbox, a host, or all hosts below a domain. */
    {PERMITTED(EMAIL("user@example.org")), .names = {"email:user@example.org"}},
    {PERMITTED(EMAIL("user@example.org")), .names = {"email:user@EXAMPLE.org"}},
    {PERMITTED(EMAIL("user@example.org")), .names = {"email:User@example.org"},
     .text = NOT_PERMITTED},
    {PERMITTED(EMAIL("user@example.org")), .names = {"email:xuser@example.org"},
     .text = NOT_PERMITTED},
    {PERMITTED(EMAIL("user@example.org")), .names = {"email:user@a.example.org"},
     .text = NOT_PERMITTED},
    {PERMITTED(EMAIL("@example.org")), .names = {"email:anyone@example.org"}},
    {PERMITTED(EMAIL("example.org")), .names = {"email:anyone@example.org"}},
    {PERMITTED(EMAIL("example.org")), .names = {"email:a@b@Example.org"}},
    {PERMITTED(EMAIL("example.org")), .names = {"email:anyone@www.example.org"},
     .text = NOT_PERMITTED},
    {PERMITTED(EMAIL("example.org")), .names = {"email:example.org@evil.example"},
     .text = NOT_PERMITTED},
    {PERMITTED(EMAIL(".example.org")), .names = {"email:anyone@www.example.org"}},
    {PERMITTED(EMAIL(".example.org")), .names = {"email:anyone@a.b.example.org"}},
    {PERMITTED(EMAIL(".example.org")), .names = {"email:anyone@example.org"},
     .text = NOT_PERMITTED},
    {PERMITTED(EMAIL(".example.org")), .names = {"email:anyone@xexample.org"},
     .text = NOT_PERMITTED},
    {EXCLUDED(EMAIL("example.org")), .names = {"email:a@example.org"}, .text = MUST_NOT},
    {EXCLUDED(EMAIL("example.org")), .names = {"email:a@www.example.org"}},
    {EXCLUDED(EMAIL(".example.org")), .names = {"email:a@www.example.org"}, .text = MUST_NOT},
    {EXCLUDED(EMAIL("a@example.org")), .names = {"email:b@example.org"}},
    {PERMITTED(EMAIL("")), .names = {"email:a@example.org"}, .openssl = "takes it for no host"},
    {EXCLUDED(EMAIL("")), .names = {"email:a@example.org"}, .text = MUST_NOT,
     .openssl = "takes it for no host"},
    {PERMITTED(EMAIL("example.org")), .names = {"email:example.org"}, .text = BAD_NAME},
    {PERMITTED(EMAIL("example.org")), .names = {"email:@example.org"}, .text = BAD_NAME,
     .openssl = "looks at the host only"},
    {EXCLUDED(EMAIL("example.org")), .names = {"email:a@"}, .text = BAD_NAME,
     .openssl = "sees another host"},
    {EXCLUDED(EMAIL("example.org")), .names = {"email:a\\0@b.example"}, .text = BAD_NAME,
     .openssl = "looks at the host only"},
    {EXCLUDED(EMAIL("a@")), .names = {"email:a@example.org"}, .text = BAD_CONSTRAINT,
     .openssl = "sees another host"},
    {EXCLUDED(EMAIL("a@.example.org")), .names = {"email:a@b.example.org"}, .text = BAD_CONSTRAINT,
     .openssl = "sees another host"},
    /* … in the subject, too. */
    {PERMITTED(EMAIL("example.org")), .email = "a@example.org", .names = {"DNS:a.example"}},
    {PERMITTED(EMAIL("example.org")), .email = "a@example.com", .names = {"DNS:a.example"},
     .text = "emailAddress=a@example.com " NOT_PERMITTED},
    {EXCLUDED(EMAIL("example.org")), .email = "a@example.org", .names = {"DNS:a.example"},
     .text = MUST_NOT},
    {PERMITTED(DNS("example.org")), .email = "a@example.com", .names = {"DNS:a.example.org"}},
    /* International ones (RFC 9598 6). */
    {PERMITTED(EMAIL("xn--bcher-kva.example")),
     .raw = "30(a0(06(2b06010505070809) a0(0c('käse@bücher.example'))))"},
    {PERMITTED(EMAIL("example.org")),
     .raw = "30(a0(06(2b06010505070809) a0(0c('käse@bücher.example'))))",
     .text = "email:käse@bücher.example " NOT_PERMITTED},
    {EXCLUDED(EMAIL("xn--bcher-kva.example")),
     .raw = "30(a0(06(2b06010505070809) a0(0c('käse@bücher.example'))))", .text = MUST_NOT},
    {EXCLUDED(EMAIL("example.org")), .raw = "30(a0(06(2b06010505070809) a0(16('a@b.example'))))",
     .text = BAD_NAME},
    {PERMITTED(DNS("example.org")),
     .raw = "30(a0(06(2b06010505070809) a0(0c('käse@bücher.example'))))"},
    /* URIs: their host, or all hosts below a domain. */
    {PERMITTED(URI("www.example.org")), .names = {"URI:https://www.example.org/path?a@b#c"}},
    {PERMITTED(URI("www.example.org")), .names = {"URI:https://WWW.example.org:8443"}},
    {PERMITTED(URI("example.org")), .names = {"URI:https://www.example.org/"},
     .text = NOT_PERMITTED},
    {PERMITTED(URI(".example.org")), .names = {"URI:ldap://www.example.org/x"}},
    {PERMITTED(URI(".example.org")), .names = {"URI:https://example.org/"}, .text = NOT_PERMITTED},
    {PERMITTED(URI(".example.org")), .names = {"URI:https://evil.example/www.example.org"},
     .text = NOT_PERMITTED},
    {PERMITTED(URI("example.org")), .names = {"URI:https://example.org:x@evil.example/"},
     .text = NOT_PERMITTED, .openssl = "takes the user for the host"},
    {PERMITTED(URI("example.org")), .names = {"URI:https://evil.example?@example.org/"},
     .text = NOT_PERMITTED},
    {PERMITTED(URI("example.org")), .names = {"URI:https://evil.example#.example.org"},
     .text = NOT_PERMITTED},
    {EXCLUDED(URI("example.org")), .names = {"URI:https://example.org/"}, .text = MUST_NOT},
    {EXCLUDED(URI("example.org")), .names = {"URI:https://user@example.org/"}, .text = MUST_NOT,
     .openssl = "takes the user for a part of the host"},
    {EXCLUDED(URI("example.org")), .names = {"URI:https://www.example.org/"}},
    {EXCLUDED(URI(".example.org")), .names = {"URI:https://www.example.org/"}, .text = MUST_NOT},
    {EXCLUDED(URI("example.org")), .names = {"URI:urn:uuid:0"}, .text = BAD_NAME},
    {EXCLUDED(URI("example.org")), .names = {"URI:example.com"}, .text = BAD_NAME},
    {EXCLUDED(URI("example.org")), .names = {"URI:https:///path"}, .text = BAD_NAME},
    {EXCLUDED(URI("example.org")), .names = {"URI:"}, .text = BAD_NAME},
    {EXCLUDED(URI("example.org")), .names = {"URI:https://192.0.2.1/"}, .text = BAD_NAME,
     .openssl = "takes addresses for host names"},
    {EXCLUDED(URI("example.org")), .names = {"URI:https://[2001:db8::1]/"}, .text = BAD_NAME,
     .openssl = "takes addresses for host names"},
    {EXCLUDED(URI("https://example.org")), .names = {"URI:https://www.example.org/"},
     .text = BAD_CONSTRAINT, .openssl = "compares what is there"},
    {PERMITTED(URI("")), .names = {"URI:https://example.org/"}, .openssl = "takes it for no host"},
    /* Directory names: the subject, and those in the subjectAltName. */
    {PERMITTED(DIR(O_("Good"))), .organization = "Good"},
    {PERMITTED(DIR(O_("Good"))), .organization = "  GOOD "},
    {PERMITTED(DIR(O_("Good"))), .organization = "Goods",
     .text = "CN=Joe Bloggs,O=Goods " NOT_PERMITTED, .openssl = NULL},
    {PERMITTED(DIR(O_("Good"))), .text = "CN=Joe Bloggs " NOT_PERMITTED},
    {PERMITTED(DIR(O_("Good") CN_("Joe Bloggs"))), .organization = "Good"},
    {PERMITTED(DIR(O_("Good") CN_("Joe"))), .organization = "Good", .text = NOT_PERMITTED},
    {PERMITTED(DIR(O_("Good") CN_("Joe Bloggs") CN_("X"))), .organization = "Good",
     .text = NOT_PERMITTED},
    {PERMITTED(DIR(CN_("Joe Bloggs"))), .organization = "Good", .text = NOT_PERMITTED},
    {PERMITTED(DIR("")), .organization = "Good"},
    {EXCLUDED(DIR("")), .organization = "Good", .text = MUST_NOT},
    {EXCLUDED(DIR(O_("Good"))), .organization = "Good", .text = MUST_NOT},
    {EXCLUDED(DIR(O_("Good"))), .organization = "Better"},
    {EXCLUDED(DIR(O_("Good") CN_("X"))), .organization = "Good"},
    {PERMITTED(DIR("31(30(06(55040a) 13('Good')))")), .organization = "Good"},
    {PERMITTED(DIR("31(30(06(55040a) 1e(0047 006f 006f 0064)))")), .organization = "Good"},
    /* The first part of an RDN with two parts is not that RDN. */
    {EXCLUDED(DIR(CN_("a"))),
     .raw = "30(a4(30(31(30(06(550403) 0c('a')) 30(06(55040a) 0c('b'))))))"},
    {EXCLUDED(DIR(CN_("a"))),
     .raw = "30(a4(30(31(30(06(550403) 0c('a'))) 31(30(06(55040a) 0c('b'))))))", .text = MUST_NOT},
    {PERMITTED(DIR(CN_("Joe Bloggs"))), .raw = "30(a4(30(31(30(06(550403) 0c('Joe'))))))",
     .text = "CN=Joe " NOT_PERMITTED},
    {PERMITTED(DIR(CN_("Joe Bloggs"))),
     .raw = "30(a4(30(31(30(06(550403) 0c('Joe Bloggs'))) 31(30(06(55040a) 0c('b'))))))"},
    {EXCLUDED("30(a4('Good'))"), .organization = "Good", .text = BAD_CONSTRAINT},
    /* Forms that nobody can compare: only where the certificate has such a name. */
    {EXCLUDED("30(a0(06(2a0304) a0(0c('x'))))"), .raw = "30(a0(06(2a0304) a0(0c('y'))))",
     .text = "an otherName is a kind of name"},
    {PERMITTED("30(a0(06(2a0304) a0(0c('x'))))"), .raw = "30(a0(06(2a0304) a0(0c('x'))))",
     .text = "no client can compare"},
    {EXCLUDED("30(a0(06(2a0304) a0(0c('x'))))"), .names = {"DNS:example.org"}},
    {PERMITTED("30(88(2a0304))"), .raw = "30(88(2a030405))",
     .text = "a registeredID is a kind of name"},
    {PERMITTED("30(88(2a0304))"), .names = {"DNS:example.org"}},
    {EXCLUDED("30(a5(a1(0c('x'))))"), .raw = "30(a5(a1(0c('y'))))",
     .text = "an ediPartyName is a kind of name"},
    {EXCLUDED("30(a3(30()))"), .names = {"DNS:example.org"}},
    /* Minimum and maximum: zero and none is the only pair that is known. */
    {PERMITTED("30(82('example.org') 80(00))"), .names = {"DNS:example.org"}},
    {PERMITTED("30(82('example.org') 80(01))"), .names = {"DNS:www.example.org"},
     .text = "which has a minimum or a maximum"},
    {PERMITTED("30(82('example.org') 81(05))"), .names = {"DNS:www.example.org"},
     .text = "which has a minimum or a maximum"},
    {EXCLUDED("30(82('example.org') 80(00) 81(00))"), .names = {"DNS:a.example"},
     .text = "which has a minimum or a maximum"},
    {EXCLUDED("30(82('example.org') 80(01))"), .names = {"IP:10.0.0.1"}},
    /* What cannot be read is refused, whatever the names. */
    {PERMITTED("30()"), .names = {"DNS:example.org"},
     .text = "are limited in a form that cannot be read"},
    {PERMITTED("30(82('a') 82('b'))"), .names = {"IP:10.0.0.1"},
     .text = "are limited in a form that cannot be read"},
    {EXCLUDED("30(04('a'))"), .names = {"IP:10.0.0.1"},
     .text = "are limited in a form that cannot be read"},
    {EXCLUDED("30(8a('a'))"), .names = {"IP:10.0.0.1"},
     .text = "are limited in a form that cannot be read"},
    /* The common name, taken for a host name where there is no DNS name. */
    {PERMITTED(DNS("example.org")), .common_name = "www.example.org"},
    {PERMITTED(DNS("example.org")), .common_name = "www.example.com",
     .text = "CN=www.example.com " NOT_PERMITTED},
    {PERMITTED(DNS("example.org")), .common_name = "www.example.com", .names = {"IP:10.0.0.1"},
     .text = NOT_PERMITTED},
    {PERMITTED(DNS("example.org")), .common_name = "www.example.com",
     .names = {"DNS:www.example.org"}},
    {EXCLUDED(DNS("example.org")), .common_name = "www.example.org", .text = MUST_NOT},
    {PERMITTED(DNS("example.org")), .common_name = "localhost"},
    {PERMITTED(DNS("example.org")), .common_name = "www.example.com "},
    {PERMITTED(DNS("example.org")), .common_name = "*.example.com"},
    {PERMITTED(DNS("example.org")), .common_name = "-a.example.com"},
    {PERMITTED(DNS("example.org")), .common_name = "a-.example.com"},
    {PERMITTED(DNS("example.org")), .common_name = "a..example.com"},
    {PERMITTED(DNS("example.org")), .common_name = "a_b.example.com", .text = NOT_PERMITTED},
    {PERMITTED(DNS("example.org")), .common_name = "10.0.0.1", .text = NOT_PERMITTED},
    {PERMITTED(DNS("example.org")), .common_name = "www.example.org\\0.evil.example",
     .text = BAD_NAME},
    {PERMITTED(DNS("example.org")), .common_name = "www.example.org\\0"},
    {PERMITTED(NET_10), .common_name = "www.example.com"},
    /* An empty subject is no name. */
    {PERMITTED(DIR(O_("Good"))), .common_name = "", .names = {"DNS:example.org"}},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static struct cert *make_leaf(const struct row *row)
{
    const struct cert_attribute email[] = {{.oid = "1.2.840.113549.1.9.1", .text = row->email},
                                           {0}};
    struct cert_options options = {.issuer = ca_key, .same_key_as = leaf_key};
    struct buffer raw = {0};
    struct cert *leaf;

    options.common_name = row->common_name != NULL ? row->common_name : "Joe Bloggs";
    if (options.common_name[0] == '\0') {
        options.common_name = NULL;
    }
    options.organization = row->organization;
    options.attributes = row->email != NULL ? email : NULL;
    options.names = row->names[0] != NULL ? row->names : NULL;
    if (row->raw != NULL) {
        notation_append(&raw, row->raw);
        options.extension = "2.5.29.17";
        options.extension_value = raw.data;
        options.extension_length = raw.length;
    }
    leaf = cert_make(&options);
    assert_non_null(leaf);
    buffer_free(&raw);
    return leaf;
}

/* "ok", "name_constraint", … of a chain under the root. */
static void expect(const struct cert *const *chain, struct pki_trust *anchors, const char *text,
                   const char *what, size_t number)
{
    struct pki_verification *verdict = verdict_of(chain, anchors, NULL);
    char codes[300];

    assert_non_null(verdict);
    verdict_codes(codes, sizeof codes, verdict);
    if (strncmp(codes, text != NULL ? "name_constraint" : "ok", strlen(codes) < 15 ? 2 : 15) != 0 ||
        (text != NULL && strstr(verdict->reasons[0].text, text) == NULL)) {
        fail_msg("%s %zu: %s: %s", what, number, codes,
                 verdict->reason_count > 0 ? verdict->reasons[0].text : "");
    }
    for (size_t i = 0; i < verdict->reason_count; i++) {
        assert_true(verdict->reasons[i].mend[0] != '\0' && verdict->reasons[i].field[0] != '\0');
        assert_true(strncmp(verdict->reasons[i].reference, "RFC 5280 ", 9) == 0);
    }
    pki_verification_free(verdict);
}

static void write_pem(char path[SCRATCH_PATH_MAX], const char *what, size_t number,
                      const struct cert *cert)
{
    char name[40];
    struct buffer pem = {0};

    (void)snprintf(name, sizeof name, "%s-%zu.pem", what, number);
    cert_append_pem(&pem, cert);
    scratch_write(path, name, pem.data, pem.length);
    buffer_free(&pem);
}

static void each_row_is_judged_as_it_should_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct cert *ca = make_ca(rows[i].constraints, root);
        struct cert *leaf = make_leaf(&rows[i]);
        expect(CHAIN(leaf, ca), trust, rows[i].text, rows[i].constraints, i);
        cert_free(leaf);
        cert_free(ca);
    }
}

#define SKIP_WITHOUT_OPENSSL()                              \
    do {                                                    \
        if (!command_exists("openssl")) {                   \
            (void)fprintf(stderr, "skipped: no openssl\n"); \
            skip();                                         \
        }                                                   \
    } while (0)

/* Why it says otherwise, where it does, stands in the table. */
static void openssl_judges_each_row_alike(void **state)
{
    char path[SCRATCH_PATH_MAX], ca_path[SCRATCH_PATH_MAX], leaf_path[SCRATCH_PATH_MAX];
    struct buffer list = {0}, output = {0};
    const char *line;
    size_t different = 0;

    (void)state;
    SKIP_WITHOUT_OPENSSL();
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct cert *ca = make_ca(rows[i].constraints, root);
        struct cert *leaf = make_leaf(&rows[i]);
        write_pem(ca_path, "ca", i, ca);
        write_pem(leaf_path, "leaf", i, leaf);
        buffer_printf(&list, "%s %s\n", ca_path, leaf_path);
        cert_free(leaf);
        cert_free(ca);
    }
    write_pem(ca_path, "root", 0, root);
    scratch_write(path, "rows", list.data, list.length);
    assert_int_equal(command_run(&output,
                                 "while read -r ca leaf; do openssl verify -attime %lld -CAfile "
                                 "%s -untrusted $ca $leaf >/dev/null 2>&1; echo $?; done <%s",
                                 (long long)CERT_NOW, ca_path, path),
                     0);
    line = buffer_string(&output);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        bool ok;
        assert_non_null(line);
        ok = line[0] == '0' && line[1] == '\n';
        if (rows[i].openssl == NULL && ok != (rows[i].text == NULL)) {
            (void)fprintf(stderr, "row %zu, %s: OpenSSL says %s\n", i, rows[i].constraints,
                          ok ? "ok" : "no");
            different++;
        }
        line = strchr(line, '\n') + 1;
    }
    assert_int_equal(different, 0);
    buffer_free(&list);
    buffer_free(&output);
}

/* ---- who is held to whose constraints ----------------------------------------------------- */

static struct cert *make(struct cert_options options)
{
    struct cert *cert = cert_make(&options);

    assert_non_null(cert);
    return cert;
}

/* The text of a chain's only reason must be this (or begin so); NULL: accepted. */
static void expect_chain(const struct cert *const *chain, const struct cert *anchor,
                         const char *text)
{
    struct pki_trust *anchors = verdict_trust(CHAIN(anchor));

    assert_non_null(anchors);
    expect(chain, anchors, text, "chain", 0);
    pki_trust_release(anchors);
}

/* RFC 5280 6.1.1 (d) takes name and key of an anchor only; clients take it at its word. */
static void an_anchor_is_taken_at_its_word(void **state)
{
    struct cert *anchor = make_ca(PERMITTED(DNS("example.org")), NULL);
    struct cert *good = make_leaf(&(struct row){.names = {"DNS:www.example.org"}});
    struct cert *bad = make_leaf(&(struct row){.names = {"DNS:www.example.com"}});

    (void)state;
    expect_chain(CHAIN(good), anchor, NULL);
    expect_chain(CHAIN(bad), anchor, NOT_PERMITTED);
    cert_free(good);
    cert_free(bad);
    cert_free(anchor);
}

/* A CA cannot give what it has not got: constraints of all CAs hold together. */
static void constraints_of_all_cas_hold(void **state)
{
    struct cert *upper = make_ca(PERMITTED(DNS("example.org")), root);
    struct cert *lower =
        make((struct cert_options){.common_name = "Lower CA",
                                   .ca = true,
                                   .issuer = upper,
                                   .extension = "2.5.29.30",
                                   .extension_value = "\x30\x11\xa0\x0f\x30\x0d\x82\x0b"
                                                      "example.com",
                                   .extension_length = 19});
    struct cert *org = make((struct cert_options){
        .common_name = "leaf", .names = NAMES("DNS:example.org"), .issuer = lower});
    struct cert *com = make((struct cert_options){
        .common_name = "leaf", .names = NAMES("DNS:example.com"), .issuer = lower});

    (void)state;
    expect_chain(CHAIN(org, lower, upper), root, "Lower CA may issue for (DNS:example.com)");
    expect_chain(CHAIN(com, lower, upper), root, "Limited CA may issue for (DNS:example.org)");
    cert_free(com);
    cert_free(org);
    cert_free(lower);
    cert_free(upper);
}

/* 6.1.3 (b): a CA's name counts, too, unless it is self-issued and not the last of the path; its common name is no host. */
static void intermediates_are_held_to_constraints(void **state)
{
    struct cert *upper = make_ca(PERMITTED(DIR(O_("Good")) DNS("example.org")), root);
    struct cert *good = make((struct cert_options){
        .common_name = "www.example.com", .organization = "Good", .ca = true, .issuer = upper});
    struct cert *bad =
        make((struct cert_options){.common_name = "Bad CA", .ca = true, .issuer = upper});
    struct cert *renewed =
        make((struct cert_options){.common_name = "Limited CA", .ca = true, .issuer = upper});
    struct cert *leafs[] = {
        make((struct cert_options){.common_name = "leaf", .organization = "Good", .issuer = good}),
        make((struct cert_options){.common_name = "leaf", .organization = "Good", .issuer = bad}),
        make((struct cert_options){
            .common_name = "leaf", .organization = "Good", .issuer = renewed}),
        make(
            (struct cert_options){.common_name = "leaf", .organization = "Bad", .issuer = renewed}),
    };

    (void)state;
    expect_chain(CHAIN(leafs[0], good, upper), root, NULL);
    expect_chain(
        CHAIN(leafs[1], bad, upper), root,
        "Bad CA: CN=Bad CA is not among the names that Limited CA may issue for (O=Good).");
    expect_chain(CHAIN(leafs[2], renewed, upper), root, NULL);
    expect_chain(CHAIN(leafs[3], renewed, upper), root, "leaf: CN=leaf,O=Bad is not among");
    expect_chain(CHAIN(renewed, upper), root, "Limited CA: CN=Limited CA is not among");
    for (size_t i = 0; i < sizeof leafs / sizeof leafs[0]; i++) {
        cert_free(leafs[i]);
    }
    cert_free(renewed);
    cert_free(bad);
    cert_free(good);
    cert_free(upper);
}

/* The leaf's own constraints are nobody's. */
static void a_certificate_is_not_held_to_its_own(void **state)
{
    struct cert *leaf =
        make((struct cert_options){.common_name = "leaf",
                                   .names = NAMES("DNS:example.org"),
                                   .issuer = root,
                                   .extension = "2.5.29.30",
                                   .extension_value = "\x30\x11\xa1\x0f\x30\x0d\x82\x0b"
                                                      "example.org",
                                   .extension_length = 19});

    (void)state;
    expect_chain(CHAIN(leaf), root, NULL);
    cert_free(leaf);
}

/* Common names in two bytes a character, e-mail in UTF-8, several of each. */
static void every_string_type_of_a_subject_is_read(void **state)
{
    static const uint8_t wide[] = "\x1e\x1c\0e\0v\0i\0l\0.\0e\0x\0a\0m\0p\0l\0e\0.\0x";
    static const struct {
        struct cert_attribute attributes[3];
        const char *text;
    } subjects[] = {
        {{{.oid = "2.5.4.3", .der = wide, .length = 30}}, "CN=evil.example.x " NOT_PERMITTED},
        {{{.oid = "2.5.4.3", .text = "www.example.org"}, {.oid = "2.5.4.3", .text = "a.example"}},
         "CN=a.example " NOT_PERMITTED},
        {{{.oid = "2.5.4.3", .text = "a.example"}, {.oid = "2.5.4.3", .text = "www.example.org"}},
         "CN=a.example " NOT_PERMITTED},
        {{{.oid = "1.2.840.113549.1.9.1",
           .der = "\x0c\x0d"
                  "a@example.org",
           .length = 15}},
         "emailAddress=a@example.org " BAD_NAME},
        {{{.oid = "1.2.840.113549.1.9.1",
           .der = "\x16\x0d"
                  "a@example.org",
           .length = 15}},
         NULL},
    };
    struct cert *ca = make_ca(PERMITTED(DNS("example.org") EMAIL("example.org")), root);

    (void)state;
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        struct cert *leaf = make((struct cert_options){
            .attributes = subjects[i].attributes, .issuer = ca, .same_key_as = leaf_key});
        expect(CHAIN(leaf, ca), trust, subjects[i].text, "subject", i);
        cert_free(leaf);
    }
    cert_free(ca);
}

/* ---- what is said ----------------------------------------------------------------------- */

static void a_reason_names_name_constraint_and_ca(void **state)
{
    struct cert *ca =
        make_ca(PERMITTED(DNS("example.org") DNS("example.net")) EXCLUDED(NET_10), root);
    struct cert *leaf =
        make_leaf(&(struct row){.names = {"DNS:www.example.com", "IP:10.0.0.1", "IP:11.0.0.1"}});
    struct pki_verification *verdict = verdict_of(CHAIN(leaf, ca), trust, NULL);
    const struct pki_reason *reasons = verdict->reasons;

    (void)state;
    assert_int_equal(verdict->reason_count, 2);
    assert_string_equal(
        reasons[0].text,
        "Joe Bloggs: DNS:www.example.com is not among the names that Limited CA may "
        "issue for (DNS:example.org, DNS:example.net).");
    assert_string_equal(reasons[0].mend, "have the certificate issued by a CA that may issue for "
                                         "DNS:www.example.com, or leave that name out of it.");
    assert_string_equal(reasons[0].field, "subjectAltName");
    assert_string_equal(reasons[0].found, "DNS:www.example.com");
    assert_string_equal(reasons[0].required, "DNS:example.org, DNS:example.net");
    assert_string_equal(reasons[0].reference, "RFC 5280 6.1.3 (b)");
    assert_int_equal(reasons[0].certificate, 0);
    assert_string_equal(
        reasons[1].text,
        "Joe Bloggs: IP:10.0.0.1 is among the names that Limited CA must not issue for "
        "(IP:10.0.0.0/8).");
    assert_string_equal(reasons[1].found, "IP:10.0.0.1");
    assert_string_equal(reasons[1].required, "not IP:10.0.0.0/8");
    assert_string_equal(reasons[1].reference, "RFC 5280 6.1.3 (c)");
    pki_verification_free(verdict);
    cert_free(leaf);
    cert_free(ca);
}

/* ---- bounds ----------------------------------------------------------------------------- */

/* A certificate with `count` times this value in an extension: SEQUENCE, and what else is around it. */
static struct cert *make_many(const char *oid, const char *format, unsigned count,
                              const struct cert *issuer)
{
    struct buffer value = {0};
    char notation[200];
    struct cert *cert;

    (void)snprintf(notation, sizeof notation, format, count);
    notation_append(&value, notation);
    cert = make((struct cert_options){.common_name = issuer == root ? "Limited CA" : "leaf",
                                      .ca = issuer == root,
                                      .issuer = issuer,
                                      .same_key_as = issuer == root ? ca_key : leaf_key,
                                      .extension = oid,
                                      .extension_value = value.data,
                                      .extension_length = value.length});
    buffer_free(&value);
    return cert;
}

/* 2^20 pairs, as with OpenSSL, of which the common name is one name more. */
static void too_many_names_and_constraints_are_refused(void **state)
{
    static const struct {
        const char *constraints;
        unsigned constraint_count, name_count;
        const char *text;
    } counts[] = {
        {"30(a1([%u 30(82('a.example'))]))", 1024, 1023, NULL},
        {"30(a1([%u 30(82('a.example'))]))", 1024, 1024, "are too many to be compared"},
        {"30(a0([%u 30(82('example.org'))]))", 1024, 1023, NULL},
        {"30(a1([%u 30(87(0a000000ff000000))]))", 60000, 200, "are too many to be compared"},
        {"30(a1([%u 30(82('a.example'))]))", 20, 40000, NULL},
    };
    int64_t started = clock_monotonic_ns();

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct cert *ca =
            make_many("2.5.29.30", counts[i].constraints, counts[i].constraint_count, root);
        struct cert *leaf =
            make_many("2.5.29.17", "30([%u 82('www.example.org')])", counts[i].name_count, ca);
        expect(CHAIN(leaf, ca), trust, counts[i].text, "count", i);
        cert_free(leaf);
        cert_free(ca);
    }
    assert_true(clock_monotonic_ns() - started < INT64_C(10000000000));
}

/* A few names of 60 kB are as much work as many short ones: what is counted is bytes, too. */
static void long_names_cost_what_they_weigh(void **state)
{
    struct cert *ca = make_many(
        "2.5.29.30",
        "30(a1([%u 30(a4(30(31(30(06(550403) 0c([60000 41]))) 31(30(06(550403) 0c('b'))))))]))",
        120, root);
    struct cert *leaf = make_many(
        "2.5.29.17",
        "30([%u a4(30(31(30(06(550403) 0c([60000 61]))) 31(30(06(550403) 0c('c')))))])", 120, ca);
    int64_t started = clock_monotonic_ns();

    (void)state;
    expect(CHAIN(leaf, ca), trust, "are too many to be compared", "long", 0);
    assert_true(clock_monotonic_ns() - started < INT64_C(10000000000));
    cert_free(leaf);
    cert_free(ca);
}

/* Only the first few of many bad names are reported. */
static void a_thousand_bad_names_are_a_few_reasons(void **state)
{
    struct cert *ca = make_ca(EXCLUDED(DNS("example.org")), root);
    struct cert *leaf = make_many("2.5.29.17", "30([%u 82('www.example.org')])", 1000, ca);
    struct pki_verification *verdict = verdict_of(CHAIN(leaf, ca), trust, NULL);

    (void)state;
    assert_in_range(verdict->reason_count, 1, 8);
    pki_verification_free(verdict);
    cert_free(leaf);
    cert_free(ca);
}

/* ---- the matrix of BetterTLS ------------------------------------------------------------ */

/*
 * Every mixture of a DNS name, an address and a common name, each inside, outside or absent, with every mixture of permitted
 * and excluded subtrees of each form. A small judge of its own stands beside, and OpenSSL.
 */
enum side { ABSENT, INSIDE, OUTSIDE, SIDES };
enum limit { UNLIMITED, PERMIT_IT, PERMIT_OTHER, EXCLUDE_IT, EXCLUDE_OTHER, BOTH, LIMITS };
#define LEAFS (SIDES * SIDES * SIDES)
#define CAS   (LIMITS * LIMITS)

static struct cert *make_matrix_leaf(size_t number)
{
    static const char *const dns[] = {NULL, "DNS:www.example.org", "DNS:www.example.com"};
    static const char *const ip[] = {NULL, "IP:10.0.0.1", "IP:192.0.2.1"};
    static const char *const cn[] = {"nobody", "www.example.org", "www.example.com"};
    struct row row = {.common_name = cn[number / (SIDES * SIDES)]};
    size_t count = 0;

    if (dns[number % SIDES] != NULL) {
        row.names[count++] = dns[number % SIDES];
    }
    if (ip[number / SIDES % SIDES] != NULL) {
        row.names[count++] = ip[number / SIDES % SIDES];
    }
    return make_leaf(&row);
}

static struct cert *make_matrix_ca(size_t number)
{
    static const struct {
        const char *permitted, *excluded;
    } dns[LIMITS] = {{"", ""},
                     {DNS("example.org"), ""},
                     {DNS("example.net"), ""},
                     {"", DNS("example.org")},
                     {"", DNS("example.net")},
                     {DNS("example.org"), DNS("www.example.org")}},
      ip[LIMITS] = {{"", ""},
                    {NET_10, ""},
                    {IP("0b000000 ff000000"), ""},
                    {"", NET_10},
                    {"", IP("0b000000 ff000000")},
                    {NET_10, IP("0a000000 ffffff00")}};
    size_t d = number % LIMITS, i = number / LIMITS;
    char constraints[400];

    (void)snprintf(constraints, sizeof constraints, "a0(%s%s) a1(%s%s)", dns[d].permitted,
                   ip[i].permitted, dns[d].excluded, ip[i].excluded);
    return make_ca(constraints, root);
}

static bool is_allowed(enum side name, enum limit limit)
{
    static const bool inside[LIMITS] = {
        [UNLIMITED] = true, [PERMIT_IT] = true, [EXCLUDE_OTHER] = true};
    static const bool outside[LIMITS] = {
        [UNLIMITED] = true, [EXCLUDE_IT] = true, [EXCLUDE_OTHER] = true};

    return name == ABSENT || (name == INSIDE ? inside[limit] : outside[limit]);
}

/* What BetterTLS says, except that a common name counts only where no DNS name is. */
static bool oracle(size_t leaf, size_t ca)
{
    enum side dns = (enum side)(leaf % SIDES), ip = (enum side)(leaf / SIDES % SIDES),
              common_name = (enum side)(leaf / (SIDES * SIDES));

    return is_allowed(dns != ABSENT ? dns : common_name, (enum limit)(ca % LIMITS)) &&
           is_allowed(ip, (enum limit)(ca / LIMITS));
}

static void every_mixture_is_judged_as_by_others(void **state)
{
    bool has_openssl = command_exists("openssl");
    char root_path[SCRATCH_PATH_MAX], path[SCRATCH_PATH_MAX];
    struct cert *leafs[LEAFS];
    struct buffer files = {0};

    (void)state;
    write_pem(root_path, "matrix-root", 0, root);
    for (size_t i = 0; i < LEAFS; i++) {
        leafs[i] = make_matrix_leaf(i);
        write_pem(path, "matrix", i, leafs[i]);
        buffer_printf(&files, " %s", strrchr(path, '/') + 1);
    }
    path[strrchr(path, '/') - path] = '\0'; /* the folder */
    for (size_t i = 0; i < CAS; i++) {
        char ca_path[SCRATCH_PATH_MAX], good[40];
        struct buffer output = {0};
        struct cert *ca = make_matrix_ca(i);
        write_pem(ca_path, "matrix-ca", i, ca);
        if (has_openssl) {
            assert_true(command_run(&output,
                                    "cd %s; openssl verify -attime %lld -CAfile %s -untrusted %s%s "
                                    "2>&1",
                                    path, (long long)CERT_NOW, root_path, ca_path,
                                    buffer_string(&files)) >= 0);
        }
        for (size_t j = 0; j < LEAFS; j++) {
            struct pki_verification *verdict = verdict_of(CHAIN(leafs[j], ca), trust, NULL);
            assert_non_null(verdict);
            (void)snprintf(good, sizeof good, "matrix-%zu.pem: OK", j);
            if (verdict->ok != oracle(j, i) ||
                (has_openssl && verdict->ok != (command_count(&output, good) == 1))) {
                fail_msg("leaf %zu, CA %zu: %s", j, i, verdict->ok ? "ok" : "refused");
            }
            pki_verification_free(verdict);
        }
        buffer_free(&output);
        cert_free(ca);
    }
    for (size_t i = 0; i < LEAFS; i++) {
        cert_free(leafs[i]);
    }
    buffer_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_judged_as_it_should_be),
        cmocka_unit_test(openssl_judges_each_row_alike),
        cmocka_unit_test(an_anchor_is_taken_at_its_word),
        cmocka_unit_test(constraints_of_all_cas_hold),
        cmocka_unit_test(intermediates_are_held_to_constraints),
        cmocka_unit_test(a_certificate_is_not_held_to_its_own),
        cmocka_unit_test(every_string_type_of_a_subject_is_read),
        cmocka_unit_test(a_reason_names_name_constraint_and_ca),
        cmocka_unit_test(too_many_names_and_constraints_are_refused),
        cmocka_unit_test(long_names_cost_what_they_weigh),
        cmocka_unit_test(a_thousand_bad_names_are_a_few_reasons),
        cmocka_unit_test(every_mixture_is_judged_as_by_others),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
