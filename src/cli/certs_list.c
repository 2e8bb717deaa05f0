/*
 * Certificates in a list, a line or a JSON object each: read, written and forgotten a few at a time, by as many threads as
 * there are processors.
 */
#include <stdatomic.h>
#include <string.h>

#include "certs.h"
#include "pool.h"

/* How many an item of the pool has. */
#define PORTION 128

struct list {
    const struct cli_arguments *arguments;
    const struct pki_bundle *bundle;
    const char *source;
    unsigned style;
    int64_t at;
    atomic_size_t ending; /* those that --expires-within is about */
    int status;
};

static bool ends_soon(const struct list *list, const struct pki_certificate *certificate)
{
    long days = list->arguments->expires_within;

    return days >= 0 && !certificate->malformed &&
           certificate->not_after <= list->at + (int64_t)days * 86400;
}

/* Of those in a folder: the file below it. */
static const char *file_of(const struct list *list, size_t index)
{
    const char *file = pki_bundle_source(list->bundle, index);
    size_t length = strlen(list->source);

    if (file == NULL || length == 0 || strncmp(file, list->source, length) != 0 ||
        (file[length] != '/' && list->source[length - 1] != '/')) {
        return NULL;
    }
    return file + length + strspn(file + length, "/");
}

static int write_one(const struct list *list, const struct pki_certificate *certificate,
                     size_t index, struct buffer *out)
{
    const struct cli_certs *form = &list->arguments->certs;

    if (form->pem) {
        pki_pem_append(out, certificate->der, "CERTIFICATE");
    } else if (form->text) {
        pki_certificate_text(out, certificate);
    } else if (list->arguments->json) {
        return report_list_line(certificate, index, pki_bundle_source(list->bundle, index),
                                index == 0, out);
    } else {
        return report_list_text(certificate, file_of(list, index), list->at, list->style, out);
    }
    return out->failed ? -1 : 0;
}

static void work(void *context, size_t index, struct pool_result *result)
{
    struct list *list = context;
    size_t end = (index + 1) * PORTION;
    size_t count = pki_bundle_count(list->bundle);

    for (size_t i = index * PORTION; i < end && i < count; i++) {
        struct pki_slice der = pki_bundle_der(list->bundle, i);
        struct pki_certificate *certificate = pki_certificate_new(der.data, der.length);
        if (certificate == NULL || write_one(list, certificate, i, &result->out) != 0) {
            pki_certificate_free(certificate);
            err_memory(&result->err, "listing certificates");
            return;
        }
        if (ends_soon(list, certificate)) {
            atomic_fetch_add(&list->ending, 1);
        }
        pki_certificate_free(certificate);
    }
}

static int take(void *context, size_t index, struct pool_result *result)
{
    struct list *list = context;
    (void)index;

    if (result->err.class != ERR_NONE) {
        list->status = cli_fail(&result->err);
        return 1;
    }
    (void)fwrite(result->out.data, 1, result->out.length,
                 stdout);       /* main() judges it; also below */
    (void)cli_poll(NULL, 0, 0); /* lets signals in */
    return ferror(stdout) ? 1 : cli_signal();
}

static void print_frame(const struct list *list, const char *source, bool begins)
{
    struct buffer text = {0};

    if (!list->arguments->json || list->arguments->certs.pem || list->arguments->certs.text) {
        return;
    }
    int status = begins ? report_list_begin(source, &text)
                        : report_list_end(pki_bundle_remark(list->bundle), &text);
    if (status == 0) {
        (void)fwrite(text.data, 1, text.length, stdout); /* main() judges standard output */
        (void)fputs(begins ? "" : "\n", stdout);
    }
    buffer_free(&text);
}

static void tell_remark(const struct list *list, const char *source)
{
    const char *remark = pki_bundle_remark(list->bundle);
    struct err err;

    if (remark[0] != '\0' && !list->arguments->json) {
        err_set(&err, ERR_NONE, "remark", "%s: also %s", source, remark);
        (void)cli_fail(&err); /* a note */
    }
}

static void tell_ending(struct list *list, const char *source)
{
    size_t ending = atomic_load(&list->ending);
    struct err err;

    if (ending > 0) {
        err_set(&err, ERR_TLS, "expires", "%s: %zu certificate%s within %ld days", source, ending,
                ending == 1 ? " ends" : "s end", list->arguments->expires_within);
        list->status = cli_fail(&err);
    }
}

int certs_list(const struct cli_arguments *arguments, const struct pki_bundle *bundle,
               const char *source)
{
    struct list list = {
        .arguments = arguments,
        .bundle = bundle,
        .source = source,
        .style = cli_style(arguments),
        .at = tls_options_at(&arguments->options.tls),
    };
    const struct pool_work pool = {
        .count = (pki_bundle_count(bundle) + PORTION - 1) / PORTION,
        .work = work,
        .take = take,
        .context = &list,
    };
    struct err err = {0};

    print_frame(&list, source, true);
    int status = pool_run(&pool, &err);
    if (status < 0) {
        return cli_fail(&err);
    }
    if (cli_signal() != 0) {
        err_set(&err, ERR_INTERRUPTED, "interrupted", "interrupted");
        return cli_fail(&err);
    }
    print_frame(&list, source, false);
    tell_remark(&list, source);
    tell_ending(&list, source);
    return list.status;
}
