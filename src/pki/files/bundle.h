/* The inside of a bundle, for the code that fills it. */
#ifndef PKI_BUNDLE_H
#define PKI_BUNDLE_H

#include "shape.h"

/* A file (or what stands for one): its name and all bytes that its entries lie in. */
struct bundle_origin {
    char *name;
    struct buffer bytes;
    struct pki_trust *trust; /* its bytes are the store's; offsets are then indices of anchors */
};

struct bundle_entry {
    size_t origin;
    size_t offset;
    size_t length;
};

struct bundle_list {
    struct bundle_entry *entries;
    size_t count;
    size_t capacity;
};

/* What was passed over. */
struct bundle_tally {
    size_t files;      /* of a folder: without certificates */
    size_t locked;     /* of a folder: files whose password nobody gave */
    size_t unreadable; /* certificates that are not base64 or not whole */
    size_t others;     /* blocks and values that are something else */
    size_t keys;       /* private ones */
    size_t bytes;      /* behind the last DER value */
};

struct pki_bundle {
    struct bundle_origin *origins;
    size_t origin_count;
    size_t origin_capacity;
    struct bundle_list certificates;
    struct bundle_list crls;
    struct bundle_tally tally;
    struct buffer remark;
};

/* A new origin with this name, the last one. False when memory ran out. */
bool bundle_begin(struct pki_bundle *bundle, const char *name);

bool bundle_list_add(struct bundle_list *list, size_t origin, size_t offset, size_t length);

/* Reads a file's content into the origin begun last. `content` is taken apart or taken over; the caller frees what is left of it. 0 or -1. */
int bundle_take(struct pki_bundle *bundle, struct buffer *content,
                const struct pki_password *password, struct err *err);

#endif
