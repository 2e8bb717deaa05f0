/*
 * What a GnuTLS client gets to see of a server's credentials: a handshake inside the test, over a
 * socket pair. Knows nothing of tlstep's sessions.
 */
#ifndef SUPPORT_SHOWN_H
#define SUPPORT_SHOWN_H

#include <gnutls/gnutls.h>

#include "tlstep/base.h"

struct shown {
    struct buffer leaf;  /* DER */
    struct buffer chain; /* PEM, all that was sent, in order */
    unsigned count;
    struct buffer staple; /* OCSP response for the leaf, DER; empty */
};

/* A client asks for `name` (NULL: no SNI) with this priority string (NULL: NORMAL). `choose`: the server's
 * post-client-hello function; NULL. 0 or GnuTLS's error; shown_free() either way. */
int shown_get(struct shown *shown, gnutls_certificate_credentials_t credentials,
              gnutls_handshake_post_client_hello_func choose, const char *name,
              const char *priority);
void shown_free(struct shown *shown);

#endif
