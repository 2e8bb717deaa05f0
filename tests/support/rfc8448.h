/*
 * The five example traces of RFC 8448: their records and key log (tests/data/rfc8448_records.txt)
 * and every value of the key schedule that the RFC prints (tests/data/rfc8448_schedule.txt).
 */
#ifndef SUPPORT_RFC8448_H
#define SUPPORT_RFC8448_H

#include "tlstep/crypt.h"

#define RFC8448_TRACES     5
#define RFC8448_VALUES_MAX 40

struct rfc8448_value {
    char name[40];
    uint8_t data[CRYPT_SECRET_MAX];
    size_t length;
};

struct rfc8448 {
    struct buffer sent[2]; /* by enum wire_side */
    struct crypt_keylog *keylog;
    struct rfc8448_value values[RFC8448_VALUES_MAX];
    size_t value_count;
};

/* Reads trace 0 to 4 (sections 3 to 7). 0 or -1; rfc8448_free either way. */
int rfc8448_read(struct rfc8448 *out, size_t trace);
void rfc8448_free(struct rfc8448 *trace);

/* A value by its name; `out` may be NULL. Returns its length, 0: the trace has none of this name. */
size_t rfc8448_value(const struct rfc8448 *trace, const char *name, uint8_t *out);

#endif
