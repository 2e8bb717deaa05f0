/* Certificates in a capture: each conversation's chain, judged as of the time of the capture. */
#include <string.h>

#include "certs.h"
#include "conversations.h"

struct capture {
    struct cli_arguments *arguments;
    struct certs_judge judge;
    const char *path;
};

static void write_chain(struct capture *capture, struct trace *trace,
                        const struct trace_facts *facts,
                        const struct pki_verification *verification, struct pool_result *result)
{
    const struct report_certs certs = {
        .chain = {facts->certificates, facts->certificate_count, verification, false},
        .source = capture->path,
        .trace = trace,
        .at = verification != NULL ? verification->at : report_seen_from(trace, facts),
    };
    result->status =
        certs_write(capture->arguments, &certs, &result->out, &result->errors, &result->err);
}

/* Where the user names nobody, the name is not checked: who asked, and for what, is not known for sure. */
static struct pki_verification *judge(struct capture *capture, struct trace *trace,
                                      const struct trace_facts *facts, struct err *err)
{
    const struct tls_options *tls = &capture->arguments->options.tls;
    struct trace_evidence evidence = {0};
    struct pki_verification *verification = NULL;

    if (trace_evidence(trace, trace_event_count(trace), &evidence) != 0) {
        (void)err_memory(err, "judging certificates");
    } else {
        const struct certs_judged judged = {
            .certificates = facts->certificates,
            .count = facts->certificate_count,
            .evidence = &evidence,
            .hostname = tls->no_hostname_check ? NULL : tls->verify_name,
            .at = tls->at != NULL ? tls_options_at(tls) : report_seen_from(trace, facts),
        };
        verification = certs_judge_chain(&capture->judge, &judged, err);
    }
    trace_evidence_clear(&evidence);
    return verification;
}

static void write_conversation(void *context, struct trace *trace, bool asked,
                               struct pool_result *result)
{
    struct capture *capture = context;
    const struct trace_facts *facts = trace_facts(trace, trace_event_count(trace));

    if (facts == NULL) {
        err_memory(&result->err, "looking at a conversation");
        return;
    }
    if (facts->certificate_count == 0) {
        if (asked) {
            buffer_printf(&result->errors, "conversation %u has no certificates to show: %s\n",
                          trace_target(trace)->stream,
                          facts->missing_secrets != NULL ? facts->missing_secrets
                                                         : "none was sent, or not captured");
        }
        return;
    }
    if (capture->arguments->options.tls.no_verify) {
        write_chain(capture, trace, facts, NULL, result);
        return;
    }
    struct pki_verification *verification = judge(capture, trace, facts, &result->err);
    if (verification != NULL) {
        write_chain(capture, trace, facts, verification, result);
        pki_verification_free(verification);
    }
}

int certs_capture(struct cli_arguments *arguments, const char *path)
{
    struct capture capture = {.arguments = arguments, .path = path};
    const struct cli_writer writer = {
        .write = write_conversation,
        .context = &capture,
        .nothing = "no conversation with certificates that can be seen: those of TLS 1.3 are "
                   "encrypted, and read with a key log (--keylog F)",
    };
    struct err err = {0};
    int status = 0;

    if (certs_judge_begin(&capture.judge, arguments, NULL, &err) != 0) {
        status = cli_fail(&err);
    } else {
        status = cli_write_conversations(arguments, path, &writer);
    }
    certs_judge_end(&capture.judge);
    return status;
}
