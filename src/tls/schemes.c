/*
 * --groups and --sigalgs: IANA's names as keywords of priority strings.
 *
 * GnuTLS spells groups as IANA does, but for case and hyphens. Its signature schemes are another matter: ECDSA has one name for TLS 1.2, where
 * the curve is free, and one for TLS 1.3, where it is not (RFC 8446 4.2.3); on the wire both have the same number.
 */
#include "schemes.h"

#include <string.h>

#include "options.h"

/* A name as long as the longest, and some. */
#define NAME_BYTES 64

struct scheme {
    const char *name;        /* IANA's */
    const char *keywords[2]; /* GnuTLS's, gnutls_sign_get_id(); NULL: none */
};

static const struct scheme schemes[] = {
    {"ecdsa_secp256r1_sha256", {"ECDSA-SECP256R1-SHA256", "ECDSA-SHA256"}},
    {"ecdsa_secp384r1_sha384", {"ECDSA-SECP384R1-SHA384", "ECDSA-SHA384"}},
    {"ecdsa_secp521r1_sha512", {"ECDSA-SECP521R1-SHA512", "ECDSA-SHA512"}},
    {"ed25519", {"EdDSA-Ed25519"}},
    {"ed448", {"EdDSA-Ed448"}},
    {"rsa_pss_rsae_sha256", {"RSA-PSS-RSAE-SHA256"}},
    {"rsa_pss_rsae_sha384", {"RSA-PSS-RSAE-SHA384"}},
    {"rsa_pss_rsae_sha512", {"RSA-PSS-RSAE-SHA512"}},
    {"rsa_pss_pss_sha256", {"RSA-PSS-SHA256"}},
    {"rsa_pss_pss_sha384", {"RSA-PSS-SHA384"}},
    {"rsa_pss_pss_sha512", {"RSA-PSS-SHA512"}},
    {"rsa_pkcs1_sha256", {"RSA-SHA256"}},
    {"rsa_pkcs1_sha384", {"RSA-SHA384"}},
    {"rsa_pkcs1_sha512", {"RSA-SHA512"}},
    {"rsa_pkcs1_sha1", {"RSA-SHA1"}},
    {"ecdsa_sha1", {"ECDSA-SHA1"}},
};

#define SCHEME_COUNT (sizeof schemes / sizeof *schemes)

/* ---- groups ---------------------------------------------------------------------------------- */

/* "X25519-MLKEM768" as "X25519MLKEM768": without what only GnuTLS writes. */
static void without_hyphens(char out[NAME_BYTES], const char *name)
{
    size_t length = 0;

    for (; *name != '\0' && length < NAME_BYTES - 1; name++) {
        if (*name != '-' && *name != '_') {
            out[length++] = *name;
        }
    }
    out[length] = '\0';
}

/* IANA's name for one of GnuTLS's groups; NULL: it is not a group of the registry. */
static const char *group_name(gnutls_group_t group)
{
    const char *name = gnutls_group_get_name(group);
    char plain[NAME_BYTES];
    long value;

    if (name == NULL) {
        return NULL;
    }
    without_hyphens(plain, name);
    value = wire_registry_value(WIRE_REGISTRY_GROUP, plain);
    return value < 0 ? NULL : wire_registry_name(WIRE_REGISTRY_GROUP, (uint32_t)value);
}

static bool add_group(struct buffer *out, const char *wanted)
{
    for (const gnutls_group_t *group = gnutls_group_list(); *group != 0; group++) {
        const char *name = group_name(*group);

        if (name != NULL && text_equal_nocase(wanted, name)) {
            buffer_printf(out, ":+GROUP-%s", gnutls_group_get_name(*group));
            return true;
        }
    }
    return false;
}

static void list_groups(struct buffer *out)
{
    for (const gnutls_group_t *group = gnutls_group_list(); *group != 0; group++) {
        const char *name = group_name(*group);

        if (name != NULL) {
            buffer_printf(out, "%s%s", out->length > 0 ? ", " : "", name);
        }
    }
}

/* ---- signature schemes ----------------------------------------------------------------------- */

/* Another build of GnuTLS may be without it. */
static bool has_scheme(const struct scheme *scheme)
{
    return gnutls_sign_get_id(scheme->keywords[0]) != GNUTLS_SIGN_UNKNOWN;
}

static bool add_scheme(struct buffer *out, const char *wanted)
{
    for (size_t i = 0; i < SCHEME_COUNT; i++) {
        if (!text_equal_nocase(wanted, schemes[i].name) || !has_scheme(&schemes[i])) {
            continue;
        }
        for (size_t k = 0; k < 2 && schemes[i].keywords[k] != NULL; k++) {
            buffer_printf(out, ":+SIGN-%s", schemes[i].keywords[k]);
        }
        return true;
    }
    return false;
}

static void list_schemes(struct buffer *out)
{
    for (size_t i = 0; i < SCHEME_COUNT; i++) {
        if (has_scheme(&schemes[i])) {
            buffer_printf(out, "%s%s", out->length > 0 ? ", " : "", schemes[i].name);
        }
    }
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* What --groups and --sigalgs have in common. */
struct kind {
    const char *option;
    const char *noun;
    const char *none; /* takes all out that the string has so far */
    bool (*add)(struct buffer *out, const char *name);
    void (*list)(struct buffer *out);
};

static const struct kind groups = {"--groups", "group", ":-GROUP-ALL", add_group, list_groups};
static const struct kind sigalgs = {"--sigalgs", "signature scheme", ":-SIGN-ALL", add_scheme,
                                    list_schemes};

static int refuse(const struct kind *kind, const char *name, size_t length, struct err *err)
{
    struct buffer known = {0};
    const char *list;
    char shown[80];

    kind->list(&known);
    list = buffer_string(&known);
    (void)err_set(err, ERR_USAGE, "bad_option", "%s: GnuTLS has no %s \"%s\"; it has %s",
                  kind->option, kind->noun, text_safe(shown, sizeof shown, name, length),
                  list != NULL ? list : "others");
    buffer_free(&known);
    return -1;
}

static int fold(struct buffer *out, const struct kind *kind, const char *list, struct err *err)
{
    buffer_text(out, kind->none);
    for (;;) {
        size_t length = strcspn(list, ",");
        char name[NAME_BYTES];

        if (length >= sizeof name) {
            return refuse(kind, list, length, err);
        }
        memcpy(name, list, length);
        name[length] = '\0';
        if (!kind->add(out, name)) {
            return refuse(kind, list, length, err);
        }
        if (list[length] == '\0') {
            return 0;
        }
        list += length + 1;
    }
}

int tls_schemes_fold(struct buffer *out, const struct tls_options *options, struct err *err)
{
    if (options->groups != NULL && fold(out, &groups, options->groups, err) != 0) {
        return -1;
    }
    if (options->sigalgs != NULL && fold(out, &sigalgs, options->sigalgs, err) != 0) {
        return -1;
    }
    return 0;
}
