/* What `tlstep certs` shows of a chain: the document "tlstep.certs/1", the text, and openssl's text. */
#include <string.h>

#include "text.h"

/* ---- JSON ------------------------------------------------------------------------------------ */

static int emit_origin(struct emit *emit, const struct report_certs *certs)
{
    if (certs->trace == NULL) {
        return 0;
    }
    const struct trace_facts *facts = trace_facts(certs->trace, trace_event_count(certs->trace));
    if (facts == NULL) {
        return -1;
    }
    if (trace_target(certs->trace)->source != NULL) {
        part_source(emit, "conversation", certs->trace, facts);
    } else {
        part_target(emit, trace_target(certs->trace), facts);
    }
    return 0;
}

int report_certs_line(const struct report_certs *certs, struct buffer *out)
{
    struct emit emit = {.out = out};
    const char *from = certs->trace != NULL ? wire_side_name(WIRE_SERVER) : NULL;

    emit_open(&emit, NULL, '{');
    emit_text(&emit, "schema", "tlstep.certs/1");
    emit_text(&emit, "source", certs->source);
    if (emit_origin(&emit, certs) != 0) {
        return -1;
    }
    emit_text_given(&emit, "note", certs->note);
    emit_open(&emit, "certificates", '[');
    if (part_chain(&emit, &certs->chain, from, true) != 0) {
        return -1;
    }
    emit_close(&emit, ']');
    part_verification(&emit, "verification", certs->chain.verification);
    emit_close(&emit, '}');
    return out->failed ? -1 : 0;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void write_head(const struct pen *pen, const struct report_certs *certs)
{
    const struct report_chain *chain = &certs->chain;
    char name[300];
    char date[40];

    pen_paint(pen, "1", text_safe(name, sizeof name, certs->source, strlen(certs->source)));
    if (certs->trace != NULL && trace_target(certs->trace)->client != NULL) {
        buffer_printf(pen->out, " · conversation %u · %s → %s", trace_target(certs->trace)->stream,
                      trace_target(certs->trace)->client, trace_target(certs->trace)->server);
    }
    buffer_printf(pen->out, " · %zu certificate%s%s · %s", chain->count,
                  chain->count == 1 ? "" : "s", chain->from_file ? "" : " sent",
                  time_rfc3339(date, sizeof date, certs->at));
    if (certs->note != NULL && certs->note[0] != '\0') {
        buffer_printf(pen->out, " · %s", certs->note);
    }
    buffer_text(pen->out, "\n\n");
}

static int write_text(const struct pen *pen, const struct report_certs *certs)
{
    struct report_tree *tree = report_tree_new(&certs->chain);

    if (tree == NULL) {
        return -1;
    }
    write_head(pen, certs);
    int status = text_tree(pen, tree, certs->chain.verification);
    text_verdict(pen, &certs->chain, TEXT_FULL); /* the answer before all that it stands on */
    if (status == 0) {
        status = text_members(pen, &certs->chain, tree, certs->at, TEXT_FULL);
    }
    report_tree_free(tree);
    return status;
}

int report_certs_text(const struct report_certs *certs, unsigned style, struct buffer *out)
{
    struct buffer text = {0};
    const struct pen pen = {&text, style};

    int status = write_text(&pen, certs);
    return pen_hand_over(&text, style, out) == 0 ? status : -1;
}

/* ---- openssl's text ---------------------------------------------------------------------------- */

int report_certs_plain_text(const struct report_certs *certs, struct buffer *out)
{
    size_t count = part_certificate_count(&certs->chain);

    for (size_t i = 0; i < count; i++) {
        struct pki_certificate *read;
        const struct pki_certificate *certificate = part_certificate_at(&certs->chain, i, &read);
        if (certificate == NULL) {
            return -1;
        }
        pki_certificate_text(out, certificate);
        pki_certificate_free(read);
    }
    return out->failed ? -1 : 0;
}
