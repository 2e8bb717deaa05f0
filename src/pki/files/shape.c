/* Shapes of DER. */
#include "shape.h"

#include <string.h>

/* A pattern has one letter for each value; what is not mentioned may follow. "(" goes into the value before it. */
static const struct pattern_row {
    const char *pattern;
    struct shape shape;
} patterns[] = {
    {"S(S(0", {SHAPE_CERTIFICATE, "a certificate"}},
    {"S(S(ISSS(TT", {SHAPE_CERTIFICATE, "a certificate"}}, /* version 1 */
    {"S(S(ISST", {SHAPE_CRL, "a CRL"}},
    {"S(S(SST", {SHAPE_CRL, "a CRL"}}, /* version 1 */
    {"S(P0", {SHAPE_PKCS7, "PKCS#7"}},
    {"S(IS(P", {SHAPE_PKCS12, "PKCS#12"}},
    {"S(IS(O)Q", {SHAPE_PRIVATE_KEY, "a private key"}},           /* PKCS#8 */
    {"S(S(O)Q", {SHAPE_PRIVATE_KEY, "an encrypted private key"}}, /* PKCS#8 */
    {"S(IIII", {SHAPE_PRIVATE_KEY, "a private key"}},             /* PKCS#1, DSA */
    {"S(IQ", {SHAPE_PRIVATE_KEY, "a private key"}},               /* RFC 5915 */
    {"S(S(ISS0", {SHAPE_OTHER, "a certificate request"}},
    {"S(S(O)B", {SHAPE_OTHER, "a public key"}},
    {"S(II)", {SHAPE_OTHER, "a public key"}}, /* PKCS#1; two numbers are also DH parameters */
    {"S(E", {SHAPE_OTHER, "an OCSP response"}},
};

#define DEPTH_MAX 4

static bool letter_fits(char letter, const struct der *value)
{
    static const char pkcs7_arc[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07"; /* 1.2.840.113549.1.7 */

    switch (letter) {
    case 'S':
        return value->tag == DER_SEQUENCE;
    case 'I':
        return value->tag == DER_INTEGER;
    case 'O':
        return value->tag == DER_OID;
    case 'P':
        return value->tag == DER_OID && value->content.length == sizeof pkcs7_arc &&
               memcmp(value->content.data, pkcs7_arc, sizeof pkcs7_arc - 1) == 0;
    case 'Q':
        return value->tag == DER_OCTET_STRING;
    case 'B':
        return value->tag == DER_BIT_STRING;
    case 'T':
        return value->tag == DER_UTC_TIME || value->tag == DER_GENERALIZED_TIME;
    case 'E':
        return value->tag == DER_ENUMERATED;
    default:
        return value->tag == DER_CONTEXT_SET(letter - '0');
    }
}

static bool fits(const char *pattern, struct pki_slice bytes)
{
    struct reader levels[DEPTH_MAX + 1] = {reader_new(bytes.data, bytes.length)};
    struct der value = {0};
    int depth = 0;

    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '(') {
            levels[++depth] = reader_new(value.content.data, value.content.length);
        } else if (*pattern == ')') {
            depth--;
        } else if (!ber_next(&levels[depth], &value) || !letter_fits(*pattern, &value)) {
            return false;
        }
    }
    return true;
}

struct shape shape_of(struct pki_slice bytes)
{
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        if (fits(patterns[i].pattern, bytes)) {
            return patterns[i].shape;
        }
    }
    return (struct shape){SHAPE_UNKNOWN, "unknown"};
}

/* ---- what is neither ------------------------------------------------------------------- */

static const struct magic_row {
    const char *bytes;
    size_t length;
    const char *name;
} magics[] = {
#define MAGIC(text, name)           \
    {                               \
        text, sizeof text - 1, name \
    }
    MAGIC("\xff\xfe", "UTF-16 text (`iconv -f UTF-16 -t UTF-8` makes usable PEM of it)"),
    MAGIC("\xfe\xff", "UTF-16 text (`iconv -f UTF-16 -t UTF-8` makes usable PEM of it)"),
    MAGIC("-\0-\0", "UTF-16 text (`iconv -f UTF-16LE -t UTF-8` makes usable PEM of it)"),
    MAGIC("\0-\0-", "UTF-16 text (`iconv -f UTF-16BE -t UTF-8` makes usable PEM of it)"),
    MAGIC("\xfe\xed\xfe\xed",
          "a Java key store (`keytool -exportcert -rfc` takes certificates out of it)"),
    MAGIC("\x1f\x8b", "a gzip file"),
    MAGIC("PK\x03\x04", "a ZIP archive"),
    MAGIC("\x7f"
          "ELF",
          "a program"),
    MAGIC("ssh-", "an SSH key"),
    MAGIC("ecdsa-sha2-", "an SSH key"),
    MAGIC("---- BEGIN SSH2", "an SSH key"),
    MAGIC("\n\r\r\n", "a capture (`tlstep open` shows it)"),
    MAGIC("\xd4\xc3\xb2\xa1", "a capture (`tlstep open` shows it)"),
    MAGIC("\xa1\xb2\xc3\xd4", "a capture (`tlstep open` shows it)"),
    MAGIC("{", "JSON"),
    MAGIC("<!doctype html", "an HTML page, perhaps a server's error message"),
    MAGIC("<html", "an HTML page, perhaps a server's error message"),
    MAGIC("<?xml", "XML"),
    MAGIC("<", "HTML or XML"),
#undef MAGIC
};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool starts_nocase(struct pki_slice bytes, const struct magic_row *row)
{
    for (size_t i = 0; i < row->length; i++) {
        if (i >= bytes.length || lower(bytes.data[i]) != lower((uint8_t)row->bytes[i])) {
            return false;
        }
    }
    return true;
}

static struct pki_slice without_space(struct pki_slice bytes)
{
    while (bytes.length > 0 && strchr(" \t\r\n", bytes.data[0]) != NULL && bytes.data[0] != '\0') {
        bytes.data++;
        bytes.length--;
    }
    return bytes;
}

const char *shape_of_text(struct pki_slice bytes)
{
    struct pki_slice text = without_space(bytes);

    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        if (starts_nocase(bytes, &magics[i]) || starts_nocase(text, &magics[i])) {
            return magics[i].name;
        }
    }
    return NULL;
}
