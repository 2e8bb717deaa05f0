/*
 * The registries as tables, made from src/wire/data/ by generate.awk.
 */
#ifndef TLSTEP_WIRE_REGISTRY_H
#define TLSTEP_WIRE_REGISTRY_H

#include "tlstep/wire.h"

struct registry_entry {
    uint32_t value;
    const char *name;
    const char
        *extra; /* an alert in words, a message's name in CamelCase, "Y" of a recommended cipher
                        * suite; NULL elsewhere */
};

struct registry_table {
    const struct registry_entry *entries; /* by ascending value */
    size_t count;
    unsigned hex_digits; /* how IANA writes the values: 0x and so many digits; 0: decimal */
};

extern const struct registry_table registry_tables[WIRE_REGISTRY_COUNT];

/* What an ALPN identifier stands for; in the order of their bytes. */
struct alpn_entry {
    const char *id;
    const char *meaning;
};
extern const struct alpn_entry alpn_entries[];
extern const size_t alpn_count;

/* What OpenSSL and GnuTLS call a cipher suite; NULL where they do not have it. By ascending value. */
struct suite_name {
    uint16_t id;
    const char *openssl;
    const char *gnutls;
};
extern const struct suite_name suite_names[];
extern const size_t suite_name_count;

/* "Unknown(0)" to "Unknown(255)". */
extern const char *const registry_unknown_messages[256];

/* The entry of a value, or NULL. */
const struct registry_entry *registry_find(enum wire_registry registry, uint32_t value);

/* The number as IANA writes it in that registry: "0x1301", "40". Returns `out`. */
char *registry_number(char *out, size_t size, enum wire_registry registry, uint32_t value);

#endif
