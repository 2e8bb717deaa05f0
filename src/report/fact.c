#include "fact.h"

#include <string.h>

#define MEMBER(name) offsetof(struct trace_facts, name)

static void yes_or_no(char *out, size_t size, const struct trace_facts *facts, size_t member)
{
    static const char *const words[] = {
        [TRACE_UNKNOWN] = "", [TRACE_NO] = "no", [TRACE_YES] = "yes"};
    enum trace_known known;

    memcpy(&known, (const char *)facts + member, sizeof known);
    (void)snprintf(out, size, "%s", words[known]);
}

static void string(char *out, size_t size, const struct trace_facts *facts, size_t member)
{
    (void)snprintf(out, size, "%s", (const char *)facts + member);
}

static void registry_text(char *out, size_t size, enum wire_registry registry, uint16_t id)
{
    if (id != 0) {
        wire_registry_text(out, size, registry, id);
    }
}

static void version(char *out, size_t size, const struct trace_facts *facts, size_t member)
{
    (void)member;
    registry_text(out, size, WIRE_REGISTRY_VERSION, facts->version);
}

static void cipher_suite(char *out, size_t size, const struct trace_facts *facts, size_t member)
{
    (void)member;
    char name[80];

    if (facts->cipher_suite_known) {
        wire_registry_text(name, sizeof name, WIRE_REGISTRY_CIPHER_SUITE, facts->cipher_suite);
        (void)snprintf(out, size, "%s (0x%04x)", name, facts->cipher_suite);
    }
}

static void group(char *out, size_t size, const struct trace_facts *facts, size_t member)
{
    (void)member;
    registry_text(out, size, WIRE_REGISTRY_GROUP, facts->group);
}

static void signature(char *out, size_t size, const struct trace_facts *facts, size_t member)
{
    (void)member;
    registry_text(out, size, WIRE_REGISTRY_SIGNATURE_SCHEME, facts->signature_scheme);
}

static void alpn(char *out, size_t size, const struct trace_facts *facts, size_t member)
{
    (void)member;
    (void)snprintf(out, size, "%s", facts->alpn_chosen == TRACE_NO ? "none chosen" : facts->alpn);
}

static const struct fact_row table[] = {
    {"version", version, 0},
    {"cipher suite", cipher_suite, 0},
    {"key exchange", string, MEMBER(key_exchange)},
    {"group", group, 0},
    {"signature", signature, 0},
    {"ALPN", alpn, 0},
    {"resumed", yes_or_no, MEMBER(resumed)},
    {"early data", yes_or_no, MEMBER(early_data)},
    {"hello retry", yes_or_no, MEMBER(hello_retry)},
    {"ext. master secret", yes_or_no, MEMBER(extended_master_secret)},
    {"encrypt-then-mac", yes_or_no, MEMBER(encrypt_then_mac)},
    {"secure renegotiation", yes_or_no, MEMBER(secure_renegotiation)},
    {"OCSP stapled", yes_or_no, MEMBER(ocsp_stapled)},
    {"STARTTLS", string, MEMBER(starttls)},
    {"proxy", string, MEMBER(proxy)},
    {"JA3", string, MEMBER(ja3)},
    {"JA3S", string, MEMBER(ja3s)},
    {"JA4", string, MEMBER(ja4)},
};

const struct fact_row *fact_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

void fact_text(char *out, size_t size, const struct fact_row *row, const struct trace_facts *facts)
{
    row->text(out, size, facts, row->member);
}
