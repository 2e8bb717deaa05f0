/* Small pieces that several parts of the JSON are made from. */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include "tlstep/report.h"

/* Nanoseconds as milliseconds with three decimals; null below zero. */
json_t *part_milliseconds(int64_t ns);

/* true, false, or null while not known. */
json_t *part_known(enum trace_known known);

/* {"name","id"} of a registry value. */
json_t *part_named(enum wire_registry registry, uint16_t id);

/* Adds `key`: the string made from bytes from outside, and `key`_raw in hex where the bytes were
 * not UTF-8. A NULL text adds null. Returns 0 or -1. */
int part_add_text(json_t *object, const char *key, const char *text);

/* Lower-case hex of some bytes. */
json_t *part_hex(const void *data, size_t length);

/* json_object_set_new that reports failure as -1 also for a NULL value. */
int part_add(json_t *object, const char *key, json_t *value);

/* One certificate as CONTRACT.md has it. `role` and `from` are names; `sent`: by the peer. */
json_t *part_certificate(const struct pki_certificate *certificate, const char *role,
                         const char *from, bool sent);

/* The verification object. */
json_t *part_verification(const struct trace_facts *facts);

/* The place of certificate `index` of a verification in its path: "leaf", "intermediate", "root"
 * or "unused". `facts` may have no verification. */
const char *part_role(const struct trace_facts *facts, size_t index,
                      const struct pki_certificate *certificate);

#endif
