/* The certificate tree as text. */
#include "text.h"

/* Where the places stand, when there is room. */
#define PLACE_COLUMN 48

enum mark text_mark(enum report_tree_mark mark)
{
    static const enum mark marks[] = {
        [REPORT_TREE_WAITING] = MARK_PENDING,
        [REPORT_TREE_GOOD] = MARK_DONE,
        [REPORT_TREE_BAD] = MARK_FAILED,
        [REPORT_TREE_WARNING] = MARK_WARNING,
    };
    return marks[mark];
}

static void write_node(const struct pen *pen, const struct report_tree_node *node)
{
    size_t indent = node->depth > 0 ? 2 * (size_t)node->depth : 0;
    size_t columns = 2 + indent + 2 + text_width(node->name);

    buffer_printf(pen->out, "  %*s%s", node->depth > 0 ? (int)(indent - 2) : 0, "",
                  node->depth > 0 ? "└ " : "");
    pen_mark(pen, text_mark(node->mark));
    buffer_printf(pen->out, " %s", node->name);
    for (; columns < PLACE_COLUMN; columns++) {
        buffer_u8(pen->out, ' ');
    }
    buffer_printf(pen->out, "  %s%s\n", node->place,
                  node->anchor && node->certificate != NULL ? ", trust anchor" : "");
}

static void write_outcome(const struct pen *pen, const struct pki_path *path)
{
    part_outcome(pen->out, path->ok, path->reasons, path->reason_count);
}

/* One that is folded: "Leaf ← Other CA ← Other Root", read off its nodes, which hang from the root. */
static size_t write_folded(const struct pen *pen, const struct report_tree *tree, size_t first,
                           const struct pki_verification *verification)
{
    unsigned number = report_tree_at(tree, first)->alternative;
    size_t end = first;

    while (end < report_tree_count(tree) && report_tree_at(tree, end)->alternative == number) {
        end++;
    }
    buffer_printf(pen->out, "  path %u  ", number + 1);
    for (size_t i = end; i > first; i--) {
        buffer_printf(pen->out, "%s%s", i < end ? " ← " : "", report_tree_at(tree, i - 1)->name);
    }
    if (number - 1 < verification->alternative_count) {
        buffer_text(pen->out, "  ");
        write_outcome(pen, &verification->alternatives[number - 1]);
    }
    buffer_text(pen->out, "\n");
    return end;
}

static void write_unfolded_head(const struct pen *pen, const struct report_tree *tree, size_t first,
                                const struct pki_verification *verification)
{
    unsigned number = report_tree_at(tree, first)->alternative;

    if (number == 0 || report_tree_at(tree, first - 1)->alternative == number) {
        return;
    }
    buffer_printf(pen->out, "  path %u  ", number + 1);
    if (number - 1 < verification->alternative_count) {
        write_outcome(pen, &verification->alternatives[number - 1]);
    }
    buffer_text(pen->out, "\n");
}

int text_tree(const struct pen *pen, const struct report_tree *tree,
              const struct pki_verification *verification)
{
    for (size_t i = 0; i < report_tree_count(tree);) {
        const struct report_tree_node *node = report_tree_at(tree, i);
        if (node->alternative > 0 && !(pen->style & REPORT_ALL)) {
            i = write_folded(pen, tree, i, verification);
            continue;
        }
        if (i > 0) {
            write_unfolded_head(pen, tree, i, verification);
        }
        write_node(pen, node);
        i++;
    }
    return pen->out->failed ? -1 : 0;
}
