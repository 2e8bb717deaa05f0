/* Which keys open a record, and when they change (RFC 8446 7, RFC 5246 6.1). */
#ifndef TRACE_KEYS_H
#define TRACE_KEYS_H

#include "record.h"
#include "tlstep/trace.h"

enum access {
    ACCESS_CLEAR,   /* the fragment is the content */
    ACCESS_OPENED,  /* decrypted: plaintext and inner_type are filled */
    ACCESS_REFUSED, /* it cannot be read, whatever comes: `problem` says why */
    ACCESS_NO_KEY,  /* not yet */
    ACCESS_NO_MEMORY,
};

/* Reads the next record of a direction. Each record is to be tried until the answer is another one than
 * ACCESS_NO_KEY, and no further. `problem` is static. */
enum access keys_open(struct trace *trace, struct direction *direction, struct record *record,
                      const char **problem);

/* True when the record is encrypted, as far as can be known. */
bool keys_protect(struct trace *trace, struct direction *direction, const struct record *record);

/* Makes keys again that a record was opened with, at the beginning of their sequence. NULL: they cannot be had. */
struct crypt_opener *keys_opener_again(struct trace *trace, enum wire_side from,
                                       const struct key_use *use);

/* Bytes of the direction are missing: the place in the key stream has to be searched. */
void keys_lose(struct trace *trace, struct direction *direction, uint64_t lost);

/* A ClientHello in SSL 2's form has been read. 0, or -1: out of memory. */
int keys_ssl2_hello(struct trace *trace, const uint8_t *record, size_t length);

/* The record was given up without a key. */
void keys_give_up(struct trace *trace, struct direction *direction, const struct record *record);

/* Takes in a key-log line. 0, or -1: out of memory. Lines that are none are passed over. */
int keys_add_line(struct trace *trace, const char *line);

/* A handshake message has been read: what follows from it for the keys. 0, or -1: out of memory. */
int keys_handshake(struct trace *trace, struct direction *direction, const uint8_t *message,
                   size_t length);

/* ChangeCipherSpec has been read. */
void keys_change_cipher(struct trace *trace, struct direction *direction);

#endif
