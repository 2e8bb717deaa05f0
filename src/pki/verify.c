/* Judges a chain: runs the search and writes down what came of it. */
#include <stdlib.h>

#include "rules/rules.h"
#include "verification.h"

/* Which certificate of the verification each node is: those sent come first, in order; of the
 * store's only those that the path needs follow. */
struct numbering {
    long *of_node;            /* -1: not in the verification */
    struct pki_slice *slices; /* in the verification's order */
    size_t count;
};

static void numbering_free(struct numbering *numbering)
{
    free(numbering->of_node);
    free(numbering->slices);
}

static bool number_certificates(struct numbering *out, const struct search *search)
{
    const struct pki_request *request = search->request;
    size_t most = request->chain_length + search->best.length + 1;

    out->of_node = calloc(search->count + 1, sizeof *out->of_node);
    out->slices = calloc(most, sizeof *out->slices);
    if (out->of_node == NULL || out->slices == NULL) {
        return false;
    }
    for (size_t i = 0; i < request->chain_length; i++) {
        out->slices[out->count++] = request->chain[i];
    }
    for (size_t i = 0; i < search->count; i++) {
        out->of_node[i] = search->nodes[i].sent ? (long)i : -1;
    }
    for (size_t i = 0; i < search->best.length; i++) {
        size_t node = search->best.nodes[i];
        if (!search->nodes[node].sent) {
            out->of_node[node] = (long)out->count;
            out->slices[out->count++] = search->nodes[node].x.der;
        }
    }
    return true;
}

static bool write_reasons(struct pki_verification *out, const struct search *search,
                          const struct numbering *numbering)
{
    for (size_t i = 0; i < search->best.count; i++) {
        if (!reason_write(&out->reasons[i], search, &search->best.findings[i],
                          numbering->of_node)) {
            return false;
        }
    }
    return true;
}

static bool write_path(struct pki_verification *out, const struct search *search,
                       const struct numbering *numbering)
{
    if (!verification_make_room(out, search->best.length, search->best.count)) {
        return false;
    }
    for (size_t i = 0; i < search->best.length; i++) {
        out->path[i] = (size_t)numbering->of_node[search->best.nodes[i]];
    }
    out->anchored = search->best.anchored;
    return true;
}

static bool write_frame(struct pki_verification *out, const struct search *search)
{
    const struct pki_request *request = search->request;
    bool readable = search->count > 0 && search->nodes[0].readable;

    out->performed = true;
    out->ok = search->best.count == 0;
    out->hostname_checked = request->hostname != NULL && readable;
    out->hostname_ok = out->hostname_checked && host_matches(&search->host, &search->nodes[0].x);
    out->at = request->at;
    out->anchors = pki_trust_count(request->trust);
    out->sent_count = request->chain_length;
    out->trust = verification_text(pki_trust_name(request->trust));
    out->name = request->hostname != NULL ? verification_text(request->hostname) : NULL;
    return out->trust != NULL && (out->name != NULL || request->hostname == NULL);
}

struct pki_verification *pki_verify(const struct pki_request *request, struct err *err)
{
    struct pki_verification *out = verification_new();
    struct numbering numbering = {0};
    struct search search;
    bool done = search_run(&search, request) && out != NULL && write_frame(out, &search) &&
                number_certificates(&numbering, &search) &&
                verification_set_certificates(out, numbering.slices, numbering.count) &&
                write_path(out, &search, &numbering) && write_reasons(out, &search, &numbering);

    numbering_free(&numbering);
    search_free(&search);
    if (!done) {
        pki_verification_free(out);
        (void)err_memory(err, "verifying a certificate");
        return NULL;
    }
    return out;
}
