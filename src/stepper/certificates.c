/* Targets that are certificates: a file, a folder, the system's trust store; and what can be browsed in a session. */
#include "certificates.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM "system"

/* What captures begin with: pcapng, pcap in both byte orders (microseconds, nanoseconds, modified), gzip. */
static bool begins_like_capture(const uint8_t *start, size_t length)
{
    static const char magics[][4] = {"\x0a\x0d\x0d\x0a", "\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4",
                                     "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x34\xcd\xb2\xa1",
                                     "\xa1\xb2\xcd\x34"};

    if (length >= 2 && start[0] == 0x1f && start[1] == 0x8b) {
        return true;
    }
    for (size_t i = 0; length >= 4 && i < sizeof magics / sizeof magics[0]; i++) {
        if (memcmp(start, magics[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

/* DER and BER begin with a SEQUENCE; in PEM there may be text before the first block. */
static bool begins_like_certificates(const uint8_t *start, size_t length)
{
    return length > 0 && !begins_like_capture(start, length) &&
           (start[0] == 0x30 || memmem(start, length, "-----BEGIN ", 11) != NULL);
}

/* A folder, `system` where no file has that name, a file that begins like certificates do. */
bool stepper_finds_certificates(const char *path)
{
    uint8_t start[4096];
    struct stat status;

    if (stat(path, &status) != 0) {
        return strcmp(path, SYSTEM) == 0;
    }
    if (S_ISDIR(status.st_mode)) {
        return true;
    }
    if (!S_ISREG(status.st_mode)) {
        return false; /* looking would take it away from who reads it */
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false; /* whoever opens it tells why */
    }
    ssize_t length = read(fd, start, sizeof start);
    (void)close(fd); /* nothing was written */
    return length > 0 && begins_like_certificates(start, (size_t)length);
}

/* ---- browsing ------------------------------------------------------------------------------------ */

static int add_trust(struct stepper *stepper, struct pki_bundle *bundle, struct err *err)
{
    size_t length = 0;
    const uint8_t *root = stepper->lab != NULL ? lab_root(stepper->lab, &length) : NULL;
    bool system = stepper->certificates;
    struct pki_trust *trust = system ? pki_trust_system(err)
                                     : tls_options_trust(&stepper->options.tls, root, length, err);
    int status = trust != NULL ? pki_bundle_add_trust(bundle, trust, err) : -1;

    pki_trust_release(trust);
    return status;
}

static struct pki_bundle *load(struct stepper *stepper, struct err *err)
{
    const char *path = stepper->target.host;
    bool store = !stepper->certificates || (strcmp(path, SYSTEM) == 0 && access(path, F_OK) != 0);
    struct pki_bundle *bundle = pki_bundle_new(err);
    int status = bundle == NULL ? -1
                 : store        ? add_trust(stepper, bundle, err)
                                : pki_bundle_add(bundle, path, stepper->options.password, err);

    if (status != 0) {
        pki_bundle_free(bundle);
        return NULL;
    }
    return bundle;
}

const struct pki_bundle *stepper_bundle(struct stepper *stepper, struct err *err)
{
    if (stepper->bundle == NULL) {
        stepper->bundle = load(stepper, err);
    }
    return stepper->bundle;
}

bool stepper_is_certificates(const struct stepper *stepper)
{
    return stepper->certificates;
}

/* ---- opening --------------------------------------------------------------------------------------- */

static int read_chain(struct stepper *stepper, struct err *err)
{
    size_t count = pki_bundle_count(stepper->bundle);

    stepper->chain = calloc(count + 1, sizeof(struct pki_certificate *));
    for (size_t i = 0; stepper->chain != NULL && i < count; i++) {
        struct pki_slice der = pki_bundle_der(stepper->bundle, i);
        stepper->chain[i] = pki_certificate_new(der.data, der.length);
        if (stepper->chain[i] == NULL) {
            return err_memory(err, "reading the certificates");
        }
        stepper->chain_count = i + 1;
    }
    return stepper->chain != NULL ? 0 : err_memory(err, "reading the certificates");
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int certificates_open_target(struct stepper *stepper, struct err *err)
{
    const char *path = stepper->target.host;

    stepper->certificates = true;
    if (stepper_bundle(stepper, err) == NULL) {
        return -1;
    }
    size_t count = pki_bundle_count(stepper->bundle);
    if (count == 0) {
        return err_set(err, ERR_FILE, "file", "%s: there is no certificate in it%s%s", path,
                       pki_bundle_remark(stepper->bundle)[0] != '\0' ? ", only " : "",
                       pki_bundle_remark(stepper->bundle));
    }
    bool listed = is_folder(path) || access(path, F_OK) != 0;
    if (listed || count > STEPPER_CHAIN_MAX) {
        return 0; /* to be browsed: these are no chain */
    }
    if (read_chain(stepper, err) != 0) {
        return -1;
    }
    return stepper->options.tls.no_verify ? 0 : judge_again(stepper, NULL, err);
}

void certificates_end(struct stepper *stepper)
{
    judge_end(stepper);
    for (size_t i = 0; i < stepper->chain_count; i++) {
        pki_certificate_free(stepper->chain[i]);
    }
    free(stepper->chain);
    stepper->chain = NULL;
    stepper->chain_count = 0;
    pki_bundle_free(stepper->bundle);
    stepper->bundle = NULL;
}
