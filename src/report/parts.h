/* The parts of the report that are JSON of their own as well. Each writes one value. */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include "emit.h"
#include "tlstep/report.h"

/* A certificate that ends sooner than in two weeks is worth a look. */
#define PART_SOON_SECONDS INT64_C(1209600)

/* certificates.c */

/* The server's certificates of the facts, with the verdict on them. Borrows. */
struct report_chain part_chain_of(const struct trace_facts *facts);
/* The certificate `index` of the verification (or, without one, of the chain): the caller's, else one that is read into `*read`, to be
 * freed. NULL: out of memory. */
const struct pki_certificate *part_certificate_at(const struct report_chain *chain, size_t index,
                                                  struct pki_certificate **read);
/* How many certificates a chain has, with those that nobody sent. */
size_t part_certificate_count(const struct report_chain *chain);
/* The certificates of a chain as sent, then those from the trust store in the path, without brackets. `from`: NULL in files.
 * `full`: with all that certs --json has. 0, or -1: no memory. */
int part_chain(struct emit *emit, const struct report_chain *chain, const char *from, bool full);
/* As sent, those from the trust store in the path, the client's. 0, or -1: no memory. */
int part_certificates(struct emit *emit, const char *key, const struct trace_facts *facts);
/* What stands in a certificate, without braces. */
void part_contents(struct emit *emit, const struct pki_certificate *certificate);

/* Where a path has certificate `index`, from the leaf, 0; -1: it is in another one, or in none. */
long part_place_in_path(const struct pki_verification *verification, size_t index);
/* The place of certificate `index` of a chain in its path: "leaf", "intermediate", "root" or "unused". */
const char *part_role(const struct report_chain *chain, size_t index,
                      const struct pki_certificate *certificate);
/* The same for the client's, which nobody has verified. */
const char *part_client_role(size_t index, const struct pki_certificate *certificate);

/* certificate_details.c: what certs --json has beyond that. 0, or -1: no memory. */
int part_details(struct emit *emit, const struct report_chain *chain, size_t index,
                 const struct pki_certificate *certificate);
void part_scts(struct emit *emit, const char *key, const struct pki_sct *scts, size_t count);
/* The lint notes on certificate `index` of a verification; none where nobody has judged. 0, or -1: no memory. */
int part_lint(struct pki_lint **list, size_t *count, const struct pki_verification *verification,
              size_t index, const struct pki_certificate *certificate);

/* verification.c; NULL or not performed: says so. */
void part_verification(struct emit *emit, const char *key,
                       const struct pki_verification *verification);
/* "accepted", "refused: expired, weak_key". */
void part_outcome(struct buffer *out, bool ok, const struct pki_reason *reasons, size_t count);

/* document.c */
void part_target(struct emit *emit, const struct trace_target *target,
                 const struct trace_facts *facts);
void part_source(struct emit *emit, const char *key, const struct trace *trace,
                 const struct trace_facts *facts);

/* messages.c */
void part_messages(struct emit *emit, const char *key, struct trace *trace, size_t cursor);

#endif
