/*
 * Clear text before TLS: which dialogue it is, or which two in a row (with a proxy, then STARTTLS), and where its lines and messages
 * end. What the protocols are is net's table's.
 */
#ifndef TRACE_TEXT_H
#define TRACE_TEXT_H

#include "tlstep/net.h"
#include "transcript.h"

/* The names of the dialogues, divided by blanks, in the order in which they are held: those of a session of our own. */
void text_told(struct transcript *transcript, const char *names);

/* After more bytes are held: by what both sides have said so far. */
void text_recognise(struct transcript *transcript);

/* The length of the line or message of the direction that stands at `start` in what `hold` has, before `end`; 0: it is not whole. `segment`:
 * how much of it came in one event. `of_proxy`: to which dialogue it belongs. */
size_t text_unit(const struct transcript *transcript, const struct direction *direction,
                 const struct hold *hold, size_t start, size_t end, size_t segment, bool *of_proxy);

/* The dialogue of a record. NULL: it is not known. */
const struct net_protocol *text_protocol(const struct transcript *transcript,
                                         const struct record *record);

#endif
