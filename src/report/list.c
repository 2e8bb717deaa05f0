/* Certificates in a list: one line or one JSON object each, written and forgotten, so that ten thousand take no memory. */
#include <string.h>

#include "parts.h"
#include "pen.h"

#define NAME_COLUMNS 40
#define KEY_COLUMNS  16

/* ---- JSON ------------------------------------------------------------------------------------ */

int report_list_begin(const char *source, struct buffer *out)
{
    struct emit emit = {.out = out};

    emit_open(&emit, NULL, '{');
    emit_text(&emit, "schema", "tlstep.certs/1");
    emit_text(&emit, "source", source);
    emit_open(&emit, "certificates", '[');
    return out->failed ? -1 : 0;
}

int report_list_end(const char *note, struct buffer *out)
{
    struct emit emit = {.out = out};

    emit_close(&emit, ']');
    emit_text_given(&emit, "note", note);
    part_verification(&emit, "verification", NULL);
    emit_close(&emit, '}');
    return out->failed ? -1 : 0;
}

int report_list_line(const struct pki_certificate *certificate, size_t index, const char *file,
                     bool first, struct buffer *out)
{
    const struct report_chain unjudged = {0};
    struct emit emit = {.out = out, .more = !first};

    emit_open(&emit, NULL, '{');
    emit_number(&emit, "index", index);
    if (file != NULL) {
        emit_text(&emit, "file", file);
    }
    part_contents(&emit, certificate);
    if (part_details(&emit, &unjudged, index, certificate) != 0) {
        return -1;
    }
    emit_close(&emit, '}');
    return out->failed ? -1 : 0;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void pad(struct buffer *out, const char *text, size_t columns)
{
    size_t width = text_width(text);

    buffer_text(out, text);
    for (; width < columns; width++) {
        buffer_u8(out, ' ');
    }
}

static enum mark judge_date(const struct pki_certificate *certificate, int64_t at)
{
    if (certificate->malformed || certificate->not_after < at || certificate->not_before > at) {
        return MARK_FAILED;
    }
    return certificate->not_after - at < PART_SOON_SECONDS ? MARK_WARNING : MARK_PENDING;
}

/* A fixed width, so that the columns stand under each other; a longer name is cut. */
static void write_name(struct buffer *out, const struct pki_certificate *certificate)
{
    char name[NAME_COLUMNS * 4 + 1];
    char cut[NAME_COLUMNS + 1];

    (void)pki_certificate_label(name, sizeof name, certificate);
    if (text_width(name) > NAME_COLUMNS && strlen(name) >= sizeof cut) {
        (void)text_safe(cut, sizeof cut, name, strlen(name));
        pad(out, cut, NAME_COLUMNS);
        return;
    }
    pad(out, name, NAME_COLUMNS);
}

static void end_line(const struct pen *pen, const char *file)
{
    char value[300];

    if (file != NULL) {
        buffer_printf(pen->out, "  in %s", text_safe(value, sizeof value, file, strlen(file)));
    }
    buffer_u8(pen->out, '\n');
}

static void write_listed(const struct pen *pen, const struct pki_certificate *certificate,
                         const char *file, int64_t at)
{
    char date[40];
    char left[60];
    char key[80];
    char value[300];

    pen_mark(pen, judge_date(certificate, at));
    buffer_u8(pen->out, ' ');
    write_name(pen->out, certificate);
    if (certificate->malformed) {
        buffer_printf(
            pen->out, "  cannot be read: %s",
            text_safe(value, sizeof value, certificate->problem, strlen(certificate->problem)));
        end_line(pen, file);
        return;
    }
    buffer_printf(pen->out, "  %.10s  ", time_rfc3339(date, sizeof date, certificate->not_after));
    pad(pen->out, report_distance(left, sizeof left, certificate->not_after, at), 14);
    buffer_text(pen->out, "  ");
    pad(pen->out, report_short_key(key, sizeof key, certificate), KEY_COLUMNS);
    buffer_printf(pen->out, "  %s",
                  certificate->self_issued ? "by itself"
                                           : text_safe(value, sizeof value, certificate->issuer,
                                                       strlen(certificate->issuer)));
    end_line(pen, file);
}

int report_list_text(const struct pki_certificate *certificate, const char *file, int64_t at,
                     unsigned style, struct buffer *out)
{
    struct buffer text = {0};
    const struct pen pen = {style & REPORT_ASCII ? &text : out, style};

    write_listed(&pen, certificate, file, at);
    return style & REPORT_ASCII ? pen_hand_over(&text, style, out) : out->failed ? -1 : 0;
}
