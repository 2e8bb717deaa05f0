/* The keys of the connection as a tree: what crypt draws, filled with what the log knows. */
#include <string.h>

#include "handshake.h"
#include "hello.h"
#include "keys.h"
#include "keysource.h"
#include "log.h"
#include "row.h"

/* Transcript hashes at the places where secrets are made, RFC 8446 7.1, and the session hash of RFC 7627. */
enum {
    AT_CLIENT_HELLO,
    AT_SERVER_HELLO,
    AT_SERVER_FINISHED,
    AT_CLIENT_FINISHED,
    AT_KEY_EXCHANGE,
    PLACES
};
struct hashes {
    uint8_t bytes[PLACES][CRYPT_HASH_MAX];
    size_t lengths[PLACES];
};

/* ---- secrets ------------------------------------------------------------------------------------------------ */

/* The secrets of the log up to a cursor. */
static int add_logged(struct crypt_keylog *keylog, const struct trace *trace, size_t cursor)
{
    int result = 0;

    for (size_t i = 0; i < cursor && result == 0; i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        struct crypt_secret secret;
        if (event->kind == TRACE_SECRET && event->text != NULL &&
            crypt_secret_parse(event->text, strlen(event->text), &secret) == 1) {
            result = crypt_keylog_add(keylog, &secret);
            secret_wipe(&secret, sizeof secret);
        }
    }
    return result;
}

/* Those from beside it that belong to the handshake. */
static int add_beside(struct crypt_keylog *keylog, const struct trace *trace,
                      const struct handshake *handshake)
{
    const struct trace_keys *keys = trace->transcript.keys;
    int result = 0;

    for (int label = 0; keys != NULL && label < CRYPT_LABEL_COUNT && result == 0; label++) {
        struct crypt_secret secret;
        if (crypt_keylog_find(keylog, (enum crypt_label)label, handshake->client_random) == NULL &&
            keysource_find(keys, (enum crypt_label)label, handshake->client_random, &secret)) {
            result = crypt_keylog_add(keylog, &secret);
            secret_wipe(&secret, sizeof secret);
        }
    }
    return result;
}

/* ---- hashes -------------------------------------------------------------------------------------------------- */

static int place_of(const struct row *row, const struct check_scope *scope)
{
    bool server = row->public.from == WIRE_SERVER;

    switch (row->public.handshake_type) {
    case WIRE_CLIENT_HELLO:
        return AT_CLIENT_HELLO;
    case WIRE_SERVER_HELLO:
        return AT_SERVER_HELLO;
    case WIRE_FINISHED:
        /* The client's after the server's, or the order could not be seen. */
        return server ? AT_SERVER_FINISHED : scope->finished[WIRE_SERVER] ? AT_CLIENT_FINISHED : -1;
    default:
        return -1;
    }
}

/* Hashes the handshake's messages up to a cursor. */
static void hash_messages(struct trace *trace, size_t cursor, uint32_t index, struct hashes *hashes)
{
    const struct list *crossings = &trace->transcript.crossings;
    struct check_scope scope = {0};
    bool ok = true;

    checks_scope_begin(&scope, index);
    for (size_t i = 0; i < crossings->count && ok; i++) {
        const struct crossing *crossing = list_at(crossings, i);
        const struct row *row = row_at(trace, crossing->n - 1);
        const uint8_t *data;
        size_t length;
        if (crossing->event > cursor) {
            break;
        }
        if (row->handshake != index || !handshake_counts(row, &data, &length) ||
            row->problem != NULL) {
            continue;
        }
        ok = checks_scope_take(&scope, row) == 0;
        int place = place_of(row, &scope);
        if (ok && place >= 0 && hashes->lengths[place] == 0 && scope.missing == NULL) {
            hashes->lengths[place] = checks_hash(trace, &scope, hashes->bytes[place]);
        }
    }
    checks_scope_clear(&scope);
}

static struct crypt_known known(const struct hashes *hashes, int place)
{
    return hashes->lengths[place] > 0
               ? (struct crypt_known){hashes->bytes[place], hashes->lengths[place]}
               : (struct crypt_known){0};
}

/* ---- the tree ------------------------------------------------------------------------------------------------- */

static void set_record(const struct trace *trace, const struct row *row,
                       struct crypt_schedule *schedule, const struct record **record)
{
    if (row == NULL || row->record_count == 0 || row->public.layer != TRACE_LAYER_TLS) {
        return;
    }
    const struct direction *direction = &trace->transcript.directions[row->public.from];
    const struct record *last =
        list_at(&direction->records, row->first_record + row->record_count - 1);
    if (!last->is_protected || !last->key.known) {
        return;
    }
    *record = last;
    schedule->has_record = true;
    schedule->record_from = row->public.from;
    schedule->record_sequence = last->key.sequence;
    schedule->record = last->bytes;
    schedule->record_length = last->bytes != NULL ? last->length : 0;
}

static void set_psk(const struct trace *trace, struct crypt_schedule *schedule)
{
    const struct trace_keys *keys = trace->transcript.keys;
    size_t length;
    const uint8_t *psk = keys != NULL ? keysource_psk(keys, 0, &length) : NULL;

    if (psk != NULL) {
        schedule->psk = (struct crypt_known){psk, length};
        schedule->psk_external = true;
    }
}

/* The handshake that a row belongs to, or the newest one that has begun at the cursor. */
static uint32_t handshake_index(const struct trace *trace, size_t cursor, const struct row *row,
                                const struct record *record)
{
    size_t rows = trace_row_count_at(trace, cursor);

    if (record != NULL) {
        return record->key.handshake;
    }
    if (row != NULL) {
        return row->handshake;
    }
    return rows > 0 ? row_at(trace, rows - 1)->handshake : 0;
}

/* The keys and hashes of a handshake. */
static void set_handshake(struct trace *trace, size_t cursor, uint32_t index, struct hashes *hashes,
                          struct crypt_schedule *schedule)
{
    const struct handshake *handshake = transcript_handshake_at(&trace->transcript, index);

    schedule->version = handshake->server_hello ? handshake->version : 0;
    schedule->cipher_suite = handshake->cipher_suite;
    memcpy(schedule->client_random, handshake->client_random, sizeof schedule->client_random);
    memcpy(schedule->server_random, handshake->server_random, sizeof schedule->server_random);
    schedule->extended_master_secret = handshake->extended_master_secret;
    schedule->psk_used = handshake->psk_used;
    if (handshake->master_known) {
        schedule->master = (struct crypt_known){handshake->master, sizeof handshake->master};
    }
    if (handshake->extended_master_secret && handshake->key_exchange_n != 0) {
        hashes->lengths[AT_KEY_EXCHANGE] =
            handshake_session_hash(trace, handshake, hashes->bytes[AT_KEY_EXCHANGE]);
    }
    hash_messages(trace, cursor, index, hashes);
    schedule->session_hash = known(hashes, AT_KEY_EXCHANGE);
    schedule->hash_client_hello = known(hashes, AT_CLIENT_HELLO);
    schedule->hash_server_hello = known(hashes, AT_SERVER_HELLO);
    schedule->hash_server_finished = known(hashes, AT_SERVER_FINISHED);
    schedule->hash_client_finished = known(hashes, AT_CLIENT_FINISHED);
}

int trace_schedule(struct trace *trace, size_t cursor, const struct trace_row *row,
                   struct wire_tree *tree, struct buffer *bytes)
{
    const struct row *own = row != NULL ? row_of(row) : NULL;
    struct crypt_keylog *keylog = crypt_keylog_new();
    struct crypt_schedule schedule = {.keylog = keylog};
    struct crypt_opener *opener = NULL;
    const struct record *record = NULL;
    struct hashes hashes = {0};
    int result = -1;

    cursor = cursor < trace->log.count ? cursor : trace->log.count;
    set_record(trace, own, &schedule, &record);
    uint32_t index = handshake_index(trace, cursor, own, record);
    if (keylog != NULL && add_logged(keylog, trace, cursor) == 0 &&
        add_beside(keylog, trace, transcript_handshake_at(&trace->transcript, index)) == 0) {
        set_handshake(trace, cursor, index, &hashes, &schedule);
        set_psk(trace, &schedule);
        if (record != NULL) {
            opener = keys_opener_again(trace, row->from, &record->key);
            schedule.record_opener = opener;
        }
        result = crypt_schedule_tree(&schedule, tree, bytes);
    }
    crypt_opener_free(opener);
    crypt_keylog_free(keylog);
    return result;
}
