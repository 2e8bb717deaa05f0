/*
 * The sentences of each reason code, made from a finding when it is shown: what is wrong (text_…), what the server's owner should change
 * (mend_…, an imperative), the value that was found and the one that was required (found_…, required_…; may write nothing). Each
 * stands in the file of the rule that yields it; reasons.c binds them to the codes.
 */
#ifndef PKI_SENTENCES_H
#define PKI_SENTENCES_H

#include "../words.h"
#include "rules.h"

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
/* Appends bytes from outside, made safe. */
void say_bytes(const struct words *words, struct pki_slice bytes);

#define SENTENCES(id, name, alert, reference)     \
    void text_##name(const struct words *words);  \
    void mend_##name(const struct words *words);  \
    void found_##name(const struct words *words); \
    void required_##name(const struct words *words);
PKI_REASONS(SENTENCES)
#undef SENTENCES

/* Judged for now, give or take a day, not for a date that somebody asked for? */
bool is_judged_now(const struct words *words);
/* What on this machine may be why (its clock, its trust store); nothing for most. */
void here_of(const struct words *words);

#endif
