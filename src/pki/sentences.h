/*
 * The sentences of each reason: what is wrong (text_…), and what the server's owner should change
 * (mend_…). reasons.c has the table that binds them to codes.
 */
#ifndef PKI_SENTENCES_H
#define PKI_SENTENCES_H

#include "search.h"

/* What the writers of sentences have at hand. */
struct words {
    struct buffer *out;
    const struct search *search;
    const struct finding *finding;
    const struct node *node;  /* the finding's certificate, or NULL */
    const struct node *other; /* the second one, or NULL */
};

void say(const struct words *words, const char *text);
/* How people call a certificate. */
void say_label(const struct words *words, const struct node *node);

void text_expired(const struct words *words);
void mend_expired(const struct words *words);
void text_not_yet_valid(const struct words *words);
void mend_not_yet_valid(const struct words *words);
void text_hostname_mismatch(const struct words *words);
void mend_hostname_mismatch(const struct words *words);
void text_no_trust_anchor(const struct words *words);
void mend_no_trust_anchor(const struct words *words);
void text_self_signed(const struct words *words);
void mend_self_signed(const struct words *words);
void text_missing_intermediate(const struct words *words);
void mend_missing_intermediate(const struct words *words);
void text_bad_signature(const struct words *words);
void mend_bad_signature(const struct words *words);
void text_weak_signature(const struct words *words);
void mend_weak_signature(const struct words *words);
void text_weak_key(const struct words *words);
void mend_weak_key(const struct words *words);
void text_not_a_ca(const struct words *words);
void mend_not_a_ca(const struct words *words);
void text_malformed(const struct words *words);
void mend_malformed(const struct words *words);

#endif
