/* Which certificate of a PKCS#7 comes first: its SET OF has no order (RFC 5652 10.2.3), and DER puts the shorter one first. */
#include "bundle.h"
#include "links.h"
#include "pkcs7.h"

/* More than a chain is a collection, whose order is left as it is. */
bool pkcs7_order(struct pki_bundle *bundle, size_t first)
{
    struct bundle_entry *entries;
    size_t count = bundle->certificates.count - first, leaf;
    struct link links[LINKS_CHAIN_MAX];
    struct bundle_entry moved;
    bool failed = false;

    if (count < 2 || count > LINKS_CHAIN_MAX) {
        return true;
    }
    entries =
        bundle->certificates.entries + first; /* not before: an empty bundle has none to point to */
    for (size_t i = 0; i < count; i++) {
        links[i] = link_read(pki_bundle_der(bundle, first + i), &failed);
        if (!links[i].usable) {
            return true; /* who knows what it was: nothing is moved */
        }
    }
    leaf = links_leaf(links, count);
    if (failed || leaf == count) {
        return !failed;
    }
    moved = entries[leaf];
    for (; leaf > 0; leaf--) {
        entries[leaf] = entries[leaf - 1];
    }
    entries[0] = moved;
    return true;
}
