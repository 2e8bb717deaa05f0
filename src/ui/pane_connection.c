/* The connection: its phases with their times, addresses, amounts, and whom it is meant for. */
#include <string.h>

#include "marks.h"
#include "page_pane.h"

/* What can be missed is left out of a pane that is narrower. */
#define ROOMY_COLUMNS 36

/* ---- phases ------------------------------------------------------------------------------------- */

static enum ui_mark phase_mark(const struct trace_facts *facts, enum trace_phase phase)
{
    switch (facts->phases[phase].state) {
    case TRACE_DONE:
        return UI_MARK_GOOD;
    case TRACE_FAILED:
        return UI_MARK_BAD;
    case TRACE_BEGUN:
        return facts->over ? UI_MARK_WAITING : UI_MARK_CURRENT;
    default:
        return UI_MARK_WAITING;
    }
}

static void add_phase_line(struct ui_page *page, const struct trace_facts *facts,
                           enum trace_phase phase)
{
    const struct trace_phase_fact *fact = &facts->phases[phase];
    bool begun =
        fact->state == TRACE_BEGUN || fact->state == TRACE_DONE || fact->state == TRACE_FAILED;
    char time[40];

    ui_page_line(page);
    ui_mark_add(page, phase_mark(facts, phase));
    ui_page_add(page, begun ? UI_TEXT : UI_DIM, "%s", trace_phase_name(phase));
    if (fact->state == TRACE_SKIPPED) {
        ui_page_add(page, UI_DIM, " (not needed)");
    }
    if (begun) {
        const char *text = ui_duration(time, sizeof time, fact->elapsed_ns);
        ui_page_column(page, ui_mark_columns(page->ascii) + 11 + 9 - (int)strlen(text));
        ui_page_add(page, UI_TEXT, "%s", text);
    }
}

/* A further line of a phase, from outside or not. */
static void add_detail(struct ui_page *page, unsigned style, const char *text)
{
    int indent = ui_mark_columns(page->ascii);
    char safe[700];

    ui_page_line(page);
    ui_page_column(page, indent);
    ui_page_wrap(page, style, indent, text_safe(safe, sizeof safe, text, strlen(text)));
}

static void add_connection(struct ui_page *page, const struct trace_connection *connection,
                           enum wire_side local)
{
    char text[160];
    size_t used = 0;

    if (connection == NULL) {
        return;
    }
    if (connection->rtt_us >= 0) {
        used += (size_t)snprintf(text + used, sizeof text - used, "RTT %.1f ms",
                                 (double)connection->rtt_us / 1000.0);
    }
    if (connection->mss >= 0) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%sMSS %d", used > 0 ? "  " : "",
                                 connection->mss);
    }
    if (connection->retransmits > 0) {
        used += (size_t)snprintf(text + used, sizeof text - used, "  %d sent again",
                                 connection->retransmits);
    }
    if (used > 0) {
        add_detail(page, UI_TEXT, text);
    }
    if (page->columns >= ROOMY_COLUMNS) { /* the least of these facts */
        (void)snprintf(text, sizeof text, "%s %s", local == WIRE_SERVER ? "to" : "from",
                       connection->local);
        add_detail(page, UI_DIM, text);
    }
}

/* Bytes by side, as this side sees them. */
static void add_amounts(struct ui_page *page, const uint64_t bytes[2], enum wire_side local)
{
    enum wire_side peer = local == WIRE_CLIENT ? WIRE_SERVER : WIRE_CLIENT;
    char sent[32], received[32], text[100];

    if (bytes[local] + bytes[peer] == 0) {
        return;
    }
    (void)snprintf(text, sizeof text, "sent %s  received %s",
                   text_grouped(sent, sizeof sent, bytes[local]),
                   text_grouped(received, sizeof received, bytes[peer]));
    add_detail(page, UI_TEXT, text);
}

static void add_ends(struct ui_page *page, const struct trace_facts *facts)
{
    for (size_t side = 0; side < 2; side++) {
        if (facts->ended[side]) {
            char text[60];
            (void)snprintf(text, sizeof text, "the %s has hung up",
                           wire_side_name((enum wire_side)side));
            add_detail(page, UI_WARNING, text);
        }
    }
}

/* The reasons of a refusal stand with the certificates, and a failure that another phase has
 * caused is told there. */
static const char *phase_text(const struct ui_page *page, const struct trace_facts *facts,
                              enum trace_phase phase)
{
    const struct trace_phase_fact *fact = &facts->phases[phase];
    const char *connected = facts->phases[TRACE_CONNECT].text;

    if (fact->state == TRACE_SKIPPED || ui_failure_is_told(facts, phase)) {
        return NULL;
    }
    if (phase == TRACE_VERIFY && fact->state == TRACE_FAILED && facts->verification != NULL) {
        return "the certificate is refused";
    }
    /* The address that was connected to, with its port, stands right below. */
    if (phase == TRACE_RESOLVE && fact->text != NULL && connected != NULL &&
        strncmp(connected, fact->text, strlen(fact->text)) == 0) {
        return NULL;
    }
    if (phase == TRACE_CLOSE && fact->state == TRACE_DONE && page->columns < ROOMY_COLUMNS) {
        return NULL; /* the ladder ends with it */
    }
    return fact->text;
}

/* Phases that are not there when nothing is to be told of them: what a program does before and beside
 * its packets is in no capture. */
static bool is_left_out(const struct ui_view *view, enum trace_phase phase)
{
    enum trace_phase_state state = view->facts->phases[phase].state;
    bool captured = stepper_capture(view->stepper) != NULL ||
                    trace_target(view->trace)->local == WIRE_SERVER; /* it has no name to look up */

    return (state == TRACE_PENDING || state == TRACE_SKIPPED) &&
           (phase == TRACE_STARTTLS ||
            (captured && (phase == TRACE_RESOLVE || phase == TRACE_VERIFY)));
}

static void add_phase(struct ui_page *page, const struct ui_view *view, enum trace_phase phase)
{
    const struct trace_facts *facts = view->facts;
    const struct trace_phase_fact *fact = &facts->phases[phase];
    enum wire_side local = trace_target(view->trace)->local;
    const char *text;

    if (is_left_out(view, phase)) {
        return;
    }
    text = phase_text(page, facts, phase);
    add_phase_line(page, facts, phase);
    if (text != NULL) {
        add_detail(page, fact->state == TRACE_FAILED ? UI_BAD : UI_TEXT, text);
    }
    if (phase == TRACE_CONNECT) {
        add_connection(page, facts->connection, local);
    } else if (phase == TRACE_HANDSHAKE) {
        add_amounts(page, facts->bytes, local);
    } else if (phase == TRACE_DATA && facts->has_secrets) {
        add_amounts(page, facts->application_data, local);
    } else if (phase == TRACE_CLOSE && !facts->over) {
        add_ends(page, facts);
    }
}

/* ---- server name and trust ------------------------------------------------------------------------ */

#define SETTING_COLUMN 7

static void add_setting(struct ui_page *page, const char *name, const char *value, unsigned style)
{
    ui_page_pair(page, name, SETTING_COLUMN, style, value);
}

static const char *trust_in_words(const struct tls_options *options, bool lab)
{
    if (options->trust == TLS_TRUST_NONE) {
        return "nobody";
    }
    if (options->trust == TLS_TRUST_LAB) {
        return "the lab's root";
    }
    if (options->ca_file != NULL || options->ca_dir != NULL) {
        return options->trust == TLS_TRUST_SYSTEM ? "system and the files given"
                                                  : "the files given";
    }
    return lab && options->trust == TLS_TRUST_DEFAULT ? "the lab's root" : "system";
}

static void add_trust(const struct ui_view *view, struct ui_page *page)
{
    const struct pki_verification *verification = view->facts->verification;
    const struct tls_options *options = &stepper_options(view->stepper)->tls;
    char text[300];

    if (verification != NULL && verification->trust != NULL) {
        char name[200];
        (void)text_safe(name, sizeof name, verification->trust, strlen(verification->trust));
        (void)snprintf(text, sizeof text, "%s, %zu anchor%s", name, verification->anchors,
                       verification->anchors == 1 ? "" : "s");
        if (ui_text_columns(text, page->ascii) > page->columns - SETTING_COLUMN) {
            (void)snprintf(text, sizeof text, "%s", name);
        }
        add_setting(page, "trust", text, UI_TEXT);
    } else if (stepper_live(view->stepper)) {
        bool lab = stepper_target(view->stepper)->kind == STEPPER_LAB;
        add_setting(page, "trust", trust_in_words(options, lab), UI_TEXT);
    }
}

static void add_checks(const struct ui_view *view, struct ui_page *page)
{
    const struct pki_verification *verification = view->facts->verification;
    const struct tls_options *options = &stepper_options(view->stepper)->tls;
    bool verify = !options->no_verify;
    bool hostname = verify && !options->no_hostname_check;

    if (verification != NULL) {
        verify = verification->performed;
        hostname = verification->hostname_checked;
    } else if (!stepper_live(view->stepper)) {
        return;
    }
    ui_page_line(page);
    ui_page_add(page, UI_DIM, "verify ");
    ui_page_add(page, verify ? UI_TEXT : UI_WARNING, "%s", verify ? "on" : "OFF");
    ui_page_add(page, UI_DIM, " · host name ");
    ui_page_add(page, hostname ? UI_TEXT : UI_WARNING, "%s", hostname ? "on" : "OFF");
}

static void add_name(const struct ui_view *view, struct ui_page *page)
{
    const struct trace_target *target = trace_target(view->trace);
    const char *sni = view->facts->sni[0] != '\0' ? view->facts->sni : target->sni;
    char safe[300];

    ui_page_section(page, "Server name");
    add_setting(page, "SNI",
                sni != NULL ? text_safe(safe, sizeof safe, sni, strlen(sni)) : "none is sent",
                sni != NULL ? UI_TEXT : UI_DIM);
    add_trust(view, page);
    add_checks(view, page);
}

/* ---- alerts, breakpoints, runs ---------------------------------------------------------------------- */

static void add_alerts(const struct ui_view *view, struct ui_page *page)
{
    const struct trace_facts *facts = view->facts;

    if (facts->alert_count > 0) {
        ui_page_section(page, "Alerts");
    }
    for (size_t i = 0; i < facts->alert_count; i++) {
        const struct trace_alert *alert = &facts->alerts[i];
        char text[200];
        ui_page_line(page);
        ui_page_add(page, ui_side_style(alert->from), "%s ", wire_side_name(alert->from));
        ui_page_wrap(page, UI_TEXT, 2,
                     alert->readable
                         ? wire_alert_text(text, sizeof text, alert->level, alert->description)
                         : "encrypted, not readable");
    }
}

static void add_breakpoints(const struct ui_view *view, struct ui_page *page)
{
    size_t count = 0;
    const char *const *names = stepper_breakpoints(view->stepper, &count);

    if (count > 0) {
        ui_page_section(page, "Stops at");
    }
    for (size_t i = 0; i < count; i++) {
        ui_page_line(page);
        ui_page_outside(page, UI_TEXT, names[i]);
    }
}

/* ---- of a listening side: who has come, and who waits ----------------------------------------------- */

#define NAMES_MAX   6
#define WAITING_MAX 8

static void add_client(const struct ui_view *view, struct ui_page *page)
{
    struct report_abilities abilities;

    if (report_abilities(view->trace, view->cursor, NAMES_MAX, &abilities) == 0 &&
        abilities.count > 0) {
        ui_page_section(page, "The client");
        for (size_t i = 0; i < abilities.count; i++) {
            ui_page_line(page);
            ui_page_add(page, UI_DIM, "%s ", abilities.rows[i].label);
            ui_page_wrap(page, UI_TEXT, 2, abilities.rows[i].text);
        }
    }
    report_abilities_free(&abilities);
}

static void add_waiting(const struct ui_view *view, struct ui_page *page)
{
    struct net_waiting waiting[WAITING_MAX];
    size_t count = stepper_waiting(view->stepper, waiting, WAITING_MAX);

    if (count > 0) {
        ui_page_section(page, "Waiting (:pick N)");
    }
    for (size_t i = 0; i < count && i < WAITING_MAX; i++) {
        ui_page_line(page);
        ui_page_add(page, waiting[i].ended ? UI_DIM : UI_TEXT, "%u  %s%s", waiting[i].number,
                    waiting[i].peer.text, waiting[i].ended ? ", has hung up" : "");
    }
    if (count > WAITING_MAX) {
        ui_page_line(page);
        ui_page_add(page, UI_DIM, "and %zu more", count - WAITING_MAX);
    }
}

static void build(void *state, const struct ui_view *view, struct ui_page *page)
{
    (void)state;
    for (size_t phase = 0; phase < TRACE_PHASE_COUNT; phase++) {
        add_phase(page, view, (enum trace_phase)phase);
    }
    if (trace_target(view->trace)->local == WIRE_SERVER) {
        add_waiting(view, page);
        add_client(view, page);
    } else {
        add_name(view, page);
    }
    add_alerts(view, page);
    add_breakpoints(view, page);
}

static void entitle(void *state, const struct ui_view *view, char *out, size_t size)
{
    (void)state;
    if (stepper_run_count(view->stepper) > 1) {
        (void)snprintf(out, size, "Connection · run %zu of %zu", stepper_run_current(view->stepper),
                       stepper_run_count(view->stepper));
    } else {
        (void)snprintf(out, size, "Connection");
    }
}

const struct ui_pane_operations ui_pane_connection = {
    .name = "connection",
    .title = "Connection",
    .tab = "Conn",
    .state_size = sizeof(struct ui_page_pane),
    .free = ui_page_pane_free,
    .entitle = entitle,
    .build = build,
};
