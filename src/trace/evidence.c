/* What a server sent beside its certificates to prove them: OCSP responses and SCTs. */
#include <stdlib.h>

#include "row.h"

#define CERTIFICATE      "handshake.certificate.certificate"
#define STAPLE_TLS13     "extension.status_request.response"
#define STAPLE_TLS12     "handshake.certificate_status.response"
#define SCTS             "extension.signed_certificate_timestamp"
#define EXTENSION_HEADER 4 /* type and length */

void trace_evidence_clear(struct trace_evidence *evidence)
{
    free(evidence->staples);
    *evidence = (struct trace_evidence){0};
}

void trace_evidence_give(const struct trace_evidence *evidence, struct pki_request *request)
{
    request->staples = evidence->staples;
    request->staple_count = evidence->staple_count;
    request->staple_expected = evidence->staple_asked;
    request->scts = evidence->scts;
}

static struct pki_slice field_bytes(const struct wire_tree *tree, long index)
{
    const struct wire_field *field = &tree->fields[index];

    return (struct pki_slice){tree->data + field->offset, field->length};
}

static bool add_staple(struct trace_evidence *evidence, size_t certificate,
                       struct pki_slice response)
{
    struct pki_staple *grown;

    if (response.length == 0) {
        return true; /* RFC 6961 2.2: none for this one */
    }
    grown = array_grow(evidence->staples, &evidence->capacity, evidence->staple_count + 1,
                       sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    evidence->staples = grown;
    grown[evidence->staple_count++] = (struct pki_staple){certificate, response};
    return true;
}

/* TLS 1.3: each entry of Certificate has extensions of its own (RFC 8446 4.4.2.1). */
static bool read_entries(struct trace_evidence *evidence, const struct wire_tree *tree)
{
    long entry = wire_tree_find(tree, CERTIFICATE, 0);

    for (size_t number = 0; entry >= 0; number++) {
        long next = wire_tree_find(tree, CERTIFICATE, (size_t)entry + 1);
        long staple = wire_tree_find(tree, STAPLE_TLS13, (size_t)entry);

        if (staple >= 0 && (next < 0 || staple < next) &&
            !add_staple(evidence, number, field_bytes(tree, staple))) {
            return false;
        }
        entry = next;
    }
    return true;
}

/* TLS 1.2: one for the leaf, or one for each (RFC 6066 8, RFC 6961 2.2). */
static bool read_status(struct trace_evidence *evidence, const struct wire_tree *tree)
{
    long response = wire_tree_find(tree, STAPLE_TLS12, 0);

    for (size_t number = 0; response >= 0; number++) {
        if (!add_staple(evidence, number, field_bytes(tree, response))) {
            return false;
        }
        response = wire_tree_find(tree, STAPLE_TLS12, (size_t)response + 1);
    }
    return true;
}

/* The first list is the leaf's. */
static void read_scts(struct trace_evidence *evidence, const struct wire_tree *tree)
{
    long scts = wire_tree_find(tree, SCTS, 0);

    if (scts >= 0 && evidence->scts.length == 0 && tree->fields[scts].length > EXTENSION_HEADER) {
        evidence->scts = field_bytes(tree, scts);
        evidence->scts.data += EXTENSION_HEADER;
        evidence->scts.length -= EXTENSION_HEADER;
    }
}

static bool read_server(struct trace_evidence *evidence, const struct trace_row *row,
                        const struct wire_tree *tree)
{
    switch (row->handshake_type) {
    case WIRE_SERVER_HELLO:
        read_scts(evidence, tree);
        return true;
    case WIRE_CERTIFICATE:
    case WIRE_COMPRESSED_CERTIFICATE:
        evidence->staple_count = 0; /* a renegotiation's take the place of those before */
        read_scts(evidence, tree);
        return read_entries(evidence, tree);
    case WIRE_CERTIFICATE_STATUS:
        return read_status(evidence, tree);
    default:
        return true;
    }
}

static bool is_of_use(const struct trace_row *row)
{
    switch (row->handshake_type) {
    case WIRE_CLIENT_HELLO:
        return row->from == WIRE_CLIENT;
    case WIRE_SERVER_HELLO:
    case WIRE_CERTIFICATE:
    case WIRE_COMPRESSED_CERTIFICATE:
    case WIRE_CERTIFICATE_STATUS:
        return row->from == WIRE_SERVER;
    default:
        return false;
    }
}

static bool read_row(struct trace_evidence *evidence, const struct row *row)
{
    const struct wire_context context = row_context(row, true);
    const uint8_t *data = row->decompressed != NULL ? row->decompressed : row->content;
    size_t length = row->decompressed != NULL ? row->decompressed_length : row->content_length;
    struct wire_tree tree = {0};
    bool ok = true;

    if (data == NULL) {
        return true;
    }
    ok = wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, data, length) == 0;
    if (ok && row->public.from == WIRE_CLIENT) {
        evidence->staple_asked = wire_tree_find(&tree, "extension.status_request", 0) >= 0;
    } else if (ok) {
        ok = read_server(evidence, &row->public, &tree);
    }
    wire_tree_free(&tree);
    return ok;
}

int trace_evidence(struct trace *trace, size_t cursor, struct trace_evidence *out)
{
    size_t count = trace_row_count_at(trace, cursor);

    *out = (struct trace_evidence){0};
    for (size_t i = 0; i < count; i++) {
        const struct row *row = row_at(trace, i);

        if (row->public.content_type == WIRE_HANDSHAKE && is_of_use(&row->public) &&
            !read_row(out, row)) {
            trace_evidence_clear(out);
            return -1;
        }
    }
    return 0;
}
