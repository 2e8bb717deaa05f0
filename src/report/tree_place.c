/* What a node of the certificate tree is called, and why it stands there. */
#include <string.h>

#include "tree.h"

/* ---- names --------------------------------------------------------------------------------- */

static const char *keep(struct report_tree *tree, const char *text)
{
    const char *copy = arena_string(tree->arena, text);

    tree->failed |= copy == NULL;
    return copy != NULL ? copy : "";
}

const char *tree_name(struct report_tree *tree, const struct pki_certificate *certificate,
                      const char *issuer)
{
    char name[256];

    if (certificate != NULL) {
        return keep(tree, pki_certificate_label(name, sizeof name, certificate));
    }
    (void)report_short_name(name, sizeof name, issuer);
    return keep(tree, name[0] != '\0' ? name : "an issuer without a name");
}

/* ---- places -------------------------------------------------------------------------------- */

static const char *ordinal(size_t number)
{
    size_t tens = number % 100;

    if (tens >= 11 && tens <= 13) {
        return "th";
    }
    return number % 10 == 1 ? "st" : number % 10 == 2 ? "nd" : number % 10 == 3 ? "rd" : "th";
}

/* "sent 3rd"; of those that stand in a file: "3rd in the file". */
static void write_order(char *out, size_t size, const struct report_tree *tree, size_t index)
{
    if (tree->chain.from_file) {
        (void)snprintf(out, size, "%zu%s in the file", index + 1, ordinal(index + 1));
    } else {
        (void)snprintf(out, size, "sent %zu%s", index + 1, ordinal(index + 1));
    }
}

static const char *role(const struct report_tree_node *node, const struct tree_spot *spot)
{
    const struct pki_certificate *certificate = node->certificate;

    if (spot->place == 0) {
        return "leaf";
    }
    return spot->place + 1 == spot->length && certificate->self_issued ? "root" : "intermediate";
}

bool tree_is_misplaced(const struct report_tree *tree, const struct tree_spot *spot)
{
    const struct pki_verification *verification = tree->chain.verification;

    return verification != NULL && verification->misordered && spot->length > 0 &&
           spot->index < verification->sent_count && spot->index != spot->place;
}

static void sent_place(char *out, size_t size, const struct report_tree *tree,
                       const struct report_tree_node *node, const struct tree_spot *spot)
{
    long same = tree->duplicate_of[spot->index];
    char order[48];

    write_order(order, sizeof order, tree, spot->index);
    if (node->kind != REPORT_TREE_UNUSED) {
        (void)snprintf(out, size, "%s, %s", role(node, spot), order);
        if (tree_is_misplaced(tree, spot)) {
            size_t length = strlen(out);
            (void)snprintf(out + length, size - length, " instead of %zu%s", spot->place + 1,
                           ordinal(spot->place + 1));
        }
    } else if (same >= 0) {
        (void)snprintf(out, size, "%s, the same as the %zu%s", order, (size_t)same + 1,
                       ordinal((size_t)same + 1));
    } else {
        (void)snprintf(out, size, "%s, in no path", order);
    }
}

static void store_place(char *out, size_t size, const struct report_tree *tree, size_t index)
{
    const struct pki_verification *verification = tree->chain.verification;
    const char *trust = verification->trust != NULL ? verification->trust : "";
    const char *purpose = verification->purpose;
    char safe[100];

    if (verification->members != NULL && verification->members[index].distrusted) {
        bool client = purpose != NULL && strcmp(purpose, "client") == 0;
        (void)snprintf(out, size, "in the trust store, but not for %s",
                       client ? "clients" : "servers");
    } else {
        (void)snprintf(out, size, "trust store (%s)",
                       text_safe(safe, sizeof safe, trust, strlen(trust)));
    }
}

const char *tree_place(struct report_tree *tree, const struct report_tree_node *node,
                       const struct tree_spot *spot)
{
    const struct pki_verification *verification = tree->chain.verification;
    char place[160];

    if (node->certificate == NULL) {
        return keep(tree, verification != NULL ? "not sent, not found" : "not sent");
    }
    if (verification == NULL || spot->index < verification->sent_count) {
        sent_place(place, sizeof place, tree, node, spot);
    } else if (verification->members != NULL &&
               verification->members[spot->index].origin == PKI_GIVEN) {
        (void)snprintf(place, sizeof place, "%s, given", role(node, spot));
    } else {
        store_place(place, sizeof place, tree, spot->index);
    }
    return keep(tree, place);
}
