/* Putting certificates in the order in which they hang from their root. */
#include <stdlib.h>
#include <string.h>

#include "chain.h"

/* ---- nodes ------------------------------------------------------------------------------------- */

static bool is_known(const struct pki_certificate *certificate)
{
    return certificate != NULL && !certificate->malformed;
}

static bool path_has(const struct pki_verification *verification, size_t index)
{
    for (size_t i = 0; verification != NULL && i < verification->path_length; i++) {
        if (verification->path[i] == index) {
            return true;
        }
    }
    return false;
}

static bool refused_for(const struct pki_verification *verification, size_t index)
{
    for (size_t i = 0; i < verification->reason_count; i++) {
        if (verification->reasons[i].certificate == (long)index) {
            return true;
        }
    }
    return false;
}

/* Does the path end at something that is trusted? */
static bool is_anchored(const struct pki_verification *verification)
{
    for (size_t i = 0; i < verification->reason_count; i++) {
        enum pki_reason_code code = verification->reasons[i].code;
        if (code == PKI_NO_TRUST_ANCHOR || code == PKI_SELF_SIGNED ||
            code == PKI_MISSING_INTERMEDIATE) {
            return false;
        }
    }
    return verification->performed && verification->path_length > 0;
}

static enum ui_mark judge(const struct pki_verification *verification, size_t index)
{
    if (verification == NULL || !verification->performed) {
        return UI_MARK_WAITING;
    }
    if (refused_for(verification, index)) {
        return UI_MARK_BAD;
    }
    return is_anchored(verification) ? UI_MARK_GOOD : UI_MARK_WAITING;
}

/* A certificate that was sent. */
static struct ui_chain_node sent_node(const struct trace_facts *facts, size_t index)
{
    return (struct ui_chain_node){
        .certificate = facts->certificates[index],
        .sent = index + 1,
        .mark = judge(facts->verification, index),
    };
}

/* A certificate of the verification: sent, or from the trust store and read here. */
static struct ui_chain_node path_node(const struct trace_facts *facts, size_t index)
{
    const struct pki_verification *verification = facts->verification;
    struct ui_chain_node node = {.mark = judge(verification, index)};

    if (index < verification->sent_count && index < facts->certificate_count) {
        return sent_node(facts, index);
    }
    if (index < verification->certificate_count) {
        node.owned = pki_certificate_new(verification->certificates[index].data,
                                         verification->certificates[index].length);
        node.certificate = node.owned;
    }
    node.name = "a certificate from the trust store";
    return node;
}

/* Above the topmost certificate: its issuer, when that is another one that is not here. */
static bool issuer_node(const struct ui_chain_node *top, struct ui_chain_node *node)
{
    if (!is_known(top->certificate) || top->certificate->self_issued || top->anchor) {
        return false;
    }
    *node = (struct ui_chain_node){.name = top->certificate->issuer, .mark = UI_MARK_WAITING};
    return true;
}

/* ---- the path ------------------------------------------------------------------------------------ */

/* The certificate that was sent and has this subject, and is not used yet; -1. */
static long find_issuer(const struct trace_facts *facts, const char *subject, const bool *used)
{
    for (size_t i = 0; i < facts->certificate_count; i++) {
        const struct pki_certificate *certificate = facts->certificates[i];
        if (!used[i] && is_known(certificate) && strcmp(certificate->subject, subject) == 0) {
            return (long)i;
        }
    }
    return -1;
}

/* Before a verdict: each certificate hangs from the one whose name it gives as its issuer. Fills
 * `path` leaf first; returns how many. */
static size_t guess_path(const struct trace_facts *facts, bool *used, size_t *path)
{
    size_t length = 0;
    long next = facts->certificate_count > 0 ? 0 : -1;

    while (next >= 0) {
        const struct pki_certificate *certificate = facts->certificates[next];
        used[next] = true;
        path[length++] = (size_t)next;
        if (!is_known(certificate) || certificate->self_issued) {
            break;
        }
        next = find_issuer(facts, certificate->issuer, used);
    }
    return length;
}

/* Appends the path, given leaf first, so that it hangs from its root. */
static void hang_path(struct ui_chain *chain, struct ui_chain_node *path, size_t length)
{
    struct ui_chain_node above;
    int depth = 0;

    if (length > 0 && issuer_node(&path[length - 1], &above)) {
        chain->nodes[chain->count++] = above;
        depth = 1;
    }
    for (size_t i = length; i > 0; i--) {
        path[i - 1].depth = depth++;
        chain->nodes[chain->count++] = path[i - 1];
    }
    chain->leaf = length > 0 ? chain->count - 1 : chain->count;
}

static size_t collect_path(const struct trace_facts *facts, bool *used, size_t *indices,
                           struct ui_chain_node *path)
{
    const struct pki_verification *verification = facts->verification;
    size_t length;

    if (verification == NULL || verification->path_length == 0) {
        length = guess_path(facts, used, indices);
        for (size_t i = 0; i < length; i++) {
            path[i] = sent_node(facts, indices[i]);
        }
        return length;
    }
    length = verification->path_length;
    for (size_t i = 0; i < length; i++) {
        path[i] = path_node(facts, verification->path[i]);
    }
    path[length - 1].anchor = is_anchored(verification);
    return length;
}

int ui_chain_init(struct ui_chain *chain, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    size_t most = facts->certificate_count + 1;
    struct ui_chain_node *path;
    size_t *indices;
    bool *used;

    *chain = (struct ui_chain){0};
    if (verification != NULL) {
        most += verification->path_length;
    }
    chain->nodes = calloc(most + 1, sizeof *chain->nodes);
    path = calloc(most, sizeof *path);
    indices = calloc(most, sizeof *indices);
    used = calloc(most, sizeof *used);
    if (chain->nodes != NULL && path != NULL && indices != NULL && used != NULL) {
        hang_path(chain, path, collect_path(facts, used, indices, path));
        for (size_t i = 0; i < facts->certificate_count; i++) {
            if (!used[i] && !path_has(verification, i)) {
                struct ui_chain_node node = sent_node(facts, i);
                node.unused = true;
                node.mark = UI_MARK_WAITING;
                chain->nodes[chain->count++] = node;
            }
        }
    }
    free(path);
    free(indices);
    free(used);
    if (chain->nodes == NULL || (chain->count == 0 && facts->certificate_count > 0)) {
        ui_chain_free(chain);
        return -1;
    }
    return 0;
}

void ui_chain_free(struct ui_chain *chain)
{
    for (size_t i = 0; chain->nodes != NULL && i < chain->count; i++) {
        pki_certificate_free(chain->nodes[i].owned);
    }
    free(chain->nodes);
    *chain = (struct ui_chain){0};
}

/* ---- words -------------------------------------------------------------------------------------------- */

/* The common name out of an RFC 4514 string, else all of it. */
static void short_name(char *out, size_t size, const char *name)
{
    const char *at = name;

    while (at != NULL) {
        if (strncmp(at, "CN=", 3) == 0) {
            (void)text_safe(out, size, at + 3, strcspn(at + 3, ",+"));
            return;
        }
        at = strchr(at, ',');
        at = at != NULL ? at + 1 : NULL;
    }
    (void)text_safe(out, size, name, strlen(name));
}

char *ui_chain_name(char *out, size_t size, const struct ui_chain_node *node)
{
    if (node->certificate != NULL) {
        return pki_certificate_label(out, size, node->certificate);
    }
    short_name(out, size, node->name != NULL ? node->name : "?");
    return out;
}

static void add_words(struct ui_page *page, unsigned style, const char *text)
{
    int indent = ui_mark_columns(page->ascii);

    if (text != NULL && text[0] != '\0') {
        ui_page_line(page);
        ui_page_column(page, indent);
        ui_page_wrap(page, style, indent, text);
    }
}

static void add_reason(struct ui_page *page, const struct pki_reason *reason)
{
    char words[60];
    char mend[700];

    (void)snprintf(words, sizeof words, "%s", pki_reason_name(reason->code));
    for (char *at = words; *at != '\0'; at++) {
        if (*at == '_') {
            *at = ' ';
        }
    }
    ui_page_line(page);
    ui_mark_add(page, UI_MARK_BAD);
    ui_page_add(page, UI_BAD, "%s", words);
    add_words(page, UI_TEXT, reason->text);
    add_words(page, UI_DIM, pki_reason_reference(reason->code));
    if (reason->mend != NULL && reason->mend[0] != '\0') {
        (void)snprintf(mend, sizeof mend, "Mend it: %s", reason->mend);
        add_words(page, UI_TEXT, mend);
    }
}

void ui_chain_add_reasons(struct ui_page *page, const struct pki_verification *verification,
                          const struct ui_chain *chain)
{
    for (size_t i = 0; i < verification->reason_count; i++) {
        add_reason(page, &verification->reasons[i]);
    }
    for (size_t i = 0; i < chain->count; i++) {
        char name[200], text[300];
        if (!chain->nodes[i].unused) {
            continue;
        }
        ui_page_line(page);
        ui_mark_add(page, UI_MARK_WARNING);
        ui_page_add(page, UI_WARNING, "sent but unused");
        (void)snprintf(text, sizeof text, "%s is in no path to a trust anchor.",
                       ui_chain_name(name, sizeof name, &chain->nodes[i]));
        add_words(page, UI_TEXT, text);
    }
}

bool ui_is_refused(const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;

    if (verification == NULL || !verification->performed || verification->ok) {
        return false;
    }
    return facts->failed || (facts->stop.at_stop && strcmp(facts->stop.at, "verify") == 0);
}
