/* Why a chain is refused, and what is odd about it. */
#include <string.h>

#include "certificates.h"

static void add_words(struct ui_page *page, unsigned style, const char *text)
{
    int indent = ui_mark_columns(page->ascii);

    if (text != NULL && text[0] != '\0') {
        ui_page_line(page);
        ui_page_column(page, indent);
        ui_page_wrap(page, style, indent, text);
    }
}

/* "found     512 bits", under the sentence. */
static void add_labelled(struct ui_page *page, const char *label, const char *value)
{
    int indent = ui_mark_columns(page->ascii);

    if (value != NULL && value[0] != '\0') {
        ui_page_line(page);
        ui_page_column(page, indent);
        ui_page_add(page, UI_DIM, "%s", label);
        ui_page_column(page, indent + 10);
        ui_page_wrap(page, UI_TEXT, indent + 10, value);
    }
}

/* A value that the sentence has named already is not repeated. */
static void add_unless_told(struct ui_page *page, const char *label, const char *value,
                            const char *text)
{
    if (value != NULL && (text == NULL || strstr(text, value) == NULL)) {
        add_labelled(page, label, value);
    }
}

static const char *name_of(const struct report_tree *tree, long certificate)
{
    size_t count = tree != NULL ? report_tree_count(tree) : 0;

    for (size_t i = 0; i < count; i++) {
        const struct report_tree_node *node = report_tree_at(tree, i);
        if (certificate >= 0 && node->index == (size_t)certificate) {
            return node->name;
        }
    }
    return NULL;
}

char *ui_reason_words(char *out, size_t size, enum pki_reason_code code)
{
    (void)snprintf(out, size, "%s", pki_reason_name(code));
    for (char *at = out; *at != '\0'; at++) {
        if (*at == '_') {
            *at = ' ';
        }
    }
    return out;
}

static void add_reason(struct ui_page *page, const struct pki_reason *reason,
                       const struct report_tree *tree)
{
    const char *name = name_of(tree, reason->certificate);
    char words[60];

    ui_page_line(page);
    ui_mark_add(page, UI_MARK_BAD);
    ui_page_add(page, UI_BAD, "%s", ui_reason_words(words, sizeof words, reason->code));
    if (name != NULL) {
        ui_page_add(page, UI_DIM, "  ");
        ui_page_wrap(page, UI_DIM, ui_mark_columns(page->ascii), name);
    }
    add_words(page, UI_TEXT, reason->text);
    add_labelled(page, "field", reason->field);
    add_unless_told(page, "found", reason->found, reason->text);
    add_unless_told(page, "required", reason->required, reason->text);
    add_labelled(page, "rule", pki_reason_rule(reason));
    add_labelled(page, "here", reason->here);
    if (reason->mend != NULL && reason->mend[0] != '\0') {
        int indent = ui_mark_columns(page->ascii);
        ui_page_line(page);
        ui_page_column(page, indent);
        ui_page_add(page, UI_KEY, "Mend it: ");
        ui_page_wrap(page, UI_TEXT, indent, reason->mend);
    }
}

void ui_reasons_add(struct ui_page *page, const struct pki_verification *verification,
                    const struct report_tree *tree)
{
    for (size_t i = 0; i < verification->reason_count; i++) {
        add_reason(page, &verification->reasons[i], tree);
    }
}

/* ---- what is odd ------------------------------------------------------------------------------ */

static void add_warning(struct ui_page *page, const char *title, const char *text)
{
    ui_page_line(page);
    ui_mark_add(page, UI_MARK_WARNING);
    ui_page_add(page, UI_WARNING, "%s", title);
    add_words(page, UI_TEXT, text);
}

/* A server that sends a thousand for nothing is told so in a few lines. */
#define UNUSED_MAX 8

static void add_unused(struct ui_page *page, const struct pki_verification *verification,
                       const struct report_tree *tree)
{
    size_t unused = 0;
    char text[600];

    for (size_t i = 0; tree != NULL && i < report_tree_count(tree); i++) {
        const struct report_tree_node *node = report_tree_at(tree, i);
        const struct pki_member *member =
            verification->members != NULL && node->index < verification->certificate_count
                ? &verification->members[node->index]
                : NULL;
        bool duplicate = member != NULL && member->duplicate_of >= 0;
        if (node->kind != REPORT_TREE_UNUSED || ++unused > UNUSED_MAX) {
            continue;
        }
        (void)snprintf(text, sizeof text, "%s is %s.", node->name,
                       duplicate ? "the same as one before it" : "in no path to a trust anchor");
        add_warning(page, duplicate ? "sent twice" : "sent but unused", text);
    }
    if (unused > UNUSED_MAX) {
        (void)snprintf(text, sizeof text, "and %zu more that nobody needs.", unused - UNUSED_MAX);
        add_words(page, UI_TEXT, text);
    }
}

static void add_gnutls(struct ui_page *page, const struct pki_verification *verification)
{
    if (!verification->gnutls_performed) {
        return;
    }
    if (verification->difference != NULL) {
        add_warning(page, "GnuTLS judges otherwise", verification->difference);
        return;
    }
    ui_page_line(page);
    ui_page_column(page, ui_mark_columns(page->ascii));
    ui_page_add(page, UI_DIM, "GnuTLS says: ");
    ui_page_wrap(page, UI_DIM, ui_mark_columns(page->ascii),
                 verification->gnutls_text != NULL && verification->gnutls_text[0] != '\0'
                     ? verification->gnutls_text
                 : verification->gnutls_ok ? "accepted"
                                           : "refused");
}

void ui_warnings_add(struct ui_page *page, const struct pki_verification *verification,
                     const struct report_tree *tree)
{
    if (verification->misordered) {
        add_warning(page, "sent out of order",
                    "Each certificate should certify the one before it (RFC 5246 7.4.2; TLS 1.3 "
                    "clients must cope, others need not).");
    }
    add_unused(page, verification, tree);
    if (verification->gave_up != NULL) {
        add_warning(page, "the search for a path was given up", verification->gave_up);
    }
    add_gnutls(page, verification);
}
