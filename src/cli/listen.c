/* tlstep listen [ADDR:]PORT: the screen, as a server. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

void cli_tell_listening(const struct cli_arguments *arguments, struct stepper *stepper,
                        const struct net_address *address)
{
    const struct stepper_options *options = stepper_options(stepper);
    const char *port = strrchr(address->text, ':') + 1;

    if (options->tls.cert == NULL && arguments->write_ca != NULL) {
        (void)fprintf(
            stderr, "tlstep: a server on %s. For example: curl --cacert %s https://localhost:%s/\n",
            address->text, arguments->write_ca, port);
        return;
    }
    (void)fprintf(stderr, "tlstep: a server on %s. For example: curl -k https://localhost:%s/\n",
                  address->text, port);
    if (options->tls.cert == NULL) {
        (void)fprintf(stderr, "  Its certificate is signed by the lab's CA: --write-ca FILE writes "
                              "that, for clients that are to trust it.\n");
    }
}

int cli_show_listening(struct cli_arguments *arguments, char *operand, cli_tell *tell)
{
    const struct net_address *address;
    struct stepper *stepper;
    struct err err = {0};
    int status = 0;

    if (operand == NULL) {
        (void)err_memory(&err, "listening");
        return cli_fail(&err);
    }
    stepper = cli_stepper(arguments, &arguments->options, operand, &status);
    free(operand);
    if (stepper == NULL) {
        return status;
    }
    address = stepper_listens(stepper, &err);
    if (address == NULL || cli_write_ca(arguments, stepper, &err) != 0) {
        status = cli_fail(&err);
    } else {
        tell(arguments, stepper, address);
        status = cli_show(arguments, stepper);
    }
    stepper_free(stepper);
    return status;
}

int cli_listen(struct cli_arguments *arguments)
{
    struct err err = {0};

    if (arguments->operand_count != 1) {
        (void)err_set(&err, ERR_USAGE, "usage", "listen needs one [ADDR:]PORT");
        return cli_fail(&err);
    }
    return cli_show_listening(arguments, text_format("listen:%s", arguments->operands[0]),
                              cli_tell_listening);
}
