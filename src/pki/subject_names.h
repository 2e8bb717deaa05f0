/*
 * The names in a certificate that name constraints apply to (RFC 5280 4.2.1.10, 6.1.3 (b)): its subject,
 * the e-mail addresses in it, its subjectAltName, and what may be taken for a host name in its common
 * names where no DNS name stands.
 */
#ifndef PKI_SUBJECT_NAMES_H
#define PKI_SUBJECT_NAMES_H

#include "x509.h"

struct subject_name {
    enum general_name_kind kind; /* the form of constraints that applies to it */
    bool misspelt;      /* in a string type that its form cannot have, or with a zero byte in it */
    bool international; /* an e-mail address with more than ASCII in it (RFC 9598) */
    struct pki_slice content; /* text, address, Name */
    struct pki_slice whole;   /* where it stands in the certificate, with its tag */
};

struct subject_names {
    struct subject_name *list;
    size_t count;
    size_t capacity;
    size_t total; /* attributes of the subject and names of the subjectAltName, as clients count */
    struct buffer text; /* common names that had to be converted */
};

/* Collects them; the common names only of the server's own certificate. Free it in any case. False when
 * memory ran out. */
bool subject_names_read(struct subject_names *out, const struct x509 *certificate,
                        bool with_common_names);
void subject_names_free(struct subject_names *names);

/* Appends a name from its kind and `whole`, for people: "DNS:www.example.org", "CN=www.example.org" for a
 * common name taken for a host name, "O=Example". Safe, and cut when it is long. */
void subject_name_append(struct buffer *out, enum general_name_kind kind, struct pki_slice whole);

/* The same for the content of a GeneralName ("an otherName" where only the kind can be said). */
void general_name_append(struct buffer *out, enum general_name_kind kind, struct pki_slice content);

/* Appends an IPv4 or IPv6 address. False, and nothing, for one of another length. */
bool address_append(struct buffer *out, struct pki_slice address);

#endif
