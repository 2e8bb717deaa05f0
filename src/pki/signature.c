/* Checks one signature. */
#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "algorithms.h"
#include "signature.h"

/* A modulus of 16384 bits or an exponent of 64 is more than anyone uses, and larger ones keep a
 * processor busy for seconds: OpenSSL has the same limits. */
#define RSA_BITS_MAX          16384
#define RSA_EXPONENT_BITS_MAX 64
#define DSA_BITS_MAX          10000

static bool key_is_absurd(const struct x509 *issuer)
{
    struct key_facts key;
    struct rsa_key rsa;

    key_facts_read(issuer, &key);
    if (key.family == KEY_DSA) {
        return key.bits > DSA_BITS_MAX;
    }
    if (key.family != KEY_RSA) {
        return false;
    }
    (void)rsa_key_read(issuer, &rsa);
    return key.bits > RSA_BITS_MAX || der_integer_bits(rsa.exponent) > RSA_EXPONENT_BITS_MAX;
}

unsigned signature_cost(const struct x509 *issuer)
{
    struct key_facts key;

    key_facts_read(issuer, &key);
    switch (key.family) {
    case KEY_RSA:
        return key.bits <= 4096 ? 1 : (key.bits <= 8192 ? 4 : 16);
    case KEY_DSA:
        return key.bits <= 3072 ? 4 : 32;
    case KEY_EC:
        return key.bits <= 256 ? 1 : 4;
    case KEY_OTHER:
        break;
    }
    return 1;
}

static gnutls_datum_t datum(struct pki_slice slice)
{
    return (gnutls_datum_t){(unsigned char *)slice.data, (unsigned)slice.length};
}

/* A key that is bound to RSASSA-PSS may restrict its signatures: same hash, no shorter salt
 * (RFC 4055 3.3). */
static bool key_allows(const struct x509 *issuer, const struct pss_parameters *signature)
{
    struct pss_parameters key;

    if (!key_is_pss(issuer) || issuer->key_parameters.length == 0) {
        return true;
    }
    return pss_parameters_read(issuer->key_parameters, &key) && key.hash == signature->hash &&
           key.mask_hash == signature->mask_hash && key.salt_length <= signature->salt_length;
}

/* The hash and the salt's length belong to the signature, but GnuTLS takes them from the key. */
static bool set_pss_parameters(gnutls_pubkey_t key, const struct pss_parameters *pss)
{
    gnutls_x509_spki_t spki;
    int result;

    if (gnutls_x509_spki_init(&spki) != 0) {
        return false;
    }
    gnutls_x509_spki_set_rsa_pss_params(spki, pss->hash, pss->salt_length);
    result = gnutls_pubkey_set_spki(key, spki, 0);
    gnutls_x509_spki_deinit(spki);
    return result == 0;
}

/* Weak hashes are a reason of their own and must not hide that a signature is wrong. */
static enum signature_state verify(const struct x509 *certificate, gnutls_pubkey_t key,
                                   gnutls_sign_algorithm_t algorithm)
{
    gnutls_datum_t signed_part = datum(certificate->tbs);
    gnutls_datum_t signature = datum(certificate->signature);
    int result = gnutls_pubkey_verify_data2(key, algorithm, GNUTLS_VERIFY_ALLOW_BROKEN,
                                            &signed_part, &signature);
    if (result == GNUTLS_E_MEMORY_ERROR) {
        return SIGNATURE_NO_MEMORY;
    }
    return result >= 0 ? SIGNATURE_GOOD : SIGNATURE_BAD;
}

static enum signature_state verify_pss(const struct x509 *certificate, const struct x509 *issuer,
                                       gnutls_pubkey_t key)
{
    struct pss_parameters pss;
    struct key_facts facts;
    gnutls_sign_algorithm_t algorithm;

    key_facts_read(issuer, &facts);
    if (!pss_parameters_read(certificate->signature_parameters, &pss) || facts.family != KEY_RSA ||
        !key_allows(issuer, &pss)) {
        return SIGNATURE_BAD;
    }
    /* GnuTLS has RSASSA-PSS with one SHA-2 hash for both uses, as everyone has who issues. */
    algorithm = gnutls_pk_to_sign(GNUTLS_PK_RSA_PSS, pss.hash);
    if (algorithm == GNUTLS_SIGN_UNKNOWN || pss.hash != pss.mask_hash ||
        pss.salt_length > RSA_BITS_MAX / 8 || !set_pss_parameters(key, &pss)) {
        return SIGNATURE_UNKNOWN_ALGORITHM;
    }
    return verify(certificate, key, algorithm);
}

static enum signature_state verify_any(const struct x509 *certificate, const struct x509 *issuer,
                                       gnutls_pubkey_t key)
{
    const struct signature_algorithm *row =
        signature_algorithm_find(certificate->signature_algorithm);

    if (signature_is_pss(certificate)) {
        return verify_pss(certificate, issuer, key);
    }
    if (row == NULL || row->gnutls == GNUTLS_SIGN_UNKNOWN) {
        return SIGNATURE_UNKNOWN_ALGORITHM;
    }
    return verify(certificate, key, row->gnutls);
}

enum signature_state signature_check(const struct x509 *certificate, const struct x509 *issuer)
{
    gnutls_datum_t spki = datum(issuer->spki);
    enum signature_state state;
    gnutls_pubkey_t key;
    int result;

    if (!slice_equal(certificate->inner_algorithm, certificate->outer_algorithm)) {
        return SIGNATURE_ALGORITHMS_DIFFER;
    }
    if (key_is_absurd(issuer)) {
        return SIGNATURE_UNUSABLE_KEY;
    }
    if (gnutls_pubkey_init(&key) != 0) {
        return SIGNATURE_NO_MEMORY;
    }
    result = gnutls_pubkey_import(key, &spki, GNUTLS_X509_FMT_DER);
    if (result == 0) {
        state = verify_any(certificate, issuer, key);
    } else {
        state = result == GNUTLS_E_MEMORY_ERROR ? SIGNATURE_NO_MEMORY : SIGNATURE_UNUSABLE_KEY;
    }
    gnutls_pubkey_deinit(key);
    return state;
}
