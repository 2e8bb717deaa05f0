/* Facts of the messages that carry a key or a signature, and of certificates. */
#include "certificates.h"
#include "facts.h"
#include "hello.h"
#include "row.h"

static uint16_t number(const struct wire_tree *tree, const char *path)
{
    uint64_t value = 0;
    return wire_tree_number(tree, path, &value) ? (uint16_t)value : 0;
}

int facts_server_key_exchange(struct facts *facts, const struct row *row)
{
    struct wire_tree tree = {0};
    int result = facts_dissect(&tree, row);

    if (result == 0) {
        facts->public.group = number(&tree, "handshake.server_key_exchange.named_group");
        facts->public.signature_scheme =
            number(&tree, "handshake.server_key_exchange.signature_algorithm");
    }
    wire_tree_free(&tree);
    return result;
}

int facts_certificate_verify(struct facts *facts, const struct row *row)
{
    struct wire_tree tree = {0};
    int result = facts_dissect(&tree, row);

    if (result == 0) {
        facts->public.signature_scheme = number(&tree, "handshake.certificate_verify.algorithm");
    }
    wire_tree_free(&tree);
    return result;
}

/* What a renegotiation, or another authentication after the handshake, takes the place of. */
static int keep_earlier(struct facts *facts, const struct trace_chain *chain)
{
    struct trace_facts *public = &facts->public;

    if (chain->count == 0) {
        return 0;
    }
    struct trace_chain *earlier = array_grow(facts->earlier, &facts->earlier_capacity,
                                             public->earlier_count + 1, sizeof *earlier);
    if (earlier == NULL) {
        return -1;
    }
    earlier[public->earlier_count++] = *chain;
    facts->earlier = earlier;
    public->earlier = earlier;
    return 0;
}

int facts_certificate(struct facts *facts, struct row *row)
{
    struct trace_facts *public = &facts->public;
    bool client = row->public.from == WIRE_CLIENT;
    const struct trace_chain before = {
        .from = row->public.from,
        .certificates = client ? public->client_certificates : public->certificates,
        .count = client ? public->client_certificate_count : public->certificate_count,
    };

    if (facts->outline) {
        return 0;
    }
    const struct certificate_list *list = certificate_list_of(row);
    if (list == NULL || keep_earlier(facts, &before) != 0) {
        return -1;
    }
    const struct pki_certificate *const *certificates =
        (const struct pki_certificate *const *)list->certificates;
    if (client) {
        public->client_certificates = certificates;
        public->client_certificate_count = list->count;
        return 0;
    }
    public->certificates = certificates;
    public->certificate_count = list->count;
    if (version_is_tls13(public->version)) {
        public->ocsp_stapled = list->ocsp_stapled ? TRACE_YES : TRACE_NO;
    }
    return 0;
}
