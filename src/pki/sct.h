/* The Certificate Transparency logs that are known here: src/pki/data/ct_log.tsv, generated. */
#ifndef PKI_SCT_H
#define PKI_SCT_H

#include "tlstep/pki.h"

struct ct_log {
    uint8_t id[32]; /* SHA-256 of the log's key (RFC 6962 3.2) */
    const char *name;
    const char *run_by;
};

extern const struct ct_log ct_logs[]; /* by id, ascending */
extern const size_t ct_log_count;

/* The log of this id, or NULL. */
const struct ct_log *ct_log_find(const uint8_t id[32]);

#endif
