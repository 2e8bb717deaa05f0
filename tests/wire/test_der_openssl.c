/* Certificates, CRLs and OCSP responses are read as OpenSSL reads them: those of OpenSSL's own tests, and
 * some made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <time.h>

#include "command.h"
#include "partition.h"
#include "scratch.h"
#include "tlstep/wire.h"

/* OpenSSL's test certificates lie outside the tree; without them that test is skipped. */
#define DATA "../shared/data/certs/openssl"

#define CERTIFICATE_PATH "certificate.extension."

/* ---- small tools -------------------------------------------------------------------------------- */

static void need_openssl(void)
{
    if (!command_exists("openssl")) {
        print_message("skipped: no openssl\n");
        skip();
    }
}

static void dissect(struct wire_tree *tree, struct buffer *file, enum wire_der_kind kind,
                    const char *path)
{
    assert_int_equal(file_read(path, "DER", 1 << 20, file, NULL), 0);
    assert_int_equal(wire_der_dissect(tree, kind, file->data, file->length), 0);
    assert_true(partition_holds(tree));
}

/* Appends the values of all fields of a path, divided by ", ". */
static void append_values(struct buffer *out, const struct wire_tree *tree, const char *path)
{
    for (long i = wire_tree_find(tree, path, 0); i >= 0;
         i = wire_tree_find(tree, path, (size_t)i + 1)) {
        static char value[1 << 16];
        wire_field_value(value, sizeof value, tree, (size_t)i);
        buffer_printf(out, "%s%s", out->length > 0 ? ", " : "", value);
    }
}

static void replace_all(struct buffer *text, const char *from, const char *to)
{
    struct buffer result = {0};
    const char *at = buffer_string(text);
    const char *next;

    while ((next = strstr(at, from)) != NULL) {
        buffer_append(&result, at, (size_t)(next - at));
        buffer_text(&result, to);
        at = next + strlen(from);
    }
    buffer_text(&result, at);
    buffer_free(text);
    *text = result;
}

/* Appends what follows `label` in each line that has it, divided by ", ". */
static void append_after(struct buffer *out, struct buffer *text, const char *label)
{
    const char *at = buffer_string(text);

    while ((at = strstr(at, label)) != NULL) {
        at += strlen(label);
        buffer_printf(out, "%s%.*s", out->length > 0 ? ", " : "", (int)strcspn(at, "\n"), at);
    }
}

static void expect_same(const char *file, const char *what, struct buffer *ours,
                        struct buffer *theirs)
{
    if (strcmp(buffer_string(ours), buffer_string(theirs)) != 0) {
        fail_msg("%s, %s:\n  tlstep  \"%s\"\n  openssl \"%s\"", file, what, buffer_string(ours),
                 buffer_string(theirs));
    }
    buffer_free(ours);
    buffer_free(theirs);
}

/* "Nov 24 11:04:47 2026 GMT" as RFC 3339. */
static void append_time(struct buffer *out, const char *text)
{
    struct tm parts = {0};
    char time[40];

    assert_non_null(strptime(text, "%b %d %H:%M:%S %Y GMT", &parts));
    buffer_printf(out, "%s%s", out->length > 0 ? ", " : "",
                  time_rfc3339(time, sizeof time, timegm(&parts)));
}

static void append_times_after(struct buffer *out, struct buffer *text, const char *label)
{
    const char *at = buffer_string(text);

    while ((at = strstr(at, label)) != NULL) {
        at += strlen(label);
        append_time(out, at);
    }
}

/* The same times as we write them, without the raw text behind. */
static void append_our_times(struct buffer *out, const struct wire_tree *tree, const char *path)
{
    struct buffer all = {0};
    const char *at;

    append_values(&all, tree, path);
    for (at = buffer_string(&all); *at != '\0'; at += strcspn(at, ","), at += strspn(at, ", ")) {
        buffer_printf(out, "%s%.*s", out->length > 0 ? ", " : "", (int)strcspn(at, " "), at);
    }
    buffer_free(&all);
}

/* ---- tags and lengths --------------------------------------------------------------------------- */

/* "offset:hl:l" of each value in the tree: what a header field holds, one or several tags and lengths. */
static void append_heads(struct buffer *out, const struct wire_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct wire_field *field = &tree->fields[i];
        const uint8_t *bytes = tree->data + field->offset;
        size_t at = 0;
        if (strcmp(field->type->path, "der.header") != 0) {
            continue;
        }
        while (at < field->length) {
            size_t octets = (bytes[at + 1] & 0x80) == 0 ? 0 : bytes[at + 1] & 0x7f;
            size_t length = octets == 0 ? bytes[at + 1] : 0;
            for (size_t j = 0; j < octets; j++) {
                length = length << 8 | bytes[at + 2 + j];
            }
            buffer_printf(out, "%zu:%zu:%zu ", field->offset + at, 2 + octets, length);
            at += 2 + octets;
        }
    }
}

/* The same of `openssl asn1parse`: "    4:d=1  hl=4 l= 621 cons: SEQUENCE". */
static void append_asn1parse(struct buffer *out, struct buffer *text)
{
    const char *line = buffer_string(text);

    while (*line != '\0') {
        unsigned long offset, head, length;
        if (sscanf(line, "%lu:d=%*u hl=%lu l=%lu", &offset, &head, &length) == 3) {
            buffer_printf(out, "%lu:%lu:%lu ", offset, head, length);
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
}

static void compare_heads(const char *name, const char *der)
{
    struct wire_tree tree = {0};
    struct buffer file = {0}, parsed = {0}, ours = {0}, theirs = {0};

    assert_int_equal(command_run(&parsed, "openssl asn1parse -inform DER -in %s", der), 0);
    dissect(&tree, &file, WIRE_DER_ANY, der);
    append_heads(&ours, &tree);
    append_asn1parse(&theirs, &parsed);
    assert_true(theirs.length > 20);
    expect_same(name, "asn1parse", &ours, &theirs);
    wire_tree_free(&tree);
    buffer_free(&file);
    buffer_free(&parsed);
}

/* ---- extensions --------------------------------------------------------------------------------- */

/* OpenSSL's words for ours. */
static const struct {
    const char *from;
    const char *to;
} words[] = {
    {"Digital Signature", "digitalSignature"},
    {"Non Repudiation", "nonRepudiation"},
    {"Key Encipherment", "keyEncipherment"},
    {"Data Encipherment", "dataEncipherment"},
    {"Key Agreement", "keyAgreement"},
    {"Certificate Sign", "keyCertSign"},
    {"CRL Sign", "cRLSign"},
    {"Encipher Only", "encipherOnly"},
    {"Decipher Only", "decipherOnly"},
    {"TLS Web Server Authentication", "serverAuth"},
    {"TLS Web Client Authentication", "clientAuth"},
    {"Code Signing", "codeSigning"},
    {"E-mail Protection", "emailProtection"},
    {"Time Stamping", "timeStamping"},
    {"OCSP Signing", "OCSPSigning"},
    {"Any Extended Key Usage", "anyExtendedKeyUsage"},
    {"CA:TRUE", "CA"},
    {"CA:FALSE, ", ""},
    {"CA:FALSE", ""},
    {"pathlen:", "path length "},
    {"IP Address:", "IP:"},
    {"Registered ID:", "registered "},
    {"CA Issuers", "caIssuers"},
    {" - URI:", ", URI:"},
};

/* "critical, digitalSignature, keyCertSign" of the part of `openssl x509 -ext` under a heading. */
static void read_extension(struct buffer *out, struct buffer *text, const char *heading)
{
    const char *line = strstr(buffer_string(text), heading);

    assert_non_null(line);
    line += strlen(heading);
    buffer_text(out, strncmp(line, " critical", 9) == 0 ? "critical" : "");
    line += strcspn(line, "\n");
    while (strncmp(line, "\n    ", 5) == 0) {
        line += 1 + strspn(line + 1, " ");
        buffer_printf(out, "%s%.*s", out->length > 0 && *line != '\n' ? ", " : "",
                      (int)strcspn(line, "\n"), line);
        line += strcspn(line, "\n");
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        replace_all(out, words[i].from, words[i].to);
    }
    if (out->length >= 2 && strcmp(buffer_string(out) + out->length - 2, ", ") == 0) {
        out->length -= 2;
    }
}

static void lower_without_colons(struct buffer *text)
{
    size_t kept = 0;

    for (size_t i = 0; i < text->length; i++) {
        uint8_t c = text->data[i];
        if (c != ':') {
            text->data[kept++] = c >= 'A' && c <= 'F' ? (uint8_t)(c + 32) : c;
        }
    }
    text->length = kept;
}

#define EXTENSIONS                                                                   \
    "keyUsage,extendedKeyUsage,basicConstraints,subjectAltName,authorityInfoAccess," \
    "subjectKeyIdentifier"

static const struct {
    const char *heading; /* OpenSSL's */
    const char *path;
} extensions[] = {
    {"X509v3 Key Usage:", CERTIFICATE_PATH "key_usage"},
    {"X509v3 Extended Key Usage:", CERTIFICATE_PATH "extended_key_usage"},
    {"X509v3 Basic Constraints:", CERTIFICATE_PATH "basic_constraints"},
    {"X509v3 Subject Alternative Name:", CERTIFICATE_PATH "subject_alt_name"},
    {"Authority Information Access:", CERTIFICATE_PATH "authority_information_access"},
    {"X509v3 Subject Key Identifier:", CERTIFICATE_PATH "subject_key_identifier"},
};

/* Names that OpenSSL writes in forms of its own, or cannot read, are compared in test_der.c. */
static bool is_comparable(struct buffer *theirs)
{
    return command_count(theirs, "othername") == 0 && command_count(theirs, "DirName") == 0 &&
           command_count(theirs, "....") == 0;
}

/* Returns how many extensions were compared. */
static size_t compare_extensions(const char *name, const struct wire_tree *tree,
                                 struct buffer *text)
{
    size_t compared = 0;

    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        struct buffer ours = {0}, theirs = {0};
        if (wire_tree_find(tree, extensions[i].path, 0) < 0) {
            continue;
        }
        read_extension(&theirs, text, extensions[i].heading);
        append_values(&ours, tree, extensions[i].path);
        /* One of its certificates writes "critical: FALSE", which OpenSSL passes over. */
        replace_all(&ours, "malformed: the default must be left out; ", "");
        replace_all(&ours, "malformed: the default must be left out", "");
        if (strstr(extensions[i].heading, "Identifier") != NULL) {
            lower_without_colons(&theirs);
        }
        if (is_comparable(&theirs)) {
            expect_same(name, extensions[i].heading, &ours, &theirs);
            compared++;
        }
        buffer_free(&ours);
        buffer_free(&theirs);
    }
    return compared;
}

/* ---- certificates ------------------------------------------------------------------------------- */

static void compare_line(const char *name, struct buffer *text, const char *label,
                         const struct wire_tree *tree, const char *path)
{
    struct buffer ours = {0}, theirs = {0};

    append_after(&theirs, text, label);
    append_values(&ours, tree, path);
    if (strcmp(label, "serial=") == 0) { /* two digits a byte, in capitals */
        lower_without_colons(&theirs);
        replace_all(&ours, "0x", "");
    }
    expect_same(name, path, &ours, &theirs);
}

static void compare_date(const char *name, struct buffer *text, const char *label,
                         const struct wire_tree *tree, const char *path)
{
    struct buffer ours = {0}, theirs = {0};

    append_times_after(&theirs, text, label);
    append_our_times(&ours, tree, path);
    expect_same(name, path, &ours, &theirs);
}

/* Returns how many extensions were compared. */
static size_t compare_certificate(const char *name, const char *der)
{
    struct wire_tree tree = {0};
    struct buffer file = {0}, text = {0};
    size_t compared;

    dissect(&tree, &file, WIRE_DER_CERTIFICATE, der);
    assert_int_equal(command_run(&text,
                                 OPENSSL_X509
                                 " -inform DER -in %s -noout -subject -issuer -serial "
                                 "-dates -nameopt utf8,sep_comma_plus_space,sname -ext " EXTENSIONS,
                                 der),
                     0);
    replace_all(&text, " + ", ", "); /* of attributes on one level we show but the attributes */
    compare_line(name, &text, "subject=", &tree, "certificate.subject");
    compare_line(name, &text, "issuer=", &tree, "certificate.issuer");
    compare_line(name, &text, "serial=", &tree, "certificate.serial_number");
    compare_date(name, &text, "notBefore=", &tree, "certificate.validity.not_before");
    compare_date(name, &text, "notAfter=", &tree, "certificate.validity.not_after");
    compared = compare_extensions(name, &tree, &text);
    wire_tree_free(&tree);
    buffer_free(&file);
    buffer_free(&text);
    return compared;
}

static bool ends_with(const char *text, const char *end)
{
    return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void certificates_of_openssls_tests_are_read_as_openssl_does(void **state)
{
    DIR *folder = opendir(DATA);
    size_t files = 0, compared = 0;
    struct dirent *entry;

    (void)state;
    if (folder == NULL) {
        print_message("skipped: no " DATA "\n");
        skip();
    }
    need_openssl();
    while ((entry = readdir(folder)) != NULL) {
        char der[SCRATCH_PATH_MAX];
        struct buffer output = {0};
        if (!ends_with(entry->d_name, ".pem")) {
            continue;
        }
        scratch_path(der, "certificate.der");
        assert_int_equal(command_run(&output,
                                     OPENSSL_X509 " -in '" DATA "/%s' -outform DER -out %s",
                                     entry->d_name, der),
                         0);
        if (files % 4 == 0) { /* each takes a process of its own */
            compare_heads(entry->d_name, der);
        }
        compared += compare_certificate(entry->d_name, der);
        buffer_free(&output);
        files++;
    }
    (void)closedir(folder);
    print_message("%zu certificates, %zu extensions\n", files, compared);
    assert_true(files > 100 && compared > 200);
}

/* ---- made here ---------------------------------------------------------------------------------- */

static const char configuration[] =
    "[req]\nprompt=no\ndistinguished_name=dn\nstring_mask=utf8only\nutf8=yes\n"
    "[dn]\nC=CH\nST=Zürich\nO=Example AG\nOU=one\n1.OU=+two\nbusinessCategory=Private "
    "Organization\njurisdictionC=CH\nserialNumber=CHE-1.2.3\nCN=example.org\n"
    "emailAddress=a@example.org\n"
    "[ca]\nbasicConstraints=critical,CA:TRUE,pathlen:3\nsubjectKeyIdentifier=hash\n"
    "keyUsage=critical,digitalSignature,keyCertSign,cRLSign,decipherOnly\n"
    "extendedKeyUsage=serverAuth,clientAuth,OCSPSigning,1.2.3.4\n"
    "subjectAltName=DNS:example.org,DNS:*.example.org,IP:192.0.2.1,email:a@example.org,"
    "URI:https://example.org/,RID:1.2.3.4\n"
    "certificatePolicies=2.23.140.1.2.1,1.2.3.4,@policy\n"
    "crlDistributionPoints=URI:http://crl.example/a.crl,URI:http://crl.example/b.crl\n"
    "authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/ca.crt\n"
    "[policy]\npolicyIdentifier=1.3.5.8\nCPS.1=http://cps.example/\n"
    "[leaf]\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n"
    "[responder]\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\n"
    "[authority]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\ncrlnumber=crlnumber\n"
    "new_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\n"
    "default_days=30\ndefault_crl_days=7\npolicy=p\nunique_subject=no\n"
    "[p]\ncommonName=supplied\n";

/* A CA, two revoked certificates and a good one, a CRL and an OCSP response, all by openssl. */
static const char script[] =
    "cd %s && : >index.txt && echo 1000 >serial && echo 07 >crlnumber && exec 2>&1 &&"
    "key() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; } &&"
    "ca() { openssl ca -batch -notext -config a.cnf -name d \"$@\"; } &&"
    "leaf() { key $1 && openssl req -new -key $1.key -subj /CN=$1 -out $1.csr &&"
    "  ca -extensions $2 -in $1.csr -out $1.pem; } &&"
    "key ca && openssl req -x509 -new -key ca.key -config a.cnf -extensions ca -days 30 -out ca.pem &&"
    "leaf one leaf && leaf two leaf && leaf three leaf && leaf four responder &&"
    "ca -revoke one.pem -crl_reason keyCompromise && ca -revoke two.pem -crl_reason superseded &&"
    "ca -gencrl -out crl.pem && openssl crl -in crl.pem -outform DER -out crl.der &&"
    "openssl ocsp -index index.txt -rsigner four.pem -rkey four.key -CA ca.pem -issuer ca.pem"
    "  -sha256 -cert one.pem -sha256 -cert three.pem -sha256 -serial 0x77 -nmin 60"
    "  -respout ocsp.der &&"
    "openssl x509 -in ca.pem -outform DER -out ca.der &&"
    "openssl x509 -in four.pem -outform DER -out four.der";

static char made[SCRATCH_PATH_MAX]; /* the folder; empty: nothing was made */

static int make(void **state)
{
    struct buffer output = {0};
    char path[SCRATCH_PATH_MAX];
    char *slash;

    (void)state;
    if (!command_exists("openssl")) {
        return 0;
    }
    scratch_write(path, "a.cnf", configuration, sizeof configuration - 1);
    slash = strrchr(path, '/');
    *slash = '\0';
    if (command_run(&output, script, path) != 0) {
        size_t skipped = output.length > 900 ? output.length - 900 : 0; /* the end says why */
        print_message("%s\n", buffer_string(&output) + skipped);
        return -1;
    }
    memcpy(made, path, sizeof made);
    buffer_free(&output);
    return 0;
}

static const char *in_made(char path[SCRATCH_PATH_MAX], const char *name)
{
    if (made[0] == '\0') {
        print_message("skipped: no openssl\n");
        skip();
    }
    return scratch_path(path, name);
}

static void certificates_made_by_openssl_are_read_as_openssl_does(void **state)
{
    char der[SCRATCH_PATH_MAX];

    (void)state;
    assert_int_equal(compare_certificate("ca", in_made(der, "ca.der")), 6);
    assert_int_equal(compare_certificate("four", in_made(der, "four.der")), 2);
}

static void policies_and_distribution_points_are_openssls(void **state)
{
    char der[SCRATCH_PATH_MAX];
    struct wire_tree tree = {0};
    struct buffer file = {0}, text = {0};
    struct buffer ours = {0}, theirs = {0};

    (void)state;
    in_made(der, "ca.der");
    dissect(&tree, &file, WIRE_DER_CERTIFICATE, der);
    assert_int_equal(command_run(&text, "openssl x509 -inform DER -in %s -noout -text", der), 0);

    append_after(&theirs, &text, "Policy: ");
    append_values(&ours, &tree, CERTIFICATE_PATH "certificate_policies.policy_identifier");
    replace_all(&ours, "domain-validated (2.23.140.1.2.1)", "2.23.140.1.2.1");
    expect_same("ca", "policies", &ours, &theirs);

    append_after(&theirs, &text, "CPS: ");
    append_values(&ours, &tree, CERTIFICATE_PATH "certificate_policies.cps_uri");
    expect_same("ca", "CPS", &ours, &theirs);

    replace_all(&text, "Full Name:\n                  URI:", "full name: URI:");
    append_after(&theirs, &text, "full name: ");
    append_values(&ours, &tree, CERTIFICATE_PATH "crl_distribution_points.full_name");
    expect_same("ca", "distribution points", &ours, &theirs);

    wire_tree_free(&tree);
    buffer_free(&file);
    buffer_free(&text);
}

static void a_crl_is_read_as_openssl_does(void **state)
{
    char der[SCRATCH_PATH_MAX];
    struct wire_tree tree = {0};
    struct buffer file = {0}, text = {0};
    struct buffer ours = {0}, theirs = {0};

    (void)state;
    in_made(der, "crl.der");
    dissect(&tree, &file, WIRE_DER_CRL, der);
    assert_int_equal(command_run(&text, "openssl crl -inform DER -in %s -noout -text", der), 0);

    append_after(&theirs, &text, "Serial Number: ");
    append_values(&ours, &tree, "crl.revoked.user_certificate");
    replace_all(&ours, "0x", "");
    assert_string_equal(buffer_string(&ours), "1000, 1001");
    expect_same("crl", "serial numbers", &ours, &theirs);

    compare_date("crl", &text, "Revocation Date: ", &tree, "crl.revoked.revocation_date");
    compare_date("crl", &text, "Last Update: ", &tree, "crl.this_update");
    compare_date("crl", &text, "Next Update: ", &tree, "crl.next_update");

    assert_int_equal(command_count(&text, "Key Compromise"), 1);
    assert_int_equal(command_count(&text, "Superseded"), 1);
    append_values(&ours, &tree, "crl.entry_extension.reason_code.reason");
    assert_string_equal(buffer_string(&ours), "keyCompromise (1), superseded (4)");
    buffer_free(&ours);
    append_values(&ours, &tree, "crl.extension.crl_number");
    assert_string_equal(buffer_string(&ours), "7");

    wire_tree_free(&tree);
    buffer_free(&file);
    buffer_free(&text);
    buffer_free(&ours);
}

static void an_ocsp_response_is_read_as_openssl_does(void **state)
{
    char der[SCRATCH_PATH_MAX];
    struct wire_tree tree = {0};
    struct buffer file = {0}, text = {0};
    struct buffer ours = {0}, theirs = {0};

    (void)state;
    in_made(der, "ocsp.der");
    dissect(&tree, &file, WIRE_DER_OCSP_RESPONSE, der);
    assert_int_equal(command_run(&text, "openssl ocsp -respin %s -text -noverify", der), 0);

    compare_date("ocsp", &text, "Produced At: ", &tree, "ocsp.produced_at");
    compare_date("ocsp", &text, "This Update: ", &tree, "ocsp.this_update");
    compare_date("ocsp", &text, "Next Update: ", &tree, "ocsp.next_update");
    compare_date("ocsp", &text, "Revocation Time: ", &tree, "ocsp.revoked.revocation_time");

    append_after(&theirs, &text, "Issuer Key Hash: ");
    lower_without_colons(&theirs);
    append_values(&ours, &tree, "ocsp.cert_id.issuer_key_hash");
    expect_same("ocsp", "issuer key hash", &ours, &theirs);

    append_after(&theirs, &text, "Cert Status: ");
    assert_string_equal(buffer_string(&theirs), "revoked, good, unknown");
    assert_true(wire_tree_find(&tree, "ocsp.revoked", 0) < wire_tree_find(&tree, "ocsp.good", 0));
    assert_true(wire_tree_find(&tree, "ocsp.good", 0) < wire_tree_find(&tree, "ocsp.unknown", 0));
    append_values(&ours, &tree, "ocsp.cert_id.serial_number");
    assert_string_equal(buffer_string(&ours), "0x1000, 0x1002, 0x77");

    /* The responder's certificate is opened, too. */
    assert_true(wire_tree_find(&tree, CERTIFICATE_PATH "ocsp_no_check", 0) > 0);
    wire_tree_free(&tree);
    buffer_free(&file);
    buffer_free(&text);
    buffer_free(&ours);
    buffer_free(&theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_of_openssls_tests_are_read_as_openssl_does),
        cmocka_unit_test(certificates_made_by_openssl_are_read_as_openssl_does),
        cmocka_unit_test(policies_and_distribution_points_are_openssls),
        cmocka_unit_test(a_crl_is_read_as_openssl_does),
        cmocka_unit_test(an_ocsp_response_is_read_as_openssl_does),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
