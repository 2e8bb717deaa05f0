/* What a file holds, into a bundle. The format is found by the content. */
#include <string.h>

#include "bundle.h"
#include "pbe.h"
#include "pem.h"
#include "pkcs12.h"
#include "pkcs7.h"

/* One file on its way in. */
struct intake {
    struct pki_bundle *bundle;
    size_t origin;
    const struct pki_password *password;
    uint64_t rounds; /* of key derivation that the file may still ask for */
    struct err *err;
    size_t before;     /* entries that were there */
    char problem[240]; /* the first thing that could not be used, and why */
    int result;        /* -1: `err` is set */
};

static struct bundle_origin *origin_of(const struct intake *intake)
{
    return &intake->bundle->origins[intake->origin];
}

static void fail_memory(struct intake *intake)
{
    if (intake->result == 0) {
        intake->result = err_memory(intake->err, "reading certificates");
    }
}

static size_t found(const struct intake *intake)
{
    return intake->bundle->certificates.count + intake->bundle->crls.count - intake->before;
}

static void complain(struct intake *intake, const char *problem)
{
    if (intake->problem[0] == '\0') {
        (void)snprintf(intake->problem, sizeof intake->problem, "%s", problem);
    }
}

/* A slice of the origin's own bytes. */
static void take(struct intake *intake, struct bundle_list *list, struct pki_slice der)
{
    size_t offset = (size_t)(der.data - origin_of(intake)->bytes.data);

    if (!bundle_list_add(list, intake->origin, offset, der.length)) {
        fail_memory(intake);
    }
}

static void take_certificate(struct intake *intake, struct pki_slice der)
{
    take(intake, &intake->bundle->certificates, der);
}

/* ---- containers ------------------------------------------------------------------------ */

static void take_pkcs7(struct intake *intake, struct pki_slice bytes)
{
    size_t first = intake->bundle->certificates.count;
    struct pkcs7 contents;
    struct pki_slice der;
    const char *why;

    if (!pkcs7_read(bytes, &contents, &why)) {
        complain(intake, why);
        return;
    }
    while (intake->result == 0 &&
           pkcs7_next(&contents.certificates, &der, &intake->bundle->tally.others)) {
        take_certificate(intake, der);
    }
    if (intake->result == 0 && !pkcs7_order(intake->bundle, first)) {
        fail_memory(intake);
    }
    while (intake->result == 0 && pkcs7_next(&contents.crls, &der, &intake->bundle->tally.others)) {
        take(intake, &intake->bundle->crls, der);
    }
    if (contents.certificates.failed || contents.crls.failed) {
        intake->bundle->tally.unreadable++;
    }
    complain(intake, "it is PKCS#7 without certificates"); /* matters only when none was found */
}

/* What comes out of encryption gets an origin of its own with the same name: the file's bytes, which may still be being
 * read, stay where they are. */
static void take_pkcs12(struct intake *intake, struct pki_slice bytes)
{
    struct pki_bundle *bundle = intake->bundle;
    struct pkcs12 contents;

    if (pkcs12_read(&contents, bytes, origin_of(intake)->name, intake->password, &intake->rounds,
                    intake->err) != 0) {
        intake->result = -1;
        return;
    }
    if (!bundle_begin(bundle, origin_of(intake)->name)) {
        fail_memory(intake);
    }
    for (size_t i = 0; i < contents.count && intake->result == 0; i++) {
        const struct pkcs12_item *item = &contents.items[i];
        if (!bundle_list_add(item->is_crl ? &bundle->crls : &bundle->certificates,
                             bundle->origin_count - 1, item->offset, item->length)) {
            fail_memory(intake);
        }
    }
    if (intake->result == 0) {
        bundle->origins[bundle->origin_count - 1].bytes = contents.bytes;
        contents.bytes = (struct buffer){0};
    }
    bundle->tally.keys += contents.keys;
    complain(intake, "it is PKCS#12 without certificates");
    pkcs12_clear(&contents);
}

/* ---- one DER value --------------------------------------------------------------------- */

static void pass_over(struct intake *intake, const struct shape *shape)
{
    char text[200]; /* a label's worth more than the name */

    if (shape->kind == SHAPE_PRIVATE_KEY) {
        intake->bundle->tally.keys++;
    } else {
        intake->bundle->tally.others++;
    }
    (void)snprintf(text, sizeof text, "it holds no certificate, but %s", shape->name);
    complain(intake, text);
}

/* `bytes` lie in the origin's. What looks like nothing else is taken as `expected`: certificates may be malformed,
 * and saying in which way is what this program is for. */
static void take_value(struct intake *intake, struct pki_slice bytes, enum shape_kind expected)
{
    struct shape shape = shape_of(bytes);

    switch (shape.kind == SHAPE_UNKNOWN ? expected : shape.kind) {
    case SHAPE_CERTIFICATE:
        take_certificate(intake, bytes);
        break;
    case SHAPE_CRL:
        take(intake, &intake->bundle->crls, bytes);
        break;
    case SHAPE_PKCS7:
        take_pkcs7(intake, bytes);
        break;
    case SHAPE_PKCS12:
        take_pkcs12(intake, bytes);
        break;
    default:
        pass_over(intake, &shape);
    }
}

/* A file of DER: one value, or several one after another. */
static void take_values(struct intake *intake, struct pki_slice bytes)
{
    struct reader reader = reader_new(bytes.data, bytes.length);
    size_t values = 0;
    struct der value;

    while (intake->result == 0 && der_is_next(&reader, DER_SEQUENCE) && ber_next(&reader, &value)) {
        take_value(intake, value.whole, SHAPE_CERTIFICATE);
        values++;
    }
    if (values == 0) {
        complain(intake, "it begins like DER and ends before its first value does: it is cut");
    } else if (reader.offset < bytes.length) {
        intake->bundle->tally.bytes += bytes.length - reader.offset;
    }
}

/* ---- PEM ------------------------------------------------------------------------------- */

/* What the labels of RFC 7468, and older ones, promise. */
static const struct label_row {
    const char *label;
    enum shape_kind kind;
    bool first_only; /* something else stands behind the first value */
} labels[] = {
    {"CERTIFICATE", SHAPE_CERTIFICATE, false},
    {"X509 CERTIFICATE", SHAPE_CERTIFICATE, false},
    {"TRUSTED CERTIFICATE", SHAPE_CERTIFICATE, true}, /* OpenSSL's CertAux behind it */
    {"X509 CRL", SHAPE_CRL, false},
    {"CRL", SHAPE_CRL, false},
    {"PKCS7", SHAPE_PKCS7, false},
    {"PKCS #7 SIGNED DATA", SHAPE_PKCS7, false},
    {"CMS", SHAPE_PKCS7, false},
    {"PKCS12", SHAPE_PKCS12, false},
};

static const struct label_row *find_label(const struct pem_block *block)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (pem_has_label(block, labels[i].label)) {
            return &labels[i];
        }
    }
    return NULL;
}

/* "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", … */
static bool is_private_key(struct pki_slice label)
{
    static const char words[] = "PRIVATE KEY";
    size_t length = sizeof words - 1;

    return label.length >= length && memcmp(label.data + label.length - length, words, length) == 0;
}

static void pass_block(struct intake *intake, const struct pem_block *block)
{
    char label[80], text[120];
    struct shape shape = {is_private_key(block->label) ? SHAPE_PRIVATE_KEY : SHAPE_OTHER, text};

    (void)snprintf(text, sizeof text, "PEM of another kind: %s",
                   text_safe(label, sizeof label, block->label.data, block->label.length));
    if (shape.kind == SHAPE_PRIVATE_KEY) {
        shape.name = "a private key";
    }
    pass_over(intake, &shape);
}

static void take_block(struct intake *intake, const struct pem_block *block,
                       const struct label_row *row)
{
    struct buffer *bytes = &origin_of(intake)->bytes;
    struct pki_slice der;
    struct reader reader;
    struct der first;
    long length;

    if (!buffer_reserve(bytes, BASE64_BYTES_MAX(block->body.length))) {
        fail_memory(intake);
        return;
    }
    length = base64_decode(bytes->data + bytes->length, block->body);
    if (length <= 0) {
        intake->bundle->tally.unreadable++;
        complain(intake, length < 0 ? "its PEM is not base64" : "its PEM block is empty");
        return;
    }
    der = (struct pki_slice){bytes->data + bytes->length, (size_t)length};
    bytes->length += (size_t)length;
    reader = reader_new(der.data, der.length);
    if (row->first_only && ber_next(&reader, &first)) {
        der = first.whole;
    }
    take_value(intake, der, row->kind);
}

static void take_pem(struct intake *intake, struct pki_slice text)
{
    struct pem_block block;
    size_t at = 0;

    /* What it decodes to is shorter than the text: one allocation for all of it. */
    if (!buffer_reserve(&origin_of(intake)->bytes, text.length / 4 * 3)) {
        fail_memory(intake);
    }
    while (intake->result == 0 && pem_next(text, &at, &block)) {
        const struct label_row *row = find_label(&block);
        if (row != NULL) {
            take_block(intake, &block, row);
        } else {
            pass_block(intake, &block);
        }
    }
}

/* Base64 without the lines around it, as mail and configuration files have it. */
static void take_bare_base64(struct intake *intake, struct pki_slice text)
{
    static const struct label_row row = {"", SHAPE_UNKNOWN, false};
    struct pem_block block = {.body = text, .ended = true};
    struct bundle_tally before = intake->bundle->tally;

    if (text.length > 2 && text.data[0] == 'M') { /* 0x30, a SEQUENCE */
        take_block(intake, &block, &row);
    }
    if (found(intake) == 0 && intake->result == 0) {
        intake->bundle->tally = before;
    }
}

/* ---- all of it -------------------------------------------------------------------------- */

static struct pki_slice without_mark(struct pki_slice text)
{
    static const uint8_t mark[3] = {0xef, 0xbb, 0xbf}; /* UTF-8's byte order mark */

    if (text.length >= sizeof mark && memcmp(text.data, mark, sizeof mark) == 0) {
        return (struct pki_slice){text.data + sizeof mark, text.length - sizeof mark};
    }
    return text;
}

static void take_text(struct intake *intake, struct pki_slice text)
{
    const char *name;
    char reason[200];

    take_pem(intake, text);
    if (found(intake) > 0 || intake->problem[0] != '\0' || intake->result != 0) {
        return;
    }
    name = shape_of_text(text);
    if (name != NULL) {
        (void)snprintf(reason, sizeof reason, "it is %s", name);
        complain(intake, reason);
        return;
    }
    take_bare_base64(intake, text);
}

int bundle_take(struct pki_bundle *bundle, struct buffer *content,
                const struct pki_password *password, struct err *err)
{
    struct intake intake = {
        .bundle = bundle,
        .origin = bundle->origin_count - 1,
        .password = password,
        .rounds = PBE_ROUNDS_MAX,
        .err = err,
        .before = bundle->certificates.count + bundle->crls.count,
    };
    struct pki_slice bytes = without_mark((struct pki_slice){content->data, content->length});
    char shown[200];

    if (bytes.length == 0) {
        complain(&intake, "it is empty");
    } else if (bytes.data[0] == DER_SEQUENCE) {
        origin_of(&intake)->bytes = *content; /* certificates stay where they are */
        *content = (struct buffer){0};
        take_values(&intake, bytes);
    } else {
        take_text(&intake, bytes);
    }
    if (intake.result != 0 || found(&intake) > 0) {
        return intake.result;
    }
    complain(&intake, "it holds no certificate: it is neither PEM nor DER");
    return err_set(
        err, ERR_FILE, "file", "cannot read certificates from %s: %s",
        text_safe(shown, sizeof shown, origin_of(&intake)->name, strlen(origin_of(&intake)->name)),
        intake.problem);
}
