/* Pieces of the texts that people read: names of certificates, dates, spans of time. */
#ifndef PKI_WORDS_H
#define PKI_WORDS_H

#include "x509.h"

/* Appends how people call a certificate, safe for a terminal. */
void words_label(struct buffer *out, struct pki_slice der);

/* Appends a distinguished name as a label: its common name, else all of it. Safe. */
void words_name(struct buffer *out, struct pki_slice name);

/* Appends "2026-11-24 09:31 UTC". */
void words_date(struct buffer *out, int64_t seconds);

/* Appends "12 days", "1 hour": the largest unit that fits, rounded down. */
void words_span(struct buffer *out, int64_t seconds);

/* Appends an object identifier with its name where it has one: "serverAuth (1.3.6.1.5.5.7.3.1)". Safe. */
void words_oid(struct buffer *out, struct pki_slice oid);

/* Appends "1st", "2nd", "11th". */
void words_ordinal(struct buffer *out, size_t number);

/* A list of which the first few are said: "a, b and 3 more". */
struct words_list {
    struct buffer *out;
    size_t count; /* so far */
};
/* To be told of each element: true when it is to be said, and then it is its turn. */
bool words_list_next(struct words_list *list);
/* Says how many more there are. Returns how many there are in all. */
size_t words_list_end(struct words_list *list);

/* Appends up to a few of the names that a certificate is valid for, with how many more there are.
 * Returns how many there are in all. */
size_t words_host_names(struct buffer *out, const struct x509 *certificate);

#endif
