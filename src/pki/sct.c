/* Signed certificate timestamps (RFC 6962 3.2, 3.3): read and named. The public list gives the logs' ids, not their keys, so
 * signatures of timestamps are not checked. */
#include "sct.h"

#include <stdlib.h>
#include <string.h>

#include "tlstep/wire.h"

/* A server sends two to five. What names more is cut, not followed. */
#define SCTS_MAX 256

const struct ct_log *ct_log_find(const uint8_t id[32])
{
    size_t from = 0, until = ct_log_count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;
        int order = memcmp(id, ct_logs[middle].id, sizeof ct_logs[middle].id);
        if (order == 0) {
            return &ct_logs[middle];
        }
        if (order < 0) {
            until = middle;
        } else {
            from = middle + 1;
        }
    }
    return NULL;
}

/* RFC 5246 7.4.1.4.1: a byte for the hash and one for the kind of signature. RFC 6962 2.1.4 allows two combinations, in TLS 1.2's
 * names; the registry has TLS 1.3's, which for ECDSA also name a curve: the only one that logs may use. */
static const char *algorithm_name(uint16_t algorithm)
{
    return wire_registry_name(WIRE_REGISTRY_SIGNATURE_SCHEME, algorithm);
}

/* A version that is not known may go on in another way, but begins with a log's id, too. */
static bool read_sct(struct reader *bytes, struct pki_sct *out)
{
    const struct ct_log *log;
    const uint8_t *id;
    uint64_t timestamp;

    out->version = reader_u8(bytes);
    id = reader_bytes(bytes, sizeof out->log_id);
    if (id == NULL) {
        return false;
    }
    memcpy(out->log_id, id, sizeof out->log_id);
    log = ct_log_find(id);
    if (log != NULL) {
        out->log = log->name;
        /* clang-format off */
        out->operator = log->run_by; /* not C++'s */
        /* clang-format on */
    }
    if (out->version != 0) {
        return true;
    }
    timestamp = reader_u64(bytes);
    (void)reader_bytes(bytes, reader_u16(bytes)); /* extensions: none are defined */
    out->algorithm = algorithm_name(reader_u16(bytes));
    (void)reader_bytes(bytes, reader_u16(bytes)); /* signature */
    out->timestamp_ms = timestamp <= INT64_MAX ? (int64_t)timestamp : INT64_MAX;
    return !bytes->failed && bytes->offset == bytes->length;
}

bool pki_sct_list_read(struct pki_sct **list, size_t *count, struct pki_slice bytes,
                       enum pki_sct_source source)
{
    struct reader whole = reader_new(bytes.data, bytes.length);
    size_t length = reader_u16(&whole);
    struct reader scts = reader_new(reader_bytes(&whole, length), length);

    if (whole.failed || whole.offset != whole.length) {
        return true; /* malformed: left out */
    }
    while (reader_left(&scts) > 0 && *count < SCTS_MAX) {
        size_t one_length = reader_u16(&scts);
        const uint8_t *one = reader_bytes(&scts, one_length);
        struct reader inner = reader_new(one, one != NULL ? one_length : 0);
        struct pki_sct sct = {.source = source};
        struct pki_sct *grown;
        if (one == NULL || !read_sct(&inner, &sct)) {
            continue;
        }
        grown = realloc(*list, (*count + 1) * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        *list = grown;
        grown[(*count)++] = sct;
    }
    return true;
}
