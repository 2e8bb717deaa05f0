/* Handshakes inside a session that is up: a server's HelloRequest, and its late CertificateRequest. */
#ifndef TLSTEP_ENGINE_AGAIN_H
#define TLSTEP_ENGINE_AGAIN_H

#include "state.h"

/* TLS 1.2 and older, after HelloRequest has been received (a server: after a ClientHello, whose stop comes from its hook): a new
 * handshake, or a polite refusal where it would not be safe. -1: the session ends. */
int engine_renegotiate(struct engine *engine);

/* TLS 1.3, after a CertificateRequest has been received: Certificate, CertificateVerify and Finished; a server begins with that request. -1:
 * the session ends. */
int engine_reauthenticate(struct engine *engine);

/* ENGINE_ASK, a server: wants to see the client's certificate now. -1: the session ends. */
int engine_ask_again(struct engine *engine);

#endif
