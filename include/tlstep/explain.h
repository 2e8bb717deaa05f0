/*
 * explain: what each field, message and term means, in plain words. The texts are the files of
 * docs/fields, compiled in by src/explain/generate.awk, so that manual and in-app help are one source.
 */
#ifndef TLSTEP_EXPLAIN_H
#define TLSTEP_EXPLAIN_H

#include "tlstep/wire.h"

/* The explanation of a field path ("handshake.client_hello.random"), a message
 * ("message.ClientHello"), a stop ("stop.verify") or a term ("term.forward_secrecy"). One to four
 * sentences with their RFC section, UTF-8, no line breaks. Falls back from the full path to its
 * last parts ("length"), then to what it is a part of ("extension.server_name"). A word without a
 * dot is also looked for as a term, a message, a stop and an extension. NULL when there is none.
 * Static. */
const char *explain_find(const char *id);

/* Number of texts compiled in, and the id and text of each, in alphabetical order. */
size_t explain_count(void);
const char *explain_id(size_t index);
const char *explain_text(size_t index);

#endif
