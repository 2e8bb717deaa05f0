/* What `--trust lab` means. */
#include "tlstep/lab.h"

int lab_options_root(const struct tls_options *options, const struct lab_server *server,
                     struct buffer *out, struct err *err)
{
    size_t length;
    const uint8_t *root;

    if (server == NULL) {
        return options->trust == TLS_TRUST_LAB ? lab_ca_saved_root(out, err) : 0;
    }
    root = lab_root(server, &length);
    buffer_append(out, root, length);
    return out->failed ? err_memory(err, "reading the lab's root") : 0;
}

struct pki_trust *lab_options_trust(const struct tls_options *options,
                                    const struct lab_server *server, struct err *err)
{
    struct buffer root = {0};
    struct pki_trust *trust = NULL;

    if (lab_options_root(options, server, &root, err) == 0) {
        trust = tls_options_trust(options, root.data, root.length, err);
    }
    buffer_free(&root);
    return trust;
}
