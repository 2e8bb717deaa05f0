/* What a client can, by its ClientHello (RFC 8446 4.1.2), and what was agreed with it, in words. */
#include <stdlib.h>
#include <string.h>

#include "tlstep/report.h"

#define HELLO "handshake.client_hello"

/* ---- rows --------------------------------------------------------------------------------- */

/* Takes the text. */
static int add_row(struct report_abilities *out, const char *label, struct buffer *text)
{
    char *taken = text->length > 0 ? buffer_take_string(text) : NULL;
    bool failed = text->failed || (taken == NULL && text->length > 0);

    buffer_free(text);
    if (failed) {
        free(taken);
        return -1;
    }
    if (taken != NULL && out->count < sizeof out->rows / sizeof *out->rows) {
        out->rows[out->count++] = (struct report_ability){label, taken};
    } else {
        free(taken);
    }
    return 0;
}

void report_abilities_free(struct report_abilities *abilities)
{
    for (size_t i = 0; i < abilities->count; i++) {
        free(abilities->rows[i].text);
    }
    *abilities = (struct report_abilities){0};
}

/* ---- lists of names ------------------------------------------------------------------------- */

static const struct list {
    const char *label;
    const char *path;
    const char *otherwise; /* where that is not there; NULL */
} lists[] = {
    {"can speak", "extension.supported_versions.version", HELLO ".legacy_version"},
    {"cipher suites", HELLO ".cipher_suites.cipher_suite", NULL},
    {"groups", "extension.supported_groups.named_group", NULL},
    {"key shares", "extension.key_share.entry.group", NULL},
    {"signatures", "extension.signature_algorithms.signature_scheme", NULL},
    {"protocols (ALPN)", "extension.alpn.protocol", NULL},
};

static bool is_grease(const struct wire_tree *tree, size_t index)
{
    uint64_t number;

    return tree->fields[index].length == 2 && wire_field_number(tree, index, &number) &&
           wire_is_grease((uint32_t)number);
}

/* Values that say how to go on, not what can be negotiated (RFC 5746 3.3, RFC 7507). */
static bool is_signal(const struct wire_tree *tree, size_t index)
{
    uint64_t number;

    return strcmp(tree->fields[index].type->path, lists[1].path) == 0 &&
           wire_field_number(tree, index, &number) && (number == 0x00ff || number == 0x5600);
}

static void append_value(struct buffer *out, const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    const char *name = NULL;
    uint64_t number;
    char value[120];

    if (field->type->kind == WIRE_FIELD_TEXT) {
        text_safe_append(out, tree->data + field->offset, field->length);
        return;
    }
    if (field->type->kind == WIRE_FIELD_NAMED && wire_field_number(tree, index, &number)) {
        name = wire_registry_name(field->type->registry, (uint32_t)number);
    }
    buffer_text(out, name != NULL ? name : wire_field_value(value, sizeof value, tree, index));
}

static int add_list(struct report_abilities *out, const struct list *list,
                    const struct wire_tree *tree, size_t names)
{
    const char *path = list->path;
    struct buffer text = {0};
    size_t count = 0;

    if (wire_tree_find(tree, path, 0) < 0 && list->otherwise != NULL) {
        path = list->otherwise;
    }
    for (long i = wire_tree_find(tree, path, 0); i >= 0;
         i = wire_tree_find(tree, path, (size_t)i + 1)) {
        if (is_grease(tree, (size_t)i) || is_signal(tree, (size_t)i)) {
            continue;
        }
        if (names == 0 || count < names) {
            buffer_text(&text, count > 0 ? ", " : "");
            append_value(&text, tree, (size_t)i);
        }
        count++;
    }
    if (names > 0 && count > names) {
        buffer_printf(&text, " and %zu more", count - names);
    }
    return add_row(out, list->label, &text);
}

/* ---- abilities that an extension tells -------------------------------------------------------- */

static const struct {
    const char *path;
    const char *words;
} extensions[] = {
    {"extension.session_ticket", "session tickets"},
    {"extension.psk_key_exchange_modes", "resumption in TLS 1.3"},
    {"extension.pre_shared_key", "resumes a session now"},
    {"extension.early_data", "early data"},
    {"extension.status_request", "a stapled OCSP response"},
    {"extension.signed_certificate_timestamp", "certificate transparency"},
    {"extension.post_handshake_auth", "a certificate after the handshake"},
    {"extension.compress_certificate", "compressed certificates"},
    {"extension.extended_master_secret", "extended master secret"},
    {"extension.encrypt_then_mac", "encrypt-then-MAC"},
    {"extension.renegotiation_info", "safe renegotiation"},
    {"extension.record_size_limit", "a limit of record sizes"},
    {"extension.encrypted_client_hello", "encrypted ClientHello"},
};

static int add_extensions(struct report_abilities *out, const struct wire_tree *tree)
{
    struct buffer text = {0};

    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        if (wire_tree_find(tree, extensions[i].path, 0) >= 0) {
            buffer_printf(&text, "%s%s", text.length > 0 ? ", " : "", extensions[i].words);
        }
    }
    return add_row(out, "also knows", &text);
}

static int add_text(struct report_abilities *out, const char *label, const char *value)
{
    struct buffer text = {0};

    buffer_text(&text, value);
    return add_row(out, label, &text);
}

/* ---- what was agreed ---------------------------------------------------------------------------- */

static int add_agreed(struct report_abilities *out, const struct trace_facts *facts)
{
    struct buffer text = {0};
    char name[80];

    if (facts->version == 0) {
        return 0;
    }
    buffer_text(&text,
                wire_registry_text(name, sizeof name, WIRE_REGISTRY_VERSION, facts->version));
    if (facts->cipher_suite_known) {
        buffer_printf(
            &text, ", %s",
            wire_registry_text(name, sizeof name, WIRE_REGISTRY_CIPHER_SUITE, facts->cipher_suite));
    }
    if (facts->group != 0) {
        buffer_printf(&text, ", %s",
                      wire_registry_text(name, sizeof name, WIRE_REGISTRY_GROUP, facts->group));
    }
    if (facts->signature_scheme != 0) {
        buffer_printf(&text, ", %s",
                      wire_registry_text(name, sizeof name, WIRE_REGISTRY_SIGNATURE_SCHEME,
                                         facts->signature_scheme));
    }
    if (facts->alpn[0] != '\0') {
        buffer_printf(&text, ", %s", facts->alpn);
    }
    buffer_text(&text, facts->resumed == TRACE_YES ? ", resumed" : "");
    return add_row(out, "agreed on", &text);
}

static int add_certificate(struct report_abilities *out, const struct trace_facts *facts)
{
    struct buffer text = {0};
    char label[200];

    if (facts->client_certificate_count > 0) {
        buffer_text(&text,
                    pki_certificate_label(label, sizeof label, facts->client_certificates[0]));
    }
    return add_row(out, "its certificate", &text);
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static const struct trace_row *find_hello(const struct trace *trace, size_t cursor)
{
    size_t count = trace_row_count_at(trace, cursor);

    for (size_t i = 0; i < count; i++) {
        const struct trace_row *row = trace_row_at(trace, i);

        if (row->layer == TRACE_LAYER_TLS && row->from == WIRE_CLIENT &&
            row->content_type == WIRE_HANDSHAKE && row->handshake_type == WIRE_CLIENT_HELLO) {
            return row;
        }
    }
    return NULL;
}

static int add_all(struct report_abilities *out, const struct wire_tree *tree,
                   const struct trace_facts *facts, size_t names)
{
    if (add_text(out, "asks for", facts->sni) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (add_list(out, &lists[i], tree, names) != 0) {
            return -1;
        }
    }
    return add_extensions(out, tree) != 0 || add_text(out, "JA3", facts->ja3) != 0 ||
                   add_text(out, "JA4", facts->ja4) != 0 || add_agreed(out, facts) != 0
               ? -1
               : add_certificate(out, facts);
}

int report_abilities(struct trace *trace, size_t cursor, size_t names, struct report_abilities *out)
{
    const struct trace_row *hello = find_hello(trace, cursor);
    const struct trace_facts *facts;
    struct wire_tree tree = {0};
    int status;

    *out = (struct report_abilities){0};
    if (hello == NULL) {
        return 0;
    }
    facts = trace_facts(trace, cursor);
    status = facts != NULL ? trace_row_dissect(trace, hello, &tree, NULL) : -1;
    if (status == 0) {
        status = add_all(out, &tree, facts, names);
    }
    wire_tree_free(&tree);
    return status;
}
