/* The explanation of a value of a registry: found by its name, or composed from its parts. */
#include <stdlib.h>
#include <string.h>

#include "explanation.h"
#include "tlstep/explain.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ID_MAX       128

/* Appends the text with this id after a blank. False when there is none. */
static bool add(struct buffer *out, const char *id)
{
    const char *text = explanation_find(id);

    if (text == NULL) {
        return false;
    }
    if (out->length > 0) {
        buffer_u8(out, ' ');
    }
    buffer_text(out, text);
    return true;
}

/* "part.cipher.", "AES-128-GCM": characters that ids do not have become "_". */
static bool add_part(struct buffer *out, const char *family, const char *name)
{
    char id[ID_MAX];

    (void)snprintf(id, sizeof id, "%s%s", family, name);
    for (char *c = id; *c != '\0'; c++) {
        if (*c == ' ' || *c == '(' || *c == ')') {
            *c = '_';
        }
    }
    return add(out, id);
}

/* ---- cipher suites ----------------------------------------------------------------------------- */

static bool is_broken(const struct wire_cipher_suite *suite)
{
    static const char *const broken[] = {"RC4", "DES-CBC", "3DES-EDE-CBC", "RC2-CBC"};

    for (size_t i = 0; i < COUNT(broken); i++) {
        if (strcmp(suite->cipher, broken[i]) == 0) {
            return true;
        }
    }
    return suite->hash != NULL && strcmp(suite->hash, "MD5") == 0;
}

/* The gravest thing to say about it. */
static const char *verdict(const struct wire_cipher_suite *suite)
{
    if (strcmp(suite->cipher, "NULL") == 0) {
        return "part.verdict.plain";
    }
    if (strstr(suite->name, "EXPORT") != NULL) {
        return "part.verdict.export";
    }
    if (suite->authentication != NULL && strcmp(suite->authentication, "anonymous") == 0) {
        return "part.verdict.anonymous";
    }
    if (is_broken(suite)) {
        return "part.verdict.broken";
    }
    if (!suite->forward_secrecy &&
        (suite->authentication == NULL || strcmp(suite->authentication, "PSK") != 0)) {
        return "part.verdict.static";
    }
    if (suite->recommended) {
        return "part.verdict.good";
    }
    return suite->aead ? "part.verdict.neutral" : "part.verdict.cbc";
}

static void add_key_exchange(struct buffer *out, const struct wire_cipher_suite *suite)
{
    char name[64];

    if (suite->tls13) {
        (void)add(out, "part.tls13");
    } else if (suite->key_exchange == NULL) {
        (void)add(out, "part.key_exchange.NULL");
    } else {
        (void)snprintf(name, sizeof name, "%s.%s", suite->key_exchange, suite->authentication);
        (void)add_part(out, "part.key_exchange.", name);
    }
}

static bool cipher_suite(struct buffer *out, uint32_t value, const char *name)
{
    struct wire_cipher_suite suite;

    if (add_part(out, "value.cipher_suite.", name)) {
        return true;
    }
    if (wire_cipher_suite_parts((uint16_t)value, &suite) != 0) {
        return false;
    }
    if (suite.cipher == NULL) {
        return add(out, "part.signal");
    }
    add_key_exchange(out, &suite);
    (void)add_part(out, "part.cipher.", suite.cipher);
    if (suite.hash != NULL && (suite.aead || suite.tls13)) {
        (void)add_part(out, "part.hash.", suite.hash);
    } else if (suite.hash != NULL) {
        (void)add_part(out, "part.mac.", suite.hash);
    }
    return add(out, verdict(&suite));
}

/* ---- signature schemes --------------------------------------------------------------------------- */

/* "ecdsa_secp256r1_sha256" is an algorithm and a hash; the longest algorithm that fits wins. */
static bool signature_scheme(struct buffer *out, uint32_t value, const char *name)
{
    static const char *const algorithms[] = {
        "rsa_pkcs1", "rsa_pss_rsae", "rsa_pss_pss", "ecdsa",         "dsa",
        "ed25519",   "ed448",        "mldsa44",     "mldsa65",       "mldsa87",
        "eccsi",     "iso",          "sm2sig",      "gostr34102001", "gostr34102012",
    };
    static const char *const hashes[] = {"md5",    "sha1",   "sha224", "sha256",
                                         "sha384", "sha512", "sm3",    "legacy"};
    bool found = false;

    (void)value;
    for (size_t i = 0; i < COUNT(algorithms) && !found; i++) {
        if (strncmp(name, algorithms[i], strlen(algorithms[i])) == 0) {
            found = add_part(out, "part.signature.", algorithms[i]);
        }
    }
    const char *last = strrchr(name, '_');
    for (size_t i = 0; found && last != NULL && i < COUNT(hashes); i++) {
        if (strcmp(last + 1, hashes[i]) == 0) {
            (void)add_part(out, "part.signature_hash.", hashes[i]);
        }
    }
    return found;
}

/* ---- the rest -------------------------------------------------------------------------------------- */

static bool group(struct buffer *out, uint32_t value, const char *name)
{
    (void)value;
    return add_part(out, "value.group.", name);
}

static bool alert(struct buffer *out, uint32_t value, const char *name)
{
    (void)value;
    return add_part(out, "value.alert.", name);
}

/* Drafts share one text. */
static bool version(struct buffer *out, uint32_t value, const char *name)
{
    (void)value;
    if (strncmp(name, "TLS 1.3 ", strlen("TLS 1.3 ")) == 0) {
        bool draft = strstr(name, "draft") != NULL;
        return add(out, draft ? "value.version.TLS_1.3_draft" : "value.version.TLS_1.3_experiment");
    }
    return add_part(out, "value.version.", name);
}

static bool extension(struct buffer *out, uint32_t value, const char *name)
{
    (void)value;
    return add_part(out, "extension.", name);
}

/* The registries whose values are explained. */
static const struct explained {
    enum wire_registry registry;
    const char *word; /* "cipher_suite:0xc02f" */
    bool grease;
    bool (*append)(struct buffer *out, uint32_t value, const char *name);
} explained[] = {
    {WIRE_REGISTRY_CIPHER_SUITE, "cipher_suite", true, cipher_suite},
    {WIRE_REGISTRY_GROUP, "group", true, group},
    {WIRE_REGISTRY_SIGNATURE_SCHEME, "signature_scheme", true, signature_scheme},
    {WIRE_REGISTRY_ALERT, "alert", false, alert},
    {WIRE_REGISTRY_VERSION, "version", true, version},
    {WIRE_REGISTRY_EXTENSION, "extension", true, extension},
};

static bool append_value(struct buffer *out, const struct explained *row, uint32_t value)
{
    const char *name = wire_registry_name(row->registry, value);

    if (row->grease && wire_is_grease(value)) {
        return add(out, "value.grease");
    }
    return name != NULL && row->append(out, value, name);
}

bool explain_value(struct buffer *out, enum wire_registry registry, uint32_t value)
{
    for (size_t i = 0; i < COUNT(explained); i++) {
        if (explained[i].registry == registry) {
            struct buffer text = {0};
            bool found = append_value(&text, &explained[i], value);
            buffer_append(out, text.data, text.length);
            buffer_free(&text);
            return found;
        }
    }
    return false;
}

/* "0xc02f", "49199". */
static bool number(const char *text, uint32_t *value)
{
    char *end;
    unsigned long long parsed = strtoull(text, &end, 0);

    *value = (uint32_t)parsed;
    return *text >= '0' && *text <= '9' && *end == '\0' && parsed <= UINT32_MAX;
}

/* "cipher_suite:0xc02f". */
static bool append_numbered(struct buffer *out, const char *id)
{
    const char *colon = strchr(id, ':');
    uint32_t value;

    if (colon == NULL || !number(colon + 1, &value)) {
        return false;
    }
    for (size_t i = 0; i < COUNT(explained); i++) {
        if (strlen(explained[i].word) == (size_t)(colon - id) &&
            strncmp(explained[i].word, id, (size_t)(colon - id)) == 0) {
            return explain_value(out, explained[i].registry, value);
        }
    }
    return false;
}

bool explain_append(struct buffer *out, const char *id)
{
    const char *text = explain_find(id);
    uint32_t suite;

    if (text != NULL) {
        buffer_text(out, text);
        return true;
    }
    for (size_t i = 0; i < COUNT(explained); i++) {
        long value = wire_registry_value(explained[i].registry, id);
        if (value >= 0) {
            return explain_value(out, explained[i].registry, (uint32_t)value);
        }
    }
    if (strncmp(id, "0x", 2) == 0 && strlen(id) == strlen("0x1301") && number(id, &suite)) {
        return explain_value(out, WIRE_REGISTRY_CIPHER_SUITE, suite); /* as suites are written */
    }
    return append_numbered(out, id);
}
