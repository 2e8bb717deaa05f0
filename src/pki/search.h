/*
 * The search for a certification path (RFC 5280 6, RFC 4158): what it works on.
 *
 * Nodes are certificates, those sent first, then those of the trust store as they are needed.
 * A trial is one path, leaf first, with what the rules found against it. search.c builds trials,
 * rules.c judges them, reasons.c puts the findings of the best one into words.
 */
#ifndef PKI_SEARCH_H
#define PKI_SEARCH_H

#include "hostname.h"
#include "signature.h"
#include "x509.h"

/* Bounds, so that no bundle of cross-signing certificates keeps anyone busy. A real path has two
 * to four certificates and needs as many signatures. */
#define SEARCH_NODES_MAX      20000
#define SEARCH_STEPS_MAX      2000
#define SEARCH_SIGNATURES_MAX 128
#define SEARCH_LENGTH_MAX     32
#define SEARCH_CANDIDATES_MAX 64

#define NO_NODE SIZE_MAX

struct node {
    struct x509 x; /* x.der always; the rest when readable */
    bool readable;
    bool sent;
    bool anchor; /* it stands in the trust store */
    uint64_t subject_hash;
    uint64_t issuer_hash;
};

/* What a rule found, without words: which certificate, which value, what was required. */
struct finding {
    enum pki_reason_code code;
    unsigned variant; /* of the text, as rules.c and reasons.c agree for this code */
    size_t node;      /* NO_NODE: none in particular */
    size_t other;     /* a second certificate (its issuer, what it issued), or NO_NODE */
    int64_t found;    /* time or bits */
    int64_t required;
};

/* Variants of findings. */
enum {
    TRUST_ENDS_AT_ROOT = 0, /* no_trust_anchor: a self-signed root was sent */
    TRUST_ISSUER_UNKNOWN,   /* no_trust_anchor: the issuer of the last one is nowhere */
    TRUST_STORE_EMPTY,      /* no_trust_anchor: there is none at all */
    MALFORMED_CERTIFICATE = 0,
    MALFORMED_NOTHING_SENT,
    MALFORMED_EXPLICIT_CURVE,
    MALFORMED_KEY,
};

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
    size_t certificate;
    size_t issuer;
    enum signature_state state;
};

struct search {
    const struct pki_request *request;
    struct host host; /* what request->hostname is */
    struct node *nodes;
    size_t count;
    size_t capacity;
    struct edge edges[SEARCH_SIGNATURES_MAX];
    size_t edge_count;
    size_t steps;
    struct trial current;
    struct trial best;
    bool has_best;
    bool gave_up; /* a bound was met */
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

/* The state of a signature, remembered. */
enum signature_state search_edge(struct search *search, size_t certificate, size_t issuer);

/* The first certificate that has the name of this one's issuer, but not its key. */
size_t search_namesake(const struct search *search, size_t certificate);

/* Judges `search->current`: fills its findings. */
void rules_judge(struct search *search);

/* Puts a finding of the best trial into words; `certificates` maps nodes to the verification's
 * certificates. False when memory ran out. */
bool reason_write(struct pki_reason *out, const struct search *search,
                  const struct finding *finding, const long *certificates);

#endif
