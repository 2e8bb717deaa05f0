/* Facts of the hellos and EncryptedExtensions: what both sides agreed on. */
#include "facts.h"

#include <string.h>

#include "hello.h"
#include "row.h"

static enum trace_known known(bool yes)
{
    return yes ? TRACE_YES : TRACE_NO;
}

static int client_hello(struct facts *facts, const struct row *row, const struct hello *hello,
                        const struct wire_tree *tree)
{
    memcpy(facts->session_id, hello->session_id, hello->session_id_length);
    facts->session_id_length = hello->session_id_length;
    /* Name and fingerprints are those of the first; SSL 2's form has neither. */
    if (facts->client_hello_seen || row->public.content_type == WIRE_SSL2_HELLO) {
        return 0;
    }
    facts->client_hello_seen = true;
    (void)facts_text(facts->public.sni, sizeof facts->public.sni, tree,
                     "extension.server_name.host_name"); /* without one it stays empty */
    return facts->outline ? 0 : fingerprint_client(&facts->public, tree);
}

/* RFC 7301 3.1: the server's list has exactly one name. */
static void alpn(struct facts *facts, const struct wire_tree *tree)
{
    bool chosen =
        facts_text(facts->public.alpn, sizeof facts->public.alpn, tree, "extension.alpn.protocol");
    facts->public.alpn_chosen = known(chosen);
}

/* RFC 5246 7.4.1.3: the client's session id in the ServerHello means resumption. */
static bool echoes_session(const struct facts *facts, const struct hello *hello)
{
    return hello->session_id_length > 0 && hello->session_id_length == facts->session_id_length &&
           memcmp(hello->session_id, facts->session_id, hello->session_id_length) == 0;
}

static void server_hello12(struct facts *facts, const struct hello *hello,
                           const struct wire_tree *tree)
{
    struct trace_facts *public = &facts->public;
    struct wire_cipher_suite suite = {0};

    public->extended_master_secret = known(hello->extended_master_secret);
    public->encrypt_then_mac = known(hello->encrypt_then_mac);
    public->secure_renegotiation = known(hello->secure_renegotiation);
    public->early_data = TRACE_NO;
    public->resumed = echoes_session(facts, hello) ? TRACE_YES : TRACE_UNKNOWN;
    if (wire_cipher_suite_parts(hello->cipher_suite, &suite) == 0 && suite.key_exchange != NULL) {
        (void)snprintf(public->key_exchange, sizeof public->key_exchange, "%s",
                       suite.key_exchange); /* names are shorter */
    }
    alpn(facts, tree);
}

/* What the key exchange of TLS 1.3 is called, by the group (RFC 8446 4.2.7, RFC 7919,
 * draft-ietf-tls-ecdhe-mlkem). */
static const char *exchange_of_group(uint16_t group)
{
    const char *name = wire_registry_name(WIRE_REGISTRY_GROUP, group);

    if (name != NULL && (strstr(name, "MLKEM") != NULL || strstr(name, "Kyber") != NULL)) {
        return strncmp(name, "MLKEM", 5) == 0 ? "ML-KEM" : "hybrid";
    }
    return group >= 0x0100 && group <= 0x01ff ? "DHE" : "ECDHE";
}

static void server_hello13(struct facts *facts, const struct hello *hello)
{
    struct trace_facts *public = &facts->public;
    const char *exchange = hello->group != 0 ? exchange_of_group(hello->group) : "PSK";

    public->resumed = known(hello->pre_shared_key);
    public->group = hello->group;
    (void)snprintf(public->key_exchange, sizeof public->key_exchange, "%s",
                   exchange); /* names are shorter */
}

static int server_hello(struct facts *facts, const struct hello *hello,
                        const struct wire_tree *tree)
{
    struct trace_facts *public = &facts->public;
    public->version = hello->version;
    public->cipher_suite = hello->cipher_suite;
    public->cipher_suite_known = true;
    /* JA3S is of what answers the first ClientHello: a HelloRetryRequest is a ServerHello, too (RFC 8446 4.1.3). */
    if (public->ja3s[0] == '\0' && !facts->outline && fingerprint_server(public, tree) != 0) {
        return -1;
    }
    if (hello->type == WIRE_HELLO_RETRY_REQUEST) {
        public->hello_retry = TRACE_YES;
        return 0;
    }
    if (public->hello_retry == TRACE_UNKNOWN) {
        public->hello_retry = TRACE_NO;
    }
    if (version_is_tls13(hello->version)) {
        server_hello13(facts, hello);
    } else {
        server_hello12(facts, hello, tree);
    }
    return 0;
}

int facts_hello(struct facts *facts, const struct row *row)
{
    struct wire_tree own = {0};
    const struct wire_tree *tree = row->hello != NULL ? row->hello : &own;
    struct hello hello;
    int result = row->public.content_type == WIRE_SSL2_HELLO
                     ? hello_read_ssl2(&hello, row->content, row->content_length)
                 : row->hello != NULL ? hello_read_tree(&hello, tree)
                                      : hello_read(&hello, &own, row->content, row->content_length);

    if (result != 1) {
        wire_tree_free(&own);
        return result; /* out of memory, or not to be used */
    }
    result = tree->count > 0 ? 0 : facts_dissect(&own, row);
    if (result == 0) {
        result = hello.type == WIRE_CLIENT_HELLO ? client_hello(facts, row, &hello, tree)
                                                 : server_hello(facts, &hello, tree);
    }
    wire_tree_free(&own);
    return result;
}

int facts_encrypted_extensions(struct facts *facts, const struct row *row)
{
    struct wire_tree tree = {0};
    int result = facts_dissect(&tree, row);

    if (result == 0) {
        alpn(facts, &tree);
        facts->public.early_data = known(wire_tree_find(&tree, "extension.early_data", 0) >= 0);
    }
    wire_tree_free(&tree);
    return result;
}
