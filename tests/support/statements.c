/* CRLs and OCSP responses for tests. */
#include "statements.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "notation.h"

#define ECDSA_SHA256 "30(06(2a8648ce3d040302))"
#define POINT_LENGTH 65 /* of P-256, uncompressed: the end of its SubjectPublicKeyInfo */

static void require(bool condition, const char *what)
{
    if (!condition) {
        (void)fprintf(stderr, "statement: cannot make %s\n", what);
        abort();
    }
}

static char *require_text(char *text)
{
    require(text != NULL, "a text");
    return text;
}

/* Hex of the name of its subject, a Name. */
static char *name_of(const struct cert *cert)
{
    gnutls_datum_t name = {0};
    char *hex;

    require(gnutls_x509_crt_get_raw_dn(cert->crt, &name) >= 0, "a name");
    hex = notation_hex(name.data, name.size);
    gnutls_free(name.data);
    return hex;
}

static char *serial_of(const struct cert *cert)
{
    uint8_t serial[64];
    size_t size = sizeof serial;

    require(gnutls_x509_crt_get_serial(cert->crt, serial, &size) >= 0, "a serial number");
    return notation_hex(serial, size);
}

/* GeneralizedTime or UTCTime, or nothing. */
static char *time_of(int64_t seconds, bool generalized)
{
    time_t at = (time_t)seconds;
    struct tm parts;
    char text[40];

    if (seconds == STATEMENT_NONE) {
        return require_text(text_format("%s", ""));
    }
    require(gmtime_r(&at, &parts) != NULL, "a time");
    (void)strftime(text, sizeof text, generalized ? "18('%Y%m%d%H%M%SZ')" : "17('%y%m%d%H%M%SZ')",
                   &parts);
    return require_text(text_format("%s", text));
}

static int64_t or_else(int64_t time, int64_t usual)
{
    return time != 0 ? time : usual;
}

/* SEQUENCE { content, algorithm, signature, more } */
static void append_signed(struct buffer *out, const char *content, const struct cert *signer,
                          const char *more, bool break_signature)
{
    struct buffer bytes = {0};
    gnutls_datum_t data, signature = {0};
    gnutls_privkey_t key;
    char *hex, *signature_hex, *whole;

    notation_append(&bytes, content);
    data = (gnutls_datum_t){bytes.data, (unsigned)bytes.length};
    require(gnutls_privkey_init(&key) >= 0 &&
                gnutls_privkey_import_x509(key, signer->key, 0) >= 0 &&
                gnutls_privkey_sign_data2(key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &signature) >= 0,
            "a signature");
    if (break_signature) {
        signature.data[signature.size - 1] ^= 1;
    }
    hex = notation_hex(bytes.data, bytes.length);
    signature_hex = notation_hex(signature.data, signature.size);
    whole =
        require_text(text_format("30(%s " ECDSA_SHA256 " 03(00%s) %s)", hex, signature_hex, more));
    notation_append(out, whole);
    gnutls_privkey_deinit(key);
    gnutls_free(signature.data);
    buffer_free(&bytes);
    free(hex);
    free(signature_hex);
    free(whole);
}

/* ---- CRLs -------------------------------------------------------------------------------- */

char *crl_entry(const struct cert *cert, const char *extensions)
{
    char *serial = serial_of(cert);
    char *entry = require_text(text_format("30(02(%s) 17('260520080000Z') %s%s%s)", serial,
                                           *extensions != '\0' ? "30(" : "", extensions,
                                           *extensions != '\0' ? ")" : ""));

    free(serial);
    return entry;
}

static char *crl_extensions(const struct crl_options *options)
{
    const char *number = options->number != NULL ? options->number : "01";
    const char *more = options->extensions != NULL ? options->extensions : "";

    if (options->version_1) {
        return require_text(text_format("%s", ""));
    }
    if (*number == '\0') {
        return require_text(text_format(*more != '\0' ? "a0(30(%s))" : "%s", more));
    }
    return require_text(text_format("a0(30(" EXTENSION("551d14", "02(%s)") "%s))", number, more));
}

void crl_append(struct buffer *out, const struct crl_options *options)
{
    char *issuer = name_of(options->issuer);
    char *from = time_of(or_else(options->this_update, CERT_NOW - CERT_DAY), false);
    char *until = time_of(or_else(options->next_update, CERT_NOW + 6 * CERT_DAY), false);
    char *extensions = crl_extensions(options);
    char *content = require_text(text_format("30(%s " ECDSA_SHA256 " %s %s %s %s%s%s %s)",
                                             options->version_1 ? "" : "02(01)", issuer, from,
                                             until, options->entries != NULL ? "30(" : "",
                                             options->entries != NULL ? options->entries : "",
                                             options->entries != NULL ? ")" : "", extensions));

    append_signed(out, content, options->signed_by != NULL ? options->signed_by : options->issuer,
                  "", options->break_signature);
    free(issuer);
    free(from);
    free(until);
    free(extensions);
    free(content);
}

/* ---- OCSP responses ------------------------------------------------------------------------ */

/* The bytes of a public key, without SubjectPublicKeyInfo around them. */
static void key_of(const struct cert *cert, uint8_t point[POINT_LENGTH])
{
    gnutls_pubkey_t key;
    gnutls_datum_t der = {0};

    require(gnutls_pubkey_init(&key) >= 0 && gnutls_pubkey_import_x509(key, cert->crt, 0) >= 0 &&
                gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der) >= 0 &&
                der.size > POINT_LENGTH,
            "a public key");
    memcpy(point, der.data + der.size - POINT_LENGTH, POINT_LENGTH);
    gnutls_free(der.data);
    gnutls_pubkey_deinit(key);
}

static char *hash_hex(gnutls_digest_algorithm_t algorithm, const void *bytes, size_t length)
{
    uint8_t hash[32];

    require(gnutls_hash_fast(algorithm, bytes, length, hash) >= 0, "a hash");
    return notation_hex(hash, gnutls_hash_get_len(algorithm));
}

static char *cert_id(const struct ocsp_options *options)
{
    gnutls_digest_algorithm_t algorithm = options->sha256 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA1;
    gnutls_datum_t name = {0};
    uint8_t key[POINT_LENGTH];
    char *name_hash, *key_hash, *serial, *id;

    require(gnutls_x509_crt_get_raw_issuer_dn(options->certificate->crt, &name) >= 0, "a name");
    key_of(options->issuer, key);
    name_hash = hash_hex(algorithm, name.data, name.size);
    key_hash = hash_hex(algorithm, key, sizeof key);
    serial = serial_of(options->certificate);
    id = require_text(text_format("30(30(06(%s)05())04(%s)04(%s)02(%s))",
                                  options->sha256 ? "608648016503040201" : "2b0e03021a", name_hash,
                                  key_hash, serial));
    gnutls_free(name.data);
    free(name_hash);
    free(key_hash);
    free(serial);
    return id;
}

static char *single_of(const struct ocsp_options *options)
{
    char *id = cert_id(options);
    char *from = time_of(or_else(options->this_update, CERT_NOW - CERT_DAY), true);
    char *until = time_of(or_else(options->next_update, CERT_NOW + 6 * CERT_DAY), true);
    bool has_next = options->next_update != STATEMENT_NONE;
    bool has_extensions = options->single_extensions != NULL;
    char *single = require_text(text_format(
        "30(%s %s %s %s%s%s %s%s%s)", id, options->status != NULL ? options->status : "80()", from,
        has_next ? "a0(" : "", until, has_next ? ")" : "", has_extensions ? "a1(30(" : "",
        has_extensions ? options->single_extensions : "", has_extensions ? "))" : ""));

    free(id);
    free(from);
    free(until);
    return single;
}

static char *responder_id(const struct cert *responder, bool by_key)
{
    uint8_t key[POINT_LENGTH];
    char *value = NULL, *id;

    if (by_key) {
        key_of(responder, key);
        value = hash_hex(GNUTLS_DIG_SHA1, key, sizeof key);
    } else {
        value = name_of(responder);
    }
    id = require_text(text_format(by_key ? "a2(04(%s))" : "a1(%s)", value));
    free(value);
    return id;
}

static char *attached(const struct ocsp_options *options)
{
    char *hex, *list;

    if (options->attached == NULL) {
        return require_text(text_format("%s", ""));
    }
    hex = notation_hex(options->attached->der, options->attached->length);
    list = require_text(text_format("a0(30(%s))", hex));
    free(hex);
    return list;
}

void ocsp_append(struct buffer *out, const struct ocsp_options *options)
{
    const struct cert *responder =
        options->responder != NULL ? options->responder : options->issuer;
    bool has_extensions = options->extensions != NULL;
    char *id, *produced, *single, *content, *certificates, *hex, *whole;
    struct buffer basic = {0};

    if (options->answer != 0) {
        char *error = require_text(text_format("30(0a(%02x))", options->answer));
        notation_append(out, error);
        free(error);
        return;
    }
    id = responder_id(responder, options->by_key);
    produced = time_of(or_else(options->this_update, CERT_NOW - CERT_DAY), true);
    single = single_of(options);
    certificates = attached(options);
    content = require_text(text_format(
        "30(%s %s 30(%s %s) %s%s%s)", id, produced, options->before != NULL ? options->before : "",
        single, has_extensions ? "a1(30(" : "", has_extensions ? options->extensions : "",
        has_extensions ? "))" : ""));
    append_signed(&basic, content, responder, certificates, options->break_signature);
    hex = notation_hex(basic.data, basic.length);
    whole = require_text(text_format("30(0a(00) a0(30(06(2b0601050507300101) 04(%s))))", hex));
    notation_append(out, whole);
    buffer_free(&basic);
    free(id);
    free(produced);
    free(single);
    free(certificates);
    free(content);
    free(hex);
    free(whole);
}
