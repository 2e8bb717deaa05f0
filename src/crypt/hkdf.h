/* The key schedule of TLS 1.3: everything is HKDF-Expand-Label (RFC 8446 7.1). */
#ifndef CRYPT_HKDF_H
#define CRYPT_HKDF_H

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stddef.h>
#include <stdint.h>

/* HKDF-Expand-Label(secret, label, context, length) with HMAC of `hash`. */
struct crypt_hkdf {
    gnutls_mac_algorithm_t hash;
    uint16_t version; /* drafts before 20 had another prefix; 0 stands for RFC 8446's */
    const uint8_t *secret;
    size_t secret_length;
    const char *label; /* without its "tls13 ", at most 246 characters */
    const uint8_t *context;
    size_t context_length; /* at most 255 */
};

/* Returns 0 or a GnuTLS error. */
int crypt_hkdf_expand(const struct crypt_hkdf *hkdf, uint8_t *out, size_t length);

/* The same with an HMAC that has the secret as its key, for several labels. */
int crypt_hkdf_expand_keyed(gnutls_hmac_hd_t hmac, const struct crypt_hkdf *hkdf, uint8_t *out,
                            size_t length);

/* The same with an empty context, as for keys, IVs and updated secrets (RFC 8446 7.2, 7.3). */
int crypt_hkdf_expand_label(gnutls_mac_algorithm_t hash, const uint8_t *secret,
                            size_t secret_length, const char *label, uint8_t *out, size_t length);

/* HKDF-Extract(salt, input), RFC 5869 2.2: `out` takes as many bytes as the hash has. NULL stands for so many
 * zeros. Returns 0 or a GnuTLS error. */
int crypt_hkdf_extract(gnutls_mac_algorithm_t hash, const uint8_t *salt, const uint8_t *input,
                       size_t length, uint8_t *out);

/* What stands before each label: "tls13 ", before draft 20 "TLS 1.3, ". Static. */
const char *crypt_hkdf_prefix(uint16_t version);

/* The draft of TLS 1.3 that a version number stands for: 18 for 0x7f12; 0: none, or RFC 8446 itself. */
unsigned crypt_draft(uint16_t version);

#endif
