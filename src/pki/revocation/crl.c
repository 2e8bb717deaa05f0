/* CRLs taken apart. */
#include "crl.h"

#include "../name.h"

/* How often one serial number may occur for other issuers before it is no list but an attack. */
#define NAMESAKES_MAX 1000

static const char *const reason_names[] = {
    NULL,
    "keyCompromise",
    "cACompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "certificateHold",
    NULL,
    "removeFromCRL",
    "privilegeWithdrawn",
    "aACompromise",
};

const char *crl_reason_name(int reason)
{
    return reason >= 0 && (size_t)reason < sizeof reason_names / sizeof reason_names[0]
               ? reason_names[reason]
               : NULL;
}

/* An INTEGER without the bytes in front that its sign does not need (X.690 8.3.2 forbids them). */
static struct pki_slice shortest(struct pki_slice number)
{
    while (number.length > 1 && ((number.data[0] == 0x00 && (number.data[1] & 0x80) == 0) ||
                                 (number.data[0] == 0xff && (number.data[1] & 0x80) != 0))) {
        number.data++;
        number.length--;
    }
    return number;
}

bool serial_equal(struct pki_slice a, struct pki_slice b)
{
    return slice_equal(a, b) || slice_equal(shortest(a), shortest(b));
}

int crl_number_compare(struct pki_slice a, struct pki_slice b)
{
    return slice_compare(shortest(a), shortest(b));
}

/* ---- entries (5.1.2.6, 5.3) -------------------------------------------------------------- */

/* crlEntryExtensions. False when a critical one is not known. */
static bool read_entry_extensions(struct reader *fields, struct crl_entry *entry)
{
    struct reader list = der_enter(fields, DER_SEQUENCE);
    struct signed_extension extension;
    bool understood = true;

    while (signed_extension_next(&list, &extension)) {
        if (slice_is(extension.oid, "\x55\x1d\x15")) { /* reasonCode: ENUMERATED */
            struct pki_slice code = der_value(&extension.value, DER_ENUMERATED).content;
            list.failed |= !der_done(&extension.value) || code.length != 1;
            entry->reason = code.length == 1 ? code.data[0] : CRL_NO_REASON;
        } else if (slice_is(extension.oid, "\x55\x1d\x1d")) { /* certificateIssuer */
            entry->issuer = der_value(&extension.value, DER_SEQUENCE).content;
            list.failed |= !der_done(&extension.value) || entry->issuer.length == 0;
        } else if (extension.critical && !slice_is(extension.oid, "\x55\x1d\x18")) {
            understood = false; /* invalidityDate is known, and changes nothing */
        }
    }
    fields->failed |= !der_done(&list);
    return understood;
}

/* The next entry; `entry->issuer` goes on from one to the next. False at the end. */
static bool entry_next(struct reader *list, struct crl_entry *entry, bool *understood)
{
    struct reader fields;

    if (reader_left(list) == 0) {
        return false;
    }
    fields = der_enter(list, DER_SEQUENCE);
    entry->serial = der_value(&fields, DER_INTEGER).content;
    entry->date = der_time(&fields);
    entry->reason = CRL_NO_REASON;
    if (reader_left(&fields) > 0 && !read_entry_extensions(&fields, entry)) {
        *understood = false;
    }
    list->failed |= !der_done(&fields) || entry->serial.length == 0;
    return !list->failed;
}

/* Is an entry about certificates of `issuer`? */
static bool is_of_issuer(const struct crl *crl, const struct crl_entry *entry,
                         struct pki_slice issuer, bool *failed)
{
    struct reader names = reader_new(entry->issuer.data, entry->issuer.length);
    struct general_name name;

    if (entry->issuer.length == 0) {
        return name_equal(crl->scope.issuer, issuer, failed);
    }
    while (general_name_next(&names, &name)) {
        if (name.kind == NAME_DIRECTORY) {
            return name_equal(name.content, issuer, failed);
        }
    }
    return false;
}

bool crl_find(const struct crl *crl, const struct x509 *certificate, struct crl_entry *out,
              bool *failed)
{
    struct reader list = reader_new(crl->entries.data, crl->entries.length);
    bool understood = true;
    size_t namesakes = 0;

    *out = (struct crl_entry){0};
    while (namesakes < NAMESAKES_MAX && entry_next(&list, out, &understood)) {
        if (!serial_equal(out->serial, certificate->serial)) {
            continue;
        }
        if (is_of_issuer(crl, out, certificate->issuer, failed)) {
            return true;
        }
        namesakes++;
    }
    return false;
}

/* ---- crlExtensions (5.2) ----------------------------------------------------------------- */

static void break_rule(struct crl *crl, const char *rule)
{
    if (crl->not_conforming == NULL) {
        crl->not_conforming = rule;
    }
}

static void read_authority_key_id(struct crl *crl, struct signed_extension *extension)
{
    struct reader fields = der_enter(&extension->value, DER_SEQUENCE);

    if (der_is_next(&fields, DER_CONTEXT(0))) {
        crl->authority_key_id = der_any(&fields).content;
    }
    extension->value.failed |= fields.failed;
}

static void read_number(struct crl *crl, struct signed_extension *extension)
{
    crl->number = der_value(&extension->value, DER_INTEGER).content;
    if (crl->number.length > 20 || (crl->number.length > 0 && (crl->number.data[0] & 0x80) != 0)) {
        break_rule(crl, "its cRLNumber is negative or longer than 20 bytes (RFC 5280 5.2.3)");
    }
}

static void read_base_number(struct crl *crl, struct signed_extension *extension)
{
    crl->is_delta = true;
    crl->base_number = der_value(&extension->value, DER_INTEGER).content;
    if (!extension->critical) {
        break_rule(crl, "its deltaCRLIndicator is not critical (RFC 5280 5.2.4)");
    }
}

static void read_issuing_point(struct crl *crl, struct signed_extension *extension)
{
    struct issuing_point *point = &crl->scope.point;

    issuing_point_read(point, &extension->value);
    if (!extension->critical) {
        break_rule(crl, "its issuingDistributionPoint is not critical (RFC 5280 5.2.5)");
    }
    if (point->only_user + point->only_ca + point->only_attribute > 1) {
        break_rule(crl, "its issuingDistributionPoint says more than one kind of certificates to "
                        "be the only one (RFC 5280 5.2.5)");
    }
}

/* Nobody here fetches anything: deltas are found among the CRLs that were given. */
static void read_nothing(struct crl *crl, struct signed_extension *extension)
{
    (void)crl;
    extension->value.offset = extension->value.length;
}

static const struct extension_row {
    struct pki_slice oid;
    void (*read)(struct crl *crl, struct signed_extension *extension);
    const char *forbidden; /* what is said when it is critical and must not be; NULL: it may be */
} extension_rows[] = {
    {OID("\x55\x1d\x23"), read_authority_key_id, NULL},
    {OID("\x55\x1d\x14"), read_number, "its cRLNumber is critical (against RFC 5280 5.2.3)"},
    {OID("\x55\x1d\x1b"), read_base_number, NULL},
    {OID("\x55\x1d\x1c"), read_issuing_point, NULL},
    {OID("\x55\x1d\x2e"), read_nothing, "its freshestCRL is critical (against RFC 5280 5.2.6)"},
    {OID("\x55\x1d\x12"), read_nothing, "its issuerAltName is critical (against RFC 5280 5.2.2)"},
    {OID("\x2b\x06\x01\x05\x05\x07\x01\x01"), read_nothing,
     "its authorityInfoAccess is critical (against RFC 5280 5.2.7)"},
};

#define ROW_COUNT (sizeof extension_rows / sizeof extension_rows[0])

static void read_extensions(struct crl *crl, struct reader *tbs)
{
    struct reader wrapped = der_enter(tbs, DER_CONTEXT_SET(0));
    struct reader list = der_enter(&wrapped, DER_SEQUENCE);
    struct signed_extension extension;
    bool seen[ROW_COUNT] = {false};

    while (signed_extension_next(&list, &extension)) {
        size_t row = 0;
        while (row < ROW_COUNT && !slice_equal(extension.oid, extension_rows[row].oid)) {
            row++;
        }
        if (row == ROW_COUNT) {
            if (extension.critical) {
                crl->not_understood = "it has a critical extension that is not known here";
            }
            continue;
        }
        extension_rows[row].read(crl, &extension);
        if (extension.critical && extension_rows[row].forbidden != NULL) {
            crl->not_understood = extension_rows[row].forbidden; /* as OpenSSL has it */
        }
        list.failed |= seen[row] || !der_done(&extension.value);
        seen[row] = true;
    }
    tbs->failed |= !der_done(&list) || !der_done(&wrapped);
}

/* ---- CertificateList (5.1) --------------------------------------------------------------- */

static void walk_entries(struct crl *crl, struct reader *tbs)
{
    struct reader list = der_enter(tbs, DER_SEQUENCE);
    struct crl_entry entry = {0};
    bool understood = true;

    crl->entries = (struct pki_slice){list.data, list.length};
    while (entry_next(&list, &entry, &understood)) {
    }
    tbs->failed |= list.failed;
    if (!understood) {
        crl->not_understood = "an entry of it has a critical extension that is not known here";
    }
}

/* What version 2 demands (5.1.2, 5.2), for --strict. */
static void check_conformance(struct crl *crl)
{
    if (crl->version != 2) {
        break_rule(crl, "its version is not 2 (RFC 5280 5.1.2.1)");
    }
    if (crl->next_update == 0) {
        break_rule(crl, "it has no nextUpdate (RFC 5280 5.1.2.5)");
    }
    if (crl->number.length == 0) {
        break_rule(crl, "it has no cRLNumber (RFC 5280 5.2.3)");
    }
    if (crl->authority_key_id.length == 0) {
        break_rule(crl, "it has no authorityKeyIdentifier (RFC 5280 5.2.1)");
    }
}

/* TBSCertList. Returns what cannot be read, or NULL. */
static const char *read_tbs(struct crl *crl)
{
    struct reader whole = reader_new(crl->bytes.content.data, crl->bytes.content.length);
    struct reader tbs = der_enter(&whole, DER_SEQUENCE);
    struct pki_slice inner;

    crl->version = 1;
    if (der_is_next(&tbs, DER_INTEGER)) {
        uint32_t number = der_small_number(&tbs);
        crl->version = number + 1;
        tbs.failed |= number > 1;
    }
    inner = der_value(&tbs, DER_SEQUENCE).whole;
    if (tbs.failed) {
        return "version";
    }
    if (!slice_equal(inner, crl->bytes.algorithm)) {
        return "signature algorithm (inside and outside of what is signed it differs)";
    }
    crl->scope.issuer = name_read(&tbs);
    if (tbs.failed) {
        return "issuer";
    }
    crl->this_update = der_time(&tbs);
    if (der_is_next(&tbs, DER_UTC_TIME) || der_is_next(&tbs, DER_GENERALIZED_TIME)) {
        crl->next_update = der_time(&tbs);
    }
    if (tbs.failed) {
        return "thisUpdate or nextUpdate";
    }
    if (der_is_next(&tbs, DER_SEQUENCE)) {
        walk_entries(crl, &tbs);
    }
    if (tbs.failed) {
        return "list of entries";
    }
    if (der_is_next(&tbs, DER_CONTEXT_SET(0))) {
        read_extensions(crl, &tbs);
    }
    return der_done(&tbs) ? NULL : "extensions";
}

bool crl_read(struct crl *out, struct pki_slice der, char *problem, size_t size, bool *failed)
{
    struct reader whole = reader_new(der.data, der.length);
    struct reader fields = der_enter(&whole, DER_SEQUENCE);
    const char *part = "outermost structure";

    *out = (struct crl){.der = der};
    signed_read(&fields, &out->bytes);
    if (der_done(&fields) && der_done(&whole)) {
        part = read_tbs(out);
    }
    if (part != NULL) {
        (void)snprintf(problem, size, "its %s cannot be read", part);
        return false;
    }
    check_conformance(out);
    out->scope.issuer_hash = name_hash(out->scope.issuer, failed);
    return !*failed;
}
