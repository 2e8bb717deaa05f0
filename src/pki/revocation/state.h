/*
 * What the judging of revocation remembers through one search. Everything here lives in one arena, which ends with the search, so that
 * findings may point to it.
 */
#ifndef PKI_REVOCATION_STATE_H
#define PKI_REVOCATION_STATE_H

#include "revocation.h"
#include "set.h"

/* Signatures of CRLs, OCSP responses and of the certificates that may sign them. A chain has three certificates, each with one or
 * two sources. */
#define REVOCATION_SIGNATURES_MAX 128
/* Stapled responses that are looked at: one for each certificate that a path may have. */
#define REVOCATION_STAPLES_MAX SEARCH_LENGTH_MAX

enum said_by { SAID_BY_STAPLE, SAID_BY_OCSP, SAID_BY_CRL };

/* What one source says of one certificate. */
struct said {
    struct said *next;
    enum said_by by;
    const char *name; /* the source's file; NULL for a staple */
    enum pki_revocation_status status;
    const char *
        problem; /* why it cannot be used, static words that go on from "it cannot be used: "; NULL */
    int64_t problem_time; /* a time behind those words, or 0 */
    const char *remark;   /* static words for a source that is used all the same; NULL */
    int64_t this_update;
    int64_t next_update; /* 0: none */
    int64_t revoked_at;
    int reason;            /* CRL_NO_REASON */
    unsigned reasons;      /* those that a CRL covers */
    const struct crl *crl; /* NULL: OCSP */
    struct pki_slice scts; /* in an OCSP response */
    bool superseded;       /* a newer one of the same scope is there */
};

/* All that is known of one certificate in a path. */
struct judgement {
    struct judgement *next;
    size_t certificate, issuer, anchor; /* nodes */
    struct said *said;                  /* in the order of enum said_by */
    struct said **last;
    const struct said *revoked; /* by whom, or NULL */
    unsigned reasons;           /* for which CRLs say that it is not revoked */
    bool good;                  /* an OCSP response says so, or CRLs do for all reasons */
    bool ocsp_good;             /* an OCSP response from a file says so */
};

struct checked {
    const uint8_t *content; /* what is signed: where it stands */
    struct pki_slice key;   /* SubjectPublicKeyInfo */
    enum signature_state state;
};

struct staple {
    size_t certificate; /* a node */
    struct ocsp ocsp;
    bool readable;
};

#define JUDGEMENT_ROWS 64

struct revocation_state {
    struct arena *arena;
    struct judgement *rows[JUDGEMENT_ROWS];
    struct checked checked[REVOCATION_SIGNATURES_MAX];
    size_t checked_count;
    struct staple staples[REVOCATION_STAPLES_MAX];
    size_t staple_count;
};

/* The certificate that is judged, and who stands around it. */
struct subject {
    struct search *search;
    struct judgement *judgement;
    const struct x509 *certificate;
    uint64_t issuer_hash; /* of the name of its issuer */
    const struct x509 *issuer;
    const struct trial *trial; /* the path that leads to the anchor */
    unsigned depth;            /* 0: in the path; 1: the certificate of a CRL's issuer */
};

/* Was it signed with this key? Remembered; SIGNATURE_NOT_CHECKED when too many were. */
enum signature_state revocation_signature(struct search *search, const struct signed_bytes *bytes,
                                          const struct x509 *issuer);
/* The same for a certificate. */
bool revocation_certified(struct search *search, const struct x509 *certificate,
                          const struct x509 *issuer);

/* Appends what a source says; it may be filled in afterwards. NULL when memory ran out (search->failed). */
struct said *judgement_add(struct search *search, struct judgement *judgement, struct said said);

/* Asks all sources of one kind: judge_ocsp.c, judge_crl.c. */
void judge_staples(const struct subject *subject);
void judge_ocsp_files(const struct subject *subject);
void judge_crls(const struct subject *subject);

/* The certificate that may sign a CRL for this path, and did (RFC 5280 6.3.3 (f), (g)): crl_issuer.c. NULL: none, and why. */
const struct x509 *crl_issuer_find(const struct subject *subject, const struct crl *crl,
                                   const char **problem);

/* Draws the conclusion from what was said. */
void judgement_conclude(struct judgement *judgement);

/* All that is known of the certificate at `place` of a trial, which has an issuer there. NULL when memory ran out. */
const struct judgement *revocation_judge(struct search *search, const struct trial *trial,
                                         size_t place);
/* The same, when it was judged before. */
const struct judgement *revocation_judged(const struct search *search, const struct trial *trial,
                                          size_t place);

/* Is there anything at all to judge by? */
bool revocation_has_sources(const struct search *search);
/* The stapled response for a node; NULL: none. */
const struct staple *revocation_staple(const struct search *search, size_t node);
/* The state, made when it is first needed. NULL when memory ran out. */
struct revocation_state *revocation_state(struct search *search);

/* In words: the source ("the stapled OCSP response", "ca.crl"), and a sentence on what it says. Safe text. */
void said_write_source(struct buffer *out, const struct said *said);
void said_write(struct buffer *out, const struct said *said, int64_t at);

#endif
