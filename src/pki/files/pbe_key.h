/* Keys from passwords. */
#ifndef PKI_PBE_KEY_H
#define PKI_PBE_KEY_H

#include <gnutls/gnutls.h>

#include "pbe.h"

#define PBE_KEY_MAX 64

/* What a key of RFC 7292 appendix B.3 is for. */
enum pbe_use { PBE_FOR_KEY = 1, PBE_FOR_IV = 2, PBE_FOR_MAC = 3 };

/* Salt and number of rounds, as most parameters have them. */
struct pbe_salt {
    struct pki_slice salt;
    uint64_t rounds;
};

/* A number of rounds; UINT64_MAX for all that are too many for a number, 0 for what is none. */
uint64_t pbe_read_rounds(struct reader *parameters);

/* HMAC by its object identifier (RFC 8018 B.1.2): with SHA-1 or SHA-2, else GNUTLS_MAC_UNKNOWN. */
gnutls_mac_algorithm_t pbe_hmac_find(struct pki_slice oid);

/* RFC 7292 appendix B.2, with these hashes: MD5, SHA-1, SHA-2. `length` is at most PBE_KEY_MAX. */
enum pbe_result pbe_key_pkcs12(const struct pbe *pbe, gnutls_digest_algorithm_t hash,
                               const struct pbe_salt *salt, enum pbe_use use, uint8_t *out,
                               size_t length);

/* PBKDF2-params (RFC 8018 A.2), whose content `parameters` is. A keyLength in them must be `length`, or at most PBE_KEY_MAX
 * and put into `*length` where that is 0. */
enum pbe_result pbe_key_pbkdf2(const struct pbe *pbe, struct reader parameters, uint8_t *out,
                               size_t *length);

#endif
