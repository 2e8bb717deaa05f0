/* SafeContents (RFC 7292 4.2): what a PKCS#12 file is filled with. */
#ifndef PKI_PKCS12_BAGS_H
#define PKI_PKCS12_BAGS_H

#include "pbe.h"
#include "pkcs12.h"

/* localKeyID is a hash or a small number. */
#define PKCS12_KEY_ID_MAX 64

struct pkcs12_key_id {
    uint8_t bytes[PKCS12_KEY_ID_MAX];
    size_t length; /* 0: none */
};

/* One look at all bags of a file under one password. */
struct pkcs12_bags {
    struct pkcs12 *out;
    struct pbe pbe;
    struct pkcs12_key_id key; /* localKeyID of the first private key */
    uint8_t key_hash[32];     /* of its public key, where it could be opened */
    bool has_key_hash;
    struct pkcs12_key_id *ids; /* localKeyID of each item */
    size_t id_capacity;
};

/* Takes certificates and CRLs out of one SafeContents. PBE_UNSUPPORTED when it is none or is cut. */
enum pbe_result pkcs12_bags_read(struct pkcs12_bags *bags, struct pki_slice contents);

/* The certificate of the private key; the number of items when none is known to be it. */
size_t pkcs12_bags_leaf(const struct pkcs12_bags *bags);

#endif
