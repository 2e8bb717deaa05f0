/*
 * Where TLS begins in bytes that do not begin with it: behind clear text, or where bytes of the
 * stream were lost and records have to be found again.
 */
#ifndef TRACE_SYNC_H
#define TRACE_SYNC_H

#include "tlstep/wire.h"

/* True when the first 5 bytes look like the header of a record that any version allows. Random
 * bytes do so once in some millions. */
bool sync_is_header(const uint8_t *data, size_t length);

/*
 * Searches from `*from` on for a record with which TLS could begin: a ClientHello or ServerHello (RFC
 * 8446 4.1.2, 4.1.3) at the beginning of a record. True with its place in `*from`; false with the place
 * from which the search goes on when more bytes have come.
 */
bool sync_find_hello(const uint8_t *data, size_t length, enum wire_side side, size_t *from);

/*
 * The same for any record: one behind which another record stands, or the end of all bytes. While
 * that cannot be seen yet, false with `*candidate` and the place of the record.
 */
bool sync_find_record(const uint8_t *data, size_t length, size_t *from, bool *candidate);

#endif
