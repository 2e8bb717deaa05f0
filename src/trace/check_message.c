/* What a handshake message says of those before it: signatures, Finished, binders. */
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "facts.h"
#include "handshake.h"
#include "hello.h"
#include "keysource.h"
#include "log.h"
#include "row.h"

/* So many signatures of one connection are checked: each costs some 100 µs. */
#define SIGNATURES_MAX 64

/* One check at work. `unknown` is why it cannot be made. */
struct asking {
    struct trace *trace;
    struct check_scope *scope;
    struct row *row;
    struct handshake *handshake;
    const struct wire_tree *tree; /* of the row, where the check looks into it */
    struct crypt_check *check;
};

static int unknown(const struct asking *asking, const char *why)
{
    *asking->check = (struct crypt_check){.known = false};
    /* Cut where it is too long. */
    (void)snprintf(asking->check->text, sizeof asking->check->text, "%s", why);
    return 1;
}

/* A field of the message: its bytes, or NULL. */
static const uint8_t *field(const struct wire_tree *tree, const char *path, size_t *length)
{
    long index = wire_tree_find(tree, path, 0);

    if (index < 0) {
        return NULL;
    }
    *length = tree->fields[index].length;
    return tree->data + tree->fields[index].offset;
}

/* ---- Finished ---------------------------------------------------------------------------------------------- */

/* RFC 8446 4.4.4 */
static int finished13(const struct asking *asking, const uint8_t *data, size_t length)
{
    enum wire_side from = asking->row->public.from;
    struct check_scope *scope = asking->scope;
    bool post = from == WIRE_CLIENT && scope->main_count > 0;
    enum crypt_label label = post                  ? CRYPT_CLIENT_TRAFFIC_SECRET_0
                             : from == WIRE_CLIENT ? CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET
                                                   : CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET;
    uint8_t hash[CRYPT_HASH_MAX];
    struct crypt_secret secret;

    if (from == WIRE_CLIENT && !scope->finished[WIRE_SERVER]) {
        return unknown(asking, "the server's Finished, which comes before it, could not be read");
    }
    if (from == WIRE_SERVER && scope->finished[WIRE_CLIENT]) {
        return unknown(asking, "the order of the messages could not be seen");
    }
    if (from == WIRE_CLIENT && scope->early_accepted && !scope->end_of_early_data && !post) {
        return unknown(asking, "EndOfEarlyData, which comes before it, could not be read");
    }
    const struct record *record =
        list_at(&asking->trace->transcript.directions[from].records, asking->row->first_record);
    if (post && record->key.updates > 0) {
        return unknown(asking, "the traffic secret after KeyUpdate is not known");
    }
    if (!handshake_secret(asking->trace, asking->handshake, label, &secret)) {
        return unknown(asking, "the traffic secret that it is made with is not known");
    }
    size_t hash_length = checks_hash(asking->trace, scope, hash);
    if (hash_length > 0) {
        const struct crypt_finished finished = {
            .version = asking->handshake->version,
            .cipher_suite = asking->handshake->cipher_suite,
            .from = from,
            .key = {secret.secret, secret.length},
            .hash = {hash, hash_length},
            .verify_data = {data, length},
        };
        crypt_finished_check(&finished, asking->check);
    }
    secret_wipe(&secret, sizeof secret);
    return hash_length > 0 ? 1 : unknown(asking, "the transcript could not be hashed");
}

/* RFC 5246 7.4.9, RFC 6101 5.6.9 */
static int finished12(const struct asking *asking, const uint8_t *data, size_t length)
{
    struct handshake *handshake = asking->handshake;
    struct buffer messages = {0};
    uint8_t hash[CRYPT_HASH_MAX];
    size_t hash_length = 0;

    int found = handshake_find_master(asking->trace, handshake);
    if (found <= 0) {
        return found < 0 ? -1 : unknown(asking, "the master secret is not known");
    }
    if (handshake->version == WIRE_SSL3) {
        checks_concatenate(asking->trace, asking->scope, &messages);
    } else {
        hash_length = checks_hash(asking->trace, asking->scope, hash);
    }
    bool ok = !messages.failed && (handshake->version == WIRE_SSL3 || hash_length > 0);
    if (ok) {
        const struct crypt_finished finished = {
            .version = handshake->version,
            .cipher_suite = handshake->cipher_suite,
            .from = asking->row->public.from,
            .key = {handshake->master, sizeof handshake->master},
            .hash = {hash, hash_length},
            .messages = {messages.data, messages.length},
            .verify_data = {data, length},
        };
        crypt_finished_check(&finished, asking->check);
    }
    buffer_free(&messages);
    return ok ? 1 : unknown(asking, "the transcript could not be hashed");
}

static int check_finished(const struct asking *asking)
{
    const struct row *row = asking->row;
    const uint8_t *data = row->content + WIRE_HANDSHAKE_HEADER;
    size_t length = row->content_length - WIRE_HANDSHAKE_HEADER;

    if (asking->scope->missing != NULL) {
        return unknown(asking, asking->scope->missing);
    }
    return version_is_tls13(asking->handshake->version) ? finished13(asking, data, length)
                                                        : finished12(asking, data, length);
}

/* ---- signatures -------------------------------------------------------------------------------------------------- */

/* The first certificate (or raw public key) of a side, in `tree`. NULL: there is none. */
static const uint8_t *leaf_of(const struct asking *asking, enum wire_side from,
                              struct wire_tree *tree, size_t *length)
{
    uint32_t n = asking->scope->certificate_n[from];
    struct row *row = n > 0 ? row_at(asking->trace, n - 1) : NULL;

    if (row == NULL || row->content == NULL || facts_dissect_certificate(tree, row) != 0) {
        return NULL;
    }
    const uint8_t *certificate = field(tree, "handshake.certificate.certificate", length);
    return certificate != NULL ? certificate
                               : field(tree, "handshake.certificate.raw_public_key", length);
}

/* Checks a signature by the key of a side's certificate over `content`, which is freed. */
static int check_signature(const struct asking *asking, enum wire_side by, uint16_t scheme,
                           struct buffer *content, const uint8_t *signature, size_t length)
{
    struct wire_tree tree = {0};
    size_t leaf_length = 0;
    const uint8_t *leaf = content->failed ? NULL : leaf_of(asking, by, &tree, &leaf_length);
    bool failed = content->failed || tree.failed;

    if (leaf != NULL) {
        const struct crypt_signature parts = {
            .version = asking->handshake->version,
            .scheme = scheme,
            .certificate = {leaf, leaf_length},
            .content = {content->data, content->length},
            .value = {signature, length},
        };
        crypt_signature_check(&parts, asking->check);
    }
    wire_tree_free(&tree);
    buffer_free(content);
    if (failed) {
        return -1;
    }
    return leaf != NULL ? 1 : unknown(asking, "the certificate of the signer was not seen");
}

static uint16_t scheme_of(const struct asking *asking, const char *path)
{
    uint64_t scheme = 0;
    return wire_tree_number(asking->tree, path, &scheme) ? (uint16_t)scheme : 0;
}

/* RFC 8446 4.4.3; before it RFC 5246 7.4.8: over the messages themselves. */
static int check_certificate_verify(const struct asking *asking)
{
    static const char path[] = "handshake.certificate_verify.signature";
    struct buffer content = {0};
    enum wire_side from = asking->row->public.from;
    uint8_t hash[CRYPT_HASH_MAX];
    size_t length;
    const uint8_t *signature = field(asking->tree, path, &length);

    if (signature == NULL) {
        return 0; /* it is malformed, and says so */
    }
    if (asking->scope->missing != NULL) {
        return unknown(asking, asking->scope->missing);
    }
    if (asking->handshake->version == WIRE_SSL3) {
        return unknown(asking, "SSL 3.0's hash of the messages is not computed for it");
    }
    if (version_is_tls13(asking->handshake->version)) {
        size_t hash_length = checks_hash(asking->trace, asking->scope, hash);
        if (hash_length == 0) {
            return unknown(asking, "the transcript could not be hashed");
        }
        crypt_certificate_verify_content(&content, from, hash, hash_length);
    } else {
        checks_concatenate(asking->trace, asking->scope, &content);
    }
    return check_signature(asking, from,
                           scheme_of(asking, "handshake.certificate_verify.algorithm"), &content,
                           signature, length);
}

/* RFC 5246 7.4.3: over both randoms and the parameters. */
static int check_server_key_exchange(const struct asking *asking)
{
    static const char path[] = "handshake.server_key_exchange.signature";
    const struct handshake *handshake = asking->handshake;
    const struct row *row = asking->row;
    struct buffer content = {0};
    size_t length;
    const uint8_t *signature = field(asking->tree, path, &length);
    uint16_t scheme = scheme_of(asking, "handshake.server_key_exchange.signature_algorithm");

    if (signature == NULL) {
        return 0; /* an exchange without one */
    }
    if (!handshake->client_hello || !handshake->server_hello) {
        return unknown(asking, "a hello, whose random is signed, was not captured");
    }
    size_t behind = 2 + (handshake->version >= WIRE_TLS12 ? 2u : 0u); /* length, and scheme */
    size_t end = (size_t)(signature - row->content);
    if (end < WIRE_HANDSHAKE_HEADER + behind) {
        return 0;
    }
    buffer_append(&content, handshake->client_random, sizeof handshake->client_random);
    buffer_append(&content, handshake->server_random, sizeof handshake->server_random);
    buffer_append(&content, row->content + WIRE_HANDSHAKE_HEADER,
                  end - behind - WIRE_HANDSHAKE_HEADER);
    return check_signature(asking, WIRE_SERVER, scheme, &content, signature, length);
}

/* ---- PSK binders ------------------------------------------------------------------------------------------------- */

/* The hash of the ClientHello without its binders, behind what came before it (RFC 8446 4.2.11.2). */
static size_t truncated_hash(const struct asking *asking, const char *name, size_t truncated,
                             uint8_t out[CRYPT_HASH_MAX])
{
    size_t length = 0;

    if (asking->scope->count > 0) {
        /* After HelloRetryRequest: a scope of its own, since the one at work goes on with the whole message. */
        struct check_scope scope = {.index = asking->scope->index,
                                    .messages = asking->scope->messages,
                                    .count = asking->scope->count};
        if (checks_hash(asking->trace, &scope, out) > 0 &&
            crypt_hash_add(scope.hash, asking->row->content, truncated) == 0) {
            length = crypt_hash_value(scope.hash, out);
        }
        crypt_hash_free(scope.hash);
        return length;
    }
    struct crypt_hash *hash = crypt_hash_new(name);
    if (hash != NULL && crypt_hash_add(hash, asking->row->content, truncated) == 0) {
        length = crypt_hash_value(hash, out);
    }
    crypt_hash_free(hash);
    return length;
}

/* Tries each PSK that was given on each binder; what none fits may be of a ticket. */
static bool find_binder(const struct asking *asking, const char *name, const uint8_t *hash,
                        size_t hash_length)
{
    static const char path[] = "extension.pre_shared_key.binder";
    const struct wire_tree *tree = asking->tree;
    const struct trace_keys *keys = asking->trace->transcript.keys;
    size_t length;

    for (long i = wire_tree_find(tree, path, 0); i >= 0;
         i = wire_tree_find(tree, path, (size_t)i + 1)) {
        const uint8_t *psk = keysource_psk(keys, 0, &length);
        for (size_t k = 0; psk != NULL; psk = keysource_psk(keys, ++k, &length)) {
            const struct crypt_binder binder = {
                .hash_name = name,
                .external = true,
                .psk = {psk, length},
                .hash = {hash, hash_length},
                .value = {tree->data + tree->fields[i].offset, tree->fields[i].length},
            };
            crypt_binder_check(&binder, asking->check);
            if (asking->check->known && asking->check->ok) {
                return true;
            }
        }
    }
    return false;
}

static int check_binder(const struct asking *asking)
{
    const struct handshake *handshake = asking->handshake;
    const struct trace_keys *keys = asking->trace->transcript.keys;
    /* RFC 8446 4.2.11: without another word the hash of an external PSK is SHA-256. */
    const char *name = handshake->server_hello && version_is_tls13(handshake->version)
                           ? crypt_transcript_hash_name(WIRE_TLS13, handshake->cipher_suite)
                           : "SHA-256";
    long binder = wire_tree_find(asking->tree, "extension.pre_shared_key.binder", 0);
    uint8_t hash[CRYPT_HASH_MAX];
    size_t length;

    if (binder < 0 || name == NULL || asking->tree->fields[binder].offset < 3) {
        return 0;
    }
    if (keys == NULL || keysource_psk(keys, 0, &length) == NULL) {
        return unknown(asking, "the PSK is not known (--psk)");
    }
    /* The binder's length is one byte, and that of the list two. */
    size_t truncated = asking->tree->fields[binder].offset - 3;
    size_t hash_length = truncated_hash(asking, name, truncated, hash);
    if (hash_length == 0) {
        return unknown(asking, "the transcript could not be hashed");
    }
    return find_binder(asking, name, hash, hash_length)
               ? 1
               : unknown(asking, "none of the PSKs that were given makes this binder");
}

/* ---- the extended master secret --------------------------------------------------------------------------------- */

/* RFC 7627 4: the master secret that follows from the premaster secret is the one that was logged. */
static int check_extended_master(const struct asking *asking)
{
    struct handshake *handshake = asking->handshake;
    struct handshake computed = *handshake;
    struct crypt_secret logged;

    if (!handshake->extended_master_secret ||
        !handshake_secret(asking->trace, handshake, CRYPT_CLIENT_RANDOM, &logged)) {
        return 0;
    }
    computed.master_known = false;
    int result = handshake_compute_master(asking->trace, &computed);
    if (result == 1) {
        asking->check->known = true;
        asking->check->ok = logged.length == sizeof computed.master &&
                            memcmp(logged.secret, computed.master, sizeof computed.master) == 0;
        (void)snprintf(asking->check->text, sizeof asking->check->text, "%s", /* fits */
                       asking->check->ok ? "the premaster secret and the session hash give the "
                                           "master secret of the key log"
                                         : "another master secret than the key log's follows from "
                                           "the premaster secret");
    }
    secret_wipe(&logged, sizeof logged);
    secret_wipe(&computed, sizeof computed);
    return result;
}

/* ---- by message ------------------------------------------------------------------------------------------------ */

static const struct {
    uint8_t type;
    bool signature;
    bool fields; /* it looks into the message's fields */
    const char *what;
    int (*ask)(const struct asking *asking);
} kinds[] = {
    {WIRE_CLIENT_HELLO, false, true, "psk_binder", check_binder},
    {WIRE_SERVER_KEY_EXCHANGE, true, true, "server_key_exchange", check_server_key_exchange},
    {WIRE_CLIENT_KEY_EXCHANGE, false, false, "extended_master_secret", check_extended_master},
    {WIRE_CERTIFICATE_VERIFY, true, true, "certificate_verify", check_certificate_verify},
    {WIRE_FINISHED, false, false, "finished", check_finished},
};

/* RFC 8446 4.2.10: whether EndOfEarlyData will come. */
static int note_early_data(struct check_scope *scope, struct row *row)
{
    struct wire_tree tree = {0};
    int result = facts_dissect(&tree, row);

    if (result == 0) {
        scope->early_accepted = wire_tree_find(&tree, "extension.early_data", 0) >= 0;
    }
    wire_tree_free(&tree);
    return result;
}

int check_message(struct trace *trace, struct check_scope *scope, struct row *row,
                  struct crypt_check *check, const char **what)
{
    struct wire_tree tree = {0};
    struct asking asking = {
        .trace = trace,
        .scope = scope,
        .row = row,
        .handshake = transcript_handshake_at(&trace->transcript, row->handshake),
        .tree = row->hello != NULL ? row->hello : &tree,
        .check = check,
    };
    int result = 0;

    if (row->public.handshake_type == WIRE_ENCRYPTED_EXTENSIONS) {
        return asking.handshake->early_data_offered ? note_early_data(scope, row) : 0;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].type != row->public.handshake_type ||
            row->public.content_type != WIRE_HANDSHAKE) {
            continue;
        }
        *what = kinds[i].what;
        if (kinds[i].signature && trace->checks.signatures++ >= SIGNATURES_MAX) {
            return unknown(&asking, "too many signatures in one connection");
        }
        bool dissect = kinds[i].fields && row->hello == NULL;
        result = !dissect || facts_dissect(&tree, row) == 0 ? kinds[i].ask(&asking) : -1;
    }
    wire_tree_free(&tree);
    return result;
}
