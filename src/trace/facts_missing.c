/* What is missing to read what is encrypted, and how to get it. */
#include <string.h>

#include "facts.h"
#include "handshake.h"
#include "hello.h"
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
    }
}

static void say_tls12(struct facts *facts, const struct handshake *handshake)
{
    struct wire_cipher_suite suite = {0};
    bool rsa = wire_cipher_suite_parts(handshake->cipher_suite, &suite) == 0 &&
               suite.key_exchange != NULL && strcmp(suite.key_exchange, "RSA") == 0;

    if (!handshake->master_known) {
        say_line(facts, handshake, CRYPT_CLIENT_RANDOM, rsa);
    }
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

void facts_missing(const struct trace *trace, struct facts *facts)
{
    const struct handshake *handshake = transcript_handshake(&trace->transcript);

    facts->public.missing_secrets = NULL;
    if (trace->transcript.captured && facts->unsupported > 0) {
        say_unsupported(facts, handshake);
        return;
    }
    if (!trace->transcript.captured || !is_missing(trace, facts)) {
        return;
    }
    if (!handshake->client_hello) {
        facts->public.missing_secrets =
            "the ClientHello was not captured: secrets are found by its random";
    } else if (handshake->version == 0) {
        facts->public.missing_secrets =
            "the ServerHello was not captured: without it no keys can be made";
    } else if (version_is_tls13(handshake->version)) {
        say_tls13(trace, facts, handshake);
    } else {
        say_tls12(facts, handshake);
    }
}
