/* What a UDP datagram looks like. */
#ifndef CAPTURE_DATAGRAM_H
#define CAPTURE_DATAGRAM_H

#include <stddef.h>
#include <stdint.h>

/* "DTLS", "QUIC" or NULL. Static. */
const char *datagram_protocol(const uint8_t *data, size_t length);

#endif
