/* The report as text for people. */
#include <string.h>

#include "fact.h"
#include "text.h"

static const char separator[] = " · ";

/* ---- head and phases ---- */

static void write_target(const struct pen *pen, const struct trace *trace,
                         const struct trace_facts *facts)
{
    const struct trace_target *target = trace_target(trace);
    char start[40];
    char name[300];

    text_safe(name, sizeof name, target->source != NULL ? target->source : target->input,
              strlen(target->source != NULL ? target->source : target->input));
    pen_paint(pen, "1", name);
    if (target->client != NULL && target->server != NULL) {
        buffer_printf(pen->out, "%sconversation %u%s%s → %s", separator, target->stream, separator,
                      target->client, target->server);
    } else if (facts->connection != NULL) {
        buffer_printf(pen->out, "%s%s", separator, facts->connection->peer);
    }
    if (facts->sni[0] != '\0')
        buffer_printf(pen->out, "%sSNI %s", separator, facts->sni);
    buffer_printf(pen->out, "%s%s\n\n", separator,
                  time_rfc3339(start, sizeof start, trace_start_wall_ns(trace) / 1000000000));
}

static void write_phase(const struct pen *pen, enum trace_phase phase,
                        const struct trace_phase_fact *fact)
{
    static const enum mark marks[] = {
        [TRACE_PENDING] = MARK_PENDING, [TRACE_BEGUN] = MARK_PENDING,   [TRACE_DONE] = MARK_DONE,
        [TRACE_FAILED] = MARK_FAILED,   [TRACE_SKIPPED] = MARK_PENDING,
    };
    char text[700];

    pen_mark(pen, marks[fact->state]);
    buffer_printf(pen->out, " %-10s", trace_phase_name(phase));
    if (fact->start_ns >= 0 && fact->state != TRACE_SKIPPED)
        buffer_printf(pen->out, "%9.1f ms", (double)fact->elapsed_ns / 1e6);
    else
        buffer_printf(pen->out, "%12s", trace_phase_state_name(fact->state));
    if (fact->text != NULL)
        buffer_printf(pen->out, "  %s",
                      text_safe(text, sizeof text, fact->text, strlen(fact->text)));
    buffer_text(pen->out, "\n");
}

/* What need not come: STARTTLS; and in a capture what leaves no packets of the connection. */
static bool may_be_absent(enum trace_phase phase, bool captured)
{
    return phase == TRACE_STARTTLS ||
           (captured && (phase == TRACE_RESOLVE || phase == TRACE_VERIFY));
}

static void write_phases(const struct pen *pen, const struct trace *trace,
                         const struct trace_facts *facts)
{
    bool captured = trace_target(trace)->client != NULL;

    for (int phase = 0; phase < TRACE_PHASE_COUNT; phase++) {
        if (facts->phases[phase].state != TRACE_PENDING || !may_be_absent(phase, captured)) {
            write_phase(pen, phase, &facts->phases[phase]);
        }
    }
}

/* ---- what was negotiated ---- */

static void write_negotiated(const struct pen *pen, const struct trace_facts *facts)
{
    size_t count;
    const struct fact_row *rows = fact_table(&count);
    char value[300];

    if (facts->version == 0 && facts->ja3[0] == '\0') {
        return;
    }
    pen_heading(pen, "Negotiated");
    for (size_t i = 0; i < count; i++) {
        value[0] = '\0';
        fact_text(value, sizeof value, &rows[i], facts);
        if (value[0] != '\0') {
            buffer_printf(pen->out, "  %-20s %s\n", rows[i].name, value);
        }
    }
}

/* ---- messages ---- */

static void write_row(const struct pen *pen, struct trace *trace, const struct trace_row *row,
                      size_t cursor)
{
    struct buffer *out = pen->out;
    bool client = row->from == WIRE_CLIENT;
    char summary[300];
    char length[32];
    char name[40];

    (void)snprintf(name, sizeof name, "%s%s%s", client ? "" : "◀── ", row->type,
                   client ? " ──▶" : "");
    buffer_printf(out, "%4u %s ", row->n, row->encrypted ? "▓" : " ");
    pen_paint(pen, client ? "36" : "33", name);
    for (size_t width = text_width(name); width < 28; width++)
        buffer_text(out, " ");
    buffer_printf(out, "%8s %9.1f ms", text_grouped(length, sizeof length, row->length),
                  (double)row->time_ns / 1e6);

    enum trace_row_state state = trace_row_state(trace, row, cursor);
    if (state == TRACE_ROW_QUEUED)
        buffer_text(out, "  about to be sent");
    else if (state == TRACE_ROW_UNSENT)
        buffer_text(out, "  never sent");
    if (row->encrypted && !row->decrypted)
        buffer_text(out, "  cannot be read");
    summary[0] = '\0';
    if (!(pen->style & REPORT_REDACT) ||
        (row->content_type != WIRE_APPLICATION_DATA && row->layer == TRACE_LAYER_TLS)) {
        trace_row_summary(summary, sizeof summary, trace, row);
    }
    if (row->problem != NULL && strstr(summary, row->problem) == NULL)
        buffer_printf(out, "  %s", row->problem);
    if (summary[0] != '\0')
        buffer_printf(out, "  %s", summary);
}

int report_row_text(struct trace *trace, const struct trace_row *row, size_t cursor, unsigned style,
                    struct buffer *out)
{
    struct buffer text = {0};
    const struct pen pen = {&text, style};

    write_row(&pen, trace, row, cursor);
    return pen_hand_over(&text, style, out);
}

static void write_messages(const struct pen *pen, struct trace *trace, size_t cursor)
{
    size_t count = trace_row_count_at(trace, cursor);
    bool by_kernel = false;

    if (count == 0) {
        return;
    }
    pen_heading(pen, "Messages");
    for (size_t i = 0; i < count; i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        write_row(pen, trace, row, cursor);
        buffer_text(pen->out, "\n");
        by_kernel |= !row->observed;
    }
    buffer_text(pen->out, "  ▓ encrypted on the wire");
    if (by_kernel) {
        buffer_text(pen->out, "; SYN, SYN-ACK, ACK and FIN as the kernel reported them");
    }
    buffer_text(pen->out, "\n");
}

/* What was calculated, and what a capture has not got. */
static void write_checks(const struct pen *pen, const struct trace_facts *facts)
{
    static const enum mark marks[] = {
        [TRACE_UNKNOWN] = MARK_PENDING, [TRACE_NO] = MARK_FAILED, [TRACE_YES] = MARK_DONE};

    if (facts->check_count > 0) {
        pen_heading(pen, "Checks");
    }
    for (size_t i = 0; i < facts->check_count; i++) {
        const struct trace_check *check = &facts->checks[i];
        char name[60];
        (void)snprintf(name, sizeof name, "%s of the %s", check->what, wire_side_name(check->from));
        buffer_text(pen->out, "  ");
        pen_mark(pen, marks[check->ok]);
        buffer_printf(pen->out, " %s", name);
        if (check->text != NULL && check->text[0] != '\0') {
            buffer_printf(pen->out, "%*s%s", (int)(38 - strlen(name)), "", check->text);
        }
        buffer_text(pen->out, "\n");
    }
}

static void write_absences(const struct pen *pen, const struct trace_facts *facts)
{
    if (facts->missing_secrets != NULL) {
        buffer_text(pen->out, "\n");
        pen_mark(pen, MARK_WARNING);
        buffer_printf(pen->out, " %s\n", facts->missing_secrets);
    }
    if (facts->lost[WIRE_CLIENT] > 0 || facts->lost[WIRE_SERVER] > 0) {
        buffer_text(pen->out, "\n");
        pen_mark(pen, MARK_WARNING);
        buffer_printf(pen->out, " not captured: %llu bytes of the client, %llu of the server\n",
                      (unsigned long long)facts->lost[WIRE_CLIENT],
                      (unsigned long long)facts->lost[WIRE_SERVER]);
    }
}

static void write_notes(const struct pen *pen, const struct trace *trace, size_t cursor)
{
    bool any = false;
    char text[700];

    for (size_t i = 0; i < cursor && i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind != TRACE_NOTE || event->text == NULL)
            continue;
        if (!any)
            pen_heading(pen, "Notes");
        any = true;
        buffer_printf(pen->out, "  %8.1f ms  %s\n", (double)event->time_ns / 1e6,
                      text_safe(text, sizeof text, event->text, strlen(event->text)));
    }
}

static int write_report(const struct pen *pen, struct trace *trace, size_t cursor)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);
    if (facts == NULL)
        return -1;

    const struct report_chain chain = part_chain_of(facts);
    write_target(pen, trace, facts);
    write_phases(pen, trace, facts);
    write_negotiated(pen, facts);
    if (text_certificates(pen, facts, report_seen_from(trace, facts)) != 0)
        return -1;
    text_verdict(pen, &chain, TEXT_BRIEF);
    write_messages(pen, trace, cursor);
    write_checks(pen, facts);
    write_absences(pen, facts);
    write_notes(pen, trace, cursor);
    return pen->out->failed ? -1 : 0;
}

int report_text(struct trace *trace, size_t cursor, unsigned style, struct buffer *out)
{
    struct buffer text = {0};
    const struct pen pen = {&text, style};

    int status = write_report(&pen, trace, cursor);
    return pen_hand_over(&text, style, out) == 0 ? status : -1;
}
