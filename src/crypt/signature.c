/* Signatures of CertificateVerify and ServerKeyExchange. */
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "check.h"
#include "hash.h"
#include "remembered.h"

/* The schemes that GnuTLS can verify, by their two bytes (RFC 8446 4.2.3, RFC 5246 7.4.1.4.1). From TLS 1.3 on
 * an ECDSA scheme fixes the curve too; the two families of PSS differ in the certificate's kind of key alone. */
static const struct scheme_row {
    uint16_t id;
    gnutls_sign_algorithm_t algorithm;
    const char *hash; /* NULL: the message is signed as it is */
    const char
        *key; /* the curve, or what GnuTLS calls the kind of key; NULL: the algorithm says it all */
} schemes[] = {
    {0x0101, GNUTLS_SIGN_RSA_MD5, "MD5", NULL},
    {0x0201, GNUTLS_SIGN_RSA_SHA1, "SHA-1", NULL},
    {0x0301, GNUTLS_SIGN_RSA_SHA224, NULL, NULL},
    {0x0401, GNUTLS_SIGN_RSA_SHA256, "SHA-256", NULL},
    {0x0501, GNUTLS_SIGN_RSA_SHA384, "SHA-384", NULL},
    {0x0601, GNUTLS_SIGN_RSA_SHA512, "SHA-512", NULL},
    {0x0202, GNUTLS_SIGN_DSA_SHA1, "SHA-1", NULL},
    {0x0302, GNUTLS_SIGN_DSA_SHA224, NULL, NULL},
    {0x0402, GNUTLS_SIGN_DSA_SHA256, "SHA-256", NULL},
    {0x0502, GNUTLS_SIGN_DSA_SHA384, "SHA-384", NULL},
    {0x0602, GNUTLS_SIGN_DSA_SHA512, "SHA-512", NULL},
    {0x0203, GNUTLS_SIGN_ECDSA_SHA1, "SHA-1", NULL},
    {0x0303, GNUTLS_SIGN_ECDSA_SHA224, NULL, NULL},
    {0x0403, GNUTLS_SIGN_ECDSA_SHA256, "SHA-256", "SECP256R1"},
    {0x0503, GNUTLS_SIGN_ECDSA_SHA384, "SHA-384", "SECP384R1"},
    {0x0603, GNUTLS_SIGN_ECDSA_SHA512, "SHA-512", "SECP521R1"},
    {0x0804, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, "SHA-256", "RSA"},
    {0x0805, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, "SHA-384", "RSA"},
    {0x0806, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, "SHA-512", "RSA"},
    {0x0807, GNUTLS_SIGN_EDDSA_ED25519, NULL, NULL},
    {0x0808, GNUTLS_SIGN_EDDSA_ED448, NULL, NULL},
    {0x0809, GNUTLS_SIGN_RSA_PSS_SHA256, "SHA-256", "RSA-PSS"},
    {0x080a, GNUTLS_SIGN_RSA_PSS_SHA384, "SHA-384", "RSA-PSS"},
    {0x080b, GNUTLS_SIGN_RSA_PSS_SHA512, "SHA-512", "RSA-PSS"},
};

/* This is an analyst's tool: what is weak is told elsewhere, here it counts whether the signature fits. */
#define FLAGS (GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1)

/* As many digits of a hash (half as many bytes) fit into the text of a check. */
#define HASH_SHOWN ((size_t)24 + sizeof "…")

static const struct scheme_row *find_scheme(uint16_t id)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (schemes[i].id == id) {
            return &schemes[i];
        }
    }
    return NULL;
}

static gnutls_datum_t datum_of(const struct crypt_known *known)
{
    return (gnutls_datum_t){(unsigned char *)known->data, (unsigned)known->length};
}

/* The key of a certificate, or of a SubjectPublicKeyInfo by itself (RFC 7250). NULL with GnuTLS's status. */
static gnutls_pubkey_t import_key(const struct crypt_known *der, int *status)
{
    const gnutls_datum_t datum = datum_of(der);
    gnutls_x509_crt_t certificate = NULL;
    gnutls_pubkey_t key = NULL;

    *status = der->length > UINT32_MAX ? GNUTLS_E_ASN1_DER_ERROR : gnutls_pubkey_init(&key);
    if (*status != 0) {
        return NULL;
    }
    *status = gnutls_x509_crt_init(&certificate);
    if (*status == 0) {
        *status = gnutls_x509_crt_import(certificate, &datum, GNUTLS_X509_FMT_DER);
        *status = *status == 0 ? gnutls_pubkey_import_x509(key, certificate, 0)
                               : gnutls_pubkey_import(key, &datum, GNUTLS_X509_FMT_DER);
        gnutls_x509_crt_deinit(certificate);
    }
    if (*status != 0) {
        gnutls_pubkey_deinit(key);
        return NULL;
    }
    return key;
}

/* Whether GnuTLS, rather than the signature, is why it was not verified. */
static bool is_beyond_gnutls(int status)
{
    switch (status) {
    case GNUTLS_E_MEMORY_ERROR:
    case GNUTLS_E_INTERNAL_ERROR:
    case GNUTLS_E_HASH_FAILED:
    case GNUTLS_E_UNIMPLEMENTED_FEATURE:
    case GNUTLS_E_INSUFFICIENT_SECURITY:
    case GNUTLS_E_UNKNOWN_ALGORITHM:
    case GNUTLS_E_UNKNOWN_PK_ALGORITHM:
    case GNUTLS_E_UNKNOWN_HASH_ALGORITHM:
    case GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM:
    case GNUTLS_E_ECC_UNSUPPORTED_CURVE:
        return true;
    default:
        return false;
    }
}

/* Puts GnuTLS's answer into words. `hash_name`: what the signature goes over, NULL: the content itself. */
static void judge(struct crypt_check *check, int status, const char *scheme, const char *hash_name,
                  const struct crypt_known *content)
{
    char hex[2 * CRYPT_HASH_MAX + 1] = "";
    uint8_t value[CRYPT_HASH_MAX];
    gnutls_digest_algorithm_t digest = crypt_digest_find(hash_name);

    if (status < 0 && is_beyond_gnutls(status)) {
        crypt_check_unknown(check, "GnuTLS cannot verify it (%s): %s", scheme,
                            gnutls_strerror(status));
        return;
    }
    check->known = true;
    check->ok = status >= 0;
    if (check->ok) {
        (void)snprintf(check->text, sizeof check->text, "the certificate's key made it (%s)",
                       scheme);
        return;
    }
    /* A hash of 64 bytes and the words do not fit together: its start will do. */
    if (digest != GNUTLS_DIG_UNKNOWN &&
        gnutls_hash_fast(digest, content->data, content->length, value) == 0) {
        text_hex(hex, HASH_SHOWN, value, gnutls_hash_get_len(digest));
    }
    (void)snprintf(check->text, sizeof check->text,
                   "the certificate's key did not make it (%.40s)%s%.30s", scheme,
                   hex[0] != '\0' ? "; what it must cover has the hash " : "", hex);
}

/* Before TLS 1.2 the key says how: RSA over MD5 and SHA-1 together, others over SHA-1 (RFC 2246 7.4.3). */
static void check_unnamed(const struct crypt_signature *signature, gnutls_pubkey_t key,
                          struct crypt_check *check)
{
    const gnutls_datum_t data = datum_of(&signature->content);
    const gnutls_datum_t value = datum_of(&signature->value);
    uint8_t both[CRYPT_HASH_MAX];
    const gnutls_datum_t hash = {both, gnutls_hash_get_len(GNUTLS_DIG_MD5_SHA1)};
    int status;

    switch (gnutls_pubkey_get_pk_algorithm(key, NULL)) {
    case GNUTLS_PK_RSA:
        status = gnutls_hash_fast(GNUTLS_DIG_MD5_SHA1, data.data, data.size, both);
        if (status == 0) {
            status = gnutls_pubkey_verify_hash2(key, GNUTLS_SIGN_UNKNOWN,
                                                FLAGS | GNUTLS_PUBKEY_VERIFY_FLAG_TLS1_RSA, &hash,
                                                &value);
        }
        judge(check, status, "RSA, MD5 and SHA-1", CRYPT_MD5_SHA1, &signature->content);
        return;
    case GNUTLS_PK_DSA:
        status = gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_DSA_SHA1, FLAGS, &data, &value);
        judge(check, status, "DSA, SHA-1", "SHA-1", &signature->content);
        return;
    case GNUTLS_PK_ECDSA:
        status = gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_ECDSA_SHA1, FLAGS, &data, &value);
        judge(check, status, "ECDSA, SHA-1", "SHA-1", &signature->content);
        return;
    default:
        crypt_check_unknown(check, "this version has no signatures by such a key");
    }
}

/* RFC 8446 4.2.3: whether the key is of the kind and, in TLS 1.3, on the curve that the scheme asks for. */
static bool key_fits(gnutls_pubkey_t key, uint16_t version, const struct scheme_row *row)
{
    gnutls_pk_algorithm_t algorithm = gnutls_pubkey_get_pk_algorithm(key, NULL);
    gnutls_ecc_curve_t curve;

    if (row->key == NULL) {
        return true;
    }
    if (algorithm != GNUTLS_PK_ECDSA) {
        return strcmp(gnutls_pk_get_name(algorithm), row->key) == 0;
    }
    return version < WIRE_TLS13 || gnutls_pubkey_export_ecc_raw2(key, &curve, NULL, NULL, 0) != 0 ||
           strcmp(gnutls_ecc_curve_get_name(curve), row->key) == 0;
}

static void check_scheme(const struct crypt_signature *signature, gnutls_pubkey_t key,
                         struct crypt_check *check)
{
    const gnutls_datum_t data = datum_of(&signature->content);
    const gnutls_datum_t value = datum_of(&signature->value);
    const struct scheme_row *row = find_scheme(signature->scheme);
    char name[64];

    wire_registry_text(name, sizeof name, WIRE_REGISTRY_SIGNATURE_SCHEME, signature->scheme);
    if (row == NULL) {
        crypt_check_unknown(check, "GnuTLS cannot verify %s signatures", name);
        return;
    }
    if (!key_fits(key, signature->version, row)) {
        check->known = true;
        (void)snprintf(check->text, sizeof check->text,
                       "the certificate's key is of another kind or curve than %s asks for", name);
        return;
    }
    judge(check, gnutls_pubkey_verify_data2(key, row->algorithm, FLAGS, &data, &value), name,
          row->hash, &signature->content);
}

/* The check itself; all inputs are there. */
static void verify(const struct crypt_signature *signature, struct crypt_check *check)
{
    int status;
    gnutls_pubkey_t key = import_key(&signature->certificate, &status);

    if (key == NULL) {
        crypt_check_unknown(check, "GnuTLS cannot read the certificate's key: %s",
                            gnutls_strerror(status));
        return;
    }
    if (signature->scheme == 0) {
        check_unnamed(signature, key, check);
    } else {
        check_scheme(signature, key, check);
    }
    gnutls_pubkey_deinit(key);
}

void crypt_signature_check(const struct crypt_signature *signature, struct crypt_check *check)
{
    uint8_t key[CRYPT_SHA256_SIZE];

    memset(check, 0, sizeof *check);
    if (signature->certificate.data == NULL || signature->certificate.length == 0) {
        crypt_check_unknown(check, "the sender's certificate is not known");
        return;
    }
    if (signature->content.data == NULL || signature->content.length > UINT32_MAX ||
        signature->value.length > UINT32_MAX) {
        crypt_check_unknown(check, "not all that was signed is known");
        return;
    }
    bool has_key = crypt_remembered_key(signature, key);
    if (has_key && crypt_remembered_find(key, check)) {
        return;
    }
    verify(signature, check);
    if (has_key && check->known) { /* what failed for want of memory may succeed the next time */
        crypt_remembered_keep(key, check);
    }
}

void crypt_certificate_verify_content(struct buffer *out, enum wire_side from, const uint8_t *hash,
                                      size_t hash_length)
{
    for (int i = 0; i < 64; i++) {
        buffer_u8(out, ' ');
    }
    buffer_text(out, from == WIRE_CLIENT ? "TLS 1.3, client CertificateVerify"
                                         : "TLS 1.3, server CertificateVerify");
    buffer_u8(out, 0);
    buffer_append(out, hash, hash_length);
}
