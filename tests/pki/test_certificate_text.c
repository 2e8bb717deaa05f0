/*
 * The text of a certificate is, line by line, what `openssl x509 -text -noout` of OpenSSL 3.0 writes, and it stays safe
 * whatever stands in the certificate. It differs from OpenSSL's where a test below says so, and nowhere else:
 *
 * - Control characters, bidirectional ones and bytes that are not UTF-8 are escaped where OpenSSL sends them to the terminal, and a
 *   line feed in an extension that is not known is a dot: it could begin a line that looks like a field.
 * - Explicit text in a BMPString is shown; OpenSSL stops at its first zero byte.
 * - A directoryName longer than 255 characters is shown to its end.
 * - Extensions of CRLs, of address blocks (RFC 3779) and of the Strong Extranet are shown as those that are not known.
 * - A key on explicit parameters over a binary field is shown without the field's polynomial.
 * - What OpenSSL's error queue says under "Unable to load Public Key" is left out; a key is not checked for being one (a point on its
 *   curve).
 * - What is not DER is not read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "command.h"
#include "forged.h"
#include "scratch.h"
#include "tlstep/pki.h"

#define CONFIG "tests/data/certificate_text.cnf"
/* OpenSSL's test certificates lie outside the tree; without them that test is skipped. */
#define DATA "../shared/data/certs/openssl"

static void need_openssl(void)
{
    struct buffer version = {0};
    bool known;

    if (!command_exists("openssl") || command_run(&version, "openssl version") != 0) {
        print_message("skipped: no openssl\n");
        skip();
    }
    known = strncmp(buffer_string(&version), "OpenSSL 3.0.", strlen("OpenSSL 3.0.")) == 0;
    buffer_free(&version);
    if (!known) {
        print_message("skipped: another openssl than 3.0\n");
        skip();
    }
}

/* ---- what is compared --------------------------------------------------------------------- */

static void append_text(struct buffer *out, const uint8_t *der, size_t length)
{
    struct pki_certificate *certificate = pki_certificate_new(der, length);

    assert_non_null(certificate);
    pki_certificate_text(out, certificate);
    assert_false(out->failed);
    pki_certificate_free(certificate);
}

/* Fails with the first line that differs. */
static void expect_same(const char *name, struct buffer *expected, struct buffer *text)
{
    const char *a = buffer_string(expected), *b = buffer_string(text);

    while (strcmp(a, b) != 0) {
        size_t line_a = strcspn(a, "\n"), line_b = strcspn(b, "\n");
        if (line_a != line_b || memcmp(a, b, line_a) != 0 || a[line_a] == '\0' ||
            b[line_b] == '\0') {
            fail_msg("%s: openssl says\n%.*s\ntlstep says\n%.*s", name, (int)line_a, a, (int)line_b,
                     b);
        }
        a += line_a + 1;
        b += line_b + 1;
    }
}

/* A file of one certificate in PEM. What is trusted beside a certificate is no part of it. */
static void expect_file_as_openssl(const char *path)
{
    struct buffer expected = {0}, text = {0};
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    const char *pem;

    assert_non_null(bundle);
    assert_int_equal(
        command_run(&expected, OPENSSL_X509 " -in '%s' -text -certopt no_aux 2>/dev/null", path),
        0);
    pem = strstr(buffer_string(&expected), "-----BEGIN");
    assert_non_null(pem);
    assert_int_equal(
        pki_bundle_add_bytes(bundle, (const uint8_t *)pem, strlen(pem), path, NULL, NULL), 0);
    assert_int_equal(pki_bundle_count(bundle), 1);
    append_text(&text, pki_bundle_der(bundle, 0).data, pki_bundle_der(bundle, 0).length);
    expected.length = (size_t)(pem - (const char *)expected.data);
    expect_same(path, &expected, &text);
    pki_bundle_free(bundle);
    buffer_free(&expected);
    buffer_free(&text);
}

static void expect_as_openssl(const char *name, const struct buffer *der)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer expected = {0}, text = {0};

    (void)scratch_write(path, "forged.der", der->data, der->length);
    if (command_run(&expected, OPENSSL_X509 " -inform DER -in '%s' -noout -text 2>/dev/null",
                    path) != 0) {
        fail_msg("%s: openssl does not read it", name);
    }
    append_text(&text, der->data, der->length);
    expect_same(name, &expected, &text);
    buffer_free(&expected);
    buffer_free(&text);
}

/* ---- certificates that openssl makes -------------------------------------------------------- */

static const struct made {
    const char *section;
    const char *options; /* of `openssl req -x509` */
} made[] = {
    {"all", "-newkey ec -pkeyopt ec_paramgen_curve:P-256"},
    {"proxy", "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384 -set_serial 0x0102"},
    {"few", "-newkey rsa:2048 -set_serial 0xffffffffffffffffffff"},
    {"few", "-newkey rsa:1024 -sha1 -set_serial 0"},
    {"few", "-newkey rsa:1024 -pkeyopt rsa_keygen_pubexp:3 -set_serial -1"},
    {"few", "-newkey rsa:1024 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:17"},
    {"few", "-newkey rsa-pss -pkeyopt rsa_keygen_bits:1024 -set_serial -5"},
    {"few",
     "-newkey rsa-pss -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt "
     "rsa_pss_keygen_mgf1_md:sha512 -pkeyopt rsa_pss_keygen_saltlen:32 -sha256"},
    {"few", "-newkey ed25519 -subj / -set_serial -0x8000000000000000"},
    {"few", "-newkey ed448 -set_serial 0x7fffffffffffffff"},
    {"few", "-newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -set_serial 0x8000000000000000"},
    {"few",
     "-newkey ec -pkeyopt ec_paramgen_curve:brainpoolP320r1 -set_serial -0x1234567890abcdef12"},
    {"few", "-newkey ec -pkeyopt ec_paramgen_curve:sect233k1"},
    {"few", "-newkey ec -pkeyopt ec_paramgen_curve:P-521 -pkeyopt ec_param_enc:explicit"},
    {"few", "-newkey ec -pkeyopt ec_paramgen_curve:wap-wsg-idm-ecid-wtls9"},
};

static void make(const struct made *how, char path[SCRATCH_PATH_MAX])
{
    struct buffer output = {0};

    (void)scratch_path(path, "made.pem");
    if (command_run(&output,
                    "timeout 20 openssl req -x509 -config " CONFIG " -extensions %s %s -nodes "
                    "-keyout '%s.key' -out '%s' -days 30",
                    how->section, how->options, path, path) != 0) {
        fail_msg("%s: %s", how->options, buffer_string(&output));
    }
    buffer_free(&output);
}

static void made_certificates_read_as_openssl_writes_them(void **state)
{
    char path[SCRATCH_PATH_MAX];

    (void)state;
    need_openssl();
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        make(&made[i], path);
        expect_file_as_openssl(path);
    }
}

/* Keys that openssl makes in two steps. */
static void dsa_and_x448_keys_read_as_openssl_writes_them(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer output = {0};

    (void)state;
    need_openssl();
    (void)scratch_path(path, "two");
    if (command_run(&output,
                    "cd \"$(dirname '%s')\" && exec 2>&1 && "
                    "openssl dsaparam -genkey -out dsa.key 1024 && "
                    "openssl req -x509 -key dsa.key -subj /CN=dsa -out dsa.pem && "
                    "openssl genpkey -algorithm x448 | openssl pkey -pubout -out x448.pub && "
                    "openssl req -new -key dsa.key -subj /CN=x448 | openssl x509 -req -CA dsa.pem "
                    "-CAkey dsa.key -force_pubkey x448.pub -CAcreateserial -out x448.pem",
                    path) != 0) {
        fail_msg("%s", buffer_string(&output));
    }
    expect_file_as_openssl(scratch_path(path, "dsa.pem"));
    expect_file_as_openssl(scratch_path(path, "x448.pem"));
    buffer_free(&output);
}

static void openssl_test_certificates_read_as_openssl_writes_them(void **state)
{
    DIR *folder;
    char path[SCRATCH_PATH_MAX + 300];
    size_t count = 0;

    (void)state;
    need_openssl();
    folder = opendir(DATA);
    if (folder == NULL) {
        print_message("skipped: no %s\n", DATA);
        skip();
        return; /* never: for analyzers */
    }
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot != NULL && strcmp(dot, ".pem") == 0) {
            (void)snprintf(path, sizeof path, DATA "/%s", entry->d_name);
            expect_file_as_openssl(path);
            count++;
        }
    }
    (void)closedir(folder);
    assert_true(count > 100);
}

/* ---- certificates that nobody issues ---------------------------------------------------------- */

#define PART(part, value) FORGED_##part, value, NULL, false
#define EXT(oid, value)   FORGED_EXTENSION, value, oid, false
#define NAME(value)       PART(SUBJECT, "30(31(30(06(550403) " value ")))")

static const struct forged_change odd[] = {
    {PART(UNIQUE, "81(00 [20 aa]) 82(00 01)")},
    {PART(SERIAL, "02(ff01020304050607)")},
    {PART(SERIAL, "02(80[19 00])")},
    {PART(VALIDITY, "30(18('20500501000000Z') 18('99991231235959Z'))")},
    {PART(VALIDITY, "30(17('500501000000Z') 17('490801000000Z'))")},
    /* Names: types of strings, what has to be quoted or escaped, attributes without a name. */
    {NAME("1e('' 00'A' 00fc 20ac)")},
    {NAME("1c(000000'A' 0001f600)")},
    {NAME("14('T' e4)")},
    {NAME("0c(c3a4 e280ae 1b'[31m' 0a 00 7f)")},
    {NAME("0c(' x ')")},
    {NAME("0c('#')")},
    {NAME("0c('a\"b' 5c)")},
    {NAME("0c('a=b/c')")},
    {NAME("0c()")},
    {NAME("16('ia5')")},
    {NAME("03(00 aa)")},
    {NAME("30(02(05))")},
    {NAME("12('123')")},
    {PART(SUBJECT, "30(31(30(06(2a0304) 0c('x')) 30(06(550403) 0c('y'))))")},
    {PART(SUBJECT, "30(31(30(06(0992268993f22c640103) 16('a@b')))31(30(06(550462) 13('DEU'))))")},
    /* Extensions. */
    {EXT(FORGED_BASIC, "30(01(ff) 02(00[20 ff]))")},
    {EXT(FORGED_BASIC, "30(02(ff))")},
    {EXT(FORGED_BASIC, "30(01(ff) 02(7f[15 ff]))")},
    {EXT(FORGED_USAGE, "03(0700)")},
    {EXT(FORGED_USAGE, "03(0100)")},
    {EXT(FORGED_USAGE, "03(0780)")},
    {EXT(FORGED_SAN, "30()")},
    {EXT(FORGED_SAN, "30(82('a' 00 'b'))")},
    {EXT(FORGED_SAN, "30(82())")},
    {EXT(FORGED_SAN, "30(87(01020304) 87(0102))")},
    {EXT(FORGED_SAN, "30(a3(30()) a5(a1(0c('x'))) 82('x'))")},
    {EXT(FORGED_SAN, "30(a0(06(2b06010505070805) a0(16('x'))))")},
    {EXT(FORGED_SAN, "30(a0(06(2a0304) a0(0c('x'))))")},
    {EXT(FORGED_SAN, "30(a4(30(31(30(06(550403) 0c('a/b+c=d' c3a4))))))")},
    {EXT(FORGED_AKI, "30()")},
    {EXT(FORGED_AKI, "30(80(01))")},
    {EXT(FORGED_AKI, "30(a1(82('x')) 82(00))")},
    {EXT(FORGED_AKI, "30(82(00ff))")},
    {EXT(FORGED_SKI, "04()")},
    {EXT(FORGED_NC, "30(a0(30(82('x'))) a1(30(87(01020304)) 30(a4(30()))))")},
    {EXT(FORGED_NC, "30(a1(30(a0(06(2b060104018237140203) a0(0c('u'))))))")},
    {EXT(FORGED_NC, "30(a1(30(a0(06(2b060104018237140203) a0(16('u'))))))")},
    {EXT(FORGED_NC, "30(a0(30(87([8 01])) 30(87([20 01])) 30(87([40 01])) 30(87())))")},
    {EXT(FORGED_CP, "30(30(06(2a0304) 30(30(06(2a0305) 0c('x')))))")},
    {EXT(FORGED_CP, "30(30(06(2a0304) 30(30(06(2b06010505070202) 30()))) 30(06(2a0305)))")},
    {EXT(FORGED_CP, "30(30(06(2a0304) 30(30(06(2b06010505070202) 30(30(1a('o') 30(02(05))))))))")},
    {EXT(FORGED_CP,
         "30(30(06(2a0304) 30(30(06(2b06010505070202) 30(30(0c('o') 30()) 0c('t'))))))")},
    {EXT(FORGED_CRLDP, "30(30(81(07 00)))")},
    {EXT(FORGED_CRLDP, "30(30(a0(a0(86('http://x/'))) a2(82('y'))))")},
    {EXT(FORGED_CRLDP, "30(30(a0(a0())) 30(81(0560)))")},
    {EXT(FORGED_CRLDP, "30()")},
    {EXT(FORGED_AIA, "30()")},
    {EXT(FORGED_AIA, "30(30(06(2b06010505073001) a4(30(31(30(06(550403) 0c('x')))))))")},
    {EXT(FORGED_EKU, "30()")},
    {EXT(FORGED_SCTS, "04(0077 0075 00 [32 ab] 0000018f00000000 0003 010203 0403 0044 [68 3a])")},
    {EXT(FORGED_SCTS, "04(0000)")},
    {EXT("551d10", "30(81('20300101000000Z'))")},
    {EXT("551d24", "30(81(05))")},
    {EXT("551d36", "02(00)")},
    {EXT("2b06010505070118", "30(02(05) 02(11) 02(0100))")},
    {EXT("2b0601050507010e", "30(30(06(2b06010505071501)))")},
    {EXT("6086480186f8420101", "03(0000)")},
    {EXT("2a0304", "")},
    {EXT("2a0304", "04('text' 00 7f 80 ff)")},
};

static void odd_certificates_read_as_openssl_writes_them(void **state)
{
    (void)state;
    need_openssl();
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        const struct forged_change change[] = {odd[i], {.part = FORGED_NOTHING}};
        struct buffer der = {0};

        forged_append(&der, PKI_LEAF, change);
        expect_as_openssl(odd[i].value, &der);
        buffer_free(&der);
    }
}

/* ---- where it differs --------------------------------------------------------------------- */

/* A certificate with one change, and what its text then has and has not. */
static const struct deviation {
    struct forged_change change;
    const char *has;
    const char *has_not;
} deviations[] = {
    /* a line of its own, so that it would pass for a field */
    {{EXT("2a0304", "04(0a '        Issuer: CN = other')")},
     "..        Issuer: CN = other",
     "\x0a        Issuer: CN = other"},
    {{EXT(FORGED_SAN, "30(82(1b '[31m' 0a e280ae ff))")},
     "DNS:\\x1b[31m\\n\\u{202e}\\xff\n",
     "\x1b"},
    {{EXT(FORGED_CP, "30(30(06(2a0304) 30(30(06(2b06010505070202) 30(1e(00'A'00'B'))))))")},
     "Explicit Text: AB\n",
     "\\x00"},
    {{EXT(FORGED_CP, "30(30(06(2a0304) 30(30(06(2b06010505070201) 16('http://a/' 1b 00 'b')))))")},
     "CPS: http://a/\\x1b\\x00b\n",
     "\x1b"},
    {{EXT(FORGED_SAN, "30(a4(30(31(30(06(550403) 0c([300 41]'end'))))))")}, "AAAend\n", "\x1b"},
    {{EXT("551d1c", "30(81(ff))")},
     "X509v3 Issuing Distribution Point: \n                0....\n",
     "\x1b"},
    {{PART(KEY, "30(30(06(2a0304)) 03(00 01))")},
     "Public Key Algorithm: 1.2.3.4\n            Unable to load Public Key\n        X509v3 extensions:\n",
     ":error:"},
    {{PART(KEY, "30(30(06(2b6570)) 03(00 01))")}, "Unable to load Public Key\n", ":error:"},
    {{PART(KEY, "30(30(06(2a8648ce3d0201) 06(2a0304)) 03(00 04[64 11]))")},
     "Unable to load Public Key\n",
     ":error:"},
    {{PART(KEY, "30(30(06(2a8648ce3d0201) 30(02(01) 30())) 03(00 04))")},
     "Unable to load Public Key\n",
     ":error:"},
    {{PART(KEY, "30(30(06(2a864886f70d010101) 05()) 03(00 30()))")},
     "Unable to load Public Key\n",
     ":error:"},
    {{PART(VERSION, "a0(02(09))")}, "Certificate that cannot be read: its version", "Data:"},
};

static void what_differs_from_openssl_is_safe_and_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof deviations / sizeof deviations[0]; i++) {
        const struct forged_change change[] = {deviations[i].change, {.part = FORGED_NOTHING}};
        struct buffer der = {0}, text = {0};

        forged_append(&der, PKI_LEAF, change);
        append_text(&text, der.data, der.length);
        if (strstr(buffer_string(&text), deviations[i].has) == NULL ||
            strstr(buffer_string(&text), deviations[i].has_not) != NULL) {
            fail_msg("%s:\n%s", deviations[i].change.value, buffer_string(&text));
        }
        buffer_free(&der);
        buffer_free(&text);
    }
}

/* ---- hostile bytes --------------------------------------------------------------------------- */

static void assert_safe(const struct buffer *text)
{
    for (size_t at = 0; at < text->length;) {
        uint32_t character;
        size_t length = text_utf8_decode(text->data + at, text->length - at, &character);
        assert_true(length > 0);
        assert_true(character == '\n' || text_is_safe(character));
        at += length;
    }
}

/* Everything there is, in one: the values of the table above, one extension each under an object identifier that shows it. */
static void append_rich(struct buffer *der)
{
    static const struct forged_change rich[] = {
        {PART(UNIQUE, "81(00aa) 82(00bb)")},
        {PART(
            SUBJECT,
            "30(31(30(06(550403) 1e(00'A'20ac))30(06(2a0304) 1c(0001f600)))31(30(06(550406)13('DE'))))")},
        {EXT(
            FORGED_NC,
            "30(a0(30(82('x')) 30(87([8 01]))) a1(30(a4(30(31(30(06(550403)0c('n')))))) 30(a0(06(2b060104018237140203) a0(0c('u'))))))")},
        {EXT(
            FORGED_CP,
            "30(30(06(2a0304) 30(30(06(2b06010505070202) 30(30(0c('o') 30(02(01)02(02))) 0c('t'))) 30(06(2b06010505070201) 16('c')))))")},
        {EXT(
            FORGED_CRLDP,
            "30(30(a0(a0(86('http://x/'))) 81(0560) a2(82('y'))) 30(a0(a1(30(06(550403)0c('r'))))))")},
        {EXT(FORGED_SCTS,
             "04(0077 0075 00 [32 ab] 0000018f00000000 0003 010203 0403 0044 [68 3a])")},
        {EXT(FORGED_AKI, "30(80(0102) a1(a4(30(31(30(06(550403)0c('i')))))) 82(05))")},
        {EXT(
            FORGED_SAN,
            "30(a0(06(2a0304) a0(0c('x'))) 81('a@b') 82('d') a4(30(31(30(06(550403)0c('i'))))) 86('u') 87(01020304) 88(2a0304))")},
        {EXT("551d10", "30(80('20200101000000Z') 81('20300101000000Z'))")},
        {EXT("551d21", "30(30(06(2a0304)06(2a0305)))")},
        {EXT("551d24", "30(80(01) 81(02))")},
        {EXT("551d36", "02(02)")},
        {EXT("2b06010505070118", "30(02(05) 02(11) 02(0100))")},
        {EXT("2b0601050507010e", "30(02(03) 30(06(2b06010505071501) 04('p')))")},
        {EXT("6086480186f8420101", "03(00f0)")},
        {EXT("6086480186f842010d", "16('comment')")},
        {.part = FORGED_NOTHING},
    };
    forged_append(der, PKI_LEAF, rich);
}

/* Each byte in turn is another one: lengths, tags, characters. */
static void wrong_bytes_anywhere_are_safe(void **state)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x1b};
    struct buffer der = {0}, text = {0};
    size_t read = 0;

    (void)state;
    append_rich(&der);
    for (size_t i = 0; i < der.length; i++) {
        for (size_t j = 0; j < sizeof changes; j++) {
            der.data[i] ^= changes[j];
            text.length = 0;
            append_text(&text, der.data, der.length);
            assert_safe(&text);
            read += strncmp(buffer_string(&text), "Certificate:\n", 13) == 0;
            der.data[i] ^= changes[j];
        }
    }
    assert_true(read > 2 * der.length);
    buffer_free(&text);
    buffer_free(&der);
}

/* A value of an extension that ends too early is shown by its bytes. */
static void values_cut_short_are_shown_as_bytes(void **state)
{
    static const char *const names[] = {"551d0e",
                                        "551d0f",
                                        "551d10",
                                        "551d11",
                                        "551d12",
                                        "551d13",
                                        "551d14",
                                        "551d1e",
                                        "551d1f",
                                        "551d20",
                                        "551d21",
                                        "551d23",
                                        "551d24",
                                        "551d25",
                                        "551d2e",
                                        "551d36",
                                        "2b06010505070101",
                                        "2b0601050507010e",
                                        "2b06010505070118",
                                        "2b0601050507300105",
                                        "2b06010401d679020402",
                                        "2b06010401d679020403",
                                        "6086480186f8420101",
                                        "6086480186f842010d"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct forged_change change[] = {{EXT(names[i], "30 7f 'cut'")},
                                               {.part = FORGED_NOTHING}};
        struct buffer der = {0}, text = {0};

        forged_append(&der, PKI_LEAF, change);
        append_text(&text, der.data, der.length);
        assert_non_null(strstr(buffer_string(&text), ": \n                0.cut\n"));
        assert_non_null(strstr(buffer_string(&text), "    Signature Value:\n"));
        buffer_free(&der);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_certificates_read_as_openssl_writes_them),
        cmocka_unit_test(dsa_and_x448_keys_read_as_openssl_writes_them),
        cmocka_unit_test(openssl_test_certificates_read_as_openssl_writes_them),
        cmocka_unit_test(odd_certificates_read_as_openssl_writes_them),
        cmocka_unit_test(what_differs_from_openssl_is_safe_and_said),
        cmocka_unit_test(wrong_bytes_anywhere_are_safe),
        cmocka_unit_test(values_cut_short_are_shown_as_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
