/*
 * A dissection as text, for tests: "path=value" of every field but groups, one a line.
 */
#ifndef TLSTEP_TESTS_OUTLINE_H
#define TLSTEP_TESTS_OUTLINE_H

#include "tlstep/wire.h"

/* Of a tree; without the header of a handshake message, but with the property that each byte is in
 * exactly one leaf checked. From malloc. */
char *outline_tree(const struct wire_tree *tree);

/* Dissects and fails the test unless the outline is `expected`. */
void outline_expect(const struct wire_context *context, uint8_t content_type, const void *data,
                    size_t length, const char *expected);

/* A handshake message, whose 4-byte header is put in front of `body`. */
void outline_expect_handshake(const struct wire_context *context, uint8_t type, const void *body,
                              size_t length, const char *expected);

/* The same for one extension of such a message ("type and length" put in front of `body`): without the lines
 * of the extension's own header. */
void outline_expect_extension(uint8_t message, uint16_t type, const void *body, size_t length,
                              const char *expected);

#define OUTLINE_BYTES(literal) (literal), sizeof(literal) - 1

#endif
