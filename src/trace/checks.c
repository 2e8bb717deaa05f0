/* The fold of the checks. */
#include "checks.h"

#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "handshake.h"
#include "hello.h"
#include "log.h"
#include "row.h"

/* More is not listed: a connection that renegotiates so often is an attack. */
#define RESULTS_MAX 4096

void checks_init(struct checks *checks)
{
    checks->results = list_of(sizeof(struct check_result));
}

void checks_scope_clear(struct check_scope *scope)
{
    free(scope->messages);
    crypt_hash_free(scope->hash);
    *scope = (struct check_scope){0};
}

void checks_free(struct checks *checks)
{
    checks_scope_clear(&checks->scope);
    list_free(&checks->results);
}

/* ---- the transcript hash ------------------------------------------------------------------------------- */

static struct row *message_at(const struct trace *trace, const struct check_scope *scope, size_t i)
{
    return row_at(trace, scope->messages[i] - 1);
}

static bool add_message(struct crypt_hash *hash, const struct row *row)
{
    const uint8_t *data;
    size_t length;

    return !handshake_counts(row, &data, &length) || crypt_hash_add(hash, data, length) == 0;
}

/* RFC 8446 4.4.1: with HelloRetryRequest the first ClientHello counts as a message with its hash. */
static bool add_first_hello(struct crypt_hash *hash, const char *name, const struct row *row)
{
    struct crypt_hash *inner = crypt_hash_new(name);
    uint8_t message[WIRE_HANDSHAKE_HEADER + CRYPT_HASH_MAX] = {254};
    size_t length = 0;

    if (inner != NULL && add_message(inner, row)) {
        length = crypt_hash_value(inner, message + WIRE_HANDSHAKE_HEADER);
    }
    crypt_hash_free(inner);
    message[3] = (uint8_t)length;
    return length > 0 && crypt_hash_add(hash, message, WIRE_HANDSHAKE_HEADER + length) == 0;
}

static bool is_retried(const struct trace *trace, const struct check_scope *scope)
{
    return scope->count > 1 &&
           message_at(trace, scope, 1)->public.handshake_type == WIRE_HELLO_RETRY_REQUEST;
}

size_t checks_hash(struct trace *trace, struct check_scope *scope, uint8_t out[CRYPT_HASH_MAX])
{
    const struct handshake *handshake = transcript_handshake_at(&trace->transcript, scope->index);
    const char *name = crypt_transcript_hash_name(handshake->version, handshake->cipher_suite);

    if (name == NULL) {
        return 0;
    }
    if (scope->hash == NULL) {
        scope->hash = crypt_hash_new(name);
        scope->hashed = 0;
    }
    if (scope->hash == NULL) {
        return 0;
    }
    for (; scope->hashed < scope->count; scope->hashed++) {
        const struct row *row = message_at(trace, scope, scope->hashed);
        bool ok = scope->hashed == 0 && is_retried(trace, scope)
                      ? add_first_hello(scope->hash, name, row)
                      : add_message(scope->hash, row);
        if (!ok) {
            return 0;
        }
    }
    return crypt_hash_value(scope->hash, out);
}

void checks_concatenate(const struct trace *trace, const struct check_scope *scope,
                        struct buffer *out)
{
    for (size_t i = 0; i < scope->count; i++) {
        const uint8_t *data;
        size_t length;
        if (handshake_counts(message_at(trace, scope, i), &data, &length)) {
            buffer_append(out, data, length);
        }
    }
}

/* ---- the scope -------------------------------------------------------------------------------------------- */

void checks_scope_begin(struct check_scope *scope, uint32_t index)
{
    checks_scope_clear(scope);
    scope->begun = true;
    scope->index = index;
}

/* RFC 8446 4.4: a request after the handshake begins again behind the client's Finished. */
static void begin_post_handshake(struct check_scope *scope)
{
    scope->count = scope->main_count;
    scope->finished[WIRE_CLIENT] = false;
    scope->certificate_n[WIRE_CLIENT] = 0;
    crypt_hash_free(scope->hash);
    scope->hash = NULL;
}

int checks_scope_take(struct check_scope *scope, const struct row *row)
{
    uint32_t *messages =
        array_grow(scope->messages, &scope->capacity, scope->count + 1, sizeof *messages);
    enum wire_side from = row->public.from;

    if (messages == NULL) {
        return -1;
    }
    scope->messages = messages;
    if (scope->count == 0 && row->public.handshake_type != WIRE_CLIENT_HELLO) {
        scope->missing = "the ClientHello was not captured";
    }
    messages[scope->count++] = row->public.n;
    switch (row->public.handshake_type) {
    case WIRE_CERTIFICATE:
    case WIRE_COMPRESSED_CERTIFICATE:
        scope->certificate_n[from] = row->public.n;
        break;
    case WIRE_END_OF_EARLY_DATA:
        scope->end_of_early_data = true;
        break;
    case WIRE_FINISHED:
        scope->finished[from] = true;
        if (from == WIRE_CLIENT && scope->main_count == 0) {
            scope->main_count = scope->count;
        }
        break;
    default:
        break;
    }
    return 0;
}

/* Something in the handshake could not be read: what is hashed is not all. */
static void doubt(const struct trace *trace, struct check_scope *scope, const struct row *row)
{
    const struct handshake *handshake = transcript_handshake_at(&trace->transcript, scope->index);
    const struct trace_row *public = &row->public;
    bool over = scope->finished[WIRE_CLIENT] && scope->finished[WIRE_SERVER];

    if (!scope->begun || over) {
        return;
    }
    if (row->problem != NULL && row->content != NULL && public->layer == TRACE_LAYER_TLS) {
        scope->missing = "a message before it is not whole";
    } else if (public->layer == TRACE_LAYER_TCP && strcmp(public->type, "Gap") == 0) {
        scope->missing = "a part of the handshake was not captured";
    } else if (public->layer == TRACE_LAYER_TLS && row->content == NULL && public->encrypted) {
        bool early = handshake->early_data_offered && public->from == WIRE_CLIENT;
        if (!early) {
            scope->missing = "a message before it could not be read";
        }
    }
}

/* ---- the fold ----------------------------------------------------------------------------------------------- */

static int add_result(struct checks *checks, const struct row *row, size_t event, const char *what,
                      const struct crypt_check *check)
{
    struct check_result *result =
        checks->results.count < RESULTS_MAX ? list_add(&checks->results) : NULL;

    if (result == NULL) {
        return checks->results.count < RESULTS_MAX ? -1 : 0;
    }
    memcpy(result->text, check->text, sizeof result->text);
    result->event = event;
    result->public = (struct trace_check){
        .what = what,
        .from = row->public.from,
        .ok = !check->known ? TRACE_UNKNOWN
              : check->ok   ? TRACE_YES
                            : TRACE_NO,
        .n = row->public.n,
        .text = result->text,
    };
    return 0;
}

static bool begins_post_handshake(const struct check_scope *scope, const struct row *row)
{
    return row->public.handshake_type == WIRE_CERTIFICATE_REQUEST && scope->finished[WIRE_SERVER] &&
           scope->main_count > 0 && version_is_tls13(row->version);
}

static int check_row(struct trace *trace, struct row *row, size_t event)
{
    struct checks *checks = &trace->checks;
    struct check_scope *scope = &checks->scope;
    struct crypt_check check = {0};
    const char *what = NULL;
    const uint8_t *data;
    size_t length;

    if (!handshake_counts(row, &data, &length) || row->problem != NULL) {
        doubt(trace, scope, row);
        return 0;
    }
    if (!scope->begun || scope->index != row->handshake) {
        checks_scope_begin(scope, row->handshake);
    }
    if (begins_post_handshake(scope, row)) {
        begin_post_handshake(scope);
    }
    int result = check_message(trace, scope, row, &check, &what);
    if (result == 1) {
        result = add_result(checks, row, event, what, &check);
    }
    return result == 0 ? checks_scope_take(scope, row) : -1;
}

int checks_extend(struct trace *trace, size_t cursor)
{
    struct checks *checks = &trace->checks;
    const struct list *crossings = &trace->transcript.crossings;

    if (checks->off) {
        return 0;
    }
    for (; checks->next_crossing < crossings->count; checks->next_crossing++) {
        const struct crossing *crossing = list_at(crossings, checks->next_crossing);
        if (crossing->event > cursor) {
            break;
        }
        if (check_row(trace, row_at(trace, crossing->n - 1), crossing->event) != 0) {
            return -1;
        }
    }
    return 0;
}
