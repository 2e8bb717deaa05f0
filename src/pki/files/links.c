/* Who certified whom in a list. */
#include "links.h"

#include "../name.h"

struct link link_read(struct pki_slice der, bool *failed)
{
    struct x509 x;

    if (!x509_read(&x, der.data, der.length, NULL, 0)) {
        return (struct link){.usable = false};
    }
    return (struct link){.subject = name_hash(x.subject, failed),
                         .issuer = name_hash(x.issuer, failed),
                         .usable = true};
}

static bool certifies_another(const struct link *links, size_t count, size_t of)
{
    for (size_t i = 0; i < count; i++) {
        if (i != of && links[i].usable && links[i].issuer == links[of].subject) {
            return true;
        }
    }
    return false;
}

size_t links_leaf(const struct link *links, size_t count)
{
    for (size_t i = 0; i < count && i < LINKS_CHAIN_MAX; i++) {
        if (links[i].usable && !certifies_another(links, count, i)) {
            return i;
        }
    }
    return count;
}
