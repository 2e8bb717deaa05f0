/* The trust store that the options ask for. */
#include "options.h"

static bool has_own(const struct tls_options *options)
{
    return options->ca_file != NULL || options->ca_dir != NULL;
}

static bool means_lab(const struct tls_options *options, const uint8_t *lab_root)
{
    return options->trust == TLS_TRUST_LAB ||
           (options->trust == TLS_TRUST_DEFAULT && !has_own(options) && lab_root != NULL);
}

bool tls_options_trust_in_memory(const struct tls_options *options, const uint8_t *lab_root)
{
    return means_lab(options, lab_root) && !has_own(options) && options->crl == NULL &&
           options->ocsp == NULL;
}

static struct pki_trust *base_store(const struct tls_options *options, const uint8_t *lab_root,
                                    size_t lab_root_length, struct err *err)
{
    bool lab = means_lab(options, lab_root);
    struct pki_trust *trust;

    if (options->trust == TLS_TRUST_SYSTEM ||
        (options->trust == TLS_TRUST_DEFAULT && !has_own(options) && !lab)) {
        return pki_trust_system(err);
    }
    trust = pki_trust_none(err);
    if (trust == NULL || !lab) {
        return trust;
    }
    if (pki_trust_add_der(trust, lab_root, lab_root_length, err) != 0) {
        pki_trust_release(trust);
        return NULL;
    }
    return trust;
}

struct pki_trust *tls_options_trust(const struct tls_options *options, const uint8_t *lab_root,
                                    size_t lab_root_length, struct err *err)
{
    struct pki_trust *trust;

    if (options->trust == TLS_TRUST_LAB && lab_root == NULL) {
        (void)err_set(err, ERR_USAGE, "no_lab_ca",
                      "--trust lab: there is no lab whose root is known");
        return NULL;
    }
    trust = base_store(options, lab_root, lab_root_length, err);
    if (trust == NULL) {
        return NULL;
    }
    if (options->ca_file != NULL && pki_trust_add_file(trust, options->ca_file, err) != 0) {
        pki_trust_release(trust);
        (void)err_prefix(err, "--ca-file");
        return NULL;
    }
    if (options->ca_dir != NULL && pki_trust_add_folder(trust, options->ca_dir, err) != 0) {
        pki_trust_release(trust);
        (void)err_prefix(err, "--ca-dir");
        return NULL;
    }
    return trust;
}
