/* PKCS#12: the layers around its bags, and the passwords. */
#include "pkcs12.h"

#include <stdlib.h>
#include <string.h>

#include "pkcs12_bags.h"
#include "pkcs12_order.h"

#define PKCS7          "\x2a\x86\x48\x86\xf7\x0d\x01\x07" /* 1.2.840.113549.1.7 */
#define DATA           PKCS7 "\x01"
#define ENCRYPTED_DATA PKCS7 "\x06"

/* The outermost layer (RFC 7292 4): everything in it is authenticated as a whole. */
struct container {
    struct pki_slice safe; /* AuthenticatedSafe */
    struct reader mac;     /* the content of MacData */
    bool has_mac;
    struct buffer pieces; /* what `safe` lies in when the file has it in pieces */
};

static bool read_container(struct container *out, struct pki_slice bytes)
{
    struct reader whole = reader_new(bytes.data, bytes.length);
    struct reader pfx = ber_enter(&whole, DER_SEQUENCE);
    uint32_t version = der_small_number(&pfx);
    struct reader info = ber_enter(&pfx, DER_SEQUENCE);
    struct pki_slice type = der_value(&info, DER_OID).content;
    struct reader wrapped = ber_enter(&info, DER_CONTEXT_SET(0));
    struct der octets;

    *out = (struct container){.has_mac = der_is_next(&pfx, DER_SEQUENCE)};
    if (pfx.failed || version != 3 || !slice_is(type, DATA) || !ber_next(&wrapped, &octets) ||
        !ber_octets(&octets, DER_OCTET_STRING, &out->pieces, &out->safe)) {
        return false;
    }
    if (out->has_mac) {
        out->mac = ber_enter(&pfx, DER_SEQUENCE);
    }
    return !pfx.failed;
}

/* ---- one password --------------------------------------------------------------------------- */

/* EncryptedData (RFC 5652 8): version, EncryptedContentInfo { type, algorithm, [0] IMPLICIT OCTET STRING }. */
static enum pbe_result decrypt(const struct pbe *pbe, struct reader *wrapped, struct buffer *plain)
{
    struct reader data = ber_enter(wrapped, DER_SEQUENCE);
    uint32_t version = der_small_number(&data);
    struct reader info = ber_enter(&data, DER_SEQUENCE);
    struct pki_slice type = der_value(&info, DER_OID).content;
    struct reader algorithm = ber_enter(&info, DER_SEQUENCE);
    enum pbe_result result = PBE_UNSUPPORTED;
    struct buffer pieces = {0};
    struct pki_slice ciphertext;
    struct der octets;

    if (!data.failed && version <= 2 && slice_is(type, DATA) && ber_next(&info, &octets) &&
        ber_octets(&octets, DER_CONTEXT(0), &pieces, &ciphertext)) {
        result = pbe_decrypt(pbe, algorithm, ciphertext, plain);
    }
    result = pieces.failed ? PBE_NO_MEMORY : result;
    buffer_free(&pieces);
    return result;
}

/* One ContentInfo of the AuthenticatedSafe. What is encrypted to a public key (envelopedData) is passed over. */
static enum pbe_result read_encrypted(struct pkcs12_bags *bags, struct reader *wrapped,
                                      bool verified)
{
    struct buffer plain = {.secret = true};
    enum pbe_result result = decrypt(&bags->pbe, wrapped, &plain);

    if (result == PBE_OK) {
        result = pkcs12_bags_read(bags, (struct pki_slice){plain.data, plain.length});
        if (result == PBE_UNSUPPORTED && !verified) {
            result = PBE_WRONG_PASSWORD; /* its padding was right by chance */
        }
    } else if (result == PBE_WRONG_PASSWORD && verified) {
        result = PBE_UNSUPPORTED; /* the file is damaged */
    }
    buffer_wipe_free(&plain);
    return result;
}

static enum pbe_result read_plain(struct pkcs12_bags *bags, struct reader *wrapped)
{
    struct buffer pieces = {.secret = true};
    enum pbe_result result = PBE_UNSUPPORTED;
    struct pki_slice contents;
    struct der octets;

    if (ber_next(wrapped, &octets) && ber_octets(&octets, DER_OCTET_STRING, &pieces, &contents)) {
        result = pkcs12_bags_read(bags, contents);
    }
    result = pieces.failed ? PBE_NO_MEMORY : result;
    buffer_wipe_free(&pieces);
    return result;
}

static enum pbe_result read_safe(struct pkcs12_bags *bags, struct pki_slice safe, bool verified)
{
    struct reader whole = reader_new(safe.data, safe.length);
    struct reader list = ber_enter(&whole, DER_SEQUENCE);
    enum pbe_result result = whole.failed ? PBE_UNSUPPORTED : PBE_OK;

    while (result == PBE_OK && reader_left(&list) > 0) {
        struct reader info = ber_enter(&list, DER_SEQUENCE);
        struct pki_slice type = der_value(&info, DER_OID).content;
        struct reader wrapped = ber_enter(&info, DER_CONTEXT_SET(0));
        if (info.failed) {
            result = PBE_UNSUPPORTED;
        } else if (slice_is(type, DATA)) {
            result = read_plain(bags, &wrapped);
        } else if (slice_is(type, ENCRYPTED_DATA)) {
            result = read_encrypted(bags, &wrapped, verified);
        }
    }
    return result;
}

static enum pbe_result open_with(const struct container *container, const char *password,
                                 uint64_t *rounds, struct pkcs12 *out)
{
    struct pkcs12_bags bags = {.out = out, .pbe = {.password = password}};
    enum pbe_result result = PBE_UNSUPPORTED;

    bags.pbe.rounds = rounds;
    if (container->has_mac) {
        result = pbe_check_mac(&bags.pbe, container->mac, container->safe);
    }
    /* Without a MAC, or with one that is not known here, what decrypts is right. */
    if (result == PBE_OK || result == PBE_UNSUPPORTED) {
        result = read_safe(&bags, container->safe, result == PBE_OK);
    }
    if (result == PBE_OK && !pkcs12_order(out, pkcs12_bags_leaf(&bags))) {
        result = PBE_NO_MEMORY;
    }
    free(bags.ids);
    if (result != PBE_OK) {
        pkcs12_clear(out);
    }
    return result;
}

/* ---- passwords ------------------------------------------------------------------------------- */

static enum pbe_result ask_and_open(const struct container *container, const char *path,
                                    const struct pki_password *password, uint64_t *rounds,
                                    struct pkcs12 *out, bool *given)
{
    char typed[PBE_PASSWORD_MAX] = "";
    enum pbe_result result = PBE_WRONG_PASSWORD;

    *given = password != NULL && password->ask != NULL &&
             password->ask(password->context, path, typed, sizeof typed) == 0;
    if (*given) {
        result = open_with(container, typed, rounds, out);
    }
    secret_wipe(typed, sizeof typed);
    return result;
}

static enum pbe_result open_any(const struct container *container, const char *path,
                                const struct pki_password *password, uint64_t *rounds,
                                struct pkcs12 *out, bool *given)
{
    enum pbe_result result = open_with(container, "", rounds, out);

    *given = false;
    if (result == PBE_WRONG_PASSWORD) {
        result = open_with(container, NULL, rounds, out);
    }
    return result == PBE_WRONG_PASSWORD
               ? ask_and_open(container, path, password, rounds, out, given)
               : result;
}

static int fail(struct err *err, const char *shown, const char *why)
{
    return err_set(err, ERR_FILE, "file", "cannot read certificates from %s: %s", shown, why);
}

static int report(enum pbe_result result, const char *shown, bool given, struct err *err)
{
    switch (result) {
    case PBE_OK:
        return 0;
    case PBE_WRONG_PASSWORD:
        return err_set(err, ERR_USAGE, "password", "cannot open %s: %s", shown,
                       given ? "the password is wrong"
                             : "it is PKCS#12 with a password, and none was given");
    case PBE_UNSUPPORTED:
        return fail(err, shown,
                    "its PKCS#12 is damaged, or encrypted in a way that is not known here "
                    "(`openssl pkcs12 -legacy` may open it)");
    case PBE_TOO_MUCH:
        return fail(err, shown,
                    "its PKCS#12 asks for more than 10 million rounds of key derivation");
    default:
        return err_memory(err, "opening PKCS#12");
    }
}

int pkcs12_read(struct pkcs12 *out, struct pki_slice bytes, const char *path,
                const struct pki_password *password, uint64_t *rounds, struct err *err)
{
    struct container container;
    enum pbe_result result;
    char shown[200];
    bool given = false;

    *out = (struct pkcs12){0};
    text_safe(shown, sizeof shown, path, strlen(path));
    if (read_container(&container, bytes)) {
        result = open_any(&container, path, password, rounds, out, &given);
    } else {
        result = container.pieces.failed ? PBE_NO_MEMORY : PBE_UNSUPPORTED;
    }
    buffer_free(&container.pieces);
    return report(result, shown, given, err);
}

void pkcs12_clear(struct pkcs12 *contents)
{
    buffer_free(&contents->bytes);
    free(contents->items);
    *contents = (struct pkcs12){0};
}
