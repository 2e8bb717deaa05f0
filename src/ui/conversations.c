/* Which conversations are shown, and in which order. */
#include <stdlib.h>
#include <string.h>

#include "conversations.h"
#include "page.h"

/* While a capture is read, a list that has to be made anew is so at most this often. */
#define REMAKE_NS 500000000

void ui_conversations_free(struct ui_conversations *list)
{
    free(list->shown);
    *list = (struct ui_conversations){0};
}

/* ---- filtering ------------------------------------------------------------------------------------ */

static bool contains(const char *where, const char *word)
{
    return where[0] != '\0' && ui_text_contains(where, strlen(where), word);
}

/* Columns that are text already need no copy. */
static bool has_word(const struct trace_conversation *conversation, const char *word)
{
    static const enum ui_conversation_column made[] = {
        UI_CONVERSATION_VERSION, UI_CONVERSATION_SUITE, UI_CONVERSATION_NUMBER};
    char text[200];

    if (contains(conversation->sni, word) || contains(conversation->server, word) ||
        contains(conversation->client, word) || contains(conversation->verdict, word) ||
        contains(conversation->alpn, word) || contains(conversation->starttls, word)) {
        return true;
    }
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        if (contains(ui_conversation_text(text, sizeof text, conversation, made[i]), word)) {
            return true;
        }
    }
    return false;
}

static bool matches(const struct ui_words *words, const struct trace_conversation *conversation)
{
    for (size_t i = 0; i < words->count; i++) {
        if (!has_word(conversation, words->words[i])) {
            return false;
        }
    }
    return true;
}

/* ---- sorting --------------------------------------------------------------------------------------- */

/* What is not known, and what has no TLS, stands last whichever way the list is sorted: it is out of
 * the way. */
static int compare_text(const char *a, const char *b, bool *fixed)
{
    if (a[0] == '\0' || b[0] == '\0') {
        *fixed = true;
        return (a[0] == '\0') - (b[0] == '\0');
    }
    return strcasecmp(a, b);
}

static int compare_known(bool known_a, uint64_t a, bool known_b, uint64_t b, bool *fixed)
{
    if (!known_a || !known_b) {
        *fixed = true;
        return !known_a - !known_b;
    }
    return a < b ? -1 : a > b;
}

static int compare_column(const struct trace_conversation *a, const struct trace_conversation *b,
                          enum ui_conversation_column column, bool *fixed)
{
    switch (column) {
    case UI_CONVERSATION_TIME:
        return a->start_ns < b->start_ns ? -1 : a->start_ns > b->start_ns;
    case UI_CONVERSATION_CLIENT:
        return strcmp(a->client, b->client);
    case UI_CONVERSATION_SERVER:
        return strcmp(a->server, b->server);
    case UI_CONVERSATION_SNI:
        return compare_text(a->sni, b->sni, fixed);
    case UI_CONVERSATION_VERSION:
        return compare_known(a->version != 0, a->version, b->version != 0, b->version, fixed);
    case UI_CONVERSATION_SUITE:
        return compare_known(a->cipher_suite_known, a->cipher_suite, b->cipher_suite_known,
                             b->cipher_suite, fixed);
    case UI_CONVERSATION_ALPN:
        return compare_text(a->alpn, b->alpn, fixed);
    case UI_CONVERSATION_KEYS:
        return compare_known(a->tls, a->readable, b->tls, b->readable, fixed);
    case UI_CONVERSATION_BYTES:
        return compare_known(true, a->bytes[0] + a->bytes[1], true, b->bytes[0] + b->bytes[1],
                             fixed);
    case UI_CONVERSATION_LASTED:
        return a->end_ns - a->start_ns < b->end_ns - b->start_ns
                   ? -1
                   : a->end_ns - a->start_ns > b->end_ns - b->start_ns;
    case UI_CONVERSATION_VERDICT:
        if (a->tls != b->tls) {
            *fixed = true;
            return a->tls ? -1 : 1;
        }
        return compare_text(a->verdict, b->verdict, fixed);
    default:
        return 0;
    }
}

/* For qsort_r(): `context` is the list. */
static int compare(const void *left, const void *right, void *context)
{
    const struct ui_conversations *list = context;
    const size_t a = *(const size_t *)left, b = *(const size_t *)right;
    bool fixed = false;
    int order = compare_column(trace_capture_at(list->capture, a),
                               trace_capture_at(list->capture, b), list->sort, &fixed);

    if (order == 0) {
        order = a < b ? -1 : a > b;
    }
    return list->descending && !fixed ? -order : order;
}

/* ---- making the list --------------------------------------------------------------------------------- */

/* It is the capture, line by line. */
static bool is_all(const struct ui_conversations *list)
{
    return list->filter[0] == '\0' && list->sort == UI_CONVERSATION_NUMBER && !list->descending;
}

static void make(struct ui_conversations *list)
{
    size_t total = trace_capture_count(list->capture);
    struct ui_words words = {0};
    size_t *shown;

    list->total = total;
    list->failed = false;
    if (is_all(list)) {
        list->count = total;
        return;
    }
    list->count = 0;
    shown = array_grow(list->shown, &list->capacity, total > 0 ? total : 1, sizeof *shown);
    if (shown == NULL) {
        list->failed = true;
        return;
    }
    list->shown = shown;
    ui_words_split(&words, list->filter);
    for (size_t i = 0; i < total; i++) {
        if (matches(&words, trace_capture_at(list->capture, i))) {
            shown[list->count++] = i;
        }
    }
    if (list->sort != UI_CONVERSATION_NUMBER || list->descending) {
        qsort_r(shown, list->count, sizeof *shown, compare, list);
    }
    list->made_ns = clock_monotonic_ns();
}

/* Of those that are new; of all once they do not grow any more. */
static void measure(struct ui_conversations *list, bool complete)
{
    size_t total = trace_capture_count(list->capture);

    if (complete && !list->complete) {
        list->measured = 0;
    }
    for (; list->measured < total; list->measured++) {
        const struct trace_conversation *here = trace_capture_at(list->capture, list->measured);
        uint64_t bytes = here->bytes[0] + here->bytes[1];
        list->most = bytes > list->most ? bytes : list->most;
    }
}

bool ui_conversations_update(struct ui_conversations *list, const struct trace_capture *capture,
                             bool reading)
{
    bool same = list->capture == capture;
    bool complete = !reading;

    list->capture = capture;
    measure(list, complete);
    if (same && list->complete && complete && list->total == trace_capture_count(capture)) {
        return false;
    }
    /* What conversations are is found out while they are in the list already. */
    if (same && !is_all(list) && !complete && list->total > 0 &&
        clock_monotonic_ns() - list->made_ns < REMAKE_NS) {
        return false;
    }
    list->complete = complete;
    make(list);
    return true;
}

/* More letters find less: only what is shown is looked at again. */
static void narrow(struct ui_conversations *list)
{
    struct ui_words words = {0};
    size_t kept = 0;

    ui_words_split(&words, list->filter);
    for (size_t i = 0; i < list->count; i++) {
        size_t index = list->shown[i];
        if (matches(&words, trace_capture_at(list->capture, index))) {
            list->shown[kept++] = index;
        }
    }
    list->count = kept;
}

void ui_conversations_filter(struct ui_conversations *list, const char *filter)
{
    size_t before = strlen(list->filter);
    bool longer = before > 0 && strncmp(list->filter, filter, before) == 0;

    if (strcmp(list->filter, filter) == 0) {
        return;
    }
    (void)snprintf(list->filter, sizeof list->filter, "%s", filter);
    if (list->capture == NULL) {
        return;
    }
    if (longer && !list->failed && list->complete) {
        narrow(list);
    } else {
        make(list);
    }
}

void ui_conversations_sort(struct ui_conversations *list, enum ui_conversation_column column,
                           bool descending)
{
    list->sort = column;
    list->descending = descending;
    if (list->capture != NULL) {
        make(list);
    }
}

size_t ui_conversations_at(const struct ui_conversations *list, size_t place)
{
    return is_all(list) ? place : list->shown[place];
}

size_t ui_conversations_place(const struct ui_conversations *list, size_t index)
{
    if (is_all(list)) {
        return index < list->count ? index : 0;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->shown[i] == index) {
            return i;
        }
    }
    return 0;
}
