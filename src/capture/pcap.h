/* The older format of captures: its file header. Its packets are in packet.h. */
#ifndef CAPTURE_PCAP_H
#define CAPTURE_PCAP_H

#include "packet.h"

/* True for the first 4 bytes of such a file. */
bool pcap_is_magic(const uint8_t *bytes);

/* The one dialect of a file, from its header. */
enum packet_state pcap_begin(struct window *window, struct dialect *dialect);

/* Where the first record is. */
uint64_t pcap_first(void);

#endif
