/* What the files of this room share about options. */
#ifndef TLSTEP_TLS_OPTIONS_H
#define TLSTEP_TLS_OPTIONS_H

#include "tlstep/tls.h"

/* What GnuTLS takes (lib/ext/alpn.h: ALPN_MAX_PROTOCOL_NAME counts the length byte; measured). */
#define TLS_ALPN_NAMES_MAX 8
#define TLS_ALPN_NAME_MAX  31

/* "10", "0.25": seconds from 0.001 to 86400, to milliseconds, whatever the locale's decimal point
 * is. 0 or -1. */
int tls_parse_seconds(const char *text, int64_t *milliseconds);

/* Takes a comma-separated list of ALPN names apart; `names` point into `list`. Returns their
 * number, or -1: an empty name, one that is too long, or too many. */
int tls_parse_alpn(const char *list, gnutls_datum_t names[TLS_ALPN_NAMES_MAX]);

/* An IPv4 or IPv6 address (with or without zone), not a name. */
bool tls_is_address(const char *host);

/* "<option> <value>: <why>" as a usage error, the value made safe. Always -1. */
int tls_refuse(struct err *err, const char *option, const char *value, const char *why);

#endif
