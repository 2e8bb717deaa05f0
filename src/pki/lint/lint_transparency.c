/* Certificate transparency (RFC 6962), TLS feature (RFC 7633), OCSP no check (RFC 6960), and what Netscape and proxies left. */
#include "../sct.h"
#include "lint.h"

/* ---- SCTs ------------------------------------------------------------------------------ */

/* An OCTET STRING with the list in TLS's encoding (3.3). The number of SCTs, or -1: malformed. */
static long count_scts(struct pki_slice value)
{
    struct reader whole = reader_new(value.data, value.length);
    struct pki_slice content = der_value(&whole, DER_OCTET_STRING).content;
    struct reader list = sct_list_enter(content);
    struct pki_slice one;
    struct sct sct;
    long count = 0;

    while (sct_list_next(&list, &one)) {
        if (!sct_read(&sct, one)) {
            return -1;
        }
        count++;
    }
    return !der_done(&whole) || list.failed || count == 0 ? -1 : count;
}

static bool scts_malformed(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    const struct x509_extension *scts = lint_extension(lint, row->extension);

    if (!scts->present || count_scts(scts->value) >= 0) {
        return false;
    }
    buffer_text(found, "the list of SCTs cannot be read");
    return true;
}

static bool scts_few(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    const struct x509_extension *scts = lint_extension(lint, row->extension);

    if (!scts->present || count_scts(scts->value) != 1) {
        return false;
    }
    buffer_text(found, "there is one SCT");
    return true;
}

/* ---- others ---------------------------------------------------------------------------- */

/* Features ::= SEQUENCE OF INTEGER (RFC 7633 4). */
static bool feature_malformed(const struct lint *lint, const struct lint_row *row,
                              struct buffer *found)
{
    const struct x509_extension *feature = lint_extension(lint, row->extension);
    struct reader value = lint_value(lint, row->extension);
    struct reader list = der_enter(&value, DER_SEQUENCE);

    while (reader_left(&list) > 0) {
        (void)der_small_number(&list);
    }
    if (!feature->present || (der_done(&list) && der_done(&value))) {
        return false;
    }
    buffer_text(found, "TLS feature cannot be read");
    return true;
}

static bool no_check_malformed(const struct lint *lint, const struct lint_row *row,
                               struct buffer *found)
{
    const struct x509_extension *extension = lint_extension(lint, row->extension);

    if (!extension->present || slice_is(extension->value, "\x05\x00")) {
        return false;
    }
    buffer_text(found, "OCSP no check is not NULL");
    return true;
}

#define NETSCAPE "\x60\x86\x48\x01\x86\xf8\x42"

static bool from_netscape(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct reader list = reader_new(lint->x.extensions.data, lint->x.extensions.length);
    struct x509_extension extension;
    struct pki_slice oid;

    (void)row;
    while (x509_extension_next(&list, &oid, &extension)) {
        struct pki_slice arc = {oid.data, sizeof NETSCAPE - 1};
        if (oid.length > arc.length && slice_is(arc, NETSCAPE)) {
            buffer_text(found, "there is the extension ");
            lint_oid(found, oid);
            return true;
        }
    }
    return false;
}

/* ---- rows ------------------------------------------------------------------------------ */

#define SCTS     .extension = X509_SCT_LIST
#define FEATURE  .extension = X509_TLS_FEATURE
#define NO_CHECK .extension = X509_OCSP_NO_CHECK
#define POISON   .extension = X509_CT_POISON
#define PROXY    .extension = X509_PROXY_CERT_INFO

static const struct lint_row rows[] = {
    {"scts_malformed", "RFC 6962 3.3", PKI_LINT_MUST, LINT_ANY, scts_malformed, SCTS,
     "the list of SCTs is well-formed and not empty"},
    {"scts_critical", BR("7.1.2.7.6"), PKI_LINT_MUST, LINT_ANY, lint_critical, SCTS,
     "the list of SCTs is not critical"},
    {"scts_missing", "RFC 6962 3.3", PKI_LINT_NOTE, LINT_LEAF | LINT_SERVER, lint_missing, SCTS,
     "a public certificate carries SCTs, or the server sends them"},
    {"scts_few", "RFC 6962 3.3", PKI_LINT_NOTE, LINT_LEAF | LINT_SERVER, scts_few, SCTS,
     "browsers want at least two SCTs from different logs"},
    {"precertificate", "RFC 6962 3.1", PKI_LINT_MUST, LINT_ANY, lint_present, POISON,
     "a precertificate is for logs only: no certificate has the poison extension"},
    {"tls_feature_malformed", "RFC 7633 4", PKI_LINT_MUST, LINT_ANY, feature_malformed, FEATURE,
     "TLS feature is a list of numbers of TLS extensions"},
    {"tls_feature_critical", "RFC 7633 4", PKI_LINT_SHOULD, LINT_ANY, lint_critical, FEATURE,
     "TLS feature is not critical"},
    {"ocsp_no_check_malformed", "RFC 6960 4.2.2.2.1", PKI_LINT_MUST, LINT_ANY, no_check_malformed,
     NO_CHECK, "OCSP no check is NULL"},
    {"ocsp_no_check", "RFC 6960 4.2.2.2.1", PKI_LINT_SHOULD, LINT_ANY | LINT_SERVER, lint_present,
     NO_CHECK, "OCSP no check is for certificates of OCSP responders"},
    {"ocsp_no_check_critical", "RFC 6960 4.2.2.2.1", PKI_LINT_SHOULD, LINT_ANY, lint_critical,
     NO_CHECK, "OCSP no check is not critical"},
    {"proxy_not_critical", "RFC 3820 3.8", PKI_LINT_MUST, LINT_ANY, lint_not_critical, PROXY,
     "proxyCertInfo is critical"},
    {"netscape_extension", BR("7.1.2.11.5"), PKI_LINT_NOTE, LINT_ANY, from_netscape,
     .field = "extensions", .extension = X509_EXTENSION_COUNT,
     "extensions of Netscape, which nobody reads anymore, are absent"},
};
const struct lint_table lint_transparency = LINT_TABLE(rows);
