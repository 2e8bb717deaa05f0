/* The parts of the report that are JSON of their own as well. Each writes one value. */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include "emit.h"
#include "tlstep/report.h"

/* certificates.c */
/* The server's certificates as sent, those from the trust store in the path, the client's. 0, or -1: no memory. */
int part_certificates(struct emit *emit, const char *key, const struct trace_facts *facts);
void part_verification(struct emit *emit, const char *key, const struct trace_facts *facts);

/* The place of certificate `index` of a verification in its path: "leaf", "intermediate", "root"
 * or "unused". `facts` may have no verification. */
const char *part_role(const struct trace_facts *facts, size_t index,
                      const struct pki_certificate *certificate);
/* The same for the client's, which nobody has verified. */
const char *part_client_role(size_t index, const struct pki_certificate *certificate);

/* messages.c */
void part_messages(struct emit *emit, const char *key, struct trace *trace, size_t cursor);

#endif
