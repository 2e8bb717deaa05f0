/* Until crypt and wire have these. Goes when they come. */
#include "tlstep/crypt.h"

__attribute__((weak)) enum wire_parse wire_ssl2_hello_parse(const uint8_t *data, size_t length,
                                                            size_t *record_length)
{
    (void)data;
    *record_length = length;
    return WIRE_NOT_TLS;
}

__attribute__((weak)) int wire_plaintext_dissect(struct wire_tree *tree,
                                                 const struct wire_layout *layout,
                                                 const uint8_t *data, size_t length)
{
    const struct wire_context context = {0};

    (void)layout;
    return wire_message_dissect(tree, &context, WIRE_APPLICATION_DATA, data, length);
}
