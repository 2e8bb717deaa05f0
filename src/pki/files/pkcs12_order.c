/* The order of a chain: by names, which is all that a list needs. */
#include "pkcs12_order.h"

#include <stdlib.h>

#include "../name.h"

/* Longer chains are no chains; the rest keeps its order. */
#define CHAIN_MAX 64

struct link {
    uint64_t subject, issuer; /* hashes of the names */
    bool usable;              /* a certificate that can be read */
    bool placed;
};

static struct pki_slice der_of(const struct pkcs12 *contents, size_t index)
{
    const struct pkcs12_item *item = &contents->items[index];
    return slice_at(&contents->bytes, item->offset, item->length);
}

static bool read_links(const struct pkcs12 *contents, struct link *links)
{
    bool failed = false;

    for (size_t i = 0; i < contents->count; i++) {
        struct pki_slice der = der_of(contents, i);
        struct x509 x;

        if (!contents->items[i].is_crl && x509_read(&x, der.data, der.length, NULL, 0)) {
            links[i] = (struct link){.subject = name_hash(x.subject, &failed),
                                     .issuer = name_hash(x.issuer, &failed),
                                     .usable = true};
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

/* The first one that is no other's issuer. Only the first few are candidates: more would be no key store. */
static size_t find_leaf(const struct link *links, size_t count)
{
    for (size_t i = 0; i < count && i < CHAIN_MAX; i++) {
        size_t other = 0;
        while (other < count &&
               (other == i || !links[other].usable || links[other].issuer != links[i].subject)) {
            other++;
        }
        if (links[i].usable && other == count) {
            return i;
        }
    }
    return count;
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
        leaf = find_leaf(links, count);
    }
    while (ok && leaf < count && placed < CHAIN_MAX) {
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
