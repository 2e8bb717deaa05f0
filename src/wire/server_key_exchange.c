/* ServerKeyExchange: RFC 5246 7.4.3, RFC 4492 5.4, RFC 4279, RFC 5489, RFC 5054 2.8.1, and that of
 * EXPORT suites, RFC 2246 7.4.3. Its shape follows from the cipher suite; without one it stays opaque. */
#include "key_exchange.h"
#include "public_key.h"

#define SERVER "handshake.server_key_exchange"

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
    (void)rest; /* version and cipher suite decide */
    if (!key_exchange_is_signed(dissection)) {
        return 2;
    }
    return message_names_signature(dissection) ? 0 : 1;
}

static const struct schema signature[] = {CHOICE(choose_signature, signatures), END};

/* ---- elliptic curves (RFC 4492 5.4) ----------------------------------------------------------- */

static const struct schema named_curve[] = {
    NAMED(SERVER, "named_group", 2, GROUP),
    PUBLIC_KEY(SERVER, "public_key", 1, public_key_of_group),
    SEQUENCE(signature),
    END,
};

/* Curves that the server describes itself, which RFC 8422 forbids. */
static const struct schema curve[] = {
    VECTOR_FROM(SERVER, "curve_a", 1, 1),
    VECTOR_FROM(SERVER, "curve_b", 1, 1),
    PUBLIC_KEY(SERVER, "curve_base", 1, public_key_of_curve),
    VECTOR_FROM(SERVER, "curve_order", 1, 1),
    VECTOR_FROM(SERVER, "curve_cofactor", 1, 1),
    PUBLIC_KEY(SERVER, "public_key", 1, public_key_of_curve),
    SEQUENCE(signature),
    END,
};
static const struct schema explicit_prime[] = {
    VECTOR_FROM(SERVER, "curve_prime", 1, 1),
    SEQUENCE(curve),
    END,
};

static const struct schema trinomial[] = {VECTOR_FROM(SERVER, "curve_k", 1, 1), END};
static const struct schema pentanomial[] = {
    VECTOR_FROM(SERVER, "curve_k1", 1, 1),
    VECTOR_FROM(SERVER, "curve_k2", 1, 1),
    VECTOR_FROM(SERVER, "curve_k3", 1, 1),
    END,
};
static const struct schema other_curve[] = {REST(SERVER, "explicit_parameters"), END};
static const struct schema *const bases[] = {trinomial, pentanomial, other_curve, NULL};

/* `rest` starts behind the basis: the byte before it decides. */
static size_t choose_basis(const struct dissection *dissection, struct reader rest)
{
    uint8_t basis = rest.data[rest.offset - 1];

    (void)dissection; /* the version does not matter */
    return basis == 1 ? 0 : basis == 2 ? 1 : 2;
}

/* Nothing is left for the curve where the basis is not known. */
static const struct schema *const rest_of_curve[] = {curve, schema_empty, NULL};

static size_t choose_rest(const struct dissection *dissection, struct reader rest)
{
    (void)dissection; /* the version does not matter */
    return reader_left(&rest) > 0 ? 0 : 1;
}

static const struct schema explicit_char2[] = {
    NUMBER(SERVER, "curve_m", 2),
    NAMED(SERVER, "curve_basis", 1, EC_BASIS),
    CHOICE(choose_basis, bases),
    CHOICE(choose_rest, rest_of_curve),
    END,
};
static const struct schema *const curves[] = {explicit_prime, explicit_char2, named_curve,
                                              other_curve, NULL};

/* `rest` starts behind curve_type: the byte before it decides. */
static size_t choose_curve(const struct dissection *dissection, struct reader rest)
{
    uint8_t type = rest.data[rest.offset - 1];

    (void)dissection; /* the version does not matter */
    return type >= 1 && type <= 3 ? (size_t)(type - 1) : 3;
}

static const struct schema ecdhe[] = {
    NAMED(SERVER, "curve_type", 1, EC_CURVE_TYPE),
    CHOICE(choose_curve, curves),
    END,
};

/* ---- the others -------------------------------------------------------------------------------- */

static const struct schema dhe[] = {
    VECTOR_FROM(SERVER, "dh_p", 2, 1),
    VECTOR_FROM(SERVER, "dh_g", 2, 1),
    VECTOR_FROM(SERVER, "dh_ys", 2, 1),
    SEQUENCE(signature),
    END,
};
static const struct schema psk[] = {VECTOR(SERVER, "psk_identity_hint", 2), END};
static const struct schema ecdhe_psk[] = {SEQUENCE(psk), SEQUENCE(ecdhe), END};
static const struct schema dhe_psk[] = {SEQUENCE(psk), SEQUENCE(dhe), END};

/* EXPORT suites: a short-lived key of 512 bits beside the long one of the certificate. */
static const struct schema rsa[] = {
    VECTOR_FROM(SERVER, "rsa_modulus", 2, 1),
    VECTOR_FROM(SERVER, "rsa_exponent", 2, 1),
    SEQUENCE(signature),
    END,
};
static const struct schema srp[] = {
    VECTOR_FROM(SERVER, "srp_n", 2, 1),
    VECTOR_FROM(SERVER, "srp_g", 2, 1),
    VECTOR_FROM(SERVER, "srp_s", 1, 1),
    VECTOR_FROM(SERVER, "srp_b", 2, 1),
    SEQUENCE(signature),
    END,
};
static const struct schema other[] = {REST(SERVER, "parameters"), END};

static const struct schema *const exchanges[] = {
    [KEY_EXCHANGE_ECDHE] = ecdhe,
    [KEY_EXCHANGE_DHE] = dhe,
    [KEY_EXCHANGE_ECDHE_PSK] = ecdhe_psk,
    [KEY_EXCHANGE_DHE_PSK] = dhe_psk,
    [KEY_EXCHANGE_PSK] = psk,
    [KEY_EXCHANGE_RSA_PSK] = psk,
    [KEY_EXCHANGE_RSA] = rsa,
    [KEY_EXCHANGE_SRP] = srp,
    [KEY_EXCHANGE_GOST] = other,
    [KEY_EXCHANGE_OTHER] = other,
    NULL,
};

const struct schema message_server_key_exchange[] = {
    CHOICE(key_exchange_choose, exchanges),
    END,
};
