/* Application protocols by their ALPN identifiers: RFC 7301 6. */
#include <string.h>

#include "registry.h"

/* memcmp, and of two that begin alike the shorter one first. */
static int compare(const uint8_t *id, size_t length, const char *other)
{
    size_t other_length = strlen(other);
    int order = memcmp(id, other, length < other_length ? length : other_length);

    if (order != 0) {
        return order;
    }
    return length < other_length ? -1 : length > other_length;
}

const char *wire_alpn_name(const uint8_t *id, size_t length)
{
    size_t low = 0;
    size_t high = alpn_count;

    if (length == 2 && wire_is_grease((uint32_t)id[0] << 8 | id[1])) {
        return "GREASE";
    }
    while (length > 0 && low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(id, length, alpn_entries[middle].id);
        if (order == 0) {
            return alpn_entries[middle].meaning;
        }
        if (order > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
