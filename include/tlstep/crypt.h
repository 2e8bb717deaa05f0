/*
 * crypt: secrets in, plaintext out. Key-log lines, the key schedules of SSL 3.0 to TLS 1.3, record
 * decryption and checks, on top of GnuTLS's primitives. Knows no connection and no log.
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
    CRYPT_RSA,            /* a premaster secret, found by the first 8 bytes of its encryption */
    CRYPT_RSA_SESSION_ID, /* a master secret, found by the session id ("RSA Session-ID:… Master-Key:…") */
    CRYPT_PMS_CLIENT_RANDOM, /* a premaster secret of up to 64 bytes, found by the client random */
    CRYPT_LABEL_COUNT
};

const char *crypt_label_name(enum crypt_label label); /* "CLIENT_RANDOM" */

#define CRYPT_SECRET_MAX 64

struct crypt_secret {
    enum crypt_label label;
    /* What it belongs to: the client random; for CRYPT_RSA 8 bytes of the encrypted premaster secret, for
     * CRYPT_RSA_SESSION_ID the session id, zeros after them. */
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
/* The same for a draft (0x7f17, Facebook's 0xfb17, Google's 0x7e02): older labels before draft 20, no additional
 * data before 25. Code "version_not_supported" before draft 18. */
struct crypt_opener *crypt_opener_new_tls13_draft(uint16_t version, uint16_t cipher_suite,
                                                  const uint8_t *secret, size_t length,
                                                  struct err *err);

/*
 * SSL 3.0 and TLS 1.0 to 1.2 (RFC 6101, 2246, 4346, 5246, 7366): keys from the master secret and both randoms. NULL
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

/* The same beside another opener, that of the other side: where that comes from the same secrets and hellos, its keys
 * were derived together with these, and nothing is derived again. NULL: there is none. */
struct crypt_opener *crypt_opener_new_tls12_beside(const struct crypt_tls12 *parameters,
                                                   const struct crypt_opener *beside,
                                                   struct err *err);

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
    size_t length;  /* of the content at the start of `out` */
    size_t padding; /* TLS 1.3 zeros, CBC padding with its length byte */
    size_t
        total; /* of all that was decrypted into `out`: content, then MAC and padding, or type and zeros */
    size_t
        lost; /* bytes at the start that could not be decrypted, and are zeros (crypt_opener_resume); the MAC was
                  * not checked then, but with encrypt-then-MAC */
    struct wire_layout layout; /* what is where, for the dissection of record and plaintext */
};
int crypt_opener_open(struct crypt_opener *opener, const uint8_t *record, size_t record_length,
                      uint8_t *out, struct crypt_opened *opened, struct err *err);

/* After KeyUpdate (RFC 8446 7.2): the next traffic secret, sequence number 0. Returns 0, or -1
 * with the opener as it was ("no_key_update" before TLS 1.3). */
int crypt_opener_update(struct crypt_opener *opener, struct err *err);

void crypt_opener_free(struct crypt_opener *opener);

/* What a record of this opener looks like although it could not be opened (or has not been). */
struct wire_layout crypt_opener_layout(const struct crypt_opener *opener, size_t fragment_length);

/* The sequence number of the record that crypt_opener_open() expects next. */
uint64_t crypt_opener_sequence(const struct crypt_opener *opener);

/*
 * After records were lost: opens `record` under the next sequence number that fits, looking at most `most` records
 * ahead; the opener goes on from there. For CBC before TLS 1.1 and stream ciphers, whose state was in what was lost, CBC
 * starts again at the record's second block (`lost`) and a stream cipher fails with code "state_lost". Without
 * encrypt-then-MAC the sequence number is then settled by the next record. On failure the opener stays as it was.
 */
int crypt_opener_resume(struct crypt_opener *opener, const uint8_t *record, size_t record_length,
                        uint64_t most, uint8_t *out, struct crypt_opened *opened, struct err *err);

/* The nonce or the IV of the record with a sequence number. `record` is needed where it is in the record (may be NULL
 * else). Returns its length, 0: the cipher has none, or it was in the record before. */
size_t crypt_opener_nonce(const struct crypt_opener *opener, uint64_t sequence,
                          const uint8_t *record, size_t record_length, uint8_t nonce[16]);
/* What is authenticated in front of the content: the additional data of AEAD ciphers (RFC 8446 5.2, RFC 5246 6.2.3.3),
 * else what the MAC covers before the content (RFC 5246 6.2.3.1; without the length where only the padding tells
 * it). Returns its length, 0: none, or `record` is NULL or too short. */
size_t crypt_opener_additional(const struct crypt_opener *opener, uint64_t sequence,
                               const uint8_t *record, size_t record_length, uint8_t out[13]);
/* The traffic key and the fixed IV, borrowed; length 0 where there is none. Secret. */
const uint8_t *crypt_opener_key(const struct crypt_opener *opener, size_t *length);
const uint8_t *crypt_opener_iv(const struct crypt_opener *opener, size_t *length);

/* Bytes, borrowed, that are known or (data NULL) not. */
struct crypt_known {
    const uint8_t *data;
    size_t length;
};

/* ---- from the server's private key and from premaster secrets ------------------------------- */

/* RSA private keys of servers (--server-key), for RSA key exchange. Immutable once loaded; wiped when freed. */
struct crypt_server_keys;
struct crypt_server_keys *crypt_server_keys_new(void);
void crypt_server_keys_free(struct crypt_server_keys *keys);
/* Adds the private key of a PEM or DER file (PKCS#1, PKCS#8 without password; "key_is_encrypted"). Class ERR_FILE. */
int crypt_server_keys_add_file(struct crypt_server_keys *keys, const char *path, struct err *err);
size_t crypt_server_keys_count(const struct crypt_server_keys *keys);
/* Decrypts an EncryptedPreMasterSecret (RFC 5246 7.4.7.1, without its length) with whichever key fits; the first two bytes of
 * the result must be `client_version`. Codes "no_key_fits". */
int crypt_server_keys_premaster(const struct crypt_server_keys *keys, uint16_t client_version,
                                const uint8_t *encrypted, size_t length, uint8_t premaster[48],
                                struct err *err);

/* What a master secret is made from. */
struct crypt_master {
    uint16_t version;
    uint16_t cipher_suite;
    struct crypt_known premaster;
    const uint8_t *client_random; /* 32 bytes each */
    const uint8_t *server_random;
    struct crypt_known session_hash; /* RFC 7627; not known: without extended master secret */
};
/* The master secret (RFC 5246 8.1, RFC 7627 4, SSL 3.0: RFC 6101 6.1). Codes "version_not_supported",
 * "suite_not_supported", "bad_session_hash". */
int crypt_master_derive(const struct crypt_master *parameters, uint8_t master[48], struct err *err);

/* ---- transcript hashes and checks --------------------------------------------------------------- */

#define CRYPT_HASH_MAX 64

/* A running hash of handshake messages. `name` as in wire_cipher_suite: "SHA-256", "SHA-384", "SHA-1", "MD5",
 * "MD5+SHA-1" (TLS 1.0 and 1.1: 36 bytes), "SHA-512". NULL: out of memory or unknown. */
struct crypt_hash;
struct crypt_hash *crypt_hash_new(const char *name);
int crypt_hash_add(struct crypt_hash *hash, const void *data, size_t length);
/* The hash of all so far; more may be added after it. Returns its length, 0: failed. */
size_t crypt_hash_value(const struct crypt_hash *hash, uint8_t out[CRYPT_HASH_MAX]);
void crypt_hash_free(struct crypt_hash *hash);
/* The hash that a suite's transcript uses in a version, by name ("MD5+SHA-1" before TLS 1.2). NULL: unknown suite. */
const char *crypt_transcript_hash_name(uint16_t version, uint16_t cipher_suite);

/* What a check found: `ok`, and what was expected (for people and for the screen). */
struct crypt_check {
    bool known; /* false: its inputs are not there, or the library cannot; `text` says which */
    bool ok;
    uint8_t expected[CRYPT_HASH_MAX]; /* verify_data, binder; length 0 for signatures */
    size_t expected_length;
    char text[160]; /* "the client's traffic secret is not known" */
};

/* A Finished, in any version. */
struct crypt_finished {
    uint16_t version; /* drafts of TLS 1.3 too */
    uint16_t cipher_suite;
    enum wire_side from;
    /* TLS 1.3: the sender's handshake traffic secret (after post-handshake authentication its newest application
     * traffic secret). Before: the master secret. */
    struct crypt_known key;
    struct crypt_known hash;        /* of all messages before it; not in SSL 3.0 */
    struct crypt_known messages;    /* SSL 3.0: all of them */
    struct crypt_known verify_data; /* as received */
};
/* RFC 8446 4.4.4, RFC 5246 7.4.9, RFC 6101 5.6.9. */
void crypt_finished_check(const struct crypt_finished *finished, struct crypt_check *check);

/* A signature of CertificateVerify or ServerKeyExchange. */
struct crypt_signature {
    uint16_t version;
    uint16_t
        scheme; /* 0 before TLS 1.2: RSA with MD5 and SHA-1 together, DSA and ECDSA with SHA-1 */
    struct crypt_known certificate; /* DER; or a SubjectPublicKeyInfo (RFC 7250) */
    struct crypt_known
        content; /* what was signed, whole: with RFC 8446 4.4.3's prefix, or the randoms, before it */
    struct crypt_known value; /* as received */
};
void crypt_signature_check(const struct crypt_signature *signature, struct crypt_check *check);

/* RFC 8446 4.4.3: 64 spaces, context string, zero, transcript hash. */
void crypt_certificate_verify_content(struct buffer *out, enum wire_side from, const uint8_t *hash,
                                      size_t hash_length);
/* A PSK binder (RFC 8446 4.2.11.2). */
struct crypt_binder {
    const char *hash_name; /* of the key: "SHA-256" */
    bool external;
    struct crypt_known psk;
    struct crypt_known hash;  /* of the truncated ClientHello, after what came before it */
    struct crypt_known value; /* as received */
};
void crypt_binder_check(const struct crypt_binder *binder, struct crypt_check *check);

/* ---- the key schedule as a tree ------------------------------------------------------------------- */

/* What is known of a connection's keys; all borrowed. */
struct crypt_schedule {
    uint16_t version; /* negotiated; 0: none yet (then only early secrets) */
    uint16_t cipher_suite;
    uint8_t client_random[32];
    uint8_t server_random[32];
    const struct crypt_keylog *keylog;
    struct crypt_known psk; /* --psk, or a resumption PSK that could be computed */
    bool psk_external;
    bool psk_used; /* the server chose one */
    struct crypt_known
        shared_secret; /* (EC)DHE; known from RFC 8448 and tests; length 0 with data: none (psk_ke) */
    struct crypt_known premaster; /* TLS 1.2 and older */
    struct crypt_known master;
    bool extended_master_secret;
    struct crypt_known session_hash; /* RFC 7627 */
    /* Transcript hashes, TLS 1.3: up to and including ClientHello, ServerHello, the server's Finished, the client's Finished. */
    struct crypt_known hash_client_hello, hash_server_hello, hash_server_finished,
        hash_client_finished;
    /* The selected record: which side's keys, how often they were updated, its sequence number. */
    bool has_record;
    enum wire_side record_from;
    const struct crypt_opener *record_opener; /* NULL: not opened */
    uint64_t record_sequence;
    const uint8_t *record;
    size_t record_length;
};

/*
 * The key schedule (RFC 8446 7.1, RFC 5246 6.3, 8.1) as a dissection: paths schedule.*; each secret a group with what it is derived from, the label,
 * the context (transcript hash), its value, and key and IV where it has them. What is not known and cannot be computed backwards is a leaf
 * that says so (schedule.unknown). `bytes` (start with {.secret = true}) receives what the fields' offsets refer to and must outlive the tree; free it with
 * buffer_wipe_free(). Fields with secret bytes have types for which crypt_schedule_is_secret() is true: the screen hides them.
 * Returns 0, or -1: out of memory.
 */
int crypt_schedule_tree(const struct crypt_schedule *schedule, struct wire_tree *tree,
                        struct buffer *bytes);
bool crypt_schedule_is_secret(const struct wire_field_type *type);
/* Calls `visit` for each type of field that the tree can have. */
void crypt_schedule_types(void (*visit)(const struct wire_field_type *type, void *user),
                          void *user);

/* ---- hashes ------------------------------------------------------------------------------ */

#define CRYPT_SHA256_SIZE 32
#define CRYPT_MD5_SIZE    16
/* One-shot digests (also for JA3 and JA4). Return 0 or -1. */
int crypt_sha256(const void *data, size_t length, uint8_t out[CRYPT_SHA256_SIZE]);
int crypt_md5(const void *data, size_t length, uint8_t out[CRYPT_MD5_SIZE]);

#endif
