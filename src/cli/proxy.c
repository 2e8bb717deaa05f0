/* tlstep proxy [TARGET]: the screen, between a client and a server. */
#include <stdlib.h>

#include "cli.h"

#define DEFAULT_LISTEN "127.0.0.1:8080"

/* "proxy:ADDR:PORT=TARGET", which is what it is everywhere else. From malloc. */
static char *make_operand(const struct cli_arguments *arguments)
{
    const char *listen = arguments->listen != NULL ? arguments->listen : DEFAULT_LISTEN;
    bool fixed = arguments->operand_count > 0;

    return text_format("proxy:%s%s%s", listen, fixed ? "=" : "",
                       fixed ? arguments->operands[0] : "");
}

int cli_write_ca(const struct cli_arguments *arguments, struct stepper *stepper, struct err *err)
{
    const struct lab_ca *ca;

    if (arguments->write_ca == NULL) {
        return 0;
    }
    ca = stepper_ca(stepper, err);
    return ca != NULL ? lab_ca_write_root(ca, arguments->write_ca, arguments->options.force, err)
                      : -1;
}

/* What it is, before anything is taken from anyone. Stays on the terminal behind the screen. */
static void introduce(const struct cli_arguments *arguments, struct stepper *stepper,
                      const struct net_address *address)
{
    const char *beyond = stepper_target(stepper)->beyond;

    (void)fprintf(
        stderr,
        "tlstep: an intercepting proxy on %s: it decrypts what passes between a client and %s.\n"
        "  Give a client this proxy, for example: curl -x http://%s https://HOST/\n",
        address->text, beyond != NULL ? beyond : "the server that the client asks for",
        address->text);
    if (arguments->write_ca != NULL) {
        (void)fprintf(stderr, "  Its CA is in %s; clients that trust it let the proxy in.\n",
                      arguments->write_ca);
    } else {
        (void)fprintf(
            stderr,
            "  Clients refuse its certificates unless they trust the lab's CA: --write-ca FILE "
            "writes that.\n");
    }
}

int cli_proxy(struct cli_arguments *arguments)
{
    struct err err = {0};

    if (arguments->operand_count > 1) {
        (void)err_set(&err, ERR_USAGE, "usage", "one TARGET at a time: '%s' is too many",
                      arguments->operands[1]);
        return cli_fail(&err);
    }
    return cli_show_listening(arguments, make_operand(arguments), introduce);
}
