/*
 * CAs with name constraints and certificates under them, for tests: a root, "Limited CA" under it, and leafs, always
 * with the same names and keys, so that any leaf fits any CA.
 */
#ifndef SUPPORT_CONSTRAINED_H
#define SUPPORT_CONSTRAINED_H

#include "scratch.h"
#include "verdict.h"

/* Constraints in the notation of notation.h. */
#define PERMITTED(subtrees) "a0(" subtrees ")"
#define EXCLUDED(subtrees)  "a1(" subtrees ")"
#define EMAIL(text)         "30(81('" text "'))"
#define DNS(text)           "30(82('" text "'))"
#define URI(text)           "30(86('" text "'))"
#define IP(hex)             "30(87(" hex "))"
#define NET_10              IP("0a000000 ff000000")
#define DOC_V6              IP("20010db8 [12 00] ffffffff [12 00]")
#define DIR(rdns)           "30(a4(30(" rdns ")))"
#define RDN(oid, text)      "31(30(06(" oid ") 0c('" text "')))"
#define O_(text)            RDN("55040a", text)
#define CN_(text)           RDN("550403", text)

/* Made by constrained_set_up(): the anchor, a store of it, and who signs the leafs. */
extern struct cert *root, *ca_key, *leaf_key;
extern struct pki_trust *trust;

/* For cmocka: make them, and free them. */
int constrained_set_up(void **state);
int constrained_tear_down(void **state);

/* A certificate and what is said of it. */
struct constrained_row {
    const char *constraints;
    const char *names[4];     /* subjectAltName … */
    const char *raw;          /* … or in notation */
    const char *common_name;  /* NULL: "Joe Bloggs" */
    const char *organization; /* NULL: none */
    const char *email;        /* emailAddress of the subject */
    const char *text;         /* in the reason; NULL: accepted */
    const char *openssl;      /* why OpenSSL says otherwise; NULL: it says the same */
};

#define NOT_PERMITTED  "is not among the names that Limited CA may issue for"
#define MUST_NOT       "is among the names that Limited CA must not issue for"
#define STANDS_FOR     "stands for a name that Limited CA must not issue for"
#define BAD_NAME       "is not written as such names are"
#define BAD_CONSTRAINT "is limited to, which is not written as such names are"

/* A certificate of the CA with these constraints. */
struct cert *constrained_ca(const char *constraints, const struct cert *issuer);
/* A certificate under it. Only the names of the row matter. */
struct cert *constrained_leaf(const struct constrained_row *row);

/* The verdict on a chain must be this: `text` is in the first reason, NULL: accepted. */
void constrained_expect(const struct cert *const *chain, struct pki_trust *anchors,
                        const char *text, const char *what, size_t number);

/* Writes a certificate to "WHAT-NUMBER.pem" in the test's folder. */
void constrained_write(char path[SCRATCH_PATH_MAX], const char *what, size_t number,
                       const struct cert *cert);

#endif
