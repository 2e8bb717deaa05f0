/* tlstep certs --both: a server may have a certificate for each kind of signature that a client can check. It is asked twice. */
#include <stdlib.h>
#include <string.h>

#include "certs.h"

/* What is taken away from the priorities, and what comes in its place (GnuTLS priority strings). In TLS 1.2 the key exchange says
 * what kind of certificate is wanted, in TLS 1.3 the signature schemes alone (RFC 8446 4.2.3). */
static const struct kind {
    const char *name; /* as certificates call the key */
    const char *priority;
} kinds[] = {
    {"RSA", ":-ECDHE-ECDSA:-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:"
            "+SIGN-RSA-PSS-RSAE-SHA512:+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512"},
    {"ECDSA", ":-ECDHE-RSA:-DHE-RSA:-RSA:-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256:"
              "+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SECP521R1-SHA512:+SIGN-ECDSA-SHA256:"
              "+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SHA512"},
};

static int ask(struct cli_arguments *arguments, struct stepper *stepper, const struct kind *kind,
               bool *found)
{
    struct certs_connection connection = {.note = kind->name, .wanted = kind->name};
    const char *before = arguments->options.tls.priority;
    char *priority = text_format("%s%s", before != NULL ? before : "NORMAL", kind->priority);
    struct err err;

    if (priority == NULL) {
        err_memory(&err, "asking a server");
        return cli_fail(&err);
    }
    int status = certs_ask_with(arguments, stepper, "priority", priority, &connection);
    free(priority);
    *found = connection.found;
    return status;
}

static int ask_all(struct cli_arguments *arguments, struct stepper *stepper)
{
    int status = 0;
    size_t seen = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        bool found = false;
        int answer = ask(arguments, stepper, &kinds[i], &found);
        if (answer > 1) {
            return answer; /* it would not go better the second time */
        }
        status = answer != 0 ? answer : status;
        seen += found;
        if (found && i == 0 && !arguments->json) {
            (void)fputs("\n", stdout); /* main() judges standard output */
        }
    }
    return status == 0 && seen == 0 ? 1 : status;
}

int certs_both(struct cli_arguments *arguments)
{
    return certs_with_stepper(arguments, ask_all);
}
