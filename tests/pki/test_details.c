/* A certificate as fields: what the extensions say in a line, policies, addresses, and what to do with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "certs.h"
#include "command.h"
#include "scratch.h"
#include "tlstep/pki.h"

static const char configuration[] =
    "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=www.example.org\n"
    "[all]\n"
    "basicConstraints=critical,CA:TRUE,pathlen:0\n"
    "keyUsage=critical,keyCertSign,cRLSign\n"
    "extendedKeyUsage=serverAuth,1.2.3.4.5\n"
    "subjectKeyIdentifier=hash\n"
    "subjectAltName=DNS:a.example,IP:192.0.2.1\n"
    "certificatePolicies=1.2.3.4,2.23.140.1.2.2\n"
    "crlDistributionPoints=URI:http://crl.example/1.crl,URI:http://crl.example/2.crl\n"
    "authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/ca.der\n"
    "tlsfeature=status_request\n"
    "noCheck=ignored\n"
    "nsComment=hello\n"
    "1.3.6.1.4.1.311.20.2=ASN1:BMP:WebServer\n"
    "1.3.6.1.4.1.311.21.1=DER:02:01:00\n"
    "1.3.6.1.4.1.11129.2.4.3=critical,DER:05:00\n"
    "1.2.3.4.5.6=DER:01:01:ff\n";

/* A certificate and its details. Both are freed with `drop`. */
struct made {
    struct pki_certificate *certificate;
    struct pki_details *details;
};

static struct made made_of(const uint8_t *der, size_t length)
{
    struct made out;

    out.certificate = pki_certificate_new(der, length);
    assert_non_null(out.certificate);
    out.details = pki_details_new(out.certificate);
    if (out.details == NULL) {
        fail_msg("no details: %s", out.certificate->problem);
    }
    return out;
}

static void drop(struct made *made)
{
    pki_details_free(made->details);
    pki_certificate_free(made->certificate);
}

static struct made make(struct cert_options options)
{
    struct cert *cert = cert_must(options);
    struct made out = made_of(cert->der, cert->length);

    cert_free(cert);
    return out;
}

/* With these extensions, up to one without oid. */
static struct made make_with(const struct cert_extension *extensions)
{
    return make((struct cert_options){
        .common_name = "x", .without_key_ids = true, .extensions = extensions});
}

/* By openssl, with a key of this kind. Skips the test where there is none. */
static struct made make_by_openssl(const char *key)
{
    char config[SCRATCH_PATH_MAX], out[SCRATCH_PATH_MAX];
    struct made made;
    struct buffer output = {0}, der = {0};

    command_need("openssl");
    (void)scratch_write(config, "all.cnf", configuration, sizeof configuration - 1);
    (void)scratch_path(out, "all.der");
    if (command_run(&output,
                    "timeout 20 openssl req -x509 -config '%s' -extensions all -newkey %s -nodes "
                    "-keyout '%s.key' -outform DER -out '%s' -days 30",
                    config, key, out, out) != 0) {
        fail_msg("%s", buffer_string(&output));
    }
    assert_int_equal(file_read(out, "certificate", 100000, &der, NULL), 0);
    made = made_of(der.data, der.length);
    buffer_free(&output);
    buffer_free(&der);
    return made;
}

static const struct pki_extension *find(const struct pki_details *details, const char *oid)
{
    for (size_t i = 0; i < details->extension_count; i++) {
        if (strcmp(details->extensions[i].oid, oid) == 0) {
            return &details->extensions[i];
        }
    }
    fail_msg("no extension %s", oid);
    return NULL;
}

static void expect(const struct pki_details *details, const char *oid, const char *name,
                   bool critical, const char *text)
{
    const struct pki_extension *extension = find(details, oid);

    assert_string_equal(extension->name, name);
    assert_int_equal(extension->critical, critical);
    assert_string_equal(extension->text, text);
}

static void every_extension_says_something(void **state)
{
    struct made made = make_by_openssl("ec -pkeyopt ec_paramgen_curve:P-256");
    const struct pki_details *details = made.details;

    (void)state;
    assert_int_equal(details->extension_count, 15);
    assert_string_equal(details->extensions[0].oid, "2.5.29.19"); /* in their order */
    expect(details, "2.5.29.19", "basicConstraints", true, "CA, path length 0");
    expect(details, "2.5.29.15", "keyUsage", true, "keyCertSign, cRLSign");
    expect(details, "2.5.29.37", "extendedKeyUsage", false, "serverAuth, 1.2.3.4.5");
    expect(details, "2.5.29.17", "subjectAltName", false, "DNS:a.example, IP:192.0.2.1");
    expect(details, "2.16.840.1.113730.1.13", "nsComment", false, "hello");
    expect(details, "1.3.6.1.4.1.311.20.2", "msCertificateTemplateName", false, "WebServer");
    expect(details, "1.3.6.1.4.1.11129.2.4.3", "ct_precert_poison", true, "present");
    expect(details, "1.2.3.4.5.6", "1.2.3.4.5.6", false, "0101ff (3 bytes)");
    for (size_t i = 0; i < details->extension_count; i++) {
        print_message("%s: %s\n", details->extensions[i].name, details->extensions[i].text);
        assert_true(details->extensions[i].text[0] != '\0');
    }
    drop(&made);
}

static void policies_and_addresses_are_taken_out(void **state)
{
    struct made made = make_by_openssl("rsa:1024");
    const struct pki_details *details = made.details;

    (void)state;
    assert_int_equal(details->version, 3);
    assert_string_equal(details->exponent, "65537");
    assert_true(details->must_staple);
    assert_string_equal(details->validation, "organization validated");
    assert_int_equal(details->policy_count, 2);
    assert_string_equal(details->policies[0], "1.2.3.4");
    assert_string_equal(details->policies[1], "2.23.140.1.2.2 (organization-validated)");
    assert_int_equal(details->ocsp_count, 1);
    assert_string_equal(details->ocsp[0], "http://ocsp.example/");
    assert_int_equal(details->issuer_count, 1);
    assert_string_equal(details->issuers[0], "http://ca.example/ca.der");
    assert_int_equal(details->crl_count, 2);
    assert_string_equal(details->crls[1], "http://crl.example/2.crl");
    assert_int_equal(details->sct_count, 0);
    drop(&made);
}

/* RFC 7469 2.4, as curl's documentation has it: openssl's own tools make the same pin. */
static void the_pin_is_that_of_openssl(void **state)
{
    struct made made = make_by_openssl("ec -pkeyopt ec_paramgen_curve:P-256");
    const struct pki_details *details = made.details;
    struct buffer output = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    assert_int_equal(
        command_run(&output,
                    "openssl x509 -in '%s' -inform DER -pubkey -noout | openssl pkey -pubin "
                    "-outform DER | openssl dgst -sha256 -binary | openssl base64",
                    scratch_path(path, "all.der")),
        0);
    output.length--; /* its line end */
    assert_int_equal(strncmp(details->pin, "sha256/", 7), 0);
    assert_string_equal(details->pin + 7, buffer_string(&output));
    assert_null(details->exponent);
    buffer_free(&output);
    drop(&made);
}

/* RFC 6962 3.3: the list stands in an OCTET STRING in the extension's OCTET STRING. */
static void embedded_timestamps_are_listed(void **state)
{
    uint8_t value[2 + 2 + 2 + 1 + 32 + 8 + 2 + 2 + 2 + 4] = {0x04, 55, 0, 53, 0, 51, 0};
    struct made made;
    const struct pki_details *details;

    (void)state;
    memset(value + 7, 0xab, 32);
    memcpy(value + 39, "\x00\x00\x01\x60\x00\x00\x00\x00", 8);
    memcpy(value + 49,
           "\x04\x03\x00\x04"
           "sign",
           8);
    made = make((struct cert_options){.common_name = "sct",
                                      .extension = "1.3.6.1.4.1.11129.2.4.2",
                                      .extension_value = value,
                                      .extension_length = sizeof value});
    details = made.details;
    assert_int_equal(details->sct_count, 1);
    assert_int_equal(details->scts[0].source, PKI_SCT_EMBEDDED);
    assert_int_equal(details->scts[0].timestamp_ms, INT64_C(0x16000000000));
    assert_int_equal(details->scts[0].log_id[31], 0xab);
    drop(&made);
}

static void hostile_text_is_safe(void **state)
{
    static const uint8_t aia[] = {0x30, 0x16, 0x30, 0x14, 0x06, 0x08, 0x2b, 0x06,
                                  0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x86, 0x08,
                                  'h',  't',  't',  'p',  ':',  0x1b, '[',  'm'};
    struct made made = make((struct cert_options){.common_name = "x",
                                                  .extension = "1.3.6.1.5.5.7.1.1",
                                                  .extension_value = aia,
                                                  .extension_length = sizeof aia});
    const struct pki_details *details = made.details;

    (void)state;
    assert_string_equal(details->ocsp[0], "http:\\x1b[m");
    assert_null(strchr(find(details, "1.3.6.1.5.5.7.1.1")->text, '\x1b'));
    drop(&made);
}

static void a_malformed_certificate_has_no_details(void **state)
{
    struct pki_certificate *certificate = pki_certificate_new((const uint8_t *)"\x30\x00", 2);

    (void)state;
    assert_non_null(certificate);
    assert_null(pki_details_new(certificate));
    pki_details_free(NULL);
    pki_certificate_free(certificate);
}

/* ---- every kind of extension, made by hand ------------------------------------------------------ */

#define URI_NAME "86('http://a.example/')"

/* What each says in a line: the values in it, in the order of their RFC, by the names that the RFC has. */
static const struct {
    const char *oid, *value, *name, *text;
} kinds[] = {
    {"2.5.29.14", "04(0102ff)", "subjectKeyIdentifier", "0102ff"},
    {"2.5.29.35", "30(80(0a0b))", "authorityKeyIdentifier", "0a0b"},
    {"2.5.29.15", "03(0780)", "keyUsage", "digitalSignature"},
    {"2.5.29.15", "03(070080)", "keyUsage", "decipherOnly"},
    {"2.5.29.19", "30()", "basicConstraints", "no CA"},
    {"2.5.29.19", "30(0101ff)", "basicConstraints", "CA"},
    {"2.5.29.19", "30(0101ff 020103)", "basicConstraints", "CA, path length 3"},
    {"2.5.29.17", "30(82('a.example') 81('b@c.example') " URI_NAME " 87(c0000201) 88(2a03))",
     "subjectAltName",
     "DNS:a.example, email:b@c.example, URI:http://a.example/, IP:192.0.2.1, registered 1.2.3"},
    {"2.5.29.18", "30(82('i.example'))", "issuerAltName", "DNS:i.example"},
    {"2.5.29.37", "30(06(2b06010505070301) 06(551d2500))", "extendedKeyUsage",
     "serverAuth, anyExtendedKeyUsage"},
    {"2.5.29.31", "30(30(a0(a0(" URI_NAME "))))", "crlDistributionPoints", "URI:http://a.example/"},
    {"2.5.29.46", "30(30(a0(a0(" URI_NAME "))))", "freshestCRL", "URI:http://a.example/"},
    {"1.3.6.1.5.5.7.1.1", "30(30(06(2b06010505073001) " URI_NAME "))", "authorityInfoAccess",
     "OCSP, URI:http://a.example/"},
    {"1.3.6.1.5.5.7.1.11", "30(30(06(2b06010505073005) " URI_NAME "))", "subjectInfoAccess",
     "caRepository, URI:http://a.example/"},
    {"2.5.29.36", "30(800100)", "policyConstraints", "explicit policy required after 0"},
    {"2.5.29.54", "020105", "inhibitAnyPolicy", "after 5"},
    {"2.5.29.33", "30(30(06(2a03) 06(2a04)))", "policyMappings", "1.2.3, is 1.2.4"},
    {"2.5.29.30", "30(a0(30(82('a.example'))) a1(30(87(0a000000ff000000))))", "nameConstraints",
     "permitted DNS:a.example, excluded IP:10.0.0.0/255.0.0.0"},
    {"1.3.6.1.5.5.7.1.24", "30(020105 020111)", "tlsFeature", "status_request, status_request_v2"},
    {"1.3.6.1.5.5.7.48.1.5", "0500", "ocspNoCheck", "present"},
    {"1.3.6.1.4.1.311.21.7", "30(06(2a03) 020164 02010a)", "msCertificateTemplate",
     "1.2.3, version 100, minor 10"},
    {"1.3.6.1.4.1.311.21.10", "30(30(06(2b06010505070301)))", "msApplicationPolicies",
     "serverAuth"},
    {"1.3.6.1.4.1.311.21.1", "020100", "msCAVersion", "0"},
    {"1.3.6.1.4.1.311.20.2", "1e(00440043)", "msCertificateTemplateName", "DC"},
    {"2.16.840.1.113730.1.1", "03(0640)", "nsCertType", "SSL server"},
    {"2.16.840.1.113730.1.2", "16('http://n.example/')", "nsBaseUrl", "http://n.example/"},
    {"2.16.840.1.113730.1.13", "16('made by hand')", "nsComment", "made by hand"},
    {"1.3.6.1.5.5.7.1.3", "30(30(06(04008e460101)))", "qcStatements", "qcs-QcCompliance"},
};

static void every_kind_is_put_into_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct cert_extension extensions[] = {{kinds[i].oid, kinds[i].value, false}, {0}};
        struct made made = make_with(extensions);
        const struct pki_extension *found = find(made.details, kinds[i].oid);
        assert_string_equal(found->name, kinds[i].name);
        assert_string_equal(found->text, kinds[i].text);
        drop(&made);
    }
}

/* A value that nobody knows is shown in hex, at most 32 bytes of it, with its length. */
static void unknown_values_are_cut(void **state)
{
    static const struct cert_extension extensions[] = {
        {"1.2.3.4", "[32 ab]", false},
        {"1.2.3.5", "[100000 cd]", true},
        {"1.2.3.7", "0500", false},
        {0},
    };
    struct made made = make_with(extensions);
    const struct pki_extension *cut = find(made.details, "1.2.3.5");

    (void)state;
    assert_string_equal(find(made.details, "1.2.3.4")->text,
                        "abababababababababababababababababababababababababababababababab "
                        "(32 bytes)");
    assert_true(strlen(cut->text) < 100);
    assert_int_equal(strncmp(cut->text, "cdcdcd", 6), 0);
    assert_non_null(strstr(cut->text, "… (100000 bytes)"));
    assert_true(cut->critical);
    assert_int_equal(cut->value.length, 100000);
    assert_string_equal(find(made.details, "1.2.3.7")->text, "present");
    drop(&made);
}

static void validation_is_what_the_policy_says(void **state)
{
    static const struct {
        const char *policies, *validation;
    } cases[] = {
        {"30(06(67810c010201))", "domain validated"},
        {"30(06(67810c010202))", "organization validated"},
        {"30(06(67810c010203))", "individual validated"},
        {"30(06(67810c0101))", "extended validation"},
        {"30(06(2a03)) 30(06(67810c010201) 30(30(06(2b06010505070201) 16('http://x/'))))",
         "domain validated"},
        {"30(06(04008f7a0104))", "extended validation"},       /* ETSI EVCP */
        {"30(06(04008bec400104))", "extended validation"},     /* ETSI QCP-w */
        {"30(06(2b06010401a0320101))", "extended validation"}, /* GlobalSign's own */
        {"30(06(67810c010203ff7f))", NULL},
        {"30(06(551d2000))", NULL}, /* anyPolicy */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *value = text_format("30(%s)", cases[i].policies);
        const struct cert_extension extensions[] = {{"2.5.29.32", value, false}, {0}};
        struct made made = make_with(extensions);
        if (cases[i].validation == NULL) {
            assert_null(made.details->validation);
        } else {
            assert_non_null(made.details->validation);
            assert_string_equal(made.details->validation, cases[i].validation);
        }
        drop(&made);
        free(value);
    }
}

/* RFC 7633 4.2.3.1: status_request (5), among whatever else. */
static void must_staple_is_feature_5(void **state)
{
    static const struct {
        const char *value;
        bool must;
    } cases[] = {
        {"30(020105)", true}, {"30(020111 020105)", true}, {"30(020111)", false},
        {"30()", false},      {"30(020106)", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct cert_extension extensions[] = {{"1.3.6.1.5.5.7.1.24", cases[i].value, false},
                                                    {0}};
        struct made made = make_with(extensions);
        assert_int_equal(made.details->must_staple, cases[i].must);
        drop(&made);
    }
}

/* The list of a precertificate's logs: one that is known by name, one that is not, one of a later version that nobody can read. */
static void timestamps_name_their_logs(void **state)
{
    static const struct cert_extension extensions[] = {
        {"1.3.6.1.4.1.11129.2.4.2",
         "04(0069 0033 00 001a5d1a1c2d9375b6485578f82f71a1ae6eef397d297c8ae3157bcadee1a01e"
         " 0000019000000001 0000 0403 0004 'sign'"
         " 0032 00 [32 ee] 0000019000000002 0000 0804 0003 'sig')",
         false},
        {0},
    };
    struct made made = make_with(extensions);

    (void)state;
    assert_int_equal(made.details->sct_count, 2);
    assert_string_equal(made.details->scts[0].log, "DigiCert 'Wyvern2027h1'");
    assert_string_equal(made.details->scts[0].operator, "DigiCert");
    assert_int_equal(made.details->scts[0].timestamp_ms, INT64_C(0x19000000001));
    assert_string_equal(made.details->scts[0].algorithm, "ecdsa_secp256r1_sha256");
    assert_null(made.details->scts[1].log);
    assert_null(made.details->scts[1].operator);
    assert_int_equal(made.details->scts[1].log_id[0], 0xee);
    assert_string_equal(made.details->scts[1].algorithm, "rsa_pss_rsae_sha256");
    drop(&made);
}

/* Addresses of other kinds and other methods are no addresses to ask; broken ones cost only themselves. */
static void only_addresses_are_taken_out(void **state)
{
    static const struct cert_extension extensions[] = {
        {"1.3.6.1.5.5.7.1.1",
         "30(30(06(2b06010505073001) 82('dns.example')) 30(06(2b06010505073002) "
         "86('ldap://l.example/')) 30(06(2b06010505073003) 86('http://t.example/')) "
         "30(06(2b06010505073001) 86('http://o.example/')))",
         false},
        {"2.5.29.31",
         "30(30(a0(a1(31(30(06(550403) 0c('x')))))) 30(a0(a0(82('dns.example') "
         "86('http://c.example/') 86('http://d.example/')))) 30(81(0640)))",
         false},
        {0},
    };
    struct made made = make_with(extensions);

    (void)state;
    assert_int_equal(made.details->ocsp_count, 1);
    assert_string_equal(made.details->ocsp[0], "http://o.example/");
    assert_int_equal(made.details->issuer_count, 1);
    assert_string_equal(made.details->issuers[0], "ldap://l.example/");
    assert_int_equal(made.details->crl_count, 2);
    assert_string_equal(made.details->crls[1], "http://d.example/");
    drop(&made);
}

/* openssl's own answers to the same questions. */
static void openssl_says_the_same(void **state)
{
    struct made made = make_by_openssl("rsa:1024");
    const struct pki_details *details = made.details;
    struct buffer ocsp = {0}, text = {0};
    char path[SCRATCH_PATH_MAX], *line;

    (void)state;
    (void)scratch_path(path, "all.der");
    assert_int_equal(command_run(&ocsp, "openssl x509 -in '%s' -inform DER -noout -ocsp_uri", path),
                     0);
    assert_string_equal(buffer_string(&ocsp), "http://ocsp.example/\n");
    assert_string_equal(details->ocsp[0], "http://ocsp.example/");
    assert_int_equal(command_run(&text, "openssl x509 -in '%s' -inform DER -noout -text", path), 0);
    assert_non_null(buffer_string(&text));
    line = text_format("Version: %u (0x", details->version);
    assert_non_null(strstr((char *)text.data, line));
    free(line);
    line = text_format("Exponent: %s (0x", details->exponent);
    assert_non_null(strstr((char *)text.data, line));
    free(line);
    for (size_t i = 0; i < details->crl_count; i++) {
        line = text_format("URI:%s\n", details->crls[i]);
        assert_non_null(strstr((char *)text.data, line));
        free(line);
    }
    buffer_free(&ocsp);
    buffer_free(&text);
    drop(&made);
}

static void exponents_of_all_sizes(void **state)
{
    static const struct {
        const char *given, *shown;
    } cases[] = {
        {"3", "3"},
        {"4294967297", "4294967297"},
        {"18446744073709551615", "18446744073709551615"},
        {"18446744073709551629", "0x01000000000000000d"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char key[100];
        struct made made;

        (void)snprintf(key, sizeof key, "rsa:1024 -pkeyopt rsa_keygen_pubexp:%s", cases[i].given);
        made = make_by_openssl(key);
        assert_string_equal(made.details->exponent, cases[i].shown);
        drop(&made);
    }
}

static void version_1_has_no_extensions(void **state)
{
    struct made made = make((struct cert_options){.common_name = "old", .version = 1});
    const struct pki_details *details = made.details;

    (void)state;
    assert_int_equal(details->version, 1);
    assert_int_equal(details->extension_count, 0);
    assert_null(details->validation);
    assert_null(details->exponent); /* an EC key */
    assert_false(details->must_staple);
    drop(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_extension_says_something),
        cmocka_unit_test(policies_and_addresses_are_taken_out),
        cmocka_unit_test(the_pin_is_that_of_openssl),
        cmocka_unit_test(embedded_timestamps_are_listed),
        cmocka_unit_test(hostile_text_is_safe),
        cmocka_unit_test(every_kind_is_put_into_words),
        cmocka_unit_test(unknown_values_are_cut),
        cmocka_unit_test(validation_is_what_the_policy_says),
        cmocka_unit_test(must_staple_is_feature_5),
        cmocka_unit_test(timestamps_name_their_logs),
        cmocka_unit_test(only_addresses_are_taken_out),
        cmocka_unit_test(openssl_says_the_same),
        cmocka_unit_test(exponents_of_all_sizes),
        cmocka_unit_test(version_1_has_no_extensions),
        cmocka_unit_test(a_malformed_certificate_has_no_details),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
