/*
 * RFC 8446 7.1, drawn as there:
 *
 *     PSK ->  HKDF-Extract = Early Secret
 *               +-> binder_key, client_early_traffic_secret, early_exporter_master_secret
 *             Derive-Secret(., "derived", "")
 *     (EC)DHE -> HKDF-Extract = Handshake Secret
 *               +-> client_ and server_handshake_traffic_secret
 *             Derive-Secret(., "derived", "")
 *     0 ->    HKDF-Extract = Master Secret
 *               +-> client_ and server_application_traffic_secret_0, exporter_ and resumption_master_secret
 */
#include <gnutls/crypto.h>
#include <string.h>

#include "hash.h"
#include "hkdf.h"
#include "opener.h"
#include "schedule.h"

/* As many key updates are looked through for the selected record's key. */
#define UPDATES_MAX 1000

/* Drafts before this one had other labels and another diagram. */
#define FIRST_DRAFT_LIKE_RFC 20

/* What a secret's context hash goes over. */
enum context { NOTHING, CLIENT_HELLO, SERVER_HELLO, SERVER_FINISHED, CLIENT_FINISHED };

static const char *const context_words[] = {
    [NOTHING] = "nothing: the hash of an empty string",
    [CLIENT_HELLO] = "ClientHello",
    [SERVER_HELLO] = "ClientHello to ServerHello",
    [SERVER_FINISHED] = "ClientHello to the server's Finished",
    [CLIENT_FINISHED] = "ClientHello to the client's Finished",
};

/* Derive-Secret(parent, label, context), and what is made of it. */
struct branch {
    enum schedule_field field;
    const char *label;
    enum context context;
    enum crypt_label logged; /* CRYPT_LABEL_COUNT: key logs do not have it */
    bool has_keys;
    bool has_finished_key;
};

static const struct branch early_branches[] = {
    {SCHEDULE_CLIENT_EARLY_TRAFFIC, "c e traffic", CLIENT_HELLO, CRYPT_CLIENT_EARLY_TRAFFIC_SECRET,
     true, false},
    {SCHEDULE_EARLY_EXPORTER, "e exp master", CLIENT_HELLO, CRYPT_EARLY_EXPORTER_SECRET, false,
     false},
};
static const struct branch handshake_branches[] = {
    {SCHEDULE_CLIENT_HANDSHAKE_TRAFFIC, "c hs traffic", SERVER_HELLO,
     CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET, true, true},
    {SCHEDULE_SERVER_HANDSHAKE_TRAFFIC, "s hs traffic", SERVER_HELLO,
     CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET, true, true},
};
/* The first two by enum wire_side. */
static const struct branch application_branches[] = {
    {SCHEDULE_CLIENT_APPLICATION_TRAFFIC, "c ap traffic", SERVER_FINISHED,
     CRYPT_CLIENT_TRAFFIC_SECRET_0, true, false},
    {SCHEDULE_SERVER_APPLICATION_TRAFFIC, "s ap traffic", SERVER_FINISHED,
     CRYPT_SERVER_TRAFFIC_SECRET_0, true, false},
    {SCHEDULE_EXPORTER, "exp master", SERVER_FINISHED, CRYPT_EXPORTER_SECRET, false, false},
    {SCHEDULE_RESUMPTION, "res master", CLIENT_FINISHED, CRYPT_LABEL_COUNT, false, false},
};

struct schedule13 {
    struct schedule_builder *builder;
    const struct crypt_schedule *in;
    gnutls_mac_algorithm_t hash;
    size_t size;
    bool has_suite;
    struct crypt_suite suite;
    struct schedule_secret empty_hash; /* not secret */
    char protected_by[120];            /* the selected record; empty: not found yet */
};

/* ---- derivations ---------------------------------------------------------------------------- */

/* What cannot fail but for a lack of memory, which GnuTLS calls by several names. */
static void must(struct schedule13 *s, int status)
{
    s->builder->failed |= status != 0;
}

static void expand(struct schedule13 *s, const struct schedule_secret *secret, const char *label,
                   const struct crypt_known *context, uint8_t *out, size_t length)
{
    const struct crypt_hkdf hkdf = {
        .hash = s->hash,
        .version = s->in->version,
        .secret = secret->data,
        .secret_length = secret->length,
        .label = label,
        .context = context != NULL ? context->data : NULL,
        .context_length = context != NULL ? context->length : 0,
    };

    must(s, crypt_hkdf_expand(&hkdf, out, length));
}

static struct crypt_known context_of(const struct schedule13 *s, enum context context)
{
    const struct crypt_known known[] = {
        [NOTHING] = {s->empty_hash.data, s->empty_hash.length},
        [CLIENT_HELLO] = s->in->hash_client_hello,
        [SERVER_HELLO] = s->in->hash_server_hello,
        [SERVER_FINISHED] = s->in->hash_server_finished,
        [CLIENT_FINISHED] = s->in->hash_client_finished,
    };

    return known[context].data != NULL && known[context].length == s->size
               ? known[context]
               : (struct crypt_known){NULL, 0};
}

static struct schedule_secret derive_secret(struct schedule13 *s,
                                            const struct schedule_secret *parent, const char *label,
                                            enum context context)
{
    struct crypt_known hash = context_of(s, context);
    struct schedule_secret out = {.length = s->size};

    if (parent->known && hash.data != NULL) {
        expand(s, parent, label, &hash, out.data, s->size);
        out.known = true;
    }
    return out;
}

/* `input` NULL: zeros. */
static struct schedule_secret extract(struct schedule13 *s, const uint8_t *salt,
                                      const uint8_t *input, size_t length)
{
    struct schedule_secret out = {.length = s->size, .known = true};

    must(s, crypt_hkdf_extract(s->hash, salt, input, length, out.data));
    return out;
}

/* ---- branches ------------------------------------------------------------------------------- */

static void draw_derivation(struct schedule13 *s, const char *parent, const char *label,
                            enum context context)
{
    struct crypt_known hash = context_of(s, context);

    schedule_text(s->builder, SCHEDULE_DERIVED_FROM, "%s", parent);
    schedule_text(s->builder, SCHEDULE_LABEL, "%s%s", crypt_hkdf_prefix(s->in->version), label);
    schedule_text(s->builder, SCHEDULE_CONTEXT, "%s", context_words[context]);
    schedule_bytes(s->builder, SCHEDULE_CONTEXT_HASH, hash.data, hash.length);
}

/* RFC 8446 7.3. */
static void draw_keys(struct schedule13 *s, const struct schedule_secret *secret)
{
    uint8_t key[CRYPT_KEY_MAX] = {0};
    uint8_t iv[CRYPT_IV_MAX] = {0};

    if (!s->has_suite || secret->length != s->size) {
        return;
    }
    expand(s, secret, "key", NULL, key, s->suite.key_size);
    expand(s, secret, "iv", NULL, iv, s->suite.iv_size);
    schedule_bytes(s->builder, SCHEDULE_KEY, key, s->suite.key_size);
    schedule_bytes(s->builder, SCHEDULE_IV, iv, s->suite.iv_size);
    secret_wipe(key, sizeof key);
    secret_wipe(iv, sizeof iv);
}

/* RFC 8446 4.4. */
static void draw_finished_key(struct schedule13 *s, const struct schedule_secret *secret)
{
    uint8_t key[CRYPT_HASH_MAX] = {0};

    if (secret->length == s->size) {
        expand(s, secret, "finished", NULL, key, s->size);
        schedule_bytes(s->builder, SCHEDULE_FINISHED_KEY, key, s->size);
        secret_wipe(key, sizeof key);
    }
}

static const struct crypt_secret *logged_secret(const struct schedule13 *s, enum crypt_label label)
{
    const struct crypt_secret *secret =
        label == CRYPT_LABEL_COUNT || s->in->keylog == NULL
            ? NULL
            : crypt_keylog_find(s->in->keylog, label, s->in->client_random);

    return secret != NULL && secret->length <= CRYPT_HASH_MAX ? secret : NULL;
}

/* Notes whose keys the selected record is under. */
static bool protects_record(struct schedule13 *s, const struct schedule_secret *secret,
                            const char *name, uint64_t updates)
{
    const struct crypt_opener *opener = s->in->record_opener;

    if (!s->in->has_record || opener == NULL || !secret->known || s->protected_by[0] != '\0' ||
        opener->suite.hash_size != secret->length ||
        memcmp(opener->secret, secret->data, secret->length) != 0) {
        return false;
    }
    (void)snprintf(s->protected_by, sizeof s->protected_by, updates == 0 ? "%s" : "%s %llu", name,
                   (unsigned long long)updates);
    return true;
}

static const char *why_unknown(const struct schedule13 *s, const struct schedule_secret *parent,
                               const struct branch *branch)
{
    if (parent->known && context_of(s, branch->context).data == NULL) {
        return "not all messages of its context have been seen, and the key log does not have it";
    }
    if (branch->logged == CRYPT_LABEL_COUNT) {
        return "key logs do not have it, and what it is derived from is not known";
    }
    return "the key log does not have it, and what it is derived from is not known";
}

/* One Derive-Secret with all that hangs on it. */
static struct schedule_secret draw_branch(struct schedule13 *s, const char *parent_name,
                                          const struct schedule_secret *parent,
                                          const struct branch *branch)
{
    struct schedule_secret computed = derive_secret(s, parent, branch->label, branch->context);
    struct schedule_secret value;
    size_t group = schedule_begin(s->builder, branch->field);

    draw_derivation(s, parent_name, branch->label, branch->context);
    value = schedule_value(s->builder, &computed, logged_secret(s, branch->logged),
                           why_unknown(s, parent, branch));
    if (value.known && branch->has_keys) {
        draw_keys(s, &value);
        (void)protects_record(s, &value, schedule_type(branch->field)->name, 0);
    }
    if (value.known && branch->has_finished_key) {
        draw_finished_key(s, &value);
    }
    schedule_end(s->builder, group);
    secret_wipe(&computed, sizeof computed);
    return value;
}

/* One that nothing further is derived from. */
static void draw_twig(struct schedule13 *s, const char *parent_name,
                      const struct schedule_secret *parent, const struct branch *branch)
{
    struct schedule_secret value = draw_branch(s, parent_name, parent, branch);

    secret_wipe(&value, sizeof value);
}

/* Derive-Secret(., "derived", ""): the salt of the next stage. */
static struct schedule_secret draw_derived(struct schedule13 *s, const char *parent_name,
                                           const struct schedule_secret *parent)
{
    static const struct branch branch = {SCHEDULE_DERIVED,  "derived", NOTHING,
                                         CRYPT_LABEL_COUNT, false,     false};

    return draw_branch(s, parent_name, parent, &branch);
}

/* After KeyUpdate (RFC 8446 7.2): the secret that the selected record is under, when it is a later one of this
 * side's. */
static void draw_updated(struct schedule13 *s, const struct branch *branch,
                         const struct schedule_secret *first)
{
    struct schedule_secret secret = *first;
    struct schedule_secret next = secret;
    uint64_t updates = 0;
    size_t group;

    if (!first->known || first->length != s->size || s->in->record_opener == NULL ||
        s->protected_by[0] != '\0' || s->builder->failed) {
        return;
    }
    do {
        if (updates++ == UPDATES_MAX || s->builder->failed) {
            return;
        }
        expand(s, &secret, "traffic upd", NULL, next.data, s->size);
        secret = next;
    } while (!protects_record(s, &secret, schedule_type(branch->field)->name, updates));
    group = schedule_begin(s->builder, branch->field);
    schedule_number(s->builder, SCHEDULE_KEY_UPDATES, updates);
    schedule_text(s->builder, SCHEDULE_DERIVED_FROM, "%s %llu", schedule_type(branch->field)->name,
                  (unsigned long long)(updates - 1));
    schedule_text(s->builder, SCHEDULE_LABEL, "%straffic upd", crypt_hkdf_prefix(s->in->version));
    schedule_value(s->builder, &secret, NULL, "");
    draw_keys(s, &secret);
    schedule_end(s->builder, group);
    secret_wipe(&secret, sizeof secret);
    secret_wipe(&next, sizeof next);
}

/* ---- stages --------------------------------------------------------------------------------- */

static bool follows_rfc(const struct schedule13 *s)
{
    unsigned draft = crypt_draft(s->in->version);

    return draft == 0 || draft >= FIRST_DRAFT_LIKE_RFC;
}

/* The Early Secret of a pre-shared key that was offered: binder and early traffic come from it, whether or not the
 * server then chose that key. */
static void draw_early_branches(struct schedule13 *s, const struct schedule_secret *offered)
{
    struct branch binder = {SCHEDULE_BINDER_KEY,
                            s->in->psk_external ? "ext binder" : "res binder",
                            NOTHING,
                            CRYPT_LABEL_COUNT,
                            false,
                            true};
    bool logged = logged_secret(s, CRYPT_CLIENT_EARLY_TRAFFIC_SECRET) != NULL ||
                  logged_secret(s, CRYPT_EARLY_EXPORTER_SECRET) != NULL;
    const char *parent =
        s->in->psk_used || s->in->version == 0
            ? "Early Secret"
            : "the Early Secret of a pre-shared key that was offered and not chosen";

    if (s->in->psk.data == NULL && !s->in->psk_used && !logged) {
        return; /* no pre-shared key, and so none of these */
    }
    draw_twig(s, parent, offered, &binder);
    for (size_t i = 0; i < sizeof early_branches / sizeof *early_branches; i++) {
        draw_twig(s, parent, offered, &early_branches[i]);
    }
}

static struct schedule_secret draw_early(struct schedule13 *s)
{
    const struct crypt_known *psk = &s->in->psk;
    bool uses_psk = s->in->psk_used || (s->in->version == 0 && psk->data != NULL);
    size_t group = schedule_begin(s->builder, SCHEDULE_EARLY_SECRET);
    struct schedule_secret early = {.length = s->size};
    struct schedule_secret offered = {.length = s->size};
    struct schedule_secret derived;

    schedule_text(s->builder, SCHEDULE_DERIVED_FROM,
                  uses_psk ? "HKDF-Extract(0, pre-shared key)"
                           : "HKDF-Extract(0, 0): without a pre-shared key it is the same for all");
    if (follows_rfc(s) && psk->data != NULL) {
        schedule_bytes(s->builder, SCHEDULE_PSK, psk->data, psk->length);
        offered = extract(s, NULL, psk->data, psk->length);
    }
    if (uses_psk) {
        early = offered;
    } else if (follows_rfc(s)) {
        early = extract(s, NULL, NULL, 0);
    }
    schedule_value(s->builder, &early, NULL,
                   follows_rfc(s) ? "the pre-shared key is not known (it can be given with --psk), "
                                    "and no key log has it"
                                  : "drafts before 20 had another key schedule");
    draw_early_branches(s, &offered);
    derived = draw_derived(s, "Early Secret", &early);
    schedule_end(s->builder, group);
    secret_wipe(&early, sizeof early);
    secret_wipe(&offered, sizeof offered);
    return derived;
}

static struct schedule_secret draw_handshake(struct schedule13 *s,
                                             const struct schedule_secret *salt)
{
    const struct crypt_known *shared = &s->in->shared_secret;
    size_t group = schedule_begin(s->builder, SCHEDULE_HANDSHAKE_SECRET);
    struct schedule_secret handshake = {.length = s->size};
    struct schedule_secret derived;

    schedule_text(s->builder, SCHEDULE_DERIVED_FROM,
                  "HKDF-Extract(derived secret, shared secret of the key shares)");
    schedule_bytes(s->builder, SCHEDULE_SHARED_SECRET, shared->data, shared->length);
    if (salt->known && shared->data != NULL) {
        handshake =
            extract(s, salt->data, shared->length > 0 ? shared->data : NULL, shared->length);
    }
    schedule_value(s->builder, &handshake, NULL,
                   "key logs have only the traffic secrets, and there is no way back from them; it "
                   "takes the shared secret of the key shares, which never leaves the two ends");
    for (size_t i = 0; i < sizeof handshake_branches / sizeof *handshake_branches; i++) {
        draw_twig(s, "Handshake Secret", &handshake, &handshake_branches[i]);
    }
    derived = draw_derived(s, "Handshake Secret", &handshake);
    schedule_end(s->builder, group);
    secret_wipe(&handshake, sizeof handshake);
    return derived;
}

static void draw_master(struct schedule13 *s, const struct schedule_secret *salt)
{
    size_t group = schedule_begin(s->builder, SCHEDULE_MASTER_SECRET);
    struct schedule_secret master = {.length = s->size};

    schedule_text(s->builder, SCHEDULE_DERIVED_FROM, "HKDF-Extract(derived secret, 0)");
    if (salt->known) {
        master = extract(s, salt->data, NULL, 0);
    }
    schedule_value(s->builder, &master, NULL,
                   "key logs have only the traffic secrets, and there is no way back from them; it "
                   "is derived from the Handshake Secret");
    for (size_t i = 0; i < sizeof application_branches / sizeof *application_branches; i++) {
        const struct branch *branch = &application_branches[i];
        struct schedule_secret value = draw_branch(s, "Master Secret", &master, branch);
        if (s->in->has_record && s->in->record_from == (enum wire_side)i) {
            draw_updated(s, branch, &value);
        }
        secret_wipe(&value, sizeof value);
    }
    schedule_end(s->builder, group);
    secret_wipe(&master, sizeof master);
}

/* The hash of the suite. Before one is chosen it is the pre-shared key's, which shows in what has its length;
 * RFC 8446 4.2.11: SHA-256 where nothing says otherwise. */
static gnutls_mac_algorithm_t find_hash(const struct schedule13 *s)
{
    const struct crypt_secret *early = logged_secret(s, CRYPT_CLIENT_EARLY_TRAFFIC_SECRET);

    if (s->in->version != 0) {
        return crypt_hmac_find(crypt_transcript_hash_name(s->in->version, s->in->cipher_suite));
    }
    if (early != NULL) {
        return early->length == 48 ? GNUTLS_MAC_SHA384 : GNUTLS_MAC_SHA256;
    }
    return s->in->hash_client_hello.length == 48 ||
                   (!s->in->psk_external && s->in->psk.length == 48)
               ? GNUTLS_MAC_SHA384
               : GNUTLS_MAC_SHA256;
}

void schedule_tls13(struct schedule_builder *builder)
{
    struct schedule13 s = {.builder = builder, .in = builder->in};
    size_t group = schedule_begin(builder, SCHEDULE_TLS13);
    struct schedule_secret salt;

    s.hash = find_hash(&s);
    s.size = gnutls_hmac_get_len(s.hash);
    if (s.size == 0 || s.size > CRYPT_HASH_MAX) {
        schedule_text(builder, SCHEDULE_UNKNOWN,
                      "the hash of this cipher suite is not one that GnuTLS has");
        schedule_end(builder, group);
        return;
    }
    s.has_suite =
        s.in->version != 0 && crypt_suite_find(s.in->cipher_suite, WIRE_TLS13, &s.suite, NULL) == 0;
    s.empty_hash.length = s.size;
    must(&s, gnutls_hash_fast((gnutls_digest_algorithm_t)s.hash, "", 0, s.empty_hash.data));
    salt = draw_early(&s);
    if (s.in->version != 0) {
        salt = draw_handshake(&s, &salt);
        draw_master(&s, &salt);
    }
    schedule_record(builder,
                    s.protected_by[0] != '\0' ? s.protected_by : "keys that are none of the above");
    schedule_end(builder, group);
    secret_wipe(&salt, sizeof salt);
}
