/* One conversation of a capture's list, as JSON and as a line of text. */
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "pen.h"

static void emit_found(struct emit *emit, const struct trace_conversation *conversation)
{
    char version[40];

    emit_flag(emit, "tls", conversation->tls);
    emit_text_or_null(emit, "starttls", conversation->starttls);
    emit_text(emit, "version",
              conversation->version != 0
                  ? wire_registry_text(version, sizeof version, WIRE_REGISTRY_VERSION,
                                       conversation->version)
                  : NULL);
    emit_named(emit, "cipher_suite", conversation->cipher_suite_known, WIRE_REGISTRY_CIPHER_SUITE,
               conversation->cipher_suite);
    emit_text_or_null(emit, "sni", conversation->sni);
    emit_text_or_null(emit, "alpn", conversation->alpn);
    emit_flag(emit, "readable", conversation->readable);
    emit_flag(emit, "failed", conversation->failed);
    emit_text_or_null(emit, "verdict", conversation->verdict);
}

static void emit_pair(struct emit *emit, const char *key, const uint64_t pair[2])
{
    emit_open(emit, key, '{');
    emit_number(emit, "client", pair[WIRE_CLIENT]);
    emit_number(emit, "server", pair[WIRE_SERVER]);
    emit_close(emit, '}');
}

json_t *report_conversation_json(const struct trace_conversation *conversation)
{
    struct buffer out = {0};
    struct emit emit = {.out = &out};
    char time[48];

    emit_open(&emit, NULL, '{');
    emit_number(&emit, "stream", conversation->stream);
    emit_text(&emit, "client", conversation->client);
    emit_text(&emit, "server", conversation->server);
    emit_text(&emit, "start", time_rfc3339_ms(time, sizeof time, conversation->start_ns));
    emit_milliseconds(&emit, "elapsed_ms", conversation->end_ns - conversation->start_ns);
    emit_pair(&emit, "bytes", conversation->bytes);
    emit_pair(&emit, "packets", conversation->packets);
    emit_flag(&emit, "known", conversation->known);
    if (conversation->known) {
        emit_found(&emit, conversation);
    }
    emit_close(&emit, '}');
    return emit_parse(&out);
}

/* ---- text ---- */

static void append_version(struct buffer *out, const struct trace_conversation *conversation)
{
    char version[40];

    if (conversation->version != 0) {
        buffer_printf(out, "%s",
                      wire_registry_text(version, sizeof version, WIRE_REGISTRY_VERSION,
                                         conversation->version));
    } else {
        buffer_text(out, conversation->tls ? "TLS" : "-");
    }
}

/* "  3  192.0.2.1:50000 → 192.0.2.2:443  TLS 1.3  example.org  12 345 bytes  complete" */
static void write_line(const struct pen *pen, const struct trace_conversation *conversation)
{
    struct buffer version = {0};
    char ends[140];
    char bytes[32];

    append_version(&version, conversation);
    (void)snprintf(ends, sizeof ends, "%s → %s", conversation->client, conversation->server);
    buffer_printf(pen->out, "%4u  %-44s", conversation->stream, ends);
    buffer_printf(pen->out, " %-8s",
                  buffer_string(&version) != NULL ? buffer_string(&version) : "");
    buffer_printf(
        pen->out, "%10s  ",
        text_grouped(bytes, sizeof bytes, conversation->bytes[0] + conversation->bytes[1]));
    if (conversation->starttls[0] != '\0') {
        buffer_printf(pen->out, "%s ", conversation->starttls);
    }
    buffer_printf(pen->out, "%s%s", conversation->sni, conversation->sni[0] != '\0' ? "  " : "");
    pen_paint(pen, conversation->failed ? "31" : "2", conversation->verdict);
    pen->out->failed |= version.failed;
    buffer_free(&version);
}

/* Up to `width` columns; what is cut ends in an ellipsis. SGR sequences take no room. */
static void append_cut(struct buffer *out, const struct buffer *line, size_t width)
{
    size_t columns = 0;
    size_t i = 0;

    while (i < line->length) {
        uint32_t code_point = 0;
        if (line->data[i] == '\033') {
            const uint8_t *end = memchr(line->data + i, 'm', line->length - i);
            i = end != NULL ? (size_t)(end - line->data) + 1 : line->length;
            continue;
        }
        size_t taken = text_utf8_decode(line->data + i, line->length - i, &code_point);
        if (taken == 0 || columns + 1 >= width) {
            break;
        }
        columns++;
        i += taken;
    }
    buffer_append(out, line->data, i);
    if (i < line->length) {
        buffer_text(out, "…");
    }
}

int report_conversation_text(const struct trace_conversation *conversation, unsigned style,
                             size_t width, struct buffer *out)
{
    struct buffer line = {0};
    struct buffer text = {0};
    const struct pen pen = {&line, style};

    write_line(&pen, conversation);
    append_cut(&text, &line, width);
    if ((style & REPORT_COLOUR) && text.length < line.length) {
        buffer_text(&text, "\033[0m");
    }
    text.failed |= line.failed;
    buffer_free(&line);
    return pen_hand_over(&text, style, out);
}
