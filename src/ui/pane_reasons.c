/* Why a certificate is refused: beside the certificates, where there is room for both. */
#include "certificates.h"
#include "page_pane.h"

/* What the other side is told: a server's log has no more than this. */
static void add_alerts(struct ui_page *page, const struct trace_facts *facts)
{
    char text[160];

    for (size_t i = 0; i < facts->alert_count; i++) {
        const struct trace_alert *alert = &facts->alerts[i];
        if (alert->from != WIRE_CLIENT || !alert->readable) {
            continue;
        }
        ui_page_section(page, "What the server is told");
        ui_page_line(page);
        ui_page_wrap(page, UI_TEXT, 0,
                     wire_alert_text(text, sizeof text, alert->level, alert->description));
    }
}

static void build(void *state, const struct ui_view *view, struct ui_page *page)
{
    struct ui_certificates certificates = {0};

    (void)state;
    if (view->facts->verification == NULL) {
        return;
    }
    (void)ui_certificates_update(&certificates, view);
    page->failed |= certificates.tree == NULL;
    ui_reasons_add(page, view->facts->verification, certificates.tree);
    ui_warnings_add(page, view->facts->verification, certificates.tree);
    ui_certificates_free(&certificates);
    add_alerts(page, view->facts);
}

static bool present(struct stepper *stepper, const struct trace_facts *facts)
{
    return ui_is_refused(stepper, facts);
}

const struct ui_pane_operations ui_pane_reasons = {
    .name = "reasons",
    .title = "Why it is refused",
    .tab = "Why",
    .keys = "d other date",
    .state_size = sizeof(struct ui_page_pane),
    .free = ui_page_pane_free,
    .present = present,
    .build = build,
    .keeps = true,
};
