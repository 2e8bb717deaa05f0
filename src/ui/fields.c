/* Dissecting the certificate that is looked at. */
#include "fields.h"
#include "certificate.h"

void ui_fields_free(struct ui_fields *fields)
{
    /* Fields refer to the certificate's bytes: they go first. */
    ui_selection_free(&fields->fields);
    pki_certificate_free(fields->certificate);
    ui_page_pane_free(&fields->text);
    *fields = (struct ui_fields){0};
}

/* What a certificate consists of, and what that consists of. */
#define OPEN_DEPTH 1

static int dissect(struct ui_selection *selection, const struct pki_certificate *certificate)
{
    const struct pki_slice *der = &certificate->der;

    if (wire_der_dissect(&selection->fields, WIRE_DER_CERTIFICATE, der->data, der->length) != 0 ||
        ui_tree_load(&selection->tree, selection->fields.count, ui_field_depth, &selection->fields,
                     OPEN_DEPTH) != 0) {
        return -1;
    }
    selection->buffers[0] =
        (struct trace_buffer){.name = "certificate", .data = der->data, .length = der->length};
    selection->buffer_count = 1;
    selection->failed = selection->fields.failed;
    ui_selection_field_chosen(selection);
    return 0;
}

int ui_fields_show(struct ui_fields *fields, struct pki_slice der)
{
    struct ui_fields shown = {.form = fields->form, .from = fields->from};

    if (ui_certificate_is(fields->certificate, der)) {
        return 0;
    }
    shown.certificate = pki_certificate_new(der.data, der.length);
    if (shown.certificate == NULL || dissect(&shown.fields, shown.certificate) != 0) {
        ui_fields_free(&shown);
        return -1;
    }
    (void)pki_certificate_label(shown.name, sizeof shown.name, shown.certificate);
    ui_fields_free(fields);
    *fields = shown;
    return 0;
}
