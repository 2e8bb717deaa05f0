/*
 * Name constraints (RFC 5280 4.2.1.10): every form of name against every form of constraint, with OpenSSL's opinion beside
 * ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "constrained.h"

static const struct constrained_row rows[] = {
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
    {PERMITTED(EMAIL("example.org")), .names = {"email:a@b@example.org"}, .text = BAD_NAME,
     .openssl = "takes what is behind the last @ for the host"},
    {PERMITTED(EMAIL("example.org")), .names = {"email:\"a@b\"@Example.org"}},
    {PERMITTED(EMAIL("example.org")), .names = {"email:\"a\"b@example.org"}, .text = BAD_NAME,
     .openssl = "does not look at what is before the @"},
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
    {PERMITTED(DNS("example.org")), .common_name = "10.0.0.1",
     .openssl = "takes the address for the name of a host"},
    {PERMITTED(DNS("example.org")), .common_name = "www.example.org\\0.evil.example",
     .text = BAD_NAME},
    {PERMITTED(DNS("example.org")), .common_name = "www.example.org\\0"},
    {PERMITTED(NET_10), .common_name = "www.example.com"},
    /* An empty subject is no name. */
    {PERMITTED(DIR(O_("Good"))), .common_name = "", .names = {"DNS:example.org"}},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static void each_row_is_judged_as_it_should_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct cert *ca = constrained_ca(rows[i].constraints, root);
        struct cert *leaf = constrained_leaf(&rows[i]);
        constrained_expect(CHAIN(leaf, ca), trust, rows[i].text, rows[i].constraints, i);
        cert_free(leaf);
        cert_free(ca);
    }
}

/* Why it says otherwise, where it does, stands in the table. */
static void openssl_judges_each_row_alike(void **state)
{
    char path[SCRATCH_PATH_MAX], ca_path[SCRATCH_PATH_MAX], leaf_path[SCRATCH_PATH_MAX];
    struct buffer list = {0}, output = {0};
    const char *line;
    size_t different = 0;

    (void)state;
    command_need("openssl");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct cert *ca = constrained_ca(rows[i].constraints, root);
        struct cert *leaf = constrained_leaf(&rows[i]);
        constrained_write(ca_path, "ca", i, ca);
        constrained_write(leaf_path, "leaf", i, leaf);
        buffer_printf(&list, "%s %s\n", ca_path, leaf_path);
        cert_free(leaf);
        cert_free(ca);
    }
    constrained_write(ca_path, "root", 0, root);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_judged_as_it_should_be),
        cmocka_unit_test(openssl_judges_each_row_alike),
    };
    return cmocka_run_group_tests(tests, constrained_set_up, constrained_tear_down);
}
