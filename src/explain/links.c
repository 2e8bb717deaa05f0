/* Words of a text that the glossary explains. */
#include <ctype.h>
#include <string.h>

#include "explanation.h"
#include "tlstep/explain.h"

#define TERM      "term."
#define FOUND_MAX 32

struct found {
    const char *id;
    size_t offset;
    size_t length;
};

struct links {
    const char *text;
    struct found found[FOUND_MAX]; /* in the order of the text */
    size_t count;
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) != 0;
}

/* A plural is the same word: "records". */
static bool ends_word(const char *after)
{
    if (*after == 's') {
        after++;
    }
    return !is_word(*after);
}

/* Where `word` stands in `text` as words of their own; "_" in an id is a blank or a hyphen there. */
static const char *find_word(const char *text, const char *word, size_t length)
{
    for (const char *at = text; *at != '\0'; at++) {
        size_t i = 0;
        while (i < length && at[i] != '\0' &&
               (tolower((unsigned char)at[i]) == tolower((unsigned char)word[i]) ||
                (word[i] == '_' && (at[i] == ' ' || at[i] == '-')))) {
            i++;
        }
        if (i == length && (at == text || !is_word(at[-1])) && ends_word(at + length)) {
            return at;
        }
    }
    return NULL;
}

/* Of two that overlap, the longer stays ("cipher suite", not "suite"). */
static bool yields(struct links *links, const struct found *new)
{
    for (size_t i = 0; i < links->count; i++) {
        struct found *old = &links->found[i];
        bool apart =
            old->offset + old->length <= new->offset || new->offset + new->length <= old->offset;
        if (!apart && old->length >= new->length) {
            return true;
        }
        if (!apart) {
            memmove(old, old + 1, (links->count - i - 1) * sizeof *old);
            links->count--;
            i--;
        }
    }
    return false;
}

static void insert(struct links *links, const struct found *new)
{
    if (yields(links, new) || links->count == FOUND_MAX) {
        return;
    }
    size_t at = links->count;
    while (at > 0 && links->found[at - 1].offset > new->offset) {
        links->found[at] = links->found[at - 1];
        at--;
    }
    links->found[at] = *new;
    links->count++;
}

/* The first place of a term, under any of its words. */
static void find_term(struct links *links, const struct explanation *term)
{
    const char *words = term->also;
    const char *id_word = term->id + strlen(TERM);
    const char *best = find_word(links->text, id_word, strlen(id_word));
    size_t best_length = strlen(id_word);

    while (*words != '\0') {
        size_t length = strcspn(words, ",");
        const char *at = find_word(links->text, words, length);
        if (at != NULL && (best == NULL || at < best)) {
            best = at;
            best_length = length;
        }
        words += length;
        words += strspn(words, ", ");
    }
    if (best != NULL) {
        const struct found found = {term->id, (size_t)(best - links->text), best_length};
        insert(links, &found);
    }
}

void explain_links(const char *text,
                   void (*visit)(const char *id, size_t offset, size_t length, void *user),
                   void *user)
{
    struct links links = {.text = text};

    for (size_t i = 0; i < explanation_count; i++) {
        if (strncmp(explanations[i].id, TERM, strlen(TERM)) == 0) {
            find_term(&links, &explanations[i]);
        }
    }
    for (size_t i = 0; i < links.count; i++) {
        visit(links.found[i].id, links.found[i].offset, links.found[i].length, user);
    }
}
