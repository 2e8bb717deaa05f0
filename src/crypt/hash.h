/* Hashes by the names that cipher suites give them. */
#ifndef CRYPT_HASH_H
#define CRYPT_HASH_H

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#define CRYPT_MD5_SHA1 "MD5+SHA-1" /* TLS 1.0 and 1.1, RFC 2246 7.4.9: one after the other */

/* GNUTLS_DIG_UNKNOWN and GNUTLS_MAC_UNKNOWN: GnuTLS has none of this name, or it is NULL. */
gnutls_digest_algorithm_t crypt_digest_find(const char *name);
gnutls_mac_algorithm_t crypt_hmac_find(const char *name);

#endif
