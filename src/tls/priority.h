/* The priority string that a session gets. */
#ifndef TLSTEP_TLS_PRIORITY_H
#define TLSTEP_TLS_PRIORITY_H

#include "tlstep/tls.h"

/* A version as the user names it. */
struct tls_version {
    const char *name; /* "1.2" */
    gnutls_protocol_t id;
    const char *keyword; /* of priority strings */
};

/* TLS 1.0 to 1.3, oldest first. */
#define TLS_VERSION_COUNT 4
extern const struct tls_version tls_versions[TLS_VERSION_COUNT];

/* Index into tls_versions, or -1. */
int tls_version_find(const char *name);

/*
 * --priority, --tls-min and --tls-max as one string, from malloc, that GnuTLS accepts and that leaves
 * something to offer. NULL with class ERR_USAGE or ERR_MEMORY. `options` have versions that
 * tls_version_find() knows.
 */
char *tls_priority_build(const struct tls_options *options, struct err *err);

/* The versions that a string which tls_priority_build() has made offers, by index into tls_versions. 0 or -1. */
int tls_priority_versions(const char *string, bool offered[TLS_VERSION_COUNT], struct err *err);

#endif
