/*
 * How a cipher suite of TLS 1.2 and older agrees on keys decides the shape of ServerKeyExchange and
 * ClientKeyExchange.
 */
#ifndef TLSTEP_WIRE_KEY_EXCHANGE_H
#define TLSTEP_WIRE_KEY_EXCHANGE_H

#include "message.h"

enum key_exchange {
    KEY_EXCHANGE_ECDHE,
    KEY_EXCHANGE_DHE,
    KEY_EXCHANGE_ECDHE_PSK,
    KEY_EXCHANGE_DHE_PSK,
    KEY_EXCHANGE_PSK,
    KEY_EXCHANGE_RSA_PSK,
    KEY_EXCHANGE_RSA,
    KEY_EXCHANGE_SRP,
    KEY_EXCHANGE_GOST,
    KEY_EXCHANGE_OTHER, /* or the suite is not known */
};

/* For CHOICE among schemas in the order of the enum: the cipher suite of the context decides. */
size_t key_exchange_choose(const struct dissection *dissection, struct reader rest);

/* True when ServerKeyExchange is signed: neither anonymous nor with a pre-shared key or password. */
bool key_exchange_is_signed(const struct dissection *dissection);

#endif
