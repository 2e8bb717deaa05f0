/* What on this machine may be why a certificate was refused: its clock, its trust store. */
#include <stdlib.h>
#include <string.h>

#include "sentences.h"

/* This program did not exist before: a clock that says so is wrong. */
#define CLOCK_EARLIEST ((int64_t)1704067200) /* 2024-01-01 */
#define YEAR           ((int64_t)365 * 86400)
#define DAY            ((int64_t)86400)

/* A system's store has a hundred or more; with fewer somebody has chosen them. */
#define SYSTEM_ANCHORS_FEW 20

bool is_judged_now(const struct words *words)
{
    int64_t at = words->search->request->at;
    int64_t now = clock_wall_ns() / 1000000000;

    return at > now - DAY && at < now + DAY;
}

/* The moments between which some certificate of the path is valid. */
static void path_span(const struct search *search, int64_t *first, int64_t *last)
{
    *first = INT64_MAX;
    *last = INT64_MIN;
    for (size_t i = 0; i < search->best.length; i++) {
        const struct node *node = &search->nodes[search->best.nodes[i]];
        if (node->readable) {
            *first = node->x.not_before < *first ? node->x.not_before : *first;
            *last = node->x.not_after > *last ? node->x.not_after : *last;
        }
    }
}

static void here_of_clock(const struct words *words)
{
    int64_t at = words->search->request->at;
    const char *why = NULL;
    int64_t first, last;

    path_span(words->search, &first, &last);
    if (!is_judged_now(words) || first > last) {
        return;
    }
    if (at < CLOCK_EARLIEST) {
        why = "which is before this program was written";
    } else if (at < first) {
        why = "before any certificate of the path was made";
    } else if (at > last + YEAR) {
        why = "more than a year after every certificate of the path has ended";
    }
    if (why != NULL) {
        say(words, "This machine's clock may be wrong: it says ");
        words_date(words->out, at);
        say(words, ", ");
        say(words, why);
        say(words, ".");
    }
}

static bool is_system_store(const char *name)
{
    return strncmp(name, "system", 6) == 0;
}

static void here_of_store(const struct words *words)
{
    const struct pki_trust *trust = words->search->request->trust;
    const char *file = getenv("SSL_CERT_FILE");
    const char *name = pki_trust_name(trust);
    size_t count = pki_trust_count(trust);

    if (words->node != NULL && words->node->distrusted) {
        say(words, "The trust settings in ");
        say(words, name);
        say(words, ", on this machine, forbid it.");
    } else if (count == 0) {
        say(words, "No trust anchors were chosen on this machine, so nothing can be trusted.");
    } else if (is_system_store(name) && file != NULL && file[0] != '\0') {
        say(words, "SSL_CERT_FILE takes the place of the system's trust store: ");
        text_safe_append(words->out, file, strlen(file));
        buffer_printf(words->out, ", %zu anchor%s.", count, count == 1 ? "" : "s");
    } else if (is_system_store(name) && count < SYSTEM_ANCHORS_FEW) {
        buffer_printf(words->out, "This machine's trust store has only %zu anchor%s.", count,
                      count == 1 ? "" : "s");
    }
}

void here_of(const struct words *words)
{
    switch (words->finding->code) {
    case PKI_EXPIRED:
    case PKI_NOT_YET_VALID:
        here_of_clock(words);
        break;
    case PKI_NO_TRUST_ANCHOR:
    case PKI_SELF_SIGNED:
    case PKI_MISSING_INTERMEDIATE:
        here_of_store(words);
        break;
    default:
        break;
    }
}
