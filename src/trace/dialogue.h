/*
 * Dialogues in clear text that lead to TLS: STARTTLS of mail, directory, chat and database protocols, and
 * what stands before TLS that goes through a proxy. One row of a table for each protocol.
 */
#ifndef TRACE_DIALOGUE_H
#define TRACE_DIALOGUE_H

#include "tlstep/wire.h"

struct dialogue;

/* The protocol by the first bytes of both sides (of one, when the other has said nothing). NULL: none that is
 * known. */
const struct dialogue *dialogue_recognise(const uint8_t *client, size_t client_length,
                                          const uint8_t *server, size_t server_length);

const char *dialogue_name(const struct dialogue *dialogue); /* "smtp"; "" for NULL */

/* The length of the line or message at the start of `data`; 0: it is not complete. `segment`: how much of it came in one packet,
 * which counts where the protocol (or NULL) has no bounds of its own that are simple to see. */
size_t dialogue_unit(const struct dialogue *dialogue, enum wire_side side, const uint8_t *data,
                     size_t length, size_t segment);

/* What a line or message is called: "EHLO", "220", "StartTLS"; safe text. Returns `out`. */
#define DIALOGUE_VERB 20
char *dialogue_verb(char out[DIALOGUE_VERB], const struct dialogue *dialogue, enum wire_side side,
                    const uint8_t *data, size_t length);

#endif
