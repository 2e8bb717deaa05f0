/* What is missing to read what is encrypted, and how to get it. */
#include <string.h>

#include "facts.h"
#include "handshake.h"
#include "hello.h"
#include "keysource.h"
#include "log.h"

/* The lines of a TLS 1.3 key log that data is read with, RFC 8446 7.1. */
static const enum crypt_label labels13[] = {
    CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET,
    CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET,
    CRYPT_CLIENT_TRAFFIC_SECRET_0,
    CRYPT_SERVER_TRAFFIC_SECRET_0,
};

static bool has_secret(const struct trace *trace, const struct handshake *handshake,
                       enum crypt_label label)
{
    struct crypt_secret secret;
    bool has = handshake_secret(trace, handshake, label, &secret);

    if (has) {
        secret_wipe(&secret, sizeof secret);
    }
    return has;
}

/* A line of the key log that is missing; the client random's beginning is how one finds it there. */
static void say_line(struct facts *facts, const struct handshake *handshake, enum crypt_label label,
                     bool or_key)
{
    char random[20];

    text_hex(random, sizeof random, handshake->client_random, 8);
    /* Fits. */
    (void)snprintf(facts->missing_text, sizeof facts->missing_text,
                   "no %s for client random %s…: log it with SSLKEYLOGFILE in the client or the "
                   "server and give it with --keylog%s",
                   crypt_label_name(label), random,
                   or_key ? ", or give the server's key with --server-key" : "");
    facts->public.missing_secrets = facts->missing_text;
}

static void say(struct facts *facts, const char *text)
{
    facts->public.missing_secrets = text;
}

static const char do_not_fit[] = "the secrets given do not fit this connection";

static void say_tls13(const struct trace *trace, struct facts *facts,
                      const struct handshake *handshake)
{
    for (size_t i = 0; i < sizeof labels13 / sizeof *labels13; i++) {
        if (!has_secret(trace, handshake, labels13[i])) {
            say_line(facts, handshake, labels13[i], false);
            return;
        }
    }
    if (handshake->early_data_offered &&
        !has_secret(trace, handshake, CRYPT_CLIENT_EARLY_TRAFFIC_SECRET)) {
        say_line(facts, handshake, CRYPT_CLIENT_EARLY_TRAFFIC_SECRET, false);
    } else if (facts->decrypted == 0 && facts->unreadable_keys > 0) {
        say(facts, do_not_fit); /* of another length than the cipher suite's */
    }
}

/* "ECDHE", "RSA" …; "" where the cipher suite does not say. */
static const char *key_exchange(const struct handshake *handshake)
{
    struct wire_cipher_suite suite = {0};
    bool known = wire_cipher_suite_parts(handshake->cipher_suite, &suite) == 0;

    return known && suite.key_exchange != NULL ? suite.key_exchange : "";
}

static void say_tls12(const struct trace *trace, struct facts *facts,
                      const struct handshake *handshake)
{
    if (handshake->master_known) {
        return;
    }
    if (has_secret(trace, handshake, CRYPT_CLIENT_RANDOM)) {
        say(facts, do_not_fit); /* a master secret has 48 bytes, RFC 5246 8.1 */
        return;
    }
    say_line(facts, handshake, CRYPT_CLIENT_RANDOM, strcmp(key_exchange(handshake), "RSA") == 0);
}

/* ---- secrets that were given in vain ---- */

/* A key log was given, and it is another one's. */
static bool say_others_secrets(const struct trace *trace, struct facts *facts,
                               const struct handshake *handshake)
{
    const struct trace_keys *keys = trace->transcript.keys;
    size_t count = keys != NULL ? keysource_secrets(keys) : 0;
    char random[20];

    for (int label = 0; label < CRYPT_LABEL_COUNT; label++) {
        if (has_secret(trace, handshake, (enum crypt_label)label)) {
            return false;
        }
    }
    if (count == 0) {
        return false;
    }
    text_hex(random, sizeof random, handshake->client_random, 8);
    /* Fits. */
    (void)snprintf(facts->missing_text, sizeof facts->missing_text,
                   "the key log has %zu secret%s, none of this connection (client random %s…)",
                   count, count == 1 ? "" : "s", random);
    say(facts, facts->missing_text);
    return true;
}

/* Whoever has the private key can impersonate the server, and not read what was said: RFC 8446 E.1, RFC 5246 F.1.1.3. */
static bool say_forward_secrecy(const struct trace *trace, struct facts *facts,
                                const struct handshake *handshake)
{
    const struct trace_keys *keys = trace->transcript.keys;
    const char *what = version_is_tls13(handshake->version) ? "TLS 1.3" : key_exchange(handshake);
    bool ephemeral = strncmp(what, "TLS", 3) == 0 || strncmp(what, "DHE", 3) == 0 ||
                     strncmp(what, "ECDHE", 5) == 0;

    if (!ephemeral || keys == NULL || keysource_server_keys(keys) == 0) {
        return false;
    }
    /* Fits. */
    (void)snprintf(facts->missing_text, sizeof facts->missing_text,
                   "the server's private key cannot help: %s has forward secrecy: log the secrets "
                   "of one side with SSLKEYLOGFILE and give them with --keylog",
                   what);
    say(facts, facts->missing_text);
    return true;
}

/* One record that does not open is a damaged one; when none of a side does, its keys are others. */
static bool is_misfit(const struct facts *facts)
{
    const uint64_t *bad = facts->bad_records;

    return (facts->decrypted == 0 && bad[WIRE_CLIENT] + bad[WIRE_SERVER] > 0) ||
           (bad[WIRE_CLIENT] > 1 && !facts->opened[WIRE_CLIENT]) ||
           (bad[WIRE_SERVER] > 1 && !facts->opened[WIRE_SERVER]);
}

/* The secrets are there, and of no use. */
static void say_unsupported(struct facts *facts, const struct handshake *handshake)
{
    const char *name = wire_registry_name(WIRE_REGISTRY_CIPHER_SUITE, handshake->cipher_suite);

    /* Fits. */
    (void)snprintf(facts->missing_text, sizeof facts->missing_text,
                   "the secrets are there, but this GnuTLS cannot decrypt %s",
                   name != NULL ? name : "the cipher suite");
    facts->public.missing_secrets = facts->missing_text;
}

/* Something waits, or could not be read. */
static bool is_missing(const struct trace *trace, const struct facts *facts)
{
    return facts->unreadable_keys > 0 || trace_waiting(trace, facts->public.cursor, NULL, 0) > 0;
}

static void say_missing(const struct trace *trace, struct facts *facts,
                        const struct handshake *handshake)
{
    bool tls13 = version_is_tls13(handshake->version);

    if (!handshake->client_hello) {
        say(facts, "the ClientHello was not captured: secrets are found by its random");
    } else if (handshake->version == 0) {
        say(facts, "the ServerHello was not captured: without it no keys can be made");
    } else if (!tls13 && handshake->master_known) {
        return; /* what waits has its keys */
    } else if (say_others_secrets(trace, facts, handshake) ||
               say_forward_secrecy(trace, facts, handshake)) {
        return;
    } else if (tls13) {
        say_tls13(trace, facts, handshake);
    } else {
        say_tls12(trace, facts, handshake);
    }
}

void facts_missing(const struct trace *trace, struct facts *facts)
{
    const struct handshake *handshake = transcript_handshake(&trace->transcript);

    facts->public.missing_secrets = NULL;
    if (trace->redacted && (is_misfit(facts) || is_missing(trace, facts))) {
        say(facts, "this file was redacted when it was saved");
        return;
    }
    if (!trace->transcript.captured) {
        return;
    }
    if (facts->unsupported > 0) {
        say_unsupported(facts, handshake);
    } else if (is_misfit(facts)) {
        say(facts, do_not_fit);
    } else if (is_missing(trace, facts)) {
        say_missing(trace, facts, handshake);
    }
}
