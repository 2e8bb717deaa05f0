#include "fact.h"

static void known_text(char *out, size_t size, enum trace_known known)
{
    static const char *const words[] = {
        [TRACE_UNKNOWN] = "", [TRACE_NO] = "no", [TRACE_YES] = "yes"};
    (void)snprintf(out, size, "%s", words[known]);
}

static void registry_text(char *out, size_t size, enum wire_registry registry, uint16_t id)
{
    if (id != 0) {
        wire_registry_text(out, size, registry, id);
    }
}

static void version(char *out, size_t size, const struct trace_facts *facts)
{
    registry_text(out, size, WIRE_REGISTRY_VERSION, facts->version);
}

static void cipher_suite(char *out, size_t size, const struct trace_facts *facts)
{
    char name[80];

    if (facts->cipher_suite_known) {
        wire_registry_text(name, sizeof name, WIRE_REGISTRY_CIPHER_SUITE, facts->cipher_suite);
        (void)snprintf(out, size, "%s (0x%04x)", name, facts->cipher_suite);
    }
}

static void key_exchange(char *out, size_t size, const struct trace_facts *facts)
{
    (void)snprintf(out, size, "%s", facts->key_exchange);
}

static void group(char *out, size_t size, const struct trace_facts *facts)
{
    registry_text(out, size, WIRE_REGISTRY_GROUP, facts->group);
}

static void signature(char *out, size_t size, const struct trace_facts *facts)
{
    registry_text(out, size, WIRE_REGISTRY_SIGNATURE_SCHEME, facts->signature_scheme);
}

static void alpn(char *out, size_t size, const struct trace_facts *facts)
{
    (void)snprintf(out, size, "%s", facts->alpn_chosen == TRACE_NO ? "none chosen" : facts->alpn);
}

static void resumed(char *out, size_t size, const struct trace_facts *facts)
{
    known_text(out, size, facts->resumed);
}

static void early_data(char *out, size_t size, const struct trace_facts *facts)
{
    known_text(out, size, facts->early_data);
}

static void hello_retry(char *out, size_t size, const struct trace_facts *facts)
{
    known_text(out, size, facts->hello_retry);
}

static void extended_master_secret(char *out, size_t size, const struct trace_facts *facts)
{
    known_text(out, size, facts->extended_master_secret);
}

static void encrypt_then_mac(char *out, size_t size, const struct trace_facts *facts)
{
    known_text(out, size, facts->encrypt_then_mac);
}

static void secure_renegotiation(char *out, size_t size, const struct trace_facts *facts)
{
    known_text(out, size, facts->secure_renegotiation);
}

static void ocsp_stapled(char *out, size_t size, const struct trace_facts *facts)
{
    known_text(out, size, facts->ocsp_stapled);
}

static void starttls(char *out, size_t size, const struct trace_facts *facts)
{
    (void)snprintf(out, size, "%s", facts->starttls);
}

static void ja3(char *out, size_t size, const struct trace_facts *facts)
{
    (void)snprintf(out, size, "%s", facts->ja3);
}

static void ja3s(char *out, size_t size, const struct trace_facts *facts)
{
    (void)snprintf(out, size, "%s", facts->ja3s);
}

static void ja4(char *out, size_t size, const struct trace_facts *facts)
{
    (void)snprintf(out, size, "%s", facts->ja4);
}

static const struct fact_row table[] = {
    {"version", version},
    {"cipher suite", cipher_suite},
    {"key exchange", key_exchange},
    {"group", group},
    {"signature", signature},
    {"ALPN", alpn},
    {"resumed", resumed},
    {"early data", early_data},
    {"hello retry", hello_retry},
    {"ext. master secret", extended_master_secret},
    {"encrypt-then-mac", encrypt_then_mac},
    {"secure renegotiation", secure_renegotiation},
    {"OCSP stapled", ocsp_stapled},
    {"STARTTLS", starttls},
    {"JA3", ja3},
    {"JA3S", ja3s},
    {"JA4", ja4},
};

const struct fact_row *fact_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}
