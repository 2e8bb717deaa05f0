/* ServerKeyExchange and ClientKeyExchange: RFC 5246 7.4.3, 7.4.7, RFC 8422 5.4, 5.7, RFC 4279,
 * RFC 5489. Their shape follows from the cipher suite; without one they stay opaque. */
#include "message.h"

#include <string.h>

#define SERVER "handshake.server_key_exchange"
#define CLIENT "handshake.client_key_exchange"

static bool same(const char *text, const char *other)
{
    return text != NULL && strcmp(text, other) == 0;
}

/* ---- the signature ------------------------------------------------------------------------- */

static const struct schema named_signature[] = {
    NAMED(SERVER, "signature_algorithm", 2, SIGNATURE_SCHEME),
    VECTOR(SERVER, "signature", 2),
    END,
};
static const struct schema plain_signature[] = {VECTOR(SERVER, "signature", 2), END};
static const struct schema *const signatures[] = {named_signature, plain_signature, schema_empty,
                                                  NULL};

static size_t choose_signature(const struct dissection *dissection, struct reader rest)
{
    struct wire_cipher_suite suite;

    (void)rest; /* version and cipher suite decide */
    (void)wire_cipher_suite_parts(dissection->context->cipher_suite, &suite);
    if (same(suite.authentication, "anonymous") || same(suite.authentication, "PSK")) {
        return 2;
    }
    return message_names_signature(dissection) ? 0 : 1;
}

/* ---- the parameters ------------------------------------------------------------------------ */

static const struct schema named_curve[] = {
    NAMED(SERVER, "named_group", 2, GROUP),
    VECTOR(SERVER, "public_key", 1),
    CHOICE(choose_signature, signatures),
    END,
};
/* RFC 8422 deprecates curves that the server makes up. */
static const struct schema explicit_curve[] = {REST(SERVER, "explicit_parameters"), END};
static const struct schema *const curves[] = {named_curve, explicit_curve, NULL};

/* `rest` starts behind curve_type: the byte before it decides. */
static size_t choose_curve(const struct dissection *dissection, struct reader rest)
{
    (void)dissection; /* the version does not matter */
    return rest.data[rest.offset - 1] == 3 ? 0 : 1;
}

static const struct schema ecdhe[] = {
    NAMED(SERVER, "curve_type", 1, EC_CURVE_TYPE),
    CHOICE(choose_curve, curves),
    END,
};
static const struct schema dhe[] = {
    VECTOR(SERVER, "dh_p", 2),
    VECTOR(SERVER, "dh_g", 2),
    VECTOR(SERVER, "dh_ys", 2),
    CHOICE(choose_signature, signatures),
    END,
};
static const struct schema psk[] = {VECTOR(SERVER, "psk_identity_hint", 2), END};
static const struct schema ecdhe_psk[] = {SEQUENCE(psk), SEQUENCE(ecdhe), END};
static const struct schema dhe_psk[] = {SEQUENCE(psk), SEQUENCE(dhe), END};
static const struct schema other[] = {REST(SERVER, "parameters"), END};

enum exchange { ECDHE, DHE, ECDHE_PSK, DHE_PSK, PSK, RSA_PSK, RSA, OTHER };

/* In the order of enum exchange. */
static const struct schema *const server_exchanges[] = {ecdhe, dhe,   ecdhe_psk, dhe_psk, psk,
                                                        psk,   other, other,     NULL};

/* Static Diffie-Hellman: the client sends what it sends in an ephemeral one. */
static enum exchange exchange_of(const struct wire_cipher_suite *suite)
{
    bool with_psk = same(suite->authentication, "PSK");

    if (same(suite->key_exchange, "ECDHE") || same(suite->key_exchange, "ECDH")) {
        return with_psk ? ECDHE_PSK : ECDHE;
    }
    if (same(suite->key_exchange, "DHE") || same(suite->key_exchange, "DH")) {
        return with_psk ? DHE_PSK : DHE;
    }
    if (same(suite->key_exchange, "RSA")) {
        return RSA;
    }
    if (same(suite->key_exchange, "RSA_PSK")) {
        return RSA_PSK;
    }
    return same(suite->key_exchange, "PSK") ? PSK : OTHER;
}

static size_t choose_exchange(const struct dissection *dissection, struct reader rest)
{
    struct wire_cipher_suite suite;

    (void)rest; /* the cipher suite decides */
    (void)wire_cipher_suite_parts(dissection->context->cipher_suite, &suite);
    return exchange_of(&suite);
}

const struct schema message_server_key_exchange[] = {
    CHOICE(choose_exchange, server_exchanges),
    END,
};

/* ---- the client's answer -------------------------------------------------------------------- */

static const struct schema ec_public[] = {VECTOR(CLIENT, "public_key", 1), END};
static const struct schema dh_public[] = {VECTOR(CLIENT, "dh_yc", 2), END};
static const struct schema encrypted_tls[] = {
    VECTOR(CLIENT, "encrypted_pre_master_secret", 2),
    END,
};
static const struct schema encrypted_ssl[] = {
    REST(CLIENT, "encrypted_pre_master_secret"),
    END,
};
static const struct schema *const encryptions[] = {encrypted_tls, encrypted_ssl, NULL};

/* SSL 3.0 left the length out: RFC 5246 7.4.7.1. */
static size_t choose_encryption(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the version decides */
    return dissection->context->version == 0x0300 ? 1 : 0;
}

static const struct schema encrypted[] = {CHOICE(choose_encryption, encryptions), END};
static const struct schema identity[] = {VECTOR(CLIENT, "psk_identity", 2), END};
static const struct schema ec_public_psk[] = {SEQUENCE(identity), SEQUENCE(ec_public), END};
static const struct schema dh_public_psk[] = {SEQUENCE(identity), SEQUENCE(dh_public), END};
static const struct schema encrypted_psk[] = {SEQUENCE(identity), SEQUENCE(encrypted), END};
static const struct schema other_public[] = {REST(CLIENT, "exchange_keys"), END};

/* In the order of enum exchange. */
static const struct schema *const client_exchanges[] = {ec_public,     dh_public,    ec_public_psk,
                                                        dh_public_psk, identity,     encrypted_psk,
                                                        encrypted,     other_public, NULL};

const struct schema message_client_key_exchange[] = {
    CHOICE(choose_exchange, client_exchanges),
    END,
};
