/* What a cipher suite says about ServerKeyExchange and ClientKeyExchange. */
#include "key_exchange.h"

#include <string.h>

struct exchange_name {
    const char *name; /* wire_cipher_suite.key_exchange */
    enum key_exchange plain;
    enum key_exchange with_psk; /* its authentication is PSK */
};

/* Static Diffie-Hellman: the client sends what it sends in an ephemeral one. */
static const struct exchange_name exchanges[] = {
    {"ECDHE", KEY_EXCHANGE_ECDHE, KEY_EXCHANGE_ECDHE_PSK},
    {"ECDH", KEY_EXCHANGE_ECDHE, KEY_EXCHANGE_ECDHE_PSK},
    {"DHE", KEY_EXCHANGE_DHE, KEY_EXCHANGE_DHE_PSK},
    {"DH", KEY_EXCHANGE_DHE, KEY_EXCHANGE_DHE_PSK},
    {"RSA", KEY_EXCHANGE_RSA, KEY_EXCHANGE_RSA},
    {"RSA_PSK", KEY_EXCHANGE_RSA_PSK, KEY_EXCHANGE_RSA_PSK},
    {"PSK", KEY_EXCHANGE_PSK, KEY_EXCHANGE_PSK},
    {"SRP", KEY_EXCHANGE_SRP, KEY_EXCHANGE_SRP},
    {"GOST", KEY_EXCHANGE_GOST, KEY_EXCHANGE_GOST},
};

static bool same(const char *text, const char *other)
{
    return text != NULL && strcmp(text, other) == 0;
}

size_t key_exchange_choose(const struct dissection *dissection, struct reader rest)
{
    struct wire_cipher_suite suite;

    (void)rest; /* the cipher suite decides */
    (void)wire_cipher_suite_parts(dissection->context->cipher_suite, &suite);
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        if (same(suite.key_exchange, exchanges[i].name)) {
            return same(suite.authentication, "PSK") ? exchanges[i].with_psk : exchanges[i].plain;
        }
    }
    return KEY_EXCHANGE_OTHER;
}

bool key_exchange_is_signed(const struct dissection *dissection)
{
    struct wire_cipher_suite suite;

    (void)wire_cipher_suite_parts(dissection->context->cipher_suite, &suite);
    return !same(suite.authentication, "anonymous") && !same(suite.authentication, "PSK") &&
           !same(suite.authentication, "SRP");
}
