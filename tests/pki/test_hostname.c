/* Which certificates are valid for which hosts: RFC 9525, as mainstream clients apply it; and what is said of it. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "scratch.h"
#include "verdict.h"

struct match {
    const char *name; /* the only subjectAltName */
    const char *host;
    bool matches;
    const char *openssl; /* why OpenSSL's command line says otherwise; NULL: it says the same */
};

#define LABEL_63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"
#define LABELS   LABEL_63 "." LABEL_63 "." LABEL_63
#define PARTIAL  "takes partial wildcards unless told not to"

static const struct match cases[] = {
    /* Whole names, without regard to ASCII case. */
    {"DNS:example.org", "example.org", true, NULL},
    {"DNS:Example.ORG", "eXample.org", true, NULL},
    {"DNS:EXAMPLE.ORG", "example.org", true, NULL},
    {"DNS:example.org", "www.example.org", false, NULL},
    {"DNS:www.example.org", "example.org", false, NULL},
    {"DNS:example.org", "example.orgx", false, NULL},
    {"DNS:example.org", "xample.org", false, NULL},
    {"DNS:example.org", "example.com", false, NULL},
    {"DNS:example.org", "example", false, NULL},
    {"DNS:example", "example.org", false, NULL},
    {"DNS:example.org", "exampleXorg", false, NULL},
    {"DNS:localhost", "localhost", true, NULL},
    {"DNS:localhost", "localhost.localdomain", false, NULL},
    {"DNS:_service.example.org", "_service.example.org", true, NULL},
    {"DNS:my_host.example.org", "my_host.example.org", true, NULL},
    {"DNS:-a-.example.org", "-a-.example.org", true, NULL},
    {"DNS:1.example.org", "1.example.org", true, NULL},
    {"DNS:a.b.c.d.e.f.example.org", "a.b.c.d.e.f.example.org", true, NULL},
    {"DNS:example.org:443", "example.org", false, NULL},
    {"DNS:https://example.org", "example.org", false, NULL},
    {"DNS:example.org ", "example.org", false, NULL},
    {"DNS: example.org", "example.org", false, NULL},
    /* The root's dot belongs to the DNS, not to a certificate. */
    {"DNS:example.org", "example.org.", true, "compares the dot, too"},
    {"DNS:example.org.", "example.org", false, NULL},
    {"DNS:example.org", "example.org..", false, NULL},
    {"DNS:example.org..", "example.org", false, NULL},
    {"DNS:localhost", "localhost.", true, "compares the dot, too"},
    /* Dots before, and empty labels. */
    {"DNS:.example.org", "example.org", false, NULL},
    {"DNS:.example.org", "www.example.org", false, NULL},
    {"DNS:.example.org", ".example.org", false, "compares what is there"},
    {"DNS:www.example.org", ".example.org", false, "takes it for all names below"},
    {"DNS:a..example", "a..example", false, "compares what is there"},
    {"DNS:.", ".", false, "compares what is there"},
    {"DNS:..", "..", false, "compares what is there"},
    {"DNS:a.example", "a..example", false, NULL},
    /* Wildcards: the whole left-most label, for exactly one label. */
    {"DNS:*.example.org", "www.example.org", true, NULL},
    {"DNS:*.EXAMPLE.org", "www.example.ORG", true, NULL},
    {"DNS:*.example.org", "WWW.EXAMPLE.org", true, NULL},
    {"DNS:*.example.org", "www.example.org.", true, "compares the dot, too"},
    {"DNS:*.example.org.", "www.example.org", false, NULL},
    {"DNS:*.example.org", "example.org", false, NULL},
    {"DNS:*.example.org", "a.b.example.org", false, NULL},
    {"DNS:*.example.org", ".example.org", false, "takes it for all names below"},
    {"DNS:*.example.org", "wwwexample.org", false, NULL},
    {"DNS:*.example.org", "www.example.com", false, NULL},
    {"DNS:*.example.org", "www.xexample.org", false, NULL},
    {"DNS:*.example.org", "1.example.org", true, NULL},
    {"DNS:*.example.org", "a-b.example.org", true, NULL},
    {"DNS:*.example.org", "_dmarc.example.org", true, "takes letters, digits and hyphens only"},
    {"DNS:*.example.org", "*.example.org", true, NULL},
    {"DNS:www.example.org", "*.example.org", false, NULL},
    {"DNS:*.a.example.org", "b.a.example.org", true, NULL},
    {"DNS:*.a.example.org", "b.c.example.org", false, NULL},
    /* Parts of labels. */
    {"DNS:w*.example.org", "www.example.org", false, PARTIAL},
    {"DNS:*w.example.org", "www.example.org", false, PARTIAL},
    {"DNS:w*w.example.org", "www.example.org", false, PARTIAL},
    {"DNS:f*.example.org", "foo.example.org", false, PARTIAL},
    {"DNS:*f.example.org", "oof.example.org", false, PARTIAL},
    {"DNS:f*o.example.org", "foo.example.org", false, PARTIAL},
    {"DNS:f*", "foo", false, NULL},
    {"DNS:f*o", "foo", false, NULL},
    {"DNS:w*.example.org", "w*.example.org", true, NULL},
    /* More than one, and in the wrong place. */
    {"DNS:**.example.org", "www.example.org", false, NULL},
    {"DNS:*.*.example.org", "a.b.example.org", false, NULL},
    {"DNS:*.*.org", "a.b.org", false, NULL},
    {"DNS:*.w*.example.org", "a.www.example.org", false, NULL},
    {"DNS:www.*.org", "www.example.org", false, NULL},
    {"DNS:a.*.example.org", "a.b.example.org", false, NULL},
    {"DNS:example.*", "example.org", false, NULL},
    {"DNS:*.example.*", "www.example.org", false, NULL},
    {"DNS:www.example.org*", "www.example.org", false, NULL},
    /* Whole registries. */
    {"DNS:*", "localhost", false, NULL},
    {"DNS:*", "example.org", false, NULL},
    {"DNS:*.", "example.", false, NULL},
    {"DNS:*.", "example", false, NULL},
    {"DNS:*.org", "example.org", false, NULL},
    {"DNS:*.org", "org", false, NULL},
    {"DNS:*.org.", "example.org.", false, NULL},
    {"DNS:*.localhost", "a.localhost", false, NULL},
    {"DNS:*..org", "example..org", false, NULL},
    {"DNS:*..org", "example.org", false, NULL},
    {"DNS:*.co.uk", "example.co.uk", true, NULL}, /* no list of public suffixes is at hand */
    {"DNS:*.github.io", "example.github.io", true, NULL},
    /* Internationalized names: U-labels asked for, A-labels in the certificate. */
    {"DNS:xn--bcher-kva.example", "bücher.example", true, NULL},
    {"DNS:xn--bcher-kva.example", "BÜCHER.example", true, NULL},
    {"DNS:xn--bcher-kva.example", "bücher.example.", true, NULL},
    {"DNS:xn--bcher-kva.example",
     "bu\xcc\x88"
     "cher.example",
     true, NULL}, /* u and a combining diaeresis: NFC */
    {"DNS:xn--bcher-kva.example", "bücher。example", true, NULL}, /* U+3002 is a dot there */
    {"DNS:xn--bcher-kva.example", "xn--bcher-kva.example", true, NULL},
    {"DNS:XN--bcher-KVA.example", "xn--bcher-kva.example", true, NULL},
    {"DNS:xn--bcher-kva.example", "XN--BCHER-KVA.example", true, NULL},
    {"DNS:xn--bcher-kva.example", "bucher.example", false, NULL},
    {"DNS:bucher.example", "bücher.example", false, NULL},
    {"DNS:*.xn--bcher-kva.example", "www.bücher.example", true, NULL},
    {"DNS:*.example", "bücher.example", false, NULL},
    {"DNS:*.example.org", "bücher.example.org", true, NULL},
    {"DNS:*.example.org", "xn--bcher-kva.example.org", true, NULL},
    {"DNS:xn--*.example.org", "bücher.example.org", false, NULL},
    {"DNS:xn--*.example.org", "xn--bcher-kva.example.org", false, NULL},
    {"DNS:xn--*-kva.example.org", "xn--bcher-kva.example.org", false, NULL},
    {"DNS:b*.example.org", "bücher.example.org", false, NULL},
    {"DNS:xn--fa-hia.de", "faß.de", true, NULL}, /* IDNA2008, not "fass" */
    {"DNS:fass.de", "faß.de", false, NULL},
    {"DNS:xn--fa-hia.de", "fass.de", false, NULL},
    {"DNS:xn--n3h.example", "☃.example", true, NULL},           /* IDNA2003 only, but looked up */
    {"DNS:xn--h28h.example.org", "😎.example.org", false, NULL}, /* that is another face */
    {"DNS:😜.example.org", "😜.example.org", false, NULL},
    {"DNS:bücher.example", "bücher.example", false, NULL}, /* U-labels do not belong there */
    {"DNS:bücher.example", "xn--bcher-kva.example", false, NULL},
    {"DNS:*.bücher.example", "www.bücher.example", false, NULL},
    {"DNS:*.bücher.example", "www.xn--bcher-kva.example", false, NULL},
    /* Addresses are compared as addresses, never as names. */
    {"IP:192.0.2.1", "192.0.2.1", true, NULL},
    {"IP:192.0.2.1", "192.0.2.2", false, NULL},
    {"IP:192.0.2.1", "[192.0.2.1]", true, NULL},
    {"DNS:192.0.2.1", "192.0.2.1", false, NULL},
    {"DNS:*.0.2.1", "192.0.2.1", false, NULL},
    {"URI:https://192.0.2.1/", "192.0.2.1", false, NULL},
    {"IP:192.0.2.1", "192.0.2.1.", false, NULL},
    {"IP:192.0.2.1", "192.0.2.01", false, NULL},
    {"IP:192.0.2.1", "0xc0.0.2.1", false, NULL},
    {"IP:192.0.2.1", "3221225985", false, NULL},
    {"IP:127.0.0.1", "127.1", false, NULL},
    {"IP:127.0.0.1", "localhost", false, NULL},
    {"IP:2001:db8::1", "2001:db8::1", true, NULL},
    {"IP:2001:db8::1", "2001:0DB8:0:0:0:0:0:1", true, NULL},
    {"IP:2001:db8::1", "[2001:db8::1]", true, NULL},
    {"IP:2001:db8::c000:201", "2001:db8::192.0.2.1", true, NULL},
    {"IP:fe80::1", "fe80::1%eth0", true, NULL},
    {"IP:fe80::1", "[fe80::1%eth0]", true, NULL},
    {"IP:2001:db8::1", "2001:db8::2", false, NULL},
    {"IP:2001:db8::1", "2001:db8:::1", false, NULL},
    {"IP:2001:db8::1", "[2001:db8::1", false, NULL},
    {"IP:::ffff:192.0.2.1", "::ffff:192.0.2.1", true, NULL},
    {"IP:::ffff:192.0.2.1", "::ffff:c000:201", true, NULL},
    {"IP:::ffff:192.0.2.1", "192.0.2.1", false, NULL},
    {"IP:192.0.2.1", "::ffff:192.0.2.1", false, NULL},
    {"IP:::192.0.2.1", "192.0.2.1", false, NULL},
    {"DNS:2001:db8::1", "2001:db8::1", false, NULL},
    {"DNS:[2001:db8::1]", "[2001:db8::1]", false, NULL},
    /* What ends in a number is an address that is written badly, for resolvers and browsers: no name. */
    {"DNS:1.2.3", "1.2.3", false, "compares what is there"},
    {"DNS:127.1", "127.1", false, "compares what is there"},
    {"DNS:0x7f.1", "0x7f.1", false, "compares what is there"},
    {"DNS:0x7f000001", "0x7f000001", false, "compares what is there"},
    {"DNS:1.2.3.4", "1.2.3.4.", false, NULL},
    {"DNS:1.2.3.4.5", "1.2.3.4.5", false, "compares what is there"},
    {"DNS:*.2.3.256", "1.2.3.256", false, "compares what is there"},
    {"DNS:256.example.org", "256.example.org", true, NULL},
    {"DNS:0x7f.example", "0x7f.example", true, NULL},
    {"DNS:host.0xg", "host.0xg", true, NULL},
    /* Lengths (RFC 1035 2.3.4). */
    {"DNS:" LABEL_63 ".example", LABEL_63 ".example", true, NULL},
    {"DNS:x" LABEL_63 ".example", "x" LABEL_63 ".example", false, "compares what is there"},
    {"DNS:*.example.org", LABEL_63 ".example.org", true, NULL},
    {"DNS:*.example.org", "x" LABEL_63 ".example.org", false, "compares what is there"},
    {"DNS:" LABELS ".a2345678901234567890123456789012345678901234567890123456789x",
     LABELS ".a2345678901234567890123456789012345678901234567890123456789x", true, NULL},
    {"DNS:" LABELS ".a2345678901234567890123456789012345678901234567890123456789012",
     LABELS ".a2345678901234567890123456789012345678901234567890123456789012", false,
     "compares what is there"},
    /* A zero byte ends nothing. */
    {"DNS:example.org\\0.evil.example", "example.org", false, NULL},
    {"DNS:example.org\\0", "example.org", false, NULL},
    {"DNS:\\0example.org", "example.org", false, NULL},
    {"DNS:*.example.org\\0.evil.example", "www.example.org", false, NULL},
    {"DNS:*\\0.example.org", "www.example.org", false, NULL},
    {"DNS:www.example.org\\0.example.org", "www.example.org", false, NULL},
    /* Bytes that are no IA5, or no text at all. */
    {"DNS:example.or\xe7", "example.org", false, NULL},
    {"DNS:\xff\xfe", "example.org", false, NULL},
    {"DNS:\xc0\xae\xc0\xae", "..", false, NULL},
    {"DNS:example\x1b.org", "example.org", false, NULL},
    {"DNS:example.org\n", "example.org", false, NULL},
    {"DNS:example.org", "\xff\xfe", false, NULL},
    {"DNS:\xff\xfe", "\xff\xfe", false, NULL},
    /* Other kinds of names, and none. */
    {"email:example.org", "example.org", false, NULL},
    {"email:user@example.org", "example.org", false, NULL},
    {"URI:https://example.org/", "example.org", false, NULL},
    {"URI:example.org", "example.org", false, NULL},
    {"RID:example.org", "example.org", false, NULL},
    {"otherName:example.org", "example.org", false, NULL},
    {"dirName:example.org", "example.org", false, NULL},
    {"DNS:", "", false, NULL},
    {"DNS:", "example.org", false, NULL},
    {"DNS:example.org", "", false, NULL},
    {"IP:", "192.0.2.1", false, NULL},
};

#define CASE_COUNT (sizeof cases / sizeof cases[0])

static struct cert *certs[CASE_COUNT];

static int set_up(void **state)
{
    struct cert *key = cert_make(&(struct cert_options){.common_name = "key"});

    (void)state;
    for (size_t i = 0; i < CASE_COUNT && key != NULL; i++) {
        certs[i] = cert_make(&(struct cert_options){
            .common_name = "name", .names = NAMES(cases[i].name), .same_key_as = key});
        if (certs[i] == NULL) {
            return -1;
        }
    }
    cert_free(key);
    return key != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        cert_free(certs[i]);
    }
    return 0;
}

static void each_name_matches_what_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        if (pki_hostname_matches(certs[i]->der, certs[i]->length, cases[i].host) !=
            cases[i].matches) {
            fail_msg("%s for \"%s\": should be %s", cases[i].name, cases[i].host,
                     cases[i].matches ? "true" : "false");
        }
    }
}

/* What OpenSSL can be asked: it knows no U-labels, brackets, zones, and no empty name. */
static bool openssl_knows(const struct match *match)
{
    for (const char *c = match->host; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80 || strchr("[]%", *c) != NULL) {
            return false;
        }
    }
    return match->host[0] != '\0' && match->openssl == NULL;
}

/* Why it says otherwise, where it does, stands in the table. */
static void openssl_says_the_same(void **state)
{
    struct buffer pem = {0}, list = {0}, output = {0};
    char path[SCRATCH_PATH_MAX], questions[SCRATCH_PATH_MAX];
    const char *line;

    (void)state;
    command_need("openssl");
    for (size_t i = 0; i < CASE_COUNT; i++) {
        uint8_t address[16];
        bool is_address = inet_pton(AF_INET, cases[i].host, address) == 1 ||
                          inet_pton(AF_INET6, cases[i].host, address) == 1;
        if (openssl_knows(&cases[i])) {
            char name[20];
            (void)snprintf(name, sizeof name, "%zu.pem", i);
            pem.length = 0;
            cert_append_pem(&pem, certs[i]);
            scratch_write(path, name, pem.data, pem.length);
            buffer_printf(&list, "%zu %s %s %s\n", i, path, is_address ? "ip" : "host",
                          cases[i].host);
        }
    }
    scratch_write(questions, "questions", list.data, list.length);
    assert_int_equal(
        command_run(&output,
                    "while read -r n file what host; do printf '%%s ' \"$n\"; " OPENSSL_X509
                    " -noout -check$what \"$host\" -in \"$file\"; done <%s",
                    questions),
        0);
    line = buffer_string(&output);
    for (size_t i = 0; i < CASE_COUNT; i++) {
        if (!openssl_knows(&cases[i])) {
            continue;
        }
        assert_non_null(line);
        assert_int_equal(strtoul(line, NULL, 10), i);
        if ((strstr(line, "NOT match") == NULL || strstr(line, "NOT match") > strchr(line, '\n')) !=
            cases[i].matches) {
            fail_msg("%s for \"%s\": %.*s", cases[i].name, cases[i].host, (int)strcspn(line, "\n"),
                     line);
        }
        line = strchr(line, '\n') + 1;
    }
    buffer_free(&pem);
    buffer_free(&list);
    buffer_free(&output);
}

static void any_of_many_names_will_do(void **state)
{
    struct cert *cert = cert_make(&(struct cert_options){
        .common_name = "many",
        .names = NAMES("email:a@example.org", "DNS:a.example", "IP:192.0.2.1", "DNS:b.example")});

    (void)state;
    assert_non_null(cert);
    assert_true(pki_hostname_matches(cert->der, cert->length, "a.example"));
    assert_true(pki_hostname_matches(cert->der, cert->length, "b.example"));
    assert_true(pki_hostname_matches(cert->der, cert->length, "192.0.2.1"));
    assert_false(pki_hostname_matches(cert->der, cert->length, "c.example"));
    cert_free(cert);
}

/* A certificate whose subjectAltName is this, in the notation of notation.h. */
static struct cert *make_raw(const char *names)
{
    return cert_must((struct cert_options){.common_name = "example.org",
                                           .extensions = EXTENSIONS({"2.5.29.17", names, false})});
}

static void an_address_of_another_length_is_another_address(void **state)
{
    static const struct {
        const char *names;
        const char *host;
        bool matches;
    } rows[] = {
        {"30(87(c0000201))", "192.0.2.1", true},
        {"30(87(c000020100))", "192.0.2.1", false},
        {"30(87(c00002))", "192.0.2.1", false},
        {"30(87(c0000201ffffffff))", "192.0.2.1", false}, /* with a mask, as in constraints */
        {"30(87([10 00] ffff c0000201))", "192.0.2.1", false},
        {"30(87([10 00] ffff c0000201))", "::ffff:192.0.2.1", true},
        {"30(87([12 00] c0000201))", "192.0.2.1", false},
        {"30(87('192.0.2.1'))", "192.0.2.1", false},
        {"30(87('example.org'))", "example.org", false},
        {"30(87())", "192.0.2.1", false},
        {"30()", "example.org", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cert *cert = make_raw(rows[i].names);
        if (pki_hostname_matches(cert->der, cert->length, rows[i].host) != rows[i].matches) {
            fail_msg("%s for %s", rows[i].names, rows[i].host);
        }
        cert_free(cert);
    }
}

static void the_common_name_never_matches(void **state)
{
    struct cert *without = cert_make(&(struct cert_options){.common_name = "example.org"});
    struct cert *with = cert_make(&(struct cert_options){.common_name = "example.org",
                                                         .names = NAMES("email:a@example.org")});
    struct cert *empty = make_raw("30()");

    (void)state;
    assert_non_null(without);
    assert_non_null(with);
    assert_false(pki_hostname_matches(without->der, without->length, "example.org"));
    assert_false(pki_hostname_matches(with->der, with->length, "example.org"));
    assert_false(pki_hostname_matches(empty->der, empty->length, "example.org"));
    cert_free(without);
    cert_free(with);
    cert_free(empty);
}

static void what_is_no_certificate_matches_nothing(void **state)
{
    (void)state;
    assert_false(pki_hostname_matches((const uint8_t *)"rubbish", 7, "example.org"));
    assert_false(pki_hostname_matches(NULL, 0, "example.org"));
}

/* ---- what is said ----------------------------------------------------------------------- */

static void both_labels_of_a_host_name_are_shown(void **state)
{
    static const struct {
        const char *host;
        const char *shown;
    } rows[] = {
        {"example.org", "example.org"},
        {"Example.ORG", "Example.ORG"},
        {"bücher.example", "bücher.example (xn--bcher-kva.example)"},
        {"BÜCHER.example", "bücher.example (xn--bcher-kva.example)"},
        {"xn--bcher-kva.example", "bücher.example (xn--bcher-kva.example)"},
        {"faß.de", "faß.de (xn--fa-hia.de)"},
        {"☃.example", "☃.example (xn--n3h.example)"},
        {"xn--\x7f.example", "xn--\\x7f.example"},
        {"192.0.2.1", "192.0.2.1"},
        {"[2001:db8::1%eth0]", "[2001:db8::1%eth0]"},
        {"", ""},
        {"a\x1b[2Jb", "a\\x1b[2Jb"},
        {"\xff\xfe", "\\xff\\xfe"},
        {"a\xe2\x80\xae.example", "a\\u{202e}.example"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer out = {0};
        pki_host_text(&out, rows[i].host);
        assert_false(out.failed);
        assert_string_equal(buffer_string(&out), rows[i].shown);
        buffer_free(&out);
    }
}

/* What is said to a host that the only name of a certificate does not match. */
static const struct {
    const char *name;
    const char *host;
    const char *text; /* in the reason's text */
    const char *mend;
    const char *required;
} mismatches[] = {
    {"DNS:example.org", "www.example.org",
     "leaf: valid for example.org, asked for www.example.org. The nearest, example.org, has no "
     "www. before it.",
     "add DNS:www.example.org to the subjectAltName of the certificate, or ask for "
     "example.org.",
     "DNS:www.example.org"},
    {"DNS:www.example.org", "Example.org", "The nearest, www.example.org, has www. before it.",
     "ask for www.example.org.", "DNS:Example.org"},
    {"DNS:mail.example.org", "imap.example.org",
     "The nearest is mail.example.org, which differs in one label.", "mail.example.org.",
     "DNS:imap.example.org"},
    {"DNS:*.example.org", "a.b.example.org",
     "The wildcard in *.example.org stands for exactly one label.", "a name that it has.",
     "DNS:a.b.example.org"},
    {"DNS:*.example.org", "example.org",
     "The wildcard in *.example.org stands for one label, not for none.", "DNS:example.org",
     "DNS:example.org"},
    {"DNS:*.org", "example.org",
     "Clients refuse *.org: behind a wildcard at least two labels must follow.", "", NULL},
    {"DNS:example.org.", "example.org",
     "The nearest, example.org., ends with a dot, as no name in a certificate does.", "", NULL},
    {"DNS:192.0.2.1", "192.0.2.1",
     "The address is there as a DNS name, 192.0.2.1, where clients look for no address. It is "
     "valid for no address.",
     "add IP:192.0.2.1 to", "IP:192.0.2.1"},
    {"DNS:example.org", "2001:db8::1", "asked for 2001:db8::1. It is valid for no address.",
     "add IP:2001:db8::1 to", "IP:2001:db8::1"},
    {"DNS:example.org", "127.1", "asked for 127.1. No host can have that name.",
     "ask for a name that can be a host's.", ""},
    {"DNS:a.example", "b.example", "valid for a.example, asked for b.example.", "", NULL},
    {"URI:https://example.org/", "example.org",
     "leaf: names no host in its subjectAltName, asked for example.org.", "", NULL},
};

static void a_mismatch_names_what_is_nearest(void **state)
{
    struct cert *root = cert_make(&(struct cert_options){.common_name = "root", .ca = true});
    struct pki_trust *trust = verdict_trust(CHAIN(root));

    (void)state;
    assert_non_null(trust);
    for (size_t i = 0; i < sizeof mismatches / sizeof mismatches[0]; i++) {
        struct cert *leaf = cert_make(&(struct cert_options){
            .common_name = "leaf", .names = NAMES(mismatches[i].name), .issuer = root});
        struct pki_verification *verdict = verdict_of(CHAIN(leaf), trust, mismatches[i].host);
        const struct pki_reason *reason = verdict->reasons;

        assert_int_equal(verdict->reason_count, 1);
        assert_int_equal(reason->code, PKI_HOSTNAME_MISMATCH);
        assert_string_equal(reason->field, "subjectAltName");
        if (strstr(reason->text, mismatches[i].text) == NULL ||
            strstr(reason->mend, mismatches[i].mend) == NULL) {
            fail_msg("%s\n%s", reason->text, reason->mend);
        }
        if (mismatches[i].required != NULL) {
            assert_string_equal(reason->required, mismatches[i].required);
        }
        pki_verification_free(verdict);
        cert_free(leaf);
    }
    pki_trust_release(trust);
    cert_free(root);
}

/* What cannot match must not be offered as what came nearest. */
static void nothing_is_near_a_stranger(void **state)
{
    static const char *const names[] = {"DNS:",          "DNS:*",           "DNS:*.",
                                        "DNS:.",         "DNS:www.",        "DNS:a.b.c.d",
                                        "DNS:\\0.x.org", "DNS:example.com", "IP:192.0.2.1"};
    struct cert *root = cert_make(&(struct cert_options){.common_name = "root", .ca = true});
    struct pki_trust *trust = verdict_trust(CHAIN(root));

    (void)state;
    assert_non_null(trust);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct cert *leaf = cert_make(&(struct cert_options){
            .common_name = "leaf", .names = NAMES(names[i]), .issuer = root});
        struct pki_verification *verdict = verdict_of(CHAIN(leaf), trust, "www.example.org");

        assert_int_equal(verdict->reason_count, 1);
        assert_null(strstr(verdict->reasons[0].text, "nearest"));
        pki_verification_free(verdict);
        cert_free(leaf);
    }
    pki_trust_release(trust);
    cert_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_matches_what_it_should),
        cmocka_unit_test(openssl_says_the_same),
        cmocka_unit_test(any_of_many_names_will_do),
        cmocka_unit_test(an_address_of_another_length_is_another_address),
        cmocka_unit_test(the_common_name_never_matches),
        cmocka_unit_test(what_is_no_certificate_matches_nothing),
        cmocka_unit_test(both_labels_of_a_host_name_are_shown),
        cmocka_unit_test(a_mismatch_names_what_is_nearest),
        cmocka_unit_test(nothing_is_near_a_stranger),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
