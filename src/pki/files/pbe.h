/*
 * Encryption and authentication by a password as PKCS#12 files use them: PBES2 and PBMAC1 (RFC 8018 6.2, 7.1; RFC 9579), and the
 * older schemes of RFC 7292 (appendices B and C).
 */
#ifndef PKI_PBE_H
#define PKI_PBE_H

#include "ber.h"

/*
 * Key derivation takes as many rounds as the file says. All that one file may ask for, whatever number of passwords and bags:
 * some seconds. What programs write is between 1 and 1 000 000 for a key, and a file has about three.
 */
#define PBE_ROUNDS_MAX ((uint64_t)10000000)

/* Longer passwords are no passwords. */
#define PBE_PASSWORD_MAX 1024

struct pbe {
    const char *password; /* UTF-8; NULL: none at all, which is not the empty one (RFC 7292 B.1) */
    uint64_t *rounds;     /* that are left, over all calls */
};

enum pbe_result {
    PBE_OK,
    PBE_WRONG_PASSWORD,
    PBE_UNSUPPORTED, /* an algorithm that is not known here, or parameters that cannot be read */
    PBE_TOO_MUCH,    /* more rounds than are left */
    PBE_NO_MEMORY,
};

/* What a status of GnuTLS means: an algorithm may be forbidden on this machine. */
enum pbe_result pbe_result_of(int status);

/* Decrypts into `out` (a secret buffer). `algorithm` is an AlgorithmIdentifier's content. What a wrong password decrypts to may
 * look right to the padding, once in 256 times. */
enum pbe_result pbe_decrypt(const struct pbe *pbe, struct reader algorithm,
                            struct pki_slice ciphertext, struct buffer *out);

/* Checks MacData (RFC 7292 4), whose content this is, over what it authenticates. */
enum pbe_result pbe_check_mac(const struct pbe *pbe, struct reader mac_data,
                              struct pki_slice content);

#endif
