/* Which certificate of a PKCS#7 comes first: its SET OF has no order (RFC 5652 10.2.3), and DER puts the shorter one first. */
#include "../name.h"
#include "../x509.h"
#include "bundle.h"
#include "pkcs7.h"

/* More than that is no chain but a collection, whose order is left as it is. */
#define CHAIN_MAX 64

struct link {
    uint64_t subject, issuer; /* hashes of the names */
};

static bool certifies_another(const struct link *links, size_t count, size_t of)
{
    for (size_t i = 0; i < count; i++) {
        if (i != of && links[i].issuer == links[of].subject) {
            return true;
        }
    }
    return false;
}

bool pkcs7_order(struct pki_bundle *bundle, size_t first)
{
    struct bundle_entry *entries;
    size_t count = bundle->certificates.count - first, leaf = 0;
    struct link links[CHAIN_MAX];
    struct bundle_entry moved;
    bool failed = false;

    if (count < 2 || count > CHAIN_MAX) {
        return true;
    }
    entries =
        bundle->certificates.entries + first; /* not before: an empty bundle has none to point to */
    for (size_t i = 0; i < count; i++) {
        struct x509 x;
        struct pki_slice der = pki_bundle_der(bundle, first + i);
        if (!x509_read(&x, der.data, der.length, NULL, 0)) {
            return true; /* who knows what it was: nothing is moved */
        }
        links[i] = (struct link){name_hash(x.subject, &failed), name_hash(x.issuer, &failed)};
    }
    while (leaf < count && certifies_another(links, count, leaf)) {
        leaf++;
    }
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
