/* Signed certificate timestamps (RFC 6962 3.2, 3.3): read and named. The public list gives the logs' ids, not their keys, so
 * signatures of timestamps are not checked. */
#include "sct.h"

#include <stdlib.h>
#include <string.h>

#include "tlstep/wire.h"

/* A server sends two to five. What names more is cut, not followed. */
#define SCTS_MAX 256

/* SHA-256 of a log's key. */
#define LOG_ID_SIZE 32

static const struct ct_log *find_log(const uint8_t id[32])
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

void sct_name_log(struct pki_sct *sct)
{
    const struct ct_log *log = find_log(sct->log_id);

    if (log != NULL) {
        sct->log = log->name;
        /* clang-format off */
        sct->operator = log->run_by; /* not C++'s */
        /* clang-format on */
    }
}

/* RFC 5246 7.4.1.4.1: a byte for the hash and one for the kind of signature. RFC 6962 2.1.4 allows two combinations, in TLS 1.2's
 * names; the registry has TLS 1.3's, which for ECDSA also name a curve: the only one that logs may use. */
static const char *algorithm_name(uint16_t algorithm)
{
    return wire_registry_name(WIRE_REGISTRY_SIGNATURE_SCHEME, algorithm);
}

/* ---- taken apart ------------------------------------------------------------------------ */

/* opaque<0..2^16-1> */
static struct pki_slice read_opaque(struct reader *reader)
{
    size_t length = reader_u16(reader);
    const uint8_t *bytes = reader_bytes(reader, length);
    return (struct pki_slice){bytes, bytes == NULL ? 0 : length};
}

/* A version that is not known may go on in another way, but begins with a log's id, too. */
bool sct_read(struct sct *out, struct pki_slice bytes)
{
    struct reader reader = reader_new(bytes.data, bytes.length);
    const uint8_t *id;

    *out = (struct sct){.version = reader_u8(&reader)};
    if (reader.failed) {
        return false;
    }
    id = reader_bytes(&reader, LOG_ID_SIZE);
    if (id != NULL) {
        out->log_id = (struct pki_slice){id, LOG_ID_SIZE};
    }
    if (out->version != 0) {
        return true;
    }
    out->timestamp = reader_u64(&reader);
    out->extensions = read_opaque(&reader);
    out->algorithm = reader_u16(&reader);
    out->signature = read_opaque(&reader);
    return !reader.failed && reader_left(&reader) == 0;
}

struct reader sct_list_enter(struct pki_slice bytes)
{
    struct reader whole = reader_new(bytes.data, bytes.length);
    struct pki_slice content = read_opaque(&whole);
    struct reader list = reader_new(content.data, content.length);

    list.failed = whole.failed || reader_left(&whole) > 0;
    return list;
}

bool sct_list_next(struct reader *list, struct pki_slice *out)
{
    if (reader_left(list) == 0) {
        return false;
    }
    *out = read_opaque(list);
    return !list->failed;
}

/* ---- named ------------------------------------------------------------------------------ */

static struct pki_sct name_sct(const struct sct *sct, enum pki_sct_source source)
{
    struct pki_sct out = {.source = source, .version = sct->version};

    memcpy(out.log_id, sct->log_id.data, sizeof out.log_id);
    sct_name_log(&out);
    if (sct->version == 0) {
        out.algorithm = algorithm_name(sct->algorithm);
        out.timestamp_ms = sct->timestamp <= INT64_MAX ? (int64_t)sct->timestamp : INT64_MAX;
    }
    return out;
}

bool pki_sct_list_read(struct pki_sct **list, size_t *count, struct pki_slice bytes,
                       enum pki_sct_source source)
{
    struct reader scts = sct_list_enter(bytes); /* a malformed one is left out */
    struct pki_slice one;

    while (*count < SCTS_MAX && sct_list_next(&scts, &one)) {
        struct pki_sct *grown;
        struct sct sct;
        if (!sct_read(&sct, one) || sct.log_id.length == 0) {
            continue;
        }
        grown = realloc(*list, (*count + 1) * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        *list = grown;
        grown[(*count)++] = name_sct(&sct, source);
    }
    return true;
}
