/*
 * One name against one subtree of name constraints (RFC 5280 4.2.1.10). What comes of the answer is for
 * rules/name_constraints.c.
 */
#ifndef PKI_CONSTRAINT_H
#define PKI_CONSTRAINT_H

#include "subject_names.h"

/* GeneralSubtree. */
struct constraint {
    struct general_name base;
    bool bounded; /* it has a minimum above zero or a maximum */
    struct pki_slice whole;
};

/* The next subtree: start with a reader of x509's `permitted` or `excluded`. False at the end, or with a failed
 * reader at one that is malformed. */
bool constraint_next(struct reader *subtrees, struct constraint *out);

enum constraint_answer {
    CONSTRAINT_OUTSIDE,  /* the name is not in the subtree */
    CONSTRAINT_WITHIN,   /* it is */
    CONSTRAINT_OVERLAPS, /* some of the names that it stands for are */
    CONSTRAINT_BOUNDS,   /* the subtree is bounded, and nobody knows what that means */
    CONSTRAINT_FORM,     /* names of this form (otherName, …) cannot be compared by anyone */
    CONSTRAINT_BAD_NAME, /* the name is not what names of its form look like */
    CONSTRAINT_BAD_BASE, /* the subtree's is not */
};

/* Compares a name with a subtree of its form (`name->kind` is `constraint->base.kind`). `*failed` is set when
 * memory ran out. */
enum constraint_answer constraint_compare(const struct subject_name *name,
                                          const struct constraint *constraint, bool *failed);

/* How many bits a mask of an address has, or -1 when it is no prefix (RFC 4632): then only its CA knows what it means, and Go,
 * GnuTLS and webpki refuse it. */
int constraint_mask_bits(const uint8_t *mask, size_t length);

/* Appends it for people: "DNS:example.org", "IP:192.0.2.0/24", "O=Example", "any DNS name". Safe. */
void constraint_append(struct buffer *out, const struct constraint *constraint);

#endif
