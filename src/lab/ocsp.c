/*
 * An OCSP response, written as RFC 6960 4.2.1 has it, from the inside to the outside. The functions are named after its types.
 */
#include "ocsp.h"

#include <gnutls/abstract.h>
#include <gnutls/ocsp.h>

#include "der.h"

#define HOUR 3600

enum { KEY_COMPROMISE = 1 }; /* RFC 5280 5.3.1 */

/* id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1 */
static const uint8_t oid_basic[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01};
/* id-sha1, 1.3.14.3.2.26: the hash that names a certificate (RFC 5019 2.1.1), no signature's. */
static const uint8_t oid_sha1[] = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
/* ecdsa-with-SHA256, 1.2.840.10045.4.3.2 (RFC 5758 3.2) */
static const uint8_t oid_ecdsa_sha256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

/* CertID, as GnuTLS works it out for a request. */
struct cert_id {
    gnutls_datum_t name_hash;
    gnutls_datum_t key_hash;
    gnutls_datum_t serial;
};

static void cert_id_free(struct cert_id *id)
{
    gnutls_free(id->name_hash.data);
    gnutls_free(id->key_hash.data);
    gnutls_free(id->serial.data);
}

static int cert_id_find(struct cert_id *id, const struct lab_issued *subject,
                        const struct lab_issued *issuer)
{
    gnutls_digest_algorithm_t digest;
    gnutls_ocsp_req_t request;
    int status = gnutls_ocsp_req_init(&request);

    *id = (struct cert_id){0};
    if (status < 0) {
        return status;
    }
    status = gnutls_ocsp_req_add_cert(request, GNUTLS_DIG_SHA1, issuer->certificate,
                                      subject->certificate);
    if (status >= 0) {
        status = gnutls_ocsp_req_get_cert_id(request, 0, &digest, &id->name_hash, &id->key_hash,
                                             &id->serial);
    }
    gnutls_ocsp_req_deinit(request);
    return status;
}

/* ---- the response ----------------------------------------------------------------------------- */

static void put_cert_id(struct buffer *out, const struct cert_id *id)
{
    size_t start = out->length;

    lab_der_put(out, DER_OID, oid_sha1, sizeof oid_sha1);
    lab_der_wrap(out, start, DER_SEQUENCE);
    lab_der_put(out, DER_OCTET_STRING, id->name_hash.data, id->name_hash.size);
    lab_der_put(out, DER_OCTET_STRING, id->key_hash.data, id->key_hash.size);
    lab_der_put(out, DER_INTEGER, id->serial.data, id->serial.size);
    lab_der_wrap(out, start, DER_SEQUENCE);
}

static void put_cert_status(struct buffer *out, bool revoked, int64_t now)
{
    static const uint8_t reason = KEY_COMPROMISE;
    size_t start = out->length, reason_start;

    if (!revoked) {
        lab_der_put(out, DER_CONTEXT(0), NULL, 0);
        return;
    }
    lab_der_time(out, now - LAB_DAY);
    reason_start = out->length;
    lab_der_put(out, DER_ENUMERATED, &reason, sizeof reason);
    lab_der_wrap(out, reason_start, DER_EXPLICIT(0));
    lab_der_wrap(out, start, DER_EXPLICIT(1)); /* implicit, of a SEQUENCE */
}

static void put_single_response(struct buffer *out, const struct cert_id *id, bool revoked,
                                int64_t now)
{
    size_t start = out->length, next_update;

    put_cert_id(out, id);
    put_cert_status(out, revoked, now);
    lab_der_time(out, now - HOUR); /* thisUpdate */
    next_update = out->length;
    lab_der_time(out, now + (int64_t)10 * LAB_DAY);
    lab_der_wrap(out, next_update, DER_EXPLICIT(0));
    lab_der_wrap(out, start, DER_SEQUENCE);
}

static void put_response_data(struct buffer *out, const struct cert_id *id, bool revoked,
                              int64_t now)
{
    size_t start = out->length, responses;

    lab_der_put(out, DER_OCTET_STRING, id->key_hash.data, id->key_hash.size);
    lab_der_wrap(out, start, DER_EXPLICIT(2)); /* responderID byKey: the issuer itself */
    lab_der_time(out, now - HOUR);             /* producedAt */
    responses = out->length;
    put_single_response(out, id, revoked, now);
    lab_der_wrap(out, responses, DER_SEQUENCE);
    lab_der_wrap(out, start, DER_SEQUENCE);
}

/* signatureAlgorithm and signature over what stands there since `start`. */
static int put_signature(struct buffer *out, size_t start, gnutls_x509_privkey_t key)
{
    const gnutls_datum_t data = {out->data + start, (unsigned)(out->length - start)};
    gnutls_datum_t signature = {0};
    gnutls_privkey_t signer;
    size_t at = out->length;
    int status = gnutls_privkey_init(&signer);

    if (status < 0) {
        return status;
    }
    status = gnutls_privkey_import_x509(signer, key, 0);
    if (status >= 0) {
        status = gnutls_privkey_sign_data2(signer, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &signature);
    }
    gnutls_privkey_deinit(signer);
    if (status < 0) {
        return status;
    }
    lab_der_put(out, DER_OID, oid_ecdsa_sha256, sizeof oid_ecdsa_sha256);
    lab_der_wrap(out, at, DER_SEQUENCE);
    at = out->length;
    buffer_u8(out, 0); /* no unused bits */
    buffer_append(out, signature.data, signature.size);
    lab_der_wrap(out, at, DER_BIT_STRING);
    gnutls_free(signature.data);
    return 0;
}

/* ResponseBytes around a BasicOCSPResponse that stands there since `start`, and OCSPResponse around both. */
static void wrap_response(struct buffer *out, size_t start)
{
    static const uint8_t successful = 0;
    struct buffer basic = {0};

    lab_der_wrap(out, start, DER_SEQUENCE);
    lab_der_wrap(out, start, DER_OCTET_STRING);
    buffer_append(&basic, out->data + start, out->length - start);
    out->failed |= basic.failed;
    out->length = start;
    lab_der_put(out, DER_ENUMERATED, &successful, sizeof successful);
    size_t bytes = out->length;
    lab_der_put(out, DER_OID, oid_basic, sizeof oid_basic);
    buffer_append(out, basic.data, basic.length);
    lab_der_wrap(out, bytes, DER_SEQUENCE);
    lab_der_wrap(out, bytes, DER_EXPLICIT(0));
    lab_der_wrap(out, start, DER_SEQUENCE);
    buffer_free(&basic);
}

int lab_ocsp_respond(struct buffer *out, const struct lab_issued *subject,
                     const struct lab_issued *issuer, bool revoked, int64_t now)
{
    size_t start = out->length;
    struct cert_id id;
    int status = cert_id_find(&id, subject, issuer);

    if (status >= 0) {
        put_response_data(out, &id, revoked, now);
        status = out->failed ? GNUTLS_E_MEMORY_ERROR : put_signature(out, start, issuer->key);
    }
    cert_id_free(&id);
    if (status < 0) {
        return status;
    }
    wrap_response(out, start);
    return out->failed ? GNUTLS_E_MEMORY_ERROR : 0;
}
