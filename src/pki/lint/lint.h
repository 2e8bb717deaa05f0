/*
 * Lint: what RFC 5280, the RFCs around it and the CA/Browser Forum's baseline requirements ask of a certificate, one row a rule.
 *
 * A row says where it applies and which function finds the breach; the functions stand with their rows in the files
 * of this folder, by subject. Adding a rule is writing its row (and what it needs to be found), and its line in docs/lint.md.
 */
#ifndef PKI_LINT_H
#define PKI_LINT_H

#include "../algorithms.h"
#include "../name.h"
#include "../x509.h"

/* The certificate that is looked at, and what is known about where it stands. */
struct lint {
    struct x509 x;
    bool readable;     /* else only x.der and problem mean something */
    char problem[160]; /* why it is not */
    enum pki_place place;
    bool server;        /* it is to be good for TLS servers */
    bool self_issued;   /* subject equals issuer */
    bool has_issuer;    /* the certificate that signed it is known … */
    struct x509 issuer; /* … and this is it */
    struct key_facts key;
    int64_t at;
};

/* Where a row applies; more than one may be said. */
enum lint_where {
    LINT_LEAF = 1 << PKI_LEAF,
    LINT_INTERMEDIATE = 1 << PKI_INTERMEDIATE,
    LINT_ROOT = 1 << PKI_ROOT,
    LINT_SERVER = 8, /* only where TLS servers are meant */
    LINT_CA = LINT_INTERMEDIATE | LINT_ROOT,
    LINT_SIGNED = LINT_LEAF | LINT_INTERMEDIATE, /* by others than itself */
    LINT_ANY = LINT_LEAF | LINT_CA,
};

struct lint_row {
    const char *id;
    const char *source;
    enum pki_lint_level level;
    unsigned where; /* enum lint_where */
    /* True when the certificate breaks the rule; then appends what was found as the beginning of a sentence, safe. */
    bool (*breaks)(const struct lint *lint, const struct lint_row *row, struct buffer *found);
    const char *field;                /* "serialNumber"; NULL: the extension's name */
    enum x509_extension_id extension; /* where there is no field */
    const char *summary;              /* how it has to be, a sentence without its full stop */
    /* For rows about each of many things: is this one bad? */
    bool (*bad_name)(struct pki_slice dns_name);
    bool (*bad_part)(const struct name_part *part);
};

struct lint_table {
    const struct lint_row *rows;
    size_t count;
};
#define LINT_TABLE(rows)                       \
    {                                          \
        (rows), sizeof(rows) / sizeof(rows)[0] \
    }

/* In the order in which notes are given. */
extern const struct lint_table lint_fields, lint_names, lint_keys, lint_key_ids, lint_usage,
    lint_constraints, lint_policies, lint_alt_names, lint_common_names, lint_access,
    lint_transparency, lint_encoding;

#define RFC5280(section) "RFC 5280 " section
/* CA/Browser Forum, Baseline Requirements for TLS server certificates, version 2. */
#define BR(section) "CA/B BR " section

/* Reads what the rules are asked about. `issuer` may be empty. */
void lint_read(struct lint *lint, struct pki_slice certificate, enum pki_place place,
               struct pki_slice issuer, int64_t at, bool server);

size_t lint_row_count(void);
const struct lint_row *lint_row_at(size_t index);
const char *lint_row_field(const struct lint_row *row);
/* Does the row apply, and is it broken? Then what was found is appended. */
bool lint_row_breaks(const struct lint *lint, const struct lint_row *row, struct buffer *found);

/* ---- for the tables ---------------------------------------------------------------------- */

static inline const struct x509_extension *lint_extension(const struct lint *lint,
                                                          enum x509_extension_id id)
{
    return &lint->x.extension[id];
}

/* A reader of an extension's value; of one that is absent nothing is left to be read. */
struct reader lint_value(const struct lint *lint, enum x509_extension_id id);

/* A Name without a part. */
bool lint_name_is_empty(struct pki_slice name);

/* Rules about row->extension: it is there, is not there; is marked critical, is not. A certificate before
 * version 3 can have none, so none is missing. */
bool lint_missing(const struct lint *lint, const struct lint_row *row, struct buffer *found);
bool lint_present(const struct lint *lint, const struct lint_row *row, struct buffer *found);
bool lint_critical(const struct lint *lint, const struct lint_row *row, struct buffer *found);
bool lint_not_critical(const struct lint *lint, const struct lint_row *row, struct buffer *found);

/* It is there, and the certificate is no CA's. */
bool lint_without_ca(const struct lint *lint, const struct lint_row *row, struct buffer *found);

/* Appends text from the certificate: in quotes, safe, cut. */
void lint_quote(struct buffer *found, struct pki_slice text);
/* Appends an object identifier: its name where it has one, else its numbers. */
void lint_oid(struct buffer *found, struct pki_slice oid);

/* A host name's syntax; lint_alt_names.c. `name` has no wildcard. */
bool lint_dns_is_bad(struct pki_slice name);

#endif
