/* tlstep report FILE of a capture: a report for each TLS conversation. */
#include "cli.h"
#include "conversations.h"

/* Most reports of a conversation are shorter. */
#define REPORT_SIZE 8192

static bool has_tls(const struct trace *trace)
{
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        if (trace_row_at(trace, i)->layer == TRACE_LAYER_TLS) {
            return true;
        }
    }
    return false;
}

/* --expires-within, for this conversation. */
static int check_expiry(const struct cli_arguments *arguments, struct trace *trace,
                        struct pool_result *result)
{
    struct buffer text = {0};
    long days = arguments->expires_within;

    if (days < 0 || !report_expires_within(trace, trace_event_count(trace), days, &text)) {
        return 0;
    }
    buffer_printf(&result->errors, "conversation %u: a certificate ends within %ld days: ",
                  trace_target(trace)->stream, days);
    text_safe_append(&result->errors, text.data, text.length);
    buffer_u8(&result->errors, '\n');
    buffer_free(&text);
    return 1;
}

static void write_report(void *context, struct trace *trace, bool asked, struct pool_result *result)
{
    const struct cli_arguments *arguments = context;
    size_t end = trace_event_count(trace);
    int status = 0;

    if (!asked && !has_tls(trace)) {
        return;
    }
    if (arguments->json) {
        (void)buffer_reserve(&result->out, REPORT_SIZE); /* result->out.failed, below */
        status = report_line(trace, end, &result->out);
        buffer_u8(&result->out, '\n');
    } else {
        status = report_text(trace, end, cli_style(arguments), &result->out);
    }
    result->status = check_expiry(arguments, trace, result);
    if (status != 0 || result->out.failed || result->errors.failed) {
        err_memory(&result->err, "writing a report");
    }
}

int cli_report_capture(struct cli_arguments *arguments, const char *path, const char *source)
{
    const struct cli_writer writer = {
        .write = write_report,
        .context = arguments,
        .source = source,
        .nothing = "no TLS conversation",
        .listed = true,
    };

    return cli_write_conversations(arguments, path, &writer);
}
