/* Certificates that were sent compressed (RFC 8879). */
#ifndef TRACE_DECOMPRESS_H
#define TRACE_DECOMPRESS_H

#include "tlstep/trace.h"

struct row;

/*
 * Decompresses the row of a CompressedCertificate: the Certificate message that it stands for is kept with the row. Where that is
 * not possible, or its length is another one than was said, the row's problem tells why. 0, or -1: out of memory.
 */
int decompress_row(struct trace *trace, struct row *row);

#endif
