/* Handshakes of a connection, and the master secret of each. */
#include "handshake.h"

#include <string.h>

#include "facts.h"
#include "hello.h"
#include "keysource.h"
#include "log.h"
#include "row.h"

bool handshake_secret(const struct trace *trace, const struct handshake *handshake,
                      enum crypt_label label, struct crypt_secret *out)
{
    const struct transcript *transcript = &trace->transcript;
    const struct crypt_secret *own =
        crypt_keylog_find(transcript->keylog, label, handshake->client_random);

    if (own != NULL) {
        *out = *own;
        return true;
    }
    return transcript->keys != NULL &&
           keysource_find(transcript->keys, label, handshake->client_random, out);
}

bool handshake_counts(const struct row *row, const uint8_t **data, size_t *length)
{
    const struct trace_row *public = &row->public;
    bool tls13 = version_is_tls13(row->version);
    bool hello = public->content_type == WIRE_SSL2_HELLO;

    if (row->content == NULL || public->layer != TRACE_LAYER_TLS || row->foreign ||
        (public->content_type != WIRE_HANDSHAKE && !hello) ||
        public->handshake_type == WIRE_HELLO_REQUEST ||
        (tls13 && (public->handshake_type == WIRE_NEW_SESSION_TICKET ||
                   public->handshake_type == WIRE_KEY_UPDATE))) {
        return false;
    }
    size_t skip = hello ? 2 : 0; /* RFC 5246 E.2: without the length in front */
    *data = row->content + skip;
    *length = row->content_length - skip;
    return true;
}

/* ---- what is remembered of a session ------------------------------------------------------------- */

/* The first field at a path of a row's message; NULL when there is none. */
static const uint8_t *find_bytes(struct trace *trace, uint32_t n, const char *path, size_t *length,
                                 bool *failed)
{
    struct wire_tree *tree = &trace->transcript.scratch;
    long index = -1;

    if (n == 0) {
        return NULL;
    }
    struct row *row = row_at(trace, n - 1);
    if (row->content == NULL || row->public.content_type != WIRE_HANDSHAKE) {
        return NULL;
    }
    if (facts_dissect(tree, row) != 0) {
        *failed = true;
        return NULL;
    }
    index = wire_tree_find(tree, path, 0);
    if (index < 0 || tree->fields[index].length == 0) {
        return NULL;
    }
    *length = tree->fields[index].length;
    return tree->data + tree->fields[index].offset;
}

/* Whoever comes back with this session id is known. */
static int remember_id(struct trace *trace, const struct handshake *handshake)
{
    if (trace->transcript.keys == NULL || handshake->session_id_length == 0) {
        return 0;
    }
    return keysource_session_add(trace->transcript.keys, handshake->session_id,
                                 handshake->session_id_length, handshake->master);
}

/* RFC 5077 3.3: the same for a ticket. */
static int remember_ticket(struct trace *trace, uint32_t n)
{
    struct handshake *handshake = transcript_handshake(&trace->transcript);
    bool failed = false;
    size_t length;

    if (trace->transcript.keys == NULL || version_is_tls13(handshake->version)) {
        return 0;
    }
    int found = handshake_find_master(trace, handshake);
    if (found <= 0) {
        return found;
    }
    const uint8_t *ticket =
        find_bytes(trace, n, "handshake.new_session_ticket.ticket", &length, &failed);
    if (ticket == NULL) {
        return failed ? -1 : 0;
    }
    return keysource_session_add(trace->transcript.keys, ticket, length, handshake->master);
}

/* ---- certificate types, RFC 7250 ------------------------------------------------------------------- */

static const char *const type_paths[2] = {
    [WIRE_CLIENT] = "extension.client_certificate_type",
    [WIRE_SERVER] = "extension.server_certificate_type",
};

/* Hardly any client does: so only the answers to one that did are looked at. */
static bool offers_certificate_types(const struct row *row)
{
    const struct wire_tree *hello = row->hello;

    return hello != NULL && (wire_tree_find(hello, type_paths[WIRE_CLIENT], 0) >= 0 ||
                             wire_tree_find(hello, type_paths[WIRE_SERVER], 0) >= 0);
}

/* The server's choice stands in ServerHello, in TLS 1.3 in EncryptedExtensions. */
static int take_certificate_types(struct trace *trace, struct handshake *handshake, uint32_t n)
{
    static const char *const chosen[2] = {
        [WIRE_CLIENT] = "extension.client_certificate_type.certificate_type",
        [WIRE_SERVER] = "extension.server_certificate_type.certificate_type",
    };

    for (int side = WIRE_CLIENT; side <= WIRE_SERVER && handshake->certificate_types_offered;
         side++) {
        bool failed = false;
        size_t length;
        const uint8_t *type = find_bytes(trace, n, chosen[side], &length, &failed);
        if (failed) {
            return -1;
        }
        if (type != NULL) {
            handshake->certificate_type[side] = *type;
        }
    }
    return 0;
}

int handshake_take_row(struct trace *trace, struct row *row)
{
    struct handshake *handshake = transcript_handshake(&trace->transcript);
    const struct trace_row *public = &row->public;
    bool hello = public->content_type == WIRE_SSL2_HELLO;

    if (public->content_type != WIRE_HANDSHAKE && !hello) {
        return 0;
    }
    if (handshake->first_n == 0) {
        handshake->first_n = public->n;
    }
    switch (public->handshake_type) {
    case WIRE_CLIENT_HELLO:
        handshake->client_hello_n = public->n;
        handshake->certificate_types_offered = offers_certificate_types(row);
        return 0;
    case WIRE_SERVER_HELLO:
    case WIRE_ENCRYPTED_EXTENSIONS:
        return take_certificate_types(trace, handshake, public->n);
    case WIRE_CLIENT_KEY_EXCHANGE:
        handshake->key_exchange_n = public->n;
        trace->transcript.changes++;
        return 0;
    case WIRE_NEW_SESSION_TICKET:
        return remember_ticket(trace, public->n);
    default:
        return 0;
    }
}

/* ---- the master secret ---------------------------------------------------------------------------- */

static bool take_master(struct handshake *handshake, struct crypt_secret *secret)
{
    bool fits = secret->length == sizeof handshake->master;

    if (fits) {
        memcpy(handshake->master, secret->secret, sizeof handshake->master);
    }
    secret_wipe(secret, sizeof *secret);
    return fits;
}

/* Key logs that are asked by another id than the client random. */
static bool secret_by_id(const struct trace *trace, enum crypt_label label, const uint8_t *bytes,
                         size_t length, struct crypt_secret *out)
{
    struct handshake asked = {0};

    if (length == 0 || length > sizeof asked.client_random) {
        return false;
    }
    memcpy(asked.client_random, bytes, length);
    return handshake_secret(trace, &asked, label, out);
}

/* 1, 0 or -1 as handshake_find_master(). */
static int master_of_session(struct trace *trace, struct handshake *handshake)
{
    struct trace_keys *keys = trace->transcript.keys;
    struct crypt_secret secret;
    bool failed = false;
    size_t length;

    if (secret_by_id(trace, CRYPT_RSA_SESSION_ID, handshake->session_id,
                     handshake->session_id_length, &secret)) {
        return take_master(handshake, &secret) ? 1 : 0;
    }
    if (keys == NULL || handshake->key_exchange_n != 0) {
        return 0;
    }
    if (keysource_session_find(keys, handshake->session_id, handshake->session_id_length,
                               handshake->master)) {
        return 1;
    }
    const uint8_t *ticket = find_bytes(trace, handshake->client_hello_n,
                                       "extension.session_ticket.ticket", &length, &failed);
    if (ticket == NULL) {
        return failed ? -1 : 0;
    }
    return keysource_session_find(keys, ticket, length, handshake->master) ? 1 : 0;
}

/* RFC 4279 2: without another key exchange, zeros stand in its place. */
static size_t plain_psk_premaster(const uint8_t *psk, size_t length, uint8_t *out, size_t size)
{
    size_t whole = 2 * (length + 2);

    if (length > UINT16_MAX || whole > size) {
        return 0;
    }
    memset(out, 0, whole);
    out[0] = out[length + 2] = (uint8_t)(length >> 8);
    out[1] = out[length + 3] = (uint8_t)length;
    memcpy(out + length + 4, psk, length);
    return whole;
}

/* RFC 4279 4: the secret that was encrypted with RSA stands in front of the PSK. In place; the length, or 0 where the PSK is
 * not known. */
static size_t append_psk(uint8_t *premaster, size_t length, const uint8_t *psk, size_t psk_length,
                         size_t size)
{
    size_t whole = length + psk_length + 4;

    if (psk == NULL || psk_length > UINT16_MAX || whole > size) {
        return 0;
    }
    memmove(premaster + 2, premaster, length);
    premaster[0] = (uint8_t)(length >> 8);
    premaster[1] = (uint8_t)length;
    premaster[length + 2] = (uint8_t)(psk_length >> 8);
    premaster[length + 3] = (uint8_t)psk_length;
    memcpy(premaster + length + 4, psk, psk_length);
    return whole;
}

#define PREMASTER_MAX 1100

/* What was encrypted with the server's RSA key, into `out`: its length; 0: not known; -1: out of memory. */
static long find_encrypted(struct trace *trace, const struct handshake *handshake,
                           uint8_t out[PREMASTER_MAX])
{
    struct trace_keys *keys = trace->transcript.keys;
    struct crypt_secret secret;
    bool failed = false;
    size_t length;
    const uint8_t *encrypted =
        find_bytes(trace, handshake->key_exchange_n,
                   "handshake.client_key_exchange.encrypted_pre_master_secret", &length, &failed);

    if (encrypted == NULL) {
        return failed ? -1 : 0;
    }
    if (secret_by_id(trace, CRYPT_RSA, encrypted, length < 8 ? length : 8, &secret)) {
        length = secret.length;
        memcpy(out, secret.secret, length);
        secret_wipe(&secret, sizeof secret);
        return (long)length;
    }
    int result = keys == NULL
                     ? 0
                     : keysource_premaster(keys, handshake->client_version, encrypted, length, out);
    return result == 1 ? 48 : result;
}

/* The premaster secret into `out`, and its length; 0: not known; -1: out of memory. */
static long find_premaster(struct trace *trace, const struct handshake *handshake,
                           uint8_t out[PREMASTER_MAX])
{
    struct trace_keys *keys = trace->transcript.keys;
    struct wire_cipher_suite suite = {0};
    struct crypt_secret secret;
    size_t psk_length = 0;

    if (handshake_secret(trace, handshake, CRYPT_PMS_CLIENT_RANDOM, &secret)) {
        size_t length = secret.length;
        memcpy(out, secret.secret, length);
        secret_wipe(&secret, sizeof secret);
        return (long)length;
    }
    const uint8_t *psk = keys != NULL ? keysource_psk(keys, 0, &psk_length) : NULL;
    if (wire_cipher_suite_parts(handshake->cipher_suite, &suite) != 0 ||
        suite.key_exchange == NULL) {
        return 0;
    }
    if (strcmp(suite.key_exchange, "PSK") == 0) {
        return psk == NULL ? 0 : (long)plain_psk_premaster(psk, psk_length, out, PREMASTER_MAX);
    }
    long length = find_encrypted(trace, handshake, out);
    if (length > 0 && strcmp(suite.key_exchange, "RSA_PSK") == 0) {
        length = (long)append_psk(out, (size_t)length, psk, psk_length, PREMASTER_MAX);
    }
    return length;
}

size_t handshake_session_hash(struct trace *trace, const struct handshake *handshake,
                              uint8_t out[CRYPT_HASH_MAX])
{
    const char *name = crypt_transcript_hash_name(handshake->version, handshake->cipher_suite);
    struct crypt_hash *hash = name != NULL ? crypt_hash_new(name) : NULL;
    size_t length = 0;
    bool ok = hash != NULL;

    for (uint32_t n = handshake->first_n; ok && n > 0 && n <= handshake->key_exchange_n; n++) {
        const uint8_t *data;
        size_t size;
        if (handshake_counts(row_at(trace, n - 1), &data, &size)) {
            ok = crypt_hash_add(hash, data, size) == 0;
        }
    }
    if (ok) {
        length = crypt_hash_value(hash, out);
    }
    crypt_hash_free(hash);
    return length;
}

int handshake_compute_master(struct trace *trace, struct handshake *handshake)
{
    uint8_t premaster[PREMASTER_MAX];
    uint8_t hash[CRYPT_HASH_MAX];
    struct err err = {0};
    size_t hash_length = 0;

    if (handshake->key_exchange_n == 0) {
        return 0;
    }
    long length = find_premaster(trace, handshake, premaster);
    if (length <= 0) {
        return (int)length;
    }
    if (handshake->extended_master_secret) {
        hash_length = handshake_session_hash(trace, handshake, hash);
    }
    const struct crypt_master master = {
        .version = handshake->version,
        .cipher_suite = handshake->cipher_suite,
        .premaster = {premaster, (size_t)length},
        .client_random = handshake->client_random,
        .server_random = handshake->server_random,
        .session_hash = {hash_length > 0 ? hash : NULL, hash_length},
    };
    int result = crypt_master_derive(&master, handshake->master, &err);
    secret_wipe(premaster, sizeof premaster);
    if (result != 0) {
        return err.class == ERR_MEMORY ? -1 : 0;
    }
    handshake->master_from_premaster = true;
    return 1;
}

int handshake_find_master(struct trace *trace, struct handshake *handshake)
{
    struct crypt_secret secret;
    int result = 0;

    if (handshake->master_known) {
        return 1;
    }
    if (handshake->master_tried == trace->transcript.changes + 1) {
        return 0;
    }
    handshake->master_tried = trace->transcript.changes + 1;
    if (handshake_secret(trace, handshake, CRYPT_CLIENT_RANDOM, &secret)) {
        result = take_master(handshake, &secret) ? 1 : 0;
    }
    if (result == 0) {
        result = master_of_session(trace, handshake);
    }
    if (result == 0) {
        result = handshake_compute_master(trace, handshake);
    }
    if (result == 1) {
        handshake->master_known = true;
        result = remember_id(trace, handshake) == 0 ? 1 : -1;
    }
    return result;
}
