/* ClientKeyExchange: RFC 5246 7.4.7, RFC 8422 5.7, RFC 4279, RFC 5489, RFC 5054 2.8.2. Its shape follows from
 * the cipher suite; without one it stays opaque. */
#include "key_exchange.h"
#include "public_key.h"

#define CLIENT "handshake.client_key_exchange"

static const struct schema ec_public[] = {
    PUBLIC_KEY(CLIENT, "public_key", 1, public_key_of_curve),
    END,
};
static const struct schema dh_public[] = {VECTOR_FROM(CLIENT, "dh_yc", 2, 1), END};

/* ---- with a key in the client's certificate (RFC 5246 7.4.7.2): nothing, or an empty one --------- */

static const struct schema *const ec_shapes[] = {schema_empty, ec_public, NULL};
static const struct schema *const dh_shapes[] = {schema_empty, dh_public, NULL};

static size_t choose_presence(const struct dissection *dissection, struct reader rest)
{
    (void)dissection; /* the bytes decide */
    return reader_left(&rest) == 0 ? 0 : 1;
}

static const struct schema ecdhe[] = {CHOICE(choose_presence, ec_shapes), END};
static const struct schema dhe[] = {CHOICE(choose_presence, dh_shapes), END};

/* ---- RSA ------------------------------------------------------------------------------------------ */

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
    return dissection->context->version == WIRE_SSL3 ? 1 : 0;
}

static const struct schema encrypted[] = {CHOICE(choose_encryption, encryptions), END};

/* ---- pre-shared keys, passwords, others ----------------------------------------------------------- */

static const struct schema identity[] = {VECTOR(CLIENT, "psk_identity", 2), END};
static const struct schema ec_public_psk[] = {SEQUENCE(identity), SEQUENCE(ec_public), END};
static const struct schema dh_public_psk[] = {SEQUENCE(identity), SEQUENCE(dh_public), END};
static const struct schema encrypted_psk[] = {SEQUENCE(identity), SEQUENCE(encrypted), END};
static const struct schema srp[] = {VECTOR_FROM(CLIENT, "srp_a", 2, 1), END};
static const struct schema other[] = {REST(CLIENT, "exchange_keys"), END};

static const struct schema *const exchanges[] = {
    [KEY_EXCHANGE_ECDHE] = ecdhe,
    [KEY_EXCHANGE_DHE] = dhe,
    [KEY_EXCHANGE_ECDHE_PSK] = ec_public_psk,
    [KEY_EXCHANGE_DHE_PSK] = dh_public_psk,
    [KEY_EXCHANGE_PSK] = identity,
    [KEY_EXCHANGE_RSA_PSK] = encrypted_psk,
    [KEY_EXCHANGE_RSA] = encrypted,
    [KEY_EXCHANGE_SRP] = srp,
    [KEY_EXCHANGE_GOST] = other,
    [KEY_EXCHANGE_OTHER] = other,
    NULL,
};

const struct schema message_client_key_exchange[] = {
    CHOICE(key_exchange_choose, exchanges),
    END,
};
