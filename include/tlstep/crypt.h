/*
 * crypt: secrets in, plaintext out. Key-log lines, the key schedules of TLS 1.0 to 1.3 and
 * record decryption, on top of GnuTLS's primitives. Knows no connection and no log.
 */
#ifndef TLSTEP_CRYPT_H
#define TLSTEP_CRYPT_H

#include "tlstep/wire.h"

/* ---- key log (NSS format, draft-ietf-tls-keylogfile) ------------------------------------ */

enum crypt_label {
    CRYPT_CLIENT_RANDOM, /* TLS 1.2 and older: the 48-byte master secret */
    CRYPT_CLIENT_EARLY_TRAFFIC_SECRET,
    CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET,
    CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET,
    CRYPT_CLIENT_TRAFFIC_SECRET_0,
    CRYPT_SERVER_TRAFFIC_SECRET_0,
    CRYPT_EARLY_EXPORTER_SECRET,
    CRYPT_EXPORTER_SECRET,
    CRYPT_LABEL_COUNT
};

const char *crypt_label_name(enum crypt_label label); /* "CLIENT_RANDOM" */

#define CRYPT_SECRET_MAX 64

struct crypt_secret {
    enum crypt_label label;
    uint8_t client_random[32];
    uint8_t secret[CRYPT_SECRET_MAX];
    size_t length;
};

/* Reads one line without its line feed (a carriage return or blanks at its end are passed over).
 * Returns 1 with `out` filled, 0 for an empty line, a comment or a label not known here, -1 for a
 * malformed line. `out` is written only with 1. */
int crypt_secret_parse(const char *line, size_t length, struct crypt_secret *out);

/* The line for a secret, without line feed. `size` of 256 always suffices. Returns `out`. */
char *crypt_secret_line(char *out, size_t size, const struct crypt_secret *secret);

/* A set of secrets, found by label and client random. Wiped when freed. */
struct crypt_keylog;
struct crypt_keylog *crypt_keylog_new(void); /* NULL: out of memory */
void crypt_keylog_free(struct crypt_keylog *keylog);
/* Adds a copy; a second one for the same label and random replaces the first. 0 or -1. */
int crypt_keylog_add(struct crypt_keylog *keylog, const struct crypt_secret *secret);
/* Borrowed until the next add or free; NULL when there is none. */
const struct crypt_secret *crypt_keylog_find(const struct crypt_keylog *keylog,
                                             enum crypt_label label,
                                             const uint8_t client_random[32]);
size_t crypt_keylog_count(const struct crypt_keylog *keylog);
const struct crypt_secret *crypt_keylog_at(const struct crypt_keylog *keylog, size_t index);

/* ---- opening records -------------------------------------------------------------------- */

/* Decrypts the records of one direction under one set of keys, in order. Wiped when freed. */
struct crypt_opener;

/*
 * TLS 1.3 (RFC 8446 5.2, 7.3): key and IV from a traffic secret. NULL with code
 * "suite_not_supported" when GnuTLS has no such cipher, or "bad_secret" when its length does not
 * fit the suite's hash.
 */
struct crypt_opener *crypt_opener_new_tls13(uint16_t cipher_suite, const uint8_t *secret,
                                            size_t length, struct err *err);

/*
 * TLS 1.0 to 1.2 (RFC 2246, 4346, 5246, 7366): keys from the master secret and both randoms. NULL
 * with code "suite_not_supported" or "version_not_supported".
 */
struct crypt_tls12 {
    uint16_t version;
    uint16_t cipher_suite;
    uint8_t master_secret[48];
    uint8_t client_random[32];
    uint8_t server_random[32];
    bool encrypt_then_mac; /* both sides agreed on the extension; counts with CBC suites only */
    enum wire_side from;   /* whose records are opened */
};
struct crypt_opener *crypt_opener_new_tls12(const struct crypt_tls12 *parameters, struct err *err);

/*
 * Opens the next protected record (with its 5-byte header): all that one side sends under these
 * keys, without TLS 1.3's meaningless ChangeCipherSpec. `out` must have room for the fragment's
 * length and not overlap the record; after a failure it holds zeros or what it held before.
 * Gives the content type (the inner one in TLS 1.3), the content without padding, MAC and tag, and
 * how many bytes of padding there were. Returns 0, or -1 with code "bad_record_mac" or
 * "bad_record"; the sequence number goes on either way.
 */
struct crypt_opened {
    uint8_t content_type;
    size_t length;  /* of the content in `out` */
    size_t padding; /* TLS 1.3 zeros, CBC padding with its length byte */
};
int crypt_opener_open(struct crypt_opener *opener, const uint8_t *record, size_t record_length,
                      uint8_t *out, struct crypt_opened *opened, struct err *err);

/* After KeyUpdate (RFC 8446 7.2): the next traffic secret, sequence number 0. Returns 0, or -1
 * with the opener as it was ("no_key_update" before TLS 1.3). */
int crypt_opener_update(struct crypt_opener *opener, struct err *err);

void crypt_opener_free(struct crypt_opener *opener);

/* ---- hashes ------------------------------------------------------------------------------ */

#define CRYPT_SHA256_SIZE 32
#define CRYPT_MD5_SIZE    16
/* One-shot digests (also for JA3 and JA4). Return 0 or -1. */
int crypt_sha256(const void *data, size_t length, uint8_t out[CRYPT_SHA256_SIZE]);
int crypt_md5(const void *data, size_t length, uint8_t out[CRYPT_MD5_SIZE]);

#endif
