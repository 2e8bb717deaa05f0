/*
 * report: facts to JSON and to text for people. Shapes are CONTRACT.md's; docs/json.md describes
 * them. Nothing here looks at a source, only at a trace and a cursor.
 */
#ifndef TLSTEP_REPORT_H
#define TLSTEP_REPORT_H

#include <jansson.h>

#include "tlstep/trace.h"

/* All of these return a new reference, or NULL when memory ran out. */

/* The whole report ("tlstep.report/1") at a cursor. */
json_t *report_json(struct trace *trace, size_t cursor);
/* The same as compact text, appended to `out` without a line feed: what report_json() is read from. Different traces in
 * different threads. 0, or -1: out of memory. */
int report_line(struct trace *trace, size_t cursor, struct buffer *out);
/* The same with facts that differ from the trace's: those of a stepper whose certificates were judged again. */
json_t *report_facts_json(struct trace *trace, size_t cursor, const struct trace_facts *facts);
/* The report's `checks`. */
json_t *report_checks_json(struct trace *trace, size_t cursor);
/* The rows shown at a cursor, as in the report's `messages`. */
json_t *report_messages_json(struct trace *trace, size_t cursor);
/* The server's certificates, then those from the trust store in the path. */
json_t *report_certificates_json(const struct trace_facts *facts);
/* Field tree of a row: {"buffer":…, "fields":[…]} as CONTRACT.md's `fields N`. */
json_t *report_fields_json(struct trace *trace, const struct trace_row *row);
/* [{"buffer","offset","hex"}] for each buffer of a row. */
json_t *report_bytes_json(struct trace *trace, const struct trace_row *row);
/* The same two without application data, cookies and tickets (--redact). */
json_t *report_fields_redacted_json(struct trace *trace, const struct trace_row *row);
json_t *report_bytes_redacted_json(struct trace *trace, const struct trace_row *row);
/* Application data up to a cursor: [{"from","length","complete","text","hex"}] for each side that is asked for, by enum wire_side. */
json_t *report_follow_json(struct trace *trace, size_t cursor, const bool sides[2]);
/* Key-log lines known at a cursor. */
json_t *report_secrets_json(struct trace *trace, size_t cursor);
/* The stop at a cursor: trace_stop_at(), and in a capture, where nobody stopped, the last row that is shown. */
struct trace_stop report_stop_at(struct trace *trace, size_t cursor);
/* {"n","phase","at","from","state"} of a stop, or null before the first. */
json_t *report_stop_json(const struct trace_stop *stop);

/* A string from outside as JSON: UTF-8 kept, other bytes as \xNN. */
json_t *report_string_json(const char *text);

/* How text is written. */
enum report_style {
    REPORT_PLAIN = 0,
    REPORT_COLOUR = 1, /* with SGR sequences */
    REPORT_ASCII = 2,  /* no character beyond ASCII of our own */
    REPORT_REDACT = 4, /* nothing of application data */
    REPORT_ALL = 8,    /* certificates: all paths, all names, nothing cut */
};

/* The report as text for people. Appends to `out`; only safe text. 0, or -1: out of memory. */
int report_text(struct trace *trace, size_t cursor, unsigned style, struct buffer *out);

/* One line for a row, without line feed: "  9  <── CertificateVerify   76 bytes   24.7 ms  …". */
int report_row_text(struct trace *trace, const struct trace_row *row, size_t cursor, unsigned style,
                    struct buffer *out);

/* What a client can, by its first ClientHello, and what was agreed with it, in words: a label and a text each; safe text. */
struct report_abilities {
    struct report_ability {
        const char *label; /* static */
        char *text;
    } rows[20];
    size_t count;
};
/* At most `names` names of a list ("… and 12 more" stands for the others); 0: all. Without a ClientHello at the cursor there are none. 0, or
 * -1: out of memory. To be freed in either case. */
int report_abilities(struct trace *trace, size_t cursor, size_t names,
                     struct report_abilities *out);
void report_abilities_free(struct report_abilities *abilities);

/* Compact JSON text without line feed, numbers to the microsecond; from malloc. */
char *report_dump(const json_t *json);
/* The same for people: indented. */
char *report_dump_indented(const json_t *json);

/* The report of one conversation of a capture at its end: as report_json(), with `source` instead of `target`. A trace whose target has
 * a `client` does that by itself in report_json(). */

/* The key schedule at a cursor, for the row's record (NULL: none): a field tree with values as hex. */
json_t *report_schedule_json(struct trace *trace, size_t cursor, const struct trace_row *row);

/* One conversation of a list: {"stream","client","server","start","sni","version","cipher_suite","alpn","bytes","verdict",…}. */
json_t *report_conversation_json(const struct trace_conversation *conversation);
/* The same as a line of text, without line feed, at most `width` columns. */
int report_conversation_text(const struct trace_conversation *conversation, unsigned style,
                             size_t width, struct buffer *out);

/* ---- certificates ---------------------------------------------------------------------------- */

/* Certificates to be shown together: of a server, a capture, a file. Borrowed. */
struct report_chain {
    const struct pki_certificate *const *certificates; /* as sent, or as they stand in the file */
    size_t count;
    const struct pki_verification *verification; /* NULL: not judged */
    bool from_file; /* nobody sent them: they stand in a file, in this order */
};

/* Why a certificate stands in the tree. */
enum report_tree_kind {
    REPORT_TREE_PATH, /* in the path that was chosen (or, before it was judged, as they name each other) */
    REPORT_TREE_ALTERNATIVE, /* in another path: a cross-signed one, another anchor, a distrusted one */
    REPORT_TREE_UNUSED,      /* sent, and in no path; or the same as one before */
    REPORT_TREE_NAMED,       /* not here: known as somebody's issuer only */
};

enum report_tree_mark {
    REPORT_TREE_WAITING, /* not judged */
    REPORT_TREE_GOOD,
    REPORT_TREE_BAD,     /* a reason names it */
    REPORT_TREE_WARNING, /* unused, duplicate, misordered, distrusted, or ends soon */
};

/* One line of the tree, which hangs from its roots: in pre-order, an issuer above what it issued. */
struct report_tree_node {
    unsigned depth;
    enum report_tree_kind kind;
    enum report_tree_mark mark;
    unsigned
        alternative; /* 0: the chosen path and what is in none; else the path number N of the verification's
                           * alternatives, counted from 1: folded away until it is asked for */
    bool anchor; /* the path ends here, at something trusted */
    size_t
        index; /* into the verification's certificates, or those given without one; SIZE_MAX: not here */
    const struct pki_certificate
        *certificate; /* NULL: not here. Owned by the tree or borrowed from the chain */
    const char *name; /* safe text */
    const char *
        place; /* "trust store (system)", "leaf, sent 1st", "sent 3rd, in no path", "sent 4th, the same as the 2nd",
                        * "intermediate, given", "in the trust store, but not for servers"; safe text */
};
struct report_tree;
/* NULL: out of memory. Borrows from the chain. */
struct report_tree *report_tree_new(const struct report_chain *chain);
void report_tree_free(struct report_tree *tree);
size_t report_tree_count(const struct report_tree *tree);
const struct report_tree_node *report_tree_at(const struct report_tree *tree, size_t index);
/* The node of the server's own certificate; the count when there is none. */
size_t report_tree_leaf(const struct report_tree *tree);

/* What `tlstep certs` shows: a chain, where it comes from, and when it is looked at. Borrowed. */
struct report_certs {
    struct report_chain chain;
    const char *source; /* as the user called it */
    const char
        *note; /* what else there is to say of it ("RSA", "3 files without certificates"); NULL */
    struct trace
        *trace; /* that it was sent in: its target, or its conversation in a capture; NULL */
    int64_t at; /* seconds since 1970: what dates are seen from */
};
/* "tlstep.certs/1" as compact text, appended to `out` without a line feed. 0, or -1: out of memory. */
int report_certs_line(const struct report_certs *certs, struct buffer *out);
/* The same for people: the tree, each certificate with all that is worth seeing, the verdict. */
int report_certs_text(const struct report_certs *certs, unsigned style, struct buffer *out);
/* As `openssl x509 -text`, one after the other: those sent, then those from the trust store in the path. */
int report_certs_plain_text(const struct report_certs *certs, struct buffer *out);
/* The path as PEM in the order in which a server sends it, leaf first, up to the last intermediate; with `root` also that. Without a
 * verdict all certificates as they are. */
int report_certs_pem(const struct report_chain *chain, bool root, struct buffer *out);

/* Lists of certificates without a verdict: what stands before, between and after them in "tlstep.certs/1". */
int report_list_begin(const char *source, struct buffer *out);
int report_list_end(const char *note, struct buffer *out);
/* One of them: in JSON with its index and the file it comes from, NULL; as text a line with its line feed: name, expiry with the time left,
 * key, issuer, file. `first`: no comma before. */
int report_list_line(const struct pki_certificate *certificate, size_t index, const char *file,
                     bool first, struct buffer *out);
int report_list_text(const struct pki_certificate *certificate, const char *file, int64_t at,
                     unsigned style, struct buffer *out);

/* True when a certificate of the path (without one: of the chain) ends within `days` of `at`; says which. */
bool report_chain_expires_within(const struct report_chain *chain, int64_t at, long days,
                                 struct buffer *text);
/* The moment from which the dates of a session are seen: that of its verdict, else its start. */
int64_t report_seen_from(const struct trace *trace, const struct trace_facts *facts);

/* Of a name as RFC 4514 writes it the common name, else all of it: safe text. Returns `out`. */
char *report_short_name(char *out, size_t size, const char *name);
/* "RSA 2048", "EC secp256r1", as the certificate has it. Returns `out`. */
char *report_short_key(char *out, size_t size, const struct pki_certificate *certificate);

/* As what a certificate is linted, and who has signed it (empty: not known): by its place in the path; where it is in none, or nobody
 * has judged (NULL), by what it says itself. */
struct report_standing {
    enum pki_place place;
    struct pki_slice issuer;
};
struct report_standing report_standing(const struct pki_verification *verification, size_t index,
                                       const struct pki_certificate *certificate);

/* "in 61 days", "12 days ago", for a date seen from `at`; both in seconds since 1970. Returns `out`. */
char *report_distance(char *out, size_t size, int64_t date, int64_t at);

/* ---- comparison ------------------------------------------------------------------------------ */

enum report_difference {
    REPORT_SAME,
    REPORT_CHANGED,
    REPORT_ONLY_A,
    REPORT_ONLY_B,
    REPORT_RANDOM, /* differs, as it must: a random, a key share, a signature, GREASE */
};

/* One line of a comparison. Strings are safe text, owned by the comparison; a or b is NULL where that side has nothing. */
struct report_compared {
    enum report_difference kind;
    unsigned
        depth; /* 0: a section ("negotiated", "messages"), 1: a message or fact, deeper: fields */
    const char *name; /* "cipher suite", "ClientHello", "extension.supported_groups" */
    const char *a;
    const char *b;
    uint32_t row_a; /* the row it belongs to, 0: none */
    uint32_t row_b;
};
struct report_comparison;
/* Two sessions at their cursors: facts, certificates, messages (aligned by side and type) and their fields. NULL: out of memory. */
struct report_comparison *report_compare(struct trace *a, size_t cursor_a, struct trace *b,
                                         size_t cursor_b);
/* Two messages only. */
struct report_comparison *report_compare_rows(struct trace *a, const struct trace_row *row_a,
                                              struct trace *b, const struct trace_row *row_b);
/* Two chains: their verdicts, paths and certificates, one by one as they stand there, with names and extensions. */
struct report_comparison *report_compare_chains(const struct report_chain *a,
                                                const struct report_chain *b);
void report_comparison_free(struct report_comparison *comparison);
size_t report_comparison_count(const struct report_comparison *comparison);
const struct report_compared *report_comparison_at(const struct report_comparison *comparison,
                                                   size_t index);
/* Lines that differ and need not: neither REPORT_SAME nor REPORT_RANDOM. */
size_t report_comparison_differences(const struct report_comparison *comparison);
/* "tlstep.diff/1"; `a` and `b` say what was compared. */
json_t *report_comparison_json(const struct report_comparison *comparison, const char *a,
                               const char *b);
/* For people: what differs, and of what is alike only messages and facts. */
int report_comparison_text(const struct report_comparison *comparison, const char *a, const char *b,
                           unsigned style, struct buffer *out);

/* Exit status of a trace at a cursor: 0 all well, 1 TLS failed or refused, 3 no connection, 4 a file. */
int report_exit_status(struct trace *trace, size_t cursor);

/* True when a certificate of the path (or, without one, that was sent) ends within `days` of the verification's time. */
bool report_expires_within(struct trace *trace, size_t cursor, long days, struct buffer *text);

#endif
