/* What a server's sessions are given of a memory. */
#ifndef TLSTEP_TLS_MEMORY_H
#define TLSTEP_TLS_MEMORY_H

#include "tlstep/tls.h"

/* Bounds: whoever fills them up pushes out the oldest sessions, and is refused early data. */
#define TLS_MEMORY_SESSIONS      256
#define TLS_MEMORY_SESSION_BYTES 65536 /* of one session; client certificates are in it */
#define TLS_MEMORY_HELLOS        1024

#endif
