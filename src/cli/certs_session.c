/* Certificates of a server, or of a session that was saved. */
#include <stdlib.h>
#include <string.h>

#include "certs.h"

/* What a session has to show, and the verdict where it is made here. */
struct view {
    struct trace *trace;
    size_t end;
    const struct trace_facts *facts;
    struct pki_verification *own;
};

/* The name that the session was for: what its verdict says, else what it asked for. */
static const char *host_of(const struct cli_arguments *arguments, const struct view *view)
{
    const struct tls_options *tls = &arguments->options.tls;
    const struct pki_verification *before = view->facts->verification;
    const struct trace_target *target = trace_target(view->trace);

    if (before != NULL && before->name != NULL && tls->verify_name == NULL &&
        !tls->no_hostname_check) {
        return before->name;
    }
    return tls_options_verify_name(tls, target->sni != NULL ? target->sni : target->host);
}

static int judge_view(struct cli_arguments *arguments, struct stepper *stepper, struct view *view)
{
    struct trace_evidence evidence = {0};
    struct certs_judge judge = {0};
    struct err err = {0};
    bool live = stepper_live(stepper);
    struct pki_trust *trust = stepper_trust(stepper, &err);

    if (trust == NULL) {
        return cli_fail(&err);
    }
    int status = certs_judge_begin(&judge, arguments, trust, &err);
    if (status == 0 && trace_evidence(view->trace, view->end, &evidence) != 0) {
        status = err_memory(&err, "judging certificates");
    }
    if (status == 0) {
        const struct certs_judged judged = {
            .certificates = view->facts->certificates,
            .count = view->facts->certificate_count,
            .evidence = &evidence,
            .hostname = host_of(arguments, view),
            .at = live || arguments->options.tls.at != NULL
                      ? tls_options_at(&arguments->options.tls)
                      : report_seen_from(view->trace, view->facts),
        };
        view->own = certs_judge_chain(&judge, &judged, &err);
    }
    trace_evidence_clear(&evidence);
    certs_judge_end(&judge);
    return view->own != NULL ? 0 : cli_fail(&err);
}

/* Is a verdict to be made here: for want of one, or because it was made by other rules? */
static bool wants_verdict(const struct cli_arguments *arguments, const struct stepper *stepper,
                          const struct view *view)
{
    const struct pki_verification *verification = view->facts->verification;

    if (arguments->options.tls.no_verify) {
        return false;
    }
    if (verification == NULL || !verification->performed) {
        return true;
    }
    return !stepper_live(stepper) && certs_judge_is_needed(arguments);
}

static int list_view(const struct cli_arguments *arguments, const struct view *view,
                     const char *source)
{
    struct err err = {0};
    struct pki_bundle *bundle = pki_bundle_new(&err);

    for (size_t i = 0; bundle != NULL && i < view->facts->certificate_count; i++) {
        const struct pki_slice *der = &view->facts->certificates[i]->der;
        if (pki_bundle_add_der(bundle, der->data, der->length, source, &err) != 0) {
            pki_bundle_free(bundle);
            bundle = NULL;
        }
    }
    int status = bundle != NULL ? certs_list(arguments, bundle, source) : cli_fail(&err);
    pki_bundle_free(bundle);
    return status;
}

static int show_view(struct cli_arguments *arguments, struct stepper *stepper, struct view *view,
                     const char *note)
{
    const char *source = stepper_target(stepper)->input;

    if (arguments->options.tls.no_verify) {
        return list_view(arguments, view, source);
    }
    if (wants_verdict(arguments, stepper, view)) {
        int status = judge_view(arguments, stepper, view);
        if (status != 0) {
            return status;
        }
    }
    const struct pki_verification *verification =
        view->own != NULL ? view->own : view->facts->verification;
    const struct report_certs certs = {
        .chain = {view->facts->certificates, view->facts->certificate_count, verification, false},
        .source = source,
        .note = note,
        .trace = view->trace,
        .at = verification->at,
    };
    return certs_show(arguments, &certs);
}

/* The handshake may fail for another reason than its certificate: that is worth a word. */
static void tell_failure(const struct view *view)
{
    const struct trace_facts *facts = view->facts;
    const char *code = facts->error_code;
    struct err err;

    if (facts->failed && facts->error != NULL &&
        (code == NULL || strcmp(code, "refused_certificate") != 0)) {
        err_set(&err, ERR_TLS, "failed", "the certificates came, but then: %s", facts->error);
        (void)cli_fail(&err); /* the status is that of the certificates */
    }
}

static int tell_absence(struct stepper *stepper, const struct view *view,
                        const struct certs_connection *connection)
{
    const char *input = stepper_target(stepper)->input;
    const char *why = view->facts->error;
    int status = stepper_exit_status(stepper);
    struct err err;

    if (connection->wanted != NULL && status <= 1) {
        err_set(&err, ERR_NONE, "absent", "%s has no %s certificate%s%s", input, connection->wanted,
                why != NULL ? ": " : "", why != NULL ? why : "");
        (void)cli_fail(&err); /* an answer, not a failure */
        return 0;
    }
    err_set(&err, ERR_TLS, "no_certificate", "%s%s%s: no certificate was seen%s%s", input,
            connection->note != NULL ? ", " : "", connection->note != NULL ? connection->note : "",
            why != NULL ? ": "
                        : " (a resumed session has none, and those of TLS 1.3 are encrypted)",
            why != NULL ? why : "");
    (void)cli_fail(&err);
    return status != 0 ? status : 1;
}

/* Some servers answer with the certificate that they have, whatever was asked for. */
static bool is_another_kind(const struct pki_certificate *leaf, const char *wanted)
{
    return wanted != NULL &&
           (leaf->malformed || strncmp(leaf->key_type, wanted, strlen(wanted)) != 0);
}

static int show_session(struct cli_arguments *arguments, struct stepper *stepper,
                        struct certs_connection *connection)
{
    struct view view = {.trace = stepper_trace(stepper)};
    struct err err = {0};

    view.end = trace_event_count(view.trace);
    view.facts = trace_facts(view.trace, view.end);
    if (view.facts == NULL) {
        err_memory(&err, "looking at a session");
        return cli_fail(&err);
    }
    if (view.facts->certificate_count == 0) {
        return tell_absence(stepper, &view, connection);
    }
    const struct pki_certificate *leaf = view.facts->certificates[0];
    if (is_another_kind(leaf, connection->wanted)) {
        err_set(&err, ERR_NONE, "absent", "%s has no %s certificate: it answers with its %s one",
                stepper_target(stepper)->input, connection->wanted,
                leaf->malformed ? "only" : leaf->key_type);
        (void)cli_fail(&err); /* an answer, not a failure */
        return 0;
    }
    connection->found = true;
    memcpy(connection->sha256, leaf->sha256, sizeof connection->sha256);
    (void)pki_certificate_label(connection->label, sizeof connection->label, leaf);
    int status = show_view(arguments, stepper, &view, connection->note);
    pki_verification_free(view.own);
    tell_failure(&view);
    return status;
}

/* Runs it (of a saved session there is nothing to run), judges and shows what came. */
static int run_and_show(struct cli_arguments *arguments, struct stepper *stepper,
                        struct certs_connection *connection)
{
    int status = 0;

    if (cli_run_whole(stepper, &status) != 0) {
        return status;
    }
    return cli_tell_trouble(stepper, show_session(arguments, stepper, connection));
}

int certs_ask_with(struct cli_arguments *arguments, struct stepper *stepper, const char *option,
                   const char *value, struct certs_connection *connection)
{
    struct err err = {0};
    char *setting = text_format("%s %s", option, value);
    int status = setting != NULL ? stepper_run(stepper, stepper_command_find("set"), setting, &err)
                                 : err_memory(&err, "asking a server");

    free(setting);
    if (status == 0 && stepper_over(stepper)) {
        status = stepper_run(stepper, stepper_command_find("restart"), NULL, &err);
    }
    return status == 0 ? run_and_show(arguments, stepper, connection) : cli_fail(&err);
}

/* The options of a connection whose certificates are to be shown. To be freed in either case. */
static int take_options(const struct cli_arguments *arguments, struct stepper_options *out,
                        struct err *err)
{
    if (stepper_options_copy(out, &arguments->options, err) != 0) {
        return -1;
    }
    out->brief = true;
    if (certs_judge_goes_beyond(arguments)) {
        out->tls.no_verify = true; /* it is judged afterwards, by all that was asked for */
        return stepper_option_set(out, "verify-name", NULL, err);
    }
    return 0;
}

static struct stepper *open_operand(struct cli_arguments *arguments, int *status)
{
    struct stepper_options options;
    struct stepper *stepper = NULL;
    struct err err = {0};

    stepper_options_init(&options);
    if (take_options(arguments, &options, &err) != 0) {
        *status = cli_fail(&err);
    } else {
        stepper = cli_stepper(arguments, &options, arguments->operands[0], status);
    }
    stepper_options_free(&options);
    if (stepper != NULL) {
        cli_warn_of_file(stepper);
    }
    return stepper;
}

int certs_with_stepper(struct cli_arguments *arguments,
                       int (*ask)(struct cli_arguments *arguments, struct stepper *stepper))
{
    int status = 0;
    struct stepper *stepper = open_operand(arguments, &status);

    if (stepper != NULL) {
        status = ask(arguments, stepper);
    }
    stepper_free(stepper);
    return status;
}

static int ask_once(struct cli_arguments *arguments, struct stepper *stepper)
{
    struct certs_connection connection = {0};
    return run_and_show(arguments, stepper, &connection);
}

int certs_session(struct cli_arguments *arguments)
{
    return certs_with_stepper(arguments, ask_once);
}
