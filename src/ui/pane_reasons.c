/* Why a certificate is refused: beside the certificates, where there is room for both. */
#include "chain.h"
#include "page_pane.h"

static void build(void *state, const struct ui_view *view, struct ui_page *page)
{
    struct ui_chain chain;

    (void)state;
    if (view->facts->verification == NULL) {
        return;
    }
    if (ui_chain_init(&chain, view->facts) != 0) {
        page->failed = true;
        return;
    }
    ui_chain_add_reasons(page, view->facts->verification, &chain);
    ui_chain_free(&chain);
}

static bool present(struct stepper *stepper, const struct trace_facts *facts)
{
    (void)stepper;
    return ui_is_refused(facts);
}

const struct ui_pane_operations ui_pane_reasons = {
    .name = "reasons",
    .title = "Why it is refused",
    .tab = "Why",
    .state_size = sizeof(struct ui_page_pane),
    .free = ui_page_pane_free,
    .present = present,
    .build = build,
};
