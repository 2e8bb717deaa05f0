/* The report as text for people. */
#include <stdlib.h>
#include <string.h>

#include "fact.h"
#include "parts.h"
#include "pen.h"

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
    if (facts->connection != NULL)
        buffer_printf(pen->out, "%s%s", separator, facts->connection->peer);
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

static void write_phases(const struct pen *pen, const struct trace_facts *facts)
{
    for (int phase = 0; phase < TRACE_PHASE_COUNT; phase++)
        if (phase != TRACE_STARTTLS || facts->phases[phase].state != TRACE_PENDING)
            write_phase(pen, phase, &facts->phases[phase]);
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
        rows[i].text(value, sizeof value, facts);
        if (value[0] != '\0') {
            buffer_printf(pen->out, "  %-20s %s\n", rows[i].name, value);
        }
    }
}

/* ---- certificates ---- */

static bool is_blamed(const struct pki_verification *verification, size_t index)
{
    for (size_t i = 0; verification != NULL && i < verification->reason_count; i++)
        if (verification->reasons[i].certificate == (long)index)
            return true;
    return false;
}

static void write_names(const struct pen *pen, const struct pki_certificate *certificate)
{
    char name[260];
    for (size_t i = 0; i < certificate->san_count; i++)
        buffer_printf(
            pen->out, "%s%s", i == 0 ? "       names " : ", ",
            text_safe(name, sizeof name, certificate->san[i], strlen(certificate->san[i])));
    if (certificate->san_count > 0)
        buffer_text(pen->out, "\n");
}

static void write_certificate(const struct pen *pen, const struct trace_facts *facts, size_t index,
                              const struct pki_certificate *certificate, bool sent)
{
    const struct pki_verification *verification = facts->verification;
    char label[200];
    char text[400];
    char from[40];
    char until[40];
    enum mark mark = MARK_PENDING;

    if (is_blamed(verification, index))
        mark = MARK_FAILED;
    else if (verification != NULL && verification->ok)
        mark = MARK_DONE;
    buffer_text(pen->out, "  ");
    pen_mark(pen, mark);
    buffer_printf(pen->out, " %zu  %s%s%s%s", index,
                  pki_certificate_label(label, sizeof label, certificate), separator,
                  part_role(facts, index, certificate), separator);
    buffer_text(pen->out, sent ? "sent\n" : "trust store\n");
    if (certificate->malformed) {
        buffer_printf(
            pen->out, "       cannot be read: %s\n",
            text_safe(text, sizeof text, certificate->problem, strlen(certificate->problem)));
        return;
    }
    buffer_printf(pen->out, "       issuer %s\n",
                  text_safe(text, sizeof text, certificate->issuer, strlen(certificate->issuer)));
    buffer_printf(pen->out, "       valid %s to %s\n",
                  time_rfc3339(from, sizeof from, certificate->not_before),
                  time_rfc3339(until, sizeof until, certificate->not_after));
    write_names(pen, certificate);
    buffer_printf(pen->out, "       key %s %u bits%s%s%s%s\n", certificate->key_type,
                  certificate->key_bits, certificate->key_curve != NULL ? " " : "",
                  certificate->key_curve != NULL ? certificate->key_curve : "", separator,
                  certificate->signature_algorithm);
    buffer_printf(pen->out, "       SHA-256 %s\n",
                  text_hex(text, sizeof text, certificate->sha256, 32));
}

static int write_stored(const struct pen *pen, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    if (verification == NULL)
        return 0;
    for (size_t i = verification->sent_count; i < verification->certificate_count; i++) {
        const struct pki_slice *der = &verification->certificates[i];
        struct pki_certificate *certificate = pki_certificate_new(der->data, der->length);
        if (certificate == NULL)
            return -1;
        write_certificate(pen, facts, i, certificate, false);
        pki_certificate_free(certificate);
    }
    return 0;
}

static int write_certificates(const struct pen *pen, const struct trace_facts *facts)
{
    if (facts->certificate_count == 0)
        return 0;
    pen_heading(pen, "Certificates");
    for (size_t i = 0; i < facts->certificate_count; i++)
        write_certificate(pen, facts, i, facts->certificates[i], true);
    return write_stored(pen, facts);
}

static void write_verdict(const struct pen *pen, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    char at[40];

    if (verification == NULL || !verification->performed)
        return;
    pen_heading(pen, "Verification");
    buffer_text(pen->out, "  ");
    pen_mark(pen, verification->ok ? MARK_DONE : MARK_FAILED);
    buffer_printf(pen->out, " %s, judged for %s by %zu trust anchor%s (%s)%s%s\n",
                  verification->ok ? "accepted" : "refused",
                  time_rfc3339(at, sizeof at, verification->at), verification->anchors,
                  verification->anchors == 1 ? "" : "s",
                  verification->trust != NULL ? verification->trust : "none",
                  verification->name != NULL ? ", host name " : "",
                  verification->name != NULL ? verification->name : "");
    for (size_t i = 0; i < verification->reason_count; i++) {
        const struct pki_reason *reason = &verification->reasons[i];
        buffer_text(pen->out, "  ");
        pen_mark(pen, MARK_FAILED);
        buffer_printf(pen->out, " %s: %s (%s)\n", pki_reason_name(reason->code), reason->text,
                      pki_reason_reference(reason->code));
        if (reason->mend != NULL && reason->mend[0] != '\0')
            buffer_printf(pen->out, "      Mend it: %s\n", reason->mend);
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
    if (row->problem != NULL)
        buffer_printf(out, "  %s", row->problem);
    trace_row_summary(summary, sizeof summary, trace, row);
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
    if (count == 0)
        return;
    pen_heading(pen, "Messages");
    for (size_t i = 0; i < count; i++) {
        write_row(pen, trace, trace_row_at(trace, i), cursor);
        buffer_text(pen->out, "\n");
    }
    buffer_text(pen->out,
                "  ▓ encrypted on the wire; SYN, SYN-ACK, ACK and FIN as the kernel reported "
                "them\n");
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

    write_target(pen, trace, facts);
    write_phases(pen, facts);
    write_negotiated(pen, facts);
    if (write_certificates(pen, facts) != 0)
        return -1;
    write_verdict(pen, facts);
    write_messages(pen, trace, cursor);
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
