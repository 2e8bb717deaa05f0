/* Targets that are certificates: a file, a folder, the system's trust store; and what can be browsed in a session. */
#include "certificates.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM "system"

/* DER and BER begin with a SEQUENCE; in PEM there may be text before the first block. */
static bool begins_like_certificates(const uint8_t *start, size_t length)
{
    return length > 0 && !capture_is_capture(start, length) &&
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

/* A lab target is judged by the lab's root, as when it was connected to. */
struct pki_trust *stepper_trust(const struct stepper *stepper, struct err *err)
{
    return lab_options_trust(&stepper->options.tls, stepper->lab, err);
}

static int add_trust(const struct stepper *stepper, struct pki_bundle *bundle, struct err *err)
{
    struct pki_trust *trust =
        stepper->certificates ? pki_trust_system(err) : stepper_trust(stepper, err);
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
    stepper->chain = pki_bundle_certificates(stepper->bundle, err);
    if (stepper->chain == NULL) {
        return -1;
    }
    stepper->chain_count = count;
    return stepper->options.tls.no_verify ? 0 : judge_again(stepper, NULL, err);
}

void certificates_end(struct stepper *stepper)
{
    judge_end(stepper);
    pki_certificates_free(stepper->chain, stepper->chain_count);
    stepper->chain = NULL;
    stepper->chain_count = 0;
    pki_bundle_free(stepper->bundle);
    stepper->bundle = NULL;
}
