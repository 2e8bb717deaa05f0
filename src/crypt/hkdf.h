/* The key schedule of TLS 1.3: everything is HKDF-Expand-Label (RFC 8446 7.1). */
#ifndef CRYPT_HKDF_H
#define CRYPT_HKDF_H

#include <gnutls/gnutls.h>
#include <stddef.h>
#include <stdint.h>

/*
 * HKDF-Expand-Label(secret, label, "", length) with HMAC of `hash`. `label` is written without
 * its "tls13 " and has at most 249 characters. Returns 0 or a GnuTLS error.
 */
int crypt_hkdf_expand_label(gnutls_mac_algorithm_t hash, const uint8_t *secret,
                            size_t secret_length, const char *label, uint8_t *out, size_t length);

#endif
