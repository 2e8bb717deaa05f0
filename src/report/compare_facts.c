/* What was negotiated, how it ended and which certificates were sent, side by side. */
#include <string.h>

#include "compare.h"
#include "fact.h"

void compare_facts(struct report_comparison *comparison, const struct trace_facts *a,
                   const struct trace_facts *b)
{
    size_t count;
    const struct fact_row *rows = fact_table(&count);
    size_t section = compare_add(comparison, REPORT_SAME, 0, "negotiated", NULL, NULL);

    compare_values(comparison, 1, "SNI", a->sni, b->sni);
    for (size_t i = 0; i < count; i++) {
        char left[300] = "";
        char right[300] = "";
        fact_text(left, sizeof left, &rows[i], a);
        fact_text(right, sizeof right, &rows[i], b);
        compare_values(comparison, 1, rows[i].name, left, right);
    }
    compare_close(comparison, section);
}

/* ---- how it ended ---- */

/* "done", "failed: the peer hung up"; nothing for what never began. */
static const char *phase_text(char *out, size_t size, const struct trace_phase_fact *fact)
{
    char reason[300];

    out[0] = '\0';
    if (fact->state == TRACE_FAILED && fact->text != NULL) {
        (void)snprintf(out, size, "failed: %s",
                       text_safe(reason, sizeof reason, fact->text, strlen(fact->text)));
    } else if (fact->state != TRACE_PENDING) {
        (void)snprintf(out, size, "%s", trace_phase_state_name(fact->state));
    }
    return out;
}

static const char *alerts_text(struct buffer *out, const struct trace_facts *facts)
{
    char name[60];

    for (size_t i = 0; i < facts->alert_count; i++) {
        const struct trace_alert *alert = &facts->alerts[i];
        const char *what =
            alert->readable
                ? wire_registry_text(name, sizeof name, WIRE_REGISTRY_ALERT, alert->description)
                : "(encrypted)";
        buffer_printf(out, "%s%s %s", i > 0 ? ", " : "", wire_side_name(alert->from), what);
    }
    return buffer_string(out);
}

static const char *verdict_text(struct buffer *out, const struct trace_facts *facts)
{
    return compare_verdict_text(out, facts->verification);
}

/* Checks that failed; those that hold are as they should be. */
static const char *checks_text(struct buffer *out, const struct trace_facts *facts)
{
    for (size_t i = 0; i < facts->check_count; i++) {
        const struct trace_check *check = &facts->checks[i];
        if (check->ok == TRACE_NO) {
            buffer_printf(out, "%s%s of the %s", out->length > 0 ? ", " : "", check->what,
                          wire_side_name(check->from));
        }
    }
    return buffer_string(out);
}

static const char *data_text(struct buffer *out, const struct trace_facts *facts)
{
    if (facts->has_secrets) {
        buffer_printf(out, "client %llu bytes, server %llu bytes",
                      (unsigned long long)facts->application_data[WIRE_CLIENT],
                      (unsigned long long)facts->application_data[WIRE_SERVER]);
    }
    return buffer_string(out);
}

/* A capture knows nothing of names that were looked up and of anchors: no difference, unless one failed. */
static bool is_comparable(enum trace_phase phase, const struct trace_facts *a,
                          const struct trace_facts *b)
{
    enum trace_phase_state left = a->phases[phase].state;
    enum trace_phase_state right = b->phases[phase].state;

    if (phase != TRACE_RESOLVE && phase != TRACE_CONNECT && phase != TRACE_VERIFY) {
        return true;
    }
    return left == TRACE_FAILED || right == TRACE_FAILED ||
           (left == TRACE_DONE && right == TRACE_DONE);
}

void compare_outcome(struct report_comparison *comparison, const struct trace_facts *a,
                     const struct trace_facts *b)
{
    static const struct {
        const char *name;
        const char *(*text)(struct buffer *out, const struct trace_facts *facts);
    } lines[] = {
        {"alerts", alerts_text},
        {"verification", verdict_text},
        {"failed checks", checks_text},
        {"application data", data_text},
    };
    size_t section = compare_add(comparison, REPORT_SAME, 0, "outcome", NULL, NULL);

    for (int phase = 0; phase < TRACE_PHASE_COUNT; phase++) {
        if (!is_comparable(phase, a, b)) {
            continue;
        }
        char left[340];
        char right[340];
        compare_values(comparison, 1, trace_phase_name(phase),
                       phase_text(left, sizeof left, &a->phases[phase]),
                       phase_text(right, sizeof right, &b->phases[phase]));
    }
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct buffer left = {0};
        struct buffer right = {0};
        compare_values(comparison, 1, lines[i].name, lines[i].text(&left, a),
                       lines[i].text(&right, b));
        comparison->failed |= left.failed || right.failed;
        buffer_free(&left);
        buffer_free(&right);
    }
    compare_close(comparison, section);
}
