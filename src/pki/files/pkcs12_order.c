/* The order of a chain: by names, which is all that a list needs. */
#include "pkcs12_order.h"

#include <stdlib.h>

#include "links.h"

static struct pki_slice der_of(const struct pkcs12 *contents, size_t index)
{
    const struct pkcs12_item *item = &contents->items[index];
    return slice_at(&contents->bytes, item->offset, item->length);
}

static bool read_links(const struct pkcs12 *contents, struct link *links)
{
    bool failed = false;

    for (size_t i = 0; i < contents->count; i++) {
        if (!contents->items[i].is_crl) {
            links[i] = link_read(der_of(contents, i), &failed);
        }
    }
    return !failed;
}

/* The certificate that `of` names as its issuer and that is not placed yet, or `count`. */
static size_t issuer_of(const struct link *links, size_t count, size_t of)
{
    size_t i = 0;

    while (i < count &&
           !(links[i].usable && !links[i].placed && links[i].subject == links[of].issuer)) {
        i++;
    }
    return i;
}

bool pkcs12_order(struct pkcs12 *contents, size_t leaf)
{
    size_t count = contents->count, placed = 0;
    struct link *links;
    struct pkcs12_item *ordered;
    bool ok;

    if (count < 2) {
        return true;
    }
    links = calloc(count, sizeof *links);
    ordered = calloc(count, sizeof *ordered);
    ok = links != NULL && ordered != NULL && read_links(contents, links);
    if (ok && leaf >= count) {
        leaf = links_leaf(links, count);
    }
    while (ok && leaf < count && placed < LINKS_CHAIN_MAX) {
        links[leaf].placed = true;
        ordered[placed++] = contents->items[leaf];
        leaf = issuer_of(links, count, leaf);
    }
    for (size_t i = 0; ok && i < count; i++) {
        if (!links[i].placed) {
            ordered[placed++] = contents->items[i];
        }
    }
    free(links);
    if (!ok) {
        free(ordered);
        return false;
    }
    free(contents->items);
    contents->items = ordered;
    contents->capacity = count;
    return true;
}
