/*
 * wire: TLS bytes to fields. Records, handshake messages, extensions and alerts of TLS 1.0 to
 * 1.3, the IANA registries, and the JA3 and JA4 fingerprint strings.
 *
 * Pure: no input or output, no cryptography, no state beyond what the caller passes in, and no
 * allocation proportional to a claimed length. All bytes are the enemy's.
 */
#ifndef TLSTEP_WIRE_H
#define TLSTEP_WIRE_H

#include "tlstep/base.h"

/* Who sent it. */
enum wire_side { WIRE_CLIENT = 0, WIRE_SERVER = 1 };
const char *wire_side_name(enum wire_side side); /* "client" or "server" */

/* ---- registries ------------------------------------------------------------------------ */

/* Content types, RFC 8446 B.1, RFC 6520. */
enum wire_content_type {
    WIRE_CHANGE_CIPHER_SPEC = 20,
    WIRE_ALERT = 21,
    WIRE_HANDSHAKE = 22,
    WIRE_APPLICATION_DATA = 23,
    WIRE_HEARTBEAT = 24,
    WIRE_SSL2_HELLO =
        128, /* never on the wire: a ClientHello in SSL 2.0's form (RFC 5246 E.2), a record of its own */
};

/* Handshake types, RFC 8446 B.3 and RFC 5246 A.4. */
enum wire_handshake_type {
    WIRE_HELLO_REQUEST = 0,
    WIRE_CLIENT_HELLO = 1,
    WIRE_SERVER_HELLO = 2,
    WIRE_NEW_SESSION_TICKET = 4,
    WIRE_END_OF_EARLY_DATA = 5,
    WIRE_HELLO_RETRY_REQUEST = 6, /* never on the wire: a ServerHello with a special random */
    WIRE_ENCRYPTED_EXTENSIONS = 8,
    WIRE_CERTIFICATE = 11,
    WIRE_SERVER_KEY_EXCHANGE = 12,
    WIRE_CERTIFICATE_REQUEST = 13,
    WIRE_SERVER_HELLO_DONE = 14,
    WIRE_CERTIFICATE_VERIFY = 15,
    WIRE_CLIENT_KEY_EXCHANGE = 16,
    WIRE_FINISHED = 20,
    WIRE_CERTIFICATE_STATUS = 22,
    WIRE_KEY_UPDATE = 24,
    WIRE_COMPRESSED_CERTIFICATE = 25,
    WIRE_NEXT_PROTOCOL = 67,
};

#define WIRE_SSL2  0x0002
#define WIRE_SSL3  0x0300
#define WIRE_TLS10 0x0301
#define WIRE_TLS11 0x0302
#define WIRE_TLS12 0x0303
#define WIRE_TLS13 0x0304

enum wire_registry {
    WIRE_REGISTRY_VERSION,                 /* "TLS 1.3" */
    WIRE_REGISTRY_CONTENT_TYPE,            /* "handshake" */
    WIRE_REGISTRY_HANDSHAKE_TYPE,          /* "client_hello" */
    WIRE_REGISTRY_CIPHER_SUITE,            /* "TLS_AES_128_GCM_SHA256" */
    WIRE_REGISTRY_GROUP,                   /* "x25519" */
    WIRE_REGISTRY_SIGNATURE_SCHEME,        /* "ecdsa_secp256r1_sha256"; TLS 1.2 pairs too */
    WIRE_REGISTRY_EXTENSION,               /* "server_name" */
    WIRE_REGISTRY_ALERT,                   /* "handshake_failure" */
    WIRE_REGISTRY_ALERT_LEVEL,             /* "fatal" */
    WIRE_REGISTRY_COMPRESSION_METHOD,      /* "null" */
    WIRE_REGISTRY_CERTIFICATE_COMPRESSION, /* "zlib" */
    WIRE_REGISTRY_CLIENT_CERTIFICATE_TYPE, /* "rsa_sign" */
    WIRE_REGISTRY_EC_POINT_FORMAT,         /* "uncompressed" */
    WIRE_REGISTRY_EC_CURVE_TYPE,           /* "named_curve" */
    WIRE_REGISTRY_PSK_MODE,                /* "psk_dhe_ke" */
    WIRE_REGISTRY_CERTIFICATE_STATUS_TYPE, /* "ocsp" */
    WIRE_REGISTRY_NAME_TYPE,               /* "host_name" */
    WIRE_REGISTRY_KEY_UPDATE,              /* "update_requested" */
    WIRE_REGISTRY_MAX_FRAGMENT_LENGTH,     /* "2^9" */
    WIRE_REGISTRY_HEARTBEAT_TYPE,          /* "heartbeat_request" */
    WIRE_REGISTRY_HEARTBEAT_MODE,          /* "peer_allowed_to_send" */
    WIRE_REGISTRY_CHANGE_CIPHER_SPEC,      /* "change_cipher_spec" */
    WIRE_REGISTRY_CERTIFICATE_TYPE,        /* "RawPublicKey" */
    WIRE_REGISTRY_SRTP_PROFILE,            /* "SRTP_AES128_CM_HMAC_SHA1_80" */
    WIRE_REGISTRY_HPKE_KEM,                /* "DHKEM(X25519, HKDF-SHA256)" */
    WIRE_REGISTRY_HPKE_KDF,                /* "HKDF-SHA256" */
    WIRE_REGISTRY_HPKE_AEAD,               /* "AES-128-GCM" */
    WIRE_REGISTRY_ECH_TYPE,                /* "outer" */
    WIRE_REGISTRY_QUIC_PARAMETER,          /* "initial_max_data" */
    WIRE_REGISTRY_SSL2_CIPHER_SPEC,        /* "SSL_CK_DES_192_EDE3_CBC_WITH_MD5" */
    WIRE_REGISTRY_SSL2_MESSAGE,            /* "client_hello" */
    WIRE_REGISTRY_EC_BASIS,                /* "ec_basis_trinomial" */
    WIRE_REGISTRY_EC_POINT_FORM,           /* "uncompressed": the first byte of a point */
    WIRE_REGISTRY_TRUSTED_AUTHORITY,       /* "x509_name" */
    WIRE_REGISTRY_CERTIFICATE_CHAIN_TYPE,  /* "pkipath" */
    WIRE_REGISTRY_SUPPLEMENTAL_DATA,       /* "user_mapping_data" */
    WIRE_REGISTRY_USER_MAPPING,            /* "upn_domain_hint" */
    WIRE_REGISTRY_AUTHORIZATION_FORMAT,    /* "saml_assertion" */
    WIRE_REGISTRY_CACHED_INFORMATION,      /* "cert" */
    WIRE_REGISTRY_TOKEN_BINDING_KEY,       /* "ecdsap256" */
    WIRE_REGISTRY_COUNT
};

/* IANA's name of a value, or NULL when the registry has none. Static. */
const char *wire_registry_name(enum wire_registry registry, uint32_t value);

/* Finds a value by its exact name (without regard to case). Returns -1 when there is none. */
long wire_registry_value(enum wire_registry registry, const char *name);

/* "name", "GREASE (0x1a1a)" where RFC 8701 reserves the value, or "unknown (0x1234)"; the number
 * is written as IANA writes that registry's: "unknown (200)" for an alert. Returns `out`. */
char *wire_registry_text(char *out, size_t size, enum wire_registry registry, uint32_t value);

/* True for the values that RFC 8701 reserves in two-byte registries (0x0a0a, 0x1a1a, …). */
bool wire_is_grease(uint32_t value);

/* What an ALPN protocol identifier stands for: "HTTP/2 over TLS" for "h2"; "GREASE" for those that
 * RFC 8701 reserves; NULL when IANA has none. Static. */
const char *wire_alpn_name(const uint8_t *id, size_t length);

/* True for TLS 1.3, its drafts and the experiments with them. */
bool wire_version_is_tls13(uint16_t version);

/* What a cipher suite consists of. Static strings; NULL where a part does not apply. */
struct wire_cipher_suite {
    uint16_t id;
    const char *name;           /* IANA's */
    const char *key_exchange;   /* "ECDHE", "DHE", "RSA", "PSK", "RSA_PSK", …; NULL in TLS 1.3 */
    const char *authentication; /* "ECDSA", "RSA", "DSS", "PSK", "anonymous"; NULL in TLS 1.3 */
    const char *cipher;         /* "AES-256-GCM", "CHACHA20-POLY1305", "3DES-EDE-CBC" */
    const char *hash;           /* "SHA-384": of PRF/HKDF for AEAD suites, of the MAC otherwise */
    unsigned key_bits;          /* of the cipher: 128, 256, 168, 0 for NULL */
    bool aead;
    bool forward_secrecy; /* true for (EC)DHE and TLS 1.3 suites */
    bool tls13;
    const char *mode;         /* "GCM", "CCM", "CBC", "Poly1305", "stream", …; NULL for NULL */
    bool recommended;         /* IANA's column "Recommended" is Y */
    bool exported;            /* an EXPORT suite of 1990s law */
    const char *openssl_name; /* "ECDHE-RSA-AES128-GCM-SHA256"; NULL: OpenSSL has none */
    const char *gnutls_name;  /* "TLS_ECDHE_RSA_AES_128_GCM_SHA256"; NULL */
};

/* Takes a suite apart by its IANA name. Returns 0, or -1 for a value without a name. */
int wire_cipher_suite_parts(uint16_t id, struct wire_cipher_suite *out);

/*
 * The name of a message as users see it, RFC 8446 / RFC 5246 names in CamelCase: "ClientHello",
 * "ChangeCipherSpec", "Alert", "ApplicationData", "Unknown(N)". `handshake_type` counts only
 * with WIRE_HANDSHAKE; a HelloRetryRequest is WIRE_HELLO_RETRY_REQUEST. Static or from a static
 * table of 256.
 */
const char *wire_message_name(uint8_t content_type, uint8_t handshake_type);

/* An alert in words: "the certificate has expired (certificate_expired, 45)". Returns `out`. */
char *wire_alert_text(char *out, size_t size, uint8_t level, uint8_t description);

/* ---- records and handshake headers ------------------------------------------------------ */

#define WIRE_RECORD_HEADER    5
#define WIRE_HANDSHAKE_HEADER 4
/* Largest fragment any version allows: 2^14 + 2048 (RFC 5246 6.2.3). */
#define WIRE_RECORD_MAX (16384 + 2048)

enum wire_parse {
    WIRE_COMPLETE,  /* a whole one is there */
    WIRE_NEED_MORE, /* so far it may be one */
    WIRE_NOT_TLS,   /* these bytes cannot start a record */
    WIRE_TOO_LONG,  /* a record header that claims more than WIRE_RECORD_MAX */
};

struct wire_record {
    uint8_t content_type;
    uint16_t version; /* legacy_record_version */
    uint16_t length;  /* of the fragment, without the 5-byte header */
};

/* Looks at the start of `data`. `out` is filled for WIRE_COMPLETE and WIRE_TOO_LONG, and with
 * what is known for WIRE_NEED_MORE. Content types 20 to 24 and major version 3 are TLS. */
enum wire_parse wire_record_parse(const uint8_t *data, size_t length, struct wire_record *out);

/* Looks at the start of handshake bytes: type and 24-bit body length. WIRE_COMPLETE when the
 * whole body is there too; `body_length` is valid once 4 bytes are. */
enum wire_parse wire_handshake_parse(const uint8_t *data, size_t length, uint8_t *type,
                                     uint32_t *body_length);

/* Looks at the start of `data` for a ClientHello in SSL 2.0's form (RFC 5246 E.2): WIRE_COMPLETE with the length of the whole
 * record, its 2-byte header included. WIRE_NOT_TLS: it is none. */
enum wire_parse wire_ssl2_hello_parse(const uint8_t *data, size_t length, size_t *record_length);

/* True when `message` (with its 4-byte header) is a ServerHello with the random that RFC 8446
 * 4.1.3 gives to HelloRetryRequest. */
bool wire_is_hello_retry_request(const uint8_t *message, size_t length);

/* The protocol that a peer seems to speak that did not answer with TLS: "SSH", "HTTP",
 * "SMTP", "FTP", … by its first bytes, or NULL. Static. */
const char *wire_guess_protocol(const uint8_t *data, size_t length);

/* ---- dissection trees ------------------------------------------------------------------- */

enum wire_field_kind {
    WIRE_FIELD_GROUP,  /* has children; its value is a summary or empty */
    WIRE_FIELD_NUMBER, /* big-endian unsigned, 1 to 8 bytes */
    WIRE_FIELD_NAMED,  /* a number with a registry */
    WIRE_FIELD_BYTES,  /* opaque */
    WIRE_FIELD_TEXT,   /* characters from outside */
    WIRE_FIELD_OID,    /* an object identifier's value */
    WIRE_FIELD_TIME,   /* UTCTime or GeneralizedTime */
    WIRE_FIELD_ERROR,  /* bytes that are not what they should be; name says what is wrong */
};

/* The type of a field: one static constant for each in src/wire. */
struct wire_field_type {
    const char *path; /* "handshake.client_hello.random": key into docs/fields */
    const char *name; /* "random" */
    enum wire_field_kind kind;
    enum wire_registry registry; /* for WIRE_FIELD_NAMED */
    uint8_t form;                /* of DER: how its value is written; private to src/wire */
    uint16_t path_length;        /* of path, for quick looking up; 0: not counted */
    bool varint;                 /* a number whose first two bits are its size (RFC 9000 16) */
};

/* One field of a dissection. Fields stand in pre-order; children follow with a larger depth. */
struct wire_field {
    const struct wire_field_type *type;
    uint32_t offset; /* into the dissected buffer */
    uint32_t length; /* bytes */
    uint16_t depth;  /* 0 for the root */
};

/* A dissection of one buffer. `data` is borrowed and must outlive the tree. Start with {0}. */
struct wire_tree {
    const uint8_t *data;
    size_t length;
    struct wire_field *fields;
    size_t count;
    size_t capacity;
    bool failed; /* memory ran out: the tree is incomplete */
};

/* What a message's meaning depends on beyond its own bytes. */
struct wire_context {
    enum wire_side from;
    uint16_t version;            /* negotiated, 0 while unknown */
    uint16_t cipher_suite;       /* negotiated, 0 while unknown */
    uint8_t certificate_type[2]; /* by side, RFC 7250: 0 X.509, 2 RawPublicKey */
    bool shallow; /* leave DER (certificates, names, OCSP responses) closed: one leaf */
};

/* How a protected record is built (RFC 5246 6.2.3, RFC 7366, RFC 8446 5.2). All zero: not protected. */
struct wire_layout {
    bool is_protected;
    uint16_t version;
    uint8_t iv;  /* bytes of IV (CBC) or explicit nonce (AEAD) at the fragment's start */
    bool aead;   /* iv is an explicit nonce, tag an authentication tag */
    uint8_t tag; /* AEAD: bytes of tag at the fragment's end */
    uint8_t
        mac; /* bytes of MAC: at the fragment's end with encrypt_then_mac, else in the plaintext */
    bool encrypt_then_mac;
    uint32_t content; /* plaintext: bytes of content, when it has been opened */
    uint32_t padding; /* plaintext: bytes of padding, with CBC's length byte; TLS 1.3: zeros */
};

/*
 * Paths that code looks up; the whole list is docs/fields (and wire_field_types). "{a,b}" are
 * several, a path of a list's items comes once for each item, X.length is the length in front of X.
 *
 *   record.{content_type,version,length,fragment}          alert.{level,description}
 *   record.{iv,explicit_nonce,ciphertext,tag,mac}           in the fragment of a protected one
 *   plaintext.{content,content_type,zeros,mac,padding,padding_length}
 *   ssl2_hello.{version,cipher_specs,session_id,challenge}  a ClientHello in SSL 2.0's form
 *   handshake.{type,length}                                 the header of each handshake message
 *   handshake.client_hello.{legacy_version,random,session_id,extensions}
 *   handshake.client_hello.cipher_suites.cipher_suite
 *   handshake.client_hello.compression_methods.compression_method
 *   handshake.server_hello.{legacy_version,random,session_id,cipher_suite,compression_method}
 *   handshake.hello_retry_request.{…}                       the same fields as server_hello
 *   handshake.encrypted_extensions.extensions
 *   handshake.certificate.certificate                       each certificate, in all versions: a
 *                                  leaf when shallow, else the group of its DER
 *   handshake.certificate.raw_public_key                    in its place (RFC 7250)
 *   handshake.certificate.entry[.extensions]                around it in TLS 1.3
 *   handshake.certificate_request.{certificate_type,signature_scheme,distinguished_name}
 *   handshake.certificate_verify.{algorithm,signature}
 *   handshake.certificate_status.{status_type,response}
 *   handshake.server_key_exchange.{curve_type,named_group,public_key,dh_p,dh_g,dh_ys,
 *                                  psk_identity_hint,rsa_modulus,rsa_exponent,srp_{n,g,s,b},
 *                                  signature_algorithm,signature}
 *   handshake.client_key_exchange.{public_key,dh_yc,encrypted_pre_master_secret,psk_identity,srp_a}
 *   public_key_part.{form,x,y,key,x25519_share,ml_kem_key,ml_kem_ciphertext}   in public keys and
 *                                  key shares, which are groups where they have parts
 *   handshake.finished.verify_data                          handshake.key_update.request_update
 *   handshake.new_session_ticket.{ticket_lifetime,ticket_age_add,ticket_nonce,ticket}
 *   handshake.new_session_ticket.ticket_lifetime_hint       before TLS 1.3
 *   extension.NAME                                          the group of each extension: IANA's
 *                                  name, but extension.alpn; extension.{grease,unknown}
 *   extension.{type,length,data}                            its header; data where it is opaque
 *   extension.server_name.host_name                         extension.alpn.protocol
 *   extension.supported_groups.named_group
 *   extension.ec_point_formats.ec_point_format
 *   extension.{signature_algorithms,signature_algorithms_cert}.signature_scheme
 *   extension.supported_versions.version                    offered by the client
 *   extension.supported_versions.selected_version           chosen by the server
 *   extension.key_share.entry.{group,key_exchange}          client's and server's
 *   extension.key_share.selected_group                      HelloRetryRequest
 *   extension.psk_key_exchange_modes.ke_mode                extension.cookie.cookie
 *   extension.pre_shared_key.{identity,obfuscated_ticket_age,binder,selected_identity}
 *   extension.early_data.max_early_data_size                in NewSessionTicket
 *   extension.status_request.{status_type,response}         extension.session_ticket.ticket
 *   extension.padding.padding                               sct.{version,log_id,timestamp,…}
 *   extension.record_size_limit.record_size_limit           extension.heartbeat.mode
 *   extension.max_fragment_length.max_fragment_length
 *   extension.compress_certificate.algorithm
 *   extension.renegotiation_info.renegotiated_connection
 *   extension.certificate_authorities.distinguished_name
 *   error.{length,range,truncated,trailing,too_many}             see WIRE_FIELD_ERROR
 */

/*
 * Dissects one message: a handshake message with its 4-byte header, an alert's 2 bytes, a
 * ChangeCipherSpec, application data, a heartbeat, the record of a WIRE_SSL2_HELLO. Every byte ends up in exactly one leaf. What
 * is malformed becomes a WIRE_FIELD_ERROR and dissection goes on after it where the outer length
 * allows. Replaces what was in `tree`; returns 0, or -1 when memory ran out.
 */
int wire_message_dissect(struct wire_tree *tree, const struct wire_context *context,
                         uint8_t content_type, const uint8_t *data, size_t length);

/* Dissects one record: header, and the fragment by its layout (NULL: opaque). Replaces what was in `tree`. Paths
 * record.{iv,explicit_nonce,ciphertext,tag,mac}. */
int wire_record_dissect(struct wire_tree *tree, const struct wire_layout *layout,
                        const uint8_t *data, size_t length);

/* Dissects a packet from its IP header on: ip.…, ip6.…, tcp.…, tcp.option.…, packet.payload. */
int wire_packet_dissect(struct wire_tree *tree, const uint8_t *data, size_t length);

/* Dissects a line or message in clear text before TLS: text.{line,bytes}. */
int wire_clear_text_dissect(struct wire_tree *tree, const uint8_t *data, size_t length);

/* Dissects what was decrypted from one record: plaintext.{content,content_type,mac,padding,padding_length,zeros}. */
int wire_plaintext_dissect(struct wire_tree *tree, const struct wire_layout *layout,
                           const uint8_t *data, size_t length);

/* ---- DER (X.690), certificates and their relatives ------------------------------------------ */

enum wire_der_kind {
    WIRE_DER_CERTIFICATE,   /* RFC 5280 4.1: certificate.* */
    WIRE_DER_CRL,           /* RFC 5280 5.1: crl.* */
    WIRE_DER_OCSP_RESPONSE, /* RFC 6960 4.2.1: ocsp.* */
    WIRE_DER_PUBLIC_KEY,    /* SubjectPublicKeyInfo: public_key.* */
    WIRE_DER_NAME,          /* Name: name.* */
    WIRE_DER_SCT_LIST,      /* RFC 6962 3.3, TLS encoding: sct.* */
    WIRE_DER_ANY,           /* der.*: tags and lengths */
};

/*
 * Dissects DER. Every byte is in exactly one leaf. Tags and lengths are leaves of their own (path
 * der.header; those that follow each other on one level are one), the values come after them. Groups
 * have a value that sums them up: "CN=example.org, O=Example" of certificate.subject, "critical, CA" of
 * certificate.extension.basic_constraints. Parts that several structures share have the paths name.*,
 * general_name.*, algorithm.*, public_key.*, {certificate,crl,ocsp}.extension.*, crl.entry_extension.*.
 * Standard extensions are opened; what is not known is shown by tag (der.*). A malformed part becomes a
 * WIRE_FIELD_ERROR, error.der.*: in place of a wrong header, or without bytes beside a wrong value.
 * Depth and the number of fields are bounded. Replaces what was in `tree`.
 */
int wire_der_dissect(struct wire_tree *tree, enum wire_der_kind kind, const uint8_t *data,
                     size_t length);

/* One value: the first byte of its tag, its content, and all of it with tag and length. Borrowed. */
struct wire_der {
    uint8_t tag;
    const uint8_t *content;
    size_t length;
    const uint8_t *whole;
    size_t whole_length;
};

/* Reads the next value, whatever its tag. False, and the reader failed, when none is there that is
 * whole and DER: a definite length in as few bytes as possible, a tag number below 31. For those who
 * want one thing and not a tree. */
bool wire_der_next(struct reader *reader, struct wire_der *out);

/* Seconds since 1970 of the content of a UTCTime (tag 0x17) or GeneralizedTime, in the one form that
 * RFC 5280 4.1.2.5 allows: with seconds, in UTC, without a fraction. False: it has another. */
bool wire_der_time(uint8_t tag, const uint8_t *text, size_t length, int64_t *seconds);

/* Appends the content of a character string as UTF-8, not yet safe for a terminal. False: the tag is
 * of no such string, or the bytes are no whole characters. */
bool wire_der_string(struct buffer *out, uint8_t tag, const uint8_t *bytes, size_t length);

/* The short name of a name's attribute by its object identifier: "CN". NULL: not known. Static. */
const char *wire_attribute_name(const uint8_t *oid, size_t length);

/* The name of an object identifier (its DER value, without tag and length): "sha256WithRSAEncryption". NULL: not known. Static. */
const char *wire_oid_name(const uint8_t *oid, size_t length);
/* "1.2.840.113549.1.1.11". Returns `out`; "malformed" when it is. */
char *wire_oid_text(char *out, size_t size, const uint8_t *oid, size_t length);

void wire_tree_free(struct wire_tree *tree);

/* The value of field `index` as text safe for a terminal: number, registry name with number,
 * safe text, hexadecimal of the first bytes. Empty for groups without a summary. */
char *wire_field_value(char *out, size_t size, const struct wire_tree *tree, size_t index);

/* Index of the first field with this path at or after `from`, or -1. */
long wire_tree_find(const struct wire_tree *tree, const char *path, size_t from);

/* The number in the first field with this path. False when there is none. */
bool wire_tree_number(const struct wire_tree *tree, const char *path, uint64_t *value);

/* The number in field `index`. False when it is not of a kind that has one. */
bool wire_field_number(const struct wire_tree *tree, size_t index, uint64_t *value);

/* Number of fields in the subtree of `index`, itself included. */
size_t wire_tree_span(const struct wire_tree *tree, size_t index);

/* Calls `visit` for each type of field that a dissection can have; one may come several times. */
void wire_field_types(void (*visit)(const struct wire_field_type *type, void *user), void *user);

/* ---- fingerprints ----------------------------------------------------------------------- */

/*
 * The strings that JA3, JA3S and JA4 are made from, out of a whole ClientHello or ServerHello
 * with its header. wire has no hashes: JA3 is the MD5 of the string; for JA4, `prefix` is the
 * a-part ("t13d1516h2"), `suites` and `extensions` are the strings whose SHA-256, cut to twelve
 * digits, are the b- and c-parts (an empty string stands for "000000000000").
 * All GREASE values are left out. Return 0, or -1 for a malformed message.
 */
int wire_ja3(const uint8_t *client_hello, size_t length, struct buffer *out);
int wire_ja3s(const uint8_t *server_hello, size_t length, struct buffer *out);
int wire_ja4(const uint8_t *client_hello, size_t length, struct buffer *prefix,
             struct buffer *suites, struct buffer *extensions);
/* The same of a hello that is dissected already; its context may be shallow. JA3S is JA3 of an answer. */
int wire_ja3_of(const struct wire_tree *hello, struct buffer *out);
int wire_ja4_of(const struct wire_tree *client_hello, struct buffer *prefix, struct buffer *suites,
                struct buffer *extensions);

#endif
