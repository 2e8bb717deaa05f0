/* A cipher suite taken apart by its name: TLS_<key exchange>_WITH_<cipher>_<hash>, and since
 * TLS 1.3 TLS_<cipher>_<hash>. */
#include <string.h>

#include "registry.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct key_exchange {
    const char *token;
    const char *key_exchange;
    const char *authentication;
    bool forward_secrecy;
};

/* The longest token that fits wins, so the order does not matter. */
static const struct key_exchange key_exchanges[] = {
    {"NULL", NULL, NULL, false},
    {"RSA", "RSA", "RSA", false},
    {"RSA_EXPORT", "RSA", "RSA", false},
    {"RSA_EXPORT1024", "RSA", "RSA", false},
    {"RSA_FIPS", "RSA", "RSA", false},
    {"RSA_OLDFIPS", "RSA", "RSA", false},
    {"DH_DSS", "DH", "DSS", false},
    {"DH_DSS_EXPORT", "DH", "DSS", false},
    {"DH_RSA", "DH", "RSA", false},
    {"DH_RSA_EXPORT", "DH", "RSA", false},
    {"DH_anon", "DHE", "anonymous", true},
    {"DH_anon_EXPORT", "DHE", "anonymous", true},
    {"DHE_DSS", "DHE", "DSS", true},
    {"DHE_DSS_EXPORT", "DHE", "DSS", true},
    {"DHE_DSS_EXPORT1024", "DHE", "DSS", true},
    {"DHE_RSA", "DHE", "RSA", true},
    {"DHE_RSA_EXPORT", "DHE", "RSA", true},
    {"DHE_PSK", "DHE", "PSK", true},
    {"PSK_DHE", "DHE", "PSK", true},
    {"PSK", "PSK", "PSK", false},
    {"RSA_PSK", "RSA_PSK", "RSA", false}, /* a certificate and a PSK: RFC 4279 4 */
    {"ECDH_ECDSA", "ECDH", "ECDSA", false},
    {"ECDH_RSA", "ECDH", "RSA", false},
    {"ECDH_anon", "ECDHE", "anonymous", true},
    {"ECDHE_ECDSA", "ECDHE", "ECDSA", true},
    {"ECDHE_RSA", "ECDHE", "RSA", true},
    {"ECDHE_PSK", "ECDHE", "PSK", true},
    {"SRP_SHA", "SRP", "SRP", true},
    {"SRP_SHA_RSA", "SRP", "RSA", true},
    {"SRP_SHA_DSS", "SRP", "DSS", true},
    {"KRB5", "KRB5", "KRB5", false},
    {"KRB5_EXPORT", "KRB5", "KRB5", false},
    {"FORTEZZA_KEA", "KEA", "DSS", false},
    {"ECCPWD", "ECCPWD", "password", true},
    {"ECJPAKE", "ECJPAKE", "password", true},
    {"GOSTR341094", "GOST", "GOST", false},
    {"GOSTR341001", "GOST", "GOST", false},
    {"GOSTR341112_256", "GOST", "GOST", false},
    {"ECDHE", "ECDHE", "SM2", true},
    {"ECC", "ECC", "SM2", false},
    {"IBSDH", "IBSDH", "IBS", true},
    {"IBC", "IBC", "IBC", false},
};

struct cipher {
    const char *token;
    const char *cipher;
    const char *mode;
    unsigned key_bits;
    bool aead;
};

static const struct cipher ciphers[] = {
    {"NULL", "NULL", NULL, 0, false},
    {"RC4_40", "RC4", "stream", 40, false},
    {"RC4_56", "RC4", "stream", 56, false},
    {"RC4_128", "RC4", "stream", 128, false},
    {"RC2_CBC_40", "RC2-CBC", "CBC", 40, false},
    {"RC2_CBC_56", "RC2-CBC", "CBC", 56, false},
    {"IDEA_CBC", "IDEA-CBC", "CBC", 128, false},
    {"DES40_CBC", "DES-CBC", "CBC", 40, false},
    {"DES_CBC_40", "DES-CBC", "CBC", 40, false},
    {"DES_CBC", "DES-CBC", "CBC", 56, false},
    {"3DES_EDE_CBC", "3DES-EDE-CBC", "CBC", 168, false},
    {"FORTEZZA_CBC", "FORTEZZA-CBC", "CBC", 80, false},
    {"AES_128_CBC", "AES-128-CBC", "CBC", 128, false},
    {"AES_256_CBC", "AES-256-CBC", "CBC", 256, false},
    {"AES_128_GCM", "AES-128-GCM", "GCM", 128, true},
    {"AES_256_GCM", "AES-256-GCM", "GCM", 256, true},
    {"AES_128_CCM", "AES-128-CCM", "CCM", 128, true},
    {"AES_256_CCM", "AES-256-CCM", "CCM", 256, true},
    {"AES_128_CCM_8", "AES-128-CCM-8", "CCM", 128, true},
    {"AES_256_CCM_8", "AES-256-CCM-8", "CCM", 256, true},
    {"CHACHA20_POLY1305", "CHACHA20-POLY1305", "Poly1305", 256, true},
    {"CAMELLIA_128_CBC", "CAMELLIA-128-CBC", "CBC", 128, false},
    {"CAMELLIA_256_CBC", "CAMELLIA-256-CBC", "CBC", 256, false},
    {"CAMELLIA_128_GCM", "CAMELLIA-128-GCM", "GCM", 128, true},
    {"CAMELLIA_256_GCM", "CAMELLIA-256-GCM", "GCM", 256, true},
    {"ARIA_128_CBC", "ARIA-128-CBC", "CBC", 128, false},
    {"ARIA_256_CBC", "ARIA-256-CBC", "CBC", 256, false},
    {"ARIA_128_GCM", "ARIA-128-GCM", "GCM", 128, true},
    {"ARIA_256_GCM", "ARIA-256-GCM", "GCM", 256, true},
    {"SEED_CBC", "SEED-CBC", "CBC", 128, false},
    {"SM1", "SM1-CBC", "CBC", 128, false},
    {"SM4_CBC", "SM4-CBC", "CBC", 128, false},
    {"SM4_GCM", "SM4-GCM", "GCM", 128, true},
    {"SM4_CCM", "SM4-CCM", "CCM", 128, true},
    {"AEGIS_128L", "AEGIS-128L", "AEGIS", 128, true},
    {"AEGIS_256", "AEGIS-256", "AEGIS", 256, true},
    {"SALSA20", "SALSA20", "stream", 256, false},
    {"ESTREAM_SALSA20", "ESTREAM-SALSA20", "stream", 128, false},
    {"28147_CNT", "GOST28147-CNT", "CNT", 256, false},
    {"KUZNYECHIK_CTR", "KUZNYECHIK-CTR", "CTR", 256, false},
    {"MAGMA_CTR", "MAGMA-CTR", "CTR", 256, false},
    {"KUZNYECHIK_MGM_L", "KUZNYECHIK-MGM-L", "MGM", 256, true},
    {"KUZNYECHIK_MGM_S", "KUZNYECHIK-MGM-S", "MGM", 256, true},
    {"MAGMA_MGM_L", "MAGMA-MGM-L", "MGM", 256, true},
    {"MAGMA_MGM_S", "MAGMA-MGM-S", "MGM", 256, true},
    {"SHA256", "NULL", NULL, 0, false}, /* RFC 9150: TLS 1.3 with integrity only */
    {"SHA384", "NULL", NULL, 0, false},
};

struct hash {
    const char *token;
    const char *hash;
};

static const struct hash hashes[] = {
    {"MD5", "MD5"},
    {"SHA", "SHA-1"},
    {"SHA1", "SHA-1"},
    {"SHA256", "SHA-256"},
    {"SHA384", "SHA-384"},
    {"SHA512", "SHA-512"},
    {"SM3", "SM3"},
    {"OMAC", "OMAC"},
    {"IMIT", "GOST28147-IMIT"},
    {"GOSTR3411", "GOSTR3411"},
};

/* Length of `token` when `text` starts with it as whole words between underscores; 0 otherwise. */
static size_t token_length(const char *text, const char *token)
{
    size_t length = 0;

    while (token[length] != '\0' && text[length] == token[length]) { /* most differ at once */
        length++;
    }
    return token[length] == '\0' && (text[length] == '_' || text[length] == '\0') ? length : 0;
}

static const char *skip(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : text;
}

static const char *take_key_exchange(const char *text, struct wire_cipher_suite *out)
{
    size_t longest = 0;

    for (size_t i = 0; i < COUNT(key_exchanges); i++) {
        size_t length = token_length(text, key_exchanges[i].token);
        if (length > longest) {
            longest = length;
            out->key_exchange = key_exchanges[i].key_exchange;
            out->authentication = key_exchanges[i].authentication;
            out->forward_secrecy = key_exchanges[i].forward_secrecy;
        }
    }
    return skip(skip(text + longest, "_"), "WITH_");
}

static const char *take_cipher(const char *text, struct wire_cipher_suite *out)
{
    size_t longest = 0;

    for (size_t i = 0; i < COUNT(ciphers); i++) {
        size_t length = token_length(text, ciphers[i].token);
        if (length > longest) {
            longest = length;
            out->cipher = ciphers[i].cipher;
            out->mode = ciphers[i].mode;
            out->key_bits = ciphers[i].key_bits;
            out->aead = ciphers[i].aead;
        }
    }
    return skip(text + longest, "_");
}

static void take_hash(const char *text, struct wire_cipher_suite *out)
{
    for (size_t i = 0; i < COUNT(hashes); i++) {
        if (token_length(text, hashes[i].token) > 0) {
            out->hash = hashes[i].hash;
        }
    }
}

/* Suites of TLS 1.3 name no key exchange: the first bytes 0x13 (RFC 8446 B.4) and those of RFC
 * 8998 (SM4), RFC 9150 (integrity only) and RFC 9367 (GOST, MGM). */
static bool is_tls13(uint16_t id)
{
    return id >> 8 == 0x13 || id == 0x00c6 || id == 0x00c7 || id == 0xc0b4 || id == 0xc0b5 ||
           (id >= 0xc103 && id <= 0xc106);
}

static void take_other_names(struct wire_cipher_suite *out)
{
    size_t low = 0;
    size_t high = suite_name_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (suite_names[middle].id < out->id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < suite_name_count && suite_names[low].id == out->id) {
        out->openssl_name = suite_names[low].openssl;
        out->gnutls_name = suite_names[low].gnutls;
    }
}

static int take_apart(uint16_t id, struct wire_cipher_suite *out)
{
    const struct registry_entry *entry = registry_find(WIRE_REGISTRY_CIPHER_SUITE, id);
    const char *rest;

    *out = (struct wire_cipher_suite){.id = id};
    if (entry == NULL) {
        return -1;
    }
    out->name = entry->name;
    out->recommended = entry->extra != NULL;
    out->exported = strstr(out->name, "_EXPORT") != NULL;
    take_other_names(out);
    if (strstr(out->name, "_SCSV") != NULL) { /* a signal, not a suite: RFC 5746, RFC 7507 */
        return 0;
    }
    out->tls13 = is_tls13(id);
    rest = skip(skip(skip(out->name, "OLD_"), "TLS_"), "SSL_");
    if (out->tls13) {
        out->forward_secrecy = true; /* psk_ke aside, which the suite does not tell */
        rest = skip(rest, "GOSTR341112_256_WITH_");
    } else {
        rest = take_key_exchange(rest, out);
    }
    rest = take_cipher(rest, out);
    take_hash(rest, out);
    if (out->hash == NULL && out->aead) {
        /* RFC 6655 3: CCM suites without a hash in their name use SHA-256; RFC 9367: Streebog. */
        bool gost = strstr(out->name, "_MGM_") != NULL;
        out->hash = gost ? "STREEBOG-256" : "SHA-256";
    }
    return 0;
}

struct remembered {
    bool used;
    int result;
    struct wire_cipher_suite suite; /* it points to constants only */
};

/* A connection asks again and again for the one suite it has: each thread keeps the last few it was
 * asked for. */
int wire_cipher_suite_parts(uint16_t id, struct wire_cipher_suite *out)
{
    static _Thread_local struct remembered last[16];
    struct remembered *place = &last[(id ^ id >> 8) % COUNT(last)];

    if (!place->used || place->suite.id != id) {
        place->result = take_apart(id, &place->suite);
        place->used = true;
    }
    *out = place->suite;
    return place->result;
}
