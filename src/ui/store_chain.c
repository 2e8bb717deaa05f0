/* How a certificate of the store stands to the chain in view. */
#include <string.h>

#include "store_chain.h"

/* It is in the tree: the first node that is this certificate; the count when there is none. */
static size_t find_node(const struct report_tree *tree, const struct ui_store_row *row)
{
    size_t i = 0, count = report_tree_count(tree);

    for (; i < count; i++) {
        const struct report_tree_node *node = report_tree_at(tree, i);
        if (node->certificate != NULL &&
            memcmp(node->certificate->sha256, row->sha256, sizeof row->sha256) == 0) {
            break;
        }
    }
    return i;
}

/* One that names it as its issuer, and is another one. */
static const struct report_tree_node *find_issued(const struct report_tree *tree,
                                                  const char *subject)
{
    for (size_t i = 0; subject[0] != '\0' && i < report_tree_count(tree); i++) {
        const struct report_tree_node *node = report_tree_at(tree, i);
        if (node->certificate != NULL && !node->certificate->malformed &&
            !node->certificate->self_issued && strcmp(node->certificate->issuer, subject) == 0) {
            return node;
        }
    }
    return NULL;
}

enum ui_store_relation ui_store_relation(const struct report_tree *tree,
                                         const struct ui_store *store,
                                         const struct ui_store_row *row)
{
    size_t node;

    if (tree == NULL || row->malformed) {
        return UI_STORE_APART;
    }
    node = find_node(tree, row);
    if (node < report_tree_count(tree)) {
        return report_tree_at(tree, node)->anchor ? UI_STORE_ANCHOR : UI_STORE_IN_CHAIN;
    }
    return find_issued(tree, ui_store_text(store, row->subject)) != NULL ? UI_STORE_ISSUER
                                                                         : UI_STORE_APART;
}

/* The names of what hangs from a node. */
static void add_under(struct buffer *out, const struct report_tree *tree, size_t at)
{
    const struct report_tree_node *node = report_tree_at(tree, at);
    bool first = true;

    for (size_t i = at + 1; i < report_tree_count(tree); i++) {
        const struct report_tree_node *below = report_tree_at(tree, i);
        if (below->depth <= node->depth || below->alternative != node->alternative) {
            break;
        }
        buffer_printf(out, "%s%s", first ? ", over " : ", ", below->name);
        first = false;
    }
}

void ui_store_relate(struct buffer *out, const struct report_tree *tree,
                     const struct ui_store *store, const struct ui_store_row *row)
{
    const struct report_tree_node *issued;

    switch (ui_store_relation(tree, store, row)) {
    case UI_STORE_ANCHOR:
        buffer_text(out, "the anchor of the chain in view");
        add_under(out, tree, find_node(tree, row));
        break;
    case UI_STORE_IN_CHAIN:
        buffer_text(out, "in the chain in view");
        add_under(out, tree, find_node(tree, row));
        break;
    case UI_STORE_ISSUER:
        issued = find_issued(tree, ui_store_text(store, row->subject));
        buffer_printf(out, "has the name that %s, of the chain in view, gives as its issuer",
                      issued != NULL ? issued->name : "one");
        break;
    case UI_STORE_APART:
        break;
    }
}
