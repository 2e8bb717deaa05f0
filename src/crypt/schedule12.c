/* Keys of TLS 1.2 and older: premaster secret, master secret, key block (RFC 5246 8.1, 6.3; RFC 6101 6). */
#include <string.h>

#include "key_block.h"
#include "opener.h"
#include "schedule.h"

#define MASTER 48

/* How the premaster secret came to both ends, by the suite's key exchange. */
static const struct exchange_row {
    const char *key_exchange;
    const char *words;
} exchanges[] = {
    {"RSA", "made by the client, sent encrypted with the public key of the server's certificate"},
    {"DHE", "the shared secret of the two Diffie-Hellman values"},
    {"DH", "the shared secret of the two Diffie-Hellman values"},
    {"ECDHE", "the shared secret of the two points on the curve"},
    {"ECDH", "the shared secret of the two points on the curve"},
    {"PSK", "the pre-shared key, after as many zeros"},
    {"DHE_PSK", "the shared secret of the two Diffie-Hellman values, then the pre-shared key"},
    {"ECDHE_PSK", "the shared secret of the two points on the curve, then the pre-shared key"},
    {"RSA_PSK", "what the client sent encrypted, then the pre-shared key"},
};

static const char *exchange_words(uint16_t cipher_suite)
{
    struct wire_cipher_suite parts;

    if (wire_cipher_suite_parts(cipher_suite, &parts) == 0 && parts.key_exchange != NULL) {
        for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
            if (strcmp(exchanges[i].key_exchange, parts.key_exchange) == 0) {
                return exchanges[i].words;
            }
        }
    }
    return "the key exchange";
}

static const struct crypt_secret *logged_secret(const struct crypt_schedule *in,
                                                enum crypt_label label)
{
    return in->keylog == NULL ? NULL : crypt_keylog_find(in->keylog, label, in->client_random);
}

static struct crypt_known draw_premaster(struct schedule_builder *builder)
{
    const struct crypt_schedule *in = builder->in;
    const struct crypt_secret *logged = logged_secret(in, CRYPT_PMS_CLIENT_RANDOM);
    struct crypt_known premaster = in->premaster;
    size_t group = schedule_begin(builder, SCHEDULE_PREMASTER);

    schedule_text(builder, SCHEDULE_DERIVED_FROM, "%s", exchange_words(in->cipher_suite));
    if (premaster.data == NULL && logged != NULL) {
        premaster = (struct crypt_known){logged->secret, logged->length};
    }
    if (premaster.data != NULL) {
        schedule_bytes(builder, SCHEDULE_VALUE, premaster.data, premaster.length);
        schedule_text(builder, SCHEDULE_SOURCE,
                      in->premaster.data != NULL ? "the server's private key or the key log"
                                                 : "the key log");
    } else {
        schedule_text(builder, SCHEDULE_UNKNOWN,
                      "key logs usually have only the master secret, and there is no way back from "
                      "it; with RSA key exchange the server's private key gives it (--server-key)");
    }
    schedule_end(builder, group);
    return premaster;
}

/* The master secret from the premaster secret, where all it is made of is known. */
static struct schedule_secret compute_master(struct schedule_builder *builder,
                                             const struct crypt_known *premaster)
{
    const struct crypt_schedule *in = builder->in;
    struct schedule_secret out = {.length = MASTER};
    const struct crypt_master parameters = {
        .version = in->version,
        .cipher_suite = in->cipher_suite,
        .premaster = *premaster,
        .client_random = in->client_random,
        .server_random = in->server_random,
        .session_hash = in->extended_master_secret ? in->session_hash : (struct crypt_known){0},
    };
    struct err err = {0};

    if (premaster->data == NULL || (in->extended_master_secret && in->session_hash.data == NULL)) {
        return out;
    }
    out.known = crypt_master_derive(&parameters, out.data, &err) == 0;
    builder->failed |=
        !out.known && (err.class == ERR_MEMORY || strcmp(err.code, "key_derivation") == 0);
    return out;
}

static struct schedule_secret draw_master(struct schedule_builder *builder,
                                          const struct crypt_known *premaster)
{
    const struct crypt_schedule *in = builder->in;
    struct schedule_secret computed = compute_master(builder, premaster);
    const struct crypt_secret *logged = logged_secret(in, CRYPT_CLIENT_RANDOM);
    struct schedule_secret value = {.length = MASTER};
    size_t group = schedule_begin(builder, SCHEDULE_MASTER);

    if (in->version == WIRE_SSL3) {
        schedule_text(builder, SCHEDULE_DERIVED_FROM,
                      "premaster secret, through MD5 and SHA-1 (RFC 6101 6.1)");
    } else {
        schedule_text(builder, SCHEDULE_DERIVED_FROM, "PRF(premaster secret, label, %s)",
                      in->extended_master_secret ? "session hash" : "both randoms");
        schedule_text(builder, SCHEDULE_LABEL,
                      in->extended_master_secret ? "extended master secret" : "master secret");
    }
    if (in->extended_master_secret) {
        schedule_text(builder, SCHEDULE_CONTEXT, "ClientHello to ClientKeyExchange");
        schedule_bytes(builder, SCHEDULE_SESSION_HASH, in->session_hash.data,
                       in->session_hash.data != NULL ? in->session_hash.length : 0);
    } else {
        schedule_bytes(builder, SCHEDULE_CLIENT_RANDOM, in->client_random, 32);
        schedule_bytes(builder, SCHEDULE_SERVER_RANDOM, in->server_random, 32);
    }
    if (logged == NULL && !computed.known && in->master.data != NULL &&
        in->master.length == MASTER) {
        memcpy(value.data, in->master.data, MASTER);
        value.known = true;
        schedule_bytes(builder, SCHEDULE_VALUE, value.data, MASTER);
        schedule_text(builder, SCHEDULE_SOURCE, "the session that was resumed");
    } else {
        value = schedule_value(builder, &computed, logged,
                               "neither the key log nor the premaster secret has been given");
    }
    schedule_end(builder, group);
    secret_wipe(&computed, sizeof computed);
    return value;
}

/* The key block whole, in its order, cut into its parts. */
static void draw_parts(struct schedule_builder *builder, const struct crypt_suite *suite,
                       const struct crypt_key_block *block)
{
    static const enum schedule_field mac_keys[] = {SCHEDULE_CLIENT_MAC_KEY,
                                                   SCHEDULE_SERVER_MAC_KEY};
    static const enum schedule_field keys[] = {SCHEDULE_CLIENT_KEY, SCHEDULE_SERVER_KEY};
    static const enum schedule_field ivs[] = {SCHEDULE_CLIENT_IV, SCHEDULE_SERVER_IV};

    for (size_t side = 0; side < 2; side++) {
        schedule_bytes(builder, mac_keys[side], block->mac_key[side], suite->mac_size);
    }
    for (size_t side = 0; side < 2; side++) {
        schedule_bytes(builder, keys[side], block->key[side], suite->key_size);
    }
    for (size_t side = 0; side < 2; side++) {
        schedule_bytes(builder, ivs[side], block->iv[side], suite->iv_size);
    }
}

static void draw_key_block(struct schedule_builder *builder, const struct schedule_secret *master)
{
    const struct crypt_schedule *in = builder->in;
    struct crypt_tls12 parameters = {.version = in->version, .cipher_suite = in->cipher_suite};
    struct crypt_key_block block;
    struct crypt_suite suite;
    struct err err = {0};
    size_t group = schedule_begin(builder, SCHEDULE_KEY_BLOCK);

    if (in->version == WIRE_SSL3) {
        schedule_text(builder, SCHEDULE_DERIVED_FROM,
                      "master secret, through MD5 and SHA-1 (RFC 6101 6.2.2)");
    } else {
        schedule_text(builder, SCHEDULE_DERIVED_FROM, "PRF(master secret, label, both randoms)");
        schedule_text(builder, SCHEDULE_LABEL, "key expansion");
    }
    schedule_bytes(builder, SCHEDULE_SERVER_RANDOM, in->server_random, 32);
    schedule_bytes(builder, SCHEDULE_CLIENT_RANDOM, in->client_random, 32);
    if (!master->known) {
        schedule_text(builder, SCHEDULE_UNKNOWN, "the master secret is not known");
    } else if (crypt_suite_find(in->cipher_suite, in->version, &suite, &err) != 0) {
        schedule_text(builder, SCHEDULE_UNKNOWN, "%s", err.text);
    } else {
        memcpy(parameters.master_secret, master->data, MASTER);
        memcpy(parameters.client_random, in->client_random, 32);
        memcpy(parameters.server_random, in->server_random, 32);
        builder->failed |= crypt_key_block_derive(&block, &suite, &parameters) != 0;
        draw_parts(builder, &suite, &block);
        secret_wipe(&parameters, sizeof parameters);
        secret_wipe(&block, sizeof block);
    }
    schedule_end(builder, group);
}

void schedule_tls12(struct schedule_builder *builder)
{
    size_t group = schedule_begin(builder, SCHEDULE_TLS12);
    struct crypt_known premaster = draw_premaster(builder);
    struct schedule_secret master = draw_master(builder, &premaster);

    draw_key_block(builder, &master);
    schedule_record(builder, builder->in->record_from == WIRE_CLIENT
                                 ? "the client's keys of the key block"
                                 : "the server's keys of the key block");
    schedule_end(builder, group);
    secret_wipe(&master, sizeof master);
}
