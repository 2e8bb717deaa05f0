/*
 * The search for a certification path (RFC 5280 6, RFC 4158): what it works on.
 *
 * Nodes are certificates: those sent first, then those given, then those of the trust store as they are
 * needed. A trial is one path, leaf first, with what the rules found against it. search.c builds trials,
 * rules/ judges them and puts the findings of those that are shown into words.
 */
#ifndef PKI_SEARCH_H
#define PKI_SEARCH_H

#include <limits.h>

#include "hostname.h"
#include "signature.h"
#include "x509.h"

/* Bounds, so that no bundle of cross-signing certificates keeps anyone busy. A real path has two
 * to four certificates and needs as many signatures. */
#define SEARCH_NODES_MAX      30000
#define SEARCH_LENGTH_MAX     32
#define SEARCH_STEPS_MAX      20000  /* beginnings of paths that are remembered */
#define SEARCH_LOOKS_MAX      100000 /* certificates looked at as somebody's issuer */
#define SEARCH_PATHS_MAX      256    /* whole paths that are judged */
#define SEARCH_SIGNATURES_MAX 512    /* in units of signature_cost() */
/* When a path has been accepted, this much more to find alternatives. */
#define SEARCH_MORE_LOOKS      2000
#define SEARCH_MORE_PATHS      PKI_ALTERNATIVES_MAX
#define SEARCH_MORE_SIGNATURES 16

#define NO_NODE SIZE_MAX

struct node {
    struct x509 x; /* x.der always; the rest when readable */
    bool readable;
    bool sent;
    bool given;      /* --intermediates; neither: it is from the trust store */
    bool anchor;     /* it stands in the trust store, which trusts it for this purpose */
    bool distrusted; /* the trust store forbids this purpose to it, or to its name and key */
    bool
        trusted_explicitly; /* the store's settings name this purpose: its own extKeyUsage does not count */
    size_t
        duplicate_of; /* the first node of the same bytes, which stands for all of them; NO_NODE */
    uint64_t subject_hash;
    uint64_t issuer_hash;
    unsigned distance; /* to a trust anchor, by names alone: 0 for an anchor; NO_WAY */
    unsigned penalty;  /* what is wrong with it as an issuer, at a glance; graph.c */
};
#define NO_WAY UINT_MAX

/* What a rule found, without words, so that a trial that loses costs none: which certificate, which value, what was
 * required. What `variant`, `found`, `required`, `value`, `limit` and `detail` mean is between the rule and its sentences. */
struct finding {
    enum pki_reason_code code;
    unsigned variant;
    size_t node;   /* NO_NODE: none in particular */
    size_t other;  /* a second certificate (its issuer, what it issued), or NO_NODE */
    int64_t found; /* time, bits, a number */
    int64_t required;
    struct pki_slice
        value; /* what is wrong, and what it should have been: inside a certificate of the search */
    struct pki_slice limit;
    const void *detail;    /* lives as long as the search */
    const char *field;     /* static: "validity.notAfter"; NULL */
    const char *reference; /* static: where the rule stands, if closer than the code's; NULL */
};

struct
    revocation_state; /* revocation/revocation.h: what is known from CRLs and OCSP, remembered over trials */

struct trial {
    size_t nodes[SEARCH_LENGTH_MAX];
    size_t length;
    bool anchored; /* the last one is a trust anchor */
    struct finding *findings;
    size_t count;
    size_t capacity;
};

/* A signature that was checked: never twice. */
struct edge {
    bool taken;
    size_t certificate;
    size_t issuer;
    enum signature_state state;
};
#define SEARCH_EDGES 2048 /* places of a hash table that is never more than half full */

/* How much was done, or may be done. */
struct effort {
    size_t looks;
    size_t paths;
    size_t signatures; /* weighted */
};

struct search {
    const struct pki_request *request;
    struct host host; /* what request->hostname is */
    struct node *nodes;
    size_t count;
    size_t capacity;
    /* Readable nodes that are not duplicates, by the hash of their subject and of their issuer. */
    size_t *by_subject;
    size_t *by_issuer;
    size_t indexed;
    struct edge *edges;
    size_t edge_count;
    struct effort done;
    struct effort limit;
    size_t name_comparisons; /* of names with name constraints: rules/name_constraints.c */
    struct trial current;
    struct trial best;
    struct trial others[PKI_ALTERNATIVES_MAX]; /* best first */
    size_t other_count;
    struct revocation_state *revocation; /* NULL before revocation is first asked for */
    bool has_best;
    bool gave_up; /* a bound was met before a path was accepted */
    bool failed;  /* memory ran out */
};

/* Finds the best path: one without findings, or the one with the least against it.
 * False when memory ran out. */
bool search_run(struct search *search, const struct pki_request *request);
void search_free(struct search *search);

/* Whether the key identifiers of two certificates (RFC 5280 4.2.1.1) say that one issued the
 * other. */
enum key_id { KEY_ID_DIFFERS, KEY_ID_UNKNOWN, KEY_ID_SAME };
enum key_id search_key_id(const struct search *search, size_t certificate, size_t issuer);

/* Could it have signed itself? Issuer and subject are one name, and the key identifiers do not say that the key is another one. */
bool search_may_be_root(const struct search *search, size_t node);

/* The state of a signature, remembered. */
enum signature_state search_edge(struct search *search, size_t certificate, size_t issuer);
/* The same, but checks nothing: SIGNATURE_NOT_CHECKED when it was not. */
enum signature_state search_edge_known(const struct search *search, size_t certificate,
                                       size_t issuer);

/* The first certificate that has the name of this one's issuer, but not its key. */
size_t search_namesake(const struct search *search, size_t certificate);

/* Appends what bound ended the search, a sentence. */
void search_say_gave_up(struct buffer *out, const struct search *search);

#endif
