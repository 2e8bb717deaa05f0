/* What was negotiated, how it ended and which certificates were sent, side by side. */
#include <stdlib.h>
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

/* "accepted", "refused: expired, weak_key"; nothing where nobody has judged. */
static const char *verdict_text(struct buffer *out, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;

    if (verification != NULL && verification->performed) {
        buffer_text(out, verification->ok ? "accepted" : "refused");
        for (size_t i = 0; i < verification->reason_count; i++) {
            buffer_printf(out, "%s%s", i > 0 ? ", " : ": ",
                          pki_reason_name(verification->reasons[i].code));
        }
    }
    return buffer_string(out);
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

/* ---- certificates ---- */

static const char *names_text(struct buffer *out, const struct pki_certificate *certificate)
{
    for (size_t i = 0; i < certificate->san_count; i++) {
        buffer_printf(out, "%s%s", i > 0 ? ", " : "", certificate->san[i]);
    }
    return buffer_string(out);
}

static const char *key_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_printf(out, "%s %u bits %s", certificate->key_type, certificate->key_bits,
                  certificate->key_curve != NULL ? certificate->key_curve : "");
    return buffer_string(out);
}

static const char *subject_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_text(out, certificate->subject);
    return buffer_string(out);
}

static const char *issuer_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_text(out, certificate->issuer);
    return buffer_string(out);
}

static const char *serial_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_text(out, certificate->serial);
    return buffer_string(out);
}

static const char *validity_text(struct buffer *out, const struct pki_certificate *certificate)
{
    char from[40];
    char until[40];

    buffer_printf(out, "%s to %s", time_rfc3339(from, sizeof from, certificate->not_before),
                  time_rfc3339(until, sizeof until, certificate->not_after));
    return buffer_string(out);
}

static const char *algorithm_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_text(out, certificate->signature_algorithm);
    return buffer_string(out);
}

static const char *hash_text(struct buffer *out, const struct pki_certificate *certificate)
{
    char hash[65];
    buffer_text(out, text_hex(hash, sizeof hash, certificate->sha256, 32));
    return buffer_string(out);
}

static const struct content {
    const char *name;
    const char *(*text)(struct buffer *out, const struct pki_certificate *certificate);
    bool always; /* also of one that cannot be read */
} contents[] = {
    {"subject", subject_text, false},
    {"issuer", issuer_text, false},
    {"serial number", serial_text, false},
    {"valid", validity_text, false},
    {"names", names_text, false},
    {"key", key_text, false},
    {"signature algorithm", algorithm_text, false},
    {"SHA-256", hash_text, true},
};

/* What a certificate says is text from outside. */
static const char *content_text(struct buffer *safe, const struct content *content,
                                const struct pki_certificate *certificate)
{
    struct buffer text = {0};

    if (content->always || !certificate->malformed) {
        (void)content->text(&text, certificate);
        text_safe_append(safe, text.data, text.length);
    }
    safe->failed |= text.failed;
    buffer_free(&text);
    return buffer_string(safe);
}

static void compare_contents(struct report_comparison *comparison, const struct pki_certificate *a,
                             const struct pki_certificate *b)
{
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        struct buffer left = {0};
        struct buffer right = {0};
        compare_values(comparison, 2, contents[i].name, content_text(&left, &contents[i], a),
                       content_text(&right, &contents[i], b));
        comparison->failed |= left.failed || right.failed;
        buffer_free(&left);
        buffer_free(&right);
    }
}

static void compare_lists(struct report_comparison *comparison, enum wire_side from,
                          const struct pki_certificate *const *a, size_t count_a,
                          const struct pki_certificate *const *b, size_t count_b)
{
    for (size_t i = 0; i < count_a || i < count_b; i++) {
        char name[40];
        char left[200];
        char right[200];
        const char *text_a = i < count_a ? pki_certificate_label(left, sizeof left, a[i]) : NULL;
        const char *text_b = i < count_b ? pki_certificate_label(right, sizeof right, b[i]) : NULL;
        (void)snprintf(name, sizeof name, "%s:certificate %zu", wire_side_name(from), i);
        if (text_a == NULL || text_b == NULL) {
            compare_values(comparison, 1, name, text_a, text_b);
            continue;
        }
        size_t line = compare_add(comparison, REPORT_SAME, 1, name, text_a, text_b);
        if (memcmp(a[i]->sha256, b[i]->sha256, sizeof a[i]->sha256) != 0) {
            compare_contents(comparison, a[i], b[i]);
        }
        compare_close(comparison, line);
    }
}

void compare_certificates(struct report_comparison *comparison, const struct trace_facts *a,
                          const struct trace_facts *b)
{
    size_t section = compare_add(comparison, REPORT_SAME, 0, "certificates", NULL, NULL);

    compare_lists(comparison, WIRE_SERVER, a->certificates, a->certificate_count, b->certificates,
                  b->certificate_count);
    compare_lists(comparison, WIRE_CLIENT, a->client_certificates, a->client_certificate_count,
                  b->client_certificates, b->client_certificate_count);
    compare_close(comparison, section);
}
