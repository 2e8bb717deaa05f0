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

/*
 * The explanation of anything that has one, appended to `out`: what explain_find() knows, and values of registries by name or by number, composed from
 * their parts: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "cipher_suite:0xc02f", "X25519MLKEM768", "rsa_pss_rsae_sha256",
 * "unknown_ca", "TLS 1.2", a GREASE value. One to four sentences. False when there is none.
 */
bool explain_append(struct buffer *out, const char *id);
/* The same for a value of a registry. False when the registry does not explain its values. */
bool explain_value(struct buffer *out, enum wire_registry registry, uint32_t value);

/* Terms of the glossary that stand in a text ("forward secrecy", "AEAD"): calls `visit` for each, once, in order, with its id
 * ("term.forward_secrecy") and where it stands. */
void explain_links(const char *text,
                   void (*visit)(const char *id, size_t offset, size_t length, void *user),
                   void *user);

/* Finds texts whose id, name or text has all words of `query` (without regard to case), best first. Returns how many were
 * written to `ids` (static strings), at most `max`. */
size_t explain_search(const char *query, const char **ids, size_t max);

/* Number of texts compiled in, and the id and text of each, in alphabetical order. */
size_t explain_count(void);
const char *explain_id(size_t index);
const char *explain_text(size_t index);

#endif
