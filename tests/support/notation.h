/*
 * DER as text, for tests that need certificates nobody would issue: lengths are filled in.
 *
 *     30(06(550403) 13('example.org'))     a SEQUENCE of an OBJECT IDENTIFIER and a PrintableString
 *     02([21 11])                          an INTEGER of 21 bytes, each 11
 *
 * Two hexadecimal digits are a byte; with "(" after them they are a tag, and what follows up to ")" is its content.
 * Text in quotes stands for itself, [NUMBER ...] for what is in it so many times (a decimal number). Spaces mean nothing.
 */
#ifndef SUPPORT_NOTATION_H
#define SUPPORT_NOTATION_H

#include "tlstep/base.h"

/* Appends the bytes. Ends the program with a line on stderr when the text is no notation: a mistake in the test. */
void notation_append(struct buffer *out, const char *text);

/* Appends a value: its tag, the length, the content. */
void notation_append_value(struct buffer *out, uint8_t tag, const struct buffer *content);

/* Bytes as they stand in such a text. A string of the caller's; ends the program when memory runs out. */
char *notation_hex(const void *bytes, size_t length);

#endif
