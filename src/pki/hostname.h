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

#endif
