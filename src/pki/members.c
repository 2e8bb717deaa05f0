/* The certificates of a verification: numbered, and what each of them is. */
#include "members.h"

#include <stdlib.h>

#include "graph.h"
#include "verification.h"

/* Of the store's certificates that it forbids, so many are shown. */
#define DISTRUSTED_SHOWN_MAX 16
/* An unused certificate's issuer is looked for among so many of that name. */
#define ISSUERS_COMPARED_MAX 64

/* ---- numbers --------------------------------------------------------------------------- */

void numbering_free(struct numbering *numbering)
{
    free(numbering->of_node);
    free(numbering->nodes);
    free(numbering->slices);
}

static void number(struct numbering *out, const struct search *search, size_t node)
{
    if (out->of_node[node] < 0) {
        out->of_node[node] = (long)out->count;
        out->nodes[out->count] = node;
        out->slices[out->count++] = search->nodes[node].x.der;
    }
}

static void number_sent(struct numbering *out, const struct search *search)
{
    const struct pki_request *request = search->request;

    for (size_t i = 0; i < request->chain_length; i++) {
        bool looked_at = i < search->count && search->nodes[i].sent;
        out->nodes[i] = looked_at ? i : NO_NODE;
        out->slices[i] = request->chain[i];
        if (looked_at) {
            out->of_node[i] = (long)i;
        }
    }
    out->count = request->chain_length;
}

static void number_trial(struct numbering *out, const struct search *search,
                         const struct trial *trial, bool given)
{
    for (size_t i = 0; i < trial->length; i++) {
        if (search->nodes[trial->nodes[i]].given == given) {
            number(out, search, trial->nodes[i]);
        }
    }
}

static void number_trials(struct numbering *out, const struct search *search, bool given)
{
    number_trial(out, search, &search->best, given);
    for (size_t i = 0; i < search->other_count; i++) {
        number_trial(out, search, &search->others[i], given);
    }
}

static void number_distrusted(struct numbering *out, const struct search *search)
{
    size_t shown = 0;

    for (size_t i = 0; i < search->count && shown < DISTRUSTED_SHOWN_MAX; i++) {
        const struct node *node = &search->nodes[i];
        if (node->distrusted && !node->sent && !node->given && node->duplicate_of == NO_NODE &&
            out->of_node[i] < 0) {
            number(out, search, i);
            shown++;
        }
    }
}

bool numbering_make(struct numbering *out, const struct search *search)
{
    size_t most = search->request->chain_length + search->count + 1;

    out->of_node = calloc(search->count + 1, sizeof *out->of_node);
    out->nodes = calloc(most, sizeof *out->nodes);
    out->slices = calloc(most, sizeof *out->slices);
    if (out->of_node == NULL || out->nodes == NULL || out->slices == NULL) {
        return false;
    }
    for (size_t i = 0; i < search->count; i++) {
        out->of_node[i] = -1;
    }
    number_sent(out, search);
    number_trials(out, search, true);
    number_trials(out, search, false);
    number_distrusted(out, search);
    return true;
}

/* ---- members --------------------------------------------------------------------------- */

/* How likely it is that one certificate issued another; 0: it did not. */
static unsigned likelihood(const struct search *search, size_t certificate, size_t issuer)
{
    switch (search_edge_known(search, certificate, issuer)) {
    case SIGNATURE_GOOD:
        return 4;
    case SIGNATURE_NOT_CHECKED:
        return search_key_id(search, certificate, issuer);
    default:
        return 0;
    }
}

/* Outside the paths signatures were not checked, and are not worth it: names and key identifiers tell. */
static long likely_issuer(const struct search *search, const struct numbering *numbering,
                          size_t node)
{
    struct row row = graph_subjects(search, search->nodes[node].issuer_hash);
    unsigned best = 0;
    long issuer = -1;

    for (size_t i = 0; i < row.count && i < ISSUERS_COMPARED_MAX; i++) {
        size_t other = row.nodes[i];
        unsigned likely =
            other != node && numbering->of_node[other] >= 0 ? likelihood(search, node, other) : 0;
        if (likely > best) {
            best = likely;
            issuer = numbering->of_node[other];
        }
    }
    return issuer;
}

/* The next one of a path is the issuer that counts. */
static void link_path(struct pki_verification *out, const size_t *path, size_t length)
{
    for (size_t i = 0; i + 1 < length; i++) {
        if (out->members[path[i]].issuer < 0) {
            out->members[path[i]].issuer = (long)path[i + 1];
        }
    }
}

static void write_member(struct pki_verification *out, const struct search *search,
                         const struct numbering *numbering, size_t index)
{
    struct pki_member *member = &out->members[index];
    size_t node = numbering->nodes[index];
    size_t first;

    if (node == NO_NODE) {
        return;
    }
    first = search->nodes[node].duplicate_of != NO_NODE ? search->nodes[node].duplicate_of : node;
    member->origin = search->nodes[node].sent    ? PKI_SENT
                     : search->nodes[node].given ? PKI_GIVEN
                                                 : PKI_STORE;
    member->anchor = search->nodes[first].anchor;
    member->distrusted = search->nodes[first].distrusted;
    member->duplicate_of = first != node ? numbering->of_node[first] : -1;
    if (member->issuer < 0 && search->nodes[first].readable && !search_may_be_root(search, first)) {
        member->issuer = likely_issuer(search, numbering, first);
    }
}

/* In the path, everyone's issuer comes later, as in RFC 5246 7.4.2. What is sent in between for nothing is another matter. */
static bool is_misordered(const struct pki_verification *out)
{
    size_t last = 0;

    for (size_t i = 0; i < out->path_length; i++) {
        if (out->path[i] < out->sent_count) {
            if (out->path[i] < last) {
                return true;
            }
            last = out->path[i];
        }
    }
    return false;
}

void members_write(struct pki_verification *out, const struct search *search,
                   const struct numbering *numbering)
{
    link_path(out, out->path, out->path_length);
    for (size_t i = 0; i < out->alternative_count; i++) {
        link_path(out, out->alternatives[i].certificates, out->alternatives[i].length);
    }
    for (size_t i = 0; i < out->certificate_count; i++) {
        write_member(out, search, numbering, i);
    }
    verification_mark_paths(out);
    out->misordered = is_misordered(out);
}
