/* Signed certificate timestamps (RFC 6962 3.2, 3.3), and the logs that are known here: src/pki/data/ct_log.tsv, generated. */
#ifndef PKI_SCT_H
#define PKI_SCT_H

#include "tlstep/pki.h"

/* Of a version that is not known there is only the log, where enough bytes are there. */
struct sct {
    uint8_t version; /* 0: v1 */
    struct pki_slice log_id;
    uint64_t timestamp; /* milliseconds since 1970 */
    struct pki_slice extensions;
    uint16_t algorithm;
    struct pki_slice signature;
};

/* False when it is malformed. */
bool sct_read(struct sct *out, struct pki_slice bytes);

/* The SCTs of a SignedCertificateTimestampList, as it stands in a TLS extension; failed when its length is not that of `bytes`. */
struct reader sct_list_enter(struct pki_slice bytes);
/* The next one. False at the end, or when the list failed. */
bool sct_list_next(struct reader *list, struct pki_slice *out);

struct ct_log {
    uint8_t id[32]; /* SHA-256 of the log's key (RFC 6962 3.2) */
    const char *name;
    const char *run_by;
};

extern const struct ct_log ct_logs[]; /* by id, ascending */
extern const size_t ct_log_count;

/* Fills in the log and its operator by `log_id`, where it is in the list. */
void sct_name_log(struct pki_sct *sct);

#endif
