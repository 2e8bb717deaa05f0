/* What is missing to read what is encrypted, and how to get it. */
#include <stdarg.h>
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

static void say(struct facts *facts, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct facts *facts, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    /* Cut where it is too long; that it never is. */
    (void)vsnprintf(facts->missing_text, sizeof facts->missing_text, format, arguments);
    va_end(arguments);
    facts->public.missing_secrets = facts->missing_text;
}

/* The beginning of the client random, by which a line of a key log is found. */
static const char *random_text(char out[20], const struct handshake *handshake)
{
    return text_hex(out, 20, handshake->client_random, 8);
}

#define GET_IT "log it with SSLKEYLOGFILE in the client or the server and give it with --keylog"

static void say_tls13(const struct trace *trace, struct facts *facts,
                      const struct handshake *handshake)
{
    char random[20];

    for (size_t i = 0; i < sizeof labels13 / sizeof *labels13; i++) {
        if (!has_secret(trace, handshake, labels13[i])) {
            say(facts, "no %s for client random %s…: " GET_IT, crypt_label_name(labels13[i]),
                random_text(random, handshake));
            return;
        }
    }
    if (handshake->early_data_offered &&
        !has_secret(trace, handshake, CRYPT_CLIENT_EARLY_TRAFFIC_SECRET)) {
        say(facts, "no CLIENT_EARLY_TRAFFIC_SECRET for client random %s…: " GET_IT,
            random_text(random, handshake));
    }
}

static void say_tls12(struct facts *facts, const struct handshake *handshake)
{
    struct wire_cipher_suite suite = {0};
    char random[20];
    bool rsa = wire_cipher_suite_parts(handshake->cipher_suite, &suite) == 0 &&
               suite.key_exchange != NULL && strcmp(suite.key_exchange, "RSA") == 0;

    if (handshake->master_known) {
        return;
    }
    say(facts, "no CLIENT_RANDOM for client random %s…: " GET_IT "%s",
        random_text(random, handshake), rsa ? ", or give the server's key with --server-key" : "");
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
    if (!trace->transcript.captured || !is_missing(trace, facts)) {
        return;
    }
    if (!handshake->client_hello) {
        say(facts, "the ClientHello was not captured: secrets are found by its random");
    } else if (handshake->version == 0) {
        say(facts, "the ServerHello was not captured: without it no keys can be made");
    } else if (version_is_tls13(handshake->version)) {
        say_tls13(trace, facts, handshake);
    } else {
        say_tls12(facts, handshake);
    }
}
