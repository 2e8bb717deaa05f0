/* A conversation of a capture, played and written down. */
#ifndef SUPPORT_PLAYED_H
#define SUPPORT_PLAYED_H

#include "tlstep/capture.h"

/* Opens a capture and reads it to its end; NULL with `err`. */
struct capture *played_open(const char *path, struct err *err);

/*
 * All items of a conversation, in words: "A SYN, B SYN+ACK, A ACK, A "hello", B gap 10, A FIN". Bytes that are
 * not printable are `.`; pieces that follow each other are one. Notes only with `notes`. Borrowed until
 * the next call. A failure reads "failed: …".
 */
const char *played_text(struct capture *capture, size_t conversation, bool notes);

/* The bytes of both directions, with "[N bytes missing]" where there is a gap. False: it failed. */
bool played_bytes(struct capture *capture, size_t conversation, struct buffer bytes[2]);

/* Adds one item to such a text. */
void played_item(struct buffer *text, const struct capture_item *item);

#endif
