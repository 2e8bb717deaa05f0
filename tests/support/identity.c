/* A root and a server certificate. */
#include "identity.h"

#include <stdlib.h>
#include <string.h>

#define HOUR 3600

int identity_make(struct identity *identity, enum identity_kind kind, const char *name)
{
    const int64_t now = clock_wall_ns() / 1000000000;
    char *dns = name == NULL ? NULL : text_format("DNS:%s", name);
    const char *const names[] = {"DNS:localhost", "IP:127.0.0.1", "IP:::1", dns, NULL};
    struct cert_options options = {.common_name = "tlstep test root",
                                   .ca = true,
                                   .not_before = now - HOUR,
                                   .not_after = now + CERT_DAY};

    memset(identity, 0, sizeof *identity);
    identity->root_cert = name != NULL && dns == NULL ? NULL : cert_make(&options);
    if (identity->root_cert != NULL) {
        options.common_name = "localhost";
        options.ca = false;
        options.names = names;
        options.issuer = identity->root_cert;
        options.key = kind == IDENTITY_RSA ? CERT_RSA : CERT_P256;
        identity->leaf = cert_make(&options);
    }
    free(dns);
    if (identity->leaf == NULL) {
        identity_free(identity);
        return -1;
    }
    identity->root = identity->root_cert->crt;
    identity->certificate = identity->leaf->crt;
    identity->key = identity->leaf->key;
    return 0;
}

void identity_free(struct identity *identity)
{
    cert_free(identity->root_cert);
    cert_free(identity->leaf);
    memset(identity, 0, sizeof *identity);
}

static int write_certificate(const char *folder, const char *name, const struct cert *cert)
{
    const struct cert *const certs[] = {cert, NULL};
    char *path = text_format("%s/%s", folder, name);
    int status = path == NULL ? -1 : cert_write(path, certs);

    free(path);
    return status;
}

int identity_write(const struct identity *identity, const char *folder)
{
    char *path;
    int status = write_certificate(folder, "root.pem", identity->root_cert);

    if (status == 0) {
        status = write_certificate(folder, "certificate.pem", identity->leaf);
    }
    if (status != 0) {
        return status;
    }
    path = text_format("%s/key.pem", folder);
    status = path == NULL ? -1 : cert_write_key(path, identity->leaf);
    free(path);
    return status;
}
