/* The certificates of a Certificate message. */
#include "certificates.h"

#include <stdlib.h>

#include "row.h"

static const char certificate_path[] = "handshake.certificate.certificate";

void certificate_list_free(struct certificate_list *list)
{
    if (list == NULL) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        pki_certificate_free(list->certificates[i]);
    }
    free(list->certificates);
    free(list);
}

static bool add(struct certificate_list *list, size_t *capacity, const uint8_t *der, size_t length)
{
    struct pki_certificate **grown =
        array_grow(list->certificates, capacity, list->count + 1, sizeof(struct pki_certificate *));
    if (grown == NULL) {
        return false;
    }
    list->certificates = grown;
    grown[list->count] = pki_certificate_new(der, length);
    if (grown[list->count] == NULL) {
        return false;
    }
    list->count++;
    return true;
}

static bool read_tree(struct certificate_list *list, const struct wire_tree *tree)
{
    size_t capacity = 0;
    long i = wire_tree_find(tree, certificate_path, 0);

    for (; i >= 0; i = wire_tree_find(tree, certificate_path, (size_t)i + 1)) {
        const struct wire_field *field = &tree->fields[i];
        if (!add(list, &capacity, tree->data + field->offset, field->length)) {
            return false;
        }
    }
    list->raw_key = wire_tree_find(tree, "handshake.certificate.raw_public_key", 0) >= 0;
    list->ocsp_stapled = wire_tree_find(tree, "extension.status_request", 0) >= 0;
    return true;
}

const struct certificate_list *certificate_list_of(struct row *row)
{
    const struct wire_context context = row_context(row, true);
    /* A compressed one that cannot be read has no certificates in it. */
    const uint8_t *data = row->decompressed != NULL ? row->decompressed : row->content;
    size_t length = row->decompressed != NULL ? row->decompressed_length : row->content_length;
    struct wire_tree tree = {0};

    if (row->certificates != NULL) {
        return row->certificates;
    }
    struct certificate_list *list = calloc(1, sizeof *list);
    bool ok = list != NULL &&
              wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, data, length) == 0 &&
              read_tree(list, &tree);
    wire_tree_free(&tree);
    if (!ok) {
        certificate_list_free(list);
        return NULL;
    }
    row->certificates = list;
    return list;
}
