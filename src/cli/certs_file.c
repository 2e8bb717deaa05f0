/* Certificates of a file, of standard input, of a folder, of the trust store. */
#include <stdlib.h>
#include <string.h>

#include "certs.h"

static struct pki_bundle *open_bundle(struct cli_arguments *arguments, const char *path,
                                      struct err *err)
{
    struct pki_bundle *bundle = pki_bundle_new(err);

    if (bundle == NULL) {
        return NULL;
    }
    bool before = cli_signals_end(true);
    int status = pki_bundle_add(bundle, path, &arguments->password, err);
    (void)cli_signals_end(before);
    if (status != 0) {
        pki_bundle_free(bundle);
        return NULL;
    }
    if (pki_bundle_count(bundle) == 0) {
        const char *remark = pki_bundle_remark(bundle);
        err_set(err, ERR_FILE, "no_certificate", "%s: there is no certificate in it%s%s",
                strcmp(path, "-") == 0 ? "standard input" : path,
                remark[0] != '\0' ? ", only " : "", remark);
        pki_bundle_free(bundle);
        return NULL;
    }
    return bundle;
}

/* ---- a chain ----------------------------------------------------------------------------------- */

struct chain {
    struct pki_certificate **certificates;
    size_t count;
};

/* A file that begins with an authority and has a server's certificate later was put together the wrong way round. */
static const struct pki_certificate *find_misplaced_leaf(const struct chain *chain)
{
    if (chain->count < 2 || !chain->certificates[0]->is_ca) {
        return NULL;
    }
    for (size_t i = 1; i < chain->count; i++) {
        const struct pki_certificate *certificate = chain->certificates[i];
        if (!certificate->malformed && !certificate->is_ca && certificate->san_count > 0) {
            return certificate;
        }
    }
    return NULL;
}

/* What is said of the file beside its certificates. */
static char *write_note(const struct chain *chain, const char *remark)
{
    const struct pki_certificate *leaf = find_misplaced_leaf(chain);
    char label[200];

    if (leaf == NULL) {
        return text_duplicate(remark, strlen(remark));
    }
    return text_format(
        "%s%sthe first certificate is taken for the server's, and it is an authority's: "
        "put that of %s first",
        remark, remark[0] != '\0' ? " · " : "", pki_certificate_label(label, sizeof label, leaf));
}

static int show_chain(struct cli_arguments *arguments, const struct certs_judge *judge,
                      const struct chain *chain, const char *path, const char *remark)
{
    const struct tls_options *tls = &arguments->options.tls;
    const struct certs_judged judged = {
        .certificates = (const struct pki_certificate *const *)chain->certificates,
        .count = chain->count,
        .hostname = tls->no_hostname_check ? NULL : tls->verify_name,
        .at = tls_options_at(tls),
    };
    struct err err = {0};
    struct pki_verification *verification = certs_judge_chain(judge, &judged, &err);

    if (verification == NULL) {
        return cli_fail(&err);
    }
    char *note = write_note(chain, remark);
    const struct report_certs certs = {
        .chain = {judged.certificates, judged.count, verification, true},
        .source = path,
        .note = note,
        .at = judged.at,
    };
    int status = 0;
    if (note == NULL) {
        err_memory(&err, "showing certificates");
        status = cli_fail(&err);
    } else {
        status = certs_show(arguments, &certs);
    }
    free(note);
    pki_verification_free(verification);
    return status;
}

static int judge_bundle(struct cli_arguments *arguments, const struct pki_bundle *bundle,
                        const char *path)
{
    struct chain chain = {0};
    struct certs_judge judge;
    struct err err = {0};
    bool before = cli_signals_end(true);
    int status = certs_judge_begin(&judge, arguments, NULL, &err);

    (void)cli_signals_end(before);
    if (status == 0) {
        status = certs_judge_add_crls(&judge, bundle, path, &err);
    }
    if (status == 0) {
        chain.certificates = pki_bundle_certificates(bundle, &err);
        chain.count = pki_bundle_count(bundle);
        status = chain.certificates != NULL ? 0 : -1;
    }
    status = status == 0 ? show_chain(arguments, &judge, &chain, path, pki_bundle_remark(bundle))
                         : cli_fail(&err);
    pki_certificates_free(chain.certificates, chain.count);
    certs_judge_end(&judge);
    return status;
}

/* ---- commands ------------------------------------------------------------------------------------ */

int certs_file(struct cli_arguments *arguments, const char *path)
{
    struct err err = {0};
    struct pki_bundle *bundle = open_bundle(arguments, path, &err);

    if (bundle == NULL) {
        return cli_fail(&err);
    }
    int status = arguments->options.tls.no_verify ? certs_list(arguments, bundle, path)
                                                  : judge_bundle(arguments, bundle, path);
    pki_bundle_free(bundle);
    return status;
}

int certs_folder(struct cli_arguments *arguments, const char *path)
{
    struct err err = {0};
    struct pki_bundle *bundle = open_bundle(arguments, path, &err);

    if (bundle == NULL) {
        return cli_fail(&err);
    }
    int status = certs_list(arguments, bundle, path);
    pki_bundle_free(bundle);
    return status;
}

int certs_store(struct cli_arguments *arguments)
{
    struct err err = {0};
    struct pki_trust *trust = lab_options_trust(&arguments->options.tls, NULL, &err);
    struct pki_bundle *bundle = trust != NULL ? pki_bundle_new(&err) : NULL;
    int status;

    if (bundle == NULL || pki_bundle_add_trust(bundle, trust, &err) != 0) {
        status = cli_fail(&err);
    } else {
        status = certs_list(arguments, bundle, pki_trust_name(trust));
    }
    pki_bundle_free(bundle);
    pki_trust_release(trust);
    return status;
}
