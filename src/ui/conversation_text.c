/* A conversation in words: a column of the list, and all of it. */
#include <string.h>

#include "conversations.h"
#include "marks.h"

const char *ui_conversation_title(enum ui_conversation_column column)
{
    static const char *const titles[UI_CONVERSATION_COLUMNS] = {
        [UI_CONVERSATION_NUMBER] = "#",      [UI_CONVERSATION_TIME] = "UTC",
        [UI_CONVERSATION_CLIENT] = "client", [UI_CONVERSATION_SERVER] = "server",
        [UI_CONVERSATION_SNI] = "SNI",       [UI_CONVERSATION_VERSION] = "version",
        [UI_CONVERSATION_SUITE] = "suite",   [UI_CONVERSATION_ALPN] = "ALPN",
        [UI_CONVERSATION_KEYS] = "keys",     [UI_CONVERSATION_BYTES] = "bytes",
        [UI_CONVERSATION_LASTED] = "lasted", [UI_CONVERSATION_VERDICT] = "verdict",
    };

    return titles[column];
}

/* "TLS_" before each suite tells nothing in a narrow column. */
static const char *without_prefix(const char *name)
{
    return strncmp(name, "TLS_", 4) == 0 ? name + 4 : name;
}

static void version_text(char *out, size_t size, const struct trace_conversation *conversation)
{
    char name[40];

    if (conversation->version != 0) {
        (void)snprintf(
            out, size, "%s",
            wire_registry_text(name, sizeof name, WIRE_REGISTRY_VERSION, conversation->version));
    } else {
        (void)snprintf(out, size, "%s", conversation->tls ? "TLS" : "");
    }
}

/* "09:31:00" of "2026-11-24T09:31:00.000Z". */
static void time_text(char *out, size_t size, int64_t wall_ns)
{
    char text[48];
    const char *clock;

    (void)time_rfc3339_ms(text, sizeof text, wall_ns);
    clock = strchr(text, 'T');
    (void)snprintf(out, size, "%.8s", clock != NULL ? clock + 1 : "");
}

char *ui_conversation_text(char *out, size_t size, const struct trace_conversation *conversation,
                           enum ui_conversation_column column)
{
    char name[120];

    out[0] = '\0';
    switch (column) {
    case UI_CONVERSATION_NUMBER:
        (void)snprintf(out, size, "%u", (unsigned)conversation->stream);
        break;
    case UI_CONVERSATION_TIME:
        time_text(out, size, conversation->start_ns);
        break;
    case UI_CONVERSATION_CLIENT:
        (void)snprintf(out, size, "%s", conversation->client);
        break;
    case UI_CONVERSATION_SERVER:
        (void)snprintf(out, size, "%s", conversation->server);
        break;
    case UI_CONVERSATION_SNI:
        (void)snprintf(out, size, "%s", conversation->sni);
        break;
    case UI_CONVERSATION_VERSION:
        version_text(out, size, conversation);
        break;
    case UI_CONVERSATION_SUITE:
        if (conversation->cipher_suite_known) {
            (void)snprintf(
                out, size, "%s",
                without_prefix(wire_registry_text(name, sizeof name, WIRE_REGISTRY_CIPHER_SUITE,
                                                  conversation->cipher_suite)));
        }
        break;
    case UI_CONVERSATION_ALPN:
        (void)snprintf(out, size, "%s", conversation->alpn);
        break;
    case UI_CONVERSATION_KEYS:
        (void)snprintf(out, size, "%s",
                       !conversation->tls       ? ""
                       : conversation->readable ? "yes"
                                                : "no");
        break;
    case UI_CONVERSATION_BYTES:
        (void)text_grouped(out, size, conversation->bytes[0] + conversation->bytes[1]);
        break;
    case UI_CONVERSATION_LASTED:
        (void)ui_duration(out, size, conversation->end_ns - conversation->start_ns);
        break;
    case UI_CONVERSATION_VERDICT:
        (void)snprintf(out, size, "%s", conversation->verdict);
        break;
    default:
        break;
    }
    return out;
}

/* ---- all of it ----------------------------------------------------------------------------------------- */

static void describe_tls(struct buffer *out, const struct trace_conversation *conversation)
{
    char text[120];

    if (conversation->starttls[0] != '\0') {
        buffer_printf(out, " %s, then", conversation->starttls);
    }
    version_text(text, sizeof text, conversation);
    buffer_printf(out, " %s", text);
    if (conversation->cipher_suite_known) {
        buffer_printf(out, ", %s",
                      wire_registry_text(text, sizeof text, WIRE_REGISTRY_CIPHER_SUITE,
                                         conversation->cipher_suite));
    }
    buffer_printf(out, "%s%s", conversation->sni[0] != '\0' ? ", server name " : "",
                  conversation->sni);
    buffer_printf(out, "%s%s", conversation->alpn[0] != '\0' ? ", ALPN " : "", conversation->alpn);
    buffer_text(out, conversation->readable ? ". Its data can be decrypted."
                                            : ". There are no keys for its data (--keylog).");
}

static void describe_side(struct buffer *out, const struct trace_conversation *conversation,
                          enum wire_side side)
{
    char bytes[32], packets[32];

    buffer_printf(out, "%s %s byte%s in %s packet%s", wire_side_name(side),
                  text_grouped(bytes, sizeof bytes, conversation->bytes[side]),
                  conversation->bytes[side] == 1 ? "" : "s",
                  text_grouped(packets, sizeof packets, conversation->packets[side]),
                  conversation->packets[side] == 1 ? "" : "s");
}

void ui_conversation_describe(struct buffer *out, const struct trace_conversation *conversation)
{
    char text[48];

    buffer_printf(out, "Conversation %u, %s → %s", (unsigned)conversation->stream,
                  conversation->client, conversation->server);
    if (!conversation->known) {
        buffer_text(out, ": what it is has not been looked at yet. ");
    } else if (!conversation->tls) {
        buffer_text(out, ": no TLS. ");
    } else {
        buffer_text(out, ":");
        describe_tls(out, conversation);
        buffer_printf(out, " Verdict: %s. ", conversation->verdict);
    }
    describe_side(out, conversation, WIRE_CLIENT);
    buffer_text(out, ", ");
    describe_side(out, conversation, WIRE_SERVER);
    buffer_printf(out, ", from %s", time_rfc3339_ms(text, sizeof text, conversation->start_ns));
    buffer_printf(out, ", lasted %s.",
                  ui_duration(text, sizeof text, conversation->end_ns - conversation->start_ns));
}
