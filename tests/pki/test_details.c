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

/* Makes a certificate with openssl. Skips the test where there is none. */
static struct pki_certificate *make(const char *key)
{
    char config[SCRATCH_PATH_MAX], out[SCRATCH_PATH_MAX];
    struct pki_certificate *certificate;
    struct buffer output = {0}, der = {0};

    if (!command_exists("openssl")) {
        print_message("skipped: no openssl\n");
        skip();
    }
    (void)scratch_write(config, "all.cnf", configuration, sizeof configuration - 1);
    (void)scratch_path(out, "all.der");
    if (command_run(&output,
                    "timeout 20 openssl req -x509 -config '%s' -extensions all -newkey %s -nodes "
                    "-keyout '%s.key' -outform DER -out '%s' -days 30",
                    config, key, out, out) != 0) {
        fail_msg("%s", buffer_string(&output));
    }
    assert_int_equal(file_read(out, "certificate", 100000, &der, NULL), 0);
    certificate = pki_certificate_new(der.data, der.length);
    buffer_free(&output);
    buffer_free(&der);
    assert_non_null(certificate);
    return certificate;
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
    struct pki_certificate *certificate = make("ec -pkeyopt ec_paramgen_curve:P-256");
    struct pki_details *details = pki_details_new(certificate);

    (void)state;
    assert_non_null(details);
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
    pki_details_free(details);
    pki_certificate_free(certificate);
}

static void policies_and_addresses_are_taken_out(void **state)
{
    struct pki_certificate *certificate = make("rsa:1024");
    struct pki_details *details = pki_details_new(certificate);

    (void)state;
    assert_non_null(details);
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
    pki_details_free(details);
    pki_certificate_free(certificate);
}

/* RFC 7469 2.4, as curl's documentation has it: openssl's own tools make the same pin. */
static void the_pin_is_that_of_openssl(void **state)
{
    struct pki_certificate *certificate = make("ec -pkeyopt ec_paramgen_curve:P-256");
    struct pki_details *details = pki_details_new(certificate);
    struct buffer output = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    assert_non_null(details);
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
    pki_details_free(details);
    pki_certificate_free(certificate);
}

/* RFC 6962 3.3: the list stands in an OCTET STRING in the extension's OCTET STRING. */
static void embedded_timestamps_are_listed(void **state)
{
    uint8_t value[2 + 2 + 2 + 1 + 32 + 8 + 2 + 2 + 2 + 4] = {0x04, 55, 0, 53, 0, 51, 0};
    struct cert *cert;
    struct pki_certificate *certificate;
    struct pki_details *details;

    (void)state;
    memset(value + 7, 0xab, 32);
    memcpy(value + 39, "\x00\x00\x01\x60\x00\x00\x00\x00", 8);
    memcpy(value + 49,
           "\x04\x03\x00\x04"
           "sign",
           8);
    cert = cert_make(&(struct cert_options){.common_name = "sct",
                                            .extension = "1.3.6.1.4.1.11129.2.4.2",
                                            .extension_value = value,
                                            .extension_length = sizeof value});
    assert_non_null(cert);
    certificate = pki_certificate_new(cert->der, cert->length);
    details = pki_details_new(certificate);
    assert_non_null(details);
    assert_int_equal(details->sct_count, 1);
    assert_int_equal(details->scts[0].source, PKI_SCT_EMBEDDED);
    assert_int_equal(details->scts[0].timestamp_ms, INT64_C(0x16000000000));
    assert_int_equal(details->scts[0].log_id[31], 0xab);
    pki_details_free(details);
    pki_certificate_free(certificate);
    cert_free(cert);
}

static void hostile_text_is_safe(void **state)
{
    static const uint8_t aia[] = {0x30, 0x16, 0x30, 0x14, 0x06, 0x08, 0x2b, 0x06,
                                  0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x86, 0x08,
                                  'h',  't',  't',  'p',  ':',  0x1b, '[',  'm'};
    struct cert *cert = cert_make(&(struct cert_options){.common_name = "x",
                                                         .extension = "1.3.6.1.5.5.7.1.1",
                                                         .extension_value = aia,
                                                         .extension_length = sizeof aia});
    struct pki_certificate *certificate;
    struct pki_details *details;

    (void)state;
    assert_non_null(cert);
    certificate = pki_certificate_new(cert->der, cert->length);
    details = pki_details_new(certificate);
    assert_non_null(details);
    assert_string_equal(details->ocsp[0], "http:\\x1b[m");
    assert_null(strchr(find(details, "1.3.6.1.5.5.7.1.1")->text, '\x1b'));
    pki_details_free(details);
    pki_certificate_free(certificate);
    cert_free(cert);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_extension_says_something),
        cmocka_unit_test(policies_and_addresses_are_taken_out),
        cmocka_unit_test(the_pin_is_that_of_openssl),
        cmocka_unit_test(embedded_timestamps_are_listed),
        cmocka_unit_test(hostile_text_is_safe),
        cmocka_unit_test(a_malformed_certificate_has_no_details),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
