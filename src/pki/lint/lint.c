/* The tables of rules, applied to a certificate. */
#include <stdlib.h>

#include "lint.h"

/* A name may be 64 kB long; a note may not. */
#define QUOTE_MAX 80

/* Nothing else can be said of what cannot be read. */
static bool unreadable(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (!lint->readable) {
        buffer_text(found, lint->problem);
    }
    return !lint->readable;
}

static const struct lint_row malformed_rows[] = {
    {"certificate_malformed", RFC5280("4.1"), PKI_LINT_MUST, LINT_ANY, unreadable,
     .field = "certificate", .extension = X509_EXTENSION_COUNT,
     "it is DER of the structure in RFC 5280, each extension once"},
};
static const struct lint_table malformed = LINT_TABLE(malformed_rows);

static const struct lint_table *const tables[] = {
    &malformed,   &lint_fields,       &lint_names,    &lint_keys,      &lint_key_ids,
    &lint_usage,  &lint_constraints,  &lint_policies, &lint_alt_names, &lint_common_names,
    &lint_access, &lint_transparency, &lint_encoding,
};

#define TABLE_COUNT (sizeof tables / sizeof tables[0])

size_t lint_row_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < TABLE_COUNT; i++) {
        count += tables[i]->count;
    }
    return count;
}

const struct lint_row *lint_row_at(size_t index)
{
    size_t table = 0;

    while (index >= tables[table]->count) {
        index -= tables[table++]->count;
    }
    return &tables[table]->rows[index];
}

const char *lint_row_field(const struct lint_row *row)
{
    return row->field != NULL ? row->field : x509_extension_name(row->extension);
}

void lint_read(struct lint *lint, struct pki_slice certificate, enum pki_place place,
               struct pki_slice issuer, int64_t at, bool server)
{
    *lint = (struct lint){.place = place, .at = at, .server = server};
    lint->readable = x509_read(&lint->x, certificate.data, certificate.length, lint->problem,
                               sizeof lint->problem);
    if (!lint->readable) {
        return;
    }
    lint->self_issued = x509_is_self_issued(&lint->x);
    lint->has_issuer =
        issuer.length > 0 && x509_read(&lint->issuer, issuer.data, issuer.length, NULL, 0);
    key_facts_read(&lint->x, &lint->key);
}

bool lint_row_breaks(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    if ((row->where & 1u << lint->place) == 0 ||
        ((row->where & LINT_SERVER) != 0 && !lint->server) ||
        (!lint->readable && row != malformed_rows)) {
        return false;
    }
    return row->breaks(lint, row, found);
}

/* ---- for the tables ---------------------------------------------------------------------- */

struct reader lint_value(const struct lint *lint, enum x509_extension_id id)
{
    struct pki_slice value = lint_extension(lint, id)->value;
    return reader_new(value.data, value.length);
}

bool lint_name_is_empty(struct pki_slice name)
{
    return name.length <= 2;
}

bool lint_missing(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    if (lint_extension(lint, row->extension)->present || lint->x.version < 3) {
        return false;
    }
    buffer_printf(found, "there is no %s", x509_extension_name(row->extension));
    return true;
}

bool lint_present(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    if (!lint_extension(lint, row->extension)->present) {
        return false;
    }
    buffer_printf(found, "there is the extension %s", x509_extension_name(row->extension));
    return true;
}

bool lint_critical(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    if (!lint_extension(lint, row->extension)->critical) {
        return false;
    }
    buffer_printf(found, "%s is critical", x509_extension_name(row->extension));
    return true;
}

bool lint_not_critical(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    const struct x509_extension *extension = lint_extension(lint, row->extension);

    if (!extension->present || extension->critical) {
        return false;
    }
    buffer_printf(found, "%s is not critical", x509_extension_name(row->extension));
    return true;
}

bool lint_without_ca(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    return !lint->x.is_ca && lint_present(lint, row, found);
}

void lint_quote(struct buffer *found, struct pki_slice text)
{
    char shown[QUOTE_MAX];

    buffer_printf(found, "\"%s\"", text_safe(shown, sizeof shown, text.data, text.length));
}

void lint_oid(struct buffer *found, struct pki_slice oid)
{
    const char *name = wire_oid_name(oid.data, oid.length);
    char numbers[QUOTE_MAX];

    buffer_text(found,
                name != NULL ? name : wire_oid_text(numbers, sizeof numbers, oid.data, oid.length));
}

/* ---- for everyone ------------------------------------------------------------------------ */

static const struct {
    const char *name;
    const char *demand; /* how a note introduces what the rule says */
} levels[] = {
    [PKI_LINT_MUST] = {"must", "required"},
    [PKI_LINT_SHOULD] = {"should", "recommended"},
    [PKI_LINT_NOTE] = {"note", "usual"},
};

const char *pki_lint_level_name(enum pki_lint_level level)
{
    return levels[level].name;
}

/* Takes the text over, and ends it. False when memory ran out. */
static bool add_note(struct pki_lint **list, size_t *count, size_t *capacity,
                     const struct lint_row *row, struct buffer *text)
{
    struct pki_lint *grown = array_grow(*list, capacity, *count + 1, sizeof *grown);
    char *sentence;

    buffer_printf(text, "; %s: %s", levels[row->level].demand, row->summary);
    if (grown == NULL) {
        return false;
    }
    *list = grown;
    sentence = buffer_take_string(text);
    if (sentence == NULL) {
        return false;
    }
    grown[(*count)++] = (struct pki_lint){row->id, row->source, row->level, sentence};
    return true;
}

int pki_lint(struct pki_lint **list, size_t *count, struct pki_slice certificate,
             enum pki_place place, struct pki_slice issuer, int64_t at)
{
    struct lint lint;
    size_t capacity = 0;
    bool ok = true;

    *list = NULL;
    *count = 0;
    lint_read(&lint, certificate, place, issuer, at, true);
    for (size_t i = 0; i < lint_row_count() && ok; i++) {
        const struct lint_row *row = lint_row_at(i);
        struct buffer text = {0};
        if (lint_row_breaks(&lint, row, &text)) {
            ok = add_note(list, count, &capacity, row, &text);
        }
        ok &= !text.failed;
        buffer_free(&text);
    }
    if (!ok) {
        pki_lint_free(*list, *count);
        *list = NULL;
        *count = 0;
        return -1;
    }
    return 0;
}

void pki_lint_free(struct pki_lint *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(list[i].text);
    }
    free(list);
}

size_t pki_lint_row_count(void)
{
    return lint_row_count();
}

struct pki_lint_row pki_lint_row_at(size_t index)
{
    static const char *const places[] = {
        [LINT_LEAF] = "leaf", [LINT_INTERMEDIATE] = "intermediate", [LINT_ROOT] = "root",
        [LINT_CA] = "CA",     [LINT_SIGNED] = "leaf, intermediate", [LINT_ANY] = "any",
    };
    const struct lint_row *row = lint_row_at(index);

    return (struct pki_lint_row){row->id, row->source, row->summary, row->level,
                                 places[row->where & LINT_ANY]};
}
