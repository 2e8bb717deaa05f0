/* The lab's root as a file, for clients that shall trust it. */
#include <stdlib.h>

#include "moves.h"

/* Of a lab target the CA of its server, which is made with it; else the one that is kept. */
static const struct lab_ca *find_ca(struct stepper *stepper, struct err *err)
{
    if (stepper->target.kind != STEPPER_LAB) {
        return stepper_ca(stepper, err);
    }
    if (stepper->lab == NULL) {
        (void)err_set(
            err, ERR_USAGE, "wrong_phase",
            "the lab's server makes its CA when it starts: press Space"); /* NULL says it */
        return NULL;
    }
    return lab_server_ca(stepper->lab);
}

int act_write_ca(struct stepper *stepper, const char *argument, struct err *err)
{
    const char *folder = stepper->options.tls.ca_dir;
    const struct lab_ca *ca;
    char *path;
    int status;

    if (argument == NULL && folder == NULL) {
        return err_set(err, ERR_USAGE, "missing_argument",
                       "write-ca needs a FILE, or a folder of CAs (--ca-dir) to write it into");
    }
    ca = find_ca(stepper, err);
    if (ca == NULL) {
        return -1;
    }
    if (argument != NULL) {
        return lab_ca_write_root(ca, argument, stepper->options.force, err);
    }
    path = text_format("%s/" WRITE_CA_FILE, folder);
    status = path != NULL ? lab_ca_write_root(ca, path, stepper->options.force, err)
                          : err_memory(err, "writing the lab's root");
    free(path);
    return status;
}
