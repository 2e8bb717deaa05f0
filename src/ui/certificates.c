/* The tree of certificates, kept for as long as it is right. */
#include <string.h>

#include "certificates.h"

bool ui_certificates_update(struct ui_certificates *certificates, const struct ui_view *view)
{
    const struct ui_moment moment = ui_moment_of(view);
    const struct trace_chain judged = trace_judged(view->facts);
    const struct report_chain chain = {
        .certificates = judged.certificates,
        .count = judged.count,
        .verification = view->facts->verification,
        .from_file = stepper_is_certificates(view->stepper),
    };

    if (certificates->tree != NULL && ui_moment_is_same(&certificates->moment, &moment)) {
        return false;
    }
    report_tree_free(certificates->tree);
    certificates->tree = report_tree_new(&chain);
    certificates->moment = moment;
    return true;
}

void ui_certificates_free(struct ui_certificates *certificates)
{
    report_tree_free(certificates->tree);
    *certificates = (struct ui_certificates){0};
}

enum ui_mark ui_mark_of_node(const struct report_tree_node *node)
{
    switch (node->mark) {
    case REPORT_TREE_GOOD:
        return UI_MARK_GOOD;
    case REPORT_TREE_BAD:
        return UI_MARK_BAD;
    case REPORT_TREE_WARNING:
        return UI_MARK_WARNING;
    case REPORT_TREE_WAITING:
        break;
    }
    return UI_MARK_WAITING;
}

int64_t ui_time_of_judgement(const struct ui_view *view)
{
    if (view->facts->verification != NULL) {
        return view->facts->verification->at;
    }
    return (stepper_is_certificates(view->stepper) ? clock_wall_ns()
                                                   : trace_start_wall_ns(view->trace)) /
           1000000000;
}

bool ui_is_refused(const struct stepper *stepper, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;

    if (verification == NULL || !verification->performed || verification->ok) {
        return false;
    }
    return facts->failed || stepper_is_certificates(stepper) || stepper_judged_again(stepper) ||
           (facts->stop.at_stop && strcmp(facts->stop.at, "verify") == 0);
}
