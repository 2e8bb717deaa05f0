/*
 * What `openssl s_client` finds when it connects to a server: the independent truth about what a
 * client sees there. Knows nothing of tlstep.
 */
#ifndef SUPPORT_S_CLIENT_H
#define SUPPORT_S_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

struct s_client {
    char version[16];      /* "TLSv1.3" */
    char cipher[64];       /* OpenSSL's name */
    char suite[64];        /* IANA's name of the same */
    char group[32];        /* "X25519", "prime256v1", "secp384r1"; "" when there was no key share */
    char signature[32];    /* of the handshake: "RSA-PSS", "RSA", "ECDSA"; "" */
    char digest[16];       /* of that: "SHA256"; "" */
    char alpn[32];         /* "" */
    unsigned certificates; /* how many were sent */
    char sha256[65];       /* of the first, lower-case hexadecimal */
    /* All handshake messages up to the second Finished, in order: "client ClientHello\n…". A
     * HelloRetryRequest is a ServerHello here. */
    char messages[1024];
    unsigned certificate_length; /* of the Certificate message, without its header */
};

/*
 * Shakes hands with 127.0.0.1:port as "localhost" and says nothing. `arguments` are further ones
 * of s_client. Returns 0; -1 with a line on stderr when there is no openssl or no handshake.
 */
int s_client_ask(struct s_client *out, uint16_t port, const char *arguments);

#endif
