/* Judges a chain: runs the search and writes down what came of it. */
#include "gnutls_verdict.h"
#include "members.h"
#include "revocation/revocation.h"
#include "rules/rules.h"
#include "verification.h"

static bool write_path(size_t **path, size_t *length, const struct trial *trial,
                       const struct numbering *numbering)
{
    if (!verification_make_path(path, length, trial->length)) {
        return false;
    }
    for (size_t i = 0; i < trial->length; i++) {
        (*path)[i] = (size_t)numbering->of_node[trial->nodes[i]];
    }
    return true;
}

static bool write_reasons(struct pki_reason **reasons, size_t *count, const struct search *search,
                          const struct trial *trial, const struct numbering *numbering)
{
    if (!verification_make_reasons(reasons, count, trial->count)) {
        return false;
    }
    for (size_t i = 0; i < trial->count; i++) {
        if (!reason_write(&(*reasons)[i], search, &trial->findings[i], numbering->of_node)) {
            return false;
        }
    }
    return true;
}

static bool write_alternatives(struct pki_verification *out, const struct search *search,
                               const struct numbering *numbering)
{
    if (!verification_make_alternatives(out, search->other_count)) {
        return false;
    }
    for (size_t i = 0; i < search->other_count; i++) {
        const struct trial *trial = &search->others[i];
        struct pki_path *path = &out->alternatives[i];
        path->anchored = trial->anchored;
        path->ok = trial->count == 0;
        if (!write_path(&path->certificates, &path->length, trial, numbering) ||
            !write_reasons(&path->reasons, &path->reason_count, search, trial, numbering)) {
            return false;
        }
    }
    return true;
}

/* The earliest end of validity decides how long the path can serve. */
static void write_expiry(struct pki_verification *out, const struct search *search)
{
    for (size_t i = 0; i < search->best.length; i++) {
        const struct node *node = &search->nodes[search->best.nodes[i]];
        if (node->readable && (out->expires_first < 0 || node->x.not_after < out->expires)) {
            out->expires = node->x.not_after;
            out->expires_first = (long)out->path[i];
        }
    }
}

static bool write_gave_up(struct pki_verification *out, const struct search *search)
{
    struct buffer text = {0};

    if (!search->gave_up) {
        return true;
    }
    search_say_gave_up(&text, search);
    out->gave_up = buffer_take_string(&text);
    return out->gave_up != NULL;
}

static bool write_frame(struct pki_verification *out, const struct search *search)
{
    const struct pki_request *request = search->request;
    bool readable = request->chain_length > 0 && search->nodes[0].readable;

    out->performed = true;
    out->ok = search->best.count == 0;
    out->hostname_checked = request->hostname != NULL && readable;
    out->hostname_ok = out->hostname_checked && host_matches(&search->host, &search->nodes[0].x);
    out->at = request->at;
    out->strict = request->strict;
    out->anchors = pki_trust_count(request->trust);
    out->sent_count = request->chain_length;
    out->paths_tried = search->done.paths;
    out->anchored = search->best.anchored;
    out->trust = verification_text(pki_trust_name(request->trust));
    out->purpose = verification_text(verification_purpose(request->purpose));
    out->name = request->hostname != NULL ? verification_text(request->hostname) : NULL;
    return out->trust != NULL && out->purpose != NULL &&
           (out->name != NULL || request->hostname == NULL) && write_gave_up(out, search);
}

static bool write_all(struct pki_verification *out, const struct search *search,
                      struct numbering *numbering)
{
    if (!write_frame(out, search) || !numbering_make(numbering, search) ||
        !verification_set_certificates(out, numbering->slices, numbering->count) ||
        !write_path(&out->path, &out->path_length, &search->best, numbering) ||
        !write_reasons(&out->reasons, &out->reason_count, search, &search->best, numbering) ||
        !write_alternatives(out, search, numbering)) {
        return false;
    }
    write_expiry(out, search);
    members_write(out, search, numbering);
    return revocation_write(out, search, numbering->of_node) &&
           (!search->request->gnutls || gnutls_verdict_write(out, search));
}

struct pki_verification *pki_verify(const struct pki_request *request, struct err *err)
{
    struct pki_verification *out = verification_new();
    struct numbering numbering = {0};
    struct search search;
    bool done = search_run(&search, request) && out != NULL && write_all(out, &search, &numbering);

    numbering_free(&numbering);
    search_free(&search);
    if (!done) {
        pki_verification_free(out);
        (void)err_memory(err, "verifying a certificate");
        return NULL;
    }
    return out;
}
