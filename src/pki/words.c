/* Pieces of texts for people. */
#include <inttypes.h>
#include <string.h>

#include "name.h"
#include "words.h"

/* A name may be 64 kB long; a sentence may not. */
#define LABEL_MAX 120
/* Elements of a list that fit into a sentence. */
#define LIST_SHOWN 6

void words_label(struct buffer *out, struct pki_slice der)
{
    struct pki_certificate *certificate = pki_certificate_new(der.data, der.length);
    char label[LABEL_MAX];

    if (certificate == NULL) {
        out->failed = true;
        return;
    }
    buffer_text(out, pki_certificate_label(label, sizeof label, certificate));
    pki_certificate_free(certificate);
}

static void append_cut(struct buffer *out, const void *text, size_t length)
{
    char shown[LABEL_MAX];

    buffer_text(out, text_safe(shown, sizeof shown, text, length));
}

void words_name(struct buffer *out, struct pki_slice name)
{
    struct buffer text = {0};

    if (!name_append_common_name(&text, name)) {
        name_append_text(&text, name);
    }
    if (text.length > 0) {
        append_cut(out, text.data, text.length);
    } else {
        buffer_text(out, "(no name)");
    }
    out->failed |= text.failed;
    buffer_free(&text);
}

void words_date(struct buffer *out, int64_t seconds)
{
    char date[40];

    (void)time_rfc3339(date, sizeof date, seconds); /* "2026-11-24T09:31:00Z" */
    if (strlen(date) == strlen("2026-11-24T09:31:00Z")) {
        date[10] = '\0';
        date[16] = '\0';
        buffer_printf(out, "%s %s UTC", date, date + 11);
    } else {
        buffer_text(out, date); /* a year beyond what a certificate can hold */
    }
}

void words_span(struct buffer *out, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t unit = 0;
    int64_t count;

    while (units[unit].seconds > 1 && seconds < units[unit].seconds) {
        unit++;
    }
    count = seconds / units[unit].seconds;
    buffer_printf(out, "%" PRId64 " %s%s", count, units[unit].name, count == 1 ? "" : "s");
}

void words_oid(struct buffer *out, struct pki_slice oid)
{
    const char *name = wire_oid_name(oid.data, oid.length);
    char text[LABEL_MAX];

    (void)wire_oid_text(text, sizeof text, oid.data, oid.length);
    if (name != NULL) {
        buffer_printf(out, "%s (%s)", name, text);
    } else {
        buffer_text(out, text);
    }
}

void words_ordinal(struct buffer *out, size_t number)
{
    const char *ending = "th";

    if (number % 100 < 11 || number % 100 > 13) {
        switch (number % 10) {
        case 1:
            ending = "st";
            break;
        case 2:
            ending = "nd";
            break;
        case 3:
            ending = "rd";
            break;
        default:
            break;
        }
    }
    buffer_printf(out, "%zu%s", number, ending);
}

bool words_list_next(struct words_list *list)
{
    bool said = list->count++ < LIST_SHOWN;

    if (said && list->count > 1) {
        buffer_text(list->out, ", ");
    }
    return said;
}

size_t words_list_end(struct words_list *list)
{
    if (list->count > LIST_SHOWN) {
        buffer_printf(list->out, " and %zu more", list->count - LIST_SHOWN);
    }
    return list->count;
}

size_t words_host_names(struct buffer *out, const struct x509 *certificate)
{
    struct pki_certificate *facts =
        pki_certificate_new(certificate->der.data, certificate->der.length);
    struct reader names =
        reader_new(certificate->subject_alt_name.data, certificate->subject_alt_name.length);
    struct words_list list = {.out = out};
    struct general_name name;

    if (facts == NULL) {
        out->failed = true;
        return 0;
    }
    for (size_t i = 0; i < facts->san_count && general_name_next(&names, &name); i++) {
        if ((name.kind == NAME_DNS || name.kind == NAME_IP) && words_list_next(&list)) {
            append_cut(out, facts->san[i], strlen(facts->san[i]));
        }
    }
    pki_certificate_free(facts);
    return words_list_end(&list);
}
