/* The inside of a trust store, for the code that fills it and the code that looks in it. */
#ifndef PKI_TRUST_H
#define PKI_TRUST_H

#include <stdatomic.h>

#include "x509.h"

/* What OpenSSL's trust settings name (X509_CERT_AUX), as bits. */
enum trust_purpose {
    TRUST_SERVER = 1 << 0,
    TRUST_CLIENT = 1 << 1,
    TRUST_ANY = 1 << 2,   /* anyExtendedKeyUsage */
    TRUST_OTHER = 1 << 3, /* something else: that there is a list matters */
};

struct trust_settings {
    uint8_t trusted; /* 0: no list, trusted for everything that is not rejected */
    uint8_t rejected;
};

/* One anchor: where its DER stands in `bytes`, and the next one whose subject has the same hash
 * (by index plus one, 0 at the end of the row). */
struct trust_anchor {
    size_t offset;
    size_t length;
    uint64_t subject_hash;
    size_t next;
    struct trust_settings settings;
};

struct pki_trust {
    atomic_uint references;
    struct buffer bytes; /* all certificates, one after another */
    struct trust_anchor *anchors;
    size_t count;
    size_t capacity;
    size_t *rows;     /* by subject hash: the first anchor's index plus one */
    size_t row_count; /* a power of two; 0 before the first anchor */
    char *name;
    size_t sources; /* how many went into the name */
};

/* Adds the certificate that stands behind `bytes.length` in the buffer, `length` bytes that are
 * there already: no copy for what was just decoded. One that is there already is dropped.
 * False when memory ran out. */
bool trust_commit(struct pki_trust *trust, size_t length, struct pki_slice subject,
                  struct trust_settings settings);

/* Forgets all anchors from `count` on: a file that fails leaves the store as it was. */
void trust_truncate(struct pki_trust *trust, size_t count);

/* Adds a source to the name of the store. False when memory ran out. */
bool trust_add_source(struct pki_trust *trust, const char *source);

/* Walks the anchors whose subject has this hash: start with `*at` 0; false after the last one. */
bool trust_next(const struct pki_trust *trust, uint64_t subject_hash, size_t *at,
                struct pki_slice *der);

/* What the settings of an anchor say to a purpose, as X509_check_trust() of OpenSSL: what is rejected, or not in a list that is there, is
 * forbidden; what is in the list is trusted whatever the certificate's own extKeyUsage says. */
enum trust_verdict { TRUST_USUAL, TRUST_EXPLICIT, TRUST_FORBIDDEN };
enum trust_verdict trust_verdict(const struct pki_trust *trust, size_t index,
                                 enum pki_purpose purpose);

/* Reads the settings that stand behind a certificate in a TRUSTED CERTIFICATE. False when they are malformed. */
bool trust_settings_read(struct pki_slice bytes, struct trust_settings *out);

#endif
