/* Extensions of TLS 1.2 and older that are hardly met today, and those of protocols beside TLS. */
#include "extension.h"

/* ---- trusted_ca_keys, RFC 6066 6 ------------------------------------------------------------- */

#define TRUSTED "extension.trusted_ca_keys"

static const struct schema sha1_hash[] = {BYTES(TRUSTED, "sha1_hash", 20), END};
static const struct schema x509_name[] = {
    DER_VECTOR(TRUSTED, "distinguished_name", 2, 1, NAME),
    END,
};
static const struct schema *const identifiers[] = {schema_empty, sha1_hash, x509_name, NULL};

/* `rest` starts behind identifier_type: 1 and 3 are hashes, of a key or of a certificate. */
static size_t choose_identifier(const struct dissection *dissection, struct reader rest)
{
    uint8_t type = rest.data[rest.offset - 1];

    (void)dissection; /* the bytes decide */
    if (type == 1 || type == 3) {
        return 1;
    }
    return type == 2 ? 2 : 0;
}

static const struct schema authority[] = {
    NAMED(TRUSTED, "identifier_type", 1, TRUSTED_AUTHORITY),
    CHOICE(choose_identifier, identifiers),
    END,
};
static const struct schema authority_entry[] = {STRUCT(TRUSTED, "authority", authority), END};

/* The server answers with an empty one. */
const struct schema extension_trusted_ca_keys[] = {
    OPTIONAL_LIST_FROM(TRUSTED, "trusted_authorities_list", 2, 0, authority_entry),
    END,
};

/* ---- user_mapping, RFC 4681 2 ---------------------------------------------------------------- */

static const struct schema user_mapping_type[] = {
    NAMED("extension.user_mapping", "user_mapping_type", 1, USER_MAPPING),
    END,
};

const struct schema extension_user_mapping[] = {
    LIST_FROM("extension.user_mapping", "user_mapping_types", 1, 1, user_mapping_type),
    END,
};

/* ---- client_authz and server_authz, RFC 5878 2 ------------------------------------------------ */

static const struct schema client_format[] = {
    NAMED("extension.client_authz", "authz_format", 1, AUTHORIZATION_FORMAT),
    END,
};
static const struct schema server_format[] = {
    NAMED("extension.server_authz", "authz_format", 1, AUTHORIZATION_FORMAT),
    END,
};

const struct schema extension_client_authz[] = {
    LIST_FROM("extension.client_authz", "authz_format_list", 1, 1, client_format),
    END,
};
const struct schema extension_server_authz[] = {
    LIST_FROM("extension.server_authz", "authz_format_list", 1, 1, server_format),
    END,
};

/* ---- use_srtp, RFC 5764 4.1.1 ---------------------------------------------------------------- */

static const struct schema srtp_profile[] = {
    NAMED("extension.use_srtp", "protection_profile", 2, SRTP_PROFILE),
    END,
};

const struct schema extension_use_srtp[] = {
    LIST_FROM("extension.use_srtp", "protection_profiles", 2, 2, srtp_profile),
    VECTOR("extension.use_srtp", "srtp_mki", 1),
    END,
};

/* ---- token_binding, RFC 8472 2 --------------------------------------------------------------- */

#define TOKEN "extension.token_binding"

static const struct schema key_parameter[] = {
    NAMED(TOKEN, "key_parameters", 1, TOKEN_BINDING_KEY),
    END,
};

const struct schema extension_token_binding[] = {
    NUMBER(TOKEN, "major_version", 1),
    NUMBER(TOKEN, "minor_version", 1),
    LIST_FROM(TOKEN, "key_parameters_list", 1, 1, key_parameter),
    END,
};

/* ---- cached_info, RFC 7924 3, 4 -------------------------------------------------------------- */

#define CACHED "extension.cached_info"

static const struct schema cached_type[] = {
    NAMED(CACHED, "cached_information_type", 1, CACHED_INFORMATION),
    END,
};
static const struct schema cached_object[] = {
    SEQUENCE(cached_type),
    VECTOR_FROM(CACHED, "hash_value", 1, 1),
    END,
};
static const struct schema *const objects[] = {cached_object, cached_type, NULL};
static const struct schema object[] = {CHOICE(extension_choose_sender, objects), END};
static const struct schema object_entry[] = {STRUCT(CACHED, "cached_object", object), END};

const struct schema extension_cached_info[] = {
    LIST_FROM(CACHED, "cached_info", 2, 1, object_entry),
    END,
};
