/*
 * Captures made from the saved sessions in tests/data: classic pcap, Ethernet, IPv4, TCP packets with the
 * bytes of each session, one conversation each.
 */
#ifndef SUPPORT_RECORDING_H
#define SUPPORT_RECORDING_H

#include "tlstep/trace.h"

/* The file's header. */
void recording_begin(struct buffer *out);

/* One conversation: the bytes of tests/data/`session`.pcapng between 192.0.2.1:`port` and 198.51.100.2:443, beginning so many
 * milliseconds after the recording. Fails the test when the session cannot be read. */
void recording_add(struct buffer *out, const char *session, uint16_t port, unsigned start_ms);

/* The key-log lines of that session, appended. */
void recording_secrets(struct buffer *out, const char *session);

/* One UDP datagram that looks like a DTLS ClientHello. */
void recording_add_dtls(struct buffer *out);

#endif
