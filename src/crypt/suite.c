/* Cipher suites in GnuTLS's terms, derived from the parts that the registry knows. */
#include "suite.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "hash.h"
#include "tlstep/crypt.h"

static const struct cipher_row {
    const char *name; /* as in struct wire_cipher_suite, and so the bits: not the export forms */
    unsigned key_bits;
    gnutls_cipher_algorithm_t cipher;
    enum crypt_mode mode; /* in TLS 1.2; every TLS 1.3 suite is CRYPT_AEAD_XOR */
} ciphers[] = {
    {"AES-128-GCM", 128, GNUTLS_CIPHER_AES_128_GCM, CRYPT_AEAD_EXPLICIT},
    {"AES-256-GCM", 256, GNUTLS_CIPHER_AES_256_GCM, CRYPT_AEAD_EXPLICIT},
    {"CHACHA20-POLY1305", 256, GNUTLS_CIPHER_CHACHA20_POLY1305, CRYPT_AEAD_XOR},
    {"AES-128-CCM", 128, GNUTLS_CIPHER_AES_128_CCM, CRYPT_AEAD_EXPLICIT},
    {"AES-256-CCM", 256, GNUTLS_CIPHER_AES_256_CCM, CRYPT_AEAD_EXPLICIT},
    {"AES-128-CCM-8", 128, GNUTLS_CIPHER_AES_128_CCM_8, CRYPT_AEAD_EXPLICIT},
    {"AES-256-CCM-8", 256, GNUTLS_CIPHER_AES_256_CCM_8, CRYPT_AEAD_EXPLICIT},
    {"CAMELLIA-128-GCM", 128, GNUTLS_CIPHER_CAMELLIA_128_GCM, CRYPT_AEAD_EXPLICIT},
    {"CAMELLIA-256-GCM", 256, GNUTLS_CIPHER_CAMELLIA_256_GCM, CRYPT_AEAD_EXPLICIT},
    {"AES-128-CBC", 128, GNUTLS_CIPHER_AES_128_CBC, CRYPT_CBC},
    {"AES-256-CBC", 256, GNUTLS_CIPHER_AES_256_CBC, CRYPT_CBC},
    {"CAMELLIA-128-CBC", 128, GNUTLS_CIPHER_CAMELLIA_128_CBC, CRYPT_CBC},
    {"CAMELLIA-256-CBC", 256, GNUTLS_CIPHER_CAMELLIA_256_CBC, CRYPT_CBC},
    {"3DES-EDE-CBC", 168, GNUTLS_CIPHER_3DES_CBC, CRYPT_CBC},
    {"DES-CBC", 56, GNUTLS_CIPHER_DES_CBC, CRYPT_CBC},
    {"RC4", 128, GNUTLS_CIPHER_ARCFOUR_128, CRYPT_STREAM},
    {"NULL", 0, GNUTLS_CIPHER_NULL, CRYPT_STREAM},
};

int crypt_suite_refuse(uint16_t id, const char *why, struct err *err)
{
    char name[96];

    wire_registry_text(name, sizeof name, WIRE_REGISTRY_CIPHER_SUITE, id);
    return err_set(err, ERR_TLS, "suite_not_supported", "cannot decrypt %s: %s", name, why);
}

int crypt_derivation_failed(int status, struct err *err)
{
    return status == GNUTLS_E_MEMORY_ERROR
               ? err_memory(err, "deriving keys")
               : err_set(err, ERR_TLS, "key_derivation", "cannot derive keys: %s",
                         gnutls_strerror(status));
}

static const struct cipher_row *find_cipher(const struct wire_cipher_suite *parts)
{
    for (size_t i = 0; parts->cipher != NULL && i < sizeof ciphers / sizeof *ciphers; i++) {
        if (ciphers[i].key_bits == parts->key_bits && strcmp(ciphers[i].name, parts->cipher) == 0) {
            return &ciphers[i];
        }
    }
    return NULL;
}

/* The suite's hash is that of the PRF or HKDF for AEAD ciphers and of the record MAC for others. */
static void set_hashes(struct crypt_suite *suite, const struct wire_cipher_suite *parts,
                       uint16_t version, uint16_t id)
{
    uint16_t at_least = version < WIRE_TLS12 ? WIRE_TLS12 : version; /* older ones have their PRF */

    suite->mac = parts->aead ? GNUTLS_MAC_UNKNOWN : crypt_hmac_find(parts->hash);
    suite->hash = crypt_hmac_find(crypt_transcript_hash_name(at_least, id));
    suite->mac_size = parts->aead ? 0 : gnutls_hmac_get_len(suite->mac);
    suite->hash_size = gnutls_hmac_get_len(suite->hash);
}

static void set_sizes(struct crypt_suite *suite, uint16_t version)
{
    suite->key_size =
        suite->cipher == GNUTLS_CIPHER_NULL ? 0 : gnutls_cipher_get_key_size(suite->cipher);
    switch (suite->mode) {
    case CRYPT_AEAD_EXPLICIT:
        suite->iv_size = 4;
        suite->tag_size = gnutls_cipher_get_tag_size(suite->cipher);
        break;
    case CRYPT_AEAD_XOR:
        suite->iv_size = 12;
        suite->tag_size = gnutls_cipher_get_tag_size(suite->cipher);
        break;
    case CRYPT_CBC: /* from TLS 1.1 on each record carries its IV: RFC 4346 6.2.3.2 */
        suite->block_size = gnutls_cipher_get_block_size(suite->cipher);
        suite->iv_size = version <= WIRE_TLS10 ? suite->block_size : 0;
        break;
    case CRYPT_STREAM:
        break;
    }
}

int crypt_suite_find(uint16_t id, uint16_t version, struct crypt_suite *out, struct err *err)
{
    struct wire_cipher_suite parts;
    const struct cipher_row *row;

    memset(out, 0, sizeof *out);
    if (wire_cipher_suite_parts(id, &parts) != 0) {
        return crypt_suite_refuse(id, "the suite is unknown", err);
    }
    if (parts.tls13 != (version == WIRE_TLS13) || (parts.aead && version < WIRE_TLS12)) {
        return crypt_suite_refuse(id, "it is not a suite of this TLS version", err);
    }
    if (parts.exported) {
        return crypt_suite_refuse(id, "GnuTLS has no export suites", err);
    }
    row = find_cipher(&parts);
    if (row == NULL || (parts.tls13 && !parts.aead)) {
        return crypt_suite_refuse(id, "GnuTLS has no such cipher", err);
    }
    out->mode = parts.tls13 ? CRYPT_AEAD_XOR : row->mode;
    out->cipher = row->cipher;
    set_hashes(out, &parts, version, id);
    if (!parts.aead && out->mac == GNUTLS_MAC_UNKNOWN) {
        return crypt_suite_refuse(id, "GnuTLS has no such MAC", err);
    }
    if (out->hash == GNUTLS_MAC_UNKNOWN) {
        return crypt_suite_refuse(id, "GnuTLS has no such hash", err);
    }
    set_sizes(out, version);
    return 0;
}
