/* A chain in the form that was asked for: text, JSON, PEM, openssl's text. */
#include <stdlib.h>
#include <string.h>

#include "certs.h"

static bool is_refused(const struct pki_verification *verification)
{
    return verification != NULL && verification->performed && !verification->ok;
}

/* Where the form says nothing of the verdict, the complaint does. */
static void write_refusal(const struct report_certs *certs, struct buffer *errors)
{
    const struct pki_verification *verification = certs->chain.verification;

    for (size_t i = 0; i < verification->reason_count; i++) {
        text_safe_append(errors, certs->source, strlen(certs->source));
        buffer_printf(errors, ": the certificate is refused: %s\n", verification->reasons[i].text);
    }
}

static int write_expiry(const struct cli_arguments *arguments, const struct report_certs *certs,
                        struct buffer *errors)
{
    struct buffer text = {0};

    if (arguments->expires_within < 0 ||
        !report_chain_expires_within(&certs->chain, certs->at, arguments->expires_within, &text)) {
        return 0;
    }
    text_safe_append(errors, certs->source, strlen(certs->source));
    buffer_printf(errors, ": a certificate ends within %ld days: ", arguments->expires_within);
    buffer_append(errors, text.data, text.length);
    buffer_u8(errors, '\n');
    buffer_free(&text);
    return 1;
}

static int write_form(const struct cli_arguments *arguments, const struct report_certs *certs,
                      struct buffer *out)
{
    const struct cli_certs *form = &arguments->certs;

    if (form->pem) {
        return report_certs_pem(&certs->chain, form->root, out);
    }
    if (form->text) {
        return report_certs_plain_text(certs, out);
    }
    if (arguments->json) {
        int status = report_certs_line(certs, out);
        buffer_u8(out, '\n');
        return status;
    }
    return report_certs_text(certs, cli_style(arguments) | (form->all ? REPORT_ALL : 0), out);
}

int certs_write(const struct cli_arguments *arguments, const struct report_certs *certs,
                struct buffer *out, struct buffer *errors, struct err *err)
{
    bool refused = is_refused(certs->chain.verification);

    if (write_form(arguments, certs, out) != 0 || out->failed) {
        err_memory(err, "writing certificates");
        return err_exit_status(ERR_MEMORY);
    }
    if (refused && (arguments->certs.pem || arguments->certs.text)) {
        write_refusal(certs, errors);
    }
    return write_expiry(arguments, certs, errors) != 0 || refused ? 1 : 0;
}

void certs_tell(const struct buffer *errors)
{
    const char *at = (const char *)errors->data;
    const char *end = at + errors->length;

    while (errors->length > 0 && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end != NULL ? line_end : end) - at);
        (void)fprintf(stderr, "tlstep: %.*s\n", (int)length, at);
        at += length + 1;
    }
}

int certs_show(const struct cli_arguments *arguments, const struct report_certs *certs)
{
    struct buffer out = {0};
    struct buffer errors = {0};
    struct err err = {0};
    int status = certs_write(arguments, certs, &out, &errors, &err);

    if (err.class != ERR_NONE) {
        status = cli_fail(&err);
    } else {
        (void)fwrite(out.data, 1, out.length, stdout); /* main() judges standard output */
        (void)fflush(stdout);
        certs_tell(&errors);
    }
    buffer_free(&out);
    buffer_free(&errors);
    return status;
}
