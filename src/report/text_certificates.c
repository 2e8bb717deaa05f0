/* Certificates as text: each with what stands in it. */
#include <stdarg.h>
#include <string.h>

#include "text.h"

/* ---- rows ------------------------------------------------------------------------------------ */

static void write_label(const struct pen *pen, const char *label)
{
    buffer_printf(pen->out, "       %-*s", TEXT_LABEL_COLUMNS, label);
}

void text_row(const struct pen *pen, const char *label, const char *format, ...)
{
    char text[1200];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut where it is too long */
    va_end(arguments);
    write_label(pen, label);
    buffer_printf(pen->out, "%s\n", text);
}

void text_outside(const struct pen *pen, const char *value)
{
    char text[TEXT_VALUE_MAX];

    if (pen->style & REPORT_ALL) {
        text_safe_append(pen->out, value, strlen(value));
    } else {
        buffer_text(pen->out, text_safe(text, sizeof text, value, strlen(value)));
    }
}

void text_row_outside(const struct pen *pen, const char *label, const char *value)
{
    write_label(pen, label);
    text_outside(pen, value);
    buffer_text(pen->out, "\n");
}

/* ---- one certificate --------------------------------------------------------------------------- */

static void write_names(const struct pen *pen, const struct pki_certificate *certificate)
{
    size_t count = certificate->san_count;
    size_t shown = count > TEXT_NAMES_MAX && !(pen->style & REPORT_ALL) ? TEXT_NAMES_MAX : count;
    char rest[32];

    if (count == 0) {
        return;
    }
    write_label(pen, "names");
    for (size_t i = 0; i < shown; i++) {
        buffer_text(pen->out, i > 0 ? ", " : "");
        text_outside(pen, certificate->san[i]);
    }
    if (shown < count) {
        buffer_printf(pen->out, " and %s more", text_grouped(rest, sizeof rest, count - shown));
    }
    buffer_text(pen->out, "\n");
}

static void write_dates(const struct pen *pen, const struct pki_certificate *certificate,
                        int64_t at)
{
    char from[40];
    char until[40];
    char left[60];
    bool begun = certificate->not_before <= at;
    const char *word = !begun ? "begins " : certificate->not_after >= at ? "ends " : "ended ";

    text_row(pen, "valid", "%s%s: %s to %s", word,
             report_distance(left, sizeof left,
                             begun ? certificate->not_after : certificate->not_before, at),
             time_rfc3339(from, sizeof from, certificate->not_before),
             time_rfc3339(until, sizeof until, certificate->not_after));
}

static void write_contents(const struct pen *pen, const struct pki_certificate *certificate,
                           int64_t at, enum text_detail detail)
{
    char hash[80];
    const char *curve = certificate->key_curve != NULL ? certificate->key_curve : "";

    if (certificate->malformed) {
        text_row_outside(pen, "problem", certificate->problem);
    } else {
        if (detail == TEXT_FULL) {
            text_row_outside(pen, "subject", certificate->subject);
        }
        text_row_outside(pen, "issuer", certificate->issuer);
        write_dates(pen, certificate, at);
        write_names(pen, certificate);
        text_row(pen, "key", "%s %u bits%s%s", certificate->key_type, certificate->key_bits,
                 curve[0] != '\0' ? " " : "", curve);
        text_row_outside(pen, "signed with", certificate->signature_algorithm);
        if (detail == TEXT_FULL) {
            text_row_outside(pen, "serial", certificate->serial);
        }
    }
    text_row(pen, "SHA-256", "%s", text_hex(hash, sizeof hash, certificate->sha256, 32));
}

/* "  ✔ 0  example.org · leaf, sent 1st" */
static void write_head(const struct pen *pen, enum mark mark, size_t index, const char *name,
                       const char *place)
{
    buffer_text(pen->out, "\n  ");
    pen_mark(pen, mark);
    buffer_printf(pen->out, " %zu  ", index);
    pen_paint(pen, "1", name);
    buffer_printf(pen->out, " · %s\n", place);
}

/* ---- all of a tree ------------------------------------------------------------------------------- */

static int write_node(const struct pen *pen, const struct report_chain *chain,
                      const struct report_tree_node *node, int64_t at, enum text_detail detail)
{
    if (node->certificate == NULL) {
        return 0;
    }
    write_head(pen, text_mark(node->mark), node->index, node->name, node->place);
    write_contents(pen, node->certificate, at, detail);
    return detail == TEXT_FULL ? text_details(pen, chain, node->index, node->certificate) : 0;
}

/* Of another path only what is not in the chosen one is worth its lines. */
static bool is_told(const struct report_tree_node *node,
                    const struct pki_verification *verification)
{
    return node->alternative == 0 || part_place_in_path(verification, node->index) < 0;
}

int text_members(const struct pen *pen, const struct report_chain *chain,
                 const struct report_tree *tree, int64_t at, enum text_detail detail)
{
    size_t count = report_tree_count(tree);
    size_t leaf = report_tree_leaf(tree);

    for (size_t i = leaf < count ? leaf + 1 : 0; i > 0; i--) {
        if (write_node(pen, chain, report_tree_at(tree, i - 1), at, detail) != 0) {
            return -1;
        }
    }
    for (size_t i = leaf + 1; i < count; i++) {
        const struct report_tree_node *node = report_tree_at(tree, i);
        bool folded = node->alternative > 0 && !(pen->style & REPORT_ALL);
        bool asked = detail == TEXT_BRIEF || (pen->style & REPORT_ALL);
        if (!folded && asked && is_told(node, chain->verification) &&
            write_node(pen, chain, node, at, detail) != 0) {
            return -1;
        }
    }
    return pen->out->failed ? -1 : 0;
}

/* ---- of a session -------------------------------------------------------------------------------- */

/* Those that the verdict is not about. */
static void write_unjudged(const struct pen *pen, const struct trace_facts *facts, int64_t at)
{
    bool client = facts->judged != WIRE_CLIENT;
    const struct pki_certificate *const *certificates =
        client ? facts->client_certificates : facts->certificates;
    size_t count = client ? facts->client_certificate_count : facts->certificate_count;
    char label[200];
    char place[60];

    for (size_t i = 0; i < count; i++) {
        const struct pki_certificate *certificate = certificates[i];
        (void)snprintf(place, sizeof place, "%s, sent by the %s", part_client_role(i, certificate),
                       client ? "client" : "server");
        write_head(pen, MARK_PENDING, i, pki_certificate_label(label, sizeof label, certificate),
                   place);
        write_contents(pen, certificate, at, TEXT_BRIEF);
    }
}

int text_certificates(const struct pen *pen, const struct trace_facts *facts, int64_t at)
{
    const struct report_chain chain = part_chain_of(facts);

    if (facts->certificate_count + facts->client_certificate_count == 0) {
        return 0;
    }
    struct report_tree *tree = report_tree_new(&chain);
    if (tree == NULL) {
        return -1;
    }
    pen_heading(pen, "Certificates");
    int status = text_tree(pen, tree, chain.verification);
    if (status == 0) {
        status = text_members(pen, &chain, tree, at, TEXT_BRIEF);
    }
    write_unjudged(pen, facts, at);
    report_tree_free(tree);
    return status;
}
