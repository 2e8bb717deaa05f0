/* tlstep report --all-addresses: every address of a name, one after the other, and which of them answers differently. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* What is compared of an answer. */
struct answer {
    struct net_address address;
    /* "TLS 1.3, TLS_AES_128_GCM_SHA256, ALPN h2, certificate 1a2b…, accepted" */
    char text[600];
    int status;
};

static const char *verdict_of(const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;

    if (verification == NULL || !verification->performed) {
        return "not judged";
    }
    if (verification->ok) {
        return "accepted";
    }
    return verification->reason_count > 0 ? pki_reason_name(verification->reasons[0].code)
                                          : "refused";
}

static void describe(struct answer *answer, const struct trace_facts *facts)
{
    char version[40] = "no TLS";
    char suite[80] = "";
    char hash[20] = "none";

    if (facts->version != 0) {
        wire_registry_text(version, sizeof version, WIRE_REGISTRY_VERSION, facts->version);
    }
    if (facts->cipher_suite_known) {
        wire_registry_text(suite, sizeof suite, WIRE_REGISTRY_CIPHER_SUITE, facts->cipher_suite);
    }
    if (facts->certificate_count > 0) {
        text_hex(hash, sizeof hash, facts->certificates[0]->sha256, 8);
    }
    (void)snprintf(answer->text, sizeof answer->text, "%s%s%s, ALPN %s, certificate %s, %s%s",
                   version, suite[0] != '\0' ? ", " : "", suite,
                   facts->alpn[0] != '\0' ? facts->alpn : "none", hash, verdict_of(facts),
                   facts->failed && facts->version == 0 ? ", failed" : "");
}

static int print_report(const struct cli_arguments *arguments, struct trace *trace, size_t end)
{
    struct buffer out = {0};
    struct err err;
    int status = arguments->json ? report_line(trace, end, &out)
                                 : report_text(trace, end, cli_style(arguments), &out);

    buffer_u8(&out, '\n');
    if (status != 0 || out.failed) {
        err_memory(&err, "printing the report");
        status = cli_fail(&err);
    } else {
        (void)fwrite(out.data, 1, out.length, stdout); /* main() judges standard output */
        (void)fflush(stdout);
    }
    buffer_free(&out);
    return status;
}

/* One address. Interrupted: 130, whatever it has said. */
static int ask(const struct cli_arguments *arguments, struct answer *answer)
{
    struct stepper_options options;
    struct err err = {0};
    int status = 0;

    stepper_options_init(&options);
    if (stepper_options_copy(&options, &arguments->options, &err) != 0 ||
        stepper_option_set(&options, "connect", answer->address.text, &err) != 0) {
        stepper_options_free(&options);
        return cli_fail(&err);
    }
    options.brief = true;
    struct stepper *stepper = cli_stepper(arguments, &options, arguments->operands[0], &status);
    stepper_options_free(&options);
    if (stepper == NULL) {
        return status;
    }
    if (cli_run_whole(stepper, &status) == 0) {
        struct trace *trace = stepper_trace(stepper);
        size_t end = trace_event_count(trace);
        const struct trace_facts *facts = trace_facts(trace, end);
        if (facts != NULL) {
            describe(answer, facts);
        }
        status = print_report(arguments, trace, end);
        answer->status = stepper_exit_status(stepper);
        status = cli_tell_trouble(stepper, status);
    }
    stepper_free(stepper);
    return status;
}

/* What most of them answer; the first of those that are equally many. */
static const char *usual(const struct answer *answers, size_t count)
{
    size_t best = 0;
    size_t most = 0;

    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        for (size_t j = 0; j < count; j++) {
            same += strcmp(answers[i].text, answers[j].text) == 0;
        }
        if (same > most) {
            most = same;
            best = i;
        }
    }
    return answers[best].text;
}

static void tell_differences(const struct cli_arguments *arguments, const struct answer *answers,
                             size_t count)
{
    const char *most = usual(answers, count);
    FILE *out = arguments->json ? stderr : stdout; /* beside JSON lines there is no room for text */
    bool differ = false;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(answers[i].text, most) != 0) {
            (void)fprintf(out, "%s answers differently: %s\n", answers[i].address.text,
                          answers[i].text);
            differ = true;
        }
    }
    (void)fprintf(out, differ ? "the others: %s\n" : "all addresses answer alike: %s\n", most);
}

static int ask_all(const struct cli_arguments *arguments, struct answer *answers, size_t count)
{
    int worst = 0;

    for (size_t i = 0; i < count; i++) {
        int status = ask(arguments, &answers[i]);
        if (status == err_exit_status(ERR_INTERRUPTED) || status == err_exit_status(ERR_USAGE)) {
            return status;
        }
        status = status != 0 ? status : answers[i].status;
        worst = worst != 0 ? worst : status;
    }
    tell_differences(arguments, answers, count);
    return worst;
}

int cli_report_addresses(struct cli_arguments *arguments)
{
    const struct tls_options *tls = &arguments->options.tls;
    struct net_address addresses[NET_ADDRESS_MAX];
    struct stepper_target target = {0};
    struct err err = {0};
    long count = -1;

    if (cli_target(arguments, arguments->operands[0], &target, &err) != 0) {
        return cli_fail(&err);
    }
    if (target.kind != STEPPER_HOST || tls->connect != NULL || arguments->options.save != NULL) {
        err_set(&err, ERR_USAGE, "usage",
                "--all-addresses is for a host, without --connect and --save: there are several "
                "connections");
    } else {
        count = net_resolve(target.host, target.port,
                            tls->ipv4_only   ? NET_IPV4
                            : tls->ipv6_only ? NET_IPV6
                                             : NET_ANY,
                            addresses, NET_ADDRESS_MAX, &err);
    }
    stepper_target_free(&target);
    struct answer *answers = count > 0 ? calloc((size_t)count, sizeof *answers) : NULL;
    if (count > 0 && answers == NULL) {
        err_memory(&err, "asking all addresses");
    }
    if (answers == NULL) {
        return cli_fail(&err);
    }
    for (long i = 0; i < count; i++) {
        answers[i].address = addresses[i];
    }
    int status = ask_all(arguments, answers, (size_t)count);
    free(answers);
    return status;
}
