/* tlstep certs: what its operand is, and whose work it is. */
#include <string.h>
#include <sys/stat.h>

#include "certs.h"

static int usage(const char *text)
{
    struct err err;

    err_set(&err, ERR_USAGE, "usage", "%s", text);
    return cli_fail(&err);
}

/* Forms that contradict each other. */
static const char *find_contradiction(const struct cli_arguments *arguments)
{
    const struct cli_certs *certs = &arguments->certs;

    if (certs->pem + certs->text + arguments->json > 1) {
        return "--pem, --text and --json are different forms: one of them";
    }
    if (certs->root && !certs->pem) {
        return "--root goes with --pem";
    }
    if (certs->both && certs->names.count > 1) {
        return "--both asks for one name: give --sni once";
    }
    return NULL;
}

static bool is_folder(const char *path)
{
    struct stat status;

    /* A bare word is a host, as everywhere; these two cannot be one. */
    bool named = strchr(path, '/') != NULL || strcmp(path, ".") == 0 || strcmp(path, "..") == 0;
    return named && strstr(path, "://") == NULL && stat(path, &status) == 0 &&
           S_ISDIR(status.st_mode);
}

static int of_file(struct cli_arguments *arguments, const char *path)
{
    if (!cli_file_is_capture(path)) {
        return certs_file(arguments, path);
    }
    if (strcmp(path, "-") == 0) {
        arguments->options.session = cli_input_holds_session();
    }
    return stepper_opens_session(path, &arguments->options) ? certs_session(arguments)
                                                            : certs_capture(arguments, path);
}

int cli_certs(struct cli_arguments *arguments)
{
    const char *operand = arguments->operands[0];
    const char *contradiction = find_contradiction(arguments);
    struct stepper_target target = {0};
    struct err err = {0};

    if (arguments->operand_count != 1) {
        return usage("certs needs one of TARGET, FILE, DIR and system");
    }
    if (contradiction != NULL) {
        return usage(contradiction);
    }
    /* Values that a file does not need are checked where a connection is made. */
    if (tls_options_check_verdict(&arguments->options.tls, &err) != 0) {
        return cli_fail(&err);
    }
    if (strcmp(operand, "system") == 0) {
        return certs_store(arguments);
    }
    if (is_folder(operand)) {
        return certs_folder(arguments, operand);
    }
    if (cli_target(arguments, operand, &target, &err) != 0) {
        return cli_fail(&err);
    }
    bool file = target.kind == STEPPER_FILE;
    stepper_target_free(&target);
    if (file && arguments->certs.both) {
        return usage("--both asks a server: it is for a TARGET");
    }
    if (file) {
        return of_file(arguments, operand);
    }
    if (arguments->certs.both) {
        return certs_both(arguments);
    }
    return arguments->certs.names.count > 1 ? certs_names(arguments) : certs_session(arguments);
}
