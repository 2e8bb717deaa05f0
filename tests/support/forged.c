/* A good chain, and whatever is wrong with it on purpose. */
#include "forged.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>

#include "certs.h"
#include "notation.h"

#define ECDSA_SHA256 "30(06(2a8648ce3d040302))"
#define NAME(cn) \
    "30(31(30(06(550406)13('NO'))) 31(30(06(55040a)0c('Example'))) 31(30(06(550403)0c('" cn "'))))"
#define SCT "0031 00 [32 5a] 0000019a00000000 0000 0403 0002 abcd"

struct extension {
    const char *oid;
    bool critical;
    const char *value;
};

enum { EXTENSIONS_MAX = 12 };

static const struct model {
    const char *parts[FORGED_OUTER + 1];
    struct extension extensions[EXTENSIONS_MAX];
} models[] = {
    [PKI_LEAF] = {{[FORGED_SERIAL] = "02(4b0102030405060708090a)",
                   [FORGED_ISSUER] = NAME("Example CA"),
                   [FORGED_VALIDITY] = "30(17('260501000000Z') 17('260801000000Z'))",
                   [FORGED_SUBJECT] = "30(31(30(06(550403)0c('www.example.org'))))"},
                  {{FORGED_BASIC, true, "30()"},
                   {FORGED_USAGE, true, "03(0780)"},
                   {FORGED_EKU, false, "30(06(2b06010505070301))"},
                   {FORGED_SKI, false, "04([20 03])"},
                   {FORGED_AKI, false, "30(80([20 02]))"},
                   {FORGED_SAN, false,
                    "30(82('www.example.org') 82('*.example.org') 87(c6336401))"},
                   {FORGED_CP, false, "30(30(06(67810c010201)))"},
                   {FORGED_AIA, false,
                    "30(30(06(2b06010505073001)86('http://ocsp.example.org/')) "
                    "30(06(2b06010505073002)86('http://ca.example.org/')))"},
                   {FORGED_CRLDP, false, "30(30(a0(a0(86('http://crl.example.org/')))))"},
                   {FORGED_SCTS, false, "04(0066 " SCT SCT ")"}}},
    [PKI_INTERMEDIATE] = {{[FORGED_SERIAL] = "02(4b1102030405060708090a)",
                           [FORGED_ISSUER] = NAME("Example Root"),
                           [FORGED_VALIDITY] = "30(17('250501000000Z') 17('300801000000Z'))",
                           [FORGED_SUBJECT] = NAME("Example CA")},
                          {{FORGED_BASIC, true, "30(01(ff)02(00))"},
                           {FORGED_USAGE, true, "03(0106)"},
                           {FORGED_EKU, false, "30(06(2b06010505070301))"},
                           {FORGED_SKI, false, "04([20 02])"},
                           {FORGED_AKI, false, "30(80([20 01]))"},
                           {FORGED_CP, false, "30(30(06(67810c010201)))"},
                           {FORGED_AIA, false,
                            "30(30(06(2b06010505073002)86('http://ca.example.org/')))"},
                           {FORGED_CRLDP, false, "30(30(a0(a0(86('http://crl.example.org/')))))"}}},
    [PKI_ROOT] = {{[FORGED_SERIAL] = "02(4b2102030405060708090a)",
                   [FORGED_ISSUER] = NAME("Example Root"),
                   [FORGED_VALIDITY] = "30(17('200501000000Z') 17('400801000000Z'))",
                   [FORGED_SUBJECT] = NAME("Example Root")},
                  {{FORGED_BASIC, true, "30(01(ff))"},
                   {FORGED_USAGE, true, "03(0106)"},
                   {FORGED_SKI, false, "04([20 01])"}}},
};

/* ---- keys ------------------------------------------------------------------------------ */

static gnutls_privkey_t keys[PKI_ROOT + 1];

static void must(int result, const char *what)
{
    if (result < 0) {
        (void)fprintf(stderr, "%s: %s\n", what, gnutls_strerror(result));
        abort();
    }
}

static void free_keys(void)
{
    for (size_t i = 0; i <= PKI_ROOT; i++) {
        gnutls_privkey_deinit(keys[i]);
    }
}

static void make_keys(void)
{
    if (keys[PKI_LEAF] != NULL) {
        return;
    }
    for (size_t i = 0; i <= PKI_ROOT; i++) {
        must(gnutls_privkey_init(&keys[i]), "key");
        must(gnutls_privkey_generate(keys[i], GNUTLS_PK_ECDSA,
                                     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
             "key");
    }
    if (atexit(free_keys) != 0) {
        abort();
    }
}

static void append_key(struct buffer *out, enum pki_place place)
{
    gnutls_pubkey_t public_key;
    gnutls_datum_t der = {0};

    must(gnutls_pubkey_init(&public_key), "public key");
    must(gnutls_pubkey_import_privkey(public_key, keys[place], 0, 0), "public key");
    must(gnutls_pubkey_export2(public_key, GNUTLS_X509_FMT_DER, &der), "public key");
    buffer_append(out, der.data, der.size);
    gnutls_free(der.data);
    gnutls_pubkey_deinit(public_key);
}

/* Puts what is in `content` into a value with this tag. */
static void append_value(struct buffer *out, uint8_t tag, struct buffer *content)
{
    notation_append_value(out, tag, content);
    buffer_free(content);
}

static void append_signature(struct buffer *out, enum pki_place place, const struct buffer *tbs)
{
    gnutls_datum_t data = {tbs->data, (unsigned)tbs->length};
    gnutls_datum_t signature = {0};
    struct buffer bits = {0};

    must(gnutls_privkey_sign_data(keys[place == PKI_LEAF ? PKI_INTERMEDIATE : PKI_ROOT],
                                  GNUTLS_DIG_SHA256, 0, &data, &signature),
         "signature");
    buffer_u8(&bits, 0); /* all of the last byte counts */
    buffer_append(&bits, signature.data, signature.size);
    append_value(out, 0x03, &bits);
    gnutls_free(signature.data);
}

/* ---- the certificate ------------------------------------------------------------------- */

static void append_extension(struct buffer *out, const struct extension *extension)
{
    struct buffer text = {0};

    buffer_printf(&text, "30(06(%s) %s 04(%s))", extension->oid,
                  extension->critical ? "01(ff)" : "", extension->value);
    notation_append(out, buffer_string(&text));
    buffer_free(&text);
}

/* The model's extensions, each changed, removed or as it is; then the new ones. */
static void append_extensions(struct buffer *out, const struct model *model,
                              const struct forged_change *changes)
{
    struct extension list[2 * EXTENSIONS_MAX] = {0};
    struct buffer all = {0}, sequence = {0};
    size_t count = 0;

    for (; count < EXTENSIONS_MAX && model->extensions[count].oid != NULL; count++) {
        list[count] = model->extensions[count];
    }
    for (; changes->part != FORGED_NOTHING; changes++) {
        size_t i = 0;
        if (changes->part != FORGED_EXTENSION) {
            continue;
        }
        while (i < count && strcmp(list[i].oid, changes->oid) != 0) {
            i++;
        }
        count += i == count;
        list[i] = (struct extension){changes->oid, changes->critical, changes->value};
    }
    for (size_t i = 0; i < count; i++) {
        if (list[i].value != NULL) {
            append_extension(&all, &list[i]);
        }
    }
    append_value(&sequence, 0x30, &all);
    append_value(out, 0xa3, &sequence);
}

static void append_part(struct buffer *out, enum pki_place place, enum forged_part part,
                        const struct forged_change *changes)
{
    for (const struct forged_change *change = changes; change->part != FORGED_NOTHING; change++) {
        if (change->part == part) {
            notation_append(out, change->value != NULL ? change->value : "");
            return;
        }
    }
    switch (part) {
    case FORGED_VERSION:
        notation_append(out, "a0(02(02))");
        break;
    case FORGED_INNER:
    case FORGED_OUTER:
        notation_append(out, ECDSA_SHA256);
        break;
    case FORGED_KEY:
        append_key(out, place);
        break;
    case FORGED_EXTENSIONS:
        append_extensions(out, &models[place], changes);
        break;
    default:
        if (models[place].parts[part] != NULL) {
            notation_append(out, models[place].parts[part]);
        }
        break;
    }
}

void forged_append(struct buffer *out, enum pki_place place, const struct forged_change *changes)
{
    static const struct forged_change none = {FORGED_NOTHING, NULL, NULL, false};
    struct buffer fields = {0}, certificate = {0};

    make_keys();
    changes = changes != NULL ? changes : &none;
    for (enum forged_part part = FORGED_VERSION; part < FORGED_OUTER; part++) {
        append_part(&fields, place, part, changes);
    }
    append_value(&certificate, 0x30, &fields);
    fields = (struct buffer){0};
    buffer_append(&fields, certificate.data, certificate.length); /* what is signed */
    append_part(&certificate, place, FORGED_OUTER, changes);
    append_signature(&certificate, place, &fields);
    buffer_free(&fields);
    append_value(out, 0x30, &certificate);
    must(out->failed ? GNUTLS_E_MEMORY_ERROR : 0, "certificate");
}

/* ---- the chain ------------------------------------------------------------------------- */

void forged_chain_make(struct forged_chain *chain,
                       const struct forged_change *const changes[FORGED_PLACES])
{
    *chain = (struct forged_chain){0};
    for (enum pki_place place = PKI_LEAF; place < FORGED_PLACES; place++) {
        struct buffer *der = &chain->der[place];
        forged_append(der, place, changes[place]);
        chain->slices[place] = (struct pki_slice){der->data, der->length};
    }
}

void forged_chain_change(struct forged_chain *chain, enum pki_place place,
                         const struct forged_change *changes)
{
    const struct forged_change *by_place[FORGED_PLACES] = {NULL};

    by_place[place] = changes;
    forged_chain_make(chain, by_place);
}

void forged_chain_free(struct forged_chain *chain)
{
    for (size_t i = 0; i < FORGED_PLACES; i++) {
        buffer_free(&chain->der[i]);
    }
}

struct pki_verification *forged_chain_judge(const struct forged_chain *chain,
                                            struct pki_request request)
{
    const struct pki_slice *root = &chain->slices[PKI_ROOT];
    struct pki_trust *trust = pki_trust_none(NULL);
    struct pki_verification *verdict = NULL;

    if (trust != NULL && pki_trust_add_der(trust, root->data, root->length, NULL) == 0) {
        request.chain = chain->slices;
        request.chain_length = PKI_ROOT;
        request.trust = trust;
        request.at = CERT_NOW;
        verdict = pki_verify(&request, NULL);
    }
    pki_trust_release(trust);
    return verdict;
}

void forged_chain_write(char path[FORGED_PLACES][SCRATCH_PATH_MAX],
                        const struct forged_chain *chain)
{
    static const char *const names[] = {
        [PKI_LEAF] = "leaf.pem", [PKI_INTERMEDIATE] = "intermediate.pem", [PKI_ROOT] = "root.pem"};

    for (size_t i = 0; i < FORGED_PLACES; i++) {
        struct buffer pem = {0};
        pki_pem_append(&pem, chain->slices[i], "CERTIFICATE");
        must(pem.failed ? GNUTLS_E_MEMORY_ERROR : 0, names[i]);
        (void)scratch_write(path[i], names[i], pem.data, pem.length);
        buffer_free(&pem);
    }
}
