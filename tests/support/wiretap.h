/*
 * Two GnuTLS sessions, client and server, joined in memory: what each pushed is kept, and the
 * client's key log with it. For tests of whatever reads TLS from bytes.
 */
#ifndef SUPPORT_WIRETAP_H
#define SUPPORT_WIRETAP_H

#include "identity.h"
#include "tlstep/crypt.h"

/* Credentials of all kinds, made once for many sessions. */
struct wiretap_credentials {
    struct identity rsa;
    struct identity ecdsa;
    gnutls_certificate_credentials_t server;
    gnutls_certificate_credentials_t client;
    gnutls_psk_server_credentials_t psk_server;
    gnutls_psk_client_credentials_t psk_client;
    gnutls_anon_server_credentials_t anonymous_server;
    gnutls_anon_client_credentials_t anonymous_client;
};

int wiretap_credentials_make(struct wiretap_credentials *credentials); /* 0 or -1 */
void wiretap_credentials_free(struct wiretap_credentials *credentials);

struct wiretap {
    gnutls_session_t session[2]; /* by enum wire_side */
    struct buffer sent[2];       /* all bytes each side pushed */
    size_t taken[2];             /* how many of the other's bytes each side has pulled */
    struct crypt_keylog *keylog; /* of the client */
    int status[2];               /* GnuTLS's last answer */
};

/* Runs a whole handshake with `priority` on both sides. Returns 0, or -1 when it failed (`status`
 * says why); wiretap_free either way. The struct must not move while it lives. */
int wiretap_start(struct wiretap *tap, const struct wiretap_credentials *credentials,
                  const char *priority);

/* One side sends, with TLS 1.3 padding, and the other receives all of it. 0 or -1. */
int wiretap_send(struct wiretap *tap, enum wire_side from, const void *data, size_t length,
                 size_t padding);

/* One side sends KeyUpdate and asks the other for its own, which comes with what it next sends. */
int wiretap_rekey(struct wiretap *tap, enum wire_side from);

/* A second handshake on the same connection (up to TLS 1.2), begun by the client. 0 or -1. */
int wiretap_renegotiate(struct wiretap *tap);

/* Both sides send close_notify. */
int wiretap_close(struct wiretap *tap);

void wiretap_free(struct wiretap *tap);

#endif
