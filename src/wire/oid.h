/* The table of object identifiers, made from src/wire/data/oids.tsv by generate.awk. */
#ifndef TLSTEP_WIRE_OID_H
#define TLSTEP_WIRE_OID_H

#include "tlstep/wire.h"

struct oid_entry {
    const char *oid; /* its DER content */
    size_t length;
    const char *name;
};

extern const struct oid_entry oid_entries[]; /* in the order of their arcs */
extern const size_t oid_count;

#endif
