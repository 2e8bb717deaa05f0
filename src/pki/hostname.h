/* Is a certificate valid for a host (RFC 9525 6)? */
#ifndef PKI_HOSTNAME_H
#define PKI_HOSTNAME_H

#include "x509.h"

/* A host as it is looked for: an address or a name of A-labels without a trailing dot. */
struct host {
    char *name; /* owned; NULL for an address and for what can be no host name at all */
    uint8_t address[16];
    size_t address_length; /* 4 or 16; 0 for a name */
};

/* Takes a host name or an address as text apart. False when memory ran out. */
bool host_read(struct host *out, const char *text);
void host_clear(struct host *host);

/* Does one of the names of its subjectAltName match? */
bool host_matches(const struct host *host, const struct x509 *certificate);

/* Does one name match? For a certificate's common name, too, which decides nothing. */
bool host_matches_name(const struct host *host, const struct general_name *name);

/* A-labels for U-labels (IDNA2008, with the mapping of UTS 46): a string from malloc, or NULL when no host
 * can have this name or, with `*failed`, when memory ran out. */
char *host_to_ascii(const char *text, size_t length, bool *failed);

/* Is the last label a number, decimal or hexadecimal? Then resolvers and browsers take all of it for an
 * address ("127.1", "0x7f.1"), and it is no name. */
bool host_ends_in_number(const char *text, size_t length);

/* Equality without regard to ASCII case, which DNS names have none of (RFC 9525 6.3). */
bool slice_equal_nocase(struct pki_slice a, struct pki_slice b);

#endif
