/* Searching all explanations: texts, and values of registries by their names. */
#include <stdlib.h>
#include <string.h>

#include "explanation.h"
#include "tlstep/explain.h"

#define WORDS_MAX 16

struct query {
    char text[256]; /* words, each ended by a zero */
    const char *words[WORDS_MAX];
    size_t count;
};

struct hit {
    const char *id;
    unsigned rank; /* lower is better */
    size_t order;
};

struct hits {
    struct hit *list;
    size_t count;
    size_t capacity;
};

static void query_read(struct query *query, const char *text)
{
    char *save = NULL;

    *query = (struct query){0};
    (void)snprintf(query->text, sizeof query->text, "%s", text);
    for (char *word = strtok_r(query->text, " \t_", &save);
         word != NULL && query->count < WORDS_MAX; word = strtok_r(NULL, " \t_", &save)) {
        query->words[query->count++] = word;
    }
}

static bool has_all(const struct query *query, const char *text)
{
    for (size_t i = 0; i < query->count; i++) {
        if (strcasestr(text, query->words[i]) == NULL) {
            return false;
        }
    }
    return query->count > 0;
}

/* The last part of an id, without its family, is what it is called. */
static const char *name_of(const char *id)
{
    const char *dot = strrchr(id, '.');
    return dot != NULL ? dot + 1 : id;
}

/* Exact names come first, then names that begin with the first word, names, other words for it, texts. */
static bool rank(const struct query *query, const char *name, const struct explanation *one,
                 unsigned *out)
{
    const char *first = query->count > 0 ? query->words[0] : "";

    if (query->count == 1 && strcasecmp(name, first) == 0) {
        *out = 0;
    } else if (has_all(query, name)) {
        *out = strncasecmp(name, first, strlen(first)) == 0 ? 1 : 2;
    } else if (has_all(query, one->id) || has_all(query, one->also)) {
        *out = 3;
    } else if (has_all(query, one->text)) {
        *out = 4;
    } else {
        return false;
    }
    return true;
}

static void hits_add(struct hits *hits, const char *id, unsigned rank)
{
    struct hit *list = array_grow(hits->list, &hits->capacity, hits->count + 1, sizeof *hits->list);

    if (list == NULL) {
        return; /* fewer hits: nothing worse */
    }
    hits->list = list;
    hits->list[hits->count] = (struct hit){id, rank, hits->count};
    hits->count++;
}

static void search_texts(struct hits *hits, const struct query *query)
{
    for (size_t i = 0; i < explanation_count; i++) {
        const struct explanation *one = &explanations[i];
        bool part = strncmp(one->id, "part.", strlen("part.")) == 0;
        bool value = strncmp(one->id, "value.", strlen("value.")) == 0;
        unsigned how;

        if (!part && !value && rank(query, name_of(one->id), one, &how)) {
            hits_add(hits, one->id, how);
        }
    }
}

static void search_values(struct hits *hits, const struct query *query)
{
    static const struct {
        enum wire_registry registry;
        uint32_t last;
    } searched[] = {
        {WIRE_REGISTRY_CIPHER_SUITE, 0xffff},     {WIRE_REGISTRY_GROUP, 0xffff},
        {WIRE_REGISTRY_SIGNATURE_SCHEME, 0xffff}, {WIRE_REGISTRY_ALERT, 0xff},
        {WIRE_REGISTRY_VERSION, 0xffff},
    };
    static const struct explanation composed = {"", "", ""}; /* only the name is searched */
    unsigned how;

    for (size_t i = 0; i < sizeof searched / sizeof searched[0]; i++) {
        for (uint32_t value = 0; value <= searched[i].last; value++) {
            const char *name = wire_registry_name(searched[i].registry, value);
            if (name != NULL && rank(query, name, &composed, &how)) {
                hits_add(hits, name, how);
            }
        }
    }
}

static int compare_hits(const void *a, const void *b)
{
    const struct hit *left = a;
    const struct hit *right = b;

    if (left->rank != right->rank) {
        return left->rank < right->rank ? -1 : 1;
    }
    return left->order < right->order ? -1 : left->order > right->order;
}

size_t explain_search(const char *query, const char **ids, size_t max)
{
    struct query words;
    struct hits hits = {0};
    size_t count;

    query_read(&words, query);
    search_texts(&hits, &words);
    search_values(&hits, &words);
    if (hits.count > 1) {
        qsort(hits.list, hits.count, sizeof *hits.list, compare_hits);
    }
    count = hits.count < max ? hits.count : max;
    for (size_t i = 0; i < count; i++) {
        ids[i] = hits.list[i].id;
    }
    free(hits.list);
    return count;
}
