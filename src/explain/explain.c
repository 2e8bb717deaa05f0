/* Finding the explanation of a field, a message, a stop or a term. */
#include "tlstep/explain.h"

#include <ctype.h>
#include <string.h>

#include "explanation.h"

/* Longer ids than any there is need no search. */
#define ID_MAX 128

const char *explanation_find(const char *id)
{
    size_t low = 0;
    size_t high = explanation_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(explanations[middle].id, id);
        if (order == 0) {
            return explanations[middle].text;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* "handshake.client_hello.session_id.length": the same without its first part, and so on. */
static const char *find_last_parts(const char *id)
{
    const char *text = NULL;

    for (const char *dot = strchr(id, '.'); text == NULL && dot != NULL; dot = strchr(dot, '.')) {
        dot++;
        text = explanation_find(dot);
    }
    return text;
}

/* "extension.server_name.something": what it is a part of. */
static const char *find_first_parts(const char *id)
{
    char shorter[ID_MAX];
    const char *text = NULL;
    char *dot;

    memcpy(shorter, id, strlen(id) + 1);
    while (text == NULL && (dot = strrchr(shorter, '.')) != NULL) {
        *dot = '\0';
        text = explanation_find(shorter);
    }
    return text;
}

/* What a person types: "ClientHello", "forward_secrecy", "key_share". */
static const char *find_in_families(const char *id)
{
    static const char *const families[] = {"term.",      "message.",   "stop.",
                                           "extension.", "handshake.", "reason."};
    char full[ID_MAX + 16];
    const char *text = NULL;

    for (size_t i = 0; text == NULL && i < sizeof families / sizeof families[0]; i++) {
        (void)snprintf(full, sizeof full, "%s%s", families[i], id); /* fits: see ID_MAX */
        text = explanation_find(full);
    }
    return text;
}

/* The same word, whatever its case and whether a blank, a hyphen or "_" joins its parts. */
static bool is_same_word(const char *word, size_t length, const char *typed)
{
    for (size_t i = 0; i < length; i++) {
        bool joint = strchr("_- ", word[i]) != NULL;
        bool same = joint ? typed[i] != '\0' && strchr("_- ", typed[i]) != NULL
                          : tolower((unsigned char)word[i]) == tolower((unsigned char)typed[i]);
        if (!same) {
            return false;
        }
    }
    return typed[length] == '\0';
}

static bool is_called(const struct explanation *one, const char *typed)
{
    static const char *const families[] = {"term.", "message.", "extension.", "reason."};
    const char *name = NULL; /* of paths inside a message nobody types the end */
    const char *words = one->also;

    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (strncmp(one->id, families[i], strlen(families[i])) == 0) {
            name = one->id + strlen(families[i]);
        }
    }
    if (name != NULL && is_same_word(name, strlen(name), typed)) {
        return true;
    }
    while (*words != '\0') {
        size_t length = strcspn(words, ",");
        if (is_same_word(words, length, typed)) {
            return true;
        }
        words += length;
        words += strspn(words, ", ");
    }
    return false;
}

/* What a person types who has seen it in a text: "SNI", "0-RTT", "forward secrecy". Terms before all else. */
static const char *find_loosely(const char *typed)
{
    const char *text = NULL;

    for (size_t i = 0; i < explanation_count && typed[0] != '\0'; i++) {
        if (is_called(&explanations[i], typed)) {
            if (strncmp(explanations[i].id, "term.", strlen("term.")) == 0) {
                return explanations[i].text;
            }
            text = text != NULL ? text : explanations[i].text;
        }
    }
    return text;
}

const char *explain_find(const char *id)
{
    const char *text = explanation_find(id);

    if (text != NULL || strlen(id) >= ID_MAX) {
        return text;
    }
    if (strchr(id, '.') == NULL) {
        text = find_in_families(id);
        return text != NULL ? text : find_loosely(id);
    }
    text = find_last_parts(id);
    text = text != NULL ? text : find_first_parts(id);
    return text != NULL ? text : find_loosely(id);
}

size_t explain_count(void)
{
    return explanation_count;
}

const char *explain_id(size_t index)
{
    return explanations[index].id;
}

const char *explain_text(size_t index)
{
    return explanations[index].text;
}
