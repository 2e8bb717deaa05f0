/* Judging chains by the options of the command line. */
#include <stdlib.h>
#include <string.h>

#include "certs.h"

bool certs_judge_goes_beyond(const struct cli_arguments *arguments)
{
    const struct cli_certs *certs = &arguments->certs;

    return certs->intermediates.count > 0 || certs->policies.count > 0 ||
           certs->purpose != PKI_PURPOSE_SERVER || certs->explicit_policy || certs->inhibit_any ||
           certs->inhibit_map;
}

bool certs_judge_is_needed(const struct cli_arguments *arguments)
{
    return certs_judge_goes_beyond(arguments) || stepper_options_judge(&arguments->options);
}

int certs_judge_add_crls(struct certs_judge *judge, const struct pki_bundle *bundle,
                         const char *name, struct err *err)
{
    struct buffer problems = {0};
    int status = pki_bundle_give_crls(bundle, name, &judge->revocations, &problems, err);

    if (problems.length > 0) {
        certs_tell(&problems); /* the certificates can be judged all the same */
    }
    buffer_free(&problems);
    return status;
}

static int read_intermediates(struct certs_judge *judge, struct cli_arguments *arguments,
                              struct err *err)
{
    const struct cli_list *files = &arguments->certs.intermediates;

    if (files->count == 0) {
        return 0;
    }
    judge->more = pki_bundle_new(err);
    for (size_t i = 0; judge->more != NULL && i < files->count; i++) {
        if (pki_bundle_add(judge->more, files->items[i], &arguments->password, err) != 0) {
            return err_prefix(err, "--intermediates");
        }
    }
    if (judge->more == NULL) {
        return -1;
    }
    if (certs_judge_add_crls(judge, judge->more, "--intermediates", err) != 0) {
        return -1;
    }
    size_t count = pki_bundle_count(judge->more);
    judge->intermediates = calloc(count + 1, sizeof *judge->intermediates);
    if (judge->intermediates == NULL) {
        return err_memory(err, "reading intermediates");
    }
    for (size_t i = 0; i < count; i++) {
        judge->intermediates[i] = pki_bundle_der(judge->more, i);
    }
    judge->intermediate_count = count;
    return 0;
}

int certs_judge_begin(struct certs_judge *judge, struct cli_arguments *arguments,
                      struct pki_trust *trust, struct err *err)
{
    *judge = (struct certs_judge){.arguments = arguments, .trust = trust};
    if (trust == NULL) {
        judge->trust = lab_options_trust(&arguments->options.tls, NULL, err);
    }
    if (judge->trust == NULL) {
        return -1;
    }
    if (tls_options_revocations(&arguments->options.tls, &judge->revocations, err) != 0) {
        return -1;
    }
    return read_intermediates(judge, arguments, err);
}

void certs_judge_end(struct certs_judge *judge)
{
    pki_trust_release(judge->trust);
    pki_revocations_free(judge->revocations);
    pki_bundle_free(judge->more);
    free(judge->intermediates);
}

static void set_rules(struct pki_request *request, const struct cli_arguments *arguments)
{
    const struct cli_certs *certs = &arguments->certs;

    request->purpose = certs->purpose;
    request->strength = arguments->options.tls.strength;
    request->strict = arguments->options.tls.strict;
    request->policies = certs->policies.count > 0 ? certs->policies.items : NULL;
    request->require_explicit_policy = certs->explicit_policy;
    request->inhibit_policy_mapping = certs->inhibit_map;
    request->inhibit_any_policy = certs->inhibit_any;
    request->gnutls = true;
}

struct pki_verification *certs_judge_chain(const struct certs_judge *judge,
                                           const struct certs_judged *judged, struct err *err)
{
    struct pki_slice *chain = calloc(judged->count + 1, sizeof *chain);
    struct pki_request request = {
        .chain = chain,
        .chain_length = judged->count,
        .trust = judge->trust,
        .hostname = judged->hostname,
        .at = judged->at,
        .intermediates = judge->intermediates,
        .intermediate_count = judge->intermediate_count,
        .revocations = judge->revocations,
    };
    struct pki_verification *verification = NULL;

    if (chain == NULL) {
        (void)err_memory(err, "judging certificates");
        return NULL;
    }
    for (size_t i = 0; i < judged->count; i++) {
        chain[i] = judged->certificates[i]->der;
    }
    set_rules(&request, judge->arguments);
    if (judged->evidence != NULL) {
        trace_evidence_give(judged->evidence, &request);
    }
    verification = pki_verify(&request, err);
    free(chain);
    return verification;
}
